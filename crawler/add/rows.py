"""The lists of a page: rows of links in one frame, each with a title, many with a day beside; pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree, html

from crawler.add.addresses import Address, site_of
from crawler.add.places import Place, places
from crawler.add.scripts import script_files
from crawler.add.tabs import are_below, shown_by_links, tab_of, year_fold
from crawler.add.titles import HAN, is_title, title_of
from spiders.address import canonicalize
from spiders.clicks import LEADING, leads_to, openers, squeezed
from spiders.dataproxy import is_records, records
from spiders.dating import YEAR_LAST, is_held
from spiders.hints import day_in, title_in
from spiders.listing import trees_of
from spiders.markup import decode
from spiders.pagers import LOAD_MORE

MOST_LINKS = 5_000
MOST_GROUPS = 8
MOST_FRAMES = 2
# How far up from a link its row may reach, and how much of a row's text is read.
_LEVELS = 10
_ROW_LEVELS = 4
_FEWEST_ALIKE = 2
_MOST_IN_ROW = 4
_ROW_TEXT = 600
_LONGEST_LIST = 20

_SHORT_DAY = re.compile(r"(?<!\d)(?:0?[1-9]|1[0-2])\s?[-/.月]\s?(?:[0-2]?\d|3[01])(?:日|(?![\d.]))")
_ROUGH_DAY = re.compile(
    r"(?i)(?<!\d)(?:19|20)\d\d\s?[-/.年]\s?(?:0?[1-9]|1[0-2])(?!\d)"
    r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?\s\d{1,2}\b"
)
_MARGIN = re.compile(
    r"(?i)(?<![a-z])(?:top|head(?:er)?|foot(?:er)?|bottom|nav|menu|left|banner|weather|count(?:er)?|login)(?![a-z])"
)
_FRAME = re.compile(r"(?i)(?<![a-z])(?:nav|menu|foot|footer|breadcrumbs?|crumbs?|friendlinks?|links)(?![a-z])")
_ASIDE = re.compile(r"(?i)(?<![a-z])(?:aside|sidebar|side|hot|rank(?:ing)?|related|recommend(?:ed)?)(?![a-z])")
_DRESS = frozenset({"b", "big", "em", "font", "i", "small", "span", "strong", "u"})
_INDEX = re.compile(r"(?i)^(?:index|default|home|list)\d*$")
_MORE = re.compile(
    r"(?i)[\[(<]?\s?(?:(?:查看)?更多|more(?:\s.{1,20})?|(?:view|see)\s(?:all|more).{0,20}|全部|>>|»)\s?\S{0,3}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One link of a list, with what stands with it.  dated: a day, with or without its year, does."""

    url: str
    title: str
    dated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The rows of one list.

    more: where a link at its head leads that says "more", or to the rows' folder.
    shape: what the same list on a further page has in common with it.  places: where on the page it stands.
    """

    rows: tuple[Row, ...]
    score: float
    more: str | None = None
    shape: tuple[object, ...] = ()
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page shows of lists.

    groups: the lists, likeliest first.  links: all addresses on the page.  feeds: that it names in its head.
    name: its title; site: what it says the site is called; language: as declared, or "".
    loads_more: a knob has more rows loaded.
    frames: of the page's own site, that other pages are shown in.
    labels: what links beside titles read as, such as "PDF"; those are no rows.
    scripts: how many there are.  script_files: of the page's own host, likeliest to be its own first.
    """

    groups: tuple[Group, ...]
    links: tuple[str, ...]
    feeds: tuple[str, ...]
    name: str
    site: str
    language: str
    scripts: int
    script_files: tuple[str, ...] = ()
    loads_more: bool = False
    frames: tuple[str, ...] = ()
    labels: frozenset[str] = frozenset()


def _anchors(trees: list[html.HtmlElement], base: str) -> Iterator[tuple[etree._Element, str]]:
    opened = openers(trees[0])
    elements = (element for tree in trees for element in tree.xpath(LEADING) if element.tag != "link")
    leading = ((element, address) for element in elements if (address := leads_to(element, opened)))
    for element, address in islice(leading, MOST_LINKS):
        if target := canonicalize(address, base):
            yield element, target


