"""Workers on one archive on a server: how much faster more of them are, and what is lost when they are killed.

    python bench/wide.py --hosts 16 --documents 40 --delay 3 --workers 1 2 4 --slots 4 --out wide.json
    python bench/wide.py --hosts 16 --together 4 --workers 1 4 --slots 4
    python bench/wide.py --kills 20 --seed 1 --restart --out kills.json

Real processes, a real PostgreSQL, a site for each host on loopback that notes when each request came and was answered.
The first form crawls all hosts with each number of workers and prints pages per second, and the ratio to the first
number. The second keeps four workers at work while it kills one at random again and again (and in half of the cases
also what it had started), restarts the server once if told so, and counts what is lost, what is there twice, and how
often a host was asked by two at once. Exits with 1 where something is. With ``--together`` so many hosts are one
source, and the list of each names the documents of the next.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from storage import Archive, Server  # noqa: E402
from tests.crawling import DOCUMENTS, children, listing, notice  # noqa: E402
from tests.postgres import Postgres, running  # noqa: E402
from tests.site import Page, Request, Site  # noqa: E402

LIMIT_S = 3_600.0


@dataclass
class Host:
    """A site, and how many requests it had to answer at once.  came: when they came, by a clock that only grows."""

    site: Site
    now: int = 0
    most: int = 0
    came: list[float] = field(default_factory=list)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def page(self, page: Page, latency_s: float) -> Callable[[Request], Page]:
        """Return what answers with a page, after a while."""

        def answer(request: Request) -> Page:
            with self.guard:
                self.now += 1
                self.most = max(self.most, self.now)
                self.came.append(time.monotonic())
            time.sleep(latency_s)
            with self.guard:
                self.now -= 1
            return page

        return answer


@dataclass
class Setting:
    """What is crawled, and how."""

    hosts: int
    documents: int
    delay_s: float
    latency_s: float
    slots: int
    together: int = 1


@contextmanager
def served(setting: Setting, folder: Path) -> Iterator[list[Host]]:
    """Serve the hosts, each a source in a folder."""
    with ExitStack() as stack:
        hosts = []
        for number in range(setting.hosts):
            hosts.append(Host(stack.enter_context(Site(f"127.0.0.{number + 2}"))))
        for first in range(0, setting.hosts, setting.together):
            group = hosts[first : first + setting.together]
            paths = [f"/zc/t{20240101 + each}_{each}.html" for each in range(setting.documents)]
            for number, host in enumerate(group, first):
                named = group[(number - first + 1) % len(group)]
                pages = {"/zc/list.html": Page(listing(*(named.site.url(path) for path in paths)))}
                pages |= {path: Page(notice(f"关于{number}号事项的通知", f"第{path}号。")) for path in paths}
                host.site.pages = {path: host.page(page, setting.latency_s) for path, page in pages.items()}
            lists = [host.site.url("/zc/list.html") for host in group]
            (folder / f"xx_{first:02}.toml").write_text(
                f'publisher = "x"\ndelay = {setting.delay_s}\nfollow = false\nschedule = "every 7d"\n'
                f"lists = {json.dumps(lists)}\ndocuments = {json.dumps(DOCUMENTS)}\n",
                "utf-8",
            )
        yield hosts


class Machines:
    """A scheduler and workers on an archive, each a process."""

    def __init__(self, archive: Server, folder: Path, hosts: list[Host], log: Path) -> None:
        allowed = [word for host in hosts for word in ("--allow", host.site.host)]
        self._options = ["--sources", str(folder), *allowed]
        kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        self._environment = {**kept, "POLICYTRAIL_ARCHIVE": archive.address, "PYTHONPATH": str(ROOT)}
        self._log = log.open("ab")
        self.workers: list[subprocess.Popen[bytes]] = []
        self._others: list[subprocess.Popen[bytes]] = []

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start one of our commands."""
        return subprocess.Popen(
            [sys.executable, "-m", "crawler", *words, *self._options],
            cwd=ROOT, env=self._environment, stdout=self._log, stderr=self._log, start_new_session=True,
        )  # fmt: skip

    def schedule(self) -> None:
        """Start the scheduler."""
        self._others.append(self.start("schedule"))

    def work(self, slots: int) -> None:
        """Start a worker."""
        self.workers.append(self.start("worker", "--slots", str(slots)))

    def close(self) -> None:
        """Ask all to end, and wait for it."""
        for process in (*self.workers, *self._others):
            process.terminate()
        for process in (*self.workers, *self._others):
            try:
                process.wait(90)
            except subprocess.TimeoutExpired:
                process.kill()
        self._log.close()


