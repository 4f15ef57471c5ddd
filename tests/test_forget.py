"""What is forgotten is gone from the file, from every answer and every later corpus, and is not asked for again."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crawler.cli import policytrail
from storage import Archive, NotInArchiveError
from storage.browsing import Filter
from tests.crawling import DOCUMENTS, Crawls, end, listing, notice
from tests.site import Page, Request, Site

# Words that stand nowhere else.
MARK = "拾柒号仓库钥匙由周某保管"
FIRST, SECOND, THIRD = (f"/zc/t2024050{n}_{n}.html" for n in (6, 7, 8))
COMMON = "<p><a href='/zc/common.docx'>附件</a></p>"


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(policytrail, [str(word) for word in arguments])


def good(*arguments: str | Path) -> str:
    result = call(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def raw(archive: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(archive.parent.glob(f"{archive.name}*")) if path.is_file())


@pytest.fixture
def crawls(site: Site, archive_path: Path, sources_dir: Path, environment: dict[str, str]) -> Crawls:
    """Three documents, the first in two versions; the first two have the same bytes as attachment."""
    made = Crawls(archive_path, sources_dir, environment, [site.host])
    site.pages["/zc/list.html"] = Page(listing(FIRST, SECOND, THIRD))
    site.pages[FIRST] = Page(notice(f"关于甲事项的通知{MARK}", MARK, more=COMMON))
    site.pages[SECOND] = Page(notice("关于乙事项的通知", "乙事项的办理办法另行规定。", more=COMMON))
    site.pages[THIRD] = Page(notice("关于丙事项的通知", "丙事项的办理办法另行规定。"))
    site.pages["/zc/common.docx"] = Page(b"PK common", {"Content-Type": "application/octet-stream"})
    made.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS)
    made.run()
    site.pages[FIRST] = Page(notice(f"关于甲事项的通知{MARK}", MARK, "新增一段。", more=COMMON))
    made.run()
    return made


def options(crawls: Crawls) -> list[str | Path]:
    return ["--archive", crawls.archive, "--sources", crawls.sources]


def leave_behind(path: Path) -> None:
    """Leave words in pages that nothing refers to any more, as a history that is made again does."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("pragma secure_delete = off")
    connection.execute("create table passing (words text)")
    connection.executemany("insert into passing values (?)", [(f"{MARK}{n}" * 40,) for n in range(60)])
    connection.execute("drop table passing")
    connection.close()


def waiting(path: Path, url: str) -> int:
    """Return how many events of an address are still to be told."""
    connection = sqlite3.connect(path)
    ((count,),) = connection.execute(
        "select count(*) from outbox o join event e using (event_id) join resource r using (resource_id) "
        "where o.sent_at is null and r.url = ?",
        (url,),
    )
    connection.close()
    return int(count)


def indexed(path: Path) -> set[str]:
    """Return the words that search knows."""
    connection = sqlite3.connect(path)
    connection.execute("create virtual table temp.known using fts5vocab('main', 'version_index', 'row')")
    words = {str(term) for (term,) in connection.execute("select term from temp.known")}
    connection.close()
    return words


def test_nothing_of_it_is_left_but_a_tombstone(site: Site, crawls: Crawls, tmp_path: Path) -> None:
    leave_behind(crawls.archive)
    assert MARK.encode() in raw(crawls.archive)
    assert waiting(crawls.archive, site.url(FIRST)) == 1
    assert "拾柒" in indexed(crawls.archive)
    with crawls.open() as archive:
        versions = archive.versions(archive.find_document(site.url(FIRST)).document_id)
        snapshots = [version.pieces[0].snapshot_id or 0 for version in versions]
        hashes = [archive.sha256(number) for number in snapshots]
    result = call("forget", site.url(FIRST), "--reason", "court order 17", "--yes", "--archive", crawls.archive)
    assert result.exit_code == 0, result.output
    assert "2 versions" in result.stderr
    assert MARK.encode() not in raw(crawls.archive)
    assert waiting(crawls.archive, site.url(FIRST)) == 0
    assert "拾柒" not in indexed(crawls.archive)
    with crawls.open() as archive:
        with pytest.raises(NotInArchiveError, match=r"forgotten on .*: court order 17"):
            archive.find_document(site.url(FIRST))
        stones = [stone for stone in archive.tombstones() if stone.url == site.url(FIRST)]
        assert [stone.sha256 for stone in stones] == hashes
        assert all(stone.size_bytes and stone.fetched_at and stone.reason == "court order 17" for stone in stones)
        assert [archive.snapshot(number).body for number in snapshots] == [b"", b""]
        assert archive.find(MARK, Filter()).hits == ()
        assert {event.title for event in archive.events() if event.url == site.url(FIRST)} == {None}
        # What others have stays theirs, also where it was packed against what is gone.
        assert archive.find_document(site.url(SECOND)).versions == 1
        (attached,) = archive.versions(archive.find_document(site.url(SECOND)).document_id)[0].pieces[1:]
        assert attached.snapshot_id is not None
        assert archive.snapshot(attached.snapshot_id).body == b"PK common"
    out = tmp_path / "c.jsonl"
    good("export", "--out", out, "--versions", "all", "--state", "all", *options(crawls))
    assert MARK not in out.read_text("utf-8")
    assert len(out.read_text("utf-8").splitlines()) == 2
    # Once more is no harm, and leaves no second stone.
    with crawls.open() as archive:
        stones = archive.tombstones()
    good("forget", site.url(FIRST), "--reason", "again", "--yes", "--archive", crawls.archive)
    with crawls.open() as archive:
        assert archive.tombstones() == stones


