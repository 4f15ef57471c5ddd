"""WARC files, also those inside WACZ files: response, resource and revisit records, of damaged files what is whole."""

from __future__ import annotations

import io
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from crawler.errors import CrawlFailedError
from crawler.importing.captured import replayed, settled
from crawler.importing.kept import Kept, Tally, answer_of
from spiders.address import canonicalize
from spiders.source import Source
from storage.model import Answer

MOST_BYTES = 32 * 1024 * 1024
_CHUNK = 1024 * 1024
# Bytes that are packed in this way are not unpacked.
_ZSTD = b"\x28\xb5\x2f\xfd"
_GZIP = b"\x1f\x8b"
_FIRST = b"WARC/"
# Where a record may begin again after one that cannot be read.
_BEGINNINGS = (_GZIP + b"\x08", _FIRST + b"1.")
# So much of a packed record is read at a time.
_PACKED = 16 * 1024


def is_warc(path: Path) -> bool:
    """Tell whether a file is WARC or WACZ, by its name."""
    return path.name.lower().endswith((".warc", ".warc.gz", ".wacz"))


def unpacked(path: Path, folder: Path) -> Iterator[Path]:
    """Yield the WARC files that a file holds; those of a WACZ are put into a folder first."""
    if not path.name.lower().endswith(".wacz"):
        yield path
        return
    try:
        with zipfile.ZipFile(path) as packed:
            for number, member in enumerate(packed.infolist()):
                if member.filename.lower().endswith((".warc", ".warc.gz")):
                    # A name of ours: a name in a zip may lead anywhere.
                    out = folder / f"{number}{'.warc.gz' if member.filename.lower().endswith('.gz') else '.warc'}"
                    with packed.open(member) as source, out.open("wb") as target:
                        shutil.copyfileobj(source, target)
                    yield out
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise CrawlFailedError(f"{path}: not readable as WACZ: {error}") from None


class Warcs:
    """WARC files, read once for what they hold, then record by record.

    source: whose hosts' addresses are imported; the rest is only counted.
    """

    def __init__(self, tally: Tally, source: Source) -> None:
        self._tally = tally
        self._source = source
        self._by_digest: dict[str, tuple[Path, int]] = {}
        self._by_date: dict[tuple[str, str], tuple[Path, int]] = {}

    def read(self, path: Path) -> Iterator[Kept]:
        """Yield what a file holds."""
        self._tally.files += 1
        for offset, record in _records(path, self._tally):
            kind = record.rec_type
            if kind not in ("response", "resource", "revisit"):
                continue
            target = record.rec_headers.get_header("WARC-Target-URI") or ""
            url = canonicalize(target.strip("<>"))
            if url is None:
                self._tally.left_out["no web address"] += kind != "resource"
                continue
            capture = replayed(url)
            asked = capture.url if capture else url
            if not self._source.has_host(asked):
                self._tally.left_out["of other hosts"] += 1
                continue
            if capture and not capture.raw:
                self._tally.left_out["rewritten by a web archive"] += 1
                continue
            said = record.rec_headers.get_header("WARC-Date") or ""
            fetched_at = capture.at if capture else _moment(said)
            if fetched_at is None:
                self._tally.left_out["without a time"] += 1
                continue
            if kind != "revisit":
                if digest := record.rec_headers.get_header("WARC-Payload-Digest"):
                    self._by_digest.setdefault(digest, (path, offset))
                self._by_date[url, said] = (path, offset)
            own = settled(asked, self._source)
            yield Kept(url=own, fetched_at=fetched_at, load=self._loader(path, offset, url, own, fetched_at))

    def _loader(self, path: Path, offset: int, url: str, own: str, fetched_at: datetime) -> Callable[[], Answer | None]:
        """Return what loads a record.  url: as it was captured; own: the source's address for it."""

        def load() -> Answer | None:
            with _record_at(path, offset) as record:
                if record is not None and record.rec_type != "revisit":
                    return _answer(record, url, own, fetched_at)
                place = self._place(record.rec_headers, url) if record is not None else None
            if place is None:
                return None
            # The same bytes again, whatever it was that told so.
            with _record_at(*place) as first:
                return _answer(first, url, own, fetched_at) if first is not None else None

        return load

    def _place(self, headers: Any, url: str) -> tuple[Path, int] | None:
        """Return where the bytes stand that a revisit speaks of."""
        refers = canonicalize((headers.get_header("WARC-Refers-To-Target-URI") or "").strip("<>")) or url
        place = self._by_date.get((refers, headers.get_header("WARC-Refers-To-Date") or ""))
        return place or self._by_digest.get(headers.get_header("WARC-Payload-Digest") or "")


def _answer(record: Any, url: str, own: str, fetched_at: datetime) -> Answer | None:
    made = _made(record, own, fetched_at)
    return replace(made, detail=f"captured as {url}"[:200]) if made is not None and url != own else made


