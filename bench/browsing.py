"""How fast the pages of ``policytrail browse`` are: ``--documents 10000 --versions 10 --dir DIR``, run by hand.

Makes an archive of some fifty sources with runs, events, extractions and the index for search (kept in DIR, and used
again), serves it by the command and asks for each kind of page, first cold and then again; prints milliseconds on the
clock, and those that the server computes: on a busy machine only these say how much work a page is.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

from bench.scale import WORDS
from crawler.profile import Profile
from storage import Archive
from storage.codec import dump_pieces
from storage.model import Piece, Role
from storage.times import stamp
from storage.words import index_words

ROOT = Path(__file__).parent.parent
SOURCES, RUNS = 50, 100
START = datetime(2026, 1, 1, tzinfo=UTC)
RARE = "海绵城市"
TIMES = 10


def sentence(seed: random.Random) -> str:
    """Return a sentence of nonsense, no two alike."""
    return "".join(seed.choice(WORDS) for _ in range(seed.randint(8, 20))) + f"{seed.randint(1, 99_999)}项。"


def indexed(line: str) -> tuple[str, str]:
    """Return a sentence and its words as the index holds them; those of a text are those of its sentences."""
    return line, index_words(line)


def make(path: Path, documents: int, versions: int, sentences: int) -> None:
    """Make the archive: of each document a version in so many of the runs of its source, some gone, some rare words."""
    Archive.open(path, create=True).close()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("pragma synchronous = off")
    db.execute("pragma cache_size = -400000")
    db.execute("begin")
    db.execute("insert into extractor (extractor_id, identity) values (1, 'x')")
    runs: dict[tuple[int, int], tuple[int, datetime]] = {}
    for run in range(RUNS):
        for source in range(SOURCES):
            number, at = run * SOURCES + source + 1, START + timedelta(days=run, minutes=source)
            runs[source, run] = number, at
            db.execute(
                "insert into run (run_id, source, root_id, started_at, ended_at, end_reason, extractor, profile) "
                "values (?, ?, ?, ?, ?, 'finished', 'x', 'p')",
                (number, name(source), number, stamp(at), stamp(at + timedelta(minutes=20))),
            )
    for source in range(SOURCES):
        profile = Profile(source=name(source))
        db.execute(
            "insert into profile (profile_id, sha256, source, data) values (?, ?, ?, ?)",
            (source + 1, profile.sha256, name(source), profile.data),
        )
    seed = random.Random(1)  # noqa: S311
    waiting: list[tuple[int, int, int, int]] = []
    for document in range(1, documents + 1):
        source = document % SOURCES
        begins = 0 if document <= documents * 0.9 else seed.randrange(RUNS)
        later = seed.sample(range(begins + 1, RUNS), min(versions - 1, RUNS - 1 - begins))
        waiting += [(run, document, source, place + 1) for place, run in enumerate([begins, *sorted(later)])]
        url = f"https://{name(source)}.example/zc/t{document}.html"
        db.execute(
            "insert into resource (resource_id, url, source, role) values (?, ?, ?, 'main')",
            (document, url, name(source)),
        )
        since = stamp(runs[source, begins][1])
        state = "gone" if document % 97 == 0 else "active"
        db.execute(
            "insert into document (document_id, source, main_id, state, state_since, state_reason) "
            "values (?, ?, ?, ?, ?, 'answers well')",
            (document, name(source), document, state, since),
        )
    waiting.sort()
    # Each sentence beside its words: to cut a million texts into words anew would take longer than all the rest.
    texts: dict[int, list[tuple[str, str]]] = {}
    pieces: dict[int, tuple[Piece, ...]] = {}
    began = time.monotonic()
    for key, (run, document, source, number) in enumerate(waiting, 1):
        root, at = runs[source, run]
        seen = stamp(at + timedelta(seconds=document % 1000))
        lines = texts.get(document)
        if lines is None:
            lines = texts[document] = [indexed(sentence(seed)) for _ in range(sentences)]
            if document % 5_000 == 1:
                lines[0] = indexed(RARE + sentence(seed))
        else:
            lines[seed.randrange(len(lines))] = indexed(sentence(seed))
        title, body = f"关于第{document}号事项的通知", "\n\n".join(line for line, _ in lines)
        after = (Piece(role=Role.MAIN, resource_id=document, snapshot_id=key),)
        db.execute(
            "insert into snapshot (snapshot_id, sha256, size_bytes, base_id, body) values (?, ?, 1, null, x'')",
            (key, f"{key:064x}"),
        )
        db.execute(
            "insert into fetch (fetch_id, run_id, resource_id, fetched_at, took_ms, status, snapshot_id) "
            "values (?, ?, ?, ?, 1, 200, ?)",
            (key, root, document, seen, key),
        )
        db.execute("insert into judgement (fetch_id, outcome, reason) values (?, 'ok', '')", (key,))
        db.execute(
            "insert into version (version_id, document_id, number, run_id, first_seen_at, resource_id, title, "
            "language, published_on, content_sha256, extractor_id, profile_id, text) "
            "values (?, ?, ?, ?, ?, ?, ?, 'zh', ?, ?, 1, ?, ?)",
            (key, document, number, root, seen, document, title, seen[:10], f"{key:064x}", source + 1, body),
        )
        db.execute(
            "insert into version_piece (version_id, ordinal, role, resource_id, snapshot_id, name) "
            "values (?, 0, 'main', ?, ?, '')",
            (key, document, key),
        )
        db.execute(
            "insert into version_index (rowid, title, text) values (?, ?, ?)",
            (key, index_words(title), " ".join(words for _, words in lines)),
        )
        db.execute(
            "insert into event (kind, source, document_id, resource_id, title, happened_at, run_id, baseline, before, "
            "after) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                "new" if number == 1 else "changed", name(source), document, document, title, seen, root,
                int(run == 0), dump_pieces(pieces.get(document, ())), dump_pieces(after),
            ),
        )  # fmt: skip
        pieces[document] = after
        if key % 50_000 == 0:
            db.execute("commit")
            db.execute("begin")
            print(f"{key} versions, {time.monotonic() - began:.0f} s", file=sys.stderr)
    db.execute("commit")
    db.close()


def name(source: int) -> str:
    """Return the name of a source."""
    return f"cn_source{source:02}"


def write_sources(folder: Path) -> None:
    """Write the files of the sources."""
    folder.mkdir(exist_ok=True)
    for source in range(SOURCES):
        (folder / f"{name(source)}.toml").write_text(
            f'publisher = "第{source}厅"\nlists = ["https://{name(source)}.example/zc/"]\ndocuments = "/zc/t"\n',
            "utf-8",
        )


def asked(documents: int) -> list[str]:
    """Return the pages to ask for."""
    common, rare, two = quote("通知"), quote(RARE), quote("图书室 补贴")
    return [
        "/", "/?baseline=1", "/?source=cn_source07", "/?kind=removed", "/?since=2026-03-01", "/?before=2500",
        "/sources", "/source/cn_source07", "/runs", "/runs?source=cn_source07", "/run/4990",
        f"/document/{documents // 2}", f"/document/{documents // 2}?version=1", f"/document/{documents // 2}/diff/1/2",
        f"/document/{documents // 2}/diff/1/2?view=side", "/search", "/search?source=cn_source07&state=gone",
        "/search?state=gone&page=3", "/search?from=2026-04-01", f"/search?q={common}", f"/search?q={common}&all=1",
        f"/search?q={rare}", f"/search?q={rare}&all=1", f"/search?q={two}&all=1", f"/search?q={quote('通')}&all=1",
        f"/search?q={common}&source=cn_source07&state=gone", f"/search?q={quote('第4711号事项')}&all=1",
        f"/search?q={common}&all=1&new=1&page=9", "/feed.atom", "/source/cn_source07/feed.atom",
        f"/search.atom?q={common}", "/today.json", "/help",
    ]  # fmt: skip


def timed(port: int, path: str) -> tuple[int, float, int]:
    """Return status, milliseconds and size of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
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


