"""A spreadsheet (Office Open XML) to blocks: a table for each sheet; pure."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence

from lxml import etree

from crawler.extract.flow import fold
from crawler.extract.package import BROKEN, is_bomb, part
from spiders.markup import clean
from storage.model import Block, BlockKind, Extraction

WORKBOOK_PART = "xl/workbook.xml"
_MOST_CELLS = 200_000
_MOST_COLUMNS = 200


def extract_xlsx(body: bytes) -> Extraction:
    """Return a heading and a table for each sheet, or the failure "broken" or "empty".

    Pure.  Cells say what the file stores: of a formula its last value, of a day its number.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            if is_bomb(archive, len(body)):
                return Extraction(failure="broken")
            blocks = _blocks(archive)
    except BROKEN:
        return Extraction(failure="broken")
    return Extraction(blocks=tuple(blocks), failure=None if blocks else "empty")


def _blocks(archive: zipfile.ZipFile) -> list[Block]:
    strings = _strings(archive)
    workbook = part(archive, WORKBOOK_PART)
    names = [] if workbook is None else [sheet.get("name") or "" for sheet in workbook.iterfind(".//{*}sheet")]
    sheets = sorted(
        (int(match[1]), name)
        for name in archive.namelist()
        if (match := re.fullmatch(r"xl/worksheets/sheet(\d{1,4})\.xml", name))
    )
    blocks: list[Block] = []
    left = _MOST_CELLS
    for place, (_, name) in enumerate(sheets):
        sheet = part(archive, name)
        rows = [] if sheet is None else _rows(sheet, strings, left)
        left -= sum(map(len, rows))
        if not rows:
            continue
        title = fold(clean(names[place])) if place < len(names) else ""
        if title and len(sheets) > 1:
            blocks.append(Block(kind=BlockKind.HEADING, text=title))
        blocks.append(Block(kind=BlockKind.TABLE, text="\n".join(" | ".join(row) for row in rows)))
    return blocks


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


def _rows(sheet: etree._Element, strings: Sequence[str], most: int) -> list[list[str]]:
    rows: list[list[str]] = []
    for row in sheet.iterfind(".//{*}row"):
        cells: dict[int, str] = {}
        for number, cell in enumerate(row.iterfind("{*}c")):
            column = _column(cell.get("r") or "", number)
            if column < _MOST_COLUMNS and (text := _cell(cell, strings)):
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


def _cell(cell: etree._Element, strings: Sequence[str]) -> str:
    kind = cell.get("t")
    if kind == "inlineStr":
        return _text(cell)
    value = cell.findtext("{*}v") or ""
    if kind == "s":
        place = int(value) if value.isdecimal() else -1
        return strings[place] if 0 <= place < len(strings) else ""
    return fold(clean(value[:1_000]))
