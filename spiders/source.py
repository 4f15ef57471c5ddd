"""A source as plain data: one TOML file, read and checked by ``spiders.loader``."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from urllib.parse import urlsplit

from spiders.patterns import found
from storage.model import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Bounds of one run; what lies beyond stays due for the next.

    depth: how many links of documents a document may lie behind one that a list, map or feed names;
        deeper ones are not looked for.

    requests_per_day: to each host, of all sources together, on one day of the source's zone; 0: no bound.
    """

    pages: int = 5_000
    list_pages: int = 500
    sitemap_files: int = 200
    parts: int = 100
    links_per_page: int = 5_000
    depth: int = 50
    requests_per_day: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """How the lists of a source are read where they come as JSON, or as pieces of a page that a script asks for.

    rows, address, title, date, total: keys, dots between those that lie in each other; of a row that is a list,
        places from 0.  rows: of the list of rows, from the top ("": the whole); total: of how many there are in
        all, from the top; the others from a row.  address may also be an address with keys in braces:
        "/content/{id}.html".
    markup: what lies at ``rows`` is no list but a piece of a page ("": the answer is one itself), whose links are
        read as those of any list; address, title and date are then not looked at.
    page: name of the parameter, in address or body, that turns the pages; "": there is one page only.  With a dot,
        of a key of a parameter that is JSON itself.  Or an address with {number} in it: "/data/list_{number}.json".
    next: of what leads to the next page, from the top: its address, or the value that ``page`` is to have.
    script: the variable that holds the data, in the scripts of a page or in a file of scripts, or the id of the
        script element that is data ("": the answer itself is).
    first, step: its first value, and what it grows by (1 for pages, ``size`` for offsets).
    size: rows on a full page; one with fewer is the last.  0: the last is an empty one.
    """

    rows: str = ""
    address: str = "url"
    title: str = ""
    date: str = ""
    page: str = ""
    first: int = 1
    step: int = 1
    size: int = 0
    total: str = ""
    next: str = ""
    script: str = ""
    markup: bool = False


# From the first to before the second; where the second is not later, over midnight.
Hours = tuple[time, time]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A site section we watch.

    hosts: "host" or "host:port" that may be contacted for this source, lower case; filled from the start
        addresses, the key ``hosts`` adds more (attachment hosts, say).
    documents: regular expressions; an address whose path and query match one (found anywhere in it) is a document.
        Empty: every entry of feeds and sitemaps, and every address of ``urls``.
    within: CSS selectors of the places of a list page that its documents stand in; empty: anywhere on it.
    follow: links inside documents that match ``documents`` are listed too.
    learn: blocks that the source's own pages show to be injected or volatile are left out from the next run on.
    delay_s: seconds between two requests to one host; robots.txt may raise it, never lower it.
    concurrent: requests to one host at once.
    since: the further pages of a list are asked for until one whose documents are all older.
    known_pages: ... until so many pages in a row name nothing that earlier runs did not ask for; 0: all of them.
    browser: lists, documents and their parts are rendered by a browser, which runs their scripts.
    data: how its lists are read where they come as JSON; None: every address in them that is a document.
    keep, drop: CSS selectors for the extractor: the only place of the text; what is none of it.
    schedule: five cron fields (days of the week as names), or "every 6h".
    hours: when requests may begin, in its zone; empty: at any time.
    """

    name: str
    publisher: str
    language: str = "zh"
    lists: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    follow: bool = True
    learn: bool = False
    schedule: str = "every 24h"
    timezone: str = "Asia/Shanghai"
    hours: tuple[Hours, ...] = ()
    delay_s: float = 1.0
    concurrent: int = 1
    since: date | None = None
    known_pages: int = 0
    browser: bool = False
    budget: Budget = field(default_factory=Budget)
    data: Rows | None = None
    proxy: str | None = None
    rights: str | None = None
    verified_on: date | None = None
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    path: Path | None = None

    def starts(self) -> tuple[tuple[str, Role], ...]:
        """Return the addresses where discovery begins, in order, each with its role."""
        return (
            *((url, Role.LIST) for url in self.lists),
            *((url, Role.SITEMAP) for url in self.sitemaps),
            *((url, Role.FEED) for url in self.feeds),
            *((url, Role.MAIN) for url in self.urls),
        )

    def host_of(self, url: str) -> str | None:
        """Return which of the source's hosts an address lies on, as ``hosts`` has it; None for no one of them."""
        parts = urlsplit(url)
        names = (parts.netloc.rpartition("@")[2].lower(), parts.hostname or "")
        return next((name for name in names if name in self.hosts), None)

    def has_host(self, url: str) -> bool:
        """Tell whether an address lies on one of the source's hosts."""
        return self.host_of(url) is not None

    def is_document(self, url: str) -> bool:
        """Tell whether an address, by its path and query, is a document of this source."""
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        if not self.has_host(url) or any(found(pattern, target) for pattern in self.exclude):
            return False
        return not self.documents or any(found(pattern, target) for pattern in self.documents)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An address that a page of a source names.

    url: absolute and canonical.  role: what it is to the source: LIST for a further list page, SITEMAP for
    a further map, FEED, or MAIN for a document.
    title, hinted_on: what the list says of it; hints, never proof.  days_ago: where it says only that.
    """

    url: str
    role: Role
    title: str | None = None
    hinted_on: date | None = None
    days_ago: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What discovery made of one page.  problem: None, or one line on why nothing could be read."""

    found: tuple[Found, ...] = ()
    problem: str | None = None
