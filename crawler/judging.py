"""What the answers of a chain of runs are: each by itself, then all held against each other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from crawler.compositions import Compositions
from crawler.extract.flow import weight
from crawler.judge import PAGES, SHORT_CHARS, Evidence, Sighting, is_dated, judge, kept_chars, kept_text, stand_ins
from crawler.profile import page_key
from crawler.typography import squeeze
from storage.model import Extraction, Fetch, Outcome, Role, Run

# So many answers are judged in one transaction.
BATCH = 500
# Lists cut titles short; so much of one is enough to know it again.
LISTED_CHARS = 12
# A shorter text on a link may say "read more" in any words; of Han characters half as many say as much.
TELLING_WEIGHT = 24
# So much of the end of a page that breaks off is looked for in what it was.
BROKEN_CHARS = 12
# A page that shares less than this of its words' pairs with another one speaks of something else.
STRANGE = 0.2


class Judging:
    """Judges the answers of one source."""

    def __init__(self, compositions: Compositions) -> None:
        self.compositions = compositions
        self.archive = compositions.archive
        self.source = compositions.source

    def chain(self, run: Run) -> Iterator[None]:
        """Judge every answer of a chain; yields after each batch."""
        batch: list[tuple[Fetch, Role]] = []
        sightings: list[Sighting] = []
        first = 0
        for item in self.archive.chain_fetches(run.root_id):
            first = first or item[0].fetch_id
            batch.append(item)
            if len(batch) >= BATCH:
                sightings += self._judge(batch, first)
                batch = []
                yield
        sightings += self._judge(batch, first)
        with self.archive.write():
            stood_in = stand_ins(sightings)
            for fetch_id, count in stood_in.items():
                reason = f"one page at {count} addresses, in the place of what they held or were listed as"
                self.archive.judge(fetch_id, Outcome.SOFT_404, reason)
            for sighting in sightings:
                if sighting.stranger and sighting.fetch_id not in stood_in:
                    self.archive.judge(sighting.fetch_id, Outcome.NOT_A_DOCUMENT, sighting.stranger)

    def _judge(self, batch: list[tuple[Fetch, Role]], first: int) -> list[Sighting]:
        """Judge answers one by one; return what passed for documents, to be held against each other."""
        sightings = []
        with self.archive.write():
            for fetch, role in batch:
                outcome, reason = self.judgement(fetch, role)
                if (outcome, reason) != (fetch.outcome, fetch.reason):
                    self.archive.judge(fetch.fetch_id, outcome, reason)
                if role is Role.MAIN and outcome is Outcome.OK:
                    sightings.append(self._sighting(fetch, first))
        return sightings

    def _sighting(self, fetch: Fetch, first: int) -> Sighting:
        texts = self._texts(fetch.resource_id, fetch.snapshot_id)
        extraction = self.compositions.extraction(fetch.resource_id, fetch.snapshot_id)
        # What came earlier in the same chain has not been held against the others yet.
        before = self.archive.last_good(fetch.resource_id, first, itself=False)
        stranger = ""
        if extraction is None or is_dated(extraction):
            strange = False  # what says when it was published stands for itself
        elif before is not None:
            held_then = self._texts(fetch.resource_id, before.snapshot_id)
            strange = bool(held_then) and not held_then & texts
            earlier = self.compositions.extraction(fetch.resource_id, before.snapshot_id)
            if strange and earlier is not None and _held(_said(extraction), _said(earlier)) < STRANGE:
                stranger = "a short page that has nothing of what its address held"
        else:
            listed = self.archive.listed_titles(fetch.resource_id)
            whole = "\n".join(texts)
            strange = bool(listed) and not any(squeeze(title)[:LISTED_CHARS] in whole for title in listed)
            telling = [title for title in listed if weight(title) >= TELLING_WEIGHT]
            if strange and telling and all(_held(title, _said(extraction)) < STRANGE for title in telling):
                stranger = "a short page that has nothing of the title it was listed under"
        if extraction is None or kept_chars(extraction) >= SHORT_CHARS:
            stranger = ""
        return Sighting(
            fetch_id=fetch.fetch_id,
            resource_id=fetch.resource_id,
            text_key=hashlib.sha256("\n".join(sorted(texts)).encode("utf-8", "replace")).hexdigest(),
            out_of_place=strange,
            stranger=stranger,
        )

    def _stands_in(self, fetch: Fetch, extraction: Extraction) -> Outcome | None:
        """Return what the profile knows a page as that holds no document; None for what its address held before."""
        outcome = self.compositions.profile.stands_in(extraction.blocks)
        if outcome is None or is_dated(extraction):
            return None
        before = self.archive.last_good(fetch.resource_id, fetch.fetch_id, itself=False)
        earlier = self.compositions.extraction(fetch.resource_id, before.snapshot_id) if before else None
        if earlier is not None and page_key(earlier.blocks) == page_key(extraction.blocks):
            return None
        return outcome

    def _breaks_off(self, fetch: Fetch, extraction: Extraction) -> bool:
        """Tell whether a page ends in the midst of what its address held, without the end of a page."""
        if extraction.signs.ended:
            return False
        before = self.archive.last_good(fetch.resource_id, fetch.fetch_id, itself=False)
        earlier = self.compositions.extraction(fetch.resource_id, before.snapshot_id) if before else None
        if earlier is None or not earlier.signs.ended:
            return False
        end, whole = squeeze(kept_text(extraction))[-BROKEN_CHARS:], squeeze(kept_text(earlier))
        return len(end) == BROKEN_CHARS and end in whole and not whole.endswith(end)

    def _texts(self, resource_id: int, snapshot_id: int | None) -> frozenset[str]:
        """Return what a page says, block by block, its title among them; white space does not count."""
        extraction = self.compositions.extraction(resource_id, snapshot_id)
        if extraction is None:
            return frozenset()
        blocks = (squeeze(block.text) for block in extraction.blocks if not self.compositions.profile.left_out(block))
        return frozenset(text for text in (*blocks, squeeze(extraction.fields.title or "")) if text)

    def judgement(self, fetch: Fetch, role: Role) -> tuple[Outcome, str]:
        """Return what an answer is, from what was recorded of it."""
        if fetch.status == 304:
            earlier = self.archive.earlier_judgement(fetch) if fetch.snapshot_id else None
            if earlier is None:
                return Outcome.HTTP_ERROR, "304 for something that was never sent"
            if earlier[0] is Outcome.OK:
                return Outcome.NOT_MODIFIED, "as before"
            return earlier
        extraction: Extraction | None = None
        size = 0
        if fetch.snapshot_id is not None:
            size = (
                1 if role in (Role.LIST, Role.FEED, Role.SITEMAP, Role.ROBOTS) else self.archive.size(fetch.snapshot_id)
            )
            extraction = self.compositions.extraction(fetch.resource_id, fetch.snapshot_id)
        evidence = Evidence(
            role=role,
            status=fetch.status,
            error=fetch.error,
            detail=fetch.detail,
            size_bytes=size,
            location=fetch.location,
            location_is_document=bool(fetch.location) and self.source.is_document(fetch.location or ""),
            extraction=extraction,
        )
        outcome, reason = judge(evidence)
        if outcome is not Outcome.OK or role not in PAGES or extraction is None:
            return outcome, reason
        if stands_for := self._stands_in(fetch, extraction):
            return stands_for, "a page that this site answers in the place of documents"
        if self._breaks_off(fetch, extraction):
            return Outcome.TRUNCATED, "the page breaks off where its last answer went on"
        return outcome, reason


def _held(one: str, other: str) -> float:
    from crawler.diff.similarity import held  # few pages need it, and it brings all of diffs along

    return held(one, other)


def _said(extraction: Extraction) -> str:
    return f"{extraction.fields.title or ''}\n{kept_text(extraction)}"
