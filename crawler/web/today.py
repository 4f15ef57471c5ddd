"""Today: what happened to documents, newest run first; and the same as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from crawler.commands.changes import EARLIEST
from crawler.corpus.tables import harmless
from crawler.labels import SPAN
from crawler.schemas import plain
from crawler.web.asked import Answer, Asked, Download, Page
from crawler.web.shared import kind_choices, languages, publishers, source_choices
from crawler.web.tellings import Fold, Item, campaigns, folded, items
from storage.model import Event, EventKind, Run
from storage.telling import Wanted

# A page holds whole runs until it has so many events, and of one run no more than so many.
ENOUGH = 50
MOST_OF_A_RUN = 60
# So many events of the pages before and after are looked at, each way: the same edit may have been told of there.
AROUND = 20
WEEK = timedelta(days=7)
MOST_ROWS = 50_000
CSV_COLUMNS = ("event_id", "at", "source", "kind", "title", "url", "previous_url", "document_id", "run_id", "baseline",
               "quiet")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RunGroup:
    """What one run told; more: how many events beyond those shown."""

    run: Run
    shown: tuple[Item, ...]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFolds:
    """The same, what belongs together folded, without what other runs told alike."""

    run: Run
    folds: tuple[Fold, ...]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What was told on a day, in the sources' zones; campaigns: the same edits that several runs told of."""

    day: date
    campaigns: list[Fold]
    runs: list[RunFolds]


def wanted_of(asked: Asked) -> tuple[Wanted, bool]:
    """Return which events are asked for, and whether only those that are new to this person."""
    only_new = asked.word("since") == "last"
    when = None if only_new else asked.when("since")
    source = asked.word("source") or None
    zone = asked.zones.of(source) if source or asked.zones.only else EARLIEST
    return Wanted(
        source=source,
        kinds=asked.choices("kind", EventKind),
        baseline=asked.flag("baseline"),
        quiet=asked.flag("quiet"),
        since=when.start(zone) if when else None,
    ), only_new


def today(asked: Asked) -> Answer:
    """Return the events, a page of whole runs."""
    archive = asked.archive
    wanted, only_new = wanted_of(asked)
    after = asked.visit.seen or 0 if only_new else 0
    before = asked.number("before")
    unfold = asked.flag("unfold")
    runs: list[tuple[Run, list[Event], int]] = []
    count, older = 0, None
    for run, _ in archive.telling_runs(wanted, before=before):
        if count >= ENOUGH:
            older = runs[-1][0].run_id
            break
        events = archive.run_events(run.run_id, wanted, after=after, limit=MOST_OF_A_RUN + 1)
        if not events:
            if only_new:
                break
            continue
        runs.append((run, events[:MOST_OF_A_RUN], len(events) - MOST_OF_A_RUN))
        count += len(events)
    alone = unfold or not runs or (wanted.kinds and EventKind.CHANGED not in wanted.kinds)
    newer, beyond = ([], []) if alone else around(asked, wanted, runs, paged=before is not None)
    groups = grouped(asked, [*newer, *runs, *beyond])
    near = [*groups[: len(newer)], *groups[len(newer) + len(runs) :]]
    groups = groups[len(newer) : len(newer) + len(runs)]
    fresh = archive.told_after(asked.visit.seen) if asked.visit.seen is not None else 0
    last = archive.runs(limit=1)
    end = last[0].ended_at or last[0].started_at if last else asked.now
    # Events are only added, and a run that goes on counts as it will when it has ended.
    counted = asked.memory.get(
        ("told since", end - WEEK, archive.newest_event_id()), lambda: archive.told_since(end - WEEK)
    )
    table = matrix(counted)
    values: dict[str, Any] = {
        "days": by_day(asked, groups, near, unfold=unfold),
        "wanted": wanted,
        "only_new": only_new,
        "unfold": unfold,
        "fresh": fresh,
        "visited": asked.visit.at,
        "source": wanted.source,
        "kind": wanted.kinds[0] if len(wanted.kinds) == 1 else "",
        "since_text": "" if only_new else asked.word("since"),
        "source_choices": source_choices(asked),
        "kind_choices": kind_choices(asked),
        "publishers": publishers(asked),
        "languages": languages(asked),
        "table": table,
        "table_kinds": list(EventKind),
        "week_end": asked.zones.show(end, last[0].source if last else None),
        "never": not last,
        "filtered": wanted != Wanted() or only_new,
        "newest": asked.with_query(before=None) if before is not None else None,
        "older": asked.with_query(before=older) if older is not None else None,
        "csv": "/events.csv" + (f"?{query}" if (query := csv_query(asked)) else ""),
    }
    listed = {
        "events": [as_plain(item) for group in groups for item in group.shown],
        "older": asked.as_json(before=older) if older is not None else None,
        "seven_days": {name: {str(kind): n for kind, n in row.items()} for name, row in table},
    }
    return Page(template="today", values=values, plain=listed, feed="/feed.atom")


