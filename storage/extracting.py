"""Derived rows that need nothing but bytes: extractors, profiles, extractions."""

from __future__ import annotations

from collections.abc import Iterator

from storage.codec import dump_extraction, load_extraction
from storage.importing import Importing
from storage.model import Extraction, Outcome
from storage.packing import pack, pack_against, unpack

_REFUSALS_OF_RUNS = 3


class Extracting(Importing):
    """Writes and reads what an extractor made of snapshots, and what the documents of a source share."""

    def extractor_id(self, identity: str) -> int:
        """Return the number of an extractor, recording it where it is new."""
        row = self._row("select extractor_id from extractor where identity = ?", identity)
        if row:
            return int(row[0])
        with self.write():
            self._db.execute("insert into extractor (identity) values (?) on conflict do nothing", (identity,))
        return self.extractor_id(identity)

    def profile_id(self, sha256: str, *, source: str, data: str) -> int:
        """Return the number of a profile, recording it where it is new."""
        row = self._row("select profile_id from profile where sha256 = ?", sha256)
        if row:
            return int(row[0])
        with self.write():
            self._db.execute(
                "insert into profile (sha256, source, data) values (?, ?, ?) on conflict do nothing",
                (sha256, source, data),
            )
        return self.profile_id(sha256, source=source, data=data)

    def newest_profile(self, source: str) -> str | None:
        """Return the data of the profile of a source that was recorded last."""
        row = self._row("select data from profile where source = ? order by profile_id desc limit 1", source)
        return str(row[0]) if row else None

    def profile_data(self, sha256: str) -> str | None:
        """Return the data of a profile, or None where it is not recorded."""
        row = self._row("select data from profile where sha256 = ?", sha256)
        return str(row[0]) if row else None

    def visits(self, source: str, *, extractor: str, most: int, limit: int) -> Iterator[tuple[str, list[Extraction]]]:
        """Yield the address of each of a source's documents, and what its main page held at its good fetches.

        The newest documents first; of each the oldest visit first, at most the last ``most`` of them.
        """
        for main_id, url in self._all(
            "select d.main_id, r.url from document d join resource r on r.resource_id = d.main_id "
            "where d.source = ? order by d.document_id desc limit ?",
            source,
            limit,
        ):
            rows = self._all(
                "select f.snapshot_id from fetch f join judgement j using (fetch_id) "
                "where f.resource_id = ? and f.snapshot_id is not null and j.outcome in (?, ?) "
                "order by f.fetch_id desc limit ?",
                main_id,
                Outcome.OK,
                Outcome.NOT_MODIFIED,
                most,
            )
            read = {snapshot: self.extraction(main_id, snapshot, extractor) for (snapshot,) in rows}
            yield url, [found for (snapshot,) in reversed(rows) if (found := read[snapshot]) is not None]

    def refusals(self, source: str, *, limit: int) -> list[tuple[int, int, Outcome]]:
        """Return (resource, snapshot, outcome) of answers that were no document's, the newest of each address first.

        Of the newest runs: those whose status says so, and those that came in the place of several documents.
        """
        rows = self._all(
            """select f.resource_id, f.snapshot_id, j.outcome from fetch f join judgement j using (fetch_id)
            where f.fetch_id in (
                select max(g.fetch_id) from fetch g join resource r using (resource_id)
                join judgement k using (fetch_id)
                where g.run_id in (select run_id from run where source = ? order by run_id desc limit ?)
                and r.role in ('main', 'part') and g.snapshot_id is not null
                and ((g.status >= 400 and k.outcome in ('gone', 'challenge', 'login', 'maintenance'))
                    or (g.status in (200, 203) and k.outcome = 'soft_404'))
                and not exists (select 1 from tombstone t where t.resource_id = g.resource_id)
                group by g.resource_id)
            order by f.fetch_id desc limit ?""",
            source,
            _REFUSALS_OF_RUNS,
            limit,
        )
        return [(resource, snapshot, Outcome(outcome)) for resource, snapshot, outcome in rows]

    def extraction(self, resource_id: int, snapshot_id: int, extractor: str) -> Extraction | None:
        """Return what an extractor made of these bytes, or None where it has not been over them."""
        row = self._row(
            "select e.body, b.body from extraction e join extractor x on x.extractor_id = e.extractor_id "
            "left join extraction b on b.extraction_id = e.base_id "
            "where e.resource_id = ? and e.snapshot_id = ? and x.identity = ?",
            resource_id,
            snapshot_id,
            extractor,
        )
        if row is None or row[0] is None:
            return None
        return load_extraction(unpack(row[0], unpack(row[1]) if row[1] is not None else None))

    def newest_extraction(self, resource_id: int, extractor: str) -> tuple[int, Extraction] | None:
        """Return the extraction that was made last at an address, and its snapshot; None where there is none."""
        row = self._row(
            "select e.snapshot_id from extraction e join extractor x using (extractor_id) "
            "where e.resource_id = ? and x.identity = ? and e.body is not null order by e.extraction_id desc limit 1",
            resource_id,
            extractor,
        )
        found = self.extraction(resource_id, row[0], extractor) if row else None
        return (row[0], found) if row and found else None

    def save_extraction(
        self, resource_id: int, snapshot_id: int, extractor: str, extraction: Extraction | None
    ) -> None:
        """Keep an extraction; None for lists, feeds and maps, whose listings are recorded instead."""
        with self.write():
            number = self.extractor_id(extractor)
            if self._row(
                "select 1 from extraction where resource_id = ? and snapshot_id = ? and extractor_id = ?",
                resource_id,
                snapshot_id,
                number,
            ):
                return
            body: bytes | None = None
            base_id: int | None = None
            if extraction is not None:
                data = dump_extraction(extraction)
                base = self._row(
                    "select extraction_id, body from extraction where resource_id = ? and extractor_id = ? "
                    "and base_id is null and body is not null order by extraction_id desc limit 1",
                    resource_id,
                    number,
                )
                body, is_against = pack_against(data, base[1]) if base else (pack(data), False)
                base_id = base[0] if base and is_against else None
            self._db.execute(
                "insert into extraction (resource_id, snapshot_id, extractor_id, failure, base_id, body) "
                "values (?, ?, ?, ?, ?, ?)",
                (resource_id, snapshot_id, number, extraction.failure if extraction else None, base_id, body),
            )

    def unextracted(
        self, source: str, extractor: str, *, root_id: int | None = None, after: int = 0, limit: int = 500
    ) -> list[tuple[int, int, int]]:
        """Return (fetch, resource, snapshot) of a source's documents that an extractor has not been over, in order.

        root_id: only answers of that chain.  after: only later fetches than this one.
        """
        rows = self._all(
            """select f.fetch_id, f.resource_id, f.snapshot_id from fetch f
            join resource r using (resource_id) join run u using (run_id)
            where u.source = ? and r.role in ('main', 'part', 'attachment') and f.snapshot_id is not null
            and f.status in (200, 203) and f.fetch_id > ? and (? is null or u.root_id = ?)
            and not exists (select 1 from tombstone t where t.resource_id = f.resource_id)
            and not exists (select 1 from extraction e join extractor x using (extractor_id)
                where e.resource_id = f.resource_id and e.snapshot_id = f.snapshot_id and x.identity = ?)
            order by f.fetch_id limit ?""",
            source,
            after,
            root_id,
            root_id,
            extractor,
            limit,
        )
        return [(fetch, resource, snapshot) for fetch, resource, snapshot in rows]
