"""Documents and further pages of a list: HTML, or the JSON or XML behind it; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree, html
from lxml.cssselect import CSSSelector

from spiders.address import canonicalize
from spiders.clicks import leads_to, squeezed, text_of
from spiders.data import is_data, loaded, markup_in, next_page, read_data
from spiders.dataproxy import is_records, onward, records
from spiders.days import Dated, completed, days_ago_in, short_day_in
from spiders.hints import LONGEST_TITLE, day_in, day_in_address, day_in_boxes, title_in
from spiders.markup import decode, parse
from spiders.pagers import is_onward, is_page_of, page_choices, script_pages, turned_by_script
from spiders.paging import page_stem
from spiders.posting import parameters
from spiders.source import Findings, Found, Source
from storage.model import Role

# How far up from a link its row may reach, and how long the text of a row may be.
_ROW_LEVELS = 4
_ROW_TEXT = 400
_MOST_JSON_NODES = 200_000

_DIGITS = re.compile(r"\d+")

# Columns by year: the text is a bare year, the address is the list's own with a year in it.
_YEAR = re.compile(r"(?<!\d)(?:19[5-9]|20\d)\d(?!\d)")
_YEAR_VALUE = re.compile(r"(?<==)(?:19[5-9]|20\d)\d(?=&|$)")
_YEAR_TEXT = re.compile(r"(?:19[5-9]|20\d)\d\s?(?:年度?)?")
_YEAR_FOLDER = re.compile(r"/[^/\d]{0,20}(?:19[5-9]|20\d)\d[^/\d]{0,20}/$")
_YEAR_PLACE = re.compile(
    r"[^/\d]{0,20}(?:19[5-9]|20\d)\d[^/\d]{0,20}(?:/(?:index|default|list)?(?:\.\w{2,5})?|\.\w{2,5})?"
)


def _base(tree: html.HtmlElement, url: str) -> str:
    for element in tree.iter("base"):
        if href := element.get("href"):
            return canonicalize(href, url) or url
    return url


def trees_of(body: bytes, content_type: str) -> list[html.HtmlElement]:
    """Return the page, then the rows that some site software hides in XML inside a script element."""
    tree = parse(decode(body, content_type)[0])
    if tree is None:
        return []
    hidden = (
        parse(re.sub(r"<!\[CDATA\[|\]\]>", "", script.text))
        for script in tree.iter("script")
        if "xml" in (script.get("type") or "") and script.text
    )
    return [tree, *(rows for rows in hidden if rows is not None)]


def _links(trees: list[html.HtmlElement], url: str, limit: int) -> list[tuple[etree._Element, str]]:
    """Return the links of a page with their targets; of the first ``limit``."""
    base = _base(trees[0], url) if trees else url
    elements = (element for tree in trees for element in tree.xpath(".//a|.//area|.//link|.//*[@onclick]"))
    leading = ((element, address) for element in elements if (address := leads_to(element)))
    return [(element, target) for element, address in islice(leading, limit) if (target := canonicalize(address, base))]


def _is_year_of(target: str, url: str) -> bool:
    """Tell whether an address is the list's own for another year: beside it, below it, or by a parameter."""
    there, here = urlsplit(target), urlsplit(url)
    if there.netloc != here.netloc or target == url:
        return False
    if _YEAR.sub("0", there.path) == _YEAR.sub("0", here.path):
        # Of a parameter the year is the whole value: one with a month in it is of a calendar.
        if not _YEAR.search(there.path) and not _YEAR_VALUE.search(there.query):
            return False
        pairs = set(_YEAR_VALUE.sub("0", there.query).split("&"))
        return set(filter(None, _YEAR_VALUE.sub("0", here.query).split("&"))) <= pairs
    folder = here.path.rpartition("/")[0] + "/"
    if own := _YEAR_FOLDER.search(folder):
        folder = folder[: own.start() + 1]
    beyond = there.path.removeprefix(folder)
    return folder != "/" and beyond != there.path and _YEAR_PLACE.fullmatch(beyond) is not None


def _year_pages(tree: html.HtmlElement, url: str, limit: int) -> Iterator[str]:
    base = _base(tree, url)
    for element in islice(tree.iter("a", "option"), limit):
        address = element.get("href") or (element.get("value") if element.tag == "option" else None)
        if address and _YEAR_TEXT.fullmatch(squeezed(element, 20)):
            target = canonicalize(address, base)
            if target and _is_year_of(target, url):
                yield target


