"""Run the real program against a hostile site: one that misbehaves on purpose and says in a manifest what must hold.

    python bench/hostile.py --server FILE [--plugin FILE] --out DIR [--check FILE] [--group NAMES]

Starts the site, writes a source for each seed of its ``/manifest.json`` by kind, and crawls them all with one call of
``crawl``, twice with the same archive; the site is told between the passes. Leaves in DIR, for each pass,
``docs.jsonl`` and ``outcomes.jsonl`` (``docs2.jsonl``, ``outcomes2.jsonl``), and ``figures.json``: seconds, peak
memory of all processes of the program together, and the longest time its event loop stood still. ``check.py`` beside
the server judges both; its closing lines are printed as they are.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.livingsite import free_port, get, serving  # noqa: E402
from spiders.address import canonicalize  # noqa: E402
from storage import Archive  # noqa: E402
from storage.model import Fetch, Outcome, Role  # noqa: E402

KEYS = {"page": "urls", "feed": "feeds", "sitemap": "sitemaps"}
# So many seeds of one host at once: one that is slow must not hold up the others.
AT_ONCE = 4
BUDGET = "budget = { pages = 300, sitemap_files = 50 }"
PAUSE_S = 0.2
RUN_LIMIT_S = 1_800
HOPS = 5
LISTS = (Role.FEED, Role.SITEMAP, Role.LIST)
# How the program says that its loop stood still.
STALL = re.compile(r"event loop stood still for ([\d.]+) s")


def name_of(behaviour: dict[str, Any]) -> str:
    """Return the name of a behaviour's source; pure."""
    return "xx_" + re.sub(r"[^a-z0-9]", "", behaviour["id"].lower())


def source_text(behaviour: dict[str, Any], port: int) -> str:
    """Return a source file for one seed: where it is, how it is read, and under which path its addresses lie; pure."""
    lines = [
        'publisher = "hostile site"',
        f"{KEYS[behaviour['kind']]} = [{json.dumps(behaviour['url'])}]",
        f"documents = [{json.dumps('^' + re.escape(behaviour['prefix']) + '(?:[/;?]|$)')}]",
        f'hosts = ["{behaviour["host"]}:{port}"]',
        BUDGET,
        "delay = 0",
        f"concurrent = {AT_ONCE}",
    ]
    return "\n".join(lines) + "\n"


class Memory(threading.Thread):
    """Watches the memory of a process and all that descend from it: resident pages, shared ones counted once.

    peak: bytes by process at the highest sum, the program itself first.
    """

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self.ended = threading.Event()
        self.peak: list[int] = []

    def run(self) -> None:
        """Look some times a second until told to end."""
        while not self.ended.wait(PAUSE_S):
            self.peak = max(self.peak, [resident(pid) for pid in family(self._pid)], key=sum)


