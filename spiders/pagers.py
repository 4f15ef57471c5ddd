"""The further pages of a list: links and choices that read as its pager; pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree, html

from spiders.address import canonicalize
from spiders.clicks import squeezed
from spiders.paging import page_stem

NUMBER = re.compile(r"[\[(【第]?\s?(\d{1,4})\s?[\])】页]?|(?:page|p\.)\s?(\d{1,4})", re.IGNORECASE)
ONWARD = re.compile(
    r"[\[(<]?\s?(?:下一?页|后一?页|下一頁|末页|末頁|尾页|最后一?页|next(?:\s?page)?|older(?:\s?posts)?|last(?:\s?page)?)"
    r"\s?[\])>»›→]{0,3}|[>»›→]{1,2}",
    re.IGNORECASE,
)
_INDEX_NUMBER = re.compile(r"^(.*/(?:index|list|default))(\d{1,3})(\.\w{2,5})$", re.IGNORECASE)
# Pages in a folder named as the list, or in its own: list.htm and list/3.htm, /news/ and /news/3.html.
_NUMBER_NAME = re.compile(r"^(.*)/(?:p(?:g|age)?[-_]?)?\d{1,3}\.\w{2,5}$", re.IGNORECASE)
# Pages by the number of rows before them; documents have no such pages.
_OFFSET = re.compile(r"(?:^|(?<=&))(?:start|offset|skip|b_start(?::|%3A)int)=(\d{1,5})(?:&|$)", re.IGNORECASE)
_INDEX_NAME = re.compile(r"(?:index|default|list|home)\.\w{2,5}$", re.IGNORECASE)
# What only the page before knows: where the rows of the next one begin.
_CURSOR = re.compile(r"(?i)^(?:.*[_-])?(?:cursor|after|before|older_?than|max_?id|token|continue|continuation|marker)$")
_ASKED = (
    "hx-get",
    "data-hx-get",
    "data-next-url",
    "data-next",
    "data-next-page",
    "data-next-href",
    "up-href",
    "ic-get-from",
)
_ASKING = f"//*[{' or '.join(f'@{name}' for name in _ASKED)}]|//turbo-frame[@src]"
_SIZE_NAME = re.compile(r"(?i)(?:items_?)?(?:limit|size|count|num|show|max|rows|(?:items_?)?per_?page|page_?size)")
LOAD_MORE = re.compile(
    r"(?i)(?:点击)?(?:加载|查看|显示)更多\S{0,4}|(?:load|show|view|see)\s(?:\S{1,10}\s)?more(?:\s\S{1,12})?"
)
_IN_WORDS = re.compile(r"(?i)/(?:pages?[/_-]?|p)\d{1,3}/?$")
_DIGITS = re.compile(r"(?<!\d)\d{1,5}(?!\d)")


def _page(url: str) -> tuple[str, int | None]:
    parts = urlsplit(url)
    if match := _INDEX_NUMBER.match(parts.path):
        return parts._replace(path=match[1] + match[3]).geturl(), int(match[2])
    if match := _OFFSET.search(parts.query):
        return parts._replace(query=_OFFSET.sub("", parts.query).rstrip("&")).geturl(), int(match[1])
    return page_stem(url)


def _numbered_in(url: str) -> tuple[str, str, str] | None:
    """Return the folder of an address whose name is a number alone, with host and query; else None."""
    parts = urlsplit(url)
    match = _NUMBER_NAME.match(parts.path)
    return (parts.netloc, match[1], parts.query) if match else None


def _as_folder(url: str) -> tuple[str, str, str]:
    """Return the folder that an address would have its further pages in."""
    parts = urlsplit(url)
    path = _INDEX_NAME.sub("", parts.path)
    return parts.netloc, path.rstrip("/") if path.endswith("/") else path.rpartition(".")[0], parts.query


def is_page_of(target: str, url: str) -> bool:
    """Tell whether an address is the list's own with another page marker, as far as addresses tell."""
    if target == url:
        return False
    if _numbered_in(target) is not None:
        return _numbered_in(target) in (_numbered_in(url), _as_folder(url))
    stem, number = _page(target)
    if number is None:
        return False
    for own in {url, _page(url)[0]}:
        there, here = urlsplit(stem), urlsplit(own)
        there_path, here_path = (_INDEX_NAME.sub("", each.path) for each in (there, here))
        # A folder of a year has days and months in it; that of a list has pages only where they are called so.
        same_path = there_path == here_path or (_IN_WORDS.search(target) and there_path.rstrip("/") == here_path)
        same_place = there.netloc == here.netloc and (there.path == here.path or same_path)
        # Pagers often add a page size; they never drop what chooses the list.
        if same_place and set(filter(None, here.query.split("&"))) <= set(there.query.split("&")):
            return True
    return False


def is_onward(element: etree._Element) -> bool:
    """Tell whether a link reads as one of a pager: a number other than 1, or a word for what comes after."""
    if "next" in (element.get("rel") or "").lower().split():
        return True
    if element.tag == "link":
        return False
    text = squeezed(element, 40) or _told(element)
    if match := NUMBER.fullmatch(text):
        # Discovery begins with the first page: a link to it, under another name, leads nowhere new.
        return int(match[1] or match[2]) != 1
    return ONWARD.fullmatch(text) is not None


