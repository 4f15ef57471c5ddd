"""A document: what it says of itself, its text at any time, its history and its visits; and its files."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler.commands.show import blocks_left_out
from crawler.corpus.record import main_snapshot, record
from crawler.diff import diff
from crawler.schemas import plain
from crawler.web.asked import Answer, Asked, BadRequestError, Download, Elsewhere, Page
from crawler.web.tellings import Told, glance, path, told
from storage import NotInArchiveError
from storage.model import Document, Role, Version

STEPS = 15
FETCHES = 30
EVENTS = 100
BLOCKS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A version in a history; told: what it changed, None for the first."""

    number: int
    first_seen_at: datetime
    content_sha256: str
    told: Told | None

    @property
    def silent(self) -> bool:
        """Whether the page's own dates stayed."""
        return self.told is not None and self.told.silent


def document(asked: Asked) -> Answer:
    """Return a document with one of its versions: the newest unless ``version`` or ``at`` says another."""
    archive = asked.archive
    try:
        found = archive.document(asked.params["document_id"])
    except NotInArchiveError as error:
        return Elsewhere(path=f"/document/{in_place_of(asked, asked.params['document_id'], error)}")
    number, when = asked.number("version", most=1 << 31), asked.when("at")
    if number is not None and when is not None:
        raise BadRequestError("version and at both say which version: give one of them")
    zone = asked.zones.of(found.source)
    moment = when.end(zone) if when else None
    version = None
    if moment is not None:
        version = archive.version_at(found.document_id, moment)
        if version is None:
            raise NotInArchiveError(f"{found.url}: not known yet at {asked.zones.show(moment, found.source)}")
    elif found.versions or number is not None:
        version = archive.version(found.document_id, number or found.versions)
    upto = asked.number("upto", most=1 << 31) or found.versions
    history = steps(asked, found, upto=min(upto, found.versions))
    fetches = archive.fetches(found.document_id, before=asked.number("visits"), limit=FETCHES + 1)
    events = archive.document_events(found.document_id, limit=EVENTS)
    source = asked.sources.sources.get(found.source)
    blocks = list(blocks_left_out(archive, version)) if version else []
    values: dict[str, Any] = {
        "document": found,
        "publisher": source.publisher if source else found.source,
        "version": version,
        "total": found.versions,
        "language": language(version, source.language if source else None) if version else None,
        "asked_at": asked.zones.show(moment, found.source) if moment else None,
        "at_text": asked.word("at"),
        "steps": history,
        "older_versions": asked.with_query(upto=history[-1].number - 1) + "#history"
        if history and history[-1].number > 1
        else None,
        "fetches": fetches[:FETCHES],
        "older_visits": asked.with_query(visits=fetches[FETCHES - 1].fetch_id) + "#visits"
        if len(fetches) > FETCHES
        else None,
        "events": events,
        "left_out": blocks[:BLOCKS],
        "left_out_count": len(blocks),
        "fields": fields_of(version) if version else [],
        "attachments": attachments_of(version) if version else [],
        "has_snapshot": version is not None and main_snapshot(version) is not None,
    }
    shown = {
        "document": plain(found),
        "versions": [
            {
                "number": step.number,
                "first_seen_at": plain(step.first_seen_at),
                "content_sha256": step.content_sha256,
                "kinds": list(step.told.kinds) if step.told else [],
                "silent": step.silent,
            }
            for step in history
        ],
        "record": as_record(asked, version) if version else None,
        "events": [plain(event) for event in events],
        "visits": [plain(fetch) for fetch in fetches[:FETCHES]],
        "left_out": [{"url": url, "rule": block.left_out, "kind": block.kind, "text": block.text} for url, block in
                     blocks[:BLOCKS]],
    }  # fmt: skip
    return Page(template="document", values=values, plain=shown, feed=None)


def in_place_of(asked: Asked, document_id: int, error: NotInArchiveError) -> int:
    """Return the document that goes on in the place of one, where both turned out to be one: events still name it.

    Raises NotInArchiveError: what the archive knows of its address, or ``error`` where it never had one.
    """
    try:
        url = asked.archive.resource(document_id).url
    except NotInArchiveError:
        raise error from None
    return asked.archive.find_document(url).document_id


def steps(asked: Asked, found: Document, *, upto: int) -> list[Step]:
    """Return some versions up to a number, newest first, each with what it changed."""
    if upto < 1:
        return []
    lowest = max(upto - STEPS + 1, 1)
    held = [asked.archive.version(found.document_id, number) for number in range(max(lowest - 1, 1), upto + 1)]
    out = []
    for place, version in enumerate(held):
        if version.number < lowest:
            continue
        change = change_between(asked, held[place - 1], version) if version.number > 1 else None
        out.append(
            Step(
                number=version.number,
                first_seen_at=version.first_seen_at,
                content_sha256=version.content_sha256,
                told=change,
            )
        )
    return out[::-1]


