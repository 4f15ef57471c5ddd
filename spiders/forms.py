"""Pagers that fill in a form and submit it: what a list's further pages are asked with; pure.

The number of the page stands in a field of the form (``pageNo``), or the form is the page's whole state and a
script says which knob was pressed (``__doPostBack('Pager','2')``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from urllib.parse import quote_plus

from lxml import html

from spiders.address import LONGEST_ADDRESS, canonicalize
from spiders.clicks import scripts_of, squeezed
from spiders.markup import decode, parse
from spiders.pager_scripts import counted
from spiders.pagers import NUMBER, is_onward
from spiders.paging import is_page_name
from spiders.posting import FROM_PAGE, LONGEST_BODY, with_body

_MOST_FORMS = 20
_MOST_FIELDS = 100
_LONG_VALUE = 100
_POST_BACK = re.compile(
    r"""(?:__doPostBack|PostBackOptions)\s{0,3}\(\s{0,3}(?:'|"|&quot;)([\w$:.-]{1,200})(?:'|"|&quot;)\s{0,3},\s{0,3}(?:'|"|&quot;)([\w$]{0,40})(?:'|"|&quot;)"""
)
# What a server gives each visitor anew: a state, a token against forgery.
_PASSING = re.compile(
    r"(?i)^__(?!event(?:target|argument)$)|viewstate|csrf|^_?token$|nonce|requestverification|authenticity"
)
_NO_FIELD = frozenset({"submit", "button", "image", "reset", "file", "password"})


def fields_of(form: html.HtmlElement) -> dict[str, str]:
    """Return what a form sends when a script submits it: its fields by name, in order."""
    found: dict[str, str] = {}
    for field in islice(form.iter("input", "select", "textarea"), _MOST_FIELDS):
        name, kind = field.get("name") or "", (field.get("type") or "text").lower()
        if not name or kind in _NO_FIELD or field.get("disabled") is not None:
            continue
        if field.tag == "select":
            options = list(field.iter("option"))
            chosen = next(
                (each for each in options if each.get("selected") is not None), options[0] if options else None
            )
            value = "" if chosen is None else chosen.get("value", squeezed(chosen, 100))
        elif kind in ("checkbox", "radio") and field.get("checked") is None:
            continue
        else:
            value = (field.text or "") if field.tag == "textarea" else field.get("value") or ""
        found.setdefault(name, value)
    return found


def form_pages(tree: html.HtmlElement, url: str, limit: int) -> Iterator[str]:
    """Yield the pages of a list that a form is submitted for, each with what it is asked with.

    Fields that a server gives anew with each page are left to be filled in (``filled``).
    """
    count: tuple[int, int] | None = None
    for form in islice(tree.iter("form"), _MOST_FORMS):
        action = canonicalize(form.get("action") or url, url)
        fields = fields_of(form)
        posts = (form.get("method") or "get").lower() == "post"
        if action is None:
            continue
        if posts and "__EVENTTARGET" in fields:
            made = _post_backs(tree, fields)
        elif name := next((each for each in fields if _is_number(each, fields[each])), None):
            # Of the whole page, whichever of its forms it is.
            count = count or (counted(tree, limit) if _submits(tree) else (0, 0))
            made = _numbered(fields, name, *count)
        else:
            continue
        for values in islice(made, limit):
            body = "&".join(f"{quote_plus(name)}={_written(name, value)}" for name, value in values.items())
            joint = "&" if "?" in action else "?"
            target = with_body(action, body) if posts else canonicalize(f"{action}{joint}{body}")
            if target and target != url and len(target) <= LONGEST_ADDRESS and len(body) <= LONGEST_BODY:
                yield target


def _is_number(name: str, value: str) -> bool:
    return is_page_name(name) and re.fullmatch(r"\d{0,4}", value) is not None


def _written(name: str, value: str) -> str:
    return FROM_PAGE if _is_passing(name, value) else quote_plus(value)


def _is_passing(name: str, value: str) -> bool:
    return bool(_PASSING.search(name)) or len(value) > _LONG_VALUE


def _post_backs(tree: html.HtmlElement, fields: Mapping[str, str]) -> Iterator[dict[str, str]]:
    for element in tree.xpath("//a|//*[@onclick]"):
        match = _POST_BACK.search(f"{element.get('href') or ''} {element.get('onclick') or ''}"[:1_000])
        # A knob that only says "next" would be asked for under one address for all pages.
        counts = match and (re.search(r"\d", match[2]) or NUMBER.fullmatch(squeezed(element, 40)))
        if match and counts and is_onward(element):
            yield {**fields, "__EVENTTARGET": match[1], "__EVENTARGUMENT": match[2]}


def _numbered(fields: Mapping[str, str], name: str, last: int, ahead: int) -> Iterator[dict[str, str]]:
    # The first page says of itself whether pages are counted from 0.
    ahead = -1 if fields[name] == "0" else ahead
    for number in range(2 + ahead, last + 1):
        if fields[name] != str(number):
            yield {**fields, name: str(number)}


def _submits(tree: html.HtmlElement) -> bool:
    """Tell whether a script of the page submits a form; one that only a reader sends is a search."""
    text = scripts_of(tree) + " ".join(str(value) for value in islice(tree.xpath("//@onclick|//@onchange"), 500))
    return re.search(r"\bsubmit\s{0,3}\(|\.post\s{0,3}\(|serialize\s{0,3}\(", text) is not None


def filled(body: str, page: bytes, content_type: str) -> str:
    """Return a body with what was left to be filled in, from the page that names it; "" what that does not say."""
    if f"={FROM_PAGE}" not in body:
        return body
    tree = parse(decode(page, content_type)[0])
    names = [pair.partition("=")[0] for pair in body.split("&")]
    fields: dict[str, str] = {}
    for form in islice(tree.iter("form"), _MOST_FORMS) if tree is not None else ():
        own = fields_of(form)
        if any(quote_plus(name) in names for name in own):
            fields = {quote_plus(name): quote_plus(value) for name, value in own.items()}
            break
    pairs = (pair.partition("=") for pair in body.split("&"))
    return "&".join(f"{name}={fields.get(name, '') if value == FROM_PAGE else value}" for name, _, value in pairs)
