"""Steps between versions as records: before, after, and what kinds of change there are.  Pure."""

from __future__ import annotations

from typing import Any

from crawler.compose import TELLING
from crawler.corpus.record import language, record_id
from crawler.diff import diff
from spiders.source import Source
from storage.codec import load_fields
from storage.holding import Held
from storage.model import Attachment, Content
from storage.reading import FIELDS

CHANGE_FIELDS = (
    "id",
    "url",
    "source",
    "publisher",
    "rights",
    "title",
    "language",
    "document_number",
    "kinds",
    "before_version",
    "before_seen_at",
    "before_text",
    "before_snapshot_sha256",
    "after_version",
    "after_seen_at",
    "after_text",
    "after_snapshot_sha256",
    "extractor",
    "profile",
)


def change_record(
    before: Held,
    after: Held,
    source: Source | None,
    *,
    attached_before: list[Attachment],
    attached_after: list[Attachment],
) -> dict[str, Any]:
    """Return a step between two versions of a document with the keys of CHANGE_FIELDS, in their order.

    Pure.

    kinds: "added", "removed", "changed", "moved" of paragraphs; "attachments"; names of fields that say something
    else, those that make a version.
    """
    fields = dict(zip(FIELDS, after.fields, strict=True))
    return {
        "id": record_id(after),
        "url": after.url,
        "source": after.source,
        "publisher": source.publisher if source else None,
        "rights": source.rights if source else None,
        "title": fields["title"],
        "language": language(after, source),
        "document_number": fields["document_number"],
        "kinds": kinds(_content(before, attached_before), _content(after, attached_after)),
        "before_version": before.number,
        "before_seen_at": before.seen_at,
        "before_text": before.text,
        "before_snapshot_sha256": before.snapshot_sha256,
        "after_version": after.number,
        "after_seen_at": after.first_seen_at,
        "after_text": after.text,
        "after_snapshot_sha256": after.snapshot_sha256,
        "extractor": after.extractor,
        "profile": after.profile,
    }


def kinds(before: Content, after: Content) -> list[str]:
    """Return the kinds of change between two contents, in a fixed order.  Pure."""
    step = diff(before, after)
    found = {str(hunk.op) for hunk in step.hunks}
    found |= {change.name for change in step.fields if change.name in TELLING}
    if step.attachments:
        found.add("attachments")
    order = ("added", "removed", "changed", "moved", "attachments", *TELLING)
    return [kind for kind in order if kind in found]


def _content(held: Held, attached: list[Attachment]) -> Content:
    return Content(
        fields=load_fields(dict(zip(FIELDS, held.fields, strict=True))),
        paragraphs=tuple(held.text.split("\n")) if held.text else (),
        attachments=tuple(attached),
    )
