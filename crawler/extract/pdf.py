"""A PDF with a text layer to blocks; pure."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

import pypdfium2

from crawler.extract.flow import fold, weight
from crawler.extract.printed import Printed
from crawler.extract.sheet import Effort, Sheet
from spiders.markup import clean
from storage.model import Block, BlockKind, Extraction

MOST_PAGES = 1_000
MOST_CHARS = 5_000_000
_FULL_LINE = 0.75
_FEWEST_PAGES = 3
_LONGEST_HEAD = 120
_EDGE_LINES = 2
_MARGIN = 0.15
_SAME_HEIGHT = 6.0
_OTHER_SIZE = 1.2
_SET_APART = 1.2
_REACHED = 0.9
_ENDS = tuple("。！？；：.!?;:”』」）)")

_PAGE_NUMBER = re.compile(
    r"^[\s\-—–－·.]{0,4}(?:第\s?)?\d{1,4}(?:\s?[/／]\s?\d{1,4})?(?:\s?页)?[\s\-—–－·.]{0,4}$"
    r"|^page \d{1,4}(?: of \d{1,4})?$",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:第[一二三四五六七八九十百零〇\d]{1,5}[章节条款编]|[一二三四五六七八九十]{1,3}[、．.]|"
    r"[(（][一二三四五六七八九十\d]{1,3}[)）]"
    r"|\d{1,3}[.、．)）]|附件|[•·●■◆▪○*-]\s)"
)

# Some fonts say "⼀" (a radical) where the text has "一"; for those below Unicode has no mapping.
_RADICALS = dict(zip(
    "⺠⺟⻅⻆⻉⻋⻓⻔⻘⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳⻄⻁⻑",
    "民母见角贝车长门青页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟西虎長",
    strict=True,
))  # fmt: skip
_RADICAL = re.compile("[\u2e80-\u2fd5]")
# What pdfium gives for a hyphen at which a line was broken.
_BROKEN_WORD = re.compile("([A-Za-z]+)\ufffe([A-Za-z]+)")


def readable(pages: Sequence[str]) -> list[str]:
    """Return pages with radicals as letters, and words whole that the width of a line broke; pure."""
    pages = [_RADICAL.sub(lambda found: _letter(found[0]), page) for page in pages]
    known = Counter(re.findall(r"[A-Za-z]+(?:-[A-Za-z]+)?", "\n".join(pages)))

    def whole(found: re.Match[str]) -> str:
        kept, joined = f"{found[1]}-{found[2]}", f"{found[1]}{found[2]}"
        return kept if known[kept] > known[joined] else joined

    return [_BROKEN_WORD.sub(whole, page).replace("\ufffe", "-") for page in pages]


def _letter(radical: str) -> str:
    return _RADICALS.get(radical) or unicodedata.normalize("NFKC", radical)


def _at_edges(lines: Sequence[Printed], ends: tuple[float, float] | None) -> dict[int, int]:
    """Return the places of the two outermost lines at the top and at the bottom of a page, each with its rank.

    ends: of the page, below and above; None where nobody knows: then the first line and the last one are outermost.
    """
    if ends is None:
        return dict.fromkeys({0, len(lines) - 1} if lines else (), 0)
    low, high = ends
    margin = _MARGIN * (high - low)
    known = [place for place, line in enumerate(lines) if line.size and not line.rows]
    above = sorted(known, key=lambda place: -lines[place].top)[:_EDGE_LINES]
    below = sorted(known, key=lambda place: lines[place].bottom)[:_EDGE_LINES]
    found = {place: rank for rank, place in enumerate(above) if lines[place].bottom >= high - margin}
    return found | {place: rank for rank, place in enumerate(below) if lines[place].top <= low + margin}


@dataclass(frozen=True, slots=True)
class _Page:
    """The lines of one page, and where the page ends below and above, where that is known."""

    lines: Sequence[Printed]
    ends: tuple[float, float] | None = None


def _marked(page: _Page, heads: AbstractSet[str], *, first: bool) -> Iterator[tuple[Printed, str | None]]:
    """Yield the lines of one page, page numbers and running heads at its edges marked.

    first: the page may begin with the title that the others repeat.
    """
    edges = _at_edges(page.lines, page.ends)
    for place, line in enumerate(page.lines):
        # A page that draws its foot last numbers itself there, however far from its end.
        last = place in (0, len(page.lines) - 1)
        if line.rows or (place not in edges and not last):
            yield line, None
        elif _PAGE_NUMBER.match(line.text):
            yield line, "page_number"
        else:
            runs = place in edges and _head_key(line, edges[place]) in heads and not (first and _is_above(page, line))
            yield line, "running_head" if runs else None


def _is_above(page: _Page, line: Printed) -> bool:
    """Tell whether a line at the edge of a page is at the upper one."""
    return line is page.lines[0] if page.ends is None else 2 * line.top > sum(page.ends)


def _heads(pages: Sequence[_Page]) -> set[str]:
    """Return the lines that most pages begin or end with, numbers aside: heads and feet that run through."""
    if len(pages) < _FEWEST_PAGES:
        return set()
    seen: dict[str, list[float]] = {}
    for page in pages:
        edges = _at_edges(page.lines, page.ends)
        said = {_head_key(page.lines[place], rank): page.lines[place] for place, rank in edges.items()}
        for key, line in said.items():
            if key and not line.rows and weight(line.text) <= _LONGEST_HEAD:
                seen.setdefault(key, []).append(line.bottom)
    return {key for key, heights in seen.items() if len(heights) >= _FEWEST_PAGES and 2 * _alike(heights) > len(pages)}


def _alike(heights: Sequence[float]) -> int:
    """Return how many of the heights are about the same: what runs through pages stands at one."""
    return max(sum(1 for other in heights if abs(other - height) <= _SAME_HEIGHT) for height in set(heights))


def _head_key(line: Printed, rank: int) -> str:
    """Return what a line at the edge is known again by; the second one, which may be text, by its numbers as well."""
    return f"{rank} {line.text}" if rank else re.sub(r"[\d\W_]+", "", line.text)


def _paragraphs(lines: Sequence[tuple[Printed, str | None]]) -> list[Block]:
    """Join lines that the page width broke: full ones that end in no sentence and open no new clause."""
    widths = sorted(weight(line.text) for line, rule in lines if not (rule or line.rows or line.room))
    full = _FULL_LINE * widths[int(0.9 * (len(widths) - 1))] if widths else 0
    reach = max((line.right for line, rule in lines if not (rule or line.rows)), default=0.0)
    # Each with its lines or rows: to join them one by one would take the square of their number.
    held: list[tuple[BlockKind, list[str], str | None]] = []
    open_pieces: list[str] = []
    before: Printed | None = None
    for line, rule in lines:
        if rule is not None:
            held.append((BlockKind.PARAGRAPH, [line.text], rule))
            continue
        if line.rows:
            rows = line.rows
            if before is not None and before.rows and _goes_on_over_page(before, line):
                rows = rows[1:] if rows[0] == before.rows[0] else rows
                line = replace(line, rows=before.rows[:1])
            else:
                open_pieces = []
                held.append((BlockKind.TABLE, open_pieces, None))
            open_pieces.extend(" | ".join(row) for row in rows)
        else:
            if (
                before is None
                or before.rows
                or weight(before.text) < (_FULL_LINE * before.room or full)
                or before.text.endswith(_ENDS)
                or _OPENING.match(line.text)
                or _set_apart(before, line, reach)
            ):
                open_pieces = []
                held.append((BlockKind.PARAGRAPH, open_pieces, None))
            open_pieces.append(line.text)
        before = line
    return [
        Block(kind=kind, text="\n".join(pieces) if kind is BlockKind.TABLE else fold("\n".join(pieces)), left_out=rule)
        for kind, pieces, rule in held
    ]


def _goes_on_over_page(above: Printed, below: Printed) -> bool:
    """Tell whether a table is the rest of the one that ended the page before: its columns end where that one's do."""
    return (
        below.top > above.bottom
        and len(above.edges) == len(below.edges) > 0
        and all(abs(one - other) <= _SAME_HEIGHT for one, other in zip(above.edges, below.edges, strict=True))
    )


