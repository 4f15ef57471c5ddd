"""kill -9 and Ctrl-C at many moments: nothing recorded is lost, nothing is said twice, nothing is left behind."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import Archive
from storage.model import RunEnd
from tests.crawling import (
    DOCUMENTS,
    RECORDED,
    Crawls,
    children,
    end,
    is_alive,
    listing,
    notice,
    rows,
    state,
    told,
)
from tests.site import Page, Request, Site

COUNT = 24
PAUSE_S = 0.01


def path_of(number: int, part: int = 1) -> str:
    return f"/zc/t20240506_{4000 + number}" + (f"_{part}" if part > 1 else "") + ".html"


def dress(site: Site, day: int) -> None:
    """Have the site answer as on a day; the second one has changed, new, moved and missing documents."""
    count = COUNT + 3 * day
    site.pages["/zc/list.html"] = Page(listing(*(path_of(number) for number in range(count))))
    for number in range(count):
        changed = day and number % 3 == 0
        text = f"第{number}号事项的补贴标准为每人每月{800 if changed else 500}元。"
        pager = (
            f"<div><a href='{path_of(number)}'>1</a> <a href='{path_of(number, 2)}'>2</a></div>"
            if number % 4 == 0
            else ""
        )
        site.pages[path_of(number)] = slow(Page(notice(f"关于第{number}号事项的通知", text, more=pager)))
        second = f"第{number}号事项第二页：{'新' if day and number % 8 == 0 else '旧'}的办理流程。"
        site.pages[path_of(number, 2)] = slow(Page(notice(f"关于第{number}号事项的通知", second)))
    if day:
        site.pages[path_of(1)] = Page(status=410)
        site.pages[path_of(2)] = Page(status=301, headers={"Location": "/zc/t20240507_4002.html"})
        site.pages["/zc/t20240507_4002.html"] = Page(
            notice("关于第2号事项的通知", "第2号事项的补贴标准为每人每月500元。")
        )


def slow(page: Page) -> Page:
    """Return the page; answers so quick that no kill falls between them would test nothing."""

    class Slow:
        def __call__(self, request: Request) -> Page:
            time.sleep(PAUSE_S)
            return page

    return Slow()  # type: ignore[return-value]


@pytest.fixture
def crawls(site: Site, archive_path: Path, sources_dir: Path, environment: dict[str, str]) -> Iterator[Crawls]:
    made = Crawls(archive_path, sources_dir, environment, [site.host])
    made.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS)
    yield made
    made.close()


def copied(crawls: Crawls, name: str) -> Crawls:
    archive = crawls.archive.with_name(name)
    shutil.copy(crawls.archive, archive)
    return Crawls(archive, crawls.sources, crawls.environment, crawls.allow)


def kill_at(crawls: Crawls, what: str, count: int, after_s: float = 0.0) -> bool:
    """Kill a crawl when it has told something so many times; return whether it had not ended by then."""
    process = crawls.start("cn_test")
    seen: Counter[str] = Counter()
    below: set[int] = set()
    for line in told(process):
        seen[str(line.get("what"))] += 1
        if seen[what] >= count:
            time.sleep(after_s)
            break
        # Looked up before the moment: it takes longer than some moments last.
        below = below if len(below) > 1 else children(process.pid)
    end(process, number=signal.SIGKILL)
    assert all_gone(below)
    with crawls.open() as archive:
        return archive.runs()[0].end is None


def all_gone(pids: set[int], *, within_s: float = 20.0) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if not any(is_alive(pid) for pid in pids):
            return True
        time.sleep(0.05)
    return False


def sound(archive: Path) -> bool:
    with Archive.open(archive) as opened:
        return opened._all("pragma integrity_check") == [("ok",)] and not opened._all("pragma foreign_key_check")


@pytest.mark.parametrize("first", [False, True], ids=["second run", "first run"])
def test_killed_many_times(first: bool, site: Site, crawls: Crawls) -> None:
    if first:
        dress(site, 1)
        reference = Crawls(crawls.archive.with_name("reference.db"), crawls.sources, crawls.environment, crawls.allow)
    else:
        dress(site, 0)
        crawls.run()
        dress(site, 1)
        reference = copied(crawls, "reference.db")
    site.requests.clear()
    reference.run()
    wanted = Counter(request.path for request in site.requests)
    site.requests.clear()
    known = rows(crawls.archive) if not first else {table: set() for table in RECORDED}
    kills = [
        ("answered", 1, 0.0),
        ("answered", 7, 0.0),
        ("answered", 5, 0.02),
        ("deriving", 1, 0.0),
        ("deriving", 1, 0.012),
    ]
    if not first:
        kills[:0] = [("started", 1, 0.0), ("answered", 2, 0.01)]
        kills += [("deriving", 1, 0.005), ("deriving", 1, 0.025)]
    killed = 0
    for what, count, after_s in kills:
        in_time = kill_at(crawls, what, count, after_s)
        now = rows(crawls.archive)
        for table in RECORDED:
            assert known[table] <= now[table], table
        known = now
        if not in_time:
            break
        killed += 1
    # On a busy machine a kill in the last moments of a run may come too late; most come in time.
    assert killed >= len(kills) - 3
    assert sound(crawls.archive)
    if killed == len(kills):
        (summary,) = crawls.run()
        assert (summary["end"], summary["resumed"], summary["baseline"]) == ("finished", True, first)
        for table, before in known.items():
            assert before <= rows(crawls.archive)[table], table
    assert state(crawls.archive) == state(reference.archive)
    assert len(rows(crawls.archive, "outbox")["outbox"]) == len(rows(reference.archive, "outbox")["outbox"])
    with crawls.open() as archive:
        ends = [run.end for run in archive.runs()]
        assert ends[: killed + 1] == [RunEnd.FINISHED] + [RunEnd.INTERRUPTED] * killed
    # What had been answered is not asked again; robots.txt is, by each run, and what was in flight.
    asked = Counter(request.path for request in site.requests)
    extra = sum((asked - wanted).values()) - asked["/robots.txt"] + wanted["/robots.txt"]
    assert extra <= 8 * len(kills)
    assert max(count for path, count in asked.items() if path.startswith("/zc/t")) <= 3
    # And once more: nothing new.
    (summary,) = crawls.run()
    assert summary["events"] == {}
    assert state(crawls.archive) == state(reference.archive)


def test_killed_between_a_page_and_its_parts(site: Site, crawls: Crawls) -> None:
    first, second = path_of(0), path_of(0, 2)
    pager = f"<a href='{first}'>1</a> <a href='{second}'>2</a>"
    site.pages["/zc/list.html"] = Page(listing(first))
    site.pages[first] = Page(notice("通知", "第一页：总则。", more=pager))
    site.pages[second] = Page(notice("通知", "第二页：附则。"))
    crawls.run()
    held = threading.Event()
    site.pages[second] = Page(notice("通知", "第二页：附则，有改动。"), wait=held)
    process = crawls.start("cn_test")
    for line in told(process):
        if line.get("url", "").endswith(first):
            break
    end(process, number=signal.SIGKILL)
    held.set()
    with crawls.open() as archive:
        document = archive.find_document(site.url(first))
        assert (document.versions, len(list(archive.events()))) == (1, 1)
    (summary,) = crawls.run()
    assert summary["events"] == {"changed": 1}
    with crawls.open() as archive:
        assert "附则，有改动" in archive.version(document.document_id, 2).content.text


def test_a_document_that_one_address_names_is_found_after_a_kill(site: Site, crawls: Crawls) -> None:
    crawls.source(urls=[site.url(path_of(1)), site.url(path_of(3))])
    dress(site, 0)
    kill_at(crawls, "answered", 3)  # robots.txt is the first
    (summary,) = crawls.run()
    assert (summary["end"], summary["events"]) == ("finished", {"new": 2})


def test_killed_behind_a_redirect(site: Site, crawls: Crawls) -> None:
    crawls.source(lists=[site.url("/zc/")], documents=DOCUMENTS)
    dress(site, 0)
    site.pages["/zc/"] = Page(status=302, headers={"Location": "/zc/list.html"})
    kill_at(crawls, "answered", 2)
    kill_at(crawls, "deriving", 1)
    (summary,) = crawls.run()
    assert (summary["end"], summary["events"]) == ("finished", {"new": COUNT})


def test_a_busy_worker_dies_with_its_crawl(site: Site, crawls: Crawls) -> None:
    # A page that takes a worker seconds to read.
    flood = tuple(f"第{number}条 第{number}号渡口每日开放，由第{number}个村管理。" for number in range(20_000))
    site.pages["/zc/list.html"] = Page(listing(path_of(1)))
    site.pages[path_of(1)] = Page(notice("通知", *flood))
    process = crawls.start("cn_test")
    for line in told(process):
        if line.get("url", "").endswith(path_of(1)):
            break
    below = children(process.pid)
    assert below
    end(process, number=signal.SIGKILL)
    assert all_gone(below)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_by_hand(number: int, site: Site, crawls: Crawls) -> None:
    dress(site, 0)
    process = crawls.start("cn_test")
    answers = 0
    for line in told(process):
        answers += line.get("what") == "answered"
        if answers == 6:
            break
    below = children(process.pid)
    err = end(process, number=number)
    assert process.returncode == 0
    assert "Traceback" not in err
    assert all_gone(below)
    with crawls.open() as archive:
        (run,) = archive.runs()
        assert run.end is RunEnd.STOPPED
        assert list(archive.events()) == []
        # What was asked is recorded.
        asked = {request.path for request in site.requests}
        assert {row[1] for row in rows(crawls.archive, "resource")["resource"]} >= {site.url(path) for path in asked}
    (summary,) = crawls.run()
    assert (summary["end"], summary["resumed"], summary["baseline"]) == ("finished", True, True)
    assert summary["events"] == {"new": COUNT}
    counts = Counter(request.path for request in site.requests)
    assert max(count for path, count in counts.items() if path.startswith("/zc/t")) == 1


def test_stopped_while_it_waits_for_a_host(site: Site, crawls: Crawls) -> None:
    from storage.lock import FileLock

    dress(site, 0)
    with FileLock(crawls.archive, f"host-{site.host}"):
        process = crawls.start("cn_test")
        for line in told(process):
            if line.get("what") == "waiting":
                break
        end(process, number=signal.SIGINT, timeout_s=60)
    assert process.returncode == 0
    assert site.requests == []


def test_the_command_says_that_it_was_stopped(site: Site, crawls: Crawls, tmp_path: Path) -> None:
    dress(site, 0)
    reached = threading.Event()

    def answer(request: Request) -> Page:
        reached.set()
        time.sleep(0.2)
        return Page(notice("通知", "正文。"))

    site.pages[path_of(5)] = answer
    command = [sys.executable, "-m", "crawler", "crawl", "cn_test", "--archive", str(crawls.archive)]
    command += ["--sources", str(crawls.sources), "--allow", site.host]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=dict(crawls.environment),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert reached.wait(60)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=90)
    assert process.returncode == 130, err
    assert "Traceback" not in out + err


def test_a_damaged_archive_is_told(site: Site, crawls: Crawls) -> None:
    dress(site, 0)
    crawls.run()
    connection = sqlite3.connect(crawls.archive)
    connection.execute("update extraction set body = x'00112233'")
    connection.commit()
    connection.close()
    dress(site, 1)
    (summary,) = crawls.run()
    assert summary["end"] is None
    assert "damaged" in summary["problem"]
    assert "\n" not in summary["problem"]


# -- two at once ---------------------------------------------------------------------------------------


def test_the_same_source_twice(site: Site, crawls: Crawls) -> None:
    dress(site, 0)
    held = threading.Event()
    site.pages[path_of(7)] = Page(notice("通知", "正文。"), wait=held)
    first = crawls.start("cn_test")
    for line in told(first):
        if line.get("what") == "answered":
            break
    try:
        (summary,) = crawls.run()
    finally:
        held.set()
    assert summary["end"] is None
    assert summary["problem"].startswith("cn_test is being crawled by another process")
    assert "\n" not in summary["problem"]
    for line in told(first):
        if "summaries" in line:
            assert line["summaries"][0]["end"] == "finished"
    end(first)
    with crawls.open() as archive:
        assert len(archive.runs()) == 1


@pytest.mark.parametrize("apart", [False, True], ids=["one process", "two processes"])
def test_two_sources_of_one_host_are_not_asked_together(apart: bool, site: Site, crawls: Crawls) -> None:
    names = ["cn_one", "cn_two"]
    under_way, most = 0, 0
    guard = threading.Lock()

    def answer(page: Page) -> object:
        def of(request: Request) -> Page:
            nonlocal under_way, most
            with guard:
                under_way += 1
                most = max(most, under_way)
            time.sleep(0.03)
            with guard:
                under_way -= 1
            return page

        return of

    for name in names:
        paths = [f"/{name}/t20240506_{number}.html" for number in range(4001, 4007)]
        site.pages[f"/{name}/list.html"] = Page(listing(*paths))
        for path in paths:
            site.pages[path] = answer(Page(notice("通知", f"正文{path}。")))  # type: ignore[assignment]
        crawls.source(name, lists=[site.url(f"/{name}/list.html")], documents=rf"/{name}/t\d+_\d+\.html")
    if apart:
        started = [crawls.start(name) for name in names]
        for process in started:
            assert "Traceback" not in end(process)
            assert process.returncode == 0
    else:
        assert [each["end"] for each in crawls.run(*names)] == ["finished"] * 2
    assert most == 1
    order = [request.path.split("/")[1] for request in site.requests if "/cn_" in request.path]
    assert order == sorted(order) or order == sorted(order, reverse=True)
    with crawls.open() as archive:
        assert len(list(archive.documents())) == 12
        assert [run.end for run in archive.runs()] == [RunEnd.FINISHED] * 2


def test_two_sources_of_two_hosts_at_once(site: Site, crawls: Crawls) -> None:
    with Site("127.0.0.2") as other:
        crawls.allow = [site.host, other.host]
        for name, place in (("cn_one", site), ("cn_two", other)):
            dress(place, 0)
            crawls.source(name, lists=[place.url("/zc/list.html")], documents=DOCUMENTS)
        started = [crawls.start(name) for name in ("cn_one", "cn_two")]
        for process in started:
            assert "Traceback" not in end(process)
            assert process.returncode == 0
        assert sound(crawls.archive)
        with crawls.open() as archive:
            assert len(list(archive.documents())) == 2 * COUNT
            assert [run.end for run in archive.runs()] == [RunEnd.FINISHED] * 2
        times = [[request.at for request in place.requests] for place in (site, other)]
        assert max(times[0][0], times[1][0]) < min(times[0][-1], times[1][-1]), "they ran one after the other"
