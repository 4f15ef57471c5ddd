"""Peak memory of a crawl by how many documents its source is known to have.

    python -m bench.memory [COUNT ...]

For each count an archive with so many documents is made, and a crawl over it that asks for a few hundred of
them, on loopback. Prints a line per count; the memory of a crawl should depend little on what is known.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from crawler.derive import Deriver, Tally
from crawler.extract import Rules, identity
from crawler.profile import Profile
from spiders.loader import load
from storage import Archive, Listed
from storage.model import Answer, Block, BlockKind, Extraction, Fields, Role, RunEnd, Signs

COUNTS = (1_000, 20_000)
ASKED = 300
NAME = "cn_memory"
TEXT = "各有关单位应当按照本通知的要求，于三十个工作日内完成自查并报送情况，不得迟报、漏报或者瞒报。" * 30


class Site(BaseHTTPRequestHandler):
    """Answers every address: the list with nothing, all others with a notice of their own."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Send a page."""
        text = "" if self.path in ("/list.html", "/robots.txt") else f"<h1>通知</h1><p>{self.path}</p><p>{TEXT}</p>"
        body = f"<html><head><title>通知</title></head><body>{text}</body></html>".encode()
        self.send_response(404 if self.path == "/robots.txt" else 200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep silent."""


def write_source(folder: Path, origin: str) -> None:
    """Write the file of the source."""
    (folder / f"{NAME}.toml").write_text(
        f'publisher = "x"\nlists = ["{origin}/list.html"]\ndocuments = "^/doc/"\ndelay = 0\nfollow = false\n'
        f"budget = {{ pages = {ASKED} }}\n",
        "utf-8",
    )


def make(path: Path, folder: Path, origin: str, count: int) -> None:
    """Make an archive whose source has had one run with so many documents."""
    source, profile, extractor = load(folder).get(NAME), Profile(source=NAME), identity(Rules())
    at = datetime(2024, 5, 6, tzinfo=UTC)
    with Archive.open(path, create=True) as archive:
        run = archive.begin_run(NAME, at=at, extractor=extractor, profile=profile.sha256)
        for start in range(0, count, 1_000):
            with archive.write():
                for number in range(start, min(count, start + 1_000)):
                    at += timedelta(seconds=1)
                    url = f"{origin}/doc/{number:06}.html"
                    (place,) = archive.add_listings(run, [Listed(url=url, role=Role.MAIN)], found_on=None, at=at)
                    answer = Answer(
                        url=url,
                        requested_at=at,
                        fetched_at=at,
                        status=200,
                        body=f"{number}{TEXT}".encode(),
                        content_type="text/html",
                    )
                    fetch = archive.record(run, place.resource_id, answer)
                    text = f"{number}{TEXT}"
                    made = Extraction(
                        blocks=(Block(kind=BlockKind.PARAGRAPH, text=text),),
                        fields=Fields(title=f"通知{number}"),
                        signs=Signs(visible_chars=len(text)),
                    )
                    archive.save_extraction(place.resource_id, fetch.snapshot_id or 0, extractor, made)
        deriver = Deriver(archive, source, extractor=extractor, profile=profile)
        for _ in deriver.chain(run, announce=True, tally=Tally()):
            pass
        archive.close_run(run.run_id, RunEnd.FINISHED, at=at)


def crawl(path: Path, folder: Path, host: str) -> tuple[float, float]:
    """Crawl, and return the peak memory of the crawling process in megabytes, and the seconds it took."""
    started = time.monotonic()
    command = [sys.executable, "-m", "crawler", "crawl", NAME, "--archive", str(path), "--sources", str(folder)]
    process = subprocess.Popen([*command, "--allow", host], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(process.returncode)
    return usage.ru_maxrss / 1024, time.monotonic() - started


def main(counts: tuple[int, ...]) -> None:
    """Measure each count and print a line."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{server.server_address[1]}"
    for count in counts:
        with tempfile.TemporaryDirectory() as name:
            folder, path = Path(name), Path(name) / "archive.db"
            write_source(folder, f"http://{host}")
            started = time.monotonic()
            make(path, folder, f"http://{host}", count)
            made_s = time.monotonic() - started
            peak, took_s = crawl(path, folder, host)
            size = path.stat().st_size / 2**20
            print(
                f"{count:>7,} known: peak {peak:.0f} MB, {ASKED} asked in {took_s:.1f} s; "
                f"archive of {size:.0f} MB made in {made_s:.0f} s",
                flush=True,
            )
    server.shutdown()


if __name__ == "__main__":
    main(tuple(int(text) for text in sys.argv[1:]) or COUNTS)
