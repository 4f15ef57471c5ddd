"""``show``: one document: what it says of itself, its history, its text at any time, its bytes."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.text import Text

from crawler.commands.finding import find, spellings
from crawler.commands.output import Times, emit, say
from crawler.commands.when import When
from crawler.corpus.record import main_snapshot, record
from crawler.diff import diff
from crawler.diff_views import summary, told
from crawler.errors import CrawlFailedError
from crawler.labels import is_silent
from crawler.profile import Profile
from crawler.profile import load as load_profile
from crawler.schemas import plain
from crawler.terminal import clean
from spiders.loader import Sources, load
from storage import Archive, Home, NotInArchiveError
from storage.model import Block, Document, Role, Version

LABEL_CELLS = 17
# Of a long history the newest steps are shown; --json holds all.
STEPS = 20
LISTED = ("number", "run_id", "first_seen_at", "last_seen_at", "content_sha256", "extractor", "profile")


def show_document(
    folder: Path | None,
    archive_path: Home,
    address: str,
    *,
    at: When | None,
    number: int | None,
    left_out: bool,
    as_json: bool,
) -> None:
    """Print a document, with one of its versions: the newest unless told otherwise."""
    sources = load(folder)
    with Archive.open(archive_path, readonly=True) as archive:
        document = find(archive, address)
        times = Times.of(sources, [document.source])
        history = archive.versions(document.document_id)
        version = None if not history and at is None and number is None else pick(document, history, times, at, number)
        blocks = list(blocks_left_out(archive, version)) if left_out and version else []
        if as_json:
            emit(as_plain(archive, document, history, version, sources, blocks if left_out else None))
            return
        say(facts(document, version, sources, times))
        say(history_text(history, version, times))
        if left_out:
            say(left_out_text(blocks))
        elif version is not None:
            text = "\n\n".join(clean(paragraph, lines=True) for paragraph in version.content.paragraphs)
            say(f"\n{text}" if text else "\n(no text)")


def write_snapshot(
    folder: Path | None, archive_path: Home, address: str, *, at: When | None, number: int | None
) -> None:
    """Write the bytes of an address, as they were received, to standard output.

    Of a part's or an attachment's address its own bytes, of any other the main page's.
    """
    if sys.stdout.isatty():
        raise CrawlFailedError("--snapshot writes bytes that a terminal may obey; send them to a file: > page.html")
    sources = load(folder)
    with Archive.open(archive_path, readonly=True) as archive:
        document = find(archive, address)
        history = archive.versions(document.document_id)
        version = pick(document, history, Times.of(sources, [document.source]), at, number)
        asked = {archive.resource_id(url) for url in spellings(address)} - {None}
        own = [p.snapshot_id for p in version.pieces if p.role is not Role.MAIN and p.resource_id in asked]
        snapshot = own[0] if own else main_snapshot(version)
        if snapshot is None:
            raise NotInArchiveError(f"{address}: listed, but never received")
        body = archive.snapshot(snapshot).body
    sys.stdout.buffer.write(body)
    sys.stdout.buffer.flush()


def pick(document: Document, history: Sequence[Version], times: Times, at: When | None, number: int | None) -> Version:
    """Return the version of a number, or in force at a time (of a day: at its end), or the newest.

    Raises NotInArchiveError where there is none.
    """
    if not history:
        raise NotInArchiveError(f"{document.url}: its text could not be read yet")
    if number is not None:
        if not 1 <= number <= len(history):
            raise NotInArchiveError(f"{document.url}: has versions 1 to {len(history)}, none of number {number}")
        return history[number - 1]
    if at is None:
        return history[-1]
    moment = at.end(times.zone(document.source))
    past = [version for version in history if version.first_seen_at <= moment]
    if not past:
        seen = times.show(history[0].first_seen_at, document.source)
        raise NotInArchiveError(f"{document.url}: first seen at {seen}, not known before")
    return past[-1]


def blocks_left_out(archive: Archive, version: Version) -> Iterator[tuple[str, Block]]:
    """Yield the blocks of a version's pages that are not in its text, each with its page's address and the rule."""
    data = archive.profile_data(version.profile)
    profile = load_profile(data) if data else Profile(source=version.source)
    for piece in version.pieces:
        if piece.snapshot_id is None:
            continue
        extraction = archive.extraction(piece.resource_id, piece.snapshot_id, version.extractor)
        for block in extraction.blocks if extraction else ():
            if reason := profile.left_out(block):
                yield archive.resource(piece.resource_id).url, dataclasses.replace(block, left_out=reason)


def as_plain(
    archive: Archive,
    document: Document,
    history: Sequence[Version],
    version: Version | None,
    sources: Sources,
    blocks: list[tuple[str, Block]] | None,
) -> dict[str, Any]:
    """Return a document as ``crawler/schemas/show.json`` describes it."""
    shown = None
    if version is not None:
        main = main_snapshot(version)
        sha256 = archive.sha256(main) if main is not None else None
        shown = record(version, sources.sources.get(version.source), snapshot_sha256=sha256)
    values = {
        "document": plain(document),
        "versions": [{name: plain(getattr(one, name)) for name in LISTED} for one in history],
        "record": shown,
    }
    if blocks is not None:
        values["left_out"] = [
            {"url": url, "rule": block.left_out, "kind": block.kind, "text": block.text} for url, block in blocks
        ]
    return values


def facts(document: Document, version: Version | None, sources: Sources, times: Times) -> Text:
    """Return what a document is and says of itself.  Pure."""
    title = version.content.fields.title if version else document.title
    text = Text().append(clean(title or "(no title)"), "bold")
    text.append(Text(f"\n{clean(document.url)}\n", "dim"))
    source = sources.sources.get(document.source)
    since = times.show(document.state_since, document.source, seconds=True)
    lines = [
        ("state", f"{document.state} since {since} ({clean(document.state_reason)})"),
        ("source", f"{document.source}, {clean(source.publisher)}" if source else document.source),
    ]
    if version is not None:
        fields = version.content.fields
        lines.append(("last seen", times.show(version.last_seen_at, document.source, seconds=True)))
        lines += [
            (field.name.replace("_", " "), clean(str(value)))
            for field in dataclasses.fields(fields)
            if field.name != "title" and (value := getattr(fields, field.name)) is not None
        ]
        for attachment in version.content.attachments:
            without = f" (no text: {attachment.failure})" if attachment.failure else ""
            lines.append(
                ("attachment", f"{clean(attachment.name)}{without}\n{'':{LABEL_CELLS}}{clean(attachment.url)}")
            )
    for label, value in lines:
        text.append(f"\n{label:{LABEL_CELLS}}", "dim").append(value)
    return text


def history_text(history: Sequence[Version], shown: Version | None, times: Times) -> Text:
    """Return the newest steps of a history, oldest first.  Pure."""
    zone = f" ({times.only})" if times.only else ""
    text = Text(f"\nhistory{zone}", "dim")
    if len(history) > STEPS:
        text.append(f"\n  … {len(history) - STEPS} earlier", "dim")
    for place, version in list(enumerate(history))[-STEPS:]:
        first = times.show(version.first_seen_at, version.source, seconds=True)
        text.append(f"\n  {version.number:>3}  {first}  ")
        if place:
            step = diff(history[place - 1].content, version.content)
            text.append(summary(step) + (f" ({told(step)})" if step.kinds else ""))
            if is_silent(step, version.content.fields):
                text.append("  (silent: its dates stayed)", "magenta")
        else:
            text.append("first seen")
        if version is shown:
            text.append("  <- shown", "green")
    if not history:
        text.append("\n  no text yet")
    return text


def left_out_text(blocks: list[tuple[str, Block]]) -> Text:
    """Return the blocks that are not in a text, each with the rule that says so.  Pure."""
    text = Text("\nleft out", "dim")
    page = None
    for url, block in blocks:
        if url != page:
            text.append(f"\n{clean(url)}", "dim")
            page = url
        text.append(f"\n  [{block.left_out}] ", "yellow").append(clean(block.text))
    if not blocks:
        text.append("\n  nothing inside the text's place on the page; menus and footers beyond it are not listed")
    return text
