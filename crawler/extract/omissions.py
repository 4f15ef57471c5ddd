"""Which lines in a document's place are none of its text, each with the name of the rule; pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from lxml import html

from crawler.extract.days import DAY_ALONE, DAY_IN_BRACKETS
from crawler.extract.flow import Line, is_sentence, squeeze
from crawler.extract.furniture import (
    form_of,
    is_comments_head,
    is_link_farm,
    is_related_head,
    strangers,
)
from crawler.extract.labels import stated_validity
from crawler.extract.linked import leave_out_emptied_heads, leave_out_links
from crawler.extract.numbers import is_decree_line, is_number_line
from crawler.extract.page import Page
from crawler.extract.readers import (
    LONG_NUMBER,
    NUMBER_LABEL,
    WEATHER_HEAD,
    WEATHER_TITLE,
    heads_advertising,
    is_weather,
)
from crawler.extract.wording import DATE
from storage.model import BlockKind

_LONG_KEY = 60
_SIGNED_NEAR_END = 8
_LOG_LINES = 3
_TITLE_LINES = 4
_NEAR_LINES = 12
_ABOVE_TITLE = 0.15
_LINKED = 0.3
_FEWEST_KNOBS = 3
_KNOB_WEIGHT = 16
_AD_LINES = 4
_AD_WEIGHT = 300
_WEATHER_LINES = 3
_FILM_NAME = 8
_FILM_LINES = 4

# With such words an official letter ends; nothing else says them by themselves.
_CLOSING = re.compile(
    r"^(?:现)?(?:特此|专此|此)(?:[公通]告|通知|公示|声明|说明|批复|函[复告达]|报告|回?复|致|令)[。！.]?$"
)
_RED_HEAD = re.compile(r"^[\u4e00-\u9fff ]{4,40}文件$")
_TIME_ONLY = re.compile(
    r"^[\[【(（]?(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?\s?)?\d{1,2}[:：]\d{2}(?:[:：]\d{2})?[\]】)）]?$"
)


def omissions(page: Page, title: str | None) -> list[str | None]:
    """Return, for each line of the document's place, the rule that leaves it out, or None where it stays; pure."""
    lines = [page.lines[place] for place in page.inside]
    first = page.first_prose()
    reasons: list[str | None] = []
    stamps = sum(1 for line in lines if _TIME_ONLY.match(line.text))
    key = squeeze(title or "")
    stated = [squeeze(value) for value in page.labelled.values.values()]
    staying: set[int] = set()
    dated = {
        place
        for place in range(max(0, first - _NEAR_LINES), first)
        if DATE.search(page.lines[place].text) and form_of(page.lines[place], title=None, in_head=True) == "byline"
    }
    titled = any(line.key == key for line in page.lines[: page.inside[0] if page.inside else 0])
    for place, line in zip(page.inside, lines, strict=True):
        in_head = place < first
        # A decree ends its own text with the name of what it issues, and that begins with the name.  The first line
        # may be the title once more, also where it reads like a sentence.
        named = title if place <= first or not titled else None
        reason = page.boxed[place] or form_of(line, title=named, in_head=in_head)
        if reason == "byline" and stamps >= _LOG_LINES and _TIME_ONLY.match(line.text):
            reason = None
        if reason == "byline" and DAY_IN_BRACKETS.match(line.text) and dated - {place} and place - 1 in staying:
            reason = None  # the site says elsewhere when the page came out: this day is the document's own
        below = page.lines[place + 1].text if place + 1 < len(page.lines) else ""
        numbered = in_head and (
            is_number_line(line.text)
            or _says_only(line.key, stated)
            or stated_validity(line.text) is not None
            or is_decree_line(line.text, below)
            or bool(_RED_HEAD.match(line.text) and is_number_line(below))
        )
        if place in page.labelled.places or (reason is None and numbered):
            reason = "labels"
        if reason is None and line.kind is not BlockKind.TABLE and is_link_farm(line, page.url):
            reason = "foreign_links"
        # Asked of each line: a search of the list would take the square of their number.
        titled = titled or reason == "title"
        if reason is None:
            staying.add(place)
        reasons.append(reason)
    _leave_out_broken_title(lines, reasons, title, first=sum(1 for place in page.inside if place < first))
    _leave_out_films(lines, reasons)
    _leave_out_knobs(page, lines, reasons)
    _leave_out_sections(page, lines, reasons)
    _leave_out_labelled(page, lines, reasons)
    _leave_out_around(page, lines, reasons, title)
    leave_out_links(page, lines, reasons)
    _leave_out_before_title(page, lines, reasons, title)
    _leave_out_beside(page, lines, reasons)
    leave_out_emptied_heads(lines, reasons)
    _leave_out_repeats(lines, reasons)
    kept = [place for place, reason in enumerate(reasons) if reason is None]
    if not kept:
        # A page of links alone: what trafilatura takes for its text is all there is.
        for place, reason in enumerate(reasons):
            if reason in ("links", "related") and page.inside[place] in page.voted:
                reasons[place] = None
    for stranger in strangers([lines[place] for place in kept]):
        reasons[kept[stranger]] = "script"
    return reasons


