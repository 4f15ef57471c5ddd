"""How commands print: results to standard output, remarks to standard error, JSON, times in a source's zone."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.text import Text

from crawler.corpus.jsonl import line
from crawler.errors import CrawlFailedError
from crawler.schemas import plain
from crawler.terminal import clean, console
from spiders.loader import Sources
from storage import Archive, Home, NotInArchiveError
from storage.model import EventKind

STYLES = {
    EventKind.NEW: "green",
    EventKind.CHANGED: "yellow",
    EventKind.REMOVED: "red",
    EventKind.RESTORED: "cyan",
    EventKind.MOVED: "blue",
}
UNITS = ("B", "KiB", "MiB", "GiB")


def say(text: Text | str = "") -> None:
    """Print a result."""
    console().print(text)


def remark(text: str) -> None:
    """Print what is beside the result."""
    console(stderr=True).print(clean(text))


def emit(value: object) -> None:
    """Print one value as one line of JSON."""
    click.echo(line(plain(value)), nl=False)


def emit_all(values: Iterable[object]) -> None:
    """Print a JSON array, a line for each value, as they come."""
    started = False
    for value in values:
        click.echo((",\n" if started else "[\n") + line(plain(value)).rstrip("\n"), nl=False)
        started = True
    click.echo("\n]" if started else "[]")


class Times:
    """Times as people read them, each in its source's zone.

    zones: source -> zone; a source that is not among them has UTC.
    """

    def __init__(self, zones: Mapping[str, str]) -> None:
        self._zones = {name: ZoneInfo(zone) for name, zone in zones.items()}

    @classmethod
    def of(cls, sources: Sources, names: Iterable[str]) -> Times:
        """Return the times of sources; of one without a file, which is said, UTC."""
        known = sources.sources
        names = list(names)
        lacking = sorted(set(names) - set(known))
        if lacking:
            remark(
                f"{', '.join(lacking)}: no source file, so neither publisher nor time zone is known; "
                "--sources DIR names the folder"
            )
        return cls({name: known[name].timezone if name in known else "UTC" for name in names})

    @property
    def only(self) -> str | None:
        """The zone, where all sources have the same; times are then written without it."""
        keys = {zone.key for zone in self._zones.values()}
        return keys.pop() if len(keys) == 1 else None

    def zone(self, source: str) -> ZoneInfo:
        """Return the zone of a source."""
        return self._zones.get(source) or ZoneInfo("UTC")

    def show(self, at: datetime, source: str, *, seconds: bool = False) -> str:
        """Return a moment as text."""
        local = at.astimezone(self.zone(source))
        text = f"{local:%Y-%m-%d %H:%M:%S}" if seconds else f"{local:%Y-%m-%d %H:%M}"
        return text if self.only else f"{text} {local:%z}"

    def note(self) -> str:
        """Return a line that names the zone."""
        return f"Times are those of {self.only}." if self.only else "Times are those of each source's zone."


def known_source(archive: Archive, sources: Sources, name: str) -> str:
    """Return the name of a source that has run on an archive.

    Raises SourceError for a name that no source has, NotInArchiveError for a source that has not run yet.
    """
    ran = archive.source_names()
    if name in ran:
        return name
    close = difflib.get_close_matches(name, ran, n=1)
    if name not in sources.sources and close:
        raise NotInArchiveError(f"no source is called {name!r}; did you mean {close[0]}?")
    sources.get(name)
    raise NotInArchiveError(f"{archive.path}: {name} has not run yet; `policytrail crawl {name}` does")


def require_folder(path: Home, option: str) -> None:
    """Raise CrawlFailedError where the folder of a file to be made does not exist: most often a slip of the pen."""
    if isinstance(path, Path) and not path.expanduser().parent.is_dir():
        raise CrawlFailedError(f"{path.parent}: no such folder; make it first, or choose another {option}")


def counted(counts: Mapping[Any, int]) -> str:
    """Return counts as "3 changed, 1 new".  Pure."""
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def sized(size_bytes: int) -> str:
    """Return a size as people read it.  Pure."""
    size, unit = float(size_bytes), 0
    while size >= 1024 and unit < len(UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.0f} {UNITS[unit]}" if unit == 0 or size >= 10 else f"{size:.1f} {UNITS[unit]}"
