"""A corpus of an archive that goes on: the same again after later crawls, and what its manifest says was not seen."""

from __future__ import annotations

import json
import signal
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
from click.testing import CliRunner

from crawler.cli import policytrail
from crawler.corpus.manifest import beside
from crawler.schemas import schema
from tests.crawling import DOCUMENTS, Crawls, end, listing, notice
from tests.site import Page, Request, Site

FIRST, SECOND, FORBIDDEN, BLOCKED, EMPTY, LATE = (f"/zc/t2024050{n}_{n}.html" for n in (1, 2, 3, 4, 5, 6))
REPOST, NEVER = "/xw/t20240507_7.html", "/xw/t20240508_8.html"
BODY = ("每处图书室补助标准为1200元。", "申请人应当于2024年6月1日前提交材料。", "补助资金实行专账核算，向社会公布。")


def manifest_of(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(beside(out).read_bytes())
    jsonschema.validate(found, schema("manifest"))
    return found


def records(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.read_text("utf-8").splitlines()]


def test_a_corpus_is_the_same_after_later_crawls(
    site: Site, archive_path: Path, sources_dir: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    crawls = Crawls(archive_path, sources_dir, environment, [site.host])

    def exported(name: str, *options: str) -> Path:
        out = tmp_path / name
        words = ["export", "--out", str(out), *options, "--archive", str(archive_path), "--sources", str(sources_dir)]
        result = CliRunner().invoke(policytrail, words)
        assert result.exit_code == 0, result.output
        return out

    title = "关于乡村图书室补助的通知"
    site.pages["/robots.txt"] = Page(f"User-agent: *\nDisallow: {FORBIDDEN}\n", {"Content-Type": "text/plain"})
    site.pages["/zc/list.html"] = Page(listing(FIRST, SECOND, FORBIDDEN, BLOCKED, EMPTY))
    site.pages["/xw/list.html"] = Page(listing(REPOST))
    site.pages[FIRST] = Page(notice(title, *BODY))
    site.pages[SECOND] = Page(notice("关于社区食堂的公告", "社区食堂的开放时间为每日十时。"))
    site.pages[BLOCKED] = Page("<html><title>403</title><h1>Forbidden</h1></html>", status=403)
    site.pages[EMPTY] = Page("<html><head><title>关于空页的通知</title></head><body></body></html>")
    site.pages[REPOST] = Page(notice(title, *BODY, more="<p>（责任编辑：王某）</p>"))
    crawls.source("cn_test", lists=[site.url("/zc/list.html")], documents=DOCUMENTS, rights="随来源转载")
    crawls.source("cn_other", lists=[site.url("/xw/list.html")], documents=DOCUMENTS, publisher="青岭日报")
    crawls.run("cn_test")
    crawls.run("cn_other")

    out = exported("then.jsonl")
    everything = exported("all.jsonl", "--versions", "all", "--state", "all", "--keep-duplicates")
    found = manifest_of(out)
    assert {record["url"] for record in records(out)} == {site.url(FIRST), site.url(SECOND)}
    (kept,) = (record for record in records(out) if record["url"] == site.url(FIRST))
    assert kept["also_at"] == [site.url(REPOST)]
    marked = {record["url"]: record["duplicate_of"] for record in records(everything)}
    assert marked == {site.url(FIRST): None, site.url(SECOND): None, site.url(REPOST): kept["id"]}
    # What was left out, and what was not seen.
    assert found["left_out"] == {"duplicate": 1}
    assert (found["records"], found["documents"], found["years"], found["languages"]) == (2, 2, {"2024": 2}, {"zh": 2})
    assert found["sources"] == {"cn_test": {"publisher": "澜江省公共服务厅", "rights": "随来源转载", "records": 2}}
    assert found["unseen"]["cn_test"]["never_had"] == {"disallowed": 1, "empty": 1, "challenge": 1}
    assert found["unseen"]["cn_test"]["never_asked"] == 0
    assert set(found["extractors"].values()) == set(found["profiles"].values()) == {2}
    assert found["command"][:2] == ["policytrail", "export"] and str(out) in found["command"]
    assert found["filters"]["versions"] == "latest"

    # Later: one text is another, one is gone, one is new.
    site.pages[SECOND] = Page(notice("关于社区食堂的公告", "社区食堂的开放时间为每日九时。"))
    site.pages["/zc/list.html"] = Page(listing(SECOND, FORBIDDEN, BLOCKED, EMPTY, LATE))
    site.pages[FIRST] = Page("<html><title>410</title></html>", status=410)
    site.pages[LATE] = Page(notice("关于公共饮水点的通知", "公共饮水点由社区负责维护。"))
    crawls.run("cn_test")
    now = exported("now.jsonl", "--versions", "all", "--state", "all", "--keep-duplicates")
    assert len(records(now)) == 5
    again = exported("again.jsonl", "--as-of", found["held_at"])
    assert again.read_bytes() == out.read_bytes()
    assert manifest_of(again)["files"][0]["sha256"] == found["files"][0]["sha256"]
    assert manifest_of(again)["as_of"] == found["held_at"]
    assert exported("like.jsonl", "--like", str(beside(out))).read_bytes() == out.read_bytes()
    assert exported("like-all.jsonl", "--like", str(beside(everything))).read_bytes() == everything.read_bytes()
    # And once more, of what was asked for as of a moment.
    assert exported("like-again.jsonl", "--like", str(beside(again))).read_bytes() == out.read_bytes()

    # A run is killed between the list and what it names; the other source's last run lies days back.
    asked, never = threading.Event(), threading.Event()
    site.pages["/xw/list.html"] = Page(listing(REPOST, NEVER))
    site.pages[NEVER] = held_up(asked, never)
    killed = crawls.start("cn_other")
    assert asked.wait(60)
    end(killed, number=signal.SIGKILL)
    never.set()
    crawls.source(
        "cn_test", lists=[site.url("/zc/list.html")], documents=DOCUMENTS, schedule="0 * * * *", rights="随来源转载"
    )
    connection = sqlite3.connect(archive_path)
    connection.execute(
        "update run set started_at = '2024-01-01T00:00:00.000Z', ended_at = '2024-01-02T00:00:00.000Z' "
        "where source = 'cn_test'"
    )
    connection.commit()
    connection.close()
    unseen = manifest_of(exported("unseen.jsonl"))["unseen"]
    assert (unseen["cn_other"]["failing"], unseen["cn_other"]["never_asked"]) == (True, 1)
    assert (unseen["cn_test"]["overdue"], unseen["cn_test"]["failing"]) == (True, False)
    only = manifest_of(exported("only.jsonl", "--source", "cn_test"))
    assert list(only["unseen"]) == list(only["sources"]) == ["cn_test"]


def held_up(asked: threading.Event, answer: threading.Event) -> Callable[[Request], Page]:
    def page(request: Request) -> Page:
        asked.set()
        return Page("", wait=answer)

    return page
