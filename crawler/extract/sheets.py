"""What the style sheets within a page, and the style attributes, say of its elements; pure.

Only what decides whether a reader sees a text is read: selectors of tags, classes and ids, joined by descent, in the
order of the cascade. Sheets in files of their own are not there to be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from lxml import etree, html

Style = dict[str, str]

_SHEET_CHARS = 500_000
_STYLE_CHARS = 4_000
_MOST_RULES = 20_000
_MOST_SELECTORS = 100
_LONGEST_SELECTOR = 200

_DECLARATION = re.compile(r"([a-z-]{3,40})\s{0,9}:\s{0,9}([^;{}]{1,400})", re.IGNORECASE)
_BRACE = re.compile("[{}]")
_COMMENT = re.compile(r"/\*[^*]{0,9999}\*{1,9}(?:[^/*][^*]{0,999}\*{1,9}){0,99}/")
# Blocks that hold for whoever reads on a screen of any usual size.
_HOLDS = re.compile(
    r"^@(?:supports\b(?!\s{0,9}not)|layer\b"
    r"|media\s{0,9}(?:only\s{1,9})?(?:screen|all)?\s{0,9}(?:(?:and\s{0,9})?\(\s{0,9}min-(?:device-)?width\s{0,9}:\s{0,9}[0-3]?\d{1,2}(?:px)?\s{0,9}\)\s{0,9}){0,3}$)",
    re.IGNORECASE,
)
_RELEVANT = re.compile(
    r"display|visib|opacity|position|indent|font|filter|transform|clip|mask|zoom|scale|height|width|color|background",
    re.IGNORECASE,
)
# Without one of these a rule neither hides nor whitens; most of a sheet is told by that.
_MAY_HIDE = re.compile(
    r"none|hidden|collapse|absolute|fixed|relative|sticky|indent|transparent|opacity|filter|transform|scale|clip|mask|zoom"
    r"|margin[^:;]{0,6}:\s{0,9}-\d{3}|font-size\s{0,9}:\s{0,9}[012](?![\d.]*\d)|(?:height|width)\s{0,9}:\s{0,9}[01](?:px|[;}\s]|$)"
    r"|color\s{0,9}:\s{0,9}(?:white|snow|ivory|#f|rgba?\()",
    re.IGNORECASE,
)
_COMPOUND = re.compile(r"^([a-z][a-z0-9]{0,15})?((?:[.#][A-Za-z_-][\w-]{0,80}){0,6})$", re.IGNORECASE)
_NAME = re.compile(r"([.#])([\w-]+)")
# What each selector of a list ends in.
_LAST_NAME = re.compile(r"[.#]?(?<![\w-])[\w-]++(?=[\s>]*+(?:,|$))")
_WITHOUT_SCRIPT = re.compile(r"no-?js|noscript", re.IGNORECASE)

_LENGTH = re.compile(
    r"^(-?\d{0,6}(?:\.\d{1,4})?)\s{0,3}(px|pt|r?em|ch|ex|%|vw|vh|vmin|vmax)?(?:\s|!|,|\)|$)", re.IGNORECASE
)
_FAR = 500
_FAR_RIGHT = 3_000
_SIDES = ("left", "top", "right", "bottom", "inset", "inset-inline-start", "margin-left", "margin-top", "margin-right")
_ZERO = r"0(?:\.0{0,6})?"
_NOTHING = re.compile(rf"^{_ZERO}%?(?:\s|!|$)")
_FILTERED = re.compile(rf"opacity\s{{0,3}}[(=]\s{{0,3}}(?:opacity\s{{0,3}}=\s{{0,3}})?{_ZERO}%?\s{{0,3}}\)")
_SCALED = re.compile(rf"\b(?:scale(?:3d|[xy])?\(\s{{0,3}}{_ZERO}\s{{0,3}}[,)]|rotate[xy]\(\s{{0,3}}-?90deg)")
_MOVED = re.compile(r"translate(?:3d|[xy])?\(\s{0,3}(?:0(?:px)?\s{0,3},\s{0,3})?-(\d{2,6})\s{0,3}(px|vw|vh|r?em)")
_CLIPPED = re.compile(r"rect\(\s{0,3}[01](?:px)?[\s,]{1,4}[01]")
_CLIP_PATH = re.compile(
    rf"inset\(\s{{0,3}}(?:[5-9]\d|100)%|(?:circle|ellipse)\(\s{{0,3}}{_ZERO}|polygon\(\s{{0,3}}(?:0(?:px|%)?[\s,]{{1,3}}){{4,}}"
)
_MASKED = re.compile(
    r"^(?:linear-gradient\(\s{0,3})?(?:(?:to \w{2,6}|\d{1,3}deg)\s{0,3},\s{0,3})?"
    r"(?:transparent|rgba\(0,\s?0,\s?0,\s?0\))"
)
_SEEN_THROUGH = re.compile(r"black|white|#(?!0000\b)[0-9a-f]{3}|rgb\(")
_FADES = re.compile(r"transition|animation|will-change", re.IGNORECASE)

_HEX = re.compile(r"#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})\b")
_RGB = re.compile(
    r"rgba?\(\s{0,3}(\d{1,3})[\s,]{1,4}(\d{1,3})[\s,]{1,4}(\d{1,3})\s{0,3}(?:[,/]\s{0,3}([\d.]{1,6}%?)\s{0,3})?\)"
)
_NAMED = {"white": (255, 255, 255), "snow": (255, 250, 250), "ivory": (255, 255, 240), "black": (0, 0, 0)}
_CLEAR = re.compile(r"^transparent\b")
_NEAR = 12


def declarations(style: str) -> Style:
    """Return what the value of a style attribute, or the body of a rule, declares; pure."""
    return {name.lower(): value.strip().lower() for name, value in _DECLARATION.findall(style[:_STYLE_CHARS])}


def _pixels(value: str) -> float | None:
    match = _LENGTH.match(value)
    if not match or not match[1].strip("-."):
        return None
    size = float(match[1])
    return size * 16 if (match[2] or "px").lower() not in ("px", "pt") else size


def is_gone(style: Style) -> bool:
    """Tell whether a style takes an element out of sight in any reading: not displayed, or moved away; pure."""
    if style.get("display", "").startswith("none") or style.get("visibility", "").startswith(("hidden", "collapse")):
        return True
    if style.get("content-visibility", "").startswith("hidden"):
        return True
    placed = style.get("position", "").startswith(("absolute", "fixed", "relative", "sticky"))
    for side in _SIDES:
        if side in style and (placed or side.startswith("margin")):
            size = _pixels(style[side])
            if size is not None and (size <= -_FAR or (size >= _FAR_RIGHT and side in ("left", "margin-left"))):
                return True
    moved = _MOVED.search(style.get("transform", ""))
    if moved and float(moved[1]) * (1 if moved[2] == "px" else 16) >= _FAR:
        return True
    indent = _pixels(style.get("text-indent", ""))
    return indent is not None and (
        indent <= -_FAR or (indent >= _FAR and style.get("overflow", "").startswith(("hidden", "clip")))
    )


def is_faded(style: Style) -> bool:
    """Tell whether a style leaves an element in place but nothing of it to see: too small, clipped, transparent; pure.

    Scripts and other sheets undo this more often than what ``is_gone`` tells.
    """
    size = _pixels(style.get("font-size", ""))
    if size is not None and (
        size == 0 or (size <= 2 and "%" not in style["font-size"] and "em" not in style["font-size"])
    ):
        return True
    for name in ("opacity", "-moz-opacity", "-khtml-opacity", "zoom", "scale"):
        if _NOTHING.match(style.get(name, "1")):
            return True
    if any(_FILTERED.search(style.get(name, "")) for name in ("filter", "-ms-filter", "-webkit-filter")):
        return True
    if any(_SCALED.search(style.get(name, "")) for name in ("transform", "-webkit-transform", "-ms-transform")):
        return True
    sizes = {
        side: _pixels(style.get(side, "")) for side in ("height", "width", "max-height", "max-width", "line-height")
    }
    tiny = {side for side, size in sizes.items() if size is not None and 0 <= size <= 1}
    over = style.get("overflow", "") or style.get("overflow-y", "") or style.get("overflow-x", "")
    if tiny.difference({"line-height"}) and over.startswith(("hidden", "clip", "scroll", "auto")):
        return True
    if (sizes["line-height"] == 0 and over.startswith(("hidden", "clip"))) or {"height", "width"} <= tiny:
        return True
    if _CLIPPED.match(style.get("clip", "")):
        return True
    if _CLIP_PATH.match(style.get("clip-path", "") or style.get("-webkit-clip-path", "")):
        return True
    for name in ("mask", "mask-image", "-webkit-mask", "-webkit-mask-image"):
        if _MASKED.match(style.get(name, "")) and not _SEEN_THROUGH.search(style[name]):
            return True
    return _clear(style.get("color", "")) or _clear(style.get("-webkit-text-fill-color", ""))


def hides(style: Style) -> bool:
    """Tell whether an element's own style hides it, whatever is around it; pure."""
    return is_gone(style) or is_faded(style) or same_colour(style, ground_of(style))


