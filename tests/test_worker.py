"""Schedulers and workers as processes of their own: every source is crawled once, no host by two at once."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.queue import legs_of
from spiders.source import Source
from storage import Archive, Server
from tests.crawling import DOCUMENTS, ROOT, Crawls, listing, notice, state
from tests.postgres import Postgres
from tests.site import Page, Request, Site

HOSTS = 4
AT = datetime(2024, 5, 6, 8, tzinfo=UTC)
DOCUMENTS_EACH = 3


class Busy:
    """Notes how many requests a host has to answer at once."""

    def __init__(self) -> None:
        self.now = 0
        self.most = 0
        self._guard = threading.Lock()

    def answering(self, page: Page) -> object:
        def answer(request: Request) -> Page:
            with self._guard:
                self.now += 1
                self.most = max(self.most, self.now)
            time.sleep(0.02)
            with self._guard:
                self.now -= 1
            return page

        return answer


@pytest.fixture
def sites() -> Iterator[list[tuple[Site, Busy]]]:
    with ExitStack() as stack:
        yield [(stack.enter_context(Site(f"127.0.0.{2 + n}")), Busy()) for n in range(HOSTS)]


class Machine:
    """Schedulers and workers, each a process; their log lines."""

    def __init__(
        self, archive: Server, sources: Path, allow: list[str], environment: Mapping[str, str], said: Path
    ) -> None:
        self.options = ["--sources", str(sources), *[word for host in allow for word in ("--allow", host)]]
        self.environment = {**environment, "POLICYTRAIL_ARCHIVE": archive.address}
        self.started: list[subprocess.Popen[bytes]] = []
        self._said = said

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        with self._said.open("ab") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "crawler", *words, *self.options],
                cwd=ROOT,
                env=self.environment,
                stderr=said,
                stdout=said,
            )
        self.started.append(process)
        return process

    def log(self) -> str:
        return self._said.read_text()

    def close(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.started:
            try:
                process.wait(60)
            finally:
                process.kill()


def wait_until(what: object, machine: Machine, *, limit_s: float = 120) -> None:
    assert callable(what)
    end = time.monotonic() + limit_s
    while not what():
        assert time.monotonic() < end, machine.log()
        time.sleep(0.1)


def test_runs_are_taken_by_workers(
    sites: list[tuple[Site, Busy]],
    postgres: Postgres,
    sources_dir: Path,
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    """Two workers, four hosts; one worker is killed in the middle, and then the server is started anew."""
    place = postgres.archive()
    crawls = Crawls(place, sources_dir, environment, [site.host for site, _ in sites])
    held = threading.Event()
    for number, (site, busy) in enumerate(sites):
        paths = [f"/zc/t2024050{n}_{n}.html" for n in range(1, DOCUMENTS_EACH + 1)]
        site.pages["/zc/list.html"] = busy.answering(Page(listing(*paths), wait=held if number < 2 else None))  # type: ignore[assignment]
        for path in paths:
            site.pages[path] = busy.answering(Page(notice(f"关于{number}号事项的通知", path)))  # type: ignore[assignment]
        crawls.source(
            f"cn_{number}", lists=[site.url("/zc/list.html")], documents=DOCUMENTS, schedule="every 1d", delay=0.2
        )
    machine = Machine(place, sources_dir, crawls.allow, environment, tmp_path / "said")
    try:
        machine.start("schedule")
        victim, other = (machine.start("worker", "--slots", "2") for _ in range(2))
        wait_until(lambda: "starts: process" in machine.log(), machine)
        wait_until(lambda: any(site.requests for site, _ in sites), machine)
        victim.kill()
        victim.wait()
        postgres.stop("immediate")
        postgres.start()
        held.set()

        def finished() -> int:
            with Archive.open(place, readonly=True) as archive:
                return len(archive.last_finished_of_all())

        wait_until(lambda: finished() == HOSTS, machine)
        told = state(place)
        assert len(told["documents"]) == HOSTS * DOCUMENTS_EACH
        assert all(len(versions) == 1 for versions in told["versions"].values())
        assert len(told["events"]) == HOSTS * DOCUMENTS_EACH
        assert all(busy.most == 1 for _, busy in sites)
        other.send_signal(signal.SIGTERM)
        assert other.wait(60) == 0
    finally:
        machine.close()
    assert "Traceback" not in machine.log(), machine.log()


def test_each_host_of_a_source_is_asked_by_a_job_of_its_own() -> None:
    def source(*hosts: str) -> Source:
        return Source(name="a", publisher="x", hosts=hosts)

    assert legs_of(source("one", "two")) == ("one", "two")
    assert legs_of(source("one")) == legs_of(source()) == (None,)


def test_a_source_of_several_hosts_is_crawled_as_in_one_process(
    sites: list[tuple[Site, Busy]],
    postgres: Postgres,
    sources_dir: Path,
    environment: dict[str, str],
    archive_path: Path,
    tmp_path: Path,
) -> None:
    """One list names documents of three hosts; their files lie on a fourth. One leg is killed in the middle."""
    (first, _), (second, _), (third, _), (files, _) = sites
    named: list[str] = []
    held = threading.Event()
    for number, (site, busy) in enumerate(sites[:3]):
        for each in range(DOCUMENTS_EACH):
            path, file = f"/zc/t2024050{each + 1}_{number}{each}.html", f"/att/{number}{each}.txt"
            more = f"<p>附件：<a href='{files.url(file)}'>附件{each}.txt</a></p>"
            page = Page(notice(f"关于{number}{each}号事项的通知", path, more=more))
            site.pages[path] = busy.answering(page)  # type: ignore[assignment]
            kept = Page(f"附件{number}{each}：补贴标准。" * 20, {"Content-Type": "text/plain; charset=utf-8"})
            files.pages[file] = sites[3][1].answering(kept)  # type: ignore[assignment]
            named.append(site.url(path))
    first.pages["/zc/list.html"] = Page(listing(*named))
    # Documents of the first host come only when another host's have been seen by others.
    first.pages["/zc/t20240501_00.html"] = replace(
        first.pages["/zc/t20240501_00.html"](Request(path="", method="GET", headers={}, at=AT)),
        wait=held,  # type: ignore[operator]
    )
    place = postgres.archive()
    crawls = [
        Crawls(home, sources_dir, environment, [site.host for site, _ in sites]) for home in (place, archive_path)
    ]
    keys = {"lists": [first.url("/zc/list.html")], "hosts": [site.host for site, _ in sites[1:]]}
    crawls[0].source("cn_many", documents=DOCUMENTS, schedule="every 1d", delay=0.1, **keys)
    machine = Machine(place, sources_dir, crawls[0].allow, environment, tmp_path / "said")
    try:
        machine.start("schedule")
        for _ in range(3):
            machine.start("worker", "--slots", "1")
        # The list's host is slow; the documents on the others, and their files, are fetched meanwhile.
        wait_until(lambda: len([r for r in second.requests if "/zc/t" in r.path]) == DOCUMENTS_EACH, machine)
        wait_until(lambda: any("/att/1" in r.path for r in files.requests), machine)
        found = re.search(rf"process (\d+), leg {re.escape(third.host)}", machine.log())
        if found:
            with suppress(ProcessLookupError):
                os.kill(int(found[1]), signal.SIGKILL)
        held.set()

        def finished() -> bool:
            with Archive.open(place, readonly=True) as archive:
                return "cn_many" in archive.last_finished_of_all()

        wait_until(finished, machine)
    finally:
        held.set()
        machine.close()
    assert "Traceback" not in machine.log(), machine.log()
    assert all(busy.most <= 1 for _, busy in sites)
    crawls[1].run("cn_many")
    assert state(place) == state(archive_path)
    told = state(place)
    assert len(told["events"]) == len(named) and all(baseline for _, _, baseline in told["events"])
    with Archive.open(place, readonly=True) as archive:
        assert len({run.root_id for run in archive.runs("cn_many")}) == 1
        assert all(archive.versions(d.document_id)[0].content.attachments for d in archive.documents())
        assert archive._all("select * from leg") == archive._all("select * from handed") == []
