"""Two rows of paragraphs -> hunks: what was added, removed, changed and moved.  Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from crawler.clauses import mark_of
from crawler.diff.alignment import aligned, gaps, heaviest
from crawler.diff.model import Hunk, Op
from crawler.diff.similarity import SHORT, similar
from crawler.diff.words import words


def compared(old: Sequence[str], new: Sequence[str]) -> tuple[Hunk, ...]:
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
                for p, q in similar([old[i] for i in left[p_from:p_to]], [new[j] for j in came[q_from:q_to]])
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
    return tuple(sorted(hunks, key=lambda hunk: (hunk.new_index, hunk.new is not None, hunk.old_index)))


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
