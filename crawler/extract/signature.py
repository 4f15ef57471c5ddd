"""Who signed a document and when: the lines at its foot, also where a page sets them in a box of their own; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.extract.days import DAY_ALONE, ENGLISH_DAY
from crawler.extract.flow import Line
from storage.model import BlockKind

# A day of the week belongs to news: what is signed bears none.
WEEKDAY = re.compile(r"^.{6,24}[（(]?(?:星期|周|週)[一二三四五六日天][）)]?$|^(?:Ends/)?[A-Z][a-z]{2,8}day, .{8,20}$")
ISSUED_AT = re.compile(r"^(?:[^\s\d]{0,6}(?:时间|時間)|Issued at .{0,6})\s?\d{1,2}[:：时時]\d{2}分?$")
# To whom copies go, and when it was printed, stands below who signed.
_COPIED = re.compile(
    r"^(?:抄\s{0,4}[送报發发]|分\s{0,4}送|主\s{0,4}题\s{0,4}词)\s{0,4}[:：].{2,200}$|^\S{4,30}\s{0,9}\d{4}年\d{1,2}月\d{1,2}日\s?印发$"
)
_NEAR_END = 8
_LINES = 4
_WEIGHT = 80


def is_day(line: Line) -> bool:
    """Tell whether a line is a day, written out, and nothing else; pure."""
    return bool(DAY_ALONE.match(line.key) or ENGLISH_DAY.match(line.text))


def signed_below(lines: Sequence[Line], boxed: Sequence[str | None], inside: Sequence[int]) -> list[int]:
    """Return the places right below a text that hold who signed it and when; none where it is signed already.

    Pure.  A day without a name above it is when the page came out: it is none of the text, but for the day and hour
    at the foot of a press release.
    """
    if not inside or any(is_day(lines[place]) for place in inside[-_NEAR_END:]):
        return []
    found: list[int] = []
    for place in range(inside[-1] + 1, min(len(lines), inside[-1] + 1 + _LINES)):
        line = lines[place]
        if boxed[place] is not None or line.links or line.weight > _WEIGHT or line.kind is not BlockKind.PARAGRAPH:
            return []
        if is_day(line):
            return [*found, place] if found else []
        if found and WEEKDAY.match(lines[found[-1]].text) and ISSUED_AT.match(line.text):
            return [*found, place]
        if any(mark in line.text for mark in ":：。！？"):
            return []
        found.append(place)
    return []


def copied_below(lines: Sequence[Line], boxed: Sequence[str | None], inside: Sequence[int]) -> list[int]:
    """Return the places right below a text of who gets copies of it, and when it was printed; pure."""
    found: list[int] = []
    for place in range(inside[-1] + 1 if inside else len(lines), len(lines)):
        line = lines[place]
        if boxed[place] is not None or line.links or not _COPIED.match(line.text):
            break
        found.append(place)
    return found
