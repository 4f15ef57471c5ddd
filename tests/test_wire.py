"""Answers that are no proper HTTP: each costs its own address only, and each has an outcome."""

from __future__ import annotations

import gzip
import socketserver
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.model import Outcome
from tests.crawling import Crawls, notice

BODY = notice("关于做好有关工作的通知", "第一条。").encode()
TYPE = b"Content-Type: text/html; charset=utf-8\r\n"
STORED = {Outcome.OK}
FAILED = {Outcome.UNREACHABLE, Outcome.TRUNCATED, Outcome.TOO_LARGE}


def answer(headers: bytes, body: bytes = BODY) -> bytes:
    """Return an answer with status 200."""
    return b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + TYPE + headers + b"\r\n" + body


def chunk(size: bytes, body: bytes = BODY) -> bytes:
    """Return a body in one chunk, and its end."""
    return size + b"\r\n" + body + b"\r\n0\r\n\r\n"


LENGTH = b"%x" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked\r\n"
PLAIN = answer(b"Content-Length: %d\r\n" % len(BODY))
# By name: what is sent, and what may be made of it.
ANSWERS: dict[str, tuple[bytes, set[Outcome]]] = {
    "plain": (PLAIN, STORED),
    "no length": (answer(b""), STORED),
    "negative length": (answer(b"Content-Length: -5\r\n"), FAILED),
    "length in words": (answer(b"Content-Length: many\r\n"), FAILED),
    "two lengths": (answer(b"Content-Length: 10\r\nContent-Length: %d\r\n" % len(BODY)), FAILED),
    "too long a length": (answer(b"Content-Length: %d\r\n" % (len(BODY) + 99)), FAILED),
    "fifty gigabytes": (answer(b"Content-Length: 50000000000\r\n"), FAILED),
    "chunks": (answer(CHUNKED, chunk(LENGTH)), STORED),
    "chunks without an end": (answer(CHUNKED, LENGTH + b"\r\n" + BODY), FAILED),
    "a chunk of negative size": (answer(CHUNKED, chunk(b"-5")), FAILED),
    "a chunk of all memory": (answer(CHUNKED, chunk(b"F" * 16)), FAILED),
    "a flood of extensions": (answer(CHUNKED, chunk(LENGTH + b";a=b" * 100_000)), FAILED),
    "a flood of headers": (answer(b"".join(b"X-%d: a\r\n" % n for n in range(30_000))), STORED | FAILED),
    "a header of one megabyte": (answer(b"X-A: " + b"a" * 1_000_000 + b"\r\n"), FAILED),
    "a header without a colon": (answer(b"nonsense\r\n: none\r\n"), STORED | FAILED),
    "no HTTP": (BODY, FAILED),
    "two bytes": (b"\x00\x01", FAILED),
    "nothing": (b"", FAILED),
    "a status in words": (b"HTTP/1.1 abc Odd\r\n" + TYPE + b"\r\n" + BODY, FAILED),
    "a status beyond all numbers": (b"HTTP/1.1 2" + b"0" * 30 + b" Odd\r\n" + TYPE + b"\r\n" + BODY, FAILED),
    "status 999": (b"HTTP/1.1 999 Odd\r\n" + TYPE + b"\r\n" + BODY, {Outcome.HTTP_ERROR}),
    "a flood of 100": (b"HTTP/1.1 100 Continue\r\n\r\n" * 5_000 + PLAIN, STORED | FAILED),
    "another protocol": (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nx", FAILED),
    "304 without a question": (b"HTTP/1.1 304 Not Modified\r\n\r\n", {Outcome.HTTP_ERROR, Outcome.EMPTY}),
    "206 without a question": (PLAIN.replace(b"200 OK", b"206 Partial Content"), {Outcome.CHALLENGE}),
    "gzip in members": (
        answer(b"Content-Encoding: gzip\r\n", gzip.compress(BODY[:500]) + gzip.compress(BODY[500:])),
        STORED,
    ),
    "gzip that is none": (answer(b"Content-Encoding: gzip\r\n"), STORED | FAILED),
    "gzip cut": (answer(b"Content-Encoding: gzip\r\n", gzip.compress(BODY)[:-30]), FAILED),
    "deflate cut": (answer(b"Content-Encoding: deflate\r\n", zlib.compress(BODY)[:-30]), FAILED),
    "200 encodings": (answer(b"Content-Encoding: " + b", ".join([b"gzip"] * 200) + b"\r\n"), FAILED),
}


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        """Send what stands under the number in the path."""
        line = self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        number = line.split(b"/")[-2].split(b".")[0].partition(b" ")[0]
        raw = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        if number.isdigit():
            raw = list(ANSWERS.values())[int(number)][0]
        try:
            self.wfile.write(raw)
        except OSError:
            return  # who asked has had enough


@pytest.fixture
def wire() -> Iterator[str]:
    """Return the origin of a server that sends the answers as they are."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_each_answer_has_an_outcome(
    wire: str, archive_path: Path, sources_dir: Path, environment: dict[str, str]
) -> None:
    crawls = Crawls(archive_path, sources_dir, environment, [wire.removeprefix("http://")])
    urls = {name: f"{wire}/{number}.html" for number, name in enumerate(ANSWERS)}
    # Each is a source of its own: the failures of one are none of the others'.
    names = [crawls.source(f"xx_n{number}", urls=[url]) for number, url in enumerate(urls.values())]
    crawls.run(*names)
    with crawls.open() as archive:
        for name, url in urls.items():
            found = archive.resource_id(url)
            assert found is not None, name
            fetch = archive.last_answer(found, archive.newest_fetch_id())
            assert fetch is not None, name
            assert fetch.outcome in ANSWERS[name][1], (name, fetch.outcome, fetch.reason)
            assert fetch.reason and "\n" not in fetch.reason
        stored = {document.url for document in archive.documents() if document.versions}
    assert urls["plain"] in stored and urls["gzip in members"] in stored
