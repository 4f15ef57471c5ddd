"""The days that a list says of its documents: beside a link, in an attribute, under a heading of a year; pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from zoneinfo import ZoneInfo

from lxml import etree, html

from spiders.clicks import squeezed, text_of
from spiders.data import day_of
from spiders.day_labels import published_in
from spiders.days import Dated, completed, days_ago_in, short_day_in
from spiders.hints import day_in, day_in_address, day_in_boxes
from spiders.source import Found, Source

# How far up from a link its row may reach, and how long the text of a row may be.
_ROW_LEVELS = 4
_LEVELS = 20
_ROW_TEXT = 400
# Of a longer row, only what stands by itself in a piece as short as this.
_PIECE_TEXT = 40
_MOST_PIECES = 300

_DAY_NAMES = ("datetime", "data-date", "data-time", "data-datetime", "data-pubdate", "data-publish")
_HOLDING = f"//*[{' or '.join(f'@{name}' for name in _DAY_NAMES)}]"
_MOMENT = re.compile(r"\d{10}|\d{13}")
_ANYWHERE = ZoneInfo("UTC")
_ZONED = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?\s?(?:Z|[+-]\d\d:?\d\d)")
# 01/17/2024 or 17/01/2024: which of the two, rows with days beyond the 12th tell, and else the country.
YEAR_LAST = re.compile(r"(?<![\d./-])(\d{1,2})([-/.])(\d{1,2})\2((?:19|20)?\d\d)(?![\d/-]|\.\d)")
_MONTH_FIRST = re.compile(
    r"(?i)America/(?:New_York|Chicago|Denver|Los_Angeles|Phoenix|Anchorage|Detroit|Boise)|US/|en[-_]US"
)
_DAY_FIRST = re.compile(r"(?i)Europe/|en[-_](?:GB|AU|NZ|IE|IN|ZA)|(?:fr|de|es|it|pt|nl)\b")
# Years of the Republic of China, from 1912: by name anywhere, as a bare number only where they are used.
_REPUBLIC = re.compile(r"民[國国]\s?(\d{2,3})\s?年\s?(\d{1,2})\s?月\s?(\d{1,2})\s?日")
_REPUBLIC_BARE = re.compile(r"(?<![\d./-])(1\d\d)\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?![\d./-])")
_TRADITIONAL = re.compile(r"(?i)zh[-_](?:hant|tw)")
_YEAR_ALONE = re.compile(r"((?:19[5-9]|20\d)\d)\s?(?:年度?)?")
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6", "dt", "th", "caption", "legend"})
_NO_HEADING = frozenset({"a", "option", "button", "script", "style", "title"})


@dataclass(frozen=True, slots=True)
class _Near:
    """What stands around a link.

    day: in full, outside of the title.  beside: what its row says beside it.  row: the element.
    named: a day in the link's own text, which may be of what the document is about.
    """

    day: date | None
    beside: str
    row: etree._Element
    named: date | None = None


def _rows(links: Sequence[tuple[etree._Element, str]]) -> dict[etree._Element, str | None]:
    """Return, for what lies around links, the only document in it, or None where there are several."""
    rows: dict[etree._Element, str | None] = {}
    for element, target in links:
        for around in islice(element.iterancestors(), _ROW_LEVELS):
            if rows.setdefault(around, target) != target:
                rows[around] = None
    return rows


def _beside(element: etree._Element) -> str:
    """Return what stands beside a link whose row does not hold it: right after it, or in the other half of a pair."""
    pair = element.getparent()
    before = element.getprevious()
    ahead = (before.tail if before is not None else pair.text if pair is not None else "") or ""
    # Where days stand before their links, what follows a link is the day of the next one.
    beside = (element.tail or "")[:60] if day_in(ahead[-60:]) is None else ""
    if pair is not None and pair.tag in ("dd", "dt"):
        other = pair.getprevious() if pair.tag == "dd" else pair.getnext()
        if other is not None and {other.tag, pair.tag} == {"dd", "dt"} and other.find(".//a") is None:
            beside += " " + text_of(other, 60, " ")
    return beside


def _near(element: etree._Element, target: str, rows: dict[etree._Element, str | None]) -> _Near:
    """Return the day in the smallest surroundings of a link that name no other document, and what they say beside."""
    texts: list[str] = []
    row, is_long = element, False
    for place in (element, *islice(element.iterancestors(), _ROW_LEVELS)):
        if place is not element and rows.get(place) != target:
            break
        row = place
        # Cells of a row stand apart: "market</td><td>May 23" must not become one word.
        text = text_of(place, _ROW_TEXT + 1, " ")
        is_long = is_long or len(text) > _ROW_TEXT
        if not is_long:
            texts.append(text)
    beside = _beside(element)
    beside = "" if texts and beside.strip() in texts[-1] else beside
    # Without the link, whose text may name another day.
    around = texts[-1].replace(texts[0], " ", 1) if texts else ""
    # Nor what stands as a heading above a link that only says "read more".
    bare = around
    for heading in islice(row.iter("h2", "h3", "h4", "h5", "h6"), _ROW_LEVELS) if texts else ():
        bare = bare.replace(text_of(heading, _ROW_TEXT, " "), " ", 1)
    days = (read(text) for read in (day_in, day_in_boxes) for text in dict.fromkeys((bare, around, beside)))
    if is_long:
        pieces = list(_pieces(row, element))
        days = (day_in(text) for text in pieces)
        around = next((text for text in pieces if short_day_in(text) or days_ago_in(text) is not None), "")
    # A link around the whole row holds its day as a piece of its own.
    inside = (day_in(text) for text in _pieces(element, element)) if len(element) else ()
    named = next(filter(None, (read(texts[0]) for read in (day_in, day_in_boxes))), None) if texts else None
    return _Near(
        day=published_in(element, row) or next(filter(None, (*days, *inside)), None),
        beside=" ".join(f"{around} {beside}".split()),
        row=row,
        named=named,
    )


def _pieces(row: etree._Element, link: etree._Element) -> Iterator[str]:
    """Yield the short texts of a row that stand in elements of their own."""
    for element in islice(row.iter(), _MOST_PIECES):
        if (
            isinstance(element.tag, str)
            and element is not link
            and len(element) == 0
            and element.tag not in _NO_HEADING
        ):
            text = squeezed(element, _PIECE_TEXT + 1)
            if 0 < len(text) <= _PIECE_TEXT:
                yield text


def _for_machines(
    tree: html.HtmlElement, rows: Collection[etree._Element], zone: ZoneInfo
) -> dict[etree._Element, date]:
    """Return the first day that each row holds in an attribute."""
    days: dict[etree._Element, date] = {}
    for element in tree.xpath(_HOLDING):
        around = (each for each in (element, *islice(element.iterancestors(), _LEVELS)) if each in rows)
        row = next(around, None)
        if row is not None and row not in days and (day := _held(element, zone)) is not None:
            days[row] = day
    return days


def _held(element: etree._Element, zone: ZoneInfo) -> date | None:
    for name in _DAY_NAMES:
        said = (element.get(name) or "")[:60]
        if zoned := _ZONED.match(said):
            try:
                moment = datetime.fromisoformat(zoned[0].replace(" +", "+").replace(" Z", "Z"))
                return moment.astimezone(zone).date()
            except (ValueError, OverflowError):
                continue
        if found := day_in(said) or (day_of(said, zone) if _MOMENT.fullmatch(said) else None):
            return found
    return None


def is_held(row: etree._Element) -> bool:
    """Tell whether a row holds a day in an attribute."""
    return any(_held(element, _ANYWHERE) is not None for element in islice(row.iter(), _MOST_PIECES) if element.attrib)


def _year_last(texts: Sequence[str], *places: str) -> dict[str, date]:
    """Return the days that texts say with the year last, in figures, where their order can be told.

    places: the language of the page, the zone of the source.
    """
    found = {text: match for text in texts if (match := YEAR_LAST.search(text))}
    firsts, seconds, years = ([int(match[place]) for match in found.values()] for place in (1, 3, 4))
    if any(year < 100 for year in years) and len(set(years)) >= len(set(firsts)):
        # Of years in two figures, a list has few; where there are as many as days, the year may stand first.
        return {}
    orders = {"month": max(seconds, default=0) > 12, "day": max(firsts, default=0) > 12}
    if not any(orders.values()):
        said = next((each for each in places if _MONTH_FIRST.match(each) or _DAY_FIRST.match(each)), "")
        orders = {"month": _MONTH_FIRST.match(said) is not None, "day": _DAY_FIRST.match(said) is not None}
    if orders["month"] == orders["day"]:
        # Not of one order, or of one that nothing tells.
        return {}
    month_first = orders["month"]
    days: dict[str, date] = {}
    for text, match in found.items():
        month, day = (match[1], match[3]) if month_first else (match[3], match[1])
        year = int(match[4])
        if made := _made(year if year > 99 else 2000 + year - 100 * (year > 69), int(month), int(day)):
            days[text] = made
    return days


def _republican(text: str, *, bare: bool) -> date | None:
    match = _REPUBLIC.search(text) or (_REPUBLIC_BARE.search(text) if bare else None)
    return _made(int(match[1]) + 1911, int(match[2]), int(match[3])) if match else None


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _years_above(tree: html.HtmlElement, rows: Collection[etree._Element]) -> dict[etree._Element, int]:
    """Return the year under whose heading each row stands; where several stand in a row, they are a choice."""
    years: dict[etree._Element, int] = {}
    year: int | None = None
    fresh = False
    for element in tree.iter():
        if element in rows:
            fresh = False
            if year:
                years[element] = year
        elif isinstance(element.tag, str) and element.tag not in _NO_HEADING and len(element) == 0:
            match = _YEAR_ALONE.fullmatch(squeezed(element, 12)) if element.text else None
            if match and all(around.tag not in _NO_HEADING for around in islice(element.iterancestors(), 2)):
                year, fresh = (None if fresh else int(match[1])), True
    return years


def _days_above(tree: html.HtmlElement, rows: Collection[etree._Element]) -> dict[etree._Element, date]:
    """Return the day under whose heading each row stands."""
    days: dict[etree._Element, date] = {}
    wanted = frozenset(rows)
    day: date | None = None
    for element in tree.iter():
        if element in wanted:
            if day is not None:
                days[element] = day
        elif element.tag in _HEADINGS and wanted.isdisjoint(islice(element.iterancestors(), _LEVELS)):
            text = squeezed(element, _PIECE_TEXT + 1)
            # A heading that says no day ends what stands under the one before.
            day = day_in(text) if len(text) <= _PIECE_TEXT else None
    return days


def dated(
    found: dict[str, Found],
    links: Sequence[tuple[etree._Element, str]],
    url: str,
    *,
    tree: html.HtmlElement,
    source: Source,
) -> dict[str, Found]:
    """Return the documents of a list with the days that it says of them.

    links: of these documents, on the list's page.  tree: of the page.
    """
    zone = ZoneInfo(source.timezone)
    around = _rows(links)
    near: dict[str, _Near] = {}
    for element, target in links:
        if target not in near or (near[target].day is None and short_day_in(near[target].beside) is None):
            near[target] = _near(element, target, around)
    in_figures = _year_last(
        [each.beside for each in near.values() if each.day is None], tree.get("lang") or "", source.timezone
    )
    tongue = tree.get("lang") or source.language
    republican = source.timezone == "Asia/Taipei" or _TRADITIONAL.match(tongue) is not None
    rows: dict[str, Dated] = {}
    elements = {each.row for each in near.values()}
    held = _for_machines(tree, elements, zone)
    above, days_above = _years_above(tree, elements), _days_above(tree, elements)
    # Where hardly a row lacks it, the day in the titles is the list's; else it is of what a document is about.
    bare = [each for each in near.values() if each.day is None]
    is_named = sum(each.named is not None for each in bare) * 5 >= 4 * len(bare)
    for target, each in near.items():
        day = each.day or held.get(each.row) or in_figures.get(each.beside)
        day = day or _republican(each.beside, bare=republican)
        short = None if day else short_day_in(each.beside)
        day = day or (days_above.get(each.row) if short is None else None)
        if short and each.row in above:
            day, short = _made(above[each.row], *short), None
        day = day or day_in_address(target) or (each.named if is_named and short is None else None)
        rows[target] = Dated(url=target, day=day, short=None if day else short)
    days = completed(tuple(rows.values()), url)
    return {
        target: replace(
            each,
            hinted_on=rows[target].day or days.get(target),
            days_ago=None if rows[target].day else days_ago_in(near[target].beside),
        )
        for target, each in found.items()
    }
