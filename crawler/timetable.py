"""What a scheduler has in hand, as it tells others: a small file beside the archive, written anew at each change.

It decides nothing: what ran stands in the archive, what is due in the source files. A scheduler that starts reads
none of it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage import Home, Server
from storage.lock import is_held, lock_folder
from storage.server_lock import leave_word, word_left
from storage.times import moment

SCHEDULER = "scheduler"
WORD = "timetable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One source.

    state: running, waiting (due, but not yet begun) or planned.  since: of that state.
    waits_for: what a waiting one waits for, in words.  pid: of a running one.
    due_at: its next due time; None for never.
    last_code, last_ended_at: exit code and end of its last run by this scheduler; None before the first.
    interrupted: runs in a row that did not come to their end by themselves.
    """

    source: str
    state: str
    since: datetime | None = None
    waits_for: str = ""
    pid: int | None = None
    due_at: datetime | None = None
    last_code: int | None = None
    last_ended_at: datetime | None = None
    interrupted: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """All sources of a scheduler."""

    pid: int
    started_at: datetime
    max_runs: int
    entries: Sequence[Entry]


_TIMES = ("since", "due_at", "last_ended_at")


def write(archive: Home, timetable: Timetable) -> None:
    """Put a timetable in the place of the last one, whole."""
    from crawler.schemas import plain

    told = json.dumps(plain(timetable))
    if isinstance(archive, Server):
        leave_word(archive, WORD, told)
        return
    path = lock_folder(archive) / "schedule.json"
    path.parent.mkdir(exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(told, encoding="utf-8")
    fresh.replace(path)


def read(archive: Home) -> Timetable | None:
    """Return the timetable of the scheduler that is at work on an archive; None where there is none."""
    if not is_held(archive, SCHEDULER):
        return None
    try:
        told = json.loads(
            word_left(archive, WORD)
            if isinstance(archive, Server)
            else (lock_folder(archive) / "schedule.json").read_text("utf-8")
        )
        return Timetable(
            pid=told["pid"],
            started_at=moment(told["started_at"]),
            max_runs=told["max_runs"],
            entries=[_entry(each) for each in told["entries"]],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None  # it has only just begun, or is of another version


def _entry(told: dict[str, Any]) -> Entry:
    return Entry(**{**told, **{key: moment(told[key]) if told[key] else None for key in _TIMES}})
