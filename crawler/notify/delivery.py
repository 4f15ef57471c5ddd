"""What a channel does, and how it says that it could not."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from crawler.errors import CrawlerError
from crawler.notify.stories import Told

# So long one attempt may wait for the other side, at each step.
TIMEOUT_S = 20.0


class NotDeliveredError(CrawlerError):
    """A message did not arrive, as far as we know; it is tried again.

    reachable: the other side answered, so that another message may fare better.
    """

    def __init__(self, what: str, *, reachable: bool) -> None:
        super().__init__(what)
        self.reachable = reachable


class Carrier(Protocol):
    """Carries messages of one channel."""

    def send(self, told: Told, *, at: datetime) -> str | None:
        """Deliver a message; return None, or what was wrong although it arrived.

        Raises NotDeliveredError where it did not arrive, or where that is not known.
        """
