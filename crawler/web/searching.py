"""Search: documents by words, an address, and filters."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from crawler.commands.finding import SCHEME, spellings
from crawler.commands.searching import MARKED
from crawler.schemas import plain
from crawler.web.asked import Answer, Asked, BadRequestError, Elsewhere, Page
from crawler.web.shared import kind_choices, publishers, source_choices, state_choices
from storage import NotInArchiveError
from storage.browsing import Filter, Finding, Found
from storage.model import DocumentState, EventKind

HITS = 20
PAGES = 50
# More words are no search; each costs a walk through the index.
MOST_WORDS = 32
MOST_CHARS = 2_000
_HOST = re.compile(r"[\w-]+(\.[\w-]+)+(:\d+)?/\S*")


def filter_of(asked: Asked) -> Filter:
    """Return the filters of a search."""
    return Filter(
        source=asked.word("source") or None,
        state=asked.choice("state", DocumentState),
        kind=asked.choice("kind", EventKind),
        since=asked.day("from"),
        until=asked.day("until"),
    )


def words_of(asked: Asked) -> str:
    """Return the words of a search."""
    words = asked.word("q")
    if len(words.split()) > MOST_WORDS or len(words) > MOST_CHARS:
        raise BadRequestError(f"q: at most {MOST_WORDS} words of {MOST_CHARS} characters can be searched for at once")
    return words


def search(asked: Asked) -> Answer:
    """Return a page of what was found; for an address, the document that it belongs to."""
    words, wanted = words_of(asked), filter_of(asked)
    is_address = bool(SCHEME.match(words) or _HOST.fullmatch(words))
    if is_address and (document_id := of_address(asked, words)) is not None:
        return Elsewhere(path=f"/document/{document_id}")
    page = asked.number("page", most=PAGES) or 1
    all_versions, newest_first = asked.flag("all"), asked.flag("new")
    found = asked.archive.find(
        words, wanted, all_versions=all_versions, newest_first=newest_first, offset=(page - 1) * HITS, limit=HITS
    )
    more = found.more and page < PAGES
    values: dict[str, Any] = {
        "words": words,
        "find_words": words,
        "hits": [Shown(hit) for hit in found.hits],
        "first": (page - 1) * HITS + 1,
        "ranked": found.ranked,
        "looked": found.looked,
        "all_versions": all_versions,
        "newest_first": newest_first,
        "unknown_address": is_address,
        "filtered": wanted != Filter(),
        "all_path": asked.with_query(all=1, page=None),
        "unfiltered_path": asked.with_query(
            source=None, state=None, kind=None, **{"from": None}, until=None, page=None
        ),
        "source": wanted.source,
        "state": wanted.state,
        "kind": wanted.kind,
        "since": wanted.since or "",
        "until": wanted.until or "",
        "source_choices": source_choices(asked),
        "state_choices": state_choices(asked),
        "kind_choices": kind_choices(asked),
        "publishers": publishers(asked),
        "newer": asked.with_query(page=page - 1 if page > 2 else None) if page > 1 else None,
        "older": asked.with_query(page=page + 1) if more else None,
    }
    feed = asked.with_query(page=None).replace("/search", "/search.atom", 1) if words else None
    return Page(template="search", values=values, plain=as_plain(asked, found, page, more=more), feed=feed)


class Shown:
    """A hit, its snippet cut where the words found begin and end."""

    def __init__(self, hit: Found) -> None:
        self._hit = hit
        self.parts = [(place % 2 == 1, text) for place, text in enumerate(MARKED.split(hit.snippet)) if text]

    def __getattr__(self, name: str) -> Any:
        """Return what the hit says."""
        return getattr(self._hit, name)


def of_address(asked: Asked, address: str) -> int | None:
    """Return the document that an address belongs to, whichever scheme it was typed with."""
    for url in spellings(address):
        try:
            return asked.archive.find_document(url).document_id
        except NotInArchiveError:
            continue
    return None


def as_plain(asked: Asked, found: Finding, page: int, *, more: bool) -> dict[str, Any]:
    """Return a page of hits as ``crawler/schemas/browse.json`` describes it."""
    return {
        "hits": [plain(hit) for hit in found.hits],
        "ranked": found.ranked,
        "looked": found.looked,
        "older": asked.as_json(page=page + 1) if more else None,
    }


def every_text(asked: Asked) -> Finding:
    """Return the newest texts that hold the words, earlier versions too: what a feed of a search tells."""
    words = words_of(asked)
    if not words:
        raise BadRequestError("q: words are needed, such as /search.atom?q=通知")
    wanted = replace(filter_of(asked), state=None)
    return asked.archive.find(words, wanted, all_versions=True, newest_first=True, limit=50)
