"""``changes``: what happened to documents, newest last."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
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
from storage.telling import Wanted
from storage.words import is_found_within

# East of every other zone: a day begins there first.
EARLIEST = ZoneInfo("Pacific/Kiritimati")
# Of what people see at once; programs get all.
NEWEST = 50
BATCH = 200
# A word in more texts than this is looked for in the newest events themselves, and in so many at the most.
MOST_HELD, MOST_READ = 5_000, 5_000
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which events are asked for.  limit: the newest so many; None for all."""

    since: When | None = None
    until: When | None = None
    match: str | None = None
    source: str | None = None
    kinds: tuple[EventKind, ...] = ()
    baseline: bool = False
    quiet: bool = False
    limit: int | None = None

    @property
    def narrows(self) -> bool:
        """Whether some events are not asked for."""
        return bool(self.since or self.until or self.match or self.source or self.kinds)


class Chosen:
    """The events that are asked for, oldest first.

    more: there are older ones beyond the limit.  looked: None, or of how many events the texts were read before the
    search gave up.  Both are known once the events have been taken.
    """

    def __init__(self, archive: Archive, choice: Choice, times: Times, names: Sequence[str]) -> None:
        self._archive = archive
        self._choice = choice
        self._times = times
        self.more = False
        self.looked: int | None = None
        # A day begins and ends in each zone at another moment.
        zones = [times.zone(name) for name in names]
        begins = [choice.since.start(zone) for zone in zones] if choice.since else []
        ends = [choice.until.end(zone) for zone in zones] if choice.until else []
        self._wanted = Wanted(
            source=choice.source,
            kinds=choice.kinds,
            baseline=choice.baseline,
            quiet=choice.quiet,
            since=min(begins, default=None),
        )
        self._until = max(ends, default=None)

    def __iter__(self) -> Iterator[Event]:
        if self._choice.limit is None:
            yield from self._all()
        else:
            yield from self._newest(self._choice.limit)[::-1]

    def _all(self) -> Iterator[Event]:
        choice = self._choice
        for event in self._archive.events(since=self._wanted.since, source=choice.source, kinds=choice.kinds or None):
            asked = (choice.baseline or not event.baseline) and (choice.quiet or not event.quiet)
            if asked and self._in_time(event) and (not choice.match or holds(self._archive, event, choice.match)):
                yield event

    def _newest(self, limit: int) -> list[Event]:
        """Return the newest events, newest first."""
        match, read = self._choice.match, 0
        found: list[Event] = []
        for event in self._candidates(limit + 1):
            if not self._in_time(event):
                continue
            if match:
                if read >= MOST_READ:
                    self.looked = read
                    break
                read += 1
                if not holds(self._archive, event, match):
                    continue
            if len(found) == limit:
                self.more = True
                break
            found.append(event)
        return found

    def _candidates(self, enough: int) -> Iterator[Event]:
        """Yield the newest events that may fit, newest first."""
        if self._choice.match and (held := self._by_index(self._choice.match)) is not None:
            for number in held:
                event = self._archive.event(number)
                kinds, source = self._choice.kinds or tuple(EventKind), self._choice.source or event.source
                asked = (self._choice.baseline or not event.baseline) and (self._choice.quiet or not event.quiet)
                if asked and event.kind in kinds and event.source == source:
                    yield event
            return
        before, until = None, self._until
        while events := self._archive.newest_events(self._wanted, until=until, before=before, limit=max(enough, BATCH)):
            yield from events
            before, until = events[-1].event_id, None

    def _by_index(self, match: str) -> list[int] | None:
        """Return the events that the index of words names; None where it cannot, or where that would be too many.

        Others than Chinese words it knows as a whole only, where a text may hold them within others.
        """
        words = [word for word in match.split() if is_found_within(word)]
        return self._archive.events_holding(words, most=MOST_HELD) if words else None

    def _in_time(self, event: Event) -> bool:
        zone = self._times.zone(event.source)
        since, until = self._choice.since, self._choice.until
        return (since is None or event.at >= since.start(zone)) and (until is None or event.at <= until.end(zone))

    def unasked(self) -> tuple[int, int]:
        """Return how many events of first runs, and how many quiet ones, were not asked for but would have fitted."""
        choice = self._choice
        if choice.match:
            return 0, 0
        whole = not (choice.since or choice.until)
        names = [choice.source] if choice.source or whole else self._archive.source_names()
        counts = []
        for name in names:
            zone = self._times.zone(name) if name else EARLIEST
            since = choice.since.start(zone) if choice.since else None
            until = choice.until.end(zone) if choice.until else None
            counts.append(self._archive.unasked(name, choice.kinds, since=since, until=until))
        hidden, hushed = (sum(each) for each in zip(*counts, strict=True)) if counts else (0, 0)
        return 0 if choice.baseline else hidden, 0 if choice.quiet else hushed


