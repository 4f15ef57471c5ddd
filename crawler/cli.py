"""The command line: parses, calls, and turns what the operator did wrong into one line.

Commands are imported when they are called: ``policytrail --help`` costs little more than click.
"""

from __future__ import annotations

import gc
import sys
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
from click.core import ParameterSource

from crawler import __version__
from crawler.corpus.choices import ATTACHMENTS, FORMATS, STATES, VERSIONS
from crawler.help import Commands, forget_output
from crawler.installation import check
from crawler.options import (
    HomeType,
    WhenType,
    allow_option,
    archive_option,
    clock_option,
    complete_source,
    contact_option,
    json_option,
    notify_option,
    source_names,
    sources_option,
    split_commas,
    stacked,
)

if TYPE_CHECKING:
    from crawler.commands.keeping import Setting
    from crawler.commands.when import When
    from storage import Home

BROKEN = 3
KINDS = ("new", "changed", "removed", "restored", "moved")


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="policytrail")
def policytrail() -> None:
    """Watch policy pages: crawl them, keep every version, show what changed, export a corpus."""


@policytrail.command()
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path),
    default="policytrail-demo",
    show_default=True,
    help="Where archive and corpus go; made new each time.",
)
def demo(folder: Path) -> None:
    """Crawl a small site twice, offline, and show what changed."""
    from crawler.demo.show import run_demo

    if not run_demo(folder):
        raise click.exceptions.Exit(1)


@policytrail.command()
@click.argument("url")
@click.option("--name", metavar="NAME", help="Of the source; guessed unless given.")
@click.option("--dry-run", is_flag=True, help="Only show the file, write nothing.")
@click.option("--yes", is_flag=True, help="Write the file without asking.")
@click.option(
    "--sources",
    "sources",
    type=click.Path(path_type=Path),
    envvar="POLICYTRAIL_SOURCES",
    show_envvar=True,
    default="sources",
    show_default=True,
    metavar="DIR",
    help="The folder for the file.",
)
@stacked(allow_option, contact_option)
def add(
    url: str,
    name: str | None,
    dry_run: bool,
    yes: bool,
    sources: Path,
    allow: tuple[str, ...],
    contact: str | None,
) -> None:
    """Propose a source file for a list, feed or site map."""
    from crawler.add import add as propose
    from crawler.errors import CrawlFailedError
    from crawler.terminal import console

    if not (yes or dry_run or sys.stdin.isatty()):
        raise CrawlFailedError("there is no terminal to ask at; say --yes to write the file, or --dry-run to see it")
    named = propose(
        url,
        sources=sources,
        allow=allow,
        contact=contact,
        name=name,
        dry_run=dry_run,
        confirm=(lambda line: True) if yes else (lambda line: click.confirm(line, err=True)),
        out=console(),
        progress=console(stderr=True),
    )
    if not dry_run:
        click.echo(f"Crawl it with: policytrail crawl {named} --sources {sources}", err=True)
        # The last line of standard output, for scripts.
        click.echo(named)


@policytrail.command("sources")
@stacked(sources_option, archive_option, json_option)
def list_sources(sources: Path | None, archive: Home, as_json: bool) -> None:
    """List the sources, and what is wrong with source files."""
    from crawler.commands.listing import show_sources

    if not show_sources(sources, archive, as_json=as_json):
        raise click.exceptions.Exit(1)


