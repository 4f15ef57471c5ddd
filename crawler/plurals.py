"""A number with what it counts, as people write it; pure.

>>> many(1, "record"), many(3, "record"), many(2, "address"), many(0, "fetch")
('1 record', '3 records', '2 addresses', '0 fetches')
"""

from __future__ import annotations


def many(count: float, noun: str) -> str:
    """Return a count with its noun; several are formed with -s, or -es after a hiss.

    Pure.  count: shown without decimals.
    """
    shown = f"{count:.0f}"
    if shown == "1":
        return f"1 {noun}"
    return f"{shown} {noun}{'es' if noun.endswith(('s', 'x', 'ch', 'sh')) else 's'}"
