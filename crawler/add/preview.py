"""A proposal and some of its documents, for a person to judge before a file is written; pure."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from crawler.add.proposal import Proposal
from crawler.add.trial import Sample
from crawler.plurals import many
from crawler.terminal import clean, pad, shorten, width
from spiders.source import Source
from storage.model import Role

WORDS = {Role.LIST: "list", Role.FEED: "feed", Role.SITEMAP: "site map"}
LABEL_CELLS = 14


def _line(label: str, text: str, cells: int, style: str = "", *, cut: bool = True) -> Text:
    line = Text(pad(label, LABEL_CELLS), "dim")
    text = clean(text)
    return line.append(shorten(text, cells - LABEL_CELLS) if cut else text, style)


def _wrapped(label: str, text: str, cells: int) -> list[Text]:
    """Return a text in at most two lines under one label."""
    text, room = clean(text), cells - LABEL_CELLS
    first = text
    while width(first) > room:
        first = first[: max(len(first) - max((width(first) - room) // 2, 1), 0)]
    if first != text and " " in first and text[len(first) : len(first) + 1].isascii():
        first = first.rpartition(" ")[0] if not text[len(first) :].startswith(" ") else first
    lines = [_line(label, first, cells)]
    rest = text[len(first) :].strip()
    return [*lines, _line("", rest, cells)] if rest else lines


def _sample_lines(number: int, sample: Sample, cells: int) -> list[Text]:
    left_out = ", ".join(f"{count} {rule}" for rule, count in sample.left_out.items())
    lines = [
        _line(f"{number}", sample.title or "(no title)", cells, "bold"),
        # Never cut: an address that is cut cannot be opened.
        _line("", sample.url, cells, "dim", cut=False),
        _line("published_on", str(sample.published_on or "-"), cells),
        _line("characters", f"{sample.characters:,}", cells),
    ]
    lines += _wrapped("first words", sample.opening or "-", cells)
    lines += _wrapped("left out", left_out or "nothing", cells)
    if sample.unsure:
        lines.append(_line("unsure of", "; ".join(sample.unsure), cells, "yellow", cut=False))
    return lines


def preview(proposal: Proposal, source: Source, samples: Sequence[Sample], *, cells: int) -> Text:
    """Return what was found, the documents as they would be kept, and what is in doubt; pure.

    cells: width of the terminal; only addresses, patterns and doubts may be wider.
    """
    pages = " on its first page" if proposal.role is Role.LIST else ""
    lines = [
        _line(WORDS[proposal.role], proposal.url, cells, cut=False),
        _line("publisher", f"{source.publisher} ({source.language}, {source.timezone})", cells),
        _line("shows now", f"{many(len(proposal.titles), 'document')}{pages}", cells),
    ]
    lines += [
        _line("documents" if not place else "", pattern, cells, cut=False)
        for place, pattern in enumerate(source.documents or ("every address it names",))
    ]
    lines += [_line("within", selector, cells, cut=False) for selector in source.within]
    lines += [_line("unsure of", doubt, cells, "yellow", cut=False) for doubt in proposal.doubts]
    if not samples:
        lines += [Text(), _line("unsure of", "none of its documents could be asked for", cells, "yellow")]
    for number, sample in enumerate(samples, 1):
        lines += [Text(), *_sample_lines(number, sample, cells)]
    return Text("\n").join(lines)
