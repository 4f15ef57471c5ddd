"""What happened, as a person asks for it: the newest first, a page at a time, by index."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from storage.holding import Holding
from storage.model import Event, EventKind, Run
from storage.reading import EVENT, make_event
from storage.recording import make_run
from storage.times import day, moment, stamp

# Without the sign SQLite would walk over the events for the first that fits, instead of asking the index by time.
FIRST_SINCE = "(select min(+event_id) from event where happened_at >= ?)"
LAST_UNTIL = "select max(+event_id) from event where happened_at <= ?"
END = 1 << 62
# Said so that no index is used: by the one of times all rows would have to be sorted.
NOT_BY_TIME = "e.happened_at || ''"
RUN_OF = "u.run_id, u.source, u.root_id, u.started_at, u.ended_at, u.end_reason, u.extractor, u.profile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What events a person wants to see; kinds: none for all.  since: of the event, not of its run."""

    source: str | None = None
    kinds: tuple[EventKind, ...] = ()
    baseline: bool = False
    quiet: bool = False
    since: datetime | None = None


class Telling(Holding):
    """Reads events."""

    # -- events ------------------------------------------------------------------------------------------

    def newest_event_id(self) -> int:
        """Return the number of the newest event; 0 where nothing happened yet."""
        row = self._row("select max(event_id) from event")
        return int(row[0] or 0) if row else 0

    def newest_events(
        self, wanted: Wanted, *, until: datetime | None = None, before: int | None = None, limit: int
    ) -> list[Event]:
        """Return events, newest first.

        until: of the event.  before: only those below this number.
        """
        which, values = _which(wanted)
        if wanted.source:
            which, values = which + " and e.source = ?", [*values, wanted.source]
        # Times grow with numbers, but for runs that overlap: the walk goes by number, and begins and ends near them.
        if wanted.since:
            which += f" and e.event_id >= {FIRST_SINCE} and {NOT_BY_TIME} >= ?"
            values += [stamp(wanted.since)] * 2
        if until:
            # Of two upper bounds SQLite would take the wrong one.
            last = (self._row(LAST_UNTIL, stamp(until)) or (None,))[0]
            before = min(before or END, (last or 0) + 1)
            which, values = f"{which} and {NOT_BY_TIME} <= ?", [*values, stamp(until)]
        rows = self._all(
            f"{EVENT} where e.event_id < ?{which} order by e.event_id desc limit ?",
            before if before is not None else END,
            *values,
            limit,
        )
        return [make_event(row) for row in rows]

    def unasked(
        self,
        source: str | None,
        kinds: Sequence[EventKind],
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[int, int]:
        """Return how many events are of first runs, and how many others are quiet."""
        which, values = _which(Wanted(kinds=tuple(kinds), baseline=True, quiet=True))
        if source:
            which, values = which + " and e.source = ?", [*values, source]
        for sign, at in ((">=", since), ("<=", until)):
            if at:
                which, values = f"{which} and e.happened_at {sign} ?", [*values, stamp(at)]
        row = self._row(
            "select coalesce(sum(e.baseline), 0), coalesce(sum(1 - e.baseline), 0) from event e "
            f"where (e.baseline = 1 or e.quiet is not null){which}",
            *values,
        )
        return (int(row[0]), int(row[1])) if row else (0, 0)

    def changed_by(self, run_id: int) -> int:
        """Return how many documents a run told to have changed, without quiet changes."""
        row = self._row(
            "select count(*) from event where run_id = ? and baseline in (0, 1) and quiet is null and kind = 'changed'",
            run_id,
        )
        return int(row[0]) if row else 0

    def events_holding(self, words: Sequence[str], *, most: int) -> list[int] | None:
        """Return the numbers of all events of documents that ever held the word that the fewest texts hold.

        Newest first; None where each of the words stands in more than ``most`` texts.
        """
        rarest: list[int] | None = None
        for word in words:
            limit = most if rarest is None else len(rarest)
            found = list(self._holding(word, ranked=False, most=limit + 1))
            if len(found) <= limit:
                rarest = found
        if rarest is None:
            return None
        rows = self._all(
            """select distinct e.event_id from json_each(?) j cross join version v on v.version_id = j.value
            cross join event e on e.document_id = v.document_id order by 1 desc""",
            json.dumps(rarest),
        )
        return [number for (number,) in rows]

    def telling_runs(
        self, wanted: Wanted, *, before: int | None = None, above: int | None = None
    ) -> Iterator[tuple[Run, int]]:
        """Yield the runs that told of something wanted, newest first, each with how much.

        The time of an event is not looked at, only that of its run's end.  before: only runs below this number.
        above: only runs above this number, and the one next to it first.
        """
        which, values = _which(wanted)
        # The walk goes over runs: there are few, and of the events of each only an index is read.
        rows = self._rows(
            f"""select * from (select {RUN_OF},
                (select count(*) from event e where e.run_id = u.run_id {which}) as told
                from run u where u.run_id < ? and u.run_id > ? {"and u.source = ?" if wanted.source else ""}
                {"and coalesce(u.ended_at, '9') >= ?" if wanted.since else ""}) as telling
            where told > 0 order by run_id {"desc" if above is None else ""}""",
            *values,
            before if before is not None else END,
            above if above is not None else 0,
            *([wanted.source] if wanted.source else []),
            *([stamp(wanted.since)] if wanted.since else []),
        )
        for row in rows:
            yield make_run(row[:8]), row[8]

    def run_events(self, run_id: int, wanted: Wanted, *, after: int = 0, limit: int = 200) -> list[Event]:
        """Return the events of one run, in their order; after: the last event that was seen."""
        which, values = _which(wanted)
        rows = self._all(
            f"{EVENT} where e.run_id = ? and e.event_id > ? {which} and (? is null or e.happened_at >= ?) "
            "order by e.event_id limit ?",
            run_id,
            after,
            *values,
            *[stamp(wanted.since) if wanted.since else None] * 2,
            limit,
        )
        return [make_event(row) for row in rows]

    def event_cells(self, run_id: int, wanted: Wanted) -> Iterator[tuple[Any, ...]]:
        """Yield the events of one run as rows for a table, as they stand in the archive.

        Number, time, source, kind, title, address, address before, document, run, first run, class of quiet.
        """
        which, values = _which(wanted)
        begins = stamp(wanted.since) if wanted.since else None
        return self._rows(
            "select e.event_id, e.happened_at, e.source, e.kind, e.title, r.url, p.url, e.document_id, e.run_id, "
            "e.baseline, e.quiet from event e join resource r on r.resource_id = e.resource_id "
            "left join resource p on p.resource_id = e.previous_id "
            f"where e.run_id = ? {which} and (? is null or e.happened_at >= ?) order by e.event_id",
            run_id,
            *values,
            begins,
            begins,
        )

    def document_events(self, document_id: int, *, limit: int = 100) -> list[Event]:
        """Return what happened to a document, newest first."""
        rows = self._all(f"{EVENT} where e.document_id = ? order by e.event_id desc limit ?", document_id, limit)
        return [make_event(row) for row in rows]

    def told_since(self, since: datetime) -> dict[tuple[str, EventKind], int]:
        """Return how many events of each source and kind were told by runs that ended since, without quiet ones."""
        rows = self._all(
            """select u.source, e.kind, count(*) from run u cross join event e on e.run_id = u.run_id
            where coalesce(u.ended_at, '9') >= ? and e.baseline = 0 and e.quiet is null group by 1, 2 order by 1, 2""",
            stamp(since),
        )
        return {(source, EventKind(kind)): count for source, kind, count in rows}

    def told_after(self, event_id: int) -> int:
        """Return how many of the newest 20,000 events came after one, without quiet ones and those of first runs."""
        row = self._row(
            "select count(*) from event where event_id > ? and baseline = 0 and quiet is null and event_id > "
            "(select max(event_id) from event) - 20000",
            event_id,
        )
        return row[0] if row else 0

    def hours(self, kind: EventKind, *, since: datetime) -> dict[str, dict[datetime, int]]:
        """Return for each source how many events of a kind were told in which hour (of its run), first runs left out.

        Hours are moments, so that a person's days can be made of them in any zone.
        """
        rows = self._all(
            """select u.source, substr(u.started_at, 1, 13), count(*) from run u
            cross join event e on e.run_id = u.run_id
            where u.started_at >= ? and e.baseline = 0 and e.quiet is null and e.kind = ?
            group by 1, 2 order by 1, 2""",
            stamp(since),
            kind,
        )
        found: dict[str, dict[datetime, int]] = {}
        for source, hour, count in rows:
            found.setdefault(source, {})[moment(f"{hour}:00:00Z")] = count
        return found

    def known_then(self, source: str, event_id: int) -> int:
        """Return how many documents a source had when an event was told, by the events that said so."""
        row = self._row(
            """select count(*) from run u cross join event e on e.run_id = u.run_id
            where u.source = ? and e.baseline in (0, 1) and e.quiet is null and e.kind = 'new' and e.event_id < ?""",
            source,
            event_id,
        )
        return row[0] if row else 0

    def content_then(self, document_id: int, at: datetime) -> tuple[str, int, int, date | None] | None:
        """Return content hash, extractor, profile and day of publication of the version in force at a moment."""
        row = self._row(
            "select content_sha256, extractor_id, profile_id, published_on from version "
            "where document_id = ? and first_seen_at <= ? order by number desc limit 1",
            document_id,
            stamp(at),
        )
        return (row[0], row[1], row[2], day(row[3])) if row else None


def _which(wanted: Wanted) -> tuple[str, list[Any]]:
    """Return the conditions on an event ``e`` that its index by run answers."""
    sql = ""
    if not wanted.baseline:
        sql += " and e.baseline = 0"
    if not wanted.quiet:
        sql += " and e.quiet is null"
    if wanted.kinds:
        sql += f" and e.kind in ({', '.join('?' * len(wanted.kinds))})"
    return sql, list(wanted.kinds)
