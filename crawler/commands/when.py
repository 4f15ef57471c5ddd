"""Points in time as people type them: a day, a moment, or how long ago; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

AGO = re.compile(r"(\d{1,5})\s*([mhdw])", re.ASCII)
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
EXAMPLES = "a day (2026-11-20), a moment (2026-11-20T08:30), or how long ago (90m, 12h, 2d, 1w)"


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """A day, or a moment; both in a zone that is named when it is asked for, unless the moment has its own."""

    day: date | None = None
    moment: datetime | None = None

    def start(self, zone: tzinfo) -> datetime:
        """Return the moment, or the first one of the day."""
        if self.day is not None:
            return datetime.combine(self.day, time.min, zone)
        return self._moment(zone)

    def end(self, zone: tzinfo) -> datetime:
        """Return the moment, or the last one of the day."""
        if self.day is not None:
            return datetime.combine(self.day, time.max, zone)
        return self._moment(zone)

    def _moment(self, zone: tzinfo) -> datetime:
        if self.moment is None:
            raise ValueError("neither a day nor a moment")
        return self.moment if self.moment.tzinfo else self.moment.replace(tzinfo=zone)


def read(text: str, now: datetime) -> When:
    """Return what a person typed.

    Raises ValueError for what is neither a day nor a moment nor an age, with examples.

    now: aware; ages count back from here.
    """
    text = text.strip()
    try:
        if ago := AGO.fullmatch(text):
            return When(moment=now - timedelta(**{UNITS[ago[2]]: int(ago[1])}))
        if len(text) == len("2026-11-20"):
            return When(day=date.fromisoformat(text))
        if len(text) > len("2026-11-20"):
            return When(moment=datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        pass
    raise ValueError(f"{text!r} is not {EXAMPLES}")
