"""What a page holds but does not show: taken out of the tree before anything is read; pure."""

from __future__ import annotations

import re

from lxml import etree, html

from crawler.extract.flow import squeeze

_MOST = 0.5
_STYLE_CHARS = 500_000
_MOST_BETWEEN = 200

_DECLARATION = re.compile(r"([a-z-]{3,40})\s{0,9}:\s{0,9}([^;{}]{1,200})", re.IGNORECASE)
_MAY_HIDE = re.compile(r"none|hidden|absolute|fixed|text-indent", re.IGNORECASE)
_SIMPLE = re.compile(r"^(?:[a-z][a-z0-9]{0,15})?([.#])([A-Za-z_-][\w-]{0,80})$")
_BRACE = re.compile("[{}]")
_COMMENT = re.compile(r"/\*[^*]{0,9999}\*{1,9}(?:[^/*][^*]{0,999}\*{1,9}){0,99}/")
_LENGTH = re.compile(r"^(-?\d{0,6}(?:\.\d{1,4})?)\s{0,3}(px|pt|em|rem|%|vw|vh)?(?:\s|!|$)", re.IGNORECASE)
_WHITE = {"#fff", "#ffffff", "white", "rgb(255,255,255)", "rgba(255,255,255,1)"}
_SHOWN_LATER = re.compile(r"until-found", re.IGNORECASE)
_WRITES_HIDDEN = re.compile(
    r"document\.write(?:ln)?\s{0,9}\([^)]{0,200}(?:display\s{0,3}:\s{0,3}none|:\s{0,3}-\d{3,5}px)",
    re.IGNORECASE,
)
_WRITES_END = re.compile(r"document\.write(?:ln)?\s{0,9}\([^)]{0,60}<['\"+ ]{0,9}/", re.IGNORECASE)


def _declarations(style: str) -> dict[str, str]:
    return {name.lower(): value.strip().lower() for name, value in _DECLARATION.findall(style[:4_000])}


def _pixels(value: str) -> float | None:
    match = _LENGTH.match(value)
    if not match or not match[1].strip("-."):
        return None
    size = float(match[1])
    return size * 16 if (match[2] or "").lower() in ("em", "rem", "%", "vw", "vh") else size


def _is_gone(style: dict[str, str]) -> bool:
    """Hidden in any reading: not displayed, or moved off the screen."""
    if style.get("display", "").startswith("none") or style.get("visibility", "").startswith("hidden"):
        return True
    if style.get("position", "").startswith(("absolute", "fixed")):
        for side in ("left", "top", "right", "margin-left", "margin-top"):
            size = _pixels(style.get(side, ""))
            if size is not None and size <= -500:
                return True
    indent = _pixels(style.get("text-indent", ""))
    return indent is not None and indent <= -500


def _is_invisible(style: dict[str, str]) -> bool:
    """Hidden by an element's own style: too small, clipped, transparent, or in the colour of its ground."""
    if _is_gone(style):
        return True
    size = _pixels(style.get("font-size", ""))
    if size is not None and size <= 2 and "%" not in style["font-size"] and "em" not in style["font-size"]:
        return True
    if size == 0:
        return True
    if re.match(r"0(?:\.0{0,4})?(?:\D|$)", style.get("opacity", "1")):
        return True
    for side in ("height", "width", "max-height", "max-width"):
        size = _pixels(style.get(side, ""))
        if size is not None and 0 <= size <= 1 and style.get("overflow", "").startswith(("hidden", "clip")):
            return True
    if re.match(r"rect\(\s{0,3}[01](?:px)?[\s,]{1,4}[01]", style.get("clip", "")):
        return True
    if style.get("clip-path", "").startswith(("inset(50%", "inset(100%", "circle(0")):
        return True
    colour = "".join(style.get("color", "").split()).removesuffix("!important")
    if colour == "transparent":
        return True
    ground = "".join((style.get("background-color") or style.get("background", "")).split())
    ground = ground.removesuffix("!important")
    return bool(colour) and (colour == ground or (colour in _WHITE and ground in _WHITE))


