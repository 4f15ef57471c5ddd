"""``status``: how the sources are doing, and what the archive holds."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.text import Text

from crawler.commands.output import Times, counted, emit, say, sized
from crawler.schedule import overdue
from crawler.schemas import plain
from crawler.terminal import clean
from spiders.loader import Sources, load
from storage import Archive
from storage.model import RunEnd, SourceState

STATE_STYLES = {RunEnd.FINISHED: "green", RunEnd.FAILED: "red"}


def show_status(
    folder: Path | None,
    archive_path: Path,
    *,
    allow: tuple[str, ...],
    contact: str | None,
    now: datetime,
    as_json: bool,
) -> None:
    """Print how the sources that have run on an archive are doing."""
    sources = load(folder)
    with Archive.open(archive_path, readonly=True) as archive:
        states = [archive.source_state(name) for name in archive.source_names()]
        sizes = archive.sizes()
    if as_json:
        emit(as_plain(states, sizes, sources, archive_path=archive_path, allow=allow, contact=contact, now=now))
        return
    times = Times.of(sources, (state.source for state in states))
    counts = {f"{name}s" if name != "fetch" else "fetches": n for name, n in sizes.items() if name != "bytes"}
    say(f"archive   {clean(str(archive_path))}, {sized(sizes['bytes'])}; SQLite {sqlite3.sqlite_version}")
    say(f"holds     {counted(counts)}")
    say(f"allowed   {', '.join(map(clean, allow)) or 'public addresses only'}")
    say(f"contact   {clean(contact) if contact else 'not set (POLICYTRAIL_CONTACT)'}")
    for state in states:
        say()
        say(as_text(state, is_overdue(state, sources, now), times))
    if states:
        say()
        say(Text(times.note(), "dim"))


def is_overdue(state: SourceState, sources: Sources, now: datetime) -> bool | None:
    """Tell whether a source should have run since; None where its file is gone."""
    source = sources.sources.get(state.source)
    return None if source is None else overdue(source, state.last_finished_at, now)


def as_plain(
    states: list[SourceState],
    sizes: dict[str, int],
    sources: Sources,
    *,
    archive_path: Path,
    allow: tuple[str, ...],
    contact: str | None,
    now: datetime,
) -> dict[str, Any]:
    """Return all of it as ``crawler/schemas/status.json`` describes it."""
    return {
        "archive": archive_path,
        "sizes": sizes,
        "sqlite": sqlite3.sqlite_version,
        "allow": allow,
        "contact": contact,
        "sources": [{**plain(state), "overdue": is_overdue(state, sources, now)} for state in states],
    }


def as_text(state: SourceState, late: bool | None, times: Times) -> Text:
    """Return how one source is doing.  Pure."""
    text = Text().append(state.source, "bold")
    run = state.last_run
    if run is not None:
        text.append(f"\n  last run   {times.show(run.started_at, state.source)}, ")
        # A run without an end goes on, or was killed; the next one tells.
        text.append(str(run.end or "not ended"), STATE_STYLES.get(run.end, "yellow") if run.end else "yellow")
        text.append(f"; {state.runs} in all")
    if late:
        text.append("; overdue", "yellow")
    elif late is None:
        text.append("; its source file is gone", "yellow")
    text.append(f"\n  documents  {counted(state.documents) or 'none yet'}; {state.versions} versions")
    text.append(f"\n  answers    {counted(state.outcomes) or 'none yet'}")
    return text
