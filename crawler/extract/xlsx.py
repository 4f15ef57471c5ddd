"""A spreadsheet (Office Open XML) to blocks: a table for each sheet; pure."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lxml import etree

from crawler.extract.flow import fold
from crawler.extract.package import BROKEN, is_bomb, part
from spiders.markup import clean
from storage.model import Block, BlockKind, Extraction

WORKBOOK_PART = "xl/workbook.xml"
_MOST_CELLS = 200_000
_MOST_COLUMNS = 200
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# Numbers of formats that every workbook knows (ECMA-376, part 1, 18.8.30), with those of East Asian editions.
_DAY_FORMATS = frozenset({*range(14, 18), 22, *range(27, 32), 36, *range(50, 59)})
_TIME_FORMATS = frozenset({*range(18, 22), *range(32, 36), 45, 46, 47})
_SHARE_FORMATS = frozenset({9, 10})
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.')
# The days of the two ways to count them; in the older one 1900 has a day too many, which is over by here.
_FIRST_DAY, _FIRST_DAY_1904 = datetime(1899, 12, 30, tzinfo=UTC), datetime(1904, 1, 1, tzinfo=UTC)
_LAST_DAY = 2_950_000
_DIGITS = 15


def extract_xlsx(body: bytes) -> Extraction:
    """Return a heading and a table for each sheet, or the failure "broken" or "empty".

    Pure.  Cells say what a reader sees, near enough: of a formula its last value, days as days, shares in per cent.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            if is_bomb(archive, len(body)):
                return Extraction(failure="broken")
            blocks = _blocks(archive)
    except BROKEN:
        return Extraction(failure="broken")
    return Extraction(blocks=tuple(blocks), failure=None if blocks else "empty")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Book:
    """What the cells of a workbook refer to: texts, and of each style what its numbers are."""

    strings: Sequence[str]
    kinds: Mapping[str, str]
    first_day: datetime


def _blocks(archive: zipfile.ZipFile) -> list[Block]:
    workbook = part(archive, WORKBOOK_PART)
    properties = None if workbook is None else workbook.find("{*}workbookPr")
    since_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    book = _Book(
        strings=_strings(archive),
        kinds=_kinds(archive),
        first_day=_FIRST_DAY_1904 if since_1904 else _FIRST_DAY,
    )
    blocks: list[Block] = []
    left = _MOST_CELLS
    sheets = _sheets(archive, workbook)
    for said, name in sheets:
        sheet = part(archive, name)
        rows = [] if sheet is None else _rows(sheet, book, left)
        left -= sum(map(len, rows))
        if not rows:
            continue
        title = fold(clean(said))
        if title and len(sheets) > 1:
            blocks.append(Block(kind=BlockKind.HEADING, text=title))
        blocks.append(Block(kind=BlockKind.TABLE, text="\n".join(" | ".join(row) for row in rows)))
    return blocks


def _sheets(archive: zipfile.ZipFile, workbook: etree._Element | None) -> list[tuple[str, str]]:
    """Return name and part of each sheet, in the order that a reader sees."""
    parts = sorted(
        (int(match[1]), name)
        for name in archive.namelist()
        if (match := re.fullmatch(r"xl/worksheets/sheet(\d{1,4})\.xml", name))
    )
    listed = [] if workbook is None else list(workbook.iterfind(".//{*}sheet"))
    relations = part(archive, "xl/_rels/workbook.xml.rels")
    targets = {
        relation.get("Id"): (relation.get("Target") or "").removeprefix("/xl/").removeprefix("./")
        for relation in (() if relations is None else relations.iterfind("{*}Relationship"))
    }
    named = [(sheet.get("name") or "", f"xl/{targets.get(sheet.get(_RELATION), '')}") for sheet in listed]
    known = {name for _, name in parts}
    if named and {name for _, name in named} == known:
        return named
    names = [sheet.get("name") or "" for sheet in listed]
    return [(names[place] if place < len(names) else "", name) for place, (_, name) in enumerate(parts)]


