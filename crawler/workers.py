"""Extraction and link finding in worker processes, with limits of time and memory.

A page can keep a parser busy for minutes, or bring it down; neither may touch the crawl. Each piece of work is
bytes in, plain data out; a worker over its time is killed and replaced, and the answer says so.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, TimeoutError
from datetime import date
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerContext
from types import TracebackType
from typing import Any, Self, TypeVar

import pebble

from crawler.extract import KNOWN, Rules, extract
from crawler.forking import prepare
from spiders.source import Findings, Source
from storage.model import Extraction, Role

T = TypeVar("T")

logger = logging.getLogger(__name__)

TIME_LIMIT_S = 20.0
MEMORY_LIMIT_BYTES = 2 * 1024**3
# Parsers keep caches that grow; a fresh worker now and then keeps memory flat.
TASKS_PER_WORKER = 500
# A worker may be ended by somebody else (a system short of memory, say): what it was at is no worse for that.
# What brings down two is.
TRIES = 2
# Workers do not heed the milder signal that pebble sends first.
pebble.CONSTS.term_timeout = 0.05
# So long its threads sleep, and who closes a pool waits for them.
pebble.CONSTS.sleep_unit = 0.02


def _limit() -> None:
    """Prepare a worker: its memory is bounded, and signals to the whole group are the parent's affair."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _end_with_the_program()


def _end_with_the_program() -> None:
    """Have this worker killed when the program that it works for is gone, however that ended.

    A worker that waits for work sees the end of its pipe; one that a page keeps busy would look for it never.
    """
    program = multiprocessing.parent_process()
    if program is None:
        return
    descriptor = program.sentinel
    if hasattr(fcntl, "F_SETSIG"):
        # By the kernel: a parser in C may keep every thread of this process from running.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(descriptor, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) | os.O_ASYNC)
        if wait([descriptor], 0):  # it went before the kernel was told
            os._exit(1)
    else:
        threading.Thread(target=lambda: wait([descriptor]) and os._exit(1), daemon=True).start()


def _extract(body: bytes, url: str, content_type: str, fetched_on: date, rules: Rules, known: str) -> Extraction:
    return extract(body, url=url, content_type=content_type, fetched_on=fetched_on, rules=rules, known=known)


def _read(
    body: bytes,
    url: str,
    content_type: str,
    fetched_on: date,
    rules: Rules,
    known: str,
    find: Callable[..., Findings],
    source: Source,
) -> tuple[Extraction, Findings]:
    made = _extract(body, url, content_type, fetched_on, rules, known)
    # What is known was read for its links as well, and they are among what it was made from.
    found = Findings() if made.failure == KNOWN else _find(find, source, Role.MAIN, body, url, content_type)
    return made, found


def _find(
    find: Callable[..., Findings], source: Source, role: Role, body: bytes, url: str, content_type: str
) -> Findings:
    return find(source, role, body, url=url, content_type=content_type)


class _Context(ForkServerContext):
    """Keeps the locks that it made: a pool forgets them while a worker of its may only be starting.

    That worker would say at length, on our standard error, that there is no such lock.
    """

    def __init__(self) -> None:
        super().__init__()
        self._kept: list[Any] = []

    def RLock(self) -> Any:
        """Return a lock for several processes."""
        made = super().RLock()
        self._kept.append(made)
        return made


class Workers:
    """A pool of worker processes; close it, or use it as a context.

    Of one source there is never more than one page more in hand than there are workers, however many it has: pages
    that take long are mostly of one site, and those of others must not wait behind all of them. With the one more,
    no worker waits until the event loop has its turn.
    """

    def __init__(self, count: int | None = None) -> None:
        context = _Context()
        prepare()
        self._count = count or max(1, min(4, os.cpu_count() or 1))
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turns: dict[str, asyncio.Semaphore] = {}
        self._pool: Any = pebble.ProcessPool(
            max_workers=self._count,
            max_tasks=TASKS_PER_WORKER,
            initializer=_limit,
            context=context,
        )
        # Beside the caller, who has things to do until the process that forks them has loaded what they need.
        beside = ThreadPoolExecutor(1)
        self._started = beside.submit(lambda: bool(self._pool.active))  # asking starts it
        beside.shutdown(wait=False)

    async def extract(
        self,
        body: bytes,
        *,
        url: str,
        content_type: str,
        fetched_on: date,
        rules: Rules,
        known: str = "",
        source: str = "",
    ) -> Extraction:
        """Return the extraction of one snapshot; a failure names what the worker died of.

        known: as ``extract`` has it.  source: for whom; its name.
        """
        task = (_extract, body, url, content_type, fetched_on, rules, known)
        async with self._turn(source):
            return await self._outcome(lambda: self._submit(*task), lambda why: Extraction(failure=why))

    async def find(
        self, find: Callable[..., Findings], source: Source, role: Role, body: bytes, *, url: str, content_type: str
    ) -> Findings:
        """Return the addresses that a page of a source names."""
        task = (_find, find, source, role, body, url, content_type)
        async with self._turn(source.name):
            return await self._outcome(
                lambda: self._submit(*task), lambda why: Findings(problem=f"cannot be read: {why}")
            )

    async def read(
        self,
        find: Callable[..., Findings],
        source: Source,
        body: bytes,
        *,
        url: str,
        content_type: str,
        fetched_on: date,
        rules: Rules,
        known: str = "",
    ) -> tuple[Extraction, Findings] | None:
        """Return the extraction of a document's page and the addresses that it names, for one way to a worker.

        None where either failed: asked for one by one, the page costs no more than the one that it broke.
        """
        task = (_read, body, url, content_type, fetched_on, rules, known, find, source)
        async with self._turn(source.name):
            return await self._outcome(lambda: self._submit(*task), lambda why: None)

    def _turn(self, source: str) -> asyncio.Semaphore:
        """Return what bounds the pages of one source that are in hand."""
        if self._loop is not (loop := asyncio.get_running_loop()):
            self._loop, self._turns = loop, {}  # a semaphore belongs to one loop
        return self._turns.setdefault(source, asyncio.Semaphore(self._count + 1))

    def _submit(self, work: Callable[..., T], *arguments: Any) -> Future[T]:
        if not self._started.result():
            raise RuntimeError("no worker process can be started")
        future: Future[T] = self._pool.schedule(work, args=arguments, timeout=TIME_LIMIT_S)
        return future

    @staticmethod
    async def _outcome(submit: Callable[[], Future[T]], failed: Callable[[str], T]) -> T:
        for _ in range(TRIES):
            waiting = asyncio.wrap_future(submit())
            await asyncio.wait([waiting])
            error = waiting.exception()
            if error is None:
                return waiting.result()
            if not isinstance(error, pebble.ProcessExpired):
                break
        if isinstance(error, TimeoutError):
            return failed("too_slow")
        if not isinstance(error, pebble.ProcessExpired | MemoryError):
            # A fault of ours that one page brought out; it must cost that page only, not the source.
            logger.error("a worker failed: %s", type(error).__name__, exc_info=error)
        return failed("crashed")

    def close(self, *, now: bool = False) -> None:
        """End the workers; ``now`` gives up what they are at."""
        self._started.exception()  # a pool that is only starting would start after its end
        if now:
            self._pool.stop()
        else:
            self._pool.close()
        self._pool.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(now=error is not None)