def test_not_while_its_source_is_crawled(site: Site, crawls: Crawls) -> None:
    asked, answer = threading.Event(), threading.Event()
    there = site.pages[FIRST]
    assert isinstance(there, Page)

    def held_up(request: Request) -> Page:
        asked.set()
        return replace(there, wait=answer)

    site.pages[FIRST] = held_up
    process = crawls.start("cn_test")
    assert asked.wait(60)
    forget = ("forget", site.url(FIRST), "--reason", "court order 17", "--yes", "--archive", crawls.archive)
    result = call(*forget)
    assert result.exit_code == 1
    assert "cn_test is being crawled" in result.stderr
    with crawls.open() as archive:
        assert archive.tombstones() == []
    answer.set()
    assert "Traceback" not in end(process)
    good(*forget)
    assert MARK.encode() not in raw(crawls.archive)


def test_it_does_not_come_back(site: Site, crawls: Crawls) -> None:
    good("forget", site.url(FIRST), "--reason", "court order 17", "--yes", "--archive", crawls.archive)
    site.requests.clear()
    crawls.run()
    assert FIRST not in [request.path for request in site.requests]
    assert SECOND in [request.path for request in site.requests]
    good("derive", *options(crawls))
    with crawls.open() as archive:
        assert {document.url for document in archive.documents()} == {site.url(SECOND), site.url(THIRD)}
    assert MARK.encode() not in raw(crawls.archive)


def test_its_file_does_not_come_back_by_another_way(site: Site, crawls: Crawls) -> None:
    own = "<p><a href='/zc/own.docx'>附件</a></p>"
    site.pages["/zc/own.docx"] = Page(f"PK {MARK}".encode(), {"Content-Type": "application/octet-stream"})
    site.pages[FIRST] = Page(notice(f"关于甲事项的通知{MARK}", MARK, more=own))
    crawls.run()
    assert "/zc/own.docx" in [request.path for request in site.requests]
    good("forget", site.url(FIRST), "--reason", "court order 17", "--yes", "--archive", crawls.archive)
    with crawls.open() as archive:
        assert site.url("/zc/own.docx") in {stone.url for stone in archive.tombstones()}
    # Another document's file, a document that a list names, and where an address leads.
    site.pages[THIRD] = Page(notice("关于丙事项的通知", "丙事项的办理办法另行规定。", more=own))
    site.pages["/zc/list.html"] = Page(listing(FIRST, SECOND, THIRD, "/zc/own.docx", "/zc/t20240509_9.html"))
    site.pages["/zc/t20240509_9.html"] = Page(status=302, headers={"Location": site.url("/zc/own.docx")})
    site.requests.clear()
    crawls.run()
    asked = {request.path for request in site.requests}
    assert {THIRD, "/zc/t20240509_9.html"} <= asked
    assert not {FIRST, "/zc/own.docx"} & asked
    assert MARK.encode() not in raw(crawls.archive)


