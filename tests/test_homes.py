"""An archive on a server answers as one in a file: the same crawl, the same questions, word by word the same."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.cli import policytrail
from storage import (
    Archive,
    ArchiveError,
    ArchiveTooNewError,
    Home,
    Listed,
    NotInArchiveError,
    Server,
    Standing,
    home,
    lock_at,
)
from storage.browsing import Filter
from storage.copying import copy_archive
from storage.model import Answer, Content, DocumentState, Fields, Outcome, Piece, Role, RunEnd
from storage.postgresql import PostgreSQL, translated
from tests.browsing import served
from tests.conftest import Demonstration
from tests.crawling import DOCUMENTS, ROOT, Crawls, listing, notice, rows, state, typed
from tests.postgres import Postgres
from tests.site import Page, Site

AT = datetime(2024, 5, 6, 8, tzinfo=UTC)
FIRST, SECOND, THIRD = (f"/zc/t2024050{n}_{n}.html" for n in (6, 7, 8))


def asked(*arguments: object) -> str:
    result = CliRunner().invoke(policytrail, [typed(a) if isinstance(a, Server) else str(a) for a in arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


# -- one crawl, both homes -------------------------------------------------------------------------------


def test_a_crawl_is_told_alike(
    site: Site, archive_path: Path, postgres: Postgres, sources_dir: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    server = postgres.database()
    crawls = [Crawls(place, sources_dir, environment, [site.host]) for place in (archive_path, server)]
    crawls[0].source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS)

    def day() -> None:
        for each in crawls:
            each.run()

    site.pages["/zc/list.html"] = Page(listing(FIRST, SECOND, THIRD))
    site.pages[FIRST] = Page(notice("关于甲事项的通知", "补贴标准为每人每月500元。"))
    site.pages[SECOND] = Page(notice("关于乙事项的通知", "乙事项的办理办法另行规定。"), {"ETag": '"1"'})
    site.pages[THIRD] = Page(notice("关于丙事项的通知", "丙事项的办理办法另行规定。 100% _ \\ '"))
    day()
    site.pages[FIRST] = Page(notice("关于甲事项的通知", "补贴标准为每人每月800元。"))
    site.pages[THIRD] = Page("gone", status=410)
    day()

    assert state(archive_path) == state(server)
    told = rows(archive_path, "document", "document_resource", "judgement", "version_piece", "listing", "resource")
    assert {name: len(found) for name, found in told.items()} == {
        name: len(found) for name, found in rows(server, *told).items()
    }

    def said(place: Home) -> dict[str, str]:
        out = tmp_path / ("there" if isinstance(place, Server) else "here")
        where = ("--archive", place, "--sources", sources_dir)
        answers = {
            "changes": asked("changes", *where, "--json"),
            "changes for people": asked("changes", *where),
            "baseline": asked("changes", *where, "--baseline", "--json"),
            "show": asked("show", site.url(FIRST), *where, "--json"),
            "diff": asked("diff", site.url(FIRST), *where),
            "search": asked("search", "补贴 每人", *where, "--json"),
            "noise": asked("changes", *where, "--noise", "--json"),
            "late": asked("changes", *where, "--late", "--json"),
            "sources": asked("sources", *where),
            "derive": asked("derive", *where),
        }
        asked("export", *where, "--out", out / "corpus.jsonl")
        answers["corpus"] = (out / "corpus.jsonl").read_text()
        asked("export", *where, "--out", out / "then.jsonl", "--as-of", "2100-01-01")
        assert (out / "then.jsonl").read_text() == answers["corpus"]
        status = json.loads(asked("status", *where, "--json"))
        assert status["integrity"]["problems"] == []
        answers["sizes"] = json.dumps({k: v for k, v in status["sizes"].items() if k != "bytes"})
        answers["states"] = json.dumps([s["documents"] for s in status["sources"]])
        return {name: without_times(text) for name, text in answers.items()}

    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    here, there = said(archive_path), said(server)
    for question in here:
        assert here[question] == there[question], question
    assert '"changed"' in here["changes"] and "800" in here["diff"]

    asked("forget", site.url(FIRST), "--reason", "a court said so", "--yes", "--archive", server)
    with Archive.open(server, readonly=True) as archive:
        assert archive.find("补贴 每人", Filter()).hits == ()
        assert [stone.reason for stone in archive.tombstones()] == ["a court said so"] * 2
        with pytest.raises(NotInArchiveError, match="a court said so"):
            archive.find_document(site.url(FIRST))
    with psycopg.connect(server.address) as there_now:
        for table in ("version", "version_index", "listing", "event"):
            left = there_now.execute(f"select * from {table}").fetchall()  # noqa: S608
            assert "每人每月" not in str(left) and "甲事项" not in str(left), table


def without_times(text: str) -> str:
    text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?", "<time>", text)
    return re.sub(r'"(took_ms|size_bytes|seconds)": ?\d+', "", text)


# -- words -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[tuple[Archive, Archive]]:
    """The same versions in a file and on a server."""
    texts = [
        ("关于人工智能的通知", "第三条规定人工智能的管理。人工智能标准 2024 résumé Straße ①"),
        ("通知", "人工 智能 的 通知，通知如下"),
        ("Notice on A.I.", "The state of the state of affairs; naïve co-operation, 100% of it_all"),
        ("关于条例的决定", "第一条 第二条 第三条"),
        (None, "word " * 40 + "x" * 3_000 + " 末"),
        ("通知 notice", "notice " * 5 + "通知" * 7),
    ]
    path = tmp_path_factory.mktemp("pair") / "a.db"
    with Archive.open(path, create=True) as here, Archive.open(postgres.archive()) as there:
        for archive in (here, there):
            run = archive.begin_run("cn_test", at=AT, extractor="x", profile="p")
            for number, (title, text) in enumerate(texts):
                url = f"https://www.example.cn/{number}.html"
                (place,) = archive.add_listings(run, [Listed(url=url, role=Role.MAIN)], found_on=None, at=AT)
                fetch = archive.record(
                    run,
                    place.resource_id,
                    Answer(url=url, requested_at=AT, fetched_at=AT, status=200, body=text.encode()),
                )
                archive.judge(fetch.fetch_id, Outcome.OK, "")
                pieces = (Piece(role=Role.MAIN, resource_id=place.resource_id, snapshot_id=fetch.snapshot_id, name=""),)
                document(archive, place.resource_id, pieces)
                archive.save_version(
                    place.resource_id,
                    1,
                    Content(fields=Fields(title=title), paragraphs=(text,), attachments=()),
                    content_sha256=str(number),
                    pieces=pieces,
                    root_id=run.run_id,
                    first_seen_at=AT,
                    extractor_id=archive.extractor_id("x"),
                    profile_id=archive.profile_id("p", source="cn_test", data="{}"),
                )
            archive.close_run(run.run_id, RunEnd.FINISHED, at=AT)
        yield here, there


ASKED = (
    "人工智能", "人工", "智能 通知", "条", "第三条", "state of", "of", "RESUME", "naive", "100%", "it_all", "①",
    "strasse", "straße", "x" * 3_000, "x" * 2_999, "末", "A.I.", "notice 通知", "%", "_", "word word", '"', "-",
)  # fmt: skip


def document(archive: Archive, number: int, pieces: tuple[Piece, ...]) -> None:
    archive.save_standing(
        Standing(
            document_id=number,
            source="cn_test",
            main_id=number,
            former=(),
            state=DocumentState.ACTIVE,
            state_since=AT,
            state_reason="",
        ),
        pieces,
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.sampled_from(ASKED),
        st.text(st.sampled_from("人工智能的通知第三条规定 aeiou1234%_\\\"'*"), max_size=6),
    )
)
def test_words_find_the_same_in_the_same_order(pair: tuple[Archive, Archive], words: str) -> None:
    here, there = pair
    assert here.find(words, Filter()) == there.find(words, Filter())
    assert here.find(words, Filter(source="cn_test", since=date(2024, 1, 1)), newest_first=True) == there.find(
        words, Filter(source="cn_test", since=date(2024, 1, 1)), newest_first=True
    )


# -- what only a server has ----------------------------------------------------------------------------------


def test_what_it_says_of_itself(postgres: Postgres) -> None:
    with pytest.raises(NotInArchiveError, match="no archive here"):
        Archive.open(postgres.database(), readonly=True)
    with pytest.raises(ArchiveError, match="cannot be reached"):
        Archive.open("postgresql://nobody:secret@127.0.0.1:1/x")
    foreign = postgres.database()
    with psycopg.connect(foreign.address, autocommit=True) as connection:
        connection.execute("create table run (x int)")
    with pytest.raises(ArchiveError, match="another program's database"):
        Archive.open(foreign, create=True)
    newer = postgres.archive()
    with psycopg.connect(newer.address, autocommit=True) as connection:
        connection.execute("insert into step (name) values ('m999_wonders')")
    for readonly in (True, False):
        with pytest.raises(ArchiveTooNewError, match="m999_wonders"):
            Archive.open(newer, readonly=readonly)
    with psycopg.connect(newer.address, autocommit=True) as connection:
        connection.execute("delete from step where name in ('m004_views', 'm999_wonders')")
        connection.execute("drop view latest_version, event_list, fetch_list")
    with pytest.raises(ArchiveError, match="made by an older policytrail"):
        Archive.open(newer, readonly=True)
    Archive.open(newer).close()
    Archive.open(newer, readonly=True).close()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://me:s3cret@127.0.0.1:1/x", "is the server running"),
        ("postgresql://me:s3cret@nowhere.invalid/x", "no machine has this name"),
        ("postgresql://me:s3 cret@127.0.0.1:1/x", "no address as PostgreSQL takes it"),
        ("postgresql://me:s3cret%zz@127.0.0.1:1/x", "no address as PostgreSQL takes it"),
        ("postgresql://127.0.0.1:port/x", "no address as PostgreSQL takes it"),
        ("postgresql://me@127.0.0.1:1/x?password=s3cret&nonsense=1", "no address|nonsense"),
    ],
)
@pytest.mark.parametrize("command", ["status", "worker", "changes --noise", "derive", "browse", "export --out c.jsonl"])
def test_a_wrong_address_is_said_in_a_line(address: str, said: str, command: str) -> None:
    result = CliRunner().invoke(policytrail, [*command.split(), "--archive", address])
    assert result.exit_code == 1, result.output
    (line,) = result.output.splitlines()
    assert re.search(said, line) and "s3" not in line and "cret" not in line, line


def test_a_missing_extra_is_said_in_a_line(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "psycopg.py").write_text("raise ImportError('as where it is not installed')")
    done = subprocess.run(
        [sys.executable, "-m", "crawler", "status", "--archive", "postgresql://127.0.0.1:1/x"],
        cwd=ROOT,
        env={**environment, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1
    assert "pip install 'policytrail[server]'" in done.stderr


def test_what_a_server_refuses_is_said_in_a_line(postgres: Postgres) -> None:
    there = postgres.address("none_such")
    with pytest.raises(ArchiveError, match="there is no database none_such; createdb"):
        Archive.open(there)
    latin = postgres.address("latin")
    with psycopg.connect(postgres.address("postgres").address, autocommit=True) as connection:
        connection.execute("create database latin template template0 encoding 'LATIN1'")
        connection.execute("create role other login")
    with pytest.raises(ArchiveError, match="the database is in LATIN1"):
        Archive.open(latin, create=True)
    stranger = Server(postgres.database().address.replace("policytrail@", "nobody_here@"))
    with pytest.raises(ArchiveError, match="its user or password is wrong"):
        Archive.open(stranger)
    # One that may read, and one that may do nothing.
    place = postgres.archive()
    other = Server(place.address.replace("policytrail@", "other@"))
    with pytest.raises(ArchiveError, match="permission denied"):
        Archive.open(other, readonly=True)
    with Archive.open(place) as archive:
        assert archive.engine().startswith("PostgreSQL ")
        with pytest.raises(ArchiveError, match="pg_dump"):
            archive.backup(Path("b.db"))


def test_a_reader_writes_nothing(postgres: Postgres) -> None:
    with Archive.open(postgres.archive(), readonly=True) as archive, pytest.raises(ArchiveError, match="read-only"):
        archive.begin_run("cn_test", at=AT, extractor="x", profile="p")


def test_nul_and_long_numbers(postgres: Postgres) -> None:
    with Archive.open(postgres.archive()) as archive:
        run = archive.begin_run("cn_test", at=AT, extractor="x", profile="p")
        (place,) = archive.add_listings(
            run, [Listed(url="https://a.example/", role=Role.MAIN, title="a\0b")], found_on=None, at=AT
        )
        assert archive.listed_titles(place.resource_id) == ["a\ufffdb"]
        assert archive.run_counts_page(before=1 << 62)[0].run == run


def test_a_lock_outlives_no_server(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who held a lock when the server fell stops; nobody else gets it before what was under way is over."""
    place = postgres.archive()
    lock, other, idle = lock_at(place, "host-a"), lock_at(place, "host-a"), lock_at(place, "host-b")
    assert lock.acquire(wait=False) and idle.acquire(wait=False)
    idle.release()
    with Archive.open(place) as archive:
        postgres.stop("immediate")
        try:
            assert lock.is_lost()
            with pytest.raises(ArchiveError, match="connection was lost"):
                archive.runs()
        finally:
            postgres.start()
    assert not other.acquire(wait=False)
    assert idle.acquire(wait=False)
    idle.release()
    lock.release()
    monkeypatch.setattr("storage.server_lock.SETTLED_S", 0)
    assert lock_at(place, "host-a").acquire(wait=False)


