"""What kind of change an edit is: of a number, an amount, a date, a body, a modal verb, or of wording only.

Pure.  An edit is a run of words that was replaced, added or removed.  It says nothing alone: in ``500 -> 800`` the
amount is ``500元``, which stands half outside of the run.  So what the old text and the new one *mention* at the
place of the edit is compared: mentions that only one side has are what changed.

>>> text, other = "补贴每月500元，应当于3月底前发放。", "补贴每月800元，可以于3月底前发放。"
>>> [(s.kind.value, s.old, s.new) for s in shifts(text, other, [(4, 7, 4, 7), (9, 11, 9, 11)])]
[('amount', '500元', '800元'), ('modal', '应当', '可以')]
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest

from crawler.clauses import HAN_DIGITS, mark_of

# Where an edit lies in the old and in the new text: from, to, from, to.
Edit = tuple[int, int, int, int]


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
class Shift:
    """One thing that is said otherwise; None on the side that does not say it.

    DATE: days, times and lengths of time.  NUMBERING: the number of a clause, its own or one referred to.
    TYPOGRAPHY: blanks, width of characters, form of quotation marks.
    old_clause, new_clause: labels of the clauses in which it stands; empty where the text has none.
    """

    kind: Kind
    old: str | None
    new: str | None
    old_clause: str = ""
    new_clause: str = ""


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
_WORD_BEGINS = r"(?<![A-Za-z])(?=[A-Za-z])"
# The first that fits wins: a percentage is no number, the number of a clause no date.
_QUANTITY = re.compile(
    rf"""(?:{_WORD_BEGINS}|(?=[\d第附§¥￥$£€〔\[（(【{HAN_DIGITS}万亿半数每按逐当次本上下翌中凌早晚发公印颁签批通送受施实生星周礼人]))(?:
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
    rf"(?:{_WORD_BEGINS}|(?=[不应必须可禁予严有无需允准鼓原免务毋负]))(?:"
    r"不应当?|不得不|不得|不宜|不可以|不可|不准|不许|不予|不再|不需要?|不必|无需|无须|毋须|免予|应当|应该|应(?=[^用急对届聘邀纳税收付])"
    r"|必须|务必|须|可以|(?<![许认])可(?=[^能靠行持再见])|禁止|严禁|予以|有权|无权|需要?(?=[^求])|允许|准予|鼓励|原则上|有义务|负责(?!人)"
    r"|\b(?:shall|must|(?-i:may)|should|can|could|will|would|might|ought)(?:\s+not|n['’]t)?\b|\bcannot\b"
    r"|\b(?:is|are|be|was|were)\s+(?:not\s+)?(?:required|obliged|permitted|allowed|prohibited|forbidden|entitled"
    r"|encouraged|expected|recommended)\b|\b(?:has|have|had|need|needs)\s+(?:not\s+)?to\b|\bneed not\b"
    r"|\b(?:mandatory|optional|compulsory|voluntary|prohibited|required|recommended)\b)",
    re.IGNORECASE,
)
# Alone, these words turn a sentence into its opposite.
_NEGATION = re.compile(r"[不未非无勿没](?:有)?|\b(?:not|no|never|nor|without|unless)\b|n['’]t\b", re.IGNORECASE)

_BODY_END = (
    r"委员会|办公室|办公厅|管理局|监督局|税务局|人民政府|政府|机关|部门|机构|公司|单位|法院|检察院|银行|协会|学会|联合会"
    r"|学校|大学|学院|医院|企业|组织|小组|街道办|居委会|村委会|工会|中心|研究院|研究所|事务所|管委会|国资委|发改委"
    r"|平台|社区|乡镇|总局|总署|分局|支队|大队|省|市|县|区|州|镇|村|部|委|局|厅|署|办|院|司|处|科|站|所"
)
_PARTY_END = (
    r"申请人|当事人|负责人|纳税人|法定代表人|经营者|消费者|生产者|投资者|参保人员?|用人单位|个体工商户|自然人|法人|个人"
    r"|居民|村民|公民|职工|员工|劳动者|学生|教师|家庭|农户|人员|群众|[^\W\d_](?:人|者|户|员|商|方)"
)
_CALLED = re.compile(rf"(?:{_BODY_END}|{_PARTY_END})$")
# What may stand between an edit and the end of the name that it is in; none of these begins a predicate.
_NAME_REST = re.compile(
    rf"[\u4e00-\u9fff]{{0,6}}?(?:{_BODY_END}|户|员|商|方|主体)"
    r"(?=[\W、和及与或的等负应可须要在对向按依会将组审受制]|$)"
    r"|[\u4e00-\u9fff]{0,4}?(?:局(?![面部限势])|厅(?!堂)|委员会|政府|部门|单位)|[人者](?![民口才员均次数类工力])"
)
_PREDICATE = re.compile(r"[的由向在和及与并应可须将对给报送经至为是把按依据后前其被有可于]")
_NAME_HEAD = re.compile(r"(?:^|政府|机关|以上|以下|[\W由向经报送各和及与对为按将的是到从])[\u4e00-\u9fff]{0,6}$")
_EN_BODY = re.compile(
    rf"{_WORD_BEGINS}(?:"
    r"(?:(?:[A-Z][\w’'\-]+|of|the|for|and|&)\s+){0,6}"
    r"(?:Ministry|Department|Agency|Authority|Commission|Office|Council|Board|Bureau|Court|Committee|Secretary|Minister"
    r"|Director|Commissioner|Administrator|Administration|Registrar|Inspectorate|Institute|Treasury|Tribunal|Service"
    r"|Corporation|Bank|Service|Unit|Division|Team|Centre|Center|University|Inspector|Ombudsman|Regulator|Governor"
    r"|President|Parliament|Congress|Cabinet|Government)\b"
    r"(?:\s+(?:of|for)\s+(?:the\s+)?[A-Z]\w+(?:,?\s+(?:and\s+)?[A-Z]\w+)*)?"
    r"|\b(?i:(?:local|central|national|state|county|city|regional|provincial|competent|municipal|district|federal)\s+"
    r"(?:authorit(?:y|ies)|councils?|governments?|courts?|offices?|agenc(?:y|ies)|boards?))\b"
    r"|\b(?i:applicants?|employers?|employees?|licensees?|providers?|operators?|owners?|tenants?|landlords?|taxpayers?"
    r"|holders?|residents?|citizens?|importers?|exporters?|manufacturers?|suppliers?|contractors?|students?|parents?"
    r"|workers?|patients?|households?|companies|businesses|individuals|members?|directors?|inspectors?|ministers?"
    r"|councils?|agenc(?:y|ies)|regulators?|persons?|landowners?|retailers?|consumers?|customers?|farmers?|drivers?)\b)"
)
_ADDRESSED = re.compile(r"^.{2,200}[：:]\s*$", re.DOTALL)

_EFFECT = re.compile(
    rf"(?:{_WORD_BEGINS}|(?=[施生废失有继停终暂试开起仍后正溯]))(?:"
    r"施行|生效|废止|失效|有效期|继续有效|停止执行|终止执行|暂停执行|试行|(?:开始|起|继续|仍|后)执行|起\s?实施|正式实施|溯及"
    r"|\b(?:effective(?=\s+(?:from|on|as|until|date|immediately|through|\d|[A-Z]))"
    r"|(?:in|into) (?:force|effect|operation)"
    r"|takes? effect|took effect|commences?|commencement|repeal(?:s|ed)?|expir(?:es?|ed|y)|ceases? to"
    r"|supersedes?|superseded|rescinded|revoked|remains? valid|valid (?:until|for|from|through)|sunset|withdrawn)\b)",
    re.IGNORECASE,
)
_STOP = re.compile(r"[。；;！!\n]|\.(?=\s|$)")

_TIES = re.compile(
    r"[于在自至从到起止约共达为]|\b(?:on|by|in|at|of|the|an?|to|from|until|till|before|after|about|up)\b", re.IGNORECASE
)

# Mentions longer than this, and sentences further away, are not looked for.
_REACH = 40
_SENTENCE_REACH = 200
_ALONE_CHARS = 6
_EN_ALONE_CHARS = 20
# A run no longer than this that says whether a text is in force says nothing else.
_EFFECT_CHARS = 20
_NAME_CHARS = 16
# Of a paragraph that was added or removed so many mentions are told.
_TOLD = 12
_LOOKS = str.maketrans(
    {**dict.fromkeys("“”„«»「」『』", '"'), **dict.fromkeys("‘’", "'"), **dict.fromkeys("—–―‐−", "-"), "。": "."}
)


def shifts(old: str, new: str, edits: Iterable[Edit]) -> tuple[Shift, ...]:
    """Return what is said otherwise in two texts that differ by some edits.

    Pure.

    edits: rising on both sides; between them the texts are equal.
    """
    told: list[Shift] = []
    for a, b, c, d in edits:
        told.extend(_of_edit(old, a, b, new, c, d))
    return tuple(dict.fromkeys(told))


def of_whole(text: str, *, added: bool) -> tuple[Shift, ...]:
    """Return what a paragraph says that has no counterpart: its numbers, dates and effect; else its wording.  Pure."""
    mark = mark_of(text)
    found = [one for one in _quantities(text, mark.end if mark else 0, len(text)) if one.kind is not Kind.NUMBERING]
    effects = [Mention(kind=Kind.EFFECTIVITY, start=m.start(), end=m.end(), text=m[0]) for m in _EFFECT.finditer(text)]
    shown = [(one.kind, one.text) for one in (*effects, *found)[:_TOLD]] or [(Kind.WORDING, text)]
    return tuple(
        dict.fromkeys(Shift(kind=kind, old=None if added else one, new=one if added else None) for kind, one in shown)
    )


def leveled(text: str) -> str:
    """Return a text in which the width of characters and the form of quotation marks do not count.  Pure."""
    return unicodedata.normalize("NFKC", text.translate(_LOOKS))


def looks(text: str) -> str:
    """Return a text in which blanks do not count either.  Pure.

    >>> looks("“申请人” ，应当") == looks('"申请人",应当')
    True
    """
    return "".join(leveled(text).split())


def _of_edit(old: str, a: int, b: int, new: str, c: int, d: int) -> Iterator[Shift]:
    lost, got = old[a:b], new[c:d]
    if looks(lost) == looks(got):
        yield Shift(kind=Kind.TYPOGRAPHY, old=lost or None, new=got or None)
        return
    if (not lost or not got) and _is_sentence(lost or got):
        yield from of_whole((lost or got).strip(), added=not lost)
        return
    before, after = _mentions(old, a, b), _mentions(new, c, d)
    common = Counter((one.kind, looks(one.text)) for one in before) & Counter(
        (one.kind, looks(one.text)) for one in after
    )
    left, came = _without(before, common), _without(after, common)
    kinds = list(dict.fromkeys(one.kind for one in (*left, *came)))
    effective = _in_effect(old, a, b, left) or _in_effect(new, c, d, came)
    if effective:
        yield Shift(kind=Kind.EFFECTIVITY, old=lost or None, new=got or None)
    for kind in kinds:
        pairs = zip_longest(
            (one.text for one in left if one.kind is kind), (one.text for one in came if one.kind is kind)
        )
        for one, other in pairs:
            yield Shift(kind=kind, old=one, new=other)
    rest = _words_of(_outside(lost, a, before)), _words_of(_outside(got, c, after))
    named = _bodies(old, *_trimmed(a, b, before), new, *_trimmed(c, d, after)) if rest[0] != rest[1] else None
    if named:
        yield Shift(kind=Kind.BODY, old=named[0], new=named[1])
    elif (not kinds or rest[0] != rest[1]) and not (effective and max(len(lost), len(got)) <= _EFFECT_CHARS):
        yield Shift(kind=Kind.WORDING, old=lost or None, new=got or None)


def _is_sentence(text: str) -> bool:
    whole = text.strip()
    return len(whole) > _ALONE_CHARS and bool(re.search(r"[。；;！!.]$", whole))


def _mentions(text: str, start: int, end: int) -> list[Mention]:
    """Return what a text says within, or across the ends of, a stretch of it."""
    found = [one for one in _quantities(text, start, end) if _touches(one.start, one.end, start, end)]
    low, high = max(0, start - _REACH), min(len(text), end + _REACH)
    for match in _MODAL.finditer(text, low, high):
        if _touches(match.start(), match.end(), start, end):
            found.append(Mention(kind=Kind.MODAL, start=match.start(), end=match.end(), text=match[0]))
    if len(looks(text[start:end])) <= (_EN_ALONE_CHARS if text[start:end].isascii() else _ALONE_CHARS):
        for match in _NEGATION.finditer(text, start, end):
            if not any(one.start <= match.start() < one.end for one in found):
                found.append(Mention(kind=Kind.MODAL, start=match.start(), end=match.end(), text=match[0]))
    return found


def _quantities(text: str, start: int, end: int) -> Iterator[Mention]:
    low, high = max(0, start - _REACH), min(len(text), end + _REACH)
    while low and text[low - 1].isdigit():
        low -= 1
    if low <= 0:
        # The number in front of a clause is its own.
        mark = mark_of(text)
        if mark is not None:
            yield Mention(kind=Kind.NUMBERING, start=0, end=mark.end, text=text[: mark.end].strip())
            low = mark.end
    for match in _QUANTITY.finditer(text, low, high):
        yield Mention(kind=Kind(str(match.lastgroup)), start=match.start(), end=match.end(), text=match[0].strip())


def _touches(start: int, end: int, low: int, high: int) -> bool:
    # A mention that only ends where the edit begins stands on both sides, and says nothing.
    return start <= high and end >= low


def _without(mentions: list[Mention], common: Counter[tuple[Kind, str]]) -> list[Mention]:
    spare = Counter(common)
    left = []
    for one in mentions:
        key = (one.kind, looks(one.text))
        if spare[key]:
            spare[key] -= 1
        else:
            left.append(one)
    return left


def _outside(run: str, at: int, mentions: list[Mention]) -> str:
    """Return a run without what it mentions."""
    kept = list(run)
    for one in mentions:
        for place in range(max(0, one.start - at), min(len(run), one.end - at)):
            kept[place] = ""
    return "".join(kept)


def _trimmed(start: int, end: int, mentions: list[Mention]) -> tuple[int, int]:
    """Return a stretch without the mentions at its ends."""
    for one in mentions:
        if one.start <= start < one.end <= end:
            start = one.end
        elif start <= one.start < end <= one.end:
            end = one.start
    return start, end


def _words_of(text: str) -> str:
    """Return the words of what is left of an edit, but for those that only tie a number or a day to its sentence."""
    return "".join(re.findall(r"[^\W_]+", looks(_TIES.sub("", text))))


def _in_effect(text: str, start: int, end: int, found: list[Mention]) -> bool:
    """Tell whether a stretch says since when, or whether, a text is in force."""
    dated = any(one.kind is Kind.DATE for one in found)
    reach = _SENTENCE_REACH if dated else _REACH
    low = max(0, start - reach)
    stops = [match.end() for match in _STOP.finditer(text, low, start)]
    begin = stops[-1] if stops else low
    stop = _STOP.search(text, end, min(len(text), end + reach))
    finish = stop.start() if stop else min(len(text), end + reach)
    for match in _EFFECT.finditer(text, begin, finish):
        if dated or _touches(match.start(), match.end(), start, end):
            return True
    return False


def _bodies(old: str, a: int, b: int, new: str, c: int, d: int) -> tuple[str | None, str | None] | None:
    """Return the bodies or persons that an edit names otherwise."""
    one, other = _body(old, a, b), _body(new, c, d)
    if a == b and other:
        return None, other
    if c == d and one:
        return one, None
    return (one, other) if one and other and looks(one) != looks(other) else None


def _body(text: str, start: int, end: int) -> str | None:
    run = text[start:end].strip(" 、，,和及与")
    if len(run) > 3 * _NAME_CHARS:
        return None
    low, high = max(0, start - _REACH), min(len(text), end + _REACH)
    for match in _EN_BODY.finditer(text, low, high):
        if _touches(match.start(), match.end(), start, end):
            return match[0]
    if start < end and _ADDRESSED.match(text) and _CALLED.search(text.rstrip("：: ")):
        return text.rstrip("：: ")
    if not run or len(run) > _NAME_CHARS or not re.fullmatch(r"[\u4e00-\u9fff、（）()]+", run):
        return None
    rest = _NAME_REST.match(text, end)
    if rest and not _PREDICATE.search(rest[0]) and _NAME_HEAD.search(text[max(0, start - 8) : start]):
        return run + rest[0]
    return run if _CALLED.search(run) and not _PREDICATE.search(run[:-1]) else None
