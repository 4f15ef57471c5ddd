"""Records -> a corpus: files in a format, and the manifest beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from crawler.corpus.choices import FOLDERS, STREAMS
from crawler.corpus.folders import HuggingFace, Texts, card
from crawler.corpus.jsonl import Lines
from crawler.corpus.manifest import CorpusFile, Manifest, SourceFacts, Unseen, beside, is_export, save, tally
from crawler.corpus.tables import Csv, Parquet, Sqlite, arrow_release, columns
from crawler.corpus.warc import Warc
from crawler.corpus.whole import Counted, compressed, hashed, said_of, whole_file, whole_folder, whole_path
from crawler.errors import CrawlFailedError
from spiders.source import Source
from storage import Archive
from storage.holding import Held

# A version, and the record made of it.
Line = tuple[Held, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a manifest says beside what went by.

    unseen: what the archive did not see, by source.  as_of: a moment, where one was asked for.
    held_at: when something was recorded last, as far as this export reads.
    """

    command: tuple[str, ...] = ()
    filters: Mapping[str, Any] = field(default_factory=dict)
    as_of: str | None = None
    held_at: str | None = None
    unseen: Mapping[str, Unseen] = field(default_factory=dict)


class Writer(Protocol):
    """What a format does with records."""

    def add(self, record: Mapping[str, Any]) -> None:
        """Take a record."""

    def close(self) -> None:
        """Write what is left."""


def export(
    lines: Iterable[Line],
    sources: Mapping[str, Source],
    out: Path | Literal["-"],
    *,
    form: str = "jsonl",
    about: About,
    left_out: Mapping[str, int],
    archive: Archive | None = None,
    agreed: Callable[[Manifest], str | None] = lambda manifest: None,
) -> Manifest:
    """Write records, then the manifest beside them; for "-" the manifest is only returned.

    Records are written as they come and not kept.  They must rise by (source, document_id, number): ValueError
    otherwise, and no file is left.

    left_out: read after the last record, so that it may be counted while they are chosen.
    archive: for WARC, where the snapshots are.
    agreed: says in a line why this is not what was wanted; then no file is left, and CrawlFailedError says so.
    """
    if out == "-" and form not in STREAMS:
        raise CrawlFailedError(f"{form} is more than one stream of bytes; give --out a name")
    seen = _Seen(names=columns(changes=_asks(about, "changes"), with_duplicates=_asks(about, "keep_duplicates")))
    with said_of(out), ExitStack() as stack:
        # Written while the last export is still in place, and named after the files: a disk may be full even then.
        described = stack.enter_context(whole_path(beside(out))) if out != "-" else None
        files = stack.enter_context(_written(lines, seen, out, form, archive))
        manifest = _manifest(seen, sources, form, about, left_out, files(None))
        if form == "huggingface":
            manifest = _manifest(seen, sources, form, about, left_out, files(card(manifest.as_json())))
        if refused := agreed(manifest):
            raise CrawlFailedError(refused)
        if described is not None:
            save(manifest, described)
    return manifest


def _asks(about: About, name: str) -> bool:
    return bool(about.filters.get(name))


Files = Callable[[str | None], tuple[CorpusFile, ...]]


