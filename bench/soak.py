"""The scheduler in fast motion: thousands of runs of small sources in one process, some killed on the way.

    python bench/soak.py --runs 2000 --kills 20 --seed 1 --out DIR

A site on loopback, some sources on hosts of their own, each due every few seconds; one scheduler that starts
``crawl`` for each due run, as ``policytrail schedule`` does. In the first half nothing is disturbed: the scheduler's
memory and open files must stand still. In the second half its process, or that of a run, is killed (SIGKILL) at
random, and the scheduler started again. At the end log and archive are held against each other: each due time was
made good, none twice, and each run that was killed is marked as interrupted. Prints figures as JSON; exit code 1
where something is wrong.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import re
import signal
import socketserver
import statistics
import subprocess
import sys
import threading
import time
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from crawler import timetable  # noqa: E402
from crawler.commands.scheduling import last_finished, settle  # noqa: E402
from crawler.schedule import Scheduler  # noqa: E402
from spiders.loader import load  # noqa: E402
from storage import Archive  # noqa: E402
from storage.model import Run, RunEnd  # noqa: E402

MAX_RUNS = 2
# A due time must have been made good after so long, beside the wait for a place.
GOOD_AFTER_S = 60.0
# So much the scheduler's memory may grow over the undisturbed half, between its first and its last quarter.
GROWTH_BYTES = 4 * 1024 * 1024
PAGE = os.sysconf("SC_PAGE_SIZE")
TOOK = re.compile(r"exit code -?\d+ after (\d+\.\d) s")
SENTENCES = (
    "各有关单位应当在收到本通知之日起三十个工作日内完成自查，并将自查情况书面报送主管部门。",
    "主管部门将会同财政、人力资源等部门组织开展专项检查，对工作落实不到位的单位予以通报。",
    "资金的申请、审核、拨付和使用应当遵循公开透明、专款专用、注重实效的原则，接受社会监督。",
)
SAID = re.compile(r"(?P<at>\d+\.\d+) (?:run of )?(?P<source>xx_\w+) (?P<what>is due, and left out|is due|starts|ends)")


class Site(ThreadingHTTPServer):
    """Answers on all loopback addresses: a list of two documents, of which one changes by the minute."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("0.0.0.0", 0), _Handler)  # noqa: S104 - what is beyond loopback is closed below

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Answer this machine only."""
        return str(client_address[0]).startswith("127.")

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep silent of a run that was killed while it was answered."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def server_bind(self) -> None:
        """Bind without asking a name server who we are."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "soak", self.server_address[1]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_GET(self) -> None:
        """Answer, after a moment."""
        time.sleep(0.1)
        if self.path == "/list.html":
            rows = "".join(f"<li><a href='/t20240506_{n}.html'>关于第{n}号事项的通知</a></li>" for n in (1, 2))
            body = f"<html><title>通知</title><ul>{rows}</ul></html>"
        elif self.path.startswith("/t2024"):
            number = self.path[-6]
            said = f"更新于第{int(time.time() // 60)}分钟。" if number == "2" else "未作更新。"
            paragraphs = "".join(f"<p>{each}</p>" for each in (*SENTENCES, said))
            title = f"关于第{number}号事项的通知"
            body = f"<html><title>{title}</title><h1>{title}</h1><div class='content'>{paragraphs}</div></html>"
        else:
            body = ""
        raw = body.encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: object) -> None:
        """Keep silent."""


