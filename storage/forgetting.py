"""Erasing what was recorded of a document, at a person's word; a tombstone stays.

Nothing else erases.  What stays of each answer is when it came and what it was; of its bytes hash, size, time and
reason.  Bytes that another document has at an address of its own are not erased with this one.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from storage.browsing import Browsing
from storage.errors import ArchiveBusyError, ArchiveError, NotInArchiveError
from storage.packing import pack, unpack
from storage.times import moment, stamp

_NOTHING = pack(b"")
_ERASED_FROM = ("snapshot", "extraction", "version", "version_piece", "version_index", "listing", "event", "fetch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """What is left of the bytes of one answer; sha256 and size are None where there never were any."""

    url: str
    sha256: str | None
    size_bytes: int | None
    fetched_at: datetime | None
    reason: str
    forgotten_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was erased; shared: addresses of other documents that have some of the same bytes, which stay there."""

    urls: tuple[str, ...]
    snapshots: int
    versions: int
    shared: tuple[str, ...]


class Forgetting(Browsing):
    """Erases documents, and tells what was erased."""

    def forget(self, url: str, *, reason: str, at: datetime) -> Forgotten:
        """Erase bytes, text and index of the document that an address belongs to, and bar its addresses.

        The archive is written anew, so that no page of it holds what was erased: this takes as long as copying it.
        Of what was forgotten before only that is done again.

        Raises NotInArchiveError for an address that nobody ever listed, ArchiveError for one that is a list,
        feed or map, which holds many documents, or where there is no room to write anew, ArchiveBusyError where
        another program still reads what was there.
        """
        resource_id = self.resource_id(url)
        if resource_id is None:
            raise NotInArchiveError(f"{url}: never listed by any source of this archive; there is nothing to forget")
        if self.resource(resource_id).role in ("list", "feed", "sitemap", "robots"):
            raise ArchiveError(f"{url}: not a document; forget the documents that it names")
        if self.is_barred(resource_id):
            done = Forgotten(urls=(url,), snapshots=0, versions=0, shared=())
        else:
            with self.write():
                done = self._forget(resource_id, reason, stamp(at))
        self._overwrite()
        return done

    def listed_by(self, url: str) -> list[str]:
        """Return the sources that listed an address or what belongs to its document; their crawls would bring it back.

        Nothing for an address that nobody ever listed.
        """
        resource_id = self.resource_id(url)
        if resource_id is None:
            return []
        wanted = ", ".join(map(str, self._own_resources(resource_id, self._documents_at(resource_id))))
        return [
            name
            for (name,) in self._all(
                f"select source from listing where resource_id in ({wanted}) union "
                f"select source from resource where resource_id in ({wanted}) order by 1"
            )
        ]

    def _overwrite(self) -> None:
        """Write the archive anew, without what lies in pages that nothing refers to any more.

        Also what earlier work left there: a history that was made again, a row that moved. The log holds pages as
        they were, so it is folded back and cut off.
        """
        if self._lock is None:
            # Of a server's files the server is master; `vacuum full` writes tables anew, and old copies go with them.
            for table in _ERASED_FROM:
                self._execute(f"vacuum (full, analyze) {table}", ())
            return
        try:
            with self._lock:
                # The copy is made aside, and an archive does not fit into memory.
                self._file.execute("pragma temp_store = file")
                self._file.execute("vacuum")
                ((busy, _, _),) = self._file.execute("pragma wal_checkpoint(truncate)").fetchall()
        except sqlite3.Error as error:
            raise ArchiveError(
                f"{self.path}: it is erased, but freed pages could not be overwritten ({error}); "
                "make room for a copy of the archive, and forget it once more"
            ) from error
        if busy:
            raise ArchiveBusyError(
                f"{self.path}: it is erased, but another program reads pages as they were; "
                "forget it once more when that has ended"
            )

    def tombstones(self) -> list[Tombstone]:
        """Return what was forgotten, in that order."""
        rows = self._all(
            "select r.url, t.sha256, t.size_bytes, t.fetched_at, t.reason, t.forgotten_at from tombstone t "
            "join resource r using (resource_id) order by t.tombstone_id"
        )
        return [
            Tombstone(
                url=url,
                sha256=sha256,
                size_bytes=size,
                fetched_at=moment(fetched) if fetched else None,
                reason=reason,
                forgotten_at=moment(at),
            )
            for url, sha256, size, fetched, reason, at in rows
        ]

    def _forget(self, resource_id: int, reason: str, at: str) -> Forgotten:
        documents = self._documents_at(resource_id)
        resources = self._own_resources(resource_id, documents)
        snapshots, shared = self._own_snapshots(resources)
        for number in resources:
            self._bury(number, reason, at)
            self._db.execute("delete from extraction where resource_id = ? and base_id is not null", (number,))
            self._db.execute("delete from extraction where resource_id = ?", (number,))
        for number in snapshots:
            self._rebase(number)
        for number in snapshots:
            # The hash would let the same bytes at another address be taken for known; the tombstone has it.
            self._db.execute(
                "update snapshot set body = ?, base_id = null, sha256 = 'forgotten ' || snapshot_id "
                "where snapshot_id = ?",
                (_NOTHING, number),
            )
        versions = 0
        for number in documents:
            versions += len(self.versions(number))
            self._db.execute("update spoken set pieces = '[]' where document_id = ?", (number,))
            self.drop_document(number)
        self._clear_index()
        for number in resources:
            self._db.execute("update listing set title = null where resource_id = ?", (number,))
            # What nobody was told yet is not told any more.
            self._db.execute(
                "delete from outbox where sent_at is null and event_id in (select event_id from event "
                "where document_id = ? or resource_id = ? or previous_id = ?)",
                (number, number, number),
            )
            self._db.execute(
                "update event set title = null, before = '[]', after = '[]' "
                "where document_id = ? or resource_id = ? or previous_id = ?",
                (number, number, number),
            )
            self._db.execute(
                "delete from judgement where fetch_id in (select fetch_id from fetch where resource_id = ?)", (number,)
            )
            self._db.execute(
                "update fetch set headers = null, etag = null, last_modified = null, location = null, detail = null "
                "where resource_id = ?",
                (number,),
            )
        return Forgotten(
            urls=tuple(self.resource(number).url for number in resources),
            snapshots=len(snapshots),
            versions=versions,
            shared=shared,
        )

    def _documents_at(self, resource_id: int) -> list[int]:
        return [
            number
            for (number,) in self._all(
                "select document_id from document where main_id = ? union "
                "select document_id from document_resource where resource_id = ? and role in ('former', 'part')",
                resource_id,
                resource_id,
            )
        ]

    def _own_resources(self, resource_id: int, documents: list[int]) -> list[int]:
        """Return the addresses of documents that no other document has."""
        found = {resource_id}
        for number in documents:
            rows = self._all(
                "select main_id from document where document_id = ? union "
                "select resource_id from document_resource where document_id = ? union "
                "select p.resource_id from version_piece p join version v using (version_id) where v.document_id = ?",
                number,
                number,
                number,
            )
            found |= {number, *(resource for (resource,) in rows)}
        mine = ", ".join(str(number) for number in documents) or "0"
        return [
            number
            for number in sorted(found)
            if number == resource_id
            or not self._row(
                "select 1 from document where main_id = ? and document_id not in "
                f"({mine}) union all select 1 from document_resource where resource_id = ? "
                f"and document_id not in ({mine})",
                number,
                number,
            )
        ]

    def _own_snapshots(self, resources: list[int]) -> tuple[list[int], tuple[str, ...]]:
        """Return the snapshots that only these addresses gave, and the other addresses of those that stay."""
        mine = ", ".join(map(str, resources))
        own, shared = [], set()
        for (number,) in self._all(
            f"select distinct snapshot_id from fetch where resource_id in ({mine}) and snapshot_id is not null "
            "order by 1"
        ):
            elsewhere = self._all(
                "select distinct r.url from fetch f join resource r using (resource_id) where f.snapshot_id = ? "
                f"and f.resource_id not in ({mine}) order by 1",
                number,
            )
            if elsewhere:
                shared |= {url for (url,) in elsewhere}
            else:
                own.append(number)
        return own, tuple(sorted(shared))

    def _bury(self, resource_id: int, reason: str, at: str) -> None:
        rows = self._all(
            "select s.sha256, s.size_bytes, min(f.fetched_at) from fetch f join snapshot s using (snapshot_id) "
            "where f.resource_id = ? group by s.snapshot_id order by 3, 1",
            resource_id,
        )
        for sha256, size, fetched in rows or [(None, None, None)]:
            self._insert(
                "insert into tombstone (resource_id, sha256, size_bytes, fetched_at, reason, forgotten_at) "
                "values (?, ?, ?, ?, ?, ?)",
                resource_id,
                sha256,
                size,
                fetched,
                reason,
                at,
            )

    def _rebase(self, snapshot_id: int) -> None:
        """Pack what was packed against a snapshot by itself, before that is erased."""
        for (number,) in self._all("select snapshot_id from snapshot where base_id = ?", snapshot_id):
            row = self._row(
                "select s.body, b.body from snapshot s join snapshot b on b.snapshot_id = s.base_id "
                "where s.snapshot_id = ?",
                number,
            )
            if row is not None:
                alone = pack(unpack(row[0], unpack(row[1])))
                self._db.execute("update snapshot set body = ?, base_id = null where snapshot_id = ?", (alone, number))
