"""What several answers have written, in one transaction: a transaction ends when it is on disk, and that takes long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from storage import Archive, ArchiveBusyError, ArchiveLostError

T = TypeVar("T")
Waiting = tuple[Callable[[], object], "asyncio.Future[object]"]

# So many pieces of work, or bytes, are written together; more would keep the event loop.
MOST = 16
MOST_BYTES = 1024 * 1024
# So long the first waits for others.
LINGER_S = 0.02


class Together:
    """Does pieces of work in one transaction of an archive; whoever gave one waits until it is on disk.

    under_way: how many there are who may give one; when all of them wait already, nothing else is waited for.
    """

    def __init__(self, archive: Archive, under_way: Callable[[], int]) -> None:
        self._archive = archive
        self._under_way = under_way
        self._waiting: list[Waiting] = []
        self._bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    async def do(self, work: Callable[[], T], *, size_bytes: int = 0) -> T:
        """Return what a piece of work gives, once what it wrote is on disk.

        work: writes to the archive and does nothing else; it may be done again after a transaction that failed.
        size_bytes: about how much it writes.  Raises what the work raises, or ArchiveError.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[object] = loop.create_future()
        self._waiting.append((work, done))
        self._bytes += size_bytes
        if len(self._waiting) >= min(MOST, self._under_way()) or self._bytes >= MOST_BYTES:
            self._write()
        elif self._timer is None:
            self._timer = loop.call_later(LINGER_S, self._write)
        return await done  # type: ignore[return-value]

    def _write(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        waiting, self._waiting, self._bytes, self._timer = self._waiting, [], 0, None
        if not self._commit(waiting):
            # What failed together is done one by one: the fault of one must cost no other.
            for each in waiting:
                self._commit([each])

    def _commit(self, waiting: list[Waiting]) -> bool:
        """Do some work in one transaction; return False where several failed together, and nobody was told."""
        try:
            with self._archive.write():
                given = [work() for work, _ in waiting]
        except BaseException as error:
            if len(waiting) > 1 and not isinstance(error, ArchiveBusyError | ArchiveLostError):
                return False
            # Whoever gave the work is who can say what its error means.
            for _, done in waiting:
                if not done.done():
                    done.set_exception(error)
            return True
        for (_, done), result in zip(waiting, given, strict=True):
            if not done.done():  # who gave it may have been cancelled meanwhile
                done.set_result(result)
        return True
