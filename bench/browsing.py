"""How fast pages and commands are over a large archive: ``--documents 100000 --dir DIR``, run by hand.

Makes the archive (``bench/large.py``; kept in DIR, and used again), serves it by ``policytrail browse`` and asks for
each kind of page, first cold and then again; then calls each command that reads, in this process, so that its start
is not counted.  Prints milliseconds on the clock, and those that were computed: on a busy machine only these say how
much work an answer is.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import io
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote, urlsplit

import click

from bench.large import RARE, RUNS, SOURCES, make, name, title, write_sources
from crawler.cli import policytrail

ROOT = Path(__file__).parent.parent
# Milliseconds that an answer may take; more where all versions are searched.
MOST, MOST_OF_A_SEARCH = 200, 1_000
# What a process computes in a second in which it has nothing to do.
IDLE_MS = 50.0


def asked(documents: int) -> list[str]:
    """Return the pages to ask for."""
    common, rare, title_word = quote("通知"), quote(RARE), quote(f"第{documents // 2}号事项")
    two, seldom = quote("图书室 补贴"), quote("补贴图书室")
    middle, day = f"/document/{documents // 2}", "2026-03-01"
    old_run = RUNS * SOURCES // 2
    return [
        "/",
        "/?baseline=1",
        "/?baseline=1&before=40",
        "/?source=cn_source07",
        "/?kind=removed",
        "/?kind=moved&unfold=1",
        "/?kind=restored",
        f"/?since={day}",
        "/?since=last",
        f"/?before={old_run}",
        "/?before=60",
        "/?quiet=1&unfold=1",
        "/?source=cn_source07&kind=new&since=2026-02-01",
        "/today.json",
        f"/today.json?before={old_run}",
        "/events.csv",
        "/events.csv?source=cn_source07",
        "/sources",
        "/sources.json",
        "/source/cn_source07",
        "/source/cn_source07.json",
        "/runs",
        f"/runs?before={old_run}",
        "/runs?source=cn_source07",
        "/runs.json",
        "/run/7",
        "/run/7?after=1500",
        f"/run/{old_run}",
        f"/run/{old_run}.json",
        middle,
        f"{middle}?version=1",
        f"{middle}?at={day}",
        f"{middle}?visits=5000",
        f"{middle}.json",
        "/document/97",
        "/document/7",
        "/document/13",
        f"{middle}/diff",
        f"{middle}/diff/1/2",
        f"{middle}/diff/1/9?view=side&whole=1",
        f"{middle}/diff/1/2.json",
        f"{middle}/version/2.txt",
        f"{middle}/version/2.json",
        f"{middle}/version/2/snapshot",
        "/document/13/version/1/piece/1",
        "/event/500000",
        "/search",
        "/search?page=50",
        "/search.json?page=9",
        "/search?source=cn_source07&state=gone",
        "/search?state=gone&page=20",
        "/search?kind=moved",
        "/search?kind=restored",
        f"/search?from={day}",
        "/search?from=2020-01-01&until=2020-01-31",
        f"/search?q={quote('https://cn_source07.example/zc/t107.html')}",
        f"/search?q={common}",
        f"/search?q={common}&page=50",
        f"/search?q={common}&all=1",
        f"/search?q={common}&all=1&page=50",
        f"/search.json?q={common}&all=1",
        f"/search?q={rare}",
        f"/search?q={rare}&all=1",
        f"/search?q={rare}&all=1&new=1",
        f"/search?q={two}",
        f"/search?q={two}&all=1",
        f"/search?q={two}&all=1&source=cn_source07",
        f"/search?q={seldom}&all=1",
        f"/search?q={quote('通')}",
        f"/search?q={quote('通')}&all=1",
        f"/search?q={quote('冇')}&all=1",
        f"/search?q={quote('补贴 资金 项目 标准 申请')}&all=1",
        f"/search?q={title_word}",
        f"/search?q={title_word}&all=1",
        "/search?q=policy",
        "/search?q=policy&all=1",
        "/search?q=policy+guidance&all=1",
        "/search?q=nosuchword&all=1",
        "/search?q=4711&all=1",
        f"/search?q={common}&source=cn_source07&state=gone",
        f"/search?q={common}&all=1&kind=removed&from=2025-01-01",
        f"/search?q={common}&all=1&kind=restored",
        "/feed.atom",
        "/source/cn_source07/feed.atom",
        f"/search.atom?q={common}",
        f"/search.atom?q={rare}",
        "/help",
    ]


def called(documents: int) -> list[list[str]]:
    """Return the commands to call."""
    number = documents // 2
    url = f"https://{name(number % SOURCES)}.example/zc/t{number}.html"
    return [
        ["changes"], ["changes", "--since", "2026-04-09"], ["changes", "--until", "2026-02-01"],
        ["changes", "--source", "cn_source07"], ["changes", "--kind", "removed"], ["changes", "--kind", "restored"],
        ["changes", "--match", RARE], ["changes", "--match", "通知"], ["changes", "--match", title(number)],
        ["changes", "--match", "补贴 图书室", "--source", "cn_source07"], ["changes", "--limit", "100", "--json"],
        ["changes", "--since", "2026-04-10", "--unfold"], ["show", url], ["show", url, "--at", "2026-03-01"],
        ["show", url, "--version", "2", "--json"], ["show", url, "--left-out"], ["show", url[:-5] + "x.html"],
        ["diff", url], ["diff", url, "1", "9"], ["diff", url, "--json"], ["search", "通知"], ["search", "通"],
        ["search", RARE], ["search", "policy", "guidance"], ["search", "补贴", "图书室", "--all-versions"],
        ["search", "通知", "--source", "cn_source07"], ["status"], ["status", "--json"], ["sources"],
    ]  # fmt: skip


def timed(port: int, path: str) -> tuple[int, float, int]:
    """Return status, milliseconds and size of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    started = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, (time.perf_counter() - started) * 1000, len(body)


