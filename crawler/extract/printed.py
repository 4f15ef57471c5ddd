"""What stands on a page of a PDF, as lines in the order in which a reader goes through them; pure.

A page says where its letters are, not what they make up: columns are told by the white between them, tables by their
rules, or by cells that stand below one another.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from crawler.extract.flow import fold, squeeze, weight
from crawler.extract.grid import Box, Grid

_FEWEST_ROWS = 3
_FEWEST_COLUMN_LINES = 4
_DEEPEST = 24
_LEAST_GAP = 0.6
_CELL_GAP = 1.2
_BREAK = 3.0
_PROSE_WEIGHT = 16
_PROSE_SHARE = 0.6
_PROSE_FULL = 0.7
_SPACE = 0.12
_TIGHT = 0.8
_WIDE_SPACE = 0.8
_UNEVEN = 0.2
_SET_OFF = 1.35
_UNEVEN_SHARE = 0.3
_FEWEST_CELLS = 2
BROKEN = "\ufffe"  # what pdfium gives for a hyphen at which a line was broken

_WIDE = re.compile("[\u2e80-\u303f\u3040-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]")
_HYPHENED = re.compile(r"[A-Za-z]-$")
# What stands before the entries of a list, set off from them.
_COUNT = re.compile(
    r"^(?:[（(\[]?(?:[\dA-Za-z]{1,3}(?:\.\d{1,3}){0,3}|[一二三四五六七八九十]{1,3})[)）\].、．:：]{0,2}"
    r"|[•·●■◆▪○◦*–—-])$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Letters that stand together.

    size: of its font, in points.  spaced: the page itself has white space before it.
    slanted: it runs neither across nor down the page, as the letters of a watermark do.
    """

    box: Box
    text: str
    size: float = 0.0
    spaced: bool = False
    slanted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A line of a page, or the rows of a table.

    top, bottom, right, size: in points, upwards from any base; size of the letters; 0 where they are not known.
    room: of a line in a column, the weight of a full one there.
    rows: of a table, their cells; none of a line.  edges: of a table with rules, where its columns end.
    """

    text: str
    top: float = 0.0
    bottom: float = 0.0
    right: float = 0.0
    size: float = 0.0
    room: float = 0.0
    rows: tuple[tuple[str, ...], ...] = ()
    edges: tuple[float, ...] = ()


@dataclass(slots=True)
class _Row:
    """Words at one height, from left to right; or a table, which no column parts."""

    words: list[Word] = field(default_factory=list)
    table: Printed | None = None

    def box(self) -> Box:
        boxes = [word.box for word in self.words]
        return Box(
            min(box.left for box in boxes),
            min(box.bottom for box in boxes),
            max(box.right for box in boxes),
            max(box.top for box in boxes),
        )


def text_of(words: Sequence[Word]) -> str:
    """Return the text of words of one line; pure."""
    pieces: list[str] = []
    for place, word in enumerate(words):
        if place:
            before = words[place - 1]
            wide = _WIDE.match(before.text[-1]) and _WIDE.match(word.text[0])
            apart = word.box.left - before.box.right > (_WIDE_SPACE if wide else _SPACE) * word.box.height
            pieces.append(" " if word.spaced or apart else "")
        pieces.append(word.text)
    return fold("".join(pieces))


def rows_of(words: Sequence[Word]) -> list[_Row]:
    """Return words by the heights at which they stand, from the top; pure."""
    rows: list[_Row] = []
    low = high = 0.0
    for word in sorted(words, key=lambda each: -(each.box.top + each.box.bottom)):
        shared = min(high, word.box.top) - max(low, word.box.bottom)
        if rows and 2 * shared > min(high - low, word.box.height):
            rows[-1].words.append(word)
            if word.box.height > high - low:
                low, high = word.box.bottom, word.box.top
        else:
            rows.append(_Row(words=[word]))
            low, high = word.box.bottom, word.box.top
    for row in rows:
        row.words.sort(key=lambda each: each.box.left)
    return rows


def paragraph_of(words: Sequence[Word]) -> str:
    """Return the text of a cell, its lines joined; pure."""
    text = ""
    for row in rows_of(words):
        line = text_of(row.words)
        # What breaks a word is part of it until all words of the document are known.
        text = f"{text[:-1]}{BROKEN}{line}" if _is_broken(text, line) else f"{text}\n{line}"
    return fold(text)


def _is_broken(above: str, below: str) -> bool:
    """Tell whether the last word of a line goes on in the next one; pure."""
    return below[:1].isalpha() and (above.endswith(BROKEN) or (bool(_HYPHENED.search(above)) and below[:1].islower()))


def laid_out(words: Sequence[Word], grids: Sequence[Grid]) -> list[Printed]:
    """Return the lines and tables of a page in reading order; pure."""
    held: list[dict[tuple[int, int], list[Word]]] = [{} for _ in grids]
    free: list[Word] = []
    for word in words:
        if word.slanted:
            continue
        for grid, cells in zip(grids, held, strict=True):
            if (cell := grid.cell_at(word.box)) is not None:
                cells.setdefault(cell, []).append(word)
                break
        else:
            free.append(word)
    rows: list[_Row] = []
    for grid, cells in zip(grids, held, strict=True):
        texts = {cell: paragraph_of(inside) for cell, inside in cells.items()}
        if (said := grid.rows(texts)) is None:
            free.extend(word for inside in cells.values() for word in inside)
            continue
        table = Printed(text="", top=grid.box.top, bottom=grid.box.bottom, rows=said, edges=grid.edges)
        rows.append(_Row(words=[Word(box=grid.box, text="")], table=table))
    rows.extend(rows_of(free))
    rows.sort(key=lambda row: -row.box().top)
    slanted = [word for word in words if word.slanted]
    last = [Printed(text=text_of(slanted))] if slanted else []
    return [*_joined(_flow(rows, 0)), *last]


def _flow(rows: list[_Row], depth: int) -> Iterator[Printed]:
    """Yield rows as lines, columns one after the other; what is above the longest of them and below it, by itself."""
    gutter = _gutter(rows) if depth < _DEEPEST else None
    start, end = _run(rows, gutter) if gutter is not None else (0, 0)
    if gutter is None or start == end:
        yield from map(_line, rows)
        return
    run = rows[start:end]
    both = [row for row in run if _side(row, gutter) == "both"]
    columns = len(both) >= _FEWEST_COLUMN_LINES and (_is_prose(both, gutter) or _is_uneven(both, gutter))
    while columns and start and _side(rows[start - 1], gutter) in ("left", "right"):
        if _far(rows[start - 1], rows[start]):
            break
        start -= 1  # one column begins above the other
    yield from _flow(rows[:start], depth + 1)
    if columns:
        end -= _set_off(run, gutter)
        for side in _parted(rows[start:end], gutter):
            yield from _roomed(_flow(side, depth + 1))
    else:
        while _side(rows[end - 1], gutter) != "both":
            end -= 1
        run = rows[start:end]
        table = _table(run)
        while table is not None and sum(map(bool, table.rows[0])) < _FEWEST_CELLS:
            yield _line(run[0])  # what heads the table
            run = run[1:]
            table = _table(run)
        yield from [table] if table is not None else map(_line, run)
    yield from _flow(rows[end:], depth + 1)


def _set_off(run: Sequence[_Row], gutter: float) -> int:
    """Return how many rows below the last one on both sides are no rest of a column: few, and white above them."""
    last = max(place for place, row in enumerate(run) if _side(row, gutter) == "both")
    pitch = median(one.box().bottom - other.box().bottom for one, other in itertools.pairwise(run))
    for place in range(max(last, len(run) - 1 - _FEWEST_ROWS), len(run) - 1):
        if run[place].box().bottom - run[place + 1].box().bottom > _SET_OFF * pitch:
            return len(run) - 1 - place
    return 0


def _roomed(lines: Iterator[Printed]) -> list[Printed]:
    """Return the lines of a column, each with what a full one there weighs."""
    column = list(lines)
    weights = sorted(weight(line.text) for line in column if not line.rows)
    room = weights[int(0.9 * (len(weights) - 1))] if weights else 0
    return [line if line.room or line.rows else replace(line, room=room) for line in column]


def _line(row: _Row) -> Printed:
    if row.table is not None:
        return row.table
    box = row.box()
    size = max(row.words, key=lambda word: weight(word.text)).size
    return Printed(text=text_of(row.words), top=box.top, bottom=box.bottom, right=box.right, size=size)


def _gaps(row: _Row, least: float) -> list[tuple[float, float]]:
    """Return the stretches between the words of a row that are as wide as a share of the letters' height."""
    found = []
    reach = row.words[0].box.right
    for word in row.words[1:]:
        if word.box.left - reach >= least * word.box.height:
            found.append((reach, word.box.left))
        reach = max(reach, word.box.right)
    return found


