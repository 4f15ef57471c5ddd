"""Addresses that are asked with a body: the body stands behind the address, as a fragment that never travels; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import quote, unquote, urljoin, urlsplit

_MARK = "#post:"
LONGEST_BODY = 1_000
# Stands for the value of a field that the page which names the address holds.
FROM_PAGE = "{page}"
# Stands for the number of a page in an address that turns by its path.
NUMBER = "{number}"
_SAFE = "=&{}[]\":,/;+*()!$'@ ?._-~|"


def with_body(url: str, body: str) -> str:
    """Return the address that stands for asking ``url`` with a body.

    >>> with_body("https://www.example.cn/api/list", "page=1&size=20")
    'https://www.example.cn/api/list#post:page=1&size=20'
    """
    return f"{url.partition('#')[0]}{_MARK}{quote(body, safe=_SAFE)}"


def parted(url: str) -> tuple[str, str | None]:
    """Return the address that is asked, and the body, or None for one that is asked without."""
    address, mark, body = url.partition(_MARK)
    return (address, unquote(body)) if mark else (url, None)


def body_type(body: str) -> str:
    """Return the media type of a body."""
    return "application/json" if body.lstrip()[:1] == "{" else "application/x-www-form-urlencoded; charset=UTF-8"


def parameters(url: str) -> Iterator[tuple[str, str]]:
    """Yield the names and values in the query and the body of an address; of a JSON body, the topmost ones.

    Of a parameter that is JSON itself, also its topmost ones, behind a dot: ``paramJson.pageNo``.
    """
    address, body = parted(url)
    texts = [urlsplit(address).query]
    if body is not None and body.lstrip()[:1] == "{":
        value = _object(body)
        yield from ((name, str(each)) for name, each in value.items() if isinstance(each, str | int))
    elif body is not None:
        texts.append(body)
    for text in texts:
        for pair in filter(None, text.split("&")):
            name, _, each = pair.partition("=")
            name, each = unquote(name), unquote(each.replace("+", " "))
            yield name, each
            inner = _object(each) if each[:1] == "{" else {}
            yield from ((f"{name}.{key}", str(said)) for key, said in inner.items() if isinstance(said, str | int))


def turned(url: str, name: str, number: int | str) -> str:
    """Return an address with another number for one of its parameters, which is added where it is missing.

    name: of the parameter; or an address with NUMBER in the place of the number.
    """
    if NUMBER in name:
        return urljoin(url, name.replace(NUMBER, str(number)))
    address, body = parted(url)
    if body is not None and body.lstrip()[:1] == "{":
        return with_body(address, _with(body, name, number))
    outer, dot, inner = name.partition(".")
    held = dict(parameters(url)).get(outer, "") if dot else ""
    if held[:1] == "{":
        name, number = outer, quote(_with(held, inner, number), safe="")
    pattern = re.compile(rf"(^|&)({re.escape(quote(name))}|{re.escape(name)})=[^&]*")
    if body is not None and (pattern.search(body) or not pattern.search(urlsplit(address).query)):
        return with_body(address, _put(body, pattern, name, number))
    parts = urlsplit(address)
    address = parts._replace(query=_put(parts.query, pattern, name, number)).geturl()
    return address if body is None else with_body(address, body)


def number_said(url: str, name: str) -> str:
    """Return what an address has for a parameter, or in the place of NUMBER; "" where it has nothing there."""
    if NUMBER not in name:
        return dict(parameters(url)).get(name, "")
    before, _, after = urljoin(url, name).partition(NUMBER)
    match = re.fullmatch(rf"{re.escape(before)}(\d{{1,9}}){re.escape(after)}", url)
    return match[1] if match else ""


def _object(body: str) -> dict[str, object]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _with(text: str, name: str, number: int | str) -> str:
    """Return JSON with another number at one of its keys, as text where it was text."""
    value = _object(text)
    value[name] = str(number) if isinstance(value.get(name), str) else number
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _put(text: str, pattern: re.Pattern[str], name: str, number: int | str) -> str:
    if pattern.search(text):
        return pattern.sub(lambda match: f"{match[1]}{match[2]}={number}", text, count=1)
    return f"{text}&{quote(name)}={number}" if text else f"{quote(name)}={number}"
