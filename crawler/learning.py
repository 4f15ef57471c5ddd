"""The profile of a source: read where a run begins, learned where it ends."""

from __future__ import annotations

from crawler.profile import Profile, learn, load
from spiders.source import Source
from storage import Archive

# Newest documents, and visits of each, that a profile is learned from: more would say the same.
MOST_DOCUMENTS = 300
MOST_VISITS = 4


def newest(archive: Archive, source: str) -> Profile:
    """Return the profile in force for the next run of a source; an empty one where nothing was learned."""
    data = archive.newest_profile(source)
    return load(data) if data else Profile(source=source)


def in_force(archive: Archive, source: Source) -> Profile:
    """Return the profile that a source's texts are composed under: what was learned, if its file says ``learn``."""
    return newest(archive, source.name) if source.learn else Profile(source=source.name)


def learned(archive: Archive, before: Profile, *, extractor: str) -> Profile:
    """Return what the recorded pages of a source say beyond a profile; the same profile where that is nothing."""
    visits = archive.visits(before.source, extractor=extractor, most=MOST_VISITS, limit=MOST_DOCUMENTS)
    return learn(before, [[extraction.blocks for extraction in pages] for _, pages in visits])
