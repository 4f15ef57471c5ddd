"""Schedulers and workers as processes of their own: every source is crawled once, no host by two at once."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from crawler.queue import share_hosts
from spiders.source import Source
from storage import Archive, Server
from tests.crawling import DOCUMENTS, ROOT, Crawls, listing, notice, state
from tests.postgres import Postgres
from tests.site import Page, Request, Site

HOSTS = 4
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


def test_sources_that_share_hosts_share_a_lock() -> None:
    def source(name: str, *hosts: str) -> Source:
        return Source(name=name, publisher="x", hosts=hosts)

    known = {"a": ("one", "two"), "b": ("three",), "c": ("two", "three"), "d": ("four",), "e": ("four",)}
    locks = share_hosts([source(name, *hosts) for name, hosts in known.items()])
    assert locks["a"] == locks["b"] == locks["c"]
    assert locks["d"] == locks["e"] != locks["a"]
