"""``export``: chosen versions as a corpus, with a manifest beside it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from crawler.commands.output import Times, known_source, remark, require_folder, sized
from crawler.commands.when import When
from crawler.corpus.changes import change_record
from crawler.corpus.choices import format_of
from crawler.corpus.choose import Choice, refusal
from crawler.corpus.copies import Copies, copies
from crawler.corpus.export import About, Line, export
from crawler.corpus.manifest import Manifest, Unseen, beside, no_manifest, verify
from crawler.corpus.record import DUPLICATE_OF, held_record
from crawler.corpus.replay import archive_at
from crawler.due import overdue
from crawler.errors import CrawlFailedError
from crawler.plurals import many
from crawler.schemas import plain
from crawler.terminal import console
from spiders.loader import load
from spiders.source import Source
from storage import Archive, Home
from storage.holding import Held, Which
from storage.model import Outcome, RunEnd
from storage.times import moment, stamp

Told = Callable[[int, int | None, str], None]


def export_corpus(
    folder: Path | None,
    archive_path: Home,
    out: Path | Literal["-"],
    *,
    choice: Choice,
    form: str | None = None,
    as_of: When | None = None,
    now: datetime | None,
    command: tuple[str, ...],
) -> Manifest:
    """Write the corpus and its manifest, and return the manifest."""
    sources = load(folder)
    with Archive.open(archive_path, readonly=True) as archive:
        for name in choice.source:
            known_source(archive, sources, name)
        names = choice.source or archive.source_names()
        Times.of(sources, names)  # says which files are lacking
        began = archive.oldest_moment()
    at = as_of.end(_zone(names, sources.sources)) if as_of else None
    if at is not None and now is not None and at > now:
        remark("that time has not come yet: what is recorded until then will belong to the same corpus")
    if at is not None and began is not None and at < began:
        remark(f"nothing was held then: the first run of this archive began later, at {stamp(began)}")
    return _export(sources.sources, archive_path, out, choice, form or format_of(out), at, command, None)


def export_like(folder: Path | None, archive_path: Home, manifest_path: Path, out: Path | Literal["-"]) -> Manifest:
    """Write the very corpus that a manifest describes, or leave nothing; raises CrawlFailedError with the reason."""
    try:
        wanted = json.loads(manifest_path.read_bytes())
        choice, form, command = Choice.from_json(wanted["filters"]), str(wanted["form"]), tuple(wanted["command"])
        at = moment(wanted["as_of"] or wanted["held_at"])
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise CrawlFailedError(no_manifest(manifest_path, error)) from error
    return _export(load(folder).sources, archive_path, out, choice, form, at, command, wanted)


def verify_export(manifest: Path) -> bool:
    """Say what is wrong with an export; true where nothing is."""
    problems = verify(manifest)
    for problem in problems:
        remark(problem)
    if not problems:
        remark(f"{manifest}: every file is as it was written")
    return not problems


def _export(
    sources: Mapping[str, Source],
    archive_path: Home,
    out: Path | Literal["-"],
    choice: Choice,
    form: str,
    at: datetime | None,
    command: tuple[str, ...],
    wanted: Mapping[str, Any] | None,
) -> Manifest:
    if out != "-":
        require_folder(out, "--out")
    if choice.changes and form in ("warc", "markdown", "text"):
        raise CrawlFailedError(f"--changes are pairs of texts; {form} has no place for them")
    left_out: Counter[str] = Counter()
    with telling() as told:
        opened = (
            archive_at(archive_path, at, sources, choice.source, progress=lambda n, of: told(n, of, "runs read again"))
            if at is not None
            else Archive.open(archive_path, readonly=True)
        )
        # Closed before the archive is: what fails on the way would leave it half read.
        with opened as archive, closing(lines(archive, sources, choice, left_out, told)) as chosen_lines:
            newest = archive.newest_moment()
            about = About(
                command=command,
                filters=choice.as_json(),
                as_of=(wanted["as_of"] if wanted else stamp(at)) if at else None,
                held_at=stamp(newest) if newest else None,
                unseen=unseen(archive, sources, newest, choice),
            )
            return export(
                chosen_lines,
                sources,
                out,
                form=form,
                about=about,
                left_out=left_out,
                archive=archive,
                agreed=lambda made: _difference(made, wanted) if wanted else None,
            )


def lines(
    archive: Archive, sources: Mapping[str, Source], choice: Choice, left_out: Counter[str], told: Told
) -> Generator[Line]:
    """Yield what belongs into the corpus, and count what does not."""
    if choice.changes:
        yield from _changes(archive, sources, choice, left_out, told)
        return
    found = copies(archive, chosen(archive, sources, choice, Counter(), told, "compared"), sources)
    for held in chosen(archive, sources, choice, left_out, told, "written"):
        stands_for = found.stands_for.get(held.version_id)
        if stands_for is not None and not choice.keep_duplicates:
            left_out["duplicate"] += 1
            continue
        yield held, _record(archive, sources.get(held.source), held, choice, found)


def _record(archive: Archive, source: Source | None, held: Held, choice: Choice, found: Copies) -> dict[str, Any]:
    attachments: list[Mapping[str, Any]] = []
    if held.pieces > 1 and choice.attachments != "none":
        for attachment, resource_id, snapshot_id in archive.attachments(held.version_id):
            text = None
            if choice.attachments == "text" and snapshot_id is not None:
                read = archive.extraction(resource_id, snapshot_id, held.extractor)
                text = "\n".join(b.text for b in read.blocks if b.left_out is None) if read else None
            attachments.append({**plain(attachment), "text": text or None})
    made = held_record(held, source, attachments)
    made["also_at"] = list(found.also_at.get(held.version_id, ()))
    if choice.keep_duplicates:
        made[DUPLICATE_OF] = found.stands_for.get(held.version_id)
    return made


def chosen(
    archive: Archive, sources: Mapping[str, Source], choice: Choice, left_out: Counter[str], told: Told, doing: str
) -> Iterator[Held]:
    """Yield the versions that were asked for, and count the others."""
    for held in every(archive, choice, choice.versions, told, doing):
        refused = refusal(held, choice, sources.get(held.source))
        if refused is None:
            yield held
        else:
            left_out[refused] += 1


def every(archive: Archive, choice: Choice, which: Which, told: Told, doing: str) -> Iterator[Held]:
    """Yield the versions of the sources that were asked for, in the order of the corpus."""
    names = [name for name in archive.document_sources() if not choice.source or name in choice.source]
    total = sum(archive.count_held(name, which) for name in names)
    done = 0
    for name in names:
        for held in archive.held(name, which):
            done += 1
            if done % 200 == 0 or done == total:
                told(done, total, doing)
            yield held


def _changes(
    archive: Archive, sources: Mapping[str, Source], choice: Choice, left_out: Counter[str], told: Told
) -> Iterator[Line]:
    # Each version is the other side of a step, also where it would not be chosen itself.
    for before, after in pairwise(every(archive, choice, "all", told, "compared")):
        if before.document_id == after.document_id and before.source == after.source:
            refused = refusal(after, choice, sources.get(after.source))
            if refused is not None:
                left_out[refused] += 1
                continue
            yield (
                after,
                change_record(
                    before,
                    after,
                    sources.get(after.source),
                    attached_before=[each for each, _, _ in archive.attachments(before.version_id)],
                    attached_after=[each for each, _, _ in archive.attachments(after.version_id)],
                ),
            )


def unseen(
    archive: Archive, sources: Mapping[str, Source], newest: datetime | None, choice: Choice
) -> dict[str, Unseen]:
    """Return what the archive did not see of each source."""
    gaps = archive.gaps()
    out = {}
    for name in archive.source_names():
        if choice.source and name not in choice.source:
            continue
        state = archive.source_state(name)
        source = sources.get(name)
        last = state.last_run
        out[name] = Unseen(
            overdue=overdue(source, state.last_finished_at, newest) if source and newest else None,
            failing=last is not None and last.end is not RunEnd.FINISHED,
            last_finished_at=stamp(state.last_finished_at) if state.last_finished_at else None,
            never_asked=sum(gap.addresses for gap in gaps if gap.source == name and not gap.asked),
            never_had={
                gap.outcome or "not judged": gap.addresses
                for gap in gaps
                if gap.source == name and gap.asked and gap.outcome != Outcome.MOVED
            },
        )
    return out


def _difference(made: Manifest, wanted: Mapping[str, Any]) -> str | None:
    """Return why a corpus is not the one that a manifest describes.  Pure."""
    ours = [(listed.sha256, listed.size_bytes) for listed in made.files]
    theirs = [(listed["sha256"], listed["size_bytes"]) for listed in wanted["files"]]
    if ours == theirs:
        return None
    now = plain(made)
    begin = "not the same corpus, and nothing was written: "
    for name, word in (("extractors", "the extractor"), ("profiles", "a profile")):
        # Who made the texts, not how many: records may be fewer for other reasons.
        was, has = sorted(wanted[name]), sorted(now[name])
        if was != has and set(has) - set(was):
            return f"{begin}{word} was {', '.join(was)}, and is {', '.join(has)}"
    if now["writer"] != wanted["writer"]:
        return f"{begin}the library was {wanted['writer']}, and is {now['writer']}"
    facts = {name: {k: v for k, v in each.items() if k != "records"} for name, each in now["sources"].items()}
    for name, each in wanted["sources"].items():
        if name in facts and any(facts[name][key] != each[key] for key in facts[name]):
            return f"{begin}publisher or rights of {name} are stated differently now"
    if made.records != wanted["records"]:
        held = many(made.records, "record")
        return f"{begin}{held}, not {wanted['records']}; was something forgotten, or a source altered?"
    return f"{begin}as many records, but other bytes; was a source file altered?"


def _zone(names: Any, sources: Mapping[str, Source]) -> ZoneInfo:
    zones = {sources[name].timezone for name in names if name in sources}
    return ZoneInfo(zones.pop() if len(zones) == 1 else "UTC")


def records(manifest: Manifest) -> str:
    """Return how many records an export holds, and how many versions it leaves out.  Pure."""
    gaps = "".join(f", {count} left out ({why})" for why, count in manifest.left_out.items())
    return f"{many(manifest.records, 'record')}{gaps}"


def remark_export(manifest: Manifest, out: Path | Literal["-"]) -> None:
    """Say on standard error what was written, and where."""
    size = sized(sum(file.size_bytes for file in manifest.files))
    hashed = f"sha256 {manifest.files[0].sha256}" if len(manifest.files) == 1 else f"{len(manifest.files)} files"
    remark(f"{records(manifest)}; {size}, {hashed}")
    if out != "-":
        remark(str(out))
        remark(str(beside(out)))


@contextmanager
def telling() -> Iterator[Told]:
    """Give what shows how far it is, on a terminal: done, of how many, doing what."""
    errors = console(stderr=True)
    if not errors.is_terminal:
        yield lambda done, total, doing: None
        return
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.completed}/{task.total}"),
        TimeRemainingColumn(),
        console=errors,
        transient=True,
    ) as progress:
        tasks: dict[str, Any] = {}

        def told(done: int, total: int | None, doing: str) -> None:
            if doing not in tasks:
                tasks[doing] = progress.add_task(doing, total=total)
            progress.update(tasks[doing], completed=done, total=total)

        yield told
