"""What the documents of one source share, as immutable data named by its hash.  Pure.

A profile is learned from recorded blocks, frozen for a run, and in force from the next one on.  The first profile
of a source is empty.  That many documents hold a block never removes it by itself: a clause that many notices
share belongs to each of them.  A second sign is needed, and here it is what the block talks about, or that it
is another one at every fetch while its documents stand still.

A profile also knows the pages with which a site answers for what it does not have or does not give: their texts,
as the site itself sent them with a status that says so, or in the place of several documents.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from storage.model import Block, Extraction, Outcome

# On so many documents a block is shared, and so many fetches without it make it new.
_SHARED_BY = 5
_SHARED_SHARE = 0.02
_CLEAN_VISITS = 3
_VOLATILE_DOCUMENTS = 3
_STILL = 0.8
_COVERED = 0.5
# So many letters are a stretch of text that two pages rarely share by chance: of Han text, and of any other.
_STRETCH_HAN = 4
_STRETCH = 12
# Share of a block's words that nothing else at the source uses: of one on many documents, and of a new one,
# which must be stranger than anything of some length that its own document says as well.
_STRANGE = 0.3
_STRANGE_AND_NEW = 0.35
_STRANGE_AND_NEW_ON_LITTLE = 0.5
_LONG_UNITS = 12
# So many words of a page show its language, by those it uses most; and what came in another one is little of it.
_FEWEST_WORDS = 100
_COMMON_WORDS = 20
_FOREIGN_SHARE = 0.4
_FEWEST_USUAL = 3
_FEWEST_UNITS = 4

# A page that stands in for others came at so many addresses, and says so much.
_STANDS_IN_AT = 2
_FEWEST_LETTERS = 6
# Such a page often names the address that was asked for.
_ADDRESS = re.compile(r"[\w.:-]*/[^\s，。；\u3400-\u9fff]*")

# Law, notice and contact: what many documents rightly share, whatever words the rest of them uses.
_FORMAL = re.compile(
    r"本[\u4e00-\u9fff]{0,4}(?:办法|规定|条例|细则|通知|公告|决定|意见|标准)|依法|依照|法律|法规|条例|应当|不得|施行|实施|行政|复议|诉讼|"
    r"公开发布|特此|印发|抄送|附件|联系(?:人|电话|方式|单位|地址)|(?:电话|传真|地址|邮编|邮箱)\s{0,2}[:：(（\d]|举报|监督|\b(?:shall|pursuant|hereby|act|regulations?|section|"
    r"article \d|annex|contact|telephone|e-?mail|address)\b",
    re.IGNORECASE,
)
# Figures are what a document knows of its own: an offer is the same everywhere.
_FIGURE = re.compile(r"\d")
_WORD = re.compile("[\u3400-\u9fff]|[^\\W\u3400-\u9fff]+")
_HAN = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Blocks that are none of any document's text, each with the rule that says so.

    rules: hash of a block's text -> name of the rule.  masked: the same for texts whose numbers do not count.
    stand_ins: hash of the text of a page that is none of the source's documents -> what it is.
    after: name of the profile that this one follows.
    """

    source: str
    rules: dict[str, str] = field(default_factory=dict)
    masked: dict[str, str] = field(default_factory=dict)
    stand_ins: dict[str, Outcome] = field(default_factory=dict)
    after: str = ""

    def left_out(self, block: Block) -> str | None:
        """Return why a block stays out of the text, or None where it counts."""
        if block.left_out or not (self.rules or self.masked):
            return block.left_out
        return self.rules.get(block_key(block)) or (self.masked.get(mask_key(block)) if self.masked else None)

    def stands_in(self, blocks: Sequence[Block]) -> Outcome | None:
        """Return what a page is that the site answers in the place of documents; None where it is not known as one."""
        return self.stand_ins.get(page_key(blocks)) if self.stand_ins else None

    def judging_only(self) -> Profile:
        """Return what this profile says of whole pages, without what it says of blocks."""
        return replace(self, rules={}, masked={}) if self.rules or self.masked else self

    @property
    def data(self) -> str:
        """The profile as JSON, equal for equal profiles."""
        known: dict[str, object] = {
            "source": self.source,
            "rules": self.rules,
            "masked": self.masked,
            "after": self.after,
        }
        if self.stand_ins:
            known["stand_ins"] = self.stand_ins
        return json.dumps(known, ensure_ascii=False, sort_keys=True)

    @property
    def sha256(self) -> str:
        """The name of the profile."""
        return hashlib.sha256(self.data.encode()).hexdigest()


