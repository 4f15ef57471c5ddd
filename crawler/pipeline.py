"""Response or failure to fetch row: the only pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from twisted.internet import error as network
from twisted.web.client import ResponseFailed

from crawler.gate import RefusedByGate
from crawler.revisit import believable
from crawler.robots import DisallowedByRobots
from spiders.address import canonicalize
from spiders.base import Reply
from storage.model import Answer

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

FAILURES: tuple[tuple[type[BaseException], str], ...] = (
    (RefusedByGate, "gate"),
    (DisallowedByRobots, "robots"),
    (ResponseDataLossError, "truncated"),
    (DownloadCancelledError, "too_large"),
    (DownloadTimeoutError, "timeout"),
    (network.TimeoutError, "timeout"),
    (CannotResolveHostError, "dns"),
    (network.DNSLookupError, "dns"),
    (DownloadConnectionRefusedError, "refused"),
    (network.ConnectionRefusedError, "refused"),
    (network.SSLError, "tls"),
    (DownloadFailedError, "connection"),
    (ResponseFailed, "connection"),
    (network.ConnectError, "connection"),
    (network.ConnectionClosed, "connection"),
    (OSError, "connection"),
)
DETAIL_CHARS = 200
HEADER_BYTES = 16 * 1024
# Who holds one of these may act for us, and no archive is the place for it.
SECRET_HEADERS = (b"set-cookie", b"set-cookie2", b"authorization", b"proxy-authorization", b"cookie")


class RecordPipeline:
    """Hands every reply to the run, which records it before anything else happens to it."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Keep the crawler; the run hangs on its spider."""
        return cls(crawler)

    async def process_item(self, item: Any) -> Any:
        """Record a reply and read it for further addresses."""
        if isinstance(item, Reply):
            await self._crawler.spider.crawl.take(item)  # type: ignore[union-attr]
        return item


def from_response(url: str, response: Response, *, at: datetime) -> Answer:
    """Return a response as an answer.  Pure.

    url: the address that was asked for.  at: when it came, where the handler did not note it.
    """
    request: Request | None = response.request
    meta = request.meta if request is not None else {}
    fetched_at = meta.get("came_at") or at
    if not 100 <= response.status <= 999:
        return Answer(
            url=url,
            requested_at=meta.get("sent_at") or fetched_at,
            fetched_at=fetched_at,
            error="connection",
            detail=f"no HTTP: status {str(response.status)[:20]}",
        )
    location = None
    if 300 <= response.status < 400 and response.status != 304:
        location = canonicalize(_header(response, "Location") or "", url)
    return Answer(
        url=url,
        requested_at=meta.get("sent_at") or fetched_at,
        fetched_at=fetched_at,
        status=response.status,
        error="truncated" if "dataloss" in response.flags else None,
        body=None if response.status == 304 else response.body,
        content_type=(_header(response, "Content-Type") or "")[:DETAIL_CHARS],
        etag=_short(_header(response, "ETag")),
        last_modified=believable(_short(_header(response, "Last-Modified")), fetched_at),
        location=location,
        detail="rendered by a browser" if "playwright" in response.flags else "",
        confirms=meta.get("confirms") if response.status == 304 else None,
        headers=_headers(response),
    )


def from_failure(url: str, error: BaseException, meta: Mapping[str, Any], *, at: datetime) -> Answer:
    """Return what went wrong as an answer, in a word of a fixed list and a line of detail.  Pure.

    meta: of the request; it holds when it went out, if it did.
    """
    word = next((word for kind, word in FAILURES if isinstance(error, kind)), "connection")
    # Scrapy wraps what Twisted says, and Twisted wraps what went wrong in lists of failures: the first says it.
    reasons = getattr(error, "reasons", None) or getattr(error.__cause__, "reasons", None)
    said = reasons[0].value if reasons else error
    detail = " ".join(str(said).split()) or type(said).__name__
    if detail.startswith("gate:") or "gate: " in detail:
        word = "gate"
    fetched_at = meta.get("came_at") or at
    return Answer(
        url=url,
        requested_at=meta.get("sent_at") or fetched_at,
        fetched_at=fetched_at,
        error=word,
        detail=detail[:DETAIL_CHARS],
    )


def is_known_failure(error: BaseException) -> bool:
    """Tell whether an error is of the world's making, not of ours."""
    return isinstance(error, tuple(kind for kind, _ in FAILURES))


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1").strip() if value else None


def _short(value: str | None) -> str | None:
    """Return a header value that is fit to be sent back, or None."""
    if value is None or len(value) > DETAIL_CHARS or not value.isprintable():
        return None
    return value


def _headers(response: Response) -> tuple[tuple[str, str], ...]:
    out: list[tuple[str, str]] = []
    size = 0
    for name, values in response.headers.items():
        if name.lower() in SECRET_HEADERS:
            continue
        for value in values:
            size += len(name) + len(value)
            if size <= HEADER_BYTES:
                out.append((name.decode("latin-1"), value.decode("latin-1")))
    return tuple(out)


def host_of(url: str) -> str:
    """Return the host of an address, lower case."""
    return (urlsplit(url).hostname or "").lower()
