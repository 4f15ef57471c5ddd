"""Which texts are one release on several addresses.  Pure, but for the texts that are asked for.

Candidates come from MinHash over runs of characters; whether two are the same is then decided by comparing them
clause by clause.  A repost has the same clauses in the same order between another head and another tail.  Where
a clause has become a similar one, it was edited: another number, year or place makes another notice.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

# So much of each text must be in common; a quotation is less.
COVERED = 0.7
# Who has all that the other says, but furniture, may have as much of their own beside it; under another title less.
# Never more than a head and a tail have: the first half of a long text is an extract.
WHOLE, BESIDE, BESIDE_RETITLED, BESIDE_CHARS = 0.9, 0.45, 0.55, 120
# A short release may have a longer head and tail, but not more than this many characters of its own.
OWN_CHARS, COVERED_SHORT = 60, 0.5
# Both say something of their own before the common text, or behind it, in so many characters or more: two notices
# that share their legal sentences.  Behind it stands who signed, in a few; before it, under another title, nothing.
OWN_SAID, OWN_SAID_RETITLED = 20, 8
# A title of fewer characters ("Notice") says nothing.
TITLE_SAYS = 6
# A word of Latin letters takes so many times the characters.
LATIN = 3
# Whole clauses that only one of them has in between (a caption, whom a notice is addressed to): at most this
# share of the text, between these numbers of characters.
PUT_IN, PUT_IN_LEAST, PUT_IN_MOST = 0.03, 20, 60
# More clauses than this between two common ones are no insertion.
GAP = 20
# Two clauses that share so many pairs of characters are one clause, edited.
EDITED = 0.5
EDITED_SHORT = 0.45
SHORTEST = 20

_CLAUSE = re.compile(r"[^。；;！!？?\n]+")
_STOP = re.compile(r"(?<=[A-Za-z)\]”\"'][.])\s+(?=[A-Z\"“'(])")
_NOT_WORDS = re.compile(r"(?<!\d)[.,:](?!\d)|(?<=\d)[,](?=\d{3})|[^\w.,:%‰℃$€£¥+\-]+|(?<!\w)[+\-]|[-](?!\d)|_")
_AMOUNT = re.compile(r"[\d%‰℃$€£¥+]")
_WORDS = re.compile(r"[^\W_]+")
# What makes another document of one with the same title.
_STAGE = re.compile(
    r"征求意见|草案|送审|讨论稿|试行|修订|修正|修改|更正|勘误|补充|废止|延期|draft|consultation|correct|amend|errat|withdrawn"
)
_NUMBER = re.compile(r"\d+(?:[.,:\-]\d+)*")
# A number is whole or another: 1500 is not 500 with something added.
_TOKEN = re.compile(r"\d+(?:[.,:\-]\d+)*|.", re.DOTALL)
_DOCUMENT_NUMBER = re.compile(r"[\u4e00-\u9fff]{1,12}[〔\[［(（【]((?:19|20)\d\d)[〕\]］)）】]第?(\d{1,5})号")
# Lines that a site puts around a text, by what they begin with or hold; of every site, in both languages.
_FURNITURE = re.compile(
    r"^(?:来源|稿源|信息来源|文章来源|发布|发稿|时间|日期|作者|记者|编辑|责任编辑|责编|校对|审核|供稿|转自|转载|原标题|原文|"
    r"浏览|点击|阅读|字号|字体|打印|分享|关闭|扫一扫|附件|相关|上一篇|下一篇|版权|声明|免责|索引号|主题|公开|"
    r"source|published|posted|updated|by|author|editor|edited|editing|reporter|reporting|share|print|related|read|"
    r"copyright|originally|reposted|republished|date|last|views|tags|contact|media)(?![a-z])|"
    r"责任编辑|发布时间|发布日期|文章来源|信息来源|来源[:：]|(?:记者|通讯员|编辑|电)[^。]{0,8}[)）]|"
    r"转载|本网讯|版权归|reposted|republished|originally published|all rights",
    re.IGNORECASE,
)
_FURNITURE_CHARS = 80
# A title has none of these.
_IN_SENTENCE = re.compile(r"[,:]")
# What a site puts before or behind a title.
_TITLE_MARK = re.compile(r"^\s*[（(\[【][^）)\]】]{1,8}[）)\]】]\s*")
_TITLE_SITE = re.compile(r"\s*[_|｜].*$|\s+[-–—]+\s+[^-–—]*$")
# What a document is about, as offices name it; who passes it on keeps that, or writes a headline.
_OFFICIAL = re.compile(r"关于.+的(?:通知|公告|通告|意见|决定|批复|复函|函|通报|报告|规定|办法)")
_DAY = re.compile(
    r"(?:\d{4}|[〇零一二三四五六七八九]{4})\s*[年\-/.]\s*\w{1,3}\s*[月\-/.]\s*\w{1,3}\s*日?"
    r"(?:\s*\d{1,2}:\d\d(?::\d\d)?)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What a duplicate is told by.

    owner: texts of one owner are never each other's duplicates: versions of one document.
    """

    key: Hashable
    owner: Hashable
    title: str
    body: str
    document_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """By what a document is named: the words of its title, what of them an office gave it, and its number."""

    title: str
    official: str | None
    number: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clauses:
    """A text as it is compared: clauses without anything but their words.

    shown: the same clauses as they were written.  says: which belong to what the text says.
    furniture: which are what sites put around a text.  exact: hash of all words.
    whole, own, said: characters of all clauses, without furniture, and of those that belong to what it says.
    scale: characters for one of Chinese.
    """

    head: Head
    words: tuple[str, ...]
    shown: tuple[str, ...]
    says: tuple[bool, ...]
    furniture: tuple[bool, ...]
    exact: str
    whole: int
    own: int
    said: int
    scale: float


