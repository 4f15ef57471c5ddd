"""Runs sources when they are due: one job per source, one subprocess per run, one scheduler per archive."""

from __future__ import annotations

import logging
import os
import queue
import signal
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from crawler import timetable
from crawler.due import overdue, trigger
from crawler.hours import until_open
from crawler.subprocesses import RunProcess, is_killed
from crawler.timetable import Entry, Timetable
from spiders.errors import SourceError
from spiders.source import Source
from storage import Home
from storage.errors import ArchiveBusyError, ArchiveError
from storage.lock import is_held, lock_at

log = logging.getLogger(__name__)

# The wait for the next due time is measured by a clock that stands still while a machine sleeps:
# looking at the wall clock this often keeps a laptop that was closed from running hours late.
WAKE_S = 60.0
# So much the wall clock may fall behind the other one between two looks without having been set back.
SET_BACK_S = 30.0
# A run that did not come to its end by itself is made good after so long; each further time in a row after twice
# as long.
AGAIN_S = 10.0
LONGEST_AGAIN_S = 3_600.0
# So often a source that another process crawls is looked at again.
FOREIGN_S = 1.0


@contextmanager
def only_one(archive: Home) -> Iterator[None]:
    """Keep a second scheduler of the same archive from starting the same runs.

    Raises ArchiveBusyError where another one is at work.
    """
    lock = lock_at(archive, timetable.SCHEDULER)
    if not lock.acquire(wait=False):
        raise ArchiveBusyError(f"{archive}: another scheduler is at work on this archive")
    try:
        yield
    finally:
        lock.release()


@dataclass(slots=True)
class _Waiting:
    """A source that is due.  not_before: by the monotonic clock.  check: whether it is still due is asked first."""

    since: datetime
    not_before: float = 0.0
    why: str = ""
    check: bool = False


@dataclass(slots=True)
class _Past:
    """What the last runs of a source came to.  interrupted: of them in a row."""

    code: int | None = None
    ended_at: datetime | None = None
    interrupted: int = 0


