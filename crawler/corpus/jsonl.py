"""Records as lines of JSON, in a file that is either whole or not there."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

# JSON leaves these as they are, but some readers end a line at them (U+0085, U+2028, U+2029), and a terminal
# obeys them (C1 controls, bidi controls).  Only strings can hold them, so an escape is always right.
_ESCAPED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
# Half a surrogate pair is no character: UTF-8 cannot hold it, and strict readers refuse its escape.
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file of records; path is None for standard output."""

    path: Path | None
    records: int
    sha256: str
    size_bytes: int


def line(record: Mapping[str, Any]) -> str:
    """Return a record as one line of JSON, its end included: not ASCII-escaped, keys in their order.

    Pure.  Reading it back gives an equal record, except that lone surrogates become U+FFFD.
    """
    text = json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(", ", ": "))
    text = _SURROGATES.sub("\ufffd", text)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def write(records: Iterable[Mapping[str, Any]], out: Path | Literal["-"]) -> Written:
    """Write records as lines; "-" is standard output.

    A file appears under its name when it is whole and on the disk; what stood there before is replaced.
    """
    digest = hashlib.sha256()
    count = size = 0
    with _opened(out) as stream:
        for record in records:
            data = line(record).encode()
            stream.write(data)
            digest.update(data)
            count += 1
            size += len(data)
    return Written(path=None if out == "-" else Path(out), records=count, sha256=digest.hexdigest(), size_bytes=size)


def write_whole(data: bytes, out: Path) -> None:
    """Write a file that appears under its name when it is whole and on the disk."""
    with _opened(out) as stream:
        stream.write(data)


@contextmanager
def _opened(out: Path | Literal["-"]) -> Iterator[BinaryIO]:
    if out == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if out.exists() and not out.is_file():
        # A device or a pipe has no "aside", and must not be replaced by a file.
        with out.open("wb") as stream:
            yield stream
        return
    target = out.resolve()
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(target)
        _sync_folder(target.parent)
    finally:
        partial.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make a rename in this folder outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