@contextmanager
def _written(
    lines: Iterable[Line], seen: _Seen, out: Path | Literal["-"], form: str, archive: Archive | None
) -> Iterator[Files]:
    """Write records, and give what returns the files; they take their names when the context ends well.

    What is returned takes the text of a card, for a format that has one.
    """
    name = out if out == "-" else out.name
    if form in FOLDERS and out != "-":
        with whole_folder(out, ours=is_export(beside(out), out.name)) as folder:
            if form == "huggingface":
                shards = HuggingFace(folder, seen.names)
                _pass(lines, shards, seen)
            else:
                shards = None
                _pass(lines, Texts(folder, as_markdown=form == "markdown"), seen)

            def listed(text: str | None) -> tuple[CorpusFile, ...]:
                if text is not None:
                    (folder / "README.md").write_text(text, "utf-8")
                rows = {f"train-{n:05}.parquet": count for n, count in enumerate(shards.shards)} if shards else None
                found = []
                for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                    sha256, size = hashed(path)
                    records = 1 if rows is None else rows.get(path.name, 0)
                    inside = f"{name}/{path.relative_to(folder).as_posix()}"
                    found.append(CorpusFile(name=inside, sha256=sha256, size_bytes=size, records=records))
                return tuple(found)

            yield listed
    elif form == "sqlite" and out != "-":
        with whole_path(out) as path:
            _pass(lines, Sqlite(path, seen.names, table="record"), seen)
            sha256, size = hashed(path)
            yield lambda text: (CorpusFile(name=name, sha256=sha256, size_bytes=size, records=seen.records),)
    else:
        with whole_file(out) as stream:
            counted = Counted(stream)
            with compressed(counted, form.partition("jsonl.")[2] or None) as packed:  # type: ignore[arg-type]
                if form == "warc":
                    if archive is None:
                        raise ValueError("WARC needs the archive")
                    _pass_bytes(lines, Warc(packed, archive), seen)
                elif form == "csv":
                    _pass(lines, Csv(packed, seen.names), seen)
                elif form == "parquet":
                    _pass(lines, Parquet(packed, seen.names), seen)
                else:
                    _pass(lines, Lines(packed), seen)
            counted.flush()
            yield lambda text: (
                CorpusFile(name=name, sha256=counted.sha256, size_bytes=counted.size_bytes, records=seen.records),
            )


def _pass(lines: Iterable[Line], writer: Writer, seen: _Seen) -> None:
    for held, record in lines:
        seen.add(held, record)
        writer.add(record)
    writer.close()


def _pass_bytes(lines: Iterable[Line], writer: Warc, seen: _Seen) -> None:
    for held, record in lines:
        seen.add(held, record)
        writer.add(held)
    writer.close()


def _manifest(
    seen: _Seen,
    sources: Mapping[str, Source],
    form: str,
    about: About,
    left_out: Mapping[str, int],
    files: tuple[CorpusFile, ...],
) -> Manifest:
    return Manifest(
        form=form,
        columns=seen.names,
        writer=f"pyarrow {arrow_release()}" if form in ("parquet", "huggingface") else None,
        command=about.command,
        filters=about.filters,
        as_of=about.as_of,
        held_at=about.held_at,
        records=seen.records,
        documents=seen.documents,
        newest_seen_at=seen.newest_at,
        sources={
            name: SourceFacts(
                publisher=sources[name].publisher if name in sources else None,
                rights=sources[name].rights if name in sources else None,
                records=count,
            )
            for name, count in seen.counts(0).items()
        },
        languages=seen.counts(1),
        years=seen.counts(2),
        left_out={reason: count for reason, count in tally(Counter(left_out)).items() if count},
        unseen=about.unseen,
        extractors=seen.counts(3),
        profiles=seen.counts(4),
        files=files,
    )


class _Seen:
    """What went by on its way into the file."""

    def __init__(self, *, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.records = self.documents = 0
        self.newest_at: str | None = None
        self._last: tuple[str, int, int] = ("", -1, -1)
        # One count of what goes together is five times cheaper than five counts.
        self._together: Counter[tuple[str, str | None, str | None, str, str]] = Counter()

    def add(self, held: Held, record: Mapping[str, Any]) -> None:
        place = (held.source, held.document_id, held.number)
        last = self._last
        if place <= last:
            raise ValueError(f"versions out of order: {place} after {last}")
        self.documents += held.document_id != last[1] or held.source != last[0]
        self._last = place
        self.records += 1
        self._together[
            held.source, record["language"], (record.get("published_on") or "")[:4], held.extractor, held.profile
        ] += 1
        if self.newest_at is None or held.seen_at > self.newest_at:
            self.newest_at = held.seen_at

    def counts(self, place: int) -> dict[str, int]:
        """Return value -> records of the source, language, year, extractor or profile, in the order of names."""
        found: Counter[str] = Counter()
        for key, count in self._together.items():
            found[key[place] or "unknown"] += count
        return tally(found)
