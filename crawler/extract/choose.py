"""Which part of a page is its document: several readings of the page, one container; pure.

trafilatura reads the page and its answer is a vote, line by line; what comes out is cut from the page itself,
so that another skeleton around the same text, or other tags within it, give the same lines.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence

import trafilatura
from lxml import html
from trafilatura.settings import DEFAULT_CONFIG

from crawler.extract import wording
from crawler.extract.controls import controls
from crawler.extract.flow import Line, is_sentence, squeeze
from crawler.extract.furniture import form_of, is_consent_tool, is_related_head, is_window, place_of
from crawler.extract.skeleton import skeleton
from crawler.extract.threads import threads
from storage.model import BlockKind

MOST_BLOCKS = 3_000
MOST_CHARS = 2_000_000
_DEEPEST = 150
_SHARE = 0.85
_KNOWN_SHARE = 0.7
_PROTECTED = 0.4
_PROTECTED_CERTAIN = 0.9
_PROTECTED_BESIDE = 0.97
_NEAR_TITLE = 12
_TEASER_TITLE = 8
_AGREEMENT = 0.3
_TITLED = 3
_CAPTION = re.compile(r"(?:^|[\s_-]|[a-z])[Cc]aption(?:$|[\s_-])")
_FEWEST_BEFORE_INSET = 2
_SMALL_PRINT = 12
_FOOT_LINES = 4
_GAP_LINES = 12
_CARD_LINES = 8
_FEWEST_CARDS = 3
_CARD_SHARE = 0.7
_CARD_WEIGHT = 500
_CARDS_MOST = 2
_FEWEST_VOTED = 200
# Boxes that stand within a text without ending it.
_WITHIN = frozenset({"player", "share", "advertising"})

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

_CONFIG = copy.deepcopy(DEFAULT_CONFIG)
_CONFIG["DEFAULT"].update({"MIN_EXTRACTED_SIZE": "40", "MIN_OUTPUT_SIZE": "1", "EXTRACTION_TIMEOUT": "0"})


def is_known(element: html.HtmlElement) -> bool:
    """Tell whether a content system's name, or schema.org, marks an element as the text itself; pure."""
    if (element.get("id") or "").lower() in KNOWN_IDS or (element.get("itemprop") or "") == "articleBody":
        return True
    return not KNOWN_CLASSES.isdisjoint((element.get("class") or "")[:500].lower().split())


def votes(
    lines: Sequence[Line], paths: Sequence[Sequence[html.HtmlElement]], boxed: Sequence[str | None]
) -> frozenset[int]:
    """Return the places of the lines that trafilatura takes for the document's; pure.

    Empty for pages on which trafilatura takes longer than in proportion to their size.
    """
    depth = max(map(len, paths), default=0)
    if len(lines) > MOST_BLOCKS or sum(len(line.text) for line in lines) > MOST_CHARS or depth > _DEEPEST:
        return frozenset()
    answer = trafilatura.bare_extraction(
        skeleton(
            [line for line, rule in zip(lines, boxed, strict=True) if rule is None],
            [path for path, rule in zip(paths, boxed, strict=True) if rule is None],
        ),
        fast=True,
        favor_precision=True,
        include_comments=False,
        include_tables=True,
        deduplicate=False,
        with_metadata=False,
        config=_CONFIG,
    )
    body = getattr(answer, "body", None)
    if body is None:
        return frozenset()
    # No white space: the two readings break lines in different places.
    said = squeeze("".join(body.itertext()))
    found = set()
    for place, line in enumerate(lines):
        key = squeeze(line.text.replace(" | ", " ")) if " | " in line.text else line.key
        if key and key in said:
            found.add(place)
    return frozenset(found)


