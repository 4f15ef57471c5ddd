"""What may be watched at an address: its list, feed or site map, with the pattern of the documents; pure."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from crawler.add.addresses import Address, matches, patterns
from crawler.add.columns import find_markup, guess, guess_in, page_parameter, paged
from crawler.add.compare import is_of, names_section
from crawler.add.naming import country_of, publisher_of, timezone_of
from crawler.add.proposal import Answer, Everything, Proposal, Reading, hosts_of, of_site
from crawler.add.rows import Group, Page, read_page
from crawler.add.scripts import data_addresses
from crawler.plurals import many
from spiders.address import canonicalize
from spiders.data import is_data, is_xml, markup_in, rows_in
from spiders.dataproxy import is_records
from spiders.discovery import discover
from spiders.hints import title_in
from spiders.listing import trees_of
from spiders.literals import values
from spiders.markup import decode
from spiders.paging import page_stem
from spiders.source import Rows
from storage.model import Role

FEWEST_IN_A_MAP = 3
ONE_PAGE = "no parameter of its address turns its pages: it is taken for one page"
# A list with fewer rows and no further page may not be what the page is for.
FEWEST_ON_A_PAGE = 8

# A page that only sends on.
MOST_OF_A_SIGN = 5_000
MOST_LINKS_OF_A_SIGN = 3

_LINK = re.compile(r"(?i)<a\s")
_REFRESH = re.compile(
    r"""(?is)<meta\b[^<>]{0,100}http-equiv\s?=\s?["']?refresh\b[^<>]{0,60}?url\s?=\s?["']?([^"'<>\s]{1,300})"""
)
_LOCATION = re.compile(
    r"""(?<![\w.])(?:(?:window|top|self|parent|document)\.)?location(?:\.href)?\s?(?:=\s?|\.(?:replace|assign)\s?\(\s?)"""
    r"""["']([^"'<>\s]{1,300})["']"""
)
_TITLE = re.compile(r"(?s)<title[^<>]{0,200}>\s*(?:<!\[CDATA\[)?(.{1,300}?)(?:\]\]>)?\s*</title>")
_SITEMAP_LINE = re.compile(r"(?im)^[ \t]*sitemap[ \t]*:[ \t]*(\S+)")
_NEWS = re.compile(r"(?i)post|news|article|press|notice|polic|publication|document")


def read(answer: Answer) -> Reading:
    """Return what may be watched at an address, by what it answers; pure."""
    text = decode(answer.body, answer.content_type)[0]
    if is_data(answer.body):
        return _read_json(answer)
    if answer.loaded and (named := _in_scripts(answer, None, text)):
        return Reading(proposal=named)
    for role, name in ((Role.FEED, "feed"), (Role.SITEMAP, "site map")):
        findings = discover(Everything(), role, answer.body, url=answer.url, content_type=answer.content_type)
        if findings.problem is None:
            maps = tuple(found.url for found in findings.found if found.role is Role.SITEMAP)
            titles = {found.url: found.title or "" for found in findings.found if found.role is Role.MAIN}
            if maps and not titles:
                # Files of news first; then the last one, which the newest documents are in.
                files = list(reversed(maps))
                files.sort(key=lambda url: not _NEWS.search(urlsplit(url).path))
                seen = f"an index of {many(len(maps), 'site map')}"
                return Reading(better=tuple(files), seen=seen, index=answer.url)
            proposal = _feed(answer, titles) if role is Role.FEED else _sitemap(answer, titles)
            return Reading(proposal=proposal, seen=f"a {name} of {many(len(titles), 'address')}")
    return _read_json(answer) if is_xml(text) and not is_records(text) else _read_page(answer)


def sent_on_to(answer: Answer) -> str | None:
    """Return the address, of the same site, that a page without much else sends its reader on to; pure."""
    text = decode(answer.body, answer.content_type)[0]
    if len(text) > MOST_OF_A_SIGN or len(_LINK.findall(text)) > MOST_LINKS_OF_A_SIGN:
        return None
    for pattern in (_REFRESH, _LOCATION):
        for match in pattern.finditer(text):
            target = canonicalize(html.unescape(match[1]), answer.url)
            if target and target != answer.url and of_site([target], answer.url):
                return target
    return None


def maps_in(robots: bytes, url: str) -> tuple[str, ...]:
    """Return the site maps that a robots.txt names; pure."""
    lines = _SITEMAP_LINE.findall(robots[:500_000].decode("utf-8", "replace"))
    return tuple(dict.fromkeys(found for line in lines if (found := canonicalize(line, url))))


def _read_json(answer: Answer) -> Reading:
    zone = ZoneInfo(timezone_of(country_of(urlsplit(answer.url).netloc), "zh"))
    text = decode(answer.body, answer.content_type)[0]
    rows = guess(text, url=answer.url, zone=zone, templates=answer.templates)
    if rows is None and (pieces := find_markup(text)):
        return _read_piece(answer, pieces, markup_in(pieces, text)[0])
    source = Everything(data=rows)
    findings = discover(source, Role.LIST, answer.body, url=answer.url, content_type=answer.content_type)
    titles = {found.url: found.title or "" for found in findings.found if found.role is Role.MAIN}
    urls = [url for url in of_site(list(titles), answer.url) if rows or Address.read(url).numbered]
    documents = _of_rows(urls) if rows else patterns(urls)
    if len(urls) < 2 or not documents:
        return Reading(seen=f"data with {many(len(titles), 'address')}")
    doubts = []
    if rows is None or not rows.page:
        doubts.append(ONE_PAGE)
    if rows is None or not rows.date:
        doubts.append("no days stand in the list")
    return Reading(
        proposal=Proposal(
            role=Role.LIST,
            url=answer.url,
            made_of=answer,
            documents=documents,
            hosts=hosts_of(urls),
            titles={url: titles[url] for url in urls if any(matches(pattern, url) for pattern in documents)},
            doubts=tuple(doubts),
            data=rows,
            dated=bool(rows and rows.date),
        ),
    )


def _in_scripts(answer: Answer, page: Page | None, text: str) -> Proposal | None:
    """Return the list of which the rows stand in the scripts of a page, or in a file of scripts."""
    zone = ZoneInfo(timezone_of(country_of(urlsplit(answer.url).netloc), "zh"))
    tree = next(iter(trees_of(answer.body, answer.content_type)), None) if page is not None else None
    best: Proposal | None = None
    for name, value in values(tree, text):
        rows = guess_in(value, zone=zone, templates=answer.templates)
        # A script holds menus and pictures, too; a list of documents has titles and days.
        if rows is None or not (rows.title and rows.date):
            continue
        rows = replace(rows, script=name, total="")
        found = rows_in(Everything(data=rows), rows, text, tree, url=answer.url).found
        titles = {each.url: each.title or "" for each in found}
        urls = of_site(list(titles), answer.url)
        if len(urls) < 2 or (best is not None and len(urls) <= len(best.titles)):
            continue
        best = Proposal(
            role=Role.LIST,
            url=answer.url,
            made_of=answer,
            documents=_of_rows(urls),
            hosts=hosts_of(urls),
            titles={url: titles[url] for url in urls},
            publisher=publisher_of(page.site, page.name, urlsplit(answer.url).netloc) if page else "",
            language=page.language if page else "",
            data=rows,
        )
    return best


def _read_piece(answer: Answer, rows: Rows, markup: str) -> Reading:
    """Return what a piece of a page shows, which a script asks for, by itself or inside data."""
    body = markup.encode("utf-8", "replace")
    page = read_page(body, url=answer.url, content_type="text/html; charset=utf-8")
    made = ((group, _list(replace(answer, body=body), [(page, group)])) for group in page.groups) if page else ()
    group, proposal = next(((group, each) for group, each in made if each), (None, None))
    if group is None or proposal is None:
        return Reading(seen="a piece of a page without a list")
    # The size that a script asks for is not always heeded; a page less full than this one is the last.
    rows = replace(paged(rows, answer.url, len(proposal.titles)), size=len(proposal.titles))
    doubts = proposal.doubts if rows.page else (*proposal.doubts, ONE_PAGE)
    return Reading(proposal=replace(proposal, made_of=answer, data=rows, within=(), doubts=doubts, publisher=""))


def _of_rows(urls: Sequence[str]) -> tuple[str, ...]:
    """Return patterns for the rows of data: every row is a document, whatever its address looks like."""
    documents = patterns(urls)
    return documents if all(any(matches(pattern, url) for pattern in documents) for url in urls) else ("^/",)


def from_rows(proposal: Proposal, further: Answer) -> Proposal:
    """Return a proposal for data that takes the rows of a further page as well; pure."""
    urls = list(proposal.titles)
    for answer in (proposal.made_of, further):
        source = Everything(data=proposal.data)
        found = discover(source, Role.LIST, answer.body, url=answer.url, content_type=answer.content_type).found
        urls += of_site([each.url for each in found if each.role is Role.MAIN], proposal.url)
    urls = list(dict.fromkeys(urls))
    return replace(proposal, documents=_of_rows(urls), hosts=hosts_of(urls))


def _feed(answer: Answer, titles: dict[str, str]) -> Proposal | None:
    if not titles:
        return None
    named = _TITLE.search(decode(answer.body[:20_000], answer.content_type)[0])
    host = urlsplit(answer.url).netloc
    # Some sites publish their feed through another host: the documents say whose it is.
    own = of_site(list(titles), answer.url) or list(titles)
    documents = patterns(own) if len(own) > 2 else ()
    if not all(any(matches(pattern, url) for pattern in documents) for url in own):
        documents = ()
    doubts = [] if len(own) == len(titles) else [f"{len(titles) - len(own)} of its addresses lie on other sites"]
    return Proposal(
        role=Role.FEED,
        url=answer.url,
        made_of=answer,
        documents=documents,
        hosts=hosts_of(own),
        titles={url: titles[url] for url in own},
        publisher=publisher_of(title_in(html.unescape(named[1])) or "" if named else "", "", host),
        doubts=tuple(doubts),
    )


def _sitemap(answer: Answer, titles: dict[str, str]) -> Proposal | None:
    sections: dict[object, list[str]] = defaultdict(list)
    for url in of_site(list(titles), answer.url):
        address = Address.read(url)
        if address.numbered or address.dated:
            sections[address.section].append(url)
    groups = [
        urls
        for urls in sections.values()
        if len(urls) >= FEWEST_IN_A_MAP - all(Address.read(url).dated for url in urls)
    ]
    if not groups:
        return None
    groups.sort(key=len, reverse=True)
    documents = tuple(dict.fromkeys(pattern for urls in groups[:3] for pattern in patterns(urls)))
    taken = [url for url in titles if any(matches(pattern, url) for pattern in documents)]
    doubts = [f"the map names {len(titles)} addresses, {len(taken)} of them match"] if len(taken) < len(titles) else []
    return Proposal(
        role=Role.SITEMAP,
        url=answer.url,
        made_of=answer,
        documents=documents,
        hosts=hosts_of(taken),
        titles={url: titles[url] for url in taken},
        doubts=tuple(doubts),
    )


def _list(answer: Answer, sights: Sequence[tuple[Page, Group]]) -> Proposal | None:
    """Return the proposal for a list as its first page shows it, and perhaps a further one."""
    page, group = sights[0]
    rows = {row.url: row.title for row in group.rows}
    named = [row.url for _, each in sights for row in each.rows]
    elsewhere = [url for seen, _ in sights for url in seen.links if url not in named and url != answer.url]
    documents = patterns(named, beside=of_site(elsewhere, answer.url))
    taken = [url for url in named if any(matches(pattern, url) for pattern in documents)]
    titles = {url: title for url, title in rows.items() if url in taken}
    if not titles:
        return None
    doubts = []
    if len(titles) < len(rows):
        doubts.append(f"{len(rows) - len(titles)} of the {len(rows)} links of the list have addresses of another form")
    hosts = hosts_of(taken)
    also = {
        url
        for url in elsewhere
        if urlsplit(url).netloc in hosts and any(matches(pattern, url) for pattern in documents)
    }
    within = () if names_section(answer.url, taken) else _within(sights, set(taken), also)
    if also and not within:
        first = urlsplit(min(also)).path
        doubts.append(f"outside the list, the pattern takes {many(len(also), 'more link')}: {first}")
    first_page, number = page_stem(answer.url)
    if number is not None and first_page in page.links:
        doubts.append(f"this may be a further page of a list that begins at {first_page}")
    if any(matches(pattern, answer.url) for pattern in documents):
        doubts.append("its own address is one of a document: is it a list?")
    if not any(row.dated for row in group.rows):
        doubts.append("no days stand in the list")
    return Proposal(
        role=Role.LIST,
        url=answer.url,
        made_of=answer,
        documents=documents,
        hosts=hosts,
        titles=titles,
        publisher=publisher_of(page.site, page.name, urlsplit(answer.url).netloc),
        language=page.language,
        doubts=tuple(doubts),
        within=within,
        dated=any(row.dated for row in group.rows),
    )


def _within(sights: Sequence[tuple[Page, Group]], taken: set[str], also: set[str]) -> tuple[str, ...]:
    """Return a selector that takes all rows of a list, and none of what matches beside it; () where none does."""
    if not also:
        return ()
    good: list[list[str]] = []
    for _, group in sights:
        rows = taken & {row.url for row in group.rows}
        good.append([place.selector for place in group.places if rows <= place.urls and not also & place.urls])
    return next(((each,) for each in good[0] if all(each in others for others in good)), ())


def from_pages(proposal: Proposal, further: Answer) -> Proposal:
    """Return a proposal for a list that takes what stands on a further page of it as well; pure.

    The proposal itself, where the list is not known again there.
    """
    answer = proposal.made_of
    first = read_page(answer.body, url=answer.url, content_type=answer.content_type)
    if first is None:
        return proposal
    page = read_page(further.body, url=further.url, content_type=further.content_type, known_labels=first.labels)
    if page is None:
        return proposal
    group = next((each for each in first.groups if proposal.titles.keys() <= {row.url for row in each.rows}), None)
    if group is None:
        return proposal
    forms = {Address.read(url).form for url in proposal.titles}
    alike = [each for each in page.groups if each.shape == group.shape]
    # Rows that come as data have no shape of their own; the best list of such an answer is all there is.
    alike += [each for each in page.groups[:1] if forms & {Address.read(row.url).form for row in each.rows}]
    made = _list(answer, [(first, group), (page, alike[0])]) if alike else None
    return made if made is not None and proposal.titles.keys() <= made.titles.keys() else proposal


def _read_page(answer: Answer) -> Reading:
    if answer.loaded and page_parameter(answer.url):
        return _read_piece(answer, Rows(address="", markup=True), decode(answer.body, answer.content_type)[0])
    page = read_page(answer.body, url=answer.url, content_type=answer.content_type)
    if page is None:
        return Reading(seen="no page")
    proposals = ((group, _list(answer, [(page, group)])) for group in page.groups)
    group, proposal = next(((group, made) for group, made in proposals if made), (None, None))
    if written := _written(answer, page, proposal):
        return Reading(proposal=written)
    script = ", which a script may fill" if page.scripts and len(page.links) < 30 else ""
    away = len(page.links) - len(of_site(page.links, answer.url))
    seen = f"a page of {len(page.links)} links, {away} of them to other sites{script}"
    data = data_addresses(answer.body, url=answer.url, content_type=answer.content_type, mark=answer.mark)
    said = Reading(loaded=data, seen=seen, publisher=publisher_of(page.site, page.name, urlsplit(answer.url).netloc))
    if group is None or proposal is None:
        return replace(said, better=(*page.frames, *data, *page.feeds), scripts=page.script_files)
    said = replace(said, proposal=proposal)
    if _has_pager(answer, proposal):
        return said
    # Few rows may be the margin of a page whose list a script loads; and it may load what comes after many.
    files = page.script_files if len(group.rows) < FEWEST_ON_A_PAGE or page.loads_more else ()
    frames = page.frames if len(group.rows) < FEWEST_ON_A_PAGE else ()
    said = replace(said, better=(*frames, *data), scripts=files, frames=frames)
    home = urlsplit(answer.url).path in ("", "/") or len(page.groups) > 1
    if not proposal.dated or not home or is_of(answer.url, proposal):
        # Rows without days may be the menu of a page whose list a script loads.
        return replace(said, better=(*said.better, *_own_feeds(page.feeds, answer.url)))
    at_root = urlsplit(answer.url).path.count("/") < 2 and not urlsplit(answer.url).query
    own = _own_feeds(page.feeds, answer.url)
    feeds = (*own, *(feed for feed in page.feeds if feed not in own)) if at_root else own
    more = (group.more,) if group.more and group.more != answer.url and not page.loads_more else ()
    return replace(said, better=(*frames, *more, *data, *feeds))


def _written(answer: Answer, page: Page, shown: Proposal | None) -> Proposal | None:
    """Return the list in a page's scripts, where the page shows no list of its own.  shown: the best it shows."""
    if shown is not None and shown.dated and _has_pager(answer, shown):
        return None
    written = _in_scripts(answer, page, decode(answer.body, answer.content_type)[0])
    if written is None or written.titles.keys() & set(page.links):
        # What the page shows of it may be its beginning.
        return written if written and shown and shown.titles.keys() < written.titles.keys() else None
    if shown is not None and shown.dated and len(shown.titles) >= FEWEST_ON_A_PAGE:
        return None
    return written if shown is None or len(written.titles) >= len(shown.titles) else None


def _own_feeds(feeds: Sequence[str], url: str) -> tuple[str, ...]:
    """Return those of a page's feeds that lie below its own address: they are of its section, not of the site."""
    place = re.sub(r"(?:/index|/default|/list)?(?:\.\w{2,5})?$", "", urlsplit(url).path).rstrip("/")
    return tuple(feed for feed in feeds if place and urlsplit(feed).path.startswith(f"{place}/"))


def _has_pager(answer: Answer, proposal: Proposal) -> bool:
    source = proposal.source("xx_pager")
    found = discover(source, Role.LIST, answer.body, url=answer.url, content_type=answer.content_type).found
    return any(each.role is Role.LIST for each in found)
