"""One site over several days, each document with a story of its own: what becomes a version, what an event."""

from __future__ import annotations

import gzip
import io
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import docx
import pytest

from crawler.derive import Deriver, remake
from crawler.extract import Rules, identity
from crawler.life import CONFIRM_GONE
from crawler.profile import Profile
from spiders.loader import load
from storage import Archive
from storage.browsing import Filter
from storage.model import EventKind, Outcome
from tests.crawling import DOCUMENTS, RECORDED, ROOT, Crawls, kinds, listing, notice, rows
from tests.site import Page, Request, Site

NEW, CHANGED, REMOVED, RESTORED, MOVED = EventKind
DERIVED = ("document", "document_resource", "version", "version_piece", "judgement")


def page(*paragraphs: str, headers: dict[str, str] | None = None, **keys: Any) -> Page:
    """Return a notice whose title is the same for all; the first paragraph tells the stories apart."""
    return Page(notice("关于做好有关工作的通知", *paragraphs, **keys), headers or {})


def file(text: str) -> Page:
    """Return a Word file, equal bytes for equal texts."""
    document = docx.Document()
    document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return Page(
        out.getvalue(), {"Content-Type": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}
    )


@dataclass(frozen=True, slots=True)
class Story:
    """What a document's addresses answer day by day, and what is to come of it.

    days: by what follows the document's address before ".html" ("" is the address itself); a name with a dot
        is a file beside it. The last answer stays.
    events: of the document, in order; the first day is the baseline.
    """

    days: dict[str, list[Page | None]]
    versions: int
    events: list[EventKind]


def main(*days: Page | None, versions: int, events: list[EventKind]) -> Story:
    return Story({"": list(days)}, versions, events)


A, B, C = (
    page("第一稿（@）：补贴标准为每人每月五百元。"),
    page("第二稿（@）：补贴标准为每人每月八百元。"),
    page("第三稿（@）：补贴标准另行通知。"),
)
GONE = Page("<html><title>404</title><h1>404 Not Found</h1></html>", status=404)
BUSY = Page("<html><h1>503 Service Unavailable</h1></html>", status=503)
HOME = Page(status=302, headers={"Location": "/"})
CHALLENGE = Page(
    "<html><head><title>安全验证</title><script>go()</script></head><body>请完成安全验证后继续访问</body></html>"
)
PACKED = gzip.compress(B.body.encode() if isinstance(B.body, str) else B.body)
TAGGED = Page(A.body, {"ETag": '"a1"', "Last-Modified": "Mon, 06 May 2024 01:00:00 GMT"})
FUTURE = Page(A.body, {"Last-Modified": "Mon, 06 May 2047 01:00:00 GMT"})


def paged(*numbers: int, text: str = "分页的文件，第一页。") -> Page:
    """Return the first page of a document with further pages; addresses are filled in for each story."""
    links = "".join(f"<a href='@_{number}.html'>{number}</a> " for number in numbers)
    return page(text, more=f"<div class='pages'><a href='@.html'>1</a> {links}</div>")


def with_file(*names: str, text: str = "有附件的文件。") -> Page:
    return page(text, more="".join(f"<p><a href='@-{name}'>附件：{name}</a></p>" for name in names))


