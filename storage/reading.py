"""Questions that people and exports ask of an archive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from storage.announcing import Announcing
from storage.codec import load_fields, load_pieces
from storage.deriving import PARAGRAPH_BREAK, SPREAD, STRIDE
from storage.errors import NotInArchiveError
from storage.home import Server
from storage.model import (
    Attachment,
    Content,
    Document,
    DocumentState,
    Event,
    EventKind,
    Fetch,
    Piece,
    QuietVisit,
    Role,
    SourceState,
    Version,
)
from storage.recording import FETCH, FROM_FETCH, RUN, make_fetch, make_run
from storage.times import moment, stamp

FIELDS = (
    "title", "language", "published_on", "modified_on", "signed_on", "document_number", "issuing_agency",
    "index_number", "topic", "validity", "document_type", "origin", "author", "editor",
    "publisher", "published_from",
)  # fmt: skip
VERSION = (
    "v.version_id, v.document_id, d.source, r.url, v.number, v.run_id, v.first_seen_at, v.content_sha256, "
    "x.identity, p.sha256, v.text, " + ", ".join(f"v.{name}" for name in FIELDS)
)
FROM_VERSION = (
    "from version v join document d using (document_id) join resource r on r.resource_id = v.resource_id "
    "join extractor x using (extractor_id) join profile p using (profile_id)"
)
DOCUMENT = """select d.document_id, d.source, r.url, v.title, d.state, d.state_since, d.state_reason,
    coalesce(v.number, 0) from document d join resource r on r.resource_id = d.main_id
    left join version v on v.document_id = d.document_id
        and v.number = (select max(number) from version where document_id = d.document_id)"""
EVENT = """select e.event_id, e.kind, e.source, e.document_id, r.url, p.url, e.title, e.happened_at, e.run_id,
    e.baseline, e.before, e.after, e.quiet from event e join resource r on r.resource_id = e.resource_id
    left join resource p on p.resource_id = e.previous_id"""
END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)


class Reading(Announcing):
    """Reads documents, versions, events and states."""

    # -- documents and versions --------------------------------------------------------------------------

    def documents(self, source: str | None = None, *, state: DocumentState | None = None) -> Iterator[Document]:
        """Yield the documents, by number, a batch at a time."""
        last = 0
        while True:
            rows = self._all(
                f"{DOCUMENT} where d.document_id > ? and (? is null or d.source = ?) "
                "and (? is null or d.state = ?) order by d.document_id limit 200",
                last,
                source,
                source,
                state,
                state,
            )
            yield from (make_document(row) for row in rows)
            if not rows:
                return
            last = rows[-1][0]

    def document(self, document_id: int) -> Document:
        """Return a document by its number."""
        row = self._row(f"{DOCUMENT} where d.document_id = ?", document_id)
        if row is None:
            raise NotInArchiveError(f"{self.path}: no document {document_id}")
        return make_document(row)

    def find_document(self, url: str) -> Document:
        """Return the document that an address belongs to: its own, a former one, a part's or an attachment's.

        Raises NotInArchiveError with what the archive does know of the address.
        """
        resource_id = self.resource_id(url)
        if resource_id is None:
            raise NotInArchiveError(f"{url}: never listed by any source of this archive; `search` finds by words")
        forgotten = self._row("select forgotten_at, reason from tombstone where resource_id = ?", resource_id)
        if forgotten is not None:
            raise NotInArchiveError(f"{url}: forgotten on {forgotten[0][:10]}: {forgotten[1]}")
        document_id = self.owner(resource_id)
        if document_id is None:
            row = self._row(
                "select document_id from document_resource where resource_id = ? order by document_id limit 1",
                resource_id,
            )
            document_id = row[0] if row else None
        if document_id is None:
            row = self._row(
                f"select {FETCH} {FROM_FETCH} where f.resource_id = ? "
                "order by f.stands_at desc, f.fetch_id desc limit 1",
                resource_id,
            )
            if row is None:
                raise NotInArchiveError(f"{url}: listed, but not fetched yet; the next `crawl` asks for it")
            fetch = make_fetch(row)
            said = fetch.outcome or fetch.error or f"status {fetch.status}"
            raise NotInArchiveError(f"{url}: no document; the last answer was: {said} ({fetch.reason or fetch.detail})")
        return self.document(document_id)

    def versions(self, document_id: int) -> list[Version]:
        """Return the history of a document, oldest first."""
        rows = self._all(f"select {VERSION} {FROM_VERSION} where v.document_id = ? order by v.number", document_id)
        return [self._version(row) for row in rows]

    def version(self, document_id: int, number: int) -> Version:
        """Return one version of a document."""
        row = self._row(
            f"select {VERSION} {FROM_VERSION} where v.document_id = ? and v.number = ?", document_id, number
        )
        if row is None:
            raise NotInArchiveError(f"{self.path}: document {document_id} has no version {number}")
        return self._version(row)

    def version_at(self, document_id: int, at: datetime) -> Version | None:
        """Return the version in force at a moment, or None before the first."""
        row = self._row(
            f"select {VERSION} {FROM_VERSION} where v.document_id = ? and v.first_seen_at <= ? "
            "order by v.number desc limit 1",
            document_id,
            stamp(at),
        )
        return self._version(row) if row else None

    def latest_versions(
        self, source: str | None = None, *, states: Iterable[DocumentState] | None = None
    ) -> Iterator[Version]:
        """Yield the newest version of each document, by source and document."""
        wanted = set(states) if states is not None else None
        names = [source] if source else [n for (n,) in self._all("select distinct source from document order by 1")]
        for name in names:
            for document in self.documents(name):
                if document.versions and (wanted is None or document.state in wanted):
                    yield self.version(document.document_id, document.versions)

    def _version(self, row: tuple[Any, ...]) -> Version:
        pieces, attachments = [], []
        for role, resource, snapshot, name, digest, failure, url in self._all(
            "select p.role, p.resource_id, p.snapshot_id, p.name, p.text_sha256, p.failure, r.url "
            "from version_piece p join resource r using (resource_id) where p.version_id = ? order by p.ordinal",
            row[0],
        ):
            pieces.append(Piece(role=Role(role), resource_id=resource, snapshot_id=snapshot, name=name))
            if role == Role.ATTACHMENT:
                attachments.append(Attachment(url=url, name=name, sha256=digest, failure=failure))
        fields = load_fields(dict(zip(FIELDS, row[11:], strict=True)))
        paragraphs = tuple(row[10].split(PARAGRAPH_BREAK)) if row[10] else ()
        first_seen_at = moment(row[6])
        return Version(
            version_id=row[0],
            document_id=row[1],
            source=row[2],
            url=row[3],
            number=row[4],
            run_id=row[5],
            first_seen_at=first_seen_at,
            last_seen_at=self._last_seen(row[1], row[4], pieces[0].resource_id) or first_seen_at,
            content=Content(fields=fields, paragraphs=paragraphs, attachments=tuple(attachments)),
            content_sha256=row[7],
            pieces=tuple(pieces),
            extractor=row[8],
            profile=row[9],
        )

    def _last_seen(self, document_id: int, number: int, main_id: int) -> datetime | None:
        """Return the time of the last good fetch before the next version."""
        row = self._row(
            "select f.fetched_at from fetch f join judgement j using (fetch_id) where f.resource_id = ? "
            "and j.outcome in ('ok', 'not_modified') and f.fetched_at < coalesce((select first_seen_at from version "
            "where document_id = ? and number = ?), ?) order by f.stands_at desc, f.fetch_id desc limit 1",
            main_id,
            document_id,
            number + 1,
            stamp(END_OF_TIME),
        )
        return moment(row[0]) if row else None

    def fetches(self, document_id: int, *, before: int | None = None, limit: int = 200) -> list[Fetch]:
        """Return the attempts to get a document's addresses, parts and attachments, in their order, newest first.

        before: only those that stand before this one, so that a page of them goes on where another ended.
        """
        resources = self._all(
            "select main_id from document where document_id = ? "
            "union select resource_id from document_resource where document_id = ?",
            document_id,
            document_id,
        )
        place = self._row("select stands_at, fetch_id from fetch where fetch_id = ?", before) if before else None
        rows: list[tuple[Any, ...]] = []
        # Each by its index: of a file of many documents nobody wants all.
        for (resource,) in resources:
            rows += self._rows(
                f"select {FETCH}, f.stands_at {FROM_FETCH} where f.resource_id = ? "
                "and (f.stands_at, f.fetch_id) < (?, ?) order by f.stands_at desc, f.fetch_id desc limit ?",
                resource,
                *(place or (stamp(END_OF_TIME), 0)),
                limit,
            )
        rows.sort(key=lambda row: (row[-1], row[0]), reverse=True)
        return [make_fetch(row[:-1]) for row in rows[:limit]]

    def headers(self, snapshot_id: int) -> bytes | None:
        """Return the packed headers of the answer that first gave a snapshot."""
        row = self._row(
            "select headers from fetch where snapshot_id = ? and headers is not null order by fetch_id limit 1",
            snapshot_id,
        )
        return row[0] if row else None

    # -- events ------------------------------------------------------------------------------------------

    def events(
        self,
        *,
        since: datetime | None = None,
        source: str | None = None,
        kinds: Iterable[EventKind] | None = None,
        document_id: int | None = None,
        after: int = 0,
    ) -> Iterator[Event]:
        """Yield events, oldest first."""
        wanted = set(kinds) if kinds is not None else None
        begins = stamp(since) if since else None
        where, values = "e.event_id > ?", list[str | int]([after])
        # Each only where it is asked for, so that an index may answer it.
        for condition, value in (
            # Times grow with numbers, but for runs that overlap.
            ("e.event_id >= (select min(+event_id) from event where happened_at >= ?)", begins),
            ("e.happened_at || '' >= ?", begins),
            ("e.source = ?", source),
            ("e.document_id = ?", document_id),
        ):
            if value is not None:
                where, values = f"{where} and {condition}", [*values, value]
        for row in self._rows(f"{EVENT} where {where} order by e.event_id", *values):
            event = make_event(row)
            if wanted is None or event.kind in wanted:
                yield event

    def event(self, event_id: int) -> Event:
        """Return one event."""
        row = self._row(f"{EVENT} where e.event_id = ?", event_id)
        if row is None:
            raise NotInArchiveError(f"{self.path}: no event {event_id}")
        return make_event(row)

    def quiet_visits(self, source: str, *, since: datetime | None = None) -> Iterator[QuietVisit]:
        """Yield the visits that found other bytes at a document's address and told nothing, oldest first."""
        rows = self._rows(
            """select g.document_id, g.resource_id, r.url, g.fetched_at, g.before_id, g.snapshot_id from (
                select d.document_id, f.resource_id, f.fetched_at, f.snapshot_id, u.root_id,
                    lag(f.snapshot_id) over (partition by f.resource_id order by f.stands_at, f.fetch_id) as before_id
                from document d join fetch f on f.resource_id = d.main_id
                join judgement j on j.fetch_id = f.fetch_id join run u on u.run_id = f.run_id
                where d.source = ? and j.outcome in ('ok', 'not_modified') and u.imported_at is null) g
            join resource r on r.resource_id = g.resource_id
            where g.before_id is not null and g.before_id != g.snapshot_id and (? is null or g.fetched_at >= ?)
            and not exists (select 1 from event e join run u using (run_id)
                where e.document_id = g.document_id and u.root_id = g.root_id)
            order by g.fetched_at""",
            source,
            stamp(since) if since else None,
            stamp(since) if since else None,
        )
        for document, resource, url, at, before, after in rows:
            yield QuietVisit(
                source=source,
                document_id=document,
                resource_id=resource,
                url=url,
                at=moment(at),
                before=before,
                after=after,
            )

    def newest_extractor(self, document_id: int) -> str | None:
        """Return the extractor that a document's newest version was made with."""
        row = self._row(
            "select identity from version join extractor using (extractor_id) where document_id = ? "
            "order by number desc limit 1",
            document_id,
        )
        return row[0] if row else None

    def late_versions(self, source: str, *, since: datetime | None = None) -> Iterator[Version]:
        """Yield versions after the first that no event told of: a rule of that day had hidden the change."""
        rows = self._all(
            f"select {VERSION} {FROM_VERSION} where d.source = ? and v.number > 1 "
            "and (? is null or v.first_seen_at >= ?) and not exists (select 1 from event e join run u using (run_id) "
            "where e.document_id = v.document_id and u.root_id = v.run_id) and not exists (select 1 from run u "
            "where u.run_id = v.run_id and u.imported_at is not null) order by v.first_seen_at, v.version_id",
            source,
            stamp(since) if since else None,
            stamp(since) if since else None,
        )
        yield from (self._version(row) for row in rows)

    # -- states ------------------------------------------------------------------------------------------

    def source_names(self) -> list[str]:
        """Return the sources that have run on this archive."""
        return [name for (name,) in self._all("select distinct source from run order by source")]

    def source_states(self) -> list[SourceState]:
        """Return how every source that has run is doing, by name."""
        # In the order of their index: by source, the versions of all documents would be sought one by one.
        versions = self._all(
            "select d.source, sum(held.versions) from (select document_id, count(*) as versions from version "
            "group by document_id) as held join document d using (document_id) group by d.source"
        )
        return self._states(self.source_names(), dict(versions), "1 = 1")

    def source_state(self, source: str) -> SourceState:
        """Return how a source is doing."""
        versions = self._row("select count(*) from version join document using (document_id) where source = ?", source)
        (state,) = self._states([source], {source: versions[0]} if versions else {}, "source = ?", source)
        return state

    def _states(self, names: Iterable[str], versions: dict[str, int], whose: str, *values: str) -> list[SourceState]:
        """Return how some sources are doing, of which ``whose`` says in every table which they are."""
        ours = f"{whose} and imported_at is null"
        last_runs = self._all(
            f"select {RUN} from run where run_id in (select max(run_id) from run where {ours} group by source)", *values
        )
        last = {row[1]: make_run(row) for row in last_runs}
        runs = dict(self._all(f"select source, count(*) from run where {ours} group by source", *values))
        finished = self._all(
            "select source, ended_at from run where run_id in "
            f"(select max(run_id) from run where {ours} and end_reason = 'finished' group by source)",
            *values,
        )
        ended = {source: moment(at) for source, at in finished}
        documents: dict[str, dict[str, int]] = {}
        for source, state, count in self._all(
            f"select source, state, count(*) from document where {whose} group by source, state order by 1, 2", *values
        ):
            documents.setdefault(source, {})[state] = count
        outcomes: dict[int, dict[str, int]] = {run.root_id: {} for run in last.values()}
        for root_id, outcome, count in self._all(
            "select u.root_id, coalesce(j.outcome, 'unjudged'), count(*) from fetch f join run u using (run_id) "
            "join resource r using (resource_id) left join judgement j using (fetch_id) where u.root_id in "
            f"({', '.join('?' * len(outcomes)) or 'null'}) and r.role <> ? group by 1, 2 order by 1, 2",
            *outcomes,
            Role.ROBOTS,
        ):
            outcomes[root_id][outcome] = count
        return [
            SourceState(
                source=name,
                runs=runs.get(name, 0),
                last_run=(run := last.get(name)),
                last_finished_at=ended.get(name),
                documents=documents.get(name, {}),
                versions=int(versions.get(name, 0)),
                outcomes=outcomes[run.root_id] if run else {},
            )
            for name in names
        ]

    def document_states(self, source: str) -> dict[str, int]:
        """Return how many documents of a source are in each state."""
        counts = self._all("select state, count(*) from document where source = ? group by 1 order by 1", source)
        return dict(counts)

    def rhythm(self, document_id: int) -> tuple[datetime, int] | None:
        """Return when a document was first seen, and how many changes since; None without a version."""
        row = self._row("select min(first_seen_at), count(*) - 1 from version where document_id = ?", document_id)
        return (moment(row[0]), row[1]) if row and row[0] else None

    def rhythms(self, source: str, *, most: int) -> list[tuple[datetime, int, int]]:
        """Return the same for the active documents of a source, with how many were alike: first seen in one minute.

        most: of a source with more documents about so many, all those that lie evenly among the others.
        """
        row = self._row("select count(*) from document where source = ? and state = 'active'", source)
        rows = self._all(
            "select min(began), changes, count(*) from (select min(v.first_seen_at) as began, count(*) - 1 as changes "
            "from document d cross join version v on v.document_id = d.document_id "
            "where d.source = ? and d.state = 'active' and d.document_id * ? % ? < ? group by d.document_id) as lives "
            "group by substr(began, 1, 16), changes order by 1, 2",
            source,
            STRIDE,
            SPREAD,
            SPREAD * most // max(row[0] if row else 0, most),
        )
        return [(moment(began), changes, documents) for began, changes, documents in rows]

    def has_new(self, source: str, *, since: datetime) -> bool:
        """Tell whether an active document of a source was first seen at a moment or later."""
        # Mostly the document made last is one.
        return (
            self._row(
                "select 1 from document d where d.source = ? and d.state = 'active' and (select min(first_seen_at) "
                "from version v where v.document_id = d.document_id) >= ? order by d.document_id desc limit 1",
                source,
                stamp(since),
            )
            is not None
        )

    def days_with_new(self, source: str) -> list[date]:
        """Return the days (UTC) on which active documents of a source were first seen, in their order."""
        rows = self._all(
            "select distinct substr((select min(first_seen_at) from version v where v.document_id = d.document_id), "
            "1, 10) as began from document d where d.source = ? and d.state = 'active' order by 1",
            source,
        )
        return [date.fromisoformat(began) for (began,) in rows if began]

    def run_counts(self, root_id: int) -> dict[str, int]:
        """Return how many events of each kind a chain told."""
        rows = self._all(
            "select e.kind, count(*) from event e join run u using (run_id) where u.root_id = ? group by 1 order by 1",
            root_id,
        )
        return dict(rows)

    def sizes(self) -> dict[str, int]:
        """Return counts of the main tables, and the bytes of the file or database."""
        out = {
            name: (self._row(f"select count(*) from {name}") or (0,))[0]
            for name in ("resource", "fetch", "snapshot", "document", "version", "event")
        }
        if isinstance(self.path, Server):
            row = self._row("select pg_database_size(current_database())")
            out["bytes"] = int(row[0]) if row else 0
        else:
            out["bytes"] = self.path.stat().st_size
        return out


def make_document(row: tuple[Any, ...]) -> Document:
    """Return a document from its row."""
    return Document(
        document_id=row[0],
        source=row[1],
        url=row[2],
        title=row[3],
        state=DocumentState(row[4]),
        state_since=moment(row[5]),
        state_reason=row[6],
        versions=row[7],
    )


def make_event(row: tuple[Any, ...]) -> Event:
    """Return an event from its row."""
    return Event(
        event_id=row[0],
        kind=EventKind(row[1]),
        source=row[2],
        document_id=row[3],
        url=row[4],
        previous_url=row[5],
        title=row[6],
        at=moment(row[7]),
        run_id=row[8],
        baseline=bool(row[9]),
        before=load_pieces(row[10]),
        after=load_pieces(row[11]),
        quiet=row[12],
    )