def family(pid: int) -> list[int]:
    """Return a process and its descendants."""
    found = [pid]
    for each in found:  # grows while we go
        try:
            for task in Path(f"/proc/{each}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def resident(pid: int) -> int:
    """Return the resident bytes of a process, of shared pages its share; none where it has ended."""
    try:
        status = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def documents(archive: Archive) -> list[dict[str, object]]:
    """Return every version of every document, in time order, in the check's format."""
    out: list[dict[str, object]] = []
    for document in archive.documents():
        asked = archive.resource(document.document_id).url
        for version in archive.versions(document.document_id):
            content = version.content
            out.append({"url": version.url, "request_url": asked, "title": content.fields.title, "text": content.text})
    return out


def newest(archive: Archive, url: str) -> Fetch | None:
    """Return the newest judged answer of an address, or of where it leads on."""
    upto, found = archive.newest_fetch_id(), None
    for _ in range(HOPS + 1):
        resource_id = archive.resource_id(canonicalize(url) or url)
        fetch = archive.last_answer(resource_id, upto) if resource_id is not None else None
        if fetch is None:
            break
        found = fetch
        if fetch.outcome is not Outcome.MOVED or not fetch.location:
            break
        url = fetch.location
    return found


def outcome(archive: Archive, behaviour: dict[str, Any]) -> dict[str, str] | None:
    """Return what became of one seed, in the check's format; None where the archive knows nothing of it."""
    fetch = newest(archive, behaviour["url"])
    if fetch is None or fetch.outcome is None:
        return None
    stored = any(document.versions for document in archive.documents(name_of(behaviour)))
    word = {Outcome.OK: "stored", Outcome.NOT_MODIFIED: "unchanged"}.get(fetch.outcome, "failed")
    if fetch.outcome in (Outcome.DISALLOWED, Outcome.REFUSED_BY_GATE):
        word = "skipped"
    reason = str(fetch.outcome)
    if word == "stored" and not stored:
        # A list that reads well and names nothing that came.
        word, reason = "failed", str(Outcome.EMPTY)
    return {"url": behaviour["url"], "outcome": word, "reason": reason, "detail": fetch.reason or ""}


def write(path: Path, rows: list[Any]) -> None:
    """Write rows as JSON lines."""
    path.write_text("".join(json.dumps(row, ensure_ascii=True) + "\n" for row in rows), "utf-8")


def crawl(command: list[str], log: Path) -> dict[str, Any]:
    """Run the program once, its log in a file; return its figures."""
    started = time.monotonic()
    with log.open("w", encoding="utf-8") as lines:
        process = subprocess.Popen(command, cwd=ROOT, stdout=lines, stderr=lines)
        memory = Memory(process.pid)
        memory.start()
        try:
            process.wait(RUN_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.terminate()
            process.wait()
        memory.ended.set()
        memory.join()
    stalls = [float(each) for each in STALL.findall(log.read_text("utf-8", "replace"))]
    return {
        "seconds": round(time.monotonic() - started, 1),
        "peak_mb": round(sum(memory.peak) / 1024**2, 1),
        "peak_mb_by_process": [round(each / 1024**2) for each in memory.peak],
        "longest_stall_s": max(stalls, default=0.0),
        "exit_code": process.returncode,
    }


def main() -> int:
    """Command line entry; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", type=Path, required=True, help="the site's script")
    parser.add_argument("--plugin", type=Path, action="append", default=[], help="further behaviours; repeatable")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--check", type=Path, help="the judge's script; check.py beside the server unless given")
    parser.add_argument("--group", default="", help="only behaviours of these groups, separated by commas")
    args = parser.parse_args()
    out: Path = args.out.resolve()
    (out / "sources").mkdir(parents=True, exist_ok=True)
    archive_path = out / "archive.db"
    if archive_path.exists():
        raise SystemExit(f"{archive_path}: there already; choose an empty folder")
    port = free_port(20)
    site = f"http://127.0.0.1:{port}"
    server = [sys.executable, str(args.server), "--port", str(port)]
    for plugin in args.plugin:
        server += ["--plugin", str(plugin)]
    figures, closing, failed = {}, [], False
    with serving(server, f"{site}/manifest.json"):
        get(f"{site}/__reset")
        manifest = json.loads(
            get(f"{site}/manifest.json" + (f"?group={quote(args.group)}" if args.group else "")) or b""
        )
        behaviours = manifest["behaviours"]
        for behaviour in behaviours:
            text = source_text(behaviour, port)
            (out / "sources" / f"{name_of(behaviour)}.toml").write_text(text, "utf-8")
        command = [sys.executable, "-m", "crawler", "crawl", "--archive", str(archive_path)]
        command += ["--sources", str(out / "sources")]
        for host in manifest["allowed_hosts"]:
            command += ["--allow", host]
        for number, suffix in ((1, ""), (2, "2")):
            if number == 2:
                get(f"{site}/__epoch?n=2")
            figures[f"pass {number}"] = crawl(command, out / f"log{suffix}.txt")
            with Archive.open(archive_path, readonly=True) as archive:
                write(out / f"docs{suffix}.jsonl", documents(archive))
                rows = [row for behaviour in behaviours if (row := outcome(archive, behaviour))]
                write(out / f"outcomes{suffix}.jsonl", rows)
            (out / f"hits{suffix}.json").write_bytes(get(f"{site}/__hits") or b"")
            judge = [sys.executable, str(args.check or args.server.parent / "check.py"), "--site", site]
            judge += ["--docs", str(out / f"docs{suffix}.jsonl"), "--json", str(out / f"check{suffix}.json")]
            if number == 1:
                judge += ["--outcomes", str(out / "outcomes.jsonl")]
                judge += ["--rss-mb", str(figures["pass 1"]["peak_mb"])]
                judge += ["--group", args.group] if args.group else []
            else:
                judge += ["--pass", "2", "--group", "conditional"]
            said = subprocess.run(judge, capture_output=True, text=True)
            (out / f"check{suffix}.txt").write_text(said.stdout + said.stderr, "utf-8")
            closing.append((said.stdout.splitlines() or [said.stderr[-500:]])[-1])
            failed |= said.returncode != 0
    (out / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    print("\n".join(closing))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