P2, P3 = page("分页的文件，第二页：申请材料一览。"), page("分页的文件，第三页：办理流程说明。")
STORIES = {
    "as it was": main(A, versions=1, events=[NEW]),
    "there and back": main(A, B, A, versions=3, events=[NEW, CHANGED, CHANGED]),
    "in steps": main(A, B, C, versions=3, events=[NEW, CHANGED, CHANGED]),
    "another frame": main(
        A, page(*["第一稿（@）：补贴标准为每人每月五百元。"], footer="访问量：17"), versions=1, events=[NEW]
    ),
    "tagged": main(TAGGED, versions=1, events=[NEW]),
    "dated in the future": main(FUTURE, versions=1, events=[NEW]),
    "first seen late": main(GONE, A, versions=1, events=[NEW]),
    "missing once": main(A, GONE, A, versions=1, events=[NEW]),
    "gone": main(A, GONE, GONE, versions=1, events=[NEW, REMOVED]),
    "gone and back": main(A, GONE, GONE, A, versions=1, events=[NEW, REMOVED, RESTORED]),
    "gone and back with other text": main(A, GONE, GONE, B, versions=2, events=[NEW, REMOVED, RESTORED]),
    "gone, back, changed": main(A, GONE, GONE, A, B, versions=2, events=[NEW, REMOVED, RESTORED, CHANGED]),
    "410": main(A, Page(status=410), versions=1, events=[NEW, REMOVED]),
    "410, then busy, then back": main(A, Page(status=410), BUSY, A, versions=1, events=[NEW, REMOVED, RESTORED]),
    "busy between two 404": main(A, GONE, BUSY, GONE, versions=1, events=[NEW, REMOVED]),
    "sent home": main(A, HOME, HOME, versions=1, events=[NEW, REMOVED]),
    "busy": main(A, BUSY, A, versions=1, events=[NEW]),
    "busy for good": main(A, BUSY, versions=1, events=[NEW]),
    "changed behind a busy day": main(A, BUSY, B, versions=2, events=[NEW, CHANGED]),
    "500": main(A, Page("<h1>error</h1>", status=500), A, versions=1, events=[NEW]),
    "403": main(A, Page("<h1>Forbidden</h1>", status=403), versions=1, events=[NEW]),
    "412": main(A, Page("<script>x()</script>", status=412), versions=1, events=[NEW]),
    "429": main(A, Page("slow down", status=429), A, versions=1, events=[NEW]),
    "challenge": main(A, CHALLENGE, CHALLENGE, A, versions=1, events=[NEW]),
    "challenge with a status": main(A, Page(CHALLENGE.body, status=202), A, versions=1, events=[NEW]),
    "challenge first": main(CHALLENGE, A, versions=1, events=[NEW]),
    "empty": main(A, Page(""), A, versions=1, events=[NEW]),
    "white": main(A, Page("<html><body> \n </body></html>"), A, versions=1, events=[NEW]),
    "cut": main(A, Page(B.body, cut=900), A, versions=1, events=[NEW]),
    "cut inside gzip": main(
        A, Page(PACKED[: len(PACKED) // 2], {"Content-Encoding": "gzip"}), A, versions=1, events=[NEW]
    ),
    "packed": main(A, Page(PACKED, {"Content-Encoding": "gzip"}), versions=2, events=[NEW, CHANGED]),
    "dropped": main(A, Page(drop=True), A, versions=1, events=[NEW]),
    "login": main(
        A,
        Page("<html><title>登录</title><form>请先登录<input type='password'></form></html>"),
        A,
        versions=1,
        events=[NEW],
    ),
    "sent to sign in elsewhere": main(
        A,
        Page(status=302, headers={"Location": "http://sso.invalid/login"}),
        Page(status=302, headers={"Location": "http://sso.invalid/login"}),
        A,
        versions=1,
        events=[NEW],
    ),
    "pages": Story({"": [paged(2, 3)], "_2": [P2], "_3": [P3]}, 1, [NEW]),
    "page busy": Story({"": [paged(2, 3)], "_2": [P2, BUSY, P2], "_3": [P3]}, 1, [NEW]),
    "page busy for good": Story({"": [paged(2, 3)], "_2": [P2, BUSY], "_3": [P3]}, 1, [NEW]),
    "page missing": Story({"": [paged(2, 3)], "_2": [P2, GONE], "_3": [P3]}, 1, [NEW]),
    "page challenged": Story({"": [paged(2, 3)], "_2": [P2, CHALLENGE, P2], "_3": [P3]}, 1, [NEW]),
    "page late": Story({"": [paged(2, 3)], "_2": [BUSY, P2], "_3": [P3]}, 1, [NEW]),
    "page very late": Story({"": [paged(2, 3)], "_2": [BUSY, BUSY, P2], "_3": [GONE, P3]}, 1, [NEW]),
    "page late, then changed": Story({"": [paged(2)], "_2": [BUSY, P2, P3]}, 2, [NEW, CHANGED]),
    "page late with a changed one": Story(
        {"": [paged(2), paged(2, text="首页改了：标准提高。")], "_2": [BUSY, P2]}, 2, [NEW, CHANGED]
    ),
    "page changed": Story({"": [paged(2)], "_2": [P2, P3]}, 2, [NEW, CHANGED]),
    "page more": Story({"": [paged(2), paged(2, 3)], "_2": [P2], "_3": [P3]}, 2, [NEW, CHANGED]),
    "page fewer": Story({"": [paged(2, 3), paged(2)], "_2": [P2], "_3": [P3]}, 2, [NEW, CHANGED]),
    "page changed while the first is busy": Story({"": [paged(2), BUSY, paged(2)], "_2": [P2, P3]}, 2, [NEW, CHANGED]),
    "page moved, late": Story(
        {"": [paged(2)], "_2": [BUSY, Page(status=301, headers={"Location": "@_7.html"})], "_7": [P2]}, 1, [NEW]
    ),
    "file": Story({"": [with_file("1.docx")], "-1.docx": [file("目录甲")]}, 1, [NEW]),
    "file busy": Story({"": [with_file("1.docx")], "-1.docx": [file("目录甲"), BUSY]}, 1, [NEW]),
    "file missing": Story({"": [with_file("1.docx")], "-1.docx": [file("目录甲"), GONE]}, 1, [NEW]),
    "file late": Story({"": [with_file("1.docx")], "-1.docx": [BUSY, file("目录甲")]}, 1, [NEW]),
    "file changed": Story({"": [with_file("1.docx")], "-1.docx": [file("目录甲"), file("目录乙")]}, 2, [NEW, CHANGED]),
    "file more": Story(
        {"": [with_file("1.docx"), with_file("1.docx", "2.docx")], "-1.docx": [file("甲")], "-2.docx": [file("乙")]},
        2,
        [NEW, CHANGED],
    ),
    "file is a web page": Story({"": [with_file("1.docx")], "-1.docx": [file("目录甲"), CHALLENGE]}, 1, [NEW]),
    "moved": Story({"": [A, Page(status=301, headers={"Location": "@+.html"})], "+": [GONE, A]}, 1, [NEW, MOVED]),
    "moved, then changed": Story(
        {"": [A, Page(status=301, headers={"Location": "@+.html"})], "+": [GONE, A, B]}, 2, [NEW, MOVED, CHANGED]
    ),
    "moved and changed": Story(
        {"": [A, Page(status=301, headers={"Location": "@+.html"})], "+": [GONE, B]}, 2, [NEW, MOVED, CHANGED]
    ),
    "moved to nothing": Story(
        {"": [A, Page(status=301, headers={"Location": "@+.html"})], "+": [GONE, BUSY]}, 1, [NEW]
    ),
    "canonical elsewhere": Story(
        {
            "": [A, page("第一稿（@）：补贴标准为每人每月五百元。", head="<link rel='canonical' href='@+.html'>")],
            "+": [GONE, A],
        },
        1,
        [NEW, MOVED],
    ),
    "canonical is a lie": Story(
        {"": [A, page("第一稿（@）：补贴标准为每人每月五百元。", head="<link rel='canonical' href='/'>")]}, 1, [NEW]
    ),
}
NUMBERS = {name: 4001 + number for number, name in enumerate(STORIES)}
DAYS = max(len(days) for story in STORIES.values() for days in story.days.values())
# A missing page is asked for twice in a run: longer than a run takes, so that one day alone proves nothing.
GONE_AFTER_S = 5.0
# Disallowed from the second day on.
FORBIDDEN = "as it was"


def address(name: str, suffix: str = "") -> str:
    if suffix == "+":  # where it moves to
        return f"/zc/t20240507_{NUMBERS[name]}.html"
    return f"/zc/t20240506_{NUMBERS[name]}{suffix}" + ("" if "." in suffix else ".html")


def dress(site: Site, day: int) -> None:
    """Have the site answer as on a day; "@" in its pages stands for the document's own address."""
    for name, story in STORIES.items():
        own = address(name).removesuffix(".html")
        for suffix, days in story.days.items():
            found = days[min(day, len(days) - 1)]
            assert found is not None
            new = address(name, "+").removesuffix(".html")
            body = found.body.replace("@+", new).replace("@", own) if isinstance(found.body, str) else found.body
            headers = {key: value.replace("@+", new).replace("@", own) for key, value in found.headers.items()}
            site.pages[address(name, suffix)] = Page(body, headers, status=found.status, drop=found.drop, cut=found.cut)
    site.pages["/zc/list.html"] = Page(listing(*map(address, STORIES)))
    site.pages["/"] = Page("<html><title>首页</title><body><a href='/zc/list.html'>政策文件</a></body></html>")
    rule = f"User-agent: *\nDisallow: {address(FORBIDDEN)}\n" if day else "User-agent: *\nDisallow: /admin/\n"
    site.pages["/robots.txt"] = Page(rule, {"Content-Type": "text/plain"})


@dataclass(frozen=True, slots=True)
class Chronicle:
    """What is left after the last day. recorded, derived: the rows after each day."""

    site: Site
    crawls: Crawls
    summaries: list[dict[str, Any]]
    recorded: list[dict[str, set[tuple[Any, ...]]]]
    requests: list[list[Request]]


@pytest.fixture(scope="module")
def chronicle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chronicle]:
    """The site, crawled once a day."""
    folder = tmp_path_factory.mktemp("chronicle")
    (folder / "sources").mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    with Site() as site:
        crawls = Crawls(
            archive=folder / "archive.db",
            sources=folder / "sources",
            environment={**kept, "PYTHONPATH": str(ROOT)},
            allow=[site.host],
            clock_scale=CONFIRM_GONE.total_seconds() / GONE_AFTER_S,
        )
        crawls.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS)
        out = Chronicle(site, crawls, [], [], [])
        asked = 0.0
        for day in range(DAYS):
            dress(site, day)
            site.requests.clear()
            if day == 2:
                # What was missing on the second day is asked again later than it takes to be believed.
                time.sleep(max(0.0, asked + GONE_AFTER_S + 0.5 - time.monotonic()))
            out.summaries.extend(crawls.run())
            asked = time.monotonic()
            out.requests.append(list(site.requests))
            out.recorded.append(rows(crawls.archive))
        yield out


