"""Each command on the archive of the demonstration: what it prints, its JSON, and what the operator does wrong."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema
import pytest
from click.testing import CliRunner, Result

from crawler.cli import policytrail as commands
from crawler.commands.evidence import SUMS, ending
from crawler.commands.finding import spellings
from crawler.commands.output import sized
from crawler.commands.scheduling import settle
from crawler.commands.when import When, read
from crawler.corpus.manifest import beside, verify
from crawler.schemas import schema
from storage import Archive, Listed
from storage.browsing import Filter
from storage.errors import ArchiveError
from storage.model import Role
from tests.conftest import ROOT, Command, Demonstration
from tests.crawling import listing, notice
from tests.site import Page, Site

NOTICE = "/zcwj/202411/t20241108_1001.html"
WITHDRAWN = "/zcwj/202410/t20241010_1004.html"
ATTACHMENT = "/zcwj/202411/P020241108345002.docx"
TOMORROW = "2999-01-01"


def call(demonstration: Demonstration, *arguments: str) -> Result:
    """Run a command in this process, on the archive of the demonstration."""
    env = {"POLICYTRAIL_ARCHIVE": str(demonstration.archive), "POLICYTRAIL_SOURCES": str(demonstration.sources)}
    return CliRunner().invoke(commands, list(arguments), env=env)


def good(demonstration: Demonstration, *arguments: str) -> str:
    result = call(demonstration, *arguments)
    assert result.exit_code == 0, result.output
    assert "\x1b" not in result.stdout
    return result.stdout


def one_line(result: Result | subprocess.CompletedProcess[str]) -> str:
    """Return the only line that a command printed about what is wrong."""
    code = result.exit_code if isinstance(result, Result) else result.returncode
    assert code == 1, result.stderr
    assert result.stderr.count("\n") == 1, result.stderr
    assert result.stderr.startswith("policytrail: ")
    return result.stderr.strip()


# JSON


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("sources", []),
        ("status", ["--allow", "127.0.0.1:1,127.0.0.1:2"]),
        ("changes", ["--baseline"]),
        ("changes", ["--since", TOMORROW]),
        ("search", ["公共"]),
        ("search", ["no such words anywhere"]),
    ],
)
def test_json_is_as_its_schema_says(demonstration: Demonstration, name: str, arguments: list[str]) -> None:
    jsonschema.validate(json.loads(good(demonstration, name, *arguments, "--json")), schema(name))


@pytest.mark.parametrize("arguments", [["show"], ["show", "--left-out"], ["show", "--version", "1"], ["diff"]])
def test_json_of_one_document_is_as_its_schema_says(demonstration: Demonstration, arguments: list[str]) -> None:
    name, *options = arguments
    printed = good(demonstration, name, demonstration.origin + NOTICE, *options, "--json")
    jsonschema.validate(json.loads(printed), schema(name))


def test_allow_entries_come_with_commas_or_spaces(demonstration: Demonstration) -> None:
    env = {"POLICYTRAIL_ALLOW": "127.0.0.1:1,localhost:2 10.0.0.1:3", "POLICYTRAIL_ARCHIVE": str(demonstration.archive)}
    result = CliRunner().invoke(commands, ["status", "--json"], env=env)
    assert json.loads(result.stdout)["allow"] == ["127.0.0.1:1", "localhost:2", "10.0.0.1:3"]


# Reading


def test_status(demonstration: Demonstration) -> None:
    out = good(demonstration, "status")
    assert sqlite3.sqlite_version in out
    assert "demo_city" in out and "finished" in out and "1 blocked" in out
    assert "overdue" not in out
    assert out.count("Asia/Shanghai") == 1


def test_sources_that_were_not_seen_live_say_so(demonstration: Demonstration) -> None:
    out = good(demonstration, "sources")
    line = next(line for line in out.splitlines() if line.startswith("demo_ministry"))
    assert "not yet seen live" in line and "8 documents" in line
    assert "澜江省公共服务厅" in out


def test_bad_source_file_is_named_and_the_others_are_listed(demonstration: Demonstration, tmp_path: Path) -> None:
    folder = tmp_path / "sources"
    shutil.copytree(demonstration.sources, folder)
    (folder / "cn_bad.toml").write_text('publisher = "x"\nlist = "y"\n')
    result = call(demonstration, "sources", "--sources", str(folder))
    assert result.exit_code == 1
    assert "demo_city" in result.stdout
    assert f"{folder / 'cn_bad.toml'}:2" in result.stderr


def test_changes_hide_what_first_runs_found(demonstration: Demonstration) -> None:
    told = json.loads(good(demonstration, "changes", "--json"))
    everything = json.loads(good(demonstration, "changes", "--baseline", "--json"))
    assert told and not any(event["baseline"] for event in told)
    assert len(everything) > len(told)
    assert [event["event_id"] for event in everything] == sorted(event["event_id"] for event in everything)


def test_changes_in_a_line_or_two(demonstration: Demonstration) -> None:
    out = good(demonstration, "changes", "--match", "图书 800")
    block = out.split("\n\n")[0].splitlines()
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d  changed   澜江省", block[0])
    assert block[1].strip() == demonstration.origin + NOTICE
    assert "500 → 800" in block[3]
    assert "Asia/Shanghai" in out


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (["--kind", "removed"], 1),
        (["--kind", "removed", "--kind", "moved"], 2),
        (["--source", "demo_city"], 1),
        (["--since", "2d", "--kind", "moved"], 1),
        (["--since", TOMORROW], 0),
        (["--match", "每人每月500元"], 1),
        (["--match", "no such words"], 0),
    ],
)
def test_changes_are_chosen(demonstration: Demonstration, options: list[str], count: int) -> None:
    assert len(json.loads(good(demonstration, "changes", *options, "--json"))) == count


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--baseline", "--quiet"],
        ["--source", "demo_ministry"],
        ["--kind", "changed", "--kind", "new", "--baseline"],
        ["--since", "2d", "--until", TOMORROW],
        ["--match", "图书", "--baseline"],
        ["--match", "图书 800"],
        ["--match", "通知"],
        ["--match", "2024", "--baseline"],
        ["--match", "图书 no such words"],
    ],
)
def test_limit_takes_the_newest_of_all(demonstration: Demonstration, options: list[str]) -> None:
    whole = json.loads(good(demonstration, "changes", *options, "--json"))
    for limit in (1, 2, 5, 100):
        newest = json.loads(good(demonstration, "changes", *options, "--limit", str(limit), "--json"))
        assert [event["event_id"] for event in newest] == [event["event_id"] for event in whole[-limit:]]


def test_words_of_many_texts_are_looked_for_in_the_newest_events(
    demonstration: Demonstration, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = json.loads(good(demonstration, "changes", "--match", "通知", "--json"))
    monkeypatch.setattr("crawler.commands.changes.MOST_HELD", 0)
    newest = json.loads(good(demonstration, "changes", "--match", "通知", "--limit", "100", "--json"))
    assert [event["event_id"] for event in newest] == [event["event_id"] for event in whole]
    monkeypatch.setattr("crawler.commands.changes.MOST_READ", 3)
    result = call(demonstration, "changes", "--match", "no such words")
    assert "only the newest 3 events were looked through" in result.stderr and not result.stdout


def test_what_is_left_out_is_said(demonstration: Demonstration) -> None:
    result = call(demonstration, "changes", "--limit", "2")
    assert "older ones are left out; --limit 20 shows more" in result.stderr
    assert "first runs" not in result.stderr
    everything = json.loads(good(demonstration, "changes", "--baseline", "--json"))
    hidden = sum(event["baseline"] for event in everything)
    for options in ([], ["--since", "2d"], ["--until", TOMORROW]):
        result = call(demonstration, "changes", *options)
        assert "left out" not in result.stderr and f"{hidden} more from first runs" in result.stderr
    assert "first runs" not in call(demonstration, "changes", "--until", "2020-01-01").stderr


def test_reader_that_goes_away_is_no_error(demonstration: Demonstration, environment: Mapping[str, str]) -> None:
    command = [sys.executable, "-m", "crawler", "changes", "--archive", demonstration.archive, "--baseline"]
    command += ["--sources", demonstration.sources]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_show_has_fields_history_and_text(demonstration: Demonstration) -> None:
    out = good(demonstration, "show", demonstration.origin + NOTICE)
    assert "document number  澜公服发〔2024〕18号" in out
    assert "active since" in out
    assert re.search(r"^ +2  .+2 changed \(amount, date\)  \(silent: its dates stayed\)  <- shown$", out, re.M)
    assert "每人每月800元" in out and "每人每月500元" not in out


def test_show_an_earlier_version(demonstration: Demonstration) -> None:
    url = demonstration.origin + NOTICE
    assert "每人每月500元" in good(demonstration, "show", url, "--version", "1")
    assert "每人每月800元" in good(demonstration, "show", url, "--at", TOMORROW)
    assert "first seen at" in one_line(call(demonstration, "show", url, "--at", "2001-01-01"))
    assert "versions 1 to 2" in one_line(call(demonstration, "show", url, "--version", "3"))


def test_what_is_gone_can_still_be_read(demonstration: Demonstration) -> None:
    out = good(demonstration, "show", demonstration.origin + WITHDRAWN)
    assert "gone since" in out and "410" in out
    assert "因热线系统升级" in out


def test_show_what_is_left_out_and_why(demonstration: Demonstration) -> None:
    out = good(demonstration, "show", demonstration.origin + NOTICE, "--left-out")
    assert re.search(r"^  \[\w+\] ", out, re.M)


def test_snapshot_is_the_bytes(demonstration: Demonstration) -> None:
    with Archive.open(demonstration.archive, readonly=True) as archive:
        for path in (NOTICE, ATTACHMENT):
            resource = archive.resource_id(demonstration.origin + path)
            assert resource is not None
            good_fetch = archive.last_good(resource, sys.maxsize)
            assert good_fetch is not None and good_fetch.snapshot_id is not None
            body = archive.snapshot(good_fetch.snapshot_id).body
            result = call(demonstration, "show", demonstration.origin + path, "--snapshot")
            assert result.stdout_bytes == body


def test_evidence_is_whole_and_proves_itself(demonstration: Demonstration, tmp_path: Path) -> None:
    out = tmp_path / "proof"
    assert SUMS in good(demonstration, "show", demonstration.origin + NOTICE, "--evidence", str(out))
    names = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert {"old/main-00.html.txt", "new/main-00.html.txt", "old/main-00.headers.txt", "old/text.txt"} <= names
    assert {"diff.html", "diff.json", "diff.txt", "evidence.json", SUMS} <= names
    done = subprocess.run(["sha256sum", "--check", "--strict", SUMS], cwd=out, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len((out / SUMS).read_text().splitlines()) == len(names) - 1
    facts = json.loads((out / "evidence.json").read_text("utf-8"))
    jsonschema.validate(facts, schema("evidence"))
    jsonschema.validate(json.loads((out / "diff.json").read_text("utf-8")), schema("diff"))
    assert [step["what"] for step in facts["time_line"]] == [
        "version 1 first seen",
        "version 1 last seen so",
        "version 2 first seen, different",
        "version 2 last seen so",
    ]
    assert facts["silent"] is True
    for side in ("old", "new"):
        for answer in facts["versions"][side]["answers"]:
            body = (out / answer["file"]).read_bytes()
            assert hashlib.sha256(body).hexdigest() == answer["sha256"]
    assert "500" in (out / "old" / "text.txt").read_text("utf-8")
    assert "text/html" in (out / "old" / "main-00.headers.txt").read_text("utf-8").lower()


def test_evidence_of_a_first_version_has_one_side(demonstration: Demonstration, tmp_path: Path) -> None:
    result = call(demonstration, "show", demonstration.origin + WITHDRAWN, "--evidence", str(tmp_path / "proof"))
    assert result.exit_code == 0, result.output
    assert "first version" in result.stderr
    assert not (tmp_path / "proof" / "old").exists()
    jsonschema.validate(json.loads((tmp_path / "proof" / "evidence.json").read_text("utf-8")), schema("evidence"))


def test_evidence_overwrites_nothing(demonstration: Demonstration, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept")
    said = one_line(call(demonstration, "show", demonstration.origin + NOTICE, "--evidence", str(tmp_path)))
    assert "exists already" in said
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html>", ".html.txt"),
        (b"%PDF-1.7", ".pdf"),
        (b"PK\x03\x04", ".zip"),
        (b"", ".bin"),
        (b"MZ", ".bin"),
    ],
)
def test_evidence_is_named_by_us(body: bytes, name: str) -> None:
    assert ending(body) == name


def test_address_may_be_typed_with_another_scheme_or_none(demonstration: Demonstration) -> None:
    bare = demonstration.origin.removeprefix("http://") + NOTICE
    for typed in (bare, f"https://{bare}#top", f"HTTP://{bare}?utm_source=x"):
        assert "图书室" in good(demonstration, "show", typed)
    assert spellings("Example.org") == ("https://example.org/", "http://example.org/")
    assert spellings("http://[") == ()


def test_unknown_address_says_what_is_near(demonstration: Demonstration) -> None:
    said = one_line(call(demonstration, "show", f"http://elsewhere.example{NOTICE}"))
    assert f"did you mean {demonstration.origin}{NOTICE}?" in said
    assert "not an http" in one_line(call(demonstration, "show", "http://["))


def test_diff_marks_what_differs(demonstration: Demonstration) -> None:
    url = demonstration.origin + NOTICE
    for points in ([], ["1"], ["1", "2"], ["1", TOMORROW]):
        assert "[-500-]{+800+}" in good(demonstration, "diff", url, *points)
    assert "[-800-]{+500+}" in good(demonstration, "diff", url, "2", "1")
    page = good(demonstration, "diff", url, "--html")
    assert page.startswith("<!DOCTYPE html>") and "<del>500</del><ins>800</ins>" in page


def test_diff_shows_what_an_attachment_says_otherwise(demonstration: Demonstration) -> None:
    url = demonstration.origin + "/zcwj/202411/t20241115_1002.html"
    text = good(demonstration, "diff", url)
    assert "竹溪县文化馆一楼" in text and "silent:" in text
    shown = json.loads(good(demonstration, "diff", url, "--json"))
    jsonschema.validate(shown, schema("diff"))
    assert shown["silent"]
    assert [file["url"] for file in shown["files"]] == [f"{demonstration.origin}/zcwj/202411/P020241115220001.pdf"]


def test_diff_needs_two_versions(demonstration: Demonstration) -> None:
    said = one_line(call(demonstration, "diff", demonstration.origin + WITHDRAWN))
    assert "nothing to compare" in said


def test_search_marks_the_words(demonstration: Demonstration) -> None:
    assert "[公共]" in good(demonstration, "search", "公共")
    result = call(demonstration, "search", "no such words anywhere")
    assert (result.exit_code, result.stdout) == (0, "")
    old = ["search", "每人每月500元", "--json"]
    assert json.loads(good(demonstration, *old)) == []
    assert len(json.loads(good(demonstration, *old, "--all-versions"))) == 1


def test_export_to_a_file_and_to_standard_output(demonstration: Demonstration, tmp_path: Path) -> None:
    out = tmp_path / "corpus.jsonl"
    good(demonstration, "export", "--format", "jsonl", "--out", str(out), "--source", "demo_press")
    assert verify(beside(out)) == []
    manifest = json.loads(beside(out).read_text())
    assert manifest["filters"]["source"] == ["demo_press"]
    assert list(manifest["sources"]) == ["demo_press"]
    assert good(demonstration, "export", "--out", "-", "--source", "demo_press") == out.read_text("utf-8")


def test_export_leaves_out_what_was_taken_down(demonstration: Demonstration) -> None:
    result = call(demonstration, "export", "--out", "-")
    assert WITHDRAWN not in result.stdout
    assert "1 left out (gone)" in result.stderr


# What the operator does wrong


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["changes", "--source", "demo_minstry"], "did you mean demo_ministry?"),
        (["crawl", "demo_minstry"], "did you mean demo_ministry or"),
        (["derive", "demo_minstry"], "did you mean demo_ministry?"),
        (["search", "x", "--source", "cn_gov_zhengce"], "has not run yet"),
        (["status", "--archive", "nowhere/a.db"], "there is no archive here"),
        (["crawl", "demo_city", "--archive", "nowhere/a.db"], "nowhere: no such folder"),
        (["schedule", "demo_city", "--archive", "nowhere/a.db"], "nowhere: no such folder"),
        (["status", "--archive", __file__], "cannot be opened as an archive"),
        (["sources", "--sources", "nowhere"], "there is no folder"),
        (["crawl", "demo_city", "--allow", "localhost"], "HOST:PORT is needed"),
        (["export", "--out", "nowhere/corpus.jsonl"], "no such folder"),
        (["export", "--out", "/proc/corpus.jsonl"], "/proc"),
        (["export", "--out", "/dev/full", "--format", "jsonl"], "/dev/full: the disk is full"),
    ],
)
def test_mistake_is_said_in_one_line(
    demonstration: Demonstration, policytrail: Command, arguments: list[str], said: str
) -> None:
    env = {"POLICYTRAIL_ARCHIVE": str(demonstration.archive), "POLICYTRAIL_SOURCES": str(demonstration.sources)}
    assert said in one_line(policytrail(*arguments, env=env))


@pytest.mark.parametrize(
    "arguments",
    [
        ["changes", "--since", "yesterday"],
        ["changes", "--kind", "edited"],
        ["show"],
        ["show", "http://x.example/", "--at", "2d", "--version", "1"],
        ["show", "http://x.example/", "--snapshot", "--json"],
        ["diff", "http://x.example/", "--html", "--json"],
        ["diff", "http://x.example/", "first"],
        ["crawl", "--clock-scale", "0"],
        ["nothing"],
    ],
)
def test_misuse_shows_the_usage(demonstration: Demonstration, arguments: list[str]) -> None:
    result = call(demonstration, *arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("Usage: ")


def test_archive_in_a_folder_that_is_read_only_can_be_read(demonstration: Demonstration, tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    path = folder / "archive.db"
    shutil.copy(demonstration.archive, path)
    path.chmod(0o400)
    folder.chmod(0o500)
    try:
        assert "demo_city" in good(demonstration, "status", "--archive", str(path))
    finally:
        folder.chmod(0o700)


def test_page_text_cannot_reach_the_terminal(demonstration: Demonstration, tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    shutil.copy(demonstration.archive, path)
    hostile = "\x1b[31m\x1b]0;owned\x07\x9b5m\u202etitle\r"
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("update version set title = ?, text = ? || text", (hostile, hostile))
        connection.execute("update event set title = ?", (hostile,))
        connection.execute("update version_piece set name = ?", (hostile,))
    connection.close()
    url = demonstration.origin + NOTICE
    for arguments in (
        ["changes", "--baseline"],
        ["show", url],
        ["diff", url],
        ["diff", url, "--html"],
        ["search", "公共"],
        ["changes", "--json"],
        ["show", url, "--json"],
        ["search", "公共", "--json"],
    ):
        result = call(demonstration, *arguments, "--archive", str(path))
        assert result.exit_code == 0, result.output
        assert "title" in result.stdout
        odd = {char for char in result.output if not char.isprintable()} - {"\n"}
        assert not odd, (arguments, odd)


# Crawling, deriving, scheduling


def test_help_costs_little_more_than_click() -> None:
    code = "import sys, crawler.cli; print(*{n.partition('.')[0] for n in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not {"scrapy", "twisted", "rich", "lxml", "storage", "spiders", "apscheduler"} & set(loaded.split())


def serve(site: Site, sources: Path, *, pages: int = 2, delay: float = 0.0) -> None:
    """Put a small section on a site, and write the source that watches it."""
    paths = [f"/zc/t20240506_{number}.html" for number in range(pages)]
    html = {"Content-Type": "text/html; charset=utf-8"}
    site.pages["/zc/list.html"] = Page(listing(*paths), html)
    for path in paths:
        site.pages[path] = Page(notice(f"关于{path}事项的通知", f"地址{path}已经公布。"), html)
    (sources / "cn_section.toml").write_text(
        f'publisher = "澜江省"\nlists = ["http://{site.host}/zc/list.html"]\n'
        f"documents = ['/t\\d+_\\d+\\.html$']\ndelay = {delay}\n",
        "utf-8",
    )


def test_crawl_of_own_sources(policytrail: Command, site: Site, sources_dir: Path) -> None:
    serve(site, sources_dir)
    (sources_dir / "cn_silent.toml").write_text(
        f'publisher = "x"\nlists = ["http://{site.host}/missing.html"]\ndocuments = ["x"]\ndelay = 0\n'
    )
    options = ["--sources", sources_dir, "--allow", site.host]
    result = policytrail("crawl", *options, "--json")
    assert result.returncode == 1, result.stderr
    summaries = json.loads(result.stdout)
    jsonschema.validate(summaries, schema("crawl"))
    assert [(one["source"], one["end"]) for one in summaries] == [("cn_section", "finished"), ("cn_silent", "failed")]
    assert summaries[0]["baseline"] and summaries[0]["events"] == {"new": 2}
    assert "cn_section: starts" in result.stderr
    again = policytrail("crawl", "cn_section", *options)
    assert again.returncode == 0, again.stderr
    assert "nothing new" in again.stdout


def test_crawl_stops_when_it_is_asked_and_goes_on_later(
    policytrail: Command, site: Site, sources_dir: Path, environment: Mapping[str, str], tmp_path: Path
) -> None:
    serve(site, sources_dir, pages=6)
    held, reached = threading.Event(), threading.Event()
    page = site.pages["/zc/t20240506_3.html"]
    assert isinstance(page, Page)

    def waits(_: object) -> Page:
        reached.set()
        held.wait(30)
        return page

    site.pages["/zc/t20240506_3.html"] = waits
    options = ["crawl", "--sources", str(sources_dir), "--allow", site.host]
    command = [sys.executable, "-m", "crawler", *options]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert reached.wait(30)
        process.send_signal(signal.SIGINT)
        held.set()
        out, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "stopped" in out
    assert "the same command goes on" in errors
    assert "Traceback" not in errors
    result = policytrail(*options, "--json")
    (summary,) = json.loads(result.stdout)
    assert summary["resumed"] and summary["events"] == {"new": 6}


def test_crawl_goes_on_when_nobody_reads_what_it_says(
    site: Site, sources_dir: Path, environment: Mapping[str, str], tmp_path: Path
) -> None:
    serve(site, sources_dir, pages=3)
    held, reached = threading.Event(), threading.Event()
    page = site.pages["/zc/t20240506_2.html"]
    assert isinstance(page, Page)

    def waits(_: object) -> Page:
        reached.set()
        held.wait(30)
        return page

    site.pages["/zc/t20240506_2.html"] = waits
    command = [sys.executable, "-m", "crawler", "crawl", "--sources", str(sources_dir), "--allow", site.host]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout and process.stderr
        try:
            assert reached.wait(30)
            # As where who started it was killed.
            process.stdout.close()
            process.stderr.close()
            held.set()
            process.wait(60)
        finally:
            process.kill()
    with Archive.open(tmp_path / "policytrail.db", readonly=True) as archive:
        state = archive.source_state("cn_section")
        assert state.last_run is not None
        assert (state.last_run.end, state.versions) == ("finished", 3)


def test_derive_says_what_alters_and_announces_nothing(
    demonstration: Demonstration, policytrail: Command, tmp_path: Path
) -> None:
    path, folder = tmp_path / "archive.db", tmp_path / "own"
    shutil.copy(demonstration.archive, path)
    shutil.copytree(demonstration.sources, folder)
    before = versions(path)
    options = ["derive", "demo_city", "--archive", path, "--sources", folder]
    same = policytrail(*options)
    assert same.returncode == 0, same.stderr
    assert "nothing alters" in same.stdout
    assert versions(path) == before
    with (folder / "demo_city.toml").open("a") as file:
        file.write('drop = ["p:first-of-type"]\n')
    dry = policytrail(*options, "--dry-run")
    assert "3 alter" in dry.stdout and "nothing kept" in dry.stdout, dry.stdout + dry.stderr
    assert versions(path) == before
    kept = policytrail(*options)
    assert "3 alter" in kept.stdout
    after = versions(path)
    assert after != before
    assert after.keys() == before.keys()
    with Archive.open(path, readonly=True) as one, Archive.open(demonstration.archive, readonly=True) as other:
        assert list(one.events()) == list(other.events())


def versions(path: Path) -> dict[tuple[int, int], str]:
    with Archive.open(path, readonly=True) as archive:
        return archive.version_marks("demo_city")


def test_schedule_runs_what_is_overdue_tells_of_it_and_ends_when_asked(
    policytrail: Command, site: Site, sources_dir: Path, environment: Mapping[str, str], tmp_path: Path
) -> None:
    serve(site, sources_dir)
    held, reached = threading.Event(), threading.Event()
    page = site.pages["/zc/t20240506_1.html"]
    assert isinstance(page, Page)

    def waits(_: object) -> Page:
        reached.set()
        held.wait(30)
        return page

    def told(*command: str) -> dict[str, Any]:
        result = policytrail(*command, "--json", "--sources", sources_dir)
        assert result.returncode in (0, 3), result.stderr
        value: dict[str, Any] = json.loads(result.stdout)
        jsonschema.validate(value, schema(command[0]))
        return value

    site.pages["/zc/t20240506_1.html"] = waits
    command = [sys.executable, "-m", "crawler", "schedule", "--sources", str(sources_dir), "--allow", site.host]
    command += ["--memory", "512", "--jitter", "5"]
    with_older_tables(tmp_path / "policytrail.db")
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        assert reached.wait(60)
        # From a second terminal, while the run goes on.
        seen = told("schedule", "--status")
        assert seen["scheduler"]["pid"] == process.pid
        (entry,) = (each["entry"] for each in seen["sources"])
        assert (entry["source"], entry["state"]) == ("cn_section", "running")
        (state,) = told("status")["sources"]
        assert (state["running"], state["last_run"]["end"]) == (True, None)
        assert "still running" in policytrail("status", "--sources", sources_dir).stdout
        held.set()
        lines = []
        for line in process.stderr:
            lines.append(line)
            if "run of cn_section ends: exit code 0" in line:
                process.send_signal(signal.SIGTERM)
    assert process.returncode == 0, lines
    with Archive.open(tmp_path / "policytrail.db", readonly=True) as archive:
        assert archive.source_state("cn_section").versions == 2
    after = policytrail("schedule", "--status", "--sources", sources_dir)
    assert after.returncode == 3
    assert "no scheduler is at work" in after.stdout and "planned" in after.stdout
    assert told("schedule", "--status")["scheduler"] is None


def with_older_tables(path: Path) -> None:
    """Make an archive as the program before the last step of its tables left it."""
    Archive.open(path, create=True).close()
    db = sqlite3.connect(path)
    for name in ("event_by_run", "document_by_state", "document_of_state"):
        db.execute(f"drop index {name}")
    db.execute("delete from _sqlite_migrations where name = 'm008_browsing'")
    db.commit()
    db.close()
    with pytest.raises(ArchiveError, match="older policytrail"):
        Archive.open(path, readonly=True)


def test_a_killed_run_looks_killed(
    policytrail: Command, site: Site, sources_dir: Path, environment: Mapping[str, str], tmp_path: Path
) -> None:
    serve(site, sources_dir)
    page, reached, held = site.pages["/zc/t20240506_1.html"], threading.Event(), threading.Event()
    assert isinstance(page, Page)

    def waits(_: object) -> Page:
        reached.set()
        held.wait(30)
        return page

    site.pages["/zc/t20240506_1.html"] = waits
    command = [sys.executable, "-m", "crawler", "crawl", "--sources", str(sources_dir), "--allow", site.host]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, **quiet) as process:
        assert reached.wait(60)
        process.kill()
    held.set()
    told = policytrail("status", "--sources", sources_dir)
    assert "interrupted" in told.stdout and "running" not in told.stdout
    # A scheduler closes it first, whatever comes then.
    assert settle(tmp_path / "policytrail.db", "cn_section", now=datetime.now(UTC))
    assert not settle(tmp_path / "policytrail.db", "cn_section", now=datetime.now(UTC))
    with Archive.open(tmp_path / "policytrail.db", readonly=True) as archive:
        assert [run.end for run in archive.runs("cn_section")] == ["interrupted"]


# Words and times


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-11-20", "2026-11-19T16:00:00+00:00", "2026-11-20T15:59:59.999999+00:00"),
        ("2026-11-20T08:30", "2026-11-20T00:30:00+00:00", "2026-11-20T00:30:00+00:00"),
        ("2026-11-20T08:30Z", "2026-11-20T08:30:00+00:00", "2026-11-20T08:30:00+00:00"),
        ("12h", "2026-11-20T00:00:00+00:00", "2026-11-20T00:00:00+00:00"),
        ("2 d", "2026-11-18T12:00:00+00:00", "2026-11-18T12:00:00+00:00"),
        ("1w", "2026-11-13T12:00:00+00:00", "2026-11-13T12:00:00+00:00"),
    ],
)
def test_times_as_people_type_them(text: str, start: str, end: str) -> None:
    when = read(text, datetime(2026, 11, 20, 12, tzinfo=UTC))
    zone = ZoneInfo("Asia/Shanghai")
    assert when.start(zone).astimezone(UTC).isoformat() == start
    assert when.end(zone).astimezone(UTC).isoformat() == end


@pytest.mark.parametrize("text", ["", "x", "-1d", "2026-13-01", "2026-11-2", "99999w 1d", "²d", "2026-11-20Tx"])
def test_times_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match="2026-11-20T08:30"):
        read(text, datetime(2026, 11, 20, tzinfo=UTC))


def test_age_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(ValueError, match="is not a day"):
        read("99999w", datetime(1900, 1, 1, tzinfo=UTC))
    assert read("2026-11-20", datetime(2026, 1, 1, tzinfo=UTC)) == When(day=date(2026, 11, 20))


def test_sizes() -> None:
    assert [sized(n) for n in (0, 1023, 1024, 15 * 1024, 3 << 20, 5 << 40)] == [
        "0 B",
        "1023 B",
        "1.0 KiB",
        "15 KiB",
        "3.0 MiB",
        "5120 GiB",
    ]


def test_every_command_is_documented() -> None:
    documents = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    text = "\n".join(path.read_text("utf-8") for path in documents)
    assert [name for name in commands.commands if f"policytrail {name}" not in text] == []


def test_help_has_groups_and_each_example_is_one(policytrail: Command) -> None:
    from crawler.help import EXAMPLES, SECTIONS

    shown = CliRunner().invoke(commands, ["--help"]).output
    assert all(f"{title}:" in shown for title in ("To begin", "Crawl", "Read", "Be told"))
    assert [name for name in commands.commands if f"\n  {name} " not in shown] == []
    named = {name for names in SECTIONS.values() for name in names}
    assert set(EXAMPLES) <= named
    for name in EXAMPLES.keys() & commands.commands.keys():
        for example in EXAMPLES[name]:
            program, first, *arguments = shlex.split(example)
            assert (program, first) == ("policytrail", name)
            commands.commands[name].make_context(name, arguments, resilient_parsing=False)


def test_backup_is_whole_and_overwrites_nothing(demonstration: Demonstration, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    assert "checked" in good(demonstration, "backup", str(target))
    assert [path.name for path in tmp_path.iterdir()] == ["copy.db"]
    before = target.read_bytes()
    assert "nothing was touched" in one_line(call(demonstration, "backup", str(target)))
    assert target.read_bytes() == before
    assert "no such folder" in one_line(call(demonstration, "backup", str(tmp_path / "no" / "copy.db")))
    with Archive.open(target) as copy, Archive.open(demonstration.archive, readonly=True) as original:
        counts = {name: count for name, count in copy.sizes().items() if name != "bytes"}
        assert counts == {name: count for name, count in original.sizes().items() if name != "bytes"}
        assert copy.find("图书室 补贴", Filter()).hits and copy.full_check().problems == ()


def test_backup_while_another_program_writes_is_of_one_moment(demonstration: Demonstration, tmp_path: Path) -> None:
    path, target = tmp_path / "archive.db", tmp_path / "copy.db"
    good(demonstration, "backup", str(path))
    stop, written = threading.Event(), []

    def write() -> None:
        with Archive.open(path) as archive:
            while not stop.is_set():
                at = datetime.now(UTC)
                run = archive.begin_run(f"cn_busy_{len(written)}", at=at, extractor="x", profile="y")
                archive.add_listings(
                    run, [Listed(url=f"http://x.example/{run.run_id}", role=Role.MAIN)], found_on=None, at=at
                )
                written.append(run.run_id)

    with Archive.open(path, readonly=True) as archive:
        writer = threading.Thread(target=write)
        writer.start()
        try:
            while len(written) < 5:
                stop.wait(0.01)
            copied = archive.backup(target)
        finally:
            stop.set()
            writer.join()
    connection = sqlite3.connect(f"file:{target}?mode=ro", uri=True)
    try:
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
        runs = connection.execute("select count(*) from run where source like 'cn_busy%'").fetchone()[0]
        listed = connection.execute("select count(*) from listing where source like 'cn_busy%'").fetchone()[0]
    finally:
        connection.close()
    assert 0 <= runs - listed <= 1 and runs >= 5 and copied.rows > 0


def test_damage_is_seen(demonstration: Demonstration, tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    good(demonstration, "backup", str(path))
    connection = sqlite3.connect(path)
    (page,) = connection.execute("select rootpage from sqlite_master where name = 'fetch_by_run'").fetchone()
    (size,) = connection.execute("pragma page_size").fetchone()
    connection.close()
    body = bytearray(path.read_bytes())
    body[(page - 1) * size : (page - 1) * size + 200] = b"\xff" * 200
    path.write_bytes(body)
    for option in ([], ["--check"]):
        with Archive.open(path, readonly=True) as archive:
            found = archive.full_check() if option else archive.quick_check(limit_s=60)
        assert found.problems


def test_status_tells_where_settings_come_from(demonstration: Demonstration) -> None:
    told = json.loads(good(demonstration, "status", "--json", "--contact", "me@example.org", "--check"))
    settings = {each["name"]: (each["value"], each["given_by"]) for each in told["settings"]}
    assert settings["contact"] == ("me@example.org", "option")
    assert settings["sources"] == (str(demonstration.sources), "variable")
    assert told["integrity"] == {"checked": "full", "whole": True, "problems": []}
    assert told["scheduler"] == "never started" and told["free_bytes"] > 0
    assert told["outbox"]["unrouted"] == 9
    assert bool(told["sqlite_faults"]) is (sqlite3.sqlite_version_info < (3, 51, 3))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_for_our_command(shell: str) -> None:
    out = CliRunner().invoke(commands, ["completion", shell]).stdout
    assert "_POLICYTRAIL_COMPLETE" in out and "policytrail" in out


def test_names_of_sources_are_completed(demonstration: Demonstration, policytrail: Command) -> None:
    asked = {"COMP_WORDS": "policytrail crawl demo_m", "COMP_CWORD": "2", "_POLICYTRAIL_COMPLETE": "bash_complete"}
    done = policytrail(env={**asked, "POLICYTRAIL_SOURCES": str(demonstration.sources)})
    assert done.stdout.split() == ["plain,demo_ministry"], done.stderr
