"""Opening an archive, and its one way to write."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from storage import server_schema
from storage.errors import ArchiveBusyError, ArchiveError, NotInArchiveError
from storage.home import Home, Server, home
from storage.lock import WRITE, FileLock, is_held
from storage.making import make, write_safely
from storage.postgresql import PostgreSQL
from storage.schema import check_age, migrate, missing_steps

BUSY_TIMEOUT_S = 60.0
_LOOK_AGAIN_S = 0.05
_ROWS_AT_ONCE = 20
# So many statements are put off at most: each may hold a long text.
_PUT_OFF = 64


class Connection:
    """A connection to an archive; belongs to the thread that opened it."""

    def __init__(self, path: Home, connection: sqlite3.Connection | PostgreSQL, *, readonly: bool) -> None:
        self.path = path
        self.readonly = readonly
        self._db = connection
        self._lock = FileLock(path, WRITE) if isinstance(path, Path) else None
        self._depth = 0
        self._put_off: list[tuple[str, tuple[Any, ...]]] = []

    @classmethod
    def open(cls, path: Home | str, *, create: bool = False, readonly: bool = False) -> Self:
        """Open an archive: a file, or ``postgresql://...``.

        Raises NotInArchiveError where there is none and ``create`` is off, ArchiveTooNewError for one of a
        newer program, ArchiveLostError for a server that cannot be reached, ArchiveError for what is no archive or
        cannot be read or written.
        """
        if isinstance(path, str):
            path = home(path)
        if isinstance(path, Server):
            return cls._open_on_server(path, create=create, readonly=readonly)
        path = path.expanduser()
        if not path.exists() and (readonly or not create):
            raise NotInArchiveError(f"{path}: there is no archive here; `policytrail crawl` makes one")
        if create and not path.parent.is_dir():
            raise ArchiveError(f"{path.parent}: no such folder; make it first, or choose another --archive")
        if not path.exists():
            try:
                make(path)
            except sqlite3.Error as error:
                raise translate(path, error) from error
        try:
            connection = cls._connect(path, readonly=readonly)
        except sqlite3.Error as error:
            raise ArchiveError(f"{path}: cannot be opened as an archive: {error}") from error
        self = cls(path, connection, readonly=readonly)
        try:
            self._prepare(connection)
        except sqlite3.Error as error:
            connection.close()
            raise translate(path, error) from error
        except BaseException:
            connection.close()
            raise
        return self

    @classmethod
    def is_at(cls, path: Home) -> bool:
        """Tell whether an archive is there, or something that only looks like one.

        Raises ArchiveError for a server that cannot be reached, or that holds something else.
        """
        if isinstance(path, Path):
            return path.expanduser().exists()
        connection = PostgreSQL(path, readonly=True)
        try:
            return server_schema.is_made(connection, path)
        finally:
            connection.close()

    @classmethod
    def _open_on_server(cls, server: Server, *, create: bool, readonly: bool) -> Self:
        connection = PostgreSQL(server, readonly=readonly)
        try:
            server_schema.prepare(connection, server, create=create, readonly=readonly)
        except BaseException:
            connection.close()
            raise
        return cls(server, connection, readonly=readonly)

    @staticmethod
    def _connect(path: Path, *, readonly: bool) -> sqlite3.Connection:
        if not readonly:
            connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        else:
            uri = path.absolute().as_uri()
            connection = sqlite3.connect(f"{uri}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)
            try:
                connection.execute("select count(*) from sqlite_master").fetchone()
            except sqlite3.OperationalError as error:
                connection.close()
                # WAL needs a shared-memory file; on a read-only or full disk there is none, and nobody writes either.
                # Read so, the log is left out: nothing may stand in it.
                told = translate(path, error)
                if isinstance(told, ArchiveBusyError):
                    raise told from error
                real = path.resolve()
                log = real.with_name(f"{real.name}-wal")
                if log.exists() and log.stat().st_size:
                    raise ArchiveError(
                        f"{path}: what {log.name} holds of it cannot be read on a disk that is full or read-only; "
                        "make room, or copy both to another disk"
                    ) from error
                connection = sqlite3.connect(f"{uri}?mode=ro&immutable=1", uri=True, isolation_level=None)
        connection.execute("pragma foreign_keys = on")
        connection.execute("pragma temp_store = memory")
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        if self._lock is None or self.readonly:
            check_age(connection, str(self.path))
            if not self._becomes_current(connection):
                raise ArchiveError(f"{self.path}: made by an older policytrail; any `policytrail crawl` brings it up")
            return
        with self._lock:
            check_age(connection, str(self.path))
            write_safely(connection)
            # A full disk must not leave a growing log behind: the log is cut back after each checkpoint.
            connection.execute("pragma journal_size_limit = 4194304")
            if missing_steps(connection):
                migrate(connection, str(self.path))
                # A power cut may tear the log: the shape of the archive must not stand in it alone.
                connection.execute("pragma wal_checkpoint(truncate)")

    def _becomes_current(self, connection: sqlite3.Connection) -> bool:
        """Tell whether every step has been applied, or is while we look: who brings an archive up has its lock."""
        deadline = time.monotonic() + BUSY_TIMEOUT_S
        while True:
            # Asked first: whoever gives it back in between is done.
            is_at_work = is_held(self.path, WRITE)
            if not missing_steps(connection):
                return True
            if not is_at_work or time.monotonic() > deadline:
                return False
            time.sleep(_LOOK_AGAIN_S)

    @property
    def _file(self) -> sqlite3.Connection:
        """The connection to a file.  Raises ArchiveError where the archive is on a server."""
        if isinstance(self._db, PostgreSQL):
            raise ArchiveError(
                f"{self.path}: this is for an archive in a file; of one on a server `pg_dump --format custom` makes a "
                "backup, or `policytrail copy` an archive in a file"
            )
        return self._db

    def close(self) -> None:
        """Close the connection; the last one to close a file folds the log into it, under the lock."""
        if self.readonly or self._lock is None:
            self._db.close()
            return
        with self._lock:
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def write(self) -> Iterator[None]:
        """Do everything inside in one transaction, alone among all writers; nests.

        Raises ArchiveError where the disk is full, read-only or broken, ArchiveBusyError where another
        program holds the archive; nothing of the transaction is kept then.
        """
        if self._depth:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
            return
        with self._lock or nullcontext():
            self._begin()
            self._depth = 1
            try:
                yield
                self._write_put_off()
                self._commit()
            except BaseException as error:
                self._put_off.clear()
                if self._db.in_transaction:
                    self._db.execute("rollback")
                if isinstance(error, sqlite3.Error):
                    raise translate(self.path, error) from error
                raise
            finally:
                self._depth = 0

    def _put_off_writing(self, sql: str, *values: Any) -> None:
        """Run a statement later in this transaction, together with others of its kind, in their order.

        Nothing else in the transaction may ask for what it writes.
        """
        self._put_off.append((sql, values))
        if len(self._put_off) >= _PUT_OFF:
            self._write_put_off()

    def _write_put_off(self) -> None:
        for sql, values in self._put_off:
            self._db.execute(sql, values)
        self._put_off.clear()

    @contextmanager
    def _sorting_on_disk(self) -> Iterator[None]:
        """Have SQLite sort what is large in a file meanwhile, and not in memory; there may be no temporary table."""
        if isinstance(self._db, PostgreSQL):
            yield
            return
        self._execute("pragma temp_store = file", ())
        try:
            yield
        finally:
            self._execute("pragma temp_store = memory", ())

    def _begin(self) -> None:
        if isinstance(self._db, PostgreSQL):
            self._db.begin()
        else:
            self._execute("begin immediate", ())

    def _commit(self) -> None:
        if isinstance(self._db, PostgreSQL):
            self._db.commit()
        else:
            self._execute("commit", ())

    def _execute(self, sql: str, values: tuple[Any, ...]) -> Any:
        try:
            return self._db.execute(sql, values)
        except sqlite3.Error as error:
            raise translate(self.path, error) from error

    def _rows(self, sql: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        if isinstance(self._db, PostgreSQL):
            yield from self._db.stream(sql, values)
            return
        rows = self._execute(sql, values)
        # Most of the work is done when rows are taken: there too the disk may fail, or the time be up.
        while batch := self._taken(rows.fetchmany, _ROWS_AT_ONCE):
            yield from batch

    def _all(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self._taken(self._execute(sql, values).fetchall)
        return rows

    def _row(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._taken(self._execute(sql, values).fetchone)
        return row

    def _taken(self, take: Callable[..., Any], *given: Any) -> Any:
        try:
            return take(*given)
        except sqlite3.Error as error:
            raise translate(self.path, error) from error

    def _insert(self, sql: str, *values: Any) -> int:
        """Insert a row and return its number, which stands in the column that is called after the table."""
        if isinstance(self._db, PostgreSQL):
            table = sql.split(maxsplit=3)[2]
            row = self._row(f"{sql} returning {table}_id", *values)
            number = row[0] if row else None
        else:
            number = self._execute(sql, values).lastrowid
        if number is None:
            raise ArchiveError(f"{self.path}: a row was not written")
        return int(number)

    def _go_on_counting(self, table: str) -> None:
        """Have the next row of a table get the number after the greatest: rows were written with theirs."""
        if isinstance(self._db, PostgreSQL):
            self._db.restart_numbers(table, f"{table}_id")

    def _changed(self, sql: str, *values: Any) -> int:
        """Run a statement and return how many rows it changed."""
        return int(self._execute(sql, values).rowcount)


def translate(path: Home, error: sqlite3.Error) -> ArchiveError:
    """Return SQLite's error as one of ours, in one line."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return ArchiveBusyError(
            f"{path}: another program has held the archive for {BUSY_TIMEOUT_S:.0f} s; try again when it is done"
        )
    if "interrupted" in text:
        return ArchiveError(f"{path}: the answer would have taken too long; ask for less, or for a shorter time")
    if "full" in text:
        return ArchiveError(f"{path}: the disk is full; what was recorded before is safe, make room and run again")
    if "readonly" in text or "read-only" in text:
        return ArchiveError(f"{path}: the archive is read-only; nothing was written")
    if "not a database" in text:
        return ArchiveError(f"{path}: this file is no archive; choose another --archive")
    return ArchiveError(f"{path}: {text}")