def test_what_was_written_outlives_the_server(postgres: Postgres) -> None:
    """What is in the server's memory alone is gone when it falls: nobody is told before it is more."""
    place = postgres.archive()
    for number in range(1, 4):
        with Archive.open(place) as archive:
            run = archive.begin_run("cn_test", at=AT, extractor="x", profile="p")
            assert run.run_id == number
            archive.close_run(run.run_id, RunEnd.FAILED, at=AT)
            postgres.stop("immediate")
        postgres.start()
    with Archive.open(place, readonly=True) as archive:
        assert [run.end for run in archive.runs()] == [RunEnd.FAILED] * 3


def test_the_text_of_an_address_keeps_its_password() -> None:
    for address, shown in {
        "postgresql://me:s3:cr%40et@db.example:5432/trail": "postgresql://me:***@db.example:5432/trail",
        "postgres://me@db/trail?sslmode=require&password=s3cret": "postgres://me@db/trail?sslmode=require&password=***",
        "postgresql:///trail": "postgresql:///trail",
    }.items():
        place = home(address)
        assert isinstance(place, Server)
        assert str(place) == f"{place}" == shown
        assert "s3" not in repr(place)
        assert all("s3" in secret for secret in place.passwords())
        assert place.name == "trail"
    assert Server("postgresql://me:s3%3Acr%E9%95%BF@db/x").passwords() == ("s3%3Acr%E9%95%BF", "s3:cr长")
    assert home("postgresql.db") == Path("postgresql.db")


