"""``import``: what other programs kept of a source's documents enters its histories, at its own times.

kept        one answer on its way
captured    which address of a source a capture is of
reading     files and folders -> answers
warcs       WARC and WACZ -> answers
saved       saved pages -> answers
archives    another archive -> answers

Answers are put into runs of their own, which announce nothing; then the histories are made again.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler.compositions import bounded
from crawler.derive import Deriver, remake
from crawler.extracting import Extracting
from crawler.importing.kept import Kept, Tally
from crawler.importing.reading import Reading
from crawler.learning import in_force
from crawler.workers import Workers
from spiders.source import Source
from storage import Archive, ArchiveBusyError, Listed, lock_at
from storage.model import Answer, Role

# Answers that lie so far apart were not got in one go.
GAP = timedelta(hours=24)
MOST_AT_ONCE = 200
MOST_ORIGIN = 200
MOST_BYTES_AT_ONCE = 64 * 1024 * 1024
# A part may name further parts.
ROUNDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of an import.

    answers: recorded now; known: recorded before.  first, last: their times.
    left_out: counts by reason.  times: of saved files, by what told their time.
    """

    source: str
    files: int
    answers: int
    addresses: int
    known: int
    first: datetime | None
    last: datetime | None
    versions_before: int
    versions_after: int
    left_out: dict[str, int]
    times: dict[str, int]


def bring_in(
    archive: Archive,
    source: Source,
    paths: Sequence[Path],
    *,
    manifest: Path | None = None,
    at: datetime,
    progress: Callable[[str], None],
) -> Imported:
    """Import files and folders for a source, and make its histories again; nothing is announced.

    Interrupted at any moment, what was recorded stays, and the same call goes on where it stopped.
    at: when this happens; what claims to be later is left out.

    Raises ArchiveBusyError where the source is being crawled, CrawlFailedError for files that hold nothing.
    """
    lock = lock_at(archive.path, f"run-{source.name}")
    if not lock.acquire(wait=False):
        raise ArchiveBusyError(f"{source.name} is being crawled by another process on {archive.path}; wait for its end")
    try:
        with tempfile.TemporaryDirectory(prefix="policytrail-import-") as folder:
            reading = Reading(source, Path(folder), manifest=manifest, at=at)
            kept = reading.all(paths, progress)
            # Files that cannot be read are told before any process is started for what they hold.
            with Workers() as workers:
                origin = ", ".join(path.name for path in paths)[:MOST_ORIGIN]
                work = _Import(archive, source, workers, reading.tally, origin=origin, at=at, progress=progress)
                return work.done(kept)
    finally:
        lock.release()


