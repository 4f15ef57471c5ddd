"""Which address of a source a capture is of: out of an archive's own address, or from the place of a file; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from urllib.parse import quote, urlsplit

from spiders.address import canonicalize
from spiders.source import Source

# https://web.archive.org/web/20240506073000id_/https://www.example.cn/a.html, and other replay servers alike.
# With "id_" the bytes are those of the site; without, links are rewritten and a bar is put in.
_REPLAYED = re.compile(r"(?i)https?://[^/?#]{1,200}/(?:[^?#]{0,100}/)?(\d{14})([a-z]{2}_)?/(https?:/{1,2}.{1,2000})")
_MOMENT = re.compile(r"\d{14}")
_INDEX = re.compile(r"(?i)^index\.html?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """What an address of a replay server is of.  at: when; raw: its bytes are those of the site."""

    url: str
    at: datetime
    raw: bool


def replayed(url: str) -> Capture | None:
    """Return what a replay server shows under an address; None for any other address.

    >>> replayed("https://web.archive.org/web/20240506073000id_/http://a.example/b.html").url
    'http://a.example/b.html'
    """
    match = _REPLAYED.fullmatch(url)
    target = canonicalize(re.sub(r"(?i)^(https?:)/+", r"\1//", match[3])) if match else None
    at = moment(match[1]) if match else None
    return Capture(url=target, at=at, raw=(match[2] or "") == "id_") if match and target and at else None


def moment(digits: str) -> datetime | None:
    """Return the time that 14 digits are, in UTC."""
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def settled(url: str, source: Source) -> str:
    """Return an address with the scheme that a source has for its host: sites moved to https, documents stayed.

    As it is where the source has both, or none.
    """
    parts = urlsplit(url)
    schemes = {each.scheme for start, _ in source.starts() if (each := urlsplit(start)).netloc == parts.netloc}
    return parts._replace(scheme=schemes.pop()).geturl() if len(schemes) == 1 else url


def placed(path: PurePath, source: Source) -> tuple[str, datetime | None] | None:
    """Return the address that a file has by its place below a folder named as a host, and when it was saved.

    As mirrors are laid out, www.example.cn/zc/1.html, some with the time of a capture between:
    www.example.cn/20240506073000/zc/1.html.  None where no folder is a host of the source.
    """
    pieces = path.parts
    place = next((n for n in range(len(pieces) - 2, -1, -1) if pieces[n].lower() in source.hosts), None)
    if place is None:
        return None
    rest = list(pieces[place + 1 :])
    at = moment(rest[0]) if len(rest) > 1 and _MOMENT.fullmatch(rest[0]) else None
    rest = rest[1:] if at else rest
    # What a mirror calls a folder's own page.
    rest[-1] = "" if _INDEX.match(rest[-1]) else rest[-1]
    target = canonicalize(f"https://{pieces[place].lower()}/{quote('/'.join(rest), safe='/%?=&')}")
    named = canonicalize(f"https://{pieces[place].lower()}/{quote('/'.join(path.parts[-len(rest) :]), safe='/%?=&')}")
    # The folder's page under its own name, where that is a document and the folder is none.
    target = named if target and named and not source.is_document(target) and source.is_document(named) else target
    return (settled(target, source), at) if target else None