def _is_candidate(address: Address, url: str) -> bool:
    if address.url == url or not (address.stem or address.query):
        return False
    # A folder's own page lists, unless the folder is one of a document: /2024/05/16/123/index.html
    return not (_INDEX.match(address.stem) and not address.query) or address.dated


class _Rows:
    """Finds for each link the largest part of the page that is its alone, and the frame around that."""

    def __init__(self, links: list[tuple[etree._Element, str]]) -> None:
        self._forms = {url: Address.read(url).form[:2] for _, url in links}
        self._only: dict[tuple[etree._Element, object], str | None] = {}
        for element, url in links:
            for around in islice(element.iterancestors(), _LEVELS):
                key = (around, self._forms[url])
                if self._only.setdefault(key, url) != url:
                    self._only[key] = None

    def row(self, element: etree._Element, url: str) -> etree._Element:
        row = element
        for around in islice(element.iterancestors(), _LEVELS):
            if self._only[around, self._forms[url]] is None or around.tag in ("body", "html"):
                break
            row = around
        return row


def _kind_of(frame: etree._Element) -> tuple[object, ...]:
    classes = re.sub(r"\d+", "", frame.get("class") or "").split()
    return (frame.getparent(), frame.tag, classes[0] if classes else "")


def _way(element: etree._Element, frame: etree._Element | None) -> tuple[str, ...]:
    """Return the tags from a link up to its frame, without those that only dress a text."""
    way: list[str] = []
    for around in element.iterancestors():
        if around is frame:
            break
        if around.tag not in _DRESS:
            way.append(str(around.tag))
    return tuple(way)


def _is_dated(row: etree._Element) -> bool:
    # Cells of a table have no space between them.
    text = squeezed(row, _ROW_TEXT, " ")
    # Text after a bare link, or in a cell of its own kind after its row: <dt>, then <dd>.
    text += " " + " ".join((row.tail or "")[:60].split())
    after = row.getnext()
    if after is not None and isinstance(after.tag, str) and after.find(".//a") is None and after.tag != "a":
        text += " " + squeezed(after, 60, " ")
    return any((day_in(text), _SHORT_DAY.search(text), _ROUGH_DAY.search(text), YEAR_LAST.search(text), is_held(row)))


def _score(rows: list[Row], frame: etree._Element) -> float:
    """Return how much rows look like a list of documents; 0 where too little speaks for it."""
    count = len(rows)
    addresses = [Address.read(row.url) for row in rows]
    dated = sum(row.dated for row in rows) / count
    numbered = sum(address.numbered or address.dated for address in addresses) / count
    day = max(dated, sum(address.dated for address in addresses) / count)
    if not ((count >= 2 and day >= 0.5) or (count >= 3 and numbered >= 0.5) or count >= 5):
        return 0.0
    length = sum(2 * len(HAN.findall(row.title)) or len(row.title) for row in rows) / count
    score = min(count, _LONGEST_LIST) * (0.2 + 2 * dated + numbered) * min(length / 24, 1.5)
    around = [frame, *frame.iterancestors()]
    if any(
        each.tag in ("nav", "footer") or _FRAME.search(f"{each.get('class') or ''} {each.get('id') or ''}")
        for each in around
        if each.tag not in ("body", "html")
    ):
        score *= 0.2
    return score


def _folder(rows: list[Row]) -> str | None:
    """Return the folder that all rows share before any number, as scheme, host and path; None if it is the root."""
    parts = [urlsplit(row.url) for row in rows]
    if len({(part.scheme, part.netloc) for part in parts}) > 1:
        return None
    shared: list[str] = []
    for pieces in zip(*(part.path.split("/")[1:-1] for part in parts), strict=False):
        if len(set(pieces)) > 1 or re.search(r"\d", pieces[0]):
            break
        shared.append(pieces[0])
    return f"{parts[0].scheme}://{parts[0].netloc}/{'/'.join(shared)}/" if shared else None


