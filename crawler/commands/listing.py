"""``sources``: the source files that are known, and what is wrong with the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.text import Text

from crawler.commands.output import emit_all, remark, say
from crawler.errors import SourceError
from crawler.plurals import many
from crawler.terminal import clean, pad, width
from spiders.loader import Sources, load
from spiders.source import Source
from storage import Archive, Home


def chosen(folder: Path | None, names: tuple[str, ...]) -> tuple[Sources, list[Source]]:
    """Return all sources, and those that a person means.

    names: none for all of the person's own folder, or for the shipped ones where there is no such folder.
    Raises SourceError for a name that no source has, and where nothing is left to choose.
    """
    sources = load(folder)
    if names:
        return sources, [sources.get(name) for name in dict.fromkeys(names)]
    own = None if folder is None else folder.expanduser().absolute()
    mine = [
        source
        for source in sources.sources.values()
        if own is None or (source.path is not None and source.path.parent == own)
    ]
    if not mine and not sources.problems:
        raise SourceError(f"{folder}: no source files here; `policytrail add URL --sources {folder}` writes one")
    return sources, mine


def show_sources(folder: Path | None, archive_path: Home, *, as_json: bool) -> bool:
    """Print the sources, and on standard error what is wrong with source files; tell whether all are well."""
    sources = load(folder)
    counts: dict[str, int] = {}
    if Archive.is_at(archive_path):
        with Archive.open(archive_path, readonly=True) as archive:
            counts = {state.source: sum(state.documents.values()) for state in archive.source_states()}
    known = list(sources.sources.values())
    if as_json:
        emit_all(as_plain(source, counts.get(source.name)) for source in known)
    else:
        cells = max((len(source.name) for source in known), default=0)
        rules = max((width(source.schedule) for source in known), default=0)
        for source in known:
            say(as_text(source, counts.get(source.name), cells=cells, schedule_cells=rules))
    for problem in sources.problems:
        remark(problem)
    return not sources.problems


def as_plain(source: Source, documents: int | None) -> dict[str, Any]:
    """Return a source as ``crawler/schemas/sources.json`` describes it.  Pure."""
    return {
        "name": source.name,
        "publisher": source.publisher,
        "language": source.language,
        "schedule": source.schedule,
        "timezone": source.timezone,
        "starts": [{"url": url, "role": role} for url, role in source.starts()],
        "verified_on": source.verified_on,
        "documents": documents,
        "path": source.path,
    }


def as_text(source: Source, documents: int | None, *, cells: int, schedule_cells: int) -> Text:
    """Return a source in three lines or more.  Pure.

    documents: in the archive; None where the source has not run on it.
    """
    text = Text()
    text.append(pad(source.name, cells), "bold")
    text.append(f"  {pad(source.schedule, schedule_cells)}  ")
    if source.verified_on:
        text.append(f"seen live {source.verified_on}", "green")
    else:
        text.append("not yet seen live", "yellow")
    if documents is not None:
        text.append(f"  {many(documents, 'document')}")
    text.append(f"\n    {clean(source.publisher)}")
    for url, _ in source.starts()[:3]:
        text.append(f"\n    {clean(url)}", "dim")
    if (more := len(source.starts()) - 3) > 0:
        text.append(f"\n    and {more} more", "dim")
    return text
