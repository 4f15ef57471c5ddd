"""The pages of ``browse``: what they show, as HTML and as JSON, and what they refuse."""

from __future__ import annotations

import csv
import io
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from lxml import html

from crawler.atom import NAMESPACE, Entry, atom
from crawler.language import LANGUAGES, chinese
from crawler.schemas import schema
from crawler.web import today
from crawler.web.app import PAGES, Browser, Seen, accepted, prefers_json
from crawler.web.guard import DOWNLOAD_POLICY, POLICY, is_known
from crawler.web.memory import Memory
from crawler.web.rendering import is_web
from storage import Archive, ArchiveError, Standing
from storage.browsing import Filter
from storage.model import DocumentState, EventKind, RunEnd
from storage.telling import Wanted
from tests.browsing import Pages, Written, served
from tests.conftest import Command, Demonstration

ROOT = Path(__file__).parent.parent
START = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
NOTICE = "/zcwj/202411/t20241108_1001.html"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202etxt.exe\x1b[31m"
BODY = b"<!DOCTYPE html><script>alert(3)</script><p>old page</p>"


@pytest.fixture(scope="module")
def demo(demonstration: Demonstration) -> Iterator[Pages]:
    """Pages over the demonstration's archive."""
    with served(demonstration.archive, demonstration.sources) as pages:
        yield pages


@pytest.fixture(scope="module")
def hostile_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of a site that means harm, and of one whose editors repeat themselves."""
    path = tmp_path_factory.mktemp("hostile") / "archive.db"
    written = Written(path, at=START)
    first = written.run("cn_first")
    text = (
        "第一章 总则",
        "第一条 本办法所称补贴，每人每月500元。",
        HOSTILE,
        "第二条 本办法自发布之日起施行。",
        "甲",
        "乙",
    )
    urls = [f"https://first.example/t{n}.html" for n in range(8)]
    for url in urls:
        written.version(first, url, 1, text, fields={"title": HOSTILE, "document_number": HOSTILE},
                        kind=EventKind.NEW, baseline=True, body=BODY)  # fmt: skip
    written.version(first, "javascript:alert(4)//", 1, ("文",), kind=EventKind.NEW, baseline=True)
    written.end(first)
    second = written.run("cn_first")
    changed = (text[0], text[1].replace("500", "800"), text[3], text[2], *text[4:], "丙" + HOSTILE)
    for url in urls[:4]:
        written.version(second, url, 2, changed, fields={"title": HOSTILE}, kind=EventKind.CHANGED,
                        attachment=(HOSTILE, "javascript:alert(5)", b"\x00bytes"))  # fmt: skip
    written.version(second, "https://first.example/moved.html", 1, text, kind=EventKind.MOVED,
                    fields={"title": "=HYPERLINK(\"x\")"}, previous="data:text/html,<script>alert(6)")  # fmt: skip
    written.version(second, urls[5], 2, text[:2], fields={"title": "决定书"}, kind=EventKind.REMOVED,
                    state=DocumentState.GONE)  # fmt: skip
    written.end(second)
    for number, lines in enumerate((text, changed), 1):
        other = written.run("cn_third")
        told = {"kind": EventKind.CHANGED} if number == 2 else {"kind": EventKind.NEW, "baseline": True}
        attached = (HOSTILE, "javascript:alert(5)", b"\x00bytes") if number == 2 else None
        written.version(other, "https://third.example/1", number, lines, fields={"title": HOSTILE},
                        attachment=attached, **told)  # fmt: skip
        written.end(other)
    third = written.run("gb_second")
    written.version(third, "https://second.example/1", 1, ("A notice of nothing.",), kind=EventKind.NEW,
                    fields={"title": "Notice", "language": "en"})  # fmt: skip
    written.end(third, RunEnd.FAILED)
    written.run("gb_second")
    written.close()
    return path


@pytest.fixture(scope="module")
def hostile(hostile_archive: Path) -> Iterator[Pages]:
    """Pages over that archive."""
    with served(hostile_archive) as pages:
        yield pages


def notice_id(demo: Pages) -> int:
    hits = demo.get(f"/search.json?q={quote('乡村图书室')}").json()["hits"]
    return next(hit["document_id"] for hit in hits if hit["url"].endswith(NOTICE))


def addresses(pages: Pages) -> list[str]:
    """Return one address of each kind of page, of an archive that holds a change."""
    event = next(one for one in pages.get("/today.json").json()["events"] if one["kind"] == "changed")
    document = f"/document/{event['document_id']}"
    return [
        "/", "/?baseline=1&unfold=1", "/?since=1d&kind=removed", "/help", "/search", f"/search?q={quote('通知')}",
        "/search?q=nothing+at+all&state=gone&from=2020-01-01", "/sources", f"/source/{event['source']}", "/runs",
        f"/run/{event['run_id']}", document, f"{document}?version=1", f"{document}?at=2100-01-01",
        event["path"], f"{event['path']}?view=side", f"{event['path']}?view=side&whole=1",
    ]  # fmt: skip


def checked(text: str) -> html.HtmlElement:
    """Return a page's tree, after looking at what each page must have."""
    tree = html.document_fromstring(text)
    assert tree.get("lang") in ("en", "zh-Hans")
    assert len(tree.xpath("//h1")) == 1 and len(tree.xpath("//main")) == 1
    assert tree.xpath("//a[@class='skip']/@href") == ["#main"]
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    for anchor in tree.xpath("//a/@href[starts-with(., '#')]"):
        assert anchor[1:] in ids, anchor
    for field in tree.xpath("//input | //select"):
        assert field.xpath("ancestor::label") or tree.xpath("//label[@for=$id]", id=field.get("id", "")), field.attrib
    for table in tree.xpath("//table"):
        assert table.xpath(".//th[@scope='col']"), "a table without headings"
    levels = [int(heading.tag[1]) for heading in tree.xpath("//main//*[self::h1 or self::h2 or self::h3 or self::h4]")]
    assert levels[0] == 1
    assert not tree.xpath("//*[@style or @onclick or @onerror or @onload]")
    assert tree.xpath("//script/@src") == ["/static/browse.js"]
    for link in tree.xpath("//@href | //@src | //@action"):
        assert re.match(r"(/|#|https?://)", link), link
        if link.startswith("http"):
            rel = tree.xpath("//a[@href=$link]/@rel", link=link)
            assert rel and all("noreferrer" in one for one in rel)
    return tree


def test_every_page_is_whole_in_both_languages(demo: Pages, hostile: Pages) -> None:
    for pages in (demo, hostile):
        for path in addresses(pages):
            for language in ("en", "zh"):
                reply = pages.get(path, Accept_Language=language)
                assert reply.status == 200, (path, reply.text[:2000])
                tree = checked(reply.text)
                assert tree.get("lang").startswith(language)
                assert reply.headers["Content-Security-Policy"] == POLICY
                assert reply.headers["X-Content-Type-Options"] == "nosniff"
                assert reply.headers["Cache-Control"] == "private, no-cache"


def test_every_page_is_there_as_json(demo: Pages, hostile: Pages) -> None:
    names = {"today": "today", "search": "search", "sources": "sources", "runs": "runs", "source": "source",
             "run": "run", "document": "document_page"}  # fmt: skip
    for pages in (demo, hostile):
        for path in addresses(pages):
            first = path.strip("/").partition("/")[0].partition("?")[0] or "today"
            if first == "help":
                continue
            bare, mark, query = path.partition("?")
            by_name = pages.get(("/today" if bare == "/" else bare) + ".json" + mark + query)
            by_accept = pages.get(path, Accept="application/json")
            assert by_name.status == by_accept.status == 200
            assert by_name.json() == by_accept.json()
            if "/diff/" in path:
                jsonschema.validate(by_name.json(), schema("diff"))
                continue
            jsonschema.validate(by_name.json(), {**schema("browse"), "anyOf": [{"$ref": f"#/$defs/{names[first]}"}]})
            if first == "document":
                jsonschema.validate(by_name.json()["record"], schema("record"))
    assert len(PAGES) == len(names) + 2


def test_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema("browse"))


