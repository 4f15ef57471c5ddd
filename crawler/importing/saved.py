"""Pages that were saved as files: which address they are of, and when they were saved.

The address: as a manifest says, else as the browser wrote it into the page, else by the file's place below a folder
named as a host. The time: as a manifest says, else as the page or the folder says, else when the file was last written.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from crawler.errors import CrawlFailedError
from crawler.importing.captured import placed, replayed
from crawler.importing.kept import Kept, Tally, answer_of
from spiders.address import canonicalize
from spiders.hints import day_in
from spiders.source import Source
from storage.model import Answer

MANIFESTS = ("manifest.csv", "manifest.json", "manifest.jsonl")
TYPES = {
    ".html": "text/html",
    ".htm": "text/html",
    ".shtml": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".ofd": "application/ofd",
}
_HEAD_BYTES = 4_000
_MOST_BYTES = 32 * 1024 * 1024
# Internet Explorer, Chrome and others; SingleFile.
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d{1,6}\)(\S{1,2000}?)\s*-->", re.IGNORECASE)
_SINGLE_FILE = re.compile(r"Page saved with SingleFile\s+url:\s*(\S{1,2000})\s+saved date:\s*([^\n]{1,120})")
_WAYBACK = re.compile(r"\d{14}")
_ZONED = re.compile(r"\b(\w{3} \d{2} \d{4} \d{2}:\d{2}:\d{2}) GMT([+-]\d{4})")


def is_page(path: Path) -> bool:
    """Tell whether a file is a saved page or document, by its name."""
    return path.suffix.lower() in TYPES


def read_manifest(path: Path) -> dict[str, dict[str, str]]:
    """Return what a manifest says of each file, by the file's name relative to the manifest.

    Rows with ``file``, ``url`` and ``time``, as CSV with a head, a JSON list, or JSON lines.
    Raises CrawlFailedError for anything else.
    """
    try:
        text = path.read_text("utf-8-sig")
        if path.suffix.lower() == ".csv":
            rows = list(csv.DictReader(text.splitlines()))
        elif path.suffix.lower() == ".jsonl":
            rows = [json.loads(line) for line in text.splitlines() if line.strip()]
        else:
            rows = json.loads(text)
        return {str(row["file"]): {str(k): str(v) for k, v in row.items() if v} for row in rows}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CrawlFailedError(
            f"{path}: each row needs file, url and time, as CSV with a head, a JSON list or JSON lines ({error!r})"
        ) from None


def moment_of(text: str, zone: ZoneInfo) -> datetime | None:
    """Return the moment that a manifest or page names.  Pure.

    A time without a zone is one of ``zone``; 14 digits are a time of the Wayback Machine, in UTC.

    >>> moment_of("20240506073000", ZoneInfo("Asia/Shanghai"))
    datetime.datetime(2024, 5, 6, 7, 30, tzinfo=datetime.timezone.utc)
    """
    text = text.strip()
    try:
        if _WAYBACK.fullmatch(text):
            return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        if match := _ZONED.search(text):
            return datetime.strptime(f"{match[1]} {match[2]}", "%b %d %Y %H:%M:%S %z").astimezone(UTC)
        found = datetime.fromisoformat(text)
    except ValueError:
        try:
            found = parsedate_to_datetime(text)
        except (ValueError, TypeError):
            day = day_in(text)
            if day is None:
                return None
            found = datetime(day.year, day.month, day.day, tzinfo=zone)
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def read_page(path: Path, row: dict[str, str] | None, source: Source, tally: Tally) -> Iterator[Kept]:
    """Yield a saved file as an answer, if its address is known.

    row: what the manifest says of it.
    """
    tally.files += 1
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES).decode("utf-8", "replace")
    single = _SINGLE_FILE.search(head)
    saved = single or _SAVED_FROM.search(head)
    zone = ZoneInfo(source.timezone)
    place = placed(path, source) if not row and saved is None else None
    url = canonicalize((row or {}).get("url", "") or (saved[1] if saved else place[0] if place else ""))
    if url is not None and (capture := replayed(url)) is not None:
        # A browser's copy of a web archive's page has its bar and its links.
        tally.left_out["rewritten by a web archive"] += source.has_host(capture.url)
        return
    if url is None:
        tally.left_out["without an address"] += 1
        return
    told = (row or {}).get("time")
    fetched_at = moment_of(told, zone) if told else None
    if told and fetched_at is None:
        tally.left_out["without a time"] += 1
        return
    word = "the manifest"
    if fetched_at is None and single:
        fetched_at, word = moment_of(single[2], zone), "the page"
    if fetched_at is None and place is not None and place[1] is not None:
        fetched_at, word = place[1], "the folder"
    if fetched_at is None:
        fetched_at, word = datetime.fromtimestamp(path.stat().st_mtime, UTC), "the file's own time"
    tally.times[word] += 1
    at = fetched_at.replace(microsecond=fetched_at.microsecond // 1_000 * 1_000)
    kind = TYPES[path.suffix.lower()]

    def load() -> Answer | None:
        if path.stat().st_size > _MOST_BYTES:
            return None
        return answer_of(url, at, status=200, body=path.read_bytes(), headers=[("Content-Type", kind)])

    yield Kept(url=url, fetched_at=at, load=load)
