"""Which texts are worth a comparison: signatures of many texts, and the pairs that may be alike.  Pure."""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from operator import eq

from rensa import RMinHash

# Characters in a row: enough for three or four Chinese words, or one or two English ones.
SHINGLE = 8
BANDS, ROWS = 32, 3
WIDTH = BANDS * ROWS
SEED = 20
# Shares of common shingles below this are not looked at; reposts with as much of their own as the check allows
# lie above it.
LIKELY = 0.25
# A bucket with more members is split by further rows: forms filled in a thousand times would be compared a
# million times.
CROWD = 40

_WORDS = re.compile(r"\w+")


def words(text: str) -> str:
    """Return a text without anything but its letters and digits, in one case and one width.  Pure.

    >>> words("补贴标准为每人每月 ５００ 元。")
    '补贴标准为每人每月500元'
    """
    return unicodedata.normalize("NFKC", "".join(_WORDS.findall(text))).lower().replace("_", "")


def shingles(text: str) -> bytes:
    """Return the runs of SHINGLE characters of a text, each as eight bytes, in no order that means anything.

    Pure.  A thousand runs cost as much as some ten calls, because each step works on all of them: a run's eight
    bytes are its first four characters in UTF-16, and over them, a byte further, the other four.  For ASCII no two
    runs are the same bytes; for others hardly any two.
    """
    data = text.ljust(SHINGLE).encode("utf-16-le", "surrogatepass")
    whole = int.from_bytes(data, "little")
    mixed = (whole ^ whole >> 56).to_bytes(len(data), "little")
    return b"".join(mixed[start : start + (len(data) - 8 - start) // 8 * 8] for start in (0, 2, 4, 6))


class Signatures:
    """Signatures of many texts, and the pairs that are worth a comparison; some 350 bytes for each text."""

    def __init__(self) -> None:
        # A key for each band, and of each row the last byte: enough to estimate how much two texts share.
        self._keys = array("q")
        self._rows = bytearray()
        self._count = 0

    def add(self, body: str) -> None:
        """Take the next text; texts are known by their place."""
        found = memoryview(shingles(words(body))).cast("Q")
        ends = array("Q", [0, len(found)])
        (row,) = RMinHash.digest_matrix_from_flat_token_hashes(found, ends, WIDTH, SEED).to_rows()
        self._keys.extend([hash(key) for key in zip(row[::3], row[1::3], row[2::3], strict=True)])
        self._rows += bytes([value & 255 for value in row])
        self._count += 1

    def pairs(self, owners: Sequence[int]) -> Iterator[tuple[int, int, int]]:
        """Yield pairs of places that may be duplicates, once each, with how many of their rows are equal.

        owners: of each text; two of one owner are no pair.
        """
        seen: set[int] = set()
        for band in range(BANDS):
            for members in self._buckets(band):
                if len({owners[place] for place in members}) < 2:
                    continue
                for one, other in self._among(members, owners, band, 1):
                    if one << 32 | other not in seen:
                        seen.add(one << 32 | other)
                        equal = self._equal(one, other)
                        if equal >= LIKELY * WIDTH:
                            yield one, other, equal

    def _buckets(self, band: int) -> Iterator[list[int]]:
        """Yield the places whose keys in a band are equal, two or more each."""
        first: dict[int, int] = {}
        more: dict[int, list[int]] = {}
        for place, key in enumerate(self._keys[band::BANDS]):
            before = first.setdefault(key, place)
            if before != place:
                more.setdefault(before, [before]).append(place)
        del first
        yield from more.values()

    def _among(self, members: list[int], owners: Sequence[int], band: int, step: int) -> Iterator[tuple[int, int]]:
        if len(members) > CROWD and step < 4:
            further = (band + step * 7) % BANDS
            split: defaultdict[int, list[int]] = defaultdict(list)
            for place in members:
                split[self._keys[place * BANDS + further]].append(place)
            for part in split.values():
                if len(part) > 1:
                    yield from self._among(part, owners, band, step + 1)
            return
        near: Iterable[tuple[int, int]] = combinations(members, 2)
        if len(members) > CROWD:
            near = ((one, other) for n, one in enumerate(members) for other in members[n + 1 : n + 1 + CROWD])
        for one, other in near:
            if owners[one] != owners[other]:
                yield one, other

    def _equal(self, one: int, other: int) -> int:
        a = self._rows[one * WIDTH : (one + 1) * WIDTH]
        b = self._rows[other * WIDTH : (other + 1) * WIDTH]
        return sum(map(eq, a, b))
