"""Ratios as a drawing: a bar for each, its spread, and a mark for what it should reach.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
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
