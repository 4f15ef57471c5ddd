"""Messages as signed JSON, posted to an address.

Signed as https://www.standardwebhooks.com describes it, so that its libraries can verify: the headers webhook-id,
webhook-timestamp (seconds) and webhook-signature, "v1," with the base64 of HMAC-SHA256 over "id.timestamp.body".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import http.client
import json
import socket
import ssl
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from crawler import __version__
from crawler.errors import CrawlFailedError
from crawler.gate import PORTS, is_public
from crawler.notify.config import WebhookChannel
from crawler.notify.delivery import TIMEOUT_S, NotDeliveredError
from crawler.notify.stories import Told, as_plain
from crawler.terminal import clean

_PREFIX = "whsec_"
_SHORTEST_KEY_BYTES = 16
_READ_BYTES = 65_536


def body(told: Told) -> bytes:
    """Return a message as JSON in UTF-8.  Pure: attempts differ only where histories were made again in between."""
    return json.dumps(as_plain(told), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def signature(key: bytes, message_id: str, timestamp: int, payload: bytes) -> str:
    """Return what stands in the header webhook-signature.  Pure.

    timestamp: seconds since 1970.
    """
    signed = hmac.new(key, f"{message_id}.{timestamp}.".encode() + payload, hashlib.sha256).digest()
    return "v1," + base64.b64encode(signed).decode("ascii")


def key_of(secret: str) -> bytes:
    """Return the key that a secret stands for: base64 after "whsec_", else its bytes.

    Pure.  Raises CrawlFailedError for one that is too short to keep anybody out; the message does not show it.
    """
    if secret.startswith(_PREFIX):
        try:
            key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except (binascii.Error, ValueError):
            raise CrawlFailedError("the secret of a webhook is not base64 after whsec_") from None
    else:
        key = secret.encode()
    if len(key) < _SHORTEST_KEY_BYTES:
        raise CrawlFailedError(
            f"the secret of a webhook has fewer than {_SHORTEST_KEY_BYTES} bytes; `openssl rand -base64 24` makes one"
        )
    return key


class WebhookCarrier:
    """Posts messages to one address; follows no redirect, and connects to no private address that is not allowed.

    allowed: pairs of host and port that may be private.
    """

    def __init__(
        self, channel: WebhookChannel, environment: Mapping[str, str], allowed: frozenset[tuple[str, int]]
    ) -> None:
        self._key = key_of(channel.secret.read(environment))
        self._url = channel.url
        self._allowed = allowed

    def send(self, told: Told, *, at: datetime) -> str | None:
        """Post one message; it has arrived when the answer is 2xx."""
        payload, timestamp = body(told), int(at.timestamp())
        parts = urlsplit(self._url)
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": f"policytrail/{__version__}",
            "webhook-id": told.message.key,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(self._key, told.message.key, timestamp, payload),
        }
        connection = _Judged(host, port, secure=parts.scheme == "https", allowed=self._allowed)
        try:
            connection.request(
                "POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), payload, headers
            )
            answer = connection.getresponse()
            answer.read(_READ_BYTES)
        except (OSError, http.client.HTTPException) as error:
            # The address may hold a token: only its host is named.
            what = clean(str(error)) or type(error).__name__
            raise NotDeliveredError(f"{host}:{port}: {what}", reachable=False) from error
        finally:
            connection.close()
        if not 200 <= answer.status < 300:
            raise NotDeliveredError(f"{host}:{port} answered with status {answer.status}", reachable=True)
        return None


class _Judged(http.client.HTTPConnection):
    """A connection to the very address that was judged: a second look-up could give another one."""

    def __init__(self, host: str, port: int, *, secure: bool, allowed: frozenset[tuple[str, int]]) -> None:
        super().__init__(host, port, timeout=TIMEOUT_S)
        self._secure = secure
        self._named = (host.lower(), port) in allowed

    def connect(self) -> None:
        """Connect to the first address that may be contacted and answers.

        Raises OSError.
        """
        problem = OSError("no address")
        for family, kind, protocol, _, address in socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM):
            if not self._named and not is_public(str(address[0])):
                problem = OSError(
                    f"{address[0]} is no public address; --allow {self.host}:{self.port} lets it be asked"
                )
                continue
            plain = socket.socket(family, kind, protocol)
            try:
                plain.settimeout(self.timeout)
                plain.connect(address)
                if self._secure:
                    self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)
                else:
                    self.sock = plain
            except OSError as error:
                plain.close()
                problem = error
            else:
                return
        raise problem
