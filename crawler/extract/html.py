"""A web page to blocks and fields; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from cssselect import SelectorError
from lxml import html

from crawler.extract import labels
from crawler.extract.choose import choose, elect, in_furniture, twins, votes
from crawler.extract.fields import fields_of, head_of, headings_of, is_decree_line, is_number_line, title_keys, title_of
from crawler.extract.flow import Line, fold, lines_of, squeeze
from crawler.extract.furniture import (
    foreign_links,
    form_of,
    is_comments_head,
    is_link_farm,
    is_prose,
    is_related_head,
    is_sentence,
    strangers,
)
from crawler.extract.hidden import remove_hidden
from crawler.extract.pager import ATTACHMENT_WORD, attachments_of, file_link, parts_of
from crawler.extract.rules import Rules
from spiders.address import canonicalize
from spiders.errors import SourceError
from spiders.markup import decode, parse
from storage.model import Block, BlockKind, Extraction, Fields, Signs

_LONG_KEY = 60
_NEAR_LINES = 12
_LOG_LINES = 3
_TITLE_LINES = 4
_ABOVE_TITLE = 0.15
_OUTSIDE_CHARS = 20_000
_LINKED = 0.3
_TITLE_LINK = 30

_REFRESH = re.compile(
    r"^\s{0,9}[\d.]{0,9}\s{0,9}[;,]\s{0,9}(?:url\s{0,9}=\s{0,9})?['\"]?([^'\"]{1,2000})", re.IGNORECASE
)
_ENDED = re.compile(r"</(?:html|body)\b", re.IGNORECASE)
_ADDRESS = re.compile(r"^(?:https?://|www\.)\S{3,500}$", re.IGNORECASE)
_TIME_ONLY = re.compile(
    r"^[\[【(（]?(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?\s?)?\d{1,2}[:：]\d{2}(?:[:：]\d{2})?[\]】)）]?$"
)


def _selected(tree: html.HtmlElement, selectors: Sequence[str]) -> list[html.HtmlElement]:
    try:
        return [element for selector in selectors for element in tree.cssselect(selector)]
    except SelectorError as error:
        raise SourceError(f"not a CSS selector: {error}") from error


def _signs(tree: html.HtmlElement, text: str, url: str) -> Signs:
    title = tree.find(".//title")
    refresh = None
    for tag in tree.iter("meta"):
        if (tag.get("http-equiv") or "").strip().lower() == "refresh":
            match = _REFRESH.match(tag.get("content") or "")
            refresh = canonicalize(match[1], url) if match else None
            break
    return Signs(
        title=fold("".join(title.itertext())[:5_000])[:300] if title is not None else "",
        scripts=sum(1 for _ in tree.iter("script")),
        password_field=any((tag.get("type") or "").lower() == "password" for tag in tree.iter("input")),
        refresh=refresh,
        ended=bool(_ENDED.search(text)),
    )


def _canonical(tree: html.HtmlElement, url: str) -> str | None:
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split():
            return canonicalize(link.get("href") or "", url) if link.get("href") else None
    return None


def extract_html(body: bytes, *, url: str, content_type: str, fetched_on: date, rules: Rules) -> Extraction:
    """Return the blocks and fields of a web page.

    Pure.
    """
    text, _ = decode(body, content_type)
    tree = parse(text)
    if tree is None:
        return Extraction(failure="empty" if not text.strip() else "broken")
    signs = _signs(tree, text, url)
    canonical = _canonical(tree, url)
    parts = parts_of(tree, url)
    head = head_of(tree)
    remove_hidden(tree)
    for element in _selected(tree, rules.drop):
        if element.getparent() is not None and element.tag not in ("html", "body"):
            element.drop_tree()
    shell = tree.find("body")
    page = _Page(tree if shell is None else shell, url, rules, title_keys(head))
    visible = "".join(line.key for line in page.lines)
    signs = Signs(
        title=signs.title,
        visible_chars=len(visible),
        opening=" ".join(line.text.replace("\n", " ") for line in page.lines[:200])[:1_000],
        scripts=signs.scripts,
        password_field=signs.password_field,
        refresh=signs.refresh,
        ended=signs.ended,
    )
    if page.container is None:
        return Extraction(
            fields=Fields(title=title_of(head, page.lines, headings_of(tree))),
            parts=parts,
            canonical=canonical,
            signs=signs,
            failure="empty",
        )
    title = title_of(head, page.lines, page.headings(), page.labelled.values.get("title"))
    blocks, kept, margin = page.blocks(title)
    near = page.near(title)
    fields = fields_of(
        head,
        title=title,
        near=near,
        body=kept,
        margin=margin,
        labels=page.labelled.values,
        fetched_on=fetched_on,
    )
    return Extraction(
        blocks=blocks,
        outside=page.outside(),
        fields=fields,
        parts=parts,
        attachments=attachments_of(page.file_anchors(), url),
        canonical=canonical,
        signs=signs,
        failure=None if any(block.left_out is None for block in blocks) else "empty",
    )


class _Page:
    """The lines of one page and what is known of each while its blocks are made."""

    def __init__(self, shell: html.HtmlElement, url: str, rules: Rules, titles: frozenset[str]) -> None:
        self.url = url
        self.lines = lines_of(shell)
        self.paths = [_path(line.element, shell) for line in self.lines]
        self.boxed = in_furniture(self.lines, self.paths)
        voted = votes(self.lines, self.paths, self.boxed)
        self.voted = elect(self.lines, self.boxed, voted, titles)
        self.container, self.decided = choose(self.lines, self.paths, self.boxed, self.voted)
        holders = set(_selected(shell, rules.keep))
        if not holders and self.container is not None:
            holders = {self.container}
        elif holders and self.container is None:
            self.container = shell
        self.inside = [place for place, path in enumerate(self.paths) if any(element in holders for element in path)]
        if self.container is not None and self.container in holders:
            more = twins(self.lines, self.paths, self.boxed, self.inside)
            self.inside = sorted({*self.inside, *more})
            self.voted |= frozenset(more)
        self.labelled = labels.Labelled()
        first = self.first_prose()
        self.labelled = labels.find(self.lines, start=max(0, first - _NEAR_LINES), first=first)

    def first_prose(self) -> int:
        """Return the place of the first running text of the document, of a very short one its first sentence."""
        for reads in (is_prose, _is_short_sentence):
            for place in self.inside:
                line = self.lines[place]
                if (
                    self.boxed[place] is None
                    and reads(line)
                    and form_of(line, title=None, in_head=True) is None
                    and place not in self.labelled.places
                    and not labels.is_label_line(line)
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
        return [text for _, text in sorted(found)]

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

    def blocks(self, title: str | None) -> tuple[tuple[Block, ...], list[Line], list[Line]]:
        """Return the blocks of the document, the lines that stay, and those that say who made it."""
        reasons = self._reasons(title)
        blocks: list[Block] = []
        kept: list[Line] = []
        margin: list[Line] = []
        owner: html.HtmlElement | None = None
        for place, reason in zip(self.inside, reasons, strict=True):
            line = self.lines[place]
            if reason is None:
                kept.append(line)
            elif reason in ("editorial", "byline"):
                margin.append(line)
            parent = line.element.getparent() if line.kind is BlockKind.LIST else None
            last = blocks[-1] if blocks else None
            if parent is not None and parent is owner and last is not None and last.left_out == reason:
                blocks[-1] = Block(kind=BlockKind.LIST, text=f"{last.text}\n{line.text}", left_out=reason)
            else:
                blocks.append(Block(kind=line.kind, text=line.text, left_out=reason))
            owner = parent
        return tuple(blocks), kept, margin

    def _reasons(self, title: str | None) -> list[str | None]:
        lines = [self.lines[place] for place in self.inside]
        first = self.first_prose()
        reasons: list[str | None] = []
        stamps = sum(1 for line in lines if _TIME_ONLY.match(line.text))
        key = squeeze(title or "")
        titled = any(line.key == key for line in self.lines[: self.inside[0] if self.inside else 0])
        for place, line in zip(self.inside, lines, strict=True):
            in_head = place < first
            # A decree ends its own text with the name of what it issues, and that begins with the name.
            named = title if in_head or not titled else None
            reason = self.boxed[place] or form_of(line, title=named, in_head=in_head)
            if reason == "byline" and stamps >= _LOG_LINES and _TIME_ONLY.match(line.text):
                reason = None
            below = self.lines[place + 1].text if place + 1 < len(self.lines) else ""
            numbered = in_head and (is_number_line(line.text) or is_decree_line(line.text, below))
            if place in self.labelled.places or (reason is None and numbered):
                reason = "labels"
            if reason is None and line.kind is not BlockKind.TABLE and is_link_farm(line, self.url):
                reason = "foreign_links"
            # Asked of each line: a search of the list would take the square of their number.
            titled = titled or reason == "title"
            reasons.append(reason)
        _leave_out_broken_title(lines, reasons, title, first=sum(1 for place in self.inside if place < first))
        self._leave_out_sections(lines, reasons)
        self._leave_out_links(lines, reasons)
        self._leave_out_before_title(lines, reasons, title)
        self._leave_out_beside(lines, reasons)
        _leave_out_repeats(lines, reasons)
        kept = [place for place, reason in enumerate(reasons) if reason is None]
        if not kept:
            # A page of links alone: what trafilatura takes for its text is all there is.
            for place, reason in enumerate(reasons):
                if reason in ("links", "related") and self.inside[place] in self.voted:
                    reasons[place] = None
        for number in strangers([lines[place] for place in kept]):
            reasons[kept[number]] = "script"
        return reasons

    def _leave_out_sections(self, lines: Sequence[Line], reasons: list[str | None]) -> None:
        """A heading of related pages or comments takes its box with it, or the links right below."""
        total = sum(line.weight for line in lines if is_prose(line))
        spans = self._spans()
        last_kept = -1
        place = 0
        while place < len(lines):
            line = lines[place]
            name = "related" if is_related_head(line) else "comments" if is_comments_head(line) else None
            if name is None or reasons[place] not in (None, name):
                last_kept = place if reasons[place] is None else last_kept
                place += 1
                continue
            end = self._box_end(place, spans, last_kept)
            size = sum(each.weight for each in lines[place:end] if is_prose(each))
            if end > place + 1 and 2 * size <= total and (name == "comments" or _is_linked(lines[place:end])):
                for each in range(place, end):
                    reasons[each] = reasons[each] or name
                place = end
                continue
            below = place + 1
            while below < len(lines) and (
                lines[below].link_share >= 0.5 or reasons[below] is not None or _is_teaser_date(lines[below])
            ):
                reasons[below] = reasons[below] or name
                below += 1
            if below > place + 1 or below == len(lines):
                reasons[place] = name
            last_kept = place if reasons[place] is None else last_kept
            place = below

    def _spans(self) -> dict[html.HtmlElement, tuple[int, int]]:
        """Return, for each element, the first of its lines and the one after its last, counted inside."""
        spans: dict[html.HtmlElement, tuple[int, int]] = {}
        for count, place in enumerate(self.inside):
            for element in self.paths[place]:
                spans[element] = (spans.get(element, (count, 0))[0], count + 1)
        return spans

    def _box_end(self, place: int, spans: dict[html.HtmlElement, tuple[int, int]], last_kept: int) -> int:
        """Return where the largest element around a heading ends that holds no text of the document before it."""
        end = place + 1
        for element in reversed(self.paths[self.inside[place]]):
            if element is self.container or spans[element][0] <= last_kept:
                break
            end = spans[element][1]
        return end

    def _leave_out_links(self, lines: Sequence[Line], reasons: list[str | None]) -> None:
        """Lines that are only links: a group of them, at the end, or to foreign hosts; file links by name."""
        prose = [place for place, line in enumerate(lines) if reasons[place] is None and is_prose(line)]
        last = prose[-1] if prose else len(lines)
        only = [
            place
            for place, line in enumerate(lines)
            if reasons[place] is None and line.links and line.link_share >= 0.8 and line.kind is not BlockKind.TABLE
        ]
        chosen = set(only)
        for place, line in enumerate(lines):
            if reasons[place] is None and line.links and any(file_link(self.url, a) for a in line.links):
                rest = len(line.key) - line.link_chars
                if rest <= 12 and not is_prose(line):
                    reasons[place] = "attachment"
        for place in only:
            if reasons[place] is not None or _ADDRESS.match(lines[place].text):
                continue
            line = lines[place]
            group = (place - 1 in chosen) or (place + 1 in chosen)
            sentence = is_sentence(line.text) and line.weight >= 80
            if line.kind is not BlockKind.LIST and not is_sentence(line.text):
                # The title of another page, set between the paragraphs of this one.
                group = group or (line.weight >= _TITLE_LINK and not _stays_here(line))
            if place > last or foreign_links(line, self.url) or (group and not sentence):
                reasons[place] = "links"

    def _leave_out_before_title(self, lines: Sequence[Line], reasons: list[str | None], title: str | None) -> None:
        """What stands above the title inside the container is the site's, unless much of the text is there."""
        if not title:
            return
        prose = [place for place, line in enumerate(lines) if reasons[place] is None and is_prose(line)]
        total = sum(lines[place].weight for place in prose)
        above = 0
        for place, line in enumerate(lines):
            if reasons[place] == "title":
                for each in range(place):
                    reasons[each] = reasons[each] or "above_title"
                return
            above += line.weight if reasons[place] is None and is_prose(line) else 0
            if above > _ABOVE_TITLE * total:
                return

    def _leave_out_beside(self, lines: Sequence[Line], reasons: list[str | None]) -> None:
        """Before the first and after the last line voted for, only neighbours of such lines stay.

        Where the votes are for a small share of the container, so it is between them.
        """
        stays = [place for place, reason in enumerate(reasons) if reason is None]
        voted = [place for place in stays if self.inside[place] in self.voted]
        if not voted or not self.decided:
            return
        said = sum(lines[place].weight for place in voted)
        dense = 2 * said >= sum(lines[place].weight for place in stays)
        firm = [place for place in voted if is_prose(lines[place])] or voted
        first, last = firm[0], firm[-1]
        homes = {lines[place].element for place in voted if is_prose(lines[place])}
        homes |= {element.getparent() for element in homes}
        chains = {self._chain(self.inside[place]) for place in voted if is_prose(lines[place])}
        for place in stays:
            if self.inside[place] in self.voted or (dense and first <= place <= last):
                continue
            element = lines[place].element
            if element in homes or element.getparent() in homes or self._chain(self.inside[place]) in chains:
                continue
            if is_data_table(lines[place]):
                continue  # the annex of a notice, which votes by running text pass over
            reasons[place] = "beside"

    def _chain(self, place: int) -> tuple[tuple[str, str], ...]:
        """Return tags and classes from the container down to a line: twins are built alike."""
        path = self.paths[place]
        start = path.index(self.container) if self.container in path else 0
        return tuple((element.tag, element.get("class") or "") for element in path[start + 1 :])


