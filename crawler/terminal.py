"""Text for a terminal or a log line: page text is made harmless, Chinese takes two cells."""

from __future__ import annotations

import unicodedata

from rich.cells import cell_len, set_cell_size
from rich.console import Console

_BREAKS = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
_REPLACEMENT = "\ufffd"


def clean(text: str, *, lines: bool = False) -> str:
    """Return text that cannot move the cursor, colour, reorder or hide what stands beside it.

    Pure.  Controls and lone surrogates become U+FFFD, so that one sees them; format characters (bidi controls,
    zero-width ones) are dropped; line breaks and tabs become spaces.

    lines: keep line breaks, as "\\n".
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _harmless(char, lines) for char in text.replace("\r\n", "\n"))


def _harmless(char: str, lines: bool) -> str:
    if char in _BREAKS:
        return "\n" if lines else " "
    if char == "\t":
        return " "
    category = unicodedata.category(char)
    if category == "Cf":
        return ""
    return _REPLACEMENT if category in ("Cc", "Cs") else char


class Results(Console):
    """A console of standard output: where its reader goes away, as ``head`` does, the command ends, and well."""

    def on_broken_pipe(self) -> None:
        """Say it as Python does; rich would end with exit code 1."""
        raise BrokenPipeError


class Remarks(Console):
    """A console of standard error: where nobody reads it any more, the work goes on without it.

    Who started a crawl may be killed while it runs. rich would raise SystemExit in whatever code has something to
    say then, on an event loop of all places.
    """

    def on_broken_pipe(self) -> None:
        """Print nothing more."""
        self.quiet = True


def console(*, stderr: bool = False) -> Console:
    """Return a console that reads no markup, emoji codes or numbers into what it prints.

    Page text goes through ``clean`` and is printed as it is, or as rich.text.Text where it has a style.
    """
    kind = Remarks if stderr else Results
    return kind(stderr=stderr, markup=False, emoji=False, highlight=False, soft_wrap=True)


def width(text: str) -> int:
    """Return how many cells a text takes.  Pure."""
    return cell_len(text)


def shorten(text: str, cells: int) -> str:
    """Return a text of at most so many cells, what is cut marked with "…".  Pure."""
    if cell_len(text) <= cells:
        return text
    return set_cell_size(text, max(cells - 1, 0)).rstrip() + "…"[:cells]


def pad(text: str, cells: int) -> str:
    """Return a text of exactly so many cells, cut or filled with spaces.  Pure."""
    return set_cell_size(shorten(text, cells), cells)
