"""The reference pages, made from the code: commands, record fields, tables, keys of source files, settings."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import fields
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from crawler.cli import policytrail
from crawler.help import EXAMPLES, SECTIONS
from spiders.keys import KEYS
from spiders.source import Budget, Rows
from storage.schema import migrate


def write_reference(folder: Path) -> None:
    """Write all pages; one that would be the same is left as it is, so that nothing is built in vain."""
    pages = {
        "commands": commands(),
        "settings": settings(),
        "source-keys": source_keys(),
        "record": schema_page("record", "The fields of a record", "What one line of an exported corpus holds."),
        "webhook": schema_page(
            "notification", "The body of a webhook", "What a webhook gets; see [be told](../how-to/be-told.md)."
        ),
        "tables": tables(),
    }
    folder.mkdir(exist_ok=True)
    for name, text in pages.items():
        path = folder / f"{name}.md"
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")


def cell(text: str) -> str:
    """Return a text as a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def table(*rows: tuple[str, ...]) -> str:
    """Return rows, the first of them as the head."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], f"|{'---|' * len(rows[0])}", *lines[1:]]) + "\n"


def commands() -> str:
    """Return the page of all commands, in the groups of ``--help``."""
    named = {name for names in SECTIONS.values() for name in names}
    rest = tuple(name for name in policytrail.commands if name not in named)
    parts = ["# Commands\n", "Made from the program. Every command has `--help`.\n"]
    for title, names in {**SECTIONS, "More": rest}.items():
        known = [name for name in names if name in policytrail.commands]
        if known:
            parts += [f"## {title}\n", *(command(name, policytrail.commands[name]) for name in known)]
    return "\n".join(parts)


def command(name: str, told: click.Command) -> str:
    """Return what the page says of one command."""
    ctx = click.Context(told, info_name=f"policytrail {name}")
    rows = [("option", "does")]
    for param in told.params:
        if isinstance(param, click.Option) and not param.hidden:
            record = param.get_help_record(ctx)
            if record:
                rows.append((f"`{record[0]}`", cell(record[1])))
    usage = " ".join([f"policytrail {name}", *told.collect_usage_pieces(ctx)])
    examples = "".join(f"    {example}\n" for example in EXAMPLES.get(name, ()))
    return "\n".join(
        [
            f"### {name}\n",
            f"{' '.join((told.help or '').split())}\n",
            f"    {usage}\n",
            table(*rows) if len(rows) > 1 else "",
            f"Examples:\n\n{examples}" if examples else "",
        ]
    )


def settings() -> str:
    """Return the page of variables, each with the options that it stands for."""
    found: dict[str, tuple[str, str, set[str]]] = {}
    for name, told in policytrail.commands.items():
        for param in told.params:
            if isinstance(param, click.Option) and isinstance(param.envvar, str):
                _, _, users = found.setdefault(param.envvar, (param.opts[0], param.help or "", set()))
                users.add(name)
    rows = [("variable", "option", "meaning", "commands")]
    for variable, (option, meaning, users) in sorted(found.items()):
        rows.append((f"`{variable}`", f"`{option}`", cell(meaning), ", ".join(sorted(users))))
    return (
        "# Settings\n\nFacts of a machine are options of commands, or variables that stand for them; an option wins. "
        "Facts of a site stand in [its file](source-keys.md). `policytrail status` shows what is in force, and where "
        f"it comes from.\n\n{table(*rows)}"
    )


def source_keys() -> str:
    """Return the page of the keys of source files."""
    rows = [("key", "example", "meaning")]
    rows += [(f"`{name}`", f"`{cell(key.example)}`", cell(key.meaning)) for name, key in KEYS.items()]
    inner = []
    for title, kind in (("budget", Budget), ("data", Rows)):
        plain: Any = kind()
        keys = [("key", "unless said")]
        keys += [(f"`{field.name}`", f"`{getattr(plain, field.name)!r}`") for field in fields(kind)]
        inner.append(f"## In `{title}`\n\n{table(*keys)}")
    return (
        "# Keys of source files\n\nWhat they mean at length stands in [adding a source](../adding-a-source.md).\n\n"
        f"{table(*rows)}\n" + "\n".join(inner)
    )


def schema_page(name: str, title: str, opening: str) -> str:
    """Return a page of a JSON Schema's fields."""
    schema = json.loads(files("crawler.schemas").joinpath(f"{name}.json").read_text(encoding="utf-8"))
    rows = [("field", "type", "meaning"), *properties(schema)]
    return f"# {title}\n\n{opening} The schema itself: `crawler/schemas/{name}.json`.\n\n{table(*rows)}"


def properties(schema: dict[str, Any], within: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield a row for each field, those of objects and lists with the way to them."""
    for name, told in schema.get("properties", {}).items():
        way = f"{within}{name}"
        yield f"`{way}`", kind_of(told), cell(told.get("description", ""))
        yield from properties(told, f"{way}.")
        yield from properties(told.get("items", {}), f"{way}[].")


def kind_of(told: dict[str, Any]) -> str:
    """Return the type of a field, in a word or some."""
    if "enum" in told:
        return ", ".join(f"`{json.dumps(value)}`" for value in told["enum"])
    kinds = told.get("type", "")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return cell(" or ".join(kinds)) + (f" ({told['format']})" if "format" in told else "")


def tables() -> str:
    """Return the page of tables, as the steps of the program's own migrations make them."""
    connection = sqlite3.connect(":memory:")
    migrate(connection, ":memory:")
    known = dict(re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| (.+) \|$", architecture(), re.M))
    meanings = {name: told for names, told in known.items() for name in re.findall(r"`(\w+)`", names)}
    parts = [
        "# Tables\n",
        "The archive is one SQLite file; read it with any tool, write to it with none but policytrail. "
        "What the three kinds of rows are stands in [record, then derive](../explanation/record-then-derive.md).\n",
    ]
    rows = connection.execute(
        "select name, type from sqlite_master where type in ('table', 'view') and name not like 'sqlite_%' "
        "and name not like '\\_%' escape '\\' and name not like 'version_index_%' order by type, name"
    ).fetchall()
    for name, kind in rows:
        columns = connection.execute('select name, type, "notnull", pk from pragma_table_info(?)', (name,)).fetchall()
        lines = [("column", "type", "")]
        for column, declared, needed, key in columns:
            lines.append((f"`{column}`", declared.lower(), "key" if key else "" if needed else "may be null"))
        meaning = f"A row is {meanings[name]}.\n" if kind == "table" and name in meanings else ""
        parts += [f"## {name}\n", meaning or ("A view.\n" if kind == "view" else ""), table(*lines)]
    connection.close()
    return "\n".join(parts)


def architecture() -> str:
    """Return the page that says what a row of each table is."""
    return (Path(__file__).parent / "architecture.md").read_text("utf-8")
