"""Times as people read them on a page: each in the zone of its source; pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from spiders.loader import Sources


class Zones:
    """Zones of sources; a source without a file has UTC."""

    def __init__(self, sources: Sources, names: Iterable[str]) -> None:
        known = sources.sources
        self._zones = {name: ZoneInfo(known[name].timezone if name in known else "UTC") for name in names}

    @property
    def only(self) -> str | None:
        """The zone, where all sources have the same; times are then written without it."""
        keys = {zone.key for zone in self._zones.values()}
        return keys.pop() if len(keys) == 1 else None

    def of(self, source: str | None) -> ZoneInfo:
        """Return the zone of a source; of none, the one that all share, else UTC."""
        if source is None:
            return ZoneInfo(self.only or "UTC")
        return self._zones.get(source) or ZoneInfo("UTC")

    def local(self, at: datetime, source: str | None) -> datetime:
        """Return a moment in the zone of a source."""
        return at.astimezone(self.of(source))

    def day(self, at: datetime, source: str | None) -> date:
        """Return the day of a moment in the zone of a source."""
        return self.local(at, source).date()

    def show(self, at: datetime, source: str | None, *, seconds: bool = False) -> str:
        """Return a moment as text; with its offset unless all sources have the same zone."""
        local = self.local(at, source)
        text = f"{local:%Y-%m-%d %H:%M:%S}" if seconds else f"{local:%Y-%m-%d %H:%M}"
        return text if self.only else f"{text} {local:%z}"

    def clock(self, at: datetime, source: str | None) -> str:
        """Return the time of day."""
        local = self.local(at, source)
        return f"{local:%H:%M}" if self.only else f"{local:%H:%M %z}"

    def whole(self, at: datetime, source: str | None) -> str:
        """Return a moment with zone and seconds, for a tool tip."""
        zone = self.of(source)
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S %z} ({zone.key}); {at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
