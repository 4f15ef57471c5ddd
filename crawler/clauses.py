"""The structure of a text: where each clause begins, and what a person would call it.

Pure.  Marks are read as people write them: 第三章, 第十二条, 一、, （一）, 1., ①, Part II, Section 3, § 12, (a),
(iv), 附件2.  Named marks have a rank; a list belongs to what stands before it, and begins below its first entry.
In an article each further paragraph without a mark is a 款 of its own.  Where a text has no marks, a short line
before a longer one is a heading.

>>> lines = ("第二章 申请", "第四条 申请人应当提交下列材料：", "（一）申请表；", "（二）身份证明。", "材料可以补正。")
>>> [starts[-1].label for starts in outline(lines)]
['第二章 申请', '第四条', '第四条（一）', '第四条（二）', '第四条第二款']
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

HAN_DIGITS = "〇零一二三四五六七八九十百千两"
_DIGITS = rf"(?:[{HAN_DIGITS}]+|[0-9０-９]+)"
_ROMAN = r"[IVXLC]+|[ivxlc]+"

_BRANCH, _ANNEX, _ARTICLE, _PARAGRAPH, _LIST = 0, 1, 5, 6, 9
_HAN_UNITS = {"分编": 2, "编": 2, "部分": 2, "章": 3, "节": 4, "条": _ARTICLE}
_UNITS = {
    **dict.fromkeys(("annex", "appendix", "schedule"), _ANNEX),
    **dict.fromkeys(("title", "part", "division", "subtitle"), 2),
    **dict.fromkeys(("chapter", "subpart", "subdivision"), 3),
    "subchapter": 4,
    **dict.fromkeys(("article", "section", "sec", "rule", "regulation", "clause"), _ARTICLE),
}
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))

# After its mark a clause goes on with a blank, a stop or a capital; a reference ("第十二条的规定", "Section 3 of the
# Act") goes on with the sentence.
_MARK = re.compile(
    rf"""
      第\s*(?P<han>{_DIGITS})\s*(?P<han_unit>分编|编|部分|章|节|条)(?P<of>之[{HAN_DIGITS}]+)?
        (?=$|[\s：:、.．【（(]|[^的第至、和及或与规所中款项之以])
    | 附\s?(?P<annex_unit>件|录|表)\s*(?P<annex>{_DIGITS})?\s*(?=$|[：:\s.．、])
    | (?P<unit>{_UNIT})\.?\s+(?P<word>[0-9]+[A-Za-z]?(?:[.\-][0-9]+)*|{_ROMAN}|[A-Z])
        (?=$|[.:)–—]|\s*[\-]\s|\s+(?-i:[A-Z"“(]))
    | §+\s*(?P<sign>[0-9]+[A-Za-z]?(?:[.\-][0-9]+)*)
    | (?P<enum>[{HAN_DIGITS}]+)\s?[、．.]
    | [（(](?P<in_han>[{HAN_DIGITS}]+)[）)]
    | (?P<dotted>[0-9]{{1,3}}(?:\.[0-9]{{1,3}})+(?![0-9]))(?=[.．、\s]|[^\W0-9a-zA-Z_元年月日个万亿倍度米公])[.．、]?
    | (?P<number>[0-9]{{1,3}})(?:[、．]|\.(?![0-9]))
    | [（(](?P<in_number>[0-9]{{1,3}})[）)]
    | (?P<half>[0-9]{{1,2}})[）)]
    | (?P<circle>[\u2460-\u2473])
    | [（(](?P<in_letter>[A-Za-z]|[ivxl]{{2,6}})[）)]
    | (?P<letter>[A-Za-z]|[IVX]{{2,5}}|[ivx]{{2,5}})[.)](?=\s)
    """,
    re.VERBOSE | re.IGNORECASE,
)
# A text that lost its line breaks: clauses begin where a sentence or an entry has ended.
_WITHIN = re.compile(
    rf"(?<=[。；：])\s*(?=第{_DIGITS}条[\s　]|[（(][{HAN_DIGITS}]+[）)]|[{HAN_DIGITS}]{{1,3}}、)"
    r"|(?<=[.;:])\s+(?=(?:Section|Article|Sec\.)\s[0-9]+[A-Za-z]?\.\s|§\s?[0-9]|\([a-z0-9]{1,3}\)\s)"
)
_ENDS = re.compile(r"[。；;：:.!！？?…]\s*[”\"）)]?\s*$")
_PROSE = re.compile(r"[。；;，！!]|,\s|\.\s|[.:：]\s*$")

# Of a heading so many characters are shown; more than so many are none.
_TITLE = 24
_HEADING_CHARS = 40
_HEADING_WORDS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The mark before a clause.

    style: marks of one style stand beside each other.
    number: its place among them, from 1; 0 where it has none.
    end: where the mark ends in its line.
    title: of a heading: what stands behind its mark.
    """

    style: str
    rank: int
    number: int
    text: str
    end: int
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where a clause begins in a paragraph, and the marks that lead to it.

    offset: of the first character of its own mark; 0 where the paragraph goes on with a clause before it.
    title: of a clause that has a heading: what stands behind its mark.
    """

    offset: int
    path: tuple[str, ...] = ()
    title: str = ""

    @property
    def label(self) -> str:
        """What a person would call it: 第十二条第二款（一）, Section 3(a), 二、（一）补贴标准; empty without marks."""
        label = ""
        for text in self.path:
            apart = label[-1:].isalnum() and text[0].isalnum() and label[-1].isascii() and text[0].isascii()
            label += f" {text}" if apart else text
        if not self.title:
            return label
        return label + ("" if label.endswith(("、", "）")) else " ") + self.title


@dataclass(slots=True)
class _Stack:
    """The clauses that a place stands in, outermost first; paragraphs: of the present article."""

    marks: list[Mark] = field(default_factory=list)
    paragraphs: int = 0

    def path(self) -> tuple[str, ...]:
        """Return the marks that a person would name: above an article only the annex."""
        ranks = [mark.rank for mark in self.marks]
        inner = ranks.index(_ARTICLE) if _ARTICLE in ranks else 0
        return tuple(m.text for n, m in enumerate(self.marks) if m.text and (n >= inner or m.rank == _ANNEX))

    def put(self, mark: Mark) -> None:
        """Go to a clause, out of those that it does not belong to."""
        if mark.rank < _LIST:
            while self.marks and self.marks[-1].rank >= mark.rank:
                self.marks.pop()
        else:
            styles = [one.style for one in self.marks]
            if mark.style in styles:
                del self.marks[styles.index(mark.style) :]
            elif mark.number != 1:
                # Its list began where nobody saw it: it stands above the finer ones.
                while self.marks and self.marks[-1].rank > mark.rank:
                    self.marks.pop()
        self.marks.append(mark)


def outline(paragraphs: Sequence[str]) -> list[tuple[Start, ...]]:
    """Return, for each paragraph, the clauses that it holds a part of, in order; always at least one.

    Pure.  Lines of a list, and clauses within a text that lost its line breaks, begin clauses too.
    """
    stack = _Stack()
    found = []
    for number, paragraph in enumerate(paragraphs):
        after = paragraphs[number + 1] if number + 1 < len(paragraphs) else ""
        starts = [_start(stack, paragraph[a:b], a, after) for a, b in _lines(paragraph)]
        found.append(tuple(starts))
    return found


class Labels:
    """The labels of the clauses that a paragraph holds a part of, by place in it; empty where there is none."""

    def __init__(self, starts: Sequence[Start]) -> None:
        self._offsets = [start.offset for start in starts]
        self._labels = [start.label for start in starts]

    def at(self, offset: int) -> str:
        """Return the label of the clause that a place belongs to."""
        return self._labels[max(0, bisect_right(self._offsets, offset) - 1)] if self._labels else ""


def mark_of(line: str) -> Mark | None:
    """Return the mark that a line begins with.  Pure."""
    found = _MARK.match(line)
    return _read(found) if found and found.end() <= _HEADING_CHARS else None


def _lines(paragraph: str) -> Iterator[tuple[int, int]]:
    begin = 0
    for line in paragraph.splitlines(keepends=True) or [""]:
        places = [begin, *(begin + m.end() for m in _WITHIN.finditer(line)), begin + len(line)]
        yield from ((a, b) for a, b in pairwise(places) if a < b or len(places) == 2)
        begin += len(line)


def _start(stack: _Stack, line: str, offset: int, after: str) -> Start:
    mark = mark_of(line)
    if mark is not None and mark.style == "(letter":
        mark = _letter_or_roman(stack, mark)
    if mark is not None:
        rest = line[mark.end :].strip()
        if len(rest) <= _TITLE and not _PROSE.search(rest):
            mark = replace(mark, title=rest)
        stack.put(mark)
        if mark.rank == _ARTICLE:
            stack.paragraphs = 1 if _PROSE.search(rest) else 0
    elif any(one.rank == _ARTICLE for one in stack.marks):
        if _ENDS.search(line) and "\u4e00" <= line[:1] <= "\u9fff":
            stack.paragraphs += 1
            text = f"第{in_han(stack.paragraphs)}款" if stack.paragraphs > 1 else ""
            stack.put(Mark(style="款", rank=_PARAGRAPH, number=stack.paragraphs, text=text, end=0))
    elif _is_heading(line, after):
        stack.marks.clear()
        stack.marks.append(Mark(style="heading", rank=_BRANCH, number=0, text=line.strip()[:_TITLE], end=0))
    return Start(offset=offset, path=stack.path(), title=stack.marks[-1].title if stack.marks else "")


def _is_heading(line: str, after: str) -> bool:
    text = line.strip()
    short = 1 < len(text) <= _HEADING_CHARS and len(text.split()) <= _HEADING_WORDS
    if not short or "\n" in text or "|" in text or _PROSE.search(text):
        return False
    return len(after) > len(text) and bool(_PROSE.search(after)) and not text[0].islower() and not text[0].isdigit()


def _letter_or_roman(stack: _Stack, mark: Mark) -> Mark:
    """Return (i) as a letter after (h), else as the Roman number one."""
    letter = mark.text.strip("（()）")
    if len(letter) == 1 and (
        letter not in "ivxIVX" or any(one.style == mark.style and one.number == mark.number - 1 for one in stack.marks)
    ):
        return mark
    style = "(roman" if letter.islower() else "(ROMAN"
    return Mark(style=style, rank=mark.rank + 2, number=roman(letter), text=mark.text, end=mark.end)


def _read(found: re.Match[str]) -> Mark:
    kind = str(found.lastgroup)
    named = {name: value for name, value in found.groupdict().items() if value}

    def mark(style: str, rank: int, number: int, text: str) -> Mark:
        return Mark(style=style, rank=rank, number=number, text=text, end=found.end())

    if "han" in named:
        unit, number = named["han_unit"], named["han"]
        return mark(unit, _HAN_UNITS[unit], value(number), f"第{number}{unit}{named.get('of', '')}")
    if "annex_unit" in named:
        number = named.get("annex", "")
        return mark("附件", _ANNEX, value(number) if number else 1, f"附{named['annex_unit']}{number}")
    if "unit" in named:
        unit = named["unit"].lower()
        text = f"{named['unit'].capitalize()}{'.' if unit == 'sec' else ''} {named['word']}"
        return mark(unit, _UNITS[unit], 0, text)
    if "sign" in named:
        return mark("§", _ARTICLE, 0, f"§ {named['sign']}")
    text = found[0].strip()
    named_ranks = {"enum": 0, "in_han": 1, "number": 2, "dotted": 2, "half": 3, "in_number": 3, "circle": 4}
    if kind in named_ranks:
        inner = named[kind]
        style = f"{kind}{inner.count('.')}" if kind == "dotted" else kind
        number = ord(inner) - 0x245F if kind == "circle" else value(inner.rpartition(".")[2])
        return mark(style, _LIST + named_ranks[kind], number, text)
    letter = named[kind]
    if kind == "letter":
        if len(letter) > 1:
            return mark("roman.", _LIST, roman(letter), text)
        return mark("letter." if letter.islower() else "LETTER.", _LIST + 1, ord(letter.lower()) - 96, text)
    style = "(letter" if letter.islower() else "(LETTER"
    number = ord(letter.lower()) - 96 if len(letter) == 1 else roman(letter)
    return mark(style, _LIST + (4 if letter.islower() else 6), number, text)


def value(digits: str) -> int:
    """Return what a number in Han or other digits says, as 第一百零二条 writes it.  Pure.

    >>> [value(one) for one in ("十二", "一百零三", "二〇二六", "１2", "两千")]
    [12, 103, 2026, 12, 2000]
    """
    if digits.isdecimal():
        return int(digits)
    ones = {digit: n for n, digit in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
    units = {"十": 10, "百": 100, "千": 1000}
    if not set(digits) & set(units):
        return int("".join(str(ones[digit]) for digit in digits))
    total = last = 0
    for digit in digits:
        if digit in units:
            total += (last or 1) * units[digit]
            last = 0
        else:
            last = ones[digit]
    return total + last


def roman(letters: str) -> int:
    """Return what a Roman number says.  Pure."""
    worth = [{"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}.get(letter, 0) for letter in letters.lower()]
    return sum(-one if one < after else one for one, after in zip(worth, [*worth[1:], 0], strict=True))


def in_han(number: int) -> str:
    """Return a number below a hundred in Han digits; in Arabic ones beyond.  Pure."""
    digits = "〇一二三四五六七八九"
    if number >= 100:
        return str(number)
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else digits[tens]) + ("十" if tens else "") + (digits[ones] if ones or not tens else "")
