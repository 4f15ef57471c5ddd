"""A page of a PDF as pdfium gives it: letters and rules with their places, and the lines they make up; pure."""

from __future__ import annotations

import ctypes
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from crawler.extract.flow import fold
from crawler.extract.grid import Box, Edge, Grid, grids_of
from crawler.extract.printed import BROKEN, Printed, Word, laid_out

_FEWEST_GAPS = 3
_GAP = 0.6
_LEAST_GAP = 6.0
_WORD_GAP = 0.35
_THIN = 3.0
_SLANTED = 5
_MOST_OBJECTS = 20_000
_MOST_SEGMENTS = 20_000
_MOST_LETTERS = 20_000
# What pdfium gives for a hyphen at the end of a line.
_HYPHENS = frozenset({2, ord(BROKEN)})


@dataclass(slots=True)
class Effort:
    """How much of a document is still looked at letter by letter and rule by rule; beyond it, pages are as drawn."""

    letters: int = 1_000_000
    objects: int = 500_000


class Sheet:
    """One page of an open document.

    low, high: where the page ends below and above, as its reader holds it.
    """

    def __init__(self, page: pypdfium2.PdfPage, reader: pypdfium2.PdfTextPage, effort: Effort) -> None:
        self._page, self._reader, self._effort = page, reader, effort
        self._turned = page.get_rotation()
        ends = self._seen(*page.get_bbox())
        self.low, self.high = ends.bottom, ends.top

    def _seen(self, left: float, bottom: float, right: float, top: float) -> Box:
        """Return a place as the page is turned for its reader."""
        if self._turned == 90:
            return Box(bottom, -right, top, -left)
        if self._turned == 180:
            return Box(-right, -top, -left, -bottom)
        if self._turned == 270:
            return Box(-top, left, -bottom, right)
        return Box(left, bottom, right, top)

    def lines(self, most: int) -> list[Printed]:
        """Return the lines of the page, at most so many letters.

        In the order in which the page draws them, which is that of reading for most; where white or rules part it
        into columns or cells, by these.
        """
        text = self._reader.get_text_range()[: max(0, most)]
        if 0 < len(text) <= min(_MOST_LETTERS, self._effort.letters):
            grids = grids_of(*self._rules())
            if grids or self._has_gaps():
                self._effort.letters -= len(text)
                return laid_out(list(self._words(grids)), grids)
        return list(self._drawn(text))

    def _drawn(self, text: str) -> Iterator[Printed]:
        place = 0
        for whole in text.splitlines(keepends=True):
            if said := fold(whole):
                start = place + len(whole) - len(whole.lstrip())
                first, last = (self._place(at) for at in (start, place + len(whole.rstrip()) - 1))
                if first is None or last is None:
                    yield Printed(text=said)
                else:
                    # A line that ends within a word goes on in the next one.
                    yield Printed(
                        text=said,
                        top=first[1].top,
                        bottom=min(first[1].bottom, last[1].bottom),
                        right=last[1].right,
                        size=self._size(first[0]),
                    )
            place += len(whole)

    def _place(self, at: int) -> tuple[int, Box] | None:
        """Return which letter stands at a place of the text of the page, and where it is drawn."""
        box = pdfium.FS_RECTF()
        letter = pdfium.FPDFText_GetCharIndexFromTextIndex(self._reader, at)
        if letter < 0 or not pdfium.FPDFText_GetLooseCharBox(self._reader, letter, box):
            return None
        return letter, self._seen(box.left, box.bottom, box.right, box.top)

    def _size(self, letter: int) -> float:
        """Return the size of a letter's font as it is drawn."""
        matrix = pdfium.FS_MATRIX()
        size = pdfium.FPDFText_GetFontSize(self._reader, letter)
        if not pdfium.FPDFText_GetMatrix(self._reader, letter, matrix):
            return float(size)
        return float(size * math.hypot(matrix.a, matrix.b))

    def _has_gaps(self) -> bool:
        """Tell whether several stretches of text stand beside others at the same height, white between them."""
        sides = [ctypes.c_double() for _ in range(4)]
        left, top, right, bottom = sides
        count, gaps = pdfium.FPDFText_CountRects(self._reader, 0, -1), 0
        boxes = []
        for place in range(min(count, _MOST_OBJECTS)):
            if pdfium.FPDFText_GetRect(self._reader, place, *sides):
                boxes.append(self._seen(left.value, bottom.value, right.value, top.value))
        boxes.sort(key=lambda each: (-round((each.top + each.bottom) / 8), each.left))
        for one, other in itertools.pairwise(boxes):
            shared = min(one.top, other.top) - max(one.bottom, other.bottom)
            beside = 2 * shared > min(one.height, other.height)
            gaps += beside and other.left - one.right >= max(_LEAST_GAP, _GAP * min(one.height, other.height))
        return gaps >= _FEWEST_GAPS

    def _words(self, grids: list[Grid]) -> Iterator[Word]:
        """Yield the words of the page as it draws them; a rule between two letters parts them."""
        box = pdfium.FS_RECTF()
        letters: list[str] = []
        whole = last = Box(0, 0, 0, 0)
        spaced, slanted, size = False, False, 0.0
        for place in range(pdfium.FPDFText_CountChars(self._reader)):
            code = pdfium.FPDFText_GetUnicode(self._reader, place)
            letter = BROKEN if code in _HYPHENS else chr(code) if code < 0x110000 else ""
            if letter.isspace() or (letter != BROKEN and code < 32) or 0xD800 <= code < 0xE000:
                if letters:
                    yield Word(box=whole, text="".join(letters), size=size, spaced=spaced, slanted=slanted)
                    letters, spaced = [], False
                # White space that pdfium makes is told by the gap, and at times lies amid a word.
                spaced = spaced or not pdfium.FPDFText_IsGenerated(self._reader, place)
                continue
            if not pdfium.FPDFText_GetLooseCharBox(self._reader, place, box):
                continue
            seen = self._seen(box.left, box.bottom, box.right, box.top)
            if not all(map(math.isfinite, seen)):
                continue
            if letters and (_apart(last, seen) or any(grid.parts(last, seen) for grid in grids)):
                yield Word(box=whole, text="".join(letters), size=size, spaced=spaced, slanted=slanted)
                letters, spaced = [], False
            if not letters:
                whole, size = seen, self._size(place)
                turned = math.degrees(pdfium.FPDFText_GetCharAngle(self._reader, place)) % 90
                slanted = _SLANTED < turned < 90 - _SLANTED
            whole = _around(whole, seen)
            letters.append(letter)
            last = seen
        if letters:
            yield Word(box=whole, text="".join(letters), size=size, spaced=spaced, slanted=slanted)

    def _rules(self) -> tuple[list[Edge], list[Edge]]:
        """Return the straight horizontal and vertical rules that the page draws."""
        across: list[Edge] = []
        down: list[Edge] = []
        left = _MOST_SEGMENTS
        filled, stroked = ctypes.c_int(), ctypes.c_int()
        count = min(pdfium.FPDFPage_CountObjects(self._page), _MOST_OBJECTS, self._effort.objects)
        self._effort.objects -= count
        for place in range(count):
            drawn = pdfium.FPDFPage_GetObject(self._page, place)
            if pdfium.FPDFPageObj_GetType(drawn) != pdfium.FPDF_PAGEOBJ_PATH:
                continue
            segments = pdfium.FPDFPath_CountSegments(drawn)
            left -= max(0, segments)
            if left < 0:
                return [], []
            pdfium.FPDFPath_GetDrawMode(drawn, filled, stroked)
            if not filled.value and not stroked.value:
                continue
            for part in self._parts(drawn, segments):
                one = Box(
                    min(x for x, _ in part), min(y for _, y in part), max(x for x, _ in part), max(y for _, y in part)
                )
                if not stroked.value and min(one.right - one.left, one.height) > _THIN:
                    continue  # the colour behind a text
                for (x0, y0), (x1, y1) in itertools.pairwise(part):
                    if abs(y1 - y0) <= 1:
                        across.append(Edge((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
                    elif abs(x1 - x0) <= 1:
                        down.append(Edge((x0 + x1) / 2, min(y0, y1), max(y0, y1)))
        return across, down

    def _parts(self, drawn: pdfium.FPDF_PAGEOBJECT, count: int) -> Iterator[list[tuple[float, float]]]:
        """Yield the points of each stretch of straight lines of a path."""
        matrix = pdfium.FS_MATRIX()
        if not pdfium.FPDFPageObj_GetMatrix(drawn, matrix):
            return
        x, y = ctypes.c_float(), ctypes.c_float()
        part: list[tuple[float, float]] = []
        for place in range(count):
            segment = pdfium.FPDFPath_GetPathSegment(drawn, place)
            kind = pdfium.FPDFPathSegment_GetType(segment)
            if not pdfium.FPDFPathSegment_GetPoint(segment, x, y):
                continue
            seen = self._seen(
                *2
                * (
                    matrix.a * x.value + matrix.c * y.value + matrix.e,
                    matrix.b * x.value + matrix.d * y.value + matrix.f,
                )
            )
            if kind != pdfium.FPDF_SEGMENT_LINETO:
                if len(part) > 1:
                    yield part
                part = []
            part.append((seen.left, seen.bottom))
            if pdfium.FPDFPathSegment_GetClose(segment):
                part.append(part[0])
        if len(part) > 1:
            yield part


def _apart(one: Box, other: Box) -> bool:
    """Tell whether a letter does not go on the word of the letter before it."""
    height = min(one.height, other.height)
    shared = min(one.top, other.top) - max(one.bottom, other.bottom)
    return other.left - one.right > _WORD_GAP * height or other.right < one.left or 2 * shared < height


def _around(one: Box, other: Box) -> Box:
    return Box(
        min(one.left, other.left),
        min(one.bottom, other.bottom),
        max(one.right, other.right),
        max(one.top, other.top),
    )
