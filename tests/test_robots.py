from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from storage.model import Outcome, Role
from tests.crawling import DOCUMENTS, Crawls, listing, notice
from tests.site import Page, Site

PATHS = [f"/zc/t20240506_{number}.html" for number in range(4001, 4005)]
PLAIN = {"Content-Type": "text/plain"}


@pytest.fixture
def crawls(site: Site, archive_path: Path, sources_dir: Path, environment: dict[str, str]) -> Crawls:
    site.pages["/zc/list.html"] = Page(listing(*PATHS))
    for path in PATHS:
        site.pages[path] = Page(notice("通知", f"正文{path}。"))
    made = Crawls(archive_path, sources_dir, environment, [site.host])
    made.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS)
    return made


def rules(site: Site, text: str, **more: Any) -> None:
    site.pages["/robots.txt"] = Page(text, PLAIN, **more)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("", PATHS),
        (f"User-agent: *\nDisallow: {PATHS[0]}\n", PATHS[1:]),
        (f"User-agent: policytrail\nDisallow: {PATHS[0]}\nUser-agent: *\nDisallow: /\n", PATHS[1:]),
        ("User-agent: otherbot\nDisallow: /\n", PATHS),
        (f"User-agent: *\nDisallow: /zc/t\nAllow: {PATHS[2]}\n", PATHS[2:3]),
        ("User-agent: *\nDisallow: /zc/t*_400[\nDisallow: /*3.html$\n", [PATHS[0], PATHS[1], PATHS[3]]),
        ("\ufeffUser-agent: *\r\nDisallow: " + PATHS[0] + "\r\n", PATHS[1:]),
        ("<html><h1>没有找到</h1>Disallow: /</html>", PATHS),
        ("# " + "x" * 600_000 + "\nUser-agent: *\nDisallow: /zc/t\n", PATHS),
    ],
    ids=["empty", "one", "by name", "other bot", "allow", "wildcard", "mark", "web page", "too long"],
)
def test_rules(text: str, asked: list[str], site: Site, crawls: Crawls) -> None:
    rules(site, text)
    (summary,) = crawls.run()
    assert summary["end"] == "finished"
    assert site.paths() == ["/robots.txt", "/zc/list.html", *asked]
    with crawls.open() as archive:
        for path in set(PATHS) - set(asked):
            place = archive.resource_id(site.url(path))
            assert place is not None
            fetch = archive.last_answer(place, 10_000)
            assert fetch is not None
            assert (fetch.status, fetch.outcome) == (None, Outcome.DISALLOWED)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_where_there_is_none_all_may_be_asked(status: int, site: Site, crawls: Crawls) -> None:
    rules(site, "User-agent: *\nDisallow: /\n", status=status)
    assert crawls.run()[0]["end"] == "finished"
    assert set(site.paths()) >= set(PATHS)


@pytest.mark.parametrize("broken", [Page(status=503), Page(status=500), Page(status=429), Page(drop=True)])
def test_where_it_cannot_be_had_nothing_is_asked(broken: Page, site: Site, crawls: Crawls) -> None:
    site.pages["/robots.txt"] = broken
    (summary,) = crawls.run()
    assert summary["end"] == "failed"
    assert set(site.paths()) == {"/robots.txt"}
    rules(site, "")
    (summary,) = crawls.run()
    assert (summary["end"], summary["baseline"], summary["events"]) == ("finished", True, {"new": 4})


def test_what_is_known_is_not_gone_while_it_cannot_be_had(site: Site, crawls: Crawls) -> None:
    rules(site, "")
    crawls.run()
    site.pages["/robots.txt"] = Page(status=503)
    crawls.run()
    rules(site, "User-agent: *\nDisallow: /zc/t\n")
    crawls.run()
    crawls.run()
    rules(site, "")
    (summary,) = crawls.run()
    assert summary["events"] == {}
    with crawls.open() as archive:
        assert len(list(archive.events())) == 4
        assert {document.state for document in archive.documents()} == {"active"}