def around(
    asked: Asked, wanted: Wanted, runs: list[tuple[Run, list[Event], int]], *, paged: bool
) -> tuple[list[tuple[Run, list[Event], int]], list[tuple[Run, list[Event], int]]]:
    """Return the runs just newer and just older than those of a page, newest first.

    Only with their changes, and only within the span in which one edit counts as the same.  paged: newer ones exist.
    """
    changes = replace(wanted, kinds=(EventKind.CHANGED,), baseline=False)

    def taken(found: Iterable[tuple[Run, int]], edge: datetime) -> list[tuple[Run, list[Event], int]]:
        near: list[tuple[Run, list[Event], int]] = []
        left = AROUND
        for run, _ in found:
            events = asked.archive.run_events(run.run_id, changes, limit=left)
            if not events or abs(events[0].at - edge) > SPAN:
                break
            near.append((run, events, 0))
            left -= len(events)
            if left <= 0:
                break
        return near

    (first, newest, _), (last, oldest, _) = runs[0], runs[-1]
    newer = taken(asked.archive.telling_runs(changes, above=first.run_id), newest[0].at) if paged else []
    older = taken(asked.archive.telling_runs(changes, before=last.run_id), oldest[0].at)
    return newer[::-1], older


def grouped(asked: Asked, runs: list[tuple[Run, list[Event], int]]) -> list[RunGroup]:
    """Return runs with their events as a page shows them; with each, whether (above 0) it told of more than these."""
    counts = [asked.archive.run_counted(run.run_id).events for run, _, _ in runs]
    shown = items(
        asked, [(events, count.get("changed", 0)) for (_, events, _), count in zip(runs, counts, strict=True)]
    )
    return [
        RunGroup(run=run, shown=tuple(found), more=sum(count.values()) - len(events) if over > 0 else 0)
        for (run, events, over), found, count in zip(runs, shown, counts, strict=True)
    ]


def by_day(asked: Asked, groups: list[RunGroup], near: list[RunGroup], *, unfold: bool) -> list[Day]:
    """Return runs under the day of their first event; what several runs told alike under the day of the newest.

    near: runs of the pages before and after.
    """
    wide = [] if unfold else campaigns([group.shown for group in groups], [group.shown for group in near])
    taken = {item.event.event_id for fold in wide for item in fold.items}
    days: dict[date, Day] = {}

    def day_of(event: Event) -> Day:
        day = asked.zones.day(event.at, event.source)
        return days.setdefault(day, Day(day=day, campaigns=[], runs=[]))

    for fold in wide:
        day_of(fold.items[0].event).campaigns.append(fold)
    for group in groups:
        left = [item for item in group.shown if item.event.event_id not in taken]
        if left or group.more:
            folds = folded(left, unfold=unfold)
            day_of(group.shown[0].event).runs.append(RunFolds(run=group.run, folds=tuple(folds), more=group.more))
    return sorted(days.values(), key=lambda one: one.day, reverse=True)


def matrix(counted: dict[tuple[str, EventKind], int]) -> list[tuple[str, dict[EventKind, int]]]:
    """Return counts as rows, the source with most events first.  Pure."""
    rows: dict[str, dict[EventKind, int]] = {}
    for (source, kind), count in counted.items():
        rows.setdefault(source, {})[kind] = count
    return sorted(rows.items(), key=lambda row: (-sum(row[1].values()), row[0]))


def as_plain(item: Item) -> dict[str, Any]:
    """Return an event as ``crawler/schemas/browse.json`` describes it.  Pure."""
    told = item.told
    return {
        **plain(item.event),
        "labels": list(item.labels),
        "kinds": list(told.kinds) if told else [],
        "old_version": told.old_version if told else None,
        "new_version": told.new_version if told else None,
        "silent": told.silent if told else False,
        "path": item.path,
    }


def csv_query(asked: Asked) -> str:
    """Return the part of the query that the CSV knows too."""
    names = ("source", "kind", "since", "baseline", "quiet")
    return urlencode([(name, value) for name in names for value in asked.words(name) if value != "last"])


def events_csv(asked: Asked) -> Answer:
    """Return events as CSV, newest run first; no more than MOST_ROWS, ``before`` a run number goes on."""
    wanted, _ = wanted_of(asked)
    stream = io.StringIO(newline="")
    rows = csv.writer(stream)
    rows.writerow(CSV_COLUMNS)
    left = MOST_ROWS
    for run, told in asked.archive.telling_runs(wanted, before=asked.number("before")):
        if told > left:
            break
        for cells in asked.archive.event_cells(run.run_id, wanted):
            rows.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in cells])
        left -= told
    # With the mark that spreadsheets need to read Chinese.
    body = stream.getvalue().encode("utf-8-sig", "replace")
    return Download(body=body, media_type="text/csv; charset=utf-8", name="policytrail-events.csv")
