"""From an address as a person has it to the document that an archive knows."""

from __future__ import annotations

import re

from spiders.address import canonicalize
from storage import Archive, NotInArchiveError
from storage.model import Document

SCHEME = re.compile(r"(?i)^[a-z][a-z0-9+.-]*://")
NEAR, MANY = 3, 50


def spellings(address: str) -> tuple[str, ...]:
    """Return the canonical addresses that a person may mean, likeliest first.  Pure."""
    bare = SCHEME.sub("", address.strip())
    schemes = ("http", "https") if address.strip().lower().startswith("http:") else ("https", "http")
    return tuple(url for scheme in schemes if (url := canonicalize(f"{scheme}://{bare}")))


def find(archive: Archive, address: str) -> Document:
    """Return the document that an address belongs to, whichever scheme it was typed with.

    Raises NotInArchiveError with what the archive knows of the address, and which ones come close.
    """
    candidates = spellings(address)
    if not candidates:
        raise NotInArchiveError(f"{address}: not an http or https address")
    listed = [url for url in candidates if archive.resource_id(url) is not None]
    error: NotInArchiveError | None = None
    for url in listed:
        try:
            return archive.find_document(url)
        except NotInArchiveError as refused:
            error = error or refused
    if error is not None:
        raise error
    near = nearby(archive, candidates[0])
    hint = f"; did you mean {' or '.join(near)}?" if near else "; `policytrail search` finds documents by words"
    raise NotInArchiveError(f"{candidates[0]}: never listed by any source of this archive{hint}")


def nearby(archive: Archive, url: str) -> list[str]:
    """Return addresses of documents that begin as an address does, or end with the same file name."""
    name = url.rstrip("/").rpartition("/")[2]
    tail = f"/{name}" if any(mark.isdigit() for mark in name) else None
    near = archive.addresses(begin=url, limit=NEAR)
    if tail is not None and len(near) < NEAR:
        # The same name within a path says nothing.
        ending = [each for each in archive.addresses(hold=tail, limit=MANY) if each.rstrip("/").endswith(tail)]
        near += [each for each in ending if each not in near]
    return near[:NEAR]
