"""What a text mentions: numbers, amounts, percentages, dates, clauses, modal verbs, and since when it is in force.

Pure.  Patterns are looked for around places only, and once around places that lie close together.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from crawler.clauses import HAN_DIGITS, mark_of


class Kind(StrEnum):
    """What an edit changes, gravest first."""

    EFFECTIVITY = "effectivity"
    AMOUNT = "amount"
    PERCENTAGE = "percentage"
    DATE = "date"
    NUMBER = "number"
    MODAL = "modal"
    BODY = "body"
    NUMBERING = "numbering"
    WORDING = "wording"
    TYPOGRAPHY = "typography"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Something that a text says, at a place."""

    kind: Kind
    start: int
    end: int
    text: str


_H = rf"[{HAN_DIGITS}]"
_N = r"(?:\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_EN_NUMBER = (
    r"(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-(?:one|two|three|four|five|six|seven|eight|nine))?"
    r"|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    r"|eighteen|nineteen)"
)
_BIG = r"(?:\s?(?:[百千万亿]+|(?:hundred|thousand|million|billion|trillion|bn|m|k)\b))?"
_ANY = rf"(?:{_N}{_BIG}|[{HAN_DIGITS}万亿]+|{_EN_NUMBER}(?:[ -](?:hundred|thousand|million|billion))?\b)"
_MONEY = (
    r"(?:(?:元|圆)(?:人民币|整)?|[角分](?=[^之钟别期为类开配析])|(?:美|欧|港|日|澳|加)元|英镑|人民币"
    r"|(?:US |Hong Kong |Canadian |Australian )?dollars?\b|pounds?\b|euros?\b|yuan\b|renminbi\b|cents?\b|pence\b"
    r"|RMB\b|CNY\b|USD\b|EUR\b|GBP\b|HKD\b|JPY\b|yen\b)"
)
_MONTH = (
    r"(?-i:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_UNIT_OF_TIME = (
    r"(?:个?(?:工作日|自然日|交易日|日历日|小时|星期|学期|学年|季度|年度|月)|周年|周(?!岁)|分钟|秒钟?|[日天年]"
    r"|[- ]?(?:(?:business|working|calendar|consecutive)[- ])?(?:days?|weeks?|fortnights?|months?|quarters?|years?"
    r"|hours?|minutes?|seconds?)\b)"
)
_COUNTER = (
    r"(?:个|名|人|家|项|户|件|次|倍|份|亩|处|所|座|台|辆|套|册|本|张|条|批|类|种|级|岁|周岁|吨|米|平方米|立方米"
    r"|公里|千米|公斤|千克|克|升|公顷|千瓦|兆瓦|摄氏度|度|页|字|位|分(?![之钟])|等|层|门|期|届|轮|场|组|间|楼|栋|幢|室|排|线|车道)"
)
_EN_UNIT = r"(?:\s?(?:kg|km|km/h|mph|m|cm|mm|t|ha|kW|MW|GW|GB|MB|°C|℃|tonnes?|metres?|meters?|miles?|acres?)\b)?"
_REF = r"(?:\d+[A-Za-z]?(?:[.\-]\d+)*|[IVXLC]+\b|[A-Z]\b)(?:\s?\([a-z0-9]{1,4}\))*"

