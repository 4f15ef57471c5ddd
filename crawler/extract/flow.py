"""A page as lines: what a reader sees as one paragraph is one line, however the markup splits it; pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from lxml import etree, html

from storage.model import BlockKind

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = HEADINGS | frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "hgroup",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "optgroup",
        "option",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "marquee",
    ]
)
SKIPPED = frozenset(
    [
        "applet",
        "area",
        "audio",
        "base",
        "button",
        "canvas",
        "datalist",
        "embed",
        "head",
        "iframe",
        "input",
        "link",
        "map",
        "meta",
        "noframes",
        "noscript",
        "object",
        "param",
        "progress",
        "script",
        "select",
        "source",
        "style",
        "svg",
        "template",
        "textarea",
        "title",
        "track",
        "video",
    ]
)
_LONGEST_LINE = 200_000
_LONGEST_CELL = 600
_LONGEST_SPREAD = 300
_MOST_STEPS = 120
_FEWEST_MENU = 3
_MENU_SHARE = 0.8
_PROSE_CELL = 200
_FEWEST_RUNNING = 3
_LIGHTEST_RUNNING = 10
_RUNNING_WEIGHT = 100
_TOUCH = "\x1f"  # no tree holds it

_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\ufff9-\ufffb]")
# Some writings break words there; Chinese and Latin text never does so letter by letter.
_OBSCURED = re.compile(
    "(?:[\u3400-\u9fffA-Za-z][\u200b-\u200d\u2060-\u2064\ufeff\u00ad]{1,4}){3}(?=[\u3400-\u9fffA-Za-z])"
)
_FEWEST_OBSCURED = 2
_WIDE = "\u2e80-\u303f\u3040-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef"
# Source line breaks between wide characters are no space to a reader (CSS Text 4, segment breaks).
_WIDE_BREAK = re.compile(f"(?<=[{_WIDE}])[ \t]*[\r\n][ \t\r\n]*(?=[{_WIDE}])")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]+")
_DISPLAY_BLOCK = re.compile(r"display\s{0,9}:\s{0,9}(?:block|flex|grid|table|list-item)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One paragraph, heading, list entry or data table, in page order.

    element: the nearest block element around it.  links: its anchors that have an address.
    link_chars: length of the text inside anchors, white space left out.
    in_run: it stands among short sentences that make up a text together, as those of a poem or a dialogue do.
    obscured: characters that nobody sees stand between most of its letters, against those who search for words.
    key: the text without white space, as lines are compared.  weight: of the text.
    """

    text: str
    kind: BlockKind
    element: html.HtmlElement
    links: tuple[html.HtmlElement, ...] = ()
    link_chars: int = 0
    in_run: bool = False
    obscured: bool = False

    @cached_property
    def forms(self) -> dict[bool, str | None]:
        """The rules that its text met, in the head of a page or not, once asked; kept by who asks."""
        return {}

    @cached_property
    def key(self) -> str:
        """The text without white space, as lines are compared."""
        return squeeze(self.text)

    @cached_property
    def weight(self) -> int:
        """The length of the text, Han characters counted double."""
        return weight(self.text)

    @cached_property
    def key_weight(self) -> int:
        """The weight of the text without white space."""
        return weight(self.key)

    @cached_property
    def link_share(self) -> float:
        """Share of the characters that are links."""
        return self.link_chars / max(1, len(self.key))

    @cached_property
    def is_prose(self) -> bool:
        """Whether it reads like running text of some length and is no list of links."""
        return self.in_run or (
            self.kind is not BlockKind.TABLE
            and self.link_share < 0.5
            and self.weight >= 50
            and (self.weight >= 100 or any(mark in self.text for mark in "。！？；，、!?;,.:：،۔؟।"))
        )


def fold(text: str) -> str:
    """Return a text on one line: white space folded, invisible and direction characters left out; pure."""
    if text.isascii() or text.isprintable():  # no other break in it than a space, and nothing that is not seen
        return " ".join(text.split())
    return " ".join(_WIDE_BREAK.sub("", _INVISIBLE.sub("", text)).split())