def hides_by(attribute: str) -> bool:
    """Tell the same of the value of a style attribute, of which a page holds a few over and over; pure."""
    return _hides_by(attribute[:_STYLE_CHARS])


@lru_cache(maxsize=1_024)
def _hides_by(attribute: str) -> bool:
    return hides(declarations(attribute))


def is_shown_by_script(style: Style) -> bool:
    """Tell whether a style hides an element as pages do that show their text once a script has run; pure."""
    shown = {name: value for name, value in style.items() if name not in ("visibility", "opacity")}
    return not hides(shown)


@lru_cache(maxsize=1_024)
def _colour(value: str) -> tuple[int, int, int] | None:
    if match := _HEX.search(value):
        digits = match[1]
        step = 1 if len(digits) < 6 else 2
        red, green, blue = (int(digits[place * step : place * step + step] * (3 - step), 16) for place in range(3))
        return red, green, blue
    if match := _RGB.search(value):
        return int(match[1]), int(match[2]), int(match[3])
    return next((colour for name, colour in _NAMED.items() if re.search(rf"\b{name}\b", value)), None)


def _clear(value: str) -> bool:
    if _CLEAR.match(value):
        return True
    if match := _RGB.match(value):
        share = match[4]
        return share is not None and float(share.rstrip("%") or 1) / (100 if "%" in share else 1) <= 0.05
    if match := _HEX.match(value):
        return (len(match[1]) == 4 and match[1][3] == "0") or (len(match[1]) == 8 and match[1][6] == "0")
    return False


