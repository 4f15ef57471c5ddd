"""From the addresses of some documents to the pattern of them all: numbers and days vary, words stay; pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from spiders.patterns import found

# Up to so many kinds of addresses get a pattern each; more become one pattern with the differing parts open.
MOST_PATTERNS = 3
# Fewer addresses cannot show that a number is the same in all of them for a reason.
TELLING_ROWS = 3
# What a source file may hold.
LONGEST_PATTERN = 500
# More than these on one list are no years but numbers that look like them.
MOST_YEARS = 4

_ANY_YEAR = r"\d{4}"
_OPEN = "[^/]+"
_NUMBER = r"\d+"
# So many digits of a document's own number do not come to stand before it by chance.
_TELLING_DIGITS = 3

_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]{2,}|(?:%[0-9A-F]{2})+")
_NAME_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$")
_CODE = re.compile(r"[0-9A-Za-z]{8,}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# A word may stand before a code: art_8b3a0e4f2c6d4f0c9a1d5f7e8b9c0d1e
_PREFIXED = re.compile(r"([A-Za-z]{1,20}[_-])([0-9A-Za-z]{16,})")
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
        """What the last piece is: "code" (after a word: "art_*"), "name", or its letters with 0 for each number."""
        if _is_code(self.stem):
            return "code"
        if (coded := _PREFIXED.fullmatch(self.stem)) and _is_code(coded[2]):
            return f"{coded[1]}*"
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
        return (
            self.kind == "code"
            or self.kind.endswith("*")
            or any(_DIGITS.search(text) for text in (self.stem, *dict(self.query).values()))
        )

    @property
    def dated(self) -> bool:
        """Whether a year and month, or a day, stand in its path."""
        return any(day not in ("", _NUMBER) for _, day in _tokens((*self.folders, self.stem)))


def _is_code(text: str) -> bool:
    return _CODE.fullmatch(text) is not None and ("-" in text or len(_SWITCH.findall(text)) > 2)


def _tokens(pieces: Sequence[str]) -> list[tuple[str, str]]:
    """Return the numbers and what stands between them, each with a pattern if it is (part of) a day."""
    tokens: list[tuple[str, str]] = []
    room = 0
    for token in re.findall(r"\d+|/|[^\d/]+", "/".join(pieces)):
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
    return _shelved(tokens)


def _shelved(tokens: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Mark folders that only repeat the beginning of the number after them: /4/4567/post_4567100.html."""
    out = list(tokens)
    after = ""
    for place in range(len(tokens) - 1, -1, -1):
        token, pattern = tokens[place]
        if not token.isdigit():
            continue
        next_one = out[place + 2][1] if place + 2 < len(out) else ""
        repeats = after.startswith(token) and after != token
        if repeats and not pattern and (len(token) >= _TELLING_DIGITS or next_one == _NUMBER):
            out[place] = (token, _NUMBER)
        after = token
    return out


def _literal(text: str) -> str:
    return re.sub(r"([.^$*+?{}\[\]\\|()])", r"\\\1", text)


def _of_tokens(column: Sequence[tuple[str, str]]) -> str:
    """Return the pattern of tokens at one place: a day, a number, or letters."""
    values, days = {token for token, _ in column}, {day for _, day in column}
    first, day = column[0]
    if len(values) == 1 and not first.isdigit():
        return _literal(first)
    if not first.isdigit():
        return re.sub(r"[A-Za-z]+|[^A-Za-z]+", lambda m: "[A-Za-z]+" if m[0].isalpha() else _literal(m[0]), first)
    if len(days) == 1 and day and not (day == _ANY_YEAR and len(values) > MOST_YEARS):
        return day
    return first if len(values) == 1 and len(column) >= TELLING_ROWS else r"\d+"


def _of_paths(paths: Sequence[Sequence[str]]) -> list[str]:
    """Return the pattern of each piece of paths, as far down as all go; what differs in form is left open."""
    rows: list[list[list[tuple[str, str]]]] = []
    for path in paths:
        row: list[list[tuple[str, str]]] = [[]]
        for text, day in _tokens(path):
            if text == "/":
                row.append([])
            else:
                row[-1].append((text, day))
        rows.append(row)
    out = []
    # As far as the shortest goes.
    for column in zip(*rows, strict=False):
        if len({_skeleton("".join(token for token, _ in piece)) for piece in column}) > 1:
            out.append(_OPEN)
        elif len({len(piece) for piece in column}) == 1 and _agree(column):
            out.append("".join(_of_tokens(tokens) for tokens in zip(*column, strict=True)))
        else:
            out.append(_OPEN)
    return out


def _agree(column: Sequence[Sequence[tuple[str, str]]]) -> bool:
    """Tell whether pieces of one skeleton differ in numbers, or in letters beside numbers, but not in plain words."""
    words = {"".join("0" if token.isdigit() else token for token, _ in piece) for piece in column}
    return len(words) == 1 or all(any(token.isdigit() for token, _ in piece) for piece in column)


def _skeleton(text: str) -> str:
    """Return a text with 0 for each number and a for each run of letters."""
    return _DIGITS.sub("0", re.sub(r"[A-Za-z]+", "a", text))