def _set_apart(above: Printed, below: Printed, reach: float) -> bool:
    """Tell whether letters of another size, or white between the lines, say that a line begins something else.

    reach: how far to the right the lines of the document go.
    """
    if not above.size or not below.size:
        return False
    small, large = sorted((above.size, below.size))
    apart = above.bottom - below.top > _SET_APART * small
    # Other letters may begin a line of a paragraph: then the line above is full.
    headed = large > _OTHER_SIZE * small and (above.right < _REACHED * reach or above.size < below.size)
    return headed or (apart and below.bottom < above.bottom)


def paragraphs_of(pages: Sequence[str]) -> list[Block]:
    """Return the paragraphs of pages of broken lines, page numbers and running heads left out.

    Pure; none where nothing else is there.
    """
    return _blocks(
        [_Page([Printed(text=said) for line in page.splitlines() if (said := fold(line))]) for page in pages]
    )


def _blocks(pages: Sequence[_Page]) -> list[Block]:
    heads = _heads(pages)
    lines = [line for number, page in enumerate(pages) for line in _marked(page, heads, first=number == 0)]
    return _paragraphs(lines) if any(rule is None for _, rule in lines) else []


def extract_pdf(body: bytes) -> Extraction:
    """Return the blocks of a PDF, or the failure "encrypted", "broken" or "no_text_layer".

    Pure.
    """
    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        return Extraction(failure="encrypted" if "password" in str(error).lower() else "broken")
    pages: list[_Page] = []
    left, effort = MOST_CHARS, Effort()
    try:
        for number in range(min(len(document), MOST_PAGES)):
            page = document[number]
            reader = page.get_textpage()
            sheet = Sheet(page, reader, effort)
            lines = sheet.lines(left)
            left -= sum(len(line.text) + sum(len(cell) for row in line.rows for cell in row) for line in lines)
            pages.append(_Page(lines, (sheet.low, sheet.high)))
            reader.close()
            page.close()
    except pypdfium2.PdfiumError:
        return Extraction(failure="broken")
    finally:
        document.close()
    blocks = _blocks(_readable_pages(pages))
    return Extraction(blocks=tuple(blocks), failure=None if blocks else "no_text_layer")


def _readable_pages(pages: Sequence[_Page]) -> list[_Page]:
    """Return pages with letters and words as ``readable`` makes them, lines that say nothing left out."""
    texts = [text for page in pages for line in page.lines for text in (line.text, *itertools.chain(*line.rows))]
    told = iter([fold(clean(text)) for text in readable(texts)])
    found = []
    for page in pages:
        lines = []
        for line in page.lines:
            text = next(told)
            rows = tuple(tuple(next(told) for _ in row) for row in line.rows)
            if text or rows:
                lines.append(replace(line, text=text, rows=rows))
        found.append(_Page(lines, page.ends))
    return found