def ground_of(style: Style) -> str | None:
    """Return what colours the ground of an element: a colour, "" for a picture of unknown colour, or None; pure."""
    for name in ("background-color", "background"):
        value = style.get(name, "")
        if "url(" in value or "gradient" in value:
            return ""
        if value and not _clear(value) and _colour(value) is not None:
            return value
    return (
        "" if "url(" in style.get("background-image", "") or "gradient" in style.get("background-image", "") else None
    )


def is_white(value: str) -> bool:
    """Tell whether a colour is white, or close to it; pure."""
    colour = _colour(value)
    return colour is not None and min(colour) >= 255 - _NEAR


def same_colour(style: Style, ground: str | None) -> bool:
    """Tell whether a text has the colour of its ground, or one that no eye tells from it; pure."""
    if not ground or "color" not in style:
        return False
    own, other = _colour(style["color"]), _colour(ground)
    return own is not None and other is not None and max(abs(a - b) for a, b in zip(own, other, strict=True)) <= _NEAR


@dataclass(frozen=True, slots=True)
class _Rule:
    """One selector with what it declares.

    steps: its compounds from the last to the first, each a tag or "", and names with their sign.
    """

    steps: tuple[tuple[str, tuple[str, ...]], ...]
    direct: tuple[bool, ...]
    body: Style
    weight: tuple[int, int, int, int]


