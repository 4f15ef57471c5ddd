"""What may happen to a connection, and to several writers at once: nothing is half written, and all of it is said."""

from __future__ import annotations

import random
import signal
import string
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from storage import Archive, ArchiveError, ArchiveLostError, Home, Listed, Server
from storage.copying import KEYS, copy_archive
from storage.model import Answer, Role, Run, RunEnd
from storage.postgresql import WRITERS, PostgreSQL
from tests.crawling import ROOT, rows, typed
from tests.filled import fill
from tests.postgres import Postgres

AT = datetime(2024, 5, 6, 8, tzinfo=UTC)


@pytest.fixture(params=["file", "server"])
def place(request: pytest.FixtureRequest, archive_path: Path) -> Home:
    if request.param == "file":
        Archive.open(archive_path, create=True).close()
        return archive_path
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.archive()


def record(archive: Archive, run: Run, url: str, body: bytes, at: datetime = AT) -> int:
    (resource,) = archive.add_listings(run, [Listed(url=url, role=Role.MAIN)], found_on=None, at=at)
    answer = Answer(url=url, requested_at=at, fetched_at=at, status=200, body=body)
    return archive.record(run, resource.resource_id, answer).fetch_id


def test_writers_at_once_write_one_after_the_other(place: Home) -> None:
    """Same addresses, same bytes; nothing twice, nothing lost, and each answer stands behind those before it."""
    problems: list[BaseException] = []

    def write(number: int) -> None:
        try:
            with Archive.open(place) as archive:
                run = archive.begin_run(f"cn_{number}", at=AT, extractor="x", profile="p")
                for each in range(12):
                    later = AT + timedelta(seconds=random.Random(each * number).uniform(0, 50))  # noqa: S311
                    record(archive, run, f"https://a.example/{each}", f"{each % 5}".encode(), later)
                archive.close_run(run.run_id, RunEnd.FINISHED, at=AT)
        except BaseException as error:  # told by the test, in its own thread
            problems.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    with Archive.open(place, readonly=True) as archive:
        assert sorted(run.run_id for run in archive.runs()) == [1, 2, 3, 4]
        assert archive.newest_resource_id() == 12
        assert archive._all("select count(*) from snapshot") == [(5,)]
        stands = [at for (at,) in archive._all("select stands_at from fetch order by fetch_id")]
        assert len(stands) == 48 and stands == sorted(stands)


def test_a_transaction_that_fails_leaves_nothing(place: Home) -> None:
    with Archive.open(place) as archive:
        run = archive.begin_run("cn_test", at=AT, extractor="x", profile="p")
        with pytest.raises(ArchiveError), archive.write():
            record(archive, run, "https://a.example/1", b"1")
            archive.close_run(run.run_id, RunEnd.FINISHED, at=AT)
            archive.close_run(run.run_id, RunEnd.FINISHED, at=AT)  # twice is wrong
        assert archive.is_open("cn_test") and archive.newest_resource_id() == 0
        assert record(archive, run, "https://a.example/1", b"1")


@pytest.mark.parametrize("size", [0, 1, 32 * 1024 * 1024])
def test_bodies_of_any_size(place: Home, size: int) -> None:
    body = random.Random(size).randbytes(size)  # noqa: S311
    with Archive.open(place) as archive:
        run = archive.begin_run("cn_test", at=AT, extractor="x", profile="p")
        number = record(archive, run, "https://a.example/1", body)
        (kept,) = archive._row("select snapshot_id from fetch where fetch_id = ?", number) or ()
        assert archive.snapshot(kept).body == body


def test_long_addresses(place: Home) -> None:
    """Of as many characters as one may have; they do not pack."""
    chosen = random.Random(1).choices(string.ascii_letters + string.digits, k=2_580)  # noqa: S311
    url = f"https://a.example/{''.join(chosen)}"
    with Archive.open(place) as archive:
        run = archive.begin_run("cn_test", at=AT, extractor="x", profile="p")
        record(archive, run, url, b"1")
        assert archive.resource_id(url) == 1


# -- what only a server does --------------------------------------------------------------------------------


def backend(archive: Archive) -> int:
    assert isinstance(archive._db, PostgreSQL)
    (number,) = archive._row("select pg_backend_pid()") or ()
    return int(number)


