from __future__ import annotations

import gzip
import io
import json
import sqlite3
import zipfile
from pathlib import Path
from zoneinfo import ZoneInfo

import jsonschema
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.importing.saved import moment_of
from crawler.schemas import schema
from storage import Archive
from storage.model import Outcome
from tests.conftest import Command
from tests.crawling import RECORDED, notice, rows
from tests.site import Page, Site

NAME = "cn_test"
HOST = "www.lanjiang.example"
ORIGIN = f"https://{HOST}"
FIRST, SECOND = f"{ORIGIN}/zc/t20240506_1.html", f"{ORIGIN}/zc/t20240507_2.html"
FILE = f"{ORIGIN}/zc/P0.txt"

ALWAYS = "自二〇二四年六月一日起施行。"


def page(days: int, more: str = "") -> bytes:
    return notice("关于渡口开放时间的通告", f"开放时间为每周{days}天，节假日另行通知。", ALWAYS, more=more).encode()


class Records:
    """Records of a WARC file, as crawlers of several kinds write them."""

    def __init__(self) -> None:
        self.stream = io.BytesIO()
        self._writer = WARCWriter(self.stream, gzip=True)
        self.ends: list[int] = []

    def add(self, url: str, at: str, body: bytes, *, status: str = "200 OK", **headers: str) -> Records:
        lines = [("Content-Type", "text/html; charset=utf-8"), *((k.replace("_", "-"), v) for k, v in headers.items())]
        record = self._writer.create_warc_record(
            url,
            "response",
            payload=io.BytesIO(body),
            length=len(body),
            http_headers=StatusAndHeaders(status, lines, protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": at},
        )
        self._writer.write_record(record)
        self.ends.append(self.stream.tell())
        return self

    def again(self, url: str, at: str, refers_to: str) -> Records:
        record = self._writer.create_revisit_record(
            url, "sha1:NOTAKNOWNDIGEST", url, refers_to, warc_headers_dict={"WARC-Date": at}
        )
        self._writer.write_record(record)
        self.ends.append(self.stream.tell())
        return self

    def bytes(self) -> bytes:
        return self.stream.getvalue()


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    write_source(folder, ORIGIN)
    return folder


def write_source(folder: Path, origin: str) -> None:
    text = f"publisher = '澜江县'\nlists = ['{origin}/zc/']\ndocuments = '/t\\d{{8}}_\\d+\\.html$'\n"
    text += "follow = false\ndelay = 0\n"
    (folder / f"{NAME}.toml").write_text(text, "utf-8")


def histories(archive: Path) -> dict[str, list[tuple[int, str, str]]]:
    """Return number, hash and first time of each version, by address."""
    with Archive.open(archive, readonly=True) as opened:
        return {
            document.url: [
                (v.number, v.content_sha256, v.first_seen_at.isoformat()) for v in opened.versions(document.document_id)
            ]
            for document in opened.documents()
        }


def test_captures_enter_histories_at_their_own_times(sources: Path, policytrail: Command, tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    options = ("--source", NAME, "--archive", archive, "--sources", sources)
    later = Records()
    later.add(FIRST, "2024-05-09T08:00:00Z", page(7))
    # The older file comes last, and speaks of what the other one holds.
    older = Records()
    older.add(FIRST, "2023-01-05T08:00:00Z", page(5, more=f"<p><a href='{FILE}'>附件：时间表.txt</a></p>"))
    older.add(FILE, "2023-01-05T08:00:02Z", "渡口时间表\n周一至周五".encode(), Content_Type="text/plain")
    older.add(f"{ORIGIN}/style.css", "2023-01-05T08:00:03Z", b"p {}", Content_Type="text/css")
    older.add("https://elsewhere.example/t20240506_1.html", "2023-01-05T08:00:04Z", page(1))
    older.add(FIRST, "2023-06-05T08:00:00Z", page(6))
    older.again(FIRST, "2024-05-10T08:00:00Z", "2023-06-05T08:00:00Z")
    older.add(SECOND, "2023-06-05T08:00:01Z", page(2))
    older.add(SECOND, "2023-09-05T08:00:01Z", b"<h1>Not Found</h1>", status="404 Not Found")
    folder = tmp_path / "captures"
    folder.mkdir()
    (folder / "b.warc.gz").write_bytes(older.bytes())
    with zipfile.ZipFile(folder / "a.wacz", "w") as packed:
        packed.writestr("archive/data.warc.gz", later.bytes())
        packed.writestr("pages/pages.jsonl", "{}")

    done = policytrail("import", folder, *options, "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    jsonschema.validate(said, schema("import"))
    assert said["answers"] == 7 and said["known"] == 0
    assert said["left_out"]["of other hosts"] == 1 and said["left_out"]["no documents of this source"] == 1
    with Archive.open(archive, readonly=True) as opened:
        first, second = opened.find_document(FIRST), opened.find_document(SECOND)
        versions = opened.versions(first.document_id)
        assert [f"{v.first_seen_at:%Y-%m-%d}" for v in versions] == [
            "2023-01-05", "2023-06-05", "2024-05-09", "2024-05-10",
        ]  # fmt: skip
        assert versions[1].content_sha256 == versions[3].content_sha256 != versions[2].content_sha256
        assert len(versions[0].content.attachments) == 1
        assert not versions[1].content.attachments
        assert opened.fetches(second.document_id)[0].outcome is Outcome.GONE
        # In the order of their times, whatever was written first; page after page the same.
        whole = opened.fetches(first.document_id)
        assert [fetch.fetched_at for fetch in whole] == sorted((f.fetched_at for f in whole), reverse=True)
        paged = opened.fetches(first.document_id, limit=2)
        while following := opened.fetches(first.document_id, before=paged[-1].fetch_id, limit=2):
            paged += following
        assert paged == whole and len(whole) == 4
        assert not list(opened.events()) and not list(opened.late_versions(NAME))

    before = rows(archive, *RECORDED)
    again = policytrail("import", folder, *options)
    assert again.returncode == 0, again.stderr
    assert "nothing new" in again.stdout and "here already: 7" in again.stdout
    assert rows(archive, *RECORDED) == before


def test_a_cut_file_gives_what_is_whole_and_the_rest_later(sources: Path, policytrail: Command, tmp_path: Path) -> None:
    whole = Records()
    for number in range(1, 5):
        whole.add(f"{ORIGIN}/zc/t20240506_{number}.html", f"2023-01-0{number}T08:00:00Z", page(number))
    data, ends = whole.bytes(), whole.ends
    broken = bytearray(data[: ends[3] - 20])
    middle = (ends[0] + ends[1]) // 2
    broken[middle : middle + 8] = b"\0" * 8
    file = tmp_path / "cut.warc.gz"
    file.write_bytes(bytes(broken))
    archive = tmp_path / "archive.db"
    options = ("--source", NAME, "--archive", archive, "--sources", sources)
    done = policytrail("import", file, *options)
    assert done.returncode == 0, done.stderr
    assert "damaged" in done.stdout
    assert {url[-6:] for url in histories(archive)} == {"1.html"[-6:], "3.html"[-6:]}
    file.write_bytes(data)
    done = policytrail("import", file, *options)
    assert done.returncode == 0, done.stderr
    assert len(histories(archive)) == 4


def test_imports_between_crawls_announce_nothing_and_change_no_event(
    sources: Path, policytrail: Command, site: Site, tmp_path: Path
) -> None:
    write_source(sources, site.origin)
    path = "/zc/t20240506_1.html"
    site.pages["/zc/"] = Page(f"<ul><li><a href='{path}'>关于渡口开放时间的通告</a></li></ul>")
    archive = tmp_path / "archive.db"
    crawl = ("crawl", NAME, "--archive", archive, "--sources", sources, "--allow", site.host)
    # Older than any crawl: the first crawl is the baseline all the same.
    file = tmp_path / "old.warc.gz"
    file.write_bytes(Records().add(site.url(path), "2020-01-05T08:00:00Z", page(3)).bytes())
    options = ("--source", NAME, "--archive", archive, "--sources", sources)
    assert policytrail("import", file, *options).returncode == 0
    for days in (5, 7):
        site.pages[path] = Page(page(days))
        done = policytrail(*crawl)
        assert done.returncode == 0, done.stderr
    with Archive.open(archive, readonly=True) as opened:
        told = [(event.kind, event.baseline) for event in opened.events()]
        document = opened.find_document(site.url(path))
        crawled = opened.versions(document.document_id)
        between = crawled[1].first_seen_at + (crawled[2].first_seen_at - crawled[1].first_seen_at) / 2
    assert told == [("new", True), ("changed", False)]
    file.write_bytes(Records().add(site.url(path), f"{between:%Y-%m-%dT%H:%M:%S.%fZ}", page(6)).bytes())
    done = policytrail("import", file, *options)
    assert done.returncode == 0, done.stderr
    with Archive.open(archive, readonly=True) as opened:
        assert [(event.kind, event.baseline) for event in opened.events()] == told
        versions = opened.versions(document.document_id)
        assert [v.content.text.count(f"每周{n}天") for v, n in zip(versions, (3, 5, 6, 7), strict=True)] == [1] * 4
        assert not list(opened.late_versions(NAME))
        assert opened.source_state(NAME).runs == 2
    with sqlite3.connect(archive) as database:
        assert database.execute("select count(*) from outbox").fetchone() == (1,)
    database.close()
    # Nothing has changed on the site: the next crawl has nothing to tell, and the same history.
    kept = histories(archive)
    assert policytrail(*crawl).returncode == 0
    assert histories(archive) == kept
    with Archive.open(archive, readonly=True) as opened:
        assert len(list(opened.events())) == 2

    # What was crawled and imported goes into an empty archive and makes the same histories.
    export, other = tmp_path / "all.warc.gz", tmp_path / "other.db"
    out = policytrail("export", "--archive", archive, "--sources", sources, "--versions", "all", "--format", "warc",
                      "--out", export)  # fmt: skip
    assert out.returncode == 0, out.stderr
    for origin in (export, archive):
        other.unlink(missing_ok=True)
        done = policytrail("import", origin, "--source", NAME, "--archive", other, "--sources", sources)
        assert done.returncode == 0, done.stderr
        assert histories(other) == kept
    # And into the one it came from, nothing.
    before = rows(archive, *RECORDED)
    assert policytrail("import", export, *options).returncode == 0
    assert rows(archive, *RECORDED) == before


def test_saved_pages(sources: Path, policytrail: Command, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    (folder / "sub").mkdir(parents=True)
    mark = f"<!-- saved from url=(0042){FIRST} -->\n".encode()
    (folder / "old.html").write_bytes(mark + page(4))
    (folder / "sub" / "named.html").write_bytes(page(5))
    (folder / "nameless.html").write_bytes(page(6))
    single = f"<!--\n Page saved with SingleFile \n url: {SECOND} \n"
    single += " saved date: Mon May 06 2024 15:30:00 GMT+0800 (CST)\n-->"
    (folder / "single.html").write_bytes(single.encode() + page(7))
    (folder / "manifest.csv").write_text(f"file,url,time\nsub/named.html,{FIRST},2022-03-04T00:30:00\n", "utf-8")
    archive = tmp_path / "archive.db"
    done = policytrail("import", folder, "--source", NAME, "--archive", archive, "--sources", sources)
    assert done.returncode == 0, done.stderr
    assert "1 without an address" in done.stdout
    said = next(line for line in done.stdout.splitlines() if "times: told by" in line)
    assert all(f"{word} for 1" in said for word in ("the manifest", "the page", "the file's own time"))
    found = {url: [at for _, _, at in each] for url, each in histories(archive).items()}
    # A time without a zone is one of the source's.
    assert found[FIRST][0] == "2022-03-03T16:30:00+00:00" and len(found[FIRST]) == 2
    assert found[SECOND] == ["2024-05-06T07:30:00+00:00"]
    wrong = folder / "manifest.csv"
    wrong.write_text("name,address\nx,y\n", "utf-8")
    done = policytrail("import", folder, "--source", NAME, "--archive", archive, "--sources", sources)
    assert done.returncode == 1
    assert done.stderr.startswith(f"policytrail: {wrong}: each row needs file, url and time")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("20240506073000", "2024-05-06T07:30:00+00:00"),
        ("2024-05-06T15:30:00", "2024-05-06T07:30:00+00:00"),
        ("2024-05-06T15:30:00Z", "2024-05-06T15:30:00+00:00"),
        ("Mon, 06 May 2024 07:30:00 GMT", "2024-05-06T07:30:00+00:00"),
        ("2024年5月6日", "2024-05-05T16:00:00+00:00"),
        ("lately", None),
    ],
)
def test_times_as_manifests_write_them(text: str, wanted: str | None) -> None:
    found = moment_of(text, ZoneInfo("Asia/Shanghai"))
    assert (found.isoformat() if found else None) == wanted


def test_nothing_of_another_kind_is_touched(sources: Path, policytrail: Command, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a capture", "utf-8")
    whole = tmp_path / "whole.warc.gz"
    records = Records()
    for url in (FIRST, SECOND):
        records.add(url, "2023-01-05T08:00:00Z", page(1))
    whole.write_bytes(gzip.compress(gzip.decompress(records.bytes())))
    database = tmp_path / "other.sqlite"
    with sqlite3.connect(database) as made:
        made.execute("create table t (x)")
    made.close()
    options = ("--source", NAME, "--archive", tmp_path / "archive.db", "--sources", sources)
    done = policytrail("import", file, *options)
    assert done.returncode == 0 and "1 files of other kinds" in done.stdout
    done = policytrail("import", database, *options)
    assert done.returncode == 1 and "another program's database" in done.stderr
    done = policytrail("import", whole, *options)
    assert done.returncode == 1 and "packed as a whole" in done.stderr and "Traceback" not in done.stderr
    done = policytrail("import", tmp_path / "missing.warc", *options)
    assert done.returncode == 1 and "no such file or folder" in done.stderr
