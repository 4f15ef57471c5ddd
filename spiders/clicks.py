"""Where an element leads: by its own address, or by the script that runs when it is clicked; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from lxml import etree, html

# What may lead somewhere: links, and whatever a script makes clickable.
LEADING = ".//a|.//area|.//link|.//*[@onclick or @data-href or @data-url or @data-link]"
# The number that a pager's script is called with: goPage(2), page('news', 3)
CALL = re.compile(r"\w\s{0,3}\((?:[^()]{0,80}?[,'\"\s])?(\d{1,4})['\"]?\s{0,3}[,)]")
_NO_ADDRESS = re.compile(r"(?i)\s*(?:$|#|javascript:)")
_QUOTED = re.compile(
    r"""(["'])((?:https?://|\.{0,2}/)[^"'\s<>]{1,500}|[\w%~.-][\w%~./-]{0,200}\.(?:s?html?|jspx?|aspx?|php|do|pdf)(?:\?[^"'\s<>]{0,300})?|\?[^"'\s<>]{3,300})\1"""
)
_HELD = re.compile(
    r"(?:https?://|\.{0,2}/)\S{1,500}|[\w%~.-][\w%~./-]{0,200}\.(?:s?html?|jspx?|aspx?|php|do|pdf)(?:\?\S{0,300})?"
)
_HOLDERS = ("data-href", "data-url", "data-link")

# A function of the page that opens an address made of what it is called with.
_FUNCTION = re.compile(
    r"function\s{1,9}([A-Za-z_$][\w$]{0,60})\s{0,9}\(([^()]{1,200})\)\s{0,9}\{"
    r"|\b([A-Za-z_$][\w$]{0,60})\s{0,9}=\s{0,9}function\s{0,9}\(([^()]{1,200})\)\s{0,9}\{"
)
_PIECE = r"""(?:"[^"\n]{0,300}"|'[^'\n]{0,300}'|[A-Za-z_$][\w$]{0,60})"""
_OPENING = re.compile(
    rf"""(?:location(?:\.href)?\s{{0,9}}=|location\.(?:assign|replace)\s{{0,9}}\(|\.open\s{{0,9}}\()\s{{0,9}}"""
    rf"""({_PIECE}(?:\s{{0,9}}\+\s{{0,9}}{_PIECE}){{1,8}})(?!\s{{0,9}}[+.(\[])"""
)
_SPLIT = re.compile(_PIECE)
_CALLED = re.compile(r"\b([A-Za-z_$][\w$]{0,60})\s{0,3}\(([^()]{1,300})\)")
_ARGUMENT = re.compile(r"""\s{0,9}(?:"([^"\n]{0,200})"|'([^'\n]{0,200})'|(\d{1,20}))\s{0,9}(?:,|$)""")
_MOST_SCRIPT = 500_000
_BODY = 800
_MOST_OPENERS = 50

# By a function's name: the pieces of the address that it opens; a number is the place of an argument.
Openers = Mapping[str, tuple[str | int, ...]]


def scripts_of(tree: html.HtmlElement) -> str:
    """Return the text of a page's own scripts."""
    return "\n".join(script.text or "" for script in tree.iter("script"))[:_MOST_SCRIPT]


def openers(tree: html.HtmlElement) -> Openers:
    """Return the functions of a page that open an address made of nothing but what they are called with."""
    text = scripts_of(tree)
    found: dict[str, tuple[str | int, ...]] = {}
    for match in islice(_FUNCTION.finditer(text), _MOST_OPENERS):
        name, given = match[1] or match[3], match[2] or match[4]
        names = [each.strip() for each in given.split(",")]
        body = text[match.end() : match.end() + _BODY].partition("function ")[0]
        opening = _OPENING.search(body)
        pieces = tuple(_pieces(opening[1], names)) if opening else ()
        if any(isinstance(piece, int) for piece in pieces) and None not in pieces:
            found.setdefault(name, tuple(piece for piece in pieces if piece is not None))
    return found


def _pieces(joined: str, names: list[str]) -> Iterator[str | int | None]:
    for piece in _SPLIT.findall(joined):
        if piece[0] in "\"'":
            yield piece[1:-1]
        else:
            yield names.index(piece) if piece in names else None


def leads_to(element: etree._Element, openers: Openers | None = None) -> str | None:
    """Return the address that an element leads to, as it is written; None where it leads nowhere.

    openers: of the page.
    """
    href: str | None = element.get("href")
    if href and not _NO_ADDRESS.match(href):
        return href
    called = f"{element.get('onclick') or ''} {href or ''}"[:2_000]
    if clicked := _QUOTED.search(called):
        # Only ever as an address of its own: what is joined to something in the script is half of one.
        return clicked[2] if "+" not in called[clicked.end() : clicked.end() + 3] else None
    for match in _CALLED.finditer(called) if openers else ():
        if pieces := (openers or {}).get(match[1]):
            return _opened(pieces, match[2])
    held = next(filter(None, (element.get(name) for name in _HOLDERS)), None) if href is None else None
    # What holds links of its own is no row but their frame.
    return held if held and _HELD.fullmatch(held) and element.find(".//a[@href]") is None else None


def _opened(pieces: tuple[str | int, ...], given: str) -> str | None:
    values = [first or second or number for first, second, number in _ARGUMENT.findall(given)]
    if any(isinstance(piece, int) and (piece >= len(values) or not values[piece]) for piece in pieces):
        return None
    return "".join(values[piece] if isinstance(piece, int) else piece for piece in pieces)


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
