"""How long a host is left alone after it said so, or failed again and again; pure.

What one address says may be meant for that address only, or for one section of a site: nothing in the protocol tells
(RFC 6585, 4). So it speaks for the source that asked, and only robots.txt, which every run asks for first, speaks for
all of the host.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# What a host may ask for at most; a wrong clock or a bad hand would keep us away for years.
LONGEST_WAIT = timedelta(hours=24)
# So many failures in a row are no accident of one page.
MANY_FAILURES = 8
FIRST_WAIT = timedelta(minutes=1)
LONGEST_BACK_OFF = timedelta(hours=6)
# A run waits so long within itself; for more it ends, and the next one resumes it.
LONGEST_PAUSE = timedelta(seconds=90)

TROUBLED_STATUSES = (429, 503)
TROUBLED_ERRORS = ("timeout", "refused", "connection", "dns", "tls")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How we stand with a host.  failures: in a row.  until: it is not to be asked before."""

    failures: int = 0
    until: datetime | None = None

    def wait(self, now: datetime) -> timedelta:
        """Return how long the host is still to be left alone."""
        return max(self.until - now, timedelta(0)) if self.until else timedelta(0)


def written(standings: Mapping[str, Standing]) -> str:
    """Return standings, each under a name, as text that ``read`` takes; pure."""
    return json.dumps(
        {
            name: {"failures": each.failures, "until": each.until.isoformat() if each.until else None}
            for name, each in standings.items()
            if each != Standing()
        }
    )


def read(text: str, now: datetime) -> dict[str, Standing]:
    """Return standings as they were written, but for those that cannot be read or lie too far ahead.  Pure."""
    out: dict[str, Standing] = {}
    try:
        for name, value in json.loads(text).items():
            until = datetime.fromisoformat(value["until"]) if value["until"] else None
            if until is not None and (until.tzinfo is None or until > now + LONGEST_WAIT):
                until = None
            out[name] = Standing(failures=int(value["failures"]), until=until)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return {}
    return out


def asked_to_wait(value: str | None, now: datetime) -> timedelta | None:
    """Return what a Retry-After header asks for, at most LONGEST_WAIT; None for none that can be read.

    Pure.  Source: RFC 9110, 10.2.3: seconds, or an HTTP date.

    >>> asked_to_wait("120", datetime(2026, 11, 20, tzinfo=UTC))
    datetime.timedelta(seconds=120)
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(moment - now, timedelta(0)), LONGEST_WAIT)


def after(
    standing: Standing, *, status: int | None, error: str | None, retry_after: str | None, now: datetime
) -> Standing:
    """Return how we stand with a host after one more answer.  Pure."""
    if status not in TROUBLED_STATUSES and error not in TROUBLED_ERRORS:
        return Standing() if status is not None else standing
    failures = standing.failures + 1
    wait = (asked_to_wait(retry_after, now) if status in TROUBLED_STATUSES else None) or timedelta(0)
    if failures >= MANY_FAILURES:
        # In seconds, and with few doublings: a failure count is read from a file.
        doubled = FIRST_WAIT * 2 ** min(failures - MANY_FAILURES, 16)
        wait = max(wait, min(doubled, LONGEST_BACK_OFF))
    return Standing(failures=failures, until=now + wait if wait else None)
