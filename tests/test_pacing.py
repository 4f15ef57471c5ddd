from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.pacing import LONGEST_WAIT, MANY_FAILURES, Standing, after, asked_to_wait, read, written
from storage import Archive
from storage.model import RunEnd
from tests.conftest import Command
from tests.crawling import listing, notice
from tests.site import Page, Site

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("Fri, 20 Nov 2026 08:01:00 GMT", 60),
        ("Fri, 20 Nov 2020 08:01:00 GMT", 0),
        ("999999999999", LONGEST_WAIT.total_seconds()),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    wait = asked_to_wait(value, NOW)
    assert (None if wait is None else wait.total_seconds()) == seconds


def test_many_failures_wait_longer_and_a_success_forgets() -> None:
    standing, waits = Standing(), []
    for _ in range(MANY_FAILURES + 3):
        standing = after(standing, status=None, error="timeout", retry_after=None, now=NOW)
        waits.append(standing.wait(NOW).total_seconds() / 60)
    assert waits == [0] * (MANY_FAILURES - 1) + [1, 2, 4, 8]
    assert after(standing, status=200, error=None, retry_after=None, now=NOW) == Standing()


def test_standings_read_back_and_nonsense_is_none() -> None:
    standings = {"www.example.cn": Standing(failures=3, until=NOW + timedelta(hours=1)), "b": Standing(failures=1)}
    assert read(written(standings), NOW) == standings
    assert written({"a": Standing()}) == "{}"
    far = '{"a": {"failures": 1, "until": "2099-01-01T00:00:00"}}'
    assert read(far, NOW) == {"a": Standing(failures=1)}
    for text in ("", "{}", "[]", '{"a": 1}', '{"a": {"failures": "x", "until": null}}'):
        assert read(text, NOW) == {}


def test_a_host_that_asks_for_time_gets_it(site: Site, policytrail: Command, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    for name in ("cn_one", "cn_two", "cn_three"):
        (tmp_path / "own" / f"{name}.toml").write_text(
            f'publisher = "t"\nlists = ["{site.url("/zc/")}"]\ndocuments = "/t"\ndelay = 0\nfollow = false\n'
        )
    site.pages["/zc/"] = Page(listing("/t1.html", *(f"/u{n}-t.html" for n in range(40))))
    site.pages["/t1.html"] = Page("busy", status=429, headers={"Retry-After": "3600"})
    for path in (f"/u{n}-t.html" for n in range(40)):
        site.pages[path] = Page(notice("通知"))
    options = ["--archive", str(tmp_path / "a.db"), "--sources", str(tmp_path / "own"), "--allow", site.host]

    def asked_by(name: str) -> list[str]:
        before = len(site.requests)
        said = policytrail("crawl", name, *options)
        paths = [request.path for request in site.requests[before:]]
        assert paths or "not asked for another" in said.stdout + said.stderr
        return paths

    # What waited already may still go out.
    assert len(asked_by("cn_one")) < 15
    with Archive.open(tmp_path / "a.db", readonly=True) as archive:
        (run,) = archive.runs()
        assert run.end is RunEnd.STOPPED
        assert all(fetch.outcome for fetch, _ in archive.chain_fetches(run.root_id))
    assert asked_by("cn_one") == []
    # To others the host may answer, unless its robots.txt says the same.
    site.pages["/robots.txt"] = Page("busy", status=429, headers={"Retry-After": "3600"})
    assert asked_by("cn_two") == ["/robots.txt"]
    assert asked_by("cn_three") == []


def test_a_short_wait_is_waited_for_within_the_run(site: Site, policytrail: Command, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "cn_one.toml").write_text(
        f'publisher = "t"\nlists = ["{site.url("/zc/")}"]\ndocuments = "/t"\ndelay = 0\nfollow = false\n'
    )
    site.pages["/zc/"] = Page(listing("/t1.html"))
    answers = [Page("busy", status=503, headers={"Retry-After": "1"}), Page(notice("通知"))]
    site.pages["/t1.html"] = lambda request: answers.pop(0) if len(answers) > 1 else answers[0]
    options = ["--archive", str(tmp_path / "a.db"), "--sources", str(tmp_path / "own"), "--allow", site.host]
    assert policytrail("crawl", "cn_one", *options).returncode == 0
    first, second = (request.at for request in site.requests if request.path == "/t1.html")
    assert second - first >= timedelta(seconds=1)
