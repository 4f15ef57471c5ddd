"""Which of several copies of one release is the original.  Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What the choice looks at; key: by which its text is known."""

    key: int
    document_number: str | None
    issuing_agency: str | None
    origin: str | None
    publisher: str | None
    published_on: str | None
    first_seen_at: str


def original(copies: Sequence[Copy]) -> Copy:
    """Return the original: by 文号, then by origin, then by date; of equals the first.

    Pure.  Who names another publisher as origin says that the text is not theirs.
    """
    return min(copies, key=_rank)


def _rank(copy: Copy) -> tuple[bool, int, str, str]:
    return (not copy.document_number, _foreign(copy), copy.published_on or "9999", copy.first_seen_at)


def _foreign(copy: Copy) -> int:
    """Return 0 where the publisher issued the text, 1 where nobody says so, 2 where somebody else is named."""
    own = (copy.publisher or "").casefold()
    named = [name.casefold() for name in (copy.issuing_agency, copy.origin) if name]
    if own and any(own in name or name in own for name in named):
        return 0
    return 2 if own and copy.origin else 1
