"""Records as a folder: a text file for each, or Parquet with a card for Hugging Face."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from crawler.corpus.tables import Parquet
from crawler.plurals import many

NAME_BYTES = 90
SHARD_ROWS = 200_000
# What Markdown takes for a heading, list, quotation, rule or code at the start of a line, and for HTML anywhere.
_MARKS = re.compile(r"^([#>\-+*=~|`]|\d+(?=[.)]\s))", re.MULTILINE)
_CODE = re.compile(r"[a-z]{2,3}")


def file_name(record: Mapping[str, Any], suffix: str) -> str:
    """Return the name of a record's file: number, version and words of its title; nothing that leads elsewhere.

    Pure.  Different records of a source have different names, also where case does not count.
    """
    document, _, version = str(record["id"]).rpartition(":")[2].partition("@")
    words = unicodedata.normalize("NFKC", record["title"] or "")
    slug = re.sub(r"[^\w]+", "-", words).strip("-_")
    slug = slug.encode("utf-8", "ignore")[:NAME_BYTES].decode("utf-8", "ignore").rstrip("-_")
    return f"{document.zfill(8)}-{version}{'-' + slug if slug else ''}{suffix}"


def markdown(record: Mapping[str, Any]) -> str:
    """Return a record as Markdown: its fields as front matter, then title and paragraphs; page text stays text.

    Pure.
    """
    head = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in record.items() if name != "text"]
    title = [f"# {_plain(record['title'])}"] if record["title"] else []
    paragraphs = [_plain(paragraph) for paragraph in record["text"].split("\n")]
    return "\n".join(["---", *head, "---", ""]) + "\n" + "\n\n".join([*title, *paragraphs]) + "\n"


def _plain(text: str) -> str:
    return _MARKS.sub(lambda found: found[0] + "\\" if found[0].isdigit() else "\\" + found[0], text).replace(
        "<", "\\<"
    )


class Texts:
    """A file for each record, in a folder for each source."""

    def __init__(self, folder: Path, *, as_markdown: bool) -> None:
        self._folder = folder
        self._markdown = as_markdown

    def add(self, record: Mapping[str, Any]) -> None:
        """Write a record."""
        # Names of sources come from files of the operator, or from an archive that somebody else made.
        folder = self._folder / (re.sub(r"[^A-Za-z0-9_]", "_", record["source"]) or "_")
        folder.mkdir(exist_ok=True)
        path = folder / file_name(record, ".md" if self._markdown else ".txt")
        text = markdown(record) if self._markdown else "\n".join(filter(None, [record["title"], record["text"]])) + "\n"
        path.write_bytes(text.encode("utf-8", "replace"))

    def close(self) -> None:
        """Do nothing: each file is whole already."""


class HuggingFace:
    """Parquet in shards; the card is written when everything has been counted."""

    def __init__(self, folder: Path, names: tuple[str, ...]) -> None:
        self._folder = folder / "data"
        self._folder.mkdir()
        self._names = names
        self._shard: Parquet | None = None
        self._rows = 0
        self.shards: list[int] = []

    def add(self, record: Mapping[str, Any]) -> None:
        """Write a record."""
        if self._shard is None or self._rows >= SHARD_ROWS:
            self._begin()
        if self._shard is not None:
            self._shard.add(record)
        self._rows += 1

    def close(self) -> None:
        """Write what is left; an empty corpus is one empty shard."""
        if self._shard is None:
            self._begin()
        self._end()

    def _begin(self) -> None:
        self._end()
        self._shard = Parquet(self._folder / f"train-{len(self.shards):05}.parquet", self._names)
        self._rows = 0

    def _end(self) -> None:
        if self._shard is not None:
            self._shard.close()
            self.shards.append(self._rows)
            self._shard = None


def card(manifest: Mapping[str, Any]) -> str:
    """Return the card of a data set, from its manifest.  Pure."""
    codes = sorted({name.lower().split("-")[0] for name in manifest["languages"]})
    spoken = [code for code in codes if _CODE.fullmatch(code)]
    bounds = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
    size = next((name for bound, name in bounds if manifest["records"] < bound), "1M<n<10M")
    head = ["---", "pretty_name: Policy corpus", *_listed("language", spoken), "license: other"]
    head += ["license_name: see-rights-of-each-source", "license_link: README.md", *_listed("size_categories", [size])]
    head += ["configs:", "- config_name: default", "  data_files:", "  - split: train", "    path: data/*.parquet"]
    rows = [
        f"| {name} | {_cell(facts['publisher'])} | {facts['records']} | {_cell(facts['rights'])} |"
        for name, facts in manifest["sources"].items()
    ]
    gaps = [f"- {count} left out: {why}" for why, count in manifest["left_out"].items()]
    body = [
        "---",
        "",
        "# Policy corpus",
        "",
        f"{many(manifest['records'], 'record')} of {many(manifest['documents'], 'document')}, made by policytrail. "
        "The texts belong to their publishers.",
        "",
        "| source | publisher | records | rights |",
        "|---|---|---|---|",
        *rows,
        "",
        "Fields: " + ", ".join(f"`{name}`" for name in manifest["columns"]) + ".",
        "",
        *gaps,
    ]
    return "\n".join([*head, *body]) + "\n"


def _listed(key: str, values: Sequence[str]) -> list[str]:
    return [f"{key}:", *(f"- {json.dumps(value)}" for value in values)] if values else []


def _cell(text: str | None) -> str:
    return " ".join((text or "not stated").replace("|", "\\|").split())
