from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import Archive, ArchiveBusyError, ArchiveError, ArchiveTooNewError, Home, Listed, NotInArchiveError
from storage.browsing import Filter
from storage.lock import lock_folder
from storage.model import (
    Answer,
    Block,
    BlockKind,
    Content,
    Extraction,
    Fetch,
    Fields,
    Link,
    Outcome,
    Piece,
    Resource,
    Role,
    Run,
    RunEnd,
    Signs,
)
from storage.schema import missing_steps
from tests.crawling import DOCUMENTS, RECORDED, ROOT, Crawls, listing, notice, rows, state
from tests.site import Page, Site

START = datetime(2024, 5, 6, 8, tzinfo=UTC)
URL = "https://www.example.cn/zc/t20240506_4001.html"


class Clock:
    """Moments, one second apart."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def archive(home: Home) -> Iterator[Archive]:
    with Archive.open(home, create=True) as opened:
        yield opened


@pytest.fixture
def run(archive: Archive, clock: Clock) -> Run:
    return archive.begin_run("cn_test", at=clock(), extractor="x", profile="p")


def listed(archive: Archive, run: Run, url: str = URL, role: Role = Role.MAIN) -> Resource:
    return archive.add_listings(run, [Listed(url=url, role=role)], found_on=None, at=START)[0]


def answer(clock: Clock, body: bytes | None, **more: Any) -> Answer:
    at = clock()
    return Answer(url=URL, requested_at=at, fetched_at=at, body=body, **{"status": 200, **more})


def record(archive: Archive, run: Run, clock: Clock, body: bytes | None, **more: Any) -> Fetch:
    return archive.record(run, listed(archive, run).resource_id, answer(clock, body, **more))


def stored_bytes(archive: Archive, snapshot_id: int) -> int:
    (size,) = archive._row("select length(body) from snapshot where snapshot_id = ?", snapshot_id) or (0,)
    return int(size)


# -- runs ----------------------------------------------------------------------------------------------


def test_a_run_goes_on_where_a_killed_or_stopped_one_ended(archive: Archive, clock: Clock) -> None:
    def begin() -> Run:
        return archive.begin_run("cn_test", at=clock(), extractor="x", profile="p")

    first = begin()
    second = begin()
    assert archive.run(first.run_id).end is RunEnd.INTERRUPTED
    assert second.root_id == first.run_id
    archive.close_run(second.run_id, RunEnd.STOPPED, at=clock())
    third = begin()
    assert third.root_id == first.run_id
    archive.close_run(third.run_id, RunEnd.FINISHED, at=clock())
    fourth = begin()
    assert fourth.root_id == fourth.run_id
    archive.close_run(fourth.run_id, RunEnd.FAILED, at=clock())
    fifth = begin()
    assert fifth.root_id == fifth.run_id
    assert archive.finished_roots("cn_test") == [first.run_id]


def test_a_run_is_closed_once(archive: Archive, run: Run, clock: Clock) -> None:
    archive.close_run(run.run_id, RunEnd.FINISHED, at=clock())
    before = archive.run(run.run_id)
    with pytest.raises(ArchiveError, match="closed already"):
        archive.close_run(run.run_id, RunEnd.FAILED, at=clock())
    assert archive.run(run.run_id) == before


def test_other_sources_have_their_own_runs(archive: Archive, run: Run, clock: Clock) -> None:
    other = archive.begin_run("gb_test", at=clock(), extractor="x", profile="p")
    assert other.root_id == other.run_id
    assert archive.run(run.run_id).end is None


# -- answers -------------------------------------------------------------------------------------------


def test_there_and_back(archive: Archive, run: Run, clock: Clock) -> None:
    fetches = [record(archive, run, clock, body) for body in (b"A" * 100, b"B" * 100, b"A" * 100)]
    ids = [fetch.snapshot_id for fetch in fetches]
    assert len({fetch.fetch_id for fetch in fetches}) == 3
    assert ids[0] == ids[2] != ids[1]


def test_a_304_names_what_it_confirms(archive: Archive, run: Run, clock: Clock) -> None:
    first = record(archive, run, clock, b"page", etag='"1"')
    before = rows(archive.path)
    second = record(archive, run, clock, None, status=304, confirms=first.snapshot_id)
    after = rows(archive.path)
    assert second.snapshot_id == first.snapshot_id
    assert {table for table in RECORDED if before[table] != after[table]} == {"fetch"}


def test_equal_bytes_are_kept_once_for_all_addresses(archive: Archive, run: Run, clock: Clock) -> None:
    one = record(archive, run, clock, b"the same notice")
    other = listed(archive, run, URL + "?x=1")
    assert archive.record(run, other.resource_id, answer(clock, b"the same notice")).snapshot_id == one.snapshot_id
    assert archive.sizes()["snapshot"] == 1


def test_a_failure_is_a_row(archive: Archive, run: Run, clock: Clock) -> None:
    fetch = record(archive, run, clock, None, status=None, error="timeout", detail="25 s")
    assert (fetch.status, fetch.error, fetch.detail, fetch.snapshot_id) == (None, "timeout", "25 s", None)


def test_later_snapshots_are_small(archive: Archive, run: Run, clock: Clock) -> None:
    page = notice("关于做好有关工作的通知", *(f"第{n}条　按照第{n * 7919 % 1000}号文件办理。" for n in range(300)))
    sizes = []
    for number in range(5):
        body = page.replace("第17条", f"第17条之{number}").encode()
        fetch = record(archive, run, clock, body)
        assert fetch.snapshot_id is not None
        assert archive.snapshot(fetch.snapshot_id).body == body
        sizes.append(stored_bytes(archive, fetch.snapshot_id))
    assert all(size < sizes[0] / 20 for size in sizes[1:])


BODIES = st.lists(
    st.one_of(
        st.binary(max_size=20),
        st.binary(max_size=2_000),
        st.text(max_size=500).map(lambda text: ("<p>" + text + "</p>" * 50).encode("utf-8", "replace")),
        st.integers(0, 99).map(lambda n: b"<p>frame</p>" * 100 + b"%d" % n),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25, deadline=None)
@given(st.lists(BODIES, min_size=1, max_size=2))
def test_any_snapshot_reads_back(resources: list[list[bytes]]) -> None:
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder) / "a.db", create=True) as archive:
        run = archive.begin_run("cn_test", at=START, extractor="x", profile="p")
        kept: list[tuple[int, bytes]] = []
        for number, bodies in enumerate(resources):
            place = listed(archive, run, f"{URL}?n={number}")
            for body in bodies:
                fetch = archive.record(run, place.resource_id, answer(clock, body))
                assert fetch.snapshot_id is not None
                kept.append((fetch.snapshot_id, body))
        for snapshot_id, body in kept:
            assert archive.snapshot(snapshot_id).body == body


def test_listed_again_adds_nothing(archive: Archive, run: Run) -> None:
    listed(archive, run)
    before = rows(archive.path)
    listed(archive, run)
    assert rows(archive.path) == before


def test_hostile_names_are_kept_or_mended(archive: Archive, run: Run, clock: Clock) -> None:
    item = Listed(url=URL, role=Role.MAIN, title="\x00'; drop table run; -- \ud800", hinted_on=date(2024, 5, 6))
    (place,) = archive.add_listings(run, [item], found_on=None, at=START)
    headers = (("X-Name", "\ud800\x00"), ("Set-Cookie", "a" * 5000))
    archive.record(run, place.resource_id, answer(clock, b"x", headers=headers, detail="\ud800"))
    assert archive.sizes()["fetch"] == 1


# -- what to ask by ------------------------------------------------------------------------------------


def test_validators_are_those_of_the_newest_answer_with_content(archive: Archive, run: Run, clock: Clock) -> None:
    place = listed(archive, run).resource_id
    assert archive.validators(place) is None
    record(archive, run, clock, b"one", etag='"1"', last_modified="Mon, 06 May 2024 01:00:00 GMT")
    second = record(archive, run, clock, b"two", etag='"2"')
    record(archive, run, clock, b"busy", status=503, etag='"3"')
    record(archive, run, clock, None, status=None, error="timeout")
    found = archive.validators(place)
    assert found is not None
    assert (found.snapshot_id, found.etag, found.last_modified) == (second.snapshot_id, '"2"', None)


def test_what_a_proxy_passes_on_is_an_answer_with_content(archive: Archive, run: Run, clock: Clock) -> None:
    passed = record(archive, run, clock, b"one", status=203, etag='"1"')
    refused = record(archive, run, clock, b"busy", status=503, etag='"2"')
    found = archive.unextracted("cn_test", "x")
    assert [fetch for fetch, _, _ in found] == [passed.fetch_id] != [refused.fetch_id]
    archive.judge(passed.fetch_id, Outcome.OK, "text")
    held = archive.validators(passed.resource_id)
    assert held is not None and held.snapshot_id == passed.snapshot_id
    same = record(archive, run, clock, None, status=304, confirms=passed.snapshot_id)
    assert archive.earlier_judgement(same) == (Outcome.OK, "text")


def test_the_date_of_a_bad_answer_is_not_used(archive: Archive, run: Run, clock: Clock) -> None:
    fetch = record(archive, run, clock, b"check", etag='"c"', last_modified="Mon, 06 May 2024 01:00:00 GMT")
    archive.judge(fetch.fetch_id, Outcome.CHALLENGE, "a check")
    found = archive.validators(fetch.resource_id)
    assert found is not None
    assert (found.etag, found.last_modified) == ('"c"', None)


def test_what_has_answered_is_not_asked_again_in_its_chain(archive: Archive, run: Run, clock: Clock) -> None:
    places = []
    for number, said in enumerate([200, 304, 404, 403, 500, 503, 429, None, "robots"]):
        place = listed(archive, run, f"{URL}?{number}").resource_id
        status, error = (None, said) if isinstance(said, str) else (said, None if said else "timeout")
        archive.record(run, place, answer(clock, None, status=status, error=error))
        places.append(place)

    def unanswered(of: Run) -> list[int]:
        return [n for n, place in enumerate(places) if not archive.answered(of, place, since=START)]

    assert unanswered(run) == [4, 5, 6, 7]
    again = archive.begin_run("cn_test", at=clock(), extractor="x", profile="p")
    assert unanswered(again) == [4, 5, 6, 7]
    archive.close_run(again.run_id, RunEnd.FINISHED, at=clock())
    following = archive.begin_run("cn_test", at=clock(), extractor="x", profile="p")
    assert unanswered(following) == list(range(9))
    assert [n for n in places if not archive.answered(again, n, since=clock())] == places  # too long ago


def test_new_documents_come_first_then_those_asked_longest_ago(archive: Archive, run: Run, clock: Clock) -> None:
    mains = (Role.MAIN,)
    places = [listed(archive, run, f"{URL}?{number}").resource_id for number in range(5)]
    for place in (places[2], places[0], places[3], places[2]):
        archive.record(run, place, answer(clock, b"page"))
    before = archive.newest_fetch_id()
    archive.record(run, places[1], answer(clock, b"page"))
    found = archive.due(run, mains, after=0, before=before, limit=10)
    assert [resource.resource_id for resource in found] == [places[1], places[4]]
    assert [r.resource_id for r in archive.due(run, mains, after=places[1], before=before, limit=10)] == [places[4]]
    assert list(archive.asked_before(run, mains, before=before)) == [places[0], places[3], places[2]]


# -- extractions and versions --------------------------------------------------------------------------

TEXTS = st.text(max_size=40)
EXTRACTIONS = st.builds(
    Extraction,
    blocks=st.lists(
        st.builds(Block, kind=st.sampled_from(BlockKind), text=TEXTS, left_out=st.none() | TEXTS), max_size=5
    ).map(tuple),
    fields=st.builds(Fields, title=st.none() | TEXTS, published_on=st.none() | st.dates()),
    parts=st.lists(st.builds(Link, url=TEXTS, name=TEXTS, number=st.none() | st.integers(2, 99)), max_size=2).map(
        tuple
    ),
    attachments=st.lists(st.builds(Link, url=TEXTS, name=TEXTS), max_size=2).map(tuple),
    canonical=st.none() | TEXTS,
    signs=st.builds(Signs, title=TEXTS, visible_chars=st.integers(0, 9_999), refresh=st.none() | TEXTS),
    failure=st.none() | st.sampled_from(["empty", "broken"]),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(EXTRACTIONS, min_size=1, max_size=3))
def test_any_extraction_reads_back(extractions: list[Extraction]) -> None:
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder) / "a.db", create=True) as archive:
        run = archive.begin_run("cn_test", at=START, extractor="x", profile="p")
        place = listed(archive, run).resource_id
        kept = []
        for number, extraction in enumerate(extractions):
            fetch = archive.record(run, place, answer(clock, b"%d" % number))
            assert fetch.snapshot_id is not None
            archive.save_extraction(place, fetch.snapshot_id, "x", extraction)
            kept.append((fetch.snapshot_id, extraction))
        for snapshot_id, extraction in kept:
            assert archive.extraction(place, snapshot_id, "x") == extraction
            assert archive.extraction(place, snapshot_id, "other") is None


def version(archive: Archive, run: Run, clock: Clock, number: int, text: str, title: str = "通知") -> None:
    fetch = record(archive, run, clock, f"{number}{text}".encode())
    from storage import Standing
    from storage.model import DocumentState

    archive.save_standing(
        Standing(
            document_id=fetch.resource_id,
            source="cn_test",
            main_id=fetch.resource_id,
            former=(),
            state=DocumentState.ACTIVE,
            state_since=START,
            state_reason="",
        ),
        (),
    )
    archive.save_version(
        fetch.resource_id,
        number,
        Content(fields=Fields(title=title, published_on=date(2024, 5, 6)), paragraphs=tuple(text.split("\n"))),
        content_sha256=f"{number}",
        pieces=(Piece(role=Role.MAIN, resource_id=fetch.resource_id, snapshot_id=fetch.snapshot_id),),
        root_id=run.run_id,
        first_seen_at=fetch.fetched_at,
        extractor_id=archive.extractor_id("x"),
        profile_id=archive.profile_id("p", source="cn_test", data="{}"),
    )


def test_search(archive: Archive, run: Run, clock: Clock) -> None:
    version(archive, run, clock, 1, "补贴标准为每人五百元。\n自发布之日起施行。")
    version(archive, run, clock, 2, "补贴标准为每人八百元。\n自发布之日起施行。", title="关于补贴的通知")
    assert [hit.version for hit in archive.find("补贴", Filter()).hits] == [2]
    assert [hit.version for hit in archive.find("八百", Filter()).hits] == [2]
    assert archive.find("五百", Filter()).hits == ()
    assert [hit.version for hit in archive.find("五百", Filter(), all_versions=True).hits] == [1]
    assert archive.find("补贴", Filter(source="gb_test")).hits == ()
    assert archive.find("补贴 决定", Filter()).hits == ()
    assert archive.find("《》", Filter()).hits == ()
    (hit,) = archive.find("施行", Filter()).hits
    assert "\x02施行\x03" in hit.snippet
    assert hit.published_on == date(2024, 5, 6)


def test_a_replaced_version_is_not_found_by_its_old_words(archive: Archive, run: Run, clock: Clock) -> None:
    version(archive, run, clock, 1, "第一稿")
    version(archive, run, clock, 1, "第二稿")
    assert archive.find("第一稿", Filter(), all_versions=True).hits == ()
    assert len(archive.find("第二稿", Filter(), all_versions=True).hits) == 1
    assert archive.sizes()["version"] == 1


@pytest.mark.parametrize("versions", [3, 200])
def test_what_is_written_together_is_found_as_if_written_one_by_one(
    archive: Archive, run: Run, clock: Clock, versions: int
) -> None:
    with archive.write():
        for number in range(1, versions + 1):
            version(archive, run, clock, number, f"第{number}稿")
        version(archive, run, clock, versions, "定稿")
    (hit,) = archive.find("定稿", Filter(), all_versions=True).hits
    assert hit.version == versions
    assert archive.find(f"第{versions}稿", Filter(), all_versions=True).hits == ()
    assert [hit.version for hit in archive.find("第1稿", Filter(), all_versions=True).hits] == [1]


def test_what_is_taken_back_is_not_written_later(archive: Archive, run: Run, clock: Clock) -> None:
    with pytest.raises(ZeroDivisionError), archive.write():
        version(archive, run, clock, 1, "第一稿")
        raise ZeroDivisionError
    version(archive, run, clock, 1, "第二稿")
    assert archive.find("第一稿", Filter(), all_versions=True).hits == ()
    assert len(archive.find("第二稿", Filter(), all_versions=True).hits) == 1


def test_version_at(archive: Archive, run: Run, clock: Clock) -> None:
    version(archive, run, clock, 1, "甲")
    between = clock()
    version(archive, run, clock, 2, "乙")
    document = archive.find_document(URL)
    assert archive.version_at(document.document_id, START) is None
    for at, text in ((between, "甲"), (clock(), "乙")):
        found = archive.version_at(document.document_id, at)
        assert found is not None
        assert found.content.text == text


def test_what_is_not_there(archive: Archive, run: Run) -> None:
    for ask in (
        lambda: archive.document(99),
        lambda: archive.version(99, 1),
        lambda: archive.event(99),
        lambda: archive.snapshot(99),
        lambda: archive.run(99),
        lambda: archive.find_document("https://nowhere.example/"),
    ):
        with pytest.raises(NotInArchiveError) as caught:
            ask()
        assert "\n" not in str(caught.value)
    listed(archive, run)
    with pytest.raises(NotInArchiveError, match="not fetched yet"):
        archive.find_document(URL)


# -- transactions --------------------------------------------------------------------------------------


def test_nothing_of_a_broken_transaction_is_kept(archive: Archive, run: Run, clock: Clock) -> None:
    before = rows(archive.path)
    with pytest.raises(ZeroDivisionError), archive.write():
        record(archive, run, clock, b"page")
        _ = 1 / 0
    assert rows(archive.path) == before
    record(archive, run, clock, b"page")
    assert archive.sizes()["fetch"] == 1


def test_a_reader_sees_no_half(archive: Archive, run: Run, clock: Clock) -> None:
    with Archive.open(archive.path, readonly=True) as reader:
        with archive.write():
            record(archive, run, clock, b"page")
            assert reader.sizes()["fetch"] == 0
        assert reader.sizes()["fetch"] == 1
        with pytest.raises(ArchiveError, match="read-only"):
            reader.judge(1, Outcome.OK, "")


WRITE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from storage import Archive, Listed
from storage.model import Answer, Role
name = sys.argv[2]
at = datetime(2024, 5, 6, tzinfo=UTC)
with Archive.open(Path(sys.argv[1]), create=True) as archive:
    run = archive.begin_run(name, at=at, extractor="x", profile="p")
    for number in range(60):
        url = f"https://{name}.example/{number}"
        (place,) = archive.add_listings(run, [Listed(url=url, role=Role.MAIN)], found_on=None, at=at)
        body = b"%d %s" % (number, name.encode()) * 300
        archive.record(run, place.resource_id, Answer(url=url, requested_at=at, fetched_at=at, status=200, body=body))
"""