def test_rows_come_while_others_are_written(postgres: Postgres) -> None:
    with Archive.open(postgres.archive()) as archive:
        run = archive.begin_run("cn_test", at=AT, extractor="x", profile="p")
        items = [Listed(url=f"https://a.example/{n}", role=Role.MAIN) for n in range(1_200)]
        archive.add_listings(run, items, found_on=None, at=AT)
        seen = 0
        for (number,) in archive._rows("select resource_id from resource order by resource_id"):
            seen += 1
            if number % 400 == 0:
                later = AT + timedelta(seconds=number)
                more = [Listed(url=f"https://b.example/{number}", role=Role.MAIN)]
                archive.add_listings(run, more, found_on=None, at=later)
        assert seen == 1_200
        assert archive.newest_resource_id() >= 1_203
        assert isinstance(archive._db, PostgreSQL) and not archive._db.in_transaction


def test_translated() -> None:
    assert translated("select 1 from fetch where fetch_id is not ? and a = 'fetch ? %'") == (
        "select 1 from \"fetch\" where fetch_id is distinct from %s and a = 'fetch ? %%'"
    )
    assert "json_array_elements_text(%s::json)" in translated("select j.value from json_each(?) j cross join x on true")


def test_pages_are_alike(demonstration: Demonstration, postgres: Postgres) -> None:
    there = postgres.database()
    copy_archive(demonstration.archive, there, progress=lambda what, done: None)
    with served(demonstration.archive, demonstration.sources) as one, served(there, demonstration.sources) as other:
        waiting, seen = ["/", "/search?q=%E9%80%9A%E7%9F%A5", "/sources", "/runs"], set[str]()
        while waiting:
            path = waiting.pop()
            if path in seen or len(seen) > 60:
                continue
            seen.add(path)
            here, beside = one.get(path), other.get(path)
            told = here.text.replace("archive.db", there.name).replace(f":{one.port}/", f":{other.port}/")
            assert (here.status, told) == (beside.status, beside.text), path
            waiting += re.findall(r'href="(/(?!static)[^"#]*)"', here.text)
        assert len(seen) > 40
    asked: list[list[str]] = [
        ["changes", "--limit", "3"],
        ["changes", "--since", "2020-01-01", "--until", "2100-01-01", "--source", "demo_ministry"],
        ["changes", "--kind", "removed", "--kind", "moved"],
        ["changes", "--match", "图书 800"],
        ["changes", "--match", "图书", "--baseline", "--limit", "2", "--json"],
        ["show", "http://elsewhere.example/zcwj/202411/t20241108_1001.html"],
    ]
    for words in asked:
        told = []
        for place in (demonstration.archive, there):
            options = ["--archive", str(place), "--sources", str(demonstration.sources)]
            done = CliRunner().invoke(policytrail, [*words, *options])
            told.append((done.exit_code, done.stdout, done.stderr))
        assert told[0] == told[1], words
        assert told[0][1] or told[0][0], words
    with Archive.open(demonstration.archive, readonly=True) as here, Archive.open(there, readonly=True) as beside:
        for name in here.source_names():
            assert here.rhythms(name, most=2) == beside.rhythms(name, most=2)
            assert here.days_with_new(name) == beside.days_with_new(name)
            root = here.runs(name, limit=1)[0].root_id
            assert here.chain_glances(root, most=3) == beside.chain_glances(root, most=3)