@dataclass(slots=True)
class Sheets:
    """The style sheets within a page: of their rules, those that end in a tag, class or id that stands on it."""

    _pairs: list[tuple[str, str]] = field(default_factory=list)
    # By the last name of a selector: the places of its rules among the pairs, and the rules, read when asked for.
    _places: dict[str, list[int]] = field(default_factory=dict)
    _rules: dict[str, list[_Rule]] = field(default_factory=dict)
    _hiding: dict[str, list[_Rule]] = field(default_factory=dict)
    _names: dict[html.HtmlElement, frozenset[str]] = field(default_factory=dict)
    _told: dict[tuple[str, str | None, str | None], frozenset[str]] = field(default_factory=dict)
    _may: dict[frozenset[str], list[_Rule]] = field(default_factory=dict)

    @classmethod
    def of(cls, tree: html.HtmlElement) -> Sheets:
        """Read the sheets of a page; of very long ones the beginning."""
        found = cls()
        left = _SHEET_CHARS
        count = 0
        standing: set[str] = set()
        for sheet in tree.iter("style"):
            text = (sheet.text or "")[: max(0, left)]
            left -= len(text)
            if text and not standing:
                standing.update(*{found.names(element) for element in tree.iter(etree.Element)})
            for selectors, body in _rules_of(_COMMENT.sub("", text)):
                if count > _MOST_RULES:
                    break
                count += 1
                # Most rules of a site's sheet are for its other pages.
                lasts = _LAST_NAME.findall(selectors)
                if standing.isdisjoint(lasts) and standing.isdisjoint(map(str.lower, lasts)):
                    continue
                for last in {name if name[0] in ".#" else name.lower() for name in lasts}:
                    found._places.setdefault(last, []).append(len(found._pairs))
                found._pairs.append((selectors, body))
                if _MAY_HIDE.search(body):
                    style = declarations(body)
                    if hides(style):
                        _index(found._hiding, selectors, style, len(found._pairs))
                    elif is_white(style.get("color", "")):
                        # Of whole kinds of elements it is said for dark boxes: menus, heads, buttons.
                        _index(found._hiding, selectors, style, len(found._pairs), named=True)
        return found

    @property
    def hides(self) -> bool:
        """Whether any rule hides or whitens something."""
        return bool(self._hiding)

    def _ending(self, name: str) -> list[_Rule]:
        """Return the rules that have a say in what is seen whose selector ends in a name."""
        if name not in self._rules:
            found: dict[str, list[_Rule]] = {}
            for place in self._places.get(name, ()):
                selectors, body = self._pairs[place]
                if _RELEVANT.search(body):
                    _index(found, selectors, declarations(body), place, only=name)
            self._rules[name] = found.get(name, [])
        return self._rules[name]

    def names(self, element: html.HtmlElement) -> frozenset[str]:
        """Return tag, classes and id of an element, as selectors write them."""
        if element not in self._names:
            told = (element.tag, element.get("class"), element.get("id"))
            if told not in self._told:
                tag, classes, name = told
                names = {tag, *(f".{each}" for each in (classes or "")[:2_000].split())}
                self._told[told] = frozenset(names | {f"#{name}"} if name else names)
            self._names[element] = self._told[told]
        return self._names[element]

    def may_hide(self, element: html.HtmlElement) -> bool:
        """Tell whether a rule that hides or whitens matches an element, though a stronger one may undo it."""
        names = self.names(element)
        if names not in self._may:
            self._may[names] = [rule for name in names for rule in self._hiding.get(name, ())]
        return any(self._matches(rule, element) for rule in self._may[names])

    def style(self, element: html.HtmlElement) -> Style:
        """Return what the sheets declare for an element, the stronger rule over the weaker."""
        if not self._pairs:
            return {}
        fitting = [rule for name in self.names(element) for rule in self._ending(name) if self._matches(rule, element)]
        style: Style = {}
        for rule in sorted(fitting, key=lambda rule: rule.weight):
            for name, value in rule.body.items():
                if "!important" not in style.get(name, "") or "!important" in value:
                    style[name] = value
        return style

    def _matches(self, rule: _Rule, element: html.HtmlElement) -> bool:
        tag, names = rule.steps[0]
        if (tag and element.tag != tag) or not self.names(element).issuperset(names):
            return False
        above = element.getparent()
        for (tag, names), direct in zip(rule.steps[1:], rule.direct, strict=True):
            while above is not None and not ((not tag or above.tag == tag) and self.names(above).issuperset(names)):
                if direct:
                    return False
                above = above.getparent()
            if above is None:
                return False
            above = above.getparent()
        return True

    def fades(self, element: html.HtmlElement) -> bool:
        """Tell whether the sheets have something to say of how an element comes to be seen."""
        return any(_FADES.search(" ".join(rule.body)) for name in self.names(element) for rule in self._ending(name))


