"""How many answers a second several processes record together, into a file and on a server whose commits are on disk.

    python bench/writers.py --writers 1 2 4 8 --seconds 10 --home postgresql

Each writer is a process with a run of its own and records answers of --kilobytes, which do not compress, as a crawl
does: one transaction each. Prints a line for each number of writers: answers a second, and the computing of the
writers for one answer.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from storage import Archive, Home, Listed, home  # noqa: E402
from storage.model import Answer, Role  # noqa: E402
from tests.crawling import typed  # noqa: E402
from tests.postgres import running  # noqa: E402


def write(place: str, number: int, seconds: float, size: int, ready: Any, told: Any) -> None:
    """Record answers until the time is over, and tell how many."""
    rng = random.Random(number)  # noqa: S311
    at = datetime.now(UTC)
    with Archive.open(home(place)) as archive:
        run = archive.begin_run(f"xx_{number}", at=at, extractor="x", profile="p")
        urls = [Listed(url=f"https://h{number}.example/{each}", role=Role.MAIN) for each in range(200)]
        resources = archive.add_listings(run, urls, found_on=None, at=at)
        ready.wait()
        before = resource.getrusage(resource.RUSAGE_SELF)
        end, count = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            resource_, now = resources[count % len(resources)], datetime.now(UTC)
            answer = Answer(url=resource_.url, requested_at=now, fetched_at=now, status=200, body=rng.randbytes(size))
            archive.record(run, resource_.resource_id, answer)
            count += 1
    used = resource.getrusage(resource.RUSAGE_SELF)
    told.put((count, used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime))


@contextmanager
def place(kind: str) -> Iterator[Home]:
    """Return a home for an archive, which is made."""
    if kind == "postgresql":
        with running(durable=True) as postgres:
            yield postgres.archive()
        return
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        path = Path(folder) / "archive.db"
        Archive.open(path, create=True).close()
        yield path


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--writers", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--kilobytes", type=int, default=8)
    parser.add_argument("--home", choices=["postgresql", "file"], default="postgresql")
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    with place(options.home) as archive:
        for writers in options.writers:
            ready, told = context.Barrier(writers), context.Queue()
            processes = [
                context.Process(
                    target=write,
                    args=(typed(archive), each, options.seconds, options.kilobytes * 1024, ready, told),
                )
                for each in range(writers)
            ]
            for process in processes:
                process.start()
            found = [told.get() for _ in processes]
            for process in processes:
                process.join()
            count = sum(each for each, _ in found)
            line = {
                "home": options.home,
                "writers": writers,
                "answers_per_s": round(count / options.seconds, 1),
                "writer_cpu_ms_per_answer": round(1000 * sum(cpu for _, cpu in found) / max(count, 1), 2),
                "fewest": min(each for each, _ in found),
            }
            print(json.dumps(line), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