def test_many_writers_at_once(archive_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITE, archive_path, name], cwd=ROOT, stderr=subprocess.PIPE)
        for name in ("one", "two", "three")
    ]
    for writer in writers:
        _, err = writer.communicate(timeout=60)
        assert writer.returncode == 0, err
    with Archive.open(archive_path, readonly=True) as archive:
        assert archive.sizes()["fetch"] == archive.sizes()["snapshot"] == 180
        assert archive._all("pragma integrity_check") == [("ok",)]
        assert archive._all("pragma foreign_key_check") == []


# -- files that are none of ours, or cannot be written -------------------------------------------------


def test_where_there_is_none(tmp_path: Path) -> None:
    for options in ({}, {"readonly": True}, {"readonly": True, "create": True}):
        with pytest.raises(NotInArchiveError, match="no archive here"):
            Archive.open(tmp_path / "a.db", **options)
    with pytest.raises(ArchiveError, match="no such folder"):
        Archive.open(tmp_path / "nowhere" / "a.db", create=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("readonly", [False, True])
@pytest.mark.parametrize("content", [b"# notes\n" * 200, b"SQLite format 3\x00" + b"\xff" * 5000, b"\x00" * 4096])
def test_a_file_that_is_no_archive(tmp_path: Path, content: bytes, readonly: bool) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(ArchiveError) as caught:
        Archive.open(path, create=True, readonly=readonly)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == content


@pytest.mark.parametrize("readonly", [False, True])
def test_a_database_that_is_no_archive(tmp_path: Path, readonly: bool) -> None:
    path = tmp_path / "contacts.db"
    connection = sqlite3.connect(path)
    connection.execute("create table contact (name)")
    connection.commit()
    connection.close()
    content = path.read_bytes()
    with pytest.raises(ArchiveError):
        Archive.open(path, create=True, readonly=readonly)
    assert path.read_bytes() == content


def test_a_folder(tmp_path: Path) -> None:
    for options in ({"create": True}, {"readonly": True}):
        with pytest.raises(ArchiveError):
            Archive.open(tmp_path, **options)


@pytest.mark.parametrize("readonly", [False, True])
def test_an_archive_of_a_newer_program(archive_path: Path, readonly: bool) -> None:
    Archive.open(archive_path, create=True).close()
    connection = sqlite3.connect(archive_path)
    connection.execute(
        "insert into _sqlite_migrations (migration_set, name, applied_at) values ('policytrail', 'm999_later', '')"
    )
    connection.commit()
    connection.close()
    content = archive_path.read_bytes()
    with pytest.raises(ArchiveTooNewError, match="m999_later") as caught:
        Archive.open(archive_path, readonly=readonly)
    assert "\n" not in str(caught.value)
    assert archive_path.read_bytes() == content


def test_an_older_archive_is_brought_up(archive_path: Path) -> None:
    Archive.open(archive_path, create=True).close()
    connection = sqlite3.connect(archive_path)
    connection.executescript(
        "drop view latest_version; drop view event_list; drop view fetch_list;"
        "delete from _sqlite_migrations where name = 'm004_views';"
    )
    connection.close()
    with pytest.raises(ArchiveError, match="older"):
        Archive.open(archive_path, readonly=True)
    with Archive.open(archive_path) as archive:
        assert archive._all("select * from event_list") == []
    Archive.open(archive_path, readonly=True).close()


def test_nobody_sees_an_archive_that_is_being_made(tmp_path: Path) -> None:
    for number in range(8):
        path = tmp_path / f"{number}.db"
        making = threading.Thread(target=lambda path=path: Archive.open(path, create=True).close())
        making.start()
        while not path.exists():
            pass
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            assert missing_steps(connection) == 0
        Archive.open(path, readonly=True).close()
        making.join()


def test_who_may_not_look_now_is_told_so(archive_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Read as a file that nobody writes to, it would be as it was before its log.
    monkeypatch.setattr("storage.connection.BUSY_TIMEOUT_S", 0.1)
    Archive.open(archive_path, create=True).close()
    with closing(sqlite3.connect(archive_path, isolation_level=None)) as other:
        other.execute("pragma locking_mode = exclusive")
        other.execute("begin exclusive")
        with pytest.raises(ArchiveBusyError, match="another program has held the archive"):
            Archive.open(archive_path, readonly=True)


def test_without_shared_memory_an_archive_is_read_unless_its_log_holds_something(archive_path: Path) -> None:
    copy = archive_path.with_name("copy.db")
    with Archive.open(archive_path, create=True) as archive:
        archive.begin_run("cn_test", at=START, extractor="x", profile="p")
        shutil.copy(archive_path, copy)
        shutil.copy(f"{archive_path}-wal", f"{copy}-wal")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, hard))
    try:
        with Archive.open(archive_path, readonly=True) as archive:
            assert len(archive.runs()) == 1
        with pytest.raises(ArchiveError, match=r"copy\.db-wal holds .* copy both to another disk"):
            Archive.open(copy, readonly=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with Archive.open(copy, readonly=True) as archive:
        assert len(archive.runs()) == 1


def test_who_was_killed_making_an_archive_is_in_nobodys_way(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    folder = lock_folder(path)
    folder.mkdir()
    for name in (".made.db", ".made.db-wal", ".made.db-journal"):
        (folder / name).write_bytes(b"torn")
    with pytest.raises(NotInArchiveError):
        Archive.open(path, readonly=True)
    with Archive.open(path, create=True) as archive:
        assert archive.runs() == []
    assert not list(folder.glob(".made*"))


def test_where_no_archive_can_be_made_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    lock_folder(path).mkdir()
    (lock_folder(path) / ".made.db").mkdir()
    with pytest.raises(ArchiveError, match="no archive can be made here"):
        Archive.open(path, create=True)
    assert not path.exists()


def test_an_archive_is_made_where_its_name_leads(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "a.db").symlink_to(tmp_path / "far" / "b.db")
    Archive.open(tmp_path / "a.db", create=True).close()
    assert (tmp_path / "a.db").is_symlink()
    Archive.open(tmp_path / "far" / "b.db", readonly=True).close()


READ = """
import os
import sys
from pathlib import Path
from storage import Archive, ArchiveError
import sqlite_utils
sqlite_utils.Database(memory=True)  # it imports more when first used, and then nobody may read that
if os.geteuid() == 0:
    os.setuid(65534)  # nothing is forbidden to root
with Archive.open(Path(sys.argv[1]), readonly=True) as archive:
    print(len(archive.runs()))
try:
    with Archive.open(Path(sys.argv[1])) as archive:
        archive.extractor_id("new")
except ArchiveError as error:
    print(error)
"""


def test_a_folder_that_cannot_be_written() -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        path = folder / "a.db"
        with Archive.open(path, create=True) as archive:
            archive.begin_run("cn_test", at=START, extractor="x", profile="p")
        shutil.rmtree(folder / "a.db.locks")
        path.chmod(0o444)
        folder.chmod(0o555)
        content = path.read_bytes()
        done = subprocess.run(
            [sys.executable, "-c", READ, path], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == 0, done.stderr
        count, error = done.stdout.splitlines()
        assert count == "1"
        assert str(folder) in error
        assert path.read_bytes() == content
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


@pytest.mark.parametrize("limit", [200_000, 700_000])
def test_a_full_disk(site: Site, tmp_path: Path, environment: dict[str, str], sources_dir: Path, limit: int) -> None:
    paths = [f"/zc/t20240506_{number}.html" for number in range(4001, 4016)]
    site.pages["/zc/list.html"] = Page(listing(*paths))
    for path in paths:
        # Nothing that packs well, and more than the limit by itself: it is reached in the middle of the crawl.
        noise = os.urandom(60_000).hex()
        site.pages[path] = Page(notice("关于做好有关工作的通知", f"文件{path}", more=f"<!-- {noise} -->"))
    crawls = Crawls(tmp_path / "archive.db", sources_dir, environment, [site.host])
    name = crawls.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS)
    command = [sys.executable, "-m", "crawler", "crawl", name, "--archive", crawls.archive]
    command += ["--sources", sources_dir, "--allow", site.host]
    full = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert full.returncode == 1, full.stdout + full.stderr
    said = full.stdout + full.stderr
    assert "Traceback" not in said
    assert str(crawls.archive) in said.replace("\n", "")
    if crawls.archive.exists():
        connection = sqlite3.connect(crawls.archive)
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
        connection.close()
    recorded = rows(crawls.archive) if limit > 200_000 else {}
    (summary,) = crawls.run()
    assert summary["end"] == "finished"
    assert len(state(crawls.archive)["documents"]) == 15
    for table, known in recorded.items():
        assert known <= rows(crawls.archive)[table]


def test_a_new_archive_needs_no_log(archive_path: Path) -> None:
    with Archive.open(archive_path, create=True):
        torn = archive_path.with_name("torn.db")
        torn.write_bytes(archive_path.read_bytes())
    with Archive.open(torn, readonly=True) as archive:
        assert archive.source_names() == []
