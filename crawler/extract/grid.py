"""Tables that rules are drawn around: lines on a page to cells; pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import NamedTuple

_NEAR = 2.5
_TOUCH = 4.0
_SHORTEST = 6.0
_MOST_EDGES = 300
_MOST_GRIDS = 20
_LONGEST_CELL = 600
_FEWEST_ROWS = 2
_FEWEST_COLUMNS = 2


class Box(NamedTuple):
    """A place on a page, in points."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def height(self) -> float:
        """From bottom to top."""
        return self.top - self.bottom


class Edge(NamedTuple):
    """A straight rule: where it lies, and from where to where it goes along the other axis."""

    at: float
    start: float
    end: float


class Grid:
    """A table with rules: the columns and rows that they make, and which of these a cell spans."""

    def __init__(self, across: Sequence[Edge], down: Sequence[Edge]) -> None:
        xs = _places([edge.at for edge in down], [side for edge in across for side in edge[1:]])
        ys = _places([edge.at for edge in across], [side for edge in down for side in edge[1:]])[::-1]
        self.edges = tuple(xs)
        self._depths = [-y for y in ys]
        self.box = Box(xs[0], ys[-1], xs[-1], ys[0])
        self.columns, self.height = len(xs) - 1, len(ys) - 1
        # Rules by the places at which they lie: a table has many, each of its sides few.
        beside = {x: [edge for edge in down if abs(edge.at - x) <= _NEAR] for x in xs}
        below = {y: [edge for edge in across if abs(edge.at - y) <= _NEAR] for y in ys}
        self._root = {(row, column): (row, column) for row in range(self.height) for column in range(self.columns)}
        for row in range(self.height):
            for column in range(self.columns):
                x, y = (xs[column] + xs[column + 1]) / 2, (ys[row] + ys[row + 1]) / 2
                if column + 1 < self.columns and not _covered(beside[xs[column + 1]], y):
                    self._join((row, column), (row, column + 1))
                if row + 1 < self.height and not _covered(below[ys[row + 1]], x):
                    self._join((row, column), (row + 1, column))

    def _find(self, cell: tuple[int, int]) -> tuple[int, int]:
        while (above := self._root[cell]) != cell:
            self._root[cell] = cell = self._root[above]
        return cell

    def _join(self, one: tuple[int, int], other: tuple[int, int]) -> None:
        first, second = sorted((self._find(one), self._find(other)))
        self._root[second] = first

    def cell_at(self, box: Box) -> tuple[int, int] | None:
        """Return the cell, by its first row and column, in which the middle of a box lies; None outside."""
        x, y = (box.left + box.right) / 2, (box.bottom + box.top) / 2
        if not (self.box.left <= x <= self.box.right and self.box.bottom <= y <= self.box.top):
            return None
        column = min(self.columns, max(1, bisect_left(self.edges, x))) - 1
        row = min(self.height, max(1, bisect_left(self._depths, -y))) - 1
        return self._find((row, column))

    def parts(self, one: Box, other: Box) -> bool:
        """Tell whether a rule stands between two boxes beside each other."""
        first, second = self.cell_at(one), self.cell_at(other)
        return first != second

    def rows(self, texts: Mapping[tuple[int, int], str]) -> tuple[tuple[str, ...], ...] | None:
        """Return the cells of each row that begins one, or None where the rules are around no table of data.

        A cell that spans several rows is one of the first.
        """
        if any(len(text) > _LONGEST_CELL for text in texts.values()):
            return None
        rows: dict[int, list[str]] = {}
        for cell in sorted({self._find(each) for each in self._root}):
            rows.setdefault(cell[0], []).append(texts.get(cell, ""))
        found = [tuple(cells) for cells in rows.values() if any(cells)]
        paired = sum(1 for cells in found if sum(map(bool, cells)) >= _FEWEST_COLUMNS)
        return tuple(found) if paired and 2 * paired >= len(found) else None


def grids_of(across: Sequence[Edge], down: Sequence[Edge]) -> list[Grid]:
    """Return the tables that horizontal and vertical rules make up; pure.

    None where there are more rules than a table has: those of a map or a chart.
    """
    flat, upright = _merged(across), _merged(down)
    if not flat or not upright or max(len(flat), len(upright)) > _MOST_EDGES:
        return []
    owner = list(range(len(flat) + len(upright)))

    def find(place: int) -> int:
        while (above := owner[place]) != place:
            owner[place] = place = owner[above]
        return place

    for first, (y, left, right) in enumerate(flat):
        for second, (x, low, high) in enumerate(upright, len(flat)):
            if left - _TOUCH <= x <= right + _TOUCH and low - _TOUCH <= y <= high + _TOUCH:
                owner[find(second)] = find(first)
    groups: dict[int, tuple[list[Edge], list[Edge]]] = {}
    for place, edge in enumerate([*flat, *upright]):
        groups.setdefault(find(place), ([], []))[place >= len(flat)].append(edge)
    grids = [Grid(one, other) for one, other in groups.values() if len(one) >= _FEWEST_ROWS and other]
    grids = [grid for grid in grids if grid.columns >= _FEWEST_COLUMNS and grid.height >= _FEWEST_ROWS]
    return grids if len(grids) <= _MOST_GRIDS else []


def _merged(edges: Sequence[Edge]) -> list[Edge]:
    """Return rules on one line that touch as one, without those that are no longer than a letter is wide."""
    found: list[Edge] = []
    lanes: list[list[Edge]] = []
    for edge in sorted(edges):
        if lanes and edge.at - lanes[-1][0].at <= _NEAR:
            lanes[-1].append(edge)
        else:
            lanes.append([edge])
    for lane in lanes:
        at = lane[0].at
        start, end = None, 0.0
        for edge in sorted(lane, key=lambda each: each.start):
            if start is not None and edge.start <= end + _TOUCH:
                end = max(end, edge.end)
                continue
            if start is not None:
                found.append(Edge(at, start, end))
            start, end = edge.start, edge.end
        if start is not None:
            found.append(Edge(at, start, end))
    return [edge for edge in found if edge.end - edge.start >= _SHORTEST]


def _places(own: Sequence[float], reach: Sequence[float]) -> list[float]:
    """Return where rules lie, and the ends of those across them where a table is open at a side."""
    found: list[float] = []
    for place in sorted(own):
        if not found or place - found[-1] > _NEAR:
            found.append(place)
    low, high = min(reach), max(reach)
    if not found or low < found[0] - 2 * _TOUCH:
        found.insert(0, low)
    if high > found[-1] + 2 * _TOUCH:
        found.append(high)
    return found


def _covered(edges: Sequence[Edge], along: float) -> bool:
    return any(edge.start - _TOUCH <= along <= edge.end + _TOUCH for edge in edges)
