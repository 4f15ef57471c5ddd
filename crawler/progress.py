"""How far a crawl is: bars on a terminal, log lines elsewhere; both on standard error."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.text import Text

from crawler.terminal import clean, pad
from storage.model import Role

if TYPE_CHECKING:
    from crawler.watch import Summary, Watcher
    from spiders.base import Visit
    from storage.model import Fetch

OURS = ("crawler", "spiders", "storage")
NAME_CELLS = 24
STATE_CELLS = 24


class ConsoleHandler(logging.Handler):
    """Writes log records as lines that page text in them cannot break.

    quiet: only warnings; else also what our own modules say at level INFO.
    """

    def __init__(self, console: Console, *, quiet: bool) -> None:
        super().__init__(logging.WARNING if quiet else logging.INFO)
        self._console = console
        self.setFormatter(logging.Formatter("%(message)s" if quiet else "%(asctime)s %(message)s", "%H:%M:%S"))

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is to be written: libraries tell at level INFO what we say ourselves."""
        return record.levelno >= logging.WARNING or record.name.partition(".")[0] in OURS

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        style = "yellow" if record.levelno >= logging.WARNING else ""
        # A log on a full disk, or on a terminal that is gone, is no reason to give up the work.
        with suppress(OSError):
            self._console.print(Text(clean(self.format(record), lines=True), style))


@contextmanager
def log_to(console: Console, *, quiet: bool) -> Iterator[None]:
    """Write log records to a console."""
    root = logging.getLogger()
    handler = ConsoleHandler(console, quiet=quiet)
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


@contextmanager
def watching(console: Console) -> Iterator[Watcher]:
    """Return what shows how runs go, on a console of standard error."""
    from crawler.watch import LogWatcher

    with log_to(console, quiet=console.is_terminal):
        if not console.is_terminal:
            yield LogWatcher()
            return
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[state]}"),
            console=console,
        ) as progress:
            yield bars(progress)


def bars(progress: Progress) -> Watcher:
    """Return a watcher with one bar for each source."""
    from crawler.watch import Watcher

    class Bars(Watcher):
        """Draws one bar for each source: documents answered, of those known."""

        def __init__(self) -> None:
            self._tasks: dict[str, TaskID] = {}
            self._known: dict[str, int] = {}
            self._done: dict[str, int] = {}

        def _show(self, source: str, state: str, *, total: int | None) -> None:
            if source not in self._tasks:
                name = pad(source, NAME_CELLS)
                self._tasks[source] = progress.add_task(name, total=None, state="")
            progress.update(
                self._tasks[source], completed=self._done.get(source, 0), total=total, state=pad(state, STATE_CELLS)
            )

        def started(self, source: str, *, resumed: bool, known: int) -> None:
            """Begin a bar; how long it is, is not known before the first crawl."""
            self._known[source] = known
            self._done[source] = 0
            self._show(source, "goes on" if resumed else "starts", total=known or None)

        def answered(self, source: str, visit: Visit, fetch: Fetch) -> None:
            """Move a bar on."""
            self._done[source] += visit.role is Role.MAIN
            done, known = self._done[source], self._known[source]
            state = f"{done}/{max(done, known)}" if known else f"{done} answered"
            self._show(source, state, total=max(done, known) if known else None)

        def deriving(self, source: str) -> None:
            """Say that texts are made."""
            self._show(source, "comparing", total=self._done[source] or None)

        def waiting(self, source: str, host: str) -> None:
            """Say what a source waits for."""
            self._show(source, f"waits for {clean(host)}", total=None)

        def ended(self, summary: Summary) -> None:
            """Finish a bar."""
            done = self._done.get(summary.source, 0)
            self._show(summary.source, str(summary.end or "failed"), total=done or 1)

    return Bars()
