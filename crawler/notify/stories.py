"""Events of the archive -> what rules look at, and what a message tells of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler.commands.changes import Telling, by_run, glimpses, labelled, sides
from crawler.commands.output import Times
from crawler.diff import Diff, Op, diff
from crawler.diff_views import summary
from crawler.labels import Label, folds
from crawler.language import LANGUAGES, Language
from crawler.notify.rules import Subject
from crawler.schemas import plain
from storage import Archive
from storage.model import Event, EventKind
from storage.sending import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An event as a message tells it.

    publisher: of its source, or the source's name.  summary: of a change, else "".  glimpses: what differs first.
    Both are in the language of the message.
    """

    telling: Telling
    labels: tuple[Label, ...]
    publisher: str
    document_number: str | None
    summary: str
    glimpses: tuple[str, ...]

    @property
    def event(self) -> Event:
        """The event."""
        return self.telling.event


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A message with all that is said in it.

    folds: what belongs together by a label; a label of None stands before one story that stands alone.
    times: in the zones of the sources.  test: it only shows that a channel works.
    language: in which it is told.
    """

    message: Message
    folds: tuple[tuple[Label | None, tuple[Story, ...]], ...]
    times: Times
    test: bool = False
    language: Language = LANGUAGES["en"]

    @property
    def stories(self) -> list[Story]:
        """All that is told, in the order of the folds."""
        return [story for _, group in self.folds for story in group]


def subject(archive: Archive, event: Event, *, texts: bool) -> Subject:
    """Return what rules look at; the texts are read only where one of them asks for words."""
    if not texts:
        return Subject(event=event)
    versions = [version for version in sides(archive, event) if version is not None]
    return Subject(
        event=event,
        texts=tuple(
            part for version in versions for part in (version.content.fields.title or "", version.content.text)
        ),
        numbers=tuple(number for version in versions if (number := version.content.fields.document_number)),
    )


def told(
    archive: Archive,
    message: Message,
    events: Iterable[Event],
    *,
    times: Times,
    publishers: Mapping[str, str],
    language: Language = LANGUAGES["en"],
) -> Told:
    """Return a message of events with its stories, run by run, folded as ``changes`` folds them."""
    in_order = sorted(events, key=lambda event: (event.run_id, event.event_id))
    found: list[tuple[Label | None, tuple[Story, ...]]] = []
    for tellings, given, _ in labelled(by_run(archive, in_order, times)):
        stories = [
            _story(archive, telling, mine, publishers, language) for telling, mine in zip(tellings, given, strict=True)
        ]
        for label, places in folds([one.happening for one in tellings], given):
            found.append((label, tuple(stories[place] for place in places)))
    return Told(message=message, folds=tuple(found), times=times, language=language)


def _story(
    archive: Archive, telling: Telling, given: tuple[Label, ...], publishers: Mapping[str, str], language: Language
) -> Story:
    event = telling.event
    before, after = sides(archive, event)
    step = None
    if event.kind is EventKind.CHANGED and before is not None and after is not None:
        step = diff(before.content, after.content)
    newest = after or before
    return Story(
        telling=telling,
        labels=given,
        publisher=publishers.get(event.source, event.source),
        document_number=newest.content.fields.document_number if newest else None,
        summary=_summary(step, language) if step else "",
        glimpses=tuple(glimpses(step, names=lambda name: language.name("field", name))) if step else (),
    )


def _summary(step: Diff, language: Language) -> str:
    """Return a diff in a few words, in a language.  Pure."""
    if language.code == "en":
        return summary(step)
    ops = (Op.CHANGED, Op.ADDED, Op.REMOVED, Op.MOVED)
    parts = []
    for what, found in (("paragraphs", step.hunks), ("attachments", step.attachments)):
        counts = Counter(one.op for one in found)
        parts += [language(f"{{n}} {what} {op}", n=counts[op]) for op in ops if counts[op]]
    parts += [language.name("field", change.name) for change in step.fields]
    return language(", ").join(parts) or language("no difference")


def new_message(channel: str, rule: str, *, key: str, due_at: datetime) -> Message:
    """Return a message that no archive holds: to be looked at, or to try a channel.  Pure."""
    return Message(
        message_id=0,
        key=key,
        channel=channel,
        rule=rule,
        made_at=due_at,
        due_at=due_at,
        attempts=0,
        next_at=due_at,
        sent_at=None,
        problem=None,
    )


def as_plain(told: Told) -> dict[str, Any]:
    """Return a message as ``crawler/schemas/notification.json`` describes it.  Pure."""
    message = told.message
    return {
        "id": message.key,
        "type": "test" if told.test else "alerts" if message.alerts else "events",
        "channel": message.channel,
        "rule": message.rule,
        "made_at": plain(message.made_at),
        "events": [_event(story) for story in told.stories],
        "alerts": plain(message.alerts),
    }


def _event(story: Story) -> dict[str, Any]:
    event = story.event
    return {
        "event_id": event.event_id,
        "kind": str(event.kind),
        "source": event.source,
        "publisher": story.publisher,
        "document_id": event.document_id,
        "document_number": story.document_number,
        "url": event.url,
        "previous_url": event.previous_url,
        "title": event.title,
        "at": plain(event.at),
        "labels": [str(label) for label in story.labels],
        "kinds": [str(kind) for kind in story.telling.kinds],
        "summary": story.summary,
        "glimpses": list(story.glimpses),
    }


def kinds_told(stories: Sequence[Story]) -> dict[str, int]:
    """Return how many stories there are of each kind.  Pure."""
    found: dict[str, int] = {}
    for story in stories:
        found[str(story.event.kind)] = found.get(str(story.event.kind), 0) + 1
    return found
