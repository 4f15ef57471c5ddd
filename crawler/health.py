"""Why a source is broken, said from its own history; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from statistics import median
from urllib.parse import urlsplit

from crawler.extract import extract
from crawler.judge import Evidence, judge
from crawler.plurals import many
from spiders.discovery import discover
from spiders.source import Source
from storage.deriving import Glance
from storage.model import Fetch, Outcome, Role

BLOCKS = (Outcome.CHALLENGE, Outcome.LOGIN, Outcome.MAINTENANCE, Outcome.DISALLOWED, Outcome.REFUSED_BY_GATE)
BLOCKING = (401, 403, 407, 412, 418, 429, 451)
# As the crawl says it of robots.txt: a site that is down forbids nothing.
NOT_HAD = "cannot be had now"
GONE = (Outcome.GONE, Outcome.SOFT_404)
UNREAD = (Outcome.EMPTY, Outcome.NOT_A_DOCUMENT)
# Of a few documents, one or two say nothing of the source.
TELLING_DOCUMENTS = 4
MOST_PART = 0.8
FEWER_THAN_USUAL = 0.5
# So many pauses between new documents show a habit; one that is so much longer than all of them breaks it.
TELLING_PAUSES = 6
LONGER_PAUSE = 4
LEAST_PAUSE = timedelta(days=14)
# Walls and pages about errors are short.
LONGEST_STAND_IN = 200_000
SLOW_S = 8.0
SLOWER_TIMES = 10.0
SLOWER_S = 2.0

_SIGN_IN = re.compile(r"(?i)log-?_?(?:in|on)\b|sign-?_?in\b|passport|\bsso\b|\bcas/|\bauth")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One way in which a source is broken.

    word: empty_list, blocked, moved, http_error, no_match, slow or overdue.  detail: a line for a person.
    """

    word: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What an address where discovery begins answered last; body: b"" where nothing good came."""

    fetch: Fetch
    role: Role
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What a run saw: its beginnings by address, and its other answers, or some that stand for all of them."""

    starts: dict[str, Start]
    mains: Sequence[Glance] = ()
    seconds: Sequence[float] = ()


def reasons(source: Source, last: Past, before: Past | None, *, overdue: bool) -> tuple[Reason, ...]:
    """Return what is wrong with a source, worst first, none twice.

    Pure.  last: of its last chain of runs that asked for anything.  before: of the finished one before it.
    """
    found: list[Reason] = []
    for url, start in last.starts.items():
        reason = _of_start(source, url, start, before.starts.get(url) if before else None)
        if reason:
            found.append(reason)
    if not found:
        found += _of_documents(source, last)
    if slow := _slowness(last, before):
        found.append(slow)
    if overdue:
        found.append(Reason(word="overdue", detail="a due time has passed since its last finished run"))
    return tuple({reason.word: reason for reason in reversed(found)}.values())[::-1]


def standing_since(now: datetime) -> datetime:
    """Return the moment from which on something new says that a source does not stand still, whatever its habit.  Pure.

    now: in UTC.
    """
    return datetime.combine(now.date() - LEAST_PAUSE, time(), UTC)


def seems_slow(seconds: Sequence[float]) -> bool:
    """Tell whether answers took so long that it matters how long they took the time before.  Pure."""
    return len(seconds) >= TELLING_DOCUMENTS and median(seconds) >= SLOWER_S


def standstill(days: Sequence[date], now: datetime) -> Reason | None:
    """Return that a source names nothing new any more, where its own habit says that it should.

    Pure.  A list may answer well and name its documents for years after the site has moved on to another: its days
    stand still.  days: on which documents were first seen (UTC), each once, in their order.
    """
    pauses = [after - before for before, after in pairwise(days)]
    if len(pauses) < TELLING_PAUSES:
        return None
    longest = max(pauses)
    if now.date() - days[-1] <= max(LONGER_PAUSE * longest, LEAST_PAUSE):
        return None
    told = f"nothing new since {days[-1]}; the longest pause before was {many(longest.days, 'day')}"
    return Reason(word="empty_list", detail=told)


