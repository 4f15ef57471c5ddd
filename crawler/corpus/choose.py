"""Which versions belong into a corpus, and why others do not.  Pure."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from crawler.commands.when import When, read
from crawler.corpus.record import language
from crawler.errors import CrawlFailedError
from spiders.source import Source
from storage.holding import Held, Which
from storage.model import DocumentState
from storage.reading import FIELDS
from storage.times import moment

_PUBLISHED = FIELDS.index("published_on")
_NUMBER = FIELDS.index("document_number")
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What was asked for; everything empty: the newest text of each document that is not gone.

    document_number: in any brackets and widths, and without its spaces.
    source: names; empty: all.  since, until: when this content was first seen.
    published_since, published_until: both days included.
    attachments: "list" names them in the record, "text" with their texts, "none" leaves them out.
    """

    source: tuple[str, ...] = ()
    versions: Which = "latest"
    state: str = "live"
    language: tuple[str, ...] = ()
    match: str | None = None
    document_number: str | None = None
    since: When | None = None
    until: When | None = None
    published_since: date | None = None
    published_until: date | None = None
    min_chars: int = 1
    attachments: str = "list"
    keep_duplicates: bool = False
    changes: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return what was asked for, as a manifest holds it."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: _typed(value) for name, value in values.items()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Choice:
        """Return what a manifest says was asked for; raises CrawlFailedError for what this program cannot ask."""
        known = {field.name for field in dataclasses.fields(cls)}
        try:
            if strange := sorted(values.keys() - known):
                raise ValueError(strange[0])
            read_back: dict[str, Any] = dict(values)
            for name in ("source", "language"):
                read_back[name] = tuple(str(value) for value in values.get(name, ()))
            for name in ("since", "until"):
                read_back[name] = read(values[name], _LONG_AGO) if values.get(name) else None
            for name in ("published_since", "published_until"):
                read_back[name] = date.fromisoformat(values[name]) if values.get(name) else None
            return cls(**read_back)
        except (TypeError, ValueError) as error:
            raise CrawlFailedError(f"the manifest's filters are not those of this program: {error}") from error


def refusal(held: Held, choice: Choice, source: Source | None) -> str | None:
    """Return why a version is not in the corpus, in two words at most; None where it is.

    Pure.  In a fixed order, so that what lacks two things is counted once, and always as the same.
    """
    gone = held.state == DocumentState.GONE
    if gone and choice.state == "live":
        return "gone"
    if not gone and choice.state == "gone":
        return "not gone"
    if not held.text:
        return "no text"
    if len(held.text) < choice.min_chars:
        return "too short"
    if choice.language and not _speaks(language(held, source), choice.language):
        return "language"
    if choice.document_number and _number(choice.document_number) not in _number(held.fields[_NUMBER] or ""):
        return "document number"
    if choice.published_since or choice.published_until:
        published = held.fields[_PUBLISHED]
        day = date.fromisoformat(published) if published else None
        if day is None or not (choice.published_since or day) <= day <= (choice.published_until or day):
            return "published"
    if choice.since or choice.until:
        zone = ZoneInfo(source.timezone if source else "UTC")
        seen = moment(held.first_seen_at)
        if (choice.since and seen < choice.since.start(zone)) or (choice.until and seen > choice.until.end(zone)):
            return "seen"
    if choice.match and not _holds(f"{held.fields[0] or ''}\n{held.text}", choice.match):
        return "words"
    return None


def _speaks(spoken: str | None, wanted: tuple[str, ...]) -> bool:
    """Tell whether a language is wanted: "zh" is also zh-CN."""
    low = (spoken or "unknown").lower().replace("_", "-")
    return any(
        low == name or low.startswith(f"{name}-") for name in (each.lower().replace("_", "-") for each in wanted)
    )


def _holds(text: str, words: str) -> bool:
    """Tell whether a text holds all the words; case and width of characters do not count."""
    whole = _folded(text)
    return all(word in whole for word in _folded(words).split())


def _number(text: str) -> str:
    """Return a document number as everybody types it: without spaces, in one kind of brackets."""
    return re.sub(r"[〔\[(【]", "(", re.sub(r"[〕\])】]", ")", "".join(_folded(text).split())))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _typed(value: Any) -> Any:
    """Return a value as JSON has it, and as ``from_json`` reads it."""
    if isinstance(value, When):
        return (value.day or value.moment or _LONG_AGO).isoformat()
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, date) else value