def schedule(order: dict[str, Any]) -> None:
    """Be the scheduler: the program's own, with sources that are due every few seconds."""
    logging.basicConfig(level=logging.DEBUG, format="%(created).3f %(message)s")
    for noisy in ("apscheduler", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    archive, folder = Path(order["archive"]), Path(order["sources"])
    every = f"every {order['every_s']}s"
    own = [source for source in load(folder).sources.values() if source.path and source.path.parent == folder]
    options = ["--archive", str(archive), "--sources", str(folder)]
    options += [word for host in order["allow"] for word in ("--allow", host)]
    Scheduler(
        [replace(source, schedule=every) for source in own],
        command=lambda source: [sys.executable, "-m", "crawler", "crawl", source.name, "--due", *options],
        last_finished=lambda name: last_finished(archive, name),
        archive=archive,
        max_runs=MAX_RUNS,
        settle=lambda name: settle(archive, name, now=datetime.now(UTC)),
        again_s=1.0,
    ).run()


@dataclass(slots=True)
class Soak:
    """One soak.  killed: source and time of each run that was killed.  last_at: until then due times must be met."""

    folder: Path
    random: random.Random
    sources: int
    every_s: int = 0
    process: subprocess.Popen[bytes] | None = None
    samples: list[tuple[int, int]] = field(default_factory=list)
    killed: list[tuple[str, float]] = field(default_factory=list)
    schedulers_killed: int = 0
    last_at: float = 0.0
    problems: list[str] = field(default_factory=list)

    @property
    def archive(self) -> Path:
        """The archive of all runs."""
        return self.folder / "archive.db"

    def prepare(self, port: int) -> list[str]:
        """Write the source files; return the hosts."""
        (self.folder / "sources").mkdir(parents=True)
        hosts = [f"127.0.0.{number + 1}:{port}" for number in range(self.sources)]
        for number, host in enumerate(hosts):
            text = f'publisher = "soak"\nlists = "http://{host}/list.html"\ndocuments = "/t2024"\ndelay = 0\n'
            (self.folder / "sources" / f"xx_{number:02}.toml").write_text(text + "follow = false\n", "utf-8")
        return hosts

    def start(self, hosts: list[str]) -> None:
        """Start the scheduler."""
        order = {
            "archive": str(self.archive),
            "sources": str(self.folder / "sources"),
            "allow": hosts,
            "every_s": self.every_s,
        }
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(Path(__file__).resolve()), "--schedule", json.dumps(order)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )

    def alive(self) -> subprocess.Popen[bytes]:
        """Return the scheduler's process."""
        if self.process is None or self.process.poll() is not None:
            raise SystemExit(f"the scheduler ended by itself; see {self.folder / 'log'}")
        return self.process

    def sample(self) -> None:
        """Note the scheduler's memory and open files."""
        pid = self.alive().pid
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        self.samples.append((pages * PAGE, len(os.listdir(f"/proc/{pid}/fd"))))  # noqa: PTH208

    def disturb(self, hosts: list[str]) -> None:
        """Kill the scheduler and a run by turns."""
        if self.schedulers_killed <= len(self.killed):
            process = self.alive()
            process.kill()
            process.wait()
            self.schedulers_killed += 1
            time.sleep(self.random.uniform(0, 3))
            self.start(hosts)
            return
        deadline = time.monotonic() + self.every_s + 30
        while time.monotonic() < deadline:
            told = timetable.read(self.archive)
            running = [entry for entry in told.entries if entry.pid] if told else []
            with Archive.open(self.archive, readonly=True) as archive:
                # Most of a small run's time is its start: what is killed then leaves nothing to be marked.  And what
                # is open may be the run of a scheduler that was killed, whose place the entry's process waits for.
                running = [entry for entry in running if _is_in(entry, archive)]
            if running:
                entry = self.random.choice(running)
                time.sleep(self.random.uniform(0, 0.4))
                try:
                    os.kill(entry.pid or 0, signal.SIGKILL)
                except ProcessLookupError:
                    # It had come to its end: another one.
                    continue
                self.killed.append((entry.source, time.time()))
                return
            time.sleep(0.05)


def _is_in(entry: timetable.Entry, archive: Archive) -> bool:
    """Tell whether an entry's process has begun its run."""
    newest = archive.runs(entry.source, limit=1)
    return bool(newest) and newest[0].end is None and entry.since is not None and newest[0].started_at >= entry.since


def count_runs(archive: Path) -> int:
    """Return how many runs came to their end."""
    if not archive.exists():
        return 0
    with Archive.open(archive, readonly=True) as reading:
        return sum(len(reading.finished_roots(name)) for name in reading.source_names())


