"""``schedule``: runs of sources when they are due, each in a process of its own; and what such a scheduler does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.text import Text

from crawler import timetable
from crawler.commands.child import own_command
from crawler.commands.listing import chosen
from crawler.commands.notifying import beside_scheduler
from crawler.commands.output import Times, emit, remark, require_folder, say
from crawler.due import next_due
from crawler.errors import CrawlFailedError
from crawler.hours import until_open
from crawler.plurals import many
from crawler.progress import log_to
from crawler.schedule import Scheduler, only_one
from crawler.terminal import clean, console, pad, width
from crawler.timetable import Entry
from spiders.source import Source
from storage import Archive, Home, Server
from storage.lock import is_held, lock_at
from storage.model import RunEnd

log = logging.getLogger(__name__)

STATE_STYLES = {"running": "green", "waiting": "yellow"}


def schedule(
    folder: Path | None,
    names: tuple[str, ...],
    archive_path: Home,
    options: tuple[str, ...],
    *,
    max_runs: int,
    limit_h: float,
    memory_mb: int | None,
    jitter_s: int,
    notify: Path | None = None,
    allow: tuple[str, ...] = (),
) -> None:
    """Run sources whenever they are due, until SIGTERM or Ctrl-C; source files may change meanwhile.

    options: of ``crawl``, for each run.  limit_h, memory_mb: of one run; memory of each of its processes.
    notify: who is told, by ``notify.toml``; None for nobody.  allow: private addresses that webhooks may be at.
    jitter_s: each due time comes later by a random part of this.
    """
    require_folder(archive_path, "--archive")
    sources, wanted = chosen(folder, names)
    for problem in sources.problems:
        remark(problem)
    if Archive.is_at(archive_path):
        # Brought up here where an older program made it: what only reads it afterwards could not.
        Archive.open(archive_path).close()
    with (
        log_to(console(stderr=True), quiet=False),
        beside_scheduler(folder, archive_path, notify, allow=allow),
    ):
        if isinstance(archive_path, Server):
            reload = Reload(folder, names, told=sources.problems)
            hand_over(archive_path, wanted, reload=reload, jitter_s=jitter_s)
            return
        Scheduler(
            wanted,
            command=lambda source: own_command("crawl", source.name, "--due", *options),
            last_finished=lambda name: last_finished(archive_path, name),
            archive=archive_path,
            max_runs=max_runs,
            limit_s=limit_h * 3_600,
            memory_bytes=memory_mb * 1024 * 1024 if memory_mb else None,
            jitter_s=jitter_s or None,
            reload=Reload(folder, names, told=sources.problems),
            settle=lambda name: settle(archive_path, name, now=datetime.now(UTC)),
        ).run()


class Reload:
    """Reads sources again; what is wrong with a file is told once, when it is new.

    told: what was told already.
    """

    def __init__(self, folder: Path | None, names: tuple[str, ...], *, told: Iterable[str]) -> None:
        self._folder = folder
        self._names = names
        self._told = set(told)

    def __call__(self) -> list[Source]:
        """Return the sources as they are now.  Raises SourceError, as ``chosen`` does."""
        sources, wanted = chosen(self._folder, self._names)
        for problem in sources.problems:
            if problem not in self._told:
                log.error("%s", clean(problem))
        self._told = set(sources.problems)
        return wanted


def hand_over(archive: Server, wanted: list[Source], *, reload: Reload, jitter_s: int) -> None:
    """Hand runs to workers whenever they are due, until SIGTERM or Ctrl-C."""
    from crawler.queue import Dispatcher

    Archive.open(archive, create=True).close()

    async def run() -> None:
        await Dispatcher(archive, wanted, reload=reload, jitter_s=jitter_s).run()

    with only_one(archive):
        asyncio.run(run())


def work(
    folder: Path | None,
    archive: Home,
    options: tuple[str, ...],
    *,
    slots: int,
    limit_h: float,
    memory_mb: int | None,
    grace_s: float = 30.0,
) -> None:
    """Take runs from the queue, until SIGTERM or Ctrl-C.

    options: of ``crawl``, for each run.  slots: runs at once.  limit_h, memory_mb: of one run, as of ``schedule``.

    Raises CrawlFailedError for an archive in a file, which has no queue.
    """
    from crawler.worker import Worker

    if not isinstance(archive, Server):
        raise CrawlFailedError(
            f"{archive}: workers share an archive on a server: --archive postgresql://...; "
            "for one in a file `policytrail schedule` does it all"
        )
    Archive.open(archive, create=True).close()

    async def run() -> None:
        await Worker(
            archive,
            folder,
            options,
            slots=slots,
            limit_s=limit_h * 3_600,
            memory_bytes=memory_mb * 1024 * 1024 if memory_mb else None,
            grace_s=grace_s,
            settle=lambda name: settle(archive, name, now=datetime.now(UTC)),
        ).run()

    with log_to(console(stderr=True), quiet=False):
        asyncio.run(run())


def last_finished(archive_path: Home, name: str) -> datetime | None:
    """Return when the last finished run of a source ended."""
    if not Archive.is_at(archive_path):
        return None
    with Archive.open(archive_path, readonly=True) as archive:
        return archive.last_finished_at(name)


def settle(archive_path: Home, name: str, *, now: datetime) -> bool:
    """Close the run that a dead process left open, and tell whether there was one."""
    if not Archive.is_at(archive_path):
        return False
    with Archive.open(archive_path, readonly=True) as archive:
        if not archive.is_open(name):
            return False
    lock = lock_at(archive_path, f"run-{name}")
    if not lock.acquire(wait=False):
        return False  # its process lives
    try:
        with Archive.open(archive_path) as archive:
            return archive.interrupt(name, at=now)
    finally:
        lock.release()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One source, as a person asks of it: the scheduler's entry, and how its last run ended by the archive."""

    entry: Entry
    last_end: RunEnd | None
    last_finished_at: datetime | None


