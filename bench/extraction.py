"""Our main text as the extraction benches want it: ``main_text(html, url)``, one paragraph per line."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path

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


def document(html: bytes, url: str) -> dict[str, str | None]:
    """Return the text of a page, one block per line, cells split by " | ", and its fields by name."""
    found = extract(html, url=url or "http://localhost/", content_type="text/html", fetched_on=FETCHED_ON)
    fields = {name: None if value is None else str(value) for name, value in asdict(found.fields).items()}
    return {"body": "\n".join(block.text for block in found.blocks if block.left_out is None), **fields}


def main() -> None:
    """Run a scorer on us: ``python -m bench.extraction --score FILE [its options]``."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--score", type=Path, required=True, help="the scorer's score.py")
    args, rest = parser.parse_known_args()
    root = Path(__file__).resolve().parents[1]
    command = [sys.executable, str(args.score.resolve()), "bench.extraction:main_text", *rest]
    done = subprocess.run(command, check=False, env=os.environ | {"PYTHONPATH": str(root)})
    raise SystemExit(done.returncode)


if __name__ == "__main__":
    main()
