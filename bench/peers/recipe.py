"""The usual recipe: Scrapy, trafilatura in the callback, a pipeline into SQLite.

    python recipe.py URLS DATABASE

Prints how many rows with a text it wrote.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import scrapy
import trafilatura
from scrapy.crawler import CrawlerProcess
from trafilatura.settings import Document

SETTINGS = {
    "LOG_LEVEL": "ERROR",
    "ROBOTSTXT_OBEY": False,
    "COOKIES_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "CONCURRENT_REQUESTS": 64,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
    "DOWNLOAD_DELAY": 0,
}


class Store:
    """Writes items as tutorials show it: a row and a commit for each."""

    def open_spider(self, spider: scrapy.Spider) -> None:
        """Make the table."""
        self.db = sqlite3.connect(sys.argv[2])
        self.db.execute("create table if not exists page (url text primary key, title text, date text, text text)")

    def close_spider(self, spider: scrapy.Spider) -> None:
        """Close the database."""
        self.db.close()

    def process_item(self, item: dict[str, Any], spider: scrapy.Spider) -> dict[str, Any]:
        """Write one row."""
        self.db.execute("insert or replace into page values (:url, :title, :date, :text)", item)
        self.db.commit()
        return item


class Recipe(scrapy.Spider):
    """Extracts each page as it comes."""

    name = "recipe"
    custom_settings = {"ITEM_PIPELINES": {Store: 100}}  # noqa: RUF012 - as Scrapy declares it

    def __init__(self, urls: list[str]) -> None:
        super().__init__()
        self.urls = urls

    async def start(self) -> AsyncIterator[Any]:
        """Yield the requests."""
        for url in self.urls:
            yield scrapy.Request(url, dont_filter=True)

    def parse(self, response: scrapy.http.Response) -> Iterator[dict[str, Any]]:
        """Yield what trafilatura finds."""
        found = trafilatura.bare_extraction(response.body, url=response.url, with_metadata=True)
        if isinstance(found, Document):
            yield {"url": response.url, "title": found.title, "date": found.date, "text": found.text}


def main() -> None:
    """Crawl, and print how many rows there are."""
    process = CrawlerProcess(SETTINGS)
    process.crawl(Recipe, urls=Path(sys.argv[1]).read_text("utf-8").split())
    process.start()
    with sqlite3.connect(sys.argv[2]) as db:
        print(db.execute("select count(*) from page where text != ''").fetchone()[0])


if __name__ == "__main__":
    main()