def _unique_weight(lines: Sequence[Line], places: Sequence[int]) -> int:
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
    total = _unique_weight(lines, prose)
    held: dict[html.HtmlElement, list[int]] = {}
    named: dict[html.HtmlElement, str | None] = {}
    for place, path in enumerate(paths):
        for element in path:
            if element not in named:
                named[element] = "consent" if is_consent_tool(element) else place_of(element)
            if named[element]:
                held.setdefault(element, []).append(place)
    everything = held_below(paths)
    headed = _below_title(lines, paths, titles)
    is_box = {}
    prose_set = set(prose)
    for element, places in held.items():
        inside = _unique_weight(lines, [place for place in places if place in prose_set])
        # The small print of a footer, or what a window says of the site, is often longer than a notice.
        certain = element.tag in ("nav", "footer") or named[element] == "consent" or is_window(element)
        most = _PROTECTED_CERTAIN if certain else _PROTECTED
        if element.tag == "aside" or named[element] == "related":
            beside = any(element not in path and holder not in paths[places[0]] for path, holder in headed)
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
        inside = _unique_weight(lines, [place for place in everything[box] if place in prose_set])
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
        for place in range(head + 1, min(head + 1 + _NEAR_TITLE, len(lines))):
            below = lines[place]
            if below.is_prose and not _is_caption(paths[place]) and form_of(below, title=None, in_head=True) is None:
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
    said = _unique_weight(lines, [place for place in prose if place in inside])
    rest = _unique_weight(lines, [place for place in prose if place not in inside])
    heads = [place for place, line in enumerate(lines) if line.key in titles or line.element.tag == "h1"]
    below = {place for head in heads for place in range(head + 1, head + 1 + _NEAR_TITLE)}.difference(inside)
    titled = _TITLED * _unique_weight(lines, [place for place in prose if place in below])
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
        and any(each.is_prose and not each.links for each in lines[head + 1 : head + 1 + _NEAR_TITLE])
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
    return len(title) >= _TEASER_TITLE and line.key.startswith(title)


def _is_card(lines: Sequence[Line], places: Sequence[int]) -> bool:
    if len(places) < 2:
        return False
    titled = any(
        lines[place].link_share >= 0.8 and len(lines[place].key) >= _TEASER_TITLE and lines[place].element.tag != "h1"
        for place in places[:3]
    )
    plain = sum(lines[place].weight for place in places if lines[place].link_share < 0.8)
    return titled and plain <= _CARD_WEIGHT


def _has_heading(element: html.HtmlElement) -> bool:
    return element.tag not in ("nav", "aside", "footer") and next(element.iter("h1"), None) is not None


def longest_run(lines: Sequence[Line], boxed: Sequence[str | None], titles: frozenset[str]) -> tuple[list[int], float]:
    """Return the places of the heaviest stretch of running text, and its weight.

    Pure.  Teasers are broken by the links that are their titles, a document is not.  A stretch right after
    what may be the title weighs more.

    titles: texts that may be the title, white space left out; a heading of the first rank may be it as well, where
        none of that rank is one of them.
    """
    said = any(line.element.tag == "h1" and line.key in titles for line in lines)
    best: list[int] = []
    best_weight = 0.0
    run: list[int] = []
    since_title = _NEAR_TITLE + 1

    def close() -> None:
        nonlocal best, best_weight
        size = float(_unique_weight(lines, run)) * (_TITLED if titled else 1)
        if size > best_weight:
            best, best_weight = list(run), size
        run.clear()

    titled = False
    before = 0
    for place, line in enumerate(lines):
        if boxed[place] in _WITHIN:
            continue
        since_title += 1
        if line.key in titles or line.element.tag == "h1":
            close()
            before = 0
            since_title = 0 if line.key in titles or not said else _NEAR_TITLE + 1
            continue
        if boxed[place] is None and len(run) - before >= _FEWEST_BEFORE_INSET and _is_inset(line, lines[run[-1]]):
            # One link in a box of its own within a text; what a list of teasers is made of has one after each.
            before = len(run)
        elif boxed[place] is not None or (line.link_share >= 0.5 and len(line.key) >= _TEASER_TITLE):
            close()
            before = 0
        elif line.is_prose and form_of(line, title=None, in_head=False) is None:
            if not run:
                titled = since_title <= _NEAR_TITLE
            run.append(place)
    close()
    return best, best_weight


def _is_inset(line: Line, last: Line) -> bool:
    """Tell whether a line is a link in a box of its own, within the element that holds the paragraph before it."""
    if line.link_share < 0.5:
        return False
    homes = {last.element, last.element.getparent()}
    box = line.element.getparent()
    if box is None or box in homes or line.element in homes:
        return False
    return any(above in homes and above.tag not in ("body", "html") for above in box.iterancestors())


def elect(
    lines: Sequence[Line], boxed: Sequence[str | None], voted: frozenset[int], titles: frozenset[str]
) -> frozenset[int]:
    """Return the votes, or the longest run instead where they are for something else and for less.

    Pure.
    """
    run, run_weight = longest_run(lines, boxed, titles)
    agreed = _unique_weight(lines, [place for place in run if place in voted])
    if not run or agreed >= _AGREEMENT * _unique_weight(lines, run):
        return voted
    masked = [rule if place in voted else "not voted" for place, rule in enumerate(boxed)]
    said = [place for place in sorted(voted) if boxed[place] is None and lines[place].link_share < 0.5]
    rival = max(longest_run(lines, masked, titles)[1], _unique_weight(lines, said))
    return voted if rival > run_weight else frozenset(run)


