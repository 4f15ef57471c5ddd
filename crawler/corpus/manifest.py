"""What an export holds and how it came about, in a file beside it; and whether that is still so.

No clock: the newest fetch among the exported versions stands for the time, so that the same archive and the
same filters give the same manifest on any day.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from crawler.corpus.whole import hashed
from crawler.plurals import many
from crawler.schemas import plain

FORMAT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusFile:
    """A file of the export; name is relative to the manifest's folder, "-" for standard output.

    records: of the corpus that are in it; of WARC: whose snapshots are in it.
    """

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
class Unseen:
    """What the archive did not see of a source, as far as the export reads.

    overdue: a due time had passed since its last finished run, by the time something was recorded last; None
        where its file is gone.
    failing: its last run did not come to its end.
    never_asked: documents listed and never fetched.  never_had: last outcome -> documents that never answered well.
    """

    overdue: bool | None
    failing: bool
    last_finished_at: str | None
    never_asked: int
    never_had: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an export holds.

    form: the format of its files.  writer: the library that their bytes depend on.
    command: as it was given, word by word.
    filters: what was asked for.  left_out: reason -> how many versions.
    as_of: the moment asked for.  held_at: when something was recorded last; with it ``--like`` finds the same state.
    languages, years (of publication), extractors, profiles: value -> records; "unknown" where there is none.
    newest_seen_at: the newest fetch of what was exported; None of an empty export.
    """

    format: int = FORMAT
    form: str
    columns: tuple[str, ...]
    writer: str | None
    command: tuple[str, ...]
    filters: Mapping[str, Any]
    as_of: str | None
    held_at: str | None
    records: int
    documents: int
    newest_seen_at: str | None
    sources: Mapping[str, SourceFacts]
    languages: Mapping[str, int]
    years: Mapping[str, int]
    left_out: Mapping[str, int]
    unseen: Mapping[str, Unseen]
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
    path.write_bytes(f"{text}\n".encode("utf-8", "backslashreplace"))


def no_manifest(path: Path, error: Exception) -> str:
    """Return one line on a file that was given as a manifest and is none; of an export: which its manifest is."""
    other = beside(path)
    if other.is_file():
        return f"{path.name}: not a manifest; that of this export is {other.name}"
    what = "no JSON" if isinstance(error, ValueError) else "parts are missing, or of another kind"
    return f"{path.name}: not a manifest of an export: {what}"


def is_export(manifest: Path, name: str) -> bool:
    """Tell whether a manifest speaks of files of this name, or in a folder of this name."""
    try:
        files = json.loads(manifest.read_bytes())["files"]
        return all(str(listed["name"]).partition("/")[0] == name for listed in files)
    except (OSError, ValueError, LookupError, TypeError):
        return False


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
        lines = manifest["form"] == "jsonl"
    except OSError as error:
        return [f"{path.name}: {error.strerror}"]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        return [no_manifest(path, error)]
    problems = [
        f"{path.name}: {name} add up to {many(count, 'record')}, not {manifest['records']}"
        for name, count in counts.items()
        if count != manifest["records"]
    ]
    for listed in files:
        problems.extend(f"{listed.name}: {problem}" for problem in _file_problems(listed, path.parent, lines=lines))
    problems.extend(_strangers(path.parent, files))
    return problems


def _strangers(folder: Path, files: list[CorpusFile]) -> list[str]:
    """Return files in the folders of an export that its manifest does not name."""
    known = {listed.name for listed in files}
    tops = sorted({name.partition("/")[0] for name in known if "/" in name and _inside(name)})
    return [
        f"{found}: not in the manifest"
        for top in tops
        for path in sorted((folder / top).rglob("*"))
        if path.is_file() and (found := path.relative_to(folder).as_posix()) not in known
    ]


def _inside(name: str) -> bool:
    """Tell whether a name stays in the folder that it is relative to.  Pure."""
    parts = PurePosixPath(name).parts
    return bool(parts) and "/".join(parts) == name and ".." not in parts and not name.startswith("/")


def _file_problems(listed: CorpusFile, folder: Path, *, lines: bool) -> list[str]:
    # A manifest may come from anywhere: it must not make us read what lies outside its folder.
    if not _inside(listed.name):
        return ["not a plain file name"]
    if listed.name == "-":
        return ["went to standard output, there is nothing to verify"]
    path = folder / listed.name
    if not path.parent.resolve().is_relative_to(folder.resolve()):
        return ["lies behind a link"]
    try:
        sha256, size = hashed(path)
        count = _lines(path) if lines else listed.records
    except OSError as error:
        return [str(error.strerror)]
    problems = []
    if size != listed.size_bytes:
        problems.append(f"{size} bytes, not {listed.size_bytes}")
    if count != listed.records:
        problems.append(f"{count} lines, not {listed.records}")
    if sha256 != listed.sha256:
        problems.append(f"sha256 is {sha256}, not {listed.sha256}")
    return problems


def _lines(path: Path) -> int:
    with path.open("rb") as stream:
        return sum(data.count(b"\n") for data in iter(lambda: stream.read(1 << 20), b""))


def tally(values: Counter[str]) -> dict[str, int]:
    """Return counts in the order of their names.  Pure."""
    return dict(sorted(values.items()))
