"""``show URL --evidence DIR``: what a stranger needs to see that a document said something else before.

Both snapshots as received, their headers, the texts, what differs, when each was seen, and the hashes of it all.
File names are ours: nothing of a page or an address becomes part of a path.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler import __version__
from crawler.commands.compare import file_steps
from crawler.commands.finding import find
from crawler.commands.output import Times, remark, say
from crawler.commands.show import pick
from crawler.commands.when import When
from crawler.corpus.jsonl import line
from crawler.diff import diff
from crawler.diff_views import About, Side, to_html, to_json, to_text
from crawler.errors import CrawlFailedError
from crawler.labels import is_silent
from crawler.schemas import plain
from crawler.terminal import clean
from spiders.loader import load
from storage import Archive, Home
from storage.model import Document, Fetch, Outcome, Piece, Role, Version
from storage.packing import unpack

SUMS = "SHA256SUMS"
# A page as received may hold scripts: its name makes programs show it as text.
ENDINGS = ((b"%PDF-", ".pdf"), (b"PK\x03\x04", ".zip"), (b"\xd0\xcf\x11\xe0", ".ole"))
# Of an address that is asked each hour this is a year.
FETCHES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One answer that a version was composed from, as it lies in the folder.

    file, headers: names below the folder; headers is None where none were kept.
    first_seen_at, last_seen_at: of these bytes at this address; None where no answer is on record.
    """

    role: Role
    url: str
    file: str
    headers: str | None
    sha256: str
    size_bytes: int
    first_seen_at: datetime | None
    last_seen_at: datetime | None


def write_evidence(
    folder: Path | None, archive_path: Home, address: str, out: Path, *, at: When | None, number: int | None
) -> None:
    """Write a version and the one before it, with what proves them, to a new folder.

    Raises CrawlFailedError where the folder holds something.
    """
    sources = load(folder)
    with Archive.open(archive_path, readonly=True) as archive:
        document = find(archive, address)
        history = archive.versions(document.document_id)
        times = Times.of(sources, [document.source])
        new = pick(document, history, times, at, number)
        old = history[new.number - 2] if new.number > 1 else None
        files = dict(everything(archive, document, old, new, times))
    write(out, files)
    say(f"{out}: {len(files)} files, and {SUMS} over them")
    if old is None:
        remark("the first version: there is no earlier one to compare it with")


def write(out: Path, files: dict[str, bytes]) -> None:
    """Write files and the list of their hashes below a folder that is new or empty."""
    if out.is_symlink() or (out.exists() and not (out.is_dir() and not any(out.iterdir()))):
        raise CrawlFailedError(f"{out}: exists already; evidence goes to a new folder")
    for name, data in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items()))
    (out / SUMS).write_text(sums, "ascii")


def everything(
    archive: Archive, document: Document, old: Version | None, new: Version, times: Times
) -> Iterator[tuple[str, bytes]]:
    """Yield the names and the bytes of all files."""
    fetches = archive.fetches(document.document_id, limit=FETCHES)
    facts: dict[str, Any] = {
        "made_by": f"policytrail {__version__}",
        "document": plain(document),
        "versions": {},
        "silent": None,
        "time_line": [{"at": moment, "what": what} for moment, what in time_line(old, new, fetches)],
    }
    for side, version in (("old", old), ("new", new)):
        if version is None:
            continue
        held = []
        for place, piece in enumerate(version.pieces):
            if piece.snapshot_id is None:
                continue
            one, files = answer(archive, piece, f"{side}/{piece.role}-{place:02}", fetches)
            held.append(one)
            yield from files
        yield f"{side}/text.txt", as_bytes("\n\n".join(version.content.paragraphs) + "\n")
        facts["versions"][side] = {
            "number": version.number,
            "first_seen_at": version.first_seen_at,
            "last_seen_at": version.last_seen_at,
            "content_sha256": version.content_sha256,
            "extractor": version.extractor,
            "profile": version.profile,
            "fields": version.content.fields,
            "attachments": version.content.attachments,
            "answers": held,
        }
    if old is not None:
        zone = times.zone(document.source)
        step = diff(old.content, new.content)
        texts = file_steps(archive, old, new, step)
        facts["silent"] = is_silent(step, new.content.fields)
        about = About(
            url=document.url,
            title=new.content.fields.title,
            old=Side(version=old.number, seen_at=old.first_seen_at.astimezone(zone)),
            new=Side(version=new.number, seen_at=new.first_seen_at.astimezone(zone)),
            silent=facts["silent"],
        )
        whole = max(len(new.content.paragraphs), 1)
        yield "diff.json", as_bytes(line(to_json(step, about, texts)))
        yield "diff.html", as_bytes(to_html(step, new.content, about, context=whole, files=texts))
        yield "diff.txt", as_bytes(to_text(step, new.content, about, marks=True, files=texts).plain)
    yield "evidence.json", as_bytes(json.dumps(plain(facts), ensure_ascii=False, indent=2) + "\n")


def answer(archive: Archive, piece: Piece, name: str, fetches: Sequence[Fetch]) -> tuple[Held, list[tuple[str, bytes]]]:
    """Return one answer's facts, and its files."""
    assert piece.snapshot_id is not None  # noqa: S101 - the caller has looked
    snapshot = archive.snapshot(piece.snapshot_id)
    seen = [one for one in fetches if one.snapshot_id == piece.snapshot_id and one.resource_id == piece.resource_id]
    files = [(name + ending(snapshot.body), snapshot.body)]
    packed = archive.headers(piece.snapshot_id)
    if packed is not None:
        shown = "".join(f"{key}: {value}\n" for key, value in json.loads(unpack(packed)))
        files.append((f"{name}.headers.txt", as_bytes(clean(shown, lines=True))))
    return Held(
        role=piece.role,
        url=archive.resource(piece.resource_id).url,
        file=files[0][0],
        headers=files[1][0] if packed is not None else None,
        sha256=snapshot.sha256,
        size_bytes=snapshot.size_bytes,
        first_seen_at=min((one.fetched_at for one in seen), default=None),
        last_seen_at=max((one.fetched_at for one in seen), default=None),
    ), files


def time_line(old: Version | None, new: Version, fetches: Sequence[Fetch]) -> list[tuple[datetime, str]]:
    """Return when each version was first and last seen, and what other answers came between.  Pure."""
    told = []
    if old is not None:
        told.append((old.first_seen_at, f"version {old.number} first seen"))
        told.append((old.last_seen_at, f"version {old.number} last seen so"))
    told.append((new.first_seen_at, f"version {new.number} first seen" + (", different" if old is not None else "")))
    told.append((new.last_seen_at, f"version {new.number} last seen so"))
    start = told[0][0]
    good = (Outcome.OK, Outcome.NOT_MODIFIED, None)
    for one in fetches:
        if start <= one.fetched_at <= new.last_seen_at and one.outcome not in good:
            told.append((one.fetched_at, f"no text: {one.outcome} ({one.reason or one.detail or one.status})"))
    return sorted(told, key=lambda step: step[0])


def ending(body: bytes) -> str:
    """Return the ending of a file's name, by its first bytes.  Pure."""
    found = next((name for magic, name in ENDINGS if body.startswith(magic)), None)
    if found is not None:
        return found
    return ".html.txt" if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" else ".bin"


def as_bytes(text: str) -> bytes:
    """Return text as UTF-8; lone surrogates, which UTF-8 lacks, become question marks.  Pure."""
    return text.encode("utf-8", "replace")
