"""Sources: health first; and one source with its runs and newest documents."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup

from crawler.commands.health import MOST_RUNS, past
from crawler.due import overdue, trigger
from crawler.health import Past, Reason, reasons
from crawler.schemas import plain
from crawler.web.asked import Answer, Asked, Page
from crawler.web.chart import chart
from crawler.web.shared import publishers
from spiders.discovery import discover
from spiders.errors import SourceError
from spiders.source import Source
from storage import NotInArchiveError
from storage.browsing import Filter
from storage.model import EventKind, Role, RunEnd

DAYS = 30
WIDE_DAYS = 90
RUNS = 15
NEWEST = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How a source is doing.

    lost: it has run, but no file describes it.  ran: it has run.  running: its last run has no end; it may have been
        killed.
    found, usual: documents that its lists named in the last run, and in the finished one before it; None where its
        lists brought nothing.
    """

    name: str
    publisher: str | None
    lost: bool
    ran: bool
    running: bool
    reasons: tuple[Reason, ...]
    last_finished_at: datetime | None
    next_at: datetime | None
    overdue: bool
    found: int | None
    usual: int | None
    states: dict[str, int]
    chart: Markup | None = None

    @property
    def total(self) -> int:
        """Its documents in all states."""
        return sum(self.states.values())


def row_of(asked: Asked, name: str, states: dict[str, int]) -> Row:
    """Return how a source is doing."""
    archive, source = asked.archive, asked.sources.sources.get(name)
    runs = archive.runs(name, limit=MOST_RUNS)
    finished = archive.last_finished_at(name)
    late = source is not None and bool(runs) and overdue(source, finished, asked.now)
    found_reasons: tuple[Reason, ...] = ()
    found = usual = None
    # What goes on has not said all yet.
    roots = list(dict.fromkeys(run.root_id for run in runs if run.end in (RunEnd.FINISHED, RunEnd.FAILED)))
    if source is not None and roots:
        earlier = [root for root in archive.finished_roots(name) if root < roots[0]]
        last_id, before_id = roots[0], max(earlier, default=None)
        # A chain that has ended says the same for ever; of the source's file the rules count.
        key = ("health", name, last_id, runs[0].run_id, before_id, late, hash(source))
        found_reasons, found, usual = asked.memory.get(
            key, lambda: health(asked, source, last_id, before_id, late=late)
        )
    return Row(
        name=name,
        publisher=source.publisher if source else None,
        lost=source is None,
        ran=bool(runs),
        running=bool(runs) and runs[0].end is None,
        reasons=found_reasons,
        last_finished_at=finished,
        next_at=next_due(source, finished, asked.now) if source else None,
        overdue=late,
        found=found,
        usual=usual,
        states=states,
    )


def health(
    asked: Asked, source: Source, last_id: int, before_id: int | None, *, late: bool
) -> tuple[tuple[Reason, ...], int | None, int | None]:
    """Return what is wrong with a source, and how many documents its lists named, now and the time before."""
    last = past(asked.archive, source, last_id)
    before = past(asked.archive, source, before_id) if before_id is not None else None
    usual = named(source, before) if before is not None else None
    return reasons(source, last, before, overdue=late), named(source, last), usual


def named(source: Source, seen: Past) -> int | None:
    """Return how many documents the addresses named where discovery begins; None where none of them answered well."""
    counts = [
        len(discover(source, start.role, start.body, url=start.fetch.url, content_type=start.fetch.content_type).found)
        for start in seen.starts.values()
        if start.body and start.role in (Role.LIST, Role.FEED, Role.SITEMAP)
    ]
    return sum(counts) if counts else None


def next_due(source: Source, finished: datetime | None, now: datetime) -> datetime | None:
    """Return when a source is due next after now, or None where its schedule cannot be read or never comes."""
    try:
        due: datetime | None = trigger(source, since=finished).get_next_fire_time(None, now)
    except SourceError:
        return None
    return due


def sources(asked: Asked) -> Answer:
    """Return all sources, those in trouble first."""
    states = asked.archive.states()
    per_hour = asked.archive.hours(EventKind.NEW, since=asked.now - timedelta(days=DAYS))
    known = {name for name in asked.sources.sources if _is_own(asked, name)} | set(asked.archive.source_names())
    rows = []
    for name in sorted(known):
        row = row_of(asked, name, states.get(name, {}))
        drawn = chart(asked, name, per_hour.get(name, {}), days=DAYS, wide=False) if row.ran else None
        rows.append(replace(row, chart=drawn))
    rows.sort(key=lambda row: (not row.reasons, row.ran, row.name))
    troubled = sum(bool(row.reasons) for row in rows)
    return Page(
        template="sources",
        values={"rows": rows, "troubled": troubled, "problems": asked.sources.problems},
        plain={"sources": [as_plain(row) for row in rows], "problems": list(asked.sources.problems)},
    )


def source(asked: Asked) -> Answer:
    """Return one source."""
    name = asked.params["name"]
    file = asked.sources.sources.get(name)
    if file is None and name not in asked.archive.source_names():
        raise NotInArchiveError(f"no source is called {name}")
    row = row_of(asked, name, asked.archive.states().get(name, {}))
    per_hour = asked.archive.hours(EventKind.NEW, since=asked.now - timedelta(days=WIDE_DAYS)).get(name, {})
    runs = asked.archive.run_counts_page(name, limit=RUNS)
    newest = asked.archive.find("", Filter(source=name), limit=NEWEST).hits
    values: dict[str, Any] = {
        "row": row,
        "file": file,
        "runs": runs,
        "show_source": False,
        "publishers": publishers(asked),
        "newest": newest,
        "wide_chart": chart(asked, name, per_hour, days=WIDE_DAYS, wide=True),
    }
    shown = {**as_plain(row), "runs": [plain(one) for one in runs], "newest": [plain(hit) for hit in newest]}
    return Page(template="source", values=values, plain=shown, feed=f"/source/{name}/feed.atom")


def as_plain(row: Row) -> dict[str, Any]:
    """Return how a source is doing as ``crawler/schemas/browse.json`` describes it.  Pure."""
    names = ("name", "publisher", "running", "last_finished_at", "next_at", "overdue", "found", "usual", "states")
    return {
        **{name: plain(getattr(row, name)) for name in names},
        "reasons": plain(row.reasons),
        "has_file": not row.lost,
    }


def _is_own(asked: Asked, name: str) -> bool:
    """Tell whether a source is the person's own: the shipped ones are shown once they have run."""
    path = asked.sources.sources[name].path
    own = None if asked.folder is None else asked.folder.expanduser().absolute()
    return own is not None and path is not None and path.parent == own
