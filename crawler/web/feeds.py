"""Atom feeds: of everything, of one source, of one search."""

from __future__ import annotations

from urllib.parse import urlsplit

from crawler.atom import Entry, atom
from crawler.web.asked import Answer, Asked, Feed
from crawler.web.searching import every_text
from crawler.web.shared import publishers
from crawler.web.tellings import told
from storage import NotInArchiveError
from storage.model import Event
from storage.telling import Wanted

ENTRIES = 50


def all_events(asked: Asked) -> Answer:
    """Return a feed of what happened, of all sources or of one."""
    source = asked.params.get("name")
    names = publishers(asked)
    if source is not None and source not in names and source not in asked.archive.source_names():
        raise NotInArchiveError(f"no source is called {source}")
    wanted = Wanted(source=source)
    found: list[Event] = []
    for run, _ in asked.archive.telling_runs(wanted):
        found += reversed(asked.archive.run_events(run.run_id, wanted, limit=ENTRIES))
        if len(found) >= ENTRIES:
            break
    entries = [entry(asked, event, names) for event in found[:ENTRIES]]
    title = names.get(source, source) if source else "policytrail"
    return Feed(
        body=atom(
            title=title,
            name=f"policytrail:feed:{source or 'all'}",
            self_url=asked.origin + asked.path,
            page_url=asked.origin + (f"/source/{source}" if source else "/"),
            entries=entries,
            otherwise=asked.now,
        )
    )


def entry(asked: Asked, event: Event, names: dict[str, str]) -> Entry:
    """Return an event as an entry: what happened, to what, and what differs."""
    t = asked.language
    kind = t.name("kind", event.kind)
    change = told(asked, event)
    lines = [f"{kind}: {event.title or event.url}", names.get(event.source, event.source)]
    if change is not None:
        lines += [f"− {one.old}" if not one.new else f"{one.old} → {one.new}" if one.old else f"+ {one.new}"
                  for one in change.glimpses]  # fmt: skip
        lines += [", ".join(t.name("change", one) for one in change.kinds)] if change.kinds else []
    if event.previous_url:
        lines.append(f"{event.previous_url} → {event.url}")
    return Entry(
        # The number alone would be another event's in another archive.
        name=f"policytrail:event:{event.source}:{event.event_id}:{event.at.isoformat()}:{event.url}",
        title=f"{kind}: {event.title or event.url}",
        url=f"{asked.origin}/event/{event.event_id}",
        at=event.at,
        text="\n".join(lines),
        author=names.get(event.source, event.source),
        category=str(event.kind),
        related=event.url if urlsplit(event.url).scheme in ("http", "https") else None,
    )


def found_texts(asked: Asked) -> Answer:
    """Return a feed of the texts that hold some words, newest first."""
    names = publishers(asked)
    entries = [
        Entry(
            name=f"policytrail:text:{hit.source}:{hit.url}:{hit.version}:{hit.first_seen_at.isoformat()}",
            title=hit.title or hit.url,
            url=f"{asked.origin}/document/{hit.document_id}?version={hit.version}",
            at=hit.first_seen_at,
            text=hit.snippet.replace("\x02", "").replace("\x03", ""),
            author=names.get(hit.source, hit.source),
            category=hit.source,
            related=hit.url if urlsplit(hit.url).scheme in ("http", "https") else None,
        )
        for hit in every_text(asked).hits
    ]
    here = asked.with_query()
    return Feed(
        body=atom(
            title=f"policytrail: {asked.word('q')}",
            name=f"policytrail:search:{here}",
            self_url=asked.origin + here,
            page_url=asked.origin + here.replace("/search.atom", "/search", 1),
            entries=entries,
            otherwise=asked.now,
        )
    )