class Scheduler:
    """Starts a subprocess for each due run and waits for it, until SIGTERM or SIGINT.

    command: the program and arguments of one run.
    last_finished: when the last finished run of a source ended, or None; called when a source is planned, and from
        other threads when a run was interrupted.
    archive: its file, which need not exist yet; a second scheduler of the same archive is refused.
    max_runs: subprocesses at once, and never two whose sources share a host; what is due beyond them waits its turn.
    limit_s: a run that takes longer is terminated.
    grace_s: time between the request to end and the kill, for one run and at the end of the scheduler.
    jitter_s: see ``trigger``.
    memory_bytes: of data, for each process of a run; None: as the machine has it.
    reload: returns the sources as they are now; asked every WAKE_S. What changed is planned anew, a run that goes
        on is left to its end.
    settle: called for a source whose run's process is gone: closes what it left open, and tells whether there was
        such a run; called from other threads too.
    again_s: wait before the first run that makes an interrupted one good.

    A due time that comes while the last run of its source still goes on, or waits, is left out. A run that was
    killed, or ended over its limit, or left its run open, is made good soon; one that failed waits for its next
    due time. Says what it does at level INFO; what the runs print goes where the scheduler prints.
    """

    def __init__(
        self,
        sources: Iterable[Source],
        *,
        command: Callable[[Source], list[str]],
        last_finished: Callable[[str], datetime | None],
        archive: Home,
        max_runs: int = 2,
        limit_s: float = 6 * 3600.0,
        grace_s: float = 30.0,
        jitter_s: int | None = None,
        memory_bytes: int | None = None,
        reload: Callable[[], Iterable[Source]] | None = None,
        settle: Callable[[str], bool] | None = None,
        again_s: float = AGAIN_S,
    ) -> None:
        self._sources = {source.name: source for source in sources}
        self._memory_bytes = memory_bytes
        self._reload = reload
        self._command = command
        self._last_finished = last_finished
        self._settle = settle
        self._archive = archive
        self._max_runs = max_runs
        self._limit_s = limit_s
        self._grace_s = grace_s
        self._jitter_s = jitter_s
        self._again_s = again_s
        self._waiting: dict[str, _Waiting] = {}
        self._running: dict[str, RunProcess] = {}
        self._past: dict[str, _Past] = {}
        self._stopping: str | None = None
        # All that follows happens in the thread of ``run``; others tell it by this.
        self._told: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        # In memory: the sources hold the schedule and the archive holds what ran; a third place would only
        # disagree with them.  No grace time: a late run is still wanted, once.
        self._jobs = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )
        self._said: Timetable | None = None
        self._started_at = datetime.now(UTC)
        self._clocks = (time.time(), time.monotonic())

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; then end the runs and return.

        To be called from the main thread.  Raises ArchiveBusyError where another scheduler is at work, and
        what ``last_finished`` raises.
        """
        with only_one(self._archive), self._on_signals():
            for name in self._sources:
                self._settled(name)
            self._plan(datetime.now(UTC))
            self._jobs.start()
            count = len(self._jobs.get_jobs())
            log.info("scheduler ready: %d %s", count, "source" if count == 1 else "sources")
            woken = time.monotonic()
            while self._stopping is None:
                pause = self._look()
                with suppress(queue.Empty):
                    self._told.get(timeout=pause)()
                if time.monotonic() - woken >= WAKE_S:
                    woken = time.monotonic()
                    self._wake(time.time(), woken)
                    self._jobs.wakeup()
            log.info("scheduler stops: %s", self._stopping)
            self._stop()

    # -- what is due -----------------------------------------------------------------------------------

    def _wake(self, wall_s: float, monotonic_s: float) -> None:
        """Take in what changed meanwhile: the sources, and the clock."""
        before, self._clocks = self._clocks, (wall_s, monotonic_s)
        self._read_sources()
        if (wall_s - before[0]) - (monotonic_s - before[1]) < -SET_BACK_S:
            # What was planned would come that much later, or in years.
            log.warning("the clock was set back: due times are found anew")
            self._plan(datetime.fromtimestamp(wall_s, UTC))

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
        before = self._sources
        changed = [source for name, source in sources.items() if before.get(name) != source]
        self._sources = sources
        try:
            self._plan_each(changed, datetime.now(UTC))
        except (ArchiveError, sqlite3.Error, OSError) as error:
            log.error("sources could not be planned: %s", error)
            self._sources = before
            return
        for name in before.keys() - sources.keys():
            if self._jobs.get_job(name) is not None:
                self._jobs.remove_job(name)
            self._waiting.pop(name, None)
            log.info("%s is no source any more; it is taken up again when its file can be read", name)
        if changed:
            log.info("sources read again: %s", ", ".join(source.name for source in changed))

    def _plan(self, now: datetime) -> None:
        self._plan_each(self._sources.values(), now)

    def _plan_each(self, sources: Iterable[Source], now: datetime) -> None:
        for source in sources:
            try:
                last = self._last_finished(source.name)
                late = overdue(source, last, now)
                when = trigger(source, since=now if late else last, jitter_s=self._jitter_s)
            except SourceError as error:
                # The other sources still run.
                log.error("left out: %s", error)
                continue
            if late:
                self._due(source.name)
            self._jobs.add_job(self._tell_due, when, args=[source.name], id=source.name, replace_existing=True)

    def _tell_due(self, name: str) -> None:
        self._told.put(partial(self._due, name))

    def _due(self, name: str) -> None:
        if name not in self._sources:
            return
        held = "still goes on" if name in self._running else "waits" if name in self._waiting else ""
        log.debug("%s is due%s", name, f", and left out: its run {held}" if held else "")
        if not held:
            self._waiting[name] = _Waiting(since=datetime.now(UTC))

    # -- runs ------------------------------------------------------------------------------------------

    def _look(self) -> float:
        """Start what can be started, end what is over its limit; return how long nothing more is to be done, in s."""
        pauses = [pause for name in list(self._waiting) if (pause := self._try(name))]
        pauses += [process.keep_to_limit(self._grace_s) for process in self._running.values()]
        self._tell()
        return max(0.0, min([WAKE_S, *pauses]))

    def _try(self, name: str) -> float:
        """Start a run if nothing is against it; return when to try again, in s: 0 for when another run ends."""
        source, waiting = self._sources[name], self._waiting[name]
        pause = waiting.not_before - time.monotonic()
        if pause > 0:
            return pause
        if closed := until_open(source, datetime.now(UTC)).total_seconds():
            waiting.why = "its hours"
            return min(closed, WAKE_S)
        busy = {host for other in self._running for host in self._host_names(other)}
        if shared := sorted(busy.intersection(self._host_names(name))):
            waiting.why = f"another run to be done with {shared[0]}"
            return 0
        if len(self._running) >= self._max_runs:
            waiting.why = "a place"
            return 0
        if is_held(self._archive, f"run-{name}"):
            # By hand, or left over from a scheduler that was killed: what it finishes need not be done again.
            waiting.why, waiting.check = "the process that crawls it already", True
            return FOREIGN_S
        if waiting.check:
            try:
                self._settled(name)
                late = self._is_overdue(source)
            except (ArchiveError, sqlite3.Error, OSError) as error:
                log.error("%s: %s", name, error)
                return WAKE_S
            if not late:
                del self._waiting[name]
                return 0
        del self._waiting[name]
        self._start(source)
        return 0

    def _host_names(self, name: str) -> set[str]:
        source = self._running[name].source if name in self._running else self._sources[name]
        return set(source.hosts)

    def _start(self, source: Source) -> None:
        try:
            process = RunProcess(
                source,
                self._command(source),
                limit_s=self._limit_s,
                memory_bytes=self._memory_bytes,
                ended=self._gone,
            )
        except OSError as error:
            log.error("run of %s could not start: %s", source.name, error)
            return
        self._running[source.name] = process
        log.info("run of %s starts: process %d", source.name, process.pid)

    def _gone(self, process: RunProcess, code: int) -> None:
        """Look what a process left behind; in its own thread, since the archive may have to be waited for."""
        name = process.source.name
        interrupted = True
        try:
            left_open = self._settled(name)
            interrupted = (left_open or process.over_limit or is_killed(code)) and self._is_overdue(process.source)
        except (ArchiveError, sqlite3.Error, OSError) as error:
            log.error("%s: %s", name, error)
        finally:
            self._told.put(partial(self._ended, process, code, interrupted=interrupted))

    def _is_overdue(self, source: Source) -> bool:
        return overdue(source, self._last_finished(source.name), datetime.now(UTC))

    def _ended(self, process: RunProcess, code: int, *, interrupted: bool) -> None:
        source = process.source
        del self._running[source.name]
        past = self._past.setdefault(source.name, _Past())
        past.code, past.ended_at = code, datetime.now(UTC)
        past.interrupted = past.interrupted + 1 if interrupted else 0
        then = ""
        if self._stopping is None and source.name in self._sources:
            then = f"; {self._then(source, past, interrupted=interrupted)}"
        log.info("run of %s ends: exit code %d after %.1f s%s", source.name, code, process.seconds, then)

    def _then(self, source: Source, past: _Past, *, interrupted: bool) -> str:
        """Plan what comes of a run that has ended, beside its next due time; return it in words."""
        if interrupted:
            pause = min(self._again_s * 2 ** min(past.interrupted - 1, 20), LONGEST_AGAIN_S)
            self._wait_again(source.name, pause, "its interrupted run to be made good")
            return f"interrupted, again in {pause:.0f} s"
        if past.code and is_held(self._archive, f"run-{source.name}"):
            self._wait_again(source.name, FOREIGN_S, "the process that crawls it already", check=True)
        elif past.code and until_open(source, datetime.now(UTC)):
            self._wait_again(source.name, 0, "its hours", check=True)
            return "goes on in its next hours"
        due = self._due_at(source.name)
        told = "never" if due is None else due.astimezone(ZoneInfo(source.timezone)).isoformat(" ", "minutes")
        return f"next due {told}"

    def _wait_again(self, name: str, pause_s: float, why: str, *, check: bool = False) -> None:
        self._waiting[name] = _Waiting(
            since=datetime.now(UTC), not_before=time.monotonic() + pause_s, why=why, check=check
        )

    def _settled(self, name: str) -> bool:
        return self._settle(name) if self._settle is not None else False

    def _due_at(self, name: str) -> datetime | None:
        job = self._jobs.get_job(name)
        due: datetime | None = getattr(job, "next_run_time", None)  # which a job lacks before the start
        return None if due is None else due.astimezone(UTC)

    # -- what others are told ----------------------------------------------------------------------------

    def _tell(self) -> None:
        """Leave word of what is in hand."""
        try:
            now = self._timetable()
            if now != self._said:
                timetable.write(self._archive, now)
                self._said = now
        except OSError as error:
            # It is for people only; a full disk is said by what needs the disk.
            log.debug("the timetable could not be written: %s", error)

    def _timetable(self) -> Timetable:
        return Timetable(
            pid=os.getpid(),
            started_at=self._started_at,
            max_runs=self._max_runs,
            entries=[self._entry(name) for name in sorted(self._sources)],
        )

    def _entry(self, name: str) -> Entry:
        past = self._past.get(name, _Past())
        process, waiting = self._running.get(name), self._waiting.get(name)
        return Entry(
            source=name,
            state="running" if process else "waiting" if waiting else "planned",
            since=process.began_at if process else waiting.since if waiting else None,
            waits_for=waiting.why if waiting and not process else "",
            pid=process.pid if process else None,
            due_at=self._due_at(name),
            last_code=past.code,
            last_ended_at=past.ended_at,
            interrupted=past.interrupted,
        )

    # -- the end -----------------------------------------------------------------------------------------

    def _stop(self) -> None:
        self._jobs.shutdown(wait=False)
        for process in self._running.values():
            process.ask_to_end()
        deadline = time.monotonic() + self._grace_s
        while self._running:
            try:
                self._told.get(timeout=max(0.0, deadline - time.monotonic()))()
            except queue.Empty:
                for process in self._running.values():
                    process.kill()
                deadline = time.monotonic() + self._grace_s

    @contextmanager
    def _on_signals(self) -> Iterator[None]:
        # SimpleQueue.put may be called from a signal handler, unlike threading.Event.set, which can deadlock.
        def asked(number: int, _frame: object) -> None:
            self._told.put(partial(setattr, self, "_stopping", signal.Signals(number).name))

        before = {number: signal.signal(number, asked) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
