"""Which addresses may be contacted: judged by name before a request, by number before a connection.

The middleware sees every hop and knows the source's hosts; the resolver sees the very address that is then
connected to, so a name that turns to an inner address between two look-ups gains nothing. Behind a proxy the
proxy resolves: there only the names are judged.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred, fail
from twisted.internet.error import DNSLookupError

from crawler.errors import CrawlFailedError
from spiders.base import Visit
from spiders.source import Source
from storage.model import Role

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from twisted.internet.base import ReactorBase

PORTS = {"http": 80, "https": 443}
URL_LIMIT = 2_000
# An IPv4 address stands in their last 32 bits: IPv4-compatible addresses (RFC 4291), and what a translator
# sends on (RFC 6052); what a translator of one's own network sends on (RFC 8215) is never public.
WRAPPING = (ipaddress.IPv6Network("::/96"), ipaddress.IPv6Network("64:ff9b::/96"))
LOCAL_TRANSLATION = ipaddress.IPv6Network("64:ff9b:1::/48")


class RefusedByGate(IgnoreRequest):
    """An address that must not be contacted; the message says why."""


def allow_entries(entries: Iterable[str]) -> frozenset[tuple[str, int]]:
    """Return allow entries (``HOST:PORT``) as pairs.

    Raises CrawlFailedError for an entry without host or port.
    """
    out = set()
    for entry in entries:
        host, _, port = entry.strip().rpartition(":")
        if not host or "/" in host or not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) < 65536:
            raise CrawlFailedError(f"--allow {entry}: HOST:PORT is needed, such as 127.0.0.1:8000")
        out.add((host.strip("[]").lower(), int(port)))
    return frozenset(out)


def is_public(address: str) -> bool:
    """Tell whether an IP address lies in the open internet; mapped forms are unwrapped.  Pure."""
    try:
        number = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return False
    if isinstance(number, ipaddress.IPv6Address):
        if number.is_site_local or number in LOCAL_TRANSLATION:
            return False
        inner = number.ipv4_mapped or number.sixtofour or (number.teredo[1] if number.teredo else None)
        if inner is None and any(number in network for network in WRAPPING):
            inner = ipaddress.IPv4Address(int(number) & 0xFFFFFFFF)
        if inner is not None:
            number = inner
    return number.is_global and not number.is_multicast


def is_number(host: str) -> bool:
    """Tell whether a host is an IP address rather than a name.  Pure."""
    try:
        ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        return False
    return True


def refusal(url: str, source: Source, allowed: frozenset[tuple[str, int]], *, of_robots: bool = False) -> str | None:
    """Return why a source may not contact an address, or None where it may.  Pure.

    of_robots: it is that of a robots.txt, whose redirects are followed to other hosts, too (RFC 9309, 2.3.1.2).
    allowed: pairs of host and port that may be private; a host among them answers at those ports only.
    """
    if len(url) > URL_LIMIT:
        return f"an address of more than {URL_LIMIT} characters"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "not an address"
    host = (parts.hostname or "").lower()
    if parts.scheme not in PORTS or not host:
        return "neither http nor https"
    if parts.username is not None or parts.password is not None:
        return "a user name in the address"
    if not source.has_host(url) and not of_robots:
        return f"{parts.netloc} is none of the source's hosts"
    port = port or PORTS[parts.scheme]
    if any(host == known for known, _ in allowed):
        return None if (host, port) in allowed else f"port {port} of {host} is not allowed"
    if is_number(host) and not is_public(host):
        return f"{host} is no public address; --allow {host}:{port} lets it be asked"
    if port not in PORTS.values() and parts.netloc.lower() not in source.hosts:
        return f"port {port} is not named among the source's hosts"
    return None


class GateMiddleware:
    """Stops a request, at every hop, whose address the source may not contact."""

    def __init__(self, allowed: frozenset[tuple[str, int]], source: Source) -> None:
        self.allowed = allowed
        self.source = source

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the source from the spider and the allow entries from POLICYTRAIL_ALLOW.

        Raises NotConfigured for a spider that has no source, as in ``scrapy shell``: there a person types the
        addresses, and only the resolver judges.
        """
        source = getattr(crawler.spider, "source", None)
        if source is None:
            raise NotConfigured("no source")
        return cls(allow_entries(crawler.settings.getlist("POLICYTRAIL_ALLOW")), source)

    def process_request(self, request: Request) -> None:
        """Raise RefusedByGate where the address is refused."""
        visit = request.meta.get("visit")
        of_robots = isinstance(visit, Visit) and visit.role is Role.ROBOTS
        why = refusal(request.url, self.source, self.allowed, of_robots=of_robots)
        if why is not None:
            raise RefusedByGate(why)


class GatedResolver(CachingThreadedResolver):
    """Resolves names, and refuses answers that lie in private or special networks unless allowed by name."""

    allowed_hosts: frozenset[str] = frozenset()

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """Take the allow entries from POLICYTRAIL_ALLOW."""
        self = super().from_crawler(crawler, reactor)
        self.allowed_hosts = frozenset(host for host, _ in allow_entries(crawler.settings.getlist("POLICYTRAIL_ALLOW")))
        return self

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:
        """Return the address of a name, judged."""
        if name.lower() in self.allowed_hosts:
            return super().getHostByName(name, timeout)
        if any(c.isdigit() for c in name) and not any(c.isalpha() for c in name) and not is_public(name):
            return fail(DNSLookupError(f"gate: {name} is no public address"))
        return super().getHostByName(name, timeout).addCallback(self._judged, name)

    @staticmethod
    def _judged(address: Any, name: str) -> Any:
        if not is_public(str(address)):
            raise DNSLookupError(f"gate: {name} is {address}, no public address")
        return address
