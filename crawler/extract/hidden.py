"""What a page holds but does not show: taken out of the tree before anything is read; pure."""

from __future__ import annotations

import re

from lxml import etree, html

from crawler.extract.boxes import is_known
from crawler.extract.flow import squeeze
from crawler.extract.sheets import (
    Sheets,
    Style,
    declarations,
    ground_of,
    hides,
    hides_by,
    is_gone,
    is_shown_by_script,
    is_white,
    same_colour,
)

_UNSEEN = ("script", "style")
# Of a whole page several times as fast as to join its texts one by one.
_ALL_TEXT = etree.XPath("string()", smart_strings=False)
_MOST_BETWEEN = 200
_LINKED = 0.5
_FEW_NAMED = 3
_BESIDE = 4
_SMALL_SHARE = 0.2
_BESIDE = 20
_HOMES = 2
_DARK_MOST = 500
_DARK_STEPS = 200

_STYLED = re.compile(
    r"none|hidden|collapse|absolute|fixed|relative|sticky|indent|opacity|filter|font-size|transform|scale|clip|mask|zoom"
    r"|margin|height|width|color|fill",
    re.IGNORECASE,
)
_SHOWN_LATER = re.compile(r"until-found", re.IGNORECASE)
_WRITES_HIDDEN = re.compile(
    r"document\.write(?:ln)?\s{0,9}\([^)]{0,200}(?:display\s{0,3}:\s{0,3}none|:\s{0,3}-\d{3,5}px)",
    re.IGNORECASE,
)
_WRITES_END = re.compile(r"document\.write(?:ln)?\s{0,9}\([^)]{0,60}<['\"+ ]{0,9}/", re.IGNORECASE)


def _size(element: html.HtmlElement) -> int:
    """Return the length of the text inside an element, without white space, scripts and style sheets."""
    if element.tag in _UNSEEN:
        return 0
    unseen = sum(len(squeeze(_ALL_TEXT(each))) for each in element.iterdescendants(*_UNSEEN))
    return len(squeeze(_ALL_TEXT(element))) - unseen


def _sizes(tree: html.HtmlElement) -> dict[html.HtmlElement, int]:
    """Return the length of the text inside each element of a tree, as ``_size`` does of one."""
    sizes: dict[html.HtmlElement, int] = {}
    # The sums of what is open: the last of its own text and of what is closed within it.
    sums = [0]
    for event, element in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        if event == "start":
            text = element.text
            sums.append(len(squeeze(text)) if text else 0)
            continue
        if event == "end":
            size = sums.pop()
            sizes[element] = size = 0 if element.tag in ("script", "style") else size
            sums[-1] += size
        if element.tail:
            sums[-1] += len(squeeze(element.tail))
    return sizes


def _link_chars(element: html.HtmlElement, sizes: dict[html.HtmlElement, int]) -> int:
    return sum(sizes[anchor] for anchor in element.iter("a"))


def _written(tree: html.HtmlElement) -> list[html.HtmlElement]:
    """Return link-heavy elements between a script that writes a hidden opening tag and one that closes it."""
    found: list[html.HtmlElement] = []
    for script in tree.iter("script"):
        if not _WRITES_HIDDEN.search((script.text or "")[:5_000]):
            continue
        between: list[html.HtmlElement] = []
        for sibling in script.itersiblings():
            if sibling.tag == "script" and _WRITES_END.search((sibling.text or "")[:5_000]):
                sizes = {each: size for box in between for each, size in _sizes(box).items()}
                chars = sum(sizes[each] for each in between)
                if 2 * sum(_link_chars(each, sizes) for each in between) > chars:
                    found.extend(between)
                break
            between.append(sibling)
            if len(between) > _MOST_BETWEEN:
                break
    return found


def _attributes(element: html.HtmlElement) -> Style:
    """Return what the attributes of old markup say, as a style."""
    style: Style = {}
    if element.tag == "font" and (colour := element.get("color")):
        style["color"] = colour.strip().lower()
    if ground := element.get("bgcolor"):
        style["background-color"] = ground.strip().lower()
    return style


def _own_style(element: html.HtmlElement, sheets: Sheets) -> Style:
    return _attributes(element) | sheets.style(element) | declarations(element.get("style") or "")


