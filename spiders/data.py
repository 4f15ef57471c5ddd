"""Lists that come as JSON: rows by the mapping of a source file, or by a guess at it; pure."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from html import unescape
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from lxml import etree, html

from spiders.address import canonicalize
from spiders.hints import day_in, title_in
from spiders.literals import value_of
from spiders.posting import number_said, turned
from spiders.source import Findings, Found, Rows, Source
from spiders.xml_stream import parsed
from storage.model import Role

_PADDED = re.compile(r"\s*[\w$.]{1,80}\s*\((.*)\)\s*;?\s*", re.DOTALL)
_TAG = re.compile(r"<[^<>]{0,200}>")
PLACE = re.compile(r"\{([\w.-]{1,80})\}")
_PLAIN_DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)")
_NUMBER = re.compile(r"\d{10}(?:\d{3})?")
_MOMENT = re.compile(r"\\?/Date\((\d{10,13})(?:[+-]\d{4})?\)\\?/")
_LEADS = re.compile(r"https?://|\.{0,2}/|\?")
_PAGE = re.compile(r"(?i)<(?:!doctype\s+html|html|rss|feed|urlset|sitemapindex|rdf:rdf)\b")
_MARKUP = re.compile(r"(?i)<(?:html|head|body|script)\b")
_MOST_DEPTH = 20


def is_data(body: bytes) -> bool:
    """Tell whether an answer is JSON, also as the argument of a call."""
    start = body[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    return start[:1] in (b"{", b"[") or re.match(rb"[\w$.]{1,80}\s*\(\s*[{\[]", start) is not None


def is_xml(text: str) -> bool:
    """Tell whether an answer is XML that is no page, feed or site map."""
    start = text[:2_000].lstrip("\ufeff \t\r\n")
    return start.startswith("<?xml") and _PAGE.search(start) is None


def loaded(text: str) -> Any:
    """Return what JSON says, or XML as if it were JSON; None where it cannot be read.

    Of XML, elements of one name in another are a list, and what holds nothing else is a text.
    """
    text = text.lstrip("\ufeff")
    if is_xml(text):
        root = parsed(text)
        return _of_element(root, 0) if root is not None else None
    if match := _PADDED.fullmatch(text):
        text = match[1]
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _of_element(element: etree._Element, depth: int) -> Any:
    children = [child for child in element if isinstance(child.tag, str)]
    if not children or depth > _MOST_DEPTH:
        return "".join(map(str, element.itertext())).strip()
    found: dict[str, list[Any]] = {}
    for child in children:
        found.setdefault(str(child.tag).rpartition("}")[2], []).append(_of_element(child, depth + 1))
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


def at(value: Any, path: str) -> Any:
    """Return what lies at a dotted path, or None; a text that is JSON itself is gone into."""
    if isinstance(value, dict) and path in value:
        return value[path]
    for key in filter(None, path.split(".")):
        if isinstance(value, str):
            value = inner(value)
        if isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, dict):
            value = value.get(key)
        else:
            return None
    return value


def inner(text: str) -> Any:
    """Return what a text says that is JSON itself: objects or lists; None for any other."""
    if text[:1] not in ("{", "["):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None


def day_of(value: object, zone: ZoneInfo) -> date | None:
    """Return the day that a value names: as text, in parts, or as seconds or milliseconds since 1970."""
    if isinstance(value, list):
        # As parts: [2025, 11, 28, 9, 30]
        value = "-".join(map(str, value[:3])) if len(value) > 2 and all(isinstance(each, int) for each in value) else ""
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if moment := _MOMENT.fullmatch(text):
        text = moment[1]
    if _NUMBER.fullmatch(text):
        try:
            return datetime.fromtimestamp(int(text) / (1_000 if len(text) == 13 else 1), UTC).astimezone(zone).date()
        except (ValueError, OverflowError, OSError):
            return None
    if _PLAIN_DAY.match(text):
        try:
            return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
        except ValueError:
            return None
    return day_in(text[:40])


def _address(row: Any, rows: Rows, url: str) -> str | None:
    if "{" in rows.address:
        values = {name: at(row, name) for name in PLACE.findall(rows.address)}
        if not all(isinstance(value, str | int) for value in values.values()):
            return None
        return canonicalize(PLACE.sub(lambda match: quote(str(values[match[1]]), safe="/"), rows.address), url)
    value = at(row, rows.address)
    return canonicalize(value, url) if isinstance(value, str) and value.strip() else None


def _title(value: object) -> str | None:
    return title_in(unescape(_TAG.sub("", value[:3_000]))) if isinstance(value, str) else None


def read_data(source: Source, rows: Rows, text: str, *, url: str) -> Findings:
    """Return the documents that a page of a JSON list names, and its next page.

    Pure.  The next page: only after one with rows, as many as a full page has (``size``), and only while those
    seen so far are fewer than the list says it has (``total``).
    """
    value = loaded(text)
    if value is None:
        return Findings(problem="not readable as JSON")
    listed = _listed(value, rows)
    if listed is None:
        return Findings(problem=f"no rows at {rows.rows!r}")
    found = _documents(source, rows, listed, url)
    total, following = (at(value, path) if path else None for path in (rows.total, rows.next))
    if rows.next:
        # A server that gives a token for ever names no rows at some time.
        onward = following_page(rows, url, following) if listed else None
    else:
        onward = next_page(rows, url, len(listed), total)
    pages = [Found(url=onward, role=Role.LIST)] if onward and source.has_host(onward) else []
    return Findings(found=(*found.values(), *pages))


def rows_in(source: Source, rows: Rows, text: str, tree: html.HtmlElement | None, *, url: str) -> Findings:
    """Return the documents that the data in a page's own scripts name, or those in a file of scripts; pure.

    tree: of the page; where the text is a file of scripts it is not looked at.
    """
    value = value_of(tree if _MARKUP.search(text) else None, text, rows.script)
    listed = _listed(value, rows)
    if listed is None:
        return Findings(problem=f"no rows at {rows.rows!r} of {rows.script}")
    return Findings(found=tuple(_documents(source, rows, listed, url).values()))


def _listed(value: Any, rows: Rows) -> list[Any] | None:
    listed = at(value, rows.rows)
    if isinstance(listed, str):
        listed = inner(listed)
    if isinstance(listed, dict):
        # A list of one is none in XML.
        listed = [listed] if isinstance(at(listed, rows.address), str) else list(listed.values())
    return listed if isinstance(listed, list) else None


def _documents(source: Source, rows: Rows, listed: list[Any], url: str) -> dict[str, Found]:
    zone = ZoneInfo(source.timezone)
    found: dict[str, Found] = {}
    for row in listed[: source.budget.links_per_page]:
        target = _address(row, rows, url) if isinstance(row, dict | list) else None
        if target is not None and source.is_document(target):
            day = day_of(at(row, rows.date), zone) if rows.date else None
            title = _title(at(row, rows.title)) if rows.title else None
            found.setdefault(target, Found(url=target, role=Role.MAIN, title=title, hinted_on=day))
    return found


def following_page(rows: Rows, url: str, said: object) -> str | None:
    """Return the address of the page that an answer says comes next, or None where it says none; pure.

    said: an address, or what the parameter ``page`` is to be.
    """
    if isinstance(said, str) and _LEADS.match(said):
        target = canonicalize(said, url)
        here, there = urlsplit(url), urlsplit(target or "")
        # Servers behind another one often take themselves to be at http.
        return there._replace(scheme=here.scheme).geturl() if target and here.netloc == there.netloc else target
    if rows.page and (isinstance(said, str) or (isinstance(said, int) and not isinstance(said, bool))) and said:
        return turned(url, rows.page, quote(str(said), safe=""))
    return None


def markup_in(rows: Rows, text: str) -> tuple[str, object]:
    """Return the piece of a page that an answer is or holds, and how many rows it says there are, or None; pure."""
    if not is_data(text[:200].encode()):
        return text, None
    value = loaded(text)
    piece = at(value, rows.rows) if rows.rows else value
    return piece if isinstance(piece, str) else "", at(value, rows.total) if rows.total else None


def next_page(rows: Rows, url: str, count: int, total: object) -> str | None:
    """Return the address of the page after one of ``count`` rows, or None where that was the last; pure."""
    if not rows.page or not count or count < rows.size:
        return None
    said = number_said(url, rows.page)
    number = int(said) if re.fullmatch(r"\d{1,9}", said) else rows.first
    seen = ((number - rows.first) // rows.step + 1) * (rows.size or count)
    if re.fullmatch(r"\d{1,9}", str(total)) and seen >= int(str(total)):
        return None
    return turned(url, rows.page, number + rows.step)
