"""A compound file, the container of old office documents ([MS-CFB]): its streams by name; pure."""

from __future__ import annotations

import struct

_FREE = 0xFFFFFFFA  # from here on, numbers say that there is no further sector
_HEADER_BYTES = 512
_ENTRY_BYTES = 128
_STREAM, _ROOT = 2, 5


class BrokenFileError(ValueError):
    """The bytes are no whole compound file."""


def streams(body: bytes, wanted: frozenset[str]) -> dict[str, bytes]:
    """Return those of the wanted streams that a compound file holds; pure.

    Time and memory are bounded by the size of the body: no sector is read twice.
    Raises BrokenFileError for what is no whole compound file.
    """
    try:
        return _CompoundFile(body).streams(wanted)
    except (struct.error, IndexError) as error:
        raise BrokenFileError("no whole compound file") from error


class _CompoundFile:
    def __init__(self, body: bytes) -> None:
        self._body = body
        shift, mini_shift = struct.unpack_from("<HH", body, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise BrokenFileError("sectors of an unknown size")
        self._size, self._mini_size = 1 << shift, 1 << mini_shift
        self._first_entry, self._cutoff, self._first_mini = (
            struct.unpack_from("<I", body, place)[0] for place in (48, 56, 60)
        )
        tables = list(struct.unpack_from("<109I", body, 76))
        following, left = struct.unpack_from("<II", body, 68)
        while following < _FREE and left > 0 and len(tables) * self._size <= len(body):
            numbers = struct.unpack(f"<{self._size // 4}I", self._sector(following))
            tables.extend(numbers[:-1])
            following, left = numbers[-1], left - 1
        self._next: list[int] = []
        for table in tables:
            if table < _FREE:
                self._next.extend(struct.unpack(f"<{self._size // 4}I", self._sector(table)))

    def _sector(self, number: int) -> bytes:
        start = max(_HEADER_BYTES, self._size) + number * self._size
        found = self._body[start : start + self._size]
        if not found:
            raise BrokenFileError("a sector beyond the end")
        return found.ljust(self._size, b"\0")  # the last one may be cut where nothing of it is used

    def _chain(self, first: int) -> bytes:
        pieces: list[bytes] = []
        number = first
        while number < _FREE:
            if len(pieces) > len(self._next):
                raise BrokenFileError("a chain of sectors without end")
            pieces.append(self._sector(number))
            number = self._next[number]
        return b"".join(pieces)

    def streams(self, wanted: frozenset[str]) -> dict[str, bytes]:
        directory = self._chain(self._first_entry)
        found: dict[str, tuple[int, int]] = {}
        mini = b""
        for place in range(0, len(directory) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
            length, kind = struct.unpack_from("<HB", directory, place + 64)
            start, size = struct.unpack_from("<II", directory, place + 116)
            name = directory[place : place + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            if kind == _ROOT:
                mini = self._chain(start)
            elif kind == _STREAM and name in wanted:
                found.setdefault(name, (start, size))
        if any(size < self._cutoff for _, size in found.values()):
            table = self._chain(self._first_mini)
            following = struct.unpack(f"<{len(table) // 4}I", table)
        read: dict[str, bytes] = {}
        for name, (start, size) in found.items():
            if size >= self._cutoff:
                read[name] = self._chain(start)[:size]
                continue
            pieces: list[bytes] = []
            number = start
            while number < _FREE and len(pieces) <= len(following):
                pieces.append(mini[number * self._mini_size : (number + 1) * self._mini_size])
                number = following[number]
            read[name] = b"".join(pieces)[:size]
        return read
