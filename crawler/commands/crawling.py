"""``crawl``: runs of sources, now."""

from __future__ import annotations

import signal
from pathlib import Path

from rich.text import Text

from crawler.commands.listing import chosen
from crawler.commands.output import counted, emit_all, remark, require_folder, say
from crawler.errors import CrawlFailedError
from crawler.launch import crawl_sources
from crawler.progress import watching
from crawler.run import Machine
from crawler.terminal import clean, console, pad
from crawler.watch import Summary
from spiders.loader import load_spiders
from spiders.source import Source
from storage import Server
from storage.model import RunEnd

STOPPED = 128 + signal.SIGINT


def crawl(folder: Path | None, names: tuple[str, ...], machine: Machine, *, as_json: bool) -> int:
    """Crawl sources, print what each run did, and return the exit code."""
    require_folder(machine.archive, "--archive")
    sources, wanted = chosen(folder, names)
    require_leg(machine, wanted)
    problems = () if names else sources.problems
    for problem in problems:
        remark(problem)
    if not wanted:
        return 1
    spiders = load_spiders(folder)
    errors = console(stderr=True)
    with watching(errors) as watcher:
        summaries = crawl_sources([spiders[source.name] for source in wanted], machine, watcher)
    if as_json:
        emit_all(summaries)
    else:
        cells = max(len(summary.source) for summary in summaries)
        for summary in summaries:
            say(as_text(summary, cells))
    if any(is_stopped(summary) for summary in summaries):
        remark("stopped; what was recorded is kept, and the same command goes on from here")
        return STOPPED
    return 1 if problems or any(has_failed(summary) for summary in summaries) else 0


def require_leg(machine: Machine, wanted: list[Source]) -> None:
    """Refuse a leg where there is none.  Raises CrawlFailedError."""
    if machine.leg is None:
        return
    if not isinstance(machine.archive, Server):
        raise CrawlFailedError(
            f"{machine.archive}: legs are of runs on a server; leave out --leg, and all hosts are asked"
        )
    if len(wanted) != 1 or machine.leg not in wanted[0].hosts:
        raise CrawlFailedError(f"--leg {machine.leg}: name the one source that has this host")


def has_failed(summary: Summary) -> bool:
    """Tell whether a run could not do its work.  Pure."""
    return summary.problem is not None or summary.end is RunEnd.FAILED


def is_stopped(summary: Summary) -> bool:
    """Tell whether a run was stopped by a person, or before it could begin.  Pure."""
    return summary.problem is None and summary.end not in (RunEnd.FINISHED, RunEnd.FAILED)


def as_text(summary: Summary, cells: int) -> Text:
    """Return what one run did in a line, or two where something is wrong.  Pure."""
    text = Text().append(pad(summary.source, cells) + "  ", "bold")
    text.append(Text(f"{summary.asked} asked, {summary.unchanged} unchanged", ""))
    if summary.failed:
        text.append(f", {summary.failed} failed", "yellow")
    text.append("; ")
    if is_stopped(summary):
        text.append("stopped", "yellow")
    elif has_failed(summary):
        text.append("failed", "red")
    else:
        text.append(counted({str(kind): count for kind, count in summary.events.items()}) or "nothing new")
        if summary.baseline and summary.events:
            text.append(" (first run)")
    if summary.missing:
        text.append(f"; {summary.missing} not found, asked again before they are called removed", "yellow")
    if summary.over_budget:
        text.append(f"; {summary.over_budget} beyond the budget stay due")
    if summary.bounds:
        text.append(f" (bounds reached: {', '.join(summary.bounds)})")
    if summary.problem:
        text.append(f"\n    {clean(summary.problem)}", "red")
    return text
