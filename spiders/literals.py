"""Data that stands in the scripts of a page: JSON, or JavaScript that only says values; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from html import unescape
from itertools import islice
from typing import Any

from lxml import html

_MOST_CHARS = 4_000_000
_MOST_TOKENS = 400_000
_MOST_DEPTH = 30
_MOST_TRIED = 100
_FEWEST_FLAT = 10
# Below zero stand codes for what JSON cannot say: undefined, holes, infinities.
_MOST_CODES = 10
_ASSIGNED = re.compile(r"(?:^|[\s;,(.])([A-Za-z_$][\w$]{0,80})\s{0,9}=\s{0,9}(?=[\[{])")
# What a component is given in an attribute of its place, as JSON; parsers leave long ones out.
_HELD = re.compile(
    r"""\s(data-[\w-]{1,60})=(?:"([\[{](?:&quot;|&#34;|\[|\{)[^"<>]{10,})"|'([\[{]["\[{][^'<>]{10,})')"""
)
# addRow("title", "/address.html", "2024-05-06")
_PLAIN = r"""(?:"(?:[^"\\\n]|\\.){0,500}"|'(?:[^'\\\n]|\\.){0,500}'|-?\d{1,15})"""
_CALL = re.compile(rf"(?<![\w.$])([A-Za-z_$][\w.$]{{0,60}})\s?\(\s?({_PLAIN}(?:\s?,\s?{_PLAIN}){{1,12}})\s?\)")
_ARGUMENT = re.compile(r"""("(?:[^"\\\n]|\\.){0,500}"|'(?:[^'\\\n]|\\.){0,500}')|(-?\d{1,15})""")
_MOST_CALLS = 10_000
_FEWEST_CALLS = 3
_TOKEN = re.compile(
    r"""\s*(?://[^\n]*\s*|/\*.*?\*/\s*)*(?:(?P<mark>[\[\]{}:,])|(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
    r"""|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?)|(?P<name>[A-Za-z_$][\w$]*))""",
    re.DOTALL,
)
_NAMES = {"true": True, "false": False, "null": None, "undefined": None}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "\n": ""}


class _NoValueError(ValueError):
    """What stands there is no plain value."""


def values(tree: html.HtmlElement | None, text: str) -> Iterator[tuple[str, Any]]:
    """Yield the data of a page's scripts, or of a file of scripts: each with the id, variable or attribute it has.

    tree: of a page; None for a file.  text: of either.  At most _MOST_TRIED places are looked at.
    """
    return _named(tree, text, None)


def value_of(tree: html.HtmlElement | None, text: str, name: str) -> Any:
    """Return the data of a name, as ``values`` yields them; None where there is none."""
    return next((value for _, value in _named(tree, text, name)), None)


def _named(tree: html.HtmlElement | None, text: str, wanted: str | None) -> Iterator[tuple[str, Any]]:
    texts: list[str] = []
    for script in tree.iter("script") if tree is not None else ():
        said = (script.text or "")[:_MOST_CHARS]
        kind, name = script.get("type") or "", script.get("id") or ""
        if "json" in kind and name and wanted in (None, name):
            try:
                value = json.loads(said)
            except (ValueError, RecursionError):
                continue
            if value and isinstance(value, dict | list):
                yield name, _unfolded(value) if isinstance(value, list) and _is_flat(value) else value
        elif "json" not in kind and "xml" not in kind:
            texts.append(said)
    for match in islice(_HELD.finditer(text[:_MOST_CHARS]) if tree is not None else (), _MOST_TRIED):
        if wanted in (None, match[1]):
            with suppress(ValueError, RecursionError):
                yield match[1], json.loads(unescape(match[2] or match[3]))
    said = "\n".join(texts)[:_MOST_CHARS] if tree is not None else text[:_MOST_CHARS]
    yield from _assigned(said, wanted)
    yield from _called(said, wanted)


def _is_flat(value: list[Any]) -> bool:
    """Tell whether a list holds all values side by side, whose inner values are places in it: ``[{"a": 1}, "b"]``."""
    if len(value) < _FEWEST_FLAT:
        return False
    held = [each for each in value if isinstance(each, dict | list)]
    plain = [each for each in value if not isinstance(each, dict | list)]
    return (
        isinstance(value[0], dict | list)
        and bool(plain)
        and all(
            isinstance(place, int) and not isinstance(place, bool) and -_MOST_CODES < place < len(value)
            for each in held
            for place in (each.values() if isinstance(each, dict) else () if _is_tagged(each) else each)
        )
    )


def _is_tagged(value: list[Any]) -> bool:
    """Tell whether a list says first, in a word, what kind of thing it is."""
    return bool(value) and isinstance(value[0], str)


def _unfolded(flat: list[Any]) -> Any:
    """Return what a flat list of values stands for; what is tagged with its kind is what it holds.

    As deep as ``_MOST_DEPTH`` and as many values as ``_MOST_TOKENS``; what lies beyond is None.
    """
    left = _MOST_TOKENS

    def value_at(place: Any, depth: int) -> Any:
        nonlocal left
        left -= 1
        if not isinstance(place, int) or not 0 <= place < len(flat) or depth > _MOST_DEPTH or left < 0:
            return None
        value = flat[place]
        if isinstance(value, dict):
            return {key: value_at(each, depth + 1) for key, each in value.items()}
        if isinstance(value, list) and _is_tagged(value):
            if value[0] == "Date":
                return value[1] if len(value) > 1 else None
            return value_at(value[1], depth + 1) if len(value) > 1 else None
        if isinstance(value, list):
            return [value_at(each, depth + 1) for each in value]
        return value

    return value_at(0, 0)


def _assigned(text: str, wanted: str | None) -> Iterator[tuple[str, Any]]:
    end, tokens = 0, _MOST_TOKENS
    places = (match for match in _ASSIGNED.finditer(text) if wanted in (None, match[1]))
    for match in islice(places, _MOST_TRIED):
        if match.start() < end:
            continue  # within a value that was read
        value, stop = None, 0
        try:
            value, stop = json.JSONDecoder().raw_decode(text, match.end())
        except (ValueError, RecursionError):
            reader = _Reader(text, match.end(), tokens)
            with suppress(_NoValueError):
                value, stop = reader.read()
            tokens = reader.left
        end = max(end, stop)
        if value and isinstance(value, dict | list):
            yield match[1], value


def _called(text: str, wanted: str | None) -> Iterator[tuple[str, Any]]:
    """Yield what functions are called with that are called again and again with plain values: a row for each call."""
    calls: dict[str, list[list[Any]]] = {}
    for match in islice(_CALL.finditer(text), _MOST_CALLS):
        if wanted in (None, match[1]):
            given = _ARGUMENT.findall(match[2])
            row = [_unescaped(quoted[1:-1]) if quoted else int(number) for quoted, number in given]
            calls.setdefault(match[1], []).append(row)
    yield from ((name, rows) for name, rows in calls.items() if len(rows) >= _FEWEST_CALLS)


class _Reader:
    """Reads one value as JavaScript writes it: names without quotes, either kind of quotes, a comma too many.

    left: how many more tokens may be read.
    """

    def __init__(self, text: str, start: int, left: int) -> None:
        self._text = text
        self._end = start
        self.left = left

    def read(self) -> tuple[Any, int]:
        """Return the value and where it ends.  Raises _NoValueError where it is none."""
        return self._value(self._next(), 0), self._end

    def _next(self) -> re.Match[str]:
        token = _TOKEN.match(self._text, self._end)
        self.left -= 1
        if token is None or self.left < 0:
            raise _NoValueError
        self._end = token.end()
        return token

    def _value(self, token: re.Match[str], depth: int) -> Any:
        if depth > _MOST_DEPTH:
            raise _NoValueError
        if token["text"]:
            return _unescaped(token["text"][1:-1])
        if token["number"]:
            number = float(token["number"])
            return int(number) if number.is_integer() and "e" not in token["number"].lower() else number
        if token["name"] in _NAMES:
            return _NAMES[token["name"]]
        if token["mark"] == "[":
            return self._list(depth)
        if token["mark"] == "{":
            return self._object(depth)
        raise _NoValueError

    def _list(self, depth: int) -> list[Any]:
        out: list[Any] = []
        while (token := self._next())["mark"] != "]":
            out.append(self._value(token, depth + 1))
            token = self._next()
            if token["mark"] == "]":
                break
            if token["mark"] != ",":
                raise _NoValueError
        return out

    def _object(self, depth: int) -> dict[str, Any]:
        out: dict[str, Any] = {}
        while (token := self._next())["mark"] != "}":
            key = _unescaped(token["text"][1:-1]) if token["text"] else token["name"] or token["number"]
            if not key or self._next()["mark"] != ":":
                raise _NoValueError
            out[key] = self._value(self._next(), depth + 1)
            token = self._next()
            if token["mark"] == "}":
                break
            if token["mark"] != ",":
                raise _NoValueError
        return out


def _unescaped(text: str) -> str:
    def said(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        return chr(int(code, 16)) if code else _ESCAPED.get(match[3], match[3])

    # Halves of a pair are joined; one alone is no character.
    return (
        _ESCAPE.sub(said, text).encode("utf-16", "surrogatepass").decode("utf-16", "replace") if "\\" in text else text
    )
