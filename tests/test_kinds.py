"""Edits to kinds, on pairs that were labelled by hand."""

from __future__ import annotations

import doctest
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import kinds
from crawler.diff import Diff, diff
from crawler.kinds import Kind, Shift
from storage.model import Content, Fields

PAIRS: list[dict[str, Any]] = [
    pair
    for path in sorted((Path(__file__).parent / "pairs").glob("*.toml"))
    for pair in tomllib.loads(path.read_text("utf-8"))["pair"]
]
MEASURED = frozenset({Kind.NUMBER, Kind.AMOUNT, Kind.PERCENTAGE, Kind.DATE})


def content(text: str) -> Content:
    return Content(fields=Fields(), paragraphs=tuple(text.split("\n")))


def compared(pair: dict[str, Any]) -> Diff:
    return diff(content(pair["old"]), content(pair["new"]))


def shifts(old: str, new: str) -> set[Shift]:
    return {shift for hunk in diff(content(old), content(new)).hunks for shift in hunk.shifts}


def test_the_worked_examples_hold() -> None:
    assert doctest.testmod(kinds).failed == 0


def test_there_are_pairs_in_both_languages() -> None:
    chinese = sum(any("\u4e00" <= letter <= "\u9fff" for letter in pair["old"]) for pair in PAIRS)
    assert chinese >= 40 and len(PAIRS) - chinese >= 40


def test_every_number_and_date_that_changed_is_found() -> None:
    missed = []
    for pair in PAIRS:
        found = [shift for hunk in compared(pair).hunks for shift in hunk.shifts if shift.kind in MEASURED]
        for old, new in pair.get("values", ()):
            if not any(holds(shift.old, old) and holds(shift.new, new) for shift in found):
                missed.append((old, new, found))
    assert missed == []


def holds(said: str | None, value: str) -> bool:
    """Tell whether a side of a shift says a value; an empty one stands for none."""
    return value in said if said and value else not value and not said


def test_kinds_are_right_in_nineteen_pairs_of_twenty() -> None:
    wrong = [
        (pair["kinds"], compared(pair).kinds) for pair in PAIRS if {*pair["kinds"]} != {*map(str, compared(pair).kinds)}
    ]
    assert len(wrong) <= len(PAIRS) * 0.05, wrong


def test_clauses_are_right_in_nineteen_pairs_of_twenty() -> None:
    wrong = []
    for pair in PAIRS:
        found = [hunk.new_clause or hunk.old_clause for hunk in compared(pair).hunks]
        if found != pair["clauses"]:
            wrong.append((pair["clauses"], found))
    assert len(wrong) <= len(PAIRS) * 0.05, wrong


def test_a_mention_is_told_whole() -> None:
    assert shifts("每户补助1.5万元。", "每户补助2.5万元。") == {Shift(kind=Kind.AMOUNT, old="1.5万元", new="2.5万元")}


def test_clauses_of_each_shift_in_a_text_without_line_breaks() -> None:
    old = "第一条 为了管理，制定本办法。第二条 每户500元。第三条 三十日内答复。"
    new = "第一条 为了管理，制定本办法。第二条 每户600元。第三条 二十日内答复。"
    assert {(shift.kind, shift.new_clause) for shift in shifts(old, new)} == {
        (Kind.AMOUNT, "第二条"),
        (Kind.DATE, "第三条"),
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("申请人（以下简称甲方）", "申请人(以下简称甲方)"),
        ("共 12 户", "共12户"),
        ("The “plan”", 'The "plan"'),
        ("２０２６年", "2026年"),
    ],
)
def test_width_blanks_and_quotation_marks_are_typography(old: str, new: str) -> None:
    assert {shift.kind for shift in shifts(old, new)} == {Kind.TYPOGRAPHY}


def test_fields_have_kinds_by_name() -> None:
    old, new = Fields(title="补贴500元", validity="有效"), Fields(title="补贴600元", validity="失效")
    step = diff(Content(fields=old, paragraphs=()), Content(fields=new, paragraphs=()))
    assert {change.name: change.kinds for change in step.fields} == {
        "title": (Kind.AMOUNT,),
        "validity": (Kind.EFFECTIVITY,),
    }
    assert step.kinds == (Kind.EFFECTIVITY, Kind.AMOUNT)


words = st.lists(
    st.sampled_from(
        ["五", "百", "元", "年", "5", ".", "%", "应", "不", "得", "第", "条", "shall ", " ", "月", "日", "施行", "（"]
    ),
    max_size=12,
).map("".join)


@given(old=words | st.text(max_size=12), new=words | st.text(max_size=12))
def test_every_hunk_but_a_moved_one_says_something(old: str, new: str) -> None:
    step = diff(Content(fields=Fields(), paragraphs=(old,)), Content(fields=Fields(), paragraphs=(new,)))
    assert all(hunk.shifts for hunk in step.hunks)