def _rows(links: list[tuple[etree._Element, str]]) -> dict[etree._Element, str | None]:
    """Return, for what lies around links, the only document in it, or None where there are several."""
    rows: dict[etree._Element, str | None] = {}
    for element, target in links:
        for around in islice(element.iterancestors(), _ROW_LEVELS):
            if rows.setdefault(around, target) != target:
                rows[around] = None
    return rows


def _beside(element: etree._Element) -> str:
    """Return what stands beside a link whose row does not hold it: right after it, or in the other half of a pair."""
    pair = element.getparent()
    before = element.getprevious()
    ahead = (before.tail if before is not None else pair.text if pair is not None else "") or ""
    # Where days stand before their links, what follows a link is the day of the next one.
    beside = (element.tail or "")[:60] if day_in(ahead[-60:]) is None else ""
    if pair is not None and pair.tag in ("dd", "dt"):
        other = pair.getprevious() if pair.tag == "dd" else pair.getnext()
        if other is not None and {other.tag, pair.tag} == {"dd", "dt"} and other.find(".//a") is None:
            beside += " " + text_of(other, 60, " ")
    return beside


def _day_near(element: etree._Element, target: str, rows: dict[etree._Element, str | None]) -> tuple[date | None, str]:
    """Return the day in the smallest surroundings of a link that name no other document, and what they say beside."""
    texts: list[str] = []
    for place in (element, *islice(element.iterancestors(), _ROW_LEVELS)):
        if place is not element and rows.get(place) != target:
            break
        # Cells of a row stand apart: "market</td><td>May 23" must not become one word.
        text = text_of(place, _ROW_TEXT + 1, " ")
        if len(text) > _ROW_TEXT:
            break
        texts.append(text)
    beside = _beside(element)
    beside = "" if texts and beside.strip() in texts[-1] else beside
    days = (read(text) for read in (day_in, day_in_boxes) for text in (*texts, beside))
    # Without the link, whose text may name another day.
    around = texts[-1].replace(texts[0], " ", 1) if texts else ""
    return next(filter(None, days), None) or day_in_address(target), " ".join(f"{around} {beside}".split())


def standing_in(tree: html.HtmlElement, selectors: tuple[str, ...]) -> set[etree._Element]:
    """Return the elements of a page that CSS selectors name."""
    return {found for selector in selectors for found in CSSSelector(selector, translator="html")(tree)}


def _is_of_list(element: etree._Element, tree: html.HtmlElement, places: set[etree._Element]) -> bool:
    """Tell whether a link stands in one of some places, or in rows that came as data and are all of the list's."""
    around = set(element.iterancestors())
    return tree not in around or not places.isdisjoint(around)


def _documents(links: list[tuple[etree._Element, str]]) -> dict[str, Found]:
    found: dict[str, Found] = {}
    for element, target in links:
        before = found.get(target)
        if before is None or before.title is None:
            title = title_in(element.get("title")) or title_in(text_of(element, 2 * LONGEST_TITLE))
            found[target] = Found(url=target, role=Role.MAIN, title=title)
    return found


def _dated(found: dict[str, Found], links: list[tuple[etree._Element, str]], url: str) -> dict[str, Found]:
    """Return the documents of a list with the days that stand beside them."""
    around = _rows(links)
    rows: dict[str, Dated] = {}
    ago: dict[str, int | None] = {}
    for element, target in links:
        if target not in rows or (rows[target].day is None and rows[target].short is None):
            day, beside = _day_near(element, target, around)
            rows[target] = Dated(url=target, day=day, short=None if day else short_day_in(beside))
            ago[target] = None if day else days_ago_in(beside)
    days = completed(tuple(rows.values()), url)
    return {
        target: replace(each, hinted_on=rows[target].day or days.get(target), days_ago=ago[target])
        for target, each in found.items()
    }


def _nodes(value: object) -> Iterator[dict[str, object] | str]:
    """Yield objects, and strings that stand outside of them, in order."""
    waiting = [value]
    for _ in range(_MOST_JSON_NODES):
        if not waiting:
            return
        value = waiting.pop()
        if isinstance(value, dict):
            yield value
            waiting.extend(reversed([inner for inner in value.values() if isinstance(inner, dict | list)]))
        elif isinstance(value, list):
            waiting.extend(reversed(value))
        elif isinstance(value, str):
            yield value


