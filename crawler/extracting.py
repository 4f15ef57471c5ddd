"""Extractions of a source's snapshots, made by workers where there are none yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from crawler.extract import KNOWN, Rules, identity
from crawler.workers import Workers
from spiders.source import Findings, Source
from storage import Archive
from storage.model import Extraction

AT_ONCE = 16


class Extracting:
    """Reads the documents of one source, under the extractor that its rules make.

    identity: of that extractor.  zone: of the source's days.
    """

    def __init__(self, archive: Archive, source: Source, workers: Workers) -> None:
        self._archive = archive
        self._source = source
        self._workers = workers
        self._rules = Rules(keep=source.keep, drop=source.drop)
        self.zone = ZoneInfo(source.timezone)
        self.identity = identity(self._rules)

    def known(self, resource_id: int, snapshot_id: int) -> Extraction | None:
        """Return an extraction that was made before."""
        return self._archive.extraction(resource_id, snapshot_id, self.identity)

    async def make(self, resource_id: int, snapshot_id: int) -> Extraction:
        """Return the extraction of bytes at an address; it is not kept yet."""
        body, first, before = self._bytes(resource_id, snapshot_id)
        made = await self._workers.extract(body, rules=self._rules, source=self._source.name, **first)
        return before if made.failure == KNOWN else made

    async def read(
        self, resource_id: int, snapshot_id: int, find: Callable[..., Findings]
    ) -> tuple[Extraction, Findings | None]:
        """Return the extraction of a document's page, and what else the page names; None where that is not known."""
        body, first, before = self._bytes(resource_id, snapshot_id)
        both = await self._workers.read(find, self._source, body, rules=self._rules, **first)
        if both is None:
            return await self.make(resource_id, snapshot_id), None
        return (before, both[1]) if both[0].failure == KNOWN else both

    def _bytes(self, resource_id: int, snapshot_id: int) -> tuple[bytes, dict[str, Any], Extraction]:
        """Return bytes, how they first came to an address, and the extraction that they may give once more."""
        first = self._archive.first_fetch(resource_id, snapshot_id)
        fetched_on = first.fetched_at.astimezone(self.zone).date()
        before = Extraction()
        if newest := self._archive.newest_extraction(resource_id, self.identity):
            earlier = self._archive.first_fetch(resource_id, newest[0])
            if earlier.url == first.url and earlier.fetched_at <= first.fetched_at:
                before = newest[1]
        asked = {"url": first.url, "content_type": first.content_type, "fetched_on": fetched_on, "known": before.reads}
        return self._archive.snapshot(snapshot_id).body, asked, before

    def keep(self, resource_id: int, snapshot_id: int, extraction: Extraction) -> None:
        """Keep an extraction."""
        self._archive.save_extraction(resource_id, snapshot_id, self.identity, extraction)

    async def missing(self, *, root_id: int | None = None, progress: Callable[[int], None] = lambda done: None) -> int:
        """Make and keep what there is not yet, of one chain or of everything; return how much it was."""
        done = after = 0
        while todo := self._archive.unextracted(
            self._source.name, self.identity, root_id=root_id, after=after, limit=AT_ONCE
        ):
            wanted = list(dict.fromkeys((resource, snapshot) for _, resource, snapshot in todo))
            made = await asyncio.gather(*(self.make(resource, snapshot) for resource, snapshot in wanted))
            with self._archive.write():
                for (resource, snapshot), extraction in zip(wanted, made, strict=True):
                    self.keep(resource, snapshot, extraction)
            done += len(wanted)
            after = todo[-1][0]
            progress(done)
        return done