def folded(text: str) -> str:
    """Return the words of a text: no case, no width, no punctuation but that inside numbers.

    Pure.

    >>> folded("补贴标准为每人每月 1,200.50 元。")
    '补贴标准为每人每月1200.50元'
    """
    return _bare(unicodedata.normalize("NFKC", text))


def _bare(text: str) -> str:
    """Return the words of a text in one width."""
    if _AMOUNT.search(text) is None:
        # Most clauses have nothing that punctuation belongs to.
        return "".join(_WORDS.findall(text)).lower()
    return _NOT_WORDS.sub("", text.lower())


def head(text: Text) -> Head:
    """Return by what a text is named.  Pure."""
    title = folded(_TITLE_SITE.sub("", _TITLE_MARK.sub("", text.title)) or text.title)
    official = _OFFICIAL.search(title)
    return Head(title=title, official=official and official[0], number=_document_number(text))


def clauses(text: Text) -> Clauses:
    """Return a text as it is compared.  Pure."""
    shown: list[str] = []
    for line in unicodedata.normalize("NFKC", text.body).split("\n"):
        for sentence in _STOP.split(line):
            shown.extend(part.strip() for part in _CLAUSE.findall(sentence))
    each = [clause for part in shown if (clause := (_known if len(part) <= _KNOWN_CHARS else _clause)(part)).word]
    words = tuple(clause.word for clause in each)
    whole = sum(map(len, words))
    return Clauses(
        head=head(text),
        words=words,
        shown=tuple(clause.shown for clause in each),
        says=tuple(clause.says for clause in each),
        furniture=tuple(clause.furniture for clause in each),
        exact=hashlib.sha256("".join(words).encode("utf-8", "replace")).hexdigest(),
        whole=whole,
        own=sum(len(clause.word) for clause in each if not clause.furniture),
        said=sum(len(clause.word) for clause in each if clause.says),
        scale=whole / (sum(clause.weight for clause in each) or 1),
    )


class _Clause(NamedTuple):
    shown: str
    word: str
    furniture: bool
    says: bool
    weight: float


def _clause(shown: str) -> _Clause:
    word, furniture = _bare(shown), _is_furniture(shown)
    return _Clause(shown, word, furniture, not furniture and _says(shown), _weight(word))


# Versions of a document, and notices of one form, have most of their clauses in common.
_KNOWN_CHARS = 200
_known = lru_cache(maxsize=10_000)(_clause)


def _document_number(text: Text) -> str | None:
    """Return the number that a document bears: a field's, else one that stands alone at the head."""
    head = [text.document_number or "", *text.body.split("\n", 6)[:6]]
    for line in head:
        if "号" not in line:
            continue
        found = _DOCUMENT_NUMBER.search(unicodedata.normalize("NFKC", line).replace(" ", ""))
        if found and len(found[0]) >= len(line.replace(" ", "")) - 6:
            return re.sub(r"[〔\[［(（【〕\]］)）】第]", "|", found[0])
    return None


def apart(a: Head, b: Head) -> bool:
    """Tell whether two texts are two already by their names.  Pure."""
    if a.number and b.number and a.number != b.number:
        return True
    if a.title == b.title:
        return False
    if a.title and b.title and _edited(a.title, b.title):
        return True
    if a.title and b.title and (a.title in b.title or b.title in a.title):
        return set(_STAGE.findall(a.title)) != set(_STAGE.findall(b.title))
    ours, theirs = a.official, b.official
    return bool(ours and theirs and ours not in theirs and theirs not in ours)


