"""Every question of an archive is asked of both homes, and answered alike: by reflection, so that none is left out."""

from __future__ import annotations

import hashlib
import inspect
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from storage import Archive, ArchiveError
from storage.browsing import Filter
from storage.copying import KEYS, copy_archive
from storage.model import DocumentState, EventKind, Role
from storage.reading import END_OF_TIME
from storage.telling import Wanted
from tests.filled import BEGIN, DAY, LONG, SOURCES, fill
from tests.postgres import Postgres

# Opens, closes, or is about the home itself.
OF_A_HOME = {"open", "is_at", "close", "write", "backup", "give_up_after", "quick_check", "full_check", "engine"}
# What writes is asked of both by ``fill``, or below; that it is, is looked at.
WRITES = {
    "add_listings", "begin_run", "close_run", "complete_told", "drop_derived", "drop_document", "end_leg",
    "extractor_id", "forget", "hand_over", "import_answers", "interrupt", "join_run", "judge", "message_failed",
    "message_sent", "profile_id", "record", "refresh_fields", "rest", "route", "save_alert_states", "save_extraction",
    "save_standing", "save_version", "say_of_ourselves", "spend", "tell", "try_message",
}  # fmt: skip
# Of what ``fill`` does not hold, both say so.
SILENT = {"legs_left_alone", "named_as_part_by", "is_part", "late_versions", "quiet_visits", "handed"}
MOST_CALLS = 120


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[tuple[Archive, Archive]]:
    path = tmp_path_factory.mktemp("both") / "a.db"
    with Archive.open(path, create=True) as here, Archive.open(postgres.archive()) as there:
        for archive in (here, there):
            fill(archive)
        yield here, there


def methods() -> dict[str, Callable[..., Any]]:
    return {name: each for name, each in inspect.getmembers(Archive, callable) if not name.startswith("_")}


def questions() -> list[str]:
    return sorted(methods().keys() - OF_A_HOME - WRITES)


def values(archive: Archive) -> dict[str, list[Any]]:
    """Return what may be asked, by the names of parameters."""
    runs = archive.runs()
    documents = [document.document_id for document in archive.documents()]
    resources = list(range(1, archive.newest_resource_id() + 2))
    snapshots = [each for each in range(1, 90) if archive.sha256(each)]
    versions = [version.version_id for version in archive.latest_versions()]
    (url, *_) = urls = [archive.document(each).url for each in documents[:4]]
    # An answer that was imported, at its time.
    urls.append(f"https://{SOURCES[0]}.example/0")
    texts = ["补贴", "word", "é", "条 word", '"', "a"]
    moments = [BEGIN, BEGIN + DAY + timedelta(seconds=7), BEGIN + 20 * DAY]
    bodies = [archive.sha256(each) for each in snapshots[:5]]
    return {
        "run": runs,
        "run_id": [run.run_id for run in runs] + [10_000],
        "root_id": sorted({run.root_id for run in runs}),
        "source": [*SOURCES, "xx_none"],
        "document_id": [*documents, 9_999],
        "event_id": list(range(0, archive.newest_event_id() + 1, 5)),
        "resource_id": resources,
        "resource_ids": [resources[:5], resources[5:9]],
        "snapshot_id": snapshots,
        "version_id": versions,
        "version_ids": [versions, []],
        "message_id": [1, 2, 3],
        "fetch": [fetch for document in documents[:6] for fetch in archive.fetches(document)],
        "roles": [[Role.MAIN], [Role.LIST, Role.PART]],
        "url": [*urls, f"{url}x", LONG],
        "host": ["cn_test.example", "us_test.example", "b.example"],
        "sha256": [*bodies, hashlib.sha256(f"then {BEGIN - 29 * DAY}".encode()).hexdigest(), None],
        "content_sha256": [version.content_sha256 for version in archive.latest_versions()][:8],
        "upto": [1, 30, archive.newest_fetch_id()],
        "before": [1, 30, archive.newest_fetch_id()],
        "after": [0, 7],
        "after_run": [0, 100],
        "number": [1, 2, 9],
        "most": [1, 5],
        "limit": [1, 50],
        "extractor": ["x", "y"],
        "which": ["latest", "first", "all"],
        "wanted": [Filter(), Filter(source=SOURCES[0], state=DocumentState.GONE), Filter(since=BEGIN.date())],
        "words": texts,
        "offset": [1],
        "above": [2],
        "state": [DocumentState.GONE],
        "states": [[DocumentState.GONE], [DocumentState.ACTIVE, DocumentState.GONE]],
        "kind": list(EventKind),
        "kinds": [[], [EventKind.NEW, EventKind.REMOVED]],
        "until": moments,
        "begin": ["https://cn_test", f"https://{SOURCES[1]}.example/1", "é"],
        "hold": ["example/1", "%"],
        "since": moments,
        "at": moments,
        "fetched_at": [BEGIN - 29 * DAY, BEGIN],
    }


