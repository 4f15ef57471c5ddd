"""What a source's file allows one run to ask for: hours of the day, and requests to a host in a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from scrapy.exceptions import IgnoreRequest

from crawler.hours import until_open
from spiders.source import Source


class OutsideHours(IgnoreRequest):
    """A request that would begin outside the hours of its source: it is left for a later run."""


class Limits:
    """Counts what one run may still ask for.

    asked: how many requests went to a host since a moment, of all runs.
    """

    def __init__(self, source: Source, now: datetime, asked: Callable[[str, datetime], int]) -> None:
        self._source = source
        most = source.budget.requests_per_day
        midnight = datetime.combine(now.astimezone(ZoneInfo(source.timezone)).date(), datetime.min.time())
        since = midnight.replace(tzinfo=ZoneInfo(source.timezone)).astimezone(UTC)
        # One for robots.txt, which a run asks for before anything else.
        self._left = {host: most - 1 - asked(host, since) for host in source.hosts} if most else {}

    def closed(self, now: datetime) -> timedelta:
        """Return how long no request may begin."""
        return until_open(self._source, now)

    def spent(self) -> str | None:
        """Return a host of the start addresses to which no request may go today, if there is one."""
        hosts = (urlsplit(url).netloc for url, _ in self._source.starts())
        return next((host for host in hosts if self._left.get(host, 1) <= 0), None)

    def spend(self, url: str) -> bool:
        """Count a request before it is made; False where the day's are used up."""
        host = urlsplit(url).netloc
        if host not in self._left:
            return True
        if self._left[host] <= 0:
            return False
        self._left[host] -= 1
        return True