@contextmanager
def beside(place: Server) -> Iterator[psycopg.Connection]:
    with psycopg.connect(place.address, autocommit=True) as connection:
        yield connection


def test_a_connection_that_is_lost_in_the_middle(postgres: Postgres) -> None:
    place = postgres.archive()
    with Archive.open(place) as archive, beside(place) as other:
        run = archive.begin_run("cn_test", at=AT, extractor="x", profile="p")
        with pytest.raises(ArchiveLostError, match="connection was lost"), archive.write():
            record(archive, run, "https://a.example/1", b"1")
            other.execute("select pg_terminate_backend(%s)", (backend(archive),))
            while other.execute("select 1 from pg_locks where locktype = 'advisory'").fetchone():
                time.sleep(0.01)
            record(archive, run, "https://a.example/2", b"2")
        with pytest.raises(ArchiveLostError):
            archive.runs()
    with Archive.open(place) as archive:
        assert archive.newest_resource_id() == 0 and archive.is_open("cn_test")
        again = archive.begin_run("cn_test", at=AT, extractor="x", profile="p")
        assert again.root_id == run.run_id


def test_a_writer_that_hangs_keeps_the_others_waiting_for_a_while(postgres: Postgres) -> None:
    place = postgres.archive()
    with Archive.open(place) as archive, Archive.open(place) as hanging, beside(place) as other:
        assert archive._row("show idle_in_transaction_session_timeout") == ("10min",)
        assert isinstance(hanging._db, PostgreSQL)
        hanging._db.run("set idle_in_transaction_session_timeout = '100ms'")
        hanging._db.begin()
        archive.begin_run("cn_test", at=AT, extractor="x", profile="p")
        assert other.execute("select count(*) from pg_locks where locktype = 'advisory'").fetchone() == (0,)
        with pytest.raises(ArchiveLostError):
            hanging.runs()


def test_a_statement_that_takes_too_long(postgres: Postgres) -> None:
    place = postgres.archive()
    with Archive.open(place) as archive, beside(place) as other:
        run = archive.begin_run("cn_test", at=AT, extractor="x", profile="p")
        archive.give_up_after(0.1, time.monotonic)
        with other.transaction():
            other.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (WRITERS,))
            with pytest.raises(ArchiveError, match="taken too long"):
                archive.close_run(run.run_id, RunEnd.FAILED, at=AT)
        archive.close_run(run.run_id, RunEnd.FAILED, at=AT)


def test_moments_are_the_same_whatever_the_zone(postgres: Postgres) -> None:
    place = postgres.archive()
    with beside(place) as other:
        other.execute(f"alter database {place.name} set timezone = 'Asia/Shanghai'")  # type: ignore[arg-type]
        other.execute(f"alter database {place.name} set datestyle = 'German, DMY'")  # type: ignore[arg-type]
    with Archive.open(place) as archive:
        archive.begin_run("cn_test", at=AT, extractor="x", profile="p")
        assert archive.runs()[0].started_at == AT


@pytest.mark.parametrize("to_server", [True, False])
def test_a_copy_that_is_killed_again_and_again_goes_on(tmp_path: Path, postgres: Postgres, to_server: bool) -> None:
    """An archive with something in every table; kill -9 at random points."""
    here, there = tmp_path / "a.db", postgres.archive()
    origin: Home = here if to_server else there
    with Archive.open(origin, create=True) as archive:
        fill(archive)
    target: Home = postgres.database() if to_server else tmp_path / "copy.db"
    rng, killed = random.Random(7), 0  # noqa: S311
    program = (
        "import sys; from storage import home; from storage.copying import copy_archive\n"
        "copy_archive(home(sys.argv[1]), home(sys.argv[2]), progress=lambda what, done: print(what, flush=True))"
    )
    for _ in range(6):
        command = [sys.executable, "-c", program, typed(origin), typed(target)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            for _ in range(rng.randrange(1, 40)):
                if not process.stdout.readline():
                    break
            process.send_signal(signal.SIGKILL)
            process.communicate()
        killed += process.returncode == -signal.SIGKILL
        if is_whole(target):
            break
    assert killed
    if not is_whole(target):
        copy_archive(origin, target, progress=lambda what, done: None)
    for table in KEYS:
        assert rows(origin, table) == rows(target, table), table


def is_whole(place: Home) -> bool:
    try:
        Archive.open(place, readonly=True).close()
    except ArchiveError:
        return False
    return True
