"""A copy holds the same rows, whichever way it goes and however often it was interrupted."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from storage import Archive, ArchiveBusyError, ArchiveError, Home, Listed, lock_at
from storage.browsing import Filter
from storage.copying import COPY, KEYS, copy_archive
from storage.model import Role
from tests.conftest import Demonstration
from tests.crawling import rows, state
from tests.postgres import Postgres

AT = datetime(2026, 5, 6, 8, tzinfo=UTC)


def quiet(what: str, done: int) -> None:
    """Tell nobody."""


class Interrupted(Exception):
    """As if the process had been killed there."""


def test_there_and_back(demonstration: Demonstration, postgres: Postgres, tmp_path: Path) -> None:
    there, back = postgres.database(), tmp_path / "back.db"
    first = copy_archive(demonstration.archive, there, progress=quiet)
    second = copy_archive(there, back, progress=quiet)
    assert first == second
    assert first.rows == sum(map(len, rows(demonstration.archive, *KEYS).values())) > 300
    assert state(there) == state(back) == state(demonstration.archive)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["back.db"]
    words = "图书 补贴"
    with (
        Archive.open(demonstration.archive, readonly=True) as old,
        Archive.open(there) as new,
        Archive.open(back) as last,
    ):
        assert old.find(words, Filter()) == new.find(words, Filter()) == last.find(words, Filter())
        assert old.find(words, Filter()).hits
        # What is written next gets the next number.
        for archive in (new, last):
            run = archive.begin_run("cn_more", at=AT, extractor="x", profile="p")
            (place,) = archive.add_listings(
                run, [Listed(url="https://a.example/", role=Role.MAIN)], found_on=None, at=AT
            )
            assert place.resource_id == old.newest_resource_id() + 1


@pytest.mark.parametrize("to_server", [True, False])
def test_a_copy_that_was_interrupted_goes_on(
    demonstration: Demonstration, postgres: Postgres, tmp_path: Path, to_server: bool
) -> None:
    """Each time it gets a little further; and meanwhile the original grows, and alters what may alter."""
    origin = tmp_path / "origin.db"
    with Archive.open(demonstration.archive, readonly=True) as archive:
        archive.backup(origin)
    target: Home = postgres.database() if to_server else tmp_path / "target.db"
    seen: set[str] = set()

    def stopping(what: str, done: int) -> None:
        if what not in seen and not what.startswith("compared"):
            seen.add(what)
            if len(seen) % 6 == 0:
                raise Interrupted(what)

    for _ in range(10):
        try:
            copy_archive(origin, target, progress=stopping)
        except Interrupted:
            with pytest.raises(ArchiveError):
                Archive.open(target).close()
            with Archive.open(origin) as archive, archive.write():
                run = archive.begin_run("cn_more", at=AT, extractor="x", profile="p")
                url = f"https://a.example/{run.run_id}"
                archive.add_listings(run, [Listed(url=url, role=Role.MAIN)], found_on=None, at=AT)
                archive._execute("update document set state_reason = state_reason || '!'", ())
                archive._execute("delete from version where version_id = (select max(version_id) from version)", ())
                # One that no other is packed against: which that is depends on the order in which answers came.
                archive._execute(
                    "delete from extraction where extraction_id = (select min(e.extraction_id) from extraction e "
                    "where not exists (select 1 from extraction o where o.base_id = e.extraction_id))",
                    (),
                )
        else:
            break
    assert len(seen) > len(KEYS)
    assert {t: len(found) for t, found in rows(origin, *KEYS).items()} == {
        t: len(found) for t, found in rows(target, *KEYS).items()
    }
    for table in KEYS:
        assert rows(origin, table) == rows(target, table), table


def test_what_lies_there_is_left(demonstration: Demonstration, postgres: Postgres, tmp_path: Path) -> None:
    taken = tmp_path / "taken.db"
    taken.write_text("mine")
    with pytest.raises(ArchiveError, match="nothing was touched"):
        copy_archive(demonstration.archive, taken, progress=quiet)
    assert taken.read_text() == "mine"
    with pytest.raises(ArchiveError, match="no such folder"):
        copy_archive(demonstration.archive, tmp_path / "none" / "a.db", progress=quiet)
    full = postgres.archive()
    with pytest.raises(ArchiveError, match="an archive lies there already"):
        copy_archive(demonstration.archive, full, progress=quiet)
    foreign = postgres.database()
    with psycopg.connect(foreign.address, autocommit=True) as connection:
        connection.execute("create table customers (x int)")
    with pytest.raises(ArchiveError, match="another program's database"):
        copy_archive(demonstration.archive, foreign, progress=quiet)
    with lock_at(tmp_path / "b.db.part", COPY), pytest.raises(ArchiveBusyError, match="another `policytrail copy`"):
        copy_archive(demonstration.archive, tmp_path / "b.db", progress=quiet)


def test_every_table_is_copied(archive_path: Path) -> None:
    Archive.open(archive_path, create=True).close()
    connection = sqlite3.connect(archive_path)
    tables = {
        name
        for (name,) in connection.execute("select name from sqlite_master where type = 'table'")
        if not name.startswith(("version_index", "_sqlite", "sqlite_"))
    }
    connection.close()
    assert tables == set(KEYS)
