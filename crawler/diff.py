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
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby, pairwise
from typing import TypeVar

from crawler.clauses import HAN_DIGITS, Start, clause_at, mark_of, outline
from crawler.kinds import Edit, Kind, Shift, leveled, of_whole, shifts
from storage.model import Attachment, Content, Fields

T = TypeVar("T")

# Han and kana are written without spaces: a token per character.  Other scripts, and numbers with their inner
# marks (1,200.50 or 10:30 or 2026-05-01), stay whole: half a number marked as changed misleads.
_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LETTER = rf"[^\W{_HAN}]"
# So do numbers in Han digits.
_TOKEN = re.compile(rf"[{HAN_DIGITS}万亿]{{2,}}|[{_HAN}]|{_LETTER}+(?:[.,:'’\-]{_LETTER}+)*[%％‰]?|\s+|.", re.DOTALL)
_SENTENCE = re.compile(r"(?<=[。；！？\n])|(?<=[.;!?]\s)")
_PART = re.compile(r"[，。；：！？\n]|[,.;:!?]\s")
_CONFETTI = re.compile(rf"[{_HAN}]{{1,2}}|\s+")
_STOPS = re.compile(r".*[。；！？.;!?\n]")
_PAUSES = re.compile(r".*[，、：,:\s]")

# So many pairs of equal texts are weighed; the texts that repeat most, and would need more, are no anchors.
_PAIRS = 50_000
# Above this many tokens, sentences are aligned before words.
_LONG = 1_000
# More equal pairs per token than any prose has: comparing all of them is slow, and shows nothing.
_DENSE = 30
# Share of common token pairs (Dice) from which two paragraphs are one that was edited.  Measured on paragraphs
# of Chinese and English articles: 999 of 1,000 unrelated pairs lie below 0.23; with a third of the words
# rewritten 19 of 20 lie above 0.55, with half of them the median is 0.5.
_SIMILAR = 0.4
# From this share on, and from so many characters on, two texts at one place are plainly one.
_PLAIN = 0.6
_SHORT = 12
# Token pairs held by more paragraphs than this say nothing about which belongs to which.
_COMMON = 16
_CANDIDATES = 4
# How far an insertion is slid in search of a sentence's end.
_SLIDE = 100


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
    hunks = _hunks(old.paragraphs, new.paragraphs)
    return Diff(
        hunks=_told(hunks, outline(old.paragraphs), outline(new.paragraphs)) if hunks else (),
        fields=tuple(
            _field_change(name, getattr(old.fields, name), getattr(new.fields, name))
            for name in _FIELDS
            if getattr(old.fields, name) != getattr(new.fields, name)
        ),
        attachments=_attachments(old.attachments, new.attachments),
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


def _told(hunks: Iterable[Hunk], old: Sequence[Sequence[Start]], new: Sequence[Sequence[Start]]) -> tuple[Hunk, ...]:
    """Return hunks with their clauses, and with what they say otherwise."""
    found = []
    for hunk in hunks:
        before = old[hunk.old_index] if hunk.old is not None else ()
        after = new[hunk.new_index] if hunk.new is not None else ()
        if hunk.old is not None and hunk.new is not None:
            told = [
                dataclasses.replace(shift, old_clause=_label(before, at), new_clause=_label(after, place))
                for at, to, place, end in edits(hunk.words)
                for shift in shifts(hunk.old, hunk.new, [(at, to, place, end)])
            ]
        else:
            told = [
                dataclasses.replace(shift, old_clause=_label(before, 0), new_clause=_label(after, 0))
                for shift in of_whole(hunk.new or hunk.old or "", added=hunk.old is None)
            ]
        found.append(
            dataclasses.replace(
                hunk,
                old_clause=_label(before, 0),
                new_clause=_label(after, 0),
                shifts=tuple(dict.fromkeys(told)),
            )
        )
    return tuple(found)


def _label(starts: Sequence[Start], offset: int) -> str:
    return clause_at(starts, offset).label if starts else ""


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


# Paragraphs


def _hunks(old: Sequence[str], new: Sequence[str]) -> tuple[Hunk, ...]:
    gaps = list(_gaps(_aligned(old, new, lambda text: len(text) + 1), len(old), len(new)))
    moved = _equal(old, new, gaps)
    arrived = set(moved.values())
    bare = [None if i in moved else _unmarked(text) for i, text in enumerate(old)]
    others = [None if j in arrived else _unmarked(text) for j, text in enumerate(new)]
    renumbered = _equal(bare, others, gaps)
    # Those that kept their order stay where they are, under another number: no pair crosses what stays anyway.
    gap_of_old = {i: n for n, (i_from, i_to, _, _) in enumerate(gaps) for i in range(i_from, i_to)}
    gap_of_new = {j: n for n, (_, _, j_from, j_to) in enumerate(gaps) for j in range(j_from, j_to)}
    stay = dict(_chain((i, j, 1) for i, j in renumbered.items() if gap_of_old[i] == gap_of_new[j]))
    moved |= {i: j for i, j in renumbered.items() if i not in stay}
    arrived = set(moved.values())
    hunks = [_pair(Op.MOVED, old, new, i, j) for i, j in moved.items()]
    for i_from, i_to, j_from, j_to in gaps:
        left = [i for i in range(i_from, i_to) if i not in moved]
        came = [j for j in range(j_from, j_to) if j not in arrived]
        place_of = {j: q for q, j in enumerate(came)}
        kept = [(p, place_of[stay[i]]) for p, i in enumerate(left) if i in stay]
        edited = sorted(
            kept
            + [
                (p_from + p, q_from + q)
                for p_from, p_to, q_from, q_to in _gaps(kept, len(left), len(came))
                for p, q in _similar([old[i] for i in left[p_from:p_to]], [new[j] for j in came[q_from:q_to]])
            ]
        )
        hunks.extend(_pair(Op.CHANGED, old, new, left[p], came[q]) for p, q in edited)
        for p_from, p_to, q_from, q_to in _gaps(edited, len(left), len(came)):
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
    old: Sequence[str | None], new: Sequence[str | None], gaps: Iterable[tuple[int, int, int, int]]
) -> dict[int, int]:
    """Return old -> new place of what stands, unchanged, in another order; None is equal to nothing."""
    left: defaultdict[str, list[int]] = defaultdict(list)
    came: defaultdict[str, list[int]] = defaultdict(list)
    for i_from, i_to, j_from, j_to in gaps:
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
    return bare if len(bare) > _SHORT else None


