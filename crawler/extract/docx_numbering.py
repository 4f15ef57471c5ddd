"""The numbers that Word sets before paragraphs, which are nowhere in the text of its files; pure.

Source: ECMA-376, part 1, 17.9 (numbering).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEVELS = 9
_MOST_STYLES = 20
_PLACE = re.compile(r"%([1-9])")
_HAN = "〇一二三四五六七八九"
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
    (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_COUNTING = frozenset(
    {
        "chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting",
        "taiwaneseCountingThousand",
    }
)  # fmt: skip
# Behind these the text goes on without a space.
_CLOSED = "、）】〉》）．"


@dataclass(slots=True)
class _Level:
    kind: str = "decimal"
    text: str = ""
    start: int = 1
    space: bool = True
    plain: bool = False


@dataclass(slots=True)
class _List:
    """One list of a document: its levels, by their depth, and how far each has counted."""

    levels: dict[int, _Level] = field(default_factory=dict)
    counted: list[int | None] = field(default_factory=lambda: [None] * _LEVELS)


class Numbering:
    """Counts the numbered paragraphs of one document, asked for each in its order."""

    def __init__(self, numbers: etree._Element | None, styles: etree._Element | None) -> None:
        self._lists: dict[str, _List] = {}
        self._list_of: dict[str, str] = {}
        self._restarts: dict[str, dict[int, int]] = {}
        self._styles: dict[str, tuple[str | None, int | None, str]] = {}
        for each in () if numbers is None else numbers.iterfind(f"{_W}abstractNum"):
            self._lists[_value(each, "abstractNumId")] = _List(
                levels={_number(_value(level, "ilvl"), 0): _level(level) for level in each.iterfind(f"{_W}lvl")}
            )
        for each in () if numbers is None else numbers.iterfind(f"{_W}num"):
            name = _value(each, "numId")
            self._list_of[name] = _val(each, "abstractNumId")
            self._restarts[name] = {
                _number(_value(change, "ilvl"), 0): _number(_val(change, "startOverride"), 1)
                for change in each.iterfind(f"{_W}lvlOverride")
                if change.find(f"{_W}startOverride") is not None
            }
        for style in () if styles is None else styles.iterfind(f"{_W}style"):
            self._styles[_value(style, "styleId")] = (*_asked(style.find(f"{_W}pPr")), _val(style, "basedOn"))

    def before(self, paragraph: etree._Element) -> str:
        """Return what stands before a paragraph's text, with the space behind it; empty where nothing does."""
        properties = paragraph.find(f"{_W}pPr")
        name, depth = _asked(properties)
        style = "" if properties is None else _val(properties, "pStyle")
        for _ in range(_MOST_STYLES):
            if name is not None or style not in self._styles:
                break
            name, at, style = self._styles[style]
            depth = at if depth is None else depth
        counted = self._lists.get(self._list_of.get(name or "0", ""))
        depth = depth or 0
        if counted is None or depth not in counted.levels or depth >= _LEVELS:
            return ""
        for at, start in self._restarts.pop(name or "", {}).items():
            if at < _LEVELS:
                counted.levels[at].start = start
                counted.counted[at] = None
        level = counted.levels[depth]
        now = counted.counted[depth]
        counted.counted[depth] = level.start if now is None else now + 1
        counted.counted[depth + 1 :] = [None] * (_LEVELS - depth - 1)
        if level.kind in ("bullet", "none"):
            return ""
        text = _PLACE.sub(lambda match: self._shown(counted, int(match[1]) - 1, plain=level.plain), level.text)
        return f"{text} " if text and level.space and text[-1] not in _CLOSED else text

    @staticmethod
    def _shown(counted: _List, depth: int, *, plain: bool) -> str:
        level = counted.levels.get(depth)
        if level is None:
            return ""
        number = counted.counted[depth]
        return written(level.start if number is None else number, "decimal" if plain else level.kind)


def written(number: int, kind: str) -> str:
    """Return a number as a list of a kind shows it; in figures where the kind is not known; pure.

    >>> written(12, "chineseCounting"), written(3, "upperLetter"), written(4, "lowerRoman")
    ('十二', 'C', 'iv')
    """
    if kind in _COUNTING and 0 < number < 100:
        tens, ones = divmod(number, 10)
        return (_HAN[tens] if tens > 1 else "") + ("十" if tens else "") + (_HAN[ones] if ones else "")
    if kind == "ideographDigital":
        return "".join(_HAN[int(digit)] for digit in str(number))
    if kind in ("upperLetter", "lowerLetter") and 0 < number <= 26 * _LEVELS:
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter.upper() if kind == "upperLetter" else letter
    if kind in ("upperRoman", "lowerRoman") and 0 < number < 4000:
        roman = ""
        for value, letters in _ROMAN:
            count, number = divmod(number, value)
            roman += letters * count
        return roman.upper() if kind == "upperRoman" else roman
    if kind in ("decimalEnclosedCircle", "decimalEnclosedCircleChinese") and 0 < number <= 20:
        return chr(ord("①") + number - 1)
    return f"{number:02d}" if kind == "decimalZero" else str(number)


def _level(element: etree._Element) -> _Level:
    return _Level(
        kind=_val(element, "numFmt") or "decimal",
        text=_val(element, "lvlText"),
        start=_number(_val(element, "start"), 1),
        space=_val(element, "suff") != "nothing",
        plain=element.find(f"{_W}isLgl") is not None,
    )


def _asked(properties: etree._Element | None) -> tuple[str | None, int | None]:
    """Return the list that a paragraph or style asks for, and the depth in it."""
    asked = None if properties is None else properties.find(f"{_W}numPr")
    if asked is None:
        return None, None
    return _val(asked, "numId") or None, _number(_val(asked, "ilvl"), 0)


def _value(element: etree._Element, name: str) -> str:
    return element.get(f"{_W}{name}") or ""


def _val(element: etree._Element, child: str) -> str:
    found = element.find(f"{_W}{child}")
    return "" if found is None else _value(found, "val")


def _number(text: str, otherwise: int) -> int:
    number = int(text) if text.isdecimal() and len(text) < 7 else otherwise
    return number
