"""TOML files of people: read, and where in them something is wrong; pure."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable
from typing import Any

# Quotation marks and signs of an input method, where TOML wants those of ASCII.
_TYPED = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "＝": "=", "，": ",", "［": "[", "］": "]", "＂": '"'})
_HEADER = re.compile(r"\s*(\[{1,2})\s*([^\]]*?)\s*\]{1,2}\s*(?:#.*)?$")


class NotTomlError(ValueError):
    """A text is not TOML; line: where, from 1."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line


def read_table(text: str) -> dict[str, Any]:
    """Return what a TOML text holds.

    Raises NotTomlError, with a hint for what people most often get wrong.
    """
    try:
        return tomllib.loads(text)
    except ValueError as error:
        found = re.search(r"line (\d+)", str(error))
        number = int(found[1]) if found else max(len(text.splitlines()), 1)
        lines = text.splitlines()
        line = lines[number - 1] if number <= len(lines) else ""
        raise NotTomlError(number, f"not readable as TOML: {error}{_hint(line, str(error))}") from None


def _hint(line: str, said: str) -> str:
    if "\\" in line and '"' in line:
        return r"; a backslash belongs between single quotes: '/t\d{8}_\d+\.html$'"
    for char in line.split("#")[0]:
        if ord(char) in _TYPED:
            return f"; it has {char} where TOML wants {char.translate(_TYPED)}"
    if "Cannot overwrite" in said:
        return "; is the same key there twice?"
    if re.match(r"\s*[\w-]+\s*=\s*[^\s\"'\[{\d+-]", line) and not re.search(r"=\s*(true|false)\s*(#|$)", line):
        return "; a text stands between quotes"
    return ""


def line_of(text: str, key: str, *, section: str = "", place: int = 0) -> int:
    """Return the line of a key, from 1; where it is not there, that of its section, else 1.

    section: the table that it stands in, such as "channels.mail"; "" for the top, where tables of the key's own
    name count too.  place: which one of an array of tables, from 0.
    """
    current, seen, within = "", -1, 1
    wanted = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*[=.]""")
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            current = re.sub(r"""["'\s]""", "", header[2])
            if current == section:
                seen += 1
                within = number if seen == place or header[1] == "[" else within
            if current == (f"{section}.{key}" if section else key) and seen <= place:
                return number
        elif current == section and (not section or seen == place or place == 0) and wanted.match(line):
            return number
    return within


def meant(word: str, known: Iterable[str]) -> str:
    """Return a question for a word that is none of those known, where one of them comes close; else ""."""
    close = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""
