"""The application: routes, and the way from a request to HTML, JSON, a file or a feed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from crawler.corpus.jsonl import line
from crawler.errors import CrawlerError
from crawler.language import LANGUAGES, Language
from crawler.web import differences, documents, feeds, runs, searching, sources, today
from crawler.web.asked import Answer, Asked, BadRequestError, Download, Elsewhere, Feed, Visit
from crawler.web.guard import DOWNLOAD_POLICY, Guard
from crawler.web.help import help_page
from crawler.web.memory import Memory
from crawler.web.rendering import Pages
from crawler.web.zones import Zones
from spiders.loader import Sources, load
from storage import Archive, ArchiveBusyError, ArchiveError, Home, NotInArchiveError

View = Callable[[Asked], Answer]

# A page that takes longer than this is given up: it would keep others waiting.
LIMIT_S = 10.0
# Source files are read again after so long.
SOURCES_S = 30.0
# Who comes back within this has not been away.
VISIT = timedelta(minutes=30)
YEAR_S = 365 * 86_400
LANGUAGE_COOKIE, SEEN_COOKIE = "policytrail_language", "policytrail_seen"
NOT_FOUND, BAD_REQUEST, UNAVAILABLE, BROKEN = 404, 400, 503, 500


class Number(Convertor[int]):
    """A number that an archive can hold."""

    regex = "[0-9]{1,18}"

    def convert(self, value: str) -> int:
        """Return it."""
        return int(value)

    def to_string(self, value: int) -> str:
        """Return it as text."""
        return str(value)


class Name(Convertor[str]):
    """The name of a source."""

    regex = "[A-Za-z0-9_-]{1,200}"

    def convert(self, value: str) -> str:
        """Return it."""
        return value

    def to_string(self, value: str) -> str:
        """Return it."""
        return value


register_url_convertor("number", Number())
register_url_convertor("name", Name())

# Each is also there with ".json" at its end.
PAGES: tuple[tuple[str, View], ...] = (
    ("/today", today.today),
    ("/search", searching.search),
    ("/sources", sources.sources),
    ("/source/{name:name}", sources.source),
    ("/runs", runs.runs),
    ("/run/{run_id:number}", runs.run),
    ("/document/{document_id:number}", documents.document),
    ("/document/{document_id:number}/diff", differences.newest_difference),
    ("/document/{document_id:number}/diff/{old:number}/{new:number}", differences.difference),
)
OTHERS: tuple[tuple[str, View], ...] = (
    ("/", today.today),
    ("/help", help_page),
    ("/event/{event_id:number}", documents.event),
    ("/events.csv", today.events_csv),
    ("/document/{document_id:number}/version/{number:number}.txt", documents.text_file),
    ("/document/{document_id:number}/version/{number:number}.json", documents.record_file),
    ("/document/{document_id:number}/version/{number:number}/snapshot", documents.snapshot),
    ("/document/{document_id:number}/version/{number:number}/piece/{place:number}", documents.piece),
    ("/feed.atom", feeds.all_events),
    ("/source/{name:name}/feed.atom", feeds.all_events),
    ("/search.atom", feeds.found_texts),
)


class Browser:
    """Answers requests about one archive, from any thread.

    folder: with a person's own source files.  now: returns the time, aware.
    """

    def __init__(
        self, archive: Home, folder: Path | None, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._path = archive
        self._folder = folder
        self._now = now
        self._memory = Memory()
        self._pages = Pages(archive)
        self._sources: tuple[float, Sources] | None = None

    def app(self, names: Iterable[str] = ()) -> Starlette:
        """Return the application; names: under which it is reached, beside numbers and localhost."""
        routes: list[Route | Mount] = [Mount("/static", StaticFiles(packages=[("crawler.web", "static")]))]
        # The longer form first: else a name would take ".json" for its own end.
        routes += [Route(path + ".json", self._endpoint(view, as_json=True)) for path, view in PAGES]
        routes += [Route(path, self._endpoint(view)) for path, view in (*OTHERS, *PAGES)]
        return Starlette(
            routes=routes,
            middleware=[Middleware(Guard, names=tuple(names))],
            exception_handlers={HTTPException: self._not_found, BROKEN: self._broken},
        )

    def warm(self) -> None:
        """Compute what the first pages will ask for, so that nobody waits for it."""
        self._pages.load()
        with Archive.open(self._path, readonly=True) as archive:
            asked = self._asked(archive, "/", {}, {}, LANGUAGES["en"], "", Visit())
            today.today(asked)
            sources.sources(asked)

    def pulse(self) -> tuple[int, str]:
        """Return what alters when there is something new to compute."""
        with Archive.open(self._path, readonly=True) as archive:
            last = archive.runs(limit=1)
            return archive.newest_event_id(), str(last[0]) if last else ""

    def _endpoint(self, view: View, *, as_json: bool = False) -> Callable[[Request], Response]:
        def endpoint(request: Request) -> Response:
            language = self._language(request)
            wants_json = as_json or prefers_json(request.headers.get("accept", ""))
            try:
                with Archive.open(self._path, readonly=True) as archive:
                    archive.give_up_after(LIMIT_S, time.monotonic)
                    seen = Seen.read(request.cookies.get(SEEN_COOKIE, ""), self._now())
                    asked = self._asked(
                        archive,
                        request.url.path.removesuffix(".json") if as_json else request.url.path,
                        request.path_params,
                        {name: request.query_params.getlist(name) for name in request.query_params},
                        language,
                        f"{request.url.scheme}://{request.headers['host']}",
                        seen.visit,
                    )
                    answer = view(asked)
                    response = self._response(asked, answer, as_json=wants_json)
                    # What a browser fetches ahead, nobody has seen.
                    is_seen = request.method == "GET" and "sec-purpose" not in request.headers
                    if view is today.today and not wants_json and is_seen:
                        seen.write(response, archive.newest_event_id(), self._now())
            except NotInArchiveError as error:
                return self._error(request, NOT_FOUND, str(error), as_json=wants_json)
            except BadRequestError as error:
                return self._error(request, BAD_REQUEST, str(error), as_json=wants_json)
            except ArchiveBusyError as error:
                return self._error(request, UNAVAILABLE, str(error), as_json=wants_json)
            except (ArchiveError, CrawlerError) as error:
                return self._error(request, UNAVAILABLE, str(error), as_json=wants_json)
            if request.query_params.get("lang") in LANGUAGES:
                response.set_cookie(
                    LANGUAGE_COOKIE, language.code, max_age=YEAR_S, httponly=True, samesite="lax", path="/"
                )
            return response

        return endpoint

    def _asked(
        self,
        archive: Archive,
        path: str,
        params: Mapping[str, Any],
        query: Mapping[str, list[str]],
        language: Language,
        origin: str,
        visit: Visit,
    ) -> Asked:
        known = self._known_sources()
        return Asked(
            archive=archive,
            sources=known,
            zones=Zones(known, archive.source_names()),
            language=language,
            memory=self._memory,
            path=path,
            origin=origin,
            params=params,
            query=query,
            now=self._now(),
            visit=visit,
            folder=self._folder,
        )

    def _known_sources(self) -> Sources:
        at = time.monotonic()
        if self._sources is None or at - self._sources[0] > SOURCES_S:
            self._sources = (at, load(self._folder))
        return self._sources[1]

    def _language(self, request: Request) -> Language:
        for code in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
            if code in LANGUAGES:
                return LANGUAGES[code]
        return LANGUAGES[accepted(request.headers.get("accept-language", ""))]

    def _response(self, asked: Asked, answer: Answer, *, as_json: bool) -> Response:
        if isinstance(answer, Elsewhere):
            path, mark, rest = answer.path.partition("?")
            return RedirectResponse(quote(f"{path}.json" if as_json else path) + mark + rest, 303)
        if isinstance(answer, Download):
            headers = {
                "Content-Disposition": f'attachment; filename="{answer.name}"',
                "Content-Security-Policy": DOWNLOAD_POLICY,
            }
            return Response(answer.body, media_type=answer.media_type, headers=headers)
        if isinstance(answer, Feed):
            return Response(answer.body, media_type="application/atom+xml; charset=utf-8")
        if as_json or not answer.template:
            return json_response(answer.plain)
        return html_response(self._pages.render(asked, answer))

    def _error(self, request: Request, status: int, message: str, *, as_json: bool) -> Response:
        # Where the archive lies is nobody's business but the operator's.
        message = message.replace(str(self._path), self._path.name)
        if as_json:
            return json_response({"error": message}, status)
        return html_response(self._pages.error(self._language(request), status, message, request.url.path), status)

    def _not_found(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else BROKEN
        wants_json = request.url.path.endswith(".json") or prefers_json(request.headers.get("accept", ""))
        return self._error(request, status, "", as_json=wants_json)

    def _broken(self, request: Request, error: Exception) -> Response:
        return self._error(request, BROKEN, "", as_json=prefers_json(request.headers.get("accept", "")))


class Seen:
    """How far a person had seen at the visit before this one and at this one, as a cookie holds it: four numbers."""

    def __init__(self, before: tuple[int, int] | None, present: tuple[int, int] | None) -> None:
        self._before = before
        self._present = present

    @classmethod
    def read(cls, cookie: str, now: datetime) -> Seen:
        """Return what a cookie says; nothing for one that is not ours."""
        words = cookie.split(".")
        if len(words) != 4 or not all(word.isascii() and word.isdigit() and len(word) < 16 for word in words):
            return cls(None, None)
        seen, at, seen_now, now_at = map(int, words)
        if now_at > now.timestamp() + 60 or at > now_at:
            return cls(None, None)
        before = (seen, at) if at else None
        present = (seen_now, now_at)
        return cls(present, None) if now.timestamp() - now_at > VISIT.total_seconds() else cls(before, present)

    @property
    def visit(self) -> Visit:
        """The visit before this one."""
        if self._before is None:
            return Visit()
        return Visit(seen=self._before[0], at=datetime.fromtimestamp(self._before[1], UTC))

    def write(self, response: Response, newest: int, now: datetime) -> None:
        """Say in a cookie that all has been seen by now."""
        seen, at = self._before or (0, 0)
        response.set_cookie(
            SEEN_COOKIE,
            f"{seen}.{at}.{newest}.{int(now.timestamp())}",
            max_age=YEAR_S,
            httponly=True,
            samesite="lax",
            path="/",
        )


def json_response(value: Any, status: int = 200) -> Response:
    """Return a value as one line of JSON."""
    return Response(line(value), status, media_type="application/json; charset=utf-8", headers={"Vary": "Accept"})


def html_response(text: str, status: int = 200) -> Response:
    """Return a page."""
    # Half a surrogate pair has no form in UTF-8.
    return Response(
        text.encode("utf-8", "replace"),
        status,
        media_type="text/html; charset=utf-8",
        headers={"Vary": "Accept, Accept-Language, Cookie"},
    )


def prefers_json(accept: str) -> bool:
    """Tell whether an Accept header names JSON and not HTML.  Pure."""
    return "application/json" in accept and "text/html" not in accept


def accepted(header: str) -> str:
    """Return the code of the language that an Accept-Language header likes best; English where it knows none of ours.

    Pure.

    >>> accepted("de, zh-CN;q=0.9, en;q=0.8")
    'zh'
    """
    liked: list[tuple[float, int, str]] = []
    for place, part in enumerate(header.split(",")[:20]):
        name, _, weight = part.strip().partition(";q=")
        code = name.partition("-")[0].lower()
        try:
            liked.append((-(float(weight) if weight else 1.0), place, code))
        except ValueError:
            continue
    return next((code for _, _, code in sorted(liked) if code in LANGUAGES), "en")
