"""Documents and further maps in a site map: XML, gzip or plain text; pure."""

from __future__ import annotations

import zlib
from urllib.parse import urlsplit

from lxml import etree

from spiders.address import canonicalize
from spiders.hints import day_in, title_in
from spiders.markup import decode
from spiders.source import Findings, Found, Source
from spiders.xml_stream import elements, local_name, text_of
from storage.model import Role

MAX_UNPACKED_BYTES = 50 * 1024 * 1024
_GZIP = b"\x1f\x8b"


def _unpacked(body: bytes) -> bytes | str:
    """Return the bytes inside a gzip file, as many as came, or what is wrong."""
    stream = zlib.decompressobj(wbits=31)
    unpacked = bytearray()
    try:
        # In pieces: of a file that breaks off or turns bad, what came before is good.
        for start in range(0, len(body), 65_536):
            unpacked += stream.decompress(body[start : start + 65_536], MAX_UNPACKED_BYTES + 1 - len(unpacked))
            if len(unpacked) > MAX_UNPACKED_BYTES:
                return f"unpacks to more than {MAX_UNPACKED_BYTES // 1024 // 1024} MB"
    except zlib.error as error:
        if not unpacked:
            return f"not readable as gzip: {error}"
    return bytes(unpacked)


def _entry(source: Source, element: etree._Element, url: str) -> Found | None:
    # Direct child: image and video extensions hold addresses of their own.
    loc = text_of(next(element.iterchildren("{*}loc"), None))
    target = canonicalize(loc, url) if loc else None
    if target is None:
        return None
    if local_name(element) == "sitemap":
        near = source.has_host(target) or urlsplit(target).netloc == urlsplit(url).netloc
        return Found(url=target, role=Role.SITEMAP) if near else None
    if not source.is_document(target):
        return None
    return Found(
        url=target,
        role=Role.MAIN,
        title=title_in(text_of(element.find("{*}news/{*}title"))),
        hinted_on=day_in((text_of(element.find("{*}news/{*}publication_date")) or "")[:40]),
    )


def _lines(source: Source, text: str, url: str) -> Findings:
    found: dict[str, Found] = {}
    addresses = 0
    for line in text.splitlines():
        target = canonicalize(line) if line.strip().lower().startswith("http") else None
        addresses += target is not None
        if target and source.is_document(target) and target not in found:
            found[target] = Found(url=target, role=Role.MAIN)
            if len(found) >= source.budget.links_per_page:
                break
    return Findings(found=tuple(found.values()), problem=None if addresses else "not a site map")


def read_sitemap(source: Source, body: bytes, *, url: str, content_type: str) -> Findings:
    """Return the documents of a source that a site map names, and the maps it points to.

    Pure.  At most ``source.budget.links_per_page`` addresses; a bad entry costs that entry only.
    Source: sitemaps.org protocol; titles and days from the news extension.
    """
    for _ in range(2):
        # A server that packs a packed file once more for the way is not rare.
        if body.startswith(_GZIP):
            unpacked = _unpacked(body)
            if isinstance(unpacked, str):
                return Findings(problem=unpacked)
            body = unpacked
    if not body[:1_000].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n").startswith(b"<"):
        return _lines(source, decode(body, content_type)[0], url)
    stream = elements(body, content_type, frozenset({"url", "sitemap"}))
    root = next(stream, None)
    if root is None or local_name(root) not in {"urlset", "sitemapindex"}:
        return Findings(problem="not a site map")
    found: dict[str, Found] = {}
    for element in stream:
        entry = _entry(source, element, url)
        if entry and entry.url != url:
            found.setdefault(entry.url, entry)
            if len(found) >= source.budget.links_per_page:
                break
    return Findings(found=tuple(found.values()))
