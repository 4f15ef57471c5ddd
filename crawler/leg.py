"""One leg of a run: of a source with several hosts, each is asked by a process of its own, on any machine.

All legs record into one run. What a leg finds on its own host it asks for; what it finds on another one it hands to
that one's leg. The last leg to be done makes versions and events of what all of them recorded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crawler.errors import CrawlFailedError
from crawler.revisit import most
from spiders.source import Source
from storage import Archive, Home, Lock, Server, lock_at
from storage.legs import LegEnd
from storage.lock import lock_in_common
from storage.model import Resource, Role, Run, RunEnd

if TYPE_CHECKING:
    from crawler.run import Crawl

PATIENCE_S = 5.0
_PAUSE_S = 0.2


class Alone:
    """What keeps a source to one process, or of several legs each host.

    notes: the lock that keeps what is to be known of the next run, or leg.

    Raises CrawlFailedError for a leg of an archive in a file.
    """

    def __init__(self, archive: Home, source: Source, leg: str | None) -> None:
        self.notes: Lock = lock_at(archive, leg_lock(source.name, leg))
        self._common: Lock | None = None
        if leg is not None:
            if not isinstance(archive, Server):
                raise CrawlFailedError(f"{archive}: one run asks all hosts of a source here; leave out --leg")
            # Who wants the source for itself waits for all legs.
            self._common = lock_in_common(archive, leg_lock(source.name))

    async def acquire(self) -> bool:
        """Take what there is to take; False where another process has it."""
        if not self.notes.acquire(wait=False):
            return False
        if self._common is None:
            return True
        # Who only looks after what a dead process left has it for a moment.
        for _ in range(round(PATIENCE_S / _PAUSE_S)):
            if self._common.acquire(wait=False):
                return True
            await asyncio.sleep(_PAUSE_S)
        self.notes.release()
        return False

    def release(self) -> None:
        """Give back what was taken."""
        if self._common is not None:
            self._common.release()
        self.notes.release()


def leg_lock(source: str, host: str | None = None) -> str:
    """Return the name of the lock of a source, or of one of its legs.  Pure."""
    return f"run-{source}" if host is None else f"run-{source}@{host}"


class LegOf:
    """What a run does as a leg.  host: the one it asks."""

    def __init__(self, crawl: Crawl, host: str) -> None:
        self._crawl = crawl
        self._source = crawl.source
        self.host = host
        self._taken = 0
        self._end: LegEnd | None = None
        self._left_alone = ""

    @property
    def _archive(self) -> Archive:
        return self._crawl.archive

    def begin(self, at: datetime, *, extractor: str, profile: str) -> tuple[Run, bool]:
        """Join the run of the source, or open it; tell also whether what was recorded is to be read again."""
        starts = {self._source.host_of(url) for url, _ in self._source.starts()}
        name = self._source.name
        hosts = {host: host in starts or self._archive.has_mains(name, host) for host in self._source.hosts}
        after_run = self._crawl.machine.after_run
        leg = self._archive.join_run(
            name, self.host, hosts=hosts, after_run=after_run, at=at, extractor=extractor, profile=profile
        )
        self._taken = leg.taken
        return leg.run, leg.rereads

    def of_frontier(self) -> dict[str, Any]:
        """Return what a frontier is told of a leg."""
        return {"is_own": self.is_own, "more": self._more, "share": self._share}

    def is_own(self, url: str) -> bool:
        """Tell whether an address is this leg's to ask for."""
        return not self._left_alone and self._source.host_of(url) == self.host

    def leave_alone(self, why: str) -> None:
        """Ask the host nothing, and leave what there is to ask for to a later run."""
        self._left_alone = self._crawl.summary.problem = why

    def hand_over(self, resource: Resource, role: Role, *, hops: int) -> None:
        """Have another leg ask for what lies on its host."""
        host = self._source.host_of(resource.url)
        if host is not None and host != self.host:
            self._archive.hand_over(self._crawl.run, host, resource.resource_id, role, hops=hops)

    def hand_over_new(self, resources: Iterable[Resource], *, depth: int) -> None:
        """Have other legs ask for documents on their hosts that nobody has asked for; the others they know."""
        with self._archive.write():
            for resource in resources:
                host = self._source.host_of(resource.url)
                is_ours = resource.role is Role.MAIN and resource.source == self._source.name
                if is_ours and host not in (None, self.host) and self._archive.asked_at(resource.resource_id) is None:
                    self._archive.hand_over(self._crawl.run, str(host), resource.resource_id, Role.MAIN, depth=depth)

    async def take_handed(self) -> bool:
        """Ask for what other legs found on this host since it was looked last; tell whether there was something."""
        found = self._archive.handed(self._crawl.run, self.host, after=self._taken)
        for each in found:
            self._taken = each.number
            resource = self._archive.resource(each.resource_id)
            await self._crawl.take_over(resource, each.role, hops=each.hops, depth=each.depth)
        return bool(found)

    def end(self, reason: str) -> RunEnd | None:
        """Return how the run ends, if this leg ends it; None where others do, or another takes up this leg."""
        summary = self._crawl.summary
        if reason == "wait":
            self._left_alone = summary.problem or "it said so"
        if self._end is None and self._left_alone:
            self._end = self._ended()
        if self._end is None or reason not in ("finished", "wait"):
            summary.end = RunEnd.STOPPED
            return None
        if self._end is not LegEnd.LAST:
            summary.end = RunEnd.FINISHED
            return None
        left = self._archive.legs_left_alone(self._crawl.run)
        if left and not self._archive.finished_roots(self._source.name):
            # What is found on them later would be told as new, and may be as old as the rest of the first run.
            summary.problem = "; ".join(left.values())
            return RunEnd.STOPPED
        return RunEnd.FINISHED

    async def _more(self, nothing_left: bool) -> bool:
        if self._left_alone:
            return False
        if await self.take_handed():
            return True
        if not nothing_left:
            return False
        self._end = self._ended()
        return self._end is LegEnd.CALLED

    def _ended(self) -> LegEnd:
        return self._archive.end_leg(
            self._crawl.run,
            self.host,
            hosts=self._source.hosts,
            taken=self._taken,
            unspent=self._crawl.frontier.unspent(),
            problem=self._left_alone or None,
        )

    def _share(self, role: Role) -> int:
        return self._archive.spend(self._crawl.run, self.host, role, most=most(self._source, role))