def computed(pid: int) -> float:
    """Return the milliseconds that a process has computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def computed_here() -> float:
    """Return the milliseconds that this process has computed."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return (used.ru_utime + used.ru_stime) * 1000


def run_here(words: list[str], archive: Path, folder: Path) -> tuple[float, float, int]:
    """Call a command; return milliseconds on the clock and computed, and what it wrote in bytes."""
    out = io.StringIO()
    started, before = time.perf_counter(), computed_here()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        try:
            words = [*words, "--archive", str(archive), "--sources", str(folder)]
            policytrail.main(words, prog_name="policytrail", standalone_mode=False)
        except click.ClickException:
            # Of what is not there it says so, as it is asked to.
            pass
    return (time.perf_counter() - started) * 1000, computed_here() - before, len(out.getvalue().encode())


def pages(archive: Path, folder: Path, documents: int, *, rounds: int) -> int:
    """Ask for every page; return how many failed or took too long."""
    process = subprocess.Popen(
        [sys.executable, "-m", "crawler", "browse", "--port", "0", "--archive", str(archive), "--sources", str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    wrong = 0
    try:
        line = process.stdout.readline() if process.stdout else ""
        port = urlsplit(line.split()[0]).port or 0
        # What it computes ahead is not the first page's work.
        settled(process.pid)
        for path in asked(documents):
            before = computed(process.pid)
            status, first, size = timed(port, path)
            cold = computed(process.pid) - before
            before = computed(process.pid)
            again = statistics.median(timed(port, path)[1] for _ in range(rounds))
            work = (computed(process.pid) - before) / rounds
            most = MOST_OF_A_SEARCH if "all=1" in path or ".atom?q" in path else MOST
            wrong += said(
                path, (first, cold, again, work), size, most=most, problem="" if status in (200, 303) else status
            )
    finally:
        process.terminate()
        process.wait(20)
    return wrong


def settled(pid: int) -> None:
    """Wait until a process has hardly anything to do for a second: a server looks about even where nobody asks."""
    before = -1000.0
    while (now := computed(pid)) - before > IDLE_MS:
        before = now
        time.sleep(1)


def said(what: str, figures: tuple[float, float, float, float], size: int, *, most: int, problem: object) -> int:
    """Print a line of the table; return 1 where something is wrong with it."""
    _, cold, _, work = figures
    slow = "" if max(work, cold) <= most else f" over {most}"
    print("".join(f"{figure:9.0f}" for figure in figures) + f"{size / 1000:7.0f}  {what} {problem}{slow}", flush=True)
    return int(bool(problem) or bool(slow))


def commands(archive: Path, folder: Path, documents: int, *, rounds: int) -> int:
    """Call every command; return how many failed or took too long."""
    wrong = 0
    # What a process loads at its first call counts as its start.
    for words in (["changes", "--limit", "1"], ["diff", "x"], ["show", "x"], ["search", "x"], ["status"], ["sources"]):
        run_here(words, archive, folder)
    for words in called(documents):
        first, cold, size = run_here(words, archive, folder)
        later = [run_here(words, archive, folder) for _ in range(rounds)]
        again, work = (statistics.median(one[place] for one in later) for place in (0, 1))
        most = 500 if words[0] == "status" else MOST
        wrong += said(" ".join(words), (first, cold, again, work), size, most=most, problem="")
    return wrong


def start() -> float:
    """Return how much longer than Python itself ``policytrail --help`` computes."""
    ratios = []
    for _ in range(15):
        used = []
        for words in (["-c", "pass"], ["-m", "crawler", "--help"]):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            used.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        ratios.append(used[1] / used[0])
    return statistics.median(ratios)


def main() -> int:
    """Command line entry; returns the exit code: 1 where an answer failed or took too long."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--versions", type=int, default=10)
    parser.add_argument("--sentences", type=int, default=5)
    parser.add_argument("--dir", dest="folder", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5, help="so many times each, after the first")
    parser.add_argument("--only", choices=("pages", "commands"))
    args = parser.parse_args()
    folder: Path = args.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / f"archive-{args.documents}-{args.versions}-{args.sentences}.db"
    if not archive.exists():
        make(archive, args.documents, args.versions, args.sentences)
    write_sources(folder / "sources")
    print(f"{archive.stat().st_size / 1e6:.0f} MB")
    print(f"{'first':>9}{'computed':>9}{'again':>9}{'computed':>9}{'KB':>7}")
    wrong = 0
    if args.only != "commands":
        wrong += pages(archive, folder / "sources", args.documents, rounds=args.rounds)
    if args.only != "pages":
        wrong += commands(archive, folder / "sources", args.documents, rounds=args.rounds)
        print(f"--help / python -c pass: {start():.1f}")
    print(f"{wrong} failed or took too long")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
