"""What several answers have written, in one transaction: a transaction ends when it is on disk, and that takes long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from storage import Archive, ArchiveBusyError, ArchiveError, ArchiveLostError

T = TypeVar("T")
# A piece of work, and what is told when it was written, or was not.
Waiting = tuple[Callable[[], None], "asyncio.Future[bool]"]

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
        self._next: asyncio.Handle | None = None
        self._is_soon = False

    async def do(self, work: Callable[[], T], *, size_bytes: int = 0) -> T:
        """Return what a piece of work gives, once what it wrote is on disk.

        work: writes to the archive and does nothing else; it may be done again after a transaction that failed.
        size_bytes: about how much it writes.  Raises what the work raises, or ArchiveError.
        """
        loop = asyncio.get_running_loop()
        given: list[T] = []
        done: asyncio.Future[bool] = loop.create_future()
        self._waiting.append((lambda: given.append(work()), done))
        self._bytes += size_bytes
        if not self._is_soon and (len(self._waiting) >= min(MOST, self._under_way()) or self._bytes >= MOST_BYTES):
            if self._next is not None:
                self._next.cancel()
            self._next, self._is_soon = loop.call_soon(self._write), True
        elif self._next is None:
            self._next = loop.call_later(LINGER_S, self._write)
        if not await done:
            # What failed together is done one by one: the fault of one must cost no other.
            given.clear()
            with self._archive.write():
                return work()
        return given[0]

    def _write(self) -> None:
        waiting, self._waiting, self._bytes, self._next, self._is_soon = self._waiting, [], 0, None, False
        try:
            with self._archive.write():
                for work, _ in waiting:
                    work()
        except (ArchiveBusyError, ArchiveLostError) as error:
            for _, done in waiting:
                if not done.done():  # who gave it may have been cancelled meanwhile
                    done.set_exception(error)
        except ArchiveError:
            _tell(waiting, False)
        except BaseException:
            _tell(waiting, False)
            raise
        else:
            _tell(waiting, True)


def _tell(waiting: list[Waiting], is_written: bool) -> None:
    for _, done in waiting:
        if not done.done():
            done.set_result(is_written)
