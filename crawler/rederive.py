"""Histories made again from recorded answers, without a crawl; nothing is announced."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from crawler.derive import Deriver, remake
from crawler.extracting import Extracting
from crawler.learning import MOST_DOCUMENTS, in_force, learned
from crawler.profile import Profile
from crawler.workers import Workers
from spiders.source import Source
from storage import Archive, ArchiveBusyError, lock_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Altered:
    """A document whose history is another one now; 0 versions where there was, or is, no such document.

    latest: its newest text alters, not only earlier ones.
    """

    document_id: int
    url: str
    versions_before: int
    versions_after: int
    latest: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A block that a newly learned profile takes out of a document's present page."""

    url: str
    rule: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rederived:
    """What came of making the histories of one source again."""

    source: str
    extracted: int
    documents: int
    altered: tuple[Altered, ...]
    kept: bool
    removed: tuple[Removed, ...] = ()


class _Undo(Exception):
    """Rolls a transaction back."""


def rederive(
    archive: Archive,
    source: Source,
    workers: Workers,
    *,
    dry_run: bool,
    progress: Callable[[str], None],
) -> Rederived:
    """Extract what the present extractor has not been over, and make a source's histories again.

    dry_run: roll the histories back; extractions that were made stay, so that the real thing is quick.
    Raises ArchiveBusyError where the source is being crawled.
    """
    lock = lock_at(archive.path, f"run-{source.name}")
    if not lock.acquire(wait=False):
        raise ArchiveBusyError(f"{source.name} is being crawled by another process on {archive.path}; wait for its end")
    try:
        extracting = Extracting(archive, source, workers)
        extracted = asyncio.run(extracting.missing(progress=lambda done: progress(f"{done} pages read again")))
        present = in_force(archive, source)
        fresh = learned(archive, present, extractor=extracting.identity)
        removed = tuple(_removed(archive, present, fresh, extractor=extracting.identity))
        urls = {document.document_id: document.url for document in archive.documents(source.name)}
        altered: tuple[Altered, ...] = ()
        try:
            with archive.write():
                profile = fresh if source.learn else present
                deriver = Deriver(archive, source, extractor=extracting.identity, profile=profile)
                before = remake(deriver, progress=lambda count: progress(f"{count} runs made again"))
                urls |= {document.document_id: document.url for document in archive.documents(source.name)}
                altered = compared(before, archive.version_marks(source.name), urls)
                if dry_run:
                    raise _Undo
        except _Undo:
            pass
        return Rederived(
            source=source.name,
            extracted=extracted,
            documents=len(urls),
            altered=altered,
            kept=not dry_run,
            removed=removed,
        )
    finally:
        lock.release()


def _removed(archive: Archive, present: Profile, fresh: Profile, *, extractor: str) -> Iterator[Removed]:
    if fresh is present:
        return
    for url, pages in archive.visits(present.source, extractor=extractor, most=1, limit=MOST_DOCUMENTS):
        for block in pages[-1].blocks if pages else ():
            if not present.left_out(block) and (rule := fresh.left_out(block)):
                yield Removed(url=url, rule=rule, text=block.text)


def compared(
    before: dict[tuple[int, int], str], after: dict[tuple[int, int], str], urls: dict[int, str]
) -> tuple[Altered, ...]:
    """Return the documents whose versions differ, by number.  Pure.

    before, after: hash of content, by document and number of version.
    """
    was, now = _histories(before), _histories(after)
    return tuple(
        Altered(
            document_id=document,
            url=urls.get(document, ""),
            versions_before=len(was.get(document, ())),
            versions_after=len(now.get(document, ())),
            latest=was.get(document, [""])[-1] != now.get(document, [""])[-1],
        )
        for document in sorted(was.keys() | now.keys())
        if was.get(document) != now.get(document)
    )


def _histories(marks: dict[tuple[int, int], str]) -> dict[int, list[str]]:
    histories: dict[int, list[str]] = {}
    for (document, _), digest in sorted(marks.items()):
        histories.setdefault(document, []).append(digest)
    return histories
