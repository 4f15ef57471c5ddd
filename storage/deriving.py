"""Derived rows: judgements, documents, versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from storage.codec import fields_row
from storage.extracting import Extracting
from storage.model import (
    Content,
    DocumentState,
    Fetch,
    Outcome,
    Piece,
    Role,
    Run,
)
from storage.recording import FETCH, FROM_FETCH, make_fetch
from storage.times import day, moment, stamp

FORMER = "former"
PARAGRAPH_BREAK = "\n\n"


# Answers stand in the order of their times; what was imported was written later than it came.
# A number that no fetch has stands for the last one below it.
_PLACE = "(select stands_at, fetch_id from fetch where fetch_id <= ? order by fetch_id desc limit 1)"
_UPTO = f"(f.stands_at, f.fetch_id) <= {_PLACE}"
_BEFORE = f"(f.stands_at, f.fetch_id) < {_PLACE}"
_AFTER = f"(f.stands_at, f.fetch_id) > {_PLACE}"
_NEWEST = "order by f.stands_at desc, f.fetch_id desc limit 1"
# By the golden section numbers are spread evenly, also those that come at equal steps (Knuth, volume 3, 6.4).
STRIDE, SPREAD = 2_654_435_761, 1 << 32
# What a resource was in a chain: the first word that a later chain took back, or else its present one.
_THEN = (
    "coalesce((select x.was_{0} from recast x where x.resource_id = r.resource_id and x.root_id > u.root_id "
    "order by x.root_id, x.recast_id limit 1), r.{0})"
)


class Glance(NamedTuple):
    """An attempt, as far as it says how a source is doing; role and outcome as text, because thousands go by."""

    url: str
    role: str
    took_ms: int
    error: str | None
    location: str | None
    outcome: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a document stands: its addresses and its state, as far as its runs have been derived."""

    document_id: int
    source: str
    main_id: int
    former: tuple[int, ...]
    state: DocumentState
    state_since: datetime
    state_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """The newest version of a document, without its text."""

    version_id: int
    number: int
    first_seen_at: datetime
    content_sha256: str
    pieces: tuple[Piece, ...]