def _without_at_rules(sheet: str) -> str:
    """Drop blocks such as @media print: their rules hold for some readers only."""
    out: list[str] = []
    place = 0
    while (at := sheet.find("@", place)) >= 0:
        out.append(sheet[place:at])
        opening = sheet.find("{", at)
        end = sheet.find(";", at)
        if opening < 0 or 0 <= end < opening:
            place = end + 1 if end >= 0 else len(sheet)
            continue
        depth, place = 1, opening + 1
        while depth and (brace := _BRACE.search(sheet, place)):
            depth += 1 if brace[0] == "{" else -1
            place = brace.end()
        place = len(sheet) if depth else place
    out.append(sheet[place:])
    return "".join(out)


def _hiding_names(tree: html.HtmlElement) -> tuple[set[str], set[str]]:
    """Return the classes and ids that the page's own style sheets hide."""
    classes: set[str] = set()
    ids: set[str] = set()
    left = _STYLE_CHARS
    for sheet in tree.iter("style"):
        text = (sheet.text or "")[: max(0, left)]
        left -= len(text)
        for rule in _without_at_rules(_COMMENT.sub("", text)).split("}"):
            selectors, _, body = rule.partition("{")
            if not _MAY_HIDE.search(body) or not _is_gone(_declarations(body)):
                continue
            for selector in selectors.split(",")[:100]:
                if match := _SIMPLE.match(selector.strip()):
                    (classes if match[1] == "." else ids).add(match[2])
    return classes, ids


def _sizes(tree: html.HtmlElement) -> dict[html.HtmlElement, int]:
    """Return the length of the text inside each element, without white space, scripts and style sheets."""
    sizes: dict[html.HtmlElement, int] = {}
    for _, element in etree.iterwalk(tree, events=("end",)):
        if not isinstance(element.tag, str) or element.tag in ("script", "style"):
            sizes[element] = 0
            continue
        own = len(squeeze(element.text or ""))
        sizes[element] = own + sum(sizes[child] + len(squeeze(child.tail or "")) for child in element)
    return sizes


def _written(tree: html.HtmlElement, sizes: dict[html.HtmlElement, int]) -> list[html.HtmlElement]:
    """Return link-heavy elements between a script that writes a hidden opening tag and one that closes it."""
    found: list[html.HtmlElement] = []
    for script in tree.iter("script"):
        if not _WRITES_HIDDEN.search((script.text or "")[:5_000]):
            continue
        between: list[html.HtmlElement] = []
        for sibling in script.itersiblings():
            if sibling.tag == "script" and _WRITES_END.search((sibling.text or "")[:5_000]):
                chars = sum(sizes[each] for each in between)
                links = sum(sizes[anchor] for each in between for anchor in each.iter("a"))
                if 2 * links > chars:
                    found.extend(between)
                break
            between.append(sibling)
            if len(between) > _MOST_BETWEEN:
                break
    return found


def remove_hidden(tree: html.HtmlElement) -> None:
    """Take hidden elements out of a tree; never one that holds most of the page's text.

    Changes the tree given; otherwise pure.
    """
    classes, ids = _hiding_names(tree)
    sizes = _sizes(tree)
    body = tree.find("body")
    most = _MOST * sizes[tree if body is None else body]
    doomed = _written(tree, sizes)
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag in ("html", "body", "head"):
            continue
        hidden = element.get("hidden")
        if (
            (hidden is not None and not _SHOWN_LATER.search(hidden))
            or element.get("id") in ids
            or (classes and not classes.isdisjoint((element.get("class") or "")[:2_000].split()))
            or (bool(style := element.get("style")) and _is_invisible(_declarations(style)))
            or (element.tag == "marquee" and (element.get("width") or "9").strip() in ("0", "1"))
        ):
            doomed.append(element)
    for element in doomed:
        if sizes[element] <= most:
            # Emptied in place: dropping thousands of them one by one joins their tails over and over.
            element.clear(keep_tail=True)
            element.tag = "template"
