"""Plain text to blocks; pure."""

from __future__ import annotations

from crawler.extract.flow import fold
from spiders.markup import clean, decode
from storage.model import Block, BlockKind, Extraction

MOST_LINES = 200_000


def extract_plain(body: bytes, content_type: str) -> Extraction:
    """Return a block for each line of a plain text.

    Pure.
    """
    text, _ = decode(body, content_type)
    lines = (fold(line) for line in clean(text).splitlines()[:MOST_LINES])
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=line) for line in lines if line)
    return Extraction(blocks=blocks, failure=None if blocks else "empty")