class _Import:
    def __init__(
        self,
        archive: Archive,
        source: Source,
        workers: Workers,
        tally: Tally,
        *,
        origin: str,
        at: datetime,
        progress: Callable[[str], None],
    ) -> None:
        self._archive = archive
        self._source = source
        self._at = at
        self._progress = progress
        self._tally = tally
        self._extracting = Extracting(archive, source, workers)
        self._profile = in_force(archive, source)
        self._starts = archive.run_starts(source.name)
        self._origin = origin
        self._urls: set[str] = set()
        self._times: list[datetime] = []
        self._known = 0
        self._says_roles = False

    def done(self, kept: list[Kept]) -> Imported:
        before = len(self._archive.version_marks(self._source.name))
        self._says_roles = any(each.role for each in kept)
        waiting = self._record_documents(kept)
        for _ in range(ROUNDS):
            asyncio.run(self._extracting.missing(progress=lambda done: self._progress(f"{done} pages read")))
            named = self._name()
            found = [(role, each) for url, role in named.items() for each in waiting.pop(url, ())]
            if not found:
                break
            self._record(found)
        self._tally.left_out["no documents of this source"] += sum(map(len, waiting.values()))
        if self._times or self._archive.has_unread_imports(self._source.name):
            self._progress("making histories again")
            with self._archive.write():
                remake(Deriver(self._archive, self._source, extractor=self._extracting.identity, profile=self._profile))
        return Imported(
            source=self._source.name,
            files=self._tally.files,
            answers=len(self._times),
            addresses=len(self._urls),
            known=self._known,
            first=min(self._times, default=None),
            last=max(self._times, default=None),
            versions_before=before,
            versions_after=len(self._archive.version_marks(self._source.name)),
            left_out={reason: count for reason, count in self._tally.left_out.most_common() if count},
            times=dict(self._tally.times),
        )

    # -- recording -------------------------------------------------------------------------------------

    def _record_documents(self, kept: list[Kept]) -> dict[str, list[Kept]]:
        """Record what is a document by its address, or by another archive; return the rest by address."""
        documents: list[tuple[Role, Kept]] = []
        rest: dict[str, list[Kept]] = {}
        for each in kept:
            role = each.role or (Role.MAIN if self._source.is_document(each.url) else None)
            if role is Role.MAIN and not self._source.is_document(each.url):
                self._tally.left_out["no documents of this source"] += 1
            elif role is not None:
                documents.append((role, each))
            else:
                rest.setdefault(each.url, []).append(each)
        self._record(documents)
        return rest

    def _record(self, kept: list[tuple[Role, Kept]]) -> None:
        """Record answers in the order of their times, as runs that may have been."""
        for group in _groups(sorted(kept, key=lambda each: (each[1].fetched_at, each[1].url)), self._starts):
            answers: list[tuple[Role, Answer]] = []
            seen: set[tuple[str, datetime, str | None]] = set()
            size = 0
            for role, each in group:
                answer = each.load()
                if answer is None:
                    self._tally.left_out["damaged"] += 1
                    continue
                digest = hashlib.sha256(answer.body).hexdigest() if answer.body is not None else None
                key = (answer.url, answer.fetched_at, digest)
                if key in seen or self._archive.has_answer(*key):
                    self._known += 1
                    continue
                seen.add(key)
                answers.append((role, answer))
                size += len(answer.body or b"")
                if size > MOST_BYTES_AT_ONCE or len(answers) >= MOST_AT_ONCE:
                    self._write(answers)
                    answers, size = [], 0
            self._write(answers)

    def _write(self, answers: list[tuple[Role, Answer]]) -> None:
        self._archive.import_answers(
            self._source.name,
            answers,
            origin=self._origin,
            at=self._at,
            extractor=self._extracting.identity,
            profile=self._profile.sha256,
            recasting=self._says_roles,
        )
        self._times += [answer.fetched_at for _, answer in answers]
        self._urls.update(answer.url for _, answer in answers)
        if answers:
            self._progress(f"{len(self._times)} answers recorded")

    def _name(self) -> dict[str, Role]:
        """List what imported pages name as their parts and files; return the roles by address."""
        bound = self._source.budget.parts
        named: dict[str, Role] = {}
        for run_id, resource_id, snapshot_id in self._archive.imported_pages(self._source.name):
            extraction = self._archive.extraction(resource_id, snapshot_id, self._extracting.identity)
            if extraction is None:
                continue
            parts = [Listed(url=p.url, role=Role.PART, title=p.name or None) for p in bounded(extraction.parts, bound)]
            files = [
                Listed(url=a.url, role=Role.ATTACHMENT, title=a.name or None) for a in extraction.attachments[:bound]
            ]
            items = [item for item in (*parts, *files) if self._source.has_host(item.url)]
            run = self._archive.run(run_id)
            self._archive.add_listings(run, items, found_on=resource_id, at=self._at)
            for item in items:
                named.setdefault(item.url, item.role)
        return named


def _groups(kept: list[tuple[Role, Kept]], starts: list[datetime]) -> Iterator[list[tuple[Role, Kept]]]:
    """Yield answers as the runs that may have got them.  Pure.

    A run ends where an address comes again, after a long gap, where a run of our own began, and with the chain
    of another archive.

    kept: in the order of their times.  starts: when our own runs began.
    """
    group: list[tuple[Role, Kept]] = []
    urls: Counter[str] = Counter()
    for role, each in kept:
        if group:
            last = group[-1][1]
            between = any(last.fetched_at < start <= each.fetched_at for start in starts)
            other = each.chain != last.chain
            again = each.chain is None and urls[each.url]
            if between or other or again or each.fetched_at - last.fetched_at > GAP:
                yield group
                group, urls = [], Counter()
        group.append((role, each))
        urls[each.url] += 1
    if group:
        yield group


def now() -> datetime:
    """Return the time; the only clock of an import."""
    return datetime.now(UTC)
