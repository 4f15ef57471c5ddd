"""Each format reads back as the archive has it, is the same twice, and does no harm."""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import json
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from crawler.cli import policytrail
from crawler.commands.when import When
from crawler.corpus.choices import FORMATS
from crawler.corpus.choose import Choice, refusal
from crawler.corpus.export import About, export
from crawler.corpus.folders import card, file_name, markdown
from crawler.corpus.manifest import beside, verify
from crawler.corpus.record import FIELDS
from crawler.corpus.tables import harmless
from crawler.errors import CrawlFailedError
from crawler.schemas import schema
from spiders.loader import load
from storage import Archive
from storage.holding import Held
from storage.model import Version
from storage.reading import FIELDS as OWN_FIELDS
from storage.times import stamp
from tests.conftest import Demonstration
from tests.test_corpus import FIRST, FOREIGN, SECOND, SOURCES, held, lines_for

LISTS = ("attachments", "also_at")


def call(demonstration: Demonstration, *arguments: str | Path) -> Result:
    where = ["--archive", demonstration.archive, "--sources", demonstration.sources]
    return CliRunner().invoke(policytrail, [str(word) for word in ("export", *arguments, *where)])


def exported(demonstration: Demonstration, out: Path, *arguments: str) -> Path:
    result = call(demonstration, "--out", out, *arguments)
    assert result.exit_code == 0, result.output
    return out


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(text) for text in path.read_text("utf-8").splitlines()]