def squeeze(text: str) -> str:
    """Return a text without any white space; pure."""
    return "".join(text.split())


def weight(text: str) -> int:
    """Return the length of a text where Han characters count double, as they say twice as much; pure."""
    return len(text) if text.isascii() else 2 * len(text) - len(_HAN.sub("", text))


def spread(line: Line) -> str:
    """Return the text of a short line with a gap where two elements touch, as pages set date and origin apart; pure.

    The text itself where the line is not all of its block.
    """
    if len(line.text) > _LONGEST_SPREAD or line.kind is BlockKind.TABLE:
        return line.text
    children = line.element.iterchildren()
    # To ask for their number would count them all, for each line of the box.
    if next(children, None) is None or next(children, None) is None:
        return line.text
    pieces: list[str] = []
    said = 0
    for count, (event, node) in enumerate(etree.iterwalk(line.element, events=("start", "end"))):
        if count > _MOST_STEPS or said > len(line.key):
            # Asked of each line of a box: none of many is all of it.
            return line.text
        if event == "start":
            if isinstance(node.tag, str) and node.tag not in SKIPPED:
                pieces.append(node.text or "")
                said += len(squeeze(pieces[-1]))
        elif node is not line.element:
            touches = not (node.tail or "").strip() and node.getnext() is not None
            pieces.append(_TOUCH if touches else node.tail or "")
            said += 0 if touches else len(squeeze(pieces[-1]))
    text = "  ".join(filter(None, map(fold, "".join(pieces).split(_TOUCH))))
    return text if squeeze(text) == line.key else line.text


def is_sentence(text: str) -> bool:
    """Tell whether a text ends, or goes on, like a sentence; pure."""
    return text.rstrip("\"'”’」』）)】]» ").endswith(("。", "！", "？", "；", "!", "?", ";", "…", ".", "：", ":", "，"))


def is_block(element: html.HtmlElement) -> bool:
    """Tell whether an element begins a line of its own; pure."""
    return element.tag in _BLOCKS or (
        element.tag == "span" and bool(_DISPLAY_BLOCK.search((element.get("style") or "")[:1_000]))
    )


def _rows(table: html.HtmlElement) -> list[list[str]]:
    rows = []
    for row in table.iter("tr"):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        texts = [fold(" ".join(_texts(cell))) for cell in cells]
        if any(texts):
            rows.append(texts)
    return rows


def _has_menu(table: html.HtmlElement) -> bool:
    """Tell whether one cell of a table is a menu, beside one of running text."""
    menu = prose = False
    for cell in table.iterdescendants("td", "th"):
        text = squeeze(" ".join(_texts(cell)))
        anchors = [anchor for anchor in cell.iterdescendants("a") if anchor.get("href")]
        linked = sum(len(squeeze("".join(anchor.itertext()))) for anchor in anchors)
        menu |= len(anchors) >= _FEWEST_MENU and linked >= _MENU_SHARE * len(text)
        prose |= 5 * linked < len(text) and weight(text) >= _PROSE_CELL
    return menu and prose


def _texts(element: html.HtmlElement) -> Iterator[str]:
    """Yield the strings inside an element, a space for each break, without what is never shown."""
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, node in walk:
        if event == "start":
            if node.tag in SKIPPED:
                walk.skip_subtree()
                continue
            if node.text:
                yield node.text
        elif node is not element and node.tail:
            yield node.tail if not (node.tag == "br" or is_block(node)) else " " + node.tail


def table_rows(table: html.HtmlElement) -> list[list[str]] | None:
    """Return the cells of a table of data by rows, or None where the table only lays out the page; pure."""
    if next(table.iterdescendants("table", "form", "h1"), None) is not None:
        return None
    rows = _rows(table)
    paired = sum(1 for row in rows if sum(1 for cell in row if cell) >= 2)
    if not paired or 2 * paired < len(rows) or (len(rows) < 2 and len(rows[0]) > 4):
        return None
    if any(len(cell) > _LONGEST_CELL for row in rows for cell in row) or _has_menu(table):
        return None
    chars = sum(len(squeeze(cell)) for row in rows for cell in row)
    links = sum(len(squeeze(fold("".join(anchor.itertext())))) for anchor in table.iterdescendants("a"))
    return rows if 2 * links < chars else None


