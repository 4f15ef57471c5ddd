"""Addresses that a site makes up without end: calendars, growing paths, filters in all combinations.  Pure.

Two judgements end them. An address that no document has is not listed at all; and a page that says what another
one of the run has said already, or says nothing, names nothing new: its links are not followed.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from datetime import date
from urllib.parse import urlsplit

from storage.model import Extraction

# Deeper than any site orders its documents, and more parameters than any form asks for.
MOST_SEGMENTS = 20
MOST_PARAMETERS = 20
# One that a form's values stand behind is longer than what a browser would send; no index of a server keeps more.
MOST_CHARS = 2_600
# Heritrix ends paths at the third repetition (PathologicalPathDecideRule).
REPEATS = 3
# Announcements of what comes are dated ahead, a year at most; a calendar goes on.
YEARS_AHEAD = 2

_REPEATED = re.compile(r"((?:/[^/]{1,200}){1,3}?)\1{2,}(?=/|$)")
_MONTH = re.compile(r"(?<![A-Za-z0-9_])(2[01]\d\d)(?:[/-]|%2[fF])(?:0?[1-9]|1[0-2])(?!\d)")
_YEAR_PAIR = re.compile(r"(?:^|&)(?:year|yr|y|nian)=(2[01]\d\d)(?:&|$)", re.IGNORECASE)


def made_up(url: str, *, today: date | None) -> str | None:
    """Return why no document has such an address, or None where one may.

    Pure.

    today: of an address that a document links to, the day in the source's zone; None for what a list, map or feed
        names: they are no calendars, and a number such as 2874 may be that of a column.

    >>> made_up("https://www.example.cn/a/b/a/b/a/b/1.html", today=date(2026, 11, 20))
    'its path repeats itself'
    >>> made_up("https://www.example.cn/events/2041/7/", today=date(2026, 11, 20))
    'a day far ahead: a calendar'
    """
    if len(url) > MOST_CHARS:
        return f"more than {MOST_CHARS:,} characters"
    parts = urlsplit(url)
    segments = [segment for segment in parts.path.split("/") if segment]
    if len(segments) > MOST_SEGMENTS:
        return f"a path of more than {MOST_SEGMENTS} segments"
    repeated = _REPEATED.search(parts.path)
    # Days and numbers do repeat: /2011/11/11/11/.
    if repeated and not repeated[1].replace("/", "").isdigit():
        return "its path repeats itself"
    pairs = [pair for pair in parts.query.split("&") if pair]
    if len(pairs) > MOST_PARAMETERS or max(Counter(pairs).values(), default=0) >= REPEATS:
        return "more parameters than a form asks for"
    if today is None:
        return None
    years = [match[1] for match in _MONTH.finditer(parts.path)]
    years += [match[1] for pattern in (_MONTH, _YEAR_PAIR) for match in pattern.finditer(parts.query)]
    if any(int(year) >= today.year + YEARS_AHEAD for year in years):
        return "a day far ahead: a calendar"
    return None


class Said:
    """What the pages of one run have said, as digests: tells pages that name new things from those that repeat."""

    def __init__(self) -> None:
        self._by: dict[bytes, int] = {}

    def is_news(self, resource_id: int, extraction: Extraction) -> bool:
        """Tell whether a page says something that no other address of the run has said."""
        kept = [block.text for block in extraction.blocks if block.left_out is None]
        if not kept:
            return False
        told = "\n".join((extraction.fields.title or "", *kept))
        digest = hashlib.sha256(told.encode("utf-8", "replace")).digest()
        return self._by.setdefault(digest, resource_id) == resource_id
