"""``changes``: what happened to documents, newest last."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.text import Text

from crawler.commands.output import STYLES, Times, emit_all, known_source, remark, say
from crawler.commands.when import When
from crawler.diff import Diff, Hunk, Op, diff
from crawler.diff_views import summary
from crawler.diff_views import told as told_kinds
from crawler.kinds import Kind
from crawler.labels import SPAN, Happening, Label, fingerprint, folds, is_silent, labels
from crawler.plurals import many
from crawler.schemas import plain
from crawler.terminal import clean, shorten
from spiders.loader import load
from storage import Archive, Home
from storage.model import Event, EventKind, Fields, Version

# East of every other zone: a day begins there first.
EARLIEST = ZoneInfo("Pacific/Kiritimati")
KIND_CELLS = 8
SHOWN_CELLS = 76
GLIMPSES = 3
# Of events that were folded so many are named.
FOLDED = 3
SIGNS = {Op.ADDED: "+", Op.REMOVED: "-", Op.CHANGED: "~"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """An event as it is told; kinds: of what is said otherwise."""

    event: Event
    happening: Happening
    kinds: tuple[Kind, ...]
    glimpse: str
    text: Text


def show_changes(
    folder: Path | None,
    archive_path: Home,
    *,
    since: When | None,
    match: str | None,
    source: str | None,
    kinds: tuple[EventKind, ...],
    baseline: bool,
    quiet: bool,
    unfold: bool,
    as_json: bool,
) -> None:
    """Print events, oldest first; those of first runs, and quiet ones, only where they are asked for."""
    sources = load(folder)
    with Archive.open(archive_path, readonly=True) as archive:
        name = known_source(archive, sources, source) if source else None
        times = Times.of(sources, [name] if name else archive.source_names())
        sizes = Sizes(archive)
        hidden = hushed = shown = 0

        def wanted(event: Event) -> bool:
            nonlocal hidden, hushed, shown
            if kinds and event.kind not in kinds:
                return False
            if since and event.at < since.start(times.zone(event.source)):
                return False
            if match and not holds(archive, event, match):
                return False
            if event.baseline and not baseline:
                hidden += 1
                return False
            if event.quiet and not quiet:
                hushed += 1
                return False
            shown += 1
            return True

        def runs() -> Iterator[tuple[list[Telling], tuple[int, int]]]:
            events = archive.events(since=since.start(EARLIEST) if since else None, source=name)
            for _, group in groupby(events, key=lambda event: event.run_id):
                changed, tellings = 0, []
                for event in group:
                    changed += event.kind is EventKind.CHANGED and not event.quiet
                    if wanted(event):
                        tellings.append(tell(archive, event, times))
                if tellings:
                    yield tellings, (changed, sizes.of(tellings[0].event) if changed else 0)

        # Closed before the archive is: a reader that goes away would leave it half read.
        with closing(labelled(runs())) as told:
            if as_json:
                emit_all(
                    as_plain(one, given) for tellings, found in told for one, given in zip(tellings, found, strict=True)
                )
                return
            for tellings, found in told:
                for text in blocks(tellings, found, times, unfold=unfold):
                    say(text)
                    say()
        if shown:
            say(Text(times.note(), "dim"))
        else:
            chosen = kinds or since or match or source
            remark("nothing that happened fits" if chosen else "nothing has happened to a document yet")
        if hidden:
            remark(f"{hidden} more from first runs, which only say what was there; --baseline shows them")
        if hushed:
            remark(f"{hushed} more of typography alone; --quiet shows them")


def labelled(
    runs: Iterable[tuple[list[Telling], tuple[int, int]]],
) -> Generator[tuple[list[Telling], list[tuple[Label, ...]]], None, None]:
    """Yield the events of runs that lie close together, with their labels; what is further apart is never held at once.

    runs: the events of each, with how many documents changed in it and how many its source had; oldest first.
    """
    held: list[Telling] = []
    sizes: dict[int, tuple[int, int]] = {}
    for tellings, size in runs:
        if held and tellings[0].event.at - held[0].event.at > SPAN:
            yield held, labels([one.happening for one in held], sizes=sizes)
            held, sizes = [], {}
        held.extend(tellings)
        sizes[tellings[0].event.run_id] = size
    if held:
        yield held, labels([one.happening for one in held], sizes=sizes)


class Sizes:
    """How many documents a source had when an event was told, by the events that said so."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._told: dict[str, list[int]] = {}

    def of(self, event: Event) -> int:
        """Return the number of documents of an event's source, then."""
        if event.source not in self._told:
            new = self._archive.events(source=event.source, kinds=(EventKind.NEW,))
            self._told[event.source] = [one.event_id for one in new]
        return bisect_left(self._told[event.source], event.event_id)


