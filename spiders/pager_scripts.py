"""The further pages of a list that only a script names: by a call, an object, or an address it puts together; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml import etree, html

from spiders.address import canonicalize
from spiders.clicks import CALL, scripts_of, squeezed, text_of
from spiders.pagers import NUMBER, ONWARD, is_page_of
from spiders.paging import page_stem

# Site software writes pagers by a call with the counts and the name of the pages, in any order:
#   createPageHTML(count, current, "index", "html")               index.html, index_1.html, ...
#   createPageHTML("place", count, current, "list", "html", rows) list.html, list_2.html, ...
_CALLED = re.compile(r"\w{0,40}[pP]age\w{0,40}\s{0,9}\(([^()]{5,400})\)")
_ARGUMENT = re.compile(r"""\s{0,9}(?:"([^"\n]{0,100})"|'([^'\n]{0,100})'|(\d{1,5}))\s{0,9}(?:,|$)""")
_SUFFIX = re.compile(r"(?i)\.?(s?html?|jsp|aspx?|php)")
_NAME = re.compile(r"(?!\d)[\w-]{1,80}")
# Or by an object: Pager({size: 4, current: 0, prefix: 'index', suffix: 'html'})
_OBJECT = re.compile(r"\{([^{}]{10,600})\}")
_KEYED = r"""["']?\s{{0,9}}:\s{{0,9}}["']?{}"""
_OBJECT_NAME = re.compile(
    r"(?i)\b(?:prefix|(?:file|page|base)?_?name)" + _KEYED.format(r"([A-Za-z][\w-]{0,60}?)_?[\"']")
)
_OBJECT_SUFFIX = re.compile(
    r"(?i)\b(?:suffix|ext(?:ension)?|file_?type)" + _KEYED.format(r"\.?(s?html?|jsp|aspx?|php)\b")
)
_OBJECT_COUNT = re.compile(
    r"(?i)\b(?:size|(?:total_?)?pages?|page_?(?:count|total|size|num)|count|total)" + _KEYED.format(r"(\d{1,5})\b")
)
_OBJECT_CURRENT = re.compile(r"(?i)\b(?:current|cur)_?(?:page|index)?" + _KEYED.format(r"(\d{1,5})\b"))
_COUNT_PAGE = re.compile(r"\bcountPage\s{0,9}=\s{0,9}[\"']?(\d{1,5})")
_STARTED = re.compile(r"\bcurrentPage\s{0,9}=\s{0,9}[\"']?\d{1,5}")
_PAGE_NAME = re.compile(r"""["'/]([A-Za-z][\w-]{0,60})_?["']\s{0,9}\+[^;\n]{0,120}?\.(s?html?|jsp|aspx?|php)\b""")
_OWN_NAME = re.compile(r"/([\w-]{1,80})\.(\w{2,5})$")
_MOST_CALLS = 200

# An address that a script puts together around the number of a page: location.href = "list.jsp?col=5&no=" + n
_QUOTED = r"""(?:"[^"\n]{0,300}"|'[^'\n]{0,300}')"""
_TURNING = re.compile(
    rf"""(?:location(?:\.href)?\s{{0,9}}=|location\.(?:assign|replace)\s{{0,9}}\(|\.open\s{{0,9}}\(|\b(?:href|url)\s{{0,9}}=)"""
    # The first page often has a name of its own: n == 1 ? 'list.html' : 'list_' + n + '.html'
    rf"""(?:[^;\n{{}}"']{{0,60}}\?\s{{0,9}}{_QUOTED}\s{{0,9}}:)?"""
    # What stands before the text may be a name that was given one.
    rf"""\s{{0,9}}(?:([A-Za-z_$][\w$]{{0,40}})\s{{0,9}}\+\s{{0,9}})?"""
    rf"""({_QUOTED}\s{{0,9}}\+\s{{0,9}}[A-Za-z_$][\w.$]{{0,40}}(?:\s{{0,9}}\+\s{{0,9}}{_QUOTED})?)(?!\s{{0,9}}\+)"""
)
_COUNTED = re.compile(
    r"""共\s{0,3}(\d{1,4})\s{0,3}页|/\s{0,3}(\d{1,4})\s{0,3}页|\bpage\s\d{1,4}\sof\s(\d{1,4})"""
    r"""|\b(?:total_?pages?|page_?count|count_?pages?|page_?total)["']?\s{0,9}[=:]\s{0,9}["']?(\d{1,4})""",
    re.IGNORECASE,
)
# A component is told how many rows there are, and how many of them stand on a page: {count: 20, limit: 7, ...}
_ROWS_IN_ALL = re.compile(
    r"(?i)(?<![\w.])(?:count|total|(?:total|row|record|data|item)s?_?(?:count|num|number|records?|rows?|items?|total))"
    r"""["']?\s{0,9}[:=]\s{0,9}["']?(\d{1,6})\b"""
)
_ROWS_ON_PAGE = re.compile(
    r"""(?i)(?<![\w.])(?:limit|(?:page|row)_?size|per_?page|page_?(?:limit|rows))["']?\s{0,9}[:=]\s{0,9}["']?(\d{1,4})\b"""
)
_NEAR = 400
_MOST_TEXT = 500_000


def script_pages(element: etree._Element, url: str, limit: int) -> Iterator[str]:
    """Yield the pages that a script pager of a known form would write."""
    text = (element.text or "")[:_MOST_TEXT]
    named = _by_call(text, url) or _by_object(text, url) or _by_variables(text, url)
    if named is None:
        return
    name, suffix, first, count = named
    for number in range(first, first + min(count - 1, limit)):
        if (target := canonicalize(f"{name}_{number}.{suffix}", url)) and target != url:
            yield target


