"""The further pages of a list: links, choices and scripts that read as its pager; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree, html

from spiders.address import canonicalize
from spiders.clicks import CALL, squeezed, text_of
from spiders.paging import page_stem

_NUMBER = re.compile(r"[\[(【第]?\s?(\d{1,4})\s?[\])】页]?|(?:page|p\.)\s?(\d{1,4})", re.IGNORECASE)
_ONWARD = re.compile(
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

# Two families of Chinese site software write their pagers by script, with a function of the same name:
# TRS       createPageHTML(count, current, "index", "html")               index.html, index_1.html, ...
# the other createPageHTML("place", count, current, "list", "html", rows) list.html, list_2.html, ...
_SCRIPT_PAGER = re.compile(
    r"""createPageHTML\s{0,9}\(\s{0,9}(?:(["'])[\w-]{1,60}\1\s{0,9},\s{0,9})?["']?(\d{1,5})["']?\s{0,9},"""
    r"""\s{0,9}["']?\d{1,5}["']?\s{0,9},\s{0,9}["']([\w-]{1,80})["']\s{0,9},\s{0,9}["'](\w{2,5})["']"""
)
_COUNT_PAGE = re.compile(r"\bcountPage\s{0,9}=\s{0,9}[\"']?(\d{1,5})")
_STARTED = re.compile(r"\bcurrentPage\s{0,9}=\s{0,9}[\"']?\d{1,5}")
_PAGE_NAME = re.compile(r"""["'/]([A-Za-z][\w-]{0,60})_?["']\s{0,9}\+[^;\n]{0,120}?\.(s?html?|jsp|aspx?|php)\b""")
_OWN_NAME = re.compile(r"/([\w-]{1,80})\.(\w{2,5})$")

# An address that a script puts together around the number of a page: location.href = "list.jsp?col=5&no=" + n
_QUOTED = r"""(?:"[^"\n]{0,300}"|'[^'\n]{0,300}')"""
_TURNING = re.compile(
    rf"""(?:location(?:\.href)?\s{{0,9}}=|location\.(?:assign|replace)\s{{0,9}}\(|\.open\s{{0,9}}\(|\b(?:href|url)\s{{0,9}}=)"""
    rf"""\s{{0,9}}({_QUOTED}\s{{0,9}}\+\s{{0,9}}[A-Za-z_$][\w.$]{{0,40}}(?:\s{{0,9}}\+\s{{0,9}}{_QUOTED})?)(?!\s{{0,9}}\+)"""
)
_COUNTED = re.compile(
    r"""共\s{0,3}(\d{1,4})\s{0,3}页|/\s{0,3}(\d{1,4})\s{0,3}页|\bpage\s\d{1,4}\sof\s(\d{1,4})"""
    r"""|\b(?:total_?pages?|page_?count|count_?pages?|page_?total)["']?\s{0,9}[=:]\s{0,9}["']?(\d{1,4})""",
    re.IGNORECASE,
)
_MOST_TEXT = 500_000


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
        same_place = there.netloc == here.netloc and (
            there.path == here.path or _INDEX_NAME.sub("", there.path) == _INDEX_NAME.sub("", here.path)
        )
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
    text = squeezed(element, 40) or (element.get("title") or "").strip()
    if match := _NUMBER.fullmatch(text):
        # Discovery begins with the first page: a link to it, under another name, leads nowhere new.
        return int(match[1] or match[2]) != 1
    return _ONWARD.fullmatch(text) is not None


def script_pages(element: etree._Element, url: str, limit: int) -> Iterator[str]:
    """Yield the pages that a script pager of a known form would write."""
    text = element.text or ""
    if match := _SCRIPT_PAGER.search(text):
        quoted, count, name, suffix = match.groups()
    elif (match := _COUNT_PAGE.search(text)) and _STARTED.search(text):
        # The same software with its counts in variables; its pages are called as this one.
        quoted, count = None, match[1]
        own = _OWN_NAME.search(page_stem(url)[0])
        named = _PAGE_NAME.search(text)
        name, suffix = (named[1], named[2]) if named else own.groups() if own else ("index", "html")
    else:
        return
    first = 2 if quoted else 1
    for number in range(first, first + min(int(count) - 1, limit)):
        if (target := canonicalize(f"{name}_{number}.{suffix}", url)) and target != url:
            yield target


def page_choices(tree: html.HtmlElement, url: str, limit: int) -> Iterator[str]:
    """Yield the pages of a list that stand in a choice of numbers."""
    for element in islice(tree.iter("option"), limit):
        text = squeezed(element, 20)
        target = canonicalize(element.get("value") or "", url) if _NUMBER.fullmatch(text) else None
        if target is not None and is_page_of(target, url) and is_onward(element):
            yield target


def turned_by_script(tree: html.HtmlElement, url: str, limit: int) -> Iterator[str]:
    """Yield the pages of a list whose numbers a script puts into an address: as many as the page counts or calls."""
    scripts = "\n".join(script.text or "" for script in tree.iter("script"))[:_MOST_TEXT]
    template = next(filter(None, (_template(match[1], url) for match in _TURNING.finditer(scripts))), None)
    if template is None:
        return
    last, ahead = 0, 0
    for element in islice(tree.xpath("//a|//*[@onclick]"), limit):
        call = CALL.search(f"{element.get('onclick') or ''} {element.get('href') or ''}")
        text = squeezed(element, 40)
        number = _NUMBER.fullmatch(text)
        if call and number:
            # Some count from 0.
            ahead = int(call[1]) - int(number[1] or number[2])
        if call and (number or _ONWARD.fullmatch(text)):
            last = max(last, int(call[1]))
    counts = (int(next(filter(None, match.groups()))) for match in _COUNTED.finditer(text_of(tree, _MOST_TEXT)))
    # "Next" leads beyond the last page, too, on many sites; where the page counts its pages, that holds.
    last = max((count + ahead for count in counts), default=last)
    for number_of in range(2 + ahead, min(last, limit) + 1):
        if (target := canonicalize(template.replace("\0", str(number_of)), url)) and target != url:
            yield target


def _template(joined: str, url: str) -> str | None:
    """Return an address with a mark where its number stands, if that makes it a page of the list; else None."""
    pieces = re.findall(rf"({_QUOTED})|([A-Za-z_$][\w.$]*)", joined)
    template = "".join(quoted[1:-1] if quoted else "\0" for quoted, _ in pieces)
    target = canonicalize(template.replace("\0", "2"), url)
    return template if target is not None and is_page_of(target, url) else None
