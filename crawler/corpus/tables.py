"""Records as tables: CSV, Parquet, SQLite; and which columns there are."""

from __future__ import annotations

import csv
import errno
import io
import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Literal

from crawler.corpus.record import DUPLICATE_OF, FIELDS
from crawler.errors import CrawlFailedError

Kind = Literal["text", "number", "texts", "attachments"]

_KINDS: dict[str, Kind] = {
    "attachments": "attachments",
    "also_at": "texts",
    "version": "number",
    "before_version": "number",
    "after_version": "number",
    "kinds": "texts",
}
# What a spreadsheet takes for a formula at the start of a cell, in both widths; also after white space, and on
# every line of a cell, because some programs split cells at lines.
_FORMULA = re.compile(r"(?:^|(?<=\r))(?=[^\S\n]*[=+\-@\t\r＝＋－＠])", re.MULTILINE)
BATCH_CHARS = 4_000_000
BATCH_ROWS = 20_000
PACKED_CHARS = 1 << 15


def columns(*, changes: bool, with_duplicates: bool) -> tuple[str, ...]:
    """Return the names of the columns.  Pure."""
    if changes:
        from crawler.corpus.changes import CHANGE_FIELDS

        return CHANGE_FIELDS
    return (*FIELDS, DUPLICATE_OF) if with_duplicates else FIELDS


def harmless(value: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe stands before what it would.  Pure.

    >>> harmless("=HYPERLINK(1)")
    "'=HYPERLINK(1)"
    """
    return _FORMULA.sub("'", value)


class Csv:
    """Rows of CSV, UTF-8 with the mark that spreadsheets need; lists are JSON."""

    def __init__(self, stream: IO[bytes], names: tuple[str, ...]) -> None:
        self._text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="", write_through=True)
        self._rows = csv.writer(self._text)
        self._names = names
        self._rows.writerow(names)

    def add(self, record: Mapping[str, Any]) -> None:
        """Write a record."""
        self._rows.writerow([_cell(record[name]) for name in self._names])

    def close(self) -> None:
        """Write what is left, and leave the stream open."""
        self._text.flush()
        self._text.detach()


def _cell(value: Any) -> str | int | None:
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return value  # type: ignore[no-any-return]


class Sqlite:
    """Rows of the table ``record`` in a database of their own; lists are JSON.

    Raises OSError where they cannot be written.
    """

    def __init__(self, path: Path, names: tuple[str, ...], *, table: str) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("pragma page_size = 4096")
        self._db.execute("pragma journal_mode = off")
        self._db.execute("pragma synchronous = off")
        typed = ", ".join(
            f"{name} {'integer' if _KINDS.get(name) == 'number' else 'text'}" + (" primary key" if name == "id" else "")
            for name in names
        )
        self._db.execute("begin")
        self._db.execute(f"create table {table} ({typed}) strict")
        self._insert = f"insert into {table} values ({', '.join('?' * len(names))})"  # noqa: S608
        self._names = names

    def add(self, record: Mapping[str, Any]) -> None:
        """Write a record."""
        values = (record[name] for name in self._names)
        self._run(self._insert, [json.dumps(v, ensure_ascii=False) if isinstance(v, list) else v for v in values])

    def close(self) -> None:
        """Write what is left."""
        self._run("commit")
        self._db.close()

    def _run(self, statement: str, values: Sequence[Any] = ()) -> None:
        try:
            self._db.execute(statement, values)
        except sqlite3.OperationalError as error:
            self._db.close()
            full = error.sqlite_errorcode == sqlite3.SQLITE_FULL
            raise OSError(errno.ENOSPC if full else errno.EIO, str(error)) from error


class Parquet:
    """Rows of Parquet in row groups of a bounded size; the same bytes from the same release of pyarrow."""

    def __init__(self, stream: Any, names: tuple[str, ...]) -> None:
        pyarrow, parquet = _arrow()
        attachment = pyarrow.struct([(name, pyarrow.string()) for name in ("url", "name", "sha256", "failure", "text")])
        types = {
            "text": pyarrow.string(),
            "number": pyarrow.int64(),
            "texts": pyarrow.list_(pyarrow.string()),
            "attachments": pyarrow.list_(attachment),
        }
        self._arrow = pyarrow
        self._schema = pyarrow.schema([(name, types[_KINDS.get(name, "text")]) for name in names])
        # Texts are all different: a dictionary and the least and greatest of them would only cost.
        long = {"text", "before_text", "after_text"}
        short = [name for name in names if name not in long and _KINDS.get(name) is None]
        self._writer = parquet.ParquetWriter(
            stream, self._schema, compression="zstd", use_dictionary=short, write_statistics=short
        )
        # Columns of plain values: a thousand records kept as they are would be looked through for cycles each time.
        self._columns: list[list[Any]] = [[] for _ in names]
        self._places = [(name, column.append) for name, column in zip(names, self._columns, strict=True)]
        # Texts are packed a few at a time: freed by the thousand, their memory would go back to the system each time.
        self._packed: dict[int, list[Any]] = {place: [] for place, name in enumerate(names) if name in long}
        self._chars = self._rows = self._loose_chars = 0

    def add(self, record: Mapping[str, Any]) -> None:
        """Write a record, or keep it for the next row group."""
        for name, append in self._places:
            append(record[name])
        self._rows += 1
        chars = len(record.get("text") or record.get("after_text") or "")
        self._chars += chars
        self._loose_chars += chars
        if self._loose_chars >= PACKED_CHARS:
            self._pack()
        if self._rows >= BATCH_ROWS or self._chars >= BATCH_CHARS:
            self._flush()

    def close(self) -> None:
        """Write what is left."""
        self._flush()
        self._writer.close()

    def _pack(self) -> None:
        for place, packed in self._packed.items():
            packed.append(self._arrow.array(self._columns[place], self._schema[place].type))
            self._columns[place].clear()
        self._loose_chars = 0

    def _flush(self) -> None:
        if self._rows:
            self._pack()
            arrays = [
                self._arrow.chunked_array(self._packed[place])
                if place in self._packed
                else self._arrow.array(values, self._schema[place].type)
                for place, values in enumerate(self._columns)
            ]
            self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
        for column in (*self._columns, *self._packed.values()):
            column.clear()
        self._chars = self._rows = 0


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise CrawlFailedError("Parquet needs pyarrow: pip install 'policytrail[corpus]'") from error
    return pyarrow, parquet


def arrow_release() -> str:
    """Return the release of pyarrow, on which the bytes of Parquet depend."""
    return str(_arrow()[0].__version__)
