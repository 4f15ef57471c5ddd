"""Two texts -> one run of equal, removed and added words.  Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby

from crawler.diff.alignment import aligned, ends, gaps
from crawler.diff.model import Op, Span
from crawler.diff.similarity import similar
from crawler.diff.tokens import HAN, TOKEN
from crawler.kinds import Edit

_SENTENCE = re.compile(r"(?<=[。；！？\n])|(?<=[.;!?]\s)")
_CONFETTI = re.compile(rf"[{HAN}]{{1,2}}|\s+")
_STOPS = re.compile(r".*[。；！？.;!?\n]")
_PAUSES = re.compile(r".*[，、：,:\s]")

# Above this many tokens, sentences are aligned before words.
_LONG = 1_000
# More equal pairs per token than any prose has: comparing all of them is slow, and shows nothing.
_DENSE = 30
# How far an insertion is slid in search of a sentence's end.
_SLIDE = 100

# Old tokens and new tokens, equal or changed.
_Part = tuple[list[str], list[str]]


def words(old: str, new: str) -> tuple[Span, ...]:
    """Return two texts as one run of equal, removed and added words.

    Pure.  One or two equal Han characters, or a space, between two changes join the changes: equal by
    chance, they would cut the text into confetti.
    """
    spans: list[Span] = []
    for before, after in _joined(_settled(_parts(old, new))):
        steps = [(Op.EQUAL, before)] if before == after else [(Op.REMOVED, before), (Op.ADDED, after)]
        for op, text in steps:
            if text and spans and spans[-1].op is op:
                spans[-1] = Span(op=op, text=spans[-1].text + text)
            elif text:
                spans.append(Span(op=op, text=text))
    return tuple(spans)


def edits(spans: Iterable[Span]) -> list[Edit]:
    """Return where words were replaced, added or removed: from and to in the old text, from and to in the new.

    Pure.
    """
    found: list[Edit] = []
    i = j = 0
    for one, group in groupby(spans, key=lambda span: span.op is Op.EQUAL):
        texts = [(span.op, len(span.text)) for span in group]
        lost = sum(size for op, size in texts if op is not Op.ADDED)
        got = sum(size for op, size in texts if op is not Op.REMOVED)
        if not one:
            found.append((i, i + lost, j, j + got))
        i, j = i + lost, j + got
    return found


def _parts(old: str, new: str) -> Iterator[_Part]:
    if max(len(old), len(new)) > _LONG:
        yield from _sentence_parts(old, new)
    else:
        yield from _token_parts(TOKEN.findall(old), TOKEN.findall(new))


def _sentence_parts(old: str, new: str) -> Iterator[_Part]:
    a, b = _SENTENCE.split(old), _SENTENCE.split(new)
    i = 0
    for i_from, i_to, j_from, j_to in gaps(aligned(a, b, len), len(a), len(b)):
        same = _loose(a[i:i_from])
        yield same, same
        yield from _edited_sentences(a[i_from:i_to], b[j_from:j_to])
        i = i_to
    same = _loose(a[i:])
    yield same, same


def _edited_sentences(old: Sequence[str], new: Sequence[str]) -> Iterator[_Part]:
    """Yield the parts of sentences of which none stays as it was: the edited ones with what they became."""
    size = max(sum(map(len, old)), sum(map(len, new)))
    pairs = similar(old, new) if size > _LONG else []
    i = j = 0
    for at, place in [*pairs, (len(old), len(new))]:
        yield from _token_parts(TOKEN.findall("".join(old[i:at])), TOKEN.findall("".join(new[j:place])))
        if at < len(old):
            yield from _token_parts(TOKEN.findall(old[at]), TOKEN.findall(new[place]))
        i, j = at + 1, place + 1


def _loose(sentences: Sequence[str]) -> list[str]:
    """Return the tokens of sentences that stay; between the first and the last nobody needs them."""
    if len(sentences) <= 2:
        return TOKEN.findall("".join(sentences))
    return [*TOKEN.findall(sentences[0]), "".join(sentences[1:-1]), *TOKEN.findall(sentences[-1])]


def _token_parts(old: list[str], new: list[str]) -> Iterator[_Part]:
    head, tail = ends(old, new)
    yield old[:head], old[:head]
    a, b = old[head : len(old) - tail], new[head : len(new) - tail]
    counts = Counter(b)
    if not a or not b or sum(counts[token] for token in a if not token.isspace()) > _DENSE * (len(a) + len(b)):
        yield a, b
    else:
        matcher = SequenceMatcher(str.isspace, a, b, autojunk=False)
        for _, i_from, i_to, j_from, j_to in matcher.get_opcodes():
            yield a[i_from:i_to], b[j_from:j_to]
    yield old[len(old) - tail :], old[len(old) - tail :]


def _settled(parts: Iterable[_Part]) -> list[_Part]:
    """Return the parts, equal and changed in turn, insertions and deletions slid to where sentences end."""
    turns: list[_Part] = []
    for _, group in groupby(parts, key=lambda part: part[0] == part[1]):
        before, after = [], []
        for a, b in group:
            before += a
            after += b
        turns.append((before, after))
    for n in range(1, len(turns) - 1):
        a, b = turns[n]
        if a and b:
            continue
        left, right = turns[n - 1][0], turns[n + 1][0]
        by = _slide(left[-_SLIDE:], a or b, right[:_SLIDE])
        if by:
            row = left + (a or b) + right
            start, end = len(left) + by, len(left) + by + len(a or b)
            turns[n - 1] = (row[:start], row[:start])
            turns[n] = (row[start:end], []) if a else ([], row[start:end])
            turns[n + 1] = (row[end:], row[end:])
    return turns


def _slide(left: list[str], change: list[str], right: list[str]) -> int:
    """Return by how many tokens an insertion reads better further right; negative: further left."""
    row = left + change + right
    first = last = len(left)
    while first and row[first - 1] == row[first - 1 + len(change)]:
        first -= 1
    while last + len(change) < len(row) and row[last] == row[last + len(change)]:
        last += 1

    def merit(start: int) -> int:
        if not start or _STOPS.fullmatch(row[start - 1]):
            return 2
        return 1 if _PAUSES.fullmatch(row[start - 1]) else 0

    return max(range(first, last + 1), key=lambda start: (merit(start), -abs(start - len(left)))) - len(left)


def _joined(turns: Sequence[_Part]) -> Iterator[tuple[str, str]]:
    """Yield the texts of the parts, changes with next to nothing between them made one."""
    before = after = ""
    for n, (a, b) in enumerate(turns):
        same = "".join(a)
        if a != b:
            before, after = before + same, after + "".join(b)
        elif 0 < n < len(turns) - 1 and (not same or _CONFETTI.fullmatch(same)):
            before, after = before + same, after + same
        else:
            yield before, after
            yield same, same
            before = after = ""
    yield before, after