@pytest.fixture
def archive(chronicle: Chronicle) -> Iterator[Archive]:
    with chronicle.crawls.open() as opened:
        yield opened


def test_every_run_finishes(chronicle: Chronicle) -> None:
    assert [each["end"] for each in chronicle.summaries] == ["finished"] * DAYS
    assert [each["baseline"] for each in chronicle.summaries] == [True] + [False] * (DAYS - 1)


@pytest.mark.parametrize("name", STORIES)
def test_story(name: str, chronicle: Chronicle, archive: Archive) -> None:
    url = chronicle.site.url(address(name))
    document = archive.find_document(url)
    assert kinds(archive, url) == STORIES[name].events
    assert document.versions == STORIES[name].versions


def test_nothing_but_stories(chronicle: Chronicle, archive: Archive) -> None:
    assert len(list(archive.documents())) == len(STORIES)
    assert len(list(archive.events())) == sum(len(story.events) for story in STORIES.values())


def test_recorded_rows_are_only_added(chronicle: Chronicle) -> None:
    for before, after in zip(chronicle.recorded, chronicle.recorded[1:], strict=False):
        for table in RECORDED:
            assert before[table] <= after[table], table


def test_baseline_is_not_sent(chronicle: Chronicle, archive: Archive) -> None:
    sent = {row[1] for row in rows(chronicle.crawls.archive, "outbox")["outbox"]}
    events = list(archive.events())
    assert {event.event_id for event in events if not event.baseline} == sent
    assert {event.run_id for event in events if event.baseline} == {1}
    assert all(event.baseline == (event.run_id == 1) for event in events)


