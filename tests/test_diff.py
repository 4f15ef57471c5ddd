"""Contents to diffs: whole, readable, and true."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.diff import Diff, Op, apply, diff, words
from crawler.kinds import Kind
from storage.model import Attachment, Content, Fields

# Few words, so that texts repeat, move and look alike.
phrases = st.lists(
    st.sampled_from(["县级", "省级", "人民政府", "应当", "，", "。", "500", "3.5%", " ", "shall", "不", "\n", "二"]),
    max_size=14,
).map("".join)
paragraphs = st.lists(phrases | st.text(max_size=8), max_size=8).map(tuple)
names = st.sampled_from(["", "附件1", "附件2"])
attachments = st.lists(
    st.builds(
        Attachment,
        url=st.sampled_from(["https://a.example/1.pdf", "https://a.example/2.pdf", "https://a.example/3.pdf"]),
        name=names,
        sha256=st.sampled_from([None, "1", "2"]),
        failure=st.sampled_from([None, "encrypted"]),
    ),
    max_size=4,
).map(tuple)
some_text = st.none() | st.text(max_size=5)
fields = st.builds(
    Fields,
    title=some_text,
    published_on=st.none() | st.dates(),
    document_number=some_text,
    validity=some_text,
    editor=some_text,
    modified_on=st.none() | st.dates(),
)
contents = st.builds(Content, fields=fields, paragraphs=paragraphs, attachments=attachments)


def content(*paragraphs: str, **fields: object) -> Content:
    return Content(fields=Fields(**fields), paragraphs=paragraphs)  # type: ignore[arg-type]


def marked(old: str, new: str) -> str:
    marks = {Op.EQUAL: "{}", Op.REMOVED: "[-{}-]", Op.ADDED: "{{+{}+}}"}
    return "".join(marks[span.op].format(span.text) for span in words(old, new))


@given(old=contents, new=contents)
@settings(max_examples=50, deadline=None)
def test_applied_to_the_old_it_gives_the_new(old: Content, new: Content) -> None:
    assert apply(old, diff(old, new)) == new


@given(old=contents, new=contents)
@settings(max_examples=50, deadline=None)
def test_empty_for_equal_contents_only(old: Content, new: Content) -> None:
    assert diff(old, old) == Diff()
    assert bool(diff(old, new)) is (old != new)


@given(old=phrases | st.text(), new=phrases | st.text())
@settings(max_examples=50, deadline=None)
def test_words_hold_both_texts(old: str, new: str) -> None:
    spans = words(old, new)
    assert "".join(span.text for span in spans if span.op is not Op.ADDED) == old
    assert "".join(span.text for span in spans if span.op is not Op.REMOVED) == new
    assert all(one.op is not other.op for one, other in pairwise(spans))
    assert all(span.text for span in spans)


@given(old=paragraphs, order=st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_what_only_stands_elsewhere_is_moved(old: tuple[str, ...], order: object) -> None:
    shuffled = list(old)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert {hunk.op for hunk in diff(content(*old), content(*shuffled)).hunks} <= {Op.MOVED}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("每人每月500元，由县级政府", "每人每月800元，由省级政府", "每人每月[-500-]{+800+}元，由[-县-]{+省+}级政府"),
        ("税率为3.5%。", "税率为3.6%。", "税率为[-3.5%-]{+3.6%+}。"),
        ("自2024-05-01起", "自2024-06-01起", "自[-2024-05-01-]{+2024-06-01+}起"),
        ("共1,200户", "共1,300户", "共[-1,200-]{+1,300+}户"),
        ("申请人不得转让。", "申请人得转让。", "申请人[-不-]得转让。"),
        ("It shall apply.", "It may apply.", "It [-shall-]{+may+} apply."),
        ("a year ago", "ten years ago", "[-a year-]{+ten years+} ago"),
        ("至2025年底", "至2026年5月底", "至[-2025年-]{+2026年5月+}底"),
    ],
)
def test_words_and_numbers_stay_whole(old: str, new: str, expected: str) -> None:
    assert marked(old, new) == expected


def test_characters_equal_by_chance_do_not_cut_a_change() -> None:
    assert marked("由发展改革部门办理", "由市场监管部门办理") == "由[-发展改革-]{+市场监管+}部门办理"
    assert marked("今日天晴", "明日大雪") == "[-今日天晴-]{+明日大雪+}"


def test_an_inserted_sentence_is_marked_from_its_begin_to_its_end() -> None:
    assert (
        marked("总则。第三款由甲办理。", "总则。第二款由乙监督。第三款由甲办理。")
        == "总则。{+第二款由乙监督。+}第三款由甲办理。"
    )
    assert marked("第三款由甲办理。", "第二款由乙监督。第三款由甲办理。") == "{+第二款由乙监督。+}第三款由甲办理。"


def test_long_paragraphs_are_compared_by_sentence_first() -> None:
    sentences = [f"第{n}项事项由第{n}处负责办理，并于次月第{n % 28}日前报告。" for n in range(400)]
    edited = [*sentences[:100], *sentences[101:300], "本项另行规定。", *sentences[300:]]
    spans = [span for span in words("".join(sentences), "".join(edited)) if span.op is not Op.EQUAL]
    assert [(span.op, span.text) for span in spans] == [(Op.REMOVED, sentences[100]), (Op.ADDED, "本项另行规定。")]


def test_texts_made_to_be_slow_are_given_up_early() -> None:
    old, new = "甲乙" * 20_000 + "丙", "丁" + "乙甲" * 20_000
    assert [span.op for span in words(old, new)] == [Op.REMOVED, Op.ADDED]


def test_paragraphs_are_paired_with_what_they_became() -> None:
    old = content("第一条 申请人应当提交书面材料。", "第二条 审查期限为三十日。", "第三条 本办法自公布之日起施行。")
    new = content(
        "第一条 申请人应当提交电子材料。",
        "第二条 受理机关应当出具回执，不得收费。",
        "第三条 审查期限为二十日。",
        "第四条 本办法自公布之日起施行。",
    )
    hunks = diff(old, new).hunks
    assert [(hunk.op, hunk.old_index, hunk.new_index) for hunk in hunks] == [
        (Op.CHANGED, 0, 0),
        (Op.ADDED, 1, 1),
        (Op.CHANGED, 1, 2),
        (Op.CHANGED, 2, 3),
    ]


def test_what_has_nothing_in_common_is_not_paired() -> None:
    hunks = diff(content("首段", "会议听取了汇报。"), content("首段", "Applications close on Friday.")).hunks
    assert [hunk.op for hunk in hunks] == [Op.REMOVED, Op.ADDED]


def test_a_moved_paragraph_keeps_its_two_places() -> None:
    lines = [f"第{n}条 关于第{n}类事项的规定。" for n in range(9)]
    (hunk,) = diff(content(*lines), content(*lines[:2], *lines[3:], lines[2])).hunks
    assert (hunk.op, hunk.old_index, hunk.new_index) == (Op.MOVED, 2, 8)
    assert hunk.old == hunk.new == lines[2]


def test_a_paragraph_that_moved_and_was_rewritten_is_moved() -> None:
    body = [f"第{n}段说明与本次调整无关的事项，内容各不相同：{chr(0x5000 + 97 * n) * 9}。" for n in range(6)]
    old = ["申请人应当于每年3月底前向县级主管部门提交申请材料原件，逾期不予受理。", *body]
    new = [*body[:4], "申请人应当于每年6月底前向市级主管部门提交申请材料原件，逾期不予受理。", *body[4:]]
    step = diff(content(*old), content(*new))
    assert [(hunk.op, hunk.old_index, hunk.new_index) for hunk in step.hunks] == [(Op.MOVED, 0, 4)]
    assert {(shift.kind, shift.old, shift.new) for shift in step.hunks[0].shifts} >= {(Kind.DATE, "3月底", "6月底")}
    assert apply(content(*old), step) == content(*new)
    # What has only some words in common is gone here and new there.
    other = [*body[:4], "主管部门应当自收到申请材料之日起十日内完成审核，并公布结果。", *body[4:]]
    assert [hunk.op for hunk in diff(content(*old), content(*other)).hunks] == [Op.REMOVED, Op.ADDED]


def test_a_clause_that_moved_and_was_numbered_anew_is_moved() -> None:
    texts = [f"关于第{n}类事项，由第{n}处会同有关单位负责办理并公布结果。" for n in "甲乙丙丁戊"]
    old = content(*(f"第{n}条 {text}" for n, text in zip("一二三四五", texts, strict=True)))
    moved = [*texts[1:4], texts[0], texts[4]]
    new = content(*(f"第{n}条 {text}" for n, text in zip("一二三四五", moved, strict=True)))
    step = diff(old, new)
    assert apply(old, step) == new
    assert {hunk.op for hunk in step.hunks} <= {Op.MOVED, Op.CHANGED}
    (hunk,) = [hunk for hunk in step.hunks if hunk.op is Op.MOVED]
    assert (hunk.old_clause, hunk.new_clause) == ("第一条", "第四条")
    assert [shift.kind for shift in hunk.shifts] == [Kind.NUMBERING]


def test_the_alignment_keeps_most_text_not_most_paragraphs() -> None:
    long = "本段较长，说明办理流程、所需材料、办理时限以及监督电话等各项内容。"
    (first, second) = diff(content(long, "问：", "答："), content("问：", "答：", long)).hunks
    assert {first.new, second.new} == {"问：", "答："}


def test_many_paragraphs_some_repeated() -> None:
    old = [f"第{n // 2}行" if n % 2 else "——" for n in range(6_000)]
    new = [*old[:1_000], "新增一行", *old[1_000:4_000], *old[4_001:]]
    step = diff(content(*old), content(*new))
    assert [(hunk.op, hunk.new) for hunk in step.hunks] == [(Op.ADDED, "新增一行"), (Op.REMOVED, None)]


def test_fields_that_make_a_version_come_first() -> None:
    old = content("正文", title="甲", published_on=date(2026, 1, 5), editor="王")
    new = content("正文", title="乙", published_on=date(2026, 1, 6), language="zh", editor=None)
    assert [(change.name, change.old, change.new) for change in diff(old, new).fields] == [
        ("title", "甲", "乙"),
        ("published_on", date(2026, 1, 5), date(2026, 1, 6)),
        ("language", None, "zh"),
        ("editor", "王", None),
    ]


def test_attachments_are_known_by_address_text_or_name() -> None:
    def one(number: int, name: str, sha256: str | None) -> Attachment:
        return Attachment(url=f"https://a.example/{number}.pdf", name=name, sha256=sha256)

    old = (one(1, "一", "a"), one(2, "二", "b"), one(3, "三", "c"), one(4, "四", "d"), one(5, "五", "e"))
    new = (one(1, "一", "a2"), one(12, "改名", "b"), one(13, "三", "c2"), one(6, "六", "f"), one(5, "五", "e"))
    changes = diff(
        Content(fields=Fields(), paragraphs=(), attachments=old),
        Content(fields=Fields(), paragraphs=(), attachments=new),
    ).attachments
    assert {(c.op, c.old.name if c.old else None, c.new.name if c.new else None) for c in changes} == {
        (Op.CHANGED, "一", "一"),
        (Op.MOVED, "二", "改名"),
        (Op.CHANGED, "三", "三"),
        (Op.REMOVED, "四", None),
        (Op.ADDED, None, "六"),
    }


@pytest.mark.parametrize("other", [content("别的"), content("甲", title="题"), content()])
def test_a_diff_of_other_contents_is_refused(other: Content) -> None:
    step = diff(content("甲", title="旧"), content("乙", title="新"))
    with pytest.raises(ValueError, match="another content"):
        apply(other, step)


def test_repeated_paragraphs_between_new_ones_stay() -> None:
    old = [text for n in range(30) for text in ("* * *", f"旧稿{n}甲乙丙")]
    new = [text for n in range(30) for text in ("* * *", f"Fresh note {n} on fees")]
    hunks = diff(content(*old), content(*new)).hunks
    assert {hunk.op for hunk in hunks} == {Op.REMOVED, Op.ADDED}
    assert "* * *" not in {hunk.old for hunk in hunks}
