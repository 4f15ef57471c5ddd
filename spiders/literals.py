"""Data that stands in the scripts of a page: JSON, or JavaScript that only says values; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from lxml import html

_MOST_CHARS = 4_000_000
_MOST_TOKENS = 400_000
_MOST_DEPTH = 30
_MOST_VALUES = 50
_ASSIGNED = re.compile(r"(?:^|[\s;,(.])([A-Za-z_$][\w$]{0,80})\s{0,9}=\s{0,9}(?=[\[{])")
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
    """Yield the data of a page's scripts, or of a file of scripts: each with the id or the variable it has.

    tree: of a page; None for a file, whose text is ``text``.
    """
    found = ((name, value) for name, value in _named(tree, text) if isinstance(value, dict | list) and value)
    yield from islice(found, _MOST_VALUES)


def value_of(tree: html.HtmlElement | None, text: str, name: str) -> Any:
    """Return the data of a name, as ``values`` yields them; None where there is none."""
    return next((value for each, value in values(tree, text) if each == name), None)


def _named(tree: html.HtmlElement | None, text: str) -> Iterator[tuple[str, Any]]:
    if tree is None:
        yield from _assigned(text)
        return
    for script in tree.iter("script"):
        said = script.text or ""
        if "json" in (script.get("type") or "") and (name := script.get("id")):
            try:
                yield name, json.loads(said[:_MOST_CHARS])
            except (ValueError, RecursionError):
                continue
        elif "xml" not in (script.get("type") or ""):
            yield from _assigned(said)


def _assigned(text: str) -> Iterator[tuple[str, Any]]:
    text = text[:_MOST_CHARS]
    end = 0
    for match in _ASSIGNED.finditer(text):
        if match.start() < end:
            continue  # within a value that was read
        try:
            value, end = json.JSONDecoder().raw_decode(text, match.end())
        except (ValueError, RecursionError):
            try:
                value, end = _Reader(text, match.end()).read()
            except _NoValueError:
                continue
        yield match[1], value


class _Reader:
    """Reads one value as JavaScript writes it: names without quotes, either kind of quotes, a comma too many."""

    def __init__(self, text: str, start: int) -> None:
        self._text = text
        self._end = start
        self._left = _MOST_TOKENS

    def read(self) -> tuple[Any, int]:
        """Return the value and where it ends.  Raises _NoValueError where it is none."""
        return self._value(self._next(), 0), self._end

    def _next(self) -> re.Match[str]:
        token = _TOKEN.match(self._text, self._end)
        self._left -= 1
        if token is None or self._left < 0:
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
