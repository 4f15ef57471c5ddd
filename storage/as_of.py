"""An archive as it was: what was recorded up to a moment, and room to derive from that alone.

Tables of the connection's own temporary schema lie before the archive's of the same name. Recorded tables become
views that end at the moment; derived ones begin empty, so that nothing made of later answers can be read.
The archive itself is opened for reading only.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Self

from storage.archive import Archive
from storage.home import Home, Server
from storage.postgresql import PostgreSQL
from storage.times import stamp

_DERIVED = ("document", "document_resource", "judgement", "version", "version_piece")
_IDENTITIES = ("extractor", "profile")
# Parents in another schema cannot be referred to; a version's pieces go with it.
_REFERENCES = re.compile(r" references (?!version\b)\w+\(\w+\)")


class ArchiveAt(Archive):
    """An archive that knows only what was recorded up to a moment; its derived tables are empty, and its own."""

    @classmethod
    def open_at(cls, path: Home, at: datetime) -> Self:
        """Open an archive as it was."""
        if isinstance(path, Server):
            cls.open(path, readonly=True).close()
            # There, who may only read may not make temporary tables either.
            self = cls(path, PostgreSQL(path), readonly=True)
            self._shadow_tables_there()
        else:
            self = cls.open(path, readonly=True)
            self._lock = None  # nothing is written to the file
            self._shadow_tables()
        self._shadow(stamp(at))
        return self

    def _begin(self) -> None:
        # A transaction of the temporary tables: no other writer is kept waiting.
        self._db.execute("begin")

    def _commit(self) -> None:
        self._db.execute("commit")

    def finished_chains(self) -> list[tuple[str, int]]:
        """Return (source, root) of the chains of all sources that had come to their end, in that order."""
        return self._all(
            "select source, root_id from run where end_reason = 'finished' order by ended_at, run_id",
        )

    @property
    def _kept(self) -> str:
        """The schema of what lies in the archive."""
        if not isinstance(self._db, PostgreSQL):
            return "main"
        ((name,),) = self._all("select current_schema()")
        return f'"{name}"'

    def _shadow_tables_there(self) -> None:
        """Make empty derived tables, in the temporary schema, which comes first."""
        for name in (*_DERIVED, *_IDENTITIES, "version_index"):
            self._execute(
                f"create temp table {name} (like {name} including defaults including identity including indexes)", ()
            )
        self._execute("alter table version_piece add foreign key (version_id) references version on delete cascade", ())
        for name in _IDENTITIES:
            self._execute(f"insert into {name} select * from {self._kept}.{name}", ())

    def _shadow_tables(self) -> None:
        # A million texts do not belong into memory.
        self._db.execute("pragma temp_store = file")
        for name in (*_DERIVED, *_IDENTITIES):
            for (statement,) in self._all(
                "select sql from main.sqlite_master where tbl_name = ? and sql is not null and type in "
                "('table', 'index') order by type desc",
                name,
            ):
                own = re.sub(r"^(create(?: unique)? (?:table|index)) ", r"\1 temp.", statement, flags=re.IGNORECASE)
                self._db.execute(_REFERENCES.sub("", own))
        for name in _IDENTITIES:
            self._db.execute(f"insert into temp.{name} select * from main.{name}")
        # Nobody searches here.
        self._db.execute(
            'create temp view version_index as select 0 as version_index, 0 as "rowid", 0 as title, 0 as text'
        )
        self._db.execute(
            "create temp trigger version_index_ignored instead of insert on version_index begin select 1; end"
        )

    def _shadow(self, at: str) -> None:
        kept = self._kept
        known = f"and (imported_at is null or imported_at <= '{at}')"
        columns = [each[0] for each in self._execute(f"select * from {kept}.run limit 0", ()).description]
        until = ", ".join(
            f"case when ended_at <= '{at}' then {name} end as {name}" if name in ("ended_at", "end_reason") else name
            for name in columns
        )
        self._db.execute(f"create temp view run as select {until} from {kept}.run where started_at <= '{at}' {known}")
        # What was imported later was not held then, however old it is.
        self._db.execute(
            f"create temp view fetch as select * from {kept}.fetch where fetched_at <= '{at}' "
            f"and run_id in (select run_id from run)"
        )
        self._db.execute(f"create temp view listing as select * from {kept}.listing where listed_at <= '{at}'")
        newest = self._row(
            "select max(last) from (select max(resource_id) as last from listing "
            "union all select max(resource_id) from fetch) as named"
        )
        last = int(newest[0] or 0) if newest else 0
        self._db.execute(f"create temp view recast as select * from {kept}.recast where recast_at <= '{at}'")
        then = (
            f"coalesce((select was_{name} from {kept}.recast x where x.resource_id = r.resource_id "
            f"and x.recast_at > '{at}' order by x.root_id, x.recast_id limit 1), r.{name}) as {name}"
            for name in ("source", "role")
        )
        self._db.execute(
            f"create temp view resource as select resource_id, url, {', '.join(then)} from {kept}.resource r "
            f"where resource_id <= {last}"
        )