def _kinds(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return, by the number of a cell's style, "day", "time" or "share"; nothing of other numbers."""
    styles = part(archive, "xl/styles.xml")
    if styles is None:
        return {}
    written = {each.get("numFmtId"): each.get("formatCode") or "" for each in styles.iterfind(".//{*}numFmt")}
    kinds: dict[str, str] = {}
    for place, style in enumerate(styles.iterfind("{*}cellXfs/{*}xf")):
        number = style.get("numFmtId") or "0"
        if kind := _kind_of(number, written.get(number, "")):
            kinds[str(place)] = kind
    return kinds


def _kind_of(number: str, code: str) -> str:
    code = _QUOTED.sub("", code.lower())
    if any(mark in code for mark in "yd") and not any(mark in code for mark in "0#"):
        return "day"
    if "h" in code:
        return "time"
    if code.rstrip().endswith("%"):
        return "share"
    known = int(number) if number.isdecimal() and len(number) < 5 and not code else -1
    names = (("day", _DAY_FORMATS), ("time", _TIME_FORMATS), ("share", _SHARE_FORMATS))
    return next((name for name, numbers in names if known in numbers), "")


def _strings(archive: zipfile.ZipFile) -> list[str]:
    root = part(archive, "xl/sharedStrings.xml")
    return [] if root is None else [_text(item) for item in root.iterfind("{*}si")]


def _text(item: etree._Element) -> str:
    # Not those within rPh, which say how words are read aloud.
    texts = [
        text.text or ""
        for path in ("{*}t", "{*}r/{*}t", "{*}is/{*}t", "{*}is/{*}r/{*}t")
        for text in item.iterfind(path)
    ]
    return fold(clean("".join(texts)).replace("\n", " "))


def _rows(sheet: etree._Element, book: _Book, most: int) -> list[list[str]]:
    rows: list[list[str]] = []
    for row in sheet.iterfind(".//{*}row"):
        cells: dict[int, str] = {}
        for number, cell in enumerate(row.iterfind("{*}c")):
            column = _column(cell.get("r") or "", number)
            if column < _MOST_COLUMNS and (text := _cell(cell, book)):
                cells[column] = text
        if cells and most > 0:
            rows.append([cells.get(column, "") for column in range(max(cells) + 1)])
            most -= len(rows[-1])
    empty = min((next(place for place, cell in enumerate(row) if cell) for row in rows), default=0)
    return [row[empty:] for row in rows]


def _column(reference: str, fallback: int) -> int:
    letters = re.match("[A-Z]{1,3}", reference)
    if not letters:
        return fallback
    number = 0
    for letter in letters[0]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _cell(cell: etree._Element, book: _Book) -> str:
    kind = cell.get("t")
    if kind == "inlineStr":
        return _text(cell)
    value = (cell.findtext("{*}v") or "")[:1_000]
    if kind == "s":
        place = int(value) if value.isdecimal() else -1
        return book.strings[place] if 0 <= place < len(book.strings) else ""
    if kind == "b":
        return {"1": "TRUE", "0": "FALSE"}.get(value, "")
    return (
        fold(clean(value))
        if kind in ("str", "e", "d")
        else _number(value, book.kinds.get(cell.get("s") or "", ""), book)
    )


def _number(value: str, kind: str, book: _Book) -> str:
    try:
        number = float(value)
    except ValueError:
        return fold(clean(value))
    if kind == "day" and 0 < number <= _LAST_DAY:
        at = book.first_day + timedelta(seconds=round(number * 86_400))
        return f"{at:%Y-%m-%d}" if number.is_integer() else f"{at:%Y-%m-%d %H:%M}"
    if kind == "time" and 0 <= number < 1:
        return f"{book.first_day + timedelta(seconds=round(number * 86_400)):%H:%M}"
    if kind == "share":
        return f"{number * 100:.10g}%"
    # Sums of fractions leave digits behind that no reader sees.
    return (
        f"{number:.{_DIGITS}g}" if sum(map(str.isdigit, value)) > _DIGITS and abs(number) < 1e15 else fold(clean(value))
    )
