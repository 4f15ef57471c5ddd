"""Groups of texts that are one release.  Pure, but for the texts that are asked for."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from crawler.corpus.candidates import WIDTH, Signatures
from crawler.corpus.duplicates import Text, apart, clauses, head, same

# So many texts of a cluster are compared with one that would join it.
JOINED = 8
# Signatures are estimates: so many equal rows more or less say nothing, and the text that came first is taken.
NEARLY = 8
# Two places and how alike they are fit into one number of 64 bits.
PLACE_BITS = 29
_PLACE = (1 << PLACE_BITS) - 1


def clusters(signatures: Signatures, owners: Sequence[int], text: Callable[[int], Text]) -> list[list[int]]:
    """Return the places of texts that are one release, two or more each, rising.

    text: the text at a place; asked for when it is compared.
    """
    read = _Read(text)
    cluster: dict[int, list[int]] = {}
    for _, pairs in sorted(_parts(signatures.pairs(owners)).items()):
        # The most alike first: a copy that lacks what tells two notices apart goes to one of them, and does not
        # join them.
        for pair in sorted(pairs):
            one, other = pair >> PLACE_BITS & _PLACE, pair & _PLACE
            ours, theirs = cluster.get(one, [one]), cluster.get(other, [other])
            if ours is theirs or not read.same(one, other):
                continue
            if all(
                owners[a] == owners[b] or (a, b) == (one, other) or read.same(a, b)
                for a in ours[:JOINED]
                for b in theirs[:JOINED]
            ):
                joined = sorted(ours + theirs)
                cluster.update((place, joined) for place in joined)
    return [members for place, members in sorted(cluster.items()) if members[0] == place]


def _parts(pairs: Iterable[tuple[int, int, int]]) -> dict[int, array[int]]:
    """Return pairs by the part of the set that they hang together with, so that a part's texts are read once.

    A pair is one number, in which those that are more alike come first, then those with lower places.
    """
    # The part that a place belongs to, by another of its places; there may be millions.
    above: dict[int, int] = {}

    def top(place: int) -> int:
        while (next_one := above.get(place, place)) != place:
            above[place] = above.get(next_one, next_one)
            place = next_one
        return place

    numbers = array("Q")
    for one, other, equal in pairs:
        numbers.append((WIDTH - equal) // NEARLY << 2 * PLACE_BITS | one << PLACE_BITS | other)
        first, second = sorted((top(one), top(other)))
        above[second] = first
    parts: defaultdict[int, array[int]] = defaultdict(lambda: array("Q"))
    for number in numbers:
        parts[top(number & _PLACE)].append(number)
    return parts


class _Read:
    """Heads and clauses of texts, those asked for last kept."""

    def __init__(self, text: Callable[[int], Text]) -> None:
        read = lru_cache(maxsize=64)(text)
        self._head = lru_cache(maxsize=20_000)(lambda place: head(read(place)))
        self._clauses = lru_cache(maxsize=2_000)(lambda place: clauses(read(place)))

    def same(self, one: int, other: int) -> bool:
        """Tell whether two texts are one release; most pairs are two by their names alone."""
        return not apart(self._head(one), self._head(other)) and same(self._clauses(one), self._clauses(other))
