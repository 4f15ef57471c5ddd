"""Small boxes around what a reader is to press or fill in: forms of newsletters, votes, calls to an app; pure.

Whatever they are called and whatever they say, they are tools of the site.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lxml import html

from crawler.extract.flow import Line, is_block
from crawler.extract.furniture import is_byline
from crawler.extract.pager import file_link
from storage.model import BlockKind

_MOST_LINES = 8
_MOST_WEIGHT = 400
_MOST_WEIGHT_OF_LINE = 60
_CONTROLS = ("button", "input", "select", "textarea")
_ANY = "http://page.invalid/"
# One line of a text may have a knob in it.
_ONE_LINE = frozenset({"p", "li", "td", "th", "dd", "dt", "h2", "h3", "h4", "h5", "h6"})


def controls(
    shell: html.HtmlElement,
    lines: Sequence[Line],
    held: Mapping[html.HtmlElement, Sequence[int]],
    titles: frozenset[str],
) -> list[html.HtmlElement]:
    """Return the boxes with controls in them that hold little else.

    Pure.  Never one with the page's title, its date or a file in it, one that only heads what is below it, or one
    above all running text.

    held: for each element, the places of the lines in it.  titles: texts that may be the title, no white space.
    """
    first = next((place for place, line in enumerate(lines) if line.is_prose), len(lines))
    found: dict[html.HtmlElement, None] = {}
    for control in shell.iter(*_CONTROLS):
        if (control.get("type") or "").lower() == "hidden":
            continue
        box = control.getparent()
        while box is not None and box is not shell and not (is_block(box) and box in held):
            box = box.getparent()
        if box is None or box is shell or box in found:
            continue
        said = [lines[place] for place in held[box]]
        most = _MOST_WEIGHT_OF_LINE if box.tag in _ONE_LINE else _MOST_WEIGHT
        if len(said) > _MOST_LINES or sum(line.weight for line in said) > most:
            continue
        if held[box][0] < first or all(line.kind is BlockKind.HEADING for line in said):
            continue
        if not any(_is_documents(line, titles) for line in said):
            found[box] = None
    return list(found)


def _is_documents(line: Line, titles: frozenset[str]) -> bool:
    if line.element.tag == "h1" or line.key in titles or is_byline(line.text):
        return True
    return any(file_link(_ANY, anchor) for anchor in line.links)
