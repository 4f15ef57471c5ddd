"""``backup``, and what ``status`` says of the machine: is the archive whole, is there room, who is at work."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.text import Text

from crawler.commands.output import remark, say, sized
from crawler.plurals import many
from crawler.schemas import plain
from crawler.terminal import clean
from crawler.timetable import SCHEDULER
from storage import Archive, Home
from storage.keeping import Health, sqlite_faults
from storage.lock import is_held, was_taken
from storage.sending import Post

# So long `status` looks for damage without being asked to.
QUICK_S = 0.1
# Less room than this, or than the archive takes, is too little.
LITTLE_ROOM_BYTES = 1 << 30

_UNSET = {
    "allow": "public addresses only",
    "contact": "not set; only this machine is asked",
    "sources": "the shipped ones",
    "notify": "nobody is told",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting in force.

    value: empty where it is not set.  given_by: "option", "variable", "default" or "here", what lies in this folder.
    """

    name: str
    value: str
    given_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the machine and the archive stand.

    checked: "quick" or "full".  free_bytes: on the archive's disk; None of a server.
    scheduler: "running", "stopped", or "never started" on this archive.
    """

    health: Health
    checked: str
    sqlite: str
    engine: str
    faults: tuple[str, ...]
    free_bytes: int | None
    scheduler: str
    post: Post
    settings: tuple[Setting, ...] = ()


def look_for_damage(path: Home, *, full: bool) -> Health:
    """Look at the pages of an archive, from whichever thread asks.

    full: at every page, however long it takes.
    """
    with Archive.open(path, readonly=True) as archive:
        return archive.full_check() if full else archive.quick_check(limit_s=QUICK_S)


def standing(archive: Archive, health: Health, *, full: bool, settings: tuple[Setting, ...]) -> Standing:
    """Return how the machine and the archive stand; health: what was found of damage."""
    path = archive.path
    return Standing(
        health=health,
        checked="full" if full else "quick",
        sqlite=sqlite3.sqlite_version,
        engine=archive.engine(),
        faults=sqlite_faults(sqlite3.sqlite_version_info) if isinstance(path, Path) else (),
        free_bytes=shutil.disk_usage(path.resolve().parent).free if isinstance(path, Path) else None,
        scheduler=_scheduler(archive.path),
        post=archive.post(),
        settings=settings,
    )


def _scheduler(archive: Home) -> str:
    if not was_taken(archive, SCHEDULER):
        return "never started"
    return "running" if is_held(archive, SCHEDULER) else "stopped"


def as_plain(found: Standing) -> dict[str, Any]:
    """Return it as ``crawler/schemas/status.json`` describes it.  Pure."""
    return {
        "integrity": {"checked": found.checked, "whole": found.health.whole, "problems": list(found.health.problems)},
        "sqlite": found.sqlite,
        "sqlite_faults": list(found.faults),
        "free_bytes": found.free_bytes,
        "scheduler": found.scheduler,
        "outbox": plain(found.post),
        "settings": [plain(setting) for setting in found.settings],
    }


def lines(found: Standing, sizes: Mapping[str, int]) -> list[Text]:
    """Return it for a person, a line for each thing.  Pure."""
    said = [_integrity(found)]
    said += [Text(f"sqlite    {found.sqlite}; {fault}", "yellow") for fault in found.faults]
    if not found.faults:
        said.append(Text(f"kept by   {found.engine}"))
    if found.free_bytes is not None:
        little = found.free_bytes < max(LITTLE_ROOM_BYTES, sizes["bytes"])
        said.append(Text(f"disk      {sized(found.free_bytes)} free", "yellow" if little else ""))
    said.append(Text(f"scheduler {found.scheduler}"))
    post = found.post
    waiting = f"{post.waiting} waiting, {many(post.unrouted, 'event')} that no rule has looked at"
    said.append(Text(f"messages  {post.sent} sent, {waiting}"))
    if post.failing:
        said.append(Text(f"          {post.failing} could not be delivered: {clean(post.problem or '')}", "yellow"))
    for setting in found.settings:
        value = setting.value or _UNSET.get(setting.name, "not set")
        said.append(Text(f"{setting.name:<9} {clean(value)}").append(f"  ({setting.given_by})", "dim"))
    return said


def _integrity(found: Standing) -> Text:
    if found.health.problems:
        text = Text(f"integrity damaged: {clean(found.health.problems[0])}", "red")
        return text.append("; `policytrail backup` keeps what can be read, a copy made before is better")
    if not found.health.whole:
        return Text(f"integrity nothing wrong in {QUICK_S} s of looking; --check looks at everything")
    more = "" if found.checked == "full" else "; --check looks closer"
    return Text(f"integrity whole ({found.checked} check{more})")


def backup(archive_path: Home, target: Path) -> None:
    """Copy an archive, also while it is written to, and say what was copied."""
    with Archive.open(archive_path, readonly=True) as archive:
        copied = archive.backup(target)
    say(f"{clean(str(copied.path))}: {sized(copied.size_bytes)}, {many(copied.rows, 'row')}, checked")
    remark("source files and notify.toml are files of their own: copy them too")