def is_data_table(line: Line) -> bool:
    """Tell whether a line is a table of at least three rows that leads nowhere."""
    return line.kind is BlockKind.TABLE and not line.links and line.text.count("\n") >= 2


def _is_short_sentence(line: Line) -> bool:
    return line.kind is not BlockKind.TABLE and not line.links and line.weight >= 10 and is_sentence(line.text)


def _is_linked(lines: Sequence[Line]) -> bool:
    chars = sum(len(line.key) for line in lines)
    return sum(line.link_chars for line in lines) >= _LINKED * chars


def _stays_here(line: Line) -> bool:
    """Tell whether the links of a line lead to a place on the page, or to an annex."""
    if ATTACHMENT_WORD.search(line.text[:12]):
        return True
    return all((anchor.get("href") or "").lstrip().startswith("#") for anchor in line.links)


def _is_teaser_date(line: Line) -> bool:
    return len(line.text) <= 40 and bool(re.search(r"\d", line.text)) and not is_sentence(line.text)


def _path(element: html.HtmlElement, shell: html.HtmlElement) -> tuple[html.HtmlElement, ...]:
    found = [element]
    while found[-1] is not shell and (parent := found[-1].getparent()) is not None:
        found.append(parent)
    return tuple(reversed(found))


def _leave_out_broken_title(lines: Sequence[Line], reasons: list[str | None], title: str | None, *, first: int) -> None:
    """A title set on several lines before the text is the title all the same."""
    wanted = squeeze(title or "")
    for start in range(first):
        said = ""
        for end in range(start, min(first, start + _TITLE_LINES)):
            said += lines[end].key
            if not wanted.startswith(said):
                break
            if said == wanted and end > start:
                reasons[start : end + 1] = ["title"] * (end + 1 - start)
                return


def _leave_out_repeats(lines: Sequence[Line], reasons: list[str | None]) -> None:
    """A long paragraph that came before is left out, and with it the short lines of the same copy."""
    first: dict[str, int] = {}
    again: dict[int, int] = {}
    for place, line in enumerate(lines):
        if reasons[place] is not None:
            continue
        # Digits are kept in the key: two rows that differ in a number are two statements.
        key = re.sub(r"[\W_]+", "", line.text)
        if key in first:
            again[place] = first[key]
        else:
            first[key] = place
    # Lines that were reached in a direction; what lies further on was seen to then.
    reached: dict[int, set[int]] = {-1: set(), 1: set()}
    for place in sorted(again):
        if len(lines[place].key) > _LONG_KEY:
            reasons[place] = "repeated"
            for step in (-1, 1):
                beside = place + step
                while beside not in reached[step] and (
                    (beside in again and reasons[beside] in (None, "repeated"))
                    or (0 <= beside < len(lines) and reasons[beside] not in (None, "repeated"))
                ):
                    reached[step].add(beside)
                    if beside in again:
                        reasons[beside] = "repeated"
                    beside += step
