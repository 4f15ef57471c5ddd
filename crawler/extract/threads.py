"""What readers wrote about a document, told by its form: who and when, and a few words, again and again; pure.

Boxes of comments are called a thousand names, or none; that each says who wrote it at which time of day, and that
several stand side by side, is the same everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lxml import html

from crawler.extract import wording
from crawler.extract.flow import Line, is_sentence, weight
from crawler.extract.furniture import is_comments_head

_FEWEST_POSTS = 2
_POST_LINES = 10
_POST_WEIGHT = 1_200
_STAMP_CHARS = 80
_STAMP_PLACES = 3
_NAME_LETTERS = 40
_HEAD_WEIGHT = 60
_HEAD_LINES = 3
_MOST = 2

_LETTERS = re.compile(r"[\W_\d]+")
_MOMENT = re.compile(
    wording.CLOCK_TIME.pattern
    + r"|\d{1,2}\s?(?:秒|分钟|小时|天|周|个月|年)前|昨天|前天|刚刚"
    + r"|\b(?:\d{1,2}|an?)\s(?:seconds?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?)\sago\b|"
    r"\byesterday\b|\bjust now\b",
    re.IGNORECASE,
)
# What heads readers' words, and parts of documents as well: believed above what has the form of a thread.
_READERS = re.compile(
    r"^.{0,24}(?:comments?|replies|responses|reactions|conversation|discussion|debate|your (?:say|views|thoughts)|"
    r"readers?|opinions|评论|留言|跟帖|跟贴|讨论|热议|网友|读者|回复|互动|大家说).{0,16}$",
    re.IGNORECASE,
)
_KNOB = re.compile(r"^(?:回复|回应|赞|顶|踩|支持|反对|举报|reply|like|report|upvote|recommend|flag)\b", re.IGNORECASE)


def threads(lines: Sequence[Line], held: Mapping[html.HtmlElement, Sequence[int]]) -> list[html.HtmlElement]:
    """Return the boxes of readers' comments, the box around them where it holds nothing else.

    Pure.  A page that says far less beside them is about them, a talk written down as it went: then none, unless a
    line right above says that they are comments.

    held: for each element, the places of the lines in it.
    """
    groups: dict[tuple[html.HtmlElement, str], list[html.HtmlElement]] = {}
    for element, places in held.items():
        if 2 <= len(places) <= _POST_LINES and element.tag not in ("tr", "td", "th", "p", "table", "tbody"):
            groups.setdefault((element.getparent(), element.tag), []).append(element)
    # Counted once: a page may have thousands of such groups.
    prose = sum(line.weight for line in lines if line.is_prose)
    found: list[html.HtmlElement] = []
    for (parent, _), group in groups.items():
        if len(group) < _FEWEST_POSTS:
            continue
        start = min(held[group[0]])
        above = lines[max(0, start - _HEAD_LINES) : start]
        headed = any(is_comments_head(line) or _READERS.match(line.text) for line in above)
        posts = [element for element in group if _is_post([lines[place] for place in held[element]], headed=headed)]
        if len(posts) < _FEWEST_POSTS:
            continue
        inside = {place for element in posts for place in held[element]}
        said = sum(lines[place].weight for place in inside)
        rest = prose - sum(lines[place].weight for place in inside if lines[place].is_prose)
        if said > _MOST * rest and not headed:
            continue
        beside = [lines[place] for place in held.get(parent, ()) if place not in inside]
        alone = parent in held and all(line.weight <= _HEAD_WEIGHT and not line.is_prose for line in beside)
        found.extend([parent] if alone and parent.tag not in ("body", "html") else posts)
    return found


def _is_post(said: Sequence[Line], *, headed: bool) -> bool:
    """Tell whether the lines of a box say who wrote when, in a line or two, and then what.

    headed: a line above speaks of readers, so that a name on a line of its own is no heading.
    """
    if sum(line.weight for line in said) > _POST_WEIGHT or any(line.element.tag in ("h1", "h2") for line in said):
        return False
    for place, line in enumerate(said[:_STAMP_PLACES]):
        if len(line.text) > _STAMP_CHARS or is_sentence(line.text) or not _MOMENT.search(line.text):
            continue
        bare = _MOMENT.sub(" ", wording.DATE.sub(" ", line.text))
        name = _LETTERS.sub("", bare)
        if name and weight(name) <= _NAME_LETTERS:
            return len(said) > 1
        # The name on a line of its own is told from a heading by what readers may do with a comment.
        other = [each for each in said[:_STAMP_PLACES] if each is not line and each.weight <= _NAME_LETTERS]
        knobs = any(_KNOB.match(each.text) for each in said[place + 1 :])
        return bool(other) and not name and (knobs or headed) and len(said) > 2
    return False
