"""What a source's file allows one run to ask for: hours of the day, and requests to a host in a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from scrapy.exceptions import CloseSpider, IgnoreRequest

from crawler.hours import until_open
from spiders.source import Source


class OutsideHours(IgnoreRequest):
    """A request that would begin outside the hours of its source: it is left for a later run."""


class NothingDue(CloseSpider):
    """A run for a due time that another run made good meanwhile: there is nothing left to do, and nothing is wrong."""


class Limits:
    """Counts what one run may still ask for.

    asked: how many requests went to a host since a moment, of all runs.
    day: what all runs of this process asked of each host since a moment; they share it, since several of one host
        may go on at once.
    """

    def __init__(
        self,
        source: Source,
        now: datetime,
        asked: Callable[[str, datetime], int],
        day: dict[tuple[str, datetime], int] | None = None,
    ) -> None:
        self._source = source
        self._day = day if day is not None else {}
        midnight = datetime.combine(now.astimezone(ZoneInfo(source.timezone)).date(), datetime.min.time())
        self._since = midnight.replace(tzinfo=ZoneInfo(source.timezone)).astimezone(UTC)
        most = source.budget.requests_per_day
        self._most = dict.fromkeys(source.hosts, most) if most else {}
        for host in self._most:
            key = (host, self._since)
            # One for robots.txt, which a run asks for before anything else.
            self._day[key] = 1 + max(self._day.get(key, 0), asked(host, self._since))

    def closed(self, now: datetime) -> timedelta:
        """Return how long no request may begin."""
        return until_open(self._source, now)

    def spent(self) -> str | None:
        """Return a host of the start addresses to which no request may go today, if there is one."""
        hosts = (urlsplit(url).netloc for url, _ in self._source.starts())
        return next((host for host in hosts if self._left(host) <= 0), None)

    def spend(self, url: str) -> bool:
        """Count a request before it is made; False where the day's are used up."""
        host = urlsplit(url).netloc
        if self._left(host) <= 0:
            return False
        for key in self._day:
            self._day[key] += key[0] == host
        return True

    def _left(self, host: str) -> int:
        most = self._most.get(host)
        return 1 if most is None else most - self._day[host, self._since]
