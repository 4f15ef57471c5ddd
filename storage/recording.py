"""Recorded rows: runs, resources, listings, fetches, snapshots.  Only added, except that a run is closed once."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from storage.codec import dump
from storage.errors import ArchiveError, NotInArchiveError
from storage.indexing import Indexing
from storage.model import Answer, Fetch, Outcome, Resource, Role, Run, RunEnd, Snapshot
from storage.packing import pack, pack_against, unpack
from storage.times import moment, stamp

RUN = "run_id, source, root_id, started_at, ended_at, end_reason, extractor, profile"
FETCH = (
    "f.fetch_id, f.run_id, f.resource_id, r.url, f.fetched_at, f.took_ms, f.status, f.error, f.detail, "
    "f.snapshot_id, f.content_type, f.etag, f.last_modified, f.location, j.outcome, j.reason"
)
FROM_FETCH = "from fetch f join resource r using (resource_id) left join judgement j using (fetch_id)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An address that a source names, on its way into the archive; a hint is never proof."""

    url: str
    role: Role
    title: str | None = None
    hinted_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What to send with a conditional request, and the snapshot that a 304 would confirm."""

    snapshot_id: int
    etag: str | None
    last_modified: str | None


def make_run(row: tuple[Any, ...]) -> Run:
    """Return a run from its row."""
    return Run(
        run_id=row[0],
        source=row[1],
        root_id=row[2],
        started_at=moment(row[3]),
        ended_at=moment(row[4]) if row[4] else None,
        end=RunEnd(row[5]) if row[5] else None,
        extractor=row[6],
        profile=row[7],
    )


def make_fetch(row: tuple[Any, ...]) -> Fetch:
    """Return a fetch from its row."""
    fetched_at = moment(row[4])
    return Fetch(
        fetch_id=row[0],
        run_id=row[1],
        resource_id=row[2],
        url=row[3],
        requested_at=fetched_at - timedelta(milliseconds=row[5]),
        fetched_at=fetched_at,
        status=row[6],
        error=row[7],
        detail=row[8] or "",
        snapshot_id=row[9],
        content_type=row[10] or "",
        etag=row[11],
        last_modified=row[12],
        location=row[13],
        outcome=Outcome(row[14]) if row[14] else None,
        reason=row[15],
    )


def speakable(text: str | None) -> str | None:
    """Return a text without lone surrogates, which JSON may hold and UTF-8 lacks.  Pure."""
    return text if text is None else text.encode("utf-8", "replace").decode()


def _is_recast(resource: Resource, item: Listed, run: Run, *, is_start: bool) -> bool:
    """Tell whether the word of a list, or of a source of where it begins, gives a resource another role."""
    if resource.role is item.role:
        return False
    if resource.role in (Role.PART, Role.ATTACHMENT):
        return item.role is Role.MAIN
    return is_start and resource.source == run.source and resource.role is not Role.ROBOTS


class Recording(Indexing):
    """Writes and reads what the wire said."""

    # -- runs --------------------------------------------------------------------------------------

    def begin_run(self, source: str, *, at: datetime, extractor: str, profile: str) -> Run:
        """Open a run; the caller holds the source's lock, so an open run of the source is a dead one's.

        A run after an interrupted or stopped one resumes it: both belong to one chain.
        """
        with self.write():
            last = self._row(
                f"select {RUN} from run where source = ? and imported_at is null order by run_id desc limit 1", source
            )
            root: int | None = None
            if last is not None:
                before = make_run(last)
                if before.end is None:
                    self._db.execute(
                        "update run set ended_at = ?, end_reason = ? where run_id = ?",
                        (stamp(at), RunEnd.INTERRUPTED, before.run_id),
                    )
                if before.end in (None, RunEnd.INTERRUPTED, RunEnd.STOPPED):
                    root = before.root_id
            number = (self._row("select coalesce(max(run_id), 0) + 1 from run") or (1,))[0]
            self._insert(
                "insert into run (run_id, source, root_id, started_at, extractor, profile) values (?, ?, ?, ?, ?, ?)",
                number,
                source,
                root or number,
                stamp(at),
                extractor,
                profile,
            )
            return self.run(number)

    def close_run(self, run_id: int, end: RunEnd, *, at: datetime) -> None:
        """Close a run, once."""
        with self.write():
            done = self._changed(
                "update run set ended_at = ?, end_reason = ? where run_id = ? and ended_at is null",
                stamp(at),
                end,
                run_id,
            )
            if not done:
                raise ArchiveError(f"{self.path}: run {run_id} is closed already")
            if end in (RunEnd.FINISHED, RunEnd.FAILED):
                for table in ("handed", "leg"):
                    self._db.execute(
                        f"delete from {table} where root_id = (select root_id from run where run_id = ?)", (run_id,)
                    )

    def interrupt(self, source: str, *, at: datetime) -> bool:
        """Close the run that a dead process left open, if there is one; the caller holds the source's lock."""
        with self.write():
            done = self._changed(
                "update run set ended_at = ?, end_reason = ? where source = ? and ended_at is null",
                stamp(at),
                RunEnd.INTERRUPTED,
                source,
            )
            return bool(done)

    def is_open(self, source: str) -> bool:
        """Tell whether the newest run of a source has no end: it goes on, or its process died."""
        row = self._row(
            "select ended_at from run where source = ? and imported_at is null order by run_id desc limit 1", source
        )
        return row is not None and row[0] is None

    def last_finished_at(self, source: str) -> datetime | None:
        """Return when the last run of a source that came to its end was closed."""
        # By number: a clock that was wrong once may have left a later time on an earlier run.
        row = self._row(
            "select ended_at from run where source = ? and end_reason = 'finished' and imported_at is null "
            "order by run_id desc limit 1",
            source,
        )
        return moment(row[0]) if row else None

    def last_finished_of_all(self) -> dict[str, datetime]:
        """Return the same for every source that has such a run."""
        rows = self._all(
            "select source, ended_at from run where run_id in (select max(run_id) from run "
            "where end_reason = 'finished' and imported_at is null group by source)"
        )
        return {source: moment(at) for source, at in rows}

    def newest_run_id(self) -> int:
        """Return the number of the newest run; 0 in an empty archive."""
        row = self._row("select max(run_id) from run")
        return int(row[0] or 0) if row else 0

    def has_ended_since(self, source: str, run_id: int) -> bool:
        """Tell whether a run of a source after another run came to its end, or failed as it would again."""
        return (
            self._row(
                "select 1 from run where source = ? and run_id > ? and end_reason in ('finished', 'failed') "
                "and imported_at is null limit 1",
                source,
                run_id,
            )
            is not None
        )

    def run(self, run_id: int) -> Run:
        """Return a run by its number."""
        row = self._row(f"select {RUN} from run where run_id = ?", run_id)
        if row is None:
            raise NotInArchiveError(f"{self.path}: no run {run_id}")
        return make_run(row)

    def runs(self, source: str | None = None, *, limit: int = 50) -> list[Run]:
        """Return the newest runs, of one source or of all; what was imported is no run of ours."""
        rows = self._all(
            f"select {RUN} from run where imported_at is null and (? is null or source = ?) "
            "order by run_id desc limit ?",
            source,
            source,
            limit,
        )
        return [make_run(row) for row in rows]

    def finished_roots(self, source: str, *, imported: bool = False) -> list[int]:
        """Return the chains of a source that came to their end, in that order.

        imported: also those of other people's crawls, at their own times.
        """
        rows = self._all(
            "select root_id from run where source = ? and end_reason = 'finished' and (? or imported_at is null) "
            "order by case when ? then ended_at end, run_id",
            source,
            imported,
            imported,
        )
        return [root for (root,) in rows]

    # -- resources and listings ----------------------------------------------------------------------

    def resource(self, resource_id: int) -> Resource:
        """Return a resource by its number."""
        row = self._row("select resource_id, url, source, role from resource where resource_id = ?", resource_id)
        if row is None:
            raise NotInArchiveError(f"{self.path}: no resource {resource_id}")
        return Resource(resource_id=row[0], url=row[1], source=row[2], role=Role(row[3]))

    def resource_id(self, url: str) -> int | None:
        """Return the number of an address, or None where nobody ever listed it."""
        row = self._row("select resource_id from resource where url = ?", url)
        return row[0] if row else None

    def add_listings(
        self, run: Run, items: Iterable[Listed], *, found_on: int | None, at: datetime, recasting: bool = False
    ) -> list[Resource]:
        """Record that the run's source names addresses; a listing known already adds no row.

        recasting: it is a list, or the source itself, that names them: then an address that was a part or a file
            of documents until now is a document too, and what a source begins at is what it says now.

        Returns the resources in the order of the items.
        """
        out: list[Resource] = []
        if not (items := list(items)):
            return out
        with self.write():
            for item in items:
                # Asked for first: a server counts on also where what is to be written is there.
                row = self._row("select resource_id, source, role from resource where url = ?", item.url)
                if row is None:
                    number = self._insert(
                        "insert into resource (url, source, role) values (?, ?, ?)", item.url, run.source, item.role
                    )
                    row = (number, run.source, item.role)
                resource = Resource(resource_id=row[0], url=item.url, source=row[1], role=Role(row[2]))
                if recasting and _is_recast(resource, item, run, is_start=found_on is None):
                    resource = self._recast(resource, item.role, run, at)
                out.append(resource)
                self._db.execute(
                    "insert into listing (source, resource_id, found_on, role, title, hinted_on, run_id, listed_at) "
                    "select ?, ?, ?, ?, ?, ?, ?, ? where not exists (select 1 from listing where resource_id = ? "
                    "and source = ? and role = ? and coalesce(found_on, 0) = ?)",
                    (
                        run.source,
                        row[0],
                        found_on,
                        item.role,
                        speakable(item.title),
                        item.hinted_on.isoformat() if item.hinted_on else None,
                        run.run_id,
                        stamp(at),
                        row[0],
                        run.source,
                        item.role,
                        found_on or 0,
                    ),
                )
        return out

    def _recast(self, resource: Resource, role: Role, run: Run, at: datetime) -> Resource:
        """Give a resource another role from the run's chain on, and keep which it had."""
        self._insert(
            "insert into recast (resource_id, root_id, recast_at, was_source, was_role) values (?, ?, ?, ?, ?)",
            resource.resource_id,
            run.root_id,
            stamp(at),
            resource.source,
            resource.role,
        )
        self._db.execute(
            "update resource set source = ?, role = ? where resource_id = ?", (run.source, role, resource.resource_id)
        )
        return replace(resource, source=run.source, role=role, recast=True)

    def newest_fetch_id(self) -> int:
        """Return the number of the newest fetch; 0 in an empty archive."""
        row = self._row("select max(fetch_id) from fetch")
        return int(row[0] or 0) if row else 0

    def newest_resource_id(self) -> int:
        """Return the number of the newest resource; 0 in an empty archive."""
        row = self._row("select max(resource_id) from resource")
        return int(row[0] or 0) if row else 0

    def listed_titles(self, resource_id: int) -> list[str]:
        """Return the titles under which lists named an address."""
        rows = self._all("select distinct title from listing where resource_id = ? and title is not null", resource_id)
        return [title for (title,) in rows]

    def due(self, run: Run, roles: Sequence[Role], *, after: int, before: int, limit: int) -> list[Resource]:
        """Return resources of the run's source that nobody had asked for up to a fetch, by number.

        after: only resources beyond this one.  before: the number of that fetch.
        """
        marks = ", ".join("?" * len(roles))
        rows = self._all(
            f"""select r.resource_id, r.url, r.source, r.role from resource r
            where r.source = ? and r.role in ({marks}) and r.resource_id > ?
            and not exists (select 1 from fetch f where f.resource_id = r.resource_id and f.fetch_id <= ?)
            and not exists (select 1 from tombstone t where t.resource_id = r.resource_id)
            and not exists (select 1 from document_resource d
                            where d.resource_id = r.resource_id and d.role in ('former', 'part'))
            order by r.resource_id limit ?""",
            run.source,
            *roles,
            after,
            before,
            limit,
        )
        return [Resource(resource_id=i, url=u, source=s, role=Role(r)) for i, u, s, r in rows]

    def asked_before(self, run: Run, roles: Sequence[Role], *, before: int) -> array[int]:
        """Return the numbers of resources of the run's source that were asked for, longest ago first.

        An address that only moved on to another (a former main address) is not asked again.
        before: later fetches than this one do not count.
        """
        marks = ", ".join("?" * len(roles))
        # Half of the memory that all numbers would take, where the usual ones are held.
        kind = "I" if self.newest_resource_id() < 1 << 32 else "q"
        rows = self._rows(
            f"""select resource_id from (
                select r.resource_id, (select max(f.fetch_id) from fetch f
                    where f.resource_id = r.resource_id and f.fetch_id <= ?) as last
                from resource r where r.source = ? and r.role in ({marks})
                and not exists (select 1 from tombstone t where t.resource_id = r.resource_id)
                and not exists (select 1 from document_resource d
                                where d.resource_id = r.resource_id and d.role in ('former', 'part'))) asked
            where last is not null order by last""",
            before,
            run.source,
            *roles,
        )
        with self._sorting_on_disk():
            return array(kind, (number for (number,) in rows))

    def answered(self, run: Run, resource_id: int, *, since: datetime) -> bool:
        """Tell whether a resource has given the run's chain an answer since a moment, or must not be asked."""
        return self.is_barred(resource_id) or (
            self._row(
                "select 1 from fetch f join run u using (run_id) where f.resource_id = ? and u.root_id = ? "
                "and f.fetched_at >= ? and (f.status < 500 and f.status != 429 or f.error in ('robots', 'gate'))",
                resource_id,
                run.root_id,
                stamp(since),
            )
            is not None
        )

    def asked_at(self, resource_id: int) -> datetime | None:
        """Return when the run began that asked for a resource last, whichever source's it was."""
        row = self._row(
            "select u.started_at from fetch f join run u using (run_id) where f.resource_id = ? "
            "and u.imported_at is null order by f.fetch_id desc limit 1",
            resource_id,
        )
        return moment(row[0]) if row else None

    # -- fetches and snapshots -------------------------------------------------------------------------

    def was_asked_before(self, run: Run, resource_id: int) -> bool:
        """Tell whether a resource was asked for before the run's chain began."""
        return (
            self._row("select 1 from fetch where resource_id = ? and run_id < ? limit 1", resource_id, run.root_id)
            is not None
        )

    def asked_since(self, host: str, since: datetime) -> int:
        """Return how many requests went to a host ("host" or "host:port") since a moment, of all sources."""
        row = self._row(
            "select count(*) from run u join fetch f using (run_id) join resource r using (resource_id) "
            "where u.imported_at is null and (u.ended_at is null or u.ended_at >= ?) and f.fetched_at >= ? "
            "and (f.error is null or f.error not in ('robots', 'gate')) "
            "and instr(r.url, '://' || ? || '/') in (5, 6)",
            stamp(since),
            stamp(since),
            host,
        )
        return int(row[0]) if row else 0

    def confirmations(self, resource_id: int, *, most: int) -> int:
        """Return how many times in a row, up to now, a resource was not modified; counts to ``most``."""
        rows = self._all(
            "select status from fetch where resource_id = ? order by fetch_id desc limit ?", resource_id, most
        )
        return next((place for place, (status,) in enumerate(rows) if status != 304), len(rows))

    def record(self, run: Run, resource_id: int, answer: Answer, *, in_its_time: bool = False) -> Fetch:
        """Record one attempt in one transaction: a fetch and, if nobody has these bytes yet, a snapshot.

        in_its_time: it stands in histories where its time puts it; else after all that was recorded before.
        """
        with self.write():
            snapshot_id, is_new = answer.confirms, False
            # In one question: what is said in here, all other writers of the archive wait for.
            newest, is_barred = self._row(
                "select (select max(stands_at) from fetch), exists (select 1 from tombstone where resource_id = ?)",
                resource_id,
            ) or (None, False)
            if is_barred:
                # Asked for in the same moment, or named by a page as a part: nothing of it is kept.
                answer = replace(answer, body=None, headers=(), etag=None, last_modified=None, location=None, detail="")
                snapshot_id = None
            if answer.body is not None:
                snapshot_id, is_new = self._keep(resource_id, answer.body)
            took = answer.fetched_at - answer.requested_at
            number = self._insert(
                "insert into fetch (run_id, resource_id, fetched_at, took_ms, status, error, detail, snapshot_id, "
                "content_type, etag, last_modified, location, headers, stands_at) values "
                "(?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                run.run_id,
                resource_id,
                stamp(answer.fetched_at),
                max(0, round(took.total_seconds() * 1000)),
                answer.status,
                answer.error,
                speakable(answer.detail or None),
                snapshot_id,
                answer.content_type or None,
                # A 304 repeats what the answer it confirms said.
                answer.etag if answer.status != 304 else None,
                answer.last_modified if answer.status != 304 else None,
                answer.location,
                pack(dump(answer.headers).encode("utf-8", "replace")) if is_new and answer.headers else None,
                max(stamp(answer.fetched_at), "" if in_its_time else newest or ""),
            )
        row = self._row(f"select {FETCH} {FROM_FETCH} where f.fetch_id = ?", number)
        if row is None:
            raise ArchiveError(f"{self.path}: a fetch was not written")
        return make_fetch(row)

    def is_barred(self, resource_id: int) -> bool:
        """Tell whether a resource was forgotten: it is not asked for again."""
        return self._row("select 1 from tombstone where resource_id = ?", resource_id) is not None

    def _keep(self, resource_id: int, body: bytes) -> tuple[int, bool]:
        digest = hashlib.sha256(body).hexdigest()
        row = self._row("select snapshot_id from snapshot where sha256 = ?", digest)
        if row:
            return row[0], False
        base = self._row(
            "select s.snapshot_id, s.body from fetch f join snapshot s using (snapshot_id) "
            "where f.resource_id = ? and s.base_id is null and s.size_bytes > 0 order by f.fetch_id desc limit 1",
            resource_id,
        )
        packed, is_against = pack_against(body, base[1]) if base and body else (pack(body), False)
        number = self._insert(
            "insert into snapshot (sha256, size_bytes, base_id, body) values (?, ?, ?, ?)",
            digest,
            len(body),
            base[0] if base and is_against else None,
            packed,
        )
        return number, True

    def snapshot(self, snapshot_id: int) -> Snapshot:
        """Return a snapshot with its bytes."""
        row = self._row(
            "select s.sha256, s.size_bytes, s.body, b.body from snapshot s "
            "left join snapshot b on b.snapshot_id = s.base_id where s.snapshot_id = ?",
            snapshot_id,
        )
        if row is None:
            raise NotInArchiveError(f"{self.path}: no snapshot {snapshot_id}")
        body = unpack(row[2], unpack(row[3]) if row[3] is not None else None)
        return Snapshot(snapshot_id=snapshot_id, sha256=row[0], size_bytes=row[1], body=body)

    def sha256(self, snapshot_id: int) -> str:
        """Return the hash of a snapshot's bytes."""
        row = self._row("select sha256 from snapshot where snapshot_id = ?", snapshot_id)
        return str(row[0]) if row else ""

    def size(self, snapshot_id: int) -> int:
        """Return how many bytes a snapshot has."""
        row = self._row("select size_bytes from snapshot where snapshot_id = ?", snapshot_id)
        return int(row[0]) if row else 0

    def validators(self, resource_id: int) -> Validators | None:
        """Return the validators of the newest answer with content, or None where it had none.

        Of an answer that was judged bad only the ETag is kept: its date would outlive the page it stood for.
        """
        row = self._row(
            "select f.snapshot_id, f.etag, f.last_modified, j.outcome from fetch f join run u using (run_id) "
            "left join judgement j using (fetch_id) where u.imported_at is null and f.resource_id = ? "
            "and f.status in (200, 203) and f.snapshot_id is not null "
            "order by f.fetch_id desc limit 1",
            resource_id,
        )
        if row is None:
            return None
        good = row[3] in (None, Outcome.OK)
        found = Validators(snapshot_id=row[0], etag=row[1], last_modified=row[2] if good else None)
        return found if found.etag or found.last_modified else None

    def first_fetch(self, resource_id: int, snapshot_id: int) -> Fetch:
        """Return the answer that first gave these bytes at this address."""
        row = self._row(
            f"select {FETCH} {FROM_FETCH} where f.resource_id = ? and f.snapshot_id = ? and f.status != 304 "
            "order by f.fetch_id limit 1",
            resource_id,
            snapshot_id,
        )
        if row is None:
            raise NotInArchiveError(f"{self.path}: snapshot {snapshot_id} was never the answer of {resource_id}")
        return make_fetch(row)

    def last_naming(self, source: str, resource_id: int) -> Fetch | None:
        """Return the newest good answer of those pages of a source that name a resource."""
        row = self._row(
            f"select {FETCH} {FROM_FETCH} where f.snapshot_id is not null and f.status in (200, 304) "
            "and f.resource_id in (select found_on from listing where resource_id = ? and source = ?) "
            "order by f.fetch_id desc limit 1",
            resource_id,
            source,
        )
        return make_fetch(row) if row else None

    def last_fetch(self, run: Run, resource_id: int) -> Fetch | None:
        """Return the newest attempt of the run's chain to get a resource."""
        row = self._row(
            f"select {FETCH} {FROM_FETCH} join run u on u.run_id = f.run_id "
            "where f.resource_id = ? and u.root_id = ? order by f.stands_at desc, f.fetch_id desc limit 1",
            resource_id,
            run.root_id,
        )
        return make_fetch(row) if row else None
