from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.ladder import TRUSTED_CONFIRMATIONS
from crawler.revisit import LOOKED_AT_ONCE, Frontier, believable
from spiders.source import Budget, Source
from storage import Archive, Listed
from storage.model import Answer, Outcome, Role, RunEnd
from tests.crawling import DOCUMENTS, Crawls, kinds, listing, notice, rows, state
from tests.site import Page, Request, Site

PATHS = [f"/zc/t20240506_{number}.html" for number in range(4001, 4007)]
DATE = "Mon, 06 May 2024 01:00:00 GMT"


@pytest.fixture
def crawls(site: Site, archive_path: Path, sources_dir: Path, environment: dict[str, str]) -> Crawls:
    site.pages["/zc/list.html"] = Page(listing(*PATHS))
    for path in PATHS:
        site.pages[path] = Page(notice("通知", f"正文{path}。"))
    made = Crawls(archive_path, sources_dir, environment, [site.host])
    made.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS)
    return made


NOW = datetime(2024, 5, 6, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "believed"),
    [
        (DATE, True),
        ("Mon, 06 May 2024 08:00:00 GMT", True),
        ("Mon, 06 May 2024 08:00:01 GMT", False),
        ("Fri, 31 Dec 9999 23:59:59 GMT", False),
        ("0", False),
        ("", False),
        (None, False),
        ("yesterday", False),
        ("Mon, 06 May 2024 01:00:00", False),
        ("Mon, 99 May 2024 01:00:00 GMT", False),
        ("Mon, 06 May 99999999999 01:00:00 GMT", False),
    ],
)
def test_believable(said: str | None, believed: bool) -> None:
    assert believable(said, NOW) == (said if believed else None)


def sent(site: Site, path: str) -> list[tuple[str | None, str | None]]:
    return [
        (request.headers.get("if-none-match"), request.headers.get("if-modified-since"))
        for request in site.requests
        if request.path == path
    ]


def test_lists_are_asked_by_validator_and_still_named(site: Site, crawls: Crawls) -> None:
    site.pages["/zc/list.html"] = Page(listing(*PATHS), {"ETag": '"l1"'})
    site.pages[PATHS[3]] = Page(status=503)
    crawls.run()
    site.requests.clear()
    site.pages[PATHS[3]] = Page(notice("通知", "正文，今天才有。"))
    (summary,) = crawls.run()
    assert sent(site, "/zc/list.html") == [('"l1"', None)]
    # The list has not changed, but what it named and never came is still due.
    assert summary["events"] == {"new": 1}


def test_a_challenge_leaves_no_date_behind(site: Site, crawls: Crawls) -> None:
    path, good = PATHS[0], Page(notice("通知", "正文。"), {"Last-Modified": DATE})
    site.pages[path] = good
    crawls.run()
    body = "<html><title>安全验证</title><body>请完成安全验证后继续访问</body></html>"
    site.pages[path] = Page(body, {"Last-Modified": "Tue, 07 May 2024 01:00:00 GMT"})
    crawls.run()
    # The page is the old one again, and older than the challenge: by its date it would never come back.
    site.requests.clear()
    site.pages[path] = good
    crawls.run()
    assert sent(site, path) == [(None, None)]
    with crawls.open() as archive:
        assert kinds(archive, site.url(path)) == ["new"]
        assert archive.find_document(site.url(path)).state == "active"


def test_a_304_that_confirms_nothing(site: Site, crawls: Crawls) -> None:
    site.pages[PATHS[0]] = Page(status=304)
    assert crawls.run()[0]["events"] == {"new": 5}
    with crawls.open() as archive:
        place = archive.resource_id(site.url(PATHS[0]))
        assert place is not None
        fetch = archive.last_answer(place, 10_000)
        assert fetch is not None
        assert (fetch.outcome, fetch.snapshot_id) == (Outcome.HTTP_ERROR, None)


def test_a_304_confirms_what_was_sent_not_what_came_in_between(site: Site, crawls: Crawls) -> None:
    path = PATHS[0]
    good = Page(notice("通知", "正文。"), {"ETag": '"1"'})
    site.pages[path] = good
    crawls.run()
    site.pages[path] = Page("<h1>busy</h1>", {"ETag": '"busy"'}, status=503)
    crawls.run()
    site.pages[path] = good
    site.requests.clear()
    assert crawls.run()[0]["events"] == {}
    assert sent(site, path) == [('"1"', None)]
    with crawls.open() as archive:
        document = archive.find_document(site.url(path))
        assert archive.fetches(document.document_id)[0].outcome is Outcome.NOT_MODIFIED


