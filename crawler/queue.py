"""Runs handed to workers on any machine: PostgreSQL is the queue, beside the archive, and Procrastinate keeps it.

A job is one run of one source, or of a source with several hosts the leg of one of them. It bears the name of its
source and leg, so that none waits twice, and a lock of its host: so no worker takes a job that would only wait for
another's lease.
"""

from __future__ import annotations

import asyncio
import logging
import random
import signal
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from crawler import timetable
from crawler.due import next_due, overdue
from crawler.errors import CrawlFailedError
from crawler.hours import until_open
from crawler.timetable import Entry, Timetable
from spiders.errors import SourceError
from spiders.source import Source
from storage import Archive, ArchiveError, Server, lock_at

if TYPE_CHECKING:
    from procrastinate import App

log = logging.getLogger(__name__)

TASK = "crawl"
QUEUE = "runs"
# So often it is looked which sources are due, and after so long source files are read again.
LOOK_S = 2.0
RELOAD_S = 60.0
# A server that went away is asked again after so long.
AWAY_S = 2.0


def make_app(server: Server) -> App:
    """Return what speaks with the queue.  Raises CrawlFailedError where the extra is not installed."""
    try:
        from procrastinate import App, PsycopgConnector
    except ImportError as error:
        raise CrawlFailedError(
            "runs are handed to workers by more packages: pip install 'policytrail[server]'"
        ) from error
    for name in ("procrastinate", "psycopg.pool"):
        # What happens to the server we say ourselves, once and in a line.
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return App(connector=PsycopgConnector(conninfo=server.address, min_size=1, max_size=4, timeout=10))


@asynccontextmanager
async def opened(server: Server) -> AsyncIterator[App]:
    """Open the queue of an archive, which is made where there is none yet."""
    app = make_app(server)
    async with app.open_async():
        lock = lock_at(server, "queue")
        await asyncio.to_thread(lock.acquire, wait=True)
        try:
            found = await app.connector.execute_query_one_async("select to_regclass('procrastinate_jobs') as there")
            if found["there"] is None:
                await app.schema_manager.apply_schema_async()
        finally:
            lock.release()
        yield app


def away() -> tuple[type[Exception], ...]:
    """Return the errors by which a server that went away is known."""
    from procrastinate.exceptions import ConnectorException
    from psycopg import OperationalError
    from psycopg_pool import PoolTimeout

    return ConnectorException, OperationalError, PoolTimeout, ArchiveError, OSError


@contextmanager
def on_signals(stop: Callable[[str], None]) -> Iterator[None]:
    """Call back, in the event loop, when SIGTERM or SIGINT comes."""
    loop, numbers = asyncio.get_running_loop(), (signal.SIGTERM, signal.SIGINT)
    for number in numbers:
        loop.add_signal_handler(number, stop, number.name)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


def legs_of(source: Source) -> tuple[str | None, ...]:
    """Return the hosts that are asked by jobs of their own; of a source with one host, one job does it all.  Pure."""
    hosts = tuple(dict.fromkeys(source.hosts))
    return hosts if len(hosts) > 1 else (None,)


async def hand_over(app: App, source: Source, leg: str | None, *, after_run: int) -> bool:
    """Put a job into the queue, unless the same one waits there; tell whether it was.

    Only where none is under way either: that one could not be put back.
    leg: the host that it asks; None where the source has one only.
    """
    from procrastinate.exceptions import AlreadyEnqueued

    host = leg or (source.hosts[0] if source.hosts else source.name)
    waits_as = f"source-{source.name}" + (f"@{leg}" if leg else "")
    kept = {"leg": leg} if leg else {}
    try:
        await app.configure_task(TASK, queue=QUEUE, lock=f"host-{host}", queueing_lock=waits_as).defer_async(
            source=source.name, after_run=after_run, **kept
        )
    except AlreadyEnqueued:
        return False
    return True


@dataclass(slots=True)
class _Plan:
    """When a source is due next; None: never.  finished: what that was found from."""

    finished: datetime | None
    due_at: datetime | None