def tell(archive: Archive, event: Event, times: Times) -> Telling:
    """Return an event with what is needed to label and to print it."""
    before, after = sides(archive, event) if event.kind in (EventKind.CHANGED, EventKind.NEW) else (None, None)
    step = None
    if event.kind is EventKind.CHANGED and before is not None and after is not None:
        step = diff(before.content, after.content)
    fields = after.content.fields if after is not None else Fields()
    happening = Happening(
        kind=event.kind,
        document_id=event.document_id,
        run_id=event.run_id,
        baseline=event.baseline,
        fingerprint=fingerprint(step) if step else None,
        silent=step is not None and is_silent(step, fields),
        published_on=fields.published_on,
        seen_on=event.at.astimezone(times.zone(event.source)).date(),
    )
    return Telling(
        event=event,
        happening=happening,
        kinds=step.kinds if step else (),
        glimpse=shorten("; ".join(glimpses(step)), SHOWN_CELLS) if step else "",
        text=as_text(event, step, times, silent=happening.silent),
    )


def as_plain(telling: Telling, given: tuple[Label, ...]) -> dict[str, Any]:
    """Return an event as ``crawler/schemas/changes.json`` describes it.  Pure."""
    return {**plain(telling.event), "labels": list(given), "kinds": list(telling.kinds)}


def blocks(
    tellings: Sequence[Telling], found: Sequence[tuple[Label, ...]], times: Times, *, unfold: bool
) -> Iterator[Text]:
    """Yield events as blocks of lines, folded where they belong together.  Pure."""
    if unfold:
        yield from (one.text for one in tellings)
        return
    for label, places in folds([one.happening for one in tellings], found):
        group = [tellings[place] for place in places]
        yield group[0].text if label is None else folded_text(label, group, times)


def folded_text(label: Label, group: Sequence[Telling], times: Times) -> Text:
    """Return events that belong together as one block of lines.  Pure."""
    first = group[0].event
    sources = list(dict.fromkeys(one.event.source for one in group))
    documents = len({one.event.document_id for one in group})
    runs = len({one.event.run_id for one in group})
    said = {
        Label.REDESIGN: f"most of the site: {many(len(group), 'document')} changed in one run",
        Label.CAMPAIGN: f"the same edit on {many(documents, 'document')}" + (f" in {runs} runs" if runs > 1 else ""),
        Label.BACKFILL: f"{many(len(group), 'document')} published long ago",
    }[label]
    text = Text(times.show(first.at, first.source) + "  ")
    text.append(str(label).ljust(KIND_CELLS), STYLES[first.kind])
    text.append(f"  {', '.join(sources)}: {said}", "bold")
    if label is Label.CAMPAIGN and group[0].glimpse:
        text.append(f"\n    {group[0].glimpse}")
    for one in group[:FOLDED]:
        text.append(f"\n    {clean(one.event.title or one.event.url)}", "dim")
    if len(group) > FOLDED:
        text.append(f"\n    … {len(group) - FOLDED} more; --unfold shows each", "dim")
    return text


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


def as_text(event: Event, change: Diff | None, times: Times, *, silent: bool = False) -> Text:
    """Return an event as a block of lines.  Pure."""
    text = Text(times.show(event.at, event.source) + "  ")
    text.append(str(event.kind).ljust(KIND_CELLS), STYLES[event.kind])
    text.append("  " + clean(event.title or "(no title)"), "bold")
    if event.baseline:
        text.append("  (first run)", "dim")
    if event.quiet:
        text.append(f"  ({event.quiet})", "dim")
    if silent:
        text.append("  (silent: its dates stayed)", "magenta")
    text.append(f"\n    {clean(event.url)}", "dim")
    if event.previous_url:
        text.append(f"\n    was {clean(event.previous_url)}", "dim")
    if change:
        text.append(f"\n    {summary(change)}")
        if change.kinds:
            text.append(f" ({told_kinds(change)})", "dim")
        if seen := glimpses(change):
            text.append(f"\n    {shorten('; '.join(seen), SHOWN_CELLS)}")
    return text


def glimpses(change: Diff, *, names: Callable[[str], str] = str) -> list[str]:
    """Return the first few things that differ: words as "old → new", whole paragraphs and files after a sign.

    Pure.  names: what fields are called.
    """
    found = [
        f"{names(field.name)}: {plain_words(str(field.old or ''), str(field.new or ''))}" for field in change.fields
    ]
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