def test_304_adds_a_fetch_and_no_snapshot(chronicle: Chronicle, archive: Archive) -> None:
    document = archive.find_document(chronicle.site.url(address("tagged")))
    fetches = archive.fetches(document.document_id)
    assert [fetch.status for fetch in fetches] == [304] * (DAYS - 1) + [200]
    assert len({fetch.snapshot_id for fetch in fetches}) == 1
    assert [fetch.outcome for fetch in fetches] == [Outcome.NOT_MODIFIED] * (DAYS - 1) + [Outcome.OK]
    asked = [r for r in chronicle.requests[1] if r.path == address("tagged")]
    assert [r.headers.get("if-none-match") for r in asked] == ['"a1"']
    assert [r.headers.get("if-modified-since") for r in asked] == ["Mon, 06 May 2024 01:00:00 GMT"]


def test_a_future_date_is_not_sent_back(chronicle: Chronicle) -> None:
    asked = [r for r in chronicle.requests[1] if r.path == address("dated in the future")]
    assert [r.headers.get("if-modified-since") for r in asked] == [None]


def test_forbidden_is_not_asked(chronicle: Chronicle, archive: Archive) -> None:
    assert address(FORBIDDEN) in [r.path for r in chronicle.requests[0]]
    for requests in chronicle.requests[1:]:
        assert address(FORBIDDEN) not in [r.path for r in requests]
    document = archive.find_document(chronicle.site.url(address(FORBIDDEN)))
    assert {fetch.outcome for fetch in archive.fetches(document.document_id)} == {Outcome.OK, Outcome.DISALLOWED}


