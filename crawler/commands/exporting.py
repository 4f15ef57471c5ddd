"""``export``: the newest version of each document, as a corpus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from rich.progress import Progress, TextColumn

from crawler.commands.output import Times, known_source, remark, require_folder, sized
from crawler.corpus.export import export
from crawler.corpus.manifest import Manifest, beside
from crawler.terminal import console
from spiders.loader import load
from storage import Archive
from storage.model import DocumentState, Version

STATES = tuple(state for state in DocumentState if state is not DocumentState.GONE)


def export_corpus(
    folder: Path | None, archive_path: Path, out: Path | Literal["-"], *, source: str | None, command: tuple[str, ...]
) -> Manifest:
    """Write the corpus and its manifest, and return the manifest.

    What was taken down, and what has no text, is left out and counted.
    """
    if out != "-":
        require_folder(out, "--out")
    sources = load(folder)
    left_out: Counter[str] = Counter()
    with Archive.open(archive_path, readonly=True) as archive:
        name = known_source(archive, sources, source) if source else None
        Times.of(sources, [name] if name else archive.source_names())  # says which files are lacking
        with counting(chosen(archive, name, left_out)) as versions:
            manifest = export(
                versions,
                sources.sources,
                out,
                command=command,
                filters={"source": name, "versions": "newest", "states": [str(state) for state in STATES]},
                left_out=left_out,
                snapshot_sha256=archive.sha256,
            )
    return manifest


def records(manifest: Manifest) -> str:
    """Return how many records an export holds, and how many versions it leaves out.  Pure."""
    gaps = "".join(f", {count} left out ({why})" for why, count in manifest.left_out.items())
    return f"{manifest.records} records{gaps}"


def remark_export(manifest: Manifest, out: Path | Literal["-"]) -> None:
    """Say on standard error what was written, and where."""
    (file,) = manifest.files
    remark(f"{records(manifest)}; {sized(file.size_bytes)}, sha256 {file.sha256}")
    if out != "-":
        remark(str(out))
        remark(str(beside(out)))


def chosen(archive: Archive, source: str | None, left_out: Counter[str]) -> Iterator[Version]:
    """Yield what belongs into the corpus, and count what does not."""
    for document in archive.documents(source, state=DocumentState.GONE):
        left_out["gone"] += document.versions > 0
    for version in archive.latest_versions(source, states=STATES):
        if version.content.text:
            yield version
        else:
            left_out["no text"] += 1


@contextmanager
def counting(versions: Iterable[Version]) -> Iterator[Iterable[Version]]:
    """Count versions as they go by, on a terminal."""
    errors = console(stderr=True)
    if not errors.is_terminal:
        yield versions
        return
    with Progress(TextColumn("{task.completed} records"), console=errors, transient=True) as progress:
        yield progress.track(versions, total=None)
