"""news-please as a library: ``python news_please.py URLS``, by an interpreter that has it installed.

URLS: a file of addresses, one a line. It fetches them by threads and extracts them in a process for each core; the
pictures that it would ask for are left out. Prints how many it made an article of, with a text or without.
"""

from __future__ import annotations

import sys
from pathlib import Path

from newsplease import NewsPlease

# Without one, each answer of 1.6.16 is empty.
REQUEST = {"timeout": 60}


def main() -> None:
    """Fetch and extract, and print how many it made an article of."""
    urls = Path(sys.argv[1]).read_text("utf-8").split()
    articles = NewsPlease.from_urls(urls, request_args=REQUEST, fetch_images=False)
    print(sum(1 for article in articles.values() if article))


if __name__ == "__main__":
    main()