# At most places none begins: that is seen by one look at the next character.
WORD_BEGINS = r"(?<![A-Za-z])(?=[A-Za-z])"
# Where one of the patterns may begin, found much faster than the patterns themselves; a word is one place.
_FIRST = rf"\d第附§¥￥$£€〔\[（(【{HAN_DIGITS}万亿半数每按逐当次本上下翌中凌早晚发公印颁签批通送受施实生星周礼人"
_PLACE = re.compile(rf"[A-Za-z]+|[{_FIRST}]")
# The first that fits wins: a percentage is no number, the number of a clause no date.
_QUANTITY = re.compile(
    rf"""(?:{WORD_BEGINS}|(?=[{_FIRST}]))(?:
      (?P<numbering>
          第\s?(?:{_H}+|\d+)\s?(?:[编章节条款项目](?!目)|部分)(?:之{_H}+)?
        | \b(?:sections?|articles?|clauses?|paragraphs?|subsections?|subparagraphs?|chapters?|parts?|rules?
            |regulations?|schedules?|annex(?:es)?|appendix|tables?|figures?)\s(?-i:{_REF})
        | §+\s?(?-i:{_REF})
        | 附[件表录]\s?(?:{_H}+|\d+))
    | (?P<percentage>
          {_N}\s?(?:%|％|‰|个?百分点|个?基点|per\s?cent\b|percentage\spoints?\b|basis\spoints?\b|bps?\b)
        | {_EN_NUMBER}(?:\sand\sa\shalf)?\s(?:per\s?cent\b|percentage\spoints?\b)
        | 百分之[{HAN_DIGITS}点\d.]+ | [千万]分之[{HAN_DIGITS}点\d.]+ | {_H}+分之{_H}+
        | {_H}个?百分点 | [{HAN_DIGITS}\d]成(?=[的以，。；、]|$)
        | (?:one|two|three)[- ](?:half|halves|thirds?|quarters?|fifths?|tenths?)\b)
    | (?P<date>
          (?:\d{{4}}|[〇零一二三四五六七八九]{{4}})\s?年(?:度)?(?:\s?(?:\d{{1,2}}|{_H}+)\s?月(?:份)?
            (?:\s?(?:\d{{1,2}}|{_H}+)\s?[日号]|[上中下]旬)?)?(?:[初中末底](?=[^心期央端部])|[上下]半年|第?[一二三四]季度)?
        | (?:\d{{1,2}}|{_H}{{1,3}})\s?月(?:\s?(?:\d{{1,2}}|{_H}{{1,3}})\s?[日号]|[上中下]旬|份|底|末|初)
        | (?<!个)(?:\d{{1,2}}|{_H}{{1,3}})\s?[日号](?=[前后起止至到]|以前|之前|以后|之后)
        | \d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}} | \d{{1,2}}/\d{{1,2}}/\d{{4}}
        | \b{_DAY}\s(?:of\s)?{_MONTH}(?:,?\s\d{{4}})? | \b{_MONTH}\s{_DAY}(?:,?\s\d{{4}})?\b | \b{_MONTH},?\s\d{{4}}
        | (?:\b(?:by|in|until|till|since|from|before|after|during|for|of|to|and|year|fiscal|FY|spring|summer|autumn
            |winter|late|early|mid)[- ]?)(?:19|20)\d\d(?:[-–/]\d{{2,4}})?\b
        | (?:上午|下午|中午|凌晨|晚上?|早上?)?(?:
            \d{{1,2}}[:：]\d{{2}}(?:\s?[ap]\.?m\b\.?)?
            |(?:\d{{1,2}}|{_H}{{1,3}})[时点](?:{_H}+分|\d+分|整|半)?
            (?=[前后至到起，。；、]))
        | \b\d{{1,2}}\s?[ap]\.?m\b\.?
        | (?:星期|周|礼拜)[一二三四五六日天] | \b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b
        | (?:发布|公布|印发|颁布|签署|签发|批准|通过|送达|受理|施行|实施|生效)之日
        | (?:每|按|逐|当|次|本|上|下|翌)(?:个?工作日|半年|季度|季|年度|年|月|周|日)(?!内容)
            (?:[初末底](?=[^心期央端部])|(?:\d{{1,2}}|{_H}{{1,3}})\s?[日号])?
        | \b(?:date\sof\s(?:publication|issue|approval|enactment|receipt|signature|notice)|midnight|noon)\b
        | \b(?:every|each|per|this|next|last|following|an?)\s(?:other\s)?
            (?:day|week|fortnight|month|quarter|year|hour)\b
        | \b(?:annual|month|quarter|week|dai|biannual|fortnight)ly\b | \b(?:daily|annual|weekly|monthly|quarterly)\b
        | 第{_H}+季度 | [一二三四]季度
        | (?:{_ANY}|半|数)(?:\s?余|\s?多)?\s?{_UNIT_OF_TIME}(?:以?[内前后]|之[内前后])?)
    | (?P<amount>
          (?:人民币|¥|￥|(?:US|HK|A|C|NT)?\$|£|€|(?:RMB|CNY|USD|EUR|GBP|HKD)\b)\s?{_N}{_BIG}(?:\s?{_MONEY})?
        | {_ANY}(?:余|多)?\s?{_MONEY})
    | (?P<number>
          [〔\[（(【]\s?\d{{4}}\s?[〕\]）)】]\s?\d+\s?号
        | \d{{2,4}}(?:-\d{{3,}})+
        | {_N}{_BIG}{_EN_UNIT}(?:{_COUNTER})?
        | (?:第{_H}+|[{HAN_DIGITS}万亿]+){_COUNTER}
        | [{HAN_DIGITS}万亿]{{2,}}(?![届])
        | 第{_H}+
        | \b{_EN_NUMBER}\b
        | \b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|once|twice|double|half|dozen)\b))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MODAL = re.compile(
    rf"(?:{WORD_BEGINS}|(?=[不应必须可禁予严有无需允准鼓原免务毋负]))(?:"
    r"不应当?|不得不|不得|不宜|不可以|不可|不准|不许|不予|不再|不需要?|不必|无需|无须|毋须|免予|应当|应该|应(?=[^用急对届聘邀纳税收付])"
    r"|必须|务必|须|可以|(?<![许认])可(?=[^能靠行持再见])|禁止|严禁|予以|有权|无权|需要?(?=[^求])|允许|准予|鼓励|原则上|有义务|负责(?!人)"
    r"|\b(?:shall|must|(?-i:may)|should|can|could|will|would|might|ought)(?:\s+not|n['’]t)?\b|\bcannot\b"
    r"|\b(?:is|are|be|was|were)\s+(?:not\s+)?(?:required|obliged|permitted|allowed|prohibited|forbidden|entitled"
    r"|encouraged|expected|recommended)\b|\b(?:has|have|had|need|needs)\s+(?:not\s+)?to\b|\bneed not\b"
    r"|\b(?:mandatory|optional|compulsory|voluntary|prohibited|required|recommended)\b)",
    re.IGNORECASE,
)
_EFFECT = re.compile(
    rf"(?:{WORD_BEGINS}|(?=[施生废失有继停终暂试开起仍后正溯]))(?:"
    r"施行|生效|废止|失效|有效期|继续有效|停止执行|终止执行|暂停执行|试行|(?:开始|起|继续|仍|后)执行|起\s?实施|正式实施|溯及"
    r"|\b(?:effective(?=\s+(?:from|on|as|until|date|immediately|through|\d|[A-Z]))"
    r"|(?:in|into) (?:force|effect|operation)"
    r"|takes? effect|took effect|commences?|commencement|repeal(?:s|ed)?|expir(?:es?|ed|y)|ceases? to"
    r"|supersedes?|superseded|rescinded|revoked|remains? valid|valid (?:until|for|from|through)|sunset|withdrawn)\b)",
    re.IGNORECASE,
)

# Mentions longer than this, and sentences further away, are not looked for.
REACH = 40
SENTENCE_REACH = 200


class Mentions:
    """What a text mentions around some places; each stretch of it is read once.

    places: from and to, rising.
    """

    def __init__(self, text: str, places: Iterable[tuple[int, int]]) -> None:
        self.text = text
        spans = list(places)
        self._quantities = _Row(
            one for low, high in _windows(text, spans, REACH) for one in quantities(text, low, high)
        )
        self._modals = _Row(
            Mention(kind=Kind.MODAL, start=match.start(), end=match.end(), text=match[0])
            for low, high in _windows(text, spans, REACH)
            for match in _MODAL.finditer(text, low, high)
        )
        self._effects = _Row(
            one for low, high in _windows(text, spans, SENTENCE_REACH) for one in effects(text, low, high)
        )

    def touching(self, start: int, end: int) -> list[Mention]:
        """Return the quantities and modal verbs within a stretch, or across its ends."""
        return [*self._quantities.touching(start, end), *self._modals.touching(start, end)]

    def effects(self, start: int, end: int) -> list[Mention]:
        """Return what says, within a stretch or across its ends, since when or whether a text is in force."""
        return self._effects.touching(start, end)


class _Row:
    """Mentions that do not overlap, in order."""

    def __init__(self, mentions: Iterable[Mention]) -> None:
        self._mentions = list(mentions)
        self._starts = [one.start for one in self._mentions]

    def touching(self, start: int, end: int) -> list[Mention]:
        last = first = bisect_right(self._starts, end)
        # A mention that only ends where the edit begins stands on both sides, and says nothing.
        while first and self._mentions[first - 1].end >= start:
            first -= 1
        return self._mentions[first:last]


def quantities(text: str, low: int, high: int) -> Iterator[Mention]:
    """Yield the numbers, amounts, percentages, dates and references to clauses in a stretch.  Pure."""
    if low <= 0:
        # The number in front of a clause is its own.
        mark = mark_of(text)
        if mark is not None:
            yield Mention(kind=Kind.NUMBERING, start=0, end=mark.end, text=text[: mark.end].strip())
            low = mark.end
    for place in _PLACE.finditer(text, low, high):
        if place.start() < low:
            continue
        match = _QUANTITY.match(text, place.start(), high)
        if match is not None:
            low = match.end()
            yield Mention(kind=Kind(str(match.lastgroup)), start=match.start(), end=low, text=match[0].strip())


def effects(text: str, low: int, high: int) -> Iterator[Mention]:
    """Yield what says, in a stretch, since when or whether a text is in force.  Pure."""
    for match in _EFFECT.finditer(text, low, high):
        yield Mention(kind=Kind.EFFECTIVITY, start=match.start(), end=match.end(), text=match[0])


def _windows(text: str, places: Iterable[tuple[int, int]], reach: int) -> list[tuple[int, int]]:
    """Return the stretches around places, those that touch made one; no number is cut at the begin of one."""
    found: list[tuple[int, int]] = []
    for start, end in places:
        low, high = max(0, start - reach), min(len(text), end + reach)
        while low and text[low - 1].isdigit():
            low -= 1
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return found