def test_every_answer_has_an_outcome_with_a_reason(archive: Archive) -> None:
    for document in archive.documents():
        for fetch in archive.fetches(document.document_id):
            assert fetch.outcome is not None
            assert fetch.reason


def test_no_foreign_host_is_asked(archive: Archive) -> None:
    assert archive.resource_id("http://sso.invalid/login") is None


def test_text_holds_all_pages_once(chronicle: Chronicle, archive: Archive) -> None:
    for name in ("pages", "page late", "page very late", "page busy for good"):
        document = archive.find_document(chronicle.site.url(address(name)))
        text = archive.version(document.document_id, 1).content.text
        places = [text.index(part) for part in ("第一页", "第二页", "第三页")]
        assert places == sorted(places), name
        assert text.count("各有关单位应当在收到本通知之日起") == 1


def test_snapshots_read_back(chronicle: Chronicle, archive: Archive) -> None:
    import hashlib

    for snapshot_id, digest, size, *_ in rows(chronicle.crawls.archive, "snapshot")["snapshot"]:
        snapshot = archive.snapshot(snapshot_id)
        assert hashlib.sha256(snapshot.body).hexdigest() == digest == snapshot.sha256
        assert len(snapshot.body) == size == snapshot.size_bytes


def test_equal_bytes_are_kept_once(chronicle: Chronicle) -> None:
    digests = [row[1] for row in rows(chronicle.crawls.archive, "snapshot")["snapshot"]]
    assert len(digests) == len(set(digests))


# -- deriving again ------------------------------------------------------------------------------------


def derived(archive: Archive) -> dict[str, Any]:
    """Return the derived rows without their numbers, so that rows made again can be compared."""
    out: dict[str, Any] = {}
    for table in DERIVED:
        found = archive._all(f"select * from {table}")  # noqa: S608
        names = [row[1] for row in archive._all(f"pragma table_info({table})")]
        keep = [place for place, name in enumerate(names) if name != "version_id"]
        out[table] = sorted(tuple(str(row[place]) for place in keep) for row in found)
    return out


