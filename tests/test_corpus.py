"""Versions to a corpus: lines, manifest, schemas."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.corpus.export import About, Line, export
from crawler.corpus.jsonl import line
from crawler.corpus.manifest import Manifest, beside, verify
from crawler.corpus.record import DUPLICATE_OF, FIELDS, held_record, record
from crawler.corpus.whole import whole_file
from crawler.schemas import plain, schema
from spiders.source import Source
from storage.codec import fields_row
from storage.holding import Held
from storage.model import (
    Attachment,
    Content,
    Document,
    DocumentState,
    Event,
    EventKind,
    Fields,
    Piece,
    Role,
    Run,
    RunEnd,
    SourceState,
    Version,
)
from storage.reading import FIELDS as OWN_FIELDS
from storage.times import stamp

SEEN = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
SOURCE = Source(name="cn_example", publisher="示例部", rights="See the site's terms.")
SOURCES = {SOURCE.name: SOURCE}
FIRST = Version(
    version_id=7,
    document_id=3,
    source=SOURCE.name,
    url="https://a.example/3.html",
    number=1,
    run_id=1,
    first_seen_at=SEEN,
    last_seen_at=SEEN + timedelta(days=2),
    content=Content(
        fields=Fields(
            title="关于补贴标准的通知",
            published_on=date(2026, 2, 27),
            document_number="示发〔2026〕3号",
            issuing_agency="示例部",
        ),
        paragraphs=("一、补贴标准为每人每月500元。", "二、本通知自印发之日起施行。"),
        attachments=(Attachment(url="https://a.example/3.pdf", name="附件", sha256="ab" * 32),),
    ),
    content_sha256="cd" * 32,
    pieces=(
        Piece(role=Role.MAIN, resource_id=3, snapshot_id=11),
        Piece(role=Role.ATTACHMENT, resource_id=4, snapshot_id=12, name="附件"),
    ),
    extractor="x1",
    profile="p1",
)
SECOND = replace(FIRST, version_id=9, number=2, last_seen_at=SEEN + timedelta(days=9), profile="p2")
FOREIGN = replace(
    FIRST,
    document_id=5,
    source="gb_gone",
    content=Content(fields=Fields(language="en"), paragraphs=("A notice.",)),
    pieces=(Piece(role=Role.MAIN, resource_id=5, snapshot_id=None),),
)

EMPTY = {"format": 2, "form": "jsonl", "records": 0, "sources": {}, "languages": {}, "years": {}}


def sha256_of(snapshot_id: int) -> str:
    return hashlib.sha256(str(snapshot_id).encode()).hexdigest()


def held(version: Version) -> Held:
    """Return a version as it is read in bulk."""
    main = version.pieces[0]
    row = fields_row(version.content.fields)
    return Held(
        version_id=version.version_id,
        document_id=version.document_id,
        source=version.source,
        url=version.url,
        number=version.number,
        first_seen_at=stamp(version.first_seen_at),
        seen_at=stamp(version.last_seen_at),
        extractor=version.extractor,
        profile=version.profile,
        resource_id=main.resource_id,
        snapshot_id=main.snapshot_id,
        snapshot_sha256=None if main.snapshot_id is None else sha256_of(main.snapshot_id),
        pieces=len(version.pieces),
        state="active",
        text=version.content.text,
        fields=tuple(row[name] for name in OWN_FIELDS),
    )


def lines_for(versions: list[Version]) -> Iterator[Line]:
    for version in versions:
        one = held(version)
        yield one, held_record(one, SOURCES.get(one.source), plain(version.content.attachments))


def made(out: Path, versions: list[Version]) -> Manifest:
    return export(
        lines_for(versions),
        SOURCES,
        out,
        about=About(command=("policytrail", "export"), filters={"since": "2026-01-01"}),
        left_out={"no text": 2},
    )


def write(records: list[dict[str, Any]], out: Path) -> None:
    with whole_file(out) as stream:
        stream.writelines(line(each).encode() for each in records)


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(text) for text in path.read_text("utf-8").splitlines()]


def test_record_has_the_documented_keys_in_order() -> None:
    one = record(FIRST, SOURCE, snapshot_sha256=sha256_of(11))
    assert tuple(one) == FIELDS
    assert list(schema("record")["properties"]) == [*FIELDS, DUPLICATE_OF]
    assert list(one.items()) == list(held_record(held(FIRST), SOURCE, one["attachments"]).items())
    jsonschema.validate(one, schema("record"))
    assert one["id"] == "cn_example:3@1"
    assert one["text"] == "一、补贴标准为每人每月500元。\n二、本通知自印发之日起施行。"
    assert (one["language"], one["published_on"], one["seen_at"]) == ("zh", "2026-02-27", "2026-03-03T02:30:00.000Z")
    assert one["attachments"] == [
        {"url": "https://a.example/3.pdf", "name": "附件", "sha256": "ab" * 32, "failure": None}
    ]


def test_record_of_a_source_whose_file_is_gone() -> None:
    one = record(FOREIGN, None, snapshot_sha256=None)
    jsonschema.validate(one, schema("record"))
    assert (one["publisher"], one["rights"], one["language"], one["snapshot_sha256"]) == (None, None, "en", None)


def test_export_and_manifest(tmp_path: Path) -> None:
    out = tmp_path / "corpus.jsonl"
    manifest = made(out, [FIRST, SECOND, FOREIGN])
    assert [one["id"] for one in lines_of(out)] == ["cn_example:3@1", "cn_example:3@2", "gb_gone:5@1"]
    assert [one["snapshot_sha256"] for one in lines_of(out)] == [sha256_of(11), sha256_of(11), None]
    saved = json.loads(beside(out).read_bytes())
    assert saved == manifest.as_json()
    jsonschema.validate(saved, schema("manifest"))
    assert (saved["records"], saved["documents"]) == (3, 2)
    assert saved["newest_seen_at"] == "2026-03-10T02:30:00.000Z"
    assert saved["sources"] == {
        "cn_example": {"publisher": "示例部", "rights": "See the site's terms.", "records": 2},
        "gb_gone": {"publisher": None, "rights": None, "records": 1},
    }
    assert (saved["languages"], saved["years"]) == ({"en": 1, "zh": 2}, {"2026": 2, "unknown": 1})
    assert (saved["extractors"], saved["profiles"]) == ({"x1": 3}, {"p1": 2, "p2": 1})
    assert (saved["filters"], saved["left_out"]) == ({"since": "2026-01-01"}, {"no text": 2})
    assert saved["files"] == [
        {
            "name": "corpus.jsonl",
            "sha256": hashlib.sha256(out.read_bytes()).hexdigest(),
            "size_bytes": out.stat().st_size,
            "records": 3,
        }
    ]
    assert verify(beside(out)) == []


def test_exported_again_it_is_the_same_bytes(tmp_path: Path) -> None:
    out = tmp_path / "corpus.jsonl"
    made(out, [FIRST, FOREIGN])
    before = out.read_bytes(), beside(out).read_bytes()
    made(out, [FIRST, FOREIGN])
    assert (out.read_bytes(), beside(out).read_bytes()) == before


def test_what_is_left_out_may_be_counted_on_the_way(tmp_path: Path) -> None:
    left_out: dict[str, int] = {}

    def chosen() -> Iterator[Line]:
        yield from lines_for([FIRST])
        left_out["no text"] = 1

    manifest = export(chosen(), SOURCES, tmp_path / "c.jsonl", about=About(), left_out=left_out)
    assert manifest.left_out == {"no text": 1}


def test_empty_export(tmp_path: Path) -> None:
    out = tmp_path / "corpus.jsonl"
    manifest = made(out, [])
    assert out.read_bytes() == b""
    assert manifest.newest_seen_at is None
    jsonschema.validate(manifest.as_json(), schema("manifest"))
    assert verify(beside(out)) == []


def test_export_to_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    manifest = export(lines_for([FIRST]), SOURCES, "-", about=About(), left_out={})
    data = capfdbinary.readouterr().out
    assert json.loads(data)["id"] == "cn_example:3@1"
    assert manifest.files[0].name == "-"
    assert manifest.files[0].sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("versions", [[SECOND, FIRST], [FOREIGN, FIRST], [FIRST, FIRST]])
def test_versions_out_of_order_are_refused_and_leave_nothing(tmp_path: Path, versions: list[Version]) -> None:
    out = tmp_path / "corpus.jsonl"
    out.write_text("earlier")
    with pytest.raises(ValueError, match="out of order"):
        made(out, versions)
    assert [path.name for path in tmp_path.iterdir()] == ["corpus.jsonl"]
    assert out.read_text() == "earlier"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab\u2028\x85"), inner, max_size=3),
    max_leaves=5,
)
records = st.lists(st.dictionaries(st.text("abc"), values, max_size=4), max_size=4)


@given(given_records=records)
@settings(max_examples=50, deadline=None)
def test_what_is_written_reads_back_equal(given_records: list[dict[str, Any]]) -> None:
    text = "".join(map(line, given_records))
    assert [json.loads(one) for one in text.splitlines()] == given_records
    assert [list(json.loads(one)) for one in text.splitlines()] == [list(one) for one in given_records]


def test_lines_are_plain_utf8_and_harmless() -> None:
    text = line({"text": "通知\u2028第二行\x85\u202e\x9b\x1b\ud800"})
    assert text == '{"text": "通知\\u2028第二行\\u0085\\u202e\\u009b\\u001b\ufffd"}\n'


def test_a_device_is_written_to_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write([{"a": 1}], pipe)
    reader.join()
    assert read == [b'{"a": 1}\n']
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "kept" / "c.jsonl", tmp_path / "c.jsonl"
    target.parent.mkdir()
    link.symlink_to(target)
    write([{"a": 1}], link)
    assert link.is_symlink()
    assert target.read_bytes() == b'{"a": 1}\n'


def test_verify_names_what_is_wrong(tmp_path: Path) -> None:
    out = tmp_path / "corpus.jsonl"
    made(out, [FIRST, FOREIGN])
    data = out.read_bytes()
    out.write_bytes(data.replace("补贴".encode(), "补助".encode()))
    (problem,) = verify(beside(out))
    assert problem.startswith("corpus.jsonl: sha256 is ")
    out.write_bytes(data.splitlines(keepends=True)[0])
    assert [problem.split()[2] for problem in verify(beside(out))] == ["bytes,", "lines,", "is"]
    out.unlink()
    assert verify(beside(out)) == ["corpus.jsonl: No such file or directory"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"format": 9}, "m.json: made in another format, 9"),
        (
            {"files": [{"name": "x"}]},
            "m.json: not a manifest of an export: parts are missing, or of another kind",
        ),
        ({"languages": None}, "m.json: not a manifest of an export: parts are missing, or of another kind"),
        ({"years": {"2026": 3}}, "m.json: years add up to 3 records, not 0"),
    ],
)
def test_verify_of_a_bad_manifest(tmp_path: Path, changes: dict[str, Any], problem: str) -> None:
    path = tmp_path / "m.json"
    base: dict[str, Any] = {
        "format": 2,
        "form": "jsonl",
        "records": 0,
        "sources": {},
        "languages": {},
        "years": {},
        "files": [],
    }
    path.write_text(json.dumps(base | changes))
    assert verify(path) == [problem]


@pytest.mark.parametrize("name", ["../secret", "/etc/hostname", "a/../../b", "a//b", "..", ""])
def test_verify_reads_only_beside_the_manifest(tmp_path: Path, name: str) -> None:
    path = tmp_path / "m.json"
    listed = {"name": name, "sha256": "", "size_bytes": 0, "records": 0}
    path.write_text(json.dumps({**EMPTY, "files": [listed]}))
    assert len(verify(path)) == 1
    assert "sha256" not in verify(path)[0]


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[]", b"{}", b"null"])
def test_verify_of_no_manifest(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "m.json"
    path.write_bytes(data)
    assert verify(path)[0].startswith("m.json: not a manifest")
    assert verify(tmp_path / "none.json") == ["none.json: No such file or directory"]
    beside(path).write_bytes(b"{}")
    assert verify(path) == ["m.json: not a manifest; that of this export is m.json.manifest.json"]


@pytest.mark.parametrize(
    "name", ["record", "manifest", "diff", "changes", "show", "status", "sources", "search", "crawl"]
)
def test_schemas_are_schemas(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))


def test_changes_show_and_status_are_the_model() -> None:
    event = Event(
        event_id=1,
        kind=EventKind.CHANGED,
        source=SOURCE.name,
        document_id=3,
        url=FIRST.url,
        previous_url=None,
        title="通知",
        at=SEEN,
        run_id=2,
        baseline=False,
        before=FIRST.pieces,
        after=SECOND.pieces,
    )
    told = {**plain(event), "labels": [], "kinds": []}
    jsonschema.validate([told], schema("changes"))
    document = Document(
        document_id=3,
        source=SOURCE.name,
        url=FIRST.url,
        title=None,
        state=DocumentState.ACTIVE,
        state_since=SEEN,
        state_reason="",
        versions=2,
    )
    listed = {
        name: plain(getattr(FIRST, name)) for name in schema("show")["properties"]["versions"]["items"]["required"]
    }
    shown = {
        "document": plain(document),
        "versions": [listed],
        "record": record(FIRST, SOURCE, snapshot_sha256=None),
    }
    jsonschema.validate(shown, schema("show"))
    run = Run(
        run_id=2,
        source=SOURCE.name,
        root_id=2,
        started_at=SEEN,
        ended_at=SEEN,
        end=RunEnd.FINISHED,
        extractor="x1",
        profile="p1",
    )
    state = SourceState(
        source=SOURCE.name,
        runs=1,
        last_run=run,
        last_finished_at=SEEN,
        documents={"active": 1},
        versions=2,
        outcomes={"ok": 3},
    )
    states = [state, replace(state, last_run=None, last_finished_at=None)]
    more = {"overdue": None, "reasons": [], "expected_delay_s": None, "running": False, "proxy": None}
    listed_states = [{**plain(one), **more} for one in states]
    jsonschema.validate(listed_states, schema("status")["properties"]["sources"])


def test_plain_refuses_what_has_no_form() -> None:
    assert plain({"a": (1, None, True, Path("x"), date(2026, 1, 2), Role.MAIN)}) == {
        "a": [1, None, True, "x", "2026-01-02", "main"]
    }
    with pytest.raises(TypeError, match="without a zone"):
        plain(datetime(2026, 1, 2))  # noqa: DTZ001
    with pytest.raises(TypeError, match="bytes"):
        plain(b"")
