from __future__ import annotations

import gzip
import socketserver
import threading
import time
import zlib
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.core.downloader import Slot
from scrapy.settings import default_settings
from twisted.internet.defer import Deferred

from crawler import settings
from crawler.network import CountingDownloader, is_as_long_as_said, is_cut
from storage.model import Outcome
from tests.crawling import Crawls, notice
from tests.site import Page, Site

MOST = 1024 * 1024
TEXT = b"<p>text</p>" * 5_000


@pytest.fixture
def crawls(site: Site, archive_path: Path, sources_dir: Path, environment: dict[str, str]) -> Crawls:
    """Crawls of one site."""
    return Crawls(archive_path, sources_dir, environment, [site.host])


@pytest.mark.parametrize(
    ("body", "encoding", "cut"),
    [
        (gzip.compress(TEXT), b"gzip", False),
        (gzip.compress(TEXT)[:-20], b"gzip", True),
        (zlib.compress(TEXT), b"deflate", False),
        (zlib.compress(TEXT)[:-20], b"deflate", True),
        (zlib.compress(TEXT, wbits=-15), b"deflate", False),
        (zlib.compress(TEXT, wbits=-15)[:-20], b"deflate", True),
        (TEXT, b"gzip", False),
        (b"", b"gzip", False),
        (b"anything", b"br", False),
    ],
)
def test_what_ends_too_early_is_cut(body: bytes, encoding: bytes, cut: bool) -> None:
    assert is_cut(body, encoding, most_bytes=MOST) is cut


@pytest.mark.parametrize(
    ("packed", "unpacked", "so"),
    [
        (gzip.compress(TEXT), TEXT, True),
        (gzip.compress(b"", mtime=0), b"", True),
        (gzip.compress(TEXT)[:-20], TEXT[:-1], False),
        (gzip.compress(TEXT) + b"more", TEXT, False),
        (TEXT, TEXT, False),
        (b"", b"", False),
    ],
)
def test_gzip_says_how_long_it_was(packed: bytes, unpacked: bytes, so: bool) -> None:
    assert is_as_long_as_said(packed, len(unpacked)) is so


def test_what_is_too_large_is_not_read_to_its_end() -> None:
    bomb = zlib.compressobj(9, wbits=31)
    block = bomb.compress(b"") + b""
    body = block + b"".join(bomb.compress(b"A" * (16 << 20)) for _ in range(32)) + bomb.flush()
    started = time.process_time()
    assert not is_cut(body, b"gzip", most_bytes=MOST)
    assert time.process_time() - started < 0.1


def test_a_bomb_is_too_large_and_asked_for_once(site: Site, crawls: Crawls) -> None:
    bomb = gzip.compress(b"<html><p>" + b"A" * (40 << 20))
    site.pages["/zc/t20240506_1.html"] = Page(bomb, {"Content-Encoding": "gzip"})
    site.pages["/zc/t20240506_2.html"] = Page(notice("通知", "第一条。"))
    crawls.source(urls=[f"{site.origin}/zc/t20240506_{n}.html" for n in (1, 2)])
    crawls.run()
    assert [request.path for request in site.requests].count("/zc/t20240506_1.html") == 1
    with crawls.open() as archive:
        found = archive.resource_id(f"{site.origin}/zc/t20240506_1.html")
        assert found is not None
        fetch = archive.last_answer(found, archive.newest_fetch_id())
        assert fetch is not None and fetch.outcome is Outcome.TOO_LARGE


def test_a_request_that_is_let_through_takes_its_place_at_once() -> None:
    slot = Slot(concurrency=1, delay=0.0)
    # Without a crawler: nothing of it is asked before the coroutine begins.
    downloader = CountingDownloader.__new__(CountingDownloader)
    begun = downloader._wait_for_download(slot, Request("http://example.org/"), Deferred())
    assert slot.free_transfer_slots() == 0
    begun.close()


# Of Scrapy's own parts these are off: what they do is done otherwise, or not at all.
OFF = {
    "DOWNLOADER_MIDDLEWARES_BASE": {
        "offsite.OffsiteMiddleware",  # the gate
        "robotstxt.RobotsTxtMiddleware",  # crawler/robots.py
        "httpauth.HttpAuthMiddleware",
        "retry.RetryMiddleware",
        "redirect.MetaRefreshMiddleware",
        "redirect.RedirectMiddleware",
        "httpcompression.HttpCompressionMiddleware",  # crawler/network.py
        "cookies.CookiesMiddleware",
        "stats.DownloaderStats",
        "httpcache.HttpCacheMiddleware",
    },
    "SPIDER_MIDDLEWARES_BASE": {
        "httperror.HttpErrorMiddleware",
        "referer.RefererMiddleware",
        "depth.DepthMiddleware",
        "metacopy.MetaCopyDetectionMiddleware",
    },
    "EXTENSIONS_BASE": {
        "logcount.LogCount",
        "telnet.TelnetConsole",
        "memdebug.MemoryDebugger",
        "feedexport.FeedExporter",
        "spiderstate.SpiderState",
        "throttle.AutoThrottle",
        "remote_control.RemoteControl",
    },
}


@pytest.mark.parametrize("name", OFF)
def test_every_part_of_scrapy_is_on_or_off_by_decision(name: str) -> None:
    theirs, ours = getattr(default_settings, name), getattr(settings, name)
    short = {part: ".".join(part.split(".")[-2:]) for part in theirs}
    assert {short[part] for part in theirs if part not in ours} == OFF[name]
    assert {part: theirs[part] for part in ours} == ours


class Closing(socketserver.StreamRequestHandler):
    """Speaks HTTP/1.0: after its answer it reads no more, and ends the connection a while later."""

    def handle(self) -> None:
        path = self.rfile.readline().split()[1]
        while self.rfile.readline().strip():
            pass
        links = "".join(f"<a href='/zc/t20240506_{n}.html'>关于{n}号事项的通知</a>" for n in range(1, 6))
        body = (notice("通知", "第一条。") if path.startswith(b"/zc/") else f"<html>{links}</html>").encode()
        self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body))
        self.wfile.write(body)
        self.wfile.flush()
        threading.Event().wait(0.3)


def test_a_connection_that_its_server_ends_is_not_used_again(
    archive_path: Path, sources_dir: Path, environment: dict[str, str]
) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Closing) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        host = f"127.0.0.1:{server.server_address[1]}"
        crawls = Crawls(archive_path, sources_dir, environment, [host])
        crawls.source(lists=[f"http://{host}/list"], documents=r"/t\d{8}_\d+\.html$")
        (summary,) = crawls.run()
        server.shutdown()
    assert (summary["asked"], summary["events"]) == (7, {"new": 5})
