"""An OFD document, the layout format of Chinese agencies (GB/T 33190), to blocks; pure."""

from __future__ import annotations

import io
import re
import zipfile

from lxml import etree

from crawler.extract.package import BROKEN, is_bomb, part
from crawler.extract.pdf import MOST_CHARS, MOST_PAGES, paragraphs_of
from spiders.markup import clean
from storage.model import Extraction

ROOT_PART = "OFD.xml"
_PAGE = re.compile(r"(?:^|/)Page_(\d{1,5})/Content\.xml$")
# Pieces of one line differ by less in height; millimetres.
_SAME_LINE = 1.5


def extract_ofd(body: bytes) -> Extraction:
    """Return the blocks of an OFD document, or the failure "broken" or "no_text_layer".

    Pure.  Lines are put together from the places of their pieces, paragraphs from lines as in a PDF.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            if is_bomb(archive, len(body)):
                return Extraction(failure="broken")
            pages = sorted((int(match[1]), name) for name in archive.namelist() if (match := _PAGE.search(name)))
            pieces = []
            for _, name in pages[:MOST_PAGES]:
                root = part(archive, name)
                pieces.append("\n".join(_lines(root)) if root is not None else "")
    except BROKEN:
        return Extraction(failure="broken")
    lines = [clean(page)[:MOST_CHARS] for page in pieces]
    blocks = paragraphs_of(lines)
    return Extraction(blocks=tuple(blocks), failure=None if blocks else "no_text_layer")


def _lines(page: etree._Element) -> list[str]:
    placed: list[tuple[float, float, str]] = []
    for piece in page.iter("{*}TextObject"):
        text = "".join(code.text or "" for code in piece.iter("{*}TextCode")).strip()
        box = [float(number) for number in (piece.get("Boundary") or "0 0 0 0").split()[:4]]
        if text and len(box) == 4:
            placed.append((box[1] + box[3] / 2, box[0], text))
    lines: list[tuple[float, list[tuple[float, str]]]] = []
    for height, left, text in sorted(placed):
        if lines and abs(lines[-1][0] - height) <= _SAME_LINE:
            lines[-1][1].append((left, text))
        else:
            lines.append((height, [(left, text)]))
    return ["".join(text for _, text in sorted(pieces)) for _, pieces in lines]
