"""The profile of a source: read where a run begins, learned where it ends."""

from __future__ import annotations

import asyncio

from crawler.extracting import Extracting
from crawler.profile import Profile, Refusal, learn, learn_stand_ins, load
from spiders.source import Source
from storage import Archive
from storage.model import Outcome

# Newest documents, and visits of each, that a profile is learned from: more would say the same.
MOST_DOCUMENTS = 300
MOST_VISITS = 4
# Newest answers that were no documents; a site has few pages for them.
MOST_REFUSALS = 12
# As what an answer counts that stands for all of its text: with status 200 nothing else is known of it.
_STANDS_FOR = {Outcome.GONE: Outcome.SOFT_404}


def in_force(archive: Archive, source: Source) -> Profile:
    """Return the profile that a source's pages are judged and composed under.

    Of blocks it says what was learned only if the source's file says ``learn``.
    """
    data = archive.newest_profile(source.name)
    profile = load(data) if data else Profile(source=source.name)
    return profile if source.learn else profile.judging_only()


def learned(archive: Archive, before: Profile, *, extractor: str) -> Profile:
    """Return what the recorded pages of a source say of blocks beyond a profile; the same profile for nothing."""
    visits = archive.visits(before.source, extractor=extractor, most=MOST_VISITS, limit=MOST_DOCUMENTS)
    return learn(before, [pages for _, pages in visits])


async def stand_ins_learned(archive: Archive, before: Profile, extracting: Extracting) -> Profile:
    """Return what a source's answers without a document say beyond a profile; the same profile for nothing."""
    answers = archive.refusals(before.source, limit=MOST_REFUSALS)
    first = {snapshot_id: resource_id for resource_id, snapshot_id, _ in reversed(answers)}
    made = await asyncio.gather(*(extracting.make(resource, snapshot) for snapshot, resource in first.items()))
    read = dict(zip(first, made, strict=True))
    refusals = [
        Refusal(resource_id=resource, outcome=_STANDS_FOR.get(outcome, outcome), blocks=read[snapshot].blocks)
        for resource, snapshot, outcome in answers
    ]
    return learn_stand_ins(before, refusals)
