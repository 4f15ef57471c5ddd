"""Which of two proposals is the better one, and what documents belong to a page; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from crawler.add.addresses import Address, patterns
from crawler.add.proposal import Proposal, of_site
from crawler.add.rows import read_page
from crawler.add.tabs import are_below
from storage.model import Role


def names_section(url: str, documents: Sequence[str]) -> bool:
    """Tell whether addresses of documents name the section that a list's address names.

    Then what matches beside the list belongs to the same section.
    """
    return bool(_shared(url, documents))


def _shared(url: str, documents: Sequence[str]) -> set[str]:
    """Return the folders of a list's address, and the numbers in it, that stand in all addresses of documents."""
    parts = urlsplit(url)
    # What a query chooses, no folder names.
    mine = set(re.findall(r"\w+", parts.query) or filter(None, parts.path.split("/")[1:-1]))
    mine |= set(re.findall(r"\d+", f"{parts.path} {parts.query}"))
    theirs = []
    for each in documents:
        address = Address.read(each)
        words = re.findall(r"[^\W_]+", address.stem) if address.kind != "name" else []
        query = [value for _, value in address.query]
        theirs.append({*address.folders, *words, *query, *(n for f in address.folders for n in re.findall(r"\d+", f))})
    return mine & set.intersection(*theirs) if theirs else set()


def is_of(url: str, proposal: Proposal) -> bool:
    """Tell whether a page stands in a folder that all documents it lists share, and is no home page."""
    return are_below(proposal.titles, url)


def is_better(first: Proposal, other: Proposal, *, framed: bool = False) -> bool:
    """Tell whether what a page points to names what the page itself does, and no less of it; pure.

    framed: the page shows the other one in a frame, which is what it is for, then, if that has a list.
    """
    if framed:
        return other.dated and len(other.titles) >= len(first.titles)
    shared = first.titles.keys() & other.titles.keys()
    if other.data is not None and first.dated:
        # Of a list that may be whole, only what names it too: news of the day are loaded on every page.
        # What is read most, of another section, is shown on every page as well.
        return 2 * len(shared) >= len(first.titles) or (
            not is_of(first.url, first)
            and _nearness(first.url, other) > _nearness(first.url, first)
            and _is_whole(other)
        )
    if other.data is not None:
        named = bool(shared) or len(other.titles) >= len(first.titles)
        return _is_whole(other) and named
    if other.role is Role.FEED and first.dated and urlsplit(first.url).path not in ("", "/"):
        # Of a section, not of the site: it goes on with what the page begins with, and holds no other kind.
        kinds = {Address.read(url).section for url in first.titles}
        return first.titles.keys() < other.titles.keys() and kinds.issuperset(
            Address.read(url).section for url in other.titles
        )
    if other.role is Role.FEED:
        return len(other.titles) > 2
    return bool(shared) and len(other.titles) >= len(first.titles)


def _nearness(url: str, proposal: Proposal) -> int:
    """Return how much the addresses of documents say that they are of the section that a page is in."""
    return len(_shared(url, list(proposal.titles))) + is_of(url, proposal)


def _is_whole(proposal: Proposal) -> bool:
    """Tell whether the columns of data are all known: a list of documents has titles and days."""
    data = proposal.data
    return data is not None and (data.markup or bool(data.title and data.date))


def continued(first: Proposal, other: Proposal) -> Proposal | None:
    """Return the list of a page together with what its script loads after it; None where that is another list.

    Pure.  None, too, where what is loaded begins with all that the page shows.
    """
    if other.data is None or not other.data.page or not first.dated or first.titles.keys() <= other.titles.keys():
        return None
    mine = {Address.read(url).section for url in first.titles}
    if not mine.issuperset(Address.read(url).section for url in other.titles):
        return None
    page = read_page(first.made_of.body, url=first.url, content_type=first.made_of.content_type)
    beside = [url for url in page.links if url not in first.titles] if page else []
    documents = patterns([*first.titles, *other.titles], beside=of_site(beside, first.url))
    return replace(first, documents=documents, data=other.data, also=(other.url,))
