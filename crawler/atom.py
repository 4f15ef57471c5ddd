"""Entries -> an Atom feed; pure."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from crawler.terminal import clean

NAMESPACE = "http://www.w3.org/2005/Atom"
# What XML 1.0 cannot hold, and ``clean`` leaves.
_NOT_XML = re.compile("[\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry.

    name: the same for the same thing for ever, another for every other thing; the entry's id is made from it.
    at: aware.  text: plain, lines kept.  related: address of the page itself, http or https.
    """

    name: str
    title: str
    url: str
    at: datetime
    text: str
    author: str
    category: str
    related: str | None = None


def atom(
    *, title: str, name: str, self_url: str, page_url: str, entries: Sequence[Entry], otherwise: datetime
) -> bytes:
    """Return a feed as UTF-8.

    Pure: equal arguments give equal bytes.

    name: see ``Entry``.  otherwise: the time of an empty feed.
    """
    feed = ET.Element("feed", {"xmlns": NAMESPACE})
    _put(feed, "id", identity(name))
    _put(feed, "title", title)
    _put(feed, "updated", _time(max((entry.at for entry in entries), default=otherwise)))
    ET.SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": _safe(self_url)})
    ET.SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": _safe(page_url)})
    _put(feed, "generator", "policytrail")
    for entry in entries:
        one = ET.SubElement(feed, "entry")
        _put(one, "id", identity(entry.name))
        _put(one, "title", entry.title)
        _put(one, "updated", _time(entry.at))
        _put(ET.SubElement(one, "author"), "name", entry.author)
        ET.SubElement(one, "category", {"term": _safe(entry.category)})
        ET.SubElement(one, "link", {"rel": "alternate", "type": "text/html", "href": _safe(entry.url)})
        if entry.related:
            ET.SubElement(one, "link", {"rel": "related", "href": _safe(entry.related)})
        _put(one, "summary", entry.text)
    written: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def identity(name: str) -> str:
    """Return an id made from a name: the same on every machine.  Pure."""
    return uuid.uuid5(uuid.NAMESPACE_URL, name.encode("utf-8", "replace").decode()).urn


def _put(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = _safe(text, lines=True)


def _safe(text: str, *, lines: bool = False) -> str:
    return _NOT_XML.sub("\ufffd", clean(text, lines=lines))


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
