"""Documents and further pages of a list: HTML, or the JSON or XML behind it; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree, html
from lxml.cssselect import CSSSelector

from spiders.address import canonicalize
from spiders.clicks import LEADING, leads_to, openers, text_of
from spiders.data import is_data, is_xml, loaded, markup_in, next_page, read_data, rows_in
from spiders.dataproxy import is_records, onward, records
from spiders.dating import dated
from spiders.forms import form_pages
from spiders.hints import LONGEST_TITLE, day_in, day_in_address, title_in
from spiders.markup import decode, parse
from spiders.pager_scripts import script_pages, turned_by_script
from spiders.pagers import (
    counted_links,
    is_after,
    is_grown,
    is_onward,
    is_page_of,
    page_choices,
    revealed_pages,
    without_marks,
)
from spiders.paging import page_stem
from spiders.posting import parameters
from spiders.source import Findings, Found, Source
from spiders.years import is_of_year, month_pages, year_pages
from storage.model import Role

_MOST_JSON_NODES = 200_000


def base_of(tree: html.HtmlElement, url: str) -> str:
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
    base = base_of(trees[0], url) if trees else url
    opened = openers(trees[0]) if trees else {}
    elements = (element for tree in trees for element in tree.xpath(LEADING))
    leading = ((element, address) for element in elements if (address := leads_to(element, opened)))
    return [(element, target) for element, address in islice(leading, limit) if (target := canonicalize(address, base))]


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
    elif is_data(body) or (source.data and not source.data.script and is_xml(text) and not is_records(text)):
        return read_data(source, source.data, text, url=url) if source.data else _read_json(source, text, url)
    if piece is not None:
        trees = [tree] if (tree := parse(piece)) is not None else []
    else:
        trees = records(text) if is_records(text) else trees_of(body, content_type)
    if not trees:
        # What has no rows any more is often nothing at all.
        return Findings(problem="not a page" if piece is None else None)
    limited = bool(source.within) and not is_records(text) and piece is None
    places = standing_in(trees[0], source.within) if limited else set()
    links = _links(trees, url, limit)
    turning = {
        element: target
        for element, target in links
        if (is_page_of(target, url) and is_onward(element))
        or is_after(element, target, url)
        or is_grown(element, target, url)
    }
    documents = [
        (element, target)
        for element, target in links
        if element not in turning
        and element.tag != "link"
        and target != url
        and source.documents
        and source.is_document(target)
        and (not limited or _is_of_list(element, trees[0], places))
    ]
    found = dated(_documents(documents), documents, url, tree=trees[0], source=source)
    if source.data and source.data.script:
        found |= {each.url: each for each in rows_in(source, source.data, text, trees[0], url=url).found}
    turned_to = next_page(source.data, url, len(found), total) if source.data and piece is not None else None
    asked = [turned_to] if turned_to else []
    if piece is None:
        asked += onward(
            text, url, most=source.budget.list_pages, is_own=lambda rows: _holds_document(source, rows, url)
        )
    linked = without_marks(list(turning.values()), url)
    onward_to = _pages(source, trees[0], links, url, linked, asked, is_list=bool(found))
    return Findings(found=(*found.values(), *(Found(url=each, role=Role.LIST) for each in onward_to))[:limit])


def _holds_document(source: Source, markup: str, url: str) -> bool:
    tree = parse(markup)
    links = _links([tree], url, source.budget.links_per_page) if tree is not None else []
    return any(source.is_document(target) for _, target in links)


def _pages(
    source: Source,
    tree: html.HtmlElement,
    links: list[tuple[etree._Element, str]],
    url: str,
    linked: list[str],
    asked: list[str],
    *,
    is_list: bool,
) -> list[str]:
    """Return the further pages of a list, each once.

    linked: those that links lead to.  asked: where its further rows come from.
    """
    most, limit = source.budget.list_pages, source.budget.links_per_page
    scripted = [target for script in tree.iter("script") for target in script_pages(script, url, most)]
    base = base_of(tree, url)
    found = [*linked, *scripted, *page_choices(tree, url, most), *turned_by_script(tree, url, most)]
    found += revealed_pages(tree, url, base, limit)

    def is_page(target: str) -> bool:
        return source.has_host(target) and not (source.documents and source.is_document(target))

    if not found:
        found += filter(is_page, counted_links(links, url, base))
    if not found and not asked:
        found += filter(is_page, form_pages(tree, url, most))
    # A list that turns its pages is whole by itself: a filter by year would only show it once more.  But where each
    # of those pages is of one year, the list is that year's.
    stems = {page_stem(each)[0] for each in found}
    of_years = bool(stems) and not is_of_year(url) and all(is_of_year(each) for each in stems)
    columns = [
        each
        for each in year_pages(tree, url, base, limit)
        if not found or not urlsplit(each).query or (of_years and each not in stems)
    ]
    if is_list and not found and not columns:
        columns = list(month_pages(tree, url, base, limit))
    found += filter(is_page, (*columns, *asked))
    return [target for target in dict.fromkeys(found) if source.has_host(target)]


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
