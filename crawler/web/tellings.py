"""Events as a page tells them: what differs at a glance, and which belong together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.commands.changes import replacements, sides
from crawler.diff import Diff, Op, diff
from crawler.kinds import Kind
from crawler.labels import SPAN, Happening, Label, fingerprint, folds, is_silent, labels
from crawler.terminal import clean, shorten
from crawler.web.asked import Asked
from storage.model import Event, EventKind, Fields

GLIMPSES = 3
# Of a run so many changes are compared to find those that belong together; a site of more is seldom one edit.
COMPARED = 400
_CELLS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Glimpse:
    """One thing that differs; field: its name, where it is one.  file: it is an attachment."""

    old: str = ""
    new: str = ""
    field: str = ""
    file: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A change at a glance.

    paragraphs, attachments: how many were changed, added, removed, moved.  fields: names.
    """

    paragraphs: dict[str, int]
    fields: tuple[str, ...]
    attachments: dict[str, int]
    kinds: tuple[Kind, ...]
    glimpses: tuple[Glimpse, ...]
    fingerprint: str | None
    silent: bool
    old_version: int
    new_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An event as a page shows it; path: where one reads on."""

    event: Event
    labels: tuple[Label, ...]
    told: Told | None
    is_new: bool
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Events that belong together by a label, or one that stands alone (label None).

    elsewhere: how many documents on the pages before and after belong to it too.
    """

    label: Label | None
    items: tuple[Item, ...]
    elsewhere: int = 0

    @property
    def documents(self) -> int:
        """How many documents they are of, on other pages too."""
        return len({item.event.document_id for item in self.items}) + self.elsewhere

    @property
    def sources(self) -> list[str]:
        """Of which sources they are, in their order."""
        return list(dict.fromkeys(item.event.source for item in self.items))

    @property
    def is_new(self) -> bool:
        """Whether a person has not seen one of them."""
        return any(item.is_new for item in self.items)


def glance(step: Diff, fields: Fields, *, old: int, new: int) -> Told:
    """Return a diff at a glance.  Pure.

    fields: of the new content.  old, new: numbers of the versions.
    """
    return Told(
        paragraphs=dict(Counter(str(hunk.op) for hunk in step.hunks)),
        fields=tuple(change.name for change in step.fields),
        attachments=dict(Counter(str(change.op) for change in step.attachments)),
        kinds=step.kinds,
        glimpses=tuple(glimpses(step)),
        fingerprint=fingerprint(step),
        silent=is_silent(step, fields),
        old_version=old,
        new_version=new,
    )


def glimpses(step: Diff) -> list[Glimpse]:
    """Return the first few things that differ.  Pure."""
    found = [
        Glimpse(field=change.name, old=_short(str(change.old or "")), new=_short(str(change.new or "")))
        for change in step.fields
    ]
    for hunk in step.hunks:
        if hunk.op is Op.CHANGED:
            found.extend(Glimpse(old=_short(old), new=_short(new)) for old, new in replacements(hunk))
        elif hunk.op is not Op.MOVED:
            found.append(Glimpse(old=_short(hunk.old or ""), new=_short(hunk.new or "")))
    for file in step.attachments:
        before, after = (_short(one.name or one.url) if one else "" for one in (file.old, file.new))
        found.append(Glimpse(file=True, old="" if before == after else before, new=after))
    return found[:GLIMPSES]


def _short(text: str) -> str:
    return shorten(clean(text), _CELLS)


def told(asked: Asked, event: Event) -> Told | None:
    """Return what an event changed; None where it is no change, or where histories do not hold it any more."""
    if event.kind is not EventKind.CHANGED:
        return None
    then = asked.archive.content_then(event.document_id, event.at)
    if then is None:
        return None

    def make() -> Told | None:
        before, after = sides(asked.archive, event)
        if before is None or after is None:
            return None
        step = diff(before.content, after.content)
        return glance(step, after.content.fields, old=before.number, new=after.number)

    # Histories that were made again have another extractor, profile or content.
    return asked.memory.get(("told", event.event_id, *then[:3]), make)


