"""What a page and a run cost when little or much is known: ``--documents 1000 10000 100000 1000000 --out DIR``.

For each number of documents an archive is made: one real crawl of a small site on loopback, its rows taken over
again and again under numbers and addresses of their own (but for the index of words). Then runs are made in it that
may ask for few of the documents and for more, those first that were not asked for the longest; of ten pages nine are
confirmed by 304 and one is another.

What a page costs is the difference of the two, by pages; what is left is the run's own: its start, its look at what
is known, its end. Leaves ``known.json`` and ``known.svg`` in DIR. Archives are deleted again; that of 1,000,000
documents takes some 4 GB.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from bench.plot import curves
from bench.scale import WORDS

ROOT = Path(__file__).parent.parent
COUNTING = ROOT / "bench" / "peers" / "counting.py"
# So many documents of the real crawl are multiplied; a list page names them.
SEED = 1_000
CHANGED = 10
SOURCE = """publisher = "a body"
lists = ["{origin}/list.html"]
documents = '/zc/t[0-9]+\\.html'
delay = 0
concurrent = 8
budget = {{ pages = {pages} }}
"""
NUMBER = re.compile(r"/zc/t(\d+)\.html")


def page(number: int, epoch: int) -> str:
    """Return a notice of its own words; every tenth has other ones in the second epoch."""
    digest = hashlib.sha256(b"%d" % number).digest()
    words = [WORDS[byte % len(WORDS)] for byte in digest]
    days = 30 + number % 300 + (epoch if number % CHANGED == 0 else 0)
    text = "".join(
        f"<p>第{place}条 {''.join(words[place:] + words[:place])}，期限{days + place}日。</p>" for place in range(1, 4)
    )
    title = f"关于第{number}号事项的通知"
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title></head><body>"
        f"<div class='article'><h1>{title}</h1><p>发布时间：2024-05-06</p><div class='content'>{text}</div></div>"
        "<div class='footer'>主办单位</div></body></html>"
    )


class Site(ThreadingHTTPServer):
    """The pages, with an ETag each."""

    daemon_threads = True
    epoch = 0
    asked = 0


class Answer(BaseHTTPRequestHandler):
    """Answers as a small server does."""

    protocol_version = "HTTP/1.1"
    server: Site

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer a page, a list of the first ones, or 404."""
        match = NUMBER.fullmatch(self.path)
        if self.path == "/list.html":
            rows = "".join(f"<li><a href='/zc/t{n}.html'>关于第{n}号事项的通知</a></li>" for n in range(1, SEED + 1))
            self._say(200, f"<html><body><ul>{rows}</ul></body></html>", "list")
        elif match is None:
            self._say(404, "", None)
        else:
            number, epoch = int(match[1]), self.server.epoch
            self.server.asked += 1
            tag = f"{number}-{epoch if number % CHANGED == 0 else 0}"
            self._say(200, page(number, epoch), tag)

    def _say(self, status: int, body: str, tag: str | None) -> None:
        known = tag is not None and self.headers["If-None-Match"] == f'"{tag}"'
        data = b"" if known else body.encode()
        self.send_response(304 if known else status)
        if tag is not None:
            self.send_header("ETag", f'"{tag}"')
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def served() -> Iterator[Site]:
    """Have the site run while inside."""
    site = Site(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=site.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.shutdown()
        thread.join()
        site.server_close()


# How the rows of one document become those of another one, whose numbers are {k} higher.
_PIECES = (
    "'[[\"main\",' || (json_extract({0}, '$[0][1]') + {{k}}) || ',' || "
    "(json_extract({0}, '$[0][2]') + {{k}}) || ',\"\"]]'"
)
SHIFTED = {
    "resource": {"url": "origin || '/zc/t' || (cast(substr(url, length(origin) + 6) as integer) + {k}) || '.html'"},
    "listing": {},
    "snapshot": {"sha256": "printf('%064x', snapshot_id + {k})"},
    "fetch": {"etag": "'\"' || (cast(substr(etag, 2) as integer) + {k}) || '-0\"'"},
    "judgement": {},
    "extraction": {},
    "document": {},
    "version": {"content_sha256": "printf('%064x', version_id + {k})"},
    "version_piece": {},
    "event": {"after": _PIECES.format("after")},
    "spoken": {"pieces": _PIECES.format("pieces")},
}
# These numbers stay as they are: there is one run, one extractor, one list.
STAY = ("run_id", "extractor_id", "profile_id", "found_on", "base_id")
STEP = 10 * SEED


def multiply(archive: Path, origin: str, documents: int) -> None:
    """Have an archive of SEED documents hold so many; its index of words stays as it is."""
    db = sqlite3.connect(archive, isolation_level=None)
    db.execute("pragma synchronous = off")
    db.execute("pragma journal_mode = memory")
    db.execute("pragma cache_size = -200000")
    db.execute("begin")
    for table, own in SHIFTED.items():
        columns = [row[1] for row in db.execute("select * from pragma_table_info(?)", (table,))]
        given = [
            own.get(name)
            or (f"{name} + {{k}}" if (name.endswith("_id") and name not in STAY) or name == "main_id" else name)
            for name in columns
        ]
        key = "resource_id" if "resource_id" in columns else "main_id" if "main_id" in columns else columns[0]
        of_documents = {
            "snapshot": "select snapshot_id from version_piece",
            "judgement": "select fetch_id from fetch join document on document_id = resource_id",
            "version_piece": "select version_id from version",
        }.get(table, "select document_id from document")
        seed = f"select *, ? as origin from {table} where {key} in ({of_documents})"  # noqa: S608
        db.execute(f"create temp table seed_{table} as {seed}", (origin,))
        for copy in range(1, documents // SEED):
            chosen = ", ".join(each.format(k=copy * STEP) for each in given)
            into = f"insert into {table} ({', '.join(columns)})"
            db.execute(f"{into} select {chosen} from seed_{table}")  # noqa: S608
    db.execute("commit")
    db.execute("pragma journal_mode = wal")
    db.close()


def crawl(folder: Path, origin: str, pages: int) -> dict[str, float]:
    """Crawl so many pages; return what counting.py says of it."""
    (folder / "sources" / "xx_known.toml").write_text(SOURCE.format(origin=origin, pages=pages), "utf-8")
    command = [sys.executable, str(COUNTING), "took.json", sys.executable, "-m", "crawler", "crawl"]
    command += ["--archive", "archive.db", "--sources", "sources", "--allow", origin.removeprefix("http://")]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}\n{done.stderr[-2_000:]}")
    took: dict[str, float] = json.loads((folder / "took.json").read_text("utf-8"))
    return took


def measure(folder: Path, documents: int, pages: list[int], rounds: int) -> dict[str, Any]:
    """Return what runs cost where so many documents are known."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "sources").mkdir(parents=True)
    try:
        with served() as site:
            origin = f"http://127.0.0.1:{site.server_address[1]}"
            crawl(folder, origin, SEED)
            started = time.monotonic()
            multiply(folder / "archive.db", origin, documents)
            made_s = time.monotonic() - started
            size = (folder / "archive.db").stat().st_size
            site.epoch = 1
            runs: dict[int, list[dict[str, float]]] = {count: [] for count in pages}
            for _ in range(rounds):
                for count in pages:
                    site.asked = 0
                    runs[count].append(crawl(folder, origin, count))
                    if site.asked != count:
                        raise SystemExit(f"{site.asked} documents were asked for in the place of {count}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    few, many = pages[0], pages[-1]
    told: dict[str, Any] = {"documents": documents, "archive_mb": size / 1e6, "made_s": made_s, "runs": runs}
    for name in ("clock_s", "own_computing_s"):
        at = {count: statistics.median(run[name] for run in runs[count]) for count in (few, many)}
        told[f"page_{name}"] = (at[many] - at[few]) / (many - few)
        told[f"run_{name}"] = at[few] - few * told[f"page_{name}"]
    told["memory_mb"] = max(run["own_memory_mb"] for of_count in runs.values() for run in of_count)
    return told


def main() -> int:
    """Command line entry; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--documents", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--pages", type=int, nargs=2, default=[50, 450])
    parser.add_argument("--rounds", type=int, default=2)
    args = parser.parse_args()
    out: Path = args.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    found = []
    for documents in args.documents:
        found.append(measure(out / "known", documents, args.pages, args.rounds))
        told = found[-1]
        print(
            f"{documents} documents ({told['archive_mb']:.0f} MB): "
            f"{1000 * told['page_own_computing_s']:.1f} ms of computing and {1000 * told['page_clock_s']:.1f} ms "
            f"on the clock for a page, {told['run_own_computing_s']:.2f} s and {told['run_clock_s']:.2f} s for a run, "
            f"at most {told['memory_mb']:.0f} MB",
            flush=True,
        )
    figures = {"load": os.getloadavg(), "cores": os.cpu_count(), "pages": args.pages, "found": found}
    (out / "known.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    known = [told["documents"] for told in found]
    (out / "known.svg").write_text(
        curves(
            known,
            {
                "a page, ms of computing": [1000 * told["page_own_computing_s"] for told in found],
                "a run beside its pages, s of computing": [told["run_own_computing_s"] for told in found],
                "memory, MB": [told["memory_mb"] for told in found],
            },
            along="documents known",
        ),
        "utf-8",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
