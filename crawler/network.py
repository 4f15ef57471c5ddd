"""The download handler: Scrapy's, without requests that nobody records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class RecordedHandler(HTTP11DownloadHandler):
    """Asks once for what is asked once.

    Twisted asks again by itself when a kept connection breaks; that request would be unknown to the archive,
    to the delay between requests and to the bound on connections.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool.retryAutomatically = False
