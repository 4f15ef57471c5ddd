"""The demo site on loopback: a real server, its log of requests, and the source files that watch it."""

from __future__ import annotations

import socket
import sys
import threading
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from crawler.demo import answers
from crawler.demo.changes import CHANGES, Change

__all__ = ["CHANGES", "Change", "DemoSite", "Request"]

ADDRESS = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request that the site answered.

    path: with the query.  conditional: it carried If-None-Match or If-Modified-Since.
    """

    path: str
    status: int
    at: datetime
    user_agent: str
    conditional: bool


class DemoSite:
    """The site, served from a free port while the context lasts.

    day: 0 or 1; may be set at any time.
    requests: every request answered, in order.
    """

    def __init__(self) -> None:
        self.day = 0
        self.requests: list[Request] = []
        self._visits: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = None

    @property
    def port(self) -> int:
        """The port, while the site is served."""
        if self._server is None:
            raise RuntimeError("the demo site is not being served")
        return int(self._server.server_address[1])

    @property
    def origin(self) -> str:
        """Scheme, host and port, as addresses on the site begin."""
        return f"http://{ADDRESS}:{self.port}"

    def sources(self) -> dict[str, str]:
        """Return the source files of the site, as TOML, by the name of the source."""
        origin = self.origin
        return {
            "demo_ministry": (
                "# Demo: notices of a provincial ministry, from a list of two pages.\n"
                'publisher = "澜江省公共服务厅"\n'
                'language = "zh"\n'
                f'lists = ["{origin}{answers.ZH_LIST}"]\n'
                "documents = ['/t\\d{8}_\\d+\\.html$']\n"
                "delay = 0\n"
            ),
            "demo_press": (
                "# Demo: a press room in English, from a list with a page parameter.\n"
                'publisher = "Lanjiang Press Online"\n'
                'language = "en"\n'
                f'lists = ["{origin}{answers.EN_LIST}"]\n'
                "documents = ['^/press/.+/content_\\d+\\.htm$']\n"
                "delay = 0\n"
            ),
            "demo_city": (
                "# Demo: news of a city, from its site map and its feed.\n"
                'publisher = "Wutong City"\n'
                'language = "en"\n'
                f'sitemaps = ["{origin}{answers.SITEMAP}"]\n'
                f'feeds = ["{origin}{answers.FEED}"]\n'
                "documents = ['^/city/news/\\d{4}-\\d\\d/\\d+\\.html$']\n"
                "delay = 0\n"
            ),
        }

    def reply(self, path: str, *, if_none_match: str | None, if_modified_since: str | None) -> answers.Reply:
        """Return the answer to one request and count the visit."""
        with self._lock:
            visits = self._visits[path]
            self._visits[path] += 1
            day = self.day
        reply = answers.answer(path, origin=self.origin, day=day, visits=visits)
        # As RFC 9110 has it, the date is looked at only where no tag was sent; equal or not, as nginx does.
        if if_none_match is not None:
            known = reply.etag is not None and reply.etag in [tag.strip() for tag in if_none_match.split(",")]
        else:
            known = if_modified_since is not None and if_modified_since == reply.last_modified
        if not known:
            return reply
        return answers.Reply(
            status=304,
            content_type=reply.content_type,
            body=b"",
            etag=reply.etag,
            last_modified=reply.last_modified,
        )

    def note(self, request: Request) -> None:
        """Add a request to the log."""
        with self._lock:
            self.requests.append(request)


class _Server(ThreadingHTTPServer):
    # Closing waits for the answers under way, so that none is written to a closed log.
    daemon_threads = False

    def __init__(self, site: DemoSite) -> None:
        self.site = site
        super().__init__((ADDRESS, 0), _Handler)

    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Say nothing of a client that goes away in the middle of an answer: no fault of the site."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 5

    def do_GET(self) -> None:
        headers = self.headers
        if_none_match, if_modified_since = headers["If-None-Match"], headers["If-Modified-Since"]
        reply = self.server.site.reply(self.path, if_none_match=if_none_match, if_modified_since=if_modified_since)
        # Logged before it is sent: whoever has the answer finds the request in the log.
        self.server.site.note(
            Request(
                path=self.path,
                status=reply.status,
                at=datetime.now(UTC),
                user_agent=headers["User-Agent"] or "",
                conditional=if_none_match is not None or if_modified_since is not None,
            )
        )
        self.send_response(reply.status)
        for name, value in (
            ("ETag", reply.etag),
            ("Last-Modified", reply.last_modified),
            ("Location", reply.location),
        ):
            if value is not None:
                self.send_header(name, value)
        if reply.status != 304:
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep silent: the site has its own log."""
