"""Locks on a server: an advisory lock of a connection of its own, which ends with its process, wherever that runs.

A server that is started anew has forgotten its locks, while those who held them may not know it yet. So who takes a
lock writes down since when; where the last holder did not give it back and the server was started after it was taken,
nobody gets it until all requests that were under way then have come to their end.
"""

from __future__ import annotations

import time
import weakref
from typing import Any

from storage.errors import ArchiveError, ArchiveLostError
from storage.home import Server
from storage.postgresql import PostgreSQL
from storage.server_schema import prepare

# A request that was under way when a server fell has been answered, or given up, after so long.
SETTLED_S = 30
_AGAIN_S = 0.2
_KEY = "hashtextextended(%s, 1)"


class ServerLock:
    """An advisory lock on a server; reentrant within one object, exclusive between any two on any machines.

    in_common: it is held together with others that take it so, and keeps off who wants it alone.
    """

    def __init__(self, server: Server, name: str, *, in_common: bool = False) -> None:
        self.server = server
        self.name = name
        self._kind = "_shared" if in_common else ""
        self._db: PostgreSQL | None = None
        self._depth = 0

    @property
    def held(self) -> bool:
        """Tell whether this object took the lock and has not given it back."""
        return self._depth > 0

    def acquire(self, *, wait: bool) -> bool:
        """Take the lock; without ``wait`` return False where somebody else holds it."""
        if self._depth:
            self._depth += 1
            return True
        while not self._try(self._connected()):
            if not wait:
                return False
            time.sleep(_AGAIN_S)
        self._depth = 1
        return True

    def is_lost(self) -> bool:
        """Tell whether the lock was taken, and the server that kept it is gone."""
        if not self._depth or self._db is None:
            return False
        try:
            self._db.run("select 1")
        except ArchiveError:
            return True
        return False

    def release(self) -> None:
        """Give the lock back once."""
        if not self._depth:
            return
        self._depth -= 1
        if self._depth == 0 and self._db is not None:
            try:
                if not self._kind:
                    # Where others hold it too, who takes it alone later writes this down.
                    self._db.run("update lease set taken_since = null where name = %s", (self.name,))
                # Closed is not yet gone: the server hears of it a moment later.
                self._db.run(f"select pg_advisory_unlock{self._kind}({_KEY})", (self.name,))
            except ArchiveLostError:
                pass  # nothing is held there any more
            finally:
                self._db.close()
                self._db = None

    def note(self, text: str) -> None:
        """Leave a short text for who takes the lock next; only while it is held."""
        if self._depth and self._db is not None:
            self._db.run("update lease set note = %s where name = %s", (text, self.name))

    def noted(self) -> str:
        """Return the text that was left; only while it is held."""
        if not self._depth or self._db is None:
            return ""
        row = self._db.run("select note from lease where name = %s", (self.name,)).fetchone()
        return str(row[0]) if row else ""

    def __enter__(self) -> ServerLock:
        self.acquire(wait=True)
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _connected(self) -> PostgreSQL:
        if self._db is None:
            self._db = PostgreSQL(self.server)
            # What is locked may be about to be made.
            if not _has_leases(self._db):
                prepare(self._db, self.server, create=True, readonly=False)
            # Who only tried keeps the connection for the next try.
            weakref.finalize(self, self._db.close)
        return self._db

    def _try(self, db: PostgreSQL) -> bool:
        if not _one(db, f"select pg_try_advisory_lock{self._kind}({_KEY})", self.name):
            return False
        db.run("insert into lease (name) values (%s) on conflict do nothing", (self.name,))
        settled = _one(
            db,
            "select taken_since is null or taken_since > pg_postmaster_start_time() "
            f"or now() > pg_postmaster_start_time() + interval '{SETTLED_S} seconds' from lease where name = %s",
            self.name,
        )
        if not settled:
            db.run(f"select pg_advisory_unlock{self._kind}({_KEY})", (self.name,))
            return False
        db.run("update lease set taken_since = clock_timestamp() where name = %s", (self.name,))
        return True


def is_held_on(server: Server, name: str) -> bool:
    """Tell whether somebody holds a lock."""
    db = PostgreSQL(server)
    try:
        return bool(
            _one(
                db,
                "select exists (select 1 from pg_locks, (select hashtextextended(%s, 1) as key) k "
                "where locktype = 'advisory' and granted and objsubid = 1 "
                "and database = (select oid from pg_database where datname = current_database()) "
                "and classid::bigint = (key >> 32) & 4294967295 and objid::bigint = key & 4294967295)",
                name,
            )
        )
    finally:
        db.close()


def was_taken_on(server: Server, name: str) -> bool:
    """Tell whether somebody ever took a lock."""
    db = PostgreSQL(server)
    try:
        return _has_leases(db) and bool(_one(db, "select exists (select 1 from lease where name = %s)", name))
    finally:
        db.close()


def leave_word(server: Server, name: str, text: str) -> None:
    """Keep a text under a name, for all who ask for it; the last one holds."""
    db = PostgreSQL(server)
    try:
        prepare(db, server, create=True, readonly=False)
        db.run(
            "insert into lease (name, note) values (%s, %s) on conflict (name) do update set note = excluded.note",
            (name, text),
        )
    finally:
        db.close()


def word_left(server: Server, name: str) -> str:
    """Return the text kept under a name, or an empty one."""
    db = PostgreSQL(server)
    try:
        return str(_one(db, "select note from lease where name = %s", name) or "") if _has_leases(db) else ""
    finally:
        db.close()


def _has_leases(db: PostgreSQL) -> bool:
    """Tell whether there is an archive, which is made with its first run."""
    return db.run("select to_regclass('lease') is not null").fetchone() == (True,)


def _one(db: PostgreSQL, sql: str, name: str) -> Any:
    row = db.run(sql, (name,)).fetchone()
    return row[0] if row else None
