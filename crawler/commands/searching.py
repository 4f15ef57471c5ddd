"""``search``: documents by words."""

from __future__ import annotations

import re
from pathlib import Path

from rich.text import Text

from crawler.commands.output import emit_all, known_source, remark, say
from crawler.terminal import clean, console
from spiders.loader import load
from storage import Archive, Home
from storage.browsing import Filter, Found
from storage.model import Hit

MARKED = re.compile("\x02(.*?)\x03")


def show_hits(
    folder: Path | None,
    archive_path: Home,
    words: str,
    *,
    source: str | None,
    all_versions: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Print the versions that hold all words, best first; of words that stand in thousands of texts, newest first."""
    sources = load(folder)
    with Archive.open(archive_path, readonly=True) as archive:
        name = known_source(archive, sources, source) if source else None
        found = archive.find(words, Filter(source=name), all_versions=all_versions, limit=limit)
    hits = [hit_of(each) for each in found.hits]
    if as_json:
        emit_all(hits)
        return
    marks = console().color_system is None or console().no_color
    for hit in hits:
        say(as_text(hit, marks=marks))
        say()
    if not hits:
        remark("no document holds all of these words")
    if found.looked:
        remark(f"only the newest {found.looked} texts were looked through; a rarer word finds older ones")


def hit_of(found: Found) -> Hit:
    """Return what was found as programs read it.  Pure."""
    return Hit(
        document_id=found.document_id,
        source=found.source,
        url=found.url,
        title=found.title,
        version=found.version,
        published_on=found.published_on,
        first_seen_at=found.first_seen_at,
        snippet=found.snippet,
    )


def as_text(hit: Hit, *, marks: bool) -> Text:
    """Return a hit as a block of lines.  Pure.

    marks: write [words found] in brackets, for where styles are not seen.
    """
    text = Text().append(clean(hit.title or "(no title)"), "bold")
    text.append(f"\n    {clean(hit.url)}", "dim")
    dated = f", {hit.published_on}" if hit.published_on else ""
    text.append(f"\n    {hit.source}, version {hit.version}{dated}", "dim")
    text.append("\n    ")
    for place, part in enumerate(MARKED.split(hit.snippet)):
        found = place % 2 == 1
        shown = clean(part)
        text.append(f"[{shown}]" if found and marks else shown, "bold yellow" if found else "")
    return text