def _of_start(source: Source, url: str, start: Start, before: Start | None) -> Reason | None:
    fetch = start.fetch
    if fetch.error == "robots" and NOT_HAD in fetch.detail:
        return Reason(word="http_error", detail=f"{url}: {fetch.detail}")
    if fetch.outcome in BLOCKS or fetch.error in ("robots", "gate") or fetch.status in BLOCKING:
        why = fetch.reason or fetch.detail or fetch.error or f"status {fetch.status}"
        return Reason(word="blocked", detail=f"{url}: {fetch.outcome or 'refused'}: {why}")
    if fetch.location is not None:
        return Reason(word="moved", detail=f"{url} leads to {fetch.location}")
    if fetch.status is None or fetch.status >= 400:
        return Reason(word="http_error", detail=f"{url}: {fetch.error or f'status {fetch.status}'}")
    if fetch.outcome in GONE:
        return Reason(word="http_error", detail=f"{url}: {fetch.reason}")
    if start.role not in (Role.LIST, Role.SITEMAP, Role.FEED):
        return None
    if fetch.status not in (200, 203, 304):
        return Reason(word="blocked", detail=f"{url}: status {fetch.status} is no list")
    if not start.body.strip():
        return Reason(word="empty_list", detail=f"{url} answers with nothing at all")
    named = _named(source, start)
    usual = None
    if before is not None and before.body:
        # To read a list takes long, and most days it is the same.
        usual = named if (before.body, before.role) == (start.body, start.role) else _named(source, before)
    if named and (usual is None or named >= usual * FEWER_THAN_USUAL or usual < TELLING_DOCUMENTS):
        return None
    if named:
        return Reason(word="empty_list", detail=f"{url} names {many(named, 'document')}, {usual} the time before")
    if stand_in := _stand_in(url, start):
        return stand_in
    # Rows that the patterns do not take, or no rows at all.
    from crawler.add.proposal import Answer  # slow to import, and few lists need it
    from crawler.add.propose import read

    rows = read(Answer(url=fetch.url, body=start.body, content_type=fetch.content_type)).proposal
    if rows is not None:
        keys = "`documents` and `within` take" if source.within else "`documents` takes"
        named_here = many(len(rows.titles), "address")
        return Reason(word="no_match", detail=f"{url} names {named_here}, and {keys} none of them")
    return Reason(word="empty_list", detail=f"{url} names no documents")


def _stand_in(url: str, start: Start) -> Reason | None:
    """Return what an answer that names no documents is, where it reads as a wall, or as a page about an error."""
    if len(start.body) > LONGEST_STAND_IN:
        return None
    fetch = start.fetch
    made = extract(start.body, url=fetch.url, content_type=fetch.content_type, fetched_on=fetch.fetched_at.date())
    evidence = Evidence(
        role=Role.MAIN,
        status=200,
        error=None,
        detail="",
        size_bytes=len(start.body),
        location=None,
        location_is_document=False,
        extraction=made,
    )
    outcome, why = judge(evidence)
    if outcome in BLOCKS:
        return Reason(word="blocked", detail=f"{url}: {outcome}: {why}")
    if outcome in (*GONE, Outcome.HTTP_ERROR):
        return Reason(word="http_error", detail=f"{url}: {why}")
    return None


def _named(source: Source, start: Start) -> int:
    found = discover(source, start.role, start.body, url=start.fetch.url, content_type=start.fetch.content_type).found
    return len(found)


def _of_documents(source: Source, last: Past) -> list[Reason]:
    """Return what most of a run's documents say together."""
    asked = [fetch for fetch in last.mains if fetch.outcome is not None]
    if len(asked) < TELLING_DOCUMENTS:
        return []

    def most(outcomes: Sequence[Outcome]) -> int:
        count = sum(fetch.outcome in outcomes for fetch in asked)
        return count if count >= MOST_PART * len(asked) else 0

    sent = [fetch.location for fetch in asked if fetch.location is not None]
    elsewhere = [location for location in sent if not source.has_host(location)]
    if len(elsewhere) >= MOST_PART * len(asked):
        told = f"{len(elsewhere)} of {len(asked)} documents looked at lead to other sites: {elsewhere[0]}"
        return [Reason(word="moved", detail=told)]
    if sum(_SIGN_IN.search(urlsplit(location).path) is not None for location in sent) >= MOST_PART * len(asked):
        return [Reason(word="blocked", detail=f"{len(sent)} of {len(asked)} documents looked at lead to {sent[0]}")]
    if count := most(BLOCKS):
        return [Reason(word="blocked", detail=f"{count} of {len(asked)} documents looked at are kept from us")]
    if count := most(GONE):
        return [Reason(word="http_error", detail=f"{count} of {len(asked)} documents looked at are gone")]
    if count := most((Outcome.HTTP_ERROR, Outcome.UNREACHABLE)):
        return [Reason(word="http_error", detail=f"{count} of {len(asked)} documents looked at answer with errors")]
    if count := most(UNREAD):
        return [Reason(word="no_match", detail=f"{count} of {len(asked)} documents looked at show no text")]
    return []


def _slowness(last: Past, before: Past | None) -> Reason | None:
    if not seems_slow(last.seconds):
        return None
    took = median(last.seconds)
    usual = median(before.seconds) if before and len(before.seconds) >= TELLING_DOCUMENTS else None
    if took >= SLOW_S or (usual is not None and took >= SLOWER_TIMES * usual):
        told = f", {usual:.1f} s the time before" if usual is not None else ""
        return Reason(word="slow", detail=f"half of its answers took {took:.1f} s or more{told}")
    return None
