"""One version as one line of the corpus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crawler.schemas import plain
from spiders.source import Source
from storage.holding import Held, Named
from storage.model import Role, Version
from storage.reading import FIELDS as OWN_FIELDS

FIELDS = (
    "id",
    "url",
    "source",
    "publisher",
    "rights",
    "title",
    "text",
    "language",
    "published_on",
    "published_from",
    "modified_on",
    "signed_on",
    "document_number",
    "issuing_agency",
    "index_number",
    "topic",
    "validity",
    "document_type",
    "origin",
    "author",
    "editor",
    "attachments",
    "also_at",
    "first_seen_at",
    "seen_at",
    "version",
    "snapshot_sha256",
    "extractor",
    "profile",
)
# Only with --keep-duplicates: the id of the record that stands for this one.
DUPLICATE_OF = "duplicate_of"
_LANGUAGE = OWN_FIELDS.index("language")


def record_id(version: Version | Held | Named) -> str:
    """Return the name of a version in the corpus: "source:document@number".  Pure."""
    return f"{version.source}:{version.document_id}@{version.number}"


def main_snapshot(version: Version) -> int | None:
    """Return the snapshot of a version's main resource.  Pure."""
    return next((piece.snapshot_id for piece in version.pieces if piece.role is Role.MAIN), None)


def record(version: Version, source: Source | None, *, snapshot_sha256: str | None) -> dict[str, Any]:
    """Return a version with the keys of FIELDS, in their order.

    Pure.

    source: None where its file is gone; what only the file says is then null.
    snapshot_sha256: of the main resource's bytes.
    """
    fields = version.content.fields
    values = {
        **plain(fields),
        "id": record_id(version),
        "url": version.url,
        "source": version.source,
        "publisher": source.publisher if source else fields.publisher,
        "rights": source.rights if source else None,
        "text": version.content.text,
        "language": fields.language or (source.language if source else None),
        "attachments": plain(version.content.attachments),
        "also_at": [],
        "first_seen_at": plain(version.first_seen_at),
        "seen_at": plain(version.last_seen_at),
        "version": version.number,
        "snapshot_sha256": snapshot_sha256,
        "extractor": version.extractor,
        "profile": version.profile,
    }
    return {name: values[name] for name in FIELDS}


def held_record(held: Held, source: Source | None, attachments: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a version read in bulk as ``record`` does.  Pure."""
    (
        title, spoken, published_on, modified_on, signed_on, document_number, issuing_agency, index_number, topic,
        validity, document_type, origin, author, editor, publisher, published_from,
    ) = held.fields  # fmt: skip
    return {
        "id": f"{held.source}:{held.document_id}@{held.number}",
        "url": held.url,
        "source": held.source,
        "publisher": source.publisher if source else publisher,
        "rights": source.rights if source else None,
        "title": title,
        "text": held.text,
        "language": spoken or (source.language if source else None),
        "published_on": published_on,
        "published_from": published_from,
        "modified_on": modified_on,
        "signed_on": signed_on,
        "document_number": document_number,
        "issuing_agency": issuing_agency,
        "index_number": index_number,
        "topic": topic,
        "validity": validity,
        "document_type": document_type,
        "origin": origin,
        "author": author,
        "editor": editor,
        "attachments": attachments,
        "also_at": [],
        "first_seen_at": held.first_seen_at,
        "seen_at": held.seen_at,
        "version": held.number,
        "snapshot_sha256": held.snapshot_sha256,
        "extractor": held.extractor,
        "profile": held.profile,
    }


def language(held: Held, source: Source | None) -> str | None:
    """Return the language of a version: as the page says, else as the source's file says.  Pure."""
    return held.fields[_LANGUAGE] or (source.language if source else None)
