"""Runs inside Scrapy: the extension that opens and closes them, and one process for many sources."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.exceptions import CloseSpider
from scrapy.logformatter import LogFormatter

from crawler import user_agent
from crawler.browser import browser_settings, require_browser
from crawler.errors import CrawlFailedError
from crawler.gate import allow_entries
from crawler.heartbeat import Heartbeat
from crawler.hosts import Hosts
from crawler.limits import NothingDue
from crawler.run import Crawl, Machine
from crawler.watch import LogWatcher, Summary, Watcher
from crawler.workers import Workers
from spiders.base import SourceSpider
from storage import ArchiveError, home
from storage.model import RunEnd

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)


class RunExtension:
    """Opens a run when its spider is opened, and closes it when the spider is closed."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._own_workers: Workers | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to the crawler's spider."""
        self = cls(crawler)
        crawler.signals.connect(self.spider_closed, signal=signals.spider_closed)
        crawler.signals.connect(self.spider_opened, signal=signals.spider_opened)
        return self

    async def spider_opened(self, spider: Any) -> None:
        """Set the run, its frontier and its archive on the spider."""
        if not isinstance(spider, SourceSpider):
            return
        crawl: Crawl | None = getattr(spider, "crawl", None)
        if crawl is None:
            # `scrapy crawl NAME` by hand: what the command would have brought comes from the environment.
            self._own_workers = Workers()
            settings = self._crawler.settings
            machine = Machine(
                archive=home(
                    settings.get("POLICYTRAIL_ARCHIVE") or os.environ.get("POLICYTRAIL_ARCHIVE") or "policytrail.db"
                ),
                allow=tuple(settings.getlist("POLICYTRAIL_ALLOW")),
                contact=os.environ.get("POLICYTRAIL_CONTACT"),
            )
            crawl = Crawl(spider.source, machine, self._own_workers, LogWatcher())
            spider.crawl = crawl  # type: ignore[attr-defined]
        try:
            await crawl.open(self._crawler)
        except (CrawlFailedError, ArchiveError) as error:
            crawl.summary.problem = str(error)
            spider.crawl = None  # type: ignore[attr-defined]
            crawl.watcher.ended(crawl.summary)
            raise CloseSpider("refused") from error
        except NothingDue:
            logger.info("%s: another run made good meanwhile what was due", spider.source.name)
            crawl.summary.end = RunEnd.FINISHED
            spider.crawl = None  # type: ignore[attr-defined]
            crawl.watcher.ended(crawl.summary)
            raise
        crawl.find = type(spider).find
        spider.archive = crawl.archive  # type: ignore[attr-defined]
        spider.frontier = crawl.frontier

    async def spider_closed(self, spider: Any, reason: str) -> None:
        """Close the run."""
        crawl: Crawl | None = getattr(spider, "crawl", None)
        if crawl is not None and spider.frontier is not None:
            await crawl.close(reason)
        if self._own_workers is not None:
            self._own_workers.close(now=reason != "finished")


class QuietFormatter(LogFormatter):
    """Keeps page text and expected failures out of Scrapy's own log lines."""

    def scraped(self, item: Any, response: Any, spider: Any) -> Any:
        """Say nothing: the archive holds every answer."""
        return None

    def spider_error(self, failure: Any, request: Any, response: Any, spider: Any) -> Any:
        """Say it as Scrapy does."""
        return super().spider_error(failure, request, response, spider)


def crawl_sources(
    spiders: Iterable[type[SourceSpider]], machine: Machine, watcher: Watcher, *, together: int = 8
) -> list[Summary]:
    """Run sources, some at once, and return what each did, in their order.

    Blocks until all are done or a signal stops them. A reactor starts once a process, so this can be called
    once. Raises nothing for what the world does; a summary with a problem says what could not be done.
    """
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.settings import Settings

    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.set("POLICYTRAIL_ALLOW", list(machine.allow), priority="cmdline")
    settings.set("USER_AGENT", user_agent(machine.contact), priority="cmdline")
    settings.setdict(browser_settings(), priority="project")
    settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")
    allow_entries(machine.allow)

    class Process(AsyncCrawlerProcess):
        """Remembers that a signal stopped it: what waits for its turn must not begin then."""

        stopping = False

        async def stop(self) -> None:
            self.stopping = True
            await super().stop()

    process = Process(settings)
    chosen = list(spiders)
    summaries: list[Summary] = []
    heartbeat = Heartbeat()

    async def drive(workers: Workers) -> None:
        slots = asyncio.Semaphore(together)
        hosts = Hosts(machine.archive, [spider.source for spider in chosen])

        async def one(spider: type[SourceSpider]) -> None:
            crawl = Crawl(spider.source, machine, workers, watcher, hosts)
            summaries.append(crawl.summary)
            # What waits for its turn keeps no slot from the others.
            async with hosts.turn(spider.source), slots:
                if process.stopping:
                    return
                try:
                    # Before Scrapy loads what needs it, and shows where that failed.
                    require_browser(spider.source)
                except CrawlFailedError as error:
                    crawl.summary.problem = str(error)
                    watcher.ended(crawl.summary)
                    return
                with heartbeat.noting(crawl.summary):
                    await process.crawl(process.create_crawler(spider), crawl=crawl)

        watching = asyncio.ensure_future(heartbeat.beat())
        try:
            await asyncio.gather(*(one(spider) for spider in chosen))
        finally:
            watching.cancel()
            logger.debug("event loop stood still for %.1f s at most", heartbeat.longest_s)

    from twisted.internet import reactor as installed

    reactor: Any = installed
    with Workers() as workers:
        failures: list[BaseException] = []

        def end(task: asyncio.Task[None]) -> None:
            error = None if task.cancelled() else task.exception()
            if error is not None:
                failures.append(error)
            if reactor.running and not process.stopping:
                reactor.stop()

        def begin() -> None:
            asyncio.ensure_future(drive(workers)).add_done_callback(end)

        reactor.callWhenRunning(begin)
        process.start(stop_after_crawl=False)
        if failures:
            raise failures[0]
    return summaries
