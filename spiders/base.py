"""The contract of a spider: it asks for what a frontier names and passes on what comes; it decides nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import scrapy
from scrapy.http import Response
from twisted.python.failure import Failure

from spiders.discovery import discover
from spiders.forms import filled
from spiders.posting import FROM_PAGE, body_type, parted
from spiders.source import Source
from storage.model import Role

# What a browser renders, for sources that say so; files, maps and feeds need none.
RENDERED = (Role.LIST, Role.MAIN, Role.PART)
# Workers of a page would ask beside it; its goto timeout is that of any other request.
RENDERING: dict[str, Any] = {"playwright": True, "playwright_context_kwargs": {"service_workers": "block"}}
RENDERER = "crawler.rendering.RenderingHandler"
# Scrapy scatters a delay around its mean, by this share of it.
JITTER = 0.2
# A request may leave later than it was planned, and the next one not: some room keeps them apart on the wire.
PACE_MARGIN_S = 0.05
# Scrapy looks when a host may be asked next only where there is a delay: without one, a host that asked for a
# pause would get none.
LEAST_DELAY_S = 0.001


def scattered(delay_s: float) -> float:
    """Return the mean that makes Scrapy's scatter never shorter than a delay.  Pure."""
    return (delay_s + PACE_MARGIN_S) / (1 - JITTER) if delay_s else LEAST_DELAY_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """An address to ask for.  hops: how many redirects led here."""

    url: str
    resource_id: int
    role: Role
    hops: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """The page that names an address, as it was last seen: the fields of its form go into what is asked with it."""

    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came of a visit, on its way to the pipeline: a response, or else a failure."""

    visit: Visit
    response: Response | None = None
    failure: Failure | None = None


class Frontier(Protocol):
    """What knows which addresses are due, and waits where there may be more to come."""

    def visits(self) -> AsyncIterator[Visit]:
        """Yield each due address once; end when nothing is due and nothing is under way."""
        ...

    def naming(self, visit: Visit) -> Naming | None:
        """Return the newest page that names an address; None where none is held."""
        ...


class SourceSpider(scrapy.Spider):
    """One source as a spider.

    frontier: set by the crawler when the spider is opened.
    find: how answers are read for addresses; a spider of one site may put its own function here.
    """

    source: Source
    frontier: Frontier | None = None
    find = staticmethod(discover)

    async def start(self) -> AsyncIterator[Any]:
        """Yield a request for each visit of the frontier."""
        if self.frontier is None:
            return
        async for visit in self.frontier.visits():
            yield self.request(visit)

    def request(self, visit: Visit) -> scrapy.Request:
        """Return the request for one visit.

        dont_filter: the frontier names an address once a run; Scrapy's filter would only lose revisits.
        handle_httpstatus_all: every answer is evidence, also an error page.
        """
        # Without a proxy it says so: else Scrapy would take one from the environment, and the gate would not see
        # which addresses it contacts.
        meta: dict[str, Any] = {"visit": visit, "handle_httpstatus_all": True, "proxy": self.source.proxy}
        address, body = parted(visit.url)
        if self.source.browser and body is None and visit.role in RENDERED:
            meta |= RENDERING
        headers = {"Accept-Language": self.source.language}
        if body is not None and FROM_PAGE in body and self.frontier is not None:
            page = self.frontier.naming(visit)
            body = filled(body, page.body, page.content_type) if page is not None else body
        if body is not None:
            headers["Content-Type"] = body_type(body)
        return scrapy.Request(
            address,
            method="GET" if body is None else "POST",
            body=body,
            callback=self.answer,
            errback=self.failure,
            dont_filter=True,
            headers=headers,
            meta=meta,
        )

    def answer(self, response: Response) -> Iterator[Reply]:
        """Yield the reply for an answer."""
        yield Reply(visit=response.meta["visit"], response=response)

    def failure(self, failure: Failure) -> Iterator[Reply]:
        """Yield the reply for a request that got no answer."""
        yield Reply(visit=failure.request.meta["visit"], failure=failure)  # type: ignore[attr-defined]


def spider_class(source: Source, base: type[SourceSpider] = SourceSpider) -> type[SourceSpider]:
    """Return the spider class of a source; pure."""
    settings: dict[str, Any] = {
        "DOWNLOAD_DELAY": scattered(source.delay_s),
        "CONCURRENT_REQUESTS_PER_DOMAIN": source.concurrent,
    }
    if source.browser:
        settings["DOWNLOAD_HANDLERS"] = {"http": RENDERER, "https": RENDERER}
    return type(
        base.__name__,
        (base,),
        {
            "__module__": base.__module__,
            "__doc__": base.__doc__,
            "name": source.name,
            "source": source,
            "custom_settings": {**(base.custom_settings or {}), **settings},
        },
    )