def _gutter(rows: Sequence[_Row]) -> float | None:
    """Return where most rows have white between words at the same place."""
    ends = [(left, 1) for row in rows for left, _ in _gaps(row, _LEAST_GAP)]
    ends += [(right, -1) for row in rows for _, right in _gaps(row, _LEAST_GAP)]
    ends.sort()
    best, most, widest, count = None, _FEWEST_ROWS - 1, 0.0, 0
    for (place, step), (after, _) in itertools.pairwise(ends):
        count += step
        if count > most or (count == most and after - place > widest):
            # What is on its right begins at one place; what is on its left may go as far.
            best, most, widest = max(after - 0.5, (place + after) / 2), count, after - place
    return best


def _side(row: _Row, gutter: float) -> str:
    """Return where a row stands: on one side of a gutter, on both, or across it."""
    left = [word.box for word in row.words if word.box.left < gutter]
    right = [word.box for word in row.words if word.box.left >= gutter]
    end = max((box.right for box in left), default=gutter)
    if end > gutter:
        return "across"
    if not left or not right:
        return "left" if left else "right"
    height = min(box.height for box in (*left, *right))
    return "both" if min(box.left for box in right) - end >= _LEAST_GAP * height else "across"


def _run(rows: Sequence[_Row], gutter: float) -> tuple[int, int]:
    """Return where the longest stretch of rows that a gutter parts begins and ends; nowhere where it is short."""
    best, most = (0, 0), _FEWEST_ROWS - 1
    start = both = 0
    for place in range(len(rows) + 1):
        side = _side(rows[place], gutter) if place < len(rows) else "across"
        far = 0 < place < len(rows) and _far(rows[place - 1], rows[place])
        if both and (side == "across" or far):
            if both > most:
                best, most = (start, place), both
            both = 0
        if side == "both":
            start = start if both else place
            both += 1
    return best


