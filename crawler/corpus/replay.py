"""What an archive held at a moment: histories made again from what had been recorded by then."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from crawler.derive import Deriver, Tally
from crawler.errors import CrawlFailedError
from crawler.extract import Rules, identity
from crawler.learning import in_force
from spiders.source import Source
from storage import Home
from storage.as_of import ArchiveAt


def archive_at(
    path: Home,
    at: datetime,
    sources: Mapping[str, Source],
    wanted: Sequence[str],
    *,
    progress: Callable[[int, int], None],
) -> ArchiveAt:
    """Open an archive as it was, with the documents and versions of all chains that had come to their end.

    Raises CrawlFailedError where the present extractor has not been over all of it, or a source's file is gone.

    wanted: sources that must be there; none: all that had run.  progress: chains done, and how many there are.
    """
    archive = ArchiveAt.open_at(path, at)
    try:
        chains = archive.finished_chains()
        ran = sorted({name for name, _ in chains})
        gone = [name for name in wanted or ran if name not in sources and name in ran]
        if gone:
            raise CrawlFailedError(
                f"what {gone[0]} held then cannot be told: its source file is gone; name its folder with --sources"
            )
        derivers = {name: _deriver(archive, sources[name]) for name in ran if name in sources}
        # All sources in the order in which they ended: one may have fetched what another's document needs.
        for done, (name, root) in enumerate(chains, 1):
            if name in derivers:
                for _ in derivers[name].chain(archive.run(root), announce=False, tally=Tally()):
                    pass
            progress(done, len(chains))
    except BaseException:
        archive.close()
        raise
    return archive


def _deriver(archive: ArchiveAt, source: Source) -> Deriver:
    extractor = identity(Rules(keep=source.keep, drop=source.drop))
    if archive.unextracted(source.name, extractor, limit=1):
        raise CrawlFailedError(
            f"{source.name}: recorded answers have not been read by the present extractor; `policytrail derive` does"
        )
    return Deriver(archive, source, extractor=extractor, profile=in_force(archive, source))
