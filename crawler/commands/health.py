"""``status``: how the sources are doing, and what the archive holds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rich.text import Text

from crawler.commands.keeping import Setting, lines, look_for_damage, standing
from crawler.commands.keeping import as_plain as machine_as_plain
from crawler.commands.output import Times, counted, emit, say, sized
from crawler.compositions import HOPS
from crawler.due import overdue, period
from crawler.health import Past, Reason, Start, reasons, seems_slow, standing_since, standstill
from crawler.ladder import expected_delay
from crawler.plurals import many
from crawler.schemas import plain
from crawler.terminal import clean
from spiders.loader import Sources, load
from spiders.source import Source
from storage import Archive, Home
from storage.lock import is_held
from storage.model import Fetch, Role, RunEnd, SourceState

# So far back the last ended run is looked for.
MOST_RUNS = 20
# Of so many answers a share is known to two or three hundredths; more would only take longer.
MOST_ANSWERS = 1_000
MOST_DOCUMENTS = 250
Rhythm = list[tuple[datetime, int, int]]
STATE_STYLES = {RunEnd.FINISHED: "green", RunEnd.FAILED: "red"}


def show_status(
    folder: Path | None,
    archive_path: Home,
    *,
    allow: tuple[str, ...],
    contact: str | None,
    now: datetime,
    as_json: bool,
    full: bool = False,
    settings: tuple[Setting, ...] = (),
) -> bool:
    """Print how the sources and the archive are doing; return whether nothing is broken.

    full: look at every page of the archive.  settings: in force, for a person.
    """
    sources = load(folder)
    with ThreadPoolExecutor(1) as beside, Archive.open(archive_path, readonly=True) as archive:
        looking = beside.submit(look_for_damage, archive_path, full=full)
        states = archive.source_states()
        sizes = archive.sizes()
        rhythms = {state.source: archive.rhythms(state.source, most=MOST_DOCUMENTS) for state in states}
        delays = {name: expected(rhythm, sources.sources.get(name), now) for name, rhythm in rhythms.items()}
        broken = {state.source: why_broken(archive, state, sources, now) for state in states}
        found = standing(archive, looking.result(), full=full, settings=settings)
    good = not any(broken.values()) and not found.health.problems
    if as_json:
        told = as_plain(
            states, sizes, sources, broken, delays, archive_path=archive_path, allow=allow, contact=contact, now=now
        )
        emit({**told, **machine_as_plain(found)})
        return good
    times = Times.of(sources, (state.source for state in states))
    say(f"archive   {clean(str(archive_path))}, {sized(sizes['bytes'])}")
    held = ", ".join(many(count, name) for name, count in sizes.items() if name != "bytes")
    say(f"holds     {held}")
    for line in lines(found, sizes):
        say(line)
    for state in states:
        say()
        source = sources.sources.get(state.source)
        running = is_held(archive_path, f"run-{state.source}")
        late = is_overdue(state, sources, now)
        say(as_text(state, late, times, broken[state.source], delays[state.source], running=running, source=source))
    if states:
        say()
        say(Text(times.note(), "dim"))
    return good


def why_broken(archive: Archive, state: SourceState, sources: Sources, now: datetime) -> tuple[Reason, ...]:
    """Return why a source is broken, by its last runs; none where its file is gone."""
    source = sources.sources.get(state.source)
    if source is None:
        return ()
    runs = archive.runs(state.source, limit=MOST_RUNS)
    # What goes on has not said all yet.
    roots = list(dict.fromkeys(run.root_id for run in runs if run.end in (RunEnd.FINISHED, RunEnd.FAILED)))
    finished = [root for root in archive.finished_roots(state.source) if roots and root < roots[0]]
    last = past(archive, source, roots[0]) if roots else Past(starts={})
    # Of the time before, the answers only say how long they took, which is asked of a run that seems slow.
    before = past(archive, source, max(finished), answers=seems_slow(last.seconds)) if finished else None
    found = reasons(source, last, before, overdue=bool(is_overdue(state, sources, now)))
    # A list that is broken in another way names nothing new either.  All days are read where the newest is long past.
    if found or archive.has_new(state.source, since=standing_since(now)):
        return found
    still = standstill(archive.days_with_new(state.source), now)
    return (still,) if still else ()


def expected(rhythm: Rhythm, source: Source | None, now: datetime) -> timedelta | None:
    """Return how long a change waits for the visit that sees it, where runs visit what is due.  Pure."""
    return expected_delay(now, rhythm, period(source, now)) if source is not None else None


def past(archive: Archive, source: Source, root_id: int, *, answers: bool = True) -> Past:
    """Return what a chain of runs saw; of its documents no more than tell what most of them do.

    answers: off, only its beginnings.
    """
    roles = dict(source.starts())
    glances = archive.chain_glances(root_id, most=MOST_ANSWERS) if answers else []
    seconds = [one.took_ms / 1_000 for one in glances if one.error not in ("robots", "gate")]
    mains = {one.url: one for one in glances if one.role == Role.MAIN and one.url not in roles}
    starts = {}
    for url, role in roles.items():
        answer = archive.chain_answer(root_id, url)
        if answer is not None:
            starts[url] = _start(archive, root_id, answer, role)
    return Past(starts=starts, mains=tuple(mains.values()), seconds=seconds)


def _start(archive: Archive, root_id: int, fetch: Fetch, role: Role) -> Start:
    """Return what an address came to at last: one that leads to another, which the run asked for, is not broken."""
    for _ in range(HOPS):
        target = archive.chain_answer(root_id, fetch.location) if fetch.location is not None else None
        if target is None:
            break
        fetch = target
    good = fetch.status in (200, 203, 304) and fetch.snapshot_id is not None
    body = archive.snapshot(fetch.snapshot_id).body if good and fetch.snapshot_id is not None else b""
    return Start(fetch=fetch, role=role, body=body)


def is_overdue(state: SourceState, sources: Sources, now: datetime) -> bool | None:
    """Tell whether a source should have run since; None where its file is gone."""
    source = sources.sources.get(state.source)
    return None if source is None else overdue(source, state.last_finished_at, now)


def as_plain(
    states: list[SourceState],
    sizes: dict[str, int],
    sources: Sources,
    broken: dict[str, tuple[Reason, ...]],
    delays: dict[str, timedelta | None],
    *,
    archive_path: Home,
    allow: tuple[str, ...],
    contact: str | None,
    now: datetime,
) -> dict[str, Any]:
    """Return how the sources are, as ``crawler/schemas/status.json`` describes it."""
    return {
        "archive": archive_path,
        "sizes": sizes,
        "allow": allow,
        "contact": contact,
        "sources": [
            {
                **plain(state),
                "overdue": is_overdue(state, sources, now),
                "reasons": plain(broken[state.source]),
                "running": is_held(archive_path, f"run-{state.source}"),
                "proxy": without_password(source.proxy) if (source := sources.sources.get(state.source)) else None,
                "expected_delay_s": delay.total_seconds() if (delay := delays[state.source]) is not None else None,
            }
            for state in states
        ],
    }


def without_password(proxy: str | None) -> str | None:
    """Return the address of a proxy without what it is entered with.  Pure."""
    if proxy is None:
        return None
    parts = urlsplit(proxy)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def as_text(
    state: SourceState,
    late: bool | None,
    times: Times,
    broken: tuple[Reason, ...] = (),
    delay: timedelta | None = None,
    *,
    running: bool = False,
    source: Source | None = None,
) -> Text:
    """Return how one source is doing.  Pure.  running: a process crawls it now."""
    text = Text().append(state.source, "bold")
    run = state.last_run
    if run is not None:
        text.append(f"\n  last run   {times.show(run.started_at, state.source)}, ")
        said = str(run.end or ("still running" if running else "interrupted"))
        text.append(said, STATE_STYLES.get(run.end, "yellow") if run.end else "yellow")
        text.append(f"; {state.runs} in all")
    if late:
        text.append("; overdue", "yellow")
    elif late is None:
        text.append("; its source file is gone", "yellow")
    text.append(f"\n  documents  {counted(state.documents) or 'none yet'}; {many(state.versions, 'version')}")
    text.append(f"\n  answers    {counted(state.outcomes) or 'none yet'}")
    if delay is not None:
        text.append(f"\n  delay      a change is seen after {delay.total_seconds() / 3_600:.1f} hours on average")
    if source is not None and source.proxy:
        text.append(f"\n  proxy      {clean(without_password(source.proxy) or '')}: it resolves the names,")
        text.append(" so the gate judges the hosts, not their addresses")
    for reason in broken:
        text.append(f"\n  broken     {reason.word}", "red")
        text.append(f": {clean(reason.detail)}")
    return text
