"""Two rows of things -> the places that stay: the heaviest common subsequence.  Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

K = TypeVar("K", bound=Hashable)

# So many pairs of equal texts are weighed; the texts that repeat most, and would need more, are no anchors.
_PAIRS = 50_000


def aligned(old: Sequence[K], new: Sequence[K], weight: Callable[[K], int]) -> list[tuple[int, int]]:
    """Return the places that stay: equal pairs, rising on both sides, of the greatest weight.

    Exact while little repeats; what repeats too often holds only next to what stays anyway.
    """
    places: defaultdict[K, list[int]] = defaultdict(list)
    for j, one in enumerate(new):
        places[one].append(j)
    left: defaultdict[K, list[int]] = defaultdict(list)
    for i, one in enumerate(old):
        if one in places:
            left[one].append(i)
    weighed: list[tuple[int, int, int]] = []
    for one, spots in sorted(left.items(), key=lambda known: len(known[1]) * len(places[known[0]])):
        if len(weighed) + len(spots) * len(places[one]) > _PAIRS + len(old):
            break
        weighed.extend((i, j, weight(one)) for i in spots for j in places[one])
    anchors = heaviest(weighed)
    pairs = list(anchors)
    for i_from, i_to, j_from, j_to in gaps(anchors, len(old), len(new)):
        head, tail = ends(old[i_from:i_to], new[j_from:j_to])
        pairs.extend((i_from + n, j_from + n) for n in range(head))
        pairs.extend((i_to - n, j_to - n) for n in range(1, tail + 1))
    return sorted(pairs)


def gaps(pairs: Iterable[tuple[int, int]], i_end: int, j_end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield the stretches between pairs where at least one side has something."""
    i_from = j_from = 0
    for i, j in [*pairs, (i_end, j_end)]:
        if i > i_from or j > j_from:
            yield i_from, i, j_from, j
        i_from, j_from = i + 1, j + 1


def ends(old: Sequence[K], new: Sequence[K]) -> tuple[int, int]:
    """Return how much is equal at the head, and of the rest at the tail."""
    shorter = min(len(old), len(new))
    head = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    tail = next((n for n in range(shorter - head) if old[-1 - n] != new[-1 - n]), shorter - head)
    return head, tail


def heaviest(pairs: Iterable[tuple[int, int, int]]) -> list[tuple[int, int]]:
    """Return, of (i, j, weight), the heaviest row of pairs that rises in i and in j.

    Longest increasing subsequence, weighted (Hunt and Szymanski 1977; maxima of prefixes in a Fenwick tree).
    """
    # Of one i the greater j comes first, so that no pair can follow another of its own i.
    ordered = sorted(pairs, key=lambda pair: (pair[0], -pair[1]))
    ranks = {j: rank for rank, j in enumerate(sorted({j for _, j, _ in ordered}), 1)}
    best = [(0, 0)] * (len(ranks) + 1)  # (weight, -number of the last pair), at 0: nothing yet
    previous: list[int] = []
    for number, (_, j, weight) in enumerate(ordered, 1):
        top, rank = (0, 0), ranks[j] - 1
        while rank:
            top = max(top, best[rank])
            rank &= rank - 1
        previous.append(-top[1])
        reached, rank = (top[0] + weight, -number), ranks[j]
        while rank < len(best):
            best[rank] = max(best[rank], reached)
            rank += rank & -rank
    row, rank, last = [], len(ranks), (0, 0)
    while rank:
        last = max(last, best[rank])
        rank &= rank - 1
    number = -last[1]
    while number:
        row.append(ordered[number - 1][:2])
        number = previous[number - 1]
    return row[::-1]
