"""What an export holds and how it came about, in a file beside it; and whether that is still so.

No clock: the newest fetch among the exported versions stands for the time, so that the same archive and the
same filters give the same manifest on any day.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.corpus.jsonl import write_whole
from crawler.schemas import plain

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusFile:
    """A file of the export; name is relative to the manifest's folder, "-" for standard output."""

    name: str
    sha256: str
    size_bytes: int
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """What the records of one source share; null where its file is gone."""

    publisher: str | None
    rights: str | None
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an export holds.

    command: as it was given, word by word.
    filters: what was asked for.  left_out: reason -> how many versions.
    languages, years (of publication), extractors, profiles: value -> records; "unknown" where there is none.
    newest_seen_at: the newest fetch of what was exported; None of an empty export.
    """

    format: int = FORMAT
    command: tuple[str, ...]
    filters: Mapping[str, Any]
    records: int
    documents: int
    newest_seen_at: datetime | None
    sources: Mapping[str, SourceFacts]
    languages: Mapping[str, int]
    years: Mapping[str, int]
    left_out: Mapping[str, int]
    extractors: Mapping[str, int]
    profiles: Mapping[str, int]
    files: tuple[CorpusFile, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the manifest as ``crawler/schemas/manifest.json`` describes it."""
        values: dict[str, Any] = plain(self)
        return values


def beside(out: Path) -> Path:
    """Return where the manifest of an export lies.  Pure."""
    return out.with_name(f"{out.name}.manifest.json")


def save(manifest: Manifest, path: Path) -> None:
    """Write a manifest; equal manifests are equal files."""
    text = json.dumps(manifest.as_json(), ensure_ascii=False, indent=2)
    write_whole(f"{text}\n".encode("utf-8", "backslashreplace"), path)


def verify(path: Path) -> list[str]:
    """Return what is wrong with an export, one line each; nothing when it is as its manifest says."""
    try:
        manifest = json.loads(path.read_bytes())
        if manifest["format"] != FORMAT:
            return [f"{path.name}: made in another format, {manifest['format']!r}"]
        files = [CorpusFile(**listed) for listed in manifest["files"]]
        counts = {
            "sources": sum(facts["records"] for facts in manifest["sources"].values()),
            "languages": sum(manifest["languages"].values()),
            "years": sum(manifest["years"].values()),
            "files": sum(listed.records for listed in files),
        }
    except OSError as error:
        return [f"{path.name}: {error.strerror}"]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        return [f"{path.name}: not a manifest ({type(error).__name__})"]
    problems = [
        f"{path.name}: {name} add up to {count} records, not {manifest['records']}"
        for name, count in counts.items()
        if count != manifest["records"]
    ]
    for listed in files:
        problems.extend(f"{listed.name}: {problem}" for problem in _file_problems(listed, path.parent))
    return problems


def _file_problems(listed: CorpusFile, folder: Path) -> list[str]:
    # A manifest may come from anywhere: it must not make us read what lies outside its folder.
    if Path(listed.name).name != listed.name:
        return ["not a plain file name"]
    if listed.name == "-":
        return ["went to standard output, there is nothing to verify"]
    digest = hashlib.sha256()
    size = lines = 0
    try:
        with (folder / listed.name).open("rb") as stream:
            while data := stream.read(1 << 20):
                digest.update(data)
                size += len(data)
                lines += data.count(b"\n")
    except OSError as error:
        return [str(error.strerror)]
    problems = []
    if size != listed.size_bytes:
        problems.append(f"{size} bytes, not {listed.size_bytes}")
    if lines != listed.records:
        problems.append(f"{lines} lines, not {listed.records}")
    if digest.hexdigest() != listed.sha256:
        problems.append(f"sha256 is {digest.hexdigest()}, not {listed.sha256}")
    return problems


def tally(values: Counter[str]) -> dict[str, int]:
    """Return counts in the order of their names.  Pure."""
    return dict(sorted(values.items()))