@policytrail.command()
@source_names
@stacked(archive_option, sources_option, allow_option, contact_option, clock_option)
@click.option("--due", is_flag=True, help="Visit only documents for which a due time has passed.")
@click.option("--leg", metavar="HOST", hidden=True, help="Of a run that a worker took: ask only this host.")
@click.option("--after-run", type=int, default=0, hidden=True, help="Of a leg: the newest run when it was handed over.")
@json_option
def crawl(
    names: tuple[str, ...],
    archive: Home,
    sources: Path | None,
    allow: tuple[str, ...],
    contact: str | None,
    clock_scale: float,
    due: bool,
    leg: str | None,
    after_run: int,
    as_json: bool,
) -> None:
    """Crawl sources once. The named ones, else all of --sources, else all that are shipped."""
    called_at = datetime.now(UTC)  # before what follows is loaded: that takes a while
    from crawler.forking import prepare

    prepare()
    from crawler.commands.crawling import crawl as run
    from crawler.run import Machine

    machine = Machine(
        archive=archive,
        allow=allow,
        contact=contact,
        due_only=due,
        called_at=called_at,
        clock_scale=clock_scale,
        leg=leg,
        after_run=after_run,
    )
    raise click.exceptions.Exit(run(sources, names, machine, as_json=as_json))


@policytrail.command()
@source_names
@stacked(archive_option, sources_option, allow_option, contact_option)
@click.option("--max-runs", type=click.IntRange(1, 64), default=2, show_default=True, help="Runs at once.")
@click.option(
    "--limit", type=click.FloatRange(min=0.01), default=6.0, show_default=True, help="Hours one run may take."
)
@click.option("--memory", type=click.IntRange(min=256), metavar="MB", help="Data of each process of a run.")
@notify_option
@click.option(
    "--jitter", type=click.IntRange(0, 86_400), default=0, metavar="S", help="Delay each due time by up to so much."
)
@click.option("--status", "show", is_flag=True, help="Instead: what runs, what is next and what failed.")
@json_option
def schedule(
    names: tuple[str, ...],
    archive: Home,
    sources: Path | None,
    allow: tuple[str, ...],
    contact: str | None,
    max_runs: int,
    limit: float,
    memory: int | None,
    notify: Path | None,
    jitter: int,
    show: bool,
    as_json: bool,
) -> None:
    """Crawl sources whenever they are due, until it is stopped."""
    from crawler.commands.scheduling import schedule as run
    from crawler.commands.scheduling import show_schedule

    if show:
        if not show_schedule(sources, names, archive, now=datetime.now(UTC), as_json=as_json):
            raise click.exceptions.Exit(BROKEN)
        return
    if as_json:
        raise click.UsageError("--json is for --status; what the runs do stands in the log and in the archive")
    run(
        sources,
        names,
        archive,
        ("--archive", str(archive), *of_each_run(sources, allow, contact)),
        max_runs=max_runs,
        limit_h=limit,
        memory_mb=memory,
        notify=notify,
        allow=allow,
        jitter_s=jitter,
    )


def of_each_run(sources: Path | None, allow: tuple[str, ...], contact: str | None) -> tuple[str, ...]:
    """Return options of ``crawl`` for runs that we start ourselves."""
    words = ["--sources", str(sources)] if sources else []
    words += [word for entry in allow for word in ("--allow", entry)]
    words += ["--contact", contact] if contact else []
    return tuple(words)


@policytrail.command()
@click.option("--slots", type=click.IntRange(1, 64), default=4, show_default=True, help="Runs at once.")
@click.option(
    "--limit", type=click.FloatRange(min=0.01), default=6.0, show_default=True, help="Hours one run may take."
)
@click.option("--memory", type=click.IntRange(min=256), metavar="MB", help="Data of each process of a run.")
@stacked(archive_option, sources_option, allow_option, contact_option)
def worker(
    slots: int,
    limit: float,
    memory: int | None,
    archive: Home,
    sources: Path | None,
    allow: tuple[str, ...],
    contact: str | None,
) -> None:
    """Crawl what `schedule` hands over. On any number of machines, for an archive on a server."""
    from crawler.commands.scheduling import work

    work(sources, archive, of_each_run(sources, allow, contact), slots=slots, limit_h=limit, memory_mb=memory)


