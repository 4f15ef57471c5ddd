"""A page set anew in plain markup: its boxes, and in them one element for each line; pure.

trafilatura reads tags: it takes a text in <p> for more of a text than the same in <div> or between <br>. Sites
change their markup and not what they say. So it is given the page as a reader sees it: boxes that hold several
lines, each line in the one tag for its kind, links as a share of their line. Scripts, style sheets and wrappers
are gone, which also makes it several times faster.
"""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree, html

from crawler.extract.flow import HEADINGS, Line
from storage.model import BlockKind

# What trafilatura knows of a box beside its names.
_TELLING = frozenset({"article", "main", "nav", "aside", "footer", "header", "blockquote", "ul", "ol", "pre"})
# Of these trafilatura reads nothing; tables in them are read all the same.
_UNREAD = frozenset({"figure", "figcaption", "dialog", "fieldset", "legend", "label", "marquee"})
_MOST_NAMES = 400
_MOST_ANCHORS = 30


def skeleton(lines: Sequence[Line], paths: Sequence[Sequence[html.HtmlElement]]) -> html.HtmlElement:
    """Return a page of nothing but these lines and the boxes that hold more than one of them.

    Pure.

    paths: for each line, its elements from the body down.
    """
    held: dict[html.HtmlElement, int] = {}
    for path in paths:
        for element in path:
            held[element] = held.get(element, 0) + 1
    root = html.Element("html")
    body = etree.SubElement(root, "body")
    boxes: dict[html.HtmlElement, html.HtmlElement] = {}
    forms = _forms(lines, paths)
    for line, path in zip(lines, paths, strict=True):
        unread = any(element.tag in _UNREAD or element in forms for element in path)
        if unread and line.kind is not BlockKind.TABLE:
            continue
        home = body
        above = len(lines)
        names: list[html.HtmlElement] = []
        telling = ""
        for element in path[1:]:
            count = held[element]
            if count == 1 and line.kind is not BlockKind.TABLE:
                names.append(element)
                continue
            if count == above:
                # A wrapper around what is in one box already: its names are that box's.
                _name(home, element)
                if element.tag in _TELLING and home.tag == "div":
                    home.tag = element.tag
                boxes.setdefault(element, home)
                continue
            above = count
            if element not in boxes:
                box = etree.SubElement(home, element.tag if element.tag in _TELLING else "div")
                boxes[element] = box
                _name(box, element)
            home = boxes[element]
        telling = next((element.tag for element in names if element.tag in ("nav", "aside", "footer", "header")), "")
        if telling:
            home = etree.SubElement(home, telling)
        _set(home, line, names)
    return root


def _forms(lines: Sequence[Line], paths: Sequence[Sequence[html.HtmlElement]]) -> set[html.HtmlElement]:
    """Return the forms that a reader fills in; some systems set a whole page in one."""
    held: dict[html.HtmlElement, int] = {}
    total = 0
    for line, path in zip(lines, paths, strict=True):
        size = len(line.text) if line.is_prose else 0
        total += size
        for element in path:
            if element.tag == "form":
                held[element] = held.get(element, 0) + size
    return {element for element, size in held.items() if 2 * size < total}


def _name(box: html.HtmlElement, element: html.HtmlElement) -> None:
    for name in ("class", "id", "role", "itemprop"):
        value = element.get(name)
        if value and value not in (known := box.get(name, "")):
            box.set(name, f"{known} {value}".strip()[:_MOST_NAMES])


def _set(home: html.HtmlElement, line: Line, names: Sequence[html.HtmlElement]) -> None:
    if line.kind is BlockKind.TABLE:
        table = etree.SubElement(home, "table")
        for row in line.text.split("\n"):
            cells = etree.SubElement(table, "tr")
            for cell in row.split(" | "):
                etree.SubElement(cells, "td").text = cell
        return
    tag = "p"
    if line.kind is BlockKind.HEADING:
        tag = next((element.tag for element in reversed(names) if element.tag in HEADINGS), "h3")
    elif line.kind is BlockKind.LIST:
        tag = "li"
    made = etree.SubElement(home, tag)
    for element in names:
        _name(made, element)
    count = min(len(line.links), _MOST_ANCHORS)
    if not count or not line.link_chars:
        made.text = line.text
        return
    share = round(line.link_share * len(line.text))
    step = max(1, share // count)
    for number in range(count):
        anchor = etree.SubElement(made, "a")
        anchor.set("href", "/")
        end = share if number == count - 1 else (number + 1) * step
        anchor.text = line.text[number * step : end]
    made[-1].tail = line.text[share:]