def deriver(archive: Archive, crawls: Crawls, rules: Rules | None = None) -> Deriver:
    source = load(crawls.sources).get("cn_test")
    return Deriver(
        archive,
        source,
        extractor=identity(rules or Rules()),
        profile=Profile(source=source.name),
        confirm_gone=timedelta(seconds=GONE_AFTER_S),
    )


def copied(chronicle: Chronicle, tmp_path: Path) -> Crawls:
    """Return crawls of a copy, so that other tests find theirs as it was."""
    import shutil

    crawls = Crawls(
        archive=tmp_path / "archive.db",
        sources=tmp_path / "sources",
        environment=chronicle.crawls.environment,
        allow=chronicle.crawls.allow,
        clock_scale=chronicle.crawls.clock_scale,
    )
    shutil.copytree(chronicle.crawls.sources, crawls.sources)
    shutil.copy(chronicle.crawls.archive, crawls.archive)
    return crawls


def test_deriving_again_gives_equal_rows(chronicle: Chronicle, tmp_path: Path) -> None:
    crawls = copied(chronicle, tmp_path)
    recorded = rows(crawls.archive, *RECORDED, "event", "outbox", "spoken")
    with Archive.open(crawls.archive) as archive:
        before = derived(archive)
        for _ in range(2):
            with archive.write():
                remake(deriver(archive, crawls))
            after = derived(archive)
            for table in DERIVED:
                assert after[table] == before[table], table
    assert rows(crawls.archive, *RECORDED, "event", "outbox", "spoken") == recorded


def test_search_holds_after_deriving_again(chronicle: Chronicle, tmp_path: Path) -> None:
    crawls = copied(chronicle, tmp_path)
    with Archive.open(crawls.archive) as archive:
        before = {hit.url for hit in archive.find("每月八百元", Filter(), limit=100).hits}
        with archive.write():
            remake(deriver(archive, crawls))
        assert {hit.url for hit in archive.find("每月八百元", Filter(), limit=100).hits} == before
        assert before
        assert archive._all("insert into version_index (version_index) values ('integrity-check')") == []


@pytest.mark.parametrize(
    "drop",
    [
        ".content p:nth-of-type(3)",
        # This takes the links to files with it, and so files out of compositions.
        ".content p:last-of-type",
        # And this the title, from which much else is told.
        "h1",
    ],
)
def test_another_extractor_makes_histories_again_and_says_nothing(
    drop: str, chronicle: Chronicle, tmp_path: Path
) -> None:
    crawls = copied(chronicle, tmp_path)
    said = rows(crawls.archive, "event", "outbox")
    with crawls.open() as archive:
        old = {d.url: archive.versions(d.document_id) for d in archive.documents()}
    crawls.source(lists=[chronicle.site.url("/zc/list.html")], documents=DOCUMENTS, drop=[drop])
    (summary,) = crawls.run()
    assert summary["end"] == "finished"
    assert summary["events"] == {}
    assert rows(crawls.archive, "event", "outbox") == said
    extractor = identity(Rules(drop=(drop,)))
    with crawls.open() as archive:
        made = {d.url: archive.versions(d.document_id) for d in archive.documents()}
    assert made.keys() == old.keys()
    assert {version.extractor for versions in made.values() for version in versions} == {extractor}
    for name in ("as it was", "there and back", "gone and back with other text", "page late", "page changed"):
        url = chronicle.site.url(address(name))
        assert len(made[url]) == STORIES[name].versions, name
    assert len(rows(crawls.archive, "extractor")["extractor"]) == 2


def test_a_new_extractor_hears_of_the_next_change(chronicle: Chronicle, tmp_path: Path) -> None:
    crawls = copied(chronicle, tmp_path)
    site = chronicle.site
    path = address("in steps")
    crawls.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS, drop=[".content p:nth-of-type(3)"])
    before, site.pages[path] = site.pages[path], A
    try:
        (summary,) = crawls.run()
    finally:
        site.pages[path] = before
    assert summary["events"] == {"changed": 1}
