"""Times as the archive writes them: UTC, ISO 8601, milliseconds, sortable as text.  Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime


def stamp(moment: datetime) -> str:
    """Return an aware moment as text, such as 2026-11-20T08:00:00.123Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """Return the moment that ``stamp`` wrote."""
    return datetime.fromisoformat(text)


def day(text: str | None) -> date | None:
    """Return a day written as YYYY-MM-DD."""
    return date.fromisoformat(text) if text else None