def load(data: str) -> Profile:
    """Return the profile of which ``Profile.data`` is given; pure."""
    known = json.loads(data)
    return Profile(
        source=known["source"],
        rules=known["rules"],
        masked=known.get("masked", {}),
        stand_ins={key: Outcome(kind) for key, kind in known.get("stand_ins", {}).items()},
        after=known.get("after", ""),
    )


def block_key(block: Block) -> str:
    """Return the hash by which a profile knows a block; white space does not count."""
    return _short("".join(block.text.split()))


def mask_key(block: Block) -> str:
    """Return the hash of a block in which neither white space nor numbers count."""
    return _short(_mask(block.text))


def page_key(blocks: Sequence[Block]) -> str:
    """Return the hash by which a profile knows the text of a page; addresses and numbers in it do not count.

    Empty where a page says too little to be known again.
    """
    text = "\n".join(_mask(_ADDRESS.sub("", block.text)) for block in blocks if block.left_out is None)
    return _short(text) if sum(map(str.isalpha, text)) >= _FEWEST_LETTERS else ""


def _mask(text: str) -> str:
    return re.sub(r"\d+", "0", "".join(text.split()))


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def learn(before: Profile, documents: Sequence[Sequence[Extraction]]) -> Profile:
    """Return what a source's documents say of their blocks now; ``before`` itself where that is nothing new.

    Pure; the order of the documents does not count.  What was learned once stays learned: a page of an earlier
    time is composed under the present profile as well.

    documents: for each, what its main page held at its visits, the oldest first.
    """
    pages = [[[block for block in visit.blocks if block.left_out is None] for visit in visits] for visits in documents]
    everything = [[*(block.text for block in visits[-1].blocks), *visits[-1].outside] for visits in documents if visits]
    pages = [visits for visits in pages if visits and visits[-1]]
    rules, masked = dict(before.rules), dict(before.masked)
    for text in sorted(_injected(pages) | _shared_and_strange(pages, everything)):
        rules.setdefault(_short(text), "injected")
    for text in sorted(_volatile(pages)):
        masked.setdefault(_short(text), "volatile")
    if rules == before.rules and masked == before.masked:
        return before
    return replace(before, rules=rules, masked=masked, after=before.sha256)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A page that came instead of a document, as its status or its place among other answers says."""

    resource_id: int
    outcome: Outcome
    blocks: Sequence[Block]


def learn_stand_ins(before: Profile, refusals: Iterable[Refusal]) -> Profile:
    """Return what answers that were no documents say of the pages with which a site answers then.

    Pure; order does not count.  ``before`` itself where that is nothing new.  What one address alone was answered, or
    what means now this and now that, is no such page.
    """
    held: dict[str, set[int]] = {}
    kinds: dict[str, set[Outcome]] = {}
    for refusal in refusals:
        if (key := page_key(refusal.blocks)) and key not in before.stand_ins:
            held.setdefault(key, set()).add(refusal.resource_id)
            kinds.setdefault(key, set()).add(refusal.outcome)
    found = {key for key, addresses in held.items() if len(addresses) >= _STANDS_IN_AT and len(kinds[key]) == 1}
    if not found:
        return before
    fresh = {key: next(iter(kinds[key])) for key in sorted(found)}
    return replace(before, stand_ins={**before.stand_ins, **fresh}, after=before.sha256)


def _squeeze(text: str) -> str:
    return "".join(text.split())


def _units(text: str) -> list[str]:
    """Return the words of a text, of Han text each pair of neighbours."""
    words = _WORD.findall(text.lower())
    units = [a + b for a, b in itertools.pairwise(words) if _HAN.match(a) and _HAN.match(b)]
    return units + [word for word in words if len(word) >= 3 and not word.isdigit()]


def _stretches(text: str) -> set[str]:
    """Return the stretches of a text, white space left out; the whole of a short one."""
    key = _squeeze(text).lower()
    size = _STRETCH_HAN if 2 * len(_HAN.findall(key)) >= len(key) else _STRETCH
    return {key[place : place + size] for place in range(max(1, len(key) - size + 1))} if key else set()


class _Vocabulary:
    """How many documents use each word."""

    def __init__(self, documents: Iterable[Iterable[str]]) -> None:
        self._used: Counter[str] = Counter()
        for texts in documents:
            self._used.update({unit for text in texts for unit in _units(text)})

    def strange(self, text: str, *, own: int = 0) -> float:
        """Return the share of a text's words that nothing else uses.

        own: how many of the counted documents are this one.
        """
        units = _units(text)
        if len(set(units)) < _FEWEST_UNITS:
            return 0.0
        return sum(1 for unit in units if self._used[unit] <= own) / len(units)


def _shared_and_strange(pages: Sequence[Sequence[Sequence[Block]]], everything: Sequence[Sequence[str]]) -> set[str]:
    """Return the blocks made of what several documents hold, in words that the rest of the source never uses.

    everything: the texts of each page, with those that are left out of it and those around it: they count as held.
    """
    texts = [[block.text for block in visits[-1]] for visits in pages]
    stretches = [[_stretches(text) for text in page] for page in texts]
    spread: Counter[str] = Counter()
    for held in everything:
        spread.update(set().union(*map(_stretches, held)))
    few = max(_SHARED_BY, round(_SHARED_SHARE * len(pages)))
    shared: set[str] = set()
    own: list[list[str]] = []
    for page, of_page in zip(texts, stretches, strict=True):
        alike = {
            text
            for text, found in zip(page, of_page, strict=True)
            if found and sum(1 for each in found if spread[each] >= few) >= _COVERED * len(found)
        }
        own.append([text for text in page if text not in alike])
        # Notices made from one form share nearly all they say, and all of it is theirs.
        if sum(map(len, alike)) <= sum(map(len, own[-1])):
            shared |= alike
    held_by = Counter(text for page in texts for text in set(page))
    shared = {text for text in shared if held_by[text] >= few or not _FIGURE.search(text)}
    if not shared:
        return set()
    vocabulary = _Vocabulary(own)
    # What stands on the very same documents came together, and is weighed together.
    holders: dict[str, set[int]] = {text: set() for text in shared}
    for number, page in enumerate(texts):
        for text in shared.intersection(page):
            holders[text].add(number)
    together: dict[frozenset[int], list[str]] = {}
    for text, numbers in holders.items():
        together.setdefault(frozenset(numbers), []).append(text)
    found: set[str] = set()
    for held_on, group in together.items():
        free = [text for text in group if not _FORMAL.search(text)]
        for heap in [free] if len(held_on) >= few else [[text] for text in free]:
            if heap and sum(map(vocabulary.strange, heap)) >= _STRANGE * len(heap):
                found |= {_squeeze(text) for text in heap}
    return found


def _injected(pages: Sequence[Sequence[Sequence[Block]]]) -> set[str]:
    """Return the blocks that came into a document that stands still, in words that the source never uses."""
    fresh: list[list[str]] = []
    for visits in pages:
        fresh.append([])
        if len(visits) <= _CLEAN_VISITS:
            continue
        before = [{_squeeze(block.text) for block in visit} for visit in visits[-1 - _CLEAN_VISITS : -1]]
        now = {_squeeze(block.text): block.text for block in visits[-1]}
        always = set.intersection(*before)
        # Nothing may have gone: what takes another paragraph's place is an edit.
        if always and before[-1] <= now.keys() and len(always) >= _STILL * len(set.union(*before)):
            fresh[-1] = [text for key, text in now.items() if all(key not in visit for visit in before)]
    if not any(fresh):
        return set()
    old = [
        [block.text for block in visits[-1] if block.text not in new] for visits, new in zip(pages, fresh, strict=True)
    ]
    vocabulary = _Vocabulary([[text] for page in old for text in page])
    found: set[str] = set()
    for page, new, visits in zip(old, fresh, pages, strict=True):
        usual = [vocabulary.strange(text, own=1) for text in page if len(_units(text)) >= _LONG_UNITS]
        for run in _runs_of([block.text for block in visits[-1]], set(new)):
            if _is_foreign(run, page) or _is_stranger(run, usual, vocabulary):
                found |= {_squeeze(text) for text in run}
    return found


def _is_stranger(run: Sequence[str], usual: Sequence[float], vocabulary: _Vocabulary) -> bool:
    """Tell whether paragraphs that came together use stranger words than any of the page's own, of which it has some.

    They are weighed together, against as many of the page's own that follow one another: one alone may be as strange as
    any, several hardly are.
    """
    if not usual or 2 * sum(1 for text in run if _FORMAL.search(text) or _FIGURE.search(text)) >= len(run):
        return False
    size = min(len(run), len(usual))
    spans = [sum(usual[place : place + size]) / size for place in range(len(usual) - size + 1)]
    least = _STRANGE_AND_NEW if len(usual) >= _FEWEST_USUAL else _STRANGE_AND_NEW_ON_LITTLE
    return sum(map(vocabulary.strange, run)) >= max(least, *spans) * len(run)


def _is_foreign(texts: Sequence[str], page: Sequence[str]) -> bool:
    """Tell whether some texts are in another language than the page: they use none of its commonest words."""
    used = Counter(word for text in page for word in _WORD.findall(text.lower()) if not word.isdigit())
    if sum(used.values()) < _FEWEST_WORDS or sum(map(len, texts)) > _FOREIGN_SHARE * sum(map(len, page)):
        return False
    common = {word for word, _ in used.most_common(_COMMON_WORDS)}
    return all(common.isdisjoint(_WORD.findall(text.lower())) for text in texts)


def _runs_of(texts: Sequence[str], new: set[str]) -> list[list[str]]:
    """Return the new paragraphs of some length, those that follow one another together."""
    runs: list[list[str]] = []
    open_run = False
    for text in texts:
        if text in new and len(_units(text)) >= _LONG_UNITS:
            if not open_run:
                runs.append([])
            runs[-1].append(text)
            open_run = True
        elif text not in new:
            open_run = False
    return runs


def _volatile(pages: Sequence[Sequence[Sequence[Block]]]) -> set[str]:
    """Return the blocks, numbers masked, that say another number at every visit while the rest stands still."""
    changing: Counter[str] = Counter()
    for visits in pages:
        if len(visits) < _CLEAN_VISITS:
            continue
        last = visits[-_CLEAN_VISITS:]
        seen = [{_squeeze(block.text) for block in visit} for visit in last]
        always = set.intersection(*seen)
        if len(always) < _STILL * len(set.union(*seen)) / _CLEAN_VISITS:
            continue
        spoken = [{_mask(text) for text in visit - always} for visit in seen]
        for text in set.intersection(*spoken):
            if "0" in text and len({key for visit in seen for key in visit if _mask(key) == text}) == _CLEAN_VISITS:
                changing[text] += 1
    return {text for text, count in changing.items() if count >= _VOLATILE_DOCUMENTS}
