"""``schedule``: runs of sources when they are due, each in a process of its own."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from crawler.commands.child import own_command
from crawler.commands.listing import chosen
from crawler.commands.notifying import beside_scheduler
from crawler.commands.output import remark, require_folder
from crawler.progress import log_to
from crawler.schedule import Scheduler
from crawler.terminal import console
from storage import Archive


def schedule(
    folder: Path | None,
    names: tuple[str, ...],
    archive_path: Path,
    options: tuple[str, ...],
    *,
    max_runs: int,
    limit_h: float,
    memory_mb: int | None,
    notify: Path | None = None,
    allow: tuple[str, ...] = (),
) -> None:
    """Run sources whenever they are due, until SIGTERM or Ctrl-C; source files may change meanwhile.

    options: of ``crawl``, for each run.  limit_h, memory_mb: of one run; memory of each of its processes.
    notify: who is told, by ``notify.toml``; None for nobody.  allow: private addresses that webhooks may be at.
    """
    require_folder(archive_path, "--archive")
    sources, wanted = chosen(folder, names)
    for problem in sources.problems:
        remark(problem)

    def last_finished(name: str) -> datetime | None:
        if not archive_path.exists():
            return None
        with Archive.open(archive_path, readonly=True) as archive:
            return archive.source_state(name).last_finished_at

    with (
        log_to(console(stderr=True), quiet=False),
        beside_scheduler(folder, archive_path, notify, allow=allow),
    ):
        Scheduler(
            wanted,
            command=lambda source: own_command("crawl", source.name, "--due", *options),
            last_finished=last_finished,
            archive=archive_path,
            max_runs=max_runs,
            limit_s=limit_h * 3_600,
            memory_bytes=memory_mb * 1024 * 1024 if memory_mb else None,
            reload=lambda: chosen(folder, names)[1],
        ).run()
