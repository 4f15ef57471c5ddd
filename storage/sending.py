"""What is to be sent to people: the outbox, the messages that its events became, and what was said of sources.

A message keeps its key for ever. It takes further events in until it is first tried: what may have been delivered
does not change any more.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.model import Event
from storage.reading import EVENT, Reading, make_event
from storage.times import moment, stamp

_MESSAGE = "message_id, key, channel, rule, made_at, due_at, attempts, next_at, sent_at, problem, alerts"
_EVENT_COLUMNS = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """That an event goes to a channel by a rule.

    slot: events of one slot share a message.  key: of the message, where the event begins one.
    """

    channel: str
    rule: str
    slot: str
    key: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is sent to one channel at once.

    key: stable, and another one for every other message of any archive.
    next_at: not tried before then.  alerts: of a message about ourselves, as they were given; else empty.
    """

    message_id: int
    key: str
    channel: str
    rule: str
    made_at: datetime
    due_at: datetime
    attempts: int
    next_at: datetime
    sent_at: datetime | None
    problem: str | None
    alerts: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertState:
    """What was said of a source that fails.

    about: "failing" or "overdue".  root_id: the last chain of runs that was judged.  failures: in a row up to it.
    opened_at: since when it is known to people; told_at: when they were told last; both None while all is well.
    """

    source: str
    about: str
    root_id: int = 0
    failures: int = 0
    opened_at: datetime | None = None
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """How the outbox stands.

    unrouted: events that no rule has looked at.  waiting: messages that are not sent yet; failing: of them, those
    that were tried.  problem: of the last failure.
    """

    unrouted: int
    waiting: int
    failing: int
    sent: int
    last_sent_at: datetime | None
    problem: str | None


