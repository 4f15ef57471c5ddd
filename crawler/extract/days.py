"""Days as pages write them: in figures, in Han numerals, in English, in years of the Republic; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

_EARLIEST_YEAR = 1900
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_NUMERIC = re.compile(r"(?<!\d)((?:19|20)\d{2})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"^\s{0,9}((?:19|20)\d{2})(\d{2})(\d{2})(?:\d{4,6}|T|\s|$)")
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?[\s-]" + _MONTH + r",?[\s-]((?:19|20)\d{2})", re.IGNORECASE)
_MONTH_FIRST = re.compile(r"\b" + _MONTH + r"\s(\d{1,2})(?:st|nd|rd|th)?,?\s((?:19|20)\d{2})", re.IGNORECASE)
# Which of the two is the month, numbers above twelve tell, the day of the week before them, or the page's address.
_SLASHED = re.compile(
    r"(?:\b(mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,?\s)?(?<![\d/])(\d{1,2})/(\d{1,2})/((?:19|20)\d{2})(?![\d/])",
    re.IGNORECASE,
)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# A year set apart from the day, which the hour follows: "2024 06/12 19:20".
_SET_APART = re.compile(r"(?<!\d)((?:19|20)\d{2})\s(\d{1,2})\s?/\s?(\d{1,2})\s\d{1,2}:\d{2}")
_HAN_DIGITS = {digit: place for place, digit in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0, "Ｏ": 0, "O": 0}
_DOTTED = re.compile(r"(?<![\d.])(\d{1,2})\.(\d{1,2})\.((?:19|20)\d{2})(?![\d.])")
# Years of the Republic: 1911 before the first.
_REPUBLIC = re.compile(
    r"(?:^\s{0,9}|民[国國]\s{0,3})(\d{2,3})\s?(?:年|(?<=1\d\d)[-/.])\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)"
)
DAY_ALONE = re.compile(r"^[\d〇零○ＯO一二三四五六七八九十年月]{6,14}日$")
DAY_IN_BRACKETS = re.compile(r"^[（(](?:19|20)\d{2}\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日[)）]$")
ENGLISH_DAY = re.compile(
    rf"^(?:Dated:?\s)?(?:{_MONTH}\s\d{{1,2}},\s\d{{4}}|\d{{1,2}}\s{_MONTH}\s\d{{4}})\.?$", re.IGNORECASE
)
_HAN_DATE = re.compile(
    r"([一二][〇零○ＯO一二三四五六七八九]{3})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})日"
)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _han_number(text: str) -> int:
    if "十" in text:
        tens, _, ones = text.partition("十")
        return (_HAN_DIGITS.get(tens, 1) if tens else 1) * 10 + (_HAN_DIGITS.get(ones, 0) if ones else 0)
    return _HAN_DIGITS.get(text, 0)


def day_in(text: str, *, told: date | None = None, month_first: bool = False) -> date | None:
    """Return the first day that a text names, or None; pure.

    told: a day that is meant where a text can be read as that one and as another.
    month_first: the month comes first where numbers between slashes leave it open.
    """
    text = text[:2_000]
    found: list[tuple[int, date | None]] = []
    if match := _NUMERIC.search(text):
        found.append((match.start(), _day(int(match[1]), int(match[2]), int(match[3]))))
    if match := _SET_APART.search(text):
        found.append((match.start(), _day(int(match[1]), int(match[2]), int(match[3]))))
    if match := _COMPACT.search(text):
        found.append((match.start(), _day(int(match[1]), int(match[2]), int(match[3]))))
    if match := _DAY_FIRST.search(text):
        month = _MONTH_NAMES.index(match[2].lower()) + 1
        found.append((match.start(), _day(int(match[3]), month, int(match[1]))))
    if match := _MONTH_FIRST.search(text):
        month = _MONTH_NAMES.index(match[1].lower()) + 1
        found.append((match.start(), _day(int(match[3]), month, int(match[2]))))
    if match := _SLASHED.search(text):
        first, second, year = int(match[2]), int(match[3]), int(match[4])
        readings = {_day(year, second, first), _day(year, first, second)} - {None}
        if match[1] and len(readings) > 1:
            readings = {day for day in readings if day and _WEEKDAYS[day.weekday()] == match[1].lower()}
        if len(readings) > 1 and told in readings:
            readings = {told}
        elif len(readings) > 1 and month_first:
            readings = {_day(year, first, second)}
        if len(readings) == 1:
            found.append((match.start(), readings.pop()))
    if match := _DOTTED.search(text):
        found.append((match.start(), _day(int(match[3]), int(match[2]), int(match[1]))))
    if (match := _REPUBLIC.search(text)) and (int(match[1]) >= 100 or "民" in match[0]):
        found.append((match.start(), _day(int(match[1]) + 1911, int(match[2]), int(match[3]))))
    if match := _HAN_DATE.search(text):
        year = int("".join(str(_HAN_DIGITS[digit]) for digit in match[1]))
        found.append((match.start(), _day(year, _han_number(match[2]), _han_number(match[3]))))
    days = [(place, day) for place, day in found if day is not None and day.year >= _EARLIEST_YEAR]
    return min(days)[1] if days else None


# Nobody but the United States has these without a country.
_AMERICAN = re.compile(r"https?://(?:[^/:@]+\.)?(?:gov|mil)(?::\d+)?(?:/|$)", re.IGNORECASE)
_PATH_DAY = re.compile(r"/((?:19|20)\d{2})/(\d{1,2})/(\d{1,2})(?=/)")


def _day_in_path(url: str) -> date | None:
    match = _PATH_DAY.search(url.partition("?")[0])
    return _day(int(match[1]), int(match[2]), int(match[3])) if match else None


@dataclass(slots=True)
class Bound:
    """The last day that is believed, and whether a later one was met: on another day it might be believed.

    fetched_on: day in the source's zone.
    url: of the page; the day in its path, or whose government it is, tells how days between slashes are meant.
    """

    fetched_on: date
    url: str = ""
    refused: bool = False

    def day_in(self, text: str) -> date | None:
        """Return the first day that a text of the page names, where a page fetched then can speak of it."""
        if "/" not in text:
            return self.until(day_in(text))
        return self.until(day_in(text, told=_day_in_path(self.url), month_first=bool(_AMERICAN.match(self.url))))

    def until(self, day: date | None) -> date | None:
        """Return a day that a page fetched then can speak of, else None."""
        if day is None or day <= self.fetched_on + timedelta(days=1):
            return day
        self.refused = True
        return None
