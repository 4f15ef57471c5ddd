"""Which of several days in a row of a list is that of publication: a word before it, or its column's heading; pure."""

from __future__ import annotations

import re
from datetime import date
from itertools import islice

from lxml import etree

from spiders.clicks import squeezed
from spiders.hints import day_in

_LINE_TEXT = 600
_CELL_TEXT = 60
_MOST_CELLS = 30
# A day in figures or English words is no longer.
_DAY_TEXT = 24

_HEADING = re.compile(r"(?i)发布|發布|公布|公开|刊发|publi(?:shed|cation)|posted|released?")
_SAID = re.compile(
    r"(?:发布|發布|公布|公开|刊发)\s?(?:日期|时间|時間)?\s?[:：]?\s?(?=\d)"
    r"|(?i:\b(?:(?:date\s)?published|publication\sdate|posted|released?(?:\sdate)?))(?i:\s?on)?\s?:?\s?(?=\w)"
)


def published_in(link: etree._Element, row: etree._Element) -> date | None:
    """Return the day that a row calls the one of publication, where it holds several; None where it names none.

    link: to the document.  row: what stands around the link, and around no other document's.
    """
    line = next((around for around in link.iterancestors("tr", "li", "dl") if around in (row, *_up(row, link))), row)
    text = squeezed(line, _LINE_TEXT, " ").replace(squeezed(link, _LINE_TEXT), " ", 1)
    for match in _SAID.finditer(text):
        if day := day_in(text[match.end() : match.end() + _DAY_TEXT]):
            return day
    cells = list(islice((each for each in line if isinstance(each.tag, str)), _MOST_CELLS))
    days = [None if link in (cell, *cell.iter("a")) else day_in(squeezed(cell, _CELL_TEXT, " ")) for cell in cells]
    if len({day for day in days if day}) < 2:
        return None
    headings = _headings(line, len(cells))
    named = (day for day, heading in zip(days, headings, strict=False) if day and _HEADING.search(heading))
    return next(named, None)


def _up(row: etree._Element, link: etree._Element) -> list[etree._Element]:
    """Return what lies between a link and its row."""
    found: list[etree._Element] = []
    for around in link.iterancestors():
        if around is row:
            break
        found.append(around)
    return found


def _headings(line: etree._Element, count: int) -> list[str]:
    """Return what stands above the cells of a row: the first row of as many cells in its table or list."""
    table = next(line.iterancestors("table"), None) if line.tag == "tr" else line.getparent()
    lines = () if table is None else table.iter("tr") if line.tag == "tr" else iter(table)
    for first in islice(lines, 3):
        cells = [each for each in first if isinstance(each.tag, str)]
        if first is not line and len(cells) == count:
            texts = [squeezed(cell, _CELL_TEXT) for cell in cells]
            return texts if not any(map(day_in, texts)) else []
    return []
