"""What a person wants to know of many events at once, or of one beside its text.

Pure.  Labels fold events for people; they hide none and are never stored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from crawler.diff import Diff, Op, edits
from crawler.kinds import Kind
from crawler.typography import looks
from storage.model import EventKind, Fields

# Fewer documents than this are no whole site, and no campaign.
_MANY = 5
_SAME = 3
# Of the documents that a source has, more than this share changed in one run: it was the site.
_MOST = 0.5
# A document is listed within days of its publication; one that comes later was filled in.
_LATE = timedelta(days=30)
# Departments and sites make one edit within days of each other; what lies further apart is another one.
SPAN = timedelta(days=7)


class Label(StrEnum):
    """What an event is part of, or how it came.

    REDESIGN: most documents of its source changed in one run.
    CAMPAIGN: the same edit on many documents within days, of one source or of several.
    BACKFILL: new here, but published long ago.
    SILENT: other content, while the dates that the page states stayed.
    """

    REDESIGN = "redesign"
    CAMPAIGN = "campaign"
    BACKFILL = "backfill"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """What labels need to know of an event.

    document_id: None where every event is one of a document of its own.
    run_id: of the run that told it.
    fingerprint: of its diff; None where there is none.
    silent: as ``is_silent`` says.
    published_on, seen_on: days in the source's zone.
    """

    kind: EventKind
    document_id: int | None = None
    run_id: int = 0
    baseline: bool = False
    fingerprint: str | None = None
    silent: bool = False
    published_on: date | None = None
    seen_on: date | None = None


def fingerprint(step: Diff) -> str | None:
    """Return a hash of what a diff takes and puts, wherever; None where it touches neither text nor title.

    Pure.  The same edit on two documents has the same fingerprint; width of characters and blanks do not count.
    """
    parts: set[tuple[str, str]] = set()
    for hunk in step.hunks:
        if hunk.op is Op.CHANGED and hunk.old is not None and hunk.new is not None:
            parts.update((looks(hunk.old[a:b]), looks(hunk.new[c:d])) for a, b, c, d in edits(hunk.words))
        elif hunk.op is not Op.MOVED:
            parts.add((looks(hunk.old or ""), looks(hunk.new or "")))
    parts.update((change.name, "") for change in step.fields if change.name == "title")
    if not parts:
        return None
    return hashlib.sha256("\n".join("\t".join(part) for part in sorted(parts)).encode("utf-8", "replace")).hexdigest()


def is_silent(step: Diff, new: Fields) -> bool:
    """Tell whether content changed while the page's own dates did not.

    Pure.  A page that states no date keeps nothing back; typography alone is no content.
    """
    stated = (new.published_on is not None and new.published_from is None) or new.modified_on is not None
    dated = any(change.name in ("published_on", "modified_on") for change in step.fields)
    content = bool(step.attachments) or any(hunk.op is Op.MOVED for hunk in step.hunks)
    return stated and not dated and (content or any(kind is not Kind.TYPOGRAPHY for kind in step.kinds))


def labels(happenings: Sequence[Happening], *, sizes: Mapping[int, tuple[int, int]]) -> list[tuple[Label, ...]]:
    """Return the labels of each of some events that lie within ``SPAN``.

    Pure.

    sizes: of each run, how many documents changed, also those that are not among the happenings, and how many
        documents its source had; a run without an entry is no redesign.
    """
    holders: dict[str, set[object]] = {}
    for place, one in enumerate(happenings):
        if one.fingerprint:
            document = one.document_id if one.document_id is not None else ("event", place)
            holders.setdefault(one.fingerprint, set()).add(document)
    found = []
    for one in happenings:
        changed, known = sizes.get(one.run_id, (0, 0))
        redesign = changed >= _MANY and changed > known * _MOST
        signs = {
            Label.REDESIGN: redesign and one.kind is EventKind.CHANGED,
            Label.CAMPAIGN: one.fingerprint is not None and len(holders[one.fingerprint]) >= _SAME,
            Label.BACKFILL: one.kind is EventKind.NEW and not one.baseline and _came_late(one),
            Label.SILENT: one.silent,
        }
        found.append(tuple(label for label, given in signs.items() if given))
    return found


def folds(happenings: Sequence[Happening], found: Sequence[tuple[Label, ...]]) -> list[tuple[Label | None, list[int]]]:
    """Return the places of events as a person wants to read them: what belongs together once, the others alone.

    Pure.  Each event is in one of them; in the order of their first events.  A campaign goes over runs and sources,
    a redesign or a back-fill is of one run.
    """
    groups: dict[tuple[Label | None, str | int], list[int]] = {}
    for place, (one, given) in enumerate(zip(happenings, found, strict=True)):
        if Label.CAMPAIGN in given:
            groups.setdefault((Label.CAMPAIGN, one.fingerprint or ""), []).append(place)
        elif Label.REDESIGN in given:
            groups.setdefault((Label.REDESIGN, one.run_id), []).append(place)
        elif Label.BACKFILL in given:
            groups.setdefault((Label.BACKFILL, one.run_id), []).append(place)
        else:
            groups[None, place] = [place]
    told: list[tuple[Label | None, list[int]]] = []
    for (label, _), places in groups.items():
        if label is None or len(places) < _SAME:
            told.extend((None, [place]) for place in places)
        else:
            told.append((label, places))
    return sorted(told, key=lambda fold: fold[1][0])


def _came_late(one: Happening) -> bool:
    return one.published_on is not None and one.seen_on is not None and one.seen_on - one.published_on > _LATE
