from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from crawler import workers as module
from crawler.extract import Rules, extract
from crawler.workers import Workers
from spiders.discovery import discover
from spiders.source import Findings, Source
from storage.model import Extraction, Role
from tests.crawling import DOCUMENTS, ROOT, children, is_alive, listing, notice

SOURCE = Source(name="cn_test", publisher="x", hosts=("www.example.cn",), documents=(DOCUMENTS,))
URL = "https://www.example.cn/zc/t20240506_4001.html"


# What a page may do to what reads it; these run in a worker.


def find_nothing(source: Source, role: Role, body: bytes, *, url: str, content_type: str) -> Findings:
    return Findings(problem=str(os.getpid()))


def find_for_ever(source: Source, role: Role, body: bytes, *, url: str, content_type: str) -> Findings:
    while True:
        pass


def find_and_die(source: Source, role: Role, body: bytes, *, url: str, content_type: str) -> Findings:
    os.kill(os.getpid(), signal.SIGSEGV)
    return Findings()


def find_at_the_second_try(source: Source, role: Role, body: bytes, *, url: str, content_type: str) -> Findings:
    tried = Path(body.decode())
    if not tried.exists():
        tried.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return Findings(problem="read")


def find_when_told(source: Source, role: Role, body: bytes, *, url: str, content_type: str) -> Findings:
    folder = Path(body.decode())
    (folder / "begun").touch()
    while not (folder / "told").exists():
        time.sleep(0.01)
    return Findings(problem="read")


def find_too_much(source: Source, role: Role, body: bytes, *, url: str, content_type: str) -> Findings:
    return Findings(problem=str(len(bytearray(module.MEMORY_LIMIT_BYTES))))


def find_a_fault(source: Source, role: Role, body: bytes, *, url: str, content_type: str) -> Findings:
    raise ZeroDivisionError(body)


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(1) as made:
        yield made


async def find(workers: Workers, how: object) -> Findings:
    return await workers.find(how, SOURCE, Role.LIST, b"page", url=URL, content_type="text/html")  # type: ignore[arg-type]


def test_a_worker_reads_as_we_do(workers: Workers) -> None:
    body = notice("关于做好有关工作的通知", "第一条。").encode()
    day = date(2024, 5, 7)

    async def ask() -> tuple[Extraction, Findings]:
        return await asyncio.gather(
            workers.extract(body, url=URL, content_type="text/html", fetched_on=day, rules=Rules()),
            workers.find(
                discover, SOURCE, Role.LIST, listing("/zc/t20240506_4002.html").encode(), url=URL, content_type=""
            ),
        )

    extraction, findings = asyncio.run(ask())
    assert extraction == extract(body, url=URL, content_type="text/html", fetched_on=day, rules=Rules())
    assert [found.url for found in findings.found] == ["https://www.example.cn/zc/t20240506_4002.html"]


@pytest.mark.parametrize("how", [find_and_die, find_too_much, find_a_fault])
def test_a_bad_page_costs_that_page_only(how: object, workers: Workers) -> None:
    async def ask() -> list[Findings]:
        return await asyncio.gather(*(find(workers, each) for each in (find_nothing, how, find_nothing)))

    before, bad, after = asyncio.run(ask())
    assert bad == Findings(problem="cannot be read: crashed")
    assert before.problem and before.problem.isdigit()
    assert after.problem and after.problem.isdigit()


def test_pages_made_to_break_a_reader_have_a_bounded_answer(workers: Workers) -> None:
    day = date(2024, 5, 7)
    plain = "<h1>关于测试的通知</h1><p>为做好有关工作，现将事项通知如下，请遵照执行。</p>"
    pages = [
        "<p " + " ".join(f'a{n}="x"' for n in range(30_000)) + f">{plain}",
        "<div>" * 30_000 + plain,
        "<p>" + "第一条 为了规范有关工作，制定本办法。" * 100_000,
        f"<p>&#8;</p>{plain}&#8;&#11;&#27;",
        plain,
    ]

    async def ask() -> list[Extraction]:
        return await asyncio.gather(
            *(
                workers.extract(page.encode(), url=URL, content_type="text/html", fetched_on=day, rules=Rules())
                for page in pages
            )
        )

    attributes, deep, long, control, after = asyncio.run(ask())
    assert attributes.failure == "broken" and not attributes.blocks
    assert deep.failure is None or deep.failure == "broken"
    assert sum(len(block.text) for block in long.blocks) >= 200_000
    for page in (control, after):
        assert [block.text for block in page.blocks if block.left_out is None] == [
            "为做好有关工作，现将事项通知如下，请遵照执行。"
        ]


