"""Many versions read at once, for the corpus: rows in a stable order, without the objects that one version needs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Literal, NamedTuple

from storage.deriving import PARAGRAPH_BREAK
from storage.keeping import Keeping
from storage.model import Attachment, Role
from storage.reading import END_OF_TIME, FIELDS
from storage.times import moment, stamp

Which = Literal["latest", "first", "all"]


class Held(NamedTuple):
    """A version as the archive holds it, times and days as text; a tuple, because a million of them go by.

    fields: values of ``storage.reading.FIELDS``, in their order.
    snapshot_id, snapshot_sha256: of the main page.
    resource_id: of the main page, at the time of this version.
    pieces: how many resources it was composed from.
    """

    version_id: int
    document_id: int
    source: str
    url: str
    number: int
    first_seen_at: str
    seen_at: str
    extractor: str
    profile: str
    resource_id: int
    snapshot_id: int | None
    snapshot_sha256: str | None
    pieces: int
    state: str
    text: str
    fields: tuple[str | None, ...]


class Named(NamedTuple):
    """By what a version is known among others, without its text."""

    version_id: int
    document_id: int
    source: str
    url: str
    number: int
    first_seen_at: str
    document_number: str | None
    issuing_agency: str | None
    origin: str | None
    published_on: str | None


class Answered(NamedTuple):
    """An answer whose bytes a version was composed from."""

    url: str
    fetched_at: str
    status: int
    content_type: str | None
    etag: str | None
    last_modified: str | None
    location: str | None
    headers: bytes | None


class Gap(NamedTuple):
    """How many addresses of documents a source listed that gave no document.

    outcome: of the last answer; None where nobody asked yet, or nobody has judged.
    """

    source: str
    outcome: str | None
    asked: bool
    addresses: int


_HELD = """select v.version_id, v.document_id, d.source, r.url, v.number, v.first_seen_at,
    coalesce((select f.fetched_at from fetch f join judgement j using (fetch_id) where f.resource_id = v.resource_id
        and j.outcome in ('ok', 'not_modified') and f.fetched_at < coalesce(n.first_seen_at, ?)
        order by f.stands_at desc, f.fetch_id desc limit 1), v.first_seen_at),
    x.identity, p.sha256, v.resource_id, m.snapshot_id, s.sha256,
    (select count(*) from version_piece c where c.version_id = v.version_id), d.state, v.text"""
# In this order SQLite walks the indexes and sorts nothing.
_FROM = """from document d cross join version v on v.document_id = d.document_id
    cross join resource r on r.resource_id = v.resource_id cross join extractor x on x.extractor_id = v.extractor_id
    cross join profile p on p.profile_id = v.profile_id
    left join version_piece m on m.version_id = v.version_id and m.ordinal = 0
    left join snapshot s on s.snapshot_id = m.snapshot_id
    left join version n on n.document_id = v.document_id and n.number = v.number + 1"""
_WHICH = {
    "latest": "v.number = (select max(number) from version where document_id = d.document_id)",
    "first": "v.number = 1",
    "all": "v.number > 0",
}


class Holding(Keeping):
    """Reads versions by the million."""

    def document_sources(self) -> list[str]:
        """Return the sources that have documents, in the order of the corpus."""
        return [name for (name,) in self._all("select distinct source from document order by source")]

    def held(self, source: str, which: Which = "latest", *, before: datetime = END_OF_TIME) -> Iterator[Held]:
        """Yield the versions of a source by document and number."""
        rows = self._rows(
            f"{_HELD}, {', '.join('v.' + name for name in FIELDS)} {_FROM} where d.source = ? and {_WHICH[which]} "
            "order by d.document_id, v.number",
            stamp(before),
            source,
        )
        for row in rows:
            yield _held(row)

    def count_held(self, source: str, which: Which = "latest") -> int:
        """Return how many versions ``held`` yields."""
        row = self._row(
            f"select count({'*' if which == 'all' else 'distinct d.document_id'}) from document d "
            "cross join version v on v.document_id = d.document_id where d.source = ?",
            source,
        )
        return int(row[0]) if row else 0

    def named(self, version_ids: Iterable[int]) -> list[Named]:
        """Return by what versions are known, those asked for, by their number in this archive."""
        # By key from the versions on: the order of ``_FROM`` would go over every document for each.
        rows = self._all(
            "select v.version_id, v.document_id, d.source, r.url, v.number, v.first_seen_at, v.document_number, "
            "v.issuing_agency, v.origin, v.published_on from json_each(?) asked "
            "cross join version v on v.version_id = asked.value cross join document d on d.document_id = v.document_id "
            "cross join resource r on r.resource_id = v.resource_id order by v.version_id",
            json.dumps(list(version_ids)),
        )
        return [Named._make(row) for row in rows]

    def version_text(self, version_id: int) -> tuple[str | None, str | None, str]:
        """Return title, document number and text of one version."""
        ((title, number, text),) = self._all(
            "select title, document_number, text from version where version_id = ?", version_id
        )
        return title, number, _text(text)

    def attachments(self, version_id: int) -> list[tuple[Attachment, int, int | None]]:
        """Return the attachments of a version in their order, each with its resource and snapshot."""
        rows = self._all(
            "select r.url, p.name, p.text_sha256, p.failure, p.resource_id, p.snapshot_id from version_piece p "
            "join resource r using (resource_id) where p.version_id = ? and p.role = ? order by p.ordinal",
            version_id,
            Role.ATTACHMENT,
        )
        return [(Attachment(url=u, name=n, sha256=h, failure=w), i, s) for u, n, h, w, i, s in rows]

    def composed_from(self, version_id: int) -> list[tuple[int, int]]:
        """Return the (resource, snapshot) pairs of a version, in their order."""
        return self._all(
            "select resource_id, snapshot_id from version_piece where version_id = ? and snapshot_id is not null "
            "order by ordinal",
            version_id,
        )

    def answered_with(self, resource_id: int, snapshot_id: int) -> Answered | None:
        """Return the answer that first gave these bytes at this address.

        headers: packed; None where the bytes had been known from elsewhere.
        """
        row = self._row(
            "select r.url, f.fetched_at, f.status, f.content_type, f.etag, f.last_modified, f.location, f.headers "
            "from fetch f join resource r using (resource_id) where f.resource_id = ? and f.snapshot_id = ? "
            "and f.status is not null and f.status != 304 order by f.fetch_id limit 1",
            resource_id,
            snapshot_id,
        )
        return Answered(*row) if row else None

    def gaps(self) -> list[Gap]:
        """Return how many listed documents were never had, by source and last outcome."""
        rows = self._all(
            "select source, outcome, asked, count(*) from (select r.source, (select j.outcome from fetch f "
            "left join judgement j using (fetch_id) where f.resource_id = r.resource_id order by f.stands_at desc, "
            "f.fetch_id desc limit 1) as outcome, exists (select 1 from fetch f where f.resource_id = r.resource_id) "
            "as asked "
            "from resource r where r.role = 'main' "
            "and not exists (select 1 from document d where d.document_id = r.resource_id) "
            "and not exists (select 1 from document_resource x where x.resource_id = r.resource_id "
            "and x.role in ('former', 'part')) "
            "and not exists (select 1 from document d where d.main_id = r.resource_id and d.source = r.source)) m "
            "group by 1, 2, 3 order by 1, 3, 2 nulls first"
        )
        return [Gap(source, outcome, bool(asked), count) for source, outcome, asked, count in rows]

    def newest_moment(self) -> datetime | None:
        """Return when something was recorded last; None of an archive without runs."""
        row = self._row(
            "select max(at) from (select max(fetched_at) as at from fetch where fetch_id > "
            "(select coalesce(max(fetch_id), 0) - 10000 from fetch) union all select max(ended_at) from run "
            "union all select max(started_at) from run union all select max(imported_at) from run) as told"
        )
        return moment(row[0]) if row and row[0] else None

    def oldest_moment(self) -> datetime | None:
        """Return when the first run began, or the first import was made; None of an archive without runs."""
        row = self._row("select min(coalesce(imported_at, started_at)) from run")
        return moment(row[0]) if row and row[0] else None


def _held(row: tuple[object, ...]) -> Held:
    return Held._make((*row[:14], _text(row[14]), row[15:]))


def _text(stored: Any) -> str:
    return str(stored).replace(PARAGRAPH_BREAK, "\n")
