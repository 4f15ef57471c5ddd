"""Files and folders as answers, whatever kind they are of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from crawler.errors import CrawlFailedError
from crawler.importing.archives import is_archive, read_archive
from crawler.importing.kept import Kept, Tally
from crawler.importing.saved import MANIFESTS, is_page, read_manifest, read_page
from crawler.importing.warcs import Warcs, is_warc, unpacked
from spiders.source import Source


class Reading:
    """Reads what may belong to a source, and counts the rest.

    folder: for what has to be unpacked.  manifest: of saved pages; None for those that lie beside them.
    at: what claims to be later is left out.
    """

    def __init__(self, source: Source, folder: Path, *, manifest: Path | None, at: datetime) -> None:
        self.tally = Tally()
        self._source = source
        self._folder = folder
        self._manifest_file = manifest
        self._at = at
        self._manifests: dict[Path, dict[str, dict[str, str]]] = {}
        # One for all files: a revisit may speak of a record in another one.
        self._warcs = Warcs(self.tally, source)

    def all(self, paths: Sequence[Path], progress: Callable[[str], None]) -> list[Kept]:
        """Return what files and folders hold; bytes are read later.

        Raises CrawlFailedError for a path that is not there or a file that cannot be read as what it is.
        """
        kept: list[Kept] = []
        for path in _files(paths):
            progress(f"reading {path.name}")
            kept += [each for each in self._read(path) if self._is_past(each)]
        return kept

    def _read(self, path: Path) -> Iterator[Kept]:
        wanted = self._source.has_host
        if is_warc(path):
            place = self._folder / str(self.tally.files)
            place.mkdir(exist_ok=True)
            for file in unpacked(path, place):
                yield from self._warcs.read(file)
        elif is_page(path):
            rows = self._manifest(path)
            for each in read_page(path, rows, self._source, self.tally):
                if wanted(each.url):
                    yield each
                else:
                    self.tally.left_out["of other hosts"] += 1
        elif is_archive(path):
            yield from read_archive(path, wanted, self.tally)
        elif path.name not in MANIFESTS and path != self._manifest_file:
            self.tally.left_out["files of other kinds"] += 1

    def _manifest(self, page: Path) -> dict[str, str] | None:
        """Return what the named manifest, or one that lies in a folder above a page, says of it."""
        given = self._manifest_file
        places = [given] if given else [above / name for above in page.parents for name in MANIFESTS]
        for place in places[:60]:
            if place.is_file():
                if place not in self._manifests:
                    self._manifests[place] = read_manifest(place)
                rows = self._manifests[place]
                name = page.relative_to(place.parent).as_posix() if page.is_relative_to(place.parent) else page.name
                return rows.get(name) or rows.get(page.name)
        return None

    def _is_past(self, kept: Kept) -> bool:
        if kept.fetched_at <= self._at:
            return True
        self.tally.left_out["from the future"] += 1
        return False


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield the files that paths name, those of folders in the order of their names."""
    for path in paths:
        if path.is_dir():
            yield from sorted(each for each in path.rglob("*") if each.is_file())
        elif path.is_file():
            yield path
        else:
            raise CrawlFailedError(f"{path}: no such file or folder")
