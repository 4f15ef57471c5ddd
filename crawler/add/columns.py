"""How a list that comes as data may be read, by what stands in it: its rows, their columns, its pages; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from spiders.address import canonicalize
from spiders.data import PLACE, at, day_of, inner, loaded
from spiders.posting import NUMBER, parameters
from spiders.source import Rows

_MOST_NODES = 200_000
_MOST_DEPTH = 8
_HREF = re.compile(r"(?i)<a\s[^<>]{0,400}href")

_ADDRESS = re.compile(r"(?:https?:/)?\.{0,2}/\S+|[\w./-]+\.(?:s?html?|jsp|aspx?|php|do|pdf)(?:\?\S*)?")
_ADDRESS_NAME = re.compile(r"(?i)url|link|href|path|address")
# Of several addresses of a row, these are of something beside the document, or of its other forms.
_ASIDE_NAME = re.compile(
    r"(?i)pdf|img|image|pic|photo|thumb|logo|icon|cover|api|json|xml|mobile|self|agenc|organi|author|inspection"
)
_TITLE_NAME = re.compile(r"(?i)title|^(?:name|subject|bt|biaoti|headline)$")
_DAY_NAME = re.compile(r"(?i)publi|release|issue|fabu|fbrq|pub|date|time|rq$|sj$|day")
# When a row was made or altered, or what it says ends, is not when it was published.
_OTHER_DAY_NAME = re.compile(r"(?i)creat|crt|updat|chang|modif|edit|expir|end|clos|deadline|effect|valid")
_TOTAL_NAME = re.compile(
    r"(?i)^(?:total|count|totals?_?(?:count|num|records?|rows?|hits?)|record_?count|num_?found|rows_?count)$"
)
_NEXT_NAME = re.compile(r"(?i)^(?:_{0,2}next(?:_?page)?(?:_?(?:url|link|href|uri))?|@?odata\.nextLink)$")
_TOKEN_NAME = re.compile(r"(?i)^(?:next_?)((?:page_?)?(?:token|cursor|marker)|cursor|offset)$")
_FIRST_NAME = re.compile(r"(?i)^(?:is_?)?first(?:_?page)?$")
_BEFORE_NAME = re.compile(r"(?i)^has_?prev(?:ious)?(?:_?page)?$")
_IN_NAME = re.compile(r"([^?#]*?[^\d/?#])([01])(\.(?:json|jsonp|js|xml))$")
_PAGE_NAME = re.compile(
    r"(?i)^(?:p|pn|pg|page|page_?(?:no|num|number|index|idx|current)|cur(?:rent)?_?page(?:_?(?:no|num))?|current|cpage|paged)$"
)
_OFFSET_NAME = re.compile(r"(?i)^(?:start|offset|skip|from|start_?(?:record|row|index))$")
_SIZE_NAME = re.compile(
    r"(?i)^(?:n|num|size|rows|limit|count|top|page_?size|per_?page|page_?(?:limit|rows|count)|length)$"
)


def _lists(value: Any) -> Iterator[tuple[str, list[dict[str, Any]], list[dict[str, Any]]]]:
    """Yield the lists of objects in a value, each with its path and the objects above it, nearest last.

    A list of lists counts as one of objects whose keys are places.
    """
    waiting: list[tuple[str, Any, list[dict[str, Any]]]] = [("", value, [])]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        path, value, above = waiting.pop()
        value = inner(value) if isinstance(value, str) else value
        if isinstance(value, dict):
            waiting += [
                (f"{path}.{key}".lstrip("."), each, [*above, value])
                for key, each in value.items()
                if isinstance(each, dict | list | str)
                and re.fullmatch(r"[^.{}\s]{1,80}", key)
                and len(above) < _MOST_DEPTH
            ]
        elif isinstance(value, list):
            objects = [
                {str(place): item for place, item in enumerate(each)} if isinstance(each, list) else each
                for each in value
            ]
            if objects and all(isinstance(each, dict) and each for each in objects):
                yield path, objects, above


def _flat(row: dict[str, Any], levels: int = 2) -> dict[str, Any]:
    """Return a row with what lies in its objects beside it, under dotted keys."""
    deeper = {
        f"{key}.{name}": each
        for key, value in row.items()
        if isinstance(value, dict)
        for name, each in (_flat(value, levels - 1) if levels > 1 else value).items()
    }
    return {**row, **deeper}


def _column(
    objects: list[dict[str, Any]],
    fits: Callable[[Any], object],
    name: re.Pattern[str],
    aside: re.Pattern[str] | None = None,
) -> str:
    """Return the key whose values fit in nearly all objects, best by name, then as it stands first; or ""."""
    counts = {
        key: sum(bool(fits(row.get(key))) for row in objects)
        for key in dict.fromkeys(key for row in objects for key in row)
    }
    good = [key for key, count in counts.items() if count * 10 >= len(objects) * 9]
    good.sort(key=lambda key: (bool(aside and aside.search(key)), not name.search(key.rpartition(".")[2])))
    return good[0] if good else ""


def _is_address(value: Any) -> bool:
    # Moments may be written like paths: /Date(1732752000000)/
    return isinstance(value, str) and _ADDRESS.fullmatch(value.strip()) is not None and not value.startswith("/Date(")


def guess(text: str, *, url: str, zone: ZoneInfo, templates: Sequence[str] = ()) -> Rows | None:
    """Return how a JSON list may be read, by what stands in it; None where no rows with addresses are seen.

    templates: addresses with keys of a row in braces, for rows that hold none themselves.
    """
    value = loaded(text)
    rows = guess_in(value, zone=zone, templates=templates)
    return _onward(paged(rows, url, _count(value, rows)), value, url) if rows else None


def guess_in(value: Any, *, zone: ZoneInfo, templates: Sequence[str] = ()) -> Rows | None:
    """Return where in a value the rows of a list are, and their columns; None where none are seen."""
    best: tuple[int, Rows] | None = None
    for path, objects, above in _lists(value):
        flat = [_flat(row) for row in objects[:100]]
        address = _column(flat, _is_address, _ADDRESS_NAME, _ASIDE_NAME)
        values: set[object] = {row.get(address) for row in flat}
        if not address:
            address = next((each for each in templates if _has_all(flat, each)), "")
            values = {tuple(str(row.get(name)) for name in PLACE.findall(address)) for row in flat}
        if not address or len(values) * 2 <= len(flat):
            continue
        title = _column(flat, lambda v: isinstance(v, str) and len(v) > 3 and not _is_address(v), _TITLE_NAME)
        day = _column(flat, lambda v: day_of(v, zone), _DAY_NAME, _OTHER_DAY_NAME)
        # Menus and banners have addresses too, but no days, and few have so many.
        score = len(objects) + 100 * bool(title and _TITLE_NAME.search(title)) + 100 * bool(day)
        if best is None or score > best[0]:
            total = _total(value, above, len(objects))
            best = score, Rows(rows=path, address=address, title=title, date=day, total=total)
    return best[1] if best else None


def _count(value: Any, rows: Rows) -> int:
    listed = at(value, rows.rows)
    listed = inner(listed) if isinstance(listed, str) else listed
    return len(listed) if isinstance(listed, list | dict) else 0


def _onward(rows: Rows, value: Any, url: str) -> Rows:
    """Return rows with what an answer says of its next page, where no parameter is known to turn them."""
    if rows.page or not isinstance(value, dict):
        return rows
    for path, key, each in _near_top(value):
        if _NEXT_NAME.match(key) and isinstance(each, dict) and _is_address(each.get("href")):
            return replace(rows, next=f"{path}.href", size=0)
        if _NEXT_NAME.match(key) and isinstance(each, str) and _is_address(each) and canonicalize(each, url):
            return replace(rows, next=path, size=0)
        token = _TOKEN_NAME.match(key)
        if token and isinstance(each, str | int) and not isinstance(each, bool) and each:
            # Asked for by the name it has in the address, or else by its own without "next".
            return replace(rows, next=path, page=token[1][:1].lower() + token[1][1:], size=0)
    return rows


def _near_top(value: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for key, each in value.items():
        yield key, key, each
    for key, each in value.items():
        for name, deeper in each.items() if isinstance(each, dict) else ():
            yield f"{key}.{name}", name, deeper


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
                (f"{path}.{key}".lstrip("."), held)
                for key, held in each.items()
                if isinstance(held, dict | str) and re.fullmatch(r"[^.{}\s]{1,80}", key)
            ]
        elif isinstance(each, str) and (links := len(_HREF.findall(each))) > 1 and (not best or links > best[0]):
            best = (links, path)
    return Rows(rows=best[1], address="", markup=True) if best else None


def _has_all(rows: list[dict[str, Any]], template: str) -> bool:
    names = PLACE.findall(template)
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
            waiting += [(f"{path}.{key}".lstrip("."), held) for key, held in each.items() if isinstance(held, dict)]
    return ""


def page_parameter(url: str) -> tuple[str, int] | None:
    """Return the parameter of an address that seems to turn its pages, with its number; pure."""
    numbers = _numbers(url)
    return next(((name, number) for name, number in numbers.items() if _named(_PAGE_NAME, name)), None)


def _numbers(url: str) -> dict[str, int]:
    return {name: int(value) for name, value in parameters(url) if re.fullmatch(r"\d{1,6}", value)}


def _named(pattern: re.Pattern[str], name: str) -> bool:
    # A dollar marks what a protocol has of its own: $skip, $top.
    return pattern.match(name.rpartition(".")[2].removeprefix("$")) is not None


def follows_another(text: str) -> bool:
    """Tell whether an answer says of itself that a page comes before it; pure."""
    value = loaded(text)
    if not isinstance(value, dict):
        return False
    waiting: list[tuple[dict[str, Any], int]] = [(value, 0)]
    while waiting:
        each, depth = waiting.pop()
        for key, held in each.items():
            if (held is False and _FIRST_NAME.match(key)) or (held is True and _BEFORE_NAME.match(key)):
                return True
            if isinstance(held, dict) and depth < _MOST_DEPTH:
                waiting.append((held, depth + 1))
    return False


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
    if named := _IN_NAME.match(url):
        # A file of data for each page; the first one says how it counts.
        way = f"{urlsplit(named[1]).path}{NUMBER}{named[3]}"
        return replace(rows, page=way, first=int(named[2]), size=count)
    return rows