def lines_of(tree: html.HtmlElement) -> list[Line]:
    """Return the lines of a tree in page order; pure, linear in the size of the tree."""
    lines: list[Line] = []
    texts: list[str] = []
    anchors: list[html.HtmlElement] = []
    link_chars = 0
    within: list[html.HtmlElement] = [tree]
    open_anchors: list[html.HtmlElement] = []
    pre = 0

    def add(text: str | None) -> None:
        nonlocal link_chars
        if not text:
            return
        if pre and "\n" in text:
            for place, piece in enumerate(text.split("\n")):
                if place:
                    flush()
                texts.append(piece)
            return
        texts.append(text)
        if open_anchors:
            link_chars += len(squeeze(text))
            if not anchors or anchors[-1] is not open_anchors[-1]:
                anchors.append(open_anchors[-1])

    def flush() -> None:
        nonlocal link_chars
        if not texts:
            return
        raw = "".join(texts)
        text = fold(raw)[:_LONGEST_LINE]
        if text:
            block = within[-1]
            kind = BlockKind.PARAGRAPH
            for near in within[-1:-4:-1]:
                if near.tag in HEADINGS:
                    kind = BlockKind.HEADING
                elif near.tag in ("li", "dt", "dd"):
                    kind = BlockKind.LIST
            lines.append(
                Line(
                    text=text,
                    kind=kind,
                    element=block,
                    links=tuple(anchors),
                    link_chars=link_chars,
                    obscured=not raw.isascii() and len(_OBSCURED.findall(raw)) >= _FEWEST_OBSCURED,
                )
            )
        texts.clear()
        anchors.clear()
        link_chars = 0

    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, node in walk:
        if event == "start":
            if not isinstance(node.tag, str) or node.tag in SKIPPED:
                walk.skip_subtree()
                continue
            if node.tag == "table" and (rows := table_rows(node)) is not None:
                flush()
                for caption in node.iterchildren("caption"):
                    if said := fold("".join(_texts(caption))):
                        lines.append(Line(text=said, kind=BlockKind.PARAGRAPH, element=node))
                text = "\n".join(" | ".join(row) for row in rows)[:_LONGEST_LINE]
                found = tuple(anchor for anchor in node.iterdescendants("a") if anchor.get("href"))
                chars = sum(len(squeeze("".join(anchor.itertext()))) for anchor in found)
                lines.append(Line(text=text, kind=BlockKind.TABLE, element=node, links=found, link_chars=chars))
                walk.skip_subtree()
                continue
            if is_block(node):
                flush()
                within.append(node)
                pre += node.tag == "pre"
            elif node.tag == "br":
                flush()
            elif node.tag == "a" and node.get("href"):
                open_anchors.append(node)
            add(node.text)
        else:
            if within[-1] is node and node is not tree:
                flush()
                within.pop()
                pre -= node.tag == "pre"
            elif open_anchors and open_anchors[-1] is node:
                open_anchors.pop()
            if node is not tree:
                add(node.tail)
    flush()
    _mark_runs(lines)
    return lines


def _mark_runs(lines: list[Line]) -> None:
    """Mark adjacent short sentences of one box, which no link breaks: together they are running text."""
    held = Counter(line.element for line in lines)
    # Breaks set lines off within one element; else each has an element of its own.
    homes = [line.element if held[line.element] > 1 else line.element.getparent() for line in lines]
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and homes[end] is homes[start] and _may_run(lines[end]):
            end += 1
        if end - start >= _FEWEST_RUNNING and sum(line.weight for line in lines[start:end]) >= _RUNNING_WEIGHT:
            lines[start:end] = [replace(line, in_run=True) for line in lines[start:end]]
        start = max(end, start + 1)


def _may_run(line: Line) -> bool:
    return (
        line.kind in (BlockKind.PARAGRAPH, BlockKind.LIST)
        and not line.link_chars
        and line.weight >= _LIGHTEST_RUNNING
        and is_sentence(line.text)
    )
