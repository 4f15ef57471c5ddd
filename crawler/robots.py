"""robots.txt (RFC 9309): asked for once a run and host, or a day, recorded like every other answer."""

from __future__ import annotations

import asyncio
import re
from time import monotonic
from typing import TYPE_CHECKING, Protocol, Self
from urllib.parse import urljoin, urlsplit

from protego import Protego
from scrapy.exceptions import IgnoreRequest

from spiders.base import Visit
from spiders.source import Source
from storage import Archive
from storage.model import Fetch, Role

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

# RFC 9309, 2.5 and 2.3.1.2: at least 500 KiB are read, at least five redirects followed.
READ_BYTES = 500 * 1024
REDIRECTS = 5
DELAY_CAP_S = 60.0
_VERSION = re.compile(r"(?im)^([ \t]*user-agent[ \t]*:[ \t]*[a-z_-]+)/[^#\r\n]*")
# And 2.4: rules are good for a day.
TRUSTED_S = 24 * 3_600.0


class Clocked(Protocol):
    """A machine that lets a second count for several."""

    @property
    def clock_scale(self) -> float:
        """How many."""
        ...


class Asking(Protocol):
    """What a run does for its robots.txt: asks on record, and slows down."""

    archive: Archive
    source: Source
    machine: Clocked

    async def ask(self, url: str, role: Role) -> Fetch:
        """Ask for an address and record what comes."""
        ...

    def set_delay(self, host: str, delay_s: float) -> None:
        """Have a host asked at most once in that time."""
        ...


def parsed(body: bytes) -> Protego:
    """Return the rules of a robots.txt.  Pure.

    A version behind a name is no part of it: "policytrail/1.0" means us (RFC 9309, 2.2.1).
    """
    return Protego.parse(_VERSION.sub(r"\1", body.decode("utf-8-sig", "replace")))


class DisallowedByRobots(IgnoreRequest):
    """An address that robots.txt keeps us from, or whose robots.txt cannot be had now."""


class RobotsMiddleware:
    """Keeps to robots.txt: its rules and its Crawl-delay."""

    def __init__(self, crawler: Crawler, agent: str) -> None:
        self._crawler = crawler
        self._agent = agent
        self._rules: dict[str, asyncio.Future[Protego | None]] = {}
        self._said: dict[str, str] = {}
        self._asked_at: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the name to look for in robots.txt from ROBOTSTXT_USER_AGENT."""
        return cls(crawler, crawler.settings.get("ROBOTSTXT_USER_AGENT") or "policytrail")

    async def process_request(self, request: Request) -> None:
        """Raise DisallowedByRobots where the rules forbid the address."""
        visit = request.meta.get("visit")
        if not isinstance(visit, Visit) or visit.role is Role.ROBOTS:
            return
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._rules or (self._rules[origin].done() and self._age_s(origin) > TRUSTED_S):
            self._asked_at[origin] = monotonic()
            self._rules[origin] = asyncio.ensure_future(self._ask(origin, parts.netloc))
        rules = await asyncio.shield(self._rules[origin])
        if rules is None:
            raise DisallowedByRobots(f"{origin}/robots.txt cannot be had now ({self._said.get(origin, 'no answer')})")
        if not rules.can_fetch(request.url, self._agent):
            raise DisallowedByRobots("robots.txt forbids it")

    def _age_s(self, origin: str) -> float:
        crawl: Asking = self._crawler.spider.crawl  # type: ignore[union-attr]
        return (monotonic() - self._asked_at[origin]) * crawl.machine.clock_scale

    def allows(self, url: str) -> bool:
        """Tell whether the rules had so far let an address be asked for; of an origin without any, yes."""
        parts = urlsplit(url)
        known = self._rules.get(f"{parts.scheme}://{parts.netloc}")
        rules = known.result() if known is not None and known.done() and not known.cancelled() else None
        return rules is None or bool(rules.can_fetch(url, self._agent))

    async def _ask(self, origin: str, host: str) -> Protego | None:
        """Return the rules of an origin; None where the answer may come later: 5xx, or no answer at all."""
        crawl: Asking = self._crawler.spider.crawl  # type: ignore[union-attr]
        url = f"{origin}/robots.txt"
        for _ in range(REDIRECTS + 1):
            fetch = await crawl.ask(url, Role.ROBOTS)
            self._said[origin] = fetch.detail or fetch.error or f"status {fetch.status}"
            if fetch.status is None:
                return None if fetch.error != "gate" else Protego.parse("")
            if 300 <= fetch.status < 400 and fetch.status != 304:
                if not fetch.location:
                    return Protego.parse("")
                url = urljoin(url, fetch.location)
                continue
            if fetch.status >= 500 or fetch.status == 429 or (fetch.status == 304 and fetch.snapshot_id is None):
                return None
            if fetch.status >= 400 or fetch.snapshot_id is None:
                return Protego.parse("")
            body = crawl.archive.snapshot(fetch.snapshot_id).body[:READ_BYTES]
            rules = parsed(body)
            self._slow_down(host, rules, crawl)
            return rules
        return Protego.parse("")

    def _slow_down(self, host: str, rules: Protego, crawl: Asking) -> None:
        asked = rules.crawl_delay(self._agent)
        if asked is None:
            return
        delay = max(crawl.source.delay_s, min(float(asked), DELAY_CAP_S))
        crawl.set_delay(host, delay)
