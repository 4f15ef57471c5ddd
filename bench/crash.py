"""What crash.json starts: writes the source of the site under test, or becomes the real program.

python bench/crash.py setup DIR SITE SITEMAP
python bench/crash.py crawl DIR SITE ARCHIVE
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit


def main(what: str, folder: str, site: str, last: str) -> None:
    """Command line entry."""
    sources = Path(folder, "sources")
    if what == "setup":
        sources.mkdir(exist_ok=True)
        lines = ['publisher = "crash site"', 'language = "en"', f"lists = [{json.dumps(site)}]"]
        lines += [f"sitemaps = [{json.dumps(last)}]", "documents = ['^/a/']", "delay = 0"]
        (sources / "xx_crash.toml").write_text("\n".join(lines) + "\n", "utf-8")
        return
    command = [sys.executable, "-m", "crawler", "crawl", "--archive", last, "--sources", str(sources)]
    os.execv(sys.executable, [*command, "--allow", urlsplit(site).netloc])  # noqa: S606 - the same process, no shell


if __name__ == "__main__":
    main(*sys.argv[1:5])