@policytrail.command()
@click.option("--dry-run", is_flag=True, help="Print what would be sent; send and write nothing.")
@click.option("--test", "channel", metavar="CHANNEL", help="Send a message to this channel that says it works.")
@click.option("--now", "impatient", is_flag=True, help="Also try what rests after a failure.")
@stacked(notify_option, archive_option, sources_option, allow_option, json_option)
def notify(
    dry_run: bool,
    channel: str | None,
    impatient: bool,
    notify: Path | None,
    archive: Home,
    sources: Path | None,
    allow: tuple[str, ...],
    as_json: bool,
) -> None:
    """Send what is due. By mail, webhook, feeds or Apprise, as notify.toml says; exit code 1 where a channel fails."""
    from crawler.commands import notifying

    path = notify or Path("notify.toml")
    if dry_run and channel:
        raise click.UsageError("--dry-run sends nothing, --test does: give one of them")
    if channel:
        notifying.try_channel(path, channel, allow=allow)
    elif dry_run:
        notifying.preview(sources, archive, path, allow=allow)
    elif not notifying.notify(sources, archive, path, allow=allow, impatient=impatient, as_json=as_json):
        raise click.exceptions.Exit(1)


@policytrail.command()
@click.option("--check", "full", is_flag=True, help="Look at every page of the archive; takes a while.")
@stacked(archive_option, sources_option, allow_option, contact_option, notify_option, json_option)
def status(
    full: bool,
    archive: Home,
    sources: Path | None,
    allow: tuple[str, ...],
    contact: str | None,
    notify: Path | None,
    as_json: bool,
) -> None:
    """Show how the sources and the archive are doing. Exit code 3 where one is broken."""
    from crawler.commands.health import show_status

    good = show_status(
        sources,
        archive,
        allow=allow,
        contact=contact,
        now=datetime.now(UTC),
        as_json=as_json,
        full=full,
        settings=in_force(click.get_current_context(), ("sources", "notify", "allow", "contact")),
    )
    if not good:
        raise click.exceptions.Exit(BROKEN)


def in_force(ctx: click.Context, names: tuple[str, ...]) -> tuple[Setting, ...]:
    """Return settings as they are, each with where it comes from."""
    from crawler.commands.keeping import Setting

    found = []
    for name in names:
        value, origin = ctx.params[name], ctx.get_parameter_source(name)
        given_by = {ParameterSource.COMMANDLINE: "option", ParameterSource.ENVIRONMENT: "variable"}.get(
            origin or ParameterSource.DEFAULT, "here" if value else "default"
        )
        text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value or "")
        found.append(Setting(name=name, value=text, given_by=given_by))
    return tuple(found)


@policytrail.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0: a free one.")
@click.option(
    "--name",
    "names",
    multiple=True,
    envvar="POLICYTRAIL_BROWSE_NAMES",
    show_envvar=True,
    callback=split_commas,
    metavar="HOST",
    help="A host name under which it is reached, behind a proxy say; others are refused; repeatable.",
)
@click.option("--open", "open_browser", is_flag=True, help="Open it in the browser of this machine.")
@stacked(archive_option, sources_option)
def browse(
    host: str, port: int, names: tuple[str, ...], open_browser: bool, archive: Home, sources: Path | None
) -> None:
    """Look through the archive in a browser. Reads only; also while a crawl goes on."""
    from crawler.commands.browsing import browse as run

    run(sources, archive, host=host, port=port, names=names, open_browser=open_browser)


