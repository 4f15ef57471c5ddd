"""``diff``: two versions of a document, compared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from crawler.commands.finding import find
from crawler.commands.output import Times, emit, say
from crawler.commands.show import pick
from crawler.commands.when import When
from crawler.diff import diff
from crawler.diff_views import About, Side, to_html, to_json, to_text
from crawler.terminal import console
from spiders.loader import load
from storage import Archive, NotInArchiveError
from storage.model import Document, Version


def show_diff(
    folder: Path | None,
    archive_path: Path,
    address: str,
    old: int | When | None,
    new: int | When | None,
    *,
    form: str,
) -> None:
    """Print what is between two versions: the last two, or the one before and the one given.

    form: "text", "html" or "json".
    """
    sources = load(folder)
    with Archive.open(archive_path, readonly=True) as archive:
        document = find(archive, address)
        history = archive.versions(document.document_id)
    times = Times.of(sources, [document.source])
    before, after = pair(document, history, times, old, new)
    about = About(
        url=document.url,
        title=after.content.fields.title,
        old=Side(version=before.number, seen_at=before.first_seen_at.astimezone(times.zone(document.source))),
        new=Side(version=after.number, seen_at=after.first_seen_at.astimezone(times.zone(document.source))),
    )
    step = diff(before.content, after.content)
    if form == "json":
        emit(to_json(step, about))
    elif form == "html":
        click.echo(to_html(step, after.content, about), nl=False)
    else:
        say(to_text(step, after.content, about, marks=console().color_system is None or console().no_color))


def pair(
    document: Document, history: Sequence[Version], times: Times, old: int | When | None, new: int | When | None
) -> tuple[Version, Version]:
    """Return the versions to compare; with only the old one given, the newest stands against it.

    Raises NotInArchiveError where there are no two.
    """
    if old is None:
        if len(history) < 2:
            raise NotInArchiveError(f"{document.url}: has one version only; there is nothing to compare")
        return history[-2], history[-1]
    return chosen(document, history, times, old), history[-1] if new is None else chosen(document, history, times, new)


def chosen(document: Document, history: Sequence[Version], times: Times, which: int | When) -> Version:
    """Return a version by number or by time."""
    if isinstance(which, int):
        return pick(document, history, times, None, which)
    return pick(document, history, times, which, None)
