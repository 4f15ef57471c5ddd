"""What the command line says of itself: groups of commands, examples, and errors in one line."""

from __future__ import annotations

import os
import sys
from typing import IO, Any

import click

INTERRUPTED = 130

# Commands as a person comes to need them; what is not named here comes last.
SECTIONS = {
    "To begin": ("demo", "add", "sources"),
    "Crawl": ("crawl", "schedule", "worker", "status"),
    "Read": ("changes", "show", "diff", "search", "browse"),
    "Be told": ("notify",),
    "Make a corpus": ("export", "import"),
    "Look after it": ("backup", "copy", "derive", "forget", "completion"),
}
EXAMPLES = {
    "demo": ("policytrail demo",),
    "add": (
        "policytrail add https://www.example.gov.cn/zcwj/",
        "policytrail add https://www.example.gov.cn/zcwj/ --name cn_example_zcwj --dry-run",
    ),
    "sources": ("policytrail sources --sources my-sources",),
    "crawl": ("policytrail crawl", "policytrail crawl cn_example_zcwj --contact me@example.org"),
    "schedule": ("policytrail schedule --max-runs 4", "policytrail schedule --notify notify.toml"),
    "worker": ("policytrail worker --slots 8 --archive postgresql://me@db.example.org/policytrail",),
    "status": ("policytrail status", "policytrail status --check"),
    "changes": (
        "policytrail changes --since 2d",
        "policytrail changes --kind removed --match 补贴",
        "policytrail changes --until 2026-10-31 --limit 20",
        "policytrail changes --json",
    ),
    "show": (
        "policytrail show https://www.example.gov.cn/zcwj/t20261120_1.html",
        "policytrail show https://www.example.gov.cn/zcwj/t20261120_1.html --at 2026-11-01",
    ),
    "diff": (
        "policytrail diff https://www.example.gov.cn/zcwj/t20261120_1.html",
        "policytrail diff https://www.example.gov.cn/zcwj/t20261120_1.html 1 3",
    ),
    "search": ("policytrail search 图书室 补贴", "policytrail search --all-versions 500元"),
    "notify": (
        "policytrail notify --dry-run",
        "policytrail notify --test me",
        "policytrail notify",
    ),
    "export": (
        "policytrail export --out corpus.jsonl",
        "policytrail export --out corpus.parquet --as-of 2026-11-01 --language zh",
    ),
    "backup": ("policytrail backup /media/disk/policytrail-2026-11-20.db",),
    "copy": ("policytrail copy policytrail.db postgresql://me@db.example.org/policytrail",),
    "derive": ("policytrail derive --dry-run",),
    "forget": ('policytrail forget https://www.example.gov.cn/t1.html --reason "asked by the person named"',),
    "completion": ("policytrail completion bash",),
}


class OneLine(click.ClickException):
    """What the operator did wrong, without the word "Error" and without a traceback."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the line."""
        click.echo(f"policytrail: {self.format_message()}", file=file or sys.stderr)


class Command(click.Command):
    """A command whose help ends with examples."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        super().format_epilog(ctx, formatter)
        if examples := EXAMPLES.get(self.name or ""):
            with formatter.section("Examples"):
                for example in examples:
                    formatter.write_text(example)


class Commands(click.Group):
    """The group of all commands, in the order in which they were declared."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in their order."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, in groups."""
        named = {name for names in SECTIONS.values() for name in names}
        rest = tuple(name for name in self.list_commands(ctx) if name not in named)
        cells = max((len(name) for name in self.commands), default=0)
        for title, names in {**SECTIONS, "More": rest}.items():
            rows = []
            for name in names:
                command = self.get_command(ctx, name)
                if command is not None and not command.hidden:
                    rows.append((name.ljust(cells), command.get_short_help_str(limit=formatter.width - cells - 6)))
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Say where to read on."""
        formatter.write_paragraph()
        formatter.write_text("Each command has examples: policytrail COMMAND --help")

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; errors of the operator become one line, Ctrl-C becomes exit code 130."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("policytrail: stopped", err=True)
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:
            # Who reads has seen enough, as `head` has: that is no error.
            forget_output()
            ctx.exit(0)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except operator_errors() as error:
            raise OneLine(told(error)) from error


def forget_output() -> None:
    """Have all further standard output go nowhere, also what is still in a buffer."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def operator_errors() -> tuple[type[BaseException], ...]:
    """Return what the operator can do wrong, or a full disk."""
    import sqlite3

    from crawler.errors import CrawlerError
    from storage.errors import ArchiveError

    return CrawlerError, ArchiveError, OSError, sqlite3.Error


def told(error: BaseException) -> str:
    """Return an error as one line that a terminal cannot be harmed by."""
    from crawler.terminal import clean

    if isinstance(error, OSError) and error.strerror:
        return clean(f"{error.filename}: {error.strerror}" if error.filename else error.strerror)
    return clean(str(error))
