"""What the recorded answers of a run name: of lists, further lists and documents; of pages, their parts and files."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crawler.compositions import bounded
from crawler.ends import Beyond, Ends, Row
from crawler.traps import Said, made_up
from spiders.source import Findings, Found
from storage import Listed
from storage.model import Extraction, Resource, Role

if TYPE_CHECKING:
    from crawler.run import Crawl

logger = logging.getLogger(__name__)

LISTS = (Role.LIST, Role.SITEMAP, Role.FEED)
LISTED_AT_ONCE = 250
# A server that shows one page under every number shows so many copies of it, and is believed.
COPIES = 3


@dataclass(slots=True)
class Siblings:
    """The parts of one document, as numbers of their resources, and how many repeated what was said already."""

    parts: set[int] = field(default_factory=set)
    copies: int = 0


class Reading:
    """Reads what a run recorded for addresses, lists them, and has the run ask for those that it wants.

    starts: resources that the source's file names itself.  depth: of links between documents, by resource.
    bounds: how often a bound of the source's budget kept something out, by its name.
    """

    def __init__(self, crawl: Crawl, clock: Callable[[], datetime]) -> None:
        self._crawl = crawl
        self._source = crawl.source
        self._clock = clock
        self.starts: set[int] = set()
        self.depth: dict[int, int] = {}
        self.bounds: Counter[str] = Counter()
        self._beyond = Beyond()
        self._ends = Ends(crawl.source, lambda resource_id: crawl.archive.was_asked_before(crawl.run, resource_id))
        self._said = Said()
        self._siblings: dict[int, Siblings] = {}

    async def read(self, resource_id: int, role: Role, snapshot_id: int) -> None:
        """Read stored bytes for addresses: of lists, further lists and documents; of pages, parts and files."""
        if role in LISTS:
            await self._read_list(resource_id, role, snapshot_id)
        elif role in (Role.MAIN, Role.PART):
            extraction = await self._extraction(resource_id, role, snapshot_id)
            if role is Role.PART and self._is_one_copy_more(resource_id, extraction):
                return
            await self._name(resource_id, role, extraction)
        elif role is Role.ATTACHMENT:
            await self._extraction(resource_id, role, snapshot_id)

    def _is_one_copy_more(self, resource_id: int, extraction: Extraction) -> bool:
        """Tell whether a part repeats what was said; after some copies its document's other parts are not asked for.

        One copy is usual: the first page under a second address.
        """
        if self._said.is_news(resource_id, extraction):
            return False
        siblings = self._siblings.get(resource_id)
        if siblings is not None:
            siblings.copies += 1
            if siblings.copies == COPIES:
                self._crawl.frontier.drop(siblings.parts)
        return True

    async def _read_list(self, resource_id: int, role: Role, snapshot_id: int) -> None:
        found = await self._findings(resource_id, role, snapshot_id)
        resources = await self._list(found, found_on=resource_id)
        self.depth.update((resource.resource_id, 0) for resource in resources)
        mains = frozenset(r.resource_id for f, r in zip(found, resources, strict=True) if f.role is Role.MAIN)
        page = self._crawl.archive.resource(resource_id)
        if role is Role.LIST and self._beyond.is_beyond(page, mains):
            return
        named = list(zip(found, resources, strict=True))
        onward = [(resource, item.role) for item, resource in named if item.role is not Role.MAIN]
        if role is Role.LIST and self._ends.is_wanted:
            rows = [Row(resource_id=r.resource_id, hinted_on=f.hinted_on) for f, r in named if f.role is Role.MAIN]
            pages = [resource for resource, of_role in onward if of_role is Role.LIST]
            onward = [(resource, Role.LIST) for resource in self._ends.onward(page, rows, pages)]
        self._beyond.names(page, mains, (resource for resource, _ in onward))
        for resource, of_role in onward:
            await self._crawl.want(resource, of_role)
        for resource in resources:
            if resource.recast:
                # The frontier may have looked beyond it already, when it was no document yet.
                await self._crawl.want(resource, resource.role)

    async def _list(self, found: tuple[Found, ...], *, found_on: int, depth: int = 0) -> list[Resource]:
        """List what a page names, some at a time: thousands at once would keep the event loop.

        depth: of links between documents to what is named; 0 where a list names it.
        """
        resources: list[Resource] = []
        for start in range(0, len(found), LISTED_AT_ONCE):
            resources += self._list_some(found[start : start + LISTED_AT_ONCE], found_on=found_on, depth=depth)
            await asyncio.sleep(0)
        return resources

    def _list_some(self, found: tuple[Found, ...], *, found_on: int, depth: int) -> list[Resource]:
        named = [Listed(url=f.url, role=f.role, title=f.title, hinted_on=f.hinted_on) for f in found]
        resources = self._crawl.archive.add_listings(
            self._crawl.run, named, found_on=found_on, at=self._clock(), recasting=depth == 0
        )
        if self._crawl.leg is not None:
            self._crawl.leg.hand_over_new(resources, depth=depth)
        return resources

    async def _findings(
        self, resource_id: int, role: Role, snapshot_id: int, findings: Findings | None = None
    ) -> tuple[Found, ...]:
        """Return the believable addresses that a page names; findings: where it was read for them already."""
        first = self._crawl.archive.first_fetch(resource_id, snapshot_id)
        findings = findings or await self._crawl.workers.find(
            self._crawl.find,
            self._source,
            role,
            self._crawl.archive.snapshot(snapshot_id).body,
            url=first.url,
            content_type=first.content_type,
        )
        if findings.problem:
            logger.warning("%s: %s: %s", self._source.name, first.url, findings.problem)
        if len(findings.found) >= self._source.budget.links_per_page:
            self.bounds["links_per_page"] += 1
        today = self._clock().astimezone(self._crawl.extracting.zone).date() if role is Role.MAIN else None
        found = tuple(each for each in findings.found if made_up(each.url, today=today) is None)
        if len(found) < len(findings.found):
            left_out = len(findings.found) - len(found)
            logger.info("%s: %s: %d addresses that no document has", self._source.name, first.url, left_out)
        # "Yesterday" is that of the day on which the list first said so.
        day = first.fetched_at.astimezone(self._crawl.extracting.zone).date()
        return tuple(
            replace(each, hinted_on=day - timedelta(days=each.days_ago)) if each.days_ago is not None else each
            for each in found
        )

    async def _name(self, resource_id: int, role: Role, extraction: Extraction) -> None:
        """List what a page of a document names, and ask for its parts and files."""
        bound = self._source.budget.parts
        items = [Listed(url=p.url, role=Role.PART, title=p.name or None) for p in bounded(extraction.parts, bound)]
        items += [Listed(url=a.url, role=Role.ATTACHMENT, title=a.name or None) for a in extraction.attachments[:bound]]
        if beyond := len(extraction.parts) + len(extraction.attachments) - len(items):
            self.bounds["parts"] += beyond
        items = [item for item in items if self._source.has_host(item.url)]
        canonical = extraction.canonical
        if role is Role.MAIN and canonical and self._source.is_document(canonical):
            items.append(Listed(url=canonical, role=Role.MAIN))
        if not items:
            return
        resources = await self._crawl.together.do(
            lambda: self._crawl.archive.add_listings(self._crawl.run, items, found_on=resource_id, at=self._clock())
        )
        siblings = self._siblings.setdefault(resource_id, Siblings())
        for item, resource in zip(items, resources, strict=True):
            if item.role is Role.PART and resource.resource_id not in self._siblings:
                self._siblings[resource.resource_id] = siblings
                siblings.parts.add(resource.resource_id)
            if item.role is not Role.MAIN:
                await self._crawl.want(resource, item.role)

    async def _extraction(self, resource_id: int, role: Role, snapshot_id: int) -> Extraction:
        """Return the extraction of bytes at an address, made now where there is none yet.

        A document's links to other documents of the source are listed with it, unless another address has said
        the same: a trap would lead from each copy to the next.
        """
        known = self._crawl.extracting.known(resource_id, snapshot_id)
        if known is not None:
            self._said.is_news(resource_id, known)
            return known
        depth = self.depth.get(resource_id, 0)
        follows = self._source.follow and role is Role.MAIN
        findings: Findings | None = None
        if follows and depth < self._source.budget.depth:
            made, findings = await self._crawl.extracting.read(resource_id, snapshot_id, self._crawl.find)
        else:
            made = await self._crawl.extracting.make(resource_id, snapshot_id)
        found: tuple[Found, ...] = ()
        is_news = self._said.is_news(resource_id, made) or resource_id in self.starts
        if follows and made.signs.visible_chars and is_news:
            if depth < self._source.budget.depth:
                found = await self._findings(resource_id, role, snapshot_id, findings)
            else:
                self.bounds["depth"] += 1
        # Links before or with it: a page whose extraction is kept is not read for them again.
        listed = await self._list(found[:-LISTED_AT_ONCE], found_on=resource_id, depth=depth + 1)

        def write() -> list[Resource]:
            last = self._list_some(found[-LISTED_AT_ONCE:], found_on=resource_id, depth=depth + 1)
            self._crawl.extracting.keep(resource_id, snapshot_id, made)
            return last

        listed += await self._crawl.together.do(write)
        for resource in listed:
            self.depth.setdefault(resource.resource_id, 0 if resource.resource_id in self.starts else depth + 1)
        return made