class Sending(Reading):
    """Keeps what is to be sent, and what was."""

    def unrouted(self, *, limit: int = 500) -> list[tuple[Event, datetime]]:
        """Return events of the outbox that no rule has looked at, each with the time when it was put there."""
        columns, _, tables = EVENT.partition(" from ")
        rows = self._all(
            f"{columns}, o.queued_at from {tables} join outbox o on o.event_id = e.event_id "
            "where o.routed_at is null order by o.outbox_id limit ?",
            limit,
        )
        return [(make_event(row[:_EVENT_COLUMNS]), moment(row[_EVENT_COLUMNS])) for row in rows]

    def route(self, routed: Mapping[int, Sequence[Delivery]], *, at: datetime, most: int) -> None:
        """Put events into messages, in one transaction; an event without a delivery is done with.

        most: events in one message; the next begins another one.
        """
        with self.write():
            for event_id, deliveries in routed.items():
                self._db.execute("update outbox set routed_at = ? where event_id = ?", (stamp(at), event_id))
                for delivery in deliveries:
                    self._db.execute(
                        "insert into message_event (message_id, event_id) values (?, ?)",
                        (self._message_for(delivery, at, most), event_id),
                    )

    def _message_for(self, delivery: Delivery, at: datetime, most: int) -> int:
        row = self._row(
            "select message_id from message m where channel = ? and rule = ? and slot = ? and sent_at is null "
            "and attempts = 0 and (select count(*) from message_event e where e.message_id = m.message_id) < ? limit 1",
            delivery.channel,
            delivery.rule,
            delivery.slot,
            most,
        )
        if row is not None:
            return int(row[0])
        return self._insert(
            "insert into message (key, channel, rule, slot, made_at, due_at, next_at) values (?, ?, ?, ?, ?, ?, ?)",
            delivery.key,
            delivery.channel,
            delivery.rule,
            delivery.slot,
            stamp(at),
            stamp(delivery.due_at),
            stamp(delivery.due_at),
        )

    def say_of_ourselves(self, key: str, *, channel: str, alerts: Sequence[Mapping[str, Any]], at: datetime) -> None:
        """Make a message about ourselves, due at once; one of the same key is there already."""
        with self.write():
            self._db.execute(
                "insert into message (key, channel, rule, slot, made_at, due_at, next_at, alerts) "
                "values (?, ?, 'alerts', ?, ?, ?, ?, ?) on conflict (key) do nothing",
                (key, channel, key, stamp(at), stamp(at), stamp(at), json.dumps(list(alerts), ensure_ascii=False)),
            )

    def due_messages(self, at: datetime, *, resting: bool = False) -> list[Message]:
        """Return the messages that are to be tried now, the oldest first; resting: also after a failure."""
        column = "due_at" if resting else "next_at"
        rows = self._all(
            f"select {_MESSAGE} from message where sent_at is null and {column} <= ? order by due_at, message_id",
            stamp(at),
        )
        return [_make_message(row) for row in rows]

    def unsent_messages(self) -> list[Message]:
        """Return all messages that are not sent yet, the oldest first."""
        rows = self._all(f"select {_MESSAGE} from message where sent_at is null order by due_at, message_id")
        return [_make_message(row) for row in rows]

    def message_events(self, message_id: int) -> list[Event]:
        """Return the events of a message, oldest first."""
        rows = self._all(
            f"{EVENT} join message_event m on m.event_id = e.event_id where m.message_id = ? order by e.event_id",
            message_id,
        )
        return [make_event(row) for row in rows]

    def try_message(self, message_id: int) -> None:
        """Note, before it is sent, that a message is tried: from now on it holds what it holds."""
        with self.write():
            self._db.execute("update message set attempts = attempts + 1 where message_id = ?", (message_id,))

    def message_sent(self, message_id: int, *, at: datetime, problem: str | None = None) -> None:
        """Note that a message has arrived, and its events where that was the last message that held them.

        problem: what was wrong nevertheless: one of several addresses was refused.
        """
        with self.write():
            self._db.execute(
                "update message set sent_at = ?, problem = ? where message_id = ?", (stamp(at), problem, message_id)
            )
            self._db.execute(
                "update outbox set sent_at = ? where sent_at is null and event_id in "
                "(select event_id from message_event where message_id = ?) and not exists "
                "(select 1 from message_event e join message m using (message_id) "
                "where e.event_id = outbox.event_id and m.sent_at is null)",
                (stamp(at), message_id),
            )

    def message_failed(self, message_id: int, *, problem: str, next_at: datetime) -> None:
        """Note that a message did not arrive, and when it is tried again."""
        with self.write():
            self._db.execute(
                "update message set problem = ?, next_at = ? where message_id = ?",
                (problem, stamp(next_at), message_id),
            )

    def rest(self, channel: str, *, until: datetime) -> None:
        """Let all messages of a channel that cannot be reached wait as long."""
        with self.write():
            self._db.execute(
                "update message set next_at = ? where channel = ? and sent_at is null and next_at < ?",
                (stamp(until), channel, stamp(until)),
            )

    def has_post(self, at: datetime) -> bool:
        """Tell quickly whether something is to be routed or tried now."""
        row = self._row(
            "select exists (select 1 from outbox where routed_at is null) or "
            "exists (select 1 from message where sent_at is null and next_at <= ?)",
            stamp(at),
        )
        return bool(row and row[0])

    def post(self) -> Post:
        """Return how the outbox stands."""
        row = self._row(
            "select (select count(*) from outbox where routed_at is null), "
            "(select count(*) from message where sent_at is null), "
            "(select count(*) from message where sent_at is null and problem is not null), "
            "(select count(*) from message where sent_at is not null), (select max(sent_at) from message), "
            "(select problem from message where sent_at is null and problem is not null order by next_at desc limit 1)"
        ) or (0, 0, 0, 0, None, None)
        return Post(
            unrouted=row[0],
            waiting=row[1],
            failing=row[2],
            sent=row[3],
            last_sent_at=moment(row[4]) if row[4] else None,
            problem=row[5],
        )

    def newest_ended_run(self) -> int:
        """Return the number of the newest run that has an end; 0 where there is none."""
        row = self._row("select max(run_id) from run where ended_at is not null")
        return int(row[0] or 0) if row else 0

    def alert_states(self) -> list[AlertState]:
        """Return what was said of sources."""
        rows = self._all("select source, about, root_id, failures, opened_at, told_at from alert")
        return [
            AlertState(
                source=row[0],
                about=row[1],
                root_id=row[2],
                failures=row[3],
                opened_at=moment(row[4]) if row[4] else None,
                told_at=moment(row[5]) if row[5] else None,
            )
            for row in rows
        ]

    def save_alert_states(self, states: Iterable[AlertState]) -> None:
        """Write what was said of sources."""
        with self.write():
            for state in states:
                self._db.execute(
                    "insert into alert (source, about, root_id, failures, opened_at, told_at) "
                    "values (?, ?, ?, ?, ?, ?) "
                    "on conflict (source, about) do update set root_id = excluded.root_id, "
                    "failures = excluded.failures, opened_at = excluded.opened_at, told_at = excluded.told_at",
                    (
                        state.source,
                        state.about,
                        state.root_id,
                        state.failures,
                        stamp(state.opened_at) if state.opened_at else None,
                        stamp(state.told_at) if state.told_at else None,
                    ),
                )


def _make_message(row: tuple[Any, ...]) -> Message:
    return Message(
        message_id=row[0],
        key=row[1],
        channel=row[2],
        rule=row[3],
        made_at=moment(row[4]),
        due_at=moment(row[5]),
        attempts=row[6],
        next_at=moment(row[7]),
        sent_at=moment(row[8]) if row[8] else None,
        problem=row[9],
        alerts=tuple(json.loads(row[10])) if row[10] else (),
    )
