"""What a diff is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from crawler.kinds import Kind, Shift
from storage.model import Attachment


class Op(StrEnum):
    """What happened to a paragraph, an attachment or a run of words."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"
    EQUAL = "equal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A run of words: equal, added or removed."""

    op: Op
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """One paragraph that is not as it was.

    old_index: its place in the old paragraphs, from 0; of an added one, the place where it would stand.
    new_index: its place in the new ones; of a removed one, the place where it is missing.
    old, new: its text; None on the side where there is none.
    words: of a changed one, and of one that moved under another number: without the added spans the old text,
        without the removed ones the new.
    old_clause, new_clause: labels of the clauses that it begins in; empty where there is none.
    shifts: what it says otherwise; of one that only moved nothing.
    """

    op: Op
    old_index: int
    new_index: int
    old: str | None
    new: str | None
    words: tuple[Span, ...] = ()
    old_clause: str = ""
    new_clause: str = ""
    shifts: tuple[Shift, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A field that says something else."""

    name: str
    old: str | date | None
    new: str | date | None
    kinds: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentChange:
    """An attachment that is not as it was; moved: the same text at another place or address."""

    op: Op
    old_index: int | None
    new_index: int | None
    old: Attachment | None
    new: Attachment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """A change, ready to be rendered; empty for equal contents and for no others.

    hunks: in reading order of the new text, what is missing before what stands in its place.
    fields: those that make a version first.
    """

    hunks: tuple[Hunk, ...] = ()
    fields: tuple[FieldChange, ...] = ()
    attachments: tuple[AttachmentChange, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether anything differs."""
        return bool(self.hunks or self.fields or self.attachments)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of what is said otherwise in text and fields, gravest first."""
        found = {shift.kind for hunk in self.hunks for shift in hunk.shifts}
        found.update(kind for change in self.fields for kind in change.kinds)
        return tuple(kind for kind in Kind if kind in found)
