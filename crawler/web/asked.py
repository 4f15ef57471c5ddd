"""What a person asked for, as views read it, and what a view may answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

from crawler.commands.when import When, read
from crawler.language import Language
from crawler.web.memory import Memory
from crawler.web.zones import Zones
from spiders.loader import Sources
from storage import Archive

T = TypeVar("T")


class BadRequestError(ValueError):
    """What was asked cannot be understood; the message says what would be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An answer in two forms.

    template: name of the page, without ".html".  values: for it.  plain: the same for programs, as JSON knows it.
    feed: address of a feed of the same, without the query of the language.
    """

    template: str
    values: Mapping[str, Any]
    plain: Any
    feed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """The answer stands at another address of ours."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """Bytes to be kept as a file; name: of ASCII letters, digits and marks that mean nothing in a header."""

    body: bytes
    media_type: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """An Atom feed."""

    body: bytes


Answer = Page | Elsewhere | Download | Feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """How far a person had seen, by a cookie of theirs.

    seen: the newest event of the visit before this one; None on the first.  at: when that visit ended.
    """

    seen: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request.

    origin: scheme and host under which it came, checked by ``guard``.
    query: keys with all their values.
    now: aware.
    """

    archive: Archive
    sources: Sources
    zones: Zones
    language: Language
    memory: Memory
    path: str
    origin: str
    params: Mapping[str, Any]
    query: Mapping[str, list[str]]
    now: datetime
    visit: Visit = field(default_factory=Visit)
    folder: Path | None = None

    def word(self, name: str) -> str:
        """Return a value of the query, stripped; empty where it was not given."""
        return (self.query.get(name) or [""])[-1].strip()

    def words(self, name: str) -> list[str]:
        """Return all values of a key that are not empty."""
        return [value.strip() for value in self.query.get(name, ()) if value.strip()]

    def flag(self, name: str) -> bool:
        """Tell whether a box was ticked."""
        return self.word(name) not in ("", "0", "no", "false")

    def number(self, name: str, *, most: int = 1 << 60) -> int | None:
        """Return a whole number, or None where none was given."""
        text = self.word(name)
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 19 and int(text) <= most):
            raise BadRequestError(f"{name}={shown(text)}: a whole number is needed, at most {most}")
        return int(text)

    def day(self, name: str) -> date | None:
        """Return a day, or None where none was given."""
        text = self.word(name)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            raise BadRequestError(f"{name}={shown(text)}: a day is needed, such as 2026-11-20") from None

    def when(self, name: str) -> When | None:
        """Return a point in time as people type them, or None where none was given."""
        text = self.word(name)
        try:
            return read(text, self.now) if text else None
        except ValueError as error:
            raise BadRequestError(f"{name}: {error}") from None

    def choice(self, name: str, kind: type[T]) -> T | None:
        """Return a member of an enumeration, or None where none was given."""
        text = self.word(name)
        return member(name, text, kind) if text else None

    def choices(self, name: str, kind: type[T]) -> tuple[T, ...]:
        """Return the members of an enumeration that were given."""
        return tuple(dict.fromkeys(member(name, text, kind) for text in self.words(name)))

    def with_query(self, **changes: Any) -> str:
        """Return this page's path with a changed query; None takes a key out."""
        kept = {name: values for name, values in self.query.items() if name not in changes and name != "lang"}
        kept.update({name: [str(value)] for name, value in changes.items() if value is not None})
        words = urlencode(kept, doseq=True)
        return f"{self.path}?{words}" if words else self.path

    def as_json(self, **changes: Any) -> str:
        """Return the same as an address that answers as JSON."""
        path, mark, words = self.with_query(**changes).partition("?")
        return f"{'/today' if path == '/' else path}.json{mark}{words}"


def member(name: str, text: str, kind: type[T]) -> T:
    """Return the member of an enumeration that a text names.  Pure."""
    try:
        return kind(text)  # type: ignore[call-arg]
    except ValueError:
        known = ", ".join(str(one) for one in kind)  # type: ignore[attr-defined]
        raise BadRequestError(f"{name}={shown(text)}: one of {known} is needed") from None


def shown(text: str) -> str:
    """Return what was typed, short enough to be repeated.  Pure."""
    return repr(text if len(text) <= 60 else text[:60] + "…")
