"""A Word document (Office Open XML) to blocks; pure.

What a reader sees once all changes are accepted: inserted text, not deleted text; text in content controls, fields and
text boxes; the numbers that Word sets before paragraphs.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator

import docx
from docx.opc.exceptions import PackageNotFoundError
from lxml import etree

from crawler.extract.docx_numbering import Numbering
from crawler.extract.flow import fold
from crawler.extract.package import is_bomb, part
from spiders.markup import clean
from storage.model import Block, BlockKind, Extraction

DOCUMENT_PART = "word/document.xml"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_COMPATIBLE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# What no reader sees: taken out text, the older twin of a drawing, how a field is made, properties.
_UNSEEN = frozenset(
    f"{_W}{name}"
    for name in ("del", "moveFrom", "instrText", "delText", "pPr", "rPr", "sdtPr", "tblPr", "tcPr", "trPr")
) | {f"{_COMPATIBLE}Fallback"}
_BREAKS = frozenset(f"{_W}{name}" for name in ("tab", "br", "cr", "ptab"))
_BOX = f"{_W}txbxContent"


class _Reader:
    """Reads the body of one document, counting its numbered paragraphs on the way."""

    def __init__(self, headings: frozenset[str], numbering: Numbering) -> None:
        self._headings = headings
        self._numbering = numbering
        self.blocks: list[Block] = []

    def read(self, parent: etree._Element) -> None:
        """Add the blocks of an element's paragraphs and tables, in order."""
        for child in parent:
            if child.tag == f"{_W}p":
                self._paragraph(child)
            elif child.tag == f"{_W}tbl":
                if text := self._table(child):
                    self.blocks.append(Block(kind=BlockKind.TABLE, text=text))
            elif isinstance(child.tag, str) and child.tag not in _UNSEEN and child.tag != f"{_W}sectPr":
                self.read(child)

    def _paragraph(self, paragraph: etree._Element) -> None:
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        name = "" if style is None else style.get(f"{_W}val") or ""
        kind = BlockKind.HEADING if name in self._headings else BlockKind.PARAGRAPH
        if text := self._text(paragraph):
            self.blocks.append(Block(kind=kind, text=text))
        for box in _boxes(paragraph):
            self.read(box)

    def _text(self, paragraph: etree._Element) -> str:
        said = fold(clean("".join(_strings(paragraph))))
        return fold(f"{self._numbering.before(paragraph)}{said}") if said else ""

    def _table(self, table: etree._Element) -> str:
        rows = []
        for row in _children(table, f"{_W}tr"):
            cells = [" ".join(filter(None, self._cell(cell))) for cell in _children(row, f"{_W}tc")]
            if any(cells):
                rows.append(" | ".join(cells))
        return "\n".join(rows)

    def _cell(self, cell: etree._Element) -> Iterator[str]:
        for child in cell:
            if child.tag == f"{_W}p":
                yield self._text(child)
                for box in _boxes(child):
                    yield from self._cell(box)
            elif child.tag == f"{_W}tbl":
                yield self._table(child).replace("\n", " ").replace(" | ", " ")
            elif isinstance(child.tag, str) and child.tag not in _UNSEEN:
                yield from self._cell(child)


def _children(parent: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Yield the children of a kind, also those in content controls."""
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml"):
            yield from _children(child, tag)


def _strings(parent: etree._Element) -> Iterator[str]:
    for child in parent:
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag in _BREAKS:
            yield " "
        elif child.tag == f"{_W}noBreakHyphen":
            yield "-"
        elif isinstance(child.tag, str) and child.tag not in _UNSEEN and child.tag != _BOX:
            if child.tag == f"{_W}r" and child.find(f"{_W}rPr/{_W}vanish") is not None:
                continue
            yield from _strings(child)


def _boxes(parent: etree._Element) -> Iterator[etree._Element]:
    """Yield the text boxes anchored in a paragraph, each once."""
    for child in parent:
        if child.tag == _BOX:
            yield child
        elif isinstance(child.tag, str) and child.tag not in _UNSEEN:
            yield from _boxes(child)


def extract_docx(body: bytes) -> Extraction:
    """Return the blocks of a Word document, or the failure "broken" or "empty".

    Pure.  Tables stand where the document has them, text boxes below the paragraph that holds them.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            if is_bomb(archive, len(body)):
                return Extraction(failure="broken")
            numbers = part(archive, "word/numbering.xml")
            styles = part(archive, "word/styles.xml")
        document = docx.Document(io.BytesIO(body))
        headings = frozenset(
            style.style_id
            for style in document.styles
            if (style.name or "").lower().startswith(("heading", "title", "标题"))
        )
        reader = _Reader(headings, Numbering(numbers, styles))
        reader.read(document.element.body)
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        PackageNotFoundError,
        etree.LxmlError,
        KeyError,
        IndexError,
        AttributeError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        EOFError,
        zlib.error,
        OSError,
    ):
        # python-docx has no error of its own for a package that does not hold what it promises.
        return Extraction(failure="broken")
    return Extraction(blocks=tuple(reader.blocks), failure=None if reader.blocks else "empty")
