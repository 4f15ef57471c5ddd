"""``diff``: two versions of a document, compared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from crawler.commands.finding import find
from crawler.commands.output import Times, emit, say
from crawler.commands.show import pick
from crawler.commands.when import When
from crawler.compose import compose
from crawler.diff import Diff, Op, diff
from crawler.diff_views import About, FileStep, Side, to_html, to_json, to_text
from crawler.labels import is_silent
from crawler.profile import Profile
from crawler.terminal import console
from spiders.loader import load
from storage import Archive, Home, NotInArchiveError
from storage.model import Content, Document, Fields, Role, Version


def show_diff(
    folder: Path | None,
    archive_path: Home,
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
        step = diff(before.content, after.content)
        files = file_steps(archive, before, after, step)
    about = About(
        url=document.url,
        title=after.content.fields.title,
        old=Side(version=before.number, seen_at=before.first_seen_at.astimezone(times.zone(document.source))),
        new=Side(version=after.number, seen_at=after.first_seen_at.astimezone(times.zone(document.source))),
        silent=before.number < after.number and is_silent(step, after.content.fields),
    )
    if form == "json":
        emit(to_json(step, about, files))
    elif form == "html":
        click.echo(to_html(step, after.content, about, files=files), nl=False)
    else:
        marks = console().color_system is None or console().no_color
        say(to_text(step, after.content, about, marks=marks, files=files))


def file_steps(archive: Archive, old: Version, new: Version, step: Diff) -> list[FileStep]:
    """Return what changed in the texts of attachments that both versions have; of scans and the like nothing."""
    found = []
    for change in step.attachments:
        if change.op is not Op.CHANGED or change.old_index is None or change.new_index is None or change.new is None:
            continue
        before, after = file_text(archive, old, change.old_index), file_text(archive, new, change.new_index)
        if before.paragraphs and after.paragraphs:
            found.append(FileStep(url=change.new.url, name=change.new.name, step=diff(before, after), new=after))
    return found


def file_text(archive: Archive, version: Version, place: int) -> Content:
    """Return the text of an attachment of a version; empty where none was read from it."""
    piece = [piece for piece in version.pieces if piece.role is Role.ATTACHMENT][place]
    read = None
    if piece.snapshot_id is not None:
        read = archive.extraction(piece.resource_id, piece.snapshot_id, version.extractor)
    return (
        compose([read], [], Profile(source=version.source))
        if read is not None
        else Content(fields=Fields(), paragraphs=())
    )


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
