"""A Word document (Office Open XML) to blocks; pure."""

from __future__ import annotations

import io
import zipfile
import zlib

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.table import Table
from lxml import etree

from crawler.extract.flow import fold
from crawler.extract.package import is_bomb
from spiders.markup import clean
from storage.model import Block, BlockKind, Extraction

DOCUMENT_PART = "word/document.xml"


def _table_text(table: Table) -> str:
    rows = []
    for row in table.rows:
        cells = []
        seen: set[int] = set()
        for cell in row.cells:
            # A merged cell is listed once for each column that it spans.
            if id(cell._tc) not in seen:
                seen.add(id(cell._tc))
                cells.append(fold(clean(cell.text).replace("\n", " ")))
        if any(cells):
            rows.append(" | ".join(cells))
    return "\n".join(rows)


def extract_docx(body: bytes) -> Extraction:
    """Return the blocks of a Word document, or the failure "broken" or "empty".

    Pure.  Tables stand where the document has them.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            if is_bomb(archive, len(body)):
                return Extraction(failure="broken")
        document = docx.Document(io.BytesIO(body))
        blocks = []
        for piece in document.iter_inner_content():
            if isinstance(piece, Table):
                if text := _table_text(piece):
                    blocks.append(Block(kind=BlockKind.TABLE, text=text))
                continue
            style = (piece.style.name or "").lower() if piece.style is not None else ""
            kind = BlockKind.HEADING if style.startswith(("heading", "title", "标题")) else BlockKind.PARAGRAPH
            if text := fold(clean(piece.text)):
                blocks.append(Block(kind=kind, text=text))
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
    return Extraction(blocks=tuple(blocks), failure=None if blocks else "empty")
