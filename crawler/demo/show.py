"""The demonstration: a small site is crawled twice, and what changed in between is shown and checked."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.text import Text

from crawler.commands.changes import change_of, glimpses, sides
from crawler.commands.child import own_command
from crawler.commands.exporting import export_corpus, records
from crawler.commands.output import STYLES, counted, say
from crawler.corpus.choose import Choice
from crawler.corpus.manifest import Manifest, beside
from crawler.demo.site import ADDRESS, CHANGES, DemoSite
from crawler.diff_views import About, Side, summary, to_text
from crawler.errors import CrawlFailedError
from crawler.terminal import clean, console, shorten
from storage import Archive
from storage.model import Event, EventKind

ZONE = ZoneInfo("Asia/Shanghai")
# Says that a folder may be deleted by the next demonstration.
MARK = ".made-by-policytrail-demo"
CELLS = 80
TITLE_CELLS = 68
LIMIT_S = 120.0
WORD = "公共"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was told, held against what happened on the site; addresses as (kind, address)."""

    right: tuple[tuple[EventKind, str], ...]
    missing: tuple[tuple[EventKind, str], ...]
    wrong: tuple[tuple[EventKind, str], ...]
    quiet: int

    def __bool__(self) -> bool:
        """Tell whether all is right."""
        return not self.missing and not self.wrong


def run_demo(folder: Path) -> bool:
    """Run the demonstration in a folder, made new, and tell whether every change was told rightly.

    Raises CrawlFailedError for a folder that is not a demonstration's, and for a crawl that fails.
    """
    prepare(folder)
    archive_path, sources = folder / "archive.db", folder / "sources"
    with DemoSite() as site:
        for name, text in site.sources().items():
            (sources / f"{name}.toml").write_text(text, "utf-8")
        allow = f"{ADDRESS}:{site.port}"
        heading("A small web site, on this machine only")
        say(f"{site.origin} serves a ministry, a press room and a city's news.")
        say(f"Private addresses are refused unless allowed: --allow {allow}")
        say("The pause between two requests is 0 here; 1 s and more elsewhere.")

        heading("Day 1: the first crawl")
        crawl(folder, allow, "day-1.log")
        heading("Day 2: the site has changed, the second crawl")
        site.day = 1
        crawl(folder, allow, "day-2.log")
        origin = site.origin

    with Archive.open(archive_path, readonly=True) as archive:
        events = [event for event in archive.events() if not event.baseline]
        heading("What changed")
        show_events(archive, events)
        checked = check(events, origin)
        heading("One change, at a glance")
        show_one(archive, events, origin)

    heading("Kept for you")
    corpus = folder / "corpus.jsonl"
    manifest = export_corpus(sources, archive_path, corpus, choice=Choice(), now=None, command=("policytrail", "demo"))
    show_what_next(folder, manifest, origin)
    say()
    say(verdict(checked))
    return bool(checked)


