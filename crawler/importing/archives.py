"""Another archive of ours as a source of answers: its runs stay what they were composed from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from crawler.importing.kept import Kept, Tally
from storage import Archive
from storage.model import Answer, Fetch, Role
from storage.packing import unpack

SIGNATURE = b"SQLite format 3\x00"
ROLES = (Role.MAIN, Role.PART, Role.ATTACHMENT)


def is_archive(path: Path) -> bool:
    """Tell whether a file is a database."""
    with path.open("rb") as stream:
        return stream.read(len(SIGNATURE)) == SIGNATURE


def read_archive(path: Path, wanted: Callable[[str], bool], tally: Tally) -> Iterator[Kept]:
    """Yield the answers of documents, their parts and files of every finished run of another archive.

    Raises ArchiveError for a database that is no archive.
    """
    tally.files += 1
    other = Archive.open(path, readonly=True)
    for source in other.source_names():
        for root in other.finished_roots(source, imported=True):
            for fetch, role in other.chain_fetches(root):
                if role not in ROLES:
                    continue
                if not wanted(fetch.url):
                    tally.left_out["of other hosts"] += 1
                    continue
                yield Kept(
                    url=fetch.url, fetched_at=fetch.fetched_at, load=_loader(other, fetch), role=role, chain=root
                )


def _loader(other: Archive, fetch: Fetch) -> Callable[[], Answer | None]:
    def load() -> Answer | None:
        answer = Answer(
            url=fetch.url,
            requested_at=fetch.requested_at,
            fetched_at=fetch.fetched_at,
            status=fetch.status,
            error=fetch.error,
            detail=fetch.detail,
            content_type=fetch.content_type,
            etag=fetch.etag,
            last_modified=fetch.last_modified,
            location=fetch.location,
        )
        if fetch.snapshot_id is None:
            return answer
        headers = other.headers(fetch.snapshot_id) if fetch.status != 304 else None
        came = tuple((str(name), str(value)) for name, value in json.loads(unpack(headers))) if headers else ()
        return replace(answer, body=other.snapshot(fetch.snapshot_id).body, headers=came)

    return load