def _far(above: _Row, below: _Row) -> bool:
    upper, lower = above.box(), below.box()
    return upper.bottom - lower.top > _BREAK * min(upper.height, lower.height)


def _parted(run: Sequence[_Row], gutter: float) -> tuple[list[_Row], list[_Row]]:
    """Return what stands on each side of a gutter, each side's words in rows of their own height."""
    sides: tuple[list[_Row], list[_Row]] = [], []
    for side, wanted in zip(sides, (True, False), strict=True):
        tables = [row for row in run if row.table is not None and (row.box().right <= gutter) == wanted]
        words = [word for row in run if row.table is None for word in row.words]
        side.extend(rows_of([word for word in words if (word.box.left < gutter) == wanted]))
        side.extend(tables)
        side.sort(key=lambda row: -row.box().top)
    return sides


def _is_prose(rows: Sequence[_Row], gutter: float) -> bool:
    """Tell whether the rows on both sides of a gutter are lines of running text: long, and most of them full."""
    for wanted in (True, False):
        sides = [[word for word in row.words if (word.box.left < gutter) == wanted] for row in rows]
        left = min(words[0].box.left for words in sides)
        right = max(words[-1].box.right for words in sides)
        weights = sorted(weight(text_of(words)) for words in sides)
        if weights[int(_PROSE_SHARE * len(weights))] < _PROSE_WEIGHT:
            return False
        full = sum(1 for words in sides if words[-1].box.right - left >= _PROSE_FULL * (right - left))
        if 2 * full < len(sides):
            return False
    return True


def _is_uneven(rows: Sequence[_Row], gutter: float) -> bool:
    """Tell whether lines on one side of a gutter stand at other heights than those beside them, as no cells do."""
    uneven = 0
    for row in rows:
        sides = [[word.box for word in row.words if (word.box.left < gutter) == wanted] for wanted in (True, False)]
        left, right = (median(box.bottom for box in boxes) for boxes in sides)
        uneven += abs(left - right) > _UNEVEN * min(box.height for boxes in sides for box in boxes)
    return uneven >= _UNEVEN_SHARE * len(rows)


def _table(rows: Sequence[_Row]) -> Printed | None:
    """Return rows whose words stand below one another in columns as a table; None where they do not."""
    if len(rows) < _FEWEST_ROWS or any(row.table is not None for row in rows):
        return None
    height = median(word.box.height for row in rows for word in row.words)
    spans = sorted((word.box.left, word.box.right) for row in rows for word in row.words)
    edges: list[float] = []
    reach = spans[0][1]
    for left, right in spans:
        if left - reach >= _CELL_GAP * height:
            edges.append((reach + left) / 2)
        reach = max(reach, right)
    if not edges:
        return None
    steps = [one.box().bottom - other.box().bottom for one, other in itertools.pairwise(rows)]
    tight = _TIGHT * sorted(steps)[int(0.75 * (len(steps) - 1))]
    found: list[list[str]] = []
    alone = False
    for row, step in zip(rows, [float("inf"), *steps], strict=True):
        cells = [
            text_of([word for word in row.words if low <= word.box.left < high])
            for low, high in zip((float("-inf"), *edges), (*edges, float("inf")), strict=True)
        ]
        single = sum(map(bool, cells)) == 1
        if found and ((single and not cells[0]) or (step < tight and (single or alone))):
            # A cell of several lines, the others beside one of them.
            found[-1] = [fold(f"{above}\n{cell}") for above, cell in zip(found[-1], cells, strict=True)]
            alone = alone and single
        else:
            found.append(cells)
            alone = single
    counted = sum(1 for cells in found if _COUNT.match(squeeze(cells[0])))
    if len(found) < _FEWEST_ROWS or (len(edges) == 1 and 2 * counted > len(found)):
        return None
    if 2 * sum(1 for cells in found if sum(map(bool, cells)) >= 2) < len(found):
        return None
    top, bottom = rows[0].box().top, rows[-1].box().bottom
    return Printed(text="", top=top, bottom=bottom, rows=tuple(map(tuple, found)))


def _joined(lines: Iterator[Printed]) -> list[Printed]:
    """Return lines with the words whole that their width broke."""
    found: list[Printed] = []
    for line in lines:
        last = found[-1] if found else None
        if last is not None and not last.rows and not line.rows and _is_broken(last.text, line.text):
            head, _, rest = line.text.partition(" ")
            found[-1] = replace(last, bottom=line.bottom, text=f"{last.text[:-1]}{BROKEN}{head}")
            if rest:
                found.append(replace(line, text=rest))
        else:
            found.append(line)
    return found
