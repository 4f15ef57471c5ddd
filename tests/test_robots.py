from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from crawler.robots import parsed
from storage.model import Outcome, Role
from tests.crawling import DOCUMENTS, ROOT, Crawls, listing, notice
from tests.site import Page, Site

PATHS = [f"/zc/t20240506_{number}.html" for number in range(4001, 4005)]
PLAIN = {"Content-Type": "text/plain"}


@pytest.fixture
def crawls(site: Site, archive_path: Path, sources_dir: Path, environment: dict[str, str]) -> Crawls:
    fill(site)
    made = Crawls(archive_path, sources_dir, environment, [site.host])
    made.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS)
    return made


def rules(site: Site, body: str) -> None:
    site.pages["/robots.txt"] = text(body)


def text(body: str, status: int = 200) -> Page:
    return Page(body, PLAIN, status=status)


DENY_ALL = "User-agent: *\nDisallow: /\n"
# What robots.txt answers, and which documents may be asked for then; None: not even the list.
CASES: dict[str, tuple[Page, list[str] | None]] = {
    "empty": (text(""), PATHS),
    "one": (text(f"User-agent: *\nDisallow: {PATHS[0]}\n"), PATHS[1:]),
    "by name": (text(f"User-agent: policytrail\nDisallow: {PATHS[0]}\n{DENY_ALL}"), PATHS[1:]),
    "another bot": (text("User-agent: otherbot\nDisallow: /\n"), PATHS),
    "allowed": (text(f"User-agent: *\nDisallow: /zc/t\nAllow: {PATHS[2]}\n"), PATHS[2:3]),
    "wildcard": (text("User-agent: *\nDisallow: /zc/t*_400[\nDisallow: /*3.html$\n"), [*PATHS[:2], PATHS[3]]),
    "with a mark": (text("\ufeffUser-agent: *\r\nDisallow: " + PATHS[0] + "\r\n"), PATHS[1:]),
    "a web page": (Page("<html><h1>没有找到</h1>Disallow: /</html>"), PATHS),
    "too long": (text("# " + "x" * 600_000 + "\nUser-agent: *\nDisallow: /zc/t\n"), PATHS),
    "401": (text(DENY_ALL, 401), PATHS),
    "403": (text(DENY_ALL, 403), PATHS),
    "404": (text(DENY_ALL, 404), PATHS),
    "410": (text(DENY_ALL, 410), PATHS),
    "503": (text("", 503), None),
    "500": (text("", 500), None),
    "429": (text("", 429), None),
    "dropped": (Page(drop=True), None),
    "304 that confirms nothing": (Page(status=304), None),
    "cut": (Page("User-agent: *\n" * 50, PLAIN, cut=90), None),
    "all": (text(DENY_ALL), None),
    "senseless delays": (text(f"User-agent: *\nCrawl-delay: soon\nCrawl-delay: -1\nDisallow: {PATHS[0]}\n"), PATHS[1:]),
    "no number": (text("User-agent: *\nCrawl-delay: nan\n"), PATHS),
}


@dataclass(frozen=True, slots=True)
class Sites:
    """A site for each case, all crawled at once, and again when all of them allow everything."""

    asked: dict[str, list[str]]
    ends: dict[str, str]
    outcomes: dict[str, dict[str, Outcome | None]]
    later: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Sites:
    folder = tmp_path_factory.mktemp("robots")
    (folder / "sources").mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    crawls = Crawls(folder / "archive.db", folder / "sources", {**kept, "PYTHONPATH": str(ROOT)})
    with ExitStack() as stack:
        served: dict[str, Site] = {}
        for number, (name, (robots, _)) in enumerate(CASES.items()):
            site = served[name] = stack.enter_context(Site(f"127.0.1.{number + 1}"))
            site.pages["/robots.txt"] = robots
            fill(site)
            crawls.allow.append(site.host)
            crawls.source(f"cn_n{number}", lists=[site.url("/zc/list.html")], documents=DOCUMENTS)
        names = [f"cn_n{number}" for number in range(len(CASES))]
        ends = {each["source"]: each["end"] for each in crawls.run(*names)}
        asked = {name: site.paths() for name, site in served.items()}
        outcomes: dict[str, dict[str, Outcome | None]] = {}
        with crawls.open() as archive:
            for name, site in served.items():
                places = {path: archive.resource_id(site.url(path)) for path in PATHS}
                answers = {path: archive.last_answer(place, 10_000) for path, place in places.items() if place}
                outcomes[name] = {path: found.outcome for path, found in answers.items() if found}
        for site in served.values():
            site.pages["/robots.txt"] = text("")
        later = {each["source"]: each for each in crawls.run(*names)}
    return Sites(
        asked,
        {case: ends[name] for case, name in zip(CASES, names, strict=True)},
        outcomes,
        {case: later[name] for case, name in zip(CASES, names, strict=True)},
    )


