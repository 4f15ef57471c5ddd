"""Runs sources when they are due: one job per source, one subprocess per run, one scheduler per archive."""

from __future__ import annotations

import logging
import os
import queue
import re
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from spiders.errors import SourceError
from spiders.source import Source
from storage.errors import ArchiveBusyError
from storage.lock import FileLock

log = logging.getLogger(__name__)

EVERY = re.compile(r"every\s+([1-9]\d{0,4})\s*([mhd])", re.ASCII)
UNITS = {"m": "minutes", "h": "hours", "d": "days"}

# The wait for the next due time is measured by a clock that stands still while a machine sleeps:
# looking at the wall clock this often keeps a laptop that was closed from running hours late.
WAKE_S = 60.0


def trigger(
    source: Source, *, since: datetime | None = None, jitter_s: int | None = None
) -> CronTrigger | IntervalTrigger:
    """Return when a source is due, in its own time zone.

    since: start of the first interval; an interval without it starts at the time of the call.
    jitter_s: each due time is delayed by a random part of this.
    Raises SourceError for a schedule that no due time can be read from.  Where both days of the month and
    of the week are given, both must hold.
    """
    zone = ZoneInfo(source.timezone)
    every = _interval(source)
    if every is not None:
        start = None if since is None else since + every
        seconds = every.total_seconds()
        return IntervalTrigger(seconds=seconds, start_date=start, timezone=zone, jitter=jitter_s)
    try:
        cron = CronTrigger.from_crontab(source.schedule, timezone=zone)
    except ValueError as error:
        raise SourceError(f"{source.name}: schedule {source.schedule!r}: {error}") from error
    cron.jitter = jitter_s
    return cron


def overdue(source: Source, last_finished_at: datetime | None, now: datetime) -> bool:
    """Tell whether a due time has passed since the last finished run; true for a source that never ran.

    Pure.
    """
    # A run that ended in the future shows that a clock was wrong; waiting for that day would be worse.
    if last_finished_at is None or last_finished_at > now:
        return True
    every = _interval(source)
    if every is not None:
        return last_finished_at + every <= now
    due = trigger(source).get_next_fire_time(None, last_finished_at)
    # A date that no year has, such as 31 February, is never due.
    return due is not None and due.astimezone(UTC) <= now


def period(source: Source, now: datetime) -> timedelta:
    """Return the time between two due times of a source: the one before now's next and the one after it.  Pure."""
    if (every := _interval(source)) is not None:
        return every
    cron = trigger(source)
    first = cron.get_next_fire_time(None, now)
    second = cron.get_next_fire_time(first, first + timedelta(seconds=1)) if first else None
    return second - first if first and second else timedelta(days=1)


def _interval(source: Source) -> timedelta | None:
    match = EVERY.fullmatch(source.schedule.strip())
    return None if match is None else timedelta(**{UNITS[match[2]]: int(match[1])})


@contextmanager
def only_one(archive: Path) -> Iterator[None]:
    """Keep a second scheduler of the same archive from starting the same runs.

    Raises ArchiveBusyError where another one is at work.
    """
    lock = FileLock(archive, "scheduler")
    if not lock.acquire(wait=False):
        raise ArchiveBusyError(f"{archive}: another scheduler is at work on this archive")
    try:
        yield
    finally:
        lock.release()


