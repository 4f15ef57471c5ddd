"""A diff as rows: nothing of either text is lost, and each change can be linked to."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.diff import Op, diff
from crawler.web.diff_rows import Row, parts, rows
from storage.model import Content, Fields

LINES = ("第一条 补贴标准为每人每月500元。", "第一条 补贴标准为每人每月800元。", "第二条 本办法自发布之日起施行。",
         "（一）申请人应当提交申请表；", "（二）身份证明。", "甲", "乙", "", "The minister shall report to the House.",
         "The minister may report to the House.")  # fmt: skip
TEXTS = st.lists(st.sampled_from(LINES), max_size=12).map(tuple)


def made(old: tuple[str, ...], new: tuple[str, ...]) -> list[Row]:
    before, after = (Content(fields=Fields(), paragraphs=text) for text in (old, new))
    return rows(diff(before, after), after)


@settings(max_examples=300, deadline=None)
@given(TEXTS, TEXTS)
def test_rows_hold_both_texts(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    found = made(old, new)
    # The mark that a paragraph left its place repeats what stands at the new one.
    whole = [row for row in found if row.moved_to is None]
    right = [(row.new_number, "".join(span.text for span in row.new)) for row in whole if row.new is not None]
    assert right == list(enumerate(new, 1))
    left = [(row.old_number, "".join(span.text for span in row.old)) for row in whole if row.old is not None]
    assert sorted(left) == list(enumerate(old, 1))
    for row in whole:
        assert row.op is not Op.EQUAL or old[(row.old_number or 0) - 1] == new[(row.new_number or 0) - 1]


@settings(max_examples=200, deadline=None)
@given(TEXTS, TEXTS, st.sampled_from([0, 2, None]))
def test_every_change_has_an_anchor_of_its_own(old: tuple[str, ...], new: tuple[str, ...], context: int | None) -> None:
    found = made(old, new)
    anchors = [row.anchor for row in found]
    assert all(anchors) and len(set(anchors)) == len(anchors)
    assert {row.goes_to for row in found if row.goes_to} <= set(anchors)
    shown = parts(found, context=context)
    assert [row for part in shown for row in ((part.row,) if part.row else part.hidden)] == found
    assert all(row.op is Op.EQUAL for part in shown for row in part.hidden)
    if context is None:
        assert all(part.row for part in shown)


def test_a_paragraph_that_moved_is_marked_where_it_was() -> None:
    one, two, three, four = LINES[0], LINES[2], LINES[3], LINES[8]
    found = made((one, two, three, four), (two, three, four, one))
    (left,) = [row for row in found if row.moved_to is not None]
    (there,) = [row for row in found if row.moved_from is not None]
    assert (left.old_number, left.moved_to, left.goes_to) == (1, 4, there.anchor)
    assert there.moved_from == 1 and found.index(left) == 0


def test_unchanged_paragraphs_are_folded_around_changes() -> None:
    lines = tuple(f"{number}. 各有关单位应当自查。" for number in range(20))
    changed = (*lines[:10], "十、已作修改的一条。", *lines[11:])
    shown = parts(made(lines, changed))
    assert [len(part.hidden) for part in shown if part.hidden] == [8, 7]
    assert shown[0].anchor == "p1"