def fill(site: Site) -> None:
    site.pages["/zc/list.html"] = Page(listing(*PATHS))
    for path in PATHS:
        site.pages[path] = Page(notice("通知", f"正文{path}。"))


def test_rules_are_asked_for_again_after_a_day(site: Site, crawls: Crawls) -> None:
    # A run may take longer than rules are good for; here a second counts for more than a day.
    crawls.clock_scale = 90_000.0
    site.pages["/robots.txt"] = Page("User-agent: *\nDisallow: /private/\n", {**PLAIN, "ETag": '"r1"'})
    crawls.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS, delay=0.5)
    assert crawls.run()[0]["end"] == "finished"
    asked = site.paths()
    assert set(asked) == {"/robots.txt", "/zc/list.html", *PATHS}
    assert 1 < asked.count("/robots.txt") < len(asked) - asked.count("/robots.txt")


@pytest.mark.parametrize("name", [name for name, (_, asked) in CASES.items() if asked is not None])
def test_rules(name: str, sites: Sites) -> None:
    asked = CASES[name][1] or []
    assert sites.ends[name] == "finished"
    assert sites.asked[name] == ["/robots.txt", "/zc/list.html", *asked]
    for path in set(PATHS) - set(asked):
        assert sites.outcomes[name][path] is Outcome.DISALLOWED


@pytest.mark.parametrize("name", [name for name, (_, asked) in CASES.items() if asked is None])
def test_where_it_cannot_be_had_or_forbids_all_nothing_is_asked(name: str, sites: Sites) -> None:
    assert sites.ends[name] == "failed"
    assert set(sites.asked[name]) == {"/robots.txt"}
    later = sites.later[name]
    assert (later["end"], later["baseline"], later["events"]) == ("finished", True, {"new": len(PATHS)})


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


def test_redirects_to_another_host_are_followed(site: Site, crawls: Crawls) -> None:
    with Site("127.0.0.2") as other:
        crawls.allow = [site.host, other.host]
        site.pages["/robots.txt"] = Page(status=301, headers={"Location": other.url("/robots.txt")})
        other.pages["/robots.txt"] = Page(f"User-agent: *\nDisallow: {PATHS[0]}\n", PLAIN)
        assert crawls.run()[0]["end"] == "finished"
        assert other.paths() == ["/robots.txt"]
        assert site.paths() == ["/robots.txt", "/zc/list.html", *PATHS[1:]]


# RFC 9309, 2.2: what a body says of an address.
RULES = [
    ("User-agent: policytrail\nDisallow: /a\n\nUser-agent: policytrail\nDisallow: /c", "/a", False),
    ("User-agent: policytrail\nDisallow: /a\n\nUser-agent: *\nDisallow: /b\n", "/b", True),
    ("USER-AGENT: PolicyTrail\nDISALLOW: /a", "/a", False),
    ("User-agent: policytrail/1.0 (+https://x)\nDisallow: /a", "/a", False),
    ("User-agent: policytrail-news\nDisallow: /a", "/a", True),
    ("User-agent: *\rDisallow: /a\r", "/a", False),
    ("User-agent: x\n\nUser-agent: policytrail\n\n# none\nDisallow: /a", "/a", False),
    ("User-agent: x\nSitemap: http://a.example/\nUser-agent: policytrail\nDisallow: /a", "/a", False),
    ("Disallow: /a\nUser-agent: *\nDisallow: /b", "/a", True),
    ("User-agent: *\nDisallow:\n", "/a", True),
    ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
    ("User-agent: *\nAllow: /a\nDisallow: /a/b", "/a/b/c", False),
    ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True),
    ("User-agent: *\nAllow: /page\nDisallow: /*.htm", "/page.htm", False),
    ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf", False),
    ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf?v=1", True),
    ("User-agent: *\nDisallow: /政策", "/%E6%94%BF%E7%AD%96/1", False),
    ("User-agent: *\nDisallow: /%e6%94%bf", "/%E6%94%BF%E7%AD%96", False),
    ("User-agent: *\nDisallow: /%62ar", "/bar", False),
    ("User-agent: *\nDisallow: /a%2Fb", "/a/b", True),
    ("User-agent: *\nDisallow: /", "/robots.txt", True),
]  # fmt: skip


@pytest.mark.parametrize(("body", "path", "allowed"), RULES)
def test_what_a_body_says(body: str, path: str, allowed: bool) -> None:
    assert parsed(body.encode()).can_fetch(f"http://gov.example{path}", "policytrail") is allowed
    assert parsed(b"\xef\xbb\xbf" + body.encode()).can_fetch(f"http://gov.example{path}", "policytrail") is allowed


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
