"""Atom feeds as files: of everything, of each source, of each search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

from crawler.atom import Entry, atom
from crawler.commands.changes import holds, tell
from crawler.commands.output import Times
from crawler.notify.config import AtomChannel
from crawler.terminal import clean
from spiders.loader import Sources
from storage import Archive
from storage.model import Event
from storage.telling import Wanted

# So many events are looked through for those that fit a search.
_LOOKED = 1_000
_BATCH = 100


class Feeds:
    """Writes the feeds of one archive; what an event says is put together once for all of them."""

    def __init__(self, archive: Archive, sources: Sources, *, now: datetime) -> None:
        self._archive = archive
        self._now = now
        self._names = archive.source_names()
        self._times = Times({name: _zone(sources, name) for name in self._names})
        self._publishers = {name: source.publisher for name, source in sources.sources.items()}
        self._entries: dict[int, Entry] = {}

    def write(self, channel: AtomChannel, *, touched: Iterable[str]) -> list[Path]:
        """Write the feeds that may have altered, or are not there yet, and return those that did.

        touched: sources of which something was told.  Raises OSError where a file cannot be written.
        """
        channel.folder.mkdir(parents=True, exist_ok=True)
        touched = set(touched)
        written: list[Path] = []
        for name in self._names:
            path = channel.folder / f"source-{name}.xml"
            if name in touched or not path.exists():
                events = self._archive.newest_events(Wanted(source=name), limit=channel.entries)
                title = self._publishers.get(name, name)
                written += self._put(channel, path, title, f"policytrail:feed:{name}", events)
        for search, words in channel.searches.items():
            path = channel.folder / f"search-{search}.xml"
            if touched or not path.exists():
                events = self._found(words, channel.entries)
                written += self._put(channel, path, f"policytrail: {words}", f"policytrail:words:{words}", events)
        path = channel.folder / "all.xml"
        if touched or not path.exists():
            events = self._archive.newest_events(Wanted(), limit=channel.entries)
            written += self._put(channel, path, "policytrail", "policytrail:feed:all", events)
        return written

    def _put(self, channel: AtomChannel, path: Path, title: str, name: str, events: Sequence[Event]) -> list[Path]:
        address = f"{channel.base.rstrip('/')}/{quote(path.name)}" if channel.base else path.name
        feed = atom(
            title=title,
            name=name,
            self_url=address,
            page_url=channel.base or address,
            entries=[self._entry(event) for event in events],
            otherwise=datetime.fromtimestamp(0, self._now.tzinfo),
        )
        if path.exists() and path.read_bytes() == feed:
            return []
        # Readers see the old feed or the new one, never half of it.
        aside = path.with_name(f".{path.name}.new")
        aside.write_bytes(feed)
        aside.replace(path)
        return [path]

    def _found(self, words: str, most: int) -> list[Event]:
        found: list[Event] = []
        for event in self._newest(_LOOKED):
            if holds(self._archive, event, words):
                found.append(event)
                if len(found) == most:
                    break
        return found

    def _newest(self, most: int) -> Iterator[Event]:
        before = None
        for _ in range(most // _BATCH):
            events = self._archive.newest_events(Wanted(), before=before, limit=_BATCH)
            yield from events
            if len(events) < _BATCH:
                return
            before = events[-1].event_id

    def _entry(self, event: Event) -> Entry:
        if event.event_id not in self._entries:
            telling = tell(self._archive, event, self._times)
            publisher = self._publishers.get(event.source, event.source)
            web = urlsplit(event.url).scheme in ("http", "https")
            self._entries[event.event_id] = Entry(
                # The number alone would be another event's in another archive.
                name=f"policytrail:event:{event.source}:{event.event_id}:{event.at.isoformat()}:{event.url}",
                title=clean(f"{event.kind}: {event.title or event.url}"),
                url=event.url if web else "about:blank",
                at=event.at,
                text=f"{telling.text.plain}\n{clean(publisher)}",
                author=publisher,
                category=str(event.kind),
            )
        return self._entries[event.event_id]


def _zone(sources: Sources, name: str) -> str:
    source = sources.sources.get(name)
    return source.timezone if source is not None else "UTC"
