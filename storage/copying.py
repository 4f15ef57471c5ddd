"""An archive copied from one home to another, row by row; a copy that was interrupted goes on.

The copy is of one moment, whatever is written to the original meanwhile. Rows go over in the order of their keys, some
at a time, parents before those that refer to them; what stands there already, and is the same, is left. Until all rows
of both have been read again and are the same, the copy bears a mark, or another name, and is no archive.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from storage import server_schema
from storage.archive import Archive
from storage.connection import translate
from storage.errors import ArchiveBusyError, ArchiveError
from storage.home import Home, Server
from storage.lock import lock_at, lock_folder
from storage.making import LATER_MADE, give_name
from storage.postgresql import PostgreSQL, storable

# Every table with its key, parents first; what a server's locks keep is no part of an archive.
KEYS: dict[str, tuple[str, ...]] = {
    "run": ("run_id",),
    "resource": ("resource_id",),
    "recast": ("recast_id",),
    "listing": ("listing_id",),
    "snapshot": ("snapshot_id",),
    "fetch": ("fetch_id",),
    "tombstone": ("tombstone_id",),
    "extractor": ("extractor_id",),
    "profile": ("profile_id",),
    "extraction": ("extraction_id",),
    "judgement": ("fetch_id",),
    "document": ("document_id",),
    "document_resource": ("document_id", "role", "resource_id"),
    "version": ("version_id",),
    "version_piece": ("version_id", "ordinal"),
    "event": ("event_id",),
    "outbox": ("outbox_id",),
    "spoken": ("document_id",),
    "message": ("message_id",),
    "message_event": ("message_id", "event_id"),
    "alert": ("source", "about"),
    "leg": ("root_id", "host"),
    "handed": ("handed_id",),
}
# What is derived or announced may have been made anew since a copy was interrupted; the rest only grows.
_MADE_ANEW = tuple(KEYS)[tuple(KEYS).index("judgement") :]
# So many rows are dealt with at once; of tables whose rows hold bytes or texts, fewer.
AT_ONCE = 500
LARGE_AT_ONCE = 20
_LARGE = ("snapshot", "extraction", "version")
COPY = "copy"

Row = tuple[Any, ...]
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyMade:
    """What was copied.  rows: of all tables.  sha256: over all of them, the same in both."""

    rows: int
    sha256: str


def copy_archive(origin: Home, target: Home, *, progress: Progress) -> CopyMade:
    """Copy an archive, or go on with a copy that was interrupted.

    progress: told of each table, and of how many of its rows have been dealt with.

    Raises ArchiveError where something else is at ``target``, or where what was written is not the same,
    ArchiveBusyError where somebody else copies to it.
    """
    with Archive.open(origin, readonly=True) as there, _frozen(there):
        with _unfinished(target) as copy:
            for table in reversed(_MADE_ANEW):
                with copy.write():
                    copy._execute(f"delete from {table}", ())
            for table in KEYS:
                _take_over(there, copy, table, progress)
            copy._reindex(lambda done: progress("words", done))
            made = _compared(there, copy, progress)
        _finish(target)
    return made


@contextmanager
def _frozen(archive: Archive) -> Iterator[None]:
    """Have everything that is read be of one moment."""
    archive._execute("begin isolation level repeatable read" if isinstance(archive.path, Server) else "begin", ())
    try:
        yield
    finally:
        archive._execute("rollback", ())


# -- what is no archive yet ------------------------------------------------------------------------------------


@contextmanager
def _unfinished(target: Home) -> Iterator[Archive]:
    """Open the copy under way, or begin one; nobody else does meanwhile."""
    if isinstance(target, Server):
        with closing(PostgreSQL(target)) as db:
            server_schema.begin_copy(db, target)
            with _alone(target, target):
                yield Archive(target, db, readonly=False)
        return
    target = target.expanduser()
    if target.exists() or target.is_symlink():
        raise ArchiveError(f"{target}: {LATER_MADE}")
    if not target.parent.is_dir():
        raise ArchiveError(f"{target.parent}: no such folder; make it first")
    with _alone(_aside(target), target), Archive.open(_aside(target), create=True) as copy:
        yield copy


@contextmanager
def _alone(place: Home, target: Home) -> Iterator[None]:
    lock = lock_at(place, COPY)
    if not lock.acquire(wait=False):
        raise ArchiveBusyError(f"{target}: another `policytrail copy` is at work on it")
    try:
        yield
    finally:
        lock.release()


def _finish(target: Home) -> None:
    if isinstance(target, Server):
        with closing(PostgreSQL(target)) as db:
            server_schema.end_copy(db)
        return
    target = target.expanduser()
    aside = _aside(target)
    try:
        with closing(sqlite3.connect(aside, isolation_level=None)) as connection:
            # A copy is one file; the next who opens it for writing has a log beside it again.
            connection.execute("pragma journal_mode = delete")
    except sqlite3.Error as error:
        raise translate(aside, error) from error
    give_name(aside, target)
    aside.unlink(missing_ok=True)
    shutil.rmtree(lock_folder(aside), ignore_errors=True)


def _aside(target: Path) -> Path:
    return target.with_name(f"{target.name}.part")


# -- rows ------------------------------------------------------------------------------------------------------


def _take_over(there: Archive, copy: Archive, table: str, progress: Progress) -> None:
    columns, done, last = _columns(there, table), 0, None
    for rows in _batches(there, table, columns):
        upto = _key(table, columns, rows[-1])
        known = _rows(copy, table, columns, after=last, upto=upto)
        if known != rows:
            kept = {_key(table, columns, row) for row in rows}
            surplus = [key for row in known if (key := _key(table, columns, row)) not in kept]
            _write(copy, table, columns, [row for row in rows if row not in known], surplus)
        last, done = upto, done + len(rows)
        progress(table, done)
    while known := _rows(copy, table, columns, after=last, limit=AT_ONCE):
        _write(copy, table, columns, [], [_key(table, columns, row) for row in known])
    copy._go_on_counting(table)


def _write(copy: Archive, table: str, columns: Sequence[str], rows: list[Row], surplus: list[Row]) -> None:
    key = KEYS[table]
    marks = ", ".join("?" * len(columns))
    others = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in key)
    then = f"do update set {others}" if others else "do nothing"
    with copy.write():
        where = " and ".join(f"{name} = ?" for name in key)
        # Later rows may be packed against earlier ones.
        for each in sorted(surplus, reverse=True):
            copy._execute(f"delete from {table} where {where}", each)
        sql = f"insert into {table} ({', '.join(columns)}) values ({marks}) on conflict ({', '.join(key)}) {then}"
        for row in rows:
            copy._execute(sql, row)


def _compared(there: Archive, copy: Archive, progress: Progress) -> CopyMade:
    """Read both again, and return what both hold.  Raises ArchiveError where they differ."""
    digest, count = hashlib.sha256(), 0
    for table in KEYS:
        columns, done = _columns(there, table), 0
        for rows, written in zip_longest(_batches(there, table, columns), _batches(copy, table, columns)):
            if rows != written:
                raise ArchiveError(f"{copy.path}: rows of {table} were not written as they were read; copy again")
            for row in rows:
                for value in row:
                    said = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
                    digest.update(f"{type(value).__name__} {len(said)} ".encode() + said)
            done += len(rows)
            progress(f"{table}, compared", done)
        count += done
    return CopyMade(rows=count, sha256=digest.hexdigest())


def _batches(archive: Archive, table: str, columns: Sequence[str]) -> Iterator[list[Row]]:
    last, limit = None, LARGE_AT_ONCE if table in _LARGE else AT_ONCE
    while rows := _rows(archive, table, columns, after=last, limit=limit):
        yield rows
        last = _key(table, columns, rows[-1])


def _rows(
    archive: Archive,
    table: str,
    columns: Sequence[str],
    *,
    after: Row | None,
    upto: Row | None = None,
    limit: int = -1,
) -> list[Row]:
    """Return rows as either home keeps them, in the order of their keys."""
    key, values = ", ".join(KEYS[table]), list[Any]()
    marks = ", ".join("?" * len(KEYS[table]))
    where = "true"
    if after is not None:
        where, values = f"{where} and ({key}) > ({marks})", [*values, *after]
    if upto is not None:
        where, values = f"{where} and ({key}) <= ({marks})", [*values, *upto]
    bound = f"limit {limit}" if limit >= 0 else ""
    sql = f"select {', '.join(columns)} from {table} where {where} order by {key} {bound}"
    return [storable(row) for row in archive._all(sql, *values)]


def _columns(archive: Archive, table: str) -> list[str]:
    return [each[0] for each in archive._execute(f"select * from {table} limit 0", ()).description]


def _key(table: str, columns: Sequence[str], row: Row) -> Row:
    return tuple(row[columns.index(name)] for name in KEYS[table])
