"""A real server on loopback whose pages a test edits; it answers, hangs, drops and cuts as told."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

# No test waits as long; it only keeps a forgotten page from holding its thread for ever.
LONGEST_WAIT_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request that reached the site.

    path: with the query.  headers: names in lower case, the last one of a name.
    """

    path: str
    method: str
    headers: Mapping[str, str]
    at: datetime
    body: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """What an address answers.

    headers: may replace Content-Type and Content-Length.  With an ETag or a Last-Modified among them, a
        request that names the same gets a 304.
    wait: nothing is answered before this event is set.
    drop: the connection ends without an answer.
    cut: only so many bytes of the body are sent, whatever Content-Length says, and the connection ends.
    """

    body: str | bytes = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    wait: threading.Event | None = None
    drop: bool = False
    cut: int | None = None


class Site:
    """The server, on a free port of ``address`` while the context lasts; 127.0.0.2 and so on are other hosts.

    pages: by path with query, or by path alone; a page, or a function of the request.  Edit it at any time.
    requests: every request, noted before it is answered.
    """

    def __init__(self, address: str = "127.0.0.1") -> None:
        self.pages: dict[str, Page | Callable[[Request], Page]] = {}
        self.requests: list[Request] = []
        self._server = _Server(self, address)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def host(self) -> str:
        """Address and port, as in a source's hosts."""
        address, port = self._server.server_address[:2]
        return f"{address!s}:{port}"

    @property
    def origin(self) -> str:
        """Scheme, address and port."""
        return f"http://{self.host}"

    def url(self, path: str) -> str:
        """Return the full address of a path."""
        return f"{self.origin}{path}"

    def paths(self) -> list[str]:
        """Return what was asked, in order."""
        return [request.path for request in self.requests]

    def page(self, request: Request) -> Page:
        """Return what a request is to be answered."""
        found = self.pages.get(request.path) or self.pages.get(request.path.partition("?")[0])
        if found is None:
            return Page("<html><title>404</title><h1>Not Found</h1></html>", status=404)
        return found if isinstance(found, Page) else found(request)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, site: Site, address: str) -> None:
        self.site = site
        super().__init__((address, 0), _Handler)

    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10

    def do_GET(self) -> None:
        request = Request(
            path=self.path,
            method=self.command,
            headers={name.lower(): value for name, value in self.headers.items()},
            at=datetime.now(UTC),
            body=self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace"),
        )
        site = self.server.site
        site.requests.append(request)
        page = site.page(request)
        if page.wait is not None and not page.wait.wait(LONGEST_WAIT_S):
            return
        if page.drop:
            self._reset()
            return
        body = page.body.encode() if isinstance(page.body, str) else page.body
        status = page.status
        if status == 200 and _is_known(request, page):
            status, body = 304, b""
        headers = {
            "content-type": "text/html; charset=utf-8",
            "content-length": str(len(body)),
            **{name.lower(): value for name, value in page.headers.items()},
        }
        if status == 304:
            headers = {name: headers[name] for name in ("etag", "last-modified") if name in headers}
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.title() if name != "etag" else "ETag", value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body if page.cut is None else body[: page.cut])

    do_HEAD = do_GET
    do_POST = do_GET

    def _reset(self) -> None:
        # A plain close can leave the client reading on; shutting down both ways ends it at once.
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:
        """Keep silent: the site has its own log."""


def _is_known(request: Request, page: Page) -> bool:
    headers = {name.lower(): value for name, value in page.headers.items()}
    if "if-none-match" in request.headers:
        return headers.get("etag") == request.headers["if-none-match"]
    if "if-modified-since" in request.headers:
        return headers.get("last-modified") == request.headers["if-modified-since"]
    return False