def _of_names(addresses: Sequence[Address], beside: Collection[str], *, before: str, after: str) -> str:
    """Return the pattern of last pieces that are words, with as many hyphens as keep out what stands beside."""
    fewest = {mark: min(address.stem.count(mark) for address in addresses) for mark in "-_"}
    mark = "-" if fewest["-"] >= fewest["_"] else "_"
    # Without a query: one would make the list's own pages documents.
    loose = r"[^/?]*[^/?\d][^/?]*"
    loose = loose if not addresses[0].ending else f"(?!index|default){loose}"
    if all(any(day not in ("", _NUMBER) for _, day in _tokens(address.folders)) for address in addresses):
        # Nothing but documents lies in the folder of a day.
        return loose
    choices = [loose] if fewest[mark] == 0 else []
    choices += [
        rf"[^/?{mark}]*(?:{mark}[^/?{mark}]*){'+' if least == 1 else f'{{{least},}}'}"
        for least in range(1, 3)
        if least <= fewest[mark]
    ]
    choices = choices or [loose]
    for choice in choices:
        whole = re.compile(before + choice + after)
        if not any(whole.search(_target(url)) for url in beside):
            return choice
    return choices[-1]


def _target(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _parameter(name: str, addresses: Sequence[Address]) -> str:
    if not any(re.search(rf"[?&]{re.escape(name)}=", address.url) for address in addresses):
        return _literal(name)
    return f"{_literal(name)}={_values(name, addresses)}"


def _values(name: str, addresses: Sequence[Address]) -> str:
    values = [dict(address.query)[name] for address in addresses]
    if len(set(values)) == 1 and (len(values) >= TELLING_ROWS or not values[0].isdigit()):
        return _literal(values[0])
    return r"\d+" if all(value.isdigit() for value in values) else "[^&]+"


def _folders(addresses: Sequence[Address]) -> str:
    """Return the pattern of the folders, with a slash at both ends."""
    if len({len(address.folders) for address in addresses}) == 1:
        # With the last piece, since a folder may repeat how its number begins.
        pieces = _of_paths([(*address.folders, address.stem) for address in addresses])[:-1]
        return "/" + "".join(f"{piece}/" for piece in pieces)
    pieces = _of_paths([address.folders for address in addresses]) if all(a.folders for a in addresses) else []
    shared = pieces[: pieces.index(_OPEN)] if _OPEN in pieces else pieces
    return "/" + "".join(f"{piece}/" for piece in shared) + "(?:[^/]+/)*"


def _are_numbered_alike(addresses: Sequence[Address]) -> bool:
    """Tell whether names differ in a number only: ``art_zcwj_4107``, ``art_zcwj_4120``; the words are no titles."""
    skeletons = {_DIGITS.sub("0", address.stem) for address in addresses}
    numbers = {tuple(_DIGITS.findall(address.stem)) for address in addresses}
    return len(skeletons) == 1 and len(addresses) >= TELLING_ROWS and len(numbers) == len(addresses)


def _pattern(addresses: Sequence[Address], beside: Collection[str]) -> str:
    first = addresses[0]
    query = r"\?" + "&".join(_parameter(n, addresses) for n, _ in first.query) if first.query else ""
    after = f"{_literal(first.ending)}{'/' if first.slash else ''}{query}$"
    before = "^" + _folders(addresses)
    if first.kind == "code" or first.kind.endswith("*"):
        word = first.kind[:-1] if first.kind.endswith("*") else ""
        least = min(len(address.stem) for address in addresses) - len(word)
        dash = "-" if any("-" in address.stem.removeprefix(word) for address in addresses) else ""
        return f"{before}{_literal(word)}[0-9A-Za-z{dash}]{{{least},}}{after}"
    if first.kind == "name" and not _are_numbered_alike(addresses):
        return before + _of_names(addresses, beside, before=before, after=after) + after
    # A number alone is no day, though it may stand where one could: /2024-05/7.html
    if first.kind == "0" or len({len(address.folders) for address in addresses}) > 1:
        return before + _of_paths([(address.stem,) for address in addresses])[0] + after
    # Together, since a day may be spread over folders and the last piece.
    return before + _of_paths([(*address.folders, address.stem) for address in addresses])[-1] + after


def matches(pattern: str, url: str) -> bool:
    """Tell whether a pattern takes an address, as ``Source.is_document`` would; pure."""
    return found(pattern, _target(url))


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
    _fold_letters(forms)
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


def _fold_letters(forms: dict[tuple[object, ...], list[Address]]) -> None:
    """Count addresses that differ in a word beside their number as one kind, where there are too many kinds.

    As in ``orders20240501a.htm`` and ``enforcement20240502b.htm``.
    """
    alike: dict[tuple[object, ...], list[tuple[object, ...]]] = defaultdict(list)
    for form in forms:
        if form[0] not in ("name", "code") and "0" in str(form[0]):
            alike[_skeleton(str(form[0])), *form[1:]].append(form)
    for kinds in alike.values():
        if len(kinds) > MOST_PATTERNS or any(len(forms[kind]) == 1 for kind in kinds[1:]):
            for kind in kinds[1:]:
                forms[kinds[0]].extend(forms.pop(kind))
