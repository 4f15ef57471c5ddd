"""How long the event loop stands still: meanwhile no time limit holds and no other source goes on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from crawler.watch import Summary

logger = logging.getLogger(__name__)

# Nothing of a run may keep the loop for longer; where it does, the log says for how long.
STALL_S = 1.0
BEAT_S = 0.1


class Heartbeat:
    """Measures the gaps of an event loop, and notes the longest one in the summaries of the runs under way.

    longest_s: of the whole process, in seconds.
    """

    def __init__(self) -> None:
        self.longest_s = 0.0
        self._running: list[Summary] = []

    @contextmanager
    def noting(self, summary: Summary) -> Iterator[None]:
        """Note in a summary the longest gap from here on."""
        self._running.append(summary)
        try:
            yield
        finally:
            self._running.remove(summary)

    async def beat(self) -> None:
        """Measure until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(BEAT_S)
            gap = loop.time() - before - BEAT_S
            self.longest_s = max(self.longest_s, gap)
            for summary in self._running:
                summary.longest_gap_s = max(summary.longest_gap_s, round(gap, 3))
            if gap > STALL_S:
                logger.warning("event loop stood still for %.1f s", gap)
