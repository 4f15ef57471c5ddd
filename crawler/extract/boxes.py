"""Which boxes of a page are furniture: by what they are called, what they say, and what stands beside them; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lxml import html

from crawler.extract import wording
from crawler.extract.controls import controls
from crawler.extract.flow import Line, is_sentence, squeeze
from crawler.extract.furniture import form_of, is_consent_tool, is_related_head, is_window, place_of
from crawler.extract.threads import threads

# So near the title the text begins; so long is the title of a teaser; so much more a titled text weighs.
NEAR_TITLE = 12
TEASER_TITLE = 8
TITLED = 3
_PROTECTED = 0.4
_PROTECTED_CERTAIN = 0.9
_PROTECTED_BESIDE = 0.97
_CAPTION = re.compile(r"(?:^|[\s_-]|[a-z])[Cc]aption(?:$|[\s_-])")
_SMALL_PRINT = 12
_FOOT_LINES = 4
_CARD_LINES = 8
_FEWEST_CARDS = 3
_CARD_SHARE = 0.7
_CARD_WEIGHT = 500
_CARDS_MOST = 2

# What widespread content systems call the element that holds nothing but the text.
KNOWN_CLASSES = frozenset(
    {
        "trs_editor", "trs_ueditor", "trs_web", "view", "ucap-content", "pages_content", "rm_txt_con",
        "article-content",
        "article_content", "articlecontent", "article-body", "article_body", "articlebody", "article__body",
        "article-text",
        "entry-content", "entry_content", "post-content", "post_content", "post-body", "story-body",
        "storybody",
        "content-body", "news_content", "news-content", "newscontent", "artical-content", "article-detail",
        "wp_articlecontent",
        "v_news_content", "bt-content", "xl_content", "zwgk_content", "detail-content", "b-content",
        "main-article",
    }
)  # fmt: skip
KNOWN_IDS = frozenset(
    {
        "zoom", "ucap-content", "articlebody", "article-body", "article_content", "articlecontent",
        "article-content",
        "newscontent", "news_content", "detailcontent", "zoomcon", "js_content", "artibody", "vsb_content",
        "endtext",
        "storytext", "story-body", "rwb_zw", "p-detail", "fontzoom", "mainbody", "contenttext",
    }
)  # fmt: skip


def is_known(element: html.HtmlElement) -> bool:
    """Tell whether a content system's name, or schema.org, marks an element as the text itself; pure."""
    if (element.get("id") or "").lower() in KNOWN_IDS or (element.get("itemprop") or "") == "articleBody":
        return True
    return not KNOWN_CLASSES.isdisjoint((element.get("class") or "")[:500].lower().split())


def unique_weight(lines: Sequence[Line], places: Sequence[int]) -> int:
    """Return the weight of lines, each said but once however often it stands there; pure."""
    seen: set[str] = set()
    total = 0
    for place in places:
        key = lines[place].key
        if key not in seen:
            seen.add(key)
            total += lines[place].key_weight
    return total


