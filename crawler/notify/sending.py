"""One pass over the outbox: events go into messages, messages go out; what fails is tried again, later and later."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from crawler.commands.output import Times
from crawler.errors import CrawlFailedError
from crawler.language import LANGUAGES, Language
from crawler.notify.config import AppriseChannel, AtomChannel, Channel, Config, MailChannel, WebhookChannel
from crawler.notify.delivery import Carrier, NotDeliveredError
from crawler.notify.rules import MOST_AT_ONCE, chosen, deliver, needs_texts, pause
from crawler.notify.stories import Told, subject, told
from spiders.loader import Sources
from storage import Archive, Lock, lock_at
from storage.model import Event
from storage.sending import Delivery, Message

log = logging.getLogger(__name__)

# Of more than so many events one message becomes two: nobody reads it, and no receiver takes it.
MOST_EVENTS = 1_000
# So many failures in a row say that a channel is not well, though it answers.
MOST_FAILURES = 3
LOCK = "notify"


@dataclass(slots=True)
class Pass:
    """What a pass did.

    routed: events that rules looked at; wanted: of them, those that go somewhere; too_old: passed over by their age.
    failed: a line for each channel that could not be reached.  remarks: of messages that arrived nevertheless.
    """

    routed: int = 0
    wanted: int = 0
    too_old: int = 0
    feeds: int = 0
    sent: int = 0
    failed: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)


class Post:
    """The outbox of one archive, its rules, and who carries its messages.

    clock: the time; environment: where secrets lie; allowed: private addresses that webhooks may be at.
    """

    def __init__(
        self,
        archive: Archive,
        config: Config,
        sources: Sources,
        *,
        clock: Callable[[], datetime],
        environment: Mapping[str, str],
        allowed: frozenset[tuple[str, int]] = frozenset(),
    ) -> None:
        self.archive = archive
        self.config = config
        self.sources = sources
        self.clock = clock
        self._environment = environment
        self._allowed = allowed
        self._publishers = {name: source.publisher for name, source in sources.sources.items()}

    def lock(self) -> Lock:
        """Return the lock that keeps two passes of one archive apart."""
        return lock_at(self.archive.path, LOCK)

    def route(self, done: Pass) -> None:
        """Put the events that no rule has looked at into messages."""
        while routed := self.plan(done):
            self.archive.route(routed, at=self.clock(), most=MOST_EVENTS)

    def plan(self, done: Pass) -> dict[int, list[Delivery]]:
        """Return where the next events of the outbox go, in order; an event that nobody wants goes nowhere."""
        now = self.clock()
        texts = needs_texts(self.config.rules)
        fresh: list[tuple[Event, list[tuple[str, str]]]] = []
        rules = {rule.name: rule for rule in self.config.rules}
        for event, queued_at in self.archive.unrouted():
            done.routed += 1
            done.touched.add(event.source)
            if now - queued_at > timedelta(days=self.config.max_age_days):
                done.too_old += 1
                fresh.append((event, []))
                continue
            found = chosen(self.config.rules, subject(self.archive, event, texts=texts))
            done.wanted += bool(found)
            fresh.append((event, [(channel, rule.name) for channel, rule in found]))
        counts = Counter((event.run_id, rule) for event, found in fresh for rule in {rule for _, rule in found})
        roots: dict[int, int] = {}
        for event, _ in fresh:
            if event.run_id not in roots:
                roots[event.run_id] = self.archive.run(event.run_id).root_id
        return {
            event.event_id: [
                deliver(
                    channel,
                    rules[rule],
                    event,
                    root_id=roots[event.run_id],
                    many=counts[event.run_id, rule] > MOST_AT_ONCE,
                    zone=self.zone(event.source),
                    now=now,
                )
                for channel, rule in found
            ]
            for event, found in fresh
        }

    def zone(self, source: str) -> ZoneInfo:
        """Return the zone of a source; UTC where its file is gone."""
        known = self.sources.sources.get(source)
        return ZoneInfo(known.timezone if known is not None else "UTC")

    def told(self, message: Message, events: Sequence[Event]) -> Told:
        """Return a message with all that it says, in the language of its channel."""
        times = Times({event.source: self.zone(event.source).key for event in events})
        about = {event.source for event in events} | {str(alert["source"]) for alert in message.alerts}
        tags = [known.language for name in about if (known := self.sources.sources.get(name)) is not None]
        language = spoken(self.config.channels.get(message.channel), tags)
        return told(self.archive, message, events, times=times, publishers=self._publishers, language=language)

    def send_due(self, done: Pass, *, impatient: bool = False) -> None:
        """Try each message that is due; a channel that cannot be reached is left alone for this pass.

        impatient: also those that rest after a failure.
        """
        carriers: dict[str, Carrier | None] = {}
        failures: Counter[str] = Counter()
        for message in self.archive.due_messages(self.clock(), resting=impatient):
            channel = self.config.channels.get(message.channel)
            if message.channel not in carriers:
                carriers[message.channel] = self._start(message.channel, channel, done)
            carrier = carriers[message.channel]
            if carrier is None:
                continue
            self.archive.try_message(message.message_id)
            attempts = message.attempts + 1
            try:
                remark = carrier.send(
                    self.told(message, self.archive.message_events(message.message_id)), at=self.clock()
                )
            except NotDeliveredError as error:
                next_at = self.clock() + pause(attempts)
                self.archive.message_failed(message.message_id, problem=str(error), next_at=next_at)
                done.failed.append(
                    f"channel {message.channel}: {error}; tried again at {next_at:%Y-%m-%d %H:%M} UTC, or by --now"
                )
                failures[message.channel] += 1
                if not error.reachable or failures[message.channel] == MOST_FAILURES:
                    # Its other messages would fare no better now, and wait as long as this one.
                    carriers[message.channel] = None
                    self.archive.rest(message.channel, until=next_at)
                continue
            failures[message.channel] = 0
            self.archive.message_sent(message.message_id, at=self.clock(), problem=remark)
            done.sent += 1
            if remark:
                done.remarks.append(f"channel {message.channel}: {remark}")

    def _start(self, name: str, channel: Channel | None, done: Pass) -> Carrier | None:
        if channel is None:
            done.failed.append(f"channel {name}: {self.config.path} does not name it any more; its messages wait")
            return None
        try:
            return start(channel, self._environment, self._allowed)
        except CrawlFailedError as error:
            done.failed.append(str(error))
            return None

    def write_feeds(self, done: Pass) -> None:
        """Write the feeds that may have altered."""
        channels = [channel for channel in self.config.channels.values() if isinstance(channel, AtomChannel)]
        if not channels:
            return
        from crawler.notify.feeds import Feeds

        feeds = Feeds(self.archive, self.sources, now=self.clock())
        for channel in channels:
            try:
                done.feeds += len(feeds.write(channel, touched=done.touched))
            except OSError as error:
                done.failed.append(f"channel {channel.name}: {error.filename or channel.folder}: {error.strerror}")


def spoken(channel: Channel | None, tags: Sequence[str] = ()) -> Language:
    """Return the language of a message to a channel: the channel's, or that of all sources that it is about.

    Pure.  tags: language tags of the sources.
    """
    code = channel.language if isinstance(channel, MailChannel | AppriseChannel) else "en"
    if code == "source":
        code = "zh" if tags and all(tag.partition("-")[0].lower() == "zh" for tag in tags) else "en"
    return LANGUAGES[code]


def start(
    channel: Channel, environment: Mapping[str, str], allowed: frozenset[tuple[str, int]] = frozenset()
) -> Carrier:
    """Return who carries the messages of a channel.

    environment: where secrets lie.  allowed: private addresses that webhooks may be at.
    Raises CrawlFailedError where its secret is missing, and for feeds, which carry no messages.
    """
    # Not at the top: each brings what only its own kind of channel needs.
    if isinstance(channel, MailChannel):
        from crawler.notify.mail import MailCarrier

        return MailCarrier(channel, environment)
    if isinstance(channel, WebhookChannel):
        from crawler.notify.webhook import WebhookCarrier

        return WebhookCarrier(channel, environment, allowed)
    if isinstance(channel, AppriseChannel):
        from crawler.notify.others import AppriseCarrier

        return AppriseCarrier(channel, environment)
    raise CrawlFailedError(
        f"channel {channel.name}: feeds are files in {channel.folder}; `policytrail notify` writes them"
    )
