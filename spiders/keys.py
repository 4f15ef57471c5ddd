"""The keys of a source file: what each may hold, how it is read and written; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import MISSING, fields, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from lxml.cssselect import CSSSelector, SelectorError

from spiders.address import canonicalize
from spiders.patterns import problem
from spiders.posting import LONGEST_BODY, parted, with_body
from spiders.source import Budget, Hours, Rows, Source
from spiders.toml import NotTomlError, meant, read_table

_NAME = re.compile(r"[a-z]+(?:_[a-z0-9]+)+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EVERY = re.compile(r"every ([1-9]\d{0,3})[mhd]")
_HOURS = re.compile(r"(\d?\d:\d\d(?::\d\d)?) ?- ?(\d?\d:\d\d(?::\d\d)?)", re.ASCII)
_CRON_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of the month", 1, 31), ("month", 1, 12))


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a text")
    return value.strip()


def _texts(value: object) -> tuple[str, ...]:
    """Read one text or a list of them."""
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) and text.strip() for text in values):
        raise ValueError("must be a text or a list of texts")
    return tuple(values)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _number(value: object, lowest: int, highest: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        raise ValueError(f"must be a whole number from {lowest} to {highest:,}")
    return value


def _language(value: object) -> str:
    text = _text(value)
    if not _LANGUAGE.fullmatch(text):
        raise ValueError(f"{text!r} is not a language tag")
    return text


def _addresses(value: object) -> tuple[str, ...]:
    addresses: list[str] = []
    for text in _texts(value):
        front, body = parted(text)
        if (address := canonicalize(front)) is None:
            raise ValueError(f"{masked(text)!r} is not an http or https address")
        if body is not None:
            if len(body) > LONGEST_BODY:
                raise ValueError(f"a body has more than {LONGEST_BODY:,} characters")
            address = with_body(address, body)
        if address not in addresses:
            addresses.append(address)
    return tuple(addresses)


def _hosts(value: object) -> tuple[str, ...]:
    hosts: list[str] = []
    for text in _texts(value):
        address = canonicalize(f"http://{text.strip()}/") if "/" not in text else None
        if address is None or urlsplit(address).path != "/":
            raise ValueError(f"{text!r} is not a host")
        hosts.append(urlsplit(address).netloc)
    return tuple(hosts)


def _patterns(value: object) -> tuple[str, ...]:
    patterns = _texts(value)
    for pattern in patterns:
        if wrong := problem(pattern):
            raise ValueError(wrong)
    return patterns


def _selectors(value: object) -> tuple[str, ...]:
    selectors = _texts(value)
    for selector in selectors:
        try:
            CSSSelector(selector, translator="html")
        except SelectorError as error:
            raise ValueError(f"{selector!r} is not a CSS selector: {error}") from None
    return selectors


def _cron_number(text: str, name: str, lowest: int, highest: int) -> None:
    for part in text.split(","):
        span, slash, step = part.partition("/")
        if slash and not re.fullmatch(r"[1-9]\d?", step):
            raise ValueError(f"{part!r} is no step of {name}s")
        if span == "*":
            continue
        match = re.fullmatch(r"(\d{1,2})(?:-(\d{1,2}))?", span)
        if not match or not lowest <= int(match[1]) <= int(match[2] or match[1]) <= highest:
            raise ValueError(f"{part!r} is no {name} ({lowest} to {highest})")


def _cron_days(text: str) -> None:
    if text == "*":
        return
    if re.search(r"\d", text):
        raise ValueError("days of the week are names (mon-fri), since schedulers count them differently")
    for part in text.lower().split(","):
        ends = part.split("-")
        if len(ends) > 2 or any(day not in _DAYS for day in ends):
            raise ValueError(f"{part!r} is no day of the week ({', '.join(_DAYS)})")
        if _DAYS.index(ends[0]) > _DAYS.index(ends[-1]):
            raise ValueError(f"{part!r} runs backwards: a week begins with mon")


def _schedule(value: object) -> str:
    text = " ".join(_text(value).split())
    if _EVERY.fullmatch(text):
        return text
    cron = text.split(" ")
    if len(cron) != 5:
        raise ValueError("must be five cron fields, or such as 'every 30m', 'every 6h', 'every 2d'")
    for field, (name, lowest, highest) in zip(cron, _CRON_FIELDS, strict=False):
        _cron_number(field, name, lowest, highest)
    _cron_days(cron[4])
    return text


def _hours(value: object) -> tuple[Hours, ...]:
    return tuple(_window(text) for text in _texts(value))


def _window(text: str) -> Hours:
    match = _HOURS.fullmatch(text.strip())
    try:
        first, last = map(_time, match.groups()) if match else (None, None)
    except ValueError:
        first = last = None
    if first is None or last is None or first == last:
        raise ValueError(f"{text!r} is no time of the day, as '22:00-06:00'")
    return first, last


def _time(text: str) -> time:
    return time.fromisoformat(text if text.index(":") == 2 else f"0{text}")


def _timezone(value: object) -> str:
    text = _text(value)
    try:
        ZoneInfo(text)
    except (LookupError, ValueError, OSError):
        raise ValueError(f"{text!r} is not a time zone{meant(text, available_timezones())}") from None
    return text


def masked(text: str) -> str:
    """Return an address without the name and password in it, for messages; pure."""
    return re.sub(r"//[^/?#]*@", "//...@", text)


def _delay(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 3_600:
        raise ValueError("must be seconds, from 0 to 3600")
    return float(value)


def _budget(value: object) -> Budget:
    if not isinstance(value, dict):
        raise ValueError("must be a table")
    known = {field.name for field in fields(Budget)}
    for key, number in value.items():
        if key not in known:
            raise ValueError(f"{key!r} is not known{meant(key, known)}")
        try:
            _number(number, 0, 10_000_000)
        except ValueError as error:
            raise ValueError(f"{key} {error}") from None
    return Budget(**value)


def _data(value: object) -> Rows:
    if not isinstance(value, dict):
        raise ValueError("must be a table")
    known = {field.name: field.type for field in fields(Rows)}
    for key, each in value.items():
        if key not in known:
            raise ValueError(f"{key!r} is not known{meant(key, known)}")
        if known[key] == "str" and not isinstance(each, str):
            raise ValueError(f"{key} must be a text")
        if known[key] == "bool" and not isinstance(each, bool):
            raise ValueError(f"{key} must be true or false")
        if known[key] == "int":
            try:
                _number(each, key == "step", 1_000_000)
            except ValueError as error:
                raise ValueError(f"{key} {error}") from None
    if not value.get("address") and not value.get("markup"):
        raise ValueError("must say where the address of a row is")
    return Rows(**{"address": "" if value.get("markup") else "url", **value})


def _proxy(value: object) -> str:
    text = _text(value)
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{masked(text)!r} is not an http proxy")
    return text


def _day(value: object) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError("must be a day, without quotes")
    return value


class Key(NamedTuple):
    """A key of a source file.

    read: checks a value and gives it its form; raises ValueError, whose text goes on after the key's name.
    field: of Source.
    """

    read: Callable[[object], Any]
    field: str
    example: str
    meaning: str


KEYS = {
    "publisher": Key(_text, "publisher", '"Ministry of Example"', "who publishes here"),
    "language": Key(_language, "language", '"zh"', "what the documents are written in"),
    "lists": Key(
        _addresses, "lists", '["https://www.example.gov.cn/zcwj/index.html"]', "list pages, the first of each"
    ),
    "sitemaps": Key(_addresses, "sitemaps", '["https://www.example.gov.cn/sitemap.xml"]', "site maps"),
    "feeds": Key(_addresses, "feeds", '["https://www.example.gov.cn/news.xml"]', "RSS or Atom"),
    "urls": Key(_addresses, "urls", '["https://www.example.gov.cn/about.html"]', "single documents"),
    "documents": Key(_patterns, "documents", r"'/t20\d{6}_\d+\.html'", "addresses of documents match one of these"),
    "exclude": Key(_patterns, "exclude", "'/video/'", "addresses that match one of these are never documents"),
    "within": Key(_selectors, "within", '["ul.list"]', "where on a list page its documents stand, as CSS selectors"),
    "hosts": Key(_hosts, "hosts", '["files.example.gov.cn"]', "hosts beside those of the addresses above"),
    "follow": Key(_flag, "follow", "false", "list what documents link to, where it matches"),
    "learn": Key(_flag, "learn", "true", "leave out what the source's own pages show to be injected"),
    "schedule": Key(_schedule, "schedule", '"20 */6 * * mon-fri"', "cron, or such as 'every 6h'"),
    "hours": Key(_hours, "hours", '"22:00-06:00"', "when requests may begin, in its time zone"),
    "timezone": Key(_timezone, "timezone", '"Asia/Shanghai"', "of the days on its pages, and of the schedule"),
    "delay": Key(_delay, "delay_s", "2.0", "seconds between two requests"),
    "concurrent": Key(lambda value: _number(value, 1, 16), "concurrent", "1", "requests at once"),
    "since": Key(_day, "since", "2024-01-01", "lists are read back to this day"),
    "known_pages": Key(
        lambda value: _number(value, 0, 1_000), "known_pages", "3", "lists end after so many pages of known documents"
    ),
    "browser": Key(_flag, "browser", "true", "have pages rendered by a browser, for lists that only a script shows"),
    "proxy": Key(_proxy, "proxy", '"http://127.0.0.1:3128"', "ask through this proxy"),
    "rights": Key(_text, "rights", '"Open Government Licence v3.0"', "what may be done with the texts"),
    "verified_on": Key(_day, "verified_on", "2026-11-20", "last seen to work by a person"),
    "keep": Key(_selectors, "keep", '["#zoom"]', "the only place of the text, as CSS selectors"),
    "drop": Key(_selectors, "drop", '[".share"]', "what is none of the text, as CSS selectors"),
    "data": Key(_data, "data", '{ rows = "data.list", address = "url" }', "where the rows of a JSON list are"),
    "budget": Key(_budget, "budget", "{ pages = 500 }", "bounds of one run; the rest stays due"),
}
_STARTS = ("lists", "sitemaps", "feeds", "urls")


def _line_of(key: str, text: str) -> int:
    pattern = re.compile(rf"""\s*(?:\[\s*)?["']?{re.escape(key)}["']?\s*[=.\]]""")
    return next((number for number, line in enumerate(text.splitlines(), 1) if pattern.match(line)), 1)


def _start_hosts(source: Source) -> tuple[str, ...]:
    return tuple(dict.fromkeys(urlsplit(url).netloc for url, _ in source.starts()))


def parse(text: str, path: Path) -> Source | tuple[str, ...]:
    """Return the source that a file describes, or its problems, each as "file:line: key: what; example: ...".

    Pure.  path: for the name, which is the file's, and for the messages; not read.
    """
    try:
        table = read_table(text)
    except NotTomlError as error:
        return (f"{path}:{error.line}: {error}",)

    problems: list[str] = []
    if not _NAME.fullmatch(path.stem):
        problems.append(
            f"{path}:1: name: {path.stem!r} must be country_body or country_body_section, in small letters, digits "
            "and underscores; example: cn_huaian_zcwj.toml"
        )

    def wrong(key: str, what: str) -> None:
        example = f"; example: {key} = {KEYS[key].example}" if key in KEYS else ""
        problems.append(f"{path}:{_line_of(key, text)}: {key}: {what}{example}")

    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in KEYS:
            wrong(key, f"is not a known key{meant(key, KEYS)}")
            continue
        try:
            values[KEYS[key].field] = KEYS[key].read(value)
        except ValueError as error:
            wrong(key, str(error))
    if "publisher" not in table:
        wrong("publisher", "is missing")
    if not any(table.get(key) for key in _STARTS):
        wrong("lists", f"is missing: one of {', '.join(_STARTS)} says where to begin")
    if table.get("lists") and not table.get("documents"):
        wrong("documents", "is missing: a list page links to much else, so lists need it")
    if problems:
        return tuple(problems)
    source = Source(name=path.stem, path=path, **values)
    return replace(source, hosts=tuple(dict.fromkeys((*_start_hosts(source), *source.hosts))))


def _written(value: object) -> str:
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        value = tuple("-".join(f"{each:%H:%M:%S}".removesuffix(":00") for each in window) for window in value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        if "\\" in value and value.isprintable() and "'" not in value:
            return f"'{value}'"
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, tuple):
        inner = [_written(each) for each in value]
        if len(inner) < 2:
            return f"[{', '.join(inner)}]"
        return "[\n" + "".join(f"  {each},\n" for each in inner) + "]"
    return str(value)


def write(source: Source) -> str:
    """Return a source as the text of its file, with a word on each key; ``parse`` reads it back equal; pure."""
    lines = [f"# {''.join(each for each in source.publisher if each.isprintable())}"]
    for name, key in KEYS.items():
        value: object = getattr(source, key.field)
        if name == "hosts":
            starts = _start_hosts(source)
            value = tuple(host for host in source.hosts if host not in starts)
        field = next(field for field in fields(Source) if field.name == key.field)
        default = field.default if field.default is not MISSING else None
        # These three are written always: who reads the file asks for them first.
        if name not in {"language", "schedule", "timezone"} and value in (default, (), Budget()):
            continue
        if isinstance(value, Budget | Rows):
            lines += ["", f"[{name}]  # {key.meaning}"]
            plain = type(value)()
            inner = [(each.name, getattr(value, each.name)) for each in fields(value)]
            lines += [
                f"{each} = {_written(given)}"
                for each, given in inner
                if given != getattr(plain, each) or (each == "address" and given)
            ]
        else:
            lines.append(f"# {key.meaning}")
            lines.append(f"{name} = {_written(value)}")
    return "\n".join(lines) + "\n"
