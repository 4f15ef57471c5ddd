"""Our extraction alone, on two cores, of pages that lie on the disk: ``python two_cores.py FOLDER``.

FOLDER holds ``pages.json`` ([address, Content-Type, name] each) and the pages. Prints how many had a text.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from datetime import date
from pathlib import Path

from crawler.extract import extract

FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else Path()


def has_text(page: tuple[str, str, str]) -> bool:
    """Extract one page."""
    url, content_type, name = page
    body = (FOLDER / name).read_bytes()
    return extract(body, url=url, content_type=content_type, fetched_on=date(2030, 1, 1)).failure is None


def main() -> None:
    """Extract all, and print how many had a text."""
    import crawler.extract.html  # noqa: F401 - once, before there are two processes

    pages = json.loads((FOLDER / "pages.json").read_text("utf-8"))
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(sum(pool.imap_unordered(has_text, pages, chunksize=4)))


if __name__ == "__main__":
    main()
