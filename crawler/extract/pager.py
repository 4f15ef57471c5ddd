"""What else belongs to a document: its further pages, and the files it hands out; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from lxml import html

from crawler.extract.flow import fold
from spiders.address import canonicalize
from spiders.paging import page_stem
from storage.model import Link

_MOST_PARTS = 200
_MOST_FILES = 200
_NEXT = re.compile(
    r"^[\s\[【<>«»›]{0,4}(?:下一?页|后一?页|next(?: page)?|>{1,2}|»|›|第\s?\d{1,3}\s?页)[\s\]】<>«»›]{0,4}$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"^[\s\[【(（第]{0,3}(\d{1,3})[\s\]】)）页]{0,3}$")
_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|wps|et|ofd|zip|rar|7z|pptx?|csv|txt|rtf)$", re.IGNORECASE)
_FILE_NAME = re.compile(r"\.(?:pdf|docx?|xlsx?|wps|et|ofd|zip|rar|7z|pptx?|csv|rtf)[\s)）】\]]{0,3}$", re.IGNORECASE)
_DOWNLOAD = re.compile(r"down(?:load|file)?|attach|file|fujian|upload|getfile|annex", re.IGNORECASE)
ATTACHMENT_WORD = re.compile(r"附件|附表|附图|下载|attachment|annex|appendix|download", re.IGNORECASE)


def parts_of(tree: html.HtmlElement, url: str) -> tuple[Link, ...]:
    """Return the further pages of the document at an address, as its own pager names them.

    Pure.  An anchor counts when its text is a number or says "next", and its address is the document's own
    with a page marker: a calendar's numbers and the next document's link have other addresses.
    """
    own = canonicalize(url) or url
    host = urlsplit(own).netloc.lower()
    stem, number = page_stem(own)
    found: dict[str, Link] = {}
    for anchor in tree.iter("a", "link"):
        href = anchor.get("href")
        relation = (anchor.get("rel") or "").lower().split()
        text = fold("".join(anchor.itertext())[:200])
        said = _NUMBER.match(text)
        if "next" not in relation and (anchor.tag == "link" or not (said or _NEXT.match(text))):
            continue
        target = canonicalize(href, url) if href else None
        if target is None or target == own or urlsplit(target).netloc.lower() != host:
            continue
        other, marker = page_stem(target)
        if marker is None or _bare(other) not in (_bare(own), _bare(stem)):
            continue
        if _bare(other) != _bare(own) and not _agrees(marker, said, number, relation):
            continue
        place = int(said[1]) if said else None
        if place is not None and place < 2:
            continue
        if len(found) < _MOST_PARTS and (target not in found or found[target].number is None):
            found[target] = Link(url=target, name=text[:100], number=place)
    return tuple(sorted(found.values(), key=lambda link: (link.number is None, link.number or 0, link.url)))


def _agrees(marker: int, said: re.Match[str] | None, number: int | None, relation: list[str]) -> bool:
    """Of a page that is itself a part: the numbers in text and address must count together."""
    if said:
        return int(said[1]) - marker in (0, 1)
    return number is not None and marker == number + 1 and "next" in relation


def _bare(url: str) -> str:
    """Return an address for comparison: without scheme and closing slash."""
    return url.partition("://")[2].rstrip("/")


def file_link(url: str, anchor: html.HtmlElement) -> Link | None:
    """Return the link to a file that an anchor is, or None; pure."""
    href = anchor.get("href")
    target = canonicalize(href, url) if href else None
    if target is None:
        return None
    name = fold("".join(anchor.itertext())[:1_000]) or fold((anchor.get("title") or anchor.get("download") or "")[:500])
    parts = urlsplit(target)
    path = unquote(parts.path)
    if not _FILE.search(path):
        said = _FILE_NAME.search(name) or _FILE_NAME.search(fold((anchor.get("title") or "")[:500]))
        addressed = _FILE.search(unquote(parts.query)) or _DOWNLOAD.search(parts.path + "?" + parts.query)
        if not (said and addressed) and anchor.get("download") is None:
            return None
    return Link(url=target, name=(name or path.rpartition("/")[2])[:300])


def attachments_of(anchors: Iterable[html.HtmlElement], url: str) -> tuple[Link, ...]:
    """Return the files among anchors, each address once, in page order; pure."""
    found: dict[str, Link] = {}
    for anchor in anchors:
        if len(found) >= _MOST_FILES:
            break
        if (link := file_link(url, anchor)) and link.url not in found:
            found[link.url] = link
    return tuple(found.values())
