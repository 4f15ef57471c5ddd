"""Where an archive lies: in a file, or on a PostgreSQL server.  Pure."""

from __future__ import annotations

import re
from pathlib import Path

_SCHEMES = ("postgresql://", "postgres://")
_PASSWORD = re.compile(r"(?<=[:/?&])(?:(?<=//)([^:/@?#]*):[^@/?#]*@|(password=)[^&#]*)")


def _meant(text: str) -> str:
    """Return text whose characters may be written as %20."""
    pieces = re.split("%([0-9A-Fa-f]{2})", text)
    coded = (bytes.fromhex(each) if place % 2 else each.encode() for place, each in enumerate(pieces))
    return b"".join(coded).decode("utf-8", "replace")


class Server:
    """An archive on a PostgreSQL server.

    address: as libpq takes it, ``postgresql://user@host:port/database``.  It may hold a password; its text does not.
    """

    __slots__ = ("address",)

    def __init__(self, address: str) -> None:
        self.address = address

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Server) and other.address == self.address

    def __hash__(self) -> int:
        return hash(self.address)

    def __repr__(self) -> str:
        return f"Server({str(self)!r})"

    def __str__(self) -> str:
        """Return the address as it may be shown."""
        return _PASSWORD.sub(lambda found: f"{found[2]}***" if found[2] else f"{found[1]}:***@", self.address)

    def passwords(self) -> tuple[str, ...]:
        """Return what must not be shown, as it is written and as it is meant."""
        found = [re.split("[:=]", each[0], maxsplit=1)[1].rstrip("@") for each in _PASSWORD.finditer(self.address)]
        # Longer ones first: one may be a part of the other.
        return tuple(sorted({way for each in found for way in (each, _meant(each)) if way}, key=len, reverse=True))

    @property
    def name(self) -> str:
        """The database's name."""
        path = re.sub(r"^\w+://[^/?#]*/?", "", self.address)
        return re.split(r"[?#]", path)[0] or "policytrail"

    def expanduser(self) -> Server:
        """Return it as it is: nothing of a server is anybody's home folder."""
        return self


Home = Path | Server


def home(text: str) -> Home:
    """Return where an archive lies.

    >>> str(home("postgresql://me:secret@db.example/trail"))
    'postgresql://me:***@db.example/trail'
    >>> home("a.db")
    PosixPath('a.db')
    """
    return Server(text) if text.startswith(_SCHEMES) else Path(text)