def crawl(
    setting: Setting,
    workers: int,
    postgres: Postgres,
    during: Callable[[Machines, Callable[[], bool]], Any] | None = None,
) -> dict[str, Any]:
    """Crawl all hosts once, and return what came of it."""
    with tempfile.TemporaryDirectory() as name:
        folder, archive = Path(name) / "sources", postgres.archive()
        folder.mkdir()
        with served(setting, folder) as hosts:
            machines = Machines(archive, folder, hosts, Path(name) / "log")
            try:
                for _ in range(workers):
                    machines.work(setting.slots)
                machines.schedule()

                def done() -> bool:
                    try:
                        with Archive.open(archive, readonly=True) as opened:
                            return len(opened.last_finished_of_all()) * setting.together >= setting.hosts
                    except Exception as error:
                        print(f"  asked again: {str(error)[:100]}", file=sys.stderr)
                        return False

                beside = during(machines, done) if during else None
                end = time.monotonic() + LIMIT_S
                while not done():
                    if time.monotonic() > end:
                        raise SystemExit((Path(name) / "log").read_text()[-5_000:])
                    time.sleep(0.5)
            finally:
                machines.close()
            return {"workers": workers, **told(archive, hosts, setting), "beside": beside}


def told(archive: Server, hosts: list[Host], setting: Setting) -> dict[str, Any]:
    """Return what the sites saw, and what the archive holds."""
    came = sorted(moment for host in hosts for moment in host.came)
    pages = setting.hosts * (setting.documents + 1)
    with Archive.open(archive, readonly=True) as opened:
        urls = [document.url for document in opened.documents()]
        versions = sum(document.versions for document in opened.documents())
        events = [event.url for event in opened.events()]
    wanted = setting.hosts * setting.documents
    gaps = [later - earlier for host in hosts for earlier, later in pairwise(sorted(host.came))]
    return {
        "seconds": round(came[-1] - came[0], 1),
        "pages": pages,
        "requests": len(came),
        "pages_per_s": round(pages / (came[-1] - came[0]), 2),
        "lost": wanted - len(set(urls)),
        "doubled": (len(urls) - len(set(urls))) + (versions - len(urls)) + (len(events) - len(set(events))),
        "unsaid": wanted - len(set(events)),
        "most_at_once_at_a_host": max(host.most for host in hosts),
        "shortest_gap_s": round(min(gaps), 2) if gaps else None,
    }


def kill_workers(
    kills: int, seed: int, slots: int, postgres: Postgres, *, restart: bool, every_s: float
) -> Callable[[Machines, Callable[[], bool]], dict[str, int]]:
    """Return what kills workers at random while they work, and starts others in their place."""

    def during(machines: Machines, done: Callable[[], bool]) -> dict[str, int]:
        rng, killed, with_all, restarts = random.Random(seed), 0, 0, 0  # noqa: S311
        while killed < kills and not done():
            time.sleep(rng.uniform(0.5, 1.5) * every_s)
            victim = machines.workers.pop(rng.randrange(len(machines.workers)))
            below = children(victim.pid) if rng.random() < 0.5 else set()
            victim.send_signal(signal.SIGKILL)
            for pid in below:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            victim.wait()
            killed, with_all = killed + 1, with_all + bool(below)
            machines.work(slots)
            if restart and killed == kills // 2:
                postgres.stop("immediate")
                time.sleep(2)
                postgres.start()
                restarts += 1
        return {"kills": killed, "with_all_it_started": with_all, "restarts_of_the_server": restarts}

    return during


def main() -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hosts", type=int, default=16)
    parser.add_argument("--documents", type=int, default=40)
    parser.add_argument("--delay", type=float, default=3.0)
    parser.add_argument("--latency", type=float, default=0.05)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--slots", type=int, default=4)
    parser.add_argument("--together", type=int, default=1, help="hosts of one source")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--every", type=float, default=8.0, help="seconds between two kills, on average")
    parser.add_argument("--restart", action="store_true", help="restart the server in the middle of the kills")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    setting = Setting(options.hosts, options.documents, options.delay, options.latency, options.slots, options.together)
    found: list[dict[str, Any]] = []
    with running() as postgres:
        if options.kills:
            during = kill_workers(
                options.kills, options.seed, options.slots, postgres, restart=options.restart, every_s=options.every
            )
            found.append(crawl(setting, 4, postgres, during))
        else:
            for workers in options.workers:
                found.append(crawl(setting, workers, postgres))
                found[-1]["ratio"] = round(found[-1]["pages_per_s"] / found[0]["pages_per_s"], 2)
                print(json.dumps(found[-1]), flush=True)
    if options.kills:
        print(json.dumps(found[-1]))
    if options.out:
        options.out.write_text(json.dumps({"setting": vars(setting), "runs": found}, indent=2) + "\n", "utf-8")
    bad = [run for run in found if run["lost"] or run["doubled"] or run["unsaid"] or run["most_at_once_at_a_host"] > 1]
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
