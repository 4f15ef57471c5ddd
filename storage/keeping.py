"""Looking after an archive: is it whole, and a copy that is."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

from storage.connection import translate
from storage.errors import ArchiveError
from storage.making import LATER_MADE, give_name
from storage.postgresql import PostgreSQL
from storage.sending import Sending

# What is known to be wrong with releases of SQLite, as far as it concerns an archive: before which version, and what.
_FAULTS = (
    (
        (3, 51, 3),
        "two programs that write and check-point at the same instant can damage a database (WAL reset); policytrail's "
        "own locks keep its processes apart, so let no other program write to the archive",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Whether an archive is whole.

    problems: as SQLite says them; empty where nothing was found.  whole: everything was looked at.
    """

    problems: tuple[str, ...]
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A copy of an archive.  rows: in all its tables."""

    path: Path
    size_bytes: int
    rows: int


def sqlite_faults(version: tuple[int, ...]) -> tuple[str, ...]:
    """Return what is known to be wrong with a release of SQLite.  Pure."""
    return tuple(f"before {'.'.join(map(str, before))}: {what}" for before, what in _FAULTS if version < before)


class Keeping(Sending):
    """Checks an archive, and copies it while others write."""

    def quick_check(self, *, limit_s: float) -> Health:
        """Look for damaged pages; gives up, without a finding, after so many seconds."""
        if isinstance(self._db, PostgreSQL):
            return Health(problems=(), whole=False)
        # From another thread: older releases of SQLite ask no progress handler while they walk over pages.
        bell = Timer(limit_s, self._file.interrupt)
        bell.start()
        try:
            rows = self._db.execute("pragma quick_check(10)").fetchall()
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):
                return Health(problems=(), whole=False)
            return Health(problems=(str(error),), whole=False)
        except sqlite3.DatabaseError as error:
            return Health(problems=(str(error),), whole=False)
        finally:
            bell.cancel()
            # Else it might ring in the next question.
            bell.join()
        return Health(problems=_problems(rows), whole=True)

    def engine(self) -> str:
        """Return what keeps the archive, and which release of it."""
        if isinstance(self._db, PostgreSQL):
            return f"PostgreSQL {(self._row('show server_version') or ('',))[0]}"
        return f"SQLite {sqlite3.sqlite_version}"

    def full_check(self) -> Health:
        """Look at every page, index and reference; reads the whole archive more than once."""
        if isinstance(self._db, PostgreSQL):
            return self._server_check(self._db)
        try:
            rows = self._db.execute("pragma integrity_check(10)").fetchall()
            broken = self._db.execute('select "table", count(*) from pragma_foreign_key_check group by 1').fetchall()
        except sqlite3.DatabaseError as error:
            return Health(problems=(str(error),), whole=False)
        lost = tuple(f"{count} rows of {table} refer to rows that are not there" for table, count in broken)
        return Health(problems=(*_problems(rows), *lost), whole=True)

    def _server_check(self, db: PostgreSQL) -> Health:
        """Read every row: a server whose pages have check sums says which one is damaged."""
        try:
            for (name,) in db.run(
                "select table_name from information_schema.tables where table_schema = current_schema() "
                "and table_type = 'BASE TABLE' order by 1"
            ).fetchall():
                db.run(f'select count(hashtextextended(t::text, 0)) from "{name}" t')
        except ArchiveError as error:
            return Health(problems=(str(error),), whole=False)
        return Health(problems=(), whole=True)

    def backup(self, target: Path) -> Copied:
        """Write a copy of the archive as it is now, also while others write; they do not wait for it.

        The copy is written aside, checked, held against the row counts of the moment, and takes its name at last.
        Raises ArchiveError where something has the name, where the disk is full, or where the copy is not whole.
        """
        self._file  # of a server, its own tools make copies  # noqa: B018
        target = target.expanduser()
        if target.exists() or target.is_symlink():
            raise ArchiveError(f"{target}: {LATER_MADE}")
        if not target.parent.is_dir():
            raise ArchiveError(f"{target.parent}: no such folder; make it first")
        aside = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            rows = self._copy(aside)
            size_bytes = aside.stat().st_size
            give_name(aside, target)
        except sqlite3.Error as error:
            raise translate(target, error) from error
        finally:
            aside.unlink(missing_ok=True)
            aside.with_name(f"{aside.name}-journal").unlink(missing_ok=True)
        return Copied(path=target, size_bytes=size_bytes, rows=rows)

    def _copy(self, aside: Path) -> int:
        copy = sqlite3.connect(aside, isolation_level=None)
        try:
            # One reading transaction: the counts and the pages are of one moment, whatever is written meanwhile.
            self._db.execute("begin")
            try:
                counts = _counts(self._file)
                self._file.backup(copy)
            finally:
                self._db.execute("rollback")
            # A copy is one file; the next who opens it for writing has a log beside it again.
            copy.execute("pragma journal_mode = delete")
            problems = _problems(copy.execute("pragma integrity_check(10)").fetchall())
            if problems:
                raise ArchiveError(f"{self.path}: the copy is not whole, and was not kept: {problems[0]}")
            if _counts(copy) != counts:
                raise ArchiveError(f"{self.path}: the copy holds other rows than the archive, and was not kept")
        finally:
            copy.close()
        with aside.open("rb") as file:
            os.fsync(file.fileno())
        return sum(counts.values())


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    names = connection.execute("select name from sqlite_master where type = 'table' and sql not like '%virtual%'")
    return {
        name: connection.execute(f'select count(*) from "{name}"').fetchone()[0] for (name,) in sorted(names.fetchall())
    }


def _problems(rows: list[tuple[str]]) -> tuple[str, ...]:
    return tuple(text for (text,) in rows if text != "ok")
