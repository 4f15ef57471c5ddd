from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.writing import MOST, Together
from storage import Archive, ArchiveBusyError, ArchiveError, Listed
from storage.model import Resource, Role, Run

AT = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def archive(archive_path: Path) -> Iterator[Archive]:
    with Archive.open(archive_path, create=True) as opened:
        yield opened


@pytest.fixture
def run(archive: Archive) -> Run:
    return archive.begin_run("xx_body", at=AT, extractor="blocks", profile="none")


def names(archive: Archive, run: Run, url: str) -> Callable[[], list[Resource]]:
    return lambda: archive.add_listings(run, [Listed(url=url, role=Role.MAIN)], found_on=None, at=AT)


def written(path: Path) -> int:
    """Return what another connection sees, and so what is committed."""
    with Archive.open(path, readonly=True) as reader:
        return reader.newest_resource_id()


def test_whoever_waits_has_it_on_disk(archive: Archive, run: Run, archive_path: Path) -> None:
    async def one(together: Together, number: int) -> int:
        (resource,) = await together.do(names(archive, run, f"https://a.example/{number}"))
        assert written(archive_path) >= resource.resource_id
        return resource.resource_id

    async def several() -> list[int]:
        together = Together(archive, lambda: 3 * MOST)
        return await asyncio.gather(*(one(together, number) for number in range(2 * MOST + 3)))

    assert asyncio.run(several()) == list(range(1, 2 * MOST + 4))


def test_several_are_one_transaction(archive: Archive, run: Run, archive_path: Path) -> None:
    seen = []

    def looks(work: Callable[[], list[Resource]]) -> Callable[[], list[Resource]]:
        def does() -> list[Resource]:
            seen.append(written(archive_path))
            return work()

        return does

    async def several() -> None:
        together = Together(archive, lambda: 4)
        works = [looks(names(archive, run, f"https://a.example/{number}")) for number in range(4)]
        await asyncio.gather(*(together.do(work) for work in works))

    asyncio.run(several())
    assert seen == [0, 0, 0, 0]
    assert written(archive_path) == 4


def test_large_pieces_do_not_wait_for_others(archive: Archive, run: Run, archive_path: Path) -> None:
    async def one() -> None:
        together = Together(archive, lambda: MOST)
        doing = asyncio.ensure_future(together.do(names(archive, run, "https://a.example/1"), size_bytes=1 << 20))
        for _ in range(2):
            await asyncio.sleep(0)
        assert written(archive_path) == 1
        await doing

    asyncio.run(one())


@pytest.mark.parametrize("error", [ArchiveError("no room"), ValueError("a fault")])
def test_the_fault_of_one_costs_no_other(archive: Archive, run: Run, archive_path: Path, error: Exception) -> None:
    def fails() -> list[Resource]:
        names(archive, run, "https://a.example/never")()
        raise error

    async def several() -> list[object]:
        together = Together(archive, lambda: 3)
        works = [names(archive, run, "https://a.example/1"), fails, names(archive, run, "https://a.example/2")]
        return list(await asyncio.gather(*(together.do(work) for work in works), return_exceptions=True))

    first, failed, last = asyncio.run(several())
    assert failed is error
    assert isinstance(first, list)
    assert isinstance(last, list)
    assert archive.resource_id("https://a.example/never") is None
    assert written(archive_path) == last[0].resource_id


def test_an_archive_that_others_hold_is_waited_for_once(archive: Archive, run: Run, archive_path: Path) -> None:
    tried = []

    def waits() -> list[Resource]:
        tried.append(1)
        raise ArchiveBusyError("held for a minute")

    async def several() -> list[object]:
        together = Together(archive, lambda: 3)
        works = [names(archive, run, "https://a.example/1"), waits, names(archive, run, "https://a.example/2")]
        return list(await asyncio.gather(*(together.do(work) for work in works), return_exceptions=True))

    assert [type(each) for each in asyncio.run(several())] == 3 * [ArchiveBusyError]
    assert (len(tried), written(archive_path)) == (1, 0)