def in_furniture(
    lines: Sequence[Line], paths: Sequence[Sequence[html.HtmlElement]], titles: frozenset[str]
) -> list[str | None]:
    """Return, for each line, the rule of the outermost box that is furniture by its name and by its size.

    Pure.  A box that holds much of the running text is none, whatever it is called.

    titles: texts that may be the title, white space left out.
    """
    prose = [place for place, line in enumerate(lines) if line.is_prose]
    total = unique_weight(lines, prose)
    prose_set = set(prose)
    # Of what is furniture by its name: the path to its first line, and the places of its running text.
    held: dict[html.HtmlElement, tuple[Sequence[html.HtmlElement], list[int]]] = {}
    named: dict[html.HtmlElement, str | None] = {}
    for place, path in enumerate(paths):
        for element in path:
            if element not in named:
                named[element] = "consent" if is_consent_tool(element) else place_of(element)
                if named[element]:
                    held[element] = (path, [])
            if named[element] and place in prose_set:
                held[element][1].append(place)
    everything = held_below(paths)
    headed = _below_title(lines, paths, titles)
    is_box = {}
    for element, (first, places) in held.items():
        inside = unique_weight(lines, places)
        # The small print of a footer, or what a window says of the site, is often longer than a notice.
        certain = element.tag in ("nav", "footer") or named[element] == "consent" or is_window(element)
        most = _PROTECTED_CERTAIN if certain else _PROTECTED
        if element.tag == "aside" or named[element] == "related":
            beside = any(element not in path and holder not in first for path, holder in headed)
            most = _PROTECTED_BESIDE if beside else most
        quoted = named[element] == "share" and next(element.iter("blockquote"), None) is not None
        tool = inside < total and is_consent_tool(element)
        is_box[element] = (tool or inside <= most * total) and not quoted and not _has_heading(element)
    for box in _small_print(lines, paths):
        named[box], is_box[box] = "legal", True
    for box in _cards(lines, everything, prose, titles):
        named[box], is_box[box] = "related", True
    for box in _tickers(lines, everything, titles):
        named[box], is_box[box] = "related", True
    for box in threads(lines, everything):
        named[box], is_box[box] = "comments", True
    for box in controls(paths[0][0], lines, everything, titles) if paths else ():
        inside = unique_weight(lines, [place for place in everything[box] if place in prose_set])
        if inside <= _PROTECTED * total:
            named[box], is_box[box] = "form", True
    rules: list[str | None] = []
    known = {element for element in named if is_known(element)}
    for path in paths:
        # A container that holds nothing but a text stands in no box, whatever is around it.
        free = next((place + 1 for place in reversed(range(len(path))) if path[place] in known), 0)
        rules.append(next((named[element] for element in path[free:] if is_box.get(element)), None))
    return rules


def _below_title(
    lines: Sequence[Line], paths: Sequence[Sequence[html.HtmlElement]], titles: frozenset[str]
) -> list[tuple[Sequence[html.HtmlElement], html.HtmlElement]]:
    """Return the path of the first running text below each main heading that is the title, and what holds both.

    Where there is such a text, what stands beside it by its name is beside it, though it says far more.
    """
    found = []
    for head, line in enumerate(lines):
        if line.element.tag != "h1" or line.key not in titles:
            continue
        for place in range(head + 1, min(head + 1 + NEAR_TITLE, len(lines))):
            below = lines[place]
            if below.is_prose and not is_caption(paths[place]) and form_of(below, title=None, in_head=True) is None:
                holder = paths[head][0]
                for one, other in zip(paths[head], paths[place], strict=False):
                    if one is not other:
                        break
                    holder = one
                found.append((paths[place], holder))
                break
    return found


def held_below(paths: Sequence[Sequence[html.HtmlElement]]) -> dict[html.HtmlElement, list[int]]:
    """Return, for each element below the first of the paths, the places of the lines in it; pure."""
    held: dict[html.HtmlElement, list[int]] = {}
    for place, path in enumerate(paths):
        for element in path[1:]:
            held.setdefault(element, []).append(place)
    return held


def _small_print(lines: Sequence[Line], paths: Sequence[Sequence[html.HtmlElement]]) -> list[html.HtmlElement]:
    """Return the boxes around a site's registration numbers, or what stands in their place in its last lines.

    Whatever they are called, they are about the site.
    """
    found: list[html.HtmlElement] = []
    start = len(lines) // 2 + 1
    tail = range(max(start, len(lines) - 5 * _SMALL_PRINT), len(lines))
    for place in tail:
        path = paths[place]
        text = lines[place].text
        noted = place >= len(lines) - _FOOT_LINES and bool(wording.FOOT_NOTE.search(text)) and not is_sentence(text)
        if len(path) < 2 or not (noted or wording.REGISTERED.search(text)):
            continue
        box: html.HtmlElement | None = None
        for element in reversed(path[1:]):
            within = [each for each in range(max(0, tail.start - 1), len(lines)) if element in paths[each]]
            if within[0] < tail.start or len(within) > _SMALL_PRINT or _has_heading(element):
                break
            said = [lines[each].text for each in within if lines[each].is_prose]
            if any(is_sentence(text) and not wording.LEGAL.search(text) for text in said):
                break
            box = element
        if box is not None:
            found.append(box)
    return found