def test_today_tells_what_happened(demo: Pages) -> None:
    text = demo.get("/").text
    assert "500" in text and "800" in text and "2026年6月" in text
    assert "silent" in text and "moved" in text
    listed = demo.get("/today.json").json()
    assert {event["kind"] for event in listed["events"]} == {"new", "changed", "removed", "moved"}
    assert listed["seven_days"]["demo_ministry"]["changed"] == 3
    only = demo.get("/today.json?kind=removed").json()["events"]
    assert [event["kind"] for event in only] == ["removed"]
    assert demo.get("/today.json?source=demo_city&kind=removed").json()["events"] == []
    assert any(event["baseline"] for event in demo.get("/today.json?baseline=1").json()["events"])


def test_same_edits_are_folded(hostile: Pages) -> None:
    tree = html.document_fromstring(hostile.get("/?source=cn_first").text)
    (fold,) = tree.xpath("//details[contains(@class, 'fold')]")
    assert "The same edit on 4 documents" in fold.text_content()
    assert len(fold.xpath(".//article")) == 4
    assert not html.document_fromstring(hostile.get("/?unfold=1").text).xpath("//details[contains(@class, 'fold')]")
    (wide,) = html.document_fromstring(hostile.get("/").text).xpath("//details[contains(@class, 'fold')]")
    assert "The same edit on 5 documents" in wide.text_content()
    assert wide.xpath("./preceding-sibling::h3")[0].text_content() == "Told by several runs"
    campaign = [one for one in hostile.get("/today.json").json()["events"] if "campaign" in one["labels"]]
    assert {one["source"] for one in campaign} == {"cn_first", "cn_third"} and len(campaign) == 5


