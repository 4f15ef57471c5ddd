"""What the answers of a chain of runs are: each by itself, then all held against each other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from crawler.compose import squeeze
from crawler.compositions import Compositions
from crawler.judge import Evidence, Sighting, judge, stand_ins
from storage.model import Extraction, Fetch, Outcome, Role, Run

# So many answers are judged in one transaction.
BATCH = 500
# Lists cut titles short; so much of one is enough to know it again.
LISTED_CHARS = 12


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
        for item in self.archive.chain_fetches(run.root_id):
            batch.append(item)
            if len(batch) >= BATCH:
                sightings += self._judge(batch)
                batch = []
                yield
        sightings += self._judge(batch)
        with self.archive.write():
            for fetch_id, count in stand_ins(sightings).items():
                reason = f"one page at {count} addresses, in the place of what they held or were listed as"
                self.archive.judge(fetch_id, Outcome.SOFT_404, reason)

    def _judge(self, batch: list[tuple[Fetch, Role]]) -> list[Sighting]:
        """Judge answers one by one; return what passed for documents, to be held against each other."""
        sightings = []
        with self.archive.write():
            for fetch, role in batch:
                outcome, reason = self.judgement(fetch, role)
                if (outcome, reason) != (fetch.outcome, fetch.reason):
                    self.archive.judge(fetch.fetch_id, outcome, reason)
                if role is Role.MAIN and outcome is Outcome.OK:
                    sightings.append(self._sighting(fetch))
        return sightings

    def _sighting(self, fetch: Fetch) -> Sighting:
        texts = self._texts(fetch.resource_id, fetch.snapshot_id)
        extraction = self.compositions.extraction(fetch.resource_id, fetch.snapshot_id)
        before = self.archive.last_good(fetch.resource_id, fetch.fetch_id - 1)
        if extraction is None or extraction.fields.published_on or extraction.fields.document_number:
            strange = False  # what says when it was published stands for itself
        elif before is not None:
            held = self._texts(fetch.resource_id, before.snapshot_id)
            strange = bool(held) and not held & texts
        else:
            listed = [squeeze(title)[:LISTED_CHARS] for title in self.archive.listed_titles(fetch.resource_id)]
            whole = "\n".join(texts)
            strange = bool(listed) and not any(title in whole for title in listed)
        key = hashlib.sha256("\n".join(sorted(texts)).encode("utf-8", "replace")).hexdigest()
        return Sighting(fetch_id=fetch.fetch_id, resource_id=fetch.resource_id, text_key=key, out_of_place=strange)

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
        return judge(evidence)