def contents(path: Path) -> dict[str, bytes]:
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    return {each.relative_to(path).as_posix(): each.read_bytes() for each in files if each.is_file()}


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_bytes_twice(demonstration: Demonstration, tmp_path: Path, form: str) -> None:
    if form in ("parquet", "huggingface"):
        pytest.importorskip("pyarrow")
    if form == "warc":
        pytest.importorskip("warcio")
    out = tmp_path / "c"
    exported(demonstration, out, "--format", form, "--versions", "all")
    first = contents(out), beside(out).read_bytes()
    exported(demonstration, out, "--format", form, "--versions", "all")
    assert (contents(out), beside(out).read_bytes()) == first
    assert verify(beside(out)) == []
    jsonschema.validate(json.loads(first[1]), schema("manifest"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c", "c.manifest.json"]


def test_tables_hold_what_the_lines_hold(demonstration: Demonstration, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    options = ("--versions", "all", "--state", "all", "--keep-duplicates", "--attachments", "text")
    lines = read(exported(demonstration, tmp_path / "c.jsonl", *options))
    assert {record["language"] for record in lines} == {"zh", "en"}
    for record in lines:
        jsonschema.validate(record, schema("record"))
    assert parquet.read_table(exported(demonstration, tmp_path / "c.parquet", *options)).to_pylist() == lines
    db = sqlite3.connect(exported(demonstration, tmp_path / "c.sqlite", *options))
    db.row_factory = sqlite3.Row
    rows = [dict(row) for row in db.execute("select * from record")]
    db.close()
    assert [row | {name: json.loads(row[name]) for name in LISTS} for row in rows] == lines
    with exported(demonstration, tmp_path / "c.csv", *options).open(encoding="utf-8-sig", newline="") as stream:
        cells = list(csv.DictReader(stream))
    assert [row["title"] for row in cells] == [harmless(record["title"] or "") for record in lines]
    assert [json.loads(row["attachments"]) for row in cells] == [record["attachments"] for record in lines]


def in_the_archive(demonstration: Demonstration) -> Iterator[dict[str, Any]]:
    """Yield what the archive says of each version, asked one by one."""
    sources = load(demonstration.sources).sources
    with Archive.open(demonstration.archive, readonly=True) as archive:
        for document in archive.documents():
            for version in archive.versions(document.document_id):
                fields, source = version.content.fields, sources[version.source]
                days = ("published_on", "modified_on", "signed_on")
                yield {
                    **{name: getattr(fields, name) for name in OWN_FIELDS if name not in ("publisher", *days)},
                    **{name: day.isoformat() if (day := getattr(fields, name)) else None for name in days},
                    "id": f"{version.source}:{version.document_id}@{version.number}",
                    "url": version.url,
                    "source": document.source,
                    "publisher": source.publisher,
                    "rights": source.rights,
                    "text": version.content.text,
                    "language": fields.language or source.language,
                    "attachments": [
                        (each.url, each.name, each.sha256, each.failure) for each in version.content.attachments
                    ],
                    "first_seen_at": stamp(version.first_seen_at),
                    "seen_at": stamp(version.last_seen_at),
                    "version": version.number,
                    "snapshot_sha256": archive.sha256(version.pieces[0].snapshot_id or 0),
                    "extractor": version.extractor,
                    "profile": version.profile,
                }


def test_each_field_is_what_the_archive_holds(demonstration: Demonstration, tmp_path: Path) -> None:
    options = ("--versions", "all", "--state", "all", "--keep-duplicates")
    lines = read(exported(demonstration, tmp_path / "c.jsonl", *options))
    assert all(set(FIELDS) <= set(record) for record in lines)
    found = {}
    for record in lines:
        del record["also_at"], record["duplicate_of"]  # of the corpus; the archive has no such thing
        record["attachments"] = [
            (each["url"], each["name"], each["sha256"], each["failure"]) for each in record["attachments"]
        ]
        found[record["id"]] = record
    assert found == {each["id"]: each for each in in_the_archive(demonstration) if each["text"]}
    assert any(record["attachments"] for record in lines)


def test_others_read_it(demonstration: Demonstration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyarrow")
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    duckdb = pytest.importorskip("duckdb")
    lines = read(exported(demonstration, tmp_path / "c.jsonl"))
    out = exported(demonstration, tmp_path / "c.parquet")
    wanted = [record | {"attachments": [{"text": None, **each} for each in record["attachments"]]} for record in lines]
    assert polars.read_parquet(out).to_dicts() == wanted
    answer = duckdb.sql(f"select * from '{out}'")  # noqa: S608
    assert [dict(zip(answer.columns, row, strict=True)) for row in answer.fetchall()] == wanted
    simple = [name for name in lines[0] if name not in LISTS]
    bare = [{name: record[name] for name in simple} for record in lines]
    table = pandas.read_parquet(out)[simple].astype(object)
    assert table.where(table.notna(), None).to_dict("records") == bare
    table = pandas.read_json(tmp_path / "c.jsonl", lines=True, encoding="utf-8", dtype=False)
    assert table.astype(object).where(table.notna(), None)[simple].to_dict("records") == bare


def test_datasets_loads_the_folder_offline(demonstration: Demonstration, tmp_path: Path) -> None:
    # In a process of its own: the library takes its settings from the environment, and is slow to import.
    if not importlib.util.find_spec("datasets"):
        pytest.skip("datasets is not installed")
    lines = read(exported(demonstration, tmp_path / "c.jsonl"))
    out = exported(demonstration, tmp_path / "set", "--format", "huggingface")
    code = (
        "import json, sys; from datasets import load_dataset; "
        "print(json.dumps([dict(row) for row in load_dataset(sys.argv[1], split='train')]))"
    )
    home = {"HF_HOME": str(tmp_path / "hf"), "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    loaded = subprocess.run(
        [sys.executable, "-c", code, str(out)], env={**os.environ, **home}, capture_output=True, check=True, timeout=300
    )
    for row in lines:
        row["attachments"] = [{"text": None, **each} for each in row["attachments"]]
    assert json.loads(loaded.stdout.splitlines()[-1]) == lines


def test_snapshots_as_warc(demonstration: Demonstration, tmp_path: Path) -> None:
    iterator = pytest.importorskip("warcio.archiveiterator")
    checker = pytest.importorskip("warcio.checker")
    out = exported(demonstration, tmp_path / "c.warc.gz")
    with out.open("rb") as stream:
        records = [(r.rec_headers, r.http_headers, r.content_stream().read()) for r in iterator.ArchiveIterator(stream)]
    assert len({headers["WARC-Record-ID"] for headers, _, _ in records}) == len(records) > 0
    lines = read(exported(demonstration, tmp_path / "c.jsonl"))
    bodies = {headers["WARC-Target-URI"]: body for headers, _, body in records}
    assert all(hashlib.sha256(bodies[line["url"]]).hexdigest() == line["snapshot_sha256"] for line in lines)
    assert all(int(http["Content-Length"]) == len(body) for _, http, body in records)
    assert any(http.get_header("Server") for _, http, _ in records)
    assert checker.Checker(type("Args", (), {"inputs": [str(out)], "verbose": False})()).process_all() in (None, 0)


def hostile(count: int) -> Iterator[str]:
    seed = random.Random(5)  # noqa: S311
    pieces = [
        "../",
        "/etc/passwd",
        "..\\",
        "CON",
        "\x00",
        "\n",
        "\u202e",
        "=1+1",
        "a" * 300,
        "通知",
        ".",
        " ",
        "~",
        "%2e",
    ]
    for _ in range(count):
        yield "".join(seed.choice(pieces) for _ in range(seed.randint(0, 6)))


def test_names_stay_inside_the_folder(tmp_path: Path) -> None:
    versions = []
    for number, title in enumerate(hostile(1000), 1):
        content = replace(FIRST.content, fields=replace(FIRST.content.fields, title=title))
        versions.append(replace(FIRST, version_id=number, document_id=number, content=content))
    out = tmp_path / "folder"
    export(lines_for(versions), SOURCES, out, form="text", about=About(), left_out={})
    files = [path for path in out.rglob("*") if path.is_file()]
    assert len(files) == 1000
    assert {path.parent for path in files} == {out / "cn_example"}
    assert len({path.name.lower() for path in files}) == 1000
    assert verify(beside(out)) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "folder.manifest.json"]


def test_markdown_is_text_and_not_markup() -> None:
    record = next(lines_for([FIRST]))[1] | {"title": "<b>通知</b>", "text": "# 一\n- 二\n1. 三\n<script>x</script>"}
    text = markdown(record)
    assert text.endswith("# \\<b>通知\\</b>\n\n\\# 一\n\n\\- 二\n\n1\\. 三\n\n\\<script>x\\</script>\n")
    assert 'document_number: "示发〔2026〕3号"' in text
    assert file_name(record, ".md") == "00000003-1-b-通知-b.md"


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("=1+1", "'=1+1"), ("  @SUM(A1)", "'  @SUM(A1)"), ("＝1", "'＝1"), ("一\n-2", "一\n'-2"), ("\tx", "'\tx"),
        ("a=b", "a=b"), ("", ""), ("通知", "通知"),
    ],
)  # fmt: skip
def test_a_spreadsheet_runs_nothing(cell: str, shown: str) -> None:
    assert harmless(cell) == shown


def test_a_folder_of_somebody_else_is_not_replaced(tmp_path: Path) -> None:
    out = tmp_path / "papers"
    out.mkdir()
    (out / "thesis.txt").write_text("ten years")
    with pytest.raises(CrawlFailedError, match="no export made"):
        export(lines_for([FIRST]), SOURCES, out, form="text", about=About(), left_out={})
    assert contents(out) == {"thesis.txt": b"ten years"}


def test_what_fails_leaves_the_last_good_export(tmp_path: Path) -> None:
    for form in ("jsonl", "csv", "sqlite", "text"):
        out = tmp_path / form
        export(lines_for([FIRST]), SOURCES, out, form=form, about=About(), left_out={})
        before = contents(out), beside(out).read_bytes()
        with pytest.raises(ValueError, match="out of order"):
            export(lines_for([SECOND, FIRST]), SOURCES, out, form=form, about=About(), left_out={})
        assert (contents(out), beside(out).read_bytes()) == before
        assert verify(beside(out)) == []
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_full_disk_is_one_line(demonstration: Demonstration) -> None:
    result = call(demonstration, "--out", "/dev/full")
    assert result.exit_code == 1
    said = "policytrail: /dev/full: the disk is full; make room, or choose another --out"
    assert result.stderr.splitlines() == [said]


@pytest.mark.parametrize("form", ["jsonl", "jsonl.gz", "csv", "sqlite", "text", "parquet"])
def test_a_disk_that_fills_leaves_the_last_good_export(demonstration: Demonstration, tmp_path: Path, form: str) -> None:
    if form == "parquet":
        pytest.importorskip("pyarrow")
    out = exported(demonstration, tmp_path / "c", "--format", form, "--min-chars", "200", "--language", "en")
    before = contents(out), beside(out).read_bytes()
    # No file may grow beyond what the last export took: the next one is larger.
    limit = max(map(len, before[0].values()))
    words = ["export", "--format", form, "--out", str(out), "--versions", "all", "--keep-duplicates"]
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit})); "
        "from crawler.cli import main; main()"
    )
    where = ["--archive", str(demonstration.archive), "--sources", str(demonstration.sources)]
    failed = subprocess.run(
        [sys.executable, "-c", code, *words, *where], capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    assert (failed.returncode, failed.stdout) == (1, "")
    (said,) = failed.stderr.splitlines()
    assert said.startswith(f"policytrail: {out}: ")
    assert said.endswith("choose another --out; an earlier export is as it was")
    assert (contents(out), beside(out).read_bytes()) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c", "c.manifest.json"]
    assert verify(beside(out)) == []


def test_a_folder_is_not_taken_for_a_file(demonstration: Demonstration, tmp_path: Path) -> None:
    result = call(demonstration, "--out", tmp_path, "--format", "jsonl")
    assert (result.exit_code, result.stderr) == (
        1, f"policytrail: {tmp_path}: a folder; give --out the name of a file\n"
    )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_one_line(demonstration: Demonstration, tmp_path: Path) -> None:
    result = call(demonstration, "--out", tmp_path / "none" / "c.jsonl")
    assert result.exit_code == 1
    (said,) = result.stderr.splitlines()
    assert str(tmp_path / "none") in said
    assert not (tmp_path / "none").exists()


def test_what_is_not_a_stream_needs_a_name(demonstration: Demonstration) -> None:
    result = call(demonstration, "--out", "-", "--format", "sqlite")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "give --out a name" in result.stderr


def test_the_card_of_a_data_set(demonstration: Demonstration, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    yaml = pytest.importorskip("yaml")
    out = exported(demonstration, tmp_path / "set", "--format", "huggingface")
    head = yaml.safe_load((out / "README.md").read_text("utf-8").split("---\n")[1])
    assert head["language"] == ["en", "zh"]
    assert head["configs"][0]["data_files"] == [{"split": "train", "path": "data/*.parquet"}]
    assert "demo_ministry" in card(json.loads(beside(out).read_bytes()))


# Choosing


def ids(demonstration: Demonstration, tmp_path: Path, *options: str) -> list[str]:
    return [record["id"] for record in read(exported(demonstration, tmp_path / "chosen.jsonl", *options))]


def test_choosing(demonstration: Demonstration, tmp_path: Path) -> None:
    def chosen(*options: str) -> list[str]:
        return ids(demonstration, tmp_path, *options)

    everything = chosen()
    zh, en = chosen("--language", "zh"), chosen("--language", "en")
    assert zh and en and sorted(zh + en) == sorted(everything)
    assert len(chosen("--state", "gone")) == 1
    assert set(chosen("--state", "all")) == {*everything, *chosen("--state", "gone")}
    assert {name.rpartition("@")[2] for name in chosen("--versions", "first")} == {"1"}
    assert len(chosen("--versions", "all")) > len(everything)
    assert 0 < len(chosen("--match", "图书室 补贴")) < len(everything)
    assert chosen("--match", "no such words anywhere") == []
    all_records = read(exported(demonstration, tmp_path / "everything.jsonl"))
    numbers = {record["id"]: record["document_number"] for record in all_records if record["document_number"]}
    assert chosen("--document-number", next(iter(numbers.values()))) == list(numbers)[:1]
    sources = {record["source"] for record in all_records}
    assert [name for source in sorted(sources) for name in chosen("--source", source)] == everything
    texts = read(exported(demonstration, tmp_path / "texts.jsonl", "--attachments", "text"))
    assert any(each["text"] for record in texts for each in record["attachments"])
    assert chosen("--since", "2200-01-01") == []
    assert chosen("--until", "2200-01-01") == everything
    assert set(chosen("--published-since", "2024-11-01")) < set(everything)
    assert chosen("--min-chars", "1000000") == []
    assert all(
        record["attachments"] == []
        for record in read(exported(demonstration, tmp_path / "bare.jsonl", "--attachments", "none"))
    )


def held_as(version: Version, **fields: Any) -> Held:
    return held(replace(version, content=replace(version.content, fields=replace(version.content.fields, **fields))))


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({}, None),
        ({"language": ("zh",)}, None),
        ({"language": ("en", "ZH")}, None),
        ({"language": ("en",)}, "language"),
        ({"document_number": "示发〔2026〕3号"}, None),
        ({"document_number": "示发[2026] 3"}, None),
        ({"document_number": "示发（2026）"}, None),
        ({"document_number": "示发〔2025〕"}, "document number"),
        ({"published_since": date(2026, 2, 27), "published_until": date(2026, 2, 27)}, None),
        ({"published_since": date(2026, 2, 28)}, "published"),
        ({"published_until": date(2026, 2, 26)}, "published"),
        ({"since": When(day=date(2026, 3, 1)), "until": When(day=date(2026, 3, 1))}, None),
        ({"since": When(day=date(2026, 3, 2))}, "seen"),
        ({"until": When(day=date(2026, 2, 28))}, "seen"),
        ({"match": "补贴 施行"}, None),
        ({"match": "５００元"}, None),
        ({"match": "补贴 电梯"}, "words"),
        ({"min_chars": 20}, None),
        ({"min_chars": 2000}, "too short"),
        ({"state": "gone"}, "not gone"),
        ({"state": "all"}, None),
    ],
)
def test_each_filter(asked: dict[str, Any], why: str | None) -> None:
    assert refusal(held(FIRST), Choice(**asked), SOURCES["cn_example"]) == why


