"""Sources that fail or are late, looked at in the archive, and said once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from crawler.commands.health import MOST_RUNS, past
from crawler.due import period
from crawler.health import Past, reasons
from crawler.notify.alerts import FAILING, OVERDUE, Alert, Ended, failing, overdue
from crawler.notify.config import AlertRule
from crawler.notify.rules import alert_key
from crawler.schemas import plain
from crawler.timetable import SCHEDULER
from spiders.loader import Sources
from spiders.source import Source
from storage import Archive
from storage.lock import was_taken
from storage.model import RunEnd
from storage.sending import AlertState


def look(archive: Archive, sources: Sources, rule: AlertRule, *, now: datetime) -> list[Alert]:
    """Look at the sources that have run, put what is to be said into the outbox, and return it.

    Runs can only be missing where a scheduler has been at work on the archive.
    """
    known = {(state.source, state.about): state for state in archive.alert_states()}
    scheduled = was_taken(archive.path, SCHEDULER)
    alerts: list[Alert] = []
    states: list[AlertState] = []

    def take(before: AlertState, after: AlertState, said: Alert | None) -> None:
        if after != before:
            states.append(after)
        if said is not None:
            alerts.append(said)

    for name in archive.source_names():
        source = sources.sources.get(name)
        if source is None:
            continue
        before = known.get((name, FAILING), AlertState(source=name, about=FAILING))
        ended = ended_since(archive, source, before.root_id)
        remind = timedelta(days=rule.remind_days)
        take(before, *failing(before, ended, after=rule.after, remind=remind, now=now))
        last = archive.source_state(name).last_run
        if scheduled and last is not None:
            before = known.get((name, OVERDUE), AlertState(source=name, about=OVERDUE))
            seen_at = last.ended_at or last.started_at
            take(before, *overdue(before, last_run_at=seen_at, period=period(source, now), remind=remind, now=now))
    if not states and not alerts:
        return []
    with archive.write():
        archive.save_alert_states(states)
        if alerts:
            parts = [part for alert in alerts for part in (alert.source, alert.about, alert.state, str(alert.since))]
            for channel in rule.channels:
                archive.say_of_ourselves(
                    alert_key(channel, [*parts, now.isoformat()]), channel=channel, alerts=plain(alerts), at=now
                )
    return alerts


def ended_since(archive: Archive, source: Source, root_id: int) -> list[Ended]:
    """Return the chains of a source that ended after one, oldest first, each with what was wrong with it."""
    runs = [run for run in archive.runs(source.name, limit=MOST_RUNS) if run.end in (RunEnd.FINISHED, RunEnd.FAILED)]
    finished = archive.finished_roots(source.name)
    found = []
    for run in reversed(runs):
        if run.root_id <= root_id or run.ended_at is None:
            continue
        earlier = [root for root in finished if root < run.root_id]
        before = past(archive, source, max(earlier)) if earlier else None
        problem = _problem(source, past(archive, source, run.root_id), before)
        if problem is None and run.end is RunEnd.FAILED:
            problem = "it failed"
        found.append(Ended(root_id=run.root_id, ended_at=run.ended_at, problem=problem))
    return found


def _problem(source: Source, last: Past, before: Past | None) -> str | None:
    # Slowness is seen in `status`; nobody is woken for it.
    found: Sequence[str] = [
        f"{reason.word}: {reason.detail}"
        for reason in reasons(source, last, before, overdue=False)
        if reason.word != "slow"
    ]
    return "; ".join(found) or None