def check(soak: Soak) -> dict[str, Any]:
    """Hold log and archive against each other; return figures, and leave problems in the soak."""
    said: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    took = [0.0]
    for line in (soak.folder / "log").read_text("utf-8", "replace").splitlines():
        took += [float(seconds) for seconds in TOOK.findall(line)]
        if match := SAID.match(line):
            said[match["source"]][match["what"]].append(float(match["at"]))
    runs: dict[str, list[Run]] = {}
    with Archive.open(soak.archive, readonly=True) as archive:
        for name in sorted(said):
            runs[name] = sorted(archive.runs(name, limit=1_000_000), key=lambda run: run.run_id)
    late, gaps = [0.0], [0.0]
    for name, mine in runs.items():
        ends = [run.ended_at.timestamp() for run in mine if run.end is RunEnd.FINISHED and run.ended_at]
        begins = [run.started_at.timestamp() for run in mine if run.end is RunEnd.FINISHED]
        due = sorted(said[name]["is due"])
        asked = sorted([*due, *said[name]["is due, and left out"]])
        soak.problems += [f"{name}: run {run.run_id} has no end" for run in mine if run.end is None]
        soak.problems += [f"{name}: run {run.run_id} {run.end}" for run in mine if run.end is RunEnd.FAILED]
        for at in asked:
            after = bisect_right(ends, at)
            if after == len(ends):
                if at <= soak.last_at:
                    soak.problems.append(f"{name}: due at {at:.0f}, and never made good")
                continue
            late.append(ends[after] - at)
        for before, following in pairwise(begins):
            # Each finished run has a due time of its own since the last one began.
            if bisect_right(due, following) == bisect_right(due, before):
                soak.problems.append(f"{name}: a run at {following:.0f} that nothing asked for")
        for before, following in zip(ends, begins[1:], strict=False):
            if following < before - 0.01:
                soak.problems.append(f"{name}: two runs at once at {following:.0f}")
        gaps += [b - a for a, b in pairwise(ends)]
    # On a busy machine a run takes as long as it takes: the one before in its place, and its own.
    bound = soak.every_s + GOOD_AFTER_S + 2 * max(took)
    if max(gaps) > bound:
        soak.problems.append(f"a source was left alone for {max(gaps):.0f} s")
    if max(late) > bound:
        soak.problems.append(f"a due time was made good after {max(late):.0f} s")
    marked = 0
    for name, at in soak.killed:
        hit = [
            run
            for run in runs.get(name, ())
            if run.started_at.timestamp() < at and run.ended_at and at <= run.ended_at.timestamp()
        ]
        marked += any(run.end is RunEnd.INTERRUPTED for run in hit)
        soak.problems += [f"{name}: run {r.run_id}, killed, is {r.end}" for r in hit if r.end is not RunEnd.INTERRUPTED]
    quarter = max(1, len(soak.samples) // 4)
    first, last = soak.samples[quarter : 2 * quarter] or soak.samples, soak.samples[-quarter:]
    memory = [statistics.median(each[0] for each in part) for part in (first, last)]
    files = [statistics.median(each[1] for each in part) for part in (first, last)]
    if memory[1] - memory[0] > GROWTH_BYTES:
        soak.problems.append(f"memory grew from {memory[0]:.0f} to {memory[1]:.0f} bytes")
    if files[1] - files[0] > 2:
        soak.problems.append(f"open files grew from {files[0]:.0f} to {files[1]:.0f}")
    return {
        "sources": len(runs),
        "every_s": soak.every_s,
        "due": sum(len(each["is due"]) + len(each["is due, and left out"]) for each in said.values()),
        "left_out": sum(len(each["is due, and left out"]) for each in said.values()),
        "runs": sum(map(len, runs.values())),
        "finished": sum(run.end is RunEnd.FINISHED for mine in runs.values() for run in mine),
        "interrupted": sum(run.end is RunEnd.INTERRUPTED for mine in runs.values() for run in mine),
        "runs_killed": len(soak.killed),
        "runs_killed_while_open": marked,
        "schedulers_killed": soak.schedulers_killed,
        "latest_made_good_s": round(max(late), 1),
        "longest_gap_s": round(max(gaps), 1),
        "slowest_run_s": max(took),
        "memory_mb": [round(each / 2**20, 1) for each in memory],
        "open_files": files,
        "problems": soak.problems,
    }


def soak_through(soak: Soak, runs: int, kills: int) -> dict[str, Any]:
    """Soak until so many runs are finished; return the figures."""
    with Site() as site:
        threading.Thread(target=site.serve_forever, args=(0.1,), daemon=True).start()
        hosts = soak.prepare(site.server_address[1])
        began = time.monotonic()
        options = ["--archive", str(soak.folder / "first.db"), "--sources", str(soak.folder / "sources")]
        command = [sys.executable, "-m", "crawler", "crawl", "xx_00", *options, "--allow", hosts[0]]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        each_s = time.monotonic() - began
        # Two at once take their time from each other; what is due must not come faster than it can be done.
        soak.every_s = soak.every_s or max(4, round(soak.sources * each_s * 0.8))
        soak.start(hosts)
        turns = sorted(soak.random.uniform(0.5, 0.97) * runs for _ in range(kills))
        began, looked = time.monotonic(), 0.0
        try:
            while (done := count_runs(soak.archive)) < runs or turns:
                soak.alive()
                if turns and done >= turns[0]:
                    turns.pop(0)
                    soak.disturb(hosts)
                if done < runs / 2 and time.monotonic() - looked > 1:
                    looked = time.monotonic()
                    soak.sample()
                time.sleep(soak.random.uniform(0.1, 0.6))
            # What is due by now is still to be made good; what comes due meanwhile may be left when all is ended.
            soak.last_at = time.time()
            deadline = time.monotonic() + GOOD_AFTER_S
            told = timetable.read(soak.archive)
            while time.monotonic() < deadline and (told is None or any(e.state != "planned" for e in told.entries)):
                time.sleep(0.05)
                told = timetable.read(soak.archive)
        finally:
            process = soak.process
            if process is not None:
                process.send_signal(signal.SIGTERM)
                code = process.wait(120)
        if code != 0:
            soak.problems.append(f"the scheduler ended with {code}")
        site.shutdown()
        return {**check(soak), "seconds": round(time.monotonic() - began), "one_run_s": round(each_s, 1)}


def main() -> int:
    """Command line entry; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=2_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--sources", type=int, default=12)
    parser.add_argument("--every", type=int, default=0, metavar="S", help="seconds between due times; else by one run")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="an empty folder for archive and log")
    parser.add_argument("--schedule", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.schedule:
        schedule(json.loads(args.schedule))
        return 0
    if args.out is None:
        parser.error("--out is needed")
    rng = random.Random(args.seed)  # noqa: S311
    soak = Soak(folder=args.out.resolve(), random=rng, sources=args.sources, every_s=args.every)
    figures = soak_through(soak, args.runs, args.kills)
    print(json.dumps(figures, ensure_ascii=False, indent=1))
    return 1 if soak.problems else 0


if __name__ == "__main__":
    sys.exit(main())