def test_what_has_no_day_number_or_text_is_asked_for_in_vain() -> None:
    bare = held_as(FIRST, published_on=None, document_number=None)
    assert refusal(bare, Choice(published_since=date(2020, 1, 1)), None) == "published"
    assert refusal(bare, Choice(document_number="3号"), None) == "document number"
    assert refusal(bare, Choice(language=("unknown",)), None) is None
    assert refusal(held(FIRST)._replace(text=""), Choice(), None) == "no text"
    gone = held(FIRST)._replace(state="gone")
    assert (refusal(gone, Choice(), None), refusal(gone, Choice(state="gone"), None)) == ("gone", None)


def test_what_is_left_out_is_counted(demonstration: Demonstration, tmp_path: Path) -> None:
    exported(demonstration, tmp_path / "c.jsonl", "--language", "zh")
    manifest = json.loads(beside(tmp_path / "c.jsonl").read_bytes())
    assert manifest["left_out"] == {"gone": 1, "language": 9}
    assert manifest["unseen"]["demo_ministry"]["never_had"] == {"disallowed": 1}


def test_changes_as_a_corpus(demonstration: Demonstration, tmp_path: Path) -> None:
    records = read(exported(demonstration, tmp_path / "c.jsonl", "--changes"))
    for record in records:
        jsonschema.validate(record, schema("change"))
        assert record["before_text"] != record["after_text"] or record["kinds"]
    amounts = [r for r in records if "500元" in r["before_text"] and "800元" in r["after_text"]]
    assert [record["kinds"] for record in amounts] == [["changed"]]


