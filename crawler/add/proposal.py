"""A source that may be made of an answer, and what was made of one; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from crawler.add.addresses import site_of
from crawler.add.naming import country_of, is_loopback, language_of, publisher_of, timezone_of
from spiders.source import Rows, Source
from storage.model import Role

SCHEDULE = "every 6h"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came from an address.

    url: after redirects.  mark: what stood behind # in the address that a person typed.
    templates: of data: what the page that loads it makes of its rows.
    loaded: a script asks for it, so that it may be a piece of a page.
    """

    url: str
    body: bytes
    content_type: str
    mark: str = ""
    templates: tuple[str, ...] = ()
    loaded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A source that may be made of an address.

    role: LIST, FEED or SITEMAP: what ``url`` is.
    titles: by address, of the documents it names now.
    publisher, language: as the page gives them away; may be "".
    doubts: what a person should look at, a line each.
    data: how the list is read where it is JSON, or pieces of pages.
    also: where the list goes on that begins at ``url``.  dated: days stand in the list.
    within: CSS selectors of the list's place, where addresses alone do not tell its documents from others.
    made_of: the answer it was made of.
    """

    role: Role
    url: str
    made_of: Answer
    documents: tuple[str, ...]
    hosts: tuple[str, ...]
    titles: dict[str, str]
    publisher: str = ""
    language: str = ""
    doubts: tuple[str, ...] = ()
    data: Rows | None = None
    within: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    dated: bool = True

    def source(self, name: str) -> Source:
        """Return the source, under a name."""
        host = urlsplit(self.url).netloc
        language = language_of(self.language, list(self.titles.values()))
        hosts = tuple(dict.fromkeys((host, *self.hosts)))
        source = Source(
            name=name,
            publisher=self.publisher or publisher_of("", "", host),
            language=language,
            documents=self.documents,
            hosts=hosts,
            schedule=SCHEDULE,
            timezone=timezone_of(country_of(host), language),
            delay_s=0.0 if all(is_loopback(each) for each in hosts) else 1.0,
        )
        if self.role is Role.FEED:
            return replace(source, feeds=(self.url,))
        if self.role is Role.SITEMAP:
            return replace(source, sitemaps=(self.url,))
        # The list says what belongs to it; what its documents link to may belong elsewhere.
        return replace(source, lists=(self.url, *self.also), within=self.within, follow=False, data=self.data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was made of an answer.

    proposal: None where no list, feed or map of documents was seen; ``seen`` then says what was.
    better: addresses that may hold a better one, likeliest first: the list behind a block of a home page, a feed,
        the maps of an index, what its scripts load rows from (``loaded``).
    scripts: files of scripts that may say where the rows come from.
    publisher: as the page gives it away, for a list that is only data.
    index: where this is one of site maps, which are then ``better``.
    frames: what the page shows of other pages; first in ``better``.
    """

    proposal: Proposal | None = None
    better: tuple[str, ...] = ()
    loaded: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    seen: str = ""
    publisher: str = ""
    index: str = ""
    frames: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything(Source):
    """Takes every address for a document, so that the readers of feeds, maps and lists show all they see."""

    name: str = "xx_everything"
    publisher: str = "nobody"
    hosts: tuple[str, ...] = field(default=())

    def has_host(self, url: str) -> bool:
        """Agree."""
        return True

    def is_document(self, url: str) -> bool:
        """Agree."""
        return True


def of_site(urls: Sequence[str], url: str) -> list[str]:
    """Return those of some addresses that belong to the body whose address is ``url``."""
    site = site_of(urlsplit(url).netloc)
    return [each for each in urls if site_of(urlsplit(each).netloc) == site]


def hosts_of(urls: Sequence[str]) -> tuple[str, ...]:
    """Return the hosts of some addresses, each once."""
    return tuple(dict.fromkeys(urlsplit(url).netloc for url in urls))
