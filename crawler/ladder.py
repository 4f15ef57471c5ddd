"""When a document is visited again: new ones and those that changed often, quiet old ones ever rarer; pure."""

from __future__ import annotations

from datetime import datetime, timedelta

# Never rarer than so many intervals of the source.
BOUND = 8.0
# How much each change that was seen shortens the wait: a text that changed thrice is visited 2.6 times as often.
WEIGHT = 0.7
# So many times in a row a server may answer "not modified"; then the whole page is asked for, since some lie.
TRUSTED_CONFIRMATIONS = 9


def interval(visited_at: datetime, *, first_seen_at: datetime, changes: int, every: timedelta) -> timedelta:
    """Return how long after a visit the next one is due: from once an interval of the source to BOUND of them.

    Pure.  It grows with the root of the age at that visit: corrections come early, and visits are spread best when
    they follow the root of the rate of changes.  changes: seen so far.  every: the interval of the source.
    Source: bench/revisit.py, where it is compared with others.
    """
    age: float = max((visited_at - first_seen_at) / every, 1.0)
    intervals: float = max(min(age**0.5, BOUND) / (1 + changes) ** WEIGHT, 1.0)
    return every * intervals


def is_due(now: datetime, visited_at: datetime, *, first_seen_at: datetime, changes: int, every: timedelta) -> bool:
    """Tell whether a visit is due at a run that comes now.  Pure.

    Half an interval is forgiven: the next run would be later by more than this one is early.
    """
    wait = interval(visited_at, first_seen_at=first_seen_at, changes=changes, every=every)
    return now - visited_at >= wait - every / 2


def expected_delay(now: datetime, documents: list[tuple[datetime, int, int]], every: timedelta) -> timedelta | None:
    """Return how long a change waits on average for the visit that sees it; None without documents.  Pure.

    documents: when they were first seen, their changes since, and how many of them were alike.
    """
    waits = timedelta(0)
    for first, changes, alike in documents:
        waits += alike * interval(now, first_seen_at=first, changes=changes, every=every)
    count = sum(alike for _, _, alike in documents)
    return waits / (2 * count) if count else None
