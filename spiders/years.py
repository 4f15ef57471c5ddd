"""Columns of a list by year or by month: links that read as one, to the list's own address with it; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit

from lxml import html

from spiders.address import canonicalize
from spiders.clicks import squeezed

# Columns by year: the text is a bare year, the address is the list's own with a year in it.
_YEAR = re.compile(r"(?<!\d)(?:19[5-9]|20\d)\d(?!\d)")
_YEAR_VALUE = re.compile(r"(?<==)(?:19[5-9]|20\d)\d(?=&|$)")
_YEAR_TEXT = re.compile(r"(?:19[5-9]|20\d)\d\s?(?:年度?)?")
_YEAR_FOLDER = re.compile(r"/[^/\d]{0,20}(?:19[5-9]|20\d)\d[^/\d]{0,20}/$")
_YEAR_PLACE = re.compile(
    r"[^/\d]{0,20}(?:19[5-9]|20\d)\d[^/\d]{0,20}(?:/(?:index|default|list)?(?:\.\w{2,5})?|\.\w{2,5})?"
)

# A month stands in a folder or a name: 202402, 2024-02, 2024/02. In a parameter it is that of a calendar.
_MONTH = r"(?:19[5-9]|20\d)\d[-_/]?(?:0[1-9]|1[0-2])"
_MONTH_TEXT = re.compile(
    r"(?:(?:19[5-9]|20\d)\d\s?[年./-]\s?)?(?:0?[1-9]|1[0-2])\s?月(?:份)?|(?:19[5-9]|20\d)\d\s?[./-]\s?(?:0[1-9]|1[0-2])"
)
_MONTH_FOLDER = re.compile(rf"/{_MONTH}/$")
_MONTH_PLACE = re.compile(rf"{_MONTH}(?:/(?:index|default|list)?(?:\.\w{{2,5}})?|\.\w{{2,5}})?")


def is_of_year(url: str) -> bool:
    """Tell whether a parameter of an address is a year."""
    return _YEAR_VALUE.search(urlsplit(url).query) is not None


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


def year_pages(tree: html.HtmlElement, url: str, base: str, limit: int) -> Iterator[str]:
    """Yield the pages of a list for other years; base: of the page's relative addresses."""
    for element in islice(tree.iter("a", "option"), limit):
        address = element.get("href") or (element.get("value") if element.tag == "option" else None)
        if address and _YEAR_TEXT.fullmatch(squeezed(element, 20)):
            target = canonicalize(address, base)
            if target and _is_year_of(target, url):
                yield target


def _is_month_of(target: str, url: str) -> bool:
    """Tell whether an address lies in the list's own folder and is that of another month."""
    there, here = urlsplit(target), urlsplit(url)
    if there.netloc != here.netloc or target == url or there.query or here.query:
        return False
    folder = here.path.rpartition("/")[0] + "/"
    if own := _MONTH_FOLDER.search(folder):
        folder = folder[: own.start() + 1]
    beyond = there.path.removeprefix(folder)
    return folder != "/" and beyond != there.path and _MONTH_PLACE.fullmatch(beyond) is not None


def month_pages(tree: html.HtmlElement, url: str, base: str, limit: int) -> Iterator[str]:
    """Yield the pages of a list for other months."""
    for element in islice(tree.iter("a"), limit):
        if _MONTH_TEXT.fullmatch(squeezed(element, 20)):
            target = canonicalize(element.get("href") or "", base)
            if target and _is_month_of(target, url):
                yield target
