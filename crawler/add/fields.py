"""What a page's scripts read from the page itself: its fields, and the parameters of its address; pure."""

from __future__ import annotations

import json
import re
from itertools import islice
from urllib.parse import urlsplit

from lxml import html

from spiders.posting import parameters

_MOST_READ = 200
_MOST_PROPERTIES = 40
_NAME = r"[\w.:-]{1,60}"
# $("#siteId").val(), $("input[name='siteId']").val(), getElementById("siteId").value, querySelector("#siteId").value
_FIELD = re.compile(
    rf"""(?:\$|jQuery|querySelector)\s?\(\s?["'](?:#({_NAME})|(?:input|select)?\[name=["']?({_NAME})["']?\])["']\s?\)\s?(?:\.val\s?\(\s?\)|\.value\b)"""
    rf"""|getElementById\s?\(\s?["']({_NAME})["']\s?\)\s?\.value\b"""
)
# getQueryString("columnId"), new URLSearchParams(location.search).get("columnId")
_PARAMETER = re.compile(
    rf"""(?:(?i:\b\w{{0,20}}(?:query|url|request|param)\w{{0,20}})\s?\(|URLSearchParams\s?\([^()]{{0,60}}\)\s?\.get\s?\()\s?["']({_NAME})["']\s?\)"""
)
# params.siteId = 1; params["siteId"] = 1
_PROPERTY = (
    r"""\b{}(?:\.([A-Za-z_$][\w$]{{0,60}})|\[\s?["']([\w.-]{{1,60}})["']\s?\])"""
    r"""\s{{0,3}}=(?!=)\s{{0,3}}([^;\n]{{1,200}})"""
)
_MADE = r"""\b{}\s{{0,3}}=\s{{0,3}}(?=\{{)"""


def filled_in(text: str, tree: html.HtmlElement, url: str) -> str:
    """Return a page's scripts with the values in the place of what reads them, where the page or its address has them.

    >>> page = html.fromstring('<input type="hidden" id="site" value="7">')
    >>> filled_in('ask({ siteId: $("#site").val() })', page, "http://a.example/")
    'ask({ siteId: "7" })'
    """
    fields: dict[str, str] = {}
    for element in islice(tree.iter("input", "select"), _MOST_READ):
        for name in (element.get("id"), element.get("name")):
            if name and element.tag == "input":
                fields.setdefault(name, (element.get("value") or "").strip())
    asked = dict(parameters(url)) if urlsplit(url).query else {}

    def field(match: re.Match[str]) -> str:
        value = fields.get(match[1] or match[2] or match[3])
        return match[0] if value is None or '"' in value else json.dumps(value, ensure_ascii=False)

    def parameter(match: re.Match[str]) -> str:
        value = asked.get(match[1])
        return match[0] if value is None or '"' in value else json.dumps(value, ensure_ascii=False)

    return _PARAMETER.sub(parameter, _FIELD.sub(field, text))


def properties(text: str, name: str) -> tuple[int | None, list[tuple[str, str]]]:
    """Return where a script makes the object of a name, if it does by writing one, and what it sets in it after that.

    The last object of the name, as a call right after would be given it.  Values are as they are written.
    """
    quoted = re.escape(name)
    made = [match.end() for match in islice(re.finditer(_MADE.format(quoted), text), _MOST_READ)]
    start = made[-1] if made else None
    found = islice(re.finditer(_PROPERTY.format(quoted), text[start or 0 :]), _MOST_PROPERTIES)
    return start, [(match[1] or match[2], match[3].strip()) for match in found]
