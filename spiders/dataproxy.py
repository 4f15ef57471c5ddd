"""Lists of the jpage kind: rows as markup inside XML, asked for in groups of records; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from urllib.parse import urlencode

from lxml import html

from spiders.address import canonicalize
from spiders.markup import parse
from spiders.posting import parted, with_body

_CALL = re.compile(r"\.jpage\s{0,9}\(\s{0,9}\{")
_CALL_CHARS = 4_000
_PAIR = re.compile(r"""["']?(\w{1,40})["']?\s{0,9}:\s{0,9}(?:(["'])(.{0,400}?)\2|(-?\d{1,9})(?![\w.]))""", re.DOTALL)
_RECORD = re.compile(r"(?s)<record>\s*<!\[CDATA\[(.{1,20000}?)\]\]>\s*</record>")
_GROUP = re.compile(r"""(?s)<nextgroup>\s*<!\[CDATA\[.{0,200}?href\s*=\s*["']([^"'<>]{1,1500})["']""")
_TOTAL = re.compile(r"<totalrecord>\s*(\d{1,9})\s*</totalrecord>")
_RANGE = re.compile(r"(?<=startrecord=)(\d{1,9})(&endrecord=)(\d{1,9})", re.IGNORECASE)
_FEWEST_IN_GROUP = 3


def is_records(text: str) -> bool:
    """Tell whether an answer is such a list by itself: no page, records in XML."""
    start = text[:300].lstrip()
    return start[:10].lower().startswith(("<?xml", "<datastore", "<recordset")) and "<record" in text


def records(text: str) -> list[html.HtmlElement]:
    """Return the markup of the records, as one tree."""
    tree = parse("<html><body>" + "".join(f"<div>{row}</div>" for row in _RECORD.findall(text)) + "</body></html>")
    return [tree] if tree is not None else []


def onward(text: str, url: str, *, most: int, is_own: Callable[[str], bool] = lambda rows: True) -> Iterator[str]:
    """Yield the addresses of further records: of a page, all that its script would ask for; of records, the next.

    text: of the page with its scripts, or of an answer in XML.  url: what it came from.
    is_own: tells of the markup of first records whether they are of the list; a page may show several.
    """
    group = _GROUP.search(text)
    if group and (target := canonicalize(unescape(group[1]), url)):
        yield target
        return
    total = _TOTAL.search(text)
    count = len(_RECORD.findall(text))
    address, body = parted(url)
    if total and count and (asked := _RANGE.search(address)):
        first, last = int(asked[1]), int(asked[3])
        if 0 < first <= last < int(total[1]):
            # As the script of the page would ask, so that both name the same addresses.
            end = min(2 * last + 1 - first, int(total[1]))
            following = _RANGE.sub(f"{last + 1}\\g<2>{end}", address, count=1)
            yield following if body is None else with_body(following, body)
        return
    start = 0
    for call in _CALL.finditer(text):
        # The records of a unit stand before the call that turns its pages.
        shown, start = text[start : call.start()], call.end()
        rows = _RECORD.findall(shown)
        if rows and not is_own("".join(rows)):
            continue
        # Some pages write them elsewhere.
        number = _TOTAL.search(shown) or total
        said = text[call.end() : call.end() + _CALL_CHARS]
        yield from _asked(said, number and int(number[1]), len(rows) or count, url, most)


def _asked(text: str, total: int | None, count: int, url: str, most: int) -> Iterator[str]:
    options = {match[1].lower(): match[3] if match[2] else match[4] for match in _PAIR.finditer(text)}
    inner = re.search(r"(?is)ajaxparam[\"']?\s*:\s*\{(.{0,2000}?)\}", text)
    pairs = {match[1]: match[3] if match[2] else match[4] for match in _PAIR.finditer(inner[1])} if inner else {}
    proxy = canonicalize(options.get("proxyurl", ""), url) if options.get("proxyurl") else None
    per_page = _whole(options.get("perpage"))
    total = total or _whole(options.get("totalrecord"))
    if proxy is None or not per_page or not total:
        return
    size = per_page * max(_whole(options.get("groupsize")) or _FEWEST_IN_GROUP, 1)
    body = urlencode(pairs) if pairs else (options.get("ajaxparam") or options.get("param") or "")
    joint = "&" if "?" in proxy else "?"
    for first in range(count + 1, total + 1, size)[:most]:
        last = min(first + size - 1, total)
        yield with_body(f"{proxy}{joint}startrecord={first}&endrecord={last}&perpage={per_page}", body)


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0