def test_same_edits_are_folded_over_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(today, "ENOUGH", 3)
    written = Written(tmp_path / "archive.db", at=START)
    lines = ("补贴标准为每人每月500元。", "本通知自印发之日起施行。")
    urls = [f"https://first.example/t{number}.html" for number in range(12)]
    first = written.run("cn_first")
    for url in urls:
        written.version(first, url, 1, lines, kind=EventKind.NEW, baseline=True)
    written.end(first)
    for start in (0, 3, 6, 9):
        run = written.run("cn_first")
        for url in urls[start : start + 3]:
            written.version(run, url, 2, (lines[0].replace("500", "800"), lines[1]), kind=EventKind.CHANGED)
        written.end(run)
    written.close()
    said: list[str] = []
    with served(tmp_path / "archive.db") as pages:
        path: str | None = "/today.json"
        while path:
            tree = html.document_fromstring(pages.get(path.replace("/today.json", "/")).text)
            said += [" ".join(fold.text_content().split()) for fold in tree.xpath("//details/summary")]
            assert len(tree.xpath("//details//article")) == 3 and not tree.xpath("//article[not(ancestor::details)]")
            path = pages.get(path).json()["older"]
        assert "details" not in pages.get("/?unfold=1").text
    assert len(said) == 4, said
    assert all("The same edit on 12 documents" in one and "9 of them on other pages" in one for one in said), said


def test_what_is_new_since_the_last_visit(hostile_archive: Path) -> None:
    now = [START + timedelta(days=30)]
    with served(hostile_archive, browser=Browser(hostile_archive, None, now=lambda: now[0])) as pages:
        first = pages.get("/")
        cookie = first.headers["Set-Cookie"]
        assert "HttpOnly" in cookie and "SameSite=lax" in cookie
        assert "new to you" not in first.text
        now[0] += timedelta(hours=3)
        again = pages.get("/", Cookie=cookie.partition(";")[0])
        assert "Nothing new since your last visit" in again.text
        # As one who had seen nothing but the first runs.
        seen = f"9.{int(START.timestamp())}.9.{int(START.timestamp())}"
        behind = pages.get("/", Cookie=f"policytrail_seen={seen}").text
        assert "new since your last visit" in behind and "new to you" in behind
        assert "new since your last visit" in pages.get("/?since=last", Cookie=f"policytrail_seen={seen}").text
        for broken in ("", "x", "1.2.3", "1.2.3.99999999999999999", "-1.2.3.4", "1.2.3.4.5", "\xff.1.1.1"):
            assert pages.get("/", Cookie=f"policytrail_seen={broken}").status == 200


def test_a_visit_lasts_half_an_hour() -> None:
    at = int(START.timestamp())
    present = Seen.read(f"5.{at - 90_000}.9.{at}", START + timedelta(minutes=20))
    assert present.visit.seen == 5
    later = Seen.read(f"5.{at - 90_000}.9.{at}", START + timedelta(minutes=31))
    assert (later.visit.seen, later.visit.at) == (9, START)
    assert Seen.read(f"0.0.9.{at}", START).visit.seen is None
    assert Seen.read(f"5.{at}.9.{at + 9_000}", START).visit.seen is None


def test_a_document_at_any_time(demo: Pages, demonstration: Demonstration) -> None:
    number = notice_id(demo)
    newest, first = demo.get(f"/document/{number}"), demo.get(f"/document/{number}?version=1")
    assert "每人每月800元" in newest.text and "每人每月500元" in first.text
    assert "发文字号" in newest.text and "澜公服发〔2024〕18号" in newest.text
    assert "Left out of the text" in newest.text
    with Archive.open(demonstration.archive, readonly=True) as archive:
        old, new = archive.versions(number)
        between = old.first_seen_at + (new.first_seen_at - old.first_seen_at) / 2
        body = archive.snapshot(old.pieces[0].snapshot_id or 0).body
        attached = archive.snapshot(old.pieces[1].snapshot_id or 0).body
    at = quote(between.isoformat())
    assert demo.get(f"/document/{number}.json?at={at}").json()["record"]["version"] == 1
    before = demo.get(f"/document/{number}?at=2020-01-01")
    assert before.status == 404 and "not known yet" in before.text
    kept = demo.get(f"/document/{number}/version/1/snapshot")
    assert kept.body == body
    assert demo.get(f"/document/{number}/version/1/piece/1").body == attached
    assert "每人每月500元" in demo.get(f"/document/{number}/version/1.txt").text
    jsonschema.validate(demo.get(f"/document/{number}/version/1.json").json(), schema("record"))
    for path in ("version/9.txt", "version/1/piece/77", "version/0/snapshot"):
        assert demo.get(f"/document/{number}/{path}").status == 404