def choose(
    lines: Sequence[Line],
    paths: Sequence[Sequence[html.HtmlElement]],
    boxed: Sequence[str | None],
    voted: frozenset[int],
) -> tuple[html.HtmlElement | None, bool]:
    """Return the element that holds the document, None where no line could be one's; and if votes decided.

    Pure.  Weights are of distinct lines: a text that a page holds twice does not pull the choice up to both.
    """
    free = [place for place in range(len(lines)) if boxed[place] is None]
    prose = [place for place in free if lines[place].is_prose]
    counted = [place for place in free if place in voted and lines[place].link_share < 0.5]
    if said := [place for place in prose if not _is_caption(paths[place])]:
        # What is said of a picture is no text where there is one beside.
        counted = [place for place in counted if not _is_caption(paths[place])]
        prose = said
    decided = _unique_weight(lines, counted) >= _FEWEST_VOTED or 3 * _unique_weight(lines, counted) >= _unique_weight(
        lines, prose
    )
    if not decided:
        counted = prose
    counted = counted or [place for place in free if place in voted]
    counted = counted or [place for place in free if lines[place].link_share < 0.3]
    if not counted:
        return None, False
    total = _unique_weight(lines, counted)
    level = 0
    chosen = paths[counted[0]][0]
    inside = counted
    while True:
        branches: dict[html.HtmlElement, list[int]] = {}
        for place in inside:
            if level + 1 < len(paths[place]):
                branches.setdefault(paths[place][level + 1], []).append(place)
        best, best_weight = None, 0
        for element, places in branches.items():
            size = _unique_weight(lines, places)
            if size > best_weight:
                best, best_weight = element, size
        if best is None:
            return chosen, decided
        if best_weight < _SHARE * total and not (is_known(best) and best_weight >= _KNOWN_SHARE * total):
            return chosen, decided
        if chosen.tag != "body" and sum(1 for path in paths if len(path) > level + 1 and path[level + 1] is best) == 1:
            # However many boxes are around one paragraph, it is not the container of a text.
            return chosen, decided
        if best.tag in ("p", "h1", "h2", "h3", "h4", "li", "td", "tr", "tbody", "dd", "blockquote", "pre", "span"):
            # One long paragraph is not yet the container of a text.
            below = [place for place in branches[best] if len(paths[place]) > level + 2]
            if best.tag not in ("td", "tr", "tbody") or not below:
                return chosen, decided
        chosen, inside = best, branches[best]
        level += 1


def _is_caption(path: Sequence[html.HtmlElement]) -> bool:
    return any(element.tag == "figcaption" or _CAPTION.search(element.get("class") or "") for element in path[-2:])


def _form(path: Sequence[html.HtmlElement]) -> tuple[tuple[str, str], ...]:
    return tuple((element.tag, element.get("class") or "") for element in path)


def twins(
    lines: Sequence[Line],
    paths: Sequence[Sequence[html.HtmlElement]],
    boxed: Sequence[str | None],
    inside: Sequence[int],
) -> list[int]:
    """Return the lines of boxes built as the container is, which hold the rest of a text set in several.

    Pure.  Documents one below the other are built alike as well: each has its heading, a text has one.

    inside: the places of the lines in the container, which is the element that all their paths share.
    """
    if not inside:
        return []
    level = 0
    first, last = paths[inside[0]], paths[inside[-1]]
    while level < min(len(first), len(last)) and first[level] is last[level]:
        level += 1
    own = _form(first[:level])
    if len(own) < 3 or not own[-1][1] or any(lines[place].element.tag == "h1" for place in inside):
        return []
    found: list[int] = []
    for step, start in ((1, inside[-1] + 1), (-1, inside[0] - 1)):
        place = start
        box: list[int] = []
        gap = 0
        while 0 <= place < len(lines):
            alike = len(paths[place]) >= level and _form(paths[place][:level]) == own
            if alike:
                box.append(place)
                gap = 0
            elif boxed[place] is None:
                if lines[place].kind is BlockKind.HEADING or gap >= _GAP_LINES:
                    break
                gap += 1
            place += step
        said = [each for each in box if lines[each].is_prose and boxed[each] is None]
        links = sum(lines[each].link_chars for each in box)
        chars = sum(len(lines[each].key) for each in box)
        if len(said) >= 2 and 3 * links < chars and not any(lines[each].element.tag == "h1" for each in box):
            found.extend(box)
    return found
