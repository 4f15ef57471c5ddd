"""The download handler of sources that are read with a browser; imported only for those."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error as BrowserError
from scrapy.exceptions import DownloadCancelledError
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler
from scrapy_playwright.page import PageMethod

from crawler.browser import UNNEEDED, failed, made_of, settle, stamp_sent
from crawler.browser_gate import BrowserGate
from crawler.gate import allow_entries, refusal
from crawler.network import RecordedHandler, require_hours
from crawler.robots import RobotsMiddleware
from spiders.source import Source

if TYPE_CHECKING:
    from playwright.async_api import Request as PageRequest
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response


class RenderingHandler(ScrapyPlaywrightDownloadHandler, RecordedHandler):  # type: ignore[misc]
    """Has lists and documents rendered, one page at a time; all else is asked for as always."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        source: Source = crawler.spidercls.source  # type: ignore[attr-defined]
        self._scrapy = crawler
        self._source = source
        self._allowed = allow_entries(crawler.settings.getlist("POLICYTRAIL_ALLOW"))
        self._most = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._gate = BrowserGate(source, self._allowed)
        self._turn = asyncio.Lock()
        self._limit_s = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        self.abort_request = self.is_unwanted
        # What came of each page is recorded; its own lines would say it again, with a traceback.
        logging.getLogger("scrapy-playwright").setLevel(logging.ERROR)

    def is_unwanted(self, request: PageRequest) -> bool:
        """Tell whether a page's own request is not to be made: of no use for text, refused, or against robots.txt."""
        if request.resource_type in UNNEEDED:
            return True
        if refusal(request.url, self._source, self._allowed) is not None:
            return True
        robots = self._scrapy.get_downloader_middleware(RobotsMiddleware)
        return isinstance(robots, RobotsMiddleware) and not robots.allows(request.url)

    async def download_request(self, request: Request) -> Response:
        """Render what is marked for it; the browser is started with the first page."""
        if not request.meta.get("playwright"):
            answer: Response = await RecordedHandler.download_request(self, request)
            return answer
        async with self._turn:
            require_hours(self._scrapy)
            return await self._rendered(request)

    async def _rendered(self, request: Request) -> Response:
        if "proxy" not in self.config.launch_options:
            # No bypass: loopback goes through the gate like everything else.
            self.config.launch_options["proxy"] = {"server": await self._gate.start()}
        self._gate.refused = ""
        meta: dict[str, Any] = request.meta
        meta["playwright_page_methods"] = [PageMethod(settle)]
        stamp_sent(meta)
        try:
            async with asyncio.timeout(2 * self._limit_s):
                response: Response = await super().download_request(request)
            return made_of(request.url, response, meta, most_bytes=self._most)
        except DownloadCancelledError:
            raise
        except (BrowserError, TimeoutError, OSError) as error:
            raise failed(error, self._gate.refused) from error

    async def close(self) -> None:
        """End the browser and its way out."""
        await super().close()
        await self._gate.close()