def test_a_document_that_another_took_the_place_of_leads_there(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    written = Written(path, at=START)
    run = written.run("cn_first")
    kept = written.version(run, "https://first.example/1", 1, ("甲",), kind=EventKind.NEW)
    gone = written.version(run, "https://first.example/2", 1, ("甲",), kind=EventKind.NEW)
    written.archive.drop_document(gone)
    written.archive.save_standing(
        Standing(
            document_id=kept,
            source="cn_first",
            main_id=kept,
            former=(gone,),
            state=DocumentState.ACTIVE,
            state_since=START,
            state_reason="",
        ),
        (),
    )
    written.close()
    with served(path) as pages:
        assert pages.get(f"/document/{gone}").headers["Location"] == f"/document/{kept}"
        assert pages.get(f"/document/{gone}", Accept="application/json").headers["Location"] == f"/document/{kept}.json"


def test_what_a_site_sent_is_only_handed_out_as_a_file(hostile: Pages) -> None:
    document = hostile.get("/search.json?state=gone").json()["hits"][0]["document_id"]
    kept = hostile.get(f"/document/{document}/version/1/snapshot")
    assert kept.body == BODY
    assert kept.headers["Content-Type"] == "application/octet-stream"
    assert re.fullmatch(r'attachment; filename="[a-z0-9_.-]+"', kept.headers["Content-Disposition"])
    assert kept.headers["Content-Security-Policy"] == DOWNLOAD_POLICY
    assert kept.headers["X-Content-Type-Options"] == "nosniff"


def test_a_diff_in_both_forms(demo: Pages) -> None:
    number = notice_id(demo)
    page = checked(demo.get(f"/document/{number}/diff/1/2").text)
    assert [" ".join(one.text_content().split()) for one in page.xpath("//ins[not(parent::p)]")] == [
        "[added: 800]",
        "[added: 2026年6月]",
    ]
    assert page.xpath("//div[@id='c1']//p[contains(., '二、补贴标准')]")
    side = checked(demo.get(f"/document/{number}/diff/1/2?view=side").text)
    row = side.xpath("//tbody[@id='c1']/tr")[-1]
    old, new = row.xpath("./td[contains(@class, 't ')]")
    assert "500" in old.text_content() and "800" not in old.text_content()
    assert "800" in new.text_content() and "500" not in new.text_content()
    assert demo.get(f"/document/{number}/diff").headers["Location"] == f"/document/{number}/diff/1/2"
    back = demo.get(f"/document/{number}/diff?old=2&new=1").headers["Location"]
    assert back == f"/document/{number}/diff/2/1" and demo.get(back).status == 200
    same = demo.get(f"/document/{number}/diff/1/1")
    assert "say the same" in same.text


def test_a_moved_paragraph_stands_at_both_places(hostile: Pages) -> None:
    event = next(one for one in hostile.get("/today.json").json()["events"] if one["kind"] == "changed")
    for view in ("inline", "side"):
        page = checked(hostile.get(f"{event['path']}?view={view}").text)
        (link,) = page.xpath("//a[starts-with(., 'now paragraph')]")
        assert page.xpath("//*[@id=$id]", id=link.get("href")[1:])
        assert "from paragraph" in page.text_content()


def test_search(demo: Pages, hostile: Pages) -> None:
    def urls(path: str) -> list[str]:
        return [hit["url"] for hit in demo.get(path).json()["hits"]]

    assert any(url.endswith(NOTICE) for url in urls(f"/search.json?q={quote('通知')}"))
    assert urls(f"/search.json?q={quote('通')}")
    assert urls(f"/search.json?q={quote('每人每月500元')}") == []
    old = demo.get(f"/search?q={quote('每人每月500元')}&all=1")
    assert "<mark>每人每月500元</mark>" in old.text
    assert urls(f"/search.json?q={quote('通知')}&source=demo_city") == []
    assert urls(f"/search.json?q={quote('通知')}&until=1999-12-31") == []
    removed = urls("/search.json?state=gone")
    assert len(removed) == 1 and urls("/search.json?kind=removed") == removed
    assert len(urls("/search.json?from=2024-11-01&until=2024-11-30")) == 3
    url = next(url for url in urls("/search.json") if url.endswith(NOTICE))
    for typed in (url, url.removeprefix("http://")):
        assert demo.get(f"/search?q={quote(typed)}").headers["Location"] == f"/document/{notice_id(demo)}"
    assert "belongs to no document" in demo.get("/search?q=https://nowhere.example/x").text
    assert hostile.get("/search.json?q=%E3%80%8A%E3%80%8B").json()["hits"] == []


def test_pages_of_hits_hold_each_once(hostile: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.web.searching.HITS", 3)
    for query in ("", quote("补贴")):
        found: list[int] = []
        path = f"/search.json?q={query}"
        while path:
            assert path.startswith("/search.json")
            page = hostile.get(path).json()
            found += [hit["document_id"] for hit in page["hits"]]
            path = page["older"]
        assert len(found) == len(set(found)) == (12 if not query else 10)


def test_runs_and_their_answers(demo: Pages) -> None:
    listed = demo.get("/runs.json").json()["runs"]
    assert len(listed) == 6 and [one["run"]["run_id"] for one in listed] == [6, 5, 4, 3, 2, 1]
    told = next(one for one in listed if one["run"]["source"] == "demo_ministry")
    page = demo.get(f"/run/{told['run']['run_id']}.json").json()
    assert sum(page["outcomes"].values()) == page["fetches"] == told["fetches"]
    assert len(page["told"]) >= sum(told["events"].values())
    assert [one["run"]["run_id"] for one in demo.get("/runs.json?before=3").json()["runs"]] == [2, 1]


def test_sources_say_how_they_are(demo: Pages, hostile: Pages) -> None:
    by_name = {one["name"]: one for one in demo.get("/sources.json").json()["sources"]}
    ministry = by_name["demo_ministry"]
    assert ministry["reasons"] == [] and ministry["found"] and ministry["next_at"] and ministry["states"]["gone"] == 1
    assert "svg" in demo.get("/sources").text
    lost = {one["name"]: one for one in hostile.get("/sources.json").json()["sources"]}
    assert not lost["cn_first"]["has_file"] and lost["gb_second"]["running"]
    assert demo.get("/source/nobody").status == 404


def test_times_are_those_of_the_source(demo: Pages, hostile: Pages) -> None:
    def first(pages: Pages) -> tuple[str, str]:
        (one, *_) = html.document_fromstring(pages.get("/runs").text).xpath("//td/time")
        return one.text, one.get("datetime")

    shown, machine = first(demo)
    local = datetime.fromisoformat(machine) + timedelta(hours=8)
    assert shown == f"{local:%Y-%m-%d %H:%M}"
    assert "Times are those of Asia/Shanghai" in demo.get("/runs").text
    assert first(hostile)[1].endswith("Z")


def test_feeds(demo: Pages, hostile: Pages) -> None:
    def entries(pages: Pages, path: str) -> list[ET.Element]:
        reply = pages.get(path)
        assert reply.headers["Content-Type"].startswith("application/atom+xml")
        return ET.fromstring(reply.body).findall(f"{{{NAMESPACE}}}entry")  # noqa: S314

    for pages, path in (
        (demo, "/feed.atom"),
        (demo, "/source/demo_ministry/feed.atom"),
        (demo, f"/search.atom?q={quote('通知')}"),
        (hostile, "/feed.atom"),
        (hostile, f"/search.atom?q={quote('补贴')}"),
    ):
        found = entries(pages, path)
        ids = [one.findtext(f"{{{NAMESPACE}}}id") for one in found]
        assert found and len(ids) == len(set(ids)) and all(one and one.startswith("urn:uuid:") for one in ids)
        assert [one.findtext(f"{{{NAMESPACE}}}id") for one in entries(pages, path)] == ids
        for link in ET.fromstring(pages.get(path).body).iter(f"{{{NAMESPACE}}}link"):  # noqa: S314
            assert link.get("href", "").startswith(("http://", "https://"))
        one = next(one.get("href", "") for one in found[0].iter(f"{{{NAMESPACE}}}link"))
        reply = pages.get(one.removeprefix(pages.origin))
        assert reply.status in (200, 303)
    assert len(entries(demo, "/source/demo_city/feed.atom")) == 1
    assert demo.get("/search.atom").status == 400
    assert demo.get("/source/nobody/feed.atom").status == 404


def test_atom_is_one_thing_for_one_thing() -> None:
    one = Entry(name="a", title="x\x00\ufffe\ud800", url="http://h/", at=START, text="a\nb", author="w", category="new")
    made = [
        atom(title="t", name="n", self_url="http://h/f", page_url="http://h/", entries=[one], otherwise=START)
        for _ in range(2)
    ]
    assert made[0] == made[1]
    tree = ET.fromstring(made[0])  # noqa: S314
    assert tree.findtext(f".//{{{NAMESPACE}}}summary") == "a\nb"
    assert tree.findtext(f"{{{NAMESPACE}}}updated") == "2026-03-01T01:00:00Z"


def test_events_as_csv(hostile: Pages) -> None:
    reply = hostile.get("/events.csv?baseline=1")
    assert reply.headers["Content-Disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(reply.body.decode("utf-8-sig"))))
    assert len(rows) == len(hostile.get("/today.json?baseline=1").json()["events"])
    assert any(row["title"].startswith("'=HYPERLINK") for row in rows)


def test_foreign_hosts_and_other_methods_are_refused(hostile_archive: Path) -> None:
    with served(hostile_archive, names=("policy.example",)) as pages:
        for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "", "policy.example.evil"):
            reply = pages.get("/", Host=host)
            assert reply.status == 421 and "<" not in reply.text
            assert reply.headers["Content-Security-Policy"] == POLICY
        for host in ("localhost:1", "127.0.0.1", "[::1]:8765", "policy.example", "POLICY.example:443", "192.168.1.7"):
            assert pages.get("/help", Host=host).status == 200
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
            reply = pages.get("/", method=method)
            assert reply.status == 405 and reply.headers["Allow"] == "GET, HEAD"
        head = pages.get("/sources", method="HEAD")
        assert head.status == 200 and head.body == b""


def test_what_cannot_be_understood_is_said(hostile: Pages) -> None:
    for path in ("/?since=yesterday", "/?kind=eaten", "/search?from=1.1.2020", "/runs?before=-1", "/?before=x",
                 "/search?page=9999", f"/search?q={'+'.join('a' * 40)}", "/document/1?version=1&at=2d"):  # fmt: skip
        reply = hostile.get(path)
        assert reply.status == 400, path
        checked(reply.text)
        assert "Traceback" not in reply.text
    for path in ("/nothing", "/document/99999999", f"/document/{'9' * 30}", f"/document/{'9' * 18}", "/run/99",
                 "/event/99", "/source/a%2Fb", "/static/../app.py", "/document/1/diff/1/9"):  # fmt: skip
        reply = hostile.get(path)
        assert reply.status == 404, path
    assert hostile.get("/run/99.json").json()["error"] == "archive.db: no run 99"
    assert hostile.get("/document/77777.json").json()["error"] == "archive.db: no document 77777"
    assert "No source has run" not in hostile.get("/document/77777").text
    assert hostile.get("/nothing", Accept="application/json").status == 404
    for words in ("\x00", "AND", '"', "*", "NEAR(", "a" * 1900, "%ff", "通" * 600):
        assert hostile.get(f"/search?q={quote(words)}").status == 200
    assert hostile.get("/search?q=%ff%fe").status == 200


def test_pages_come_while_another_program_writes(hostile_archive: Path, hostile: Pages) -> None:
    with Archive.open(hostile_archive) as archive, archive.write():
        archive.profile_id("q", source="cn_first", data="{}")
        assert hostile.get("/").status == 200
        assert hostile.get(f"/search?q={quote('补贴')}").status == 200


def test_an_archive_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    Archive.open(path, create=True).close()
    with served(path) as pages:
        for page in ("/", "/search", "/sources", "/runs"):
            reply = pages.get(page)
            assert reply.status == 200 and "policytrail " in checked(reply.text).text_content()
        path.write_bytes(b"no database at all, but long enough to be read as one" * 100)
        reply = pages.get("/")
        assert reply.status == 503 and "not a database" in reply.text
        path.unlink()
        assert pages.get("/").status == 404


def test_a_question_that_takes_too_long_is_given_up(hostile_archive: Path) -> None:
    with Archive.open(hostile_archive, readonly=True) as archive:
        seconds = iter(range(10_000))
        archive.give_up_after(1, lambda: next(seconds))
        with pytest.raises(Exception, match="too long"):
            archive._all("with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n")
        # Also where the first row came at once.
        with pytest.raises(ArchiveError, match="too long"):
            archive._all("with recursive n(i) as (select 1 union all select i + 1 from n) select i from n")
        with pytest.raises(ArchiveError, match="too long"):
            sum(
                1
                for _ in archive._rows(
                    "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n"
                )
            )


def test_every_page_is_found_by_index(hostile_archive: Path) -> None:
    asked: list[str] = []
    browser = Browser(hostile_archive, None)
    with Archive.open(hostile_archive, readonly=True) as archive:
        archive._db.set_trace_callback(asked.append)
        for number in [one.document_id for one in archive.documents()][:2]:
            archive.document_events(number)
            archive.fetches(number)
        list(archive.telling_runs(Wanted()))
        archive.run_events(2, Wanted())
        archive.known_then("cn_first", 5)
        archive.told_since(START)
        archive._db.set_trace_callback(None)
        for statement in asked:
            if not statement.lstrip().lower().startswith("select"):
                continue
            plan = [row[3] for row in archive._db.execute(f"explain query plan {statement}")]
            scans = [step for step in plan if re.match(r"SCAN (e|f|d|v|event|fetch|version|document)\b", step)]
            assert not scans or "limit 200" in statement, (statement, plan)
    browser.warm()


def test_hosts() -> None:
    for host in ("127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:8765", "localhost", "LOCALHOST:1", "a.b"):
        assert is_known(host, {"localhost", "a.b"}), host
    for host in ("", "a.b.", "b", "localhost.", "localhost@evil", "127.0.0.1.nip.io", "[::1", "::1]", "a.b:x", "0x7f.1",
                 "evil\r\nx", "localhost:99999999"):  # fmt: skip
        assert not is_known(host, {"localhost", "a.b"}), host


def test_only_addresses_of_the_web_are_links() -> None:
    assert is_web("https://a.example/b?c=d#e") and is_web("http://127.0.0.1:8/")
    for url in ("javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//a.example/", "http:", "https://",
                "http://a.example/\u202e", "http://user:pw@a.example/", "http://a.example/ b", "file:///etc/passwd",
                "http://[", "\x01javascript:alert(1)", "vbscript:x", 'http://a.example/"onclick="x'):  # fmt: skip
        assert not is_web(url), url


def test_languages() -> None:
    assert accepted("zh-CN,zh;q=0.9,en;q=0.8") == "zh"
    assert accepted("de;q=1.0, en;q=0.1, zh;q=0.2") == "zh"
    assert accepted("") == accepted("*") == accepted("fr;q=x, de") == "en"
    assert prefers_json("application/json") and not prefers_json("text/html,application/json") and not prefers_json("")
    assert LANGUAGES["en"]("{n} paragraphs changed", n=1) == "1 paragraph changed"
    assert LANGUAGES["en"]("{n} paragraphs changed", n=2) == "2 paragraphs changed"


def test_every_sentence_has_its_chinese_form() -> None:
    files = [*(ROOT / "crawler" / "web" / "templates").glob("*.html"), *(ROOT / "crawler" / "web").glob("*.py")]
    text = "\n".join(path.read_text("utf-8") for path in files if path.name != "chinese.py")
    said = set(re.findall(r"""(?:\bt|language)\(\s*"([^"]+)"\s*[,)]""", text))
    said |= set(re.findall(r"""\bt\('([^']+)'\s*[,)]""", text))
    counted = {
        f"{{n}} {what} {op}"
        for what in ("paragraphs", "attachments")
        for op in ("added", "changed", "moved", "removed")
    }
    said |= counted | {f"fold:{label}" for label in ("redesign", "campaign", "backfill")}
    missing = sorted(said - set(chinese.WORDS))
    assert not missing
    for key, value in chinese.WORDS.items():
        assert key.startswith("fold:") or set(re.findall(r"\{\w+\}", key)) >= set(re.findall(r"\{\w+\}", value)), key


def test_colours_can_be_read() -> None:
    """Text on its ground has a contrast of 4.5 or more, as WCAG's level AA asks."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    style = (ROOT / "crawler" / "web" / "static" / "style.css").read_text("utf-8")
    schemes = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", part)) for part in style.split("@media")[:2]]
    pairs = [("ink", ground) for ground in ("paper", "card", "hover", "add", "del", "move", "mark")]
    pairs += [(text, ground) for text in ("soft", "link") for ground in ("paper", "card", "hover")]
    pairs += [(f"{name}-ink", f"{name}-bg") for name in ("new", "changed", "removed", "restored", "moved", "quiet")]
    for scheme in schemes:
        for text, ground in pairs:
            one, other = sorted((light(scheme[text]), light(scheme[ground])))
            assert (other + 0.05) / (one + 0.05) >= 4.5, (text, ground)


def test_the_language_is_kept(hostile: Pages) -> None:
    reply = hostile.get("/sources?lang=zh")
    assert "来源" in reply.text
    cookie = reply.headers["Set-Cookie"].partition(";")[0]
    assert 'lang="zh-Hans"' in hostile.get("/runs", Cookie=cookie, Accept_Language="en").text
    assert 'lang="en"' in hostile.get("/runs?lang=xx").text


def test_memory_forgets_the_oldest() -> None:
    memory = Memory(room=2)
    made: list[int] = []

    def make(value: int) -> int:
        return memory.get(value, lambda: made.append(value) or value)  # type: ignore[func-returns-value]

    assert [make(value) for value in (1, 2, 1, 3, 1, 2)] == [1, 2, 1, 3, 1, 2]
    assert made == [1, 2, 3, 2]


# The command


def test_browse_without_archive_or_port_is_one_line(policytrail: Command, hostile_archive: Path) -> None:
    for arguments, said in (
        (("--archive", "none.db"), "no archive here"),
        (("--archive", str(hostile_archive), "--host", "203.0.113.9", "--port", "0"), "choose another --host"),
        (("--archive", str(hostile_archive), "--host", "no.such.host.invalid"), "not an address of this machine"),
    ):
        result = policytrail("browse", *arguments)
        assert result.returncode == 1 and said in result.stderr
        assert len(result.stderr.splitlines()) == 1 and result.stdout == ""


def test_browse_without_its_extra_says_how_to_get_it(
    policytrail: Command, hostile_archive: Path, environment: Mapping[str, str], tmp_path: Path
) -> None:
    (tmp_path / "lacking" / "starlette").mkdir(parents=True)
    (tmp_path / "lacking" / "starlette" / "__init__.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'starlette'\", name='starlette')\n", "utf-8"
    )
    path = f"{tmp_path / 'lacking'}:{environment['PYTHONPATH']}"
    result = policytrail("browse", "--archive", str(hostile_archive), env={"PYTHONPATH": path})
    assert result.returncode == 1
    assert result.stderr == "policytrail: browse needs the extra `web`: pip install 'policytrail[web]'\n"


@pytest.mark.parametrize(("number", "opens"), [(signal.SIGTERM, True), (signal.SIGINT, False)])
def test_browse_is_served_and_opened_until_it_is_stopped(
    hostile_archive: Path, environment: Mapping[str, str], tmp_path: Path, number: int, opens: bool
) -> None:
    program = tmp_path / "a-browser"
    program.write_text(f'#!/bin/sh\n{"echo" if opens else "exit 1 #"} "$1"\n', "utf-8")
    program.chmod(0o755)
    process = subprocess.Popen(
        [sys.executable, "-m", "crawler", "browse", "--port", "0", "--archive", str(hostile_archive), "--open"],
        cwd=hostile_archive.parent,
        env={**environment, "BROWSER": f"{program} %s", "DISPLAY": "", "WAYLAND_DISPLAY": "", "PATH": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.match(r"http://127\.0\.0\.1:(\d+)/", line)
        assert found, line
        assert Pages(int(found[1])).get("/sources").status == 200
        assert process.stderr is not None
        # A browser that is there says so, as ours does; without one the program says it.
        said = process.stdout.readline() if opens else process.stderr.readline()
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0 and err == "", err
    if opens:
        assert said == f"http://127.0.0.1:{found[1]}/\n"
    else:
        assert "no browser could be started here" in said


def test_an_archive_of_the_step_before_gets_its_indexes(hostile_archive: Path, tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    path.write_bytes(hostile_archive.read_bytes())
    db = sqlite3.connect(path)
    for name in ("event_by_run", "document_by_state", "document_of_state"):
        db.execute(f"drop index {name}")
    db.execute("delete from _sqlite_migrations where name = 'm008_browsing'")
    db.commit()
    db.close()
    with pytest.raises(Exception, match="older policytrail"):
        Archive.open(path, readonly=True)
    with Archive.open(path) as archive:
        assert archive._row("select count(*) from sqlite_master where name = 'event_by_run'") == (1,)


def test_few_events_of_a_kind_are_found_as_many_are(hostile_archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def found(archive: Archive) -> list[list[int]]:
        return [
            [hit.version_id for hit in archive.find(words, Filter(kind=kind), all_versions=whole, limit=50).hits]
            for words in ("", "补贴", "通知", "文")
            for kind in EventKind
            for whole in (False, True)
        ]

    with Archive.open(hostile_archive, readonly=True) as archive:
        few = found(archive)
        monkeypatch.setattr("storage.browsing._FEW", -1)
        assert any(few) and found(archive) == few


def test_a_search_says_where_it_stopped(hostile_archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Archive.open(hostile_archive, readonly=True) as archive:
        wanted = Filter(state=DocumentState.GONE)
        whole = archive.find("补贴", wanted)
        assert (len(whole.hits), whole.ranked, whole.looked, whole.more) == (1, True, None, False)
        monkeypatch.setattr("storage.browsing.RANKED", 1)
        monkeypatch.setattr("storage.browsing._BATCH", 2)
        newest = archive.find("补贴", Filter(), all_versions=True, limit=50)
        assert not newest.ranked and newest.looked is None
        assert [hit.version_id for hit in newest.hits] == sorted((hit.version_id for hit in newest.hits), reverse=True)
        monkeypatch.setattr("storage.browsing.LOOKED", 2)
        stopped = archive.find("补贴", wanted)
        assert (stopped.hits, stopped.looked, stopped.more) == ((), 2, False)
        # What was never told of is known without a look.
        restored = Filter(kind=EventKind.RESTORED)
        assert archive.find("", restored).looked is None and archive.find("补贴", restored).looked is None
        monkeypatch.setattr("storage.browsing._FEW", -1)
        assert archive.find("", restored).looked == 2
