"""Addresses of the pages of one document or list: what differs is a page marker; pure."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit, urlunsplit

# More than three digits is an identifier, a day or a year; a document of a thousand pages is not met.
_IN_NAME = re.compile(
    r"^(.*[^_\-/])[_-](\d{1,3})(\.(?:[a-z]?s?html?|jspx?|aspx?|ashx|php|do|action|cfm))$", re.IGNORECASE
)
_IN_PATH = re.compile(r"^(.*?/)(?:pages?[/_-]?|p)?(\d{1,3})/?$", re.IGNORECASE)
_QUERY_NAMES = frozenset(
    {"p", "pn", "pg", "page", "paged", "pageno", "page_no", "pagenum", "page_num", "pagenumber", "page_number"}
    | {"pageindex", "page_index", "pagenow", "nowpage", "curpage", "cur_page", "currentpage", "current_page"}
    | {"currpage", "topage", "gotopage", "cur"}
)


# What software puts before a name to keep its parts apart: tx_news[page], _portlet_instance_cur
_NAMED = re.compile(r"^[\w.:-]{1,100}\[|\]$|^_\w{1,100}_(?=cur$|page$|delta$)")
# A part of a page that is numbered itself counts its own pages: query-12-page, e-page-7aadba7
_OF_PART = re.compile(
    r"(?i)(?=[^\d]*\d)(?:[a-z0-9]{1,20}[-_]){1,4}page|(?:[a-z]{1,20}[-_])?page[-_](?=[a-f]*\d)[0-9a-f]{1,16}"
)
# Several lists of a page may count in one parameter, each at its own place: page=0,2
_PLACES = re.compile(r"\d{1,3}(?:(?:,|%2C)\d{1,3}){1,4}", re.IGNORECASE)


def is_page_name(name: str) -> bool:
    """Tell whether a parameter or field is called as those that turn pages are: ``pageNo``, ``page.currentPage``."""
    plain = unquote(name)
    return _NAMED.sub("", plain).rpartition(".")[2].lower() in _QUERY_NAMES or _OF_PART.fullmatch(plain) is not None


def _number_of(value: str) -> int | None:
    """Return the number of a page that a parameter's value is; None where it is none.

    Of several places one turns: pages of one list beside those of another would be as many as both multiplied.
    """
    if re.fullmatch(r"\d{1,3}", value):
        return int(value)
    if _PLACES.fullmatch(value):
        turned = [int(number) for number in re.findall(r"\d+", unquote(value)) if int(number)]
        return sum(turned) if len(turned) < 2 else None
    return None


def page_stem(url: str) -> tuple[str, int | None]:
    """Return an address without its page marker, and the number in the marker.

    Pure.  The number is as written: some sites count ``_1`` as the second page.

    >>> page_stem("https://www.example.cn/a/content_117_2.htm")
    ('https://www.example.cn/a/content_117.htm', 2)
    >>> page_stem("https://www.example.cn/a/t20240501_4000000.html")
    ('https://www.example.cn/a/t20240501_4000000.html', None)
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return url, None
    pairs = parts.query.split("&") if parts.query else []
    for place, pair in enumerate(pairs):
        name, _, value = pair.partition("=")
        if is_page_name(name) and (number := _number_of(value)) is not None:
            rest = "&".join(pairs[:place] + pairs[place + 1 :])
            return urlunsplit(parts._replace(query=rest, fragment="")), number
    for pattern in (_IN_NAME, _IN_PATH):
        if match := pattern.match(parts.path):
            path = match[1] + (match[3] if pattern is _IN_NAME else "")
            return urlunsplit(parts._replace(path=path, fragment="")), int(match[2])
    return urlunsplit(parts._replace(fragment="")), None