def main() -> int:
    """Command line entry; returns the exit code: 1 where a page failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--versions", type=int, default=10)
    parser.add_argument("--sentences", type=int, default=25)
    parser.add_argument("--dir", dest="folder", type=Path, required=True)
    args = parser.parse_args()
    folder: Path = args.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / f"archive-{args.documents}-{args.versions}-{args.sentences}.db"
    if not archive.exists():
        make(archive, args.documents, args.versions, args.sentences)
    write_sources(folder / "sources")
    print(f"{archive.stat().st_size / 1e6:.0f} MB")
    command = [sys.executable, "-m", "crawler", "browse", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--archive", str(archive), "--sources", str(folder / "sources")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    failed = 0
    try:
        line = process.stdout.readline() if process.stdout else ""
        port = urlsplit(line.split()[0]).port or 0
        print(f"{'first':>8} {'again':>8} {'computing':>9} {'KB':>6}  page")
        for path in asked(args.documents):
            status, first, size = timed(port, path)
            before = computed(process.pid)
            again = statistics.median(timed(port, path)[1] for _ in range(TIMES))
            work = (computed(process.pid) - before) / TIMES
            failed += status != 200
            note = "" if status == 200 else f" {status}"
            print(f"{first:8.0f} {again:8.0f} {work:9.0f} {size / 1000:6.0f}  {path}{note}")
    finally:
        process.terminate()
        process.wait(20)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
