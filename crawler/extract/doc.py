"""A Word document of 1997 to 2003 ([MS-DOC]), and what WPS Writer makes in that form, to blocks; pure."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from crawler.extract.flow import fold
from crawler.extract.ole import BrokenFileError, streams
from spiders.markup import clean
from storage.model import Block, BlockKind, Extraction

MOST_CHARS = 5_000_000
_WORD = 0xA5EC
_WORD_97 = 0x00C1
_ENCRYPTED, _OTHER_TABLE = 0x0100, 0x0200
_NARROW = 0x4000_0000
_STREAMS = frozenset({"WordDocument", "0Table", "1Table"})

# What a field is made from stands before what it shows.
_CODE = re.compile("\x13[^\x13\x14\x15]*(?:\x14([^\x13\x14\x15]*))?\x15")
_MARKS = str.maketrans({"\x1e": "-", "\x1f": None, "\xa0": " ", "\x0b": "\r", "\x0c": "\r", "\x0e": "\r"})
_CELL = "\x07"


def extract_doc(body: bytes) -> Extraction:
    """Return the blocks of a document, or the failure "encrypted", "unsupported", "broken" or "no_text_layer".

    Pure.  Only the text of the document itself: no notes, heads or comments.  An older Word's is unsupported.
    """
    try:
        found = streams(body, _STREAMS)
        if "WordDocument" not in found:
            return Extraction(failure="unsupported")
        main = found["WordDocument"]
        magic, version = struct.unpack_from("<HH", main, 0)
        flags = struct.unpack_from("<H", main, 10)[0]
        if flags & _ENCRYPTED:
            return Extraction(failure="encrypted")
        if magic != _WORD or version < _WORD_97:
            return Extraction(failure="unsupported")
        table = found.get("1Table" if flags & _OTHER_TABLE else "0Table", b"")
        count = min(struct.unpack_from("<I", main, 0x4C)[0], MOST_CHARS)
        text = "".join(_pieces(main, table))[:count]
    except (BrokenFileError, struct.error):
        return Extraction(failure="broken")
    blocks = tuple(_blocks(text))
    return Extraction(blocks=blocks, failure=None if blocks else "no_text_layer")


def _pieces(main: bytes, table: bytes) -> Iterator[str]:
    """Yield the pieces of the text in order: a document that was saved often is made of many."""
    place, size = struct.unpack_from("<II", main, 0x01A2)
    clx = table[place : place + size]
    place = 0
    while clx[place : place + 1] == b"\x01":
        place += 3 + struct.unpack_from("<H", clx, place + 1)[0]
    if clx[place : place + 1] != b"\x02":
        raise BrokenFileError("no table of pieces")
    size = struct.unpack_from("<I", clx, place + 1)[0]
    plc = clx[place + 5 : place + 5 + size]
    count = (len(plc) - 4) // 12
    ends = struct.unpack_from(f"<{count + 1}I", plc, 0)
    left = MOST_CHARS
    for number in range(count):
        chars = min(ends[number + 1] - ends[number], left)
        if chars < 0:
            raise BrokenFileError("pieces out of order")
        left -= chars
        start = struct.unpack_from("<I", plc, 4 * (count + 1) + 8 * number + 2)[0]
        if start & _NARROW:
            start = (start & ~_NARROW) // 2
            yield main[start : start + chars].decode("cp1252", "replace")
        else:
            yield main[start : start + 2 * chars].decode("utf-16-le", "replace")


def _blocks(text: str) -> Iterator[Block]:
    before = None
    while text != before:
        before, text = text, _CODE.sub(lambda match: match[1] or "", text)
    cells: list[str] = []
    tokens = text.translate(_MARKS).split(_CELL)
    for place, token in enumerate(tokens):
        above, within = token, ""
        if place < len(tokens) - 1:
            above, _, within = token.rpartition("\r")
        if cells and cells[-1].strip() and place < len(tokens) - 1:
            cells.append(token.replace("\r", " "))  # amid a row: a cell, of several paragraphs perhaps
            continue
        if above:
            yield from _table(cells)
            cells = []
            for paragraph in above.split("\r"):
                if said := fold(clean(paragraph)):
                    yield Block(kind=BlockKind.PARAGRAPH, text=said)
        if place < len(tokens) - 1:
            cells.append(within)
    yield from _table(cells)


def _table(cells: list[str]) -> Iterator[Block]:
    """Yield the rows of a table: an empty mark ends each."""
    texts = [fold(clean(cell)) for cell in cells]
    width = next(
        (
            each
            for each in range(1, len(texts))
            if len(texts) % (each + 1) == 0
            and not any(texts[each :: each + 1])
            and all(any(texts[row : row + each]) for row in range(0, len(texts), each + 1))
        ),
        None,
    )
    if width is not None:
        rows = [texts[row : row + width] for row in range(0, len(texts), width + 1)]
    else:
        rows = [[]]
        for text in texts:
            if text:
                rows[-1].append(text)
            elif rows[-1]:
                rows.append([])
    if said := "\n".join(" | ".join(row) for row in rows if any(row)):
        yield Block(kind=BlockKind.TABLE, text=said)
