"""The lines of one page, and which of them are its document; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import attrgetter

from cssselect import SelectorError
from lxml import html

from crawler.extract import labels
from crawler.extract.boxes import in_furniture
from crawler.extract.choose import choose, elect, twins, votes
from crawler.extract.flow import Line, fold, is_sentence, lines_of, squeeze
from crawler.extract.furniture import (
    form_of,
    is_comments_head,
    is_related_head,
    place_of,
)
from crawler.extract.numbers import is_number_line
from crawler.extract.pager import ATTACHMENT_WORD, file_link
from crawler.extract.rules import Rules
from crawler.extract.signature import copied_below, signed_below
from crawler.extract.wording import LEAD, PLAYER
from spiders.errors import SourceError
from storage.model import BlockKind

_NEAR_LINES = 12
_OUTSIDE_CHARS = 20_000
_KNOB_PLACES = frozenset({"navigation", "share"})
# As long a tool may be beside a heading that is shorter, and so much must be left of one.
_KNOB_CHARS = 8
_FEWEST_HEADING_CHARS = 2
_TITLE_LINES = 4
_TITLE_NAME = re.compile(r"(?:^|[\s_-])(?:title|tit|bt|biaoti|headline|heading)(?:$|[\s_-])|[a-z]Title\b|title$")


_REMARK_ON_ACT = re.compile(r"^\([A-Z][^()]{3,40}\)$")
_DAY_OF_ACT = re.compile(r"^of \d{1,2} [A-Z][a-z]{2,8} \d{4}$")


def selected(tree: html.HtmlElement, selectors: Sequence[str]) -> list[html.HtmlElement]:
    """Return the elements that CSS selectors name.

    Raises SourceError for what is no selector.
    """
    try:
        return [element for selector in selectors for element in tree.cssselect(selector)]
    except SelectorError as error:
        raise SourceError(f"not a CSS selector: {error}") from error


class Page:
    """The lines of one page and what is known of each while its blocks are made."""

    def __init__(self, shell: html.HtmlElement, url: str, rules: Rules, titles: frozenset[str]) -> None:
        self.url = url
        _take_knobs_from_headings(shell)
        self.lines = lines_of(shell)
        self.paths = [_path(line.element, shell) for line in self.lines]
        self.boxed = in_furniture(self.lines, self.paths, titles)
        voted = votes(self.lines, self.paths, self.boxed)
        self.voted = elect(self.lines, self.boxed, voted, titles)
        self.container, self.decided = choose(self.lines, self.paths, self.boxed, self.voted)
        holders = set(selected(shell, rules.keep))
        if not holders and self.container is not None:
            holders = {self.container}
        elif holders and self.container is None:
            self.container = shell
        self.inside = [place for place, path in enumerate(self.paths) if any(element in holders for element in path)]
        if self.container is not None and self.container in holders:
            more = twins(self.lines, self.paths, self.boxed, self.inside)
            self.inside = sorted({*self.inside, *more})
            more = [*more, *signed_below(self.lines, self.boxed, self.inside)]
            self.inside = sorted({*self.inside, *more})
            more = [*more, *copied_below(self.lines, self.boxed, self.inside)]
            self.inside = sorted({*self.inside, *more})
            self.voted |= frozenset(more)
            if (lead := self._lead()) is not None:
                self.inside = sorted({*self.inside, lead})
                self.voted |= {lead}
        self._titles = _boxed_titles(self.lines, self.boxed)
        self.labelled = labels.Labelled()
        first = self._first_prose()
        self.labelled = labels.find(self.lines, start=max(0, first - _NEAR_LINES), first=first)
        self._first = self._first_prose() if self.labelled.places else first

    def _lead(self) -> int | None:
        """Return the place of a paragraph shortly before the text's box that calls itself its summary.

        Only what says so: whether a line under the title sums the text up or advertises it, no form tells.
        """
        start = self.inside[0] if self.inside else 0
        for place in range(start - 1, max(-1, start - 1 - _NEAR_LINES), -1):
            line = self.lines[place]
            if line.element.tag == "h1" or (self.boxed[place] is None and line.link_share >= 0.5):
                return None
            if self.boxed[place] is None and line.is_prose and LEAD.match(line.text) and is_sentence(line.text):
                return place
        return None

    def first_prose(self) -> int:
        """Return the place of the first running text of the document, of a very short one its first sentence."""
        return self._first

    def _first_prose(self) -> int:
        titled = {place for places in self._titles for place in places}
        for reads in (attrgetter("is_prose"), _is_short_sentence):
            for place in self.inside:
                line = self.lines[place]
                if (
                    self.boxed[place] is None
                    and reads(line)
                    and not any(element.tag == "h1" for element in self.paths[place][-3:])
                    and place not in titled
                    and form_of(line, title=None, in_head=True) is None
                    and place not in self.labelled.places
                    and not labels.is_label_line(line)
                    and not labels.stated_validity(line.text)
                ):
                    return place
        return self.inside[0] if self.inside else 0

    def headings(self) -> list[str]:
        """Return the texts of main headings, the nearest before the running text first."""
        first = self.first_prose()
        found: list[tuple[int, str]] = []
        last: html.HtmlElement | None = None
        for place, path in enumerate(self.paths):
            line = self.lines[place]
            if line.kind is not BlockKind.HEADING or not any(element.tag == "h1" for element in path[-3:]):
                continue
            if line.element is last and last is not None and last.tag == "h1":
                # A heading that the page breaks into lines is one title.
                found[-1] = (found[-1][0], fold(f"{found[-1][1]}\n{line.text}"))
            else:
                found.append((abs(first - place), line.text))
            last = line.element
        return [text for _, text in sorted(found)] or [
            fold("\n".join(self.lines[place].text for place in places))
            for places in self._titles
            if places[0] <= first and all(place not in self.labelled.places for place in places)
        ]

    def named(self) -> str | None:
        """Return a line before the text right above date and origin, or a number, or whose class says "title"."""
        first = self.first_prose()
        head = range(max(0, first - 2 * _NEAR_LINES), first)
        above = [
            place - 1
            for place in head
            if place
            and place - 1 not in self.labelled.places
            and (
                place in self.labelled.places
                or form_of(self.lines[place], title=None, in_head=True) == "byline"
                or is_number_line(self.lines[place].text)
            )
        ]
        called = [place for place in reversed(head) if _is_called_title(self.lines[place].element)]
        for place in [*above, *called]:
            line = self.lines[place]
            if (
                8 <= line.weight <= 300
                and line.link_share < 0.5
                and place not in self.labelled.places
                and self.boxed[place] is None
                and not is_sentence(line.text)
                and form_of(line, title=None, in_head=True) is None
            ):
                return self._whole_heading(place)
        return None

    def _whole_heading(self, place: int) -> str:
        """Return the text of a line; of one of two or three into which a heading is broken, that of all of them."""
        own = self.lines[place].element
        if self.lines[place].kind is not BlockKind.HEADING and not _is_called_title(own):
            return self.lines[place].text
        start, end = place, place + 1
        while start and self.lines[start - 1].element is own:
            start -= 1
        while end < len(self.lines) and self.lines[end].element is own:
            end += 1
        if end - start > _TITLE_LINES:
            return self.lines[place].text
        return fold("\n".join(line.text for line in self.lines[start:end]))

    def near(self, title: str | None) -> list[Line]:
        """Return the lines from the title, or shortly before the text, to the first running text."""
        first = self.first_prose()
        start = max(0, first - _NEAR_LINES)
        if title:
            key = squeeze(title)
            for place in range(first - 1, max(-1, first - 40), -1):
                if self.lines[place].key == key:
                    start = max(0, min(place, start) if first - place > _NEAR_LINES else place - 6)
                    break
        if self.inside:
            start = min(start, self.inside[0])
        return [
            line
            for place, line in enumerate(self.lines[start:first], start)
            if len(line.text) <= 4_000 and place not in self.labelled.places
        ]

    def after(self) -> list[Line]:
        """Return the lines right below the document that say when it came out and who edited it."""
        last = max(self.inside, default=-1)
        home = self.container.getparent() if self.container is not None else None
        home = home if home is not None and home.tag not in ("body", "html") else None
        found: list[Line] = []
        for place, line in enumerate(self.lines[last + 1 : last + 1 + _NEAR_LINES], last + 1):
            if is_related_head(line) or is_comments_head(line):
                break
            # What belongs to the box of the document is the document's, though it be called its foot.
            own = self.boxed[place] is None or (self.boxed[place] == "foot" and home in self.paths[place])
            if own and form_of(line, title=None, in_head=False) in ("editorial", "byline"):
                found.append(line)
        return found

    def file_anchors(self) -> list[html.HtmlElement]:
        """Return the anchors that may hand out files: in the document, or in a block beside it that says so."""
        inside = set(self.inside)
        last = max(self.inside, default=-1)
        found: list[html.HtmlElement] = []
        for place, line in enumerate(self.lines):
            if not line.links or (self.boxed[place] is not None and place not in inside):
                continue
            said = bool(ATTACHMENT_WORD.search(line.text))
            before = self.lines[place - 1].text if place else ""
            if (
                place in inside
                or said
                or (last < place <= last + 15 and ATTACHMENT_WORD.search(before[:40]))
                or (last < place <= last + 15 and any(file_link(self.url, anchor) for anchor in line.links))
            ):
                found.extend(line.links)
        return found

    def outside(self) -> tuple[str, ...]:
        """Return the lines around the document's place, without white space; of a huge page the first of them.

        Links in boxes that are furniture by name are left: menus are most of a page's frame, and never its text.
        """
        found, chars, inside = [], 0, set(self.inside)
        for place, line in enumerate(self.lines):
            if place not in inside and (line.link_share < 0.5 or self.boxed[place] is None):
                chars += len(line.key)
                if chars > _OUTSIDE_CHARS:
                    break
                found.append(line.key)
        return tuple(found)


def _boxed_titles(lines: Sequence[Line], boxed: Sequence[str | None]) -> list[list[int]]:
    """Return the places of the lines of each title that is set on several.

    The class of their box says "title", or they are those of an act: "REGULATION ...", "of 28 February 2024", "on ...".
    """
    held: dict[html.HtmlElement, list[int]] = {}
    for place, line in enumerate(lines):
        box = line.element.getparent()
        if box is not None and boxed[place] is None and line.link_share < 0.5 and _is_called_title(box):
            held.setdefault(box, []).append(place)
    found = [places for places in held.values() if 2 <= len(places) <= _TITLE_LINES]
    for place in range(len(lines) - 2):
        act = boxed[place] is None and lines[place].text.isupper() and _DAY_OF_ACT.match(lines[place + 1].text)
        if act and not any(place in places for places in found):
            noted = place + 3 < len(lines) and _REMARK_ON_ACT.match(lines[place + 3].text)
            found.append(list(range(place, place + (4 if noted else 3))))
    return found


def _is_called_title(element: html.HtmlElement) -> bool:
    return bool(_TITLE_NAME.search(f"{element.get('class')} {element.get('id')}"))


def _take_knobs_from_headings(shell: html.HtmlElement) -> None:
    """Take out of headings what names itself a tool, such as the one to edit a section; changes the tree."""
    for heading in list(shell.iter("h1", "h2", "h3", "h4", "h5", "h6")):
        knobs = [each for each in heading.iterdescendants("span", "a", "sup") if _is_knob(each)]
        said = sum(len(squeeze("".join(each.itertext()))) for each in knobs)
        whole = len(squeeze("".join(heading.itertext())))
        if knobs and (2 * said < whole or (said <= _KNOB_CHARS and whole - said >= _FEWEST_HEADING_CHARS)):
            for each in knobs:
                each.clear(keep_tail=True)


def _is_knob(element: html.HtmlElement) -> bool:
    """Tell whether an element in a heading is a tool: by its name, or as a link to nowhere that says fold or unfold."""
    if place_of(element) in _KNOB_PLACES:
        return True
    href = (element.get("href") or "").strip().lower()
    return (
        element.tag == "a"
        and (not href or href == "#" or href.startswith("javascript:"))
        and bool(PLAYER.match("".join(element.itertext()).strip()))
    )


def _is_short_sentence(line: Line) -> bool:
    return line.kind is not BlockKind.TABLE and not line.links and line.weight >= 10 and is_sentence(line.text)


def _path(element: html.HtmlElement, shell: html.HtmlElement) -> tuple[html.HtmlElement, ...]:
    found = [element]
    while found[-1] is not shell and (parent := found[-1].getparent()) is not None:
        found.append(parent)
    return tuple(reversed(found))
