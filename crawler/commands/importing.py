"""``import``: what other programs kept of a source's documents."""

from __future__ import annotations

from pathlib import Path

from rich.text import Text

from crawler.commands.output import emit, say
from crawler.errors import CrawlFailedError
from crawler.importing import Imported, bring_in, now
from crawler.plurals import many
from crawler.progress import log_to
from crawler.terminal import clean, console
from spiders.loader import load
from storage import Archive, Home


def import_files(
    folder: Path | None,
    archive_path: Home,
    paths: tuple[Path, ...],
    name: str,
    *,
    manifest: Path | None,
    as_json: bool,
) -> None:
    """Import files for a source, and print what came of it."""
    source = load(folder).get(name)
    if manifest is not None and not manifest.is_file():
        raise CrawlFailedError(f"{manifest}: no such file")
    errors = console(stderr=True)
    with (
        Archive.open(archive_path, create=True) as archive,
        log_to(errors, quiet=True),
        errors.status(clean(name)) as status,
    ):
        done = bring_in(
            archive,
            source,
            paths,
            manifest=manifest,
            at=now(),
            progress=lambda state: status.update(clean(f"{name}: {state}")),
        )
    if as_json:
        emit(done)
    else:
        say(as_text(done))


def as_text(done: Imported) -> Text:
    """Return what came of it.  Pure."""
    text = Text().append(done.source, "bold")
    if done.answers and done.first and done.last:
        text.append(f"  {many(done.answers, 'answer')} of {many(done.addresses, 'address')}")
        text.append(f", {done.first:%Y-%m-%d} to {done.last:%Y-%m-%d}")
    else:
        text.append("  nothing new")
    text.append(f"; {many(done.versions_after, 'version')}, {done.versions_before} before")
    if done.known:
        text.append(f"\n    here already: {done.known}", "dim")
    if done.times:
        said = ", ".join(f"{word} for {count}" for word, count in done.times.items())
        text.append(f"\n    times: told by {said}", "dim")
    for reason, count in done.left_out.items():
        text.append(f"\n    left out: {count} {reason}", "dim")
    return text
