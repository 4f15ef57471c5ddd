"""When a source is due: cron fields or intervals, in its own zone.  Pure but for the random part of jitter."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from spiders.errors import SourceError
from spiders.source import Source

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger
    from apscheduler.triggers.interval import IntervalTrigger

# Seconds are for tests and benchmarks; a source file cannot have them.
EVERY = re.compile(r"every\s+([1-9]\d{0,4})\s*([smhd])", re.ASCII)
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def trigger(
    source: Source, *, since: datetime | None = None, jitter_s: int | None = None
) -> CronTrigger | IntervalTrigger:
    """Return when a source is due, in its own time zone.

    since: start of the first interval; an interval without it starts at the time of the call.
    jitter_s: each due time is delayed by a random part of this.
    Raises SourceError for a schedule that no due time can be read from.  Where both days of the month and
    of the week are given, both must hold.
    """
    # Slow to import, and of most sources it is only asked how long ago their last run was.
    from apscheduler.triggers.cron import CronTrigger
    from apscheduler.triggers.interval import IntervalTrigger

    zone = ZoneInfo(source.timezone)
    every = _interval(source)
    if every is not None:
        start = None if since is None else since + every
        seconds = every.total_seconds()
        return IntervalTrigger(seconds=seconds, start_date=start, timezone=zone, jitter=jitter_s)
    try:
        cron = CronTrigger.from_crontab(source.schedule, timezone=zone)
    except ValueError as error:
        raise SourceError(f"{source.name}: schedule {source.schedule!r}: {error}") from error
    cron.jitter = jitter_s
    return cron


def overdue(source: Source, last_finished_at: datetime | None, now: datetime) -> bool:
    """Tell whether a due time has passed since the last finished run; true for a source that never ran.

    Pure.
    """
    # A run that ended in the future shows that a clock was wrong; waiting for that day would be worse.
    if last_finished_at is None or last_finished_at > now:
        return True
    every = _interval(source)
    if every is not None:
        return last_finished_at + every <= now
    due = trigger(source).get_next_fire_time(None, last_finished_at)
    # A date that no year has, such as 31 February, is never due.
    return due is not None and due.astimezone(UTC) <= now


def period(source: Source, now: datetime) -> timedelta:
    """Return the time between two due times of a source: the one before now's next and the one after it.  Pure."""
    if (every := _interval(source)) is not None:
        return every
    cron = trigger(source)
    first = cron.get_next_fire_time(None, now)
    second = cron.get_next_fire_time(first, first + timedelta(seconds=1)) if first else None
    return second - first if first and second else timedelta(days=1)


def _interval(source: Source) -> timedelta | None:
    match = EVERY.fullmatch(source.schedule.strip())
    return None if match is None else timedelta(**{UNITS[match[2]]: int(match[1])})


def next_due(source: Source, last_finished_at: datetime | None, now: datetime) -> datetime | None:
    """Return when a source is due next, ``now`` where it is overdue; None for a day that no year has.  Pure."""
    if overdue(source, last_finished_at, now):
        return now
    if (every := _interval(source)) is not None and last_finished_at is not None:
        return last_finished_at + every
    due = trigger(source).get_next_fire_time(None, now)
    return None if due is None else due.astimezone(UTC)
