"""Lines in a document's place that are links or files: which of them are text, and which lead elsewhere; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.extract.flow import Line, fold, is_sentence, squeeze
from crawler.extract.furniture import foreign_links
from crawler.extract.page import Page
from crawler.extract.pager import ATTACHMENT_WORD, file_link
from crawler.extract.readers import counts_beside_links
from crawler.extract.signature import is_day
from storage.model import BlockKind

_TITLE_LINK = 30
_FILE_NOTE = 12
_FEWEST_LEADING = 2
_LONGEST_SIZE = 60

_FILES_HEAD = re.compile(
    r"^[【\[]?(?:相关|政策|文件)?(?:附件|附表|下载)(?:下载|列表|清单)?[】\]]?\s?[:：]?$|^(?:attachments?|downloads?)\s?:?$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"^(?:https?://|www\.)\S{3,500}$", re.IGNORECASE)
_SIZE = re.compile(r"(?<![\w.])\d[\d.,]{0,9}\s?(?:[KM]i?B|bytes|字节)\b", re.IGNORECASE)


def leave_out_links(page: Page, lines: Sequence[Line], reasons: list[str | None]) -> None:
    """Lines that are only links: a group of them, at the end, or to foreign hosts; file links by name."""
    prose = [place for place, line in enumerate(lines) if reasons[place] is None and line.is_prose]
    last = prose[-1] if prose else len(lines)
    only = [
        place
        for place, line in enumerate(lines)
        if reasons[place] is None
        and line.links
        and line.kind is not BlockKind.TABLE
        and (line.link_share >= 0.8 or counts_beside_links(line))
    ]
    chosen = set(only)
    files = {
        place
        for place, line in enumerate(lines)
        if reasons[place] is None
        and line.links
        and len(line.key) - line.link_chars <= _FILE_NOTE
        and not line.is_prose
        and any(file_link(page.url, anchor) for anchor in line.links)
    }
    noted = _annex_note(lines, reasons, files)
    for place in sorted(files - noted):
        reasons[place] = "attachment"
        if place and reasons[place - 1] is None and _FILES_HEAD.match(lines[place - 1].text):
            reasons[place - 1] = "attachment"
        if place + 1 < len(lines) and reasons[place + 1] is None and _says_size(lines[place + 1]):
            reasons[place + 1] = "attachment"
    for place in only:
        if reasons[place] is not None or place in noted or _ADDRESS.match(lines[place].text):
            continue
        line = lines[place]
        group = (place - 1 in chosen) or (place + 1 in chosen)
        sentence = is_sentence(line.text) and line.weight >= 80
        if line.kind is not BlockKind.LIST and not is_sentence(line.text):
            # The title of another page, set between the paragraphs of this one.
            group = group or (line.weight >= _TITLE_LINK and not _stays_here(line))
        if foreign_links(line, page.url) or ((place > last or (group and not sentence)) and not _leads_on(line)):
            reasons[place] = "links"


def leave_out_emptied_heads(lines: Sequence[Line], reasons: list[str | None]) -> None:
    """A heading under which nothing stood but files goes with them."""
    for place, line in enumerate(lines):
        if line.kind is not BlockKind.HEADING or reasons[place] is not None:
            continue
        under = set()
        for below in range(place + 1, len(lines)):
            if lines[below].element.tag == line.element.tag:
                break
            under.add(reasons[below])
        if "attachment" in under and None not in under:
            reasons[place] = "attachment"


def _says_size(line: Line) -> bool:
    """Tell whether a line below a file says how large it is: "PDF, 412 KB, 18 pages"; pure."""
    return line.weight <= _LONGEST_SIZE and bool(_SIZE.search(line.text)) and not is_sentence(line.text)


def _annex_note(lines: Sequence[Line], reasons: Sequence[str | None], files: set[int]) -> set[int]:
    """Return the file links that are the list of annexes in the text: between its last words and who signed it.

    There the list belongs to the document, linked or not; below the signature it is a box for downloads.
    """
    noted: set[int] = set()
    signed = False
    run: list[int] = []
    for place in reversed(range(len(lines))):
        if place in files:
            if signed:
                run.append(place)
                if ATTACHMENT_WORD.match(lines[place].text):
                    noted.update(run)
                    run = []
        elif reasons[place] is None:
            line = lines[place]
            signed = signed or line.is_prose or is_day(line)
            if run and ATTACHMENT_WORD.match(line.text):
                noted.update(run)  # the word stands on a line of its own, or before an annex that is no link
            run = []
    return noted


def _stays_here(line: Line) -> bool:
    """Tell whether the links of a line lead to a place on the page, or to an annex."""
    if ATTACHMENT_WORD.search(line.text[:12]):
        return True
    return all((anchor.get("href") or "").lstrip().startswith("#") for anchor in line.links)


def _leads_on(line: Line) -> bool:
    """Tell whether a line is a sentence around a link, as "See the rules for ...": words before it, a full stop behind.

    Pure.
    """
    if len(line.links) != 1:
        return False
    before, _, behind = line.text.partition(fold("".join(line.links[0].itertext())))
    return len(squeeze(before)) >= _FEWEST_LEADING and behind.strip() in (".", "。")
