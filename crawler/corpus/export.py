"""Versions -> a corpus: the lines, and the manifest beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from crawler.corpus.jsonl import write
from crawler.corpus.manifest import CorpusFile, Manifest, SourceFacts, beside, save, tally
from crawler.corpus.record import main_snapshot, record
from spiders.source import Source
from storage.model import Version


def export(
    versions: Iterable[Version],
    sources: Mapping[str, Source],
    out: Path | Literal["-"],
    *,
    command: Sequence[str] = (),
    filters: Mapping[str, Any],
    left_out: Mapping[str, int],
    snapshot_sha256: Callable[[int], str],
) -> Manifest:
    """Write versions as records, then the manifest beside them; for "-" the manifest is only returned.

    Versions are written as they come and not kept.  They must rise by (source, document_id, number):
    ValueError otherwise, and no file is left.

    left_out: read after the last version, so that it may be counted while they are chosen.
    snapshot_sha256: hash of a snapshot, by its number.
    """
    seen = _Seen()
    written = write(_records(versions, sources, snapshot_sha256, seen), out)
    manifest = Manifest(
        command=tuple(command),
        filters=filters,
        records=written.records,
        documents=seen.documents,
        newest_seen_at=seen.newest_at,
        sources={
            name: SourceFacts(
                publisher=sources[name].publisher if name in sources else None,
                rights=sources[name].rights if name in sources else None,
                records=count,
            )
            for name, count in tally(seen.sources).items()
        },
        languages=tally(seen.languages),
        years=tally(seen.years),
        left_out=tally(Counter(left_out)),
        extractors=tally(seen.extractors),
        profiles=tally(seen.profiles),
        files=(
            CorpusFile(
                name=out if out == "-" else out.name,
                sha256=written.sha256,
                size_bytes=written.size_bytes,
                records=written.records,
            ),
        ),
    )
    if out != "-":
        save(manifest, beside(out))
    return manifest


class _Seen:
    """What went by on its way into the file."""

    def __init__(self) -> None:
        self.sources: Counter[str] = Counter()
        self.languages: Counter[str] = Counter()
        self.years: Counter[str] = Counter()
        self.extractors: Counter[str] = Counter()
        self.profiles: Counter[str] = Counter()
        self.documents = 0
        self.newest_at: datetime | None = None
        self._last: tuple[str, int, int] | None = None

    def add(self, version: Version, line: Mapping[str, Any]) -> None:
        place = (version.source, version.document_id, version.number)
        if self._last is not None and place <= self._last:
            raise ValueError(f"versions out of order: {place} after {self._last}")
        self.documents += self._last is None or place[:2] != self._last[:2]
        self._last = place
        self.sources[version.source] += 1
        self.languages[line["language"] or "unknown"] += 1
        self.years[(line["published_on"] or "unknown").partition("-")[0]] += 1
        self.extractors[version.extractor] += 1
        self.profiles[version.profile] += 1
        if self.newest_at is None or version.last_seen_at > self.newest_at:
            self.newest_at = version.last_seen_at


def _records(
    versions: Iterable[Version],
    sources: Mapping[str, Source],
    snapshot_sha256: Callable[[int], str],
    seen: _Seen,
) -> Iterator[dict[str, Any]]:
    for version in versions:
        main = main_snapshot(version)
        sha256 = None if main is None else snapshot_sha256(main)
        line = record(version, sources.get(version.source), snapshot_sha256=sha256)
        seen.add(version, line)
        yield line
