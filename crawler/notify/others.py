"""Messages by Apprise, which knows a hundred services; only with the extra ``apprise``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from crawler.errors import CrawlFailedError
from crawler.notify.config import AppriseChannel
from crawler.notify.delivery import NotDeliveredError
from crawler.notify.rendering import subject, text
from crawler.notify.stories import Told


class AppriseCarrier:
    """Sends messages to the services that a channel's addresses name; what they resolve is beyond our gate."""

    def __init__(self, channel: AppriseChannel, environment: Mapping[str, str]) -> None:
        try:
            import apprise
        except ImportError:
            raise CrawlFailedError(
                f"channel {channel.name}: needs Apprise; install policytrail with the extra [apprise]"
            ) from None
        self._name = channel.name
        self._services = apprise.Apprise()
        for address in channel.urls.read(environment).split():
            if not self._services.add(address):
                # Not shown: it holds a password.
                raise CrawlFailedError(f"channel {channel.name}: one of its addresses is none that Apprise knows")

    def send(self, told: Told, *, at: datetime) -> str | None:
        """Send one message to all services."""
        if not self._services.notify(title=subject(told), body=text(told)):
            raise NotDeliveredError(f"channel {self._name}: Apprise could not reach all services", reachable=False)
        return None
