"""Throw made-up bytes at what reads foreign bytes, until the time is over or something raises.

    python bench/fuzz.py TARGET [--seconds 60] [CORPUS...]

Targets: extract, judge, discover, address, diff, export. Needs atheris, which is not among the project's dependencies:
``pip install atheris``. The same targets run for a short while, with hypothesis, in tests/test_fuzz.py. What is found
is left in the current folder as ``crash-...``.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from crawler.corpus.jsonl import line  # noqa: E402
from crawler.diff import apply, diff  # noqa: E402
from crawler.extract import extract  # noqa: E402
from crawler.judge import Evidence, judge  # noqa: E402
from spiders.address import canonicalize  # noqa: E402
from spiders.discovery import discover  # noqa: E402
from spiders.source import Source  # noqa: E402
from storage.model import Content, Fields, Outcome, Role  # noqa: E402

WATCHED = ["bench", "crawler", "spiders", "storage"]
TYPES = ("text/html", "text/html; charset=gbk", "application/pdf", "text/plain", "", "application/xml")
ROLES = tuple(Role)
URL = "https://www.example.cn/zc/t20240506_4001.html"
SOURCE = Source(name="cn_test", publisher="x", hosts=("www.example.cn",), documents=("/",))


def fuzz_extract(data: bytes) -> None:
    """Extraction never raises, and what it gives can be stored."""
    made = extract(data[1:], url=URL, content_type=kind_of(data), fetched_on=date(2024, 5, 7))
    for block in made.blocks:
        block.text.encode("utf-8")


def fuzz_judge(data: bytes) -> None:
    """Every answer has an outcome, with a reason of one line."""
    role = ROLES[data[0] % len(ROLES)] if data else Role.MAIN
    status = 100 + int.from_bytes(data[1:3], "big") % 900
    body = data[3:]
    evidence = Evidence(
        role=role,
        status=status,
        error=None,
        detail="",
        size_bytes=len(body),
        location=canonicalize(body[:200].decode("utf-8", "replace")),
        location_is_document=False,
        extraction=extract(body, url=URL, content_type="text/html", fetched_on=date(2024, 5, 7)),
    )
    outcome, reason = judge(evidence)
    if not isinstance(outcome, Outcome) or not reason or "\n" in reason:
        raise AssertionError(f"{outcome}: {reason!r}")


def fuzz_discover(data: bytes) -> None:
    """What is found are addresses in their one spelling, of documents or further lists."""
    for role in ROLES:
        for found in discover(SOURCE, role, data[1:], url=URL, content_type=kind_of(data)).found:
            if canonicalize(found.url) != found.url:
                raise AssertionError(found.url)


def fuzz_address(data: bytes) -> None:
    """Spelling an address twice changes nothing."""
    spelled = canonicalize(data.decode("utf-8", "surrogateescape"), URL)
    if spelled is not None and canonicalize(spelled) != spelled:
        raise AssertionError(spelled)


def fuzz_diff(data: bytes) -> None:
    """Applying what differs to the old gives the new."""
    old, _, new = data.decode("utf-8", "replace").partition("\x00")
    before, after = (Content(fields=Fields(), paragraphs=tuple(filter(None, text.split("\n")))) for text in (old, new))
    if apply(before, diff(before, after)) != after:
        raise AssertionError(repr((old, new)))


def fuzz_export(data: bytes) -> None:
    """A record is one line, and reads back equal."""
    record = {"text": data.decode("utf-8", "replace"), "title": data[::-1].decode("cp1252", "replace")}
    written = line(record)
    if len(written.splitlines()) != 1 or json.loads(written) != record:
        raise AssertionError(repr(record))


def kind_of(data: bytes) -> str:
    """Return the content type that the first byte names."""
    return TYPES[data[0] % len(TYPES)] if data else ""


TARGETS: dict[str, Callable[[bytes], None]] = {
    "extract": fuzz_extract,
    "judge": fuzz_judge,
    "discover": fuzz_discover,
    "address": fuzz_address,
    "diff": fuzz_diff,
    "export": fuzz_export,
}


def main() -> None:
    """Command line entry; ends when atheris does."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("corpus", nargs="*")
    args = parser.parse_intermixed_args()
    atheris: Any = importlib.import_module("atheris")
    # Only what is imported under its eyes is watched: ours, once more. All there is would take minutes.
    for name in [name for name in sys.modules if name.partition(".")[0] in WATCHED]:
        del sys.modules[name]
    with atheris.instrument_imports(include=WATCHED):
        watched = importlib.import_module("bench.fuzz")
    options = [sys.argv[0], f"-max_total_time={args.seconds}", "-timeout=20", "-rss_limit_mb=2048"]
    atheris.Setup([*options, *args.corpus], watched.TARGETS[args.target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
