"""Runs, newest first; and one run with what it told and what failed."""

from __future__ import annotations

from crawler.schemas import plain
from crawler.web.asked import Answer, Asked, Page
from crawler.web.shared import publishers, source_choices
from storage.telling import Wanted

RUNS = 50
EVENTS = 100


def runs(asked: Asked) -> Answer:
    """Return a page of runs."""
    name, before = asked.word("source") or None, asked.number("before")
    page = asked.archive.run_counts_page(name, before=before, limit=RUNS + 1)
    older = page[RUNS - 1].run.run_id if len(page) > RUNS else None
    page = page[:RUNS]
    values = {
        "runs": page,
        "source": name,
        "show_source": True,
        "source_choices": source_choices(asked),
        "publishers": publishers(asked),
        "newest": asked.with_query(before=None) if before is not None else None,
        "older": asked.with_query(before=older) if older is not None else None,
    }
    following = asked.as_json(before=older) if older is not None else None
    return Page(template="runs", values=values, plain={"runs": [plain(one) for one in page], "older": following})


def run(asked: Asked) -> Answer:
    """Return one run."""
    number = asked.params["run_id"]
    one = asked.archive.run_counted(number)
    after = asked.number("after") or 0
    events = asked.archive.run_events(number, Wanted(baseline=True, quiet=True), after=after, limit=EVENTS + 1)
    more = events[EVENTS - 1].event_id if len(events) > EVENTS else None
    events = events[:EVENTS]
    outcomes = asked.archive.run_outcomes(number)
    failures = asked.archive.run_failures(number)
    values = {
        "one": one,
        "events": events,
        "next_events": asked.with_query(after=more) + "#told" if more is not None else None,
        "outcomes": outcomes,
        "failures": failures,
        "publishers": publishers(asked),
    }
    shown = {
        **plain(one),
        "outcomes": outcomes,
        "told": [plain(event) for event in events],
        "older": asked.as_json(after=more) if more is not None else None,
        "failures": [plain(fetch) for fetch in failures],
    }
    return Page(template="run", values=values, plain=shown)