def show_schedule(
    folder: Path | None, names: tuple[str, ...], archive_path: Home, *, now: datetime, as_json: bool
) -> bool:
    """Print what runs, what is next and what failed; tell whether a scheduler is at work."""
    require_folder(archive_path, "--archive")
    sources, wanted = chosen(folder, names)
    table = timetable.read(archive_path)
    known = {entry.source: entry for entry in table.entries} if table else {}
    told = [_told(source, known.get(source.name), archive_path, now) for source in wanted]
    if as_json:
        emit(
            {
                "archive": archive_path,
                "scheduler": {"pid": table.pid, "started_at": table.started_at, "max_runs": table.max_runs}
                if table
                else None,
                "sources": told,
            }
        )
        return table is not None
    times = Times.of(sources, [source.name for source in wanted])
    if table is None:
        say(Text("no scheduler is at work on this archive", "yellow"))
    else:
        say(f"scheduler  process {table.pid}, at most {many(table.max_runs, 'run')} at once")
    cells = max((width(each.entry.source) for each in told), default=0)
    for each in sorted(told, key=lambda one: (one.entry.state != "running", one.entry.state != "waiting")):
        say(as_text(each, cells, times))
    say(Text(times.note(), "dim"))
    return table is not None


def _told(source: Source, entry: Entry | None, archive_path: Home, now: datetime) -> Told:
    last, finished = None, None
    if Archive.is_at(archive_path):
        with Archive.open(archive_path, readonly=True) as archive:
            runs = archive.runs(source.name, limit=1)
            last, finished = (runs[0] if runs else None), archive.last_finished_at(source.name)
    if entry is None:
        due_at = next_due(source, finished, now)
        # A due time outside its hours waits for them.
        due_at = due_at + until_open(source, due_at) if due_at else None
        entry = Entry(source=source.name, state="planned", due_at=due_at)
    if entry.state != "running" and is_held(archive_path, f"run-{source.name}"):
        entry = Entry(source=source.name, state="running", since=last.started_at if last else None, due_at=entry.due_at)
    return Told(entry=entry, last_end=last.end if last else None, last_finished_at=finished)


def as_text(told: Told, cells: int, times: Times) -> Text:
    """Return what one source does, in a line.  Pure."""
    entry = told.entry
    text = Text().append(pad(entry.source, cells) + "  ", "bold")
    text.append(f"{entry.state:8}", STATE_STYLES.get(entry.state, ""))
    if entry.state == "running" and entry.since:
        text.append(f" since {times.show(entry.since, entry.source)}")
        text.append(f", process {entry.pid}" if entry.pid else ", not started by a scheduler")
    elif entry.state == "waiting":
        text.append(f" for {clean(entry.waits_for) or 'its turn'}")
    elif entry.due_at:
        text.append(f" for {times.show(entry.due_at, entry.source)}")
    if told.last_finished_at:
        text.append(f"; last finished {times.show(told.last_finished_at, entry.source)}")
    if entry.interrupted:
        text.append(f"; {entry.interrupted} interrupted in a row", "red")
    elif told.last_end in (RunEnd.FAILED, RunEnd.INTERRUPTED, RunEnd.STOPPED):
        text.append(f"; the last run {told.last_end}", "red")
    elif entry.last_code:
        text.append(f"; exit code {entry.last_code}", "red")
    return text
