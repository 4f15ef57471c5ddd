"""Two contents of a document -> what was added, removed, changed and moved: by paragraph, then by word.

Pure.  Paragraphs are aligned so that most text stays; of what is left, equal paragraphs elsewhere are moved,
similar ones are changed and compared word by word, the others are removed or added.

>>> from storage.model import Content, Fields
>>> old = Content(fields=Fields(), paragraphs=("补贴标准为每人每月500元。",))
>>> new = Content(fields=Fields(), paragraphs=("补贴标准为每人每月800元。", "本通知自印发之日起施行。"))
>>> [(hunk.op.value, hunk.new) for hunk in diff(old, new).hunks]
[('changed', '补贴标准为每人每月800元。'), ('added', '本通知自印发之日起施行。')]
>>> [(span.op.value, span.text) for span in diff(old, new).hunks[0].words[1:3]]
[('removed', '500'), ('added', '800')]
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TypeVar

from crawler.clauses import Labels, Start, outline
from crawler.diff.attachments import attachments
from crawler.diff.model import AttachmentChange, Diff, FieldChange, Hunk, Op, Span
from crawler.diff.paragraphs import compared
from crawler.diff.words import edits, words
from crawler.kinds import Kind, Shift, of_whole, shifts, shifts_of
from storage.model import Content, Fields

__all__ = ["AttachmentChange", "Diff", "FieldChange", "Hunk", "Op", "Span", "apply", "diff", "edits", "words"]

T = TypeVar("T")


_FIRST = ("title", "published_on", "document_number", "issuing_agency", "signed_on", "validity")
# What a field says is known by its name; the others are read like text.
_FIELD_KINDS = {
    **dict.fromkeys(("published_on", "modified_on", "signed_on"), Kind.DATE),
    **dict.fromkeys(("document_number", "index_number"), Kind.NUMBER),
    **dict.fromkeys(("issuing_agency", "origin", "author", "editor"), Kind.BODY),
    "validity": Kind.EFFECTIVITY,
}
_FIELDS = (*_FIRST, *(field.name for field in dataclasses.fields(Fields) if field.name not in _FIRST))


def diff(old: Content, new: Content) -> Diff:
    """Return what must be done to ``old`` to get ``new``.

    Pure: equal arguments give an equal result.  Texts that repeat far more than prose does are compared less
    finely, so that none can make this slow.
    """
    hunks = compared(old.paragraphs, new.paragraphs)
    return Diff(
        hunks=_told(hunks, outline(old.paragraphs), outline(new.paragraphs)) if hunks else (),
        fields=tuple(
            _field_change(name, getattr(old.fields, name), getattr(new.fields, name))
            for name in _FIELDS
            if getattr(old.fields, name) != getattr(new.fields, name)
        ),
        attachments=attachments(old.attachments, new.attachments),
    )


def apply(old: Content, step: Diff) -> Content:
    """Return the content that a diff leads to.

    Pure.  Raises ValueError where the diff was not made from ``old``.
    """
    changed = {change.name: change.new for change in step.fields}
    if any(getattr(old.fields, change.name) != change.old for change in step.fields):
        raise ValueError("the diff belongs to another content")
    return Content(
        fields=dataclasses.replace(old.fields, **changed),  # type: ignore[arg-type]
        paragraphs=_rebuilt(
            old.paragraphs,
            {hunk.old_index: hunk.old for hunk in step.hunks if hunk.old is not None},
            {hunk.new_index: hunk.new for hunk in step.hunks if hunk.new is not None},
        ),
        attachments=_rebuilt(
            old.attachments,
            {at.old_index: at.old for at in step.attachments if at.old_index is not None and at.old is not None},
            {at.new_index: at.new for at in step.attachments if at.new_index is not None and at.new is not None},
        ),
    )


def _told(hunks: Iterable[Hunk], old: Sequence[Sequence[Start]], new: Sequence[Sequence[Start]]) -> tuple[Hunk, ...]:
    """Return hunks with their clauses, and with what they say otherwise."""
    done = []
    for hunk in hunks:
        before = Labels(old[hunk.old_index] if hunk.old is not None else ())
        after = Labels(new[hunk.new_index] if hunk.new is not None else ())
        if hunk.old is not None and hunk.new is not None:
            places = edits(hunk.words)
            said = shifts_of(hunk.old, hunk.new, places)
        else:
            places = [(0, 0, 0, 0)]
            said = [of_whole(hunk.new or hunk.old or "", added=hunk.old is None)]
        told: dict[Shift, None] = {}
        for (at, _, place, _), found in zip(places, said, strict=True):
            for shift in found:
                one = Shift(
                    kind=shift.kind,
                    old=shift.old,
                    new=shift.new,
                    old_clause=before.at(at),
                    new_clause=after.at(place),
                )
                told[one] = None
        done.append(
            dataclasses.replace(hunk, old_clause=before.at(0), new_clause=after.at(0), shifts=tuple(told)),
        )
    return tuple(done)


def _field_change(name: str, old: str | date | None, new: str | date | None) -> FieldChange:
    if name in _FIELD_KINDS:
        kinds: tuple[Kind, ...] = (_FIELD_KINDS[name],)
    else:
        before, after = str(old or ""), str(new or "")
        found = {shift.kind for shift in shifts(before, after, edits(words(before, after)))}
        kinds = tuple(kind for kind in Kind if kind in found)
    return FieldChange(name=name, old=old, new=new, kinds=kinds)


def _rebuilt(old: Sequence[T], taken: Mapping[int, T], placed: Mapping[int, T]) -> tuple[T, ...]:
    if any(place >= len(old) or old[place] != one for place, one in taken.items()):
        raise ValueError("the diff belongs to another content")
    kept = [one for place, one in enumerate(old) if place not in taken]
    total = len(kept) + len(placed)
    rest = iter(kept)
    return tuple(placed[place] if place in placed else next(rest) for place in range(total))
