"""Two rows of paragraphs -> hunks: what was added, removed, changed and moved.  Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from crawler.clauses import mark_of
from crawler.diff.alignment import aligned, gaps, heaviest
from crawler.diff.model import Hunk, Op
from crawler.diff.similarity import SHORT, Known, alike, similar
from crawler.diff.words import words

# From this share of common token pairs on, a paragraph that is gone and one that came elsewhere are one that moved.
_MOVED = 0.6
# Of a text written anew, not every paragraph is held against every other.
_MOST_STRAYS = 500


def compared(old: Sequence[str], new: Sequence[str]) -> tuple[Hunk, ...]:
    """Return what must be done to some paragraphs to get others.

    Pure.  In reading order of the new text, what is missing before what stands in its place.
    """
    between = list(gaps(aligned(old, new, lambda text: len(text) + 1), len(old), len(new)))
    moved = _equal(old, new, between)
    arrived = set(moved.values())
    bare = [None if i in moved else _unmarked(text) for i, text in enumerate(old)]
    others = [None if j in arrived else _unmarked(text) for j, text in enumerate(new)]
    renumbered = _equal(bare, others, between)
    # Those that kept their order stay where they are, under another number: no pair crosses what stays anyway.
    gap_of_old = {i: n for n, (i_from, i_to, _, _) in enumerate(between) for i in range(i_from, i_to)}
    gap_of_new = {j: n for n, (_, _, j_from, j_to) in enumerate(between) for j in range(j_from, j_to)}
    stay = dict(heaviest((i, j, 1) for i, j in renumbered.items() if gap_of_old[i] == gap_of_new[j]))
    moved |= {i: j for i, j in renumbered.items() if i not in stay}
    arrived = set(moved.values())
    known: Known = {}
    hunks = [_pair(Op.MOVED, old, new, i, j) for i, j in moved.items()]
    for i_from, i_to, j_from, j_to in between:
        left = [i for i in range(i_from, i_to) if i not in moved]
        came = [j for j in range(j_from, j_to) if j not in arrived]
        place_of = {j: q for q, j in enumerate(came)}
        kept = [(p, place_of[stay[i]]) for p, i in enumerate(left) if i in stay]
        edited = sorted(
            kept
            + [
                (p_from + p, q_from + q)
                for p_from, p_to, q_from, q_to in gaps(kept, len(left), len(came))
                for p, q in similar([old[i] for i in left[p_from:p_to]], [new[j] for j in came[q_from:q_to]], known)
            ]
        )
        hunks.extend(_pair(Op.CHANGED, old, new, left[p], came[q]) for p, q in edited)
        for p_from, p_to, q_from, q_to in gaps(edited, len(left), len(came)):
            missing_at = came[q_from] if q_from < len(came) else j_to
            added_at = left[p_to] if p_to < len(left) else i_to
            hunks.extend(
                Hunk(op=Op.REMOVED, old_index=i, new_index=missing_at, old=old[i], new=None) for i in left[p_from:p_to]
            )
            hunks.extend(
                Hunk(op=Op.ADDED, old_index=added_at, new_index=j, old=None, new=new[j]) for j in came[q_from:q_to]
            )
    hunks = _rewritten(hunks, old, new, known)
    return tuple(sorted(hunks, key=lambda hunk: (hunk.new_index, hunk.new is not None, hunk.old_index)))


def _rewritten(hunks: list[Hunk], old: Sequence[str], new: Sequence[str], known: Known) -> list[Hunk]:
    """Return hunks in which a paragraph that is gone, and stands edited elsewhere, is moved."""
    gone = [hunk.old_index for hunk in hunks if hunk.op is Op.REMOVED and len(hunk.old or "") > SHORT]
    come = [hunk.new_index for hunk in hunks if hunk.op is Op.ADDED and len(hunk.new or "") > SHORT]
    if not gone or not come or len(gone) + len(come) > _MOST_STRAYS:
        return hunks
    found = alike([old[i] for i in gone], [new[j] for j in come], least=_MOVED, known=known)
    moved: dict[int, int] = {}
    for p, q, _, _ in sorted(found, key=lambda pair: (-pair[3], pair[0], pair[1])):
        if gone[p] not in moved and come[q] not in moved.values():
            moved[gone[p]] = come[q]
    arrived = set(moved.values())
    stay = [
        hunk
        for hunk in hunks
        if not (hunk.op is Op.REMOVED and hunk.old_index in moved)
        and not (hunk.op is Op.ADDED and hunk.new_index in arrived)
    ]
    return stay + [_pair(Op.MOVED, old, new, i, j) for i, j in moved.items()]


def _pair(op: Op, old: Sequence[str], new: Sequence[str], i: int, j: int) -> Hunk:
    spans = words(old[i], new[j]) if old[i] != new[j] else ()
    return Hunk(op=op, old_index=i, new_index=j, old=old[i], new=new[j], words=spans)


def _equal(
    old: Sequence[str | None], new: Sequence[str | None], between: Iterable[tuple[int, int, int, int]]
) -> dict[int, int]:
    """Return old -> new place of what stands, unchanged, in another order; None is equal to nothing."""
    left: defaultdict[str, list[int]] = defaultdict(list)
    came: defaultdict[str, list[int]] = defaultdict(list)
    for i_from, i_to, j_from, j_to in between:
        for i in range(i_from, i_to):
            if (text := old[i]) is not None:
                left[text].append(i)
        for j in range(j_from, j_to):
            if (text := new[j]) is not None:
                came[text].append(j)
    return {i: j for text, places in left.items() for i, j in zip(places, came[text], strict=False)}


def _unmarked(text: str) -> str | None:
    """Return a clause without its mark; None where it has none, or next to nothing behind it."""
    mark = mark_of(text)
    bare = text[mark.end :].strip() if mark else ""
    return bare if len(bare) > SHORT else None