def change_between(asked: Asked, old: Version, new: Version) -> Told:
    """Return what lies between two versions, at a glance."""
    return asked.memory.get(
        ("step", old.number, new.number, old.content_sha256, new.content_sha256, old.extractor, new.extractor),
        lambda: glance(diff(old.content, new.content), new.content.fields, old=old.number, new=new.number),
    )


def language(version: Version, otherwise: str | None) -> str | None:
    """Return the language of a version as a page may name it, or None.  Pure."""
    code = version.content.fields.language or otherwise or ""
    return code if len(code) <= 35 and all(part.isascii() and part.isalnum() for part in code.split("-")) else None


def fields_of(version: Version) -> list[tuple[str, str]]:
    """Return what a version says of itself, beside its title.  Pure."""
    fields = version.content.fields
    return [
        (field.name, str(value))
        for field in dataclasses.fields(fields)
        if field.name != "title" and (value := getattr(fields, field.name)) is not None
    ]


def attachments_of(version: Version) -> list[dict[str, Any]]:
    """Return the attachments of a version, each with where its bytes are to be had.  Pure."""
    places = [(place, piece.snapshot_id) for place, piece in enumerate(version.pieces) if piece.role is Role.ATTACHMENT]
    return [
        {
            "url": one.url,
            "name": one.name,
            "failure": one.failure,
            "path": f"/document/{version.document_id}/version/{version.number}/piece/{place}" if snapshot else None,
        }
        for one, (place, snapshot) in zip(version.content.attachments, places, strict=False)
    ]


def as_record(asked: Asked, version: Version) -> dict[str, Any]:
    """Return a version as ``crawler/schemas/record.json`` describes it."""
    main = main_snapshot(version)
    sha256 = asked.archive.sha256(main) if main is not None else None
    return record(version, asked.sources.sources.get(version.source), snapshot_sha256=sha256)


def event(asked: Asked) -> Answer:
    """Return where one reads on about an event; feeds and messages name it by its number."""
    one = asked.archive.event(asked.params["event_id"])
    return Elsewhere(path=path(one, told(asked, one)))


def text_file(asked: Asked) -> Answer:
    """Return the text of a version."""
    version = _version(asked)
    body = "\n\n".join((version.content.fields.title or "", *version.content.paragraphs)).strip() + "\n"
    return Download(
        body=body.encode("utf-8", "replace"), media_type="text/plain; charset=utf-8", name=_name(version, "txt")
    )


def record_file(asked: Asked) -> Answer:
    """Return a version as a record of the corpus."""
    return Page(template="", values={}, plain=as_record(asked, _version(asked)))


def snapshot(asked: Asked) -> Answer:
    """Return the bytes of a version's main page, as they were received."""
    version = _version(asked)
    main = main_snapshot(version)
    if main is None:
        raise NotInArchiveError(f"{version.url}: listed, but never received")
    return Download(
        body=asked.archive.snapshot(main).body, media_type="application/octet-stream", name=_name(version, "html")
    )


def piece(asked: Asked) -> Answer:
    """Return the bytes of a part or attachment of a version, as they were received."""
    version, place = _version(asked), asked.params["place"]
    if place >= len(version.pieces) or version.pieces[place].snapshot_id is None:
        raise NotInArchiveError(f"{version.url}: version {version.number} has no such file")
    one = version.pieces[place]
    url = asked.archive.resource(one.resource_id).url
    ending = url.rpartition("/")[2].partition("?")[0].rpartition(".")[2]
    ending = ending.lower() if ending.isascii() and ending.isalnum() and len(ending) <= 5 else "bin"
    return Download(
        body=asked.archive.snapshot(one.snapshot_id or 0).body,
        media_type="application/octet-stream",
        name=_name(version, ending, place),
    )


def _version(asked: Asked) -> Version:
    return asked.archive.version(asked.params["document_id"], asked.params["number"])


def _name(version: Version, ending: str, *more: int) -> str:
    # Source names are of letters, digits and underscores; whatever else one may be called stays out of a header.
    source = "".join(mark for mark in version.source if mark.isascii() and (mark.isalnum() or mark == "_"))
    numbers: Sequence[int] = (version.document_id, version.number, *more)
    return f"{source}-{'-'.join(map(str, numbers))}.{ending}"
