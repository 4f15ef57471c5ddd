"""Stands before every page: who may ask, how, and what a browser may do with the answer."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Styles and scripts are files of ours; nothing of a crawled page is ever part of a page.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
# What a site sent us is kept by the browser as a file, and is not run even where one opens it.
DOWNLOAD_POLICY = "sandbox; default-src 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "private, no-cache",
}
_PORT = re.compile(r":\d{1,5}$", re.ASCII)
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", re.ASCII)


class Guard:
    """Lets GET and HEAD for known names through, and puts headers on every answer.

    A page of another site can make a browser ask us under a name that it points at this machine.  Such a name is
    never a number, so numbers are let through, and of names only those given here and "localhost".
    """

    def __init__(self, app: ASGIApp, names: Iterable[str] = ()) -> None:
        self._app = app
        self._names = {"localhost", *(name.lower() for name in names)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refused = self._refused(scope)
        await (refused or self._app)(scope, receive, send_guarded)

    def _refused(self, scope: Scope) -> PlainTextResponse | None:
        hosts = Headers(scope=scope).getlist("host")
        if len(hosts) != 1 or not is_known(hosts[0], self._names):
            return PlainTextResponse(
                "This server is not known by that name. Use its address in numbers, or start it with --name NAME.\n",
                421,
            )
        if scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse("Nothing can be changed here.\n", 405, headers={"Allow": "GET, HEAD"})
        return None


def is_known(host: str, names: Iterable[str]) -> bool:
    """Tell whether a Host header names this server: by number, or by one of the names.  Pure."""
    bare = _PORT.sub("", host.strip().lower())
    if bare.startswith("[") and bare.endswith("]"):
        bare = bare[1:-1]
        try:
            return ipaddress.ip_address(bare).version == 6
        except ValueError:
            return False
    try:
        return ipaddress.ip_address(bare).version == 4
    except ValueError:
        return bool(_NAME.fullmatch(bare)) and bare in set(names)
