"""Files that get their name when they are whole: new archives, and copies."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from storage.errors import ArchiveError
from storage.lock import WRITE, FileLock, lock_folder
from storage.schema import migrate

LATER_MADE = "an archive lies there already, or something else; nothing was touched"


def make(path: Path) -> None:
    """Make an empty archive, unless one is there by now: who looks meanwhile sees none, or a whole one.

    Raises ArchiveError or sqlite3.Error where it cannot be made; there is none then.
    """
    path = path.resolve()
    with FileLock(path, WRITE):
        if path.exists():
            return
        aside = lock_folder(path) / ".made.db"
        try:
            # Whoever was killed while at it left this; beside the locks nothing is a person's.
            for left in aside.parent.glob(f"{aside.name}*"):
                left.unlink()
            _make(aside, path)
            give_name(aside, path)
            aside.unlink(missing_ok=True)
        except OSError as error:
            raise ArchiveError(f"{path}: no archive can be made here: {error.strerror or error}") from error


def _make(aside: Path, path: Path) -> None:
    connection = sqlite3.connect(aside, isolation_level=None)
    try:
        write_safely(connection)
        migrate(connection, str(path))
    finally:
        # Folds the log into it.
        connection.close()


def write_safely(connection: sqlite3.Connection) -> None:
    """Have what is written stand in a log, and be on disk when a transaction ends."""
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")


def give_name(aside: Path, target: Path) -> None:
    """Give a file its name, unless another file has got it meanwhile."""
    try:
        os.link(aside, target)
    except FileExistsError:
        raise ArchiveError(f"{target}: {LATER_MADE}") from None
    except OSError:
        # A file system without links: there is a moment between the question and the name.
        if target.exists():
            raise ArchiveError(f"{target}: {LATER_MADE}") from None
        aside.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
