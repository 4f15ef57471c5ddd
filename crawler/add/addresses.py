"""From the addresses of some documents to the pattern of them all: numbers and days vary, words stay; pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

# Up to so many kinds of addresses get a pattern each; more become one pattern with the differing parts open.
MOST_PATTERNS = 3
# Fewer addresses cannot show that a number is the same in all of them for a reason.
TELLING_ROWS = 3
# What a source file may hold.
LONGEST_PATTERN = 500
# More than these on one list are no years but numbers that look like them.
MOST_YEARS = 4

_ANY_YEAR = r"\d{4}"

_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]{2,}|(?:%[0-9A-F]{2})+")
_NAME_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$")
_CODE = re.compile(r"[0-9A-Za-z]{8,}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SWITCH = re.compile(r"(?<=\d)(?=[A-Za-z])|(?<=[A-Za-z])(?=\d)")
_WHOLE_DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-3]\d)?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_MONTH_AND_DAY = re.compile(r"(?:0[1-9]|1[0-2])[0-3]\d")
_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gob", "gouv", "gov", "mil", "ne", "net", "or", "org"})


def site_of(host: str) -> str:
    """Return the part of a host name that belongs to one body: ``stats.example.gov.cn`` -> ``example.gov.cn``.

    Pure.  Numbers stay whole, as does a host that is a public suffix itself, such as ``www.gov.cn``.
    """
    name = host.partition(":")[0] if not host.startswith("[") else host
    labels = name.split(".")
    if labels[-1].isdigit() or name.startswith("["):
        return host
    suffix = 2 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 1
    return ".".join(labels[-suffix - 1 :])


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """The pieces of one address.

    folders: the path down to the last piece.  stem, ending: of the last piece; ``slash``: one follows it.
    """

    url: str
    folders: tuple[str, ...]
    stem: str
    ending: str
    slash: bool
    query: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, url: str) -> Address:
        """Return the pieces of an absolute, canonical address."""
        parts = urlsplit(url)
        pieces = parts.path.split("/")[1:] or [""]
        slash = len(pieces) > 1 and pieces[-1] == ""
        *folders, last = pieces[:-1] if slash else pieces
        ending = _NAME_ENDING.search(last)
        pairs = (pair.partition("=") for pair in parts.query.split("&") if pair)
        return cls(
            url=url,
            folders=tuple(folders),
            stem=last[: ending.start()] if ending else last,
            ending=ending[0] if ending else "",
            slash=slash,
            query=tuple((name, value) for name, _, value in pairs),
        )

    @property
    def kind(self) -> str:
        """What the last piece is: "code", "name", or its letters with 0 for each number."""
        if _is_code(self.stem):
            return "code"
        if self.query or (_DIGITS.search(self.stem) and len(_WORD.findall(self.stem)) < 2):
            return _DIGITS.sub("0", self.stem)
        return "name"

    @property
    def form(self) -> tuple[object, ...]:
        """What addresses of one kind have in common wherever they lie."""
        return (self.kind, self.ending, self.slash, tuple(name for name, _ in self.query))

    @property
    def section(self) -> tuple[object, ...]:
        """What addresses of one kind in one section have in common."""
        return (tuple(_DIGITS.sub("0", folder) for folder in self.folders), self.form)

    @property
    def numbered(self) -> bool:
        """Whether a number, a code or a name of several words tells it from others of its kind."""
        if self.kind == "name":
            return bool(self.dated or len(re.findall(r"[-_]", self.stem)) > 1)
        return self.kind == "code" or any(_DIGITS.search(text) for text in (self.stem, *dict(self.query).values()))

    @property
    def dated(self) -> bool:
        """Whether a year and month, or a day, stand in its path."""
        return any(day for _, day in _tokens((*self.folders, self.stem)))


def _is_code(text: str) -> bool:
    return _CODE.fullmatch(text) is not None and ("-" in text or len(_SWITCH.findall(text)) > 2)


def _tokens(pieces: Sequence[str]) -> list[tuple[str, str]]:
    """Return the numbers and what stands between them, each with a pattern if it is (part of) a day."""
    tokens: list[tuple[str, str]] = []
    room = 0
    for token in re.findall(r"\d+|\D+", "/".join(pieces)):
        pattern = ""
        if not token.isdigit():
            # A month stands right after its year, as in 2024-05/16 or 2024/5/16.
            room = room if re.fullmatch(r"[-_/.]", token) else 0
        elif _WHOLE_DAY.fullmatch(token):
            pattern, room = rf"\d{{{len(token)}}}", 1 if len(token) == 6 else 0
        elif _YEAR.fullmatch(token):
            pattern, room = _ANY_YEAR, 2
        elif room and len(token) < 3 and 1 <= int(token) <= 31:
            pattern, room = r"\d{1,2}", room - 1
        elif room == 2 and _MONTH_AND_DAY.fullmatch(token):
            pattern, room = r"\d{4}", 0
        else:
            room = 0
        tokens.append((token, pattern))
    return tokens


def _literal(text: str) -> str:
    return re.sub(r"([.^$*+?{}\[\]\\|()])", r"\\\1", text)


def _of_texts(texts: Sequence[str]) -> str:
    """Return the pattern of pieces that differ in numbers only."""
    pieces: list[str] = []
    for column in zip(*(_tokens((text,)) for text in texts), strict=True):
        values, days = {token for token, _ in column}, {day for _, day in column}
        token, day = column[0]
        if not token.isdigit():
            pieces.append(_literal(token))
        elif len(days) == 1 and day and not (day == _ANY_YEAR and len(values) > MOST_YEARS):
            pieces.append(day)
        elif len(values) == 1 and len(column) >= TELLING_ROWS:
            pieces.append(token)
        else:
            pieces.append(r"\d+")
    return "".join(pieces)


def _of_names(addresses: Sequence[Address], beside: Collection[str], *, before: str, after: str) -> str:
    """Return the pattern of last pieces that are words, with as many hyphens as keep out what stands beside."""
    fewest = {mark: min(address.stem.count(mark) for address in addresses) for mark in "-_"}
    mark = "-" if fewest["-"] >= fewest["_"] else "_"
    loose = r"[^/]*[^/\d][^/]*" if not addresses[0].ending else r"(?!index|default)[^/]*[^/\d][^/]*"
    dated = all(any(day for _, day in _tokens(address.folders)) for address in addresses)
    choices = [loose] if fewest[mark] == 0 or dated else []
    choices += [rf"[^/{mark}]*(?:{mark}[^/{mark}]*){{{least},}}" for least in range(1, 3) if least <= fewest[mark]]
    choices = choices or [loose]
    for choice in choices:
        whole = re.compile(before + choice + after)
        if not any(whole.search(_target(url)) for url in beside):
            return choice
    return choices[-1]


def _target(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _values(name: str, addresses: Sequence[Address]) -> str:
    values = [dict(address.query)[name] for address in addresses]
    if len(set(values)) == 1 and (len(values) >= TELLING_ROWS or not values[0].isdigit()):
        return _literal(values[0])
    return r"\d+" if all(value.isdigit() for value in values) else "[^&]+"


def _folders(addresses: Sequence[Address]) -> str:
    """Return the pattern of the folders, with a slash at both ends."""
    if len({len(address.folders) for address in addresses}) > 1:
        shared = []
        for pieces in zip(*(address.folders for address in addresses), strict=False):
            if len(set(pieces)) > 1:
                break
            shared.append(_literal(pieces[0]))
        return "/" + "".join(f"{piece}/" for piece in shared) + "(?:[^/]+/)*"
    out = "/"
    for place in range(len(addresses[0].folders)):
        pieces = tuple(address.folders[place] for address in addresses)
        shapes = {_DIGITS.sub("0", piece) for piece in pieces}
        out += (_of_texts(pieces) if len(shapes) == 1 else "[^/]+") + "/"
    return out


def _pattern(addresses: Sequence[Address], beside: Collection[str]) -> str:
    first = addresses[0]
    # Together, since a day may be spread over folders and the last piece.
    same = {(tuple(_DIGITS.sub("0", f) for f in a.folders), a.kind) for a in addresses}
    query = r"\?" + "&".join(f"{_literal(n)}={_values(n, addresses)}" for n, _ in first.query) if first.query else ""
    after = f"{_literal(first.ending)}{'/' if first.slash else ''}{query}$"
    if first.kind not in ("name", "code") and len(same) == 1:
        whole = _of_texts(["/".join((*address.folders, address.stem)) for address in addresses])
        return f"^/{whole}{after}"
    dated = _of_texts(["/".join(address.folders) for address in addresses]) if len(same) == 1 else None
    before = "^" + (f"/{dated}/" if dated else _folders(addresses) if dated is None else "/")
    if first.kind == "code":
        least = min(len(address.stem) for address in addresses)
        dash = "-" if any("-" in address.stem for address in addresses) else ""
        return f"{before}[0-9A-Za-z{dash}]{{{least},}}{after}"
    if first.kind == "name":
        return before + _of_names(addresses, beside, before=before, after=after) + after
    return before + _of_texts([address.stem for address in addresses]) + after


def matches(pattern: str, url: str) -> bool:
    """Tell whether a pattern takes an address, as ``Source.is_document`` would; pure."""
    return re.search(pattern, _target(url)) is not None


def patterns(urls: Iterable[str], *, beside: Collection[str] = ()) -> tuple[str, ...]:
    """Return patterns that take documents like these: the section stays, numbers, days and titles vary.

    Pure.  An address that is like no other of several is taken for a stray link.

    urls: absolute and canonical.  beside: addresses near them that are no such documents; they decide how
        narrow a pattern must be where the addresses alone do not.
    """
    addresses = [Address.read(url) for url in dict.fromkeys(urls)]
    forms: dict[tuple[object, ...], list[Address]] = defaultdict(list)
    for address in addresses:
        forms[address.form].append(address)
    _fold_single_names(forms)
    kept = [members for members in forms.values() if len(members) > 1 or len(addresses) < TELLING_ROWS]
    out: list[str] = []
    for members in sorted(kept, key=len, reverse=True)[:MOST_PATTERNS]:
        sections: dict[tuple[object, ...], list[Address]] = defaultdict(list)
        for address in members:
            sections[address.section[:1]].append(address)
        together = _pattern(members, beside)
        # Each on its own while they are few, or where what they share would take in what stands beside.
        if len(sections) <= MOST_PATTERNS or (
            len(sections) <= 3 * MOST_PATTERNS and any(matches(together, url) for url in beside)
        ):
            out.extend(_pattern(each, beside) for each in sections.values())
        else:
            out.append(together)
    return tuple(dict.fromkeys(pattern for pattern in out if len(pattern) <= LONGEST_PATTERN))


def _fold_single_names(forms: dict[tuple[object, ...], list[Address]]) -> None:
    """Count a name with a number in it, such as ``budget-2024``, with the names around it."""
    counts = Counter({form: len(members) for form, members in forms.items()})
    for form, members in list(forms.items()):
        names = ("name", *form[1:])
        if len(members) == 1 and form != names and counts[names] > 1 and _WORD.search(members[0].stem):
            forms[names].extend(forms.pop(form))
