"""Documents in a feed: RSS 2, RSS 1 and Atom; pure."""

from __future__ import annotations

from datetime import date, datetime
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from lxml import etree

from spiders.address import canonicalize
from spiders.hints import day_in, title_in
from spiders.source import Findings, Found, Source
from spiders.xml_stream import elements, local_name, namespace, text_of
from storage.model import Role

_RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_DATES = ("pubdate", "published", "date", "issued", "updated")


def _addresses(entry: etree._Element) -> list[tuple[str, str]]:
    """Return what an entry gives as its address, best first, each with its xml:base."""
    texts: list[tuple[str, str]] = []
    for child in entry.iterchildren("{*}link"):
        if namespace(child) != namespace(entry):
            continue
        address = text_of(child) or (child.get("href") if child.get("rel", "alternate") == "alternate" else None)
        if address:
            texts.append((address, child.base or ""))
    if about := entry.get(_RDF_ABOUT):
        texts.append((about, ""))
    for child in entry.iterchildren("{*}guid"):
        if child.get("isPermaLink", "true") == "true" and (guid := text_of(child)):
            texts.append((guid, ""))
    return texts


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _hinted_on(entry: etree._Element, zone: ZoneInfo) -> date | None:
    texts = {local_name(child): text_of(child) for child in entry.iterchildren("{*}*")}
    for name in _DATES:
        if text := (texts.get(name) or "")[:60]:
            moment = _moment(text)
            if moment is None:
                return day_in(text)
            try:
                return moment.astimezone(zone).date() if moment.tzinfo else moment.date()
            except OverflowError:
                return None
    return None


def _entry(source: Source, element: etree._Element, url: str, zone: ZoneInfo) -> Found | None:
    for address, base in _addresses(element):
        target = canonicalize(address, (canonicalize(base, url) if base else None) or url)
        if target and source.is_document(target):
            titles = (
                "".join(str(text) for text in child.itertext())
                for child in element.iterchildren("{*}title")
                if namespace(child) == namespace(element)
            )
            return Found(
                url=target,
                role=Role.MAIN,
                title=title_in(next(titles, None)),
                hinted_on=_hinted_on(element, zone),
            )
    return None


def _next_page(entry: etree._Element, url: str) -> str | None:
    """Return where the feed goes on, as one of the links before its first entry says."""
    for link in entry.itersiblings("{*}link", preceding=True):
        if link.get("rel") in ("next", "prev-archive"):
            return canonicalize(link.get("href") or "", (canonicalize(link.base, url) if link.base else None) or url)
    return None


def read_feed(source: Source, body: bytes, *, url: str, content_type: str) -> Findings:
    """Return the documents of a source that a feed lists.

    Pure.  At most ``source.budget.links_per_page`` addresses; a bad entry costs that entry only.
    Days are in the zone of the source.  A feed in pages, or with its archive, names the next (RFC 5005).
    """
    stream = elements(body, content_type, frozenset({"item", "entry"}))
    root = next(stream, None)
    if root is None or local_name(root) not in {"rss", "rdf", "feed"}:
        return Findings(problem="not a feed")
    zone = ZoneInfo(source.timezone)
    found: dict[str, Found] = {}
    onward: str | None = None
    for place, element in enumerate(stream):
        # What stands before the first entry is still there then.
        onward = _next_page(element, url) if not place else onward
        if entry := _entry(source, element, url, zone):
            found.setdefault(entry.url, entry)
            if len(found) >= source.budget.links_per_page:
                break
    pages = [Found(url=onward, role=Role.FEED)] if onward and onward != url and source.has_host(onward) else []
    return Findings(found=(*found.values(), *pages))
