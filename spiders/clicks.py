"""Where an element leads: by its own address, or by the script that runs when it is clicked; pure."""

from __future__ import annotations

import re

from lxml import etree

# The number that a pager's script is called with: goPage(2), page('news', 3)
CALL = re.compile(r"\w\s{0,3}\((?:[^()]{0,80}?[,'\"\s])?(\d{1,4})['\"]?\s{0,3}[,)]")
_NO_ADDRESS = re.compile(r"(?i)\s*(?:$|#|javascript:)")
_QUOTED = re.compile(
    r"""(["'])((?:https?://|\.{0,2}/)[^"'\s<>]{1,500}|[\w%~.-][\w%~./-]{0,200}\.(?:s?html?|jspx?|aspx?|php|do|pdf)(?:\?[^"'\s<>]{0,300})?|\?[^"'\s<>]{3,300})\1"""
)


def leads_to(element: etree._Element) -> str | None:
    """Return the address that an element leads to, as it is written; None where it leads nowhere."""
    href: str | None = element.get("href")
    if href and not _NO_ADDRESS.match(href):
        return href
    clicked = _QUOTED.search(f"{element.get('onclick') or ''} {href or ''}"[:2_000])
    # Only ever as an address of its own: what is joined to something in the script is half of one.
    return clicked[2] if clicked and "+" not in clicked.string[clicked.end() : clicked.end() + 3] else None


def text_of(element: etree._Element, limit: int, joint: str = "") -> str:
    """Return the text of an element, cut at so many characters."""
    pieces: list[str] = []
    room = limit
    for piece in element.itertext():
        pieces.append(str(piece)[:room])
        room -= len(pieces[-1])
        if room <= 0:
            break
    return joint.join(pieces)


def squeezed(element: etree._Element, limit: int, joint: str = "") -> str:
    """Return the text of an element, cut at so many characters, with single spaces."""
    return " ".join(text_of(element, limit, joint).split())