def _read_json(source: Source, text: str, url: str) -> Findings:
    """Return the documents in the data that a page's script makes its list of."""
    if (value := loaded(text)) is None:
        return Findings(problem="not readable as JSON")
    found: dict[str, Found] = {}
    for node in _nodes(value):
        strings = {"": node} if isinstance(node, str) else {k: v for k, v in node.items() if isinstance(v, str)}
        for address in strings.values():
            # Any text is a relative address; only what looks like one is tried.
            if not re.match(r"https?://|\.{0,2}/", address) or not (target := canonicalize(address, url)):
                continue
            if source.is_document(target) and target not in found:
                titles = (text for key, text in strings.items() if key.lower().endswith("title"))
                days = (day_in(text[:40]) for text in strings.values() if text != address)
                found[target] = Found(
                    url=target,
                    role=Role.MAIN,
                    title=title_in(next(titles, None)),
                    hinted_on=next(filter(None, days), None) or day_in_address(target),
                )
        if len(found) >= source.budget.links_per_page:
            break
    return Findings(found=tuple(found.values())[: source.budget.links_per_page])


def read_list(source: Source, body: bytes, *, url: str, content_type: str) -> Findings:
    """Return the documents that a page of a list names, and the further pages of the same list.

    Pure.  At most ``source.budget.links_per_page`` links are looked at; a bad link costs that link only.
    Pages: what reads as a pager *and* is the list's own address with another page marker, so that calendars
    and filters lead nowhere; or what a script pager of a known form would write, or the same list of another year.
    """
    limit = source.budget.links_per_page
    text = decode(body, content_type)[0]
    piece, total = None, None
    if source.data and source.data.markup and (is_data(body) or source.data.page in dict(parameters(url))):
        piece, total = markup_in(source.data, text)
    elif is_data(body):
        return read_data(source, source.data, text, url=url) if source.data else _read_json(source, text, url)
    if piece is not None:
        trees = [tree] if (tree := parse(piece)) is not None else []
    else:
        trees = records(text) if is_records(text) else trees_of(body, content_type)
    if not trees:
        # What has no rows any more is often nothing at all.
        return Findings(problem="not a page" if piece is None else None)
    pages: dict[str, Found] = {}
    documents: list[tuple[etree._Element, str]] = []
    limited = bool(source.within) and not is_records(text) and piece is None
    places = standing_in(trees[0], source.within) if limited else set()
    for element, target in _links(trees, url, limit):
        if source.has_host(target) and is_page_of(target, url) and is_onward(element):
            pages.setdefault(target, Found(url=target, role=Role.LIST))
        elif element.tag == "link" or target == url or not (source.documents and source.is_document(target)):
            continue
        elif not limited or _is_of_list(element, trees[0], places):
            documents.append((element, target))
    found = _dated(_documents(documents), documents, url)
    most = source.budget.list_pages
    scripted = (target for script in trees[0].iter("script") for target in script_pages(script, url, most))
    for target in (*scripted, *page_choices(trees[0], url, most), *turned_by_script(trees[0], url, most)):
        if source.has_host(target):
            pages.setdefault(target, Found(url=target, role=Role.LIST))
    # A list that turns its pages is whole by itself: a filter by year would only show it once more.
    years = [each for each in _year_pages(trees[0], url, limit) if not pages or not urlsplit(each).query]
    turned_to = next_page(source.data, url, len(found), total) if source.data and piece is not None else None
    further = onward(text, url, most=most) if piece is None else ()
    for target in (*years, *further, *([turned_to] if turned_to else ())):
        if source.has_host(target) and not (source.documents and source.is_document(target)):
            pages.setdefault(target, Found(url=target, role=Role.LIST))
    return Findings(found=(*found.values(), *pages.values())[:limit])


def read_document(source: Source, body: bytes, *, url: str, content_type: str) -> Findings:
    """Return other documents of a source that a document links to.

    Pure.  At most ``source.budget.links_per_page`` links are looked at.  Further pages of the same document
    are no documents; a source without ``documents`` patterns could not tell a document, and follows nothing.
    """
    if not (source.follow and source.documents) or b"<" not in body[:1_000]:
        return Findings()
    own = {url, page_stem(url)[0]}
    links = [
        (element, target)
        for element, target in _links(trees_of(body, content_type), url, source.budget.links_per_page)
        if element.tag != "link" and not {target, page_stem(target)[0]} & own and source.is_document(target)
    ]
    return Findings(found=tuple(_documents(links).values()))