def _leave_out_films(lines: Sequence[Line], reasons: list[str | None]) -> None:
    """The name of a film, said again above its player, goes with the card of the film."""
    for place, line in enumerate(lines):
        if reasons[place] == "player" and len(line.key) > _FILM_NAME:
            for below in range(place + 1, min(place + 1 + _FILM_LINES, len(lines))):
                if len(lines[below].key) >= _FILM_NAME and line.key.startswith(lines[below].key):
                    reasons[below] = reasons[below] or "player"


def _leave_out_knobs(page: Page, lines: Sequence[Line], reasons: list[str | None]) -> None:
    """The same word in the box of every heading that has it is a knob: to edit a section, to have it read out."""
    beside: dict[str, list[int]] = {}
    elsewhere: set[str] = set()
    heading: Line | None = None
    for place, line in enumerate(lines):
        if line.kind is BlockKind.HEADING:
            heading = line
        elif line.weight <= _KNOB_WEIGHT and not is_sentence(line.text):
            box = heading.element.getparent() if heading is not None else None
            if box is not None and box is not page.container and box in page.paths[page.inside[place]]:
                beside.setdefault(line.key, []).append(place)
            else:
                elsewhere.add(line.key)
        else:
            heading = None
    for key, places in beside.items():
        if len(places) >= _FEWEST_KNOBS and key not in elsewhere:
            for place in places:
                reasons[place] = reasons[place] or "share"


def _leave_out_sections(page: Page, lines: Sequence[Line], reasons: list[str | None]) -> None:
    """A heading of related pages or comments takes its box with it, or the links right below."""
    total = sum(line.weight for line in lines if line.is_prose)
    spans = _spans(page)
    last_kept = -1
    place = 0
    while place < len(lines):
        line = lines[place]
        name = "related" if is_related_head(line) else "comments" if is_comments_head(line) else None
        if name is None or reasons[place] not in (None, name):
            last_kept = place if reasons[place] is None else last_kept
            place += 1
            continue
        end = _box_end(page, place, spans, last_kept)
        size = sum(each.weight for each in lines[place:end] if each.is_prose)
        if end > place + 1 and 2 * size <= total and (name == "comments" or _is_linked(lines[place:end])):
            for each in range(place, end):
                reasons[each] = reasons[each] or name
            place = end
            continue
        below = place + 1
        while below < len(lines) and (
            lines[below].link_share >= 0.5
            or reasons[below] is not None
            or _is_teaser_date(lines[below])
            or (below > place + 1 and _goes_on(lines[below - 1], lines[below]))
        ):
            reasons[below] = reasons[below] or name
            below += 1
        if below > place + 1 or below == len(lines):
            reasons[place] = name
        last_kept = place if reasons[place] is None else last_kept
        place = below


def _leave_out_labelled(page: Page, lines: Sequence[Line], reasons: list[str | None]) -> None:
    """A label of advertising takes what stands in its box with it: a link or two, no running text."""
    labels = {place for place, line in enumerate(lines) if heads_advertising(line)}
    if not labels:
        return
    spans = _spans(page)
    last_kept = -1
    for place in range(len(lines)):
        if place in labels:
            end = _box_end(page, place, spans, last_kept)
            box = lines[place + 1 : end]
            if len(box) <= _AD_LINES and sum(each.weight for each in box) <= _AD_WEIGHT:
                for each in range(place + 1, end):
                    if lines[each].link_share >= _LINKED or not is_sentence(lines[each].text):
                        reasons[each] = reasons[each] or "advertising"
        last_kept = place if reasons[place] is None else last_kept