class _Grounds:
    """On which colour the elements of a page are set, as far as the page itself says."""

    def __init__(self, sheets: Sheets) -> None:
        self.sheets = sheets
        self._grounds: dict[bool, dict[html.HtmlElement, str | None]] = {False: {}, True: {}}
        self._darks: dict[html.HtmlElement, int] = {}
        self._beside: dict[html.HtmlElement, int] = {}

    def _ground(self, element: html.HtmlElement, *, by_sheets: bool) -> str | None:
        known = self._grounds[by_sheets]
        passed: list[html.HtmlElement] = []
        above: html.HtmlElement | None = element
        ground: str | None = None
        while above is not None and ground is None:
            if above in known:
                ground = known[above]
                break
            passed.append(above)
            own = _attributes(above) | declarations(above.get("style") or "")
            ground = ground_of(self.sheets.style(above) | own if by_sheets else own)
            above = above.getparent()
        known.update(dict.fromkeys(passed, ground))
        return ground

    def _dark(self, element: html.HtmlElement) -> int:
        """Return how much text of another colour than white an element holds; of a long one the beginning."""
        if element not in self._darks:
            said = 0
            walk = etree.iterwalk(element, events=("start", "end"))
            for count, (event, node) in enumerate(walk):
                if said >= _DARK_MOST or count >= _DARK_STEPS:
                    break
                if event == "end":
                    said += len(squeeze((node.tail or "")[:_DARK_MOST])) if node is not element else 0
                elif not isinstance(node.tag, str) or node.tag in ("script", "style") or self._is_white(node):
                    walk.skip_subtree()
                else:
                    said += len(squeeze((node.text or "")[:_DARK_MOST]))
            self._darks[element] = min(said, _DARK_MOST)
        return self._darks[element]

    def _is_white(self, element: html.HtmlElement) -> bool:
        return is_white(_own_style(element, self.sheets).get("color", ""))

    def _dark_beside(self, element: html.HtmlElement, home: html.HtmlElement) -> int:
        """Return how much text of another colour than white stands beside an element."""
        if home not in self._beside:
            beside = len(squeeze((home.text or "")[:_DARK_MOST]))
            for child in home:
                beside += len(squeeze((child.tail or "")[:_DARK_MOST])) + self._dark(child)
                if beside >= 2 * _DARK_MOST:
                    break
            self._beside[home] = beside
        return self._beside[home] - self._dark(element)

    def swallow(self, element: html.HtmlElement, style: Style) -> bool:
        """Tell whether the text of an element, in its own style, has the colour of what it is set on."""
        if "color" not in style or element.tag in ("a", "button", "th", "label"):
            return False
        white = is_white(style["color"])
        # White is the colour that pages are made of: of others the sheets are not asked.
        ground = self._ground(element, by_sheets=white)
        if ground is not None:
            return same_colour(style, ground)
        if not white:
            return False
        # On a ground of unknown colour white is lost where what stands beside it is set in another colour.
        for _ in range(_HOMES):
            home = element.getparent()
            if home is None or home.tag == "body":
                return False
            if self._dark_beside(element, home) >= _BESIDE:
                return True
            element = home
        return False


def _by_sheets(
    tree: html.HtmlElement, sheets: Sheets, grounds: _Grounds
) -> tuple[list[html.HtmlElement], list[html.HtmlElement]]:
    """Return the elements that the page's own sheets hide: for certain, and in a way that scripts often undo."""
    certain: list[html.HtmlElement] = []
    doubtful: list[html.HtmlElement] = []
    if sheets.hides:
        for element in tree.iter(etree.Element):
            if element.tag in ("html", "body", "head") or not sheets.may_hide(element):
                continue
            # A stronger rule, or the element itself, may undo what one rule says.
            style = sheets.style(element) | declarations(element.get("style") or "")
            if is_gone(style):
                certain.append(element)
            elif (hides(style) or grounds.swallow(element, style)) and not sheets.fades(element):
                doubtful.append(element)
    return certain, doubtful if len(doubtful) <= _FEW_NAMED else []


def remove_hidden(tree: html.HtmlElement) -> None:
    """Take hidden elements out of a tree; none that says more than all that can be seen, unless it is mostly links.

    Changes the tree given; otherwise pure.
    """
    sheets = Sheets.of(tree)
    doomed = _written(tree)
    grounds = _Grounds(sheets)
    certain, doubtful = _by_sheets(tree, sheets, grounds)
    doomed += certain
    for element in tree.iter(etree.Element):
        if element.tag in ("html", "body", "head"):
            continue
        hidden = element.get("hidden")
        style = element.get("style")
        if (
            (hidden is not None and not _SHOWN_LATER.search(hidden))
            or (element.tag == "dialog" and element.get("open") is None)
            or (element.tag == "marquee" and (element.get("width") or "9").strip() in ("0", "1"))
            or (style and _STYLED.search(style) and _is_hidden_by(element, style, grounds))
            or (element.tag == "font" and element.get("color") and grounds.swallow(element, _attributes(element)))
        ):
            doomed.append(element)
    if not doomed and not doubtful:
        return
    body = tree.find("body")
    total = _size(tree if body is None else body)
    doomed += [element for element in doubtful if _size(element) <= _SMALL_SHARE * total]
    for element in _believed(tree, doomed, total):
        # Emptied in place: dropping thousands of them one by one joins their tails over and over.
        element.clear(keep_tail=True)
        element.tag = "template"


def _is_hidden_by(element: html.HtmlElement, attribute: str, grounds: _Grounds) -> bool:
    if hides_by(attribute):
        # The text itself, which its system shows by a script once all is there.
        return not (is_known(element) and is_shown_by_script(declarations(attribute)))
    return "color" in attribute.lower() and grounds.swallow(element, _attributes(element) | declarations(attribute))


def _believed(tree: html.HtmlElement, doomed: list[html.HtmlElement], total: int) -> list[html.HtmlElement]:
    """Return which hidden elements to take out: a page that hides more than it shows shows it later.

    Of several boxes each may hold more than what is seen, up to half of all: copies for machines, of other pages.
    """
    marked = set(doomed)
    outer: list[html.HtmlElement] = []
    walk = etree.iterwalk(tree, events=("start",))
    for _, element in walk:
        if element in marked:
            outer.append(element)
            walk.skip_subtree()
    outer_sizes = {element: _size(element) for element in outer}
    seen = total - sum(outer_sizes.values())
    found: list[html.HtmlElement] = []
    for element in sorted(outer, key=lambda each: -outer_sizes[each]):
        size = outer_sizes[element]
        # One after the other they would take the square of what is nested.
        sizes = _sizes(element) if size > max(0, seen, min(_BESIDE * seen, total // 2)) else {}
        if sizes and _link_chars(element, sizes) < _LINKED * size:
            seen += size
            found.extend(each for each in element.iterdescendants() if each in marked and 2 * sizes[each] < size)
        else:
            found.append(element)
    return found
