"""Files and folders that are either whole or not there: written aside, then renamed."""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Literal, cast

from crawler.errors import CrawlFailedError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
ZSTD_LEVEL = 6
GZIP_LEVEL = 6


class Counted:
    """A stream that counts and hashes what goes through it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()
        self.size_bytes = 0
        self.closed = False

    def write(self, data: bytes) -> int:
        """Pass data on."""
        data = bytes(data)
        self._stream.write(data)
        self._digest.update(data)
        self.size_bytes += len(data)
        return len(data)

    def tell(self) -> int:
        """Return how many bytes went through."""
        return self.size_bytes

    def flush(self) -> None:
        """Pass everything on."""
        self._stream.flush()

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True

    def readable(self) -> bool:
        """Tell that nothing can be read from it."""
        return False

    def seekable(self) -> bool:
        """Tell that it only goes forward."""
        return False

    def close(self) -> None:
        """Leave the stream below open: it belongs to who opened it."""
        self.closed = True

    @property
    def sha256(self) -> str:
        """The hash of what went through so far."""
        return self._digest.hexdigest()


@contextmanager
def said_of(out: Path | Literal["-"]) -> Iterator[None]:
    """Raise what goes wrong on the way to a file or folder as CrawlFailedError: where, why, and what to do."""
    try:
        yield
    except BrokenPipeError:
        # Nobody reads any more: no fault of the output.
        raise
    except OSError as error:
        where = "standard output" if out == "-" else str(out)
        reason = os.strerror(error.errno) if error.errno else str(error)
        todo = "make room, or choose" if error.errno in _NO_ROOM else "choose"
        kept = "; an earlier export is as it was" if out != "-" and (out.is_file() or out.is_dir()) else ""
        raise CrawlFailedError(f"{where}: {reason}; {todo} another --out{kept}") from error


@contextmanager
def compressed(stream: IO[bytes], how: str | None) -> Iterator[IO[bytes]]:
    """Give a stream whose data arrives compressed by "gz" or "zst"; the same on any day: no time, no name."""
    if how == "gz":
        with gzip.GzipFile(filename="", mode="wb", compresslevel=GZIP_LEVEL, fileobj=stream, mtime=0) as packed:
            yield cast(IO[bytes], packed)
    elif how == "zst":
        with zstd.ZstdFile(stream, "wb", level=ZSTD_LEVEL) as packed:
            yield cast(IO[bytes], packed)
    else:
        yield stream


@contextmanager
def _with_room(out: Path) -> Iterator[None]:
    """Name the file that there is no room for: the system's own error does not."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise CrawlFailedError(f"{out}: the disk is full; make room, or choose another --out") from None


@contextmanager
def whole_file(out: Path | Literal["-"]) -> Iterator[BinaryIO]:
    """Give a stream; the file appears under its name when everything is on the disk, "-" is standard output."""
    if out == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if out.exists() and not (out.is_file() or out.is_dir()):
        # A device or a pipe has no "aside", and must not be replaced by a file.
        with _with_room(out), out.open("wb") as stream:
            yield stream
        return
    with _with_room(out), whole_path(out) as partial, partial.open("wb") as stream:
        yield stream


@contextmanager
def whole_path(out: Path) -> Iterator[Path]:
    """Give a path for a file that takes its name afterwards; what stood there before is replaced."""
    target = out.resolve()
    if target.is_dir():
        raise CrawlFailedError(f"{out}: a folder; give --out the name of a file")
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        yield partial
        _sync_folder(partial)
        partial.replace(target)
        _sync_folder(target.parent)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def whole_folder(out: Path, *, ours: bool) -> Iterator[Path]:
    """Give an empty folder that takes its name afterwards; an earlier export there is replaced.

    Raises CrawlFailedError where something else stands there.

    ours: a manifest beside it says that an earlier export made what stands there.
    """
    target = out.resolve()
    if target.exists() and not target.is_dir():
        raise CrawlFailedError(f"{out}: not a folder; choose another --out")
    if target.exists() and any(target.iterdir()) and not ours:
        raise CrawlFailedError(f"{out}: holds something that no export made; choose another --out")
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    earlier = target.with_name(f".{target.name}.{os.getpid()}.earlier")
    partial.mkdir()
    try:
        with _with_room(out):
            yield partial
            for path in sorted(partial.rglob("*")):
                _sync_folder(path)
        if target.exists():
            target.rename(earlier)
        partial.rename(target)
        _sync_folder(target.parent)
    finally:
        if partial.exists():
            shutil.rmtree(partial)
        if earlier.exists():
            if target.exists():
                shutil.rmtree(earlier)
            else:
                earlier.rename(target)


def hashed(path: Path) -> tuple[str, int]:
    """Return hash and size of a file."""
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as stream:
        while data := stream.read(1 << 20):
            digest.update(data)
            size += len(data)
    return digest.hexdigest(), size


def _sync_folder(path: Path) -> None:
    """Make a file's bytes, or a rename in a folder, outlive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