class Scheduler:
    """Starts a subprocess for each due run and waits for it, until SIGTERM or SIGINT.

    command: the program and arguments of one run; also called from other threads.
    last_finished: when the last finished run of a source ended, or None; called when a source is planned.
    archive: its file, which need not exist yet; a second scheduler of the same archive is refused.
    max_runs: subprocesses at once; what is due beyond them waits its turn.
    limit_s: a run that takes longer is terminated.
    grace_s: time between the request to end and the kill, for one run and at the end of the scheduler.
    jitter_s: see ``trigger``.
    memory_bytes: of data, for each process of a run; None: as the machine has it.
    reload: returns the sources as they are now; asked every WAKE_S. What changed is planned anew, a run that goes
        on is left to its end.

    A due time that comes while the last run of its source still goes on is left out.  Says what it does at
    level INFO; what the runs print goes where the scheduler prints.
    """

    def __init__(
        self,
        sources: Iterable[Source],
        *,
        command: Callable[[Source], list[str]],
        last_finished: Callable[[str], datetime | None],
        archive: Path,
        max_runs: int = 2,
        limit_s: float = 6 * 3600.0,
        grace_s: float = 30.0,
        jitter_s: int | None = None,
        memory_bytes: int | None = None,
        reload: Callable[[], Iterable[Source]] | None = None,
    ) -> None:
        self._sources = {source.name: source for source in sources}
        self._memory_bytes = memory_bytes
        self._reload = reload
        self._command = command
        self._last_finished = last_finished
        self._archive = archive
        self._limit_s = limit_s
        self._grace_s = grace_s
        self._jitter_s = jitter_s
        self._runs: dict[str, subprocess.Popen[bytes]] = {}
        self._stopping = False
        self._guard = threading.Lock()
        # In memory: the sources hold the schedule and the archive holds what ran; a third place would only
        # disagree with them.  No grace time: a late run is still wanted, once.
        self._jobs = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(max_runs)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; then end the runs and return.

        To be called from the main thread.  Raises ArchiveBusyError where another scheduler is at work, and
        what ``last_finished`` raises.
        """
        asked: queue.SimpleQueue[int] = queue.SimpleQueue()
        with only_one(self._archive), _on_signals(asked):
            self._plan(datetime.now(UTC))
            self._jobs.start()
            count = len(self._jobs.get_jobs())
            log.info("scheduler ready: %d %s", count, "source" if count == 1 else "sources")
            while True:
                try:
                    number = asked.get(timeout=WAKE_S)
                    break
                except queue.Empty:
                    self._read_sources()
                    self._jobs.wakeup()
            log.info("scheduler stops: %s", signal.Signals(number).name)
            self._stop()

    def _read_sources(self) -> None:
        """Take in the sources as they are now."""
        if self._reload is None:
            return
        try:
            sources = {source.name: source for source in self._reload()}
        except (SourceError, OSError) as error:
            # Half a change of a folder: what was known goes on.
            log.error("sources could not be read again: %s", error)
            return
        before, self._sources = self._sources, sources
        for name in before.keys() - sources.keys():
            if self._jobs.get_job(name) is not None:
                self._jobs.remove_job(name)
            log.info("%s is no source any more", name)
        changed = [source for name, source in sources.items() if before.get(name) != source]
        if changed:
            log.info("sources read again: %s", ", ".join(source.name for source in changed))
            self._plan_each(changed, datetime.now(UTC))

    def _plan(self, now: datetime) -> None:
        self._plan_each(self._sources.values(), now)

    def _plan_each(self, sources: Iterable[Source], now: datetime) -> None:
        for source in sources:
            try:
                last = self._last_finished(source.name)
                if overdue(source, last, now):
                    due = {"next_run_time": now}
                    when = trigger(source, since=now, jitter_s=self._jitter_s)
                else:
                    due = {}
                    when = trigger(source, since=last, jitter_s=self._jitter_s)
            except SourceError as error:
                # The other sources still run.
                log.error("left out: %s", error)
                continue
            self._jobs.add_job(self._run_one, when, args=[source], id=source.name, replace_existing=True, **due)

    def _run_one(self, source: Source) -> None:
        with self._guard:
            if self._stopping:
                return
            try:
                # A session of its own: Ctrl-C in the terminal reaches the scheduler alone, which then
                # asks each run once; and a kill reaches the run with all its workers.
                process = subprocess.Popen(  # noqa: S603 - the caller's own command, no shell
                    self._command(source), stdin=subprocess.DEVNULL, start_new_session=True
                )
            except OSError as error:
                log.error("run of %s could not start: %s", source.name, error)
                return
            self._runs[source.name] = process
            if self._memory_bytes is not None:
                # From outside: what it starts inherits it, and no code of ours runs between fork and exec.
                with suppress(ProcessLookupError):
                    resource.prlimit(process.pid, resource.RLIMIT_DATA, (self._memory_bytes, self._memory_bytes))
        log.info("run of %s starts: process %d", source.name, process.pid)
        started = time.monotonic()
        try:
            code = process.wait(self._limit_s)
        except subprocess.TimeoutExpired:
            log.warning("run of %s is over its limit of %.0f s", source.name, self._limit_s)
            process.terminate()
            code = self._wait_or_kill(process, time.monotonic() + self._grace_s)
        # What a run that crashed leaves in its session has nobody to work for.
        _kill_session(process)
        seconds = time.monotonic() - started
        with self._guard:
            del self._runs[source.name]
            # Once it stops, the scheduler below holds its lock and waits for this thread.
            due = "" if self._stopping else f"; next due {self._next_due(source)}"
        log.info("run of %s ends: exit code %d after %.1f s%s", source.name, code, seconds, due)

    def _wait_or_kill(self, process: subprocess.Popen[bytes], deadline: float) -> int:
        try:
            return process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _kill_session(process)
            return process.wait()

    def _next_due(self, source: Source) -> str:
        job = self._jobs.get_job(source.name)
        due = None if job is None else job.next_run_time
        return "never" if due is None else due.astimezone(ZoneInfo(source.timezone)).isoformat(" ", "minutes")

    def _stop(self) -> None:
        with self._guard:
            self._stopping = True
            running = list(self._runs.values())
        self._jobs.pause()
        for process in running:
            process.terminate()
        deadline = time.monotonic() + self._grace_s
        for process in running:
            self._wait_or_kill(process, deadline)
        self._jobs.shutdown(wait=True)


def _kill_session(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def _on_signals(asked: queue.SimpleQueue[int]) -> Iterator[None]:
    # SimpleQueue.put may be called from a signal handler, unlike threading.Event.set, which can deadlock.
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, lambda got, _frame: asked.put(got)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