def test_redirects_are_followed_and_recorded(site: Site, crawls: Crawls) -> None:
    site.pages["/robots.txt"] = Page(status=301, headers={"Location": "/a/robots.txt"})
    site.pages["/a/robots.txt"] = Page(status=302, headers={"Location": "/b/robots.txt"})
    site.pages["/b/robots.txt"] = Page(f"User-agent: *\nDisallow: {PATHS[0]}\n", PLAIN)
    assert crawls.run()[0]["end"] == "finished"
    assert site.paths() == ["/robots.txt", "/a/robots.txt", "/b/robots.txt", "/zc/list.html", *PATHS[1:]]
    with crawls.open() as archive:
        for path in ("/robots.txt", "/a/robots.txt", "/b/robots.txt"):
            place = archive.resource_id(site.url(path))
            assert place is not None
            assert archive.resource(place).role is Role.ROBOTS


def test_a_loop_of_redirects_ends(site: Site, crawls: Crawls) -> None:
    site.pages["/robots.txt"] = Page(status=301, headers={"Location": "/robots.txt"})
    assert crawls.run()[0]["end"] == "finished"
    assert 5 <= site.paths().count("/robots.txt") <= 10


def test_asked_by_etag_the_next_time(site: Site, crawls: Crawls) -> None:
    site.pages["/robots.txt"] = Page(f"User-agent: *\nDisallow: {PATHS[0]}\n", {**PLAIN, "ETag": '"r1"'})
    crawls.run()
    site.requests.clear()
    assert crawls.run()[0]["end"] == "finished"
    assert site.requests[0].headers.get("if-none-match") == '"r1"'
    assert PATHS[0] not in site.paths()


def test_a_304_that_confirms_nothing_is_no_answer(site: Site, crawls: Crawls) -> None:
    site.pages["/robots.txt"] = Page(status=304)
    assert crawls.run()[0]["end"] == "failed"
    assert set(site.paths()) == {"/robots.txt"}


@pytest.mark.parametrize(("asked_s", "own_s"), [(0.4, 0), (0.2, 0.5)])
def test_delay(asked_s: float, own_s: float, site: Site, crawls: Crawls) -> None:
    rules(site, f"User-agent: *\nCrawl-delay: {asked_s}\n")
    crawls.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS, delay=own_s, concurrent=4)
    assert crawls.run()[0]["end"] == "finished"
    times = [request.at for request in site.requests]
    assert len(times) == 6
    gaps = [(after - before).total_seconds() for before, after in pairwise(times)]
    # The first pause begins before the rules are known.
    assert min(gaps[1:]) >= 0.95 * max(asked_s, own_s)
    assert gaps[0] >= 0.95 * own_s


@pytest.mark.parametrize("text", ["-1", "soon", "1e9", "nan", "inf"])
def test_a_senseless_delay(text: str, site: Site, crawls: Crawls) -> None:
    rules(site, f"User-agent: *\nCrawl-delay: {text}\nDisallow: /zc/\n")
    (summary,) = crawls.run()
    assert summary["end"] == "failed"
    assert summary["problem"]


def test_each_host_has_its_own(site: Site, crawls: Crawls) -> None:
    with Site("127.0.0.2") as other:
        crawls.allow = [site.host, other.host]
        other.pages["/robots.txt"] = Page("User-agent: *\nDisallow: /1.pdf\n", PLAIN)
        files = "".join(f"<p><a href='{other.url(f'/{n}.pdf')}'>附件：{n}.pdf</a></p>" for n in (1, 2))
        rules(site, f"User-agent: *\nDisallow: {PATHS[1]}\n")
        site.pages[PATHS[0]] = Page(notice("通知", "正文。", more=files))
        crawls.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS, hosts=[other.host])
        assert crawls.run()[0]["end"] == "finished"
        assert other.paths() == ["/robots.txt", "/2.pdf"]
        assert PATHS[1] not in site.paths()
