"""Options that several commands have, and the forms in which values are typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from crawler.commands.when import When
    from storage.home import Home

T = TypeVar("T", bound=Callable[..., Any])


class HomeType(click.ParamType[Any]):
    """Where an archive lies: a file, or an address that begins with ``postgresql://``."""

    name = "FILE|ADDRESS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Home:
        """Return what was typed."""
        from storage.home import Server, home

        place = home(value) if isinstance(value, str) else value
        if not isinstance(place, Server) and place.is_dir():
            self.fail(f"{place}: this is a folder; an archive is a file", param, ctx)
        return place


class WhenType(click.ParamType[Any]):
    """A day, a moment or an age; with ``numbers`` also the number of a version."""

    name = "WHEN"

    def __init__(self, *, numbers: bool = False) -> None:
        self._numbers = numbers

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | When:
        """Return what was typed."""
        from crawler.commands.when import read

        if self._numbers and value.isascii() and value.isdigit() and len(value) < 8:
            return int(value)
        try:
            return read(value, datetime.now(UTC))
        except ValueError as error:
            self.fail(f"{error}{', or the number of a version' if self._numbers else ''}", param, ctx)


def split_commas(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Return entries that were separated by commas or spaces one by one."""
    return tuple(entry for text in value for entry in text.replace(",", " ").split())


def complete_source(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Return the sources whose names begin so, for a shell; none where a folder cannot be read."""
    from crawler.errors import CrawlerError
    from spiders.loader import load

    try:
        known = load(ctx.params.get("sources")).sources
    except (CrawlerError, OSError):
        return []
    return [name for name in known if name.startswith(incomplete)]


source_names = click.argument("names", metavar="[SOURCE]...", nargs=-1, shell_complete=complete_source)
archive_option = click.option(
    "--archive",
    "archive",
    type=HomeType(),
    envvar="POLICYTRAIL_ARCHIVE",
    default="policytrail.db",
    show_default=True,
    show_envvar=True,
    help="The archive: one file, or postgresql://...",
)
sources_option = click.option(
    "--sources",
    "sources",
    type=click.Path(path_type=Path),
    envvar="POLICYTRAIL_SOURCES",
    show_envvar=True,
    default=lambda: Path("sources") if Path("sources").is_dir() else None,
    metavar="DIR",
    help='A folder with source files of your own; the folder "sources" here, if there is one.',
)
allow_option = click.option(
    "--allow",
    "allow",
    multiple=True,
    envvar="POLICYTRAIL_ALLOW",
    show_envvar=True,
    callback=split_commas,
    metavar="HOST:PORT",
    help="A private address that may be contacted; repeatable.",
)
contact_option = click.option(
    "--contact",
    envvar="POLICYTRAIL_CONTACT",
    show_envvar=True,
    metavar="ADDRESS",
    help="Mail or web address that sites see in the user agent.",
)
clock_option = click.option(
    "--clock-scale",
    envvar="POLICYTRAIL_CLOCK_SCALE",
    type=click.FloatRange(min=1.0),
    default=1.0,
    help="For benchmarks: one real second counts for so many of waiting.",
    show_envvar=True,
)
notify_option = click.option(
    "--notify",
    "notify",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="POLICYTRAIL_NOTIFY",
    show_envvar=True,
    metavar="FILE",
    default=lambda: Path("notify.toml") if Path("notify.toml").is_file() else None,
    help='Who is told of what; the file "notify.toml" here, if there is one.',
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def stacked(*options: Callable[[T], T]) -> Callable[[T], T]:
    """Return options as one decorator, in their order."""

    def decorate(command: T) -> T:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate
