"""A diff as rows to lay out: one column or two, each change with an anchor and its clause; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

from crawler.diff import AttachmentChange, Diff, FieldChange, Hunk, Op, Span, words
from crawler.kinds import Kind
from storage.model import Attachment, Content

CONTEXT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A paragraph, on one side or on both.

    anchor: "c1", "c2", ... for changes, "p1", ... for others; the same as long as the two texts are.
    old_number, new_number: as people count; None on the side where it is not.
    old, new: its words there, marked; None where it is not.
    spans: both in one.
    moved_from: of a paragraph that moved, at its new place: its old number.
    moved_to, goes_to: at its old place, where it left a gap: its new number, and the anchor there.
    """

    op: Op
    anchor: str
    old_number: int | None = None
    new_number: int | None = None
    old: tuple[Span, ...] | None = None
    new: tuple[Span, ...] | None = None
    spans: tuple[Span, ...] = ()
    clause: str = ""
    was_clause: str = ""
    kinds: tuple[Kind, ...] = ()
    moved_from: int | None = None
    moved_to: int | None = None
    goes_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A row that is shown, or the unchanged ones between two that need not be."""

    row: Row | None = None
    hidden: tuple[Row, ...] = ()

    @property
    def anchor(self) -> str:
        """The anchor of its first row."""
        row = self.row or self.hidden[0]
        return row.anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """A field that says something else."""

    name: str
    spans: tuple[Span, ...]
    kinds: tuple[Kind, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentRow:
    """An attachment that is not as it was; same_address: only its content differs."""

    op: Op
    spans: tuple[Span, ...]
    same_address: bool


def rows(step: Diff, new: Content, *, prefix: str = "") -> list[Row]:
    """Return every paragraph of both texts in reading order: of the new one, what is gone where it is missing.

    Reading the old sides of all rows from top to bottom gives the old text, moved paragraphs at their new places.

    new: the content that the diff leads to.  prefix: of the anchors, where a page shows several diffs.
    """
    missing: dict[int, list[Hunk]] = {}
    placed: dict[int, Hunk] = {}
    moved: dict[int, Hunk] = {}
    for hunk in step.hunks:
        if hunk.new is None:
            missing.setdefault(hunk.new_index, []).append(hunk)
            continue
        placed[hunk.new_index] = hunk
        if hunk.op is Op.MOVED:
            moved[hunk.old_index] = hunk
    taken = {hunk.old_index for hunk in step.hunks if hunk.old is not None}
    kept = (place for place in count() if place not in taken)
    found: list[Row] = []
    for place in range(len(new.paragraphs) + 1):
        found.extend(_removed(hunk) for hunk in missing.get(place, ()))
        if place == len(new.paragraphs):
            break
        at = placed.get(place)
        found.append(_placed(at, place) if at is not None else _equal(new.paragraphs[place], next(kept), place))
    return _anchored(found, moved, prefix)


def parts(found: list[Row], *, context: int | None = CONTEXT) -> list[Part]:
    """Return what to show of rows; context: unchanged ones around each change, None for all."""
    if context is None:
        return [Part(row=row) for row in found]
    shown: set[int] = set()
    for place, row in enumerate(found):
        if row.op is not Op.EQUAL:
            shown.update(range(place - context, place + context + 1))
    out: list[Part] = []
    hidden: list[Row] = []
    for place, row in enumerate(found):
        if place not in shown:
            hidden.append(row)
            continue
        out.extend(_hidden(hidden))
        hidden = []
        out.append(Part(row=row))
    out.extend(_hidden(hidden))
    return out


def field_row(change: FieldChange) -> FieldRow:
    """Return a field that says something else, its words marked."""
    old = "" if change.old is None else str(change.old)
    new = "" if change.new is None else str(change.new)
    return FieldRow(name=change.name, spans=words(old, new), kinds=change.kinds)


def attachment_row(change: AttachmentChange) -> AttachmentRow:
    """Return an attachment that is not as it was, name and address marked."""
    old, new = _named(change.old), _named(change.new)
    return AttachmentRow(op=change.op, spans=words(old, new), same_address=old == new)


def _named(attachment: Attachment | None) -> str:
    return f"{attachment.name} {attachment.url}".strip() if attachment else ""


def _hidden(rows: list[Row]) -> Iterator[Part]:
    # Less than two in a row take no more room than saying that they are there.
    if len(rows) < 2:
        yield from (Part(row=row) for row in rows)
    else:
        yield Part(hidden=tuple(rows))


def _equal(text: str, old_place: int, new_place: int) -> Row:
    spans = (Span(op=Op.EQUAL, text=text),)
    return Row(
        op=Op.EQUAL, anchor="", old_number=old_place + 1, new_number=new_place + 1, old=spans, new=spans, spans=spans
    )


def _removed(hunk: Hunk) -> Row:
    spans = (Span(op=Op.REMOVED, text=hunk.old or ""),)
    return _said(Row(op=Op.REMOVED, anchor="", old_number=hunk.old_index + 1, old=spans, spans=spans), hunk)


def _placed(hunk: Hunk, place: int) -> Row:
    if hunk.op is Op.ADDED:
        spans: tuple[Span, ...] = (Span(op=Op.ADDED, text=hunk.new or ""),)
        return _said(Row(op=Op.ADDED, anchor="", new_number=place + 1, new=spans, spans=spans), hunk)
    spans = hunk.words or (Span(op=Op.EQUAL, text=hunk.new or ""),)
    row = Row(
        op=hunk.op,
        anchor="",
        old_number=hunk.old_index + 1,
        new_number=place + 1,
        old=tuple(span for span in spans if span.op is not Op.ADDED),
        new=tuple(span for span in spans if span.op is not Op.REMOVED),
        spans=spans,
        moved_from=hunk.old_index + 1 if hunk.op is Op.MOVED else None,
    )
    return _said(row, hunk)


def _said(row: Row, hunk: Hunk) -> Row:
    """Return a row with its clause and what it says otherwise."""
    clause = hunk.new_clause or hunk.old_clause
    was = hunk.old_clause if hunk.old_clause != clause else ""
    kinds = tuple(dict.fromkeys(shift.kind for shift in hunk.shifts))
    return replace(row, clause=clause, was_clause=was, kinds=kinds)


def _anchored(found: list[Row], moved: dict[int, Hunk], prefix: str) -> list[Row]:
    """Return rows with anchors, and with a mark where a moved paragraph left its place."""
    named: list[Row] = []
    changes = 0
    by_old: dict[int, str] = {}
    for place, row in enumerate(found):
        if row.op is Op.EQUAL:
            named.append(replace(row, anchor=f"{prefix}p{place + 1}"))
            continue
        changes += 1
        named.append(replace(row, anchor=f"{prefix}c{changes}"))
        if row.op is Op.MOVED and row.old_number is not None:
            by_old[row.old_number] = named[-1].anchor
    gone = {place + 1: hunk for place, hunk in moved.items()}
    out: list[Row] = []
    waiting = sorted(gone)
    for row in named:
        # A paragraph that moved is missing before the first one that stood behind it and stayed.
        if row.op in (Op.EQUAL, Op.CHANGED) and row.old_number is not None:
            while waiting and waiting[0] < row.old_number:
                out.append(_left(waiting.pop(0), gone, by_old, prefix))
        out.append(row)
    out.extend(_left(number, gone, by_old, prefix) for number in waiting)
    return out


def _left(number: int, gone: dict[int, Hunk], by_old: dict[int, str], prefix: str) -> Row:
    hunk = gone[number]
    return Row(
        op=Op.MOVED,
        anchor=f"{prefix}m{number}",
        old_number=number,
        old=(Span(op=Op.REMOVED, text=hunk.old or ""),),
        spans=(Span(op=Op.REMOVED, text=hunk.old or ""),),
        clause=hunk.old_clause,
        moved_to=hunk.new_index + 1,
        goes_to=by_old[number],
    )
