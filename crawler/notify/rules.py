"""What of the outbox goes to which channel, and when; pure."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from crawler.notify.config import Rule
from storage.model import Event
from storage.sending import Delivery

# Of a run's events, more than this go into one message, also by a rule that tells of each at once.
MOST_AT_ONCE = 10
# A message that fails is tried again after a pause that doubles each time.
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What rules look at.

    texts: titles and bodies of the document before and after the event.  numbers: its document numbers.
    """

    event: Event
    texts: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


def matches(rule: Rule, subject: Subject) -> bool:
    """Tell whether a rule is about an event.

    Pure.  Case and width of characters do not count; the words of an entry may stand in any order.
    """
    event = subject.event
    if rule.sources and not any(fnmatchcase(event.source, pattern) for pattern in rule.sources):
        return False
    if rule.kinds and event.kind not in rule.kinds:
        return False
    if rule.document_number and not any(_folded(rule.document_number) in _folded(n) for n in subject.numbers):
        return False
    if not rule.words:
        return True
    whole = _folded("\n".join((event.title or "", *subject.texts)))
    return any(all(word in whole for word in _folded(entry).split()) for entry in rule.words)


def chosen(rules: Iterable[Rule], subject: Subject) -> list[tuple[str, Rule]]:
    """Return the channels that an event goes to, each with the first rule that sends it there.  Pure."""
    found: dict[str, Rule] = {}
    for rule in rules:
        if matches(rule, subject):
            for channel in rule.channels:
                found.setdefault(channel, rule)
    return list(found.items())


def needs_texts(rules: Iterable[Rule]) -> bool:
    """Tell whether a rule looks at what documents say.  Pure."""
    return any(rule.words or rule.document_number for rule in rules)


def deliver(
    channel: str, rule: Rule, event: Event, *, root_id: int, many: bool, zone: ZoneInfo, now: datetime
) -> Delivery:
    """Return which message an event goes into, and when that is due.

    Pure.

    root_id: of the chain of runs that told it.  many: the run told more than MOST_AT_ONCE by this rule.
    zone: the source's.
    """
    due = _after_quiet(rule, now, zone)
    if rule.when == "day":
        # One message a day and zone: sources of another zone have another morning.
        due = next_time(rule.at, now, zone)
        slot = f"day {zone.key} {due.isoformat()}"
    elif due > now:
        slot = f"after {due.isoformat()}"
    elif rule.when == "now" and not many:
        slot = f"event {event.event_id}"
    else:
        slot = f"run {root_id}"
    return Delivery(channel=channel, rule=rule.name, slot=slot, key=message_key(channel, rule.name, event), due_at=due)


def message_key(channel: str, rule: str, event: Event) -> str:
    """Return the id of the message that an event begins: the same whenever it is made, another for all others.

    Pure.  The number of an event alone would be another event's in another archive.
    """
    return _uuid("message", channel, rule, event.source, str(event.event_id), event.at.isoformat(), event.url)


def alert_key(channel: str, parts: Sequence[str]) -> str:
    """Return the id of a message about ourselves.  Pure."""
    return _uuid("alert", channel, *parts)


def _uuid(*parts: str) -> str:
    name = "\n".join(("policytrail", *parts)).encode("utf-8", "replace").decode()
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def next_time(at: time, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the next moment when the clocks of a zone show a time.  Pure."""
    local = now.astimezone(zone)
    today = local.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return (today if today > local else today + timedelta(days=1)).astimezone(now.tzinfo)


def _after_quiet(rule: Rule, now: datetime, zone: ZoneInfo) -> datetime:
    if rule.quiet is None:
        return now
    first, last = rule.quiet
    clock = now.astimezone(zone).time()
    inside = first <= clock < last if first < last else clock >= first or clock < last
    return next_time(last, now, zone) if inside else now


def pause(attempts: int) -> timedelta:
    """Return how long a message rests after so many failures.  Pure."""
    doubled: int = 2 ** min(attempts - 1, 20)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
