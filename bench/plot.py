"""Figures as drawings: ratios as bars, each with its spread and what it should reach; and curves.  Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

_LEFT, _RIGHT, _HEIGHT, _BAR = 300, 60, 22, 12
_WIDTH = 860


def bars(tables: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """Return an SVG of tables of ratios; each ratio has median, least, most and reach.

    Bars are drawn in parts of what they should reach: those that touch the line do.
    """
    parts: list[str] = []
    y = 10
    most = max((told["most"] / told["reach"] for table in tables.values() for told in table.values()), default=1.0)
    scale = (_WIDTH - _LEFT - _RIGHT) / max(1.0, most)
    for title, table in tables.items():
        y += _HEIGHT
        parts.append(f'<text x="10" y="{y}" font-weight="bold">{escape(title)}</text>')
        for name, told in table.items():
            y += _HEIGHT
            median, least, top = (told[key] / told["reach"] * scale for key in ("median", "least", "most"))
            colour = "#2a7" if told["median"] >= told["reach"] else "#c63"
            middle = y - _BAR / 2 + 2
            parts.append(f'<text x="{_LEFT - 8}" y="{y}" text-anchor="end">{escape(name)}</text>')
            parts.append(
                f'<rect x="{_LEFT}" y="{y - _BAR + 2}" width="{median:.1f}" height="{_BAR}" fill="{colour}"/>'
                f'<path d="M{_LEFT + least:.1f} {middle}H{_LEFT + top:.1f}" stroke="#000"/>'
                f'<text x="{_LEFT + max(median, top) + 6:.1f}" y="{y}">{told["median"]:.2f}</text>'
            )
    y += _HEIGHT
    line = _LEFT + scale
    parts.append(f'<path d="M{line:.1f} 14V{y - 8}" stroke="#000" stroke-dasharray="3 3"/>')
    parts.append(f'<text x="{line:.1f}" y="{y + 6}" text-anchor="middle">what it should reach</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{y + 20}" font-family="sans-serif" '
        f'font-size="12"><rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def curves(places: Sequence[float], lines: Mapping[str, Sequence[float]], *, along: str) -> str:
    """Return an SVG of figures that were taken at some places, one field for each line, each from 0 to its most.

    places: ascending, above 0; they are drawn by their logarithms.  along: what they count.
    """
    parts: list[str] = []
    field, width = 90, _WIDTH - _LEFT - _RIGHT
    first, last = math.log10(places[0]), math.log10(places[-1])
    at = [_LEFT + width * (math.log10(place) - first) / ((last - first) or 1) for place in places]
    y = 20
    for name, values in lines.items():
        y += field
        most = max(values) or 1
        points = [(x, y - (field - 34) * value / most) for x, value in zip(at, values, strict=True)]
        path = "L".join(f"{x:.1f} {height:.1f}" for x, height in points)
        parts.append(f'<text x="{_LEFT - 20}" y="{y - 20}" text-anchor="end">{escape(name)}</text>')
        parts.append(f'<path d="M{_LEFT} {y}H{_LEFT + width}" stroke="#aaa"/>')
        parts.append(f'<path d="M{path}" stroke="#2a7" fill="none" stroke-width="2"/>')
        for (x, height), value in zip(points, values, strict=True):
            parts.append(f'<circle cx="{x:.1f}" cy="{height:.1f}" r="3" fill="#2a7"/>')
            parts.append(f'<text x="{x:.1f}" y="{height - 6:.1f}" text-anchor="middle">{value:.3g}</text>')
    y += 20
    for x, place in zip(at, places, strict=True):
        parts.append(f'<text x="{x:.1f}" y="{y}" text-anchor="middle">{place:,.0f}</text>')
    parts.append(f'<text x="{_LEFT - 20}" y="{y}" text-anchor="end">{escape(along)}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{y + 20}" font-family="sans-serif" '
        f'font-size="12"><rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )
