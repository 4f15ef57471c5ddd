"""The demonstration shows what changed, checks itself, and leaves a folder that can be worked with."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.corpus.manifest import beside, verify
from crawler.demo.changes import CHANGES
from crawler.demo.show import MARK, check, invoked_as, prepare, verdict
from crawler.errors import CrawlFailedError
from crawler.terminal import width
from storage import Archive
from storage.model import Event, EventKind
from tests.conftest import Command, Demonstration


def test_every_change_is_told_and_nothing_else(demonstration: Demonstration) -> None:
    result = demonstration.result
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.splitlines()[-1].startswith("Checked: all ")


def test_output_is_plain_and_the_difference_can_be_seen(demonstration: Demonstration) -> None:
    out = demonstration.result.stdout
    assert "\x1b" not in out
    assert "[-500-]{+800+}" in out
    for heading in ("What changed", "One change, at a glance", "Kept for you"):
        assert heading in out


def test_lines_of_ours_fit_eighty_columns(demonstration: Demonstration) -> None:
    # What a document says is wrapped by the terminal.
    before, _, rest = demonstration.result.stdout.partition("One change, at a glance")
    _, _, after = rest.partition("Kept for you")
    wide = [line for line in (before + after).splitlines() if width(line) > 80 and "policytrail" not in line]
    assert not [line for line in wide if not line.startswith("Checked")]


def test_corpus_is_whole(demonstration: Demonstration) -> None:
    assert verify(beside(demonstration.corpus)) == []
    texts = [json.loads(line)["text"] for line in demonstration.corpus.read_text("utf-8").splitlines()]
    assert all(texts)


def test_commands_it_names_work_after_it(demonstration: Demonstration, policytrail: Command, tmp_path: Path) -> None:
    lines = [line.strip() for line in demonstration.result.stdout.splitlines()]
    named = [line.removeprefix(f"{invoked_as()} ") for line in lines if line.startswith(invoked_as())]
    assert [line.split()[0] for line in named] == ["changes", "search", "show", "diff", "export"]
    env = {"POLICYTRAIL_ARCHIVE": str(demonstration.archive), "POLICYTRAIL_SOURCES": str(demonstration.sources)}
    for line in named:
        result = policytrail(*line.split(), env=env)
        assert result.returncode == 0, line + result.stderr
    assert (tmp_path / "corpus.jsonl").read_bytes() == demonstration.corpus.read_bytes()


def test_check_finds_what_is_missing_wrong_and_told_twice(demonstration: Demonstration) -> None:
    origin = demonstration.origin
    with Archive.open(demonstration.archive, readonly=True) as archive:
        one = next(archive.events())
    right = [told(one, change.event, origin + change.document) for change in CHANGES if change.event]
    assert check(right, origin)
    assert check(right[1:], origin).missing == ((right[0].kind, right[0].url),)
    assert check([*right, right[0]], origin).wrong == ((right[0].kind, right[0].url),)
    bad = told(one, EventKind.REMOVED, f"{origin}/other")
    assert not check([*right, bad], origin)
    assert "wrong: removed" in verdict(check([*right, bad], origin)).plain


def told(event: Event, kind: EventKind, url: str) -> Event:
    return replace(event, kind=kind, url=url)


def test_folder_is_made_new_only_where_a_demonstration_made_it(tmp_path: Path) -> None:
    folder = tmp_path / "here"
    prepare(folder)
    (folder / "archive.db").write_text("old")
    prepare(folder)
    assert sorted(path.name for path in folder.iterdir()) == [MARK, "sources"]


def test_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(CrawlFailedError, match="choose another --dir"):
        prepare(tmp_path)
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    with pytest.raises(CrawlFailedError, match="not a folder"):
        prepare(link)
    assert (tmp_path / "thesis.txt").read_text() == "mine"