def _index(
    rules: dict[str, list[_Rule]], selectors: str, style: Style, order: int, *, named: bool = False, only: str = ""
) -> None:
    """Add the rules of a list of selectors by what they end in.

    named: without those that end in a tag.  only: none but those that end in this name.
    """
    for selector in selectors.split(",")[:_MOST_SELECTORS]:
        if only and only.lower() not in selector.lower():
            continue
        stripped = selector.strip()
        if len(stripped) > _LONGEST_SELECTOR or (told := _told(stripped)) is None:
            continue
        steps, direct, weight = told
        tag, names = steps[0]
        last = names[-1] if names else tag
        if (names or not named) and only in ("", last):
            rules.setdefault(last, []).append(_Rule(steps, direct, style, (*weight, order)))


@lru_cache(maxsize=4_096)
def _told(
    selector: str,
) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], tuple[bool, ...], tuple[int, int, int]] | None:
    """Return steps and weight of one selector, None of a kind that is not read; sheets have the same over and over."""
    if _WITHOUT_SCRIPT.search(selector):
        return None
    parts = selector.replace(">", " > ").split()
    steps: list[tuple[str, tuple[str, ...]]] = []
    direct: list[bool] = []
    child = False
    for part in reversed(parts):
        if part == ">":
            child = True
            continue
        match = _COMPOUND.match(part)
        if not match or not part:
            return None
        if steps:
            direct.append(child)
        child = False
        steps.append(((match[1] or "").lower(), tuple(sign + name for sign, name in _NAME.findall(match[2]))))
    if not steps:
        return None
    names = [name for _, told in steps for name in told]
    ids = sum(1 for name in names if name[0] == "#")
    tags = sum(1 for tag, _ in steps if tag not in ("", "*"))
    return tuple(steps), tuple(direct), (ids, len(names) - ids, tags)


def _rules_of(sheet: str) -> Iterator[tuple[str, str]]:
    """Yield selectors and bodies of a sheet, also of blocks that hold on any screen; no others, such as for print."""
    waiting = [sheet]
    while waiting:
        text = waiting.pop()
        place = 0
        while place < len(text):
            opening = text.find("{", place)
            if opening < 0:
                break
            prelude = text[place:opening]
            at = prelude.rfind("@")
            if at < 0:
                end = text.find("}", opening)
                end = len(text) if end < 0 else end
                yield prelude, text[opening + 1 : end]
                place = end + 1
                continue
            end = text.find(";", place + at)
            if 0 <= end < opening:
                # @import and @charset end before a block begins.
                place = end + 1
                continue
            depth, place = 1, opening + 1
            while depth and (brace := _BRACE.search(text, place)):
                depth += 1 if brace[0] == "{" else -1
                place = brace.end()
            place = len(text) if depth else place
            if _HOLDS.match(" ".join(prelude[at:].split())):
                waiting.append(text[opening + 1 : place - 1])