def items(asked: Asked, runs: Sequence[tuple[Sequence[Event], int]]) -> list[list[Item]]:
    """Return the events of runs as a page shows them, with the labels that they have among each other.

    runs: newest first, none empty; of each its events, and how many documents changed in it.
    """
    out: list[list[Item]] = []
    held: list[list[tuple[Happening, Event, Told | None]]] = []
    sizes: dict[int, tuple[int, int]] = {}
    for events, changed in runs:
        if held and held[0][0][1].at - events[0].at > SPAN:
            out += _labelled(asked, held, sizes)
            held, sizes = [], {}
        held.append(_compared(asked, events))
        sizes[events[0].run_id] = (changed, _known(asked, events) if changed else 0)
    return out + _labelled(asked, held, sizes)


def _compared(asked: Asked, events: Sequence[Event]) -> list[tuple[Happening, Event, Told | None]]:
    """Return events with what labels need to know of them."""
    compared = 0
    found = []
    for event in events:
        change = None
        if event.kind is EventKind.CHANGED and compared < COMPARED:
            compared += 1
            change = told(asked, event)
        then = asked.archive.content_then(event.document_id, event.at) if event.kind is EventKind.NEW else None
        happening = Happening(
            kind=event.kind,
            document_id=event.document_id,
            run_id=event.run_id,
            baseline=event.baseline,
            fingerprint=change.fingerprint if change else None,
            silent=change is not None and change.silent,
            published_on=then[3] if then else None,
            seen_on=asked.zones.day(event.at, event.source),
        )
        found.append((happening, event, change))
    return found


def _labelled(
    asked: Asked, runs: list[list[tuple[Happening, Event, Told | None]]], sizes: dict[int, tuple[int, int]]
) -> list[list[Item]]:
    given = iter(labels([happening for run in runs for happening, _, _ in run], sizes=sizes))
    seen = asked.visit.seen
    return [
        [
            Item(
                event=event,
                labels=next(given),
                told=change,
                is_new=not event.baseline and seen is not None and event.event_id > seen,
                path=path(event, change),
            )
            for _, event, change in run
        ]
        for run in runs
    ]


def campaigns(runs: Sequence[Sequence[Item]], around: Sequence[Sequence[Item]] = ()) -> list[Fold]:
    """Return the same edits that several runs told of, each as one.

    Pure.  runs: those of a page.  around: those near it, of the pages before and after.
    """
    found, others = _same_edits(runs), _same_edits(around)
    folds = []
    for edit, shown in found.items():
        more = others.get(edit, [])
        if len({item.event.run_id for item in (*shown, *more)}) > 1:
            here = {item.event.document_id for item in shown}
            elsewhere = {item.event.document_id for item in more} - here
            folds.append(Fold(label=Label.CAMPAIGN, items=tuple(shown), elsewhere=len(elsewhere)))
    return folds


def _same_edits(runs: Sequence[Sequence[Item]]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for item in (item for run in runs for item in run):
        if Label.CAMPAIGN in item.labels and item.told is not None and item.told.fingerprint:
            found.setdefault(item.told.fingerprint, []).append(item)
    return found


def folded(shown: Sequence[Item], *, unfold: bool) -> list[Fold]:
    """Return items of one run as a person wants to read them: what belongs together once, the others alone.  Pure."""
    if unfold:
        return [Fold(label=None, items=(item,)) for item in shown]
    happenings = [
        Happening(
            kind=item.event.kind,
            run_id=item.event.run_id,
            fingerprint=item.told.fingerprint if item.told else None,
        )
        for item in shown
    ]
    return [
        Fold(label=label, items=tuple(shown[place] for place in places))
        for label, places in folds(happenings, [item.labels for item in shown])
    ]


def path(event: Event, change: Told | None) -> str:
    """Return where one reads on about an event.  Pure."""
    if change is not None:
        return f"/document/{event.document_id}/diff/{change.old_version}/{change.new_version}"
    return f"/document/{event.document_id}"


def _known(asked: Asked, events: Sequence[Event]) -> int:
    first = events[0]
    return asked.memory.get(
        ("known", first.source, first.event_id), lambda: asked.archive.known_then(first.source, first.event_id)
    )
