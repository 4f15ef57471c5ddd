"""What a source says of its pages, for the extractor."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a source file says of its pages, as CSS selectors.

    keep: the only places of the text, where any of them matches.  drop: what is none of it.
    """

    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


# What is said instead of an extraction where a page gives the one that is known; never kept.
KNOWN = "known"