class Deriving(Extracting):
    """Writes and reads what our code made of the recorded rows."""

    # -- judgements --------------------------------------------------------------------------------------

    def chain_fetches(self, root_id: int) -> Iterator[tuple[Fetch, Role]]:
        """Yield the attempts of a chain in order, with the role that what was asked for had then."""
        last = 0
        while True:
            rows = self._all(
                f"select {FETCH}, {_THEN.format('role')} {FROM_FETCH} join run u on u.run_id = f.run_id "
                "where u.root_id = ? and f.fetch_id > ? order by f.fetch_id limit 500",
                root_id,
                last,
            )
            for row in rows:
                yield make_fetch(row[:-1]), Role(row[-1])
            if not rows:
                return
            last = rows[-1][0]

    def chain_glances(self, root_id: int, *, most: int) -> list[Glance]:
        """Return the attempts of a chain in order, as far as it takes to say how the source is doing.

        most: of a chain with more attempts about so many, all those of addresses that lie evenly among the others.
        """
        row = self._row("select count(*) from fetch f join run u using (run_id) where u.root_id = ?", root_id)
        rows = self._all(
            f"select r.url, {_THEN.format('role')}, f.took_ms, f.error, f.location, j.outcome {FROM_FETCH} "
            "join run u on u.run_id = f.run_id where u.root_id = ? and f.resource_id * ? % ? < ? order by f.fetch_id",
            root_id,
            STRIDE,
            SPREAD,
            SPREAD * most // max(row[0] if row else 0, most),
        )
        return [Glance(*each) for each in rows]

    def chain_answer(self, root_id: int, url: str) -> Fetch | None:
        """Return the last attempt of a chain to get an address; None where it did not ask for it."""
        row = self._row(
            f"select {FETCH} {FROM_FETCH} join run u on u.run_id = f.run_id "
            "where u.root_id = ? and r.url = ? order by f.fetch_id desc limit 1",
            root_id,
            url,
        )
        return make_fetch(row) if row else None

    def earlier_judgement(self, fetch: Fetch) -> tuple[Outcome, str] | None:
        """Return what the answer was judged to be that a 304 confirms."""
        row = self._row(
            "select j.outcome, j.reason from fetch f join judgement j using (fetch_id) where f.resource_id = ? "
            f"and f.snapshot_id = ? and {_BEFORE} and f.status in (200, 203) {_NEWEST}",
            fetch.resource_id,
            fetch.snapshot_id,
            fetch.fetch_id,
        )
        return (Outcome(row[0]), row[1]) if row else None

    def judge(self, fetch_id: int, outcome: Outcome, reason: str) -> None:
        """Say what an answer is; said again, the newer word holds."""
        with self.write():
            self._db.execute(
                "insert into judgement (fetch_id, outcome, reason) values (?, ?, ?) "
                "on conflict (fetch_id) do update set outcome = excluded.outcome, reason = excluded.reason "
                "where judgement.outcome != excluded.outcome or judgement.reason != excluded.reason",
                (fetch_id, outcome, reason),
            )

    def last_fetch_id(self, root_id: int) -> int:
        """Return the number of the newest fetch of a chain; 0 where it has none."""
        row = self._row(
            f"select f.fetch_id from fetch f join run u using (run_id) where u.root_id = ? {_NEWEST}", root_id
        )
        return int(row[0]) if row else 0

    def last_answer(self, resource_id: int, upto: int) -> Fetch | None:
        """Return the newest judged attempt to get a resource, up to a fetch."""
        row = self._row(
            f"select {FETCH} {FROM_FETCH} where f.resource_id = ? and {_UPTO} and j.outcome is not null {_NEWEST}",
            resource_id,
            upto,
        )
        return make_fetch(row) if row else None

    def last_good(self, resource_id: int, upto: int, *, itself: bool = True) -> Fetch | None:
        """Return the newest good fetch of a resource, up to a fetch, and with that one or without."""
        row = self._row(
            f"select {FETCH} {FROM_FETCH} where f.resource_id = ? and {_UPTO if itself else _BEFORE} "
            f"and j.outcome in ('ok', 'not_modified') and f.snapshot_id is not null {_NEWEST}",
            resource_id,
            upto,
        )
        return make_fetch(row) if row else None

    def answers_since_good(self, resource_id: int, upto: int) -> list[Fetch]:
        """Return the judged attempts after the last good one, oldest first, at most 50."""
        good = self.last_good(resource_id, upto)
        rows = self._all(
            f"select {FETCH} {FROM_FETCH} where f.resource_id = ? and {_UPTO} and (? is null or {_AFTER}) "
            "and j.outcome is not null order by f.stands_at, f.fetch_id limit 50",
            resource_id,
            upto,
            good.fetch_id if good else None,
            good.fetch_id if good else None,
        )
        return [make_fetch(row) for row in rows]

    # -- documents ---------------------------------------------------------------------------------------

    def touched_mains(self, run: Run) -> list[int]:
        """Return main addresses of the run's source that its chain asked for, or whose parts it asked for."""
        rows = self._all(
            f"""select distinct r.resource_id from fetch f join run u using (run_id)
                join resource r using (resource_id)
                where u.root_id = ? and {_THEN.format("source")} = u.source and {_THEN.format("role")} = 'main'
                and not exists (select 1 from tombstone t where t.resource_id = r.resource_id)
            union
            select d.main_id from fetch f join run u using (run_id)
                join document_resource x on x.resource_id = f.resource_id join document d using (document_id)
                where u.root_id = ? and d.source = u.source
            order by 1""",
            run.root_id,
            run.root_id,
        )
        return [resource for (resource,) in rows]

    def is_part(self, resource_id: int) -> bool:
        """Tell whether a resource is a part of some document."""
        return (
            self._row("select 1 from document_resource where resource_id = ? and role = 'part'", resource_id)
            is not None
        )

    def named_as_part_by(self, run: Run, resource_id: int) -> list[str]:
        """Return the addresses of the pages that named a resource as their part, in the run's chain or before."""
        rows = self._all(
            "select r.url from listing l join run u using (run_id) join resource r on r.resource_id = l.found_on "
            "where l.resource_id = ? and l.role = 'part' and l.source = ? and u.root_id <= ?",
            resource_id,
            run.source,
            run.root_id,
        )
        return [url for (url,) in rows]

    def owner(self, resource_id: int) -> int | None:
        """Return the document that has, or had, a resource as its main address."""
        row = self._row(
            "select document_id from document where main_id = ? union all "
            "select document_id from document_resource where resource_id = ? and role = 'former' limit 1",
            resource_id,
            resource_id,
        )
        return row[0] if row else None

    def standing(self, document_id: int) -> Standing | None:
        """Return where a document stands."""
        row = self._row(
            "select document_id, source, main_id, state, state_since, state_reason from document where document_id = ?",
            document_id,
        )
        if row is None:
            return None
        former = self._all(
            "select resource_id from document_resource where document_id = ? and role = 'former' order by ordinal",
            document_id,
        )
        return Standing(
            document_id=row[0],
            source=row[1],
            main_id=row[2],
            former=tuple(resource for (resource,) in former),
            state=DocumentState(row[3]),
            state_since=moment(row[4]),
            state_reason=row[5],
        )

    def save_standing(self, standing: Standing, pieces: tuple[Piece, ...]) -> None:
        """Keep where a document stands, and the resources it now links."""
        with self.write():
            self._db.execute(
                "insert into document (document_id, source, main_id, state, state_since, state_reason) "
                "values (?, ?, ?, ?, ?, ?) on conflict (document_id) do update set main_id = excluded.main_id, "
                "state = excluded.state, state_since = excluded.state_since, state_reason = excluded.state_reason",
                (
                    standing.document_id,
                    standing.source,
                    standing.main_id,
                    standing.state,
                    stamp(standing.state_since),
                    standing.state_reason,
                ),
            )
            links: list[tuple[int, str, str]] = [(resource, FORMER, "") for resource in standing.former]
            links += [(p.resource_id, p.role, p.name) for p in pieces if p.role is not Role.MAIN]
            known = self._all(
                "select resource_id, role, name from document_resource where document_id = ? order by ordinal",
                standing.document_id,
            )
            if known != links:
                self._db.execute("delete from document_resource where document_id = ?", (standing.document_id,))
                self._db.executemany(
                    "insert into document_resource (document_id, resource_id, role, ordinal, name) "
                    "values (?, ?, ?, ?, ?) on conflict do nothing",
                    [(standing.document_id, r, role, n, name) for n, (r, role, name) in enumerate(links)],
                )

    def drop_document(self, document_id: int) -> None:
        """Forget what was derived of a document, because another one goes on in its place."""
        with self.write():
            self._drop_versions("document_id = ?", document_id)
            self._db.execute("delete from document_resource where document_id = ?", (document_id,))
            self._db.execute("delete from document where document_id = ?", (document_id,))

    def drop_derived(self, source: str) -> None:
        """Delete the documents and versions of a source, to make them again in the same transaction."""
        with self.write():
            mine = "document_id in (select document_id from document where source = ?)"
            self._drop_versions(mine, source)
            self._db.execute(f"delete from document_resource where {mine}", (source,))
            self._db.execute("delete from document where source = ?", (source,))

    def holders_of(self, source: str, content_sha256: str) -> list[int]:
        """Return the documents of a source whose newest version has this content."""
        rows = self._all(
            "select v.document_id from version v join document d using (document_id) where v.content_sha256 = ? "
            "and d.source = ? and v.number = (select max(number) from version where document_id = v.document_id) "
            "order by v.document_id",
            content_sha256,
            source,
        )
        return [document for (document,) in rows]

    # -- versions ----------------------------------------------------------------------------------------

    def latest(self, document_id: int) -> Latest | None:
        """Return the newest version of a document."""
        row = self._row(
            "select version_id, number, content_sha256, first_seen_at from version where document_id = ? "
            "order by number desc limit 1",
            document_id,
        )
        if row is None:
            return None
        return Latest(
            version_id=row[0],
            number=row[1],
            content_sha256=row[2],
            first_seen_at=moment(row[3]),
            pieces=self._pieces(row[0]),
        )

    def _pieces(self, version_id: int) -> tuple[Piece, ...]:
        rows = self._all(
            "select role, resource_id, snapshot_id, name from version_piece where version_id = ? order by ordinal",
            version_id,
        )
        return tuple(
            Piece(role=Role(role), resource_id=resource, snapshot_id=snapshot, name=name)
            for role, resource, snapshot, name in rows
        )

    def save_version(
        self,
        document_id: int,
        number: int,
        content: Content,
        *,
        content_sha256: str,
        pieces: tuple[Piece, ...],
        root_id: int,
        first_seen_at: datetime,
        extractor_id: int,
        profile_id: int,
    ) -> None:
        """Write a version; one of the same number is replaced (a part that came late completes it)."""
        with self.write():
            self._drop_versions("document_id = ? and number = ?", document_id, number)
            row: dict[str, Any] = {
                "document_id": document_id,
                "number": number,
                "run_id": root_id,
                "first_seen_at": stamp(first_seen_at),
                "resource_id": pieces[0].resource_id,
                **fields_row(content.fields),
                "content_sha256": content_sha256,
                "extractor_id": extractor_id,
                "profile_id": profile_id,
                "text": PARAGRAPH_BREAK.join(content.paragraphs),
            }
            version_id = self._insert(
                f"insert into version ({', '.join(row)}) values ({', '.join('?' * len(row))})",
                *row.values(),
            )
            attached = iter(content.attachments)
            for ordinal, piece in enumerate(pieces):
                held = next(attached) if piece.role is Role.ATTACHMENT else None
                self._db.execute(
                    "insert into version_piece (version_id, ordinal, role, resource_id, snapshot_id, name, "
                    "text_sha256, failure) values (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        version_id,
                        ordinal,
                        piece.role,
                        piece.resource_id,
                        piece.snapshot_id,
                        piece.name,
                        held.sha256 if held else None,
                        held.failure if held else None,
                    ),
                )
            self._index(version_id, content.fields.title, row["text"])

    def listed_on(self, resource_ids: Sequence[int], run: Run) -> date | None:
        """Return the day that lists gave a document under its addresses, as far as the run's chain knew; the first."""
        marks = ", ".join("?" * len(resource_ids))
        row = self._row(
            "select l.hinted_on from listing l join run u using (run_id) join resource r on r.resource_id = l.found_on "
            f"where l.resource_id in ({marks}) and l.source = ? and l.hinted_on is not null and r.role = 'list' "
            "and u.root_id <= ? order by l.listing_id limit 1",
            *resource_ids,
            run.source,
            run.root_id,
        )
        return day(row[0]) if row else None

    def refresh_fields(self, version_id: int, content: Content) -> None:
        """Bring the fields that make no version up to date, silently."""
        row = fields_row(content.fields)
        with self.write():
            names = ", ".join(f"{name} = ?" for name in row)
            changed = " or ".join(f"{name} is not ?" for name in row)
            self._db.execute(
                f"update version set {names} where version_id = ? and ({changed})",
                (*row.values(), version_id, *row.values()),
            )

    def _drop_versions(self, where: str, *values: Any) -> None:
        """Delete versions with their index entries."""
        rows = self._all(f"select version_id, title, text from version where {where}", *values)
        for version_id, title, text in rows:
            self._unindex(version_id, title, text)
            self._db.execute("delete from version where version_id = ?", (version_id,))

    def version_marks(self, source: str) -> dict[tuple[int, int], str]:
        """Return the content hash of every version of a source, by document and number."""
        rows = self._rows(
            "select v.document_id, v.number, v.content_sha256 from version v join document d using (document_id) "
            "where d.source = ?",
            source,
        )
        return {(document, number): digest for document, number, digest in rows}

    def derived_with(self, source: str) -> set[tuple[str, str]]:
        """Return the (extractor, profile) pairs that the versions of a source were made with."""
        rows = self._all(
            "select distinct x.identity, p.sha256 from version v join document d using (document_id) "
            "join extractor x using (extractor_id) join profile p using (profile_id) where d.source = ?",
            source,
        )
        return set(rows)
