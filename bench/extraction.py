"""Our main text as the extraction benches want it: ``main_text(html, url)``, one paragraph per line."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

from bench.peers import installed
from crawler.compose import compose
from crawler.extract import extract
from crawler.profile import Profile, learn
from storage.model import Extraction

# Publication days are none of the benches' business; a fixed day keeps runs equal.
FETCHED_ON = date(2030, 1, 1)


def extraction_of(html: str, url: str) -> Extraction:
    """Return what a page's bytes say."""
    return extract(
        html.encode("utf-8", "replace"),
        url=url or "http://localhost/",
        content_type="text/html; charset=utf-8",
        fetched_on=FETCHED_ON,
    )


def main_text(html: str, url: str) -> str:
    """Return the text of a page, one paragraph per line."""
    found = extraction_of(html, url)
    return "\n".join(block.text.replace(" | ", " ") for block in found.blocks if block.left_out is None)


def main_text_plain(html: str, url: str) -> str:
    """Return the text of a page with what the rules for spam and template took out put back."""
    found = extraction_of(html, url)
    put_back = {"foreign_links", "stuffed", "script", "injected", "volatile", None}
    return "\n".join(block.text.replace(" | ", " ") for block in found.blocks if block.left_out in put_back)


def site_texts(pages: list[tuple[str, str]], history: list[list[tuple[str, str]]]) -> list[str]:
    """Return the texts of pages of one source, under the profile that they and its earlier visits teach.

    pages: (html, url) each.  history: what earlier visits saw, the oldest first, a list for each visit.
    """
    return texts_of(
        [extraction_of(html, url) for html, url in pages],
        [[extraction_of(html, url) for html, url in seen] for seen in history],
        keys=[[url or str(number) for number, (_, url) in enumerate(seen)] for seen in (pages, *history)],
    )


def texts_of(
    now: Sequence[Extraction], history: Sequence[Sequence[Extraction]], keys: Sequence[Sequence[str]] = ()
) -> list[str]:
    """Return the texts of pages under the profile that they and their earlier visits teach.

    keys: what tells a document, for each page of each visit, ``now`` first; else its place.
    """
    visits: dict[str, list[Extraction]] = {}
    for number, seen in [*enumerate(history, 1), (0, now)]:
        for place, found in enumerate(seen):
            visits.setdefault(keys[number][place] if keys else str(place), []).append(found)
    profile = learn(Profile(source="bench"), list(visits.values()))
    return ["\n".join(text.replace(" | ", " ") for text in compose([found], [], profile).paragraphs) for found in now]


def document(html: bytes, url: str) -> dict[str, str | None]:
    """Return the text of a page, one block per line, cells split by " | ", and its fields by name."""
    found = extract(html, url=url or "http://localhost/", content_type="text/html", fetched_on=FETCHED_ON)
    fields = {name: None if value is None else str(value) for name, value in asdict(found.fields).items()}
    return {"body": "\n".join(block.text for block in found.blocks if block.left_out is None), **fields}


def main() -> None:
    """Run a scorer on us and on other extractors, page by page in one run.

    ``python -m bench.extraction --score FILE [module:function ...] [the scorer's options]``; where nobody else is
    named, beside all that are installed of the extra "bench".
    """
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--score", type=Path, required=True, help="the scorer's score.py")
    args, rest = parser.parse_known_args()
    if not args.score.is_file():
        parser.error(f"--score {args.score}: no such file; give the path of a score.py")
    named = [each for each in rest if re.fullmatch(r"[\w.]+:\w+", each)]
    others = [] if named else [f"bench.peers:{name}" for name in installed()]
    root = Path(__file__).resolve().parents[1]
    command = [sys.executable, str(args.score.resolve()), "bench.extraction:main_text", *others, *rest]
    done = subprocess.run(command, check=False, env=os.environ | {"PYTHONPATH": str(root)})
    raise SystemExit(done.returncode)


if __name__ == "__main__":
    main()