def _told(element: etree._Element) -> str:
    """Return what a link without text is called: for those who cannot see, or by its picture."""
    pictures = (each.get("alt") for each in islice(element.iter("img"), 3))
    said = (element.get("title"), element.get("aria-label"), *pictures)
    return next((" ".join(each.split()) for each in said if each and each.strip()), "")[:40]


def is_grown(element: etree._Element, target: str, url: str) -> bool:
    """Tell whether a link has more rows shown, and its address is the list's own with a larger number of rows."""
    there, here = urlsplit(target), urlsplit(url)
    if (there.netloc, there.path) != (here.netloc, here.path) or not LOAD_MORE.fullmatch(squeezed(element, 40)):
        return False
    theirs, mine = (dict(pair.partition("=")[::2] for pair in each.query.split("&") if pair) for each in (there, here))
    changed = [name for name in theirs if theirs[name] != mine.get(name)]
    if len(changed) != 1 or not mine.keys() <= theirs.keys() or not _SIZE_NAME.fullmatch(changed[0]):
        return False
    numbers = [each.get(changed[0], "0") for each in (theirs, mine)]
    return all(number.isdecimal() and len(number) < 6 for number in numbers) and int(numbers[0]) > int(numbers[1])


def is_after(element: etree._Element, target: str, url: str) -> bool:
    """Tell whether a link says that it leads to what comes next, and its address is the list's own with a cursor."""
    there, here = urlsplit(target), urlsplit(url)
    if (there.netloc, there.path) != (here.netloc, here.path) or not is_onward(element):
        return False
    added = {pair.partition("=")[0] for pair in set(there.query.split("&")) ^ set(here.query.split("&")) if pair}
    return bool(added) and all(_CURSOR.match(name) for name in added)


def without_marks(pages: Sequence[str], url: str) -> list[str]:
    """Return the addresses of pages without the marks that some of them have and others have not.

    A mark is a parameter without a value: ``?query-12-page=2&cst``.  Links with and without would lead to each page
    twice.
    """
    own = set(urlsplit(url).query.split("&"))
    marks = [{each for each in urlsplit(page).query.split("&") if each and "=" not in each} - own for page in pages]
    optional: set[str] = {mark for each in marks for mark in each if not all(mark in other for other in marks)}
    if not optional:
        return list(pages)
    parts = [urlsplit(page) for page in pages]
    kept = ("&".join(each for each in part.query.split("&") if each not in optional) for part in parts)
    return [part._replace(query=query).geturl() for part, query in zip(parts, kept, strict=True)]


def counted_links(links: Sequence[tuple[etree._Element, str]], url: str, base: str) -> Iterator[str]:
    """Yield the pages of a list by links that count: the number that each reads as stands in its address.

    Whatever the addresses look like otherwise, so long as they lie in the list's folder, and a link that reads as
    "next" or "last" leads to one of them: days of a calendar are counted too, but what comes after them is a month.

    base: of the page's relative addresses; its folder is the list's, too.
    """
    folders = {re.split(r"[?#]", each)[0].rpartition("/")[0] + "/" for each in (url, base)}
    near = [(each, target) for each, target in links if target.startswith(tuple(folders))]
    forms: dict[tuple[str, str, int], set[int]] = defaultdict(set)
    for element, target in near:
        match = NUMBER.fullmatch(squeezed(element, 40))
        number = int(match[1] or match[2]) if match else 0
        for found in _DIGITS.finditer(target) if match else ():
            if (ahead := int(found[0]) - number) in (-1, 0):
                forms[target[: found.start()], target[found.end() :], ahead].add(number)
    if not forms:
        return
    (before, after, _), numbers = max(forms.items(), key=lambda each: (len(each[1]), len(each[0][0])))
    page = re.compile(rf"{re.escape(before)}\d{{1,5}}{re.escape(after)}")
    onward = {target for each, target in near if ONWARD.fullmatch(squeezed(each, 40)) and page.fullmatch(target)}
    if not onward or (len(numbers) < 2 and numbers != {2}):
        return
    for element, target in near:
        if target != url and page.fullmatch(target) and is_onward(element):
            yield target


def revealed_pages(tree: html.HtmlElement, url: str, base: str, limit: int) -> Iterator[str]:
    """Yield the pages of a list that are asked for when a reader comes to its end, by an attribute that says where."""
    own = _page(url)[1]
    for element in islice(tree.xpath(_ASKING), limit):
        for name in (*_ASKED, "src"):
            target = canonicalize(element.get(name) or "", base) if element.get(name) else None
            if target is not None and is_page_of(target, url) and (_page(target)[1] or 0) > (own or 0):
                yield target


def page_choices(tree: html.HtmlElement, url: str, limit: int) -> Iterator[str]:
    """Yield the pages of a list that stand in a choice of numbers."""
    for element in islice(tree.iter("option"), limit):
        text = squeezed(element, 20)
        value = (element.get("value") or "").strip()
        # A number alone is what a script is called with.
        target = canonicalize(value, url) if NUMBER.fullmatch(text) and not value.isdecimal() else None
        if target is not None and is_page_of(target, url) and is_onward(element):
            yield target
