"""Snapshots as WARC: the bytes of each answer with the headers that came with them."""

from __future__ import annotations

import base64
import hashlib
import http.client
import io
import json
import re
import uuid
from datetime import datetime
from typing import IO, Any

from crawler.errors import CrawlFailedError
from storage import Archive
from storage.holding import Answered, Held
from storage.packing import unpack
from storage.times import moment, stamp

# Bytes are kept as they were after decoding, so these headers would lie; they stay under another name.
_OF_TRANSFER = {"content-encoding", "transfer-encoding", "content-length"}
_ORIGINAL = "X-Archive-Orig-"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SPACE = uuid.UUID("6d3f7c1e-54a3-5be0-9d0c-7a9f4e2b8c11")


class Warc:
    """Response records, each compressed by itself; numbers and times are those of the archive, not of today."""

    def __init__(self, stream: IO[bytes], archive: Archive) -> None:
        try:
            from warcio.statusandheaders import StatusAndHeaders
            from warcio.warcwriter import WARCWriter
        except ImportError as error:
            raise CrawlFailedError("WARC needs warcio: pip install 'policytrail[corpus]'") from error
        self._headers = StatusAndHeaders
        self._writer = WARCWriter(stream, gzip=True, warc_version="WARC/1.1")
        self._archive = archive
        self._written: set[int] = set()

    def add(self, held: Held) -> None:
        """Write the answers that a version was composed from, each once."""
        for resource_id, snapshot_id in self._archive.composed_from(held.version_id):
            key = resource_id << 32 | snapshot_id
            answered = self._archive.answered_with(resource_id, snapshot_id)
            if answered is None:
                continue
            if key not in self._written:
                self._written.add(key)
                self._write(answered, snapshot_id)
            elif resource_id == held.resource_id and held.first_seen_at > answered.fetched_at:
                # A page that says again what it said before is a version of its own.
                self._write_again(answered, snapshot_id, moment(held.first_seen_at))

    def close(self) -> None:
        """Do nothing: each record is whole already."""

    def _write(self, answered: Answered, snapshot_id: int) -> None:
        snapshot = self._archive.snapshot(snapshot_id)
        named = uuid.uuid5(_SPACE, f"{answered.url}\n{answered.fetched_at}\n{snapshot.sha256}")
        status = f"{answered.status} {http.client.responses.get(answered.status, 'Unknown')}"
        record = self._writer.create_warc_record(
            answered.url,
            "response",
            payload=io.BytesIO(snapshot.body),
            # Without it warcio measures the body in a file that it leaves open.
            length=len(snapshot.body),
            http_headers=self._headers(status, headers(answered, len(snapshot.body)), protocol="HTTP/1.1"),
            warc_headers_dict={
                "WARC-Date": _second(moment(answered.fetched_at)),
                "WARC-Record-ID": f"<urn:uuid:{named}>",
            },
        )
        self._writer.write_record(record)

    def _write_again(self, answered: Answered, snapshot_id: int, at: datetime) -> None:
        snapshot = self._archive.snapshot(snapshot_id)
        named = uuid.uuid5(_SPACE, f"{answered.url}\n{stamp(at)}\n{snapshot.sha256}")
        digest = base64.b32encode(hashlib.sha1(snapshot.body, usedforsecurity=False).digest()).decode()
        record = self._writer.create_revisit_record(
            answered.url,
            digest=f"sha1:{digest}",
            refers_to_uri=answered.url,
            refers_to_date=_second(moment(answered.fetched_at)),
            warc_headers_dict={"WARC-Date": _second(at), "WARC-Record-ID": f"<urn:uuid:{named}>"},
        )
        self._writer.write_record(record)


def headers(answered: Answered, size_bytes: int) -> list[tuple[str, str]]:
    """Return the headers of an answer: those that came, or those that were kept of them.

    Pure.

    size_bytes: of the body as it is kept.
    """
    came: list[tuple[Any, Any]]
    if answered.headers is not None:
        came = [(name, value) for name, value in json.loads(unpack(answered.headers))]
    else:
        came = [
            ("Content-Type", answered.content_type),
            ("ETag", answered.etag),
            ("Last-Modified", answered.last_modified),
            ("Location", answered.location),
        ]
    out = [
        (f"{_ORIGINAL}{name}" if name.lower() in _OF_TRANSFER else name, _line(value))
        for name, value in came
        if value is not None and _TOKEN.fullmatch(name)
    ]
    return [*out, ("Content-Length", str(size_bytes))]


def _line(value: str) -> str:
    return re.sub(r"[\x00-\x08\x0a-\x1f\x7f]+", " ", value).strip()


def _second(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