def _cards(
    lines: Sequence[Line],
    held: Mapping[html.HtmlElement, Sequence[int]],
    prose: Sequence[int],
    titles: frozenset[str],
) -> list[html.HtmlElement]:
    """Return the cards of a page: at least three boxes of one form, each the linked title of a page and a few words.

    Where they say far more than the rest, they are what the page is about, but for those below a heading of related
    pages.  What stands below the title weighs more.
    """
    groups: dict[tuple[html.HtmlElement, str, str], list[html.HtmlElement]] = {}
    for element, places in held.items():
        if len(places) <= _CARD_LINES and element.tag not in ("tr", "td", "th", "p"):
            groups.setdefault((element.getparent(), element.tag, element.get("class") or ""), []).append(element)
    cards = [
        element
        for group in groups.values()
        if len(group) >= _FEWEST_CARDS
        and _CARD_SHARE * len(group) <= len(fit := [each for each in group if _is_card(lines, held[each])])
        for element in fit
    ]
    headed = [element for element in cards if held[element][0] and is_related_head(lines[held[element][0] - 1])]
    sure = {element.getparent() for element in headed}
    inside = {place for element in cards for place in held[element]}
    said = unique_weight(lines, [place for place in prose if place in inside])
    rest = unique_weight(lines, [place for place in prose if place not in inside])
    heads = [place for place, line in enumerate(lines) if line.key in titles or line.element.tag == "h1"]
    below = {place for head in heads for place in range(head + 1, head + 1 + NEAR_TITLE)}.difference(inside)
    titled = TITLED * unique_weight(lines, [place for place in prose if place in below])
    if said <= _CARDS_MOST * max(rest, titled):
        return cards
    return [element for element in cards if element.getparent() in sure]


def _tickers(
    lines: Sequence[Line], held: Mapping[html.HtmlElement, Sequence[int]], titles: frozenset[str]
) -> list[html.HtmlElement]:
    """Return the lists above the title of a text whose entries begin with the linked title of a page each.

    And what says the same again elsewhere.
    """
    heads = [
        head
        for head, line in enumerate(lines)
        if line.element.tag in ("h1", "h2", "h3")
        and line.key in titles
        and any(each.is_prose and not each.links for each in lines[head + 1 : head + 1 + NEAR_TITLE])
    ]
    last = max(heads, default=-1)
    lists = {element: places for element, places in held.items() if element.tag in ("ul", "ol")}
    found = [
        element
        for element, places in lists.items()
        if places[-1] < last
        and len(places) >= _FEWEST_CARDS
        and _CARD_SHARE * len(places) <= sum(1 for place in places if _begins_with_link(lines[place]))
    ]
    said = {lines[place].key for element in found for place in lists[element]}
    copies = [element for element, places in lists.items() if said.issuperset(lines[place].key for place in places)]
    return [*found, *(element for element in copies if element not in found)]


def _begins_with_link(line: Line) -> bool:
    title = squeeze("".join(line.links[0].itertext())) if line.links else ""
    return len(title) >= TEASER_TITLE and line.key.startswith(title)


def _is_card(lines: Sequence[Line], places: Sequence[int]) -> bool:
    if len(places) < 2:
        return False
    titled = any(
        lines[place].link_share >= 0.8 and len(lines[place].key) >= TEASER_TITLE and lines[place].element.tag != "h1"
        for place in places[:3]
    )
    plain = sum(lines[place].weight for place in places if lines[place].link_share < 0.8)
    return titled and plain <= _CARD_WEIGHT


def _has_heading(element: html.HtmlElement) -> bool:
    return element.tag not in ("nav", "aside", "footer") and next(element.iter("h1"), None) is not None


def is_caption(path: Sequence[html.HtmlElement]) -> bool:
    """Tell whether a line stands in what a page calls the caption of a picture; pure."""
    return any(element.tag == "figcaption" or _CAPTION.search(element.get("class") or "") for element in path[-2:])