class Dispatcher:
    """Puts a job into the queue for each source that is due, until SIGTERM or SIGINT; one per archive.

    reload: returns the sources as they are now.  jitter_s: each due time comes later by a random part of this.
    """

    def __init__(
        self, archive: Server, sources: Iterable[Source], *, reload: Callable[[], Iterable[Source]], jitter_s: int = 0
    ) -> None:
        self._archive = archive
        self._reload = reload
        self._jitter_s = jitter_s
        self._plans: dict[str, _Plan] = {}
        self._handed_at: dict[str, datetime] = {}
        self._said: Timetable | None = None
        self._started_at = datetime.now(UTC)
        self._stopping = asyncio.Event()
        self._take_in(sources)

    def _take_in(self, sources: Iterable[Source]) -> None:
        self._sources = {source.name: source for source in sources}
        self._plans.clear()

    async def run(self) -> None:
        """Work until it is stopped.  Raises ArchiveBusyError where another scheduler is at work."""

        def stop(why: str) -> None:
            log.info("scheduler stops: %s", why)
            self._stopping.set()

        with on_signals(stop):
            async with opened(self._archive) as app:
                log.info("scheduler ready: %d sources; workers take the runs", len(self._sources))
                read_at = datetime.now(UTC)
                while not self._stopping.is_set():
                    pause = LOOK_S
                    try:
                        if datetime.now(UTC) - read_at > timedelta(seconds=RELOAD_S):
                            read_at = datetime.now(UTC)
                            self._read_again()
                        await self._look(app, datetime.now(UTC))
                    except away() as error:
                        log.warning("the server is away, and asked again: %s", " ".join(str(error).split())[:300])
                        pause = AWAY_S
                    try:
                        await asyncio.wait_for(self._stopping.wait(), pause)
                    except TimeoutError:
                        continue

    def _read_again(self) -> None:
        try:
            fresh = {source.name: source for source in self._reload()}
        except SourceError as error:
            log.error("sources could not be read again: %s", error)
            return
        if fresh != self._sources:
            self._take_in(fresh.values())
            log.info("sources read again: %d", len(fresh))

    async def _look(self, app: App, now: datetime) -> None:
        """Hand over what is due, and tell what is in hand."""
        finished, newest = await asyncio.to_thread(self._finished)
        there = {
            (str(job.task_kwargs["source"]), job.task_kwargs.get("leg")): job
            for status in ("todo", "doing")
            for job in await app.job_manager.list_jobs_async(queue=QUEUE, status=status)
        }
        # Of several legs one that runs is told of before one that waits.
        jobs = {name: job for (name, _), job in sorted(there.items(), key=lambda one: one[1].status == "doing")}
        gone_on: set[str] = set()
        for name, host, run_id in await asyncio.to_thread(self._wanted_legs):
            # Done once, and called since by another one that found something on its host.
            known = self._sources.get(name)
            if known is not None and host in known.hosts and (name, host) not in there:
                gone_on.add(name)
                await hand_over(app, known, host, after_run=run_id - 1)
                log.info("leg %s of %s handed over", host, name)
        for name, source in self._sources.items():
            due_at = self._due_at(source, finished.get(name), now)
            if name in jobs or name in gone_on or due_at is None or due_at > now or until_open(source, now):
                continue
            for leg in legs_of(source):
                await hand_over(app, source, leg, after_run=newest)
            self._handed_at[name] = now
            self._plans.pop(name, None)
            log.info("run of %s handed over", name)
        told = self._timetable(jobs, finished, now)
        if told != self._said:
            await asyncio.to_thread(timetable.write, self._archive, told)
            self._said = told

    def _wanted_legs(self) -> list[tuple[str, str, int]]:
        with Archive.open(self._archive, readonly=True) as archive:
            return archive.wanted_legs()

    def _finished(self) -> tuple[dict[str, datetime], int]:
        with Archive.open(self._archive, readonly=True) as archive:
            return archive.last_finished_of_all(), archive.newest_run_id()

    def _due_at(self, source: Source, finished: datetime | None, now: datetime) -> datetime | None:
        """Return when a source is due; a run that failed waits for the next due time after it was handed over."""
        handed = self._handed_at.get(source.name)
        last = max((at for at in (finished, handed) if at is not None), default=None)
        plan = self._plans.get(source.name)
        if plan is None or plan.finished != last:
            try:
                due_at = now if overdue(source, last, now) else next_due(source, last, now)
            except SourceError as error:
                log.error("left out: %s", error)
                due_at = None
            if due_at is not None and self._jitter_s:
                due_at += timedelta(seconds=random.uniform(0, self._jitter_s))  # noqa: S311 - no secret
            self._plans[source.name] = plan = _Plan(finished=last, due_at=due_at)
        return plan.due_at

    def _timetable(self, jobs: dict[str, Any], finished: dict[str, datetime], now: datetime) -> Timetable:
        import os

        def entry(name: str) -> Entry:
            job = jobs.get(name)
            state = "planned" if job is None else "running" if job.status == "doing" else "waiting"
            plan = self._plans.get(name)
            return Entry(
                source=name,
                state=state,
                since=self._handed_at.get(name) if job else None,
                waits_for="a worker" if state == "waiting" else "",
                due_at=plan.due_at if plan else None,
                last_ended_at=finished.get(name),
            )

        return Timetable(
            pid=os.getpid(), started_at=self._started_at, max_runs=0, entries=[entry(name) for name in self._sources]
        )
