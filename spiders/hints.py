"""What stands near an address and may say something of it: a title, a day; hints, never proof; pure."""

from __future__ import annotations

import re
from datetime import date

from spiders.markup import clean

LONGEST_TITLE = 300

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(jan(?=uary\b|\b)|feb(?=ruary\b|\b)|mar(?=ch\b|\b)|apr(?=il\b|\b)|may(?=\b)|jun(?=e\b|\b)|jul(?=y\b|\b)"
    r"|aug(?=ust\b|\b)|sep(?=tember\b|t\b|\b)|oct(?=ober\b|\b)|nov(?=ember\b|\b)|dec(?=ember\b|\b))[a-z]{0,6}\.?"
)
_YEAR = r"((?:19|20)\d\d)"
_NUMERIC = re.compile(rf"(?<!\d){_YEAR}\s?[-/.年]\s?(\d{{1,2}})\s?[-/.月]\s?(\d{{1,2}})(?!\d)")
_MONTH_FIRST = re.compile(rf"(?i)\b{_MONTH}\s{{1,3}}(\d{{1,2}})(?:st|nd|rd|th)?,?\s{{1,3}}{_YEAR}(?!\d)")
_DAY_FIRST = re.compile(
    rf"(?i)(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?(?:\sof)?[\s/-]{{1,3}}{_MONTH},?[\s/-]{{1,3}}{_YEAR}(?!\d)"
)
# A day in two boxes: "11 | 2024-05", "2024.05 | 11", "05-11 | 2024".
_BOXED_YEAR = r"(?P<year>(?:19|20)\d\d)"
_BOXED_MONTH = r"(?P<month>\d{1,2})"
_BOXED_DAY = r"(?P<day>\d{1,2})日?"
_ALONE, _ENDS = r"(?<![\d./-])", r"(?![\d./-])"
_BOXES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_ALONE}{_BOXED_DAY}\s+{_BOXED_YEAR}\s?[-/.年]\s?{_BOXED_MONTH}月?{_ENDS}",
        rf"{_ALONE}{_BOXED_YEAR}\s?[-/.年]\s?{_BOXED_MONTH}月?\s+{_BOXED_DAY}{_ENDS}",
        rf"{_ALONE}{_BOXED_MONTH}\s?[-/.月]\s?{_BOXED_DAY}\s+{_BOXED_YEAR}{_ENDS}",
    )
)
_IN_ADDRESS = re.compile(rf"(?<!\d){_YEAR}[-/_]?(\d\d)[-/_]?(\d\d)(?!\d)")


def _day(year: str, month: str, day: str) -> date | None:
    number = int(month) if month.isdigit() else _MONTHS.index(month.lower()) + 1
    try:
        return date(int(year), number, int(day))
    except ValueError:
        return None


def day_in(text: str) -> date | None:
    """Return the first full day a short text names in figures, or in English words; pure."""
    for match in _NUMERIC.finditer(text):
        if found := _day(match[1], match[2], match[3]):
            return found
    if worded := _MONTH_FIRST.search(text):
        return _day(worded[3], worded[1], worded[2])
    if worded := _DAY_FIRST.search(text):
        return _day(worded[3], worded[2], worded[1])
    return None


def day_in_boxes(text: str) -> date | None:
    """Return the day that a row of a list shows in two boxes beside each other; pure.

    >>> day_in_boxes("11 2024-05 Notice on ferries")
    datetime.date(2024, 5, 11)
    """
    for pattern in _BOXES:
        for match in pattern.finditer(text):
            if found := _day(match["year"], match["month"], match["day"]):
                return found
    return None


def day_in_address(url: str) -> date | None:
    """Return the day that the path of an address spells out, as in ``/202405/t20240515_1.html``; pure."""
    for match in _IN_ADDRESS.finditer(url.partition("?")[0]):
        if found := _day(match[1], match[2], match[3]):
            return found
    return None


def title_in(text: str | None) -> str | None:
    """Return a text as a title: one line, no control characters, at most LONGEST_TITLE; None if empty; pure."""
    return " ".join(clean((text or "")[:3_000]).split())[:LONGEST_TITLE] or None
