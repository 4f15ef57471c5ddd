"""What is due, and how it is asked again: the frontier of a run, and conditional requests.

The archive is the frontier. A resource is due while the run's chain has no answer of it, so a killed run goes
on where it stopped, and of what is known only numbers are held in memory.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING, Self

from crawler.ladder import TRUSTED_CONFIRMATIONS
from spiders.base import Naming, Visit
from spiders.source import Source
from storage import Archive, ArchiveError
from storage.model import Resource, Role, Run

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

BATCH = 50
# So often it is looked what others found.
LOOK_S = 1.0
# So many known documents are looked at before the event loop has its turn.
LOOKED_AT_ONCE = 500
MAINS = (Role.MAIN,)
# The key of the budget that bounds resources of a role.
BOUNDS = {Role.MAIN: "pages", Role.LIST: "list_pages", Role.FEED: "list_pages", Role.SITEMAP: "sitemap_files"}


def most(source: Source, role: Role) -> int:
    """Return how many resources of a role one run may ask for.  Pure."""
    return int(getattr(source.budget, BOUNDS[role]))


class Frontier:
    """Names the addresses that one run of a source must ask for, each once, failed ones once more at the end.

    since: answers before this moment are too old to count for the run.
    prepare: called once before the first address; it says where discovery begins.
    spend: counts a request to an address before it is made; False where it must wait for another day.
    is_due: tells of a document asked for before, by its resource and the time of that, whether it is due;
        None: all are.
    hosts: that are asked.  is_own: tells whether an address lies on one of them; None: all do.
    more: called when nothing is left to ask for, and now and then before: asks for what others found meanwhile.
        Returns whether there was something; told that nothing is left, False is the end.
    share: returns how many more resources of a role may be asked for, where that is not all known at the start.
    """

    def __init__(
        self,
        archive: Archive,
        run: Run,
        source: Source,
        *,
        since: datetime,
        prepare: Callable[[], Awaitable[None]],
        is_due: Callable[[int, datetime], bool] | None = None,
        spend: Callable[[str], bool] = lambda url: True,
        hosts: int = 1,
        is_own: Callable[[str], bool] | None = None,
        more: Callable[[bool], Awaitable[bool]] | None = None,
        share: Callable[[Role], int] | None = None,
    ) -> None:
        self._archive = archive
        self._is_own = is_own
        self._more = more
        self._share = share
        self._looked_at = monotonic()
        self._run = run
        self._source = source
        self._since = since
        self._prepare = prepare
        self._is_due = is_due
        self._allows = spend
        self._wanted: deque[Visit] = deque()
        self._queued: set[int] = set()
        self._named: set[int] = set()
        self._under_way: set[int] = set()
        self._failed: dict[int, Visit] = {}
        self._tried_twice: set[int] = set()
        self._again = False
        self._mains: deque[Resource] = deque()
        self._after = 0
        self._before = archive.newest_fetch_id()
        self._known: Iterator[int] | None = None
        self._until_look = 0
        self._pausing = False
        self._is_resumed = run.root_id != run.run_id
        self._left = dict.fromkeys(BOUNDS, 0) if share else {role: most(source, role) for role in BOUNDS}
        self._changed = asyncio.Event()
        # What waits behind a pause between requests keeps a stopping run from its end.
        ahead = 2 if source.delay_s else 8
        self._limit = ahead * source.concurrent * max(1, hosts)
        self.over: Counter[str] = Counter()
        self.error: ArchiveError | None = None

    def want(self, resource: Resource, *, role: Role | None = None, hops: int = 0) -> bool:
        """Ask for a resource in this run; False where it was asked for already."""
        number = resource.resource_id
        if number in self._queued or number in self._under_way or self._has_failed(number):
            return False
        if self._archive.answered(self._run, number, since=self._since):
            return False
        self._queued.add(number)
        visit = Visit(url=resource.url, resource_id=number, role=role or resource.role, hops=hops)
        self._wanted.append(visit)
        if visit.role is Role.MAIN:
            self._named.add(number)
        self._changed.set()
        return True

    def unspent(self) -> dict[Role, int]:
        """Return how many resources of each role could still have been asked for."""
        return {role: count for role, count in self._left.items() if count > 0}

    def naming(self, visit: Visit) -> Naming | None:
        """Return the newest page of the source that names an address; None where none is held."""
        found = self._archive.last_naming(self._source.name, visit.resource_id)
        if found is None or found.snapshot_id is None:
            return None
        # A 304 says no type.
        first = self._archive.first_fetch(found.resource_id, found.snapshot_id)
        return Naming(body=self._archive.snapshot(found.snapshot_id).body, content_type=first.content_type)

    def drop(self, resource_ids: Collection[int]) -> None:
        """Ask no more for what still waits of some resources."""
        self._wanted = deque(visit for visit in self._wanted if visit.resource_id not in resource_ids)
        self._queued.difference_update(resource_ids)
        self._named.difference_update(resource_ids)

    def done(self, visit: Visit, *, failed: bool) -> None:
        """Say that an answer was recorded and read; a failed one is asked for again at the end, once.

        failed: what came may be otherwise in a while: a passing error, or a known document that is not found.
        """
        self._under_way.discard(visit.resource_id)
        if failed and not self._again:
            self._failed[visit.resource_id] = visit
        self._changed.set()

    def under_way(self) -> int:
        """Return how many addresses were named whose answers are not read yet."""
        return len(self._under_way)

    async def visits(self) -> AsyncIterator[Visit]:
        """Yield each due address; end when nothing is due and nothing under way, or the archive fails."""
        try:
            async for visit in self._visits():
                yield visit
        except ArchiveError as error:
            self.error = error

    async def _visits(self) -> AsyncIterator[Visit]:
        await self._prepare()
        while True:
            if self._more is not None and monotonic() - self._looked_at > LOOK_S:
                self._looked_at = monotonic()
                await self._more(False)
            visit = self._next()
            if visit is not None:
                self._under_way.add(visit.resource_id)
                yield visit
                while len(self._under_way) >= self._limit:
                    await self._wait()
            elif self._pausing:
                await asyncio.sleep(0)
            elif self._under_way:
                await self._wait()
            elif self._failed and not self._again:
                self._again = True
                self._wanted.extend(self._failed.values())
                self._tried_twice.update(self._failed)
                self._failed.clear()
            elif self._more is not None and await self._more(True):
                self._again = False
            else:
                return

    def _has_failed(self, number: int) -> bool:
        return number in self._failed or number in self._tried_twice

    async def _wait(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    def _next(self) -> Visit | None:
        """Return what is asked for next; None where nothing is, or, ``_pausing``, where nothing was found yet."""
        self._pausing = False
        while self._wanted:
            visit = self._wanted.popleft()
            self._queued.discard(visit.resource_id)
            if self._spend(visit.role, visit.url):
                return visit
        for _ in range(LOOKED_AT_ONCE):
            candidate = self._candidate()
            if candidate is None:
                return None
            number, found = candidate
            if number in self._under_way or self._has_failed(number) or number in self._named:
                continue  # named is what was asked for before its turn: a start address, say
            if self._is_foreign(number, found):
                continue
            if self._is_over() and not (self._is_due or self._is_resumed):
                # Thousands may be left, and none of them was asked for in this run.
                self.over[BOUNDS[Role.MAIN]] += 1
                continue
            if found is None and self._archive.answered(self._run, number, since=self._since):
                continue
            asked_at = self._archive.asked_at(number) if self._is_due else None
            if self._is_due and asked_at and not self._is_due(number, asked_at):
                continue
            url = (found or self._archive.resource(number)).url
            if self._spend(Role.MAIN, url):
                return Visit(url=url, resource_id=number, role=Role.MAIN)
        self._pausing = True
        return None

    def _candidate(self) -> tuple[int, Resource | None] | None:
        """Return a document that may be due: new ones first, with what is known of them, then the others by number.

        Of those the one asked for longest ago comes first: so a budget that is smaller than what is known leaves
        nothing out for good.
        """
        looked = not self._mains and self._until_look <= 0
        if looked:
            self._look()
        if self._mains:
            found = self._mains.popleft()
            self._after = found.resource_id
            return found.resource_id, found
        if self._known is None:
            self._known = iter(self._archive.asked_before(self._run, MAINS, before=self._before))
        self._until_look -= 1
        number = next(self._known, None)
        if number is not None:
            return number, None
        self._until_look = 0
        return None if looked else self._candidate()

    def _look(self) -> None:
        """Look for documents that nobody asked for yet: any page may have named some meanwhile."""
        self._until_look = BATCH
        newest = self._archive.newest_resource_id()
        if newest > self._after:
            self._mains.extend(self._archive.due(self._run, MAINS, after=self._after, before=self._before, limit=BATCH))
            if not self._mains:
                self._after = newest  # all up to here were looked through

    def _is_over(self) -> bool:
        """Tell whether this run may ask for no further document."""
        self._refill(Role.MAIN)
        return not self._again and self._left[Role.MAIN] <= 0

    def _is_foreign(self, number: int, found: Resource | None) -> bool:
        """Tell whether a document lies on a host that this run does not ask."""
        return self._is_own is not None and not self._is_own((found or self._archive.resource(number)).url)

    def _refill(self, role: Role) -> None:
        if self._share is not None and not self._again and self._left.get(role) == 0:
            self._left[role] = self._share(role)

    def _spend(self, role: Role, url: str) -> bool:
        self._refill(role)
        # What failed is asked once more from the same share of the run, but a day's requests are all counted.
        if (not self._again and self._left.get(role, 1) <= 0) or not self._allows(url):
            self.over[BOUNDS[role]] += 1
            return False
        if role in self._left:
            self._left[role] -= 1
        return True


class ConditionalMiddleware:
    """Sends what the last answer gave to ask by: ETag and Last-Modified."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Keep the crawler; the archive is there once the run is open."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Add the validators, and note which snapshot a 304 would confirm."""
        visit = request.meta.get("visit")
        archive: Archive | None = getattr(self._crawler.spider, "archive", None)
        # A browser asks for a page anew: what it renders is no answer that a 304 could confirm.
        if visit is None or archive is None or request.method != "GET" or request.meta.get("playwright"):
            return
        known = archive.validators(visit.resource_id)
        if known is None:
            return
        if archive.confirmations(visit.resource_id, most=TRUSTED_CONFIRMATIONS) >= TRUSTED_CONFIRMATIONS:
            return
        if known.etag:
            request.headers["If-None-Match"] = known.etag
        if known.last_modified:
            request.headers["If-Modified-Since"] = known.last_modified
        request.meta["confirms"] = known.snapshot_id


def believable(last_modified: str | None, now: datetime) -> str | None:
    """Return a Last-Modified that can serve as validator: a date, and none of the future.  Pure."""
    if not last_modified:
        return None
    try:
        said = parsedate_to_datetime(last_modified)
    except (TypeError, ValueError, OverflowError):
        return None
    return last_modified if said.tzinfo is not None and said <= now else None
