"""Lists that come as JSON: rows by the mapping of a source file, or by a guess at it; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from spiders.address import canonicalize
from spiders.hints import day_in, title_in
from spiders.posting import parameters, turned
from spiders.source import Findings, Found, Rows, Source
from storage.model import Role

_MOST_NODES = 200_000
_PADDED = re.compile(r"\s*[\w$.]{1,80}\s*\((.*)\)\s*;?\s*", re.DOTALL)
_TAG = re.compile(r"<[^<>]{0,200}>")
_PLACE = re.compile(r"\{([\w.-]{1,80})\}")
_PLAIN_DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)")
_NUMBER = re.compile(r"\d{10}(?:\d{3})?")
_HREF = re.compile(r"(?i)<a\s[^<>]{0,400}href")

_ADDRESS = re.compile(r"(?:https?:/)?\.{0,2}/\S+|[\w./-]+\.(?:s?html?|jsp|aspx?|php|do|pdf)(?:\?\S*)?")
_ADDRESS_NAME = re.compile(r"(?i)url|link|href|path|address")
_TITLE_NAME = re.compile(r"(?i)title|^(?:name|subject|bt|biaoti|headline)$")
_DAY_NAME = re.compile(r"(?i)publi|release|issue|fabu|fbrq|pub|date|time|rq$|sj$|day")
_TOTAL_NAME = re.compile(
    r"(?i)^(?:total|count|totals?_?(?:count|num|records?|rows?|hits?)|record_?count|num_?found|rows_?count)$"
)
_PAGE_NAME = re.compile(
    r"(?i)^(?:p|pn|pg|page|page_?(?:no|num|number|index|idx|current)|cur(?:rent)?_?page(?:_?(?:no|num))?|current|cpage|paged)$"
)
_OFFSET_NAME = re.compile(r"(?i)^(?:start|offset|skip|from|start_?(?:record|row|index))$")
_SIZE_NAME = re.compile(r"(?i)^(?:n|num|size|rows|limit|count|page_?size|per_?page|page_?(?:limit|rows|count)|length)$")


def is_data(body: bytes) -> bool:
    """Tell whether an answer is JSON, also as the argument of a call."""
    start = body[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    return start[:1] in (b"{", b"[") or re.match(rb"[\w$.]{1,80}\s*\(\s*[{\[]", start) is not None


def loaded(text: str) -> Any:
    """Return what JSON says, or None where it cannot be read."""
    text = text.lstrip("\ufeff")
    if match := _PADDED.fullmatch(text):
        text = match[1]
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def at(value: Any, path: str) -> Any:
    """Return what lies at a dotted path, or None."""
    for key in filter(None, path.split(".")):
        if isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, dict):
            value = value.get(key)
        else:
            return None
    return value


def day_of(value: object, zone: ZoneInfo) -> date | None:
    """Return the day that a value names: as text, or as seconds or milliseconds since 1970."""
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if _NUMBER.fullmatch(text):
        try:
            return datetime.fromtimestamp(int(text) / (1_000 if len(text) == 13 else 1), UTC).astimezone(zone).date()
        except (ValueError, OverflowError, OSError):
            return None
    if _PLAIN_DAY.match(text):
        try:
            return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
        except ValueError:
            return None
    return day_in(text[:40])


def _address(row: dict[str, Any], rows: Rows, url: str) -> str | None:
    if "{" in rows.address:
        values = {name: at(row, name) for name in _PLACE.findall(rows.address)}
        if not all(isinstance(value, str | int) for value in values.values()):
            return None
        return canonicalize(_PLACE.sub(lambda match: quote(str(values[match[1]]), safe="/"), rows.address), url)
    value = at(row, rows.address)
    return canonicalize(value, url) if isinstance(value, str) and value.strip() else None


def _title(value: object) -> str | None:
    return title_in(unescape(_TAG.sub("", value[:3_000]))) if isinstance(value, str) else None


def read_data(source: Source, rows: Rows, text: str, *, url: str) -> Findings:
    """Return the documents that a page of a JSON list names, and its next page.

    Pure.  The next page: only after one with rows, as many as a full page has (``size``), and only while those
    seen so far are fewer than the list says it has (``total``).
    """
    value = loaded(text)
    listed = at(value, rows.rows)
    if isinstance(listed, dict):
        listed = list(listed.values())
    if not isinstance(listed, list):
        return Findings(problem=f"no rows at {rows.rows!r}" if value is not None else "not readable as JSON")
    zone = ZoneInfo(source.timezone)
    found: dict[str, Found] = {}
    for row in listed[: source.budget.links_per_page]:
        target = _address(row, rows, url) if isinstance(row, dict) else None
        if target is not None and source.is_document(target):
            day = day_of(at(row, rows.date), zone) if rows.date else None
            title = _title(at(row, rows.title)) if rows.title else None
            found.setdefault(target, Found(url=target, role=Role.MAIN, title=title, hinted_on=day))
    onward = next_page(rows, url, len(listed), at(value, rows.total) if rows.total else None)
    pages = [Found(url=onward, role=Role.LIST)] if onward and source.has_host(onward) else []
    return Findings(found=(*found.values(), *pages))


def markup_in(rows: Rows, text: str) -> tuple[str, object]:
    """Return the piece of a page that an answer is or holds, and how many rows it says there are, or None; pure."""
    if not is_data(text[:200].encode()):
        return text, None
    value = loaded(text)
    piece = at(value, rows.rows) if rows.rows else value
    return piece if isinstance(piece, str) else "", at(value, rows.total) if rows.total else None


def next_page(rows: Rows, url: str, count: int, total: object) -> str | None:
    """Return the address of the page after one of ``count`` rows, or None where that was the last; pure."""
    if not rows.page or not count or count < rows.size:
        return None
    said = dict(parameters(url)).get(rows.page, "")
    number = int(said) if re.fullmatch(r"\d{1,9}", said) else rows.first
    seen = ((number - rows.first) // rows.step + 1) * (rows.size or count)
    if re.fullmatch(r"\d{1,9}", str(total)) and seen >= int(str(total)):
        return None
    return turned(url, rows.page, number + rows.step)


def _lists(value: Any) -> Iterator[tuple[str, list[dict[str, Any]], list[dict[str, Any]]]]:
    """Yield the lists of objects in a value, each with its path and the objects above it, nearest last."""
    waiting: list[tuple[str, Any, list[dict[str, Any]]]] = [("", value, [])]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        path, value, above = waiting.pop()
        if isinstance(value, dict):
            waiting += [
                (f"{path}.{key}".lstrip("."), each, [*above, value])
                for key, each in value.items()
                if isinstance(each, dict | list) and re.fullmatch(r"[^.{}\s]{1,80}", key) and len(above) < 8
            ]
        elif isinstance(value, list):
            objects = [each for each in value if isinstance(each, dict)]
            if objects and len(objects) == len(value):
                yield path, objects, above


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    inner = {
        f"{key}.{name}": each for key, value in row.items() if isinstance(value, dict) for name, each in value.items()
    }
    return {**row, **inner}


def _column(objects: list[dict[str, Any]], fits: Any, name: re.Pattern[str]) -> str:
    """Return the key whose values fit in nearly all objects, best by name, then as it stands first; or ""."""
    counts = {
        key: sum(bool(fits(row.get(key))) for row in objects)
        for key in dict.fromkeys(key for row in objects for key in row)
    }
    good = [key for key, count in counts.items() if count * 10 >= len(objects) * 9]
    return next((key for key in good if name.search(key.rpartition(".")[2])), good[0] if good else "")


def guess(text: str, *, url: str, zone: ZoneInfo, templates: Sequence[str] = ()) -> Rows | None:
    """Return how a JSON list may be read, by what stands in it; None where no rows with addresses are seen.

    templates: addresses with keys of a row in braces, for rows that hold none themselves.
    """
    best: tuple[int, Rows] | None = None
    value = loaded(text)
    for path, objects, above in _lists(value):
        flat = [_flat(row) for row in objects[:100]]
        address = _column(flat, lambda v: isinstance(v, str) and _ADDRESS.fullmatch(v.strip()), _ADDRESS_NAME)
        values: set[object] = {row.get(address) for row in flat}
        if not address:
            address = next((each for each in templates if _has_all(flat, each)), "")
            values = {tuple(str(row.get(name)) for name in _PLACE.findall(address)) for row in flat}
        if not address or len(values) * 2 <= len(flat):
            continue
        title = _column(
            flat, lambda v: isinstance(v, str) and len(v) > 3 and not _ADDRESS.fullmatch(v.strip()), _TITLE_NAME
        )
        day = _column(flat, lambda v: day_of(v, zone), _DAY_NAME)
        # Menus and banners have addresses too, but no days, and few have so many.
        score = len(objects) + 100 * bool(title and _TITLE_NAME.search(title)) + 100 * bool(day)
        if best is None or score > best[0]:
            total = _total(value, above, len(objects))
            best = (
                score,
                paged(Rows(rows=path, address=address, title=title, date=day, total=total), url, len(objects)),
            )
    return best[1] if best else None


def find_markup(text: str) -> Rows | None:
    """Return where in JSON a piece of a page with several links stands; None where none does."""
    value = loaded(text)
    best: tuple[int, str] | None = None
    waiting: list[tuple[str, Any]] = [("", value)]
    for _ in range(_MOST_NODES):
        if not waiting:
            break
        path, each = waiting.pop()
        if isinstance(each, dict):
            waiting += [
                (f"{path}.{key}".lstrip("."), inner)
                for key, inner in each.items()
                if isinstance(inner, dict | str) and re.fullmatch(r"[^.{}\s]{1,80}", key)
            ]
        elif isinstance(each, str) and (links := len(_HREF.findall(each))) > 1 and (not best or links > best[0]):
            best = (links, path)
    return Rows(rows=best[1], address="", markup=True) if best else None


def _has_all(rows: list[dict[str, Any]], template: str) -> bool:
    names = _PLACE.findall(template)
    return bool(names) and all(isinstance(row.get(name), str | int) for row in rows for name in names)


def _total(value: Any, above: list[dict[str, Any]], count: int) -> str:
    """Return the path of the number of all rows, which stands in one of the objects around them, or ""."""
    for holder in reversed(above):
        for key, each in holder.items():
            number = int(each) if isinstance(each, int | str) and re.fullmatch(r"\d{1,9}", str(each)) else -1
            if _TOTAL_NAME.fullmatch(key) and number >= count:
                return f"{_path_of(value, holder)}.{key}".lstrip(".")
    return ""


def _path_of(value: Any, wanted: dict[str, Any]) -> str:
    waiting = [("", value)]
    for _ in range(_MOST_NODES):
        if not waiting:
            break
        path, each = waiting.pop()
        if each is wanted:
            return path
        if isinstance(each, dict):
            waiting += [(f"{path}.{key}".lstrip("."), inner) for key, inner in each.items() if isinstance(inner, dict)]
    return ""


def page_parameter(url: str) -> tuple[str, int] | None:
    """Return the parameter of an address that seems to turn its pages, with its number; pure."""
    numbers = _numbers(url)
    return next(((name, number) for name, number in numbers.items() if _named(_PAGE_NAME, name)), None)


def _numbers(url: str) -> dict[str, int]:
    return {name: int(value) for name, value in parameters(url) if re.fullmatch(r"\d{1,6}", value)}


def _named(pattern: re.Pattern[str], name: str) -> bool:
    return pattern.match(name.rpartition(".")[2]) is not None


def paged(rows: Rows, url: str, count: int) -> Rows:
    """Return how the pages of a list are turned, as far as its address and the rows of one page tell; pure."""
    numbers = _numbers(url)
    sizes = [value for name, value in numbers.items() if _named(_SIZE_NAME, name) and value]
    size = sizes[0] if sizes and sizes[0] >= count else count
    page, number = page_parameter(url) or ("", 0)
    if page and number <= 1:
        return replace(rows, page=page, first=number, size=size)
    offset = next((name for name in numbers if _named(_OFFSET_NAME, name)), "")
    if offset and numbers[offset] <= 1:
        return replace(rows, page=offset, first=numbers[offset], step=size, size=size)
    return rows