def _leave_out_around(page: Page, lines: Sequence[Line], reasons: list[str | None], title: str | None) -> None:
    """Before the first and after the last running text, in no box of it: the weather, and a long number by itself.

    A document about the weather keeps all of it, and a number stays below what says whose it is.
    """
    prose = [place for place, line in enumerate(lines) if reasons[place] is None and line.is_prose]
    if not prose:
        return
    homes = {lines[place].element.getparent() for place in prose}
    weather = [place for place, line in enumerate(lines) if reasons[place] is None and is_weather(line.text)]
    about = bool(WEATHER_TITLE.search(title or "")) or len(weather) > _WEATHER_LINES
    for place, line in enumerate(lines):
        if reasons[place] is not None or prose[0] <= place <= prose[-1] or line.element.getparent() in homes:
            continue
        above = lines[place - 1].text if place else ""
        if LONG_NUMBER.match(line.text) and not NUMBER_LABEL.search(above[-20:]):
            reasons[place] = "counter"
        elif not about and place in weather:
            reasons[place] = "weather"
            if place and reasons[place - 1] is None and WEATHER_HEAD.match(above):
                reasons[place - 1] = "weather"


def _spans(page: Page) -> dict[html.HtmlElement, tuple[int, int]]:
    """Return, for each element, the first of its lines and the one after its last, counted inside."""
    spans: dict[html.HtmlElement, tuple[int, int]] = {}
    for count, place in enumerate(page.inside):
        for element in page.paths[place]:
            spans[element] = (spans.get(element, (count, 0))[0], count + 1)
    return spans


def _box_end(page: Page, place: int, spans: dict[html.HtmlElement, tuple[int, int]], last_kept: int) -> int:
    """Return where the largest element around a heading ends that holds no text of the document before it."""
    end = place + 1
    for element in reversed(page.paths[page.inside[place]]):
        if element is page.container or spans[element][0] <= last_kept:
            break
        end = spans[element][1]
    return end


def _says_only(key: str, stated: Sequence[str]) -> bool:
    """Tell whether a line is nothing but what the label table states: its number again, or a badge of its validity."""
    rest = key
    for value in sorted(stated, key=len, reverse=True):
        rest = rest.replace(value, "", 1) if value else rest
    return not rest and bool(key)


def _leave_out_before_title(page: Page, lines: Sequence[Line], reasons: list[str | None], title: str | None) -> None:
    """What stands above the title inside the container is the site's, unless much of the text is there."""
    if not title:
        return
    prose = [place for place, line in enumerate(lines) if reasons[place] is None and line.is_prose]
    total = sum(lines[place].weight for place in prose)
    above = 0
    for place, line in enumerate(lines):
        if reasons[place] == "title":
            for each in range(place):
                reasons[each] = reasons[each] or "above_title"
            return
        above += line.weight if reasons[place] is None and line.is_prose else 0
        if above > _ABOVE_TITLE * total:
            return


def _leave_out_beside(page: Page, lines: Sequence[Line], reasons: list[str | None]) -> None:
    """Before the first and after the last line voted for, only neighbours of such lines stay.

    Where the votes are for a small share of the container, so it is between them.
    """
    stays = [place for place, reason in enumerate(reasons) if reason is None]
    voted = [place for place in stays if page.inside[place] in page.voted]
    if not voted or not page.decided:
        return
    said = sum(lines[place].weight for place in voted)
    dense = 2 * said >= sum(lines[place].weight for place in stays)
    firm = [place for place in voted if lines[place].is_prose] or voted
    first, last = firm[0], firm[-1]
    homes = {lines[place].element for place in voted if lines[place].is_prose}
    homes |= {element.getparent() for element in homes}
    chains = {_chain(page, page.inside[place]) for place in voted if lines[place].is_prose}
    # Headings built as those between the paragraphs are head what follows them.
    chains |= {
        _chain(page, page.inside[place])
        for place in stays
        if first <= place <= last and lines[place].kind is BlockKind.HEADING
    }
    # Below a text stands who signed it and when, in a box of its own at times.
    days = [place for place in stays[-_SIGNED_NEAR_END:] if last < place and DAY_ALONE.match(lines[place].key)]
    signed = {each for place in days for each in range(max(last, place - 2), place + 1) if lines[each].weight <= 80}
    after = dict(itertools.pairwise(stays))
    before = {second: first for first, second in after.items()}
    said_to_stay = set(voted)
    listed = _among_voted(lines, stays, said_to_stay)
    for place in stays:
        if place in signed or page.inside[place] in page.voted or (dense and first <= place <= last):
            continue
        element = lines[place].element
        if element in homes or element.getparent() in homes or _chain(page, page.inside[place]) in chains:
            continue
        if place in listed:
            continue
        if place and reasons[place - 1] is None and _is_announced(lines[place - 1], lines[place]):
            continue
        if lines[place].kind is BlockKind.HEADING and {before.get(place), after.get(place)} <= said_to_stay:
            continue  # what heads one paragraph of the text, right after another
        if lines[place].kind is BlockKind.HEADING and _heads_box_of(page, lines, place, after.get(place), said_to_stay):
            continue
        if is_data_table(lines[place]):
            continue  # the annex of a notice, which votes by running text pass over
        if _CLOSING.match(lines[place].text):
            continue
        reasons[place] = "beside"