def prepare(folder: Path) -> None:
    """Make a demonstration's folder new; refuse one that holds anything else."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise CrawlFailedError(f"{folder}: not a folder; choose another --dir")
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).is_file():
            raise CrawlFailedError(f"{folder}: holds something that is not a demonstration's; choose another --dir")
        shutil.rmtree(folder)
    (folder / "sources").mkdir(parents=True)
    (folder / MARK).touch()


def crawl(folder: Path, allow: str, log_name: str) -> None:
    """Crawl the site in a process of its own, and print what each source brought."""
    # The site is on this machine: no proxy, and none of the settings for other crawls.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("POLICYTRAIL_", "SCRAPY_"))}
    command = ["crawl", "--archive", str(folder / "archive.db"), "--sources", str(folder / "sources")]
    log = folder / log_name
    started = time.monotonic()
    with log.open("w", encoding="utf-8") as errors, console(stderr=True).status("crawling"):
        try:
            done = subprocess.run(  # noqa: S603 - our own command, no shell
                own_command(*command, "--allow", allow, "--json"),
                env={**kept, "NO_PROXY": "*", "no_proxy": "*", "PYTHONUTF8": "1"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                timeout=LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise CrawlFailedError(f"the crawl took longer than {LIMIT_S:.0f} s; {log} says why") from None
    if done.returncode:
        raise CrawlFailedError(f"the crawl ended with exit code {done.returncode}; {log} says why")
    total = 0
    for one in json.loads(done.stdout):
        total += one["asked"]
        told = counted(one["events"]) or "nothing new"
        first = " (known from now on)" if one["baseline"] else ""
        say(f"  {one['source']:14} {one['asked']:3} asked, {one['unchanged']:2} unchanged: {told}{first}")
    say(Text(f"  {total} requests, {time.monotonic() - started:.1f} s", "dim"))


def heading(text: str) -> None:
    """Print a heading."""
    say()
    say(Text(f"── {text} ".ljust(CELLS, "─"), "bold"))


def show_events(archive: Archive, events: list[Event]) -> None:
    """Print events by kind, each with what a reader needs to see of it."""
    for kind in (EventKind.NEW, EventKind.CHANGED, EventKind.REMOVED, EventKind.RESTORED, EventKind.MOVED):
        for event in (event for event in events if event.kind is kind):
            text = Text(f"{kind:8}  ", STYLES[kind])
            text.append(shorten(clean(event.title or event.url), TITLE_CELLS), "default")
            if change := change_of(archive, event):
                seen = "; ".join(glimpses(change)) or summary(change)
                text.append(f"\n{'':10}{shorten(seen, TITLE_CELLS)}", "dim")
            if event.previous_url:
                text.append(f"\n{'':10}{shorten(clean(event.previous_url), TITLE_CELLS)}", "dim")
                text.append(f"\n{'':7}-> {shorten(clean(event.url), TITLE_CELLS)}", "dim")
            say(text)


def show_one(archive: Archive, events: list[Event], origin: str) -> None:
    """Print the difference that the first change made."""
    url = origin + CHANGES[0].document
    event = next((event for event in events if event.url == url and event.kind is EventKind.CHANGED), None)
    step = change_of(archive, event) if event else None
    if event is None or step is None:
        say("  (not told; see the last line)")
        return
    before, after = sides(archive, event)
    if before is None or after is None:
        return
    about = About(
        url=url,
        title=after.content.fields.title,
        old=Side(version=before.number, seen_at=before.first_seen_at.astimezone(ZONE)),
        new=Side(version=after.number, seen_at=after.first_seen_at.astimezone(ZONE)),
    )
    plain = console().color_system is None or console().no_color
    say(to_text(step, after.content, about, marks=plain, context=0))


def check(events: list[Event], origin: str) -> Checked:
    """Hold what was told against what happened on the site.  Pure."""
    expected = {(change.event, origin + change.document) for change in CHANGES if change.event is not None}
    told = [(event.kind, event.url) for event in events]
    twice = [one for place, one in enumerate(told) if one in told[:place]]
    return Checked(
        right=tuple(sorted(expected & set(told))),
        missing=tuple(sorted(expected - set(told))),
        wrong=tuple(sorted({*told} - expected)) + tuple(twice),
        quiet=sum(change.event is None for change in CHANGES),
    )


def verdict(checked: Checked) -> Text:
    """Return the check in one line.  Pure."""
    if checked:
        text = f"Checked: all {len(checked.right)} changes were told, and the {checked.quiet} distractions were not."
        return Text(text, "green")
    parts = [f"missing: {kind} {url}" for kind, url in checked.missing]
    parts += [f"wrong: {kind} {url}" for kind, url in checked.wrong]
    return Text("Checked, and not right: " + "; ".join(parts), "red")


def show_what_next(folder: Path, manifest: Manifest, origin: str) -> None:
    """Print where everything lies, and commands that work now that the site is gone."""
    corpus = folder / "corpus.jsonl"
    for path, what in (
        (folder / "archive.db", "every answer and every version"),
        (corpus, records(manifest)),
        (beside(corpus), "what it holds, and its hash"),
    ):
        say(f"  {path!s:45} {what}")
    program = invoked_as()
    url = shlex.quote(origin + CHANGES[0].document)
    say("\nTo go on from here:\n")
    for name, value in (("ARCHIVE", folder / "archive.db"), ("SOURCES", folder / "sources")):
        say(f"  export POLICYTRAIL_{name}={shlex.quote(str(value))}")
    for command in ("changes", f"search {WORD}", f"show {url}", f"diff {url}", "export --out corpus.jsonl"):
        say(f"  {program} {command}")


def invoked_as() -> str:
    """Return how this program was called, for commands to type next."""
    called = Path(sys.argv[0])
    return shlex.quote(sys.argv[0]) if called.name == "policytrail" else "python -m crawler"
