"""``derive``: histories made again from what was recorded."""

from __future__ import annotations

from pathlib import Path

from rich.text import Text

from crawler.commands.output import known_source, remark, say
from crawler.plurals import many
from crawler.progress import log_to
from crawler.rederive import Rederived, rederive
from crawler.terminal import clean, console
from crawler.workers import Workers
from spiders.loader import load
from storage import Archive, Home

SHOWN_CHARS = 100


def derive(folder: Path | None, archive_path: Home, names: tuple[str, ...], *, dry_run: bool) -> None:
    """Make the histories of sources again, and print which documents' texts alter."""
    sources = load(folder)
    errors = console(stderr=True)
    with Archive.open(archive_path) as archive, Workers() as workers, log_to(errors, quiet=True):
        wanted = [known_source(archive, sources, name) for name in names] or archive.source_names()
        for name in wanted:
            if name not in sources.sources and not names:
                remark(f"{name}: left as it is, its source file is gone")
                continue
            with errors.status(name) as status:
                done = rederive(
                    archive,
                    sources.get(name),
                    workers,
                    dry_run=dry_run,
                    progress=lambda state, name=name: status.update(f"{name}: {state}"),  # type: ignore[misc]
                )
            say(as_text(done))


def as_text(done: Rederived) -> Text:
    """Return what came of it, a line for each document that alters.  Pure."""
    text = Text().append(done.source, "bold")
    text.append(f"  {many(done.documents, 'document')}, {many(done.extracted, 'page')} read again; ")
    text.append(
        f"{len(done.altered)} {'alters' if len(done.altered) == 1 else 'alter'}" if done.altered else "nothing alters"
    )
    if not done.kept:
        text.append("; nothing kept (dry run)")
    for one in done.altered:
        what = "its newest text" if one.latest else "earlier texts"
        text.append(f"\n    {clean(one.url)}", "dim")
        text.append(f"\n        {what}; {many(one.versions_before, 'version')} before, {one.versions_after} now")
    for block in done.removed:
        verb = "taken out" if done.kept else "would be taken out"
        text.append(f"\n    {clean(block.url)}", "dim")
        text.append(f"\n        {verb} ({block.rule}): {clean(block.text)[:SHOWN_CHARS]}")
    return text
