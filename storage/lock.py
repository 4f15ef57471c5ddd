"""Locks of an archive: one run of a source, one asker of a host, one scheduler at a time; of a file also one writer.

Those of an archive in a file are files beside it; those of one on a server are the server's (``server_lock``).
SQLite before 3.51.3 can damage a WAL database when two connections write and checkpoint at the same
instant; so each write transaction, and each close, holds a lock of its own. The kernel frees a lock when its
process dies, however it dies: a lock that is free belongs to nobody alive.
"""

from __future__ import annotations

import fcntl
import os
import re
import time
from pathlib import Path
from types import TracebackType

from storage.errors import ArchiveError
from storage.home import Home, Server
from storage.server_lock import ServerLock, is_held_on, was_taken_on

# Held by whoever writes to an archive in a file.
WRITE = "write"
# Who only looks whether a lock is held has it for some microseconds: so it is tried again before it counts as held.
LOOKS_S = (0.0, 0.001, 0.004)


def lock_folder(archive: Path) -> Path:
    """Return the folder that holds the locks of an archive, by whatever name it was called."""
    archive = archive.resolve()
    return archive.with_name(archive.name + ".locks")


def lock_path(archive: Path, name: str) -> Path:
    """Return the file of a lock."""
    # Names come from hosts and sources: only what cannot leave the folder.
    return lock_folder(archive) / re.sub(r"[^A-Za-z0-9._-]", "_", name)


def lock_at(archive: Home, name: str) -> Lock:
    """Return a lock of an archive, which nobody has taken by that."""
    return ServerLock(archive, name) if isinstance(archive, Server) else FileLock(archive, name)


def lock_in_common(archive: Server, name: str) -> ServerLock:
    """Return a lock that is held together with others who take it so; ``lock_at`` takes it alone."""
    return ServerLock(archive, name, in_common=True)


def was_taken(archive: Home, name: str) -> bool:
    """Tell whether somebody ever took a lock of an archive."""
    return was_taken_on(archive, name) if isinstance(archive, Server) else lock_path(archive, name).exists()


def is_held(archive: Home, name: str) -> bool:
    """Tell whether somebody holds a lock, this process among them; a moment later it may be otherwise.

    Looking takes that of a file for a moment, in common with others who look: see ``FileLock.acquire``.
    """
    if isinstance(archive, Server):
        return is_held_on(archive, name)
    try:
        descriptor = os.open(lock_path(archive, name), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False  # nobody ever took it, or we may not know
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _lock(descriptor: int, *, wait: bool) -> bool:
    if wait:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return True
    for pause_s in LOOKS_S:
        time.sleep(pause_s)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        return True
    return False


class FileLock:
    """An advisory lock on a file of its own; reentrant within one object, exclusive between any two."""

    def __init__(self, archive: Path, name: str) -> None:
        self.path = lock_path(archive, name)
        self._descriptor: int | None = None
        self._depth = 0

    @property
    def held(self) -> bool:
        """Tell whether this object holds the lock."""
        return self._descriptor is not None

    def is_lost(self) -> bool:
        """Tell whether the lock was taken, and is gone: no file's is, while its process lives."""
        return False

    def acquire(self, *, wait: bool) -> bool:
        """Take the lock; without ``wait`` return False where somebody else holds it."""
        if self._descriptor is not None:
            self._depth += 1
            return True
        try:
            descriptor = self._open()
        except OSError as error:
            raise ArchiveError(f"{self.path}: cannot be locked: {error.strerror or error}") from error
        try:
            if not _lock(descriptor, wait=wait):
                os.close(descriptor)
                return False
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor, self._depth = descriptor, 1
        return True

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        try:
            return os.open(self.path, flags, 0o644)
        except FileNotFoundError:
            self.path.parent.mkdir(exist_ok=True)
            return os.open(self.path, flags, 0o644)

    def release(self) -> None:
        """Give the lock back once; the file stays, so that everybody locks the same one."""
        if self._descriptor is None:
            return
        self._depth -= 1
        if self._depth == 0:
            os.close(self._descriptor)
            self._descriptor = None

    def note(self, text: str) -> None:
        """Leave a short text for who takes the lock next; only while it is held."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, text.encode(), 0)

    def noted(self) -> str:
        """Return the text that was left; only while it is held."""
        return os.pread(self._descriptor, 1_000, 0).decode("utf-8", "replace") if self._descriptor is not None else ""

    def __enter__(self) -> FileLock:
        self.acquire(wait=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


Lock = FileLock | ServerLock
