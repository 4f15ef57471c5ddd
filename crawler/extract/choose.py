"""Which part of a page is its document: several readings of the page, one container; pure.

trafilatura reads the page and its answer is a vote, line by line; what comes out is cut from the page itself,
so that another skeleton around the same text, or other tags within it, give the same lines.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import trafilatura
from lxml import html
from trafilatura.settings import DEFAULT_CONFIG

from crawler.extract.boxes import NEAR_TITLE, TEASER_TITLE, TITLED, is_caption, is_known, unique_weight
from crawler.extract.flow import Line, squeeze
from crawler.extract.furniture import form_of
from crawler.extract.skeleton import skeleton
from storage.model import BlockKind

MOST_BLOCKS = 3_000
MOST_CHARS = 2_000_000
_DEEPEST = 150
_SHARE = 0.85
_KNOWN_SHARE = 0.7
_AGREEMENT = 0.3
_FEWEST_BEFORE_INSET = 2
_GAP_LINES = 12
_FEWEST_VOTED = 200
# Boxes that stand within a text without ending it.
_WITHIN = frozenset({"player", "share", "advertising"})

_CONFIG = copy.deepcopy(DEFAULT_CONFIG)
_CONFIG["DEFAULT"].update({"MIN_EXTRACTED_SIZE": "40", "MIN_OUTPUT_SIZE": "1", "EXTRACTION_TIMEOUT": "0"})


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
    since_title = NEAR_TITLE + 1

    def close() -> None:
        nonlocal best, best_weight
        size = float(unique_weight(lines, run)) * (TITLED if titled else 1)
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
            since_title = 0 if line.key in titles or not said else NEAR_TITLE + 1
            continue
        if boxed[place] is None and len(run) - before >= _FEWEST_BEFORE_INSET and _is_inset(line, lines[run[-1]]):
            # One link in a box of its own within a text; what a list of teasers is made of has one after each.
            before = len(run)
        elif boxed[place] is not None or (line.link_share >= 0.5 and len(line.key) >= TEASER_TITLE):
            close()
            before = 0
        elif line.is_prose and form_of(line, title=None, in_head=False) is None:
            if not run:
                titled = since_title <= NEAR_TITLE
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
    agreed = unique_weight(lines, [place for place in run if place in voted])
    if not run or agreed >= _AGREEMENT * unique_weight(lines, run):
        return voted
    masked = [rule if place in voted else "not voted" for place, rule in enumerate(boxed)]
    said = [place for place in sorted(voted) if boxed[place] is None and lines[place].link_share < 0.5]
    rival = max(longest_run(lines, masked, titles)[1], unique_weight(lines, said))
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
    if said := [place for place in prose if not is_caption(paths[place])]:
        # What is said of a picture is no text where there is one beside.
        counted = [place for place in counted if not is_caption(paths[place])]
        prose = said
    decided = unique_weight(lines, counted) >= _FEWEST_VOTED or 3 * unique_weight(lines, counted) >= unique_weight(
        lines, prose
    )
    if not decided:
        counted = prose
    counted = counted or [place for place in free if place in voted]
    counted = counted or [place for place in free if lines[place].link_share < 0.3]
    if not counted:
        return None, False
    total = unique_weight(lines, counted)
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
            size = unique_weight(lines, places)
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
