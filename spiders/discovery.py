"""What a page of a source names: documents, further lists and maps; pure.

What reads pages is imported with the first one: a process that leaves them to its workers starts sooner.
"""

from __future__ import annotations

from spiders.source import Findings, Source
from storage.model import Role


def discover(source: Source, role: Role, body: bytes, *, url: str, content_type: str) -> Findings:
    """Return what one answer of a source names, by the role of its resource.

    Pure.  robots.txt, parts and attachments name nothing: their links are not what the source lists.

    body: as received, already inflated where the transport had packed it.
    url: where the answer came from, after redirects; links are relative to it.
    content_type: the header, for its charset; the role decides how the body is read.
    """
    from spiders.feed import read_feed
    from spiders.listing import read_document, read_list
    from spiders.sitemap import read_sitemap

    readers = {Role.LIST: read_list, Role.SITEMAP: read_sitemap, Role.FEED: read_feed, Role.MAIN: read_document}
    reader = readers.get(role)
    return reader(source, body, url=url, content_type=content_type) if reader else Findings()
