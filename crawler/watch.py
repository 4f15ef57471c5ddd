"""How a person is told of runs while they go on."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from spiders.base import Visit
from storage.model import EventKind, Fetch, RunEnd

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Summary:
    """What one run did, for the person who started it.

    bounds: how often each bound of the budget ended something, by its key.
    longest_gap_s: the longest time for which the event loop stood still meanwhile, in seconds.
    """

    source: str
    end: RunEnd | None = None
    problem: str | None = None
    resumed: bool = False
    baseline: bool = False
    asked: int = 0
    unchanged: int = 0
    failed: int = 0
    over_budget: int = 0
    documents: int = 0
    missing: int = 0
    bounds: dict[str, int] = field(default_factory=dict)
    longest_gap_s: float = 0.0
    events: dict[EventKind, int] = field(default_factory=dict)


class Watcher:
    """Is told how runs go; this one keeps quiet."""

    def started(self, source: str, *, resumed: bool, known: int) -> None:
        """A run was opened; ``known`` documents are to be visited."""

    def answered(self, source: str, visit: Visit, fetch: Fetch) -> None:
        """An answer was recorded."""

    def deriving(self, source: str) -> None:
        """All answers are in; texts are made."""

    def waiting(self, source: str, host: str) -> None:
        """Another run is asking the same host."""

    def ended(self, summary: Summary) -> None:
        """A run was closed."""


class LogWatcher(Watcher):
    """Tells how runs go in log lines."""

    def started(self, source: str, *, resumed: bool, known: int) -> None:
        """Log the start."""
        logger.info("%s: %s, %d documents known", source, "goes on" if resumed else "starts", known)

    def waiting(self, source: str, host: str) -> None:
        """Log the wait."""
        logger.info("%s: waits for another run to be done with %s", source, host)

    def ended(self, summary: Summary) -> None:
        """Log the end."""
        told = ", ".join(f"{n} {kind}" for kind, n in sorted(summary.events.items())) or "nothing new"
        logger.info("%s: %s, %d asked, %s", summary.source, summary.end or summary.problem, summary.asked, told)
