"""Scrapy that only fetches: what no crawler built on it can be faster than.

    python fetching.py URLS [VALIDATORS]

URLS: a file of addresses, one a line.  VALIDATORS: JSON of address -> headers to ask by.  Prints how many answers
came as they should: 200, or 304 where there are validators.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess

SETTINGS = {
    "LOG_LEVEL": "ERROR",
    "ROBOTSTXT_OBEY": False,
    "COOKIES_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "CONCURRENT_REQUESTS": 64,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
    "DOWNLOAD_DELAY": 0,
}


class Fetching(scrapy.Spider):
    """Asks for every address once."""

    name = "fetching"

    def __init__(self, urls: list[str], validators: dict[str, dict[str, str]]) -> None:
        super().__init__()
        self.urls, self.validators, self.right = urls, validators, 0

    async def start(self) -> AsyncIterator[Any]:
        """Yield the requests."""
        for url in self.urls:
            headers = self.validators.get(url, {})
            yield scrapy.Request(url, headers=headers, meta={"handle_httpstatus_list": [304]}, dont_filter=True)

    def parse(self, response: scrapy.http.Response) -> None:
        """Count the answer."""
        self.right += response.status == (304 if self.validators else 200)


def main() -> None:
    """Fetch, and print how many answers were right."""
    urls = Path(sys.argv[1]).read_text("utf-8").split()
    validators = json.loads(Path(sys.argv[2]).read_text("utf-8")) if len(sys.argv) > 2 else {}
    process = CrawlerProcess(SETTINGS)
    crawler = process.create_crawler(Fetching)
    process.crawl(crawler, urls=urls, validators=validators)
    process.start()
    print(crawler.spider.right if isinstance(crawler.spider, Fetching) else 0)


if __name__ == "__main__":
    main()
