"""``changes``: what happened to documents, newest last."""

from __future__ import annotations

import unicodedata
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.text import Text

from crawler.commands.output import STYLES, Times, emit_all, known_source, remark, say
from crawler.commands.when import When
from crawler.diff import Diff, Hunk, Op, diff
from crawler.diff_views import summary
from crawler.terminal import clean, shorten
from spiders.loader import load
from storage import Archive
from storage.model import Event, EventKind, Version

# East of every other zone: a day begins there first.
EARLIEST = ZoneInfo("Pacific/Kiritimati")
KIND_CELLS = 8
SHOWN_CELLS = 76
GLIMPSES = 3
SIGNS = {Op.ADDED: "+", Op.REMOVED: "-", Op.CHANGED: "~"}


def show_changes(
    folder: Path | None,
    archive_path: Path,
    *,
    since: When | None,
    match: str | None,
    source: str | None,
    kinds: tuple[EventKind, ...],
    baseline: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Print events, oldest first; those of first runs, and quiet ones, only where they are asked for."""
    sources = load(folder)
    with Archive.open(archive_path, readonly=True) as archive:
        name = known_source(archive, sources, source) if source else None
        times = Times.of(sources, [name] if name else archive.source_names())
        hidden = hushed = shown = 0

        def wanted() -> Generator[Event, None, None]:
            nonlocal hidden, hushed, shown
            since_at = since.start(EARLIEST) if since else None
            for event in archive.events(since=since_at, source=name, kinds=kinds or None):
                if since and event.at < since.start(times.zone(event.source)):
                    continue
                if match and not holds(archive, event, match):
                    continue
                if event.baseline and not baseline:
                    hidden += 1
                    continue
                if event.quiet and not quiet:
                    hushed += 1
                    continue
                shown += 1
                yield event

        # Closed before the archive is: a reader that goes away would leave it half read.
        with closing(wanted()) as events:
            if as_json:
                emit_all(events)
                return
            for event in events:
                say(as_text(event, change_of(archive, event), times))
                say()
        if shown:
            say(Text(times.note(), "dim"))
        else:
            remark("nothing happened to a document that fits")
        if hidden:
            remark(f"{hidden} more from first runs, which only say what was there; --baseline shows them")
        if hushed:
            remark(f"{hushed} more of typography alone; --quiet shows them")


def sides(archive: Archive, event: Event) -> tuple[Version | None, Version | None]:
    """Return the versions before and after an event, as histories now are; None where there is none."""
    after = archive.version_at(event.document_id, event.at)
    if after is None or not event.before:
        return None, after
    if event.kind is EventKind.REMOVED:
        return after, None
    for number in range(after.number - 1, 0, -1):
        before = archive.version(event.document_id, number)
        if before.pieces == event.before:
            return before, after
    return (archive.version(event.document_id, after.number - 1) if after.number > 1 else None), after


def change_of(archive: Archive, event: Event) -> Diff | None:
    """Return what changed, for an event that is a change of content."""
    if event.kind is not EventKind.CHANGED:
        return None
    before, after = sides(archive, event)
    return diff(before.content, after.content) if before is not None and after is not None else None


def holds(archive: Archive, event: Event, words: str) -> bool:
    """Tell whether the title or a text of a document, before or after an event, holds all the words."""
    texts = [event.title or ""]
    for version in sides(archive, event):
        if version is not None:
            texts.extend((version.content.fields.title or "", version.content.text))
    whole = folded("\n".join(texts))
    return all(word in whole for word in folded(words).split())


def folded(text: str) -> str:
    """Return a text in which case and width of characters do not count.  Pure."""
    return unicodedata.normalize("NFKC", text).casefold()


def as_text(event: Event, change: Diff | None, times: Times) -> Text:
    """Return an event as a block of lines.  Pure."""
    text = Text(times.show(event.at, event.source) + "  ")
    text.append(str(event.kind).ljust(KIND_CELLS), STYLES[event.kind])
    text.append("  " + clean(event.title or "(no title)"), "bold")
    if event.baseline:
        text.append("  (first run)", "dim")
    if event.quiet:
        text.append(f"  ({event.quiet})", "dim")
    text.append(f"\n    {clean(event.url)}", "dim")
    if event.previous_url:
        text.append(f"\n    was {clean(event.previous_url)}", "dim")
    if change:
        text.append(f"\n    {summary(change)}")
        if seen := glimpses(change):
            text.append(f"\n    {shorten('; '.join(seen), SHOWN_CELLS)}")
    return text


def glimpses(change: Diff) -> list[str]:
    """Return the first few things that differ: words as "old → new", whole paragraphs and files after a sign.  Pure."""
    found = [f"{field.name}: {plain_words(str(field.old or ''), str(field.new or ''))}" for field in change.fields]
    for hunk in change.hunks:
        if hunk.op is Op.CHANGED:
            found.extend(plain_words(old, new) for old, new in replacements(hunk))
        elif hunk.op in SIGNS:
            found.append(f"{SIGNS[hunk.op]} {clean(hunk.new or hunk.old or '')}")
    for file in change.attachments:
        if file.op in SIGNS and (named := file.new or file.old):
            found.append(f"{SIGNS[file.op]} {clean(named.name or named.url)}")
    return found[:GLIMPSES]


def replacements(hunk: Hunk) -> Iterator[tuple[str, str]]:
    """Yield the runs of words that a changed paragraph lost and got, side by side where they belong together.  Pure."""
    lost = ""
    for span in hunk.words:
        if span.op is Op.REMOVED:
            lost = span.text
            continue
        got = span.text if span.op is Op.ADDED else ""
        if lost.strip() or got.strip():
            yield lost.strip(), got.strip()
        lost = ""
    if lost.strip():
        yield lost.strip(), ""


def plain_words(old: str, new: str) -> str:
    """Return what was replaced by what.  Pure."""
    if old and new:
        return f"{clean(old)} → {clean(new)}"
    return f"+ {clean(new)}" if new else f"- {clean(old)}"