def show_changes(folder: Path | None, archive_path: Home, choice: Choice, *, unfold: bool, as_json: bool) -> None:
    """Print events, oldest first; those of first runs, and quiet ones, only where they are asked for."""
    sources = load(folder)
    with Archive.open(archive_path, readonly=True) as archive:
        if choice.source:
            choice = replace(choice, source=known_source(archive, sources, choice.source))
        names = [choice.source] if choice.source else archive.source_names()
        times = Times.of(sources, names)
        chosen = Chosen(archive, choice, times, names)
        shown = 0

        # Closed before the archive is: a reader that goes away would leave it half read.
        with closing(labelled(by_run(archive, chosen, times))) as told:
            if as_json:
                emit_all(
                    as_plain(one, given)
                    for tellings, found, _ in told
                    for one, given in zip(tellings, found, strict=True)
                )
            else:
                for tellings, found, sizes in told:
                    shown += len(tellings)
                    for text in blocks(tellings, found, times, sizes=sizes, unfold=unfold):
                        say(text)
                        say()
        if chosen.looked is not None:
            remark(f"only the newest {chosen.looked} events were looked through; --since, --until, --source narrow it")
        if as_json:
            return
        if shown:
            say(Text(times.note(), "dim"))
        elif chosen.looked is None:
            remark("nothing that happened fits" if choice.narrows else "nothing has happened to a document yet")
        if chosen.more:
            remark(f"older ones are left out; --limit {shown * 10} shows more, --until DAY what was before")
        if not chosen.more:
            hidden, hushed = chosen.unasked()
            if hidden:
                remark(f"{hidden} more from first runs, which only say what was there; --baseline shows them")
            if hushed:
                remark(f"{hushed} more of typography alone; --quiet shows them")


def by_run(archive: Archive, events: Iterable[Event], times: Times) -> Iterator[tuple[list[Telling], tuple[int, int]]]:
    """Yield the events of each run, with how many documents changed in it and how many its source had."""
    for run_id, group in groupby(events, key=lambda event: event.run_id):
        tellings = [tell(archive, event, times) for event in group]
        changed, first = archive.changed_by(run_id), tellings[0].event
        yield tellings, (changed, archive.known_then(first.source, first.event_id) if changed else 0)


def labelled(
    runs: Iterable[tuple[list[Telling], tuple[int, int]]],
) -> Generator[tuple[list[Telling], list[tuple[Label, ...]], dict[int, tuple[int, int]]], None, None]:
    """Yield the events of runs that lie close together, with their labels and the sizes of their runs.

    What is further apart is never held at once.

    runs: the events of each, with how many documents changed in it and how many its source had; oldest first.
    """
    held: list[Telling] = []
    sizes: dict[int, tuple[int, int]] = {}
    for tellings, size in runs:
        if held and tellings[0].event.at - held[0].event.at > SPAN:
            yield held, labels([one.happening for one in held], sizes=sizes), sizes
            held, sizes = [], {}
        held.extend(tellings)
        sizes[tellings[0].event.run_id] = size
    if held:
        yield held, labels([one.happening for one in held], sizes=sizes), sizes


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
    tellings: Sequence[Telling],
    found: Sequence[tuple[Label, ...]],
    times: Times,
    *,
    sizes: Mapping[int, tuple[int, int]],
    unfold: bool,
) -> Iterator[Text]:
    """Yield events as blocks of lines, folded where they belong together.

    Pure.  sizes: of each run, how many documents changed, and how many its source had.
    """
    if unfold:
        yield from (one.text for one in tellings)
        return
    for label, places in folds([one.happening for one in tellings], found):
        group = [tellings[place] for place in places]
        changed, _ = sizes.get(group[0].event.run_id, (0, 0))
        yield group[0].text if label is None else folded_text(label, group, times, changed=changed)


def folded_text(label: Label, group: Sequence[Telling], times: Times, *, changed: int) -> Text:
    """Return events that belong together as one block of lines.

    Pure.  changed: how many documents changed in the run, also those that are not shown.
    """
    first = group[0].event
    sources = list(dict.fromkeys(one.event.source for one in group))
    documents = len({one.event.document_id for one in group})
    runs = len({one.event.run_id for one in group})
    said = {
        Label.REDESIGN: f"most of the site: {many(changed, 'document')} changed in one run",
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
