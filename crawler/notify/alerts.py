"""What is said about ourselves: sources that fail, runs that do not happen, and that all is well again; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crawler.plurals import many
from storage.sending import AlertState

FAILING = "failing"
OVERDUE = "overdue"
# A run that is late by so many times its period is missing: one takes its time, or waits its turn.
LATE_PERIODS = 2
LATE_AT_LEAST = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A chain of runs that came to its end.  problem: None, or a line on what was wrong with it."""

    root_id: int
    ended_at: datetime
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What is said: "opened", "reminder" or "recovered".  since: when it began."""

    source: str
    about: str
    state: str
    text: str
    since: datetime


def failing(
    before: AlertState, ended: Sequence[Ended], *, after: int, remind: timedelta, now: datetime
) -> tuple[AlertState, Alert | None]:
    """Return how a source stands after the chains that ended since it was looked at last, and what is to be said.

    Pure.

    ended: oldest first.  after: so many failures in a row are told of.  remind: said again after so long.
    """
    state, last = before, ""
    recovered: Alert | None = None
    for one in ended:
        if one.problem is None:
            if state.opened_at is not None:
                recovered = Alert(
                    source=state.source,
                    about=FAILING,
                    state="recovered",
                    text=f"a run of {_minute(one.ended_at)} went well, after {state.failures} that did not",
                    since=state.opened_at,
                )
            state = replace(state, root_id=one.root_id, failures=0, opened_at=None, told_at=None)
        else:
            last = one.problem
            recovered = None
            state = replace(state, root_id=one.root_id, failures=state.failures + 1)
    if recovered is not None:
        return state, recovered
    text = f"{many(state.failures, 'run')} in a row went wrong{f'; the last one: {last}' if last else ''}"
    if state.failures < after:
        # A source that failed, went well and fails again between two looks was not heard of: nothing to take back.
        return state, None
    return _said(state, FAILING, text, remind=remind, now=now)


def overdue(
    before: AlertState, *, last_run_at: datetime, period: timedelta, remind: timedelta, now: datetime
) -> tuple[AlertState, Alert | None]:
    """Return how a source stands whose runs may be missing, and what is to be said.

    Pure.  last_run_at: when a run of the source was last seen, however it went.
    """
    late = now - last_run_at
    if late < max(period * LATE_PERIODS, LATE_AT_LEAST):
        state = replace(before, opened_at=None, told_at=None)
        if before.opened_at is None:
            return state, None
        return state, Alert(
            source=state.source, about=OVERDUE, state="recovered", text="it runs again", since=before.opened_at
        )
    text = (
        f"its last run was {_span(late)} ago, and it is due every {_span(period)}; is `policytrail schedule` running?"
    )
    return _said(before, OVERDUE, text, remind=remind, now=now)


def _said(
    state: AlertState, about: str, text: str, *, remind: timedelta, now: datetime
) -> tuple[AlertState, Alert | None]:
    opened = state.opened_at or now
    if state.told_at is not None and now - state.told_at < remind:
        return state, None
    alert = Alert(
        source=state.source,
        about=about,
        state="opened" if state.opened_at is None else "reminder",
        text=text,
        since=opened,
    )
    return replace(state, opened_at=opened, told_at=now), alert


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _span(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    if hours >= 48:
        return many(hours / 24, "day")
    return many(hours, "hour") if hours >= 1 else many(span.total_seconds() / 60, "minute")
