"""One run of one source: discovery, visits, and at its end versions and events."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import CloseSpider

from crawler import ladder, pacing
from crawler.browser import require_browser
from crawler.derive import Deriver, Tally, remake
from crawler.due import overdue, period
from crawler.errors import CrawlFailedError
from crawler.extracting import Extracting
from crawler.gate import allow_entries, is_number, is_public
from crawler.hosts import Hosts, minutes
from crawler.learning import in_force, learned, stand_ins_learned
from crawler.leg import Alone, LegOf
from crawler.life import CONFIRM_GONE, GONE
from crawler.limits import Limits, NothingDue, OutsideHours
from crawler.pipeline import from_failure, from_response, is_known_failure
from crawler.profile import Profile
from crawler.reading import LISTS, Reading
from crawler.revisit import Frontier
from crawler.watch import Summary, Watcher
from crawler.workers import Workers
from crawler.writing import Together
from spiders.base import Reply, SourceSpider, Visit, scattered
from spiders.source import Source
from storage import Archive, ArchiveBusyError, ArchiveError, Home, Listed
from storage.model import Answer, DocumentState, EventKind, Fetch, Resource, Role, RunEnd

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

# An answer older than this does not spare a resumed run from asking again.
RESUME_WITHIN = timedelta(hours=24)
HOPS = 5
# A run starts some moments after its due time, one more and one less.
DUE_SLACK = timedelta(seconds=30)


def now() -> datetime:
    """Return the time; the only clock of a run."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Facts of this machine and this call, as options with POLICYTRAIL_* variables.

    due_only: documents are visited only where a due time of their source has passed since the last visit.
    called_at: when this call was made; of what is due, nothing is left where another run began later and is done.
    clock_scale: how many seconds of waiting one real second counts for; 1 but in benchmarks.
    leg: the one host of the source that is asked; what is found on its others is handed to their legs.
    after_run: of a leg, nothing is left to do where a run after this one came to its end.
    """

    archive: Home
    allow: tuple[str, ...] = ()
    contact: str | None = None
    due_only: bool = False
    called_at: datetime | None = None
    clock_scale: float = 1.0
    leg: str | None = None
    after_run: int = 0


class Crawl:
    """The run of one source: records answers, has them read for addresses, derives at the end."""

    def __init__(
        self, source: Source, machine: Machine, workers: Workers, watcher: Watcher, hosts: Hosts | None = None
    ) -> None:
        self.source = source
        self.machine = machine
        self.workers = workers
        self.watcher = watcher
        self.profile = Profile(source=source.name)
        self.find: Callable[..., Any] = SourceSpider.find
        self.summary = Summary(source=source.name)
        self.error: ArchiveError | None = None
        self.alone = Alone(machine.archive, source, machine.leg)
        self.notes = self.alone.notes
        self.hosts_asked = source.hosts if machine.leg is None else (machine.leg,)
        self.leg = LegOf(self, machine.leg) if machine.leg is not None else None
        self.hosts = hosts or Hosts(machine.archive, [source])
        self._read_again: set[int] = set()
        self._starts_answered = 0
        self._answers = 0
        self._stopping = False
        self._limits: Limits | None = None
        self._deriver: Deriver | None = None
        self.reading = Reading(self, now)
        self._last_said = "nothing"
        self._crawler: Crawler | None = None

    # -- opening and closing ---------------------------------------------------------------------------

    async def open(self, crawler: Crawler) -> None:
        """Take the source's lock and its hosts' leases, open the archive and a run.

        Raises CrawlFailedError where no contact is given for hosts beyond loopback, ArchiveBusyError where
        the source is being crawled already, NothingDue where another run did meanwhile what was to be done.
        """
        self._crawler = crawler
        require_contact(self.source, self.machine.contact)
        require_proxy(self.source, self.machine.allow)
        require_browser(self.source)
        if not await self.alone.acquire():
            raise ArchiveBusyError(
                f"{self.source.name} is being crawled by another process on {self.machine.archive}; wait for its end"
            )
        try:
            await self._lease()
            self.archive = Archive.open(self.machine.archive, create=True)
            self._require_due()
            self.extracting = Extracting(self.archive, self.source, self.workers)
            self.profile = in_force(self.archive, self.source)
            await self._catch_up()
            at = now()
            self._limits = self._within_limits(at)
            self._begin(at)
        except BaseException:
            self._release()
            raise
        self.frontier = Frontier(
            self.archive,
            self.run,
            self.source,
            since=at - RESUME_WITHIN,
            prepare=self._prepare,
            is_due=self._due_by(at) if self.machine.due_only else None,
            spend=self._limits.spend,
            hosts=len(self.hosts_asked),
            **(self.leg.of_frontier() if self.leg else {}),
        )
        self.together = Together(self.archive, self.frontier.under_way)
        known = self.archive.document_states(self.source.name)
        self.watcher.started(self.source.name, resumed=self.summary.resumed, known=sum(known.values()))

    def _begin(self, at: datetime) -> None:
        """Open a run, or a leg of one."""
        identity, profile = self.extracting.identity, self.profile.sha256
        if self.leg is not None:
            self.run, self.summary.resumed = self.leg.begin(at, extractor=identity, profile=profile)
            return
        self.run = self.archive.begin_run(self.source.name, at=at, extractor=identity, profile=profile)
        self.summary.resumed = self.run.root_id != self.run.run_id

    def _require_due(self) -> None:
        # The run of a scheduler that was killed goes on; the next scheduler starts one for the same due time.
        if self.leg is not None and self.archive.has_ended_since(self.source.name, self.machine.after_run):
            raise NothingDue(self.source.name)
        if self.leg is not None or not self.machine.due_only or self.machine.called_at is None:
            return
        for last in self.archive.runs(self.source.name, limit=1):
            if last.end is RunEnd.FINISHED and last.started_at >= self.machine.called_at:
                raise NothingDue(self.source.name)

    def _within_limits(self, at: datetime) -> Limits:
        """Return what this run may ask for.  Raises CrawlFailedError where it is nothing, now."""
        source = replace(self.source, hosts=self.hosts_asked)
        limits = Limits(source, at, self.archive.asked_since, self.hosts.day)
        if wait := limits.closed(at):
            raise CrawlFailedError(f"outside its hours; they begin in {minutes(wait)}")
        if host := limits.spent():
            most = self.source.budget.requests_per_day
            raise CrawlFailedError(f"{host}: the {most} requests of its budget for today were made")
        return limits

    def require_hours(self) -> None:
        """Raise OutsideHours where no request may begin now, and end the run in order.

        Nor may one where the archive is gone, or the leases that keep others from the same hosts.
        """
        if self.error is not None or self.hosts.are_lost(self):
            self._end_early("failed", "its archive is gone; the next run goes on")
            raise OutsideHours(self.source.name)
        if self._limits is not None and self._limits.closed(now()):
            self._end_early("hours", "its hours are over; the next run goes on")
            raise OutsideHours(self.source.name)

    def _end_early(self, reason: str, told: str) -> None:
        if self._stopping or self._crawler is None or self._crawler.engine is None:
            return
        self._stopping = True
        logger.warning("%s: %s", self.source.name, told)
        asyncio.ensure_future(self._crawler.engine.close_spider_async(reason=reason))  # noqa: RUF006

    def _due_by(self, at: datetime) -> Callable[[int, datetime], bool]:
        """Return what tells whether a document asked for at some time is due again now: by schedule and ladder."""
        every = period(self.source, at)

        def is_due(resource_id: int, asked_at: datetime) -> bool:
            if not overdue(self.source, asked_at, at + DUE_SLACK):
                return False
            rhythm = self.archive.rhythm(resource_id)
            if rhythm is None:
                return True
            return ladder.is_due(at, asked_at, first_seen_at=rhythm[0], changes=rhythm[1], every=every)

        return is_due

    async def _lease(self) -> None:
        """Take the hosts' leases, so that no host is asked by two processes at once."""
        try:
            taken = await self.hosts.take(
                self,
                # Only a real clock says how much of a wait is over.
                now=now() if self.machine.clock_scale == 1 else None,
                waiting=lambda host: self.watcher.waiting(self.source.name, host),
                is_stopped=lambda: self._crawler is not None and not self._crawler.crawling,
            )
        except CrawlFailedError as error:
            if self.leg is None:
                raise
            # The others go on, and the last of them ends the run; it may be this one.
            self.leg.leave_alone(str(error))
            return
        if not taken:
            raise CloseSpider("shutdown")
        for host in self.hosts_asked:
            self.set_delay(host, self.source.delay_s)

    def leave_alone(self, host: str, wait: timedelta) -> None:
        """Ask a host nothing for so long: a while within this run, or else until a later one."""
        if self._crawler is None or self._crawler.engine is None:
            return
        if wait <= pacing.LONGEST_PAUSE:
            slot = self._crawler.engine.downloader.slots.get(urlsplit(f"//{host}").hostname or "")
            if slot is not None:
                slot.lastseen = max(slot.lastseen, time.monotonic() + wait.total_seconds())
            return
        if not self._stopping:
            self.summary.problem = (
                f"{host} is left alone for {minutes(wait)}, as it said or as it failed; a later run goes on"
            )
            self._end_early("wait", self.summary.problem)

    def _release(self) -> None:
        self.hosts.release(self)
        self.alone.release()

    async def close(self, reason: str) -> None:
        """Derive and announce what a finished run recorded, and close it; a stopped one waits for its resumption."""
        try:
            self.error = self.error or self.frontier.error
            if self.error is not None:
                self.summary.problem = str(self.error)
                return
            self.summary.over_budget = self.frontier.over.total()
            self.summary.bounds = dict(sorted((self.reading.bounds + self.frontier.over).items()))
            end = RunEnd.FINISHED if reason == "finished" else RunEnd.STOPPED
            if self.leg is not None:
                ended = self.leg.end(reason)
                if ended is None:
                    return
                end = ended
                self._starts_answered += self.archive.has_answered(self.run, (*LISTS, Role.MAIN))
            if end is RunEnd.FINISHED and self.source.starts() and not self._starts_answered:
                end = RunEnd.FAILED
                self.summary.problem = f"none of its start addresses answered; the last said: {self._last_said}"
            if end is RunEnd.FINISHED:
                await self._derive()
            elif end is RunEnd.FAILED or reason == "wait" or self.leg is not None:
                for _ in self.deriver().judging.chain(self.run):
                    await asyncio.sleep(0)
            self.archive.close_run(self.run.run_id, end, at=now())
            self.summary.end = end
        except ArchiveError as error:
            self.error = error
            self.summary.problem = str(error)
        except BaseException as error:
            # Scrapy only logs it, and then the run would look as if a person had stopped it.
            self.summary.problem = f"{type(error).__name__}: {error}"
            raise
        finally:
            self.archive.close()
            self._release()
            self.watcher.ended(self.summary)

    def deriver(self) -> Deriver:
        """Return what derives this source's rows under this run's extractor and profile."""
        if self._deriver is None:
            self._deriver = Deriver(
                self.archive,
                self.source,
                extractor=self.extracting.identity,
                profile=self.profile,
                confirm_gone=CONFIRM_GONE / self.machine.clock_scale,
            )
        return self._deriver

    async def _derive(self) -> None:
        self.watcher.deriving(self.source.name)
        await self.extracting.missing(root_id=self.run.root_id)
        tally = Tally()
        self.summary.baseline = not any(
            root != self.run.root_id for root in self.archive.finished_roots(self.source.name)
        )
        for _ in self.deriver().chain(self.run, announce=True, tally=tally):
            await asyncio.sleep(0)
        await self._learn()
        self.summary.documents = tally.documents
        self.summary.events = self._counts()
        self.summary.missing = self.archive.document_states(self.source.name).get(DocumentState.MISSING, 0)

    async def _learn(self) -> None:
        """Record what this run says of the source's pages and blocks; it is in force from the next run on."""
        fresh = await stand_ins_learned(self.archive, self.profile, self.extracting)
        if self.source.learn:
            fresh = learned(self.archive, fresh, extractor=self.extracting.identity)
        if fresh is not self.profile:
            self.archive.profile_id(fresh.sha256, source=self.source.name, data=fresh.data)

    def _counts(self) -> dict[EventKind, int]:
        return {EventKind(k): n for k, n in self.archive.run_counts(self.run.root_id).items()}

    async def _catch_up(self) -> None:
        """Make histories again where another extractor or profile made them; nothing is announced."""
        made_with = self.archive.derived_with(self.source.name)
        another = made_with - {(self.extracting.identity, self.profile.sha256)}
        if not another and not self.archive.has_unread_imports(self.source.name):
            return
        why = "extractor or profile is another one" if another else "an import was interrupted"
        logger.info("%s: %s; histories are made again", self.source.name, why)
        await self.extracting.missing()
        with self.archive.write():
            remake(self.deriver())

    # -- asking ----------------------------------------------------------------------------------------

    async def _prepare(self) -> None:
        """Name where discovery begins; of a resumed run, read again what it had in hand."""
        starts = [Listed(url=url, role=role) for url, role in self.source.starts()]
        resources = self.archive.add_listings(self.run, starts, found_on=None, at=now(), recasting=True)
        self.reading.starts = {resource.resource_id for resource in resources}
        for resource, start in zip(resources, starts, strict=True):
            if self._is_own(resource.url):
                await self.want(resource, start.role)
        if self.leg is not None:
            await self.leg.take_handed()
        if self.summary.resumed:
            for fetch, role in self.archive.chain_fetches(self.run.root_id):
                if self._is_own(fetch.url) and role in (Role.MAIN, Role.PART, Role.ATTACHMENT):
                    await self._digest(Visit(url=fetch.url, resource_id=fetch.resource_id, role=role), fetch)

    async def want(self, resource: Resource, role: Role, *, hops: int = 0) -> None:
        """Ask for a resource; what this chain asked for already is read again from its stored bytes."""
        if self.leg is not None and not self._is_own(resource.url):
            self.leg.hand_over(resource, role, hops=hops)
            return
        if self.frontier.want(resource, role=role, hops=hops):
            return
        if not self.summary.resumed or role not in (*LISTS, Role.MAIN) or resource.resource_id in self._read_again:
            return
        fetch = self.archive.last_fetch(self.run, resource.resource_id)
        self._read_again.add(resource.resource_id)
        if fetch is not None:
            await self._digest(Visit(url=resource.url, resource_id=resource.resource_id, role=role, hops=hops), fetch)

    async def take_over(self, resource: Resource, role: Role, *, hops: int, depth: int) -> None:
        """Ask for what another leg found on this one's host."""
        self.reading.depth.setdefault(resource.resource_id, depth)
        await self.want(resource, role, hops=hops)

    def _is_own(self, url: str) -> bool:
        return self.leg is None or self.leg.is_own(url)

    async def ask(self, url: str, role: Role) -> Fetch:
        """Ask for an address beside the frontier (robots.txt) and record what comes."""
        if self._crawler is None or self._crawler.engine is None:
            raise CrawlFailedError(f"{url}: asked before the run was open")
        (resource,) = self.archive.add_listings(self.run, [Listed(url=url, role=role)], found_on=None, at=now())
        visit = Visit(url=url, resource_id=resource.resource_id, role=role)
        meta = {"visit": visit, "handle_httpstatus_all": True, "proxy": self.source.proxy}
        request = Request(url, meta=meta, dont_filter=True)
        try:
            response = await self._crawler.engine.download_async(request)
        except BaseException as error:
            if not is_known_failure(error):
                raise
            return self._record(visit, from_failure(url, error, request.meta, at=now()))
        return self._record(visit, from_response(url, response, at=now()))

    def set_delay(self, host: str, delay_s: float) -> None:
        """Have a host asked at most once in ``delay_s``, by all runs of this process together."""
        if self._crawler is None or self._crawler.engine is None:
            return
        downloader, name = self._crawler.engine.downloader, urlsplit(f"//{host}").hostname or host
        lanes = self.hosts.lanes(host)
        at_once = max(1, self.source.concurrent // lanes)
        delay = scattered(delay_s * lanes)
        # Scrapy forgets an idle host's slot and makes it anew: both must know.
        downloader.per_slot_settings[name] = {"delay": delay, "concurrency": at_once}
        if name in downloader.slots:
            downloader.slots[name].delay = delay
            downloader.slots[name].concurrency = at_once

    # -- answers ---------------------------------------------------------------------------------------

    async def take(self, reply: Reply) -> None:
        """Record a reply, then read it for further addresses."""
        visit = reply.visit
        if reply.failure is not None and isinstance(reply.failure.value, OutsideHours):
            # It was never asked for, so there is nothing to record, and it stays due.
            self.frontier.done(visit, failed=False)
            return
        failed = True
        try:
            if reply.response is not None:
                answer = from_response(visit.url, reply.response, at=now())
            else:
                failure: Any = reply.failure
                answer = from_failure(visit.url, failure.value, failure.request.meta, at=now())
            # Before it is on disk: who asked us to wait must not be asked in the meantime.
            self.hosts.heed(self, answer, visit.role, clock_scale=self.machine.clock_scale)
            fetch = await self.together.do(
                lambda: self.archive.record(self.run, visit.resource_id, answer), size_bytes=len(answer.body or b"")
            )
            self._recorded(visit, fetch)
            failed = is_passing(fetch) and not self._is_silent(fetch)
            await self._digest(visit, fetch)
            failed = failed or self._is_missing(visit, fetch)
        except ArchiveError as error:
            self.error = error
            if self._crawler is not None and self._crawler.engine is not None:
                asyncio.ensure_future(self._crawler.engine.close_spider_async(reason="failed"))  # noqa: RUF006
        finally:
            self.frontier.done(visit, failed=failed)

    def _record(self, visit: Visit, answer: Answer) -> Fetch:
        fetch = self.archive.record(self.run, visit.resource_id, answer)
        self.hosts.heed(self, answer, visit.role, clock_scale=self.machine.clock_scale)
        self._recorded(visit, fetch)
        return fetch

    def _recorded(self, visit: Visit, fetch: Fetch) -> None:
        """Count what was recorded, and say it."""
        self.summary.asked += 1
        self.summary.unchanged += fetch.status == 304
        self.summary.failed += has_failed(fetch)
        self._answers += fetch.status is not None and visit.role is not Role.ROBOTS
        if visit.role is not Role.ROBOTS and (fetch.error or (fetch.status or 0) >= 400):
            self._last_said = f"{fetch.detail or fetch.error or f'status {fetch.status}'} ({fetch.url})"
        self.watcher.answered(self.source.name, visit, fetch)

    def _is_silent(self, fetch: Fetch) -> bool:
        """Tell whether a site has said nothing all run but robots.txt: asked at once, it would be silent again."""
        return fetch.error == "timeout" and not self._answers

    def _is_missing(self, visit: Visit, fetch: Fetch) -> bool:
        """Tell whether a document that was there is not found now: that is believed when it is said twice."""
        if visit.role is not Role.MAIN or self.archive.last_good(visit.resource_id, fetch.fetch_id) is None:
            return False
        return fetch.status != 410 and self.deriver().judging.judgement(fetch, visit.role)[0] in GONE

    async def _digest(self, visit: Visit, fetch: Fetch) -> None:
        if fetch.status is not None and 300 <= fetch.status < 400 and fetch.status != 304:
            await self._redirect(visit, fetch)
            return
        if fetch.status in (200, 304) and fetch.snapshot_id is not None:
            self._starts_answered += visit.role in LISTS or visit.role is Role.MAIN
            await self.reading.read(visit.resource_id, visit.role, fetch.snapshot_id)

    async def _redirect(self, visit: Visit, fetch: Fetch) -> None:
        """Go on to where a redirect leads, if the source may be there: each hop is an answer of its own."""
        target = fetch.location
        if target is None or visit.hops >= HOPS or not self.source.has_host(target):
            return
        if visit.role is Role.MAIN and not self.source.is_document(target):
            return
        (resource,) = self.archive.add_listings(
            self.run, [Listed(url=target, role=visit.role)], found_on=visit.resource_id, at=now()
        )
        await self.want(resource, visit.role, hops=visit.hops + 1)


def is_passing(fetch: Fetch) -> bool:
    """Tell whether an attempt failed in a way that may pass by itself.  Pure."""
    if fetch.status is None:
        return fetch.error not in ("robots", "gate", "too_large")
    return fetch.status >= 500 or fetch.status in (408, 425, 429)


def has_failed(fetch: Fetch) -> bool:
    """Tell whether an attempt got no answer that says something of the address.  Pure."""
    if fetch.status is None:
        return fetch.error != "robots"
    return fetch.status >= 400 and fetch.status not in (404, 410)


def is_loopback(source: Source) -> bool:
    """Tell whether a source lies on this machine only.  Pure."""
    hosts = (urlsplit(f"//{host}").hostname or "" for host in source.hosts)
    return all(host.startswith("127.") or host in ("localhost", "::1") for host in hosts)


def require_contact(source: Source, contact: str | None) -> None:
    """Refuse to crawl other people's sites without saying who asks."""
    if not contact and not is_loopback(source):
        raise CrawlFailedError(
            "set POLICYTRAIL_CONTACT to a mail address or web page of yours first: sites see it in the user agent "
            "and can reach you (example: export POLICYTRAIL_CONTACT=me@example.org)"
        )


def require_proxy(source: Source, allow: Iterable[str]) -> None:
    """Refuse a proxy in a private network that nobody allowed.

    By number only: the resolver judges one that is called by name.
    """
    parts = urlsplit(source.proxy or "")
    host = parts.hostname or ""
    if is_number(host) and not is_public(host) and host not in {name for name, _ in allow_entries(allow)}:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        raise CrawlFailedError(f"its proxy {host} is no public address; --allow {host}:{port} lets it be asked")
