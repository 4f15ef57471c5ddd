"""The number under which a document was issued, where a page gives it without a label; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from crawler.extract.flow import Line, spread, squeeze

_NUMBER = re.compile(r"([\u4e00-\u9fff]{1,20}\s?[〔［\[（(【]\s?(?:19|20)\d{2}\s?[〕］\])）】]\s?第?\s?\d{1,5}\s?号)")
# Beside it, on paper, stands who signed; of an answer to a deputy, how far it goes.
_LONE_NUMBER = re.compile(
    "^" + _NUMBER.pattern + r"(?:\s{1,40}签发人?\s?[:：].{1,40}|\s{0,9}[（(]?[A-DＡ-Ｄ]类?[）)]?)?$"
)
_BEFORE_TITLE = re.compile(
    "^(?:" + _NUMBER.pattern + r"|([\u4e00-\u9fff]{2,20}(?:令|公告|通告)\s?(?:(?:19|20)\d{2}年)?第\s?\d{1,5}\s?号))"
    r"(?=[\s（(]|$)"
)
_BEHIND_TITLE = re.compile(
    r"(?:通知|意见|决定|公告|通告|批复|函|办法|规定|方案|规划|细则|条例|报告|纲要|指南|标准|通报|命令|决议|复函|措施)"
    r"\s?[（(\[【]?" + _NUMBER.pattern + r"[）)\]】]?$"
)
_IN_BRACKETS = re.compile(r"[（(\[【]" + _NUMBER.pattern + r"[）)\]】]$")
# In Macau the number comes first, and the kind of act is part of it.
_NUMBER_FIRST = re.compile(r"^第\s?\d{1,4}/(?:19|20)\d{2}[号號][\u4e00-\u9fff]{2,14}$")
# What speaks of a document gives its number, not one of its own.
_SPEAKS_OF = re.compile(
    r"^[【\[]?(?:一图|图解|图文|解读|政策解读|文字解读|读懂|漫画|视频)|(?:解读|问答|解答|答记者问|起草说明)\s?[（(\[【]"
)
# "令" and its number are often set on two lines.
_DECREE = re.compile(r"^[\u4e00-\u9fff][\u4e00-\u9fff \u3000、]{1,30}(?:令|公告)$")
_YEAR_OR_ORDINAL = r"(?:(?:(?:19|20)\d{2}年)?第|[〔［\[（(【]\s?(?:19|20)\d{2}\s?[〕］\])）】]\s?第?)"
_ORDINAL = _YEAR_OR_ORDINAL + r"\s?[\d一二三四五六七八九十百〇零]{1,6}\s?号"
_LONE_ORDER = re.compile(rf"^[（(]?\s?{_ORDINAL}\s?[）)]?$")
# In brackets after other words it may as well be the issue of a magazine or the number of a lecture.
_ORDER = re.compile(
    r"^((?:[\u4e00-\u9fff]{2,20}[ \u3000、]){0,3}"
    rf"(?:(?:[\u4e00-\u9fff]{{2,20}})?(?:令|公告)?\s?{_ORDINAL}"
    rf"|(?:(?:[\u4e00-\u9fff]{{2,20}})?(?:令|公告))?\s?[（(]\s?{_ORDINAL}\s?[）)]))$"
)


_DAY = re.compile(r"\d{4}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}")

# The number of a press release, which no text begins with.
_RELEASE = re.compile(r"^(?:No\.?\s?)?(?:19|20)\d{2}\s?[-–/]\s?\d{1,5}$", re.IGNORECASE)


def is_number_line(text: str) -> bool:
    """Tell whether a line holds a document number and nothing else; pure."""
    text = text.strip("（）() ")
    return bool(_LONE_NUMBER.match(text) or _ORDER.match(text) or _RELEASE.match(text))


def is_decree_line(text: str, below: str) -> bool:
    """Tell whether a line is the first half of a number set on two lines; pure."""
    return bool(_DECREE.match(text) and _LONE_ORDER.match(below))


def _pieces(line: Line) -> list[str]:
    """Return the texts that elements set apart in a line with a day, else the line; pure."""
    return spread(line).split("  ") if _DAY.search(line.text) else [line.text]


def number_of(lines: Iterable[Line]) -> str | None:
    """Return the number that one of the lines holds alone, in one line or two; pure."""
    decree = ""
    for text in (piece.strip("（）() ") for line in lines for piece in _pieces(line)):
        if (match := _LONE_NUMBER.match(text)) or (match := _ORDER.match(text)):
            return f"{squeeze(decree)}{match[1]}" if decree and _LONE_ORDER.match(text) else match[1]
        decree = text if _DECREE.match(text) else ""
    return None


def number_in_title(title: str) -> str | None:
    """Return the number with which a title begins or ends; one amid it is another document's; pure.

    >>> number_in_title("示例省财政厅关于预算公开的通知（示财预〔2024〕5号）")
    '示财预〔2024〕5号'
    """
    if match := _BEFORE_TITLE.match(title):
        return match[1] or match[2]
    if _NUMBER_FIRST.match(title):
        return title
    if _SPEAKS_OF.search(title):
        return None
    match = _BEHIND_TITLE.search(title) or _IN_BRACKETS.search(title)
    return match[1] if match else None