def test_filters_are_read_back() -> None:
    choice = Choice(
        source=("a",), language=("zh",), since=When(day=date(2026, 1, 2)), published_until=date(2026, 2, 3),
        match="通知", versions="all",
    )  # fmt: skip
    assert Choice.from_json(json.loads(json.dumps(choice.as_json()))) == choice
    with pytest.raises(CrawlFailedError, match="filters"):
        Choice.from_json({"shape": "round"})


# As of, and like


def test_as_of_is_what_was_exported_then(demonstration: Demonstration, tmp_path: Path) -> None:
    options = ("--state", "all", "--versions", "all")
    now = exported(demonstration, tmp_path / "now.jsonl", *options)
    held_at = json.loads(beside(now).read_bytes())["held_at"]
    again = exported(demonstration, tmp_path / "again.jsonl", *options, "--as-of", held_at)
    assert again.read_bytes() == now.read_bytes()
    before = call(demonstration, "--out", tmp_path / "before.jsonl", *options, "--as-of", "2020-01-01")
    assert "nothing was held then: the first run of this archive began later, at 20" in before.stderr
    assert read(tmp_path / "before.jsonl") == []


def test_like_makes_it_again_or_says_why_not(demonstration: Demonstration, tmp_path: Path) -> None:
    out = exported(demonstration, tmp_path / "c.jsonl.gz", "--language", "zh")
    again = exported(demonstration, tmp_path / "again.gz", "--like", str(beside(out)))
    assert again.read_bytes() == out.read_bytes()
    manifest = json.loads(beside(out).read_bytes())
    manifest["extractors"] = {"another": 7}
    manifest["files"][0]["sha256"] = "0" * 64
    (tmp_path / "other.json").write_text(json.dumps(manifest))
    result = call(demonstration, "--like", tmp_path / "other.json", "--out", tmp_path / "none.gz")
    assert result.exit_code == 1
    assert "nothing was written: the extractor was another, and is" in result.stderr
    assert not (tmp_path / "none.gz").exists()


def test_verify_is_a_command(demonstration: Demonstration, tmp_path: Path) -> None:
    out = exported(demonstration, tmp_path / "texts", "--format", "text")
    checked = CliRunner().invoke(policytrail, ["export", "--verify", str(beside(out))])
    assert checked.exit_code == 0, checked.output
    (out / "more.txt").write_text("x")
    checked = CliRunner().invoke(policytrail, ["export", "--verify", str(beside(out))])
    assert checked.exit_code == 1
    assert "texts/more.txt: not in the manifest" in checked.stderr


def test_a_source_whose_file_is_gone_is_said(demonstration: Demonstration, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        policytrail,
        ["export", "--as-of", "2200-01-01", "--out", str(tmp_path / "c"), "--archive", str(demonstration.archive)],
    )
    assert result.exit_code == 1
    assert "its source file is gone" in result.stderr


def test_foreign_records_come_too(tmp_path: Path) -> None:
    out = tmp_path / "c.csv"
    manifest = export(lines_for([FIRST, FOREIGN]), SOURCES, out, form="csv", about=About(), left_out={})
    assert manifest.records == 2
