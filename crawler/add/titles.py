"""What a link is called: by its text, or by what stands above it; pure."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice

from lxml import etree

from spiders.clicks import squeezed
from spiders.hints import title_in

HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_WORD = re.compile(r"[^\W\d_\u3040-\u30ff\u3400-\u9fff]{2,}|\d+")
_READ_ON = re.compile(
    r"(?i)(?:查看|阅读|了解)?(?:详情|详细|全文)\S{0,3}|(?:了解|阅读)更多\S{0,3}"
    r"|(?:(?:read|learn|find\sout)\s(?:the\s)?(?:more|full\s\S{1,12})|continue\sreading|(?:full\s|view\s)?details)"
    r"\W{0,4}"
)
# How far up from a link its row may reach.
_ROW_LEVELS = 4


def is_title(text: str) -> bool:
    """Tell whether a text is long enough for a document's title: 6 Han characters, or 3 words; pure."""
    return len(HAN.findall(text)) >= 6 or len(_WORD.findall(text)) + len(HAN.findall(text)) // 2 >= 3


def title_of(anchor: etree._Element) -> str:
    text = max(title_in(anchor.get("title")) or "", squeezed(anchor, 300), key=len)
    if not _READ_ON.fullmatch(text):
        return text
    # What reads alike in all rows is no title: that is told to those who cannot see, or stands above as a heading.
    told = title_in(anchor.get("aria-label")) or ""
    return told if len(told) > len(text) and is_title(told) else _heading(anchor) or text


def _heading(anchor: etree._Element) -> str:
    """Return the heading of what a link stands in, where that has one heading and one such link."""
    for around in islice(anchor.iterancestors(), _ROW_LEVELS):
        headings = list(islice(around.iter("h2", "h3", "h4", "h5", "h6"), 2))
        if headings:
            alike = [each for each in islice(around.iter("a"), 20) if _READ_ON.fullmatch(squeezed(each, 40))]
            return squeezed(headings[0], 300) if len(headings) == len(alike) == 1 else ""
    return ""


def han_share(texts: list[str]) -> float:
    """Return which part of the letters of some texts are Han characters; pure."""
    counts = Counter("han" if HAN.match(letter) else "other" for text in texts for letter in text if letter.isalpha())
    return counts["han"] / (counts.total() or 1)