def test_without_room_it_is_said_and_can_be_done_again(site: Site, crawls: Crawls) -> None:
    leave_behind(crawls.archive)
    words = ["forget", site.url(FIRST), "--reason", "court order 17", "--yes", "--archive", str(crawls.archive)]
    # No file may grow so long as a copy of the archive.
    limit = crawls.archive.stat().st_size * 3 // 4
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit})); "
        "from crawler.cli import main; main()"
    )
    failed = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    assert failed.returncode == 1, failed.stderr
    assert "Traceback" not in failed.stderr
    assert "it is erased, but freed pages could not be overwritten" in failed.stderr
    assert "make room for a copy of the archive, and forget it once more" in failed.stderr
    with crawls.open() as archive, pytest.raises(NotInArchiveError, match="forgotten on"):
        archive.find_document(site.url(FIRST))
    good(*words)
    assert MARK.encode() not in raw(crawls.archive)


def test_the_same_bytes_elsewhere_are_recorded(site: Site, crawls: Crawls) -> None:
    body = site.pages[FIRST]
    good("forget", site.url(FIRST), "--reason", "court order 17", "--yes", "--archive", crawls.archive)
    site.pages[THIRD] = body
    crawls.run()
    with crawls.open() as archive:
        assert archive.find_document(site.url(THIRD)).versions == 2


def test_a_corpus_made_before_cannot_be_made_again(site: Site, crawls: Crawls, tmp_path: Path) -> None:
    out, again = tmp_path / "c.jsonl", tmp_path / "again.jsonl"
    good("export", "--out", out, *options(crawls))
    good("forget", site.url(FIRST), "--reason", "court order 17", "--yes", "--archive", crawls.archive)
    result = call("export", "--like", f"{out}.manifest.json", "--out", again, *options(crawls))
    assert result.exit_code == 1
    assert "not the same corpus, and nothing was written: 2 records, not 3; was something forgotten" in result.stderr
    assert not again.exists()


def test_what_the_archive_held_then_is_without_it(site: Site, crawls: Crawls, tmp_path: Path) -> None:
    with crawls.open() as archive:
        first, *_ = sorted(archive.runs("cn_test"), key=lambda run: run.run_id)
    assert first.ended_at is not None
    then = ("--as-of", first.ended_at.isoformat())
    out = tmp_path / "then.jsonl"
    good("export", "--out", out, *then, *options(crawls))
    assert MARK in out.read_text("utf-8")
    good("forget", site.url(FIRST), "--reason", "court order 17", "--yes", "--archive", crawls.archive)
    for chosen in ((), ("--versions", "all", "--state", "all"), ("--changes",), ("--attachments", "text")):
        good("export", "--out", out, *then, *chosen, *options(crawls))
        told = out.read_text("utf-8")
        assert MARK not in told
        assert FIRST not in told
        assert len(told.splitlines()) == (0 if "--changes" in chosen else 2)


def test_who_still_reads_what_was_there_is_said(site: Site, crawls: Crawls, monkeypatch: pytest.MonkeyPatch) -> None:
    # A person waits a minute for a reader to end.
    monkeypatch.setattr("storage.connection.BUSY_TIMEOUT_S", 0.5)
    reader = sqlite3.connect(crawls.archive, isolation_level=None)
    reader.execute("begin")
    reader.execute("select count(*) from version").fetchone()
    forget = ("forget", site.url(FIRST), "--reason", "court order 17", "--yes", "--archive", crawls.archive)
    result = call(*forget)
    assert result.exit_code == 1
    assert "it is erased, but another program reads pages as they were" in result.stderr
    reader.close()
    good(*forget)
    assert MARK.encode() not in raw(crawls.archive)


@pytest.mark.parametrize(
    ("address", "said"),
    [("https://nobody.example/1.html", "nothing to forget"), ("/zc/list.html", "not a document")],
)
def test_what_cannot_be_forgotten(site: Site, crawls: Crawls, address: str, said: str) -> None:
    url = site.url(address) if address.startswith("/") else address
    result = call("forget", url, "--reason", "x", "--yes", "--archive", crawls.archive)
    assert result.exit_code == 1
    assert said in result.stderr
    with Archive.open(crawls.archive, readonly=True) as archive:
        assert archive.tombstones() == []


def test_without_a_yes_nothing_happens(site: Site, crawls: Crawls) -> None:
    result = call("forget", site.url(FIRST), "--reason", "x", "--archive", crawls.archive)
    assert result.exit_code == 1
    connection = sqlite3.connect(crawls.archive)
    assert connection.execute("select count(*) from tombstone").fetchone() == (0,)
    connection.close()
