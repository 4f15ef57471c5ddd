"""What a source may be asked for: hours, a budget of the day, and the way through a proxy."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from crawler.hours import until_open
from crawler.limits import Limits
from spiders.keys import parse, write
from spiders.source import Budget, Source
from tests.conftest import Command
from tests.crawling import DOCUMENTS, Crawls, listing, notice
from tests.site import Page, Request, Site

PATHS = [f"/zc/t20240506_{number}.html" for number in range(4001, 4007)]


@pytest.fixture
def crawls(site: Site, archive_path: Path, sources_dir: Path, environment: dict[str, str]) -> Iterator[Crawls]:
    site.pages["/zc/list.html"] = Page(listing(*PATHS))
    for path in PATHS:
        site.pages[path] = Page(notice("通知", f"正文{path}。"))
    made = Crawls(archive_path, sources_dir, environment, [site.host])
    yield made
    made.close()


def of(hours: str | list[str], timezone: str = "Asia/Shanghai") -> Source:
    written = f'publisher = "t"\nurls = ["https://www.example.cn/"]\nhours = {hours!r}\ntimezone = "{timezone}"\n'
    source = parse(written, Path("cn_test.toml"))
    assert isinstance(source, Source), source
    again = parse(write(source), Path("cn_test.toml"))
    assert isinstance(again, Source) and again.hours == source.hours
    return source


@pytest.mark.parametrize(
    ("hours", "timezone", "now", "wait_h"),
    [
        ("1:00-6:00", "Asia/Shanghai", "2026-11-19T17:00", 0),
        ("01:00-06:00", "Asia/Shanghai", "2026-11-19T16:59", 1 / 60),
        ("01:00-06:00", "Asia/Shanghai", "2026-11-19T22:00", 19),
        ("22:00-06:00", "Asia/Shanghai", "2026-11-19T14:00", 0),
        ("22:00-06:00", "Asia/Shanghai", "2026-11-19T21:59", 0),
        ("22:00-06:00", "Asia/Shanghai", "2026-11-19T22:00", 16),
        (["08:00-09:00", "12:00-13:00"], "UTC", "2026-11-19T10:00", 2),
        # The night on which clocks go forward an hour: six on the wall comes after seven hours of the day before.
        ("06:00-07:00", "Europe/London", "2026-03-28T23:00", 6),
        ("06:00-07:00", "Europe/London", "2026-03-28T06:30", 0),
    ],
)
def test_hours(hours: str | list[str], timezone: str, now: str, wait_h: float) -> None:
    wait = until_open(of(hours, timezone), datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert wait == timedelta(hours=wait_h)


@pytest.mark.parametrize("hours", ["25:00-06:00", "22-6", "22:00", "06:00-06:00", "", 'x"', "22:00-06:60"])
def test_hours_that_cannot_be_read(hours: str) -> None:
    problems = parse(f"publisher = 't'\nurls = 'https://www.example.cn/'\nhours = '{hours}'\n", Path("cn_test.toml"))
    assert isinstance(problems, tuple) and "cn_test.toml:3: hours: " in problems[0]


def test_outside_its_hours_a_source_is_not_asked(site: Site, crawls: Crawls) -> None:
    now = datetime.now(UTC)
    later = f"{now + timedelta(hours=2):%H:%M}-{now + timedelta(hours=3):%H:%M}"
    crawls.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS, hours=later, timezone="UTC")
    process = crawls.start("cn_test")
    out, err = process.communicate(timeout=60)
    assert "outside its hours; they begin in" in err, out + err
    assert site.requests == []


def test_when_its_hours_end_a_run_ends_and_a_later_one_goes_on(site: Site, crawls: Crawls) -> None:
    paths = [f"/zc/t20240507_{number}.html" for number in range(30)]
    site.pages["/zc/list.html"] = Page(listing(*paths))
    asked: list[str] = []
    # So long the hours last; on a slow machine the run may not even begin in them.
    for last_s in (8, 25, 75):
        site.requests.clear()
        end = datetime.now(UTC) + timedelta(seconds=last_s)

        def answer(request: Request, end: datetime = end) -> Page:
            # No document is left when the hours end, unless all of them come too late.
            time.sleep(max(0.0, min(3.0, (end - datetime.now(UTC)).total_seconds())))
            return Page(notice("通知", f"正文{request.path}。"))

        site.pages.update(dict.fromkeys(paths, answer))
        hours = f"{end - timedelta(hours=1):%H:%M:%S}-{end:%H:%M:%S}"
        crawls.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS, hours=hours, timezone="UTC")
        process = crawls.start("cn_test")
        _, err = process.communicate(timeout=120)
        asked = site.paths()
        if asked and asked[-1] in paths:
            break
    with crawls.open() as archive:
        assert [run.end for run in archive.runs("cn_test", limit=1)] == ["stopped"], err
    # What was under way came; of what waited behind it nothing is recorded.
    assert all(request.at <= end for request in site.requests)
    crawls.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS)
    (summary,) = crawls.run()
    assert summary["resumed"] and summary["events"] == {"new": 30}
    assert sorted(site.paths()[len(asked) :]) == sorted(["/robots.txt", *(set(paths) - set(asked))])


def test_what_another_run_made_good_meanwhile_is_not_done_again(site: Site, crawls: Crawls) -> None:
    crawls.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS, schedule="every 1m")
    # As after a scheduler was killed: its run goes on, and the next scheduler's waits while it ends.
    crawls.due_since = datetime.now(UTC)
    (first,) = crawls.run()
    assert first["end"] == "finished" and site.requests
    site.requests.clear()
    (second,) = crawls.run()
    assert (second["end"], second["problem"], second["asked"], site.requests) == ("finished", None, 0, [])
    crawls.due_since = datetime.now(UTC)
    (third,) = crawls.run()
    assert third["end"] == "finished" and "/zc/list.html" in site.paths()
    with crawls.open() as archive:
        assert len(archive.runs("cn_test")) == 2


def test_a_budget_of_the_day_is_kept_over_runs_and_sources(site: Site, crawls: Crawls) -> None:
    keys: dict[str, Any] = {"lists": [site.url("/zc/list.html")], "documents": DOCUMENTS}
    crawls.source("cn_one", **keys, budget={"requests_per_day": 6})
    crawls.source("cn_two", **{**keys, "lists": [site.url("/zc/other.html")]}, budget={"requests_per_day": 9})
    (first,) = crawls.run("cn_one")
    # robots.txt, the list and four documents; the other two stay due.
    assert (first["end"], first["over_budget"], len(site.requests)) == ("finished", 2, 6)
    site.pages["/zc/other.html"] = Page(listing(*(path.replace("_4", "_5") for path in PATHS)))
    (second,) = crawls.run("cn_two")
    assert (second["end"], second["over_budget"], len(site.requests)) == ("finished", 5, 9)
    for name in ("cn_one", "cn_two"):
        process = crawls.start(name)
        _, err = process.communicate(timeout=60)
        assert "requests of its budget for today were made" in err
    assert len(site.requests) == 9


def test_a_day_begins_at_midnight_of_the_source() -> None:
    asked_since = []

    def asked(host: str, since: datetime) -> int:
        asked_since.append((host, since))
        return 3

    source = Source(
        name="cn_test",
        publisher="t",
        hosts=("www.example.cn",),
        budget=Budget(requests_per_day=6),
        urls=("https://www.example.cn/",),
    )
    limits = Limits(source, datetime(2026, 11, 19, 17, tzinfo=UTC), asked)
    assert asked_since == [("www.example.cn", datetime(2026, 11, 19, 16, tzinfo=UTC))]
    assert [limits.spend("https://www.example.cn/1"), limits.spend("https://www.example.cn/2")] == [True, True]
    assert not limits.spend("https://www.example.cn/3")
    assert limits.spend("https://files.example.cn/3")
    assert limits.spent() == "www.example.cn"


def test_runs_that_go_on_at_once_share_the_day() -> None:
    # Of one process; the archive knows nothing yet of what both are about to ask for.
    def source(name: str, **keys: Any) -> Source:
        return Source(name=name, publisher="t", hosts=("www.example.cn",), urls=("https://www.example.cn/",), **keys)

    at = datetime(2026, 11, 19, 17, tzinfo=UTC)
    day: dict[tuple[str, datetime], int] = {}
    first, second, free = (
        Limits(source(name, **keys), at, lambda host, since: 3, day)
        for name, keys in {
            "cn_one": {"budget": Budget(requests_per_day=9)},
            "cn_two": {"budget": Budget(requests_per_day=8)},
            "cn_free": {},
        }.items()
    )
    # Three were made, and each run that has a bound asks for robots.txt.
    url = "https://www.example.cn/1"
    assert [each.spend(url) for each in (first, second, free)] == [True] * 3
    assert [second.spend(url), first.spend(url), first.spend(url), free.spend(url)] == [False, True, False, True]


def test_when_a_source_is_due_it_waits_for_its_hours(site: Site, crawls: Crawls, policytrail: Command) -> None:
    opening = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(hours=3)
    hours = f"{opening:%H:%M}-{opening + timedelta(hours=1):%H:%M}"
    crawls.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS, hours=hours, timezone="UTC")
    options = ["--archive", str(crawls.archive), "--sources", str(crawls.sources), "--json"]
    (told,) = json.loads(policytrail("schedule", "--status", *options).stdout)["sources"]
    assert datetime.fromisoformat(told["entry"]["due_at"]) == opening


class Proxy(ThreadingHTTPServer):
    """Passes requests on to a site, whatever host they name, and notes them."""

    daemon_threads = True

    def __init__(self, site: Site) -> None:
        self.site = site
        self.seen: list[tuple[str, str | None]] = []
        super().__init__(("127.0.0.3", 0), _Passing)

    @property
    def host(self) -> str:
        return f"127.0.0.3:{self.server_address[1]}"


class _Passing(BaseHTTPRequestHandler):
    server: Proxy

    def do_GET(self) -> None:
        self.server.seen.append((self.path, self.headers.get("Proxy-Authorization")))
        site = urlsplit(self.server.site.origin)
        connection = http.client.HTTPConnection(site.hostname or "", site.port or 0, timeout=20)
        parts = urlsplit(self.path)
        connection.request("GET", parts.path or "/", headers={"Host": parts.netloc})
        answer = connection.getresponse()
        body = answer.read()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        connection.close()

    def log_message(self, format: str, *args: object) -> None:
        """Keep silent."""


@pytest.fixture
def proxy(site: Site) -> Iterator[Proxy]:
    made = Proxy(site)
    thread = threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def test_a_source_is_asked_through_its_proxy(site: Site, crawls: Crawls, proxy: Proxy) -> None:
    # Nobody answers there but through the proxy.
    origin = "http://127.0.0.9:8080"
    crawls.allow = ["127.0.0.9:8080"]
    keys: dict[str, Any] = {
        "lists": [f"{origin}/zc/list.html"],
        "documents": DOCUMENTS,
        "proxy": f"http://reader:secret@{proxy.host}",
    }
    crawls.source(**keys)
    site.pages["/zc/list.html"] = Page(listing(*PATHS, "http://127.0.0.1:1/zc/t20240506_1.html"))
    # A proxy in a private network must be allowed like any other address there.
    refused = crawls.start("cn_test")
    _, err = refused.communicate(timeout=60)
    assert "its proxy 127.0.0.3 is no public address; --allow" in err
    assert proxy.seen == []
    crawls.allow.append(proxy.host)
    (summary,) = crawls.run()
    assert summary["events"] == {"new": 6}
    assert {path for path, _ in proxy.seen} == {f"{origin}{path}" for path in ["/robots.txt", "/zc/list.html", *PATHS]}
    assert {given for _, given in proxy.seen} == {"Basic cmVhZGVyOnNlY3JldA=="}
    # By name the gate judges as ever: what the list says of this machine was not asked for.
    assert len(proxy.seen) == len(site.requests) == 8


def test_no_proxy_is_taken_from_the_environment(site: Site, crawls: Crawls, proxy: Proxy) -> None:
    crawls.environment = {**crawls.environment, "http_proxy": f"http://{proxy.host}"}
    crawls.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS)
    (summary,) = crawls.run()
    assert summary["events"] == {"new": 6}
    assert proxy.seen == []