def _similar(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return the pairs of paragraphs that are one paragraph, edited; rising on both sides."""
    if not old or not new:
        return []
    if len(old) == len(new):
        plain = [(place, place) for place in range(len(old)) if _is_plainly_edited(old[place], new[place])]
        if plain:
            rest = [
                (i_from + i, j_from + j)
                for i_from, i_to, j_from, j_to in _gaps(plain, len(old), len(new))
                for i, j in _similar(old[i_from:i_to], new[j_from:j_to])
            ]
            return sorted(plain + rest)
    olds, news = [_shingles(text) for text in old], [_shingles(text) for text in new]
    holders: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for j, shingles in enumerate(news):
        for shingle in shingles:
            holders[shingle].append(j)
    pairs = []
    for i, shingles in enumerate(olds):
        votes: Counter[int] = Counter()
        for shingle in shingles:
            if shingle in holders and len(holders[shingle]) <= _COMMON:
                for j in holders[shingle]:
                    votes[j] += 1
        # The neighbour at the same place counts too: in a list of like clauses every pair is common.
        likely = {j for j, _ in votes.most_common(_CANDIDATES)} | ({i} if i < len(new) else set())
        for j in likely:
            common = len(shingles & news[j])
            if common * 2 >= _SIMILAR * (len(shingles) + len(news[j])) and common:
                pairs.append((i, j, common))
    return _chain(pairs)


def _is_plainly_edited(old: str, new: str) -> bool:
    """Tell whether two texts at one place agree in so much that nothing else need be weighed."""
    if max(len(old), len(new)) <= _SHORT:
        return False
    if min(len(old), len(new)) <= _LONG and sum(_ends(old, new)) > _PLAIN * max(len(old), len(new)):
        return True
    parts, others = Counter(_PART.split(old)), Counter(_PART.split(new))
    common = sum(len(one) * count for one, count in (parts & others).items())
    return 2 * common > _PLAIN * (len(old) + len(new))


def _shingles(text: str) -> set[tuple[str, str]]:
    tokens = ["", *(token for token in _TOKEN.findall(leveled(text)) if not token.isspace()), ""]
    return set(pairwise(tokens))


# Words: parts are (old tokens, new tokens), equal or changed


_Part = tuple[list[str], list[str]]


def _parts(old: str, new: str) -> Iterator[_Part]:
    if max(len(old), len(new)) > _LONG:
        yield from _sentence_parts(old, new)
    else:
        yield from _token_parts(_TOKEN.findall(old), _TOKEN.findall(new))


def _sentence_parts(old: str, new: str) -> Iterator[_Part]:
    a, b = _SENTENCE.split(old), _SENTENCE.split(new)
    i = 0
    for i_from, i_to, j_from, j_to in _gaps(_aligned(a, b, len), len(a), len(b)):
        same = _loose(a[i:i_from])
        yield same, same
        yield from _edited_sentences(a[i_from:i_to], b[j_from:j_to])
        i = i_to
    same = _loose(a[i:])
    yield same, same


def _edited_sentences(old: Sequence[str], new: Sequence[str]) -> Iterator[_Part]:
    """Yield the parts of sentences of which none stays as it was: the edited ones with what they became."""
    size = max(sum(map(len, old)), sum(map(len, new)))
    pairs = _similar(old, new) if size > _LONG else []
    i = j = 0
    for at, place in [*pairs, (len(old), len(new))]:
        yield from _token_parts(_TOKEN.findall("".join(old[i:at])), _TOKEN.findall("".join(new[j:place])))
        if at < len(old):
            yield from _token_parts(_TOKEN.findall(old[at]), _TOKEN.findall(new[place]))
        i, j = at + 1, place + 1


def _loose(sentences: Sequence[str]) -> list[str]:
    """Return the tokens of sentences that stay; between the first and the last nobody needs them."""
    if len(sentences) <= 2:
        return _TOKEN.findall("".join(sentences))
    return [*_TOKEN.findall(sentences[0]), "".join(sentences[1:-1]), *_TOKEN.findall(sentences[-1])]


def _token_parts(old: list[str], new: list[str]) -> Iterator[_Part]:
    head, tail = _ends(old, new)
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


# Attachments


def _attachments(old: Sequence[Attachment], new: Sequence[Attachment]) -> tuple[AttachmentChange, ...]:
    left, came = set(range(len(old))), set(range(len(new)))
    for i, j in _aligned(old, new, lambda _: 1):
        left.discard(i)
        came.discard(j)
    changes = []
    signs: tuple[Callable[[Attachment], str | None], ...] = (_url, _sha256, _name)
    for sign in signs:
        waiting: defaultdict[str | None, list[int]] = defaultdict(list)
        for j in sorted(came):
            waiting[sign(new[j])].append(j)
        for i in sorted(left):
            if sign(old[i]) and waiting[sign(old[i])]:
                j = waiting[sign(old[i])].pop(0)
                same = old[i] == new[j] or (old[i].sha256 == new[j].sha256 is not None and sign is _sha256)
                op = Op.MOVED if same else Op.CHANGED
                changes.append(AttachmentChange(op=op, old_index=i, new_index=j, old=old[i], new=new[j]))
                left.discard(i)
                came.discard(j)
    changes.extend(
        AttachmentChange(op=Op.REMOVED, old_index=i, new_index=None, old=old[i], new=None) for i in sorted(left)
    )
    changes.extend(
        AttachmentChange(op=Op.ADDED, old_index=None, new_index=j, old=None, new=new[j]) for j in sorted(came)
    )
    return tuple(changes)


def _url(attachment: Attachment) -> str:
    return attachment.url


def _sha256(attachment: Attachment) -> str | None:
    return attachment.sha256


def _name(attachment: Attachment) -> str:
    return attachment.name


# Alignment


K = TypeVar("K", bound=Hashable)


def _aligned(old: Sequence[K], new: Sequence[K], weight: Callable[[K], int]) -> list[tuple[int, int]]:
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
    anchors = _chain(weighed)
    pairs = list(anchors)
    for i_from, i_to, j_from, j_to in _gaps(anchors, len(old), len(new)):
        head, tail = _ends(old[i_from:i_to], new[j_from:j_to])
        pairs.extend((i_from + n, j_from + n) for n in range(head))
        pairs.extend((i_to - n, j_to - n) for n in range(1, tail + 1))
    return sorted(pairs)


def _gaps(pairs: Iterable[tuple[int, int]], i_end: int, j_end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield the stretches between pairs where at least one side has something."""
    i_from = j_from = 0
    for i, j in [*pairs, (i_end, j_end)]:
        if i > i_from or j > j_from:
            yield i_from, i, j_from, j
        i_from, j_from = i + 1, j + 1


def _ends(old: Sequence[K], new: Sequence[K]) -> tuple[int, int]:
    """Return how much is equal at the head, and of the rest at the tail."""
    shorter = min(len(old), len(new))
    head = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    tail = next((n for n in range(shorter - head) if old[-1 - n] != new[-1 - n]), shorter - head)
    return head, tail


def _chain(pairs: Iterable[tuple[int, int, int]]) -> list[tuple[int, int]]:
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
