"""``worker``: takes runs from the queue of an archive, some at once, each in a process of its own."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from crawler.commands.child import own_command
from crawler.errors import CrawlFailedError
from crawler.leg import leg_lock
from crawler.queue import AWAY_S, QUEUE, TASK, away, on_signals, opened
from crawler.subprocesses import RunProcess, is_killed
from spiders.loader import load
from spiders.source import Source
from storage import Archive, Server
from storage.legs import LegEnd
from storage.lock import is_held, lock_in_common
from storage.model import RunEnd

if TYPE_CHECKING:
    from procrastinate import App, JobContext, RetryDecision
    from procrastinate.jobs import Job

log = logging.getLogger(__name__)
T = TypeVar("T")

# A worker that says nothing for so long is gone, and others take its runs.
GONE_S = 20.0
BEATS_S = 4.0
# A run that did not come to its end is taken up again after so long; one that could not begin after twice as long
# each time, and so often.
AGAIN_S = 5.0
TRIES = 6
# So long a source waits that another process crawls.
HELD_S = 5.0


class NotDoneError(Exception):
    """A run that is to be taken up again, by whoever is free.

    bounded: it could not begin at all; after some tries it waits for its next due time.
    """

    def __init__(self, why: str, *, wait_s: float = AGAIN_S, bounded: bool = False) -> None:
        super().__init__(why)
        self.wait_s = wait_s
        self.bounded = bounded


class Worker:
    """Runs of one machine.

    slots: runs at once.  folder: of source files, the same on all machines.
    options: of ``crawl``, for each run.
    limit_s, memory_bytes: of one run; see RunProcess.
    settle: closes what a dead process of a source left open, and tells whether there was something.
    """

    def __init__(
        self,
        archive: Server,
        folder: Path | None,
        options: tuple[str, ...],
        *,
        slots: int,
        limit_s: float,
        memory_bytes: int | None,
        grace_s: float,
        settle: Callable[[str], bool],
    ) -> None:
        self._archive = archive
        self._folder = folder
        self._options = options
        self._slots = slots
        self._limit_s = limit_s
        self._memory_bytes = memory_bytes
        self._grace_s = grace_s
        self._settle = settle
        self._running: set[RunProcess] = set()
        self._stopping = False
        self.name = f"{socket.gethostname()}-{os.getpid()}"

    async def run(self) -> None:
        """Work until SIGTERM or SIGINT; runs under way are then asked to end, and given back to the queue."""
        worker: asyncio.Task[None] | None = None

        def stop(why: str) -> None:
            log.info("worker stops: %s", why)
            self._stopping = True
            for process in self._running:
                process.ask_to_end()
            if worker is not None:
                worker.cancel()

        with on_signals(stop):
            while not self._stopping:
                worker = asyncio.create_task(self._work())
                try:
                    await worker
                except asyncio.CancelledError:
                    if not self._stopping:
                        raise
                except away() as error:
                    log.warning("the server is away, and asked again: %s", " ".join(str(error).split())[:300])
                if not self._stopping:
                    await asyncio.sleep(AWAY_S)

    async def _work(self) -> None:
        async with opened(self._archive) as app:
            self._teach(app)
            log.info("worker %s ready: %d runs at once", self.name, self._slots)
            waking = asyncio.create_task(self._wake_stalled(app))
            try:
                await app.run_worker_async(
                    queues=[QUEUE],
                    name=self.name,
                    concurrency=self._slots,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=self._grace_s + AWAY_S,
                    fetch_job_polling_interval=1.0,
                    update_heartbeat_interval=BEATS_S,
                    stalled_worker_timeout=GONE_S,
                    delete_jobs="successful",
                )
            finally:
                waking.cancel()

    def _teach(self, app: App) -> None:
        """Tell the queue what a job is, and when it is taken up again."""
        from procrastinate import BaseRetryStrategy, RetryDecision

        class Again(BaseRetryStrategy):
            """Takes up again what did not come to its end."""

            def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
                if isinstance(exception, asyncio.CancelledError):
                    return RetryDecision()
                if not isinstance(exception, NotDoneError) or (exception.bounded and job.attempts >= TRIES):
                    return None
                wait_s = exception.wait_s * (2 ** min(job.attempts, TRIES) if exception.bounded else 1)
                return RetryDecision(retry_in={"seconds": max(0, round(wait_s))})

        @app.task(name=TASK, queue=QUEUE, retry=Again(), pass_context=True)
        async def crawl(context: JobContext, source: str, after_run: int, leg: str | None = None) -> None:
            if leg is None:
                await self._crawl(source, after_run)
            else:
                await self._crawl_leg(source, leg, after_run, tries=context.job.attempts)

    async def _wake_stalled(self, app: App) -> None:
        """Put back into the queue what workers had in hand that are gone."""
        while True:
            await asyncio.sleep(BEATS_S)
            try:
                for job in await app.job_manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=GONE_S):
                    log.warning("run of %s: its worker is gone; it is taken up again", job.task_kwargs.get("source"))
                    await app.job_manager.retry_job(job)
            except away() as error:
                log.debug("the server is away: %s", error)

    # -- one run -----------------------------------------------------------------------------------------

    async def _crawl(self, name: str, after_run: int) -> None:
        """Run a source, if nobody has done it since it was handed over.

        Raises NotDoneError where it is to be taken up again, CrawlFailedError where it cannot be done here.
        """
        source = await self._source(name)
        if await self._asked(self._is_done, name, after_run):
            return
        if await self._asked(is_held, self._archive, f"run-{name}"):
            raise NotDoneError("another process crawls it", wait_s=HELD_S)
        if self._stopping:
            raise NotDoneError("the worker stops", wait_s=0)
        process, code = await self._process(source)
        left_open = await self._asked(self._settle, name)
        done = await self._asked(self._is_done, name, after_run)
        log.info("run of %s ends: exit code %d after %.1f s%s", name, code, process.seconds, "" if done else ", again")
        if self._stopping and not done:
            raise NotDoneError("the worker stops", wait_s=0)
        if not done:
            begun = left_open or is_killed(code) or process.over_limit
            raise NotDoneError(f"it did not come to its end: exit code {code}", bounded=not begun)

    async def _crawl_leg(self, name: str, leg: str, after_run: int, *, tries: int) -> None:
        """Run one leg of a source, unless its run came to its end, or it is done.

        tries: that were made before.  Raises as ``_crawl`` does.
        """
        source = await self._source(name)
        if leg not in source.hosts:
            log.warning("%s has no host %s any more", name, leg)
            return
        if not await self._asked(self._is_leg_wanted, name, leg, after_run):
            return
        if await self._asked(is_held, self._archive, leg_lock(name, leg)):
            raise NotDoneError("another process asks its host", wait_s=HELD_S)
        if self._stopping:
            raise NotDoneError("the worker stops", wait_s=0)
        before = await self._asked(self._times_begun, name, leg)
        process, code = await self._process(source, "--leg", leg, "--after-run", str(after_run))
        begun = await self._asked(self._times_begun, name, leg) != before
        wanted = await self._asked(self._is_leg_wanted, name, leg, after_run)
        again = ", again" if wanted else ""
        log.info("leg %s of %s ends: exit code %d after %.1f s%s", leg, name, code, process.seconds, again)
        if not wanted:
            return
        left_open = begun and await self._asked(self._is_open, name)
        # Where no other leg lives, the run is nobody's.
        await self._asked(self._settle, name)
        if self._stopping:
            raise NotDoneError("the worker stops", wait_s=0)
        if not begun and tries >= TRIES:
            await self._asked(self._give_up, source, leg)
        interrupted = left_open or is_killed(code) or process.over_limit
        raise NotDoneError(f"it did not come to its end: exit code {code}", bounded=not interrupted)

    async def _source(self, name: str) -> Source:
        source = (await asyncio.to_thread(load, self._folder)).sources.get(name)
        if source is None:
            raise CrawlFailedError(f"{name}: no such source here; all workers need the same folder of source files")
        return source

    async def _process(self, source: Source, *options: str) -> tuple[RunProcess, int]:
        """Run a source in a process of its own, to its end."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[int] = loop.create_future()

        def note(code: int) -> None:
            if not ended.done():
                ended.set_result(code)

        def tell(process: RunProcess, code: int) -> None:
            loop.call_soon_threadsafe(note, code)

        process = RunProcess(
            source,
            own_command("crawl", source.name, "--due", *options, *self._options),
            limit_s=self._limit_s,
            memory_bytes=self._memory_bytes,
            ended=tell,
            # Not among the arguments: those are seen by every user of the machine.
            environment={"POLICYTRAIL_ARCHIVE": self._archive.address},
        )
        of_leg = f", leg {options[1]}" if options else ""
        log.info("run of %s starts: process %d%s", source.name, process.pid, of_leg)
        self._running.add(process)
        try:
            while not ended.done():
                await asyncio.wait({ended}, timeout=process.keep_to_limit(self._grace_s))
        except asyncio.CancelledError:
            process.kill()
            raise
        finally:
            self._running.discard(process)
        return process, ended.result()

    def _is_done(self, name: str, after_run: int) -> bool:
        with Archive.open(self._archive, readonly=True) as archive:
            return archive.has_ended_since(name, after_run)

    def _is_leg_wanted(self, name: str, leg: str, after_run: int) -> bool:
        with Archive.open(self._archive, readonly=True) as archive:
            return not archive.has_ended_since(name, after_run) and archive.is_leg_wanted(
                name, leg, after_run=after_run
            )

    def _times_begun(self, name: str, leg: str) -> int:
        with Archive.open(self._archive, readonly=True) as archive:
            return archive.times_begun(name, leg)

    def _is_open(self, name: str) -> bool:
        with Archive.open(self._archive, readonly=True) as archive:
            return archive.is_open(name)

    def _give_up(self, source: Source, leg: str) -> None:
        """Have the others go on without a leg that cannot begin; a later run tries it again."""
        common = lock_in_common(self._archive, leg_lock(source.name))
        if not common.acquire(wait=False):
            return  # the run that is open is somebody's own
        try:
            with Archive.open(self._archive) as archive:
                for run in archive.runs(source.name, limit=1):
                    if run.end is not None:
                        return
                    why = f"{leg}: could not be begun {TRIES} times; see the log of the worker"
                    end = archive.end_leg(run, leg, hosts=source.hosts, taken=0, unspent={}, problem=why)
                    if end is LegEnd.LAST:
                        archive.close_run(run.run_id, RunEnd.STOPPED, at=datetime.now(UTC))
        finally:
            common.release()

    async def _asked(self, question: Callable[..., T], *arguments: object) -> T:
        """Ask something of the server, and wait for it where it is away."""
        while True:
            try:
                return await asyncio.to_thread(question, *arguments)
            except away() as error:
                if self._stopping:
                    raise
                log.debug("the server is away: %s", error)
                await asyncio.sleep(AWAY_S)