def known(name: str, parameter: str, said: dict[str, list[Any]]) -> list[Any]:
    """Return the values of a parameter of a method."""
    special = {
        ("telling_runs", "wanted"): [Wanted(), Wanted(kinds=(EventKind.NEW,), baseline=True, quiet=True)],
        ("newest_events", "wanted"): [Wanted(), Wanted(kinds=(EventKind.NEW,), baseline=True, quiet=True)],
        ("run_events", "wanted"): [Wanted(baseline=True), Wanted(source=SOURCES[0], since=BEGIN + DAY)],
        ("event_cells", "wanted"): [Wanted(baseline=True), Wanted(kinds=(EventKind.NEW,), baseline=True, quiet=True)],
        ("held", "before"): [BEGIN + DAY, END_OF_TIME],
        ("profile_data", "sha256"): ["p", "none"],
    }
    found = special.get((name, parameter), said.get(parameter))
    assert found, f"Archive.{name}: say in `values` what is asked for {parameter}"
    return found


def answer(archive: Archive, name: str, words: dict[str, Any]) -> Any:
    """Return what an archive answers, or why it does not, as it can be compared."""
    try:
        found = getattr(archive, name)(**words)
        if isinstance(found, Iterator) or type(found).__name__ == "array":
            found = list(found)
    except ArchiveError as error:
        return type(error), str(error).replace(str(archive.path), "<home>")
    if name == "sizes":
        found.pop("bytes")
    return found


@pytest.mark.parametrize("name", questions())
def test_both_homes_answer_alike(homes: tuple[Archive, Archive], name: str) -> None:
    here, there = homes
    said = values(here)
    parameters = list(inspect.signature(methods()[name]).parameters.values())[1:]
    needed = [each.name for each in parameters if each.default is each.empty]
    calls = [dict(zip(needed, each, strict=True)) for each in product(*(known(name, one, said) for one in needed))]
    rng = random.Random(name)  # noqa: S311
    calls = rng.sample(calls, min(len(calls), MOST_CALLS))
    # Of what may be left out, one at a time.
    for each in parameters:
        if each.default is not each.empty:
            choices = [True] if isinstance(each.default, bool) else known(name, each.name, said)
            calls += [{**words, each.name: choice} for words in calls[:3] for choice in choices[:3]]
    answers = [answer(here, name, words) for words in calls]
    for words, found in zip(calls, answers, strict=True):
        assert answer(there, name, words) == found, words
    # A question to which both say nothing, whatever is asked, was not asked.
    assert name in SILENT or any(each not in (None, [], {}, False, 0, "") for each in answers), name


def test_what_was_written_is_the_same(homes: tuple[Archive, Archive], tmp_path: Path, postgres: Postgres) -> None:
    """Row by row; and a copy of either is the other."""
    here, there = homes
    for table in KEYS:
        columns = ", ".join(KEYS[table])
        assert here._all(f"select * from {table} order by {columns}") == there._all(  # noqa: S608
            f"select * from {table} order by {columns}"  # noqa: S608
        ), table
        assert table in ("recast", "version_piece") or here._all(f"select 1 from {table}"), table  # noqa: S608
    one = copy_archive(there.path, tmp_path / "b.db", progress=lambda what, done: None)
    other = copy_archive(here.path, postgres.database(), progress=lambda what, done: None)
    assert one == other


def test_what_writes_is_asked_of_both() -> None:
    text = Path(__file__).with_name("filled.py").read_text() + Path(__file__).read_text()
    text += Path(__file__).with_name("test_legs.py").read_text()
    assert methods().keys() >= WRITES
    assert [name for name in sorted(WRITES) if f".{name}(" not in text] == []


def test_what_is_derived_is_dropped_alike(homes: tuple[Archive, Archive], tmp_path: Path, postgres: Postgres) -> None:
    here, _ = homes
    copies = tmp_path / "c.db", postgres.database()
    for archive, place in zip(homes, copies, strict=True):
        copy_archive(archive.path, place, progress=lambda what, done: None)
    left = []
    for place in copies:
        with Archive.open(place) as archive:
            (first, second, *_) = archive.documents(SOURCES[1])
            told = archive.told(second.document_id)
            latest = archive.latest(second.document_id)
            assert told is not None and latest is not None
            archive.complete_told(told, told.pieces)
            archive.refresh_fields(latest.version_id, archive.version(second.document_id, latest.number).content)
            archive.drop_document(first.document_id)
            assert archive.interrupt(SOURCES[1], at=BEGIN + 20 * DAY)
            archive.drop_derived(SOURCES[0])
            left.append({table: archive._all(f"select count(*) from {table}") for table in KEYS})  # noqa: S608
            left[-1]["found"] = [hit.url for hit in archive.find("word", Filter()).hits]  # type: ignore[misc]
    assert left[0] == left[1] and left[0]["version"] != here._all("select count(*) from version")


def test_moments_are_utc_in_both(homes: tuple[Archive, Archive]) -> None:
    for archive in homes:
        (run, *_) = archive.runs(limit=1)
        assert run.started_at.tzinfo is UTC or run.started_at.utcoffset() == timedelta(0)
        assert isinstance(archive.newest_moment(), datetime)