def _more(frames: list[etree._Element], rows: list[Row], links: list[tuple[etree._Element, str]]) -> str | None:
    folder = _folder(rows)
    for _, url in links:
        address = Address.read(url)
        own = url if address.slash else url.rpartition("/")[0] + "/"
        if folder and own == folder and (address.slash or _INDEX.match(address.stem)) and not address.query:
            return url
    targets: dict[object, str] = dict(links)
    named = {row.url for row in rows}
    for around in islice(frames[0].iterancestors(), 3):
        within = [each for each in around.iter("a") if each in targets]
        if sum(targets[each] not in named and is_title(title_of(each)) for each in within) > 1:
            return None
        for each in within:
            if _MORE.fullmatch(title_of(each)) and targets[each] not in named:
                return targets[each]
    return None


def _with_short_titles(
    frames: list[etree._Element], rows: dict[str, Row], way: tuple[str, ...], links: list[tuple[etree._Element, str]]
) -> tuple[Row, ...]:
    """Return the rows, and those that are rows but for their short titles."""
    sections = {Address.read(url).section for url in rows}
    named = dict(rows)
    for element, url in links:
        if url in named or Address.read(url).section not in sections:
            continue
        frame = next((around for around in islice(element.iterancestors(), _LEVELS) if around in frames), None)
        if frame is not None and _way(element, frame) == way and title_of(element):
            named[url] = Row(url=url, title=title_of(element), dated=False)
    return tuple(named.values())


def _label(element: etree._Element) -> str:
    return re.sub(r"[\d.,]+", "0", title_of(element))


def _labels(links: list[tuple[etree._Element, str]]) -> frozenset[str]:
    """Return what links read as in row after row, beside others that are titles: "PDF (0 KB)".

    Issues of a bulletin read alike but for their numbers, too; they have no other link beside them.
    """
    said: dict[str, dict[str, etree._Element]] = defaultdict(dict)
    for element, target in links:
        said[_label(element)].setdefault(target, element)
    found = set()
    for text, alike in said.items():
        rows = [row for element in alike.values() if (row := _row_with_title(element)) is not None]
        frames = Counter(row.getparent() for row in rows)
        if text and len(alike) >= _FEWEST_ALIKE and 2 * max(frames.values(), default=0) > len(alike):
            found.add(text)
    return frozenset(found)


def _row_with_title(element: etree._Element) -> etree._Element | None:
    """Return the row that a link stands in, where another comes first in it and reads as a title."""
    for around in islice(element.iterancestors(), _ROW_LEVELS):
        others = [each for each in islice(around.iter("a"), 20) if each is not element and each.get("href")]
        if others:
            first = others[0]
            # Beyond its row stand the links that read as it does, and those of other rows.
            alike = any(_label(each) == _label(element) for each in others)
            is_row = not alike and len(others) <= _MOST_IN_ROW and is_title(title_of(first))
            return around if is_row and first.get("href") != element.get("href") else None
    return None


def _by_place(rows: Collection[str], frame: etree._Element, url: str) -> float:
    around = [frame, *frame.iterancestors()]
    aside = any(each.tag == "aside" or _ASIDE.search(each.get("class") or "") for each in around)
    return (1.5 if are_below(rows, url) else 1.0) * (0.5 if aside else 1.0)


