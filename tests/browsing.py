"""Archives to look through, written by hand, and the pages over them served on loopback."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http.client import HTTPMessage
from pathlib import Path
from typing import Any

import uvicorn

from crawler.profile import Profile
from crawler.web.app import Browser
from crawler.web.server import listen
from storage import Archive, Home, Listed, Standing
from storage.model import (
    Answer,
    Attachment,
    Content,
    DocumentState,
    EventKind,
    Fields,
    Outcome,
    Piece,
    Role,
    Run,
    RunEnd,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer of the server."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        """The body as UTF-8."""
        return self.body.decode()

    def json(self) -> Any:
        """The body as JSON."""
        assert self.headers["Content-Type"].startswith("application/json"), self.text
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Pages:
    """Pages on loopback."""

    port: int

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, *, method: str = "GET", **headers: str) -> Reply:
        """Ask for a page; headers by their names, "_" for "-"."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers=names)
            answer = connection.getresponse()
            return Reply(status=answer.status, headers=answer.headers, body=answer.read())
        finally:
            connection.close()


@contextmanager
def served(
    archive: Home, sources: Path | None = None, *, names: tuple[str, ...] = (), browser: Browser | None = None
) -> Iterator[Pages]:
    """Serve an archive from a thread while the context lasts."""
    bound = listen("127.0.0.1", 0)
    made = browser or Browser(archive, sources)
    server = uvicorn.Server(uvicorn.Config(made.app(names), log_level="critical", ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield Pages(bound.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        bound.close()


class Written:
    """An archive written row by row, as a crawl would; every call happens a minute after the one before."""

    def __init__(self, path: Path, *, at: datetime) -> None:
        self.archive = Archive.open(path, create=True)
        self.at = at

    def close(self) -> None:
        """Close the archive."""
        self.archive.close()

    def tick(self) -> datetime:
        """Return the time, which goes on."""
        self.at += timedelta(minutes=1)
        return self.at

    def run(self, source: str) -> Run:
        """Begin a run."""
        return self.archive.begin_run(source, at=self.tick(), extractor="x", profile="p")

    def end(self, run: Run, end: RunEnd = RunEnd.FINISHED) -> None:
        """End a run."""
        self.archive.close_run(run.run_id, end, at=self.tick())

    def version(
        self,
        run: Run,
        url: str,
        number: int,
        paragraphs: tuple[str, ...],
        *,
        fields: Mapping[str, Any] | None = None,
        attachment: tuple[str, str, bytes] | None = None,
        kind: EventKind | None = None,
        baseline: bool = False,
        previous: str | None = None,
        state: DocumentState = DocumentState.ACTIVE,
        body: bytes | None = None,
    ) -> int:
        """Record a page with a version of its document and what is told of it; returns the document's number.

        attachment: name, address, bytes.
        """
        archive = self.archive
        (resource,) = archive.add_listings(run, [Listed(url=url, role=Role.MAIN)], found_on=None, at=self.tick())
        page = body if body is not None else f"<p>{number}{''.join(paragraphs)}</p>".encode("utf-8", "replace")
        fetch = archive.record(run, resource.resource_id, self._answer(url, page))
        archive.judge(fetch.fetch_id, Outcome.OK, "text")
        pieces = [Piece(role=Role.MAIN, resource_id=resource.resource_id, snapshot_id=fetch.snapshot_id)]
        held = []
        if attachment is not None:
            name, address, data = attachment
            (one,) = archive.add_listings(
                run, [Listed(url=address, role=Role.ATTACHMENT)], found_on=resource.resource_id, at=self.tick()
            )
            got = archive.record(run, one.resource_id, self._answer(address, data))
            pieces.append(
                Piece(role=Role.ATTACHMENT, resource_id=one.resource_id, snapshot_id=got.snapshot_id, name=name)
            )
            held.append(Attachment(url=address, name=name, sha256="0" * 64))
        own = resource.resource_id
        archive.save_standing(
            Standing(
                document_id=own, source=run.source, main_id=own, former=(), state=state, state_since=self.at,
                state_reason="as the test says",
            ),
            tuple(pieces),
        )  # fmt: skip
        values = {"title": "通知", "published_on": date(2024, 5, 6), "language": "zh", **(fields or {})}
        archive.save_version(
            own,
            number,
            Content(fields=Fields(**values), paragraphs=paragraphs, attachments=tuple(held)),
            content_sha256=f"{own}-{number}",
            pieces=tuple(pieces),
            root_id=run.root_id,
            first_seen_at=self.at,
            extractor_id=archive.extractor_id("x"),
            profile_id=archive.profile_id("p", source=run.source, data=Profile(source=run.source).data),
        )
        if kind is not None:
            before = archive.told(own)
            previous_id = None
            if previous is not None:
                listed = [Listed(url=previous, role=Role.MAIN)]
                (old,) = archive.add_listings(run, listed, found_on=None, at=self.tick())
                previous_id = old.resource_id
            archive.tell(
                kind, run=run, document_id=own, resource_id=own, previous_id=previous_id, title=values["title"],
                at=self.at, baseline=baseline, before=before.pieces if before else (), after=tuple(pieces),
            )  # fmt: skip
        return own

    def _answer(self, url: str, body: bytes) -> Answer:
        at = self.tick()
        return Answer(url=url, requested_at=at, fetched_at=at, status=200, body=body, content_type="text/html")
