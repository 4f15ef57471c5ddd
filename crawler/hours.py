"""The hours in which a source may be asked, in its own zone; pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from spiders.source import Hours, Source


def until_open(source: Source, now: datetime) -> timedelta:
    """Return how long it is until a source may be asked; nothing within its hours, or where it has none.

    Pure.  now: aware.  The hours are those of the clock on a wall of the source's zone: where that is set, a
    window is an hour longer or shorter.
    """
    if not source.hours:
        return timedelta(0)
    here = now.astimezone(ZoneInfo(source.timezone))
    if any(_is_within(window, here) for window in source.hours):
        return timedelta(0)
    openings = (_next(window, here) for window in source.hours)
    return min(opening.astimezone(UTC) for opening in openings) - now.astimezone(UTC)


def _is_within(window: Hours, here: datetime) -> bool:
    begin, end = window
    at = here.time()
    return begin <= at < end if begin < end else at >= begin or at < end


def _next(window: Hours, here: datetime) -> datetime:
    opening = datetime.combine(here.date(), window[0], here.tzinfo)
    if opening.astimezone(UTC) <= here.astimezone(UTC):
        opening = datetime.combine(here.date() + timedelta(days=1), window[0], here.tzinfo)
    return opening
