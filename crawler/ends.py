"""Where a list ends: before its last page, by days or by what was seen before, for sources that ask for it; and where
a server goes on answering beyond it, for all.
"""

from __future__ import annotations

import re
from bisect import insort
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlsplit

from spiders.paging import page_stem
from spiders.source import Source
from storage.model import Resource

_YEAR = re.compile(r"(?<!\d)(?:19[5-9]|20\d)\d(?!\d)")
# A page of a list may hold nothing but what is no document of the source; several after each other do not.
BARE_PAGES = 3
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A document that a page of a list names.  hinted_on: the day beside it."""

    resource_id: int
    hinted_on: date | None


@dataclass(slots=True)
class _Pages:
    """The pages of one list, as far as they are known.  known: read in a row without anything new."""

    waiting: list[tuple[list[tuple[int, str]], int, Resource]] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    rows: set[int] = field(default_factory=set)
    known: int = 0
    ended: bool = False


class Ends:
    """Has the pages of a list asked for one after the other, and none beyond its end.

    A list begins with what is newest and goes back page by page, numbered upwards; one that does not must have all
    its pages read. Rows that an earlier page named too (pinned to the top of each) say nothing, and one row alone,
    old or known, never ends a list: a whole page of them does.

    was_asked: tells of a resource whether an earlier chain of runs asked for it.
    """

    def __init__(self, source: Source, was_asked: Callable[[int], bool]) -> None:
        self._since = source.since
        self._known_pages = source.known_pages
        self._was_asked = was_asked
        self._lists: dict[int, _Pages] = {}

    @property
    def is_wanted(self) -> bool:
        """Tell whether the source has a rule for the end of its lists."""
        return self._since is not None or self._known_pages > 0

    def onward(self, page: Resource, rows: Sequence[Row], named: Sequence[Resource]) -> list[Resource]:
        """Return which pages to ask for now that one was read: the next of its list, if it has not ended there.

        rows, named: documents and pages that it names. Columns of other years are lists of their own, with an end
        of their own.
        """
        pages_of = self._lists.setdefault(page.resource_id, _Pages())
        pages_of.seen.add(page.resource_id)
        others = [other for other in named if _years(other.url) != _years(page.url)]
        for other in named:
            if other not in others and other.resource_id not in pages_of.seen:
                pages_of.seen.add(other.resource_id)
                self._lists.setdefault(other.resource_id, pages_of)
                insort(pages_of.waiting, (_place(other.url), other.resource_id, other))
        own = [row for row in rows if row.resource_id not in pages_of.rows]
        pages_of.rows.update(row.resource_id for row in own)
        pages_of.ended = pages_of.ended or self._is_old(own)
        if pages_of.ended or not pages_of.waiting:
            return others
        if self._is_known(pages_of, own):
            # A page that no run came to may name what is new to us, whatever stands before it.
            unread = [page for _, _, page in pages_of.waiting if not self._was_asked(page.resource_id)]
            pages_of.waiting.clear()
            return [*unread, *others]
        return [pages_of.waiting.pop(0)[2], *others]

    def _is_old(self, own: Sequence[Row]) -> bool:
        days = [row.hinted_on for row in own if row.hinted_on is not None]
        return self._since is not None and 0 < len(own) == len(days) and max(days) < self._since

    def _is_known(self, pages: _Pages, own: Sequence[Row]) -> bool:
        is_known = bool(own) and all(self._was_asked(row.resource_id) for row in own)
        pages.known = pages.known + 1 if is_known else 0
        return 0 < self._known_pages <= pages.known


class Beyond:
    """Tells of the pages of lists which lie beyond the end of theirs, where a server answers every number.

    Such a server shows a page that it showed before, or pages without any document, each with a link to the next.
    """

    def __init__(self) -> None:
        self._shown: dict[tuple[str, frozenset[int]], int] = {}
        self._bare: dict[int, int] = {}

    def is_beyond(self, page: Resource, documents: frozenset[int]) -> bool:
        """Tell whether nothing that a page names further is to be asked for.  documents: that it names."""
        if documents:
            key = (urlsplit(page_stem(page.url)[0]).path, documents)
            return self._shown.setdefault(key, page.resource_id) != page.resource_id
        return self._bare.get(page.resource_id, 0) >= BARE_PAGES

    def names(self, page: Resource, documents: frozenset[int], further: Iterable[Resource]) -> None:
        """Note that a page names further ones: how many without a document stand before those, one after another."""
        bare = 0 if documents else self._bare.get(page.resource_id, 0) + 1
        for each in further:
            self._bare[each.resource_id] = min(bare, self._bare.get(each.resource_id, bare))


def _place(url: str) -> list[tuple[int, str]]:
    """Return what orders addresses by the numbers in them: page 2 before page 10.  Pure."""
    return [(int(part), "") if part.isdigit() and part.isascii() else (-1, part) for part in _DIGITS.split(url)]


def _years(url: str) -> list[str]:
    return _YEAR.findall(url)
