"""Days that rows of a list say without a year, or by how long ago they were; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlsplit

# A row this far from the nearest known day may be of another year.
_NEAR = timedelta(days=120)
# What stands beside a title; longer texts say more than a day.
_BESIDE = 60

_NUMBERED = re.compile(r"(?<![\d./:-])(0[1-9]|1[0-2])\s?[-/.]\s?(0[1-9]|[12]\d|3[01])(?![\d./%]|-\d)")
_HAN = re.compile(r"(?<![\d年])(0?[1-9]|1[0-2])\s?月\s?(0?[1-9]|[12]\d|3[01])\s?日")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_WORDED = re.compile(
    rf"(?i)(?<![\w./-])([12]?\d|3[01])(?:st|nd|rd|th)?\s{_NAMED}(?![\w-])|(?<![\w-]){_NAMED}\s([12]?\d|3[01])(?:st|nd|rd|th)?(?![\w./-])"
)
_AGO = re.compile(
    r"(?i)(?P<none>今天|今日|刚刚|\btoday\b|\d{1,2}\s?(?:分钟|小时)前|\b\d{1,2}\s(?:minute|hour)s?\sago)"
    r"|(?P<one>昨天|昨日|\byesterday\b)|(?P<two>前天)|(?P<days>\d{1,3})\s?(?:天前|days?\sago)"
)
_YEAR = re.compile(r"(?<!\d)((?:19[5-9]|20\d)\d)(?!\d)")
# In a name only with another number behind it: alone it may be any number.
_YEAR_OF_ROW = re.compile(r"(?<!\d)((?:19[5-9]|20\d)\d)(?=[^\d/]{0,3}/|[-_]\d)")
_YEAR_AND_MONTH = re.compile(r"(?<!\d)((?:19[5-9]|20\d)\d)[-_/]?(0[1-9]|1[0-2])(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A row of a list.  day: as it says it, or its address; short: month and day, where it says no year."""

    url: str
    day: date | None = None
    short: tuple[int, int] | None = None


def short_day_in(text: str) -> tuple[int, int] | None:
    """Return the month and day that a short text beside a title names without a year; pure.

    >>> short_day_in("[11-20]")
    (11, 20)
    >>> short_day_in("28 November:")
    (11, 28)
    """
    found = _NUMBERED.search(text) or _HAN.search(text) if len(text) <= _BESIDE else None
    if found is not None:
        return int(found[1]), int(found[2])
    worded = _WORDED.search(text) if len(text) <= _BESIDE else None
    if worded is None:
        return None
    month = (worded[2] or worded[3]).lower()[:3]
    return _MONTHS.index(month) + 1, int(worded[1] or worded[4])


def days_ago_in(text: str) -> int | None:
    """Return how many days ago a short text beside a title says that something was; pure.

    >>> days_ago_in("昨天 16:20")
    1
    """
    found = _AGO.search(text) if len(text) <= _BESIDE else None
    if found is None:
        return None
    return int(found["days"]) if found["days"] else 2 if found["two"] else 1 if found["one"] else 0


def completed(rows: Sequence[Dated], url: str) -> dict[str, date]:
    """Return the days of rows that say none with a year, where something else tells the year.

    Pure.  That is, in this order: the row's own address, the list's address where it is that of one year, or the
    rows around it, where those with a year are in order. Else the year is anybody's guess, and no day is returned.

    rows: in the order of the list.  url: of the list's page.
    """
    years = {found[1] for row in rows if (found := _YEAR_OF_ROW.search(urlsplit(row.url).path))}
    # Many numbers that look like years are none.
    by_folder = len(years) <= max(1, len(rows) // 2)
    days: list[date | None] = [row.day or _by_address(row, url, by_folder=by_folder) for row in rows]
    known = [day for day in days if day is not None]
    newest_first = known == sorted(known, reverse=True)
    if newest_first or known == sorted(known):
        for place, row in enumerate(rows):
            if days[place] is None and row.short is not None:
                above = next(filter(None, reversed(days[:place])), None)
                below = next(filter(None, days[place + 1 :]), None)
                later, earlier = (above, below) if newest_first else (below, above)
                days[place] = _between(row.short, earlier, later)
    return {
        row.url: day for row, day in zip(rows, days, strict=True) if day is not None and row.day is None and row.short
    }


def _by_address(row: Dated, url: str, *, by_folder: bool) -> date | None:
    if row.short is None:
        return None
    path = urlsplit(row.url).path
    if told := _YEAR_AND_MONTH.search(path):
        # The folder is often of the month in which a page was made, and its day of the next.
        month = date(int(told[1]), int(told[2]), 15)
        near = [day for year in (-1, 0, 1) if (day := _day(month.year + year, row.short))]
        return next((day for day in near if abs(day - month) < timedelta(days=50)), None)
    parts = urlsplit(url)
    told = _YEAR_OF_ROW.search(path) if by_folder else None
    told = told or _YEAR.search(f"{parts.path}?{parts.query}")
    return _day(int(told[1]), row.short) if told else None


def _between(short: tuple[int, int], earlier: date | None, later: date | None) -> date | None:
    near = [day for day in (earlier, later) if day is not None]
    if not near:
        return None
    years = range(min(near).year - 1, max(near).year + 2)
    found = [day for year in years if (day := _day(year, short))]
    fitting = [
        day
        for day in found
        if (earlier is None or earlier <= day) and (later is None or day <= later) and _is_near(day, near)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _is_near(day: date, known: Sequence[date]) -> bool:
    return len(known) > 1 or abs(day - known[0]) <= _NEAR


def _day(year: int, short: tuple[int, int]) -> date | None:
    try:
        return date(year, *short)
    except ValueError:
        return None