def _groups(
    tree: html.HtmlElement, links: list[tuple[etree._Element, str]], url: str, labels: Collection[str]
) -> tuple[Group, ...]:
    site = site_of(urlsplit(url).netloc)
    candidates = [
        (element, target)
        for element, target in links
        if _label(element) not in labels
        and site_of(urlsplit(target).netloc) == site
        and is_title(title_of(element))
        and _is_candidate(Address.read(target), url)
    ]
    finder = _Rows(candidates)
    frames: dict[tuple[etree._Element, tuple[str, ...]], dict[str, Row]] = defaultdict(dict)
    for element, target in candidates:
        row = finder.row(element, target)
        frame = row.getparent()
        if frame is None:
            continue
        # The heading of a teaser and the topic below it stand in one frame, but not in the same way.
        key = (frame, _way(element, frame))
        if target not in frames[key]:
            frames[key][target] = Row(url=target, title=title_of(element), dated=_is_dated(row))
    # Rows in bunches of five, or one in each frame: frames of one kind side by side, of one section.
    shown_by = shown_by_links(tree)
    joined: list[tuple[list[etree._Element], dict[str, Row], set[object], tuple[str, ...]]] = []
    kinds: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for (frame, way), rows in frames.items():
        if len(rows) == 1 and _is_dated(frame):
            rows = {target: replace(row, dated=True) for target, row in rows.items()}
        sections = {Address.read(target).section for target in rows}
        # Tabs of one page hold one list, whatever its sections are, where all of those lie below the page.
        tab = tab_of(frame, shown_by) if are_below(rows, url) else None
        kind = (*_kind_of(frame if tab is None else tab), way)
        if tab is None and (fold := year_fold(frame)) is not None:
            kind = (*_kind_of(fold), frame.tag, way)
        for place in kinds[kind]:
            if tab is not None or joined[place][2] & sections:
                joined[place][0].append(frame)
                joined[place][1].update(rows)
                joined[place][2].update(sections)
                break
        else:
            kinds[kind].append(len(joined))
            joined.append(([frame], dict(rows), set(sections), way))
    scored = [(_score(list(rows.values()), own[0]), own, rows, way) for own, rows, _, way in joined if len(rows) > 1]
    # What the page is for lies by its address where the page does, and seldom in a margin.
    scored = [(score * _by_place(rows, own[0], url), own, rows, way) for score, own, rows, way in scored]
    best = sorted((each for each in scored if each[0]), key=lambda each: -each[0])[:MOST_GROUPS]
    return tuple(
        Group(
            rows=_with_short_titles(own, rows, way, links),
            score=score,
            more=_more(own, list(rows.values()), links),
            shape=(*_kind_of(own[0])[1:], way),
            places=places(tree, own, links),
        )
        for score, own, rows, way in best
    )


def _is_knob(element: etree._Element) -> bool:
    """Tell whether an element reads as what loads more rows, and leads nowhere by itself."""
    if not re.match(r"(?i)(?:$|#|javascript:)", element.get("href") or ""):
        return False
    return LOAD_MORE.fullmatch(squeezed(element, 30)) is not None


def _frames(tree: html.HtmlElement, base: str) -> tuple[str, ...]:
    """Return what is shown in frames of the page, of its own site."""
    site = site_of(urlsplit(base).netloc)
    frames = (frame for frame in tree.iter("iframe", "frame") if not _MARGIN.search(frame.get("src") or ""))
    found = (canonicalize(frame.get("src") or "", base) for frame in frames)
    own = (each for each in found if each and site_of(urlsplit(each).netloc) == site and each != base)
    return tuple(dict.fromkeys(own))[:MOST_FRAMES]


def _meta(tree: html.HtmlElement, *names: str) -> str:
    for element in tree.iter("meta"):
        if (element.get("property") or element.get("name") or "").lower() in names:
            return title_in(element.get("content")) or ""
    return ""


def read_page(body: bytes, *, url: str, content_type: str, known_labels: Collection[str] = ()) -> Page | None:
    """Return what a page shows of lists, or None where it is no page.

    Pure.  Of at most MOST_LINKS links; only links within the site are rows.

    known_labels: of another page of the list.
    """
    text = decode(body, content_type)[0]
    trees = records(text) if is_records(text) else trees_of(body, content_type)
    if not trees:
        return None
    tree = trees[0]
    base = next((canonicalize(e.get("href"), url) for e in tree.iter("base") if e.get("href")), None) or url
    links = list(_anchors(trees, base))
    labels = _labels(links) | frozenset(known_labels)
    feeds = (
        canonicalize(element.get("href") or "", base)
        for element in tree.iter("link")
        if "alternate" in (element.get("rel") or "").lower().split()
        and re.search(r"(?i)application/(?:rss|atom)\+xml", element.get("type") or "")
        and not re.search(r"(?i)comment|评论", f"{element.get('href')} {element.get('title')}")
    )
    title = tree.find(".//title")
    return Page(
        groups=_groups(tree, links, url, labels),
        labels=labels,
        links=tuple(dict.fromkeys(target for _, target in links)),
        feeds=tuple(dict.fromkeys(feed for feed in feeds if feed)),
        name=(title_in(squeezed(title, 600)) or "") if title is not None else "",
        site=_meta(tree, "og:site_name", "sitename"),
        language=(tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "").strip(),
        scripts=sum(1 for _ in tree.iter("script")),
        script_files=script_files(tree, base),
        frames=_frames(tree, base),
        loads_more=any(_is_knob(element) for element in tree.iter("a", "button", "div", "span")),
    )
