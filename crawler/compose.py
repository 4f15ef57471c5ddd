"""Blocks and profile to text: the one form that is hashed, diffed, shown and exported.  Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from crawler.profile import Profile
from crawler.typography import looks, squeeze
from storage.model import Attachment, Block, BlockKind, Content, Extraction

# Fields whose change is a version; the others are kept up to date silently.
TELLING = ("title", "published_on", "document_number", "issuing_agency", "signed_on", "validity")
# A paragraph this short may well stand on two pages of a document; a longer one is the page's frame.
REPEATED_CHARS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """An attachment on its way into a text.

    extraction: None while its bytes never came.  bytes_sha256: of its bytes.
    """

    url: str
    name: str
    extraction: Extraction | None
    bytes_sha256: str | None


def compose(pages: Sequence[Extraction], attached: Sequence[Attached], profile: Profile) -> Content:
    """Return the content of a document from its pages in order and its attachments.

    Pure: equal arguments give an equal result. What further pages repeat of an earlier one (title, intro,
    a frame around the text) is taken once.

    pages: the main page, then its parts.
    """
    paragraphs: list[str] = []
    seen: set[str] = set()
    for number, page in enumerate(pages):
        fresh: list[str] = []
        for block in page.blocks:
            text = _tidy(block)
            if not text or block.left_out or (profile.left_out(block) and not _emptied(page, profile)):
                continue
            key = squeeze(text)
            if number and len(key) >= REPEATED_CHARS and key in seen:
                continue
            fresh.append(text)
        seen.update(squeeze(text) for text in fresh)
        paragraphs.extend(fresh)
    fields = pages[0].fields
    return Content(
        fields=fields,
        paragraphs=tuple(paragraphs),
        attachments=tuple(_attachment(item, profile) for item in attached),
    )


def _emptied(page: Extraction, profile: Profile) -> bool:
    """Tell whether a profile would leave nothing of a page; then it is not believed."""
    return all(profile.left_out(block) for block in page.blocks)


def _tidy(block: Block) -> str:
    """Return a block's text without empty lines, so that paragraphs can be split by one."""
    if block.kind in (BlockKind.LIST, BlockKind.TABLE):
        return re.sub(r"\s*\n\s*", "\n", block.text).strip()
    return " ".join(block.text.split())


def _attachment(item: Attached, profile: Profile) -> Attachment:
    if item.extraction is None:
        return Attachment(url=item.url, name=item.name, sha256=None)
    text = squeeze("".join(b.text for b in item.extraction.blocks if not profile.left_out(b)))
    if text:
        return Attachment(url=item.url, name=item.name, sha256=_sha256(text))
    return Attachment(url=item.url, name=item.name, sha256=item.bytes_sha256, failure=item.extraction.failure)


@lru_cache(maxsize=8)  # a document that is derived is asked for its own several times
def content_sha256(content: Content) -> str:
    """Return the hash that tells versions apart: words count, white space and paragraph breaks do not.

    An attachment counts by its text (its bytes where it has none), not by its address or name.
    """
    telling, attached = _beside_text(content)
    return _sha256(json.dumps([telling, squeeze(content.text), attached], ensure_ascii=False, sort_keys=True))


def same_beside_text(one: Content, other: Content) -> bool:
    """Tell whether two contents differ in their text at most, as far as differences make versions."""
    return _beside_text(one) == _beside_text(other)


def _beside_text(content: Content) -> tuple[dict[str, str], list[str]]:
    telling = {name: squeeze(str(getattr(content.fields, name) or "")) for name in TELLING}
    return telling, sorted(item.sha256 or "" for item in content.attachments)


def folded_sha256(content: Content) -> str:
    """Return a hash for which the width and style of punctuation do not count, but every word does."""
    fields = {name: getattr(content.fields, name) for name in TELLING}
    telling = {name: looks(str(value or "")) for name, value in fields.items()}
    attached = sorted(item.sha256 or "" for item in content.attachments)
    return _sha256(json.dumps([telling, looks(content.text), attached], ensure_ascii=False, sort_keys=True))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