def _heads_box_of(page: Page, lines: Sequence[Line], place: int, below: int | None, voted: set[int]) -> bool:
    """Tell whether a heading stands right above a line voted for, in a box of their own."""
    box = lines[place].element.getparent()
    return below in voted and box is not page.container and box is lines[below or 0].element.getparent()


def _among_voted(lines: Sequence[Line], stays: Sequence[int], voted: set[int]) -> set[int]:
    """Return the entries of lists that stand right between lines voted for, and are no links."""
    runs = [list(run) for _, run in itertools.groupby(stays, key=lambda place: lines[place].element.getparent())]
    found: set[int] = set()
    for above, run, below in zip(runs, runs[1:], runs[2:], strict=False):
        holder = lines[run[0]].element.getparent()
        if (
            holder is not None
            and holder.tag in ("ul", "ol")
            and {above[-1], below[0]} <= voted
            and not any(lines[place].links for place in run)
        ):
            found.update(run)
    return found


def _is_announced(before: Line, line: Line) -> bool:
    """Tell whether an entry of a list follows the sentence that announces it, or another entry."""
    if line.kind is not BlockKind.LIST or line.links:
        return False
    return before.text.endswith(("：", ":")) or (
        before.kind is BlockKind.LIST and before.element.getparent() is line.element.getparent()
    )


def _chain(page: Page, place: int) -> tuple[tuple[str, str], ...]:
    """Return tags and classes from the container down to a line: twins are built alike."""
    path = page.paths[place]
    start = path.index(page.container) if page.container in path else 0
    return tuple((element.tag, element.get("class") or "") for element in path[start + 1 :])


def is_data_table(line: Line) -> bool:
    """Tell whether a line is a table of at least three rows that leads nowhere."""
    return line.kind is BlockKind.TABLE and not line.links and line.text.count("\n") >= 2


def _is_linked(lines: Sequence[Line]) -> bool:
    chars = sum(len(line.key) for line in lines)
    return sum(line.link_chars for line in lines) >= _LINKED * chars


def _goes_on(line: Line, below: Line) -> bool:
    """Tell whether a list of links goes on below one of its entries, with words around the link."""
    alike = line.kind is below.kind is BlockKind.LIST and line.element.getparent() is below.element.getparent()
    return alike and bool(line.links) and below.link_share >= _LINKED


def _is_teaser_date(line: Line) -> bool:
    return len(line.text) <= 40 and bool(re.search(r"\d", line.text)) and not is_sentence(line.text)


def _leave_out_broken_title(lines: Sequence[Line], reasons: list[str | None], title: str | None, *, first: int) -> None:
    """A title set on several lines before the text is the title all the same."""
    wanted = squeeze(title or "")
    for start in range(first):
        said = ""
        for end in range(start, min(first, start + _TITLE_LINES)):
            said += lines[end].key
            if not wanted.startswith(said):
                break
            if said == wanted and end > start:
                reasons[start : end + 1] = ["title"] * (end + 1 - start)
                return


def _leave_out_repeats(lines: Sequence[Line], reasons: list[str | None]) -> None:
    """A long paragraph that came before is left out, and with it the short lines of the same copy."""
    first: dict[str, int] = {}
    again: dict[int, int] = {}
    for place, line in enumerate(lines):
        if reasons[place] is not None:
            continue
        # Digits are kept in the key: two rows that differ in a number are two statements.
        key = re.sub(r"[\W_]+", "", line.text)
        if key in first:
            again[place] = first[key]
        else:
            first[key] = place
    # Lines that were reached in a direction; what lies further on was seen to then.
    reached: dict[int, set[int]] = {-1: set(), 1: set()}
    for place in sorted(again):
        if len(lines[place].key) > _LONG_KEY:
            reasons[place] = "repeated"
            for step in (-1, 1):
                beside = place + step
                while beside not in reached[step] and (
                    (beside in again and reasons[beside] in (None, "repeated"))
                    or (0 <= beside < len(lines) and reasons[beside] not in (None, "repeated"))
                ):
                    reached[step].add(beside)
                    if beside in again:
                        reasons[beside] = "repeated"
                    beside += step