@policytrail.command()
@click.option("--since", type=WhenType(), help="Only from then on: 2026-11-20, 2026-11-20T08:30, 12h, 2d.")
@click.option("--until", type=WhenType(), help="Only up to then; of a day: to its end.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="The newest N; 50 unless said, with --json all.")
@click.option("--match", metavar="WORDS", help="Only of documents that hold all these words.")
@click.option("--source", metavar="NAME", shell_complete=complete_source, help="Only of this source.")
@click.option("--kind", "kinds", type=click.Choice(KINDS), multiple=True, help="Only of this kind; repeatable.")
@click.option("--baseline", is_flag=True, help="Also what the first run of a source found.")
@click.option("--quiet", is_flag=True, help="Also changes of typography alone.")
@click.option("--unfold", is_flag=True, help="Each event, also where most of a site changed, or many in the same way.")
@click.option("--noise", is_flag=True, help="Instead: visits whose differences were judged noise, and by which rule.")
@click.option("--late", is_flag=True, help="Instead: changes that a rule of their day hid, so that nobody was told.")
@stacked(archive_option, sources_option, json_option)
def changes(
    since: When | None,
    until: When | None,
    limit: int | None,
    match: str | None,
    source: str | None,
    kinds: tuple[str, ...],
    baseline: bool,
    quiet: bool,
    unfold: bool,
    noise: bool,
    late: bool,
    archive: Home,
    sources: Path | None,
    as_json: bool,
) -> None:
    """Tell what happened to documents, newest last."""
    if noise or late:
        if (noise and late) or until or limit or match or kinds or baseline or quiet or unfold:
            raise click.UsageError("--noise and --late stand alone; only --since and --source go with them")
        from crawler.commands.hindsight import show_late, show_noise

        show = show_noise if noise else show_late
        show(sources, archive, since=since, source=source, as_json=as_json)
        return
    from crawler.commands.changes import NEWEST, Choice, show_changes
    from storage.model import EventKind

    choice = Choice(
        since=since,
        until=until,
        match=match,
        source=source,
        kinds=tuple(EventKind(kind) for kind in kinds),
        baseline=baseline,
        quiet=quiet,
        limit=limit or (None if as_json else NEWEST),
    )
    show_changes(sources, archive, choice, unfold=unfold, as_json=as_json)


@policytrail.command()
@click.argument("url")
@click.option("--at", type=WhenType(), help="As it was then; of a day: at its end.")
@click.option("--version", "number", type=click.IntRange(min=1), help="The version of this number.")
@click.option("--snapshot", is_flag=True, help="Write the bytes as received to standard output.")
@click.option("--left-out", is_flag=True, help="The blocks that are not in the text, and why.")
@click.option(
    "--evidence",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write the version and the one before it to a new folder: bytes, headers, texts, diff, times, hashes.",
)
@stacked(archive_option, sources_option, json_option)
def show(
    url: str,
    at: When | None,
    number: int | None,
    snapshot: bool,
    left_out: bool,
    evidence: Path | None,
    archive: Home,
    sources: Path | None,
    as_json: bool,
) -> None:
    """Show a document, also one that is gone. Its fields, its state, its history and its text."""
    from crawler.commands.show import show_document, write_snapshot

    if at is not None and number is not None:
        raise click.UsageError("--at and --version both say which version: give one of them")
    if evidence is not None:
        if snapshot or left_out or as_json:
            raise click.UsageError("--evidence writes a folder, and nothing else with it")
        from crawler.commands.evidence import write_evidence

        write_evidence(sources, archive, url, evidence, at=at, number=number)
    elif snapshot:
        if left_out or as_json:
            raise click.UsageError("--snapshot writes bytes, and nothing else with them")
        write_snapshot(sources, archive, url, at=at, number=number)
    else:
        show_document(sources, archive, url, at=at, number=number, left_out=left_out, as_json=as_json)


@policytrail.command()
@click.argument("url")
@click.argument("old", metavar="[A]", type=WhenType(numbers=True), required=False)
@click.argument("new", metavar="[B]", type=WhenType(numbers=True), required=False)
@click.option("--html", "as_html", is_flag=True, help="Print one HTML page.")
@stacked(archive_option, sources_option, json_option)
def diff(
    url: str,
    old: int | When | None,
    new: int | When | None,
    as_html: bool,
    archive: Home,
    sources: Path | None,
    as_json: bool,
) -> None:
    """Compare two versions of a document. A and B are numbers or days; without them, the last two."""
    from crawler.commands.compare import show_diff

    if as_html and as_json:
        raise click.UsageError("--html or --json, not both")
    show_diff(sources, archive, url, old, new, form="html" if as_html else "json" if as_json else "text")


@policytrail.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--source", metavar="NAME", shell_complete=complete_source, help="Only of this source.")
@click.option("--all-versions", is_flag=True, help="Also what documents said earlier.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many.")
@stacked(archive_option, sources_option, json_option)
def search(
    words: tuple[str, ...],
    source: str | None,
    all_versions: bool,
    limit: int,
    archive: Home,
    sources: Path | None,
    as_json: bool,
) -> None:
    """Find documents that hold all WORDS."""
    from crawler.commands.searching import show_hits

    show_hits(
        sources,
        archive,
        " ".join(words),
        source=source,
        all_versions=all_versions,
        limit=limit,
        as_json=as_json,
    )


@policytrail.command()
@click.option("--format", "form", type=click.Choice(FORMATS), help="As the name of --out says, else jsonl.")
@click.option("--out", metavar="PATH", help="The file or folder, or - for standard output.")
@click.option("--source", "source", metavar="NAME", multiple=True, help="Only of this source; repeatable.")
@click.option("--versions", type=click.Choice(VERSIONS), default="latest", show_default=True)
@click.option("--as-of", type=WhenType(), help="What the archive held then; of a day: at its end.")
@click.option("--state", type=click.Choice(STATES), default="live", show_default=True)
@click.option("--language", metavar="CODE", multiple=True, help="Only in this language; repeatable.")
@click.option("--match", metavar="WORDS", help="Only texts that hold all these words.")
@click.option("--document-number", metavar="TEXT", help="Only documents whose number holds this.")
@click.option("--since", type=WhenType(), help="Only what was first seen from then on.")
@click.option("--until", type=WhenType(), help="Only what was first seen up to then.")
@click.option("--published-since", type=click.DateTime(["%Y-%m-%d"]), help="Only published on this day or later.")
@click.option("--published-until", type=click.DateTime(["%Y-%m-%d"]), help="Only published on this day or earlier.")
@click.option("--min-chars", type=click.IntRange(min=1), default=1, help="Only texts of so many characters.")
@click.option(
    "--attachments",
    type=click.Choice(ATTACHMENTS),
    default="list",
    show_default=True,
    help="Named in the record, with their texts, or left out.",
)
@click.option("--keep-duplicates", is_flag=True, help="Keep reposts as records, with duplicate_of.")
@click.option("--changes", is_flag=True, help="Steps between versions instead of versions.")
@click.option("--like", type=click.Path(dir_okay=False, path_type=Path), help="Make the corpus of this manifest again.")
@click.option("--verify", type=click.Path(dir_okay=False, path_type=Path), help="Only check this manifest's files.")
@stacked(archive_option, sources_option)
def export(
    form: str | None,
    out: str | None,
    as_of: When | None,
    published_since: datetime | None,
    published_until: datetime | None,
    like: Path | None,
    verify: Path | None,
    archive: Home,
    sources: Path | None,
    **chosen: Any,
) -> None:
    """Write a corpus. The newest text of each document, with a manifest beside it."""
    from crawler.commands.exporting import export_corpus, export_like, remark_export, verify_export
    from crawler.corpus.choose import Choice

    ctx = click.get_current_context()
    given = [name for name in ctx.params if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if verify is not None:
        if set(given) - {"verify"}:
            raise click.UsageError("--verify only checks; it goes with no other option")
        if not verify_export(verify):
            raise click.exceptions.Exit(1)
        return
    if out is None:
        raise click.UsageError("--out is needed: a file, a folder, or -")
    target: Path | Literal["-"] = "-" if out == "-" else Path(out)
    if like is not None:
        if strange := set(given) - {"like", "out", "archive", "sources"}:
            raise click.UsageError(f"--like takes everything from the manifest, also --{sorted(strange)[0]}")
        remark_export(export_like(sources, archive, like, target), target)
        return
    choice = Choice(
        **chosen,
        published_since=published_since.date() if published_since else None,
        published_until=published_until.date() if published_until else None,
    )
    manifest = export_corpus(
        sources,
        archive,
        target,
        choice=choice,
        form=form,
        as_of=as_of,
        now=datetime.now(UTC),
        command=("policytrail", *as_typed(ctx)),
    )
    remark_export(manifest, target)


def as_typed(ctx: click.Context) -> list[str]:
    """Return a command with the options that were given, in the order of their declaration."""
    words = [ctx.info_name or ""]
    for param in ctx.command.params:
        if ctx.get_parameter_source(param.name or "") is not ParameterSource.COMMANDLINE:
            continue
        value = ctx.params[param.name or ""]
        for each in value if isinstance(value, tuple) else (value,):
            words += [param.opts[0]] if each is True else [param.opts[0], plain_word(each)]
    return words


def plain_word(value: Any) -> str:
    """Return a value as it could be typed."""
    from crawler.commands.when import When

    return str(value.day or value.moment) if isinstance(value, When) else str(value)


@policytrail.command()
@click.argument("url")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it is kept.")
@click.option("--yes", is_flag=True, help="Erase without asking.")
@archive_option
def forget(url: str, reason: str, yes: bool, archive: Home) -> None:
    """Erase a document for good. Its bytes, texts and titles; hash, size, time and reason stay."""
    from crawler.commands.forgetting import forget_document

    if not yes:
        click.confirm(f"Erase {url} and its history? This cannot be undone.", abort=True, err=True)
    forget_document(archive, url, reason=reason, now=datetime.now(UTC))


@policytrail.command()
@click.argument("target", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@archive_option
def backup(target: Path, archive: Home) -> None:
    """Copy the archive to FILE. Also while it is written to; the copy is checked, nothing is overwritten."""
    from crawler.commands.keeping import backup as run

    run(archive, target)


@policytrail.command("copy")
@click.argument("origin", metavar="FROM", type=HomeType())
@click.argument("target", metavar="TO", type=HomeType())
def copy_archive(origin: Home, target: Home) -> None:
    """Copy an archive to another home. A file, or postgresql://...; the same command goes on with a broken copy."""
    from crawler.commands.copying import copy as run

    run(origin, target)


@policytrail.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what makes a shell complete our commands. For bash: policytrail completion bash >> ~/.bashrc."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"{shell}: not known to this version of click")
    template = kind(policytrail, {}, "policytrail", "_POLICYTRAIL_COMPLETE")
    # Not source(): it runs the shell to ask for its version, and there may be none here.
    click.echo(template.source_template % template.source_vars())


@policytrail.command()
@source_names
@click.option("--dry-run", is_flag=True, help="Only say which texts would alter.")
@stacked(archive_option, sources_option)
def derive(names: tuple[str, ...], dry_run: bool, archive: Home, sources: Path | None) -> None:
    """Make histories again. From what was recorded, with the present extractor; announces nothing."""
    from crawler.commands.deriving import derive as run

    run(sources, archive, names, dry_run=dry_run)


@policytrail.command("import")
@click.argument("paths", metavar="FILE|DIR...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--source", "name", required=True, metavar="NAME", help="Whose documents these are.")
@click.option(
    "--manifest",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Addresses and times of saved pages: file, url, time, as CSV or JSON; manifest.csv beside them unless said.",
)
@stacked(archive_option, sources_option, json_option)
def import_(
    paths: tuple[Path, ...], name: str, manifest: Path | None, archive: Home, sources: Path | None, as_json: bool
) -> None:
    """Import WARC, saved pages or another archive. Each answer enters its document's history at its own time."""
    from crawler.commands.importing import import_files

    import_files(sources, archive, paths, name, manifest=manifest, as_json=as_json)


# Objects that there must be more of before Python looks for garbage among them (700 by itself): what is imported
# is none, and all of it would be looked through again and again.
GARBAGE_FROM = 20_000


def main() -> None:
    """Run the command line."""
    gc.set_threshold(GARBAGE_FROM)
    check()
    for stream in (sys.stdout, sys.stderr):
        # Half a surrogate pair, or Chinese on a terminal of another charset, must not end a command.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        policytrail(prog_name="policytrail")
    finally:
        # What is left in a buffer, for a reader that has gone.
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            forget_output()