def _made(record: Any, url: str, fetched_at: datetime) -> Answer | None:
    body = _body(record)
    if body is None:
        return None
    if record.http_headers is None:
        kind = record.rec_headers.get_header("Content-Type") or ""
        return answer_of(url, fetched_at, status=200, body=body, headers=[("Content-Type", kind)])
    code = record.http_headers.get_statuscode() or ""
    status = int(code) if code.isascii() and code.isdigit() else 200
    return answer_of(url, fetched_at, status=status, body=body, headers=list(record.http_headers.headers))


def _body(record: Any) -> bytes | None:
    """Return a record's bytes, unpacked; None where they are cut, damaged or too many."""
    try:
        body: bytes = record.content_stream().read(MOST_BYTES + 1)
    except _damage():
        return None
    packing = (record.http_headers.get_header("Content-Encoding") or "") if record.http_headers else ""
    if body.startswith(_ZSTD) and "zstd" in packing.lower():
        return None
    left = getattr(record.raw_stream, "limit", 0)
    return None if left or len(body) > MOST_BYTES else body


class _Member:
    """What one member of a gzip file holds, unpacked as it is read; `zlib.error` where it is damaged or cut."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._unpacking = zlib.decompressobj(16 + zlib.MAX_WBITS)

    def read(self, size: int = -1) -> bytes:
        """Return some bytes; none at the end, where its checksum has been held against them."""
        while not self._unpacking.eof:
            packed = self._unpacking.unconsumed_tail or self._stream.read(_PACKED)
            if not packed:
                raise zlib.error("cut")
            if data := self._unpacking.decompress(packed, max(size, 0)):
                return data
        return b""

    def finish(self) -> None:
        """Read what is left; that all is whole is known at its end."""
        while self.read(_PACKED):
            pass

    @property
    def end(self) -> int:
        """Where in the file the next one begins, once this one was read to its end."""
        return self._stream.tell() - len(self._unpacking.unused_data)


def _opened(stream: IO[bytes], place: int) -> tuple[Any, _Member | None]:
    """Return what iterates over the records at a place: over one member where they are packed, which comes with it."""
    _damage()
    from warcio.archiveiterator import ArchiveIterator

    stream.seek(place)
    member = _Member(stream) if stream.read(len(_GZIP)) == _GZIP else None
    stream.seek(place)
    # Unpacked by us: of a packed record that is damaged the reader says nothing, and takes what follows with it.
    records = ArchiveIterator(member or stream)
    # Else it quotes the bytes on the terminal.
    records.INC_RECORD = ""
    return records, member


def _damage() -> tuple[type[Exception], ...]:
    """Return what reading a damaged file raises."""
    try:
        from warcio.exceptions import ArchiveLoadFailed
    except ImportError as error:
        raise CrawlFailedError("WARC needs warcio: pip install 'policytrail[corpus]'") from error
    # AttributeError: of a record that ends before its address, the reader asks the address all the same.
    return ArchiveLoadFailed, zlib.error, EOFError, ValueError, IndexError, KeyError, AttributeError


def _records(path: Path, tally: Tally) -> Iterator[tuple[int, Any]]:
    """Yield the records of a file with their places; after a damaged one it goes on at the next that begins."""
    place: int | None = 0
    damaged = False
    with path.open("rb") as stream:
        size = stream.seek(0, io.SEEK_END)
        while place is not None and place < size:
            try:
                record, following = _whole(stream, place, path)
            except _damage():
                # Where one is damaged, each place is tried that looks like a beginning.
                tally.left_out["damaged"] += not damaged
                damaged = True
                place = _next_beginning(stream, place + 1)
                continue
            if record is not None:
                yield place, record
            place, damaged = following, False


def _whole(stream: IO[bytes], place: int, path: Path) -> tuple[Any, int]:
    """Return the record at a place, read to its end, or None where nothing follows, and where the next one begins.

    Raises what ``_damage`` names where it is not whole, CrawlFailedError where a file is packed as a whole.
    """
    records, member = _opened(stream, place)
    record = next(iter(records), None)
    if record is not None:
        records.read_to_end()
    if member is not None:
        if (records.next_line or b"").startswith(_FIRST):
            raise CrawlFailedError(f"{path}: packed as a whole, not record by record; `warcio recompress` mends that")
        member.finish()
        return record, member.end
    if record is None:
        return None, stream.tell()
    if records.err_count or getattr(record.raw_stream, "limit", 1):
        raise ValueError("a record is not as long as it says, or does not say")
    return record, records.offset


@contextmanager
def _record_at(path: Path, offset: int) -> Iterator[Any]:
    """Have the record at a place, or None where it cannot be read."""
    with path.open("rb") as stream:
        try:
            record = next(iter(_opened(stream, offset)[0]), None)
        except _damage():
            record = None
        yield record


def _next_beginning(stream: IO[bytes], start: int) -> int | None:
    stream.seek(start)
    before = b""
    while chunk := stream.read(_CHUNK):
        text = before + chunk
        places = [found for mark in _BEGINNINGS if (found := text.find(mark)) >= 0]
        if places:
            return stream.tell() - len(text) + min(places)
        before = text[-8:]
    return None


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
