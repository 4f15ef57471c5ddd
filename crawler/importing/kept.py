"""One answer that another program kept, and what was left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from storage.model import Answer, Role

# Headers of how bytes travelled: they are kept unpacked.
OF_TRANSFER = frozenset({"content-encoding", "transfer-encoding", "content-length"})
ORIGINAL = "x-archive-orig-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An answer on its way into the archive; its bytes are read when they are needed.

    url: canonical.  load: reads the answer; None where it is damaged or cannot be found.
    role: as another archive listed it; None where the source's patterns have to say.
    chain: what it was composed with in another archive; answers of one chain stay together.
    """

    url: str
    fetched_at: datetime
    load: Callable[[], Answer | None]
    role: Role | None = None
    chain: int | None = None


@dataclass(slots=True)
class Tally:
    """What came of reading files: counts by the reason for which something was left out.

    times: by what said when something was saved, for files that do not say it by themselves.
    """

    left_out: Counter[str] = field(default_factory=Counter)
    times: Counter[str] = field(default_factory=Counter)
    files: int = 0


def answer_of(
    url: str, fetched_at: datetime, *, status: int, body: bytes | None, headers: list[tuple[str, str]]
) -> Answer:
    """Return what an HTTP answer was, as the archive records it.  Pure.

    body: unpacked.
    """
    from spiders.address import canonicalize

    plain = [(name[len(ORIGINAL) :] if name.lower().startswith(ORIGINAL) else name, value) for name, value in headers]
    said = {name.lower(): value for name, value in reversed(plain)}
    location = canonicalize(said["location"], url) if said.get("location") and 300 <= status < 400 else None
    return Answer(
        url=url,
        requested_at=fetched_at,
        fetched_at=fetched_at,
        status=status,
        body=body,
        content_type=said.get("content-type", ""),
        etag=said.get("etag"),
        last_modified=said.get("last-modified"),
        location=location,
        headers=tuple((name, value) for name, value in plain if name.lower() not in OF_TRANSFER),
    )
