"""``forget``: what a person has the right, or the duty, to have erased."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime

from crawler.commands.finding import spellings
from crawler.commands.output import remark
from crawler.errors import CrawlFailedError
from crawler.plurals import many
from storage import Archive, ArchiveBusyError, Home, NotInArchiveError, lock_at
from storage.forgetting import Forgotten


def forget_document(archive_path: Home, address: str, *, reason: str, now: datetime) -> Forgotten:
    """Erase a document and bar its addresses; say what was erased and what was not."""
    if not reason.strip():
        raise CrawlFailedError("--reason says why; it stays as all that is left")
    with Archive.open(archive_path) as archive:
        listed = [url for url in spellings(address) if archive.resource_id(url) is not None]
        if not listed:
            raise NotInArchiveError(f"{address}: never listed by any source of this archive; nothing to forget")
        with ExitStack() as stack:
            for name in sorted({name for url in listed for name in archive.listed_by(url)}):
                lock = lock_at(archive_path, f"run-{name}")
                if not lock.acquire(wait=False):
                    raise ArchiveBusyError(
                        f"{name} is being crawled, and would bring back what it asked for already; "
                        "forget it when that has ended, or end it first"
                    )
                stack.callback(lock.release)
            done = archive.forget(listed[0], reason=" ".join(reason.split()), at=now)
            for other in listed[1:]:
                archive.forget(other, reason=" ".join(reason.split()), at=now)
    held = f"{many(done.versions, 'version')}, the bytes of {many(done.snapshots, 'answer')}"
    remark(f"forgotten: {held}; not asked for again:")
    for url in done.urls:
        remark(f"  {url}")
    for url in done.shared:
        remark(f"other documents have the same bytes, which stay there: {url}")
    remark("lists that name it, and corpora and copies made before, are not touched")
    return done