def same(a: Clauses, b: Clauses) -> bool:
    """Tell whether two texts are one release.

    Pure, and the same in both directions.
    """
    if apart(a.head, b.head):
        return False
    if a.exact == b.exact:
        return True
    if (a.words, a.head.title) > (b.words, b.head.title):
        a, b = b, a
    blocks = _blocks(a.words, b.words)
    # Clauses that many texts have, such as "特此通知", do not make a beginning or an end by themselves.
    blocks = _trimmed(blocks, a, b)
    if not blocks:
        return False
    first, last = blocks[0], blocks[-1]
    core_a, core_b = (first.a, last.a + last.size), (first.b, last.b + last.size)
    common = sum(len(word) for block in blocks for word in a.words[block.a : block.a + block.size])
    # The first and the last common sentence may be cut elsewhere, or joined with what stands beside them.
    head = _common("".join(a.words[: core_a[0]])[::-1], "".join(b.words[: core_b[0]])[::-1])
    tail = _common("".join(a.words[core_a[1] :]), "".join(b.words[core_b[1] :]))
    common += head + tail
    put_in = 0
    for before, after in pairwise(blocks):
        left = a.words[before.a + before.size : after.a]
        right = b.words[before.b + before.size : after.b]
        more = _more(left, right)
        if more is None:
            return False
        put_in += more
    if put_in > min(PUT_IN_MOST, max(PUT_IN_LEAST, PUT_IN * common)):
        return False
    named = _named_alike(a.head, b.head)
    if not _covers(common, a, b, BESIDE if named else BESIDE_RETITLED):
        return False
    return not _other_edges(a, b, (core_a[0], core_b[0], head), (core_a[1], core_b[1], tail), named)


def _named_alike(a: Head, b: Head) -> bool:
    """Tell whether two titles are one, or one of them with something before or behind it."""
    short, long = sorted((a.title, b.title), key=len)
    return _weight(short) >= TITLE_SAYS and short in long


def _weight(word: str) -> float:
    """Return how much a word says, in characters of Chinese."""
    return len(word) / LATIN if word.isascii() else len(word)


def _blocks(a: Sequence[str], b: Sequence[str]) -> list[Match]:
    """Return the runs of clauses that two texts have in common, in their order."""
    places = {word: place for place, word in enumerate(b)}
    found = [(place, places[word]) for place, word in enumerate(a) if word in places]
    rising = all(before[1] < after[1] for before, after in pairwise(found))
    if not rising or len(places) < len(b) or len(set(a)) < len(a):
        matcher = SequenceMatcher(None, a, b, autojunk=False)
        return [block for block in matcher.get_matching_blocks() if block.size]
    # No clause stands twice and none has moved: there is only one answer, and it is cheap.
    blocks: list[Match] = []
    for one, other in found:
        last = blocks[-1] if blocks else None
        if last and (last.a + last.size, last.b + last.size) == (one, other):
            blocks[-1] = Match(last.a, last.b, last.size + 1)
        else:
            blocks.append(Match(one, other, 1))
    return blocks


def _more(left: Sequence[str], right: Sequence[str]) -> int | None:
    """Return how many characters of whole clauses one side has more; None where something stands for another.

    The rest must be equal, but may be cut into clauses elsewhere.
    """
    if len("".join(left)) < len("".join(right)):
        left, right = right, left
    if len(left) > GAP:
        return None
    wanted = "".join(right)
    for start in range(len(left) + 1):
        for end in range(len(left), start - 1, -1):
            if "".join((*left[:start], *left[end:])) == wanted:
                more = left[start:end]
                return None if any(map(str.isdigit, "".join(more))) else round(sum(map(_weight, more)))
    return None


def _trimmed(blocks: list[Match], a: Clauses, b: Clauses) -> list[Match]:
    kept = list(blocks)
    for end, next_to in ((0, 1), (-1, -2)):
        while len(kept) > 1:
            first, second = sorted((kept[end], kept[next_to]))
            gap = sum(map(len, a.words[first.a + first.size : second.a] + b.words[first.b + first.size : second.b]))
            chars = sum(map(len, a.words[kept[end].a : kept[end].a + kept[end].size]))
            if chars >= SHORTEST or gap <= chars:
                break
            kept.pop(end)
    return kept