def test_a_hostile_etag_is_not_sent_back(site: Site, crawls: Crawls) -> None:
    site.pages[PATHS[0]] = Page(notice("通知", "正文。"), {"ETag": '"' + "x" * 5_000 + '"'})
    site.pages[PATHS[1]] = Page(notice("通知", "正文。"), {"ETag": '"a\tb"'})
    crawls.run()
    site.requests.clear()
    crawls.run()
    assert sent(site, PATHS[0]) == sent(site, PATHS[1]) == [(None, None)]


def test_not_modified_is_not_believed_for_ever(site: Site, crawls: Crawls) -> None:
    path = PATHS[0]
    site.pages[path] = Page(notice("通知", "正文。"), {"ETag": '"1"'})
    crawls.run()
    confirm(crawls.archive, site.url(path), times=TRUSTED_CONFIRMATIONS - 1)
    # It says so whatever it holds: its ETag stays while its text is another.
    site.pages[path] = Page(notice("通知", "另一正文。"), {"ETag": '"1"'})
    site.requests.clear()
    assert crawls.run()[0]["events"] == {}
    assert crawls.run()[0]["events"] == {"changed": 1}
    assert sent(site, path) == [('"1"', None), (None, None)]


def confirm(path: Path, url: str, *, times: int) -> None:
    """Record that an address was not modified, some times."""
    with Archive.open(path) as archive:
        place = archive.resource_id(url)
        assert place is not None
        known = archive.validators(place)
        assert known is not None
        run = archive.runs("cn_test", limit=1)[0]
        run = archive.begin_run("cn_test", at=datetime.now(UTC), extractor=run.extractor, profile=run.profile)
        for _ in range(times):
            at = datetime.now(UTC)
            archive.record(
                run, place, Answer(url=url, requested_at=at, fetched_at=at, status=304, confirms=known.snapshot_id)
            )
        archive.close_run(run.run_id, RunEnd.FINISHED, at=datetime.now(UTC))


def test_what_failed_is_asked_once_more(site: Site, crawls: Crawls) -> None:
    answers = iter([Page(status=503), Page(notice("通知", "正文。"))])
    site.pages[PATHS[0]] = lambda request: next(answers)
    # Good answers stand between the bad ones: a host that fails again and again is left alone.
    site.pages[PATHS[2]] = Page(status=503)
    site.pages[PATHS[4]] = Page(status=403)
    (summary,) = crawls.run()
    assert summary["events"] == {"new": 4}
    counts = Counter(site.paths())
    assert [counts[path] for path in PATHS] == [2, 1, 2, 1, 1, 1]


def test_what_is_beyond_the_budget_comes_in_the_next_runs(site: Site, crawls: Crawls) -> None:
    crawls.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS, budget={"pages": 2})
    found = []
    for _ in range(3):
        (summary,) = crawls.run()
        assert summary["over_budget"] > 0
        found.append(len(state(crawls.archive)["documents"]))
    assert found == [2, 4, 6]


def test_beyond_the_budget_the_known_take_turns(site: Site, crawls: Crawls) -> None:
    crawls.run()
    crawls.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS, budget={"pages": 3})
    site.requests.clear()
    for _ in range(2):
        crawls.run()
    counts = Counter(site.paths())
    assert [counts[path] for path in PATHS] == [1] * 6


@pytest.mark.parametrize("is_resumed", [False, True])
def test_thousands_beyond_the_budget_do_not_keep_the_event_loop(archive_path: Path, is_resumed: bool) -> None:
    source = Source(name="cn_test", publisher="x", lists=("https://a.example/",), budget=Budget(pages=3))
    count = 4 * LOOKED_AT_ONCE
    with Archive.open(archive_path, create=True) as archive, archive.write():
        for root in range(2):
            run = archive.begin_run(source.name, at=NOW, extractor="x", profile="p")
            listed = [Listed(url=f"https://a.example/{n}", role=Role.MAIN) for n in range(count)]
            for place in archive.add_listings(run, listed, found_on=None, at=NOW)[: 1 if root else count]:
                archive.record(
                    run, place.resource_id, Answer(url=place.url, requested_at=NOW, fetched_at=NOW, status=200)
                )
            archive.close_run(run.run_id, RunEnd.STOPPED if root and is_resumed else RunEnd.FINISHED, at=NOW)
        run = archive.begin_run(source.name, at=NOW, extractor="x", profile="p")
        turns = 0

        async def prepare() -> None: ...

        async def visit() -> list[int]:
            frontier = Frontier(archive, run, source, since=NOW, prepare=prepare)
            watching = asyncio.ensure_future(watch())
            asked = []
            async for visit in frontier.visits():
                asked.append(visit.resource_id)
                frontier.done(visit, failed=False)
            watching.cancel()
            assert frontier.over["pages"] == count - 3 - is_resumed
            return asked

        async def watch() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        # The first one has had its turn: it was asked for again since.
        assert asyncio.run(visit()) == [2, 3, 4]
        assert turns >= count // LOOKED_AT_ONCE - 1


