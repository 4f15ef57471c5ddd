"""Records as lines of JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import IO, Any

import orjson

# JSON leaves these as they are, but some readers end a line at them (U+0085, U+2028, U+2029), and a terminal
# obeys them (C1 controls, bidi controls).  Only strings can hold them, so an escape is always right.
_ESCAPED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
# Half a surrogate pair is no character: UTF-8 cannot hold it, and strict readers refuse its escape.
_SURROGATES = re.compile("[\ud800-\udfff]")
_ENCODE = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(", ", ": ")).encode
_TIGHT = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
# In UTF-8 each of them begins with one of four bytes; most texts have none of those, and this is the fastest way to
# see it.
_PLAIN = bytes(set(range(256)) - {0x7F, 0xC2, 0xD8, 0xE2})
# A sum of hashes and a system call for each record would cost as much as the record.  Many more bytes than this at
# once cost more still: freed together, they go back to the system, and every page of them is asked for again.
_CHUNK_BYTES = 1 << 15


def line(record: Mapping[str, Any]) -> str:
    """Return a record as one line of JSON, its end included: not ASCII-escaped, keys in their order.

    Pure.  Reading it back gives an equal record, except that lone surrogates become U+FFFD.
    """
    return _escaped(_ENCODE(record)) + "\n"


def corpus_line(record: Mapping[str, Any]) -> bytes:
    """Return a record as ``line`` does, without spaces between its parts, as UTF-8.  Pure."""
    try:
        data = orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        # Lone surrogates, and whole numbers of more than 64 bits.
        return (_escaped(_TIGHT(record)) + "\n").encode()
    if not data.translate(None, _PLAIN):
        return data
    text = data[:-1].decode()
    return data if text.isprintable() else (_escaped(text) + "\n").encode()


def _escaped(text: str) -> str:
    # All that has to be escaped is not printable; asking is many times faster than looking for it.
    if text.isprintable():
        return text
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", _SURROGATES.sub("\ufffd", text))


class Lines:
    """Lines of JSON, many at a time."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._waiting: list[bytes] = []
        self._bytes = 0

    def add(self, record: Mapping[str, Any]) -> None:
        """Write a record, or keep it for the next piece."""
        data = corpus_line(record)
        self._waiting.append(data)
        self._bytes += len(data)
        if self._bytes >= _CHUNK_BYTES:
            self.close()

    def close(self) -> None:
        """Write what is left."""
        self._stream.write(b"".join(self._waiting))
        self._waiting.clear()
        self._bytes = 0