def _covers(common: int, a: Clauses, b: Clauses, beside: float) -> bool:
    """Tell whether what two texts have in common is enough of both."""
    texts = (a, b)
    if all(
        common >= COVERED * text.whole
        or (common >= COVERED_SHORT * text.whole and text.own - common <= max(OWN_CHARS, (1 - COVERED) * text.own))
        for text in texts
    ):
        return True
    return any(common >= WHOLE * text.said for text in texts) and all(
        common >= beside * text.whole and text.whole - common <= BESIDE_CHARS * text.scale for text in texts
    )


Edge = tuple[int, int, int]


def _other_edges(a: Clauses, b: Clauses, head: Edge, tail: Edge, named: bool) -> bool:
    """Tell whether head or tail of two texts say that they are two notices.

    head, tail: where the common clauses begin or end in each, and how many characters beyond are common too.
    named: their titles say that they are one.
    """
    heads = _beyond(a, range(head[0] - 1, -1, -1), head[2]), _beyond(b, range(head[1] - 1, -1, -1), head[2])
    tails = (
        _beyond(a, range(tail[0], len(a.words)), tail[2]),
        _beyond(b, range(tail[1], len(b.words)), tail[2]),
    )
    # A title stands beside the text, at its head, or both.
    for title, other, above in ((a.head.title, b, heads[1]), (b.head.title, a, heads[0])):
        if title and any(_edited(title, other.words[n]) for n in above if not _IN_SENTENCE.search(other.shown[n])):
            return True
    for ours, theirs in (heads, tails):
        for one in ours:
            for other_one in theirs:
                if a.furniture[one] or b.furniture[other_one]:
                    continue
                if _edited(a.words[one], b.words[other_one]) and not (
                    _is_day(a.shown[one]) or _is_day(b.shown[other_one])
                ):
                    return True
    for (ours, theirs), least in ((heads, OWN_SAID if named else OWN_SAID_RETITLED), (tails, OWN_SAID)):
        if all(
            any(text.says[n] and _weight(text.words[n]) >= least for n in side)
            for text, side in ((a, ours), (b, theirs))
        ):
            return True
    # A day right after the last common clause is the day of signing, not of some site.
    if not tails[0] or not tails[1]:
        return False
    shown, as_shown = a.shown[tails[0][0]], b.shown[tails[1][0]]
    another = a.words[tails[0][0]] != b.words[tails[1][0]]
    return _is_day(shown) and _is_day(as_shown) and _shape(shown) == _shape(as_shown) and another


def _beyond(text: Clauses, places: range, common: int) -> list[int]:
    """Return the places of clauses beyond the common ones, the next first, but those that common characters cover."""
    found = []
    for place in places:
        if common >= len(text.words[place]):
            common -= len(text.words[place])
        else:
            common = 0
            found.append(place)
    return found


def _says(shown: str) -> bool:
    """Tell whether a clause that is no furniture belongs to what a text says: no day, no number, nobody addressed."""
    return not (shown.endswith(":") or _is_day(shown) or _DOCUMENT_NUMBER.fullmatch(shown.replace(" ", "")))


def _is_furniture(shown: str) -> bool:
    return len(shown) <= _FURNITURE_CHARS and _FURNITURE.search(shown) is not None


def _is_day(shown: str) -> bool:
    return _DAY.fullmatch(shown.strip(" ()（）[]【】")) is not None


def _shape(shown: str) -> str:
    return re.sub(r"[\d〇零一二三四五六七八九十]+", "0", shown)


def _edited(a: str, b: str) -> bool:
    """Tell whether two clauses are one in which something was put in the place of something else.

    What one has only more than the other was added, by somebody who passed it on.
    """
    if a == b or a in b or b in a:
        return False
    left, right = _TOKEN.findall(a), _TOKEN.findall(b)
    head = _common(left, right)
    tail = _common(left[head:][::-1], right[head:][::-1])
    if max(len(a), len(b)) < SHORTEST:
        # Too short for pairs to tell: names of two offices, say.
        if (head + tail) * 2 < EDITED_SHORT * (len(left) + len(right)):
            return False
    elif _NUMBER.sub("0", a) != _NUMBER.sub("0", b):
        pairs_a, pairs_b = set(map("".join, pairwise(a))), set(map("".join, pairwise(b)))
        if len(pairs_a & pairs_b) * 2 < EDITED * (len(pairs_a) + len(pairs_b)):
            return False
    left, right = left[head : len(left) - tail], right[head : len(right) - tail]
    if len(left) > len(right):
        left, right = right, left
    rest = iter(right)
    return not all(token in rest for token in left)


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    """Return how many tokens two rows, or characters two texts, have in common at their beginning."""
    return next((n for n, (one, other) in enumerate(zip(a, b, strict=False)) if one != other), min(len(a), len(b)))
