"""Dataclasses of the model as JSON, and back.  Pure."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date
from typing import Any

from storage.model import Block, BlockKind, Extraction, Fields, Link, Piece, Role, Signs
from storage.times import day

DAYS = ("published_on", "modified_on", "signed_on")


_NAMES: dict[type, tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind)) for kind in (Block, Extraction, Fields, Link, Signs)
}


def _plain(value: Any) -> Any:
    # Not asdict: it copies what it finds, and a long document has many blocks.
    if (names := _NAMES.get(type(value))) is not None:
        given = ((name, getattr(value, name)) for name in names)
        return {name: _plain(each) for name, each in given if each is not None}
    if isinstance(value, str | int):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def dump(value: Any) -> str:
    """Return JSON that is equal for equal values."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def dump_extraction(extraction: Extraction) -> bytes:
    """Return an extraction as UTF-8 JSON; lone surrogates, which UTF-8 lacks, become question marks."""
    return dump(_plain(extraction)).encode("utf-8", "replace")


def load_extraction(data: bytes) -> Extraction:
    """Return what ``dump_extraction`` wrote."""
    raw = json.loads(data)
    return Extraction(
        blocks=tuple(
            Block(kind=BlockKind(b["kind"]), text=b["text"], left_out=b.get("left_out")) for b in raw["blocks"]
        ),
        outside=tuple(raw.get("outside", ())),
        fields=load_fields(raw["fields"]),
        parts=tuple(Link(**link) for link in raw["parts"]),
        attachments=tuple(Link(**link) for link in raw["attachments"]),
        canonical=raw.get("canonical"),
        signs=Signs(**raw["signs"]),
        failure=raw.get("failure"),
        reads=raw.get("reads", ""),
    )


def load_fields(raw: dict[str, Any]) -> Fields:
    """Return fields from their names and plain values."""
    known = {f.name for f in fields(Fields)}
    values: dict[str, Any] = {k: day(v) if k in DAYS else v for k, v in raw.items() if k in known}
    return Fields(**values)


def fields_row(value: Fields) -> dict[str, str | None]:
    """Return fields as a row of plain values."""
    return {f.name: _plain(getattr(value, f.name)) for f in fields(Fields)}


def dump_pieces(pieces: tuple[Piece, ...]) -> str:
    """Return a composition as JSON."""
    return dump([[p.role, p.resource_id, p.snapshot_id, p.name] for p in pieces])


def load_pieces(text: str) -> tuple[Piece, ...]:
    """Return the composition that ``dump_pieces`` wrote."""
    return tuple(
        Piece(role=Role(role), resource_id=resource, snapshot_id=snapshot, name=name)
        for role, resource, snapshot, name in json.loads(text)
    )
