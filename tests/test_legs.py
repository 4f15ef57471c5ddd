"""Legs of one run: what one finds on another's host reaches that one, and exactly one of them ends the run."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.leg import Alone
from spiders.source import Source
from storage import Archive, Home, Listed, Server
from storage.legs import LegEnd
from storage.model import Answer, EventKind, Resource, Role, Run, RunEnd
from tests.crawling import DOCUMENTS, ROOT, Crawls, kinds, listing, notice
from tests.postgres import Postgres
from tests.site import Page, Site

AT = datetime(2024, 5, 6, 8, tzinfo=UTC)
HOSTS = {"a.example": True, "b.example": True, "c.example": False}


@pytest.fixture(params=["file", "server"])
def archive(request: pytest.FixtureRequest, archive_path: Path) -> Iterator[Archive]:
    place: Home = archive_path
    if request.param == "server":
        postgres: Postgres = request.getfixturevalue("postgres")
        place = postgres.archive()
    with Archive.open(place, create=True) as opened:
        yield opened


def join(archive: Archive, host: str, *, after_run: int = 0, profile: str = "p") -> Run:
    return archive.join_run(
        "cn_test", host, hosts=HOSTS, after_run=after_run, at=AT, extractor="x", profile=profile
    ).run


def found(archive: Archive, run: Run, url: str, role: Role = Role.MAIN) -> Resource:
    (resource,) = archive.add_listings(run, [Listed(url=url, role=role)], found_on=None, at=AT)
    return resource


def end(archive: Archive, run: Run, host: str, *, taken: int = 0, problem: str | None = None) -> LegEnd:
    return archive.end_leg(run, host, hosts=HOSTS, taken=taken, unspent={}, problem=problem)


def test_legs_are_of_one_run(archive: Archive) -> None:
    first, second = join(archive, "a.example"), join(archive, "b.example")
    assert first == second
    assert archive.is_leg_wanted("cn_test", "a.example", after_run=0)
    assert not archive.is_leg_wanted("cn_test", "c.example", after_run=0)  # nothing to ask it for
    assert end(archive, first, "a.example") is LegEnd.DONE
    assert not archive.is_leg_wanted("cn_test", "a.example", after_run=0)
    # What the second finds on the first's host calls that one again, and the second is not the last any more.
    place = found(archive, first, "https://a.example/1")
    for _ in range(2):
        archive.hand_over(first, "a.example", place.resource_id, Role.MAIN, hops=1, depth=2)
    assert ("cn_test", "a.example", first.run_id) in archive.wanted_legs()
    assert archive.is_leg_wanted("cn_test", "a.example", after_run=0)
    assert end(archive, first, "b.example") is LegEnd.DONE
    leg = archive.join_run("cn_test", "a.example", hosts=HOSTS, after_run=0, at=AT, extractor="x", profile="p")
    assert leg.run == first and not leg.rereads
    (handed,) = archive.handed(first, "a.example", after=leg.taken)
    assert (handed.resource_id, handed.role, handed.hops, handed.depth) == (place.resource_id, Role.MAIN, 1, 2)
    assert end(archive, first, "a.example") is LegEnd.CALLED  # it has not taken what was handed to it
    assert end(archive, first, "a.example", taken=handed.number) is LegEnd.LAST
    # Until the run is closed somebody has to do it.
    assert archive.is_leg_wanted("cn_test", "a.example", after_run=0)
    archive.close_run(first.run_id, RunEnd.FINISHED, at=AT)
    assert archive._all("select * from leg") == archive._all("select * from handed") == []
    assert archive.has_ended_since("cn_test", 0)


def test_a_leg_that_was_killed_reads_again(archive: Archive) -> None:
    first = join(archive, "a.example")
    assert archive.times_begun("cn_test", "a.example") == 1
    leg = archive.join_run("cn_test", "a.example", hosts=HOSTS, after_run=0, at=AT, extractor="x", profile="p")
    assert leg.rereads and leg.run == first and leg.taken == 0
    assert archive.times_begun("cn_test", "a.example") == 2
    # All were killed, and the run was closed: another one goes on with it, and legs that were done look again.
    assert end(archive, first, "a.example") is LegEnd.DONE
    assert archive.interrupt("cn_test", at=AT)
    assert archive.wanted_legs() == []
    later = join(archive, "b.example")
    assert later.root_id == first.run_id != later.run_id
    assert archive.is_leg_wanted("cn_test", "a.example", after_run=0)
    # So does one that another program, or an earlier call, left open.
    for number, run in enumerate([join(archive, "b.example", profile="q"), join(archive, "b.example", after_run=3)]):
        assert run.root_id == first.run_id and run.run_id == later.run_id + 1 + number


def test_a_host_that_is_left_alone_holds_up_nobody(archive: Archive) -> None:
    run = join(archive, "a.example")
    assert join(archive, "b.example") == run
    assert end(archive, run, "b.example", problem="b.example said so") is LegEnd.DONE
    archive.hand_over(run, "b.example", found(archive, run, "https://b.example/1").resource_id, Role.MAIN)
    assert archive.wanted_legs() == [("cn_test", "a.example", run.run_id)]
    assert archive.legs_left_alone(run) == {"b.example": "b.example said so"}
    assert end(archive, run, "a.example") is LegEnd.LAST


def test_a_host_that_is_none_of_the_source_any_more_is_not_waited_for(archive: Archive) -> None:
    run = join(archive, "a.example")
    join(archive, "b.example")
    left = {"a.example": True}
    assert archive.end_leg(run, "a.example", hosts=left, taken=0, unspent={}) is LegEnd.LAST


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(most=st.integers(0, 300), turns=st.lists(st.sampled_from(sorted(HOSTS)), max_size=60))
def test_legs_share_a_bound(archive_path: Path, most: int, turns: list[str]) -> None:
    """Together they ask for no more than the bound, and for all of it where one of them wants it."""
    archive_path.unlink(missing_ok=True)
    with Archive.open(archive_path, create=True) as archive:
        run = join(archive, "a.example")
        spent = 0
        for host in turns:
            share = archive.spend(run, host, Role.MAIN, most=most)
            assert 0 <= share <= 20 and (share or spent == most)
            spent += share
        unspent = min(spent, 3)
        archive.end_leg(run, "a.example", hosts=HOSTS, taken=0, unspent={Role.MAIN: unspent})
        while share := archive.spend(run, "b.example", Role.MAIN, most=most):
            spent += share
        assert spent == most + unspent
        assert archive.spend(run, "b.example", Role.LIST, most=1) == 1


def test_what_there_is_to_ask_a_host_for(archive: Archive) -> None:
    run = join(archive, "a.example")
    place = found(archive, run, "https://b.example:8443/1")
    found(archive, run, "https://c.example/1.pdf", Role.ATTACHMENT)
    found(archive, run, "https://a.example/?u=https://d.example/")
    for host, known in {
        "a.example": True, "b.example": True, "b.example:8443": True, "c.example": False, "d.example": False,
    }.items():  # fmt: skip
        assert archive.has_mains("cn_test", host) is known, host
    assert not archive.has_answered(run, [Role.MAIN, Role.LIST])
    answer = Answer(url=place.url, requested_at=AT, fetched_at=AT, status=200, body=b"x")
    archive.record(run, place.resource_id, answer)
    assert archive.has_answered(run, [Role.MAIN, Role.LIST]) and not archive.has_answered(run, [Role.FEED])


def test_who_wants_a_source_alone_waits_for_its_legs(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.leg.PATIENCE_S", 0.2)
    place = postgres.archive()
    source = Source(name="cn_test", publisher="x", hosts=("a", "b"))

    def take(lock: Alone) -> bool:
        return asyncio.run(lock.acquire())

    one, other, again, whole = (Alone(place, source, leg) for leg in ("a", "b", "a", None))
    assert take(one) and take(other)
    assert not take(again) and not take(whole)
    one.release()
    assert not take(whole)
    other.release()
    assert take(whole) and not take(one)
    whole.release()
    assert take(again)
    again.release()


def leg(place: Server, crawls: Crawls, host: str, after_run: int) -> subprocess.CompletedProcess[str]:
    """Run one leg, as a worker does."""
    allowed = [word for each in crawls.allow for word in ("--allow", each)]
    return subprocess.run(
        [
            *[sys.executable, "-m", "crawler", "crawl", "cn_test", "--sources", str(crawls.sources), *allowed],
            *["--leg", host, "--after-run", str(after_run)],
        ],
        cwd=ROOT,
        env={**crawls.environment, "POLICYTRAIL_ARCHIVE": place.address},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_host_that_asks_for_time(
    site: Site, postgres: Postgres, sources_dir: Path, environment: dict[str, str]
) -> None:
    """The first run waits for it, as what is found later would be told as new; a later one ends without it."""
    place = postgres.archive()
    here, there = "/zc/t20240506_1.html", "/zc/t20240506_2.html"
    with Site("127.0.0.2") as other:
        crawls = Crawls(place, sources_dir, environment, [site.host, other.host])
        crawls.source(lists=[site.url("/zc/list.html")], hosts=[other.host], documents=DOCUMENTS)
        site.pages["/zc/list.html"] = Page(listing(site.url(here), other.url(there)))
        site.pages[here] = Page(notice("关于甲事项的通知", "补贴标准为每人每月500元。"))
        resting = Page("later", {"Retry-After": "7200"}, status=503)
        other.pages[there] = resting

        assert leg(place, crawls, site.host, 0).returncode == 0
        with Archive.open(place) as archive:
            assert archive.is_open("cn_test")
            assert archive.wanted_legs() == [("cn_test", other.host, 1)]
        left = leg(place, crawls, other.host, 0)
        assert left.returncode == 1 and "left alone" in left.stdout, left.stdout + left.stderr
        with Archive.open(place) as archive:
            assert [run.end for run in archive.runs()] == [RunEnd.STOPPED] and not list(archive.events())
            for host in (site.host, other.host):
                # It waits for the next due time, and is not tried again at once.
                assert not archive.is_leg_wanted("cn_test", host, after_run=0)
                assert archive.is_leg_wanted("cn_test", host, after_run=1)
            archive._execute("update lease set note = ''", ())  # two hours later

        other.pages[there] = Page(notice("关于乙事项的通知", "乙事项的办理办法另行规定。"))
        for host in (other.host, site.host):
            assert leg(place, crawls, host, 1).returncode == 0
        with Archive.open(place) as archive:
            assert [(run.end, run.root_id) for run in archive.runs(limit=1)] == [(RunEnd.FINISHED, 1)]
            assert [event.baseline for event in archive.events()] == [True, True]
        assert len([request for request in site.requests if request.path == here]) == 1

        other.pages[there] = resting
        site.pages[here] = Page(notice("关于甲事项的通知", "补贴标准为每人每月800元。"))
        assert leg(place, crawls, other.host, 2).returncode == 1
        assert leg(place, crawls, site.host, 2).returncode == 0
        with Archive.open(place) as archive:
            assert archive.runs()[0].end is RunEnd.FINISHED
            assert kinds(archive, site.url(here)) == [EventKind.NEW, EventKind.CHANGED]
            assert kinds(archive, other.url(there)) == [EventKind.NEW]
        # Nothing is due, and nothing is asked for.
        before = len(site.requests)
        assert leg(place, crawls, site.host, 2).returncode == 0 and len(site.requests) == before
