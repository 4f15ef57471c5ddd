"""Our main text as the extraction benches want it: ``main_text(html, url)``, one paragraph per line."""

from __future__ import annotations

from datetime import date

from crawler.extract import extract

# Publication days are none of the benches' business; a fixed day keeps runs equal.
FETCHED_ON = date(2030, 1, 1)


def main_text(html: str, url: str) -> str:
    """Return the text of a page, one paragraph per line."""
    found = extract(
        html.encode("utf-8", "replace"),
        url=url or "http://localhost/",
        content_type="text/html; charset=utf-8",
        fetched_on=FETCHED_ON,
    )
    return "\n".join(block.text.replace(" | ", " ") for block in found.blocks if block.left_out is None)
