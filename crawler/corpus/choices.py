"""What ``export`` may be asked for by name.  Pure; loads nothing, because ``--help`` reads it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from storage.holding import Which

STREAMS = ("jsonl", "jsonl.gz", "jsonl.zst", "csv", "parquet", "warc")
FOLDERS = ("markdown", "text", "huggingface")
FORMATS = (*STREAMS, "sqlite", *FOLDERS)
VERSIONS: tuple[Which, ...] = ("latest", "first", "all")
STATES = ("live", "gone", "all")
ATTACHMENTS = ("list", "text", "none")
_SUFFIXES = {
    ".jsonl": "jsonl", ".jsonl.gz": "jsonl.gz", ".jsonl.zst": "jsonl.zst", ".csv": "csv", ".parquet": "parquet",
    ".warc.gz": "warc", ".warc": "warc", ".db": "sqlite", ".sqlite": "sqlite",
}  # fmt: skip


def format_of(out: Path | Literal["-"]) -> str:
    """Return the format that a name asks for; JSON lines where it asks for none.  Pure."""
    name = "" if out == "-" else out.name.lower()
    return next((form for suffix, form in _SUFFIXES.items() if name.endswith(suffix)), "jsonl")
