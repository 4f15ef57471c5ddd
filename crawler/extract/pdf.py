"""A PDF with a text layer to blocks; pure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

import pypdfium2

from crawler.extract.flow import fold, weight
from spiders.markup import clean
from storage.model import Block, BlockKind, Extraction

MOST_PAGES = 1_000
MOST_CHARS = 5_000_000
_FULL_LINE = 0.75
_FEWEST_PAGES = 3
_LONGEST_HEAD = 120
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


def _lines(page: str, heads: AbstractSet[str]) -> Iterator[tuple[str, str | None]]:
    """Yield the lines of one page, page numbers and running heads at its edges marked."""
    lines = [fold(line) for line in page.splitlines()]
    lines = [line for line in lines if line]
    for place, line in enumerate(lines):
        at_edge = place in (0, len(lines) - 1)
        rule = "page_number" if _PAGE_NUMBER.match(line) else "running_head" if _masked(line) in heads else None
        yield line, rule if at_edge else None


def _heads(pages: Sequence[str]) -> set[str]:
    """Return the lines that most pages begin or end with, numbers aside: heads and feet that run through."""
    if len(pages) < _FEWEST_PAGES:
        return set()
    edges: Counter[str] = Counter()
    for page in pages:
        lines = [line for line in map(fold, page.splitlines()) if line]
        edges.update({_masked(line) for line in (*lines[:1], *lines[-1:]) if weight(line) <= _LONGEST_HEAD})
    return {line for line, count in edges.items() if count >= _FEWEST_PAGES and 2 * count > len(pages)} - {""}


def _masked(line: str) -> str:
    return re.sub(r"[\d\W_]+", "", line)


def _paragraphs(lines: Sequence[tuple[str, str | None]]) -> list[Block]:
    """Join lines that the page width broke: full ones that end in no sentence and open no new clause."""
    widths = sorted(weight(line) for line, rule in lines if rule is None)
    full = _FULL_LINE * widths[int(0.9 * (len(widths) - 1))] if widths else 0
    blocks: list[Block] = []
    open_line = ""
    for line, rule in lines:
        if rule is not None:
            blocks.append(Block(kind=BlockKind.PARAGRAPH, text=line, left_out=rule))
            continue
        goes_on = bool(open_line) and weight(open_line) >= full and not open_line.endswith(_ENDS)
        last = next((place for place in range(len(blocks) - 1, -1, -1) if blocks[place].left_out is None), None)
        if goes_on and last is not None and not _OPENING.match(line):
            joined = fold(f"{blocks[last].text}\n{line}")
            blocks[last] = Block(kind=BlockKind.PARAGRAPH, text=joined)
        else:
            blocks.append(Block(kind=BlockKind.PARAGRAPH, text=line))
        open_line = line
    return blocks


def paragraphs_of(pages: Sequence[str]) -> list[Block]:
    """Return the paragraphs of pages of broken lines, page numbers and running heads left out.

    Pure; none where nothing else is there.
    """
    heads = _heads(pages)
    # The first page may begin with the title that the others repeat.
    lines = [line for number, page in enumerate(pages) for line in _lines(page, heads if number else frozenset())]
    return _paragraphs(lines) if any(rule is None for _, rule in lines) else []


def extract_pdf(body: bytes) -> Extraction:
    """Return the blocks of a PDF, or the failure "encrypted", "broken" or "no_text_layer".

    Pure.
    """
    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        return Extraction(failure="encrypted" if "password" in str(error).lower() else "broken")
    pages: list[str] = []
    left = MOST_CHARS
    try:
        for number in range(min(len(document), MOST_PAGES)):
            page = document[number]
            reader = page.get_textpage()
            text = reader.get_text_range()[: max(0, left)]
            left -= len(text)
            reader.close()
            page.close()
            pages.append(text)
    except pypdfium2.PdfiumError:
        return Extraction(failure="broken")
    finally:
        document.close()
    blocks = paragraphs_of([clean(page) for page in readable(pages)])
    return Extraction(blocks=tuple(blocks), failure=None if blocks else "no_text_layer")
