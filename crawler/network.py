"""The downloader and its handler: Scrapy's, without requests that nobody records, or too many at once."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scrapy.core.downloader import Downloader, Slot
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest, ResponseDataLossError
from scrapy.http import Response
from twisted.web.client import HTTPConnectionPool

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from scrapy import Request
    from scrapy.crawler import Crawler
    from twisted.internet.defer import Deferred

CHUNK_BYTES = 256 * 1024


class CountingDownloader(Downloader):
    """Counts a request as under way from the moment it is let through.

    Scrapy 2.19 does so a little later, when the event loop comes to it. Without a delay all that wait for a host
    are let through until then, whatever the bound on requests at once; with a short one two are, on a busy machine.
    """

    def _wait_for_download(
        self, slot: Slot, request: Request, queue_dfd: Deferred[Response]
    ) -> Coroutine[Any, Any, None]:
        slot.transferring.add(request)
        return super()._wait_for_download(slot, request, queue_dfd)


class KeptConnections(HTTPConnectionPool):
    """Keeps connections for the next request, but none of an HTTP/1.0 server that does not offer to keep it.

    Such a server ends each after its answer. Twisted keeps it all the same, and a request that goes out before the
    end is noticed is lost.
    """

    def _putConnection(self, key: Any, connection: Any) -> None:
        parser = connection._parser
        offered = parser.connHeaders.getRawHeaders(b"Connection", ())
        if parser.response.version < (b"HTTP", 1, 1) and not any(b"keep-alive" in each.lower() for each in offered):
            connection.transport.loseConnection()
        else:
            super()._putConnection(key, connection)  # type: ignore[no-untyped-call]


class RecordedHandler(HTTP11DownloadHandler):
    """Asks once for what is asked once.

    Twisted asks again by itself when a kept connection breaks; that request would be unknown to the archive,
    to the delay between requests and to the bound on connections.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        made = self._pool
        self._pool = KeptConnections(made._reactor, persistent=True)  # type: ignore[no-untyped-call]
        self._pool._factory, self._pool.maxPersistentPerHost = made._factory, made.maxPersistentPerHost
        self._pool.retryAutomatically = False
        self._crawler = crawler

    async def download_request(self, request: Request) -> Response:
        """Note when the request goes out, whatever comes of it.

        Raises OutsideHours where it may not begin now: what waited behind a delay was let through earlier.
        """
        require_hours(self._crawler)
        request.meta["sent_at"] = datetime.now(UTC)
        return await super().download_request(request)


def require_hours(crawler: Crawler) -> None:
    """Raise OutsideHours where no request of the crawler's run may begin now."""
    crawl = getattr(crawler.spider, "crawl", None)
    if crawl is not None:
        crawl.require_hours()


class BoundedUnpacking(HttpCompressionMiddleware):
    """Unpacks as Scrapy does, and says in words that tell what is too large or ends too early."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """Raise DownloadCancelledError where a packed body unpacks to more than an answer may have.

        Raises ResponseDataLossError where it ends too early.
        """
        encoding = response.headers.get("Content-Encoding") or b""  # Scrapy takes it out
        try:
            unpacked = super().process_response(request, response)
        except IgnoreRequest as error:
            raise DownloadCancelledError(str(error)) from error
        if isinstance(unpacked, Response) and not is_as_long_as_said(response.body, len(unpacked.body)):
            most = int(request.meta.get("download_maxsize") or self._max_size)
            if is_cut(response.body, encoding, most_bytes=most):
                raise ResponseDataLossError("packed data that ends too early")
        return unpacked


def is_as_long_as_said(packed: bytes, unpacked_bytes: int) -> bool:
    """Tell whether a gzip stream unpacked to the length that stands in its last four bytes (RFC 1952).  Pure.

    Not so where it is cut, where something follows it, or where it is no gzip.
    """
    return len(packed) >= 18 and int.from_bytes(packed[-4:], "little") == unpacked_bytes % 2**32


def is_cut(body: bytes, encoding: bytes, *, most_bytes: int) -> bool:
    """Tell whether a packed body ends before its end mark: Scrapy would unpack what is there.  Pure.

    encoding: the Content-Encoding header; gzip and deflate are looked at.
    most_bytes: what unpacks to more is too large, cut or not, and is not read to its end.
    """
    name = encoding.strip().lower()
    if not body or name not in (b"gzip", b"x-gzip", b"deflate"):
        return False
    # 47 reads both gzip and zlib by their heads; deflate may also come without one.
    raw = name == b"deflate" and not (body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0)
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS if raw else 47)
    rest, unpacked = body, 0
    try:
        while rest and not unpacking.eof:
            unpacked += len(unpacking.decompress(rest, CHUNK_BYTES))
            if unpacked > most_bytes:
                return False
            rest = unpacking.unconsumed_tail
    except zlib.error:
        return False  # not what it says it is: that is another fault
    return not unpacking.eof
