"""Where on a page a list stands: CSS selectors that take its rows and not what stands beside; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from lxml import etree, html
from lxml.cssselect import CSSSelector

# How far up from a list its place may lie.
_LEVELS = 5
_NAME = re.compile(r"[A-Za-z_][\w-]{0,60}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A selector, and the addresses of all links that stand in what it names."""

    selector: str
    urls: frozenset[str]


def places(
    tree: html.HtmlElement, frames: Sequence[etree._Element], links: Sequence[tuple[etree._Element, str]]
) -> tuple[Place, ...]:
    """Return the places of the list whose rows stand in some frames: the narrowest and plainest first.

    frames: elements of ``tree``; of another tree, a list has no place on the page.
    """
    around = _around(frames)
    if around is None or tree not in (around, *around.iterancestors()):
        return ()
    targets: dict[etree._Element, str] = dict(links)
    found: dict[str, Place] = {}
    for element in islice((around, *around.iterancestors()), _LEVELS):
        if element.tag in ("body", "html"):
            break
        for selector in _selectors(element):
            if selector not in found:
                inside = (each for place in CSSSelector(selector, translator="html")(tree) for each in place.iter("a"))
                urls = frozenset(targets[each] for each in inside if each in targets)
                found[selector] = Place(selector=selector, urls=urls)
    return tuple(found.values())


def _around(frames: Sequence[etree._Element]) -> etree._Element | None:
    """Return the smallest element that all frames lie in."""
    if not frames:
        return None
    shared = [frames[0], *frames[0].iterancestors()]
    for frame in frames[1:]:
        own = {frame, *frame.iterancestors()}
        shared = [each for each in shared if each in own]
    return shared[0] if shared else None


def _own(element: etree._Element) -> list[str]:
    """Return selectors by the element's own class or id; what looks counted comes last."""
    classes = [f"{element.tag}.{name}" for name in (element.get("class") or "").split() if _NAME.fullmatch(name)]
    name = element.get("id") or ""
    both = [*classes, *([f"{element.tag}#{name}"] if _NAME.fullmatch(name) else [])]
    return sorted(both, key=lambda each: re.search(r"\d", each) is not None)


def _selectors(element: etree._Element) -> Iterator[str]:
    if not isinstance(element.tag, str) or not _NAME.fullmatch(element.tag):
        return
    own = _own(element)
    yield from own
    parent = element.getparent()
    if not own and parent is not None:
        yield from (f"{each} > {element.tag}" for each in _own(parent))