def test_redirects_in_a_circle_end(site: Site, crawls: Crawls) -> None:
    site.pages[PATHS[0]] = Page(status=302, headers={"Location": PATHS[1]})
    site.pages[PATHS[1]] = Page(status=302, headers={"Location": PATHS[0]})
    site.pages["/zc/list.html"] = Page(listing(PATHS[0]))
    (summary,) = crawls.run()
    assert summary["end"] == "finished"
    assert Counter(site.paths())[PATHS[0]] == 1


def test_redirects_without_end_end(site: Site, crawls: Crawls) -> None:
    def answer(request: Request) -> Page:
        number = int(request.path.rpartition("_")[2].removesuffix(".html"))
        return Page(status=302, headers={"Location": f"/zc/t20240506_{number + 1}.html"})

    for number in range(5000, 5050):
        site.pages[f"/zc/t20240506_{number}.html"] = answer
    site.pages["/zc/list.html"] = Page(listing("/zc/t20240506_5000.html"))
    (summary,) = crawls.run()
    assert summary["end"] == "finished"
    assert len(site.requests) <= 12


def test_pages_without_end_end(site: Site, crawls: Crawls) -> None:
    def answer(request: Request) -> Page:
        stem, _, number = request.path.removesuffix(".html").removeprefix("/zc/t20240506_4001").rpartition("_")
        following = int(number or 1) + 1
        link = f"<a rel='next' href='/zc/t20240506_4001_{following}.html'>下一页</a>"
        return Page(notice("通知", f"第{following - 1}页的正文{stem}。", more=link))

    for number in range(2, 200):
        site.pages[f"/zc/t20240506_4001_{number}.html"] = answer
    site.pages[PATHS[0]] = answer
    site.pages["/zc/list.html"] = Page(listing(PATHS[0]))
    crawls.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS, budget={"parts": 10})
    (summary,) = crawls.run()
    assert summary["end"] == "finished"
    assert len(site.requests) <= 15


@pytest.mark.parametrize("first", [False, True], ids=["after", "before"])
def test_page_two_in_the_list_is_no_document(first: bool, site: Site, crawls: Crawls) -> None:
    main, second = PATHS[0], "/zc/t20240506_4001_2.html"
    pager = f"<a href='{main}'>1</a> <a href='{second}'>2</a>"
    site.pages[main] = Page(notice("通知", "第一页。", more=pager))
    site.pages[second] = Page(notice("通知", "第二页。", more=pager))
    site.pages["/zc/list.html"] = Page(listing(*((second, main) if first else (main, second))))
    for _ in range(2):
        crawls.run()
    with crawls.open() as archive:
        assert [document.url for document in archive.documents()] == [site.url(main)]
        assert kinds(archive, site.url(main)) == ["new"]


def test_nothing_is_asked_that_is_not_recorded(site: Site, crawls: Crawls) -> None:
    answers = iter(range(1_000))
    site.pages[PATHS[2]] = lambda request: Page(drop=True)
    site.pages[PATHS[3]] = lambda request: Page(status=503) if next(answers) % 2 else Page("", cut=0)
    for _ in range(2):
        crawls.run()
    recorded = Counter(row[2] for row in rows(crawls.archive, "fetch")["fetch"])
    urls = {row[0]: row[1] for row in rows(crawls.archive, "resource")["resource"]}
    asked = Counter(site.url(path) for path in site.paths())
    # Of what is recorded, some may have failed before it reached the site.
    assert asked <= Counter({urls[number]: count for number, count in recorded.items()})


def test_a_start_address_is_asked_for_once_a_run(site: Site, crawls: Crawls) -> None:
    # With a pause few are under way at once: the others are looked at again when these are done.
    crawls.source(urls=[site.url(path) for path in PATHS], delay=0.01)
    for _ in range(2):
        site.requests.clear()
        crawls.run()
        assert Counter(request.path for request in site.requests if request.path in PATHS) == dict.fromkeys(PATHS, 1)
