"""The hosts that the runs of one process ask: who may ask when, and who leaves them alone for how long."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from crawler import pacing
from crawler.errors import CrawlFailedError
from crawler.pacing import Standing
from spiders.source import Source
from storage import Home, Lock, lock_at
from storage.model import Answer, Role

LEASE_PAUSE_S = 0.2


class Asker(Protocol):
    """A run that asks hosts.

    hosts_asked: which.  notes: a lock of its own, which keeps how its source stands with them.
    """

    source: Source
    hosts_asked: tuple[str, ...]
    notes: Lock

    def leave_alone(self, host: str, wait: timedelta) -> None:
        """Ask a host nothing for so long."""
        ...


class Hosts:
    """The hosts of some sources that one process crawls.

    Sources that share a host take turns, each as many at once as all of them allow to be asked at once; those then
    share the host's delay between them, so that it is asked no more often and no more at once than one source alone
    would. Other processes are kept off by a lease, a lock beside the archive.

    day: how often each host was asked since a moment, where a budget of the day counts.
    """

    def __init__(self, archive: Home, sources: Iterable[Source]) -> None:
        self._archive = archive
        known = list(sources)
        named = Counter(host for source in known for host in set(source.hosts))
        at_once = {host: min(s.concurrent for s in known if host in s.hosts) for host in named}
        self._lanes = {host: min(count, at_once[host]) for host, count in named.items()}
        self._turns = {host: asyncio.Semaphore(count) for host, count in self._lanes.items()}
        self._leases: dict[str, Lock] = {}
        self._standings: dict[str, Standing] = {}
        self._own: dict[str, dict[str, Standing]] = {}
        self._askers: dict[str, list[Asker]] = {}
        self.day: dict[tuple[str, datetime], int] = {}

    def lanes(self, host: str) -> int:
        """Return how many sources may ask a host at once."""
        return self._lanes.get(host) or self._lanes.get(urlsplit(f"//{host}").hostname or "", 1)

    @asynccontextmanager
    async def turn(self, source: Source) -> AsyncIterator[None]:
        """Wait until all hosts of a source have room for it; in one order for all, so that nobody waits in a ring."""
        async with AsyncExitStack() as held:
            for host in sorted(set(source.hosts)):
                if host in self._turns:
                    await held.enter_async_context(self._turns[host])
            yield

    async def take(
        self,
        asker: Asker,
        *,
        now: datetime | None,
        waiting: Callable[[str], None],
        is_stopped: Callable[[], bool],
    ) -> bool:
        """Take the leases of a run's hosts, in one order for all; False where the run was stopped meanwhile.

        now: None where the clock is none that tells how much of a wait is over.
        waiting: told once of each host that another process asks.

        Raises CrawlFailedError where a host is to be left alone.
        """
        own = pacing.read(asker.notes.noted(), now) if now else {}
        self._own[asker.source.name] = own
        for host in sorted(set(asker.hosts_asked)):
            lease = self._leases.setdefault(host, lock_at(self._archive, f"host-{host}"))
            told = False
            while not lease.acquire(wait=False):
                if not told:
                    waiting(host)
                    told = True
                await asyncio.sleep(LEASE_PAUSE_S)
                if is_stopped():
                    return False
            self._askers.setdefault(host, []).append(asker)
            if now is None:
                continue
            self._standings[host] = pacing.read(lease.noted(), now).get(host, Standing())
            for standing in (self._standings[host], own.get(host, Standing())):
                if wait := standing.wait(now):
                    why = "failed again and again" if standing.failures >= pacing.MANY_FAILURES else "said so"
                    raise CrawlFailedError(f"{host} {why}: it is not asked for another {minutes(wait)}")
        return True

    def are_lost(self, asker: Asker) -> bool:
        """Tell whether a lease that a run took is gone with the server that kept it."""
        return any(self._leases[host].is_lost() for host in set(asker.hosts_asked) if host in self._leases)

    def release(self, asker: Asker) -> None:
        """Give back what a run took."""
        for host in sorted(set(asker.hosts_asked), reverse=True):
            askers = self._askers.get(host, [])
            if asker in askers:
                askers.remove(asker)
                self._leases[host].release()

    def heed(self, asker: Asker, answer: Answer, role: Role, *, clock_scale: float) -> None:
        """Take in what an answer says of its host, and have the runs that it is meant for leave the host alone."""
        host = urlsplit(answer.url).netloc
        if asker not in self._askers.get(host, []):
            return
        for_all = role is Role.ROBOTS
        known = self._standings if for_all else self._own[asker.source.name]
        before = known.get(host, Standing())
        retry_after = next((value for name, value in answer.headers if name.lower() == "retry-after"), None)
        known[host] = standing = pacing.after(
            before, status=answer.status, error=answer.error, retry_after=retry_after, now=answer.fetched_at
        )
        if standing == before:
            return
        if for_all:
            self._leases[host].note(pacing.written({host: standing}))
        else:
            asker.notes.note(pacing.written(known))
        if wait := standing.wait(answer.fetched_at) / clock_scale:
            for each in tuple(self._askers[host]) if for_all else (asker,):
                each.leave_alone(host, wait)


def minutes(wait: timedelta) -> str:
    """Return a time in whole minutes, for a person; pure.

    >>> minutes(timedelta(hours=1, seconds=10))
    '61 minutes'
    """
    count = max(1, -(-int(wait.total_seconds()) // 60))
    return f"{count:,} minute{'s' * (count > 1)}"