def _by_call(text: str, url: str) -> tuple[str, str, int, int] | None:
    """Return what pages are called, how they end, the number of the second page, and how many there are."""
    for call in islice(_CALLED.finditer(text), _MOST_CALLS):
        arguments = [(first or second, number) for first, second, number in _ARGUMENT.findall(call[1])]
        words = [word for word, _ in arguments if word and not word.isdigit()]
        numbers = [int(number or word) for word, number in arguments if (number or word).isdigit()]
        place = next((n for n, word in enumerate(words) if n and _SUFFIX.fullmatch(word)), 0)
        if place and len(numbers) > 1 and _NAME.fullmatch(words[place - 1]):
            ends = _SUFFIX.fullmatch(words[place])
            # What is called by a place on the page, and then of its pages, counts as readers do.
            counts_from_1 = place > 1
            return words[place - 1], ends[1] if ends else "html", 1 + counts_from_1, numbers[0]
    return None


def _by_object(text: str, url: str) -> tuple[str, str, int, int] | None:
    for match in islice(_OBJECT.finditer(text), _MOST_CALLS):
        name, suffix, count = (each.search(match[1]) for each in (_OBJECT_NAME, _OBJECT_SUFFIX, _OBJECT_COUNT))
        if name and suffix and count:
            current = _OBJECT_CURRENT.search(match[1])
            counts_from_1 = current is not None and current[1] == "1" and page_stem(url)[1] is None
            return name[1], suffix[1], 1 + counts_from_1, int(count[1])
    return None


def _by_variables(text: str, url: str) -> tuple[str, str, int, int] | None:
    # The same software with its counts in variables; its pages are called as this one.
    count = _COUNT_PAGE.search(text)
    if count is None or not _STARTED.search(text):
        return None
    own = _OWN_NAME.search(page_stem(url)[0])
    named = _PAGE_NAME.search(text)
    name, suffix = (named[1], named[2]) if named else own.groups() if own else ("index", "html")
    return name, suffix, 1, int(count[1])


def counted(tree: html.HtmlElement, limit: int) -> tuple[int, int]:
    """Return the number of a list's last page as its pager's calls have it, and how far those are ahead of the texts.

    (0, 0) where nothing is called or counted.
    """
    last, ahead = 0, 0
    for element in islice(tree.xpath("//a|//*[@onclick]|//option"), limit):
        text = squeezed(element, 40) or (element.get("value") or "").strip()
        number = NUMBER.fullmatch(text)
        if element.tag == "option":
            value = (element.get("value") or text).strip()
            called = value if value.isdecimal() and len(value) < 5 and number and _is_turned(element) else None
        else:
            call = CALL.search(f"{element.get('onclick') or ''} {element.get('href') or ''}")
            called = call[1] if call else None
        if called and number:
            # Some count from 0.
            ahead = int(called) - int(number[1] or number[2])
        if called and (number or ONWARD.fullmatch(text)):
            last = max(last, int(called))
    counts = (int(next(filter(None, match.groups()))) for match in _COUNTED.finditer(text_of(tree, _MOST_TEXT)))
    # "Next" leads beyond the last page, too, on many sites; where the page counts its pages, that holds.
    return max((count + ahead for count in counts), default=last), ahead


def _is_turned(option: etree._Element) -> bool:
    """Tell whether a script runs when a choice is made."""
    return any(around.get("onchange") for around in islice(option.iterancestors("select"), 1))


def turned_by_script(tree: html.HtmlElement, url: str, limit: int) -> Iterator[str]:
    """Yield the pages of a list whose numbers a script puts into an address: as many as the page counts or calls."""
    choices = "\n".join(str(each) for each in islice(tree.xpath("//select/@onchange"), _MOST_CALLS))
    scripts = f"{scripts_of(tree)}\n{choices}"
    found = (_template(_given(match[1], scripts), match[2], url) for match in _TURNING.finditer(scripts))
    template = next(filter(None, found), None)
    if template is None:
        return
    last, ahead = counted(tree, limit)
    last = last or _pages_of_rows(scripts)
    for number_of in range(2 + ahead, min(last, limit) + 1):
        if (target := canonicalize(template.replace("\0", str(number_of)), url)) and target != url:
            yield target


def _pages_of_rows(scripts: str) -> int:
    """Return how many pages a component draws that is told how many rows there are; 0 where none is."""
    for match in islice(_ROWS_IN_ALL.finditer(scripts), _MOST_CALLS):
        near = scripts[max(0, match.start() - _NEAR) : match.end() + _NEAR]
        size = _ROWS_ON_PAGE.search(near)
        if size and int(size[1]):
            return -(-int(match[1]) // int(size[1]))
    return 0


def _given(name: str | None, scripts: str) -> str:
    """Return the text that a script gives a name first; "" for none."""
    match = re.search(rf"\b{re.escape(name)}\s{{0,9}}=\s{{0,9}}({_QUOTED})", scripts) if name else None
    return match[1][1:-1] if match else ""


def _template(before: str, joined: str, url: str) -> str | None:
    """Return an address with a mark where its number stands, if that makes it a page of the list; else None."""
    pieces = re.findall(rf"({_QUOTED})|([A-Za-z_$][\w.$]*)", joined)
    template = before + "".join(quoted[1:-1] if quoted else "\0" for quoted, _ in pieces)
    target = canonicalize(template.replace("\0", "2"), url)
    return template if target is not None and is_page_of(target, url) else None