def test_a_page_is_no_worse_for_a_worker_that_somebody_ended(workers: Workers, tmp_path: Path) -> None:
    body = str(tmp_path / "tried").encode()
    found = asyncio.run(
        workers.find(find_at_the_second_try, SOURCE, Role.LIST, body, url=URL, content_type="text/html")
    )
    assert found == Findings(problem="read")


def test_a_signal_to_the_whole_group_ends_no_worker(tmp_path: Path) -> None:
    async def ask() -> list[Findings]:
        begun = workers.find(
            find_when_told, SOURCE, Role.LIST, str(tmp_path).encode(), url=URL, content_type="text/html"
        )
        reading = asyncio.ensure_future(begun)
        while not (tmp_path / "begun").exists():
            await asyncio.sleep(0.01)
        for pid in children(os.getpid()):
            os.kill(pid, signal.SIGTERM)
        await asyncio.sleep(0.2)
        (tmp_path / "told").touch()
        return [await reading, await find(workers, find_nothing)]

    with Workers(2) as workers:
        first, second = asyncio.run(ask())
    assert first == Findings(problem="read")
    assert second.problem and second.problem.isdigit()


def test_an_endless_page_is_given_up(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask() -> tuple[Findings, Findings]:
        monkeypatch.setattr(module, "TIME_LIMIT_S", 0.5)
        endless = asyncio.ensure_future(find(workers, find_for_ever))
        await asyncio.sleep(0)
        monkeypatch.undo()
        return await endless, await find(workers, find_nothing)

    started = time.monotonic()
    endless, after = asyncio.run(ask())
    assert endless.problem == "cannot be read: too_slow"
    assert after.problem and after.problem.isdigit()
    assert time.monotonic() - started < 15


def test_the_loop_goes_on_meanwhile(workers: Workers) -> None:
    async def ask() -> float:
        slow = asyncio.ensure_future(
            workers.extract(
                notice("通知", *(f"第{n}条　规定。" for n in range(4_000))).encode(),
                url=URL,
                content_type="text/html",
                fetched_on=date(2024, 5, 7),
                rules=Rules(),
            )
        )
        longest, last = 0.0, time.monotonic()
        while not slow.done():
            await asyncio.sleep(0.01)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
        return longest

    assert asyncio.run(ask()) < 1.0


PROGRAM = """
import asyncio, sys
from crawler.workers import Workers
from tests.test_workers import find, find_for_ever, find_nothing

async def ask():
    with Workers(2) as workers:
        await find(workers, find_nothing)
        asyncio.ensure_future(find(workers, find_for_ever))
        await asyncio.sleep(0.2)
        print("busy", flush=True)
        await asyncio.sleep(60)

if __name__ == "__main__":
    asyncio.run(ask())
"""


def test_a_killed_program_leaves_no_busy_worker(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, tmp_path / "program.py"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"busy\n"
        below = children(process.pid)
        process.kill()
    deadline = time.monotonic() + 20
    while any(map(is_alive, below)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid in below if is_alive(pid)]


def test_closed_at_once_nothing_is_left() -> None:
    before = children(os.getpid())
    workers = Workers(2)

    async def ask() -> set[int]:
        await asyncio.gather(find(workers, find_nothing), find(workers, find_nothing))
        asyncio.ensure_future(find(workers, find_for_ever)).cancel()
        return children(os.getpid()) - before

    busy = asyncio.run(ask())
    workers.close(now=True)
    # The server that starts workers stays for the next pool.
    deadline = time.monotonic() + 10
    while sum(map(is_alive, busy)) > 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert sum(map(is_alive, busy)) <= 2


STARTING = """
import os, signal, time
from multiprocessing import forkserver, get_context
from crawler.forking import prepare

if __name__ == "__main__":
    signal.signal(signal.SIGINT, lambda *_: None)
    prepare()
    server = forkserver._forkserver._forkserver_pid
    until = time.monotonic() + 2
    while time.monotonic() < until:
        os.killpg(0, signal.SIGINT)
        time.sleep(0.02)
    process = get_context("forkserver").Process(target=print, args=("ready",), kwargs={"flush": True})
    process.start()
    process.join()
    print("by the same" if forkserver._forkserver._forkserver_pid == server else "by another")
"""


def test_what_is_only_loading_says_nothing_of_an_interrupt(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(STARTING)
    done = subprocess.run(
        [sys.executable, tmp_path / "program.py"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("ready\nby the same\n", "")
