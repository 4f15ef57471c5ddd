"""Texts to the clauses that they are made of."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import clauses
from crawler.clauses import Labels, in_han, mark_of, outline, roman, value


def labels(*paragraphs: str) -> list[str]:
    return [starts[0].label for starts in outline(paragraphs)]


def test_the_worked_examples_hold() -> None:
    assert doctest.testmod(clauses).failed == 0


def test_a_law_has_articles_paragraphs_and_entries() -> None:
    assert labels(
        "第一章 总则",
        "第一条 为了规范公共饮水管理，制定本办法。",
        "第二条 主管部门负责下列工作：",
        "（一）制定名录；",
        "（二）检查水质：",
        "1.每季度一次；",
        "2.汛期加密。",
        "前款工作应当公开。",
        "第二章 维护",
        "第三条 维护单位应当建立台账。",
    ) == [
        "第一章 总则",
        "第一条",
        "第二条",
        "第二条（一）",
        "第二条（二）",
        "第二条（二）1.",
        "第二条（二）2.",
        "第二条第二款",
        "第二章 维护",
        "第三条",
    ]


def test_a_notice_has_numbered_headings() -> None:
    assert labels(
        "各市公共服务局：",
        "现将有关事项通知如下。",
        "一、补贴对象",
        "连续服务满六个月的人员。",
        "二、办理程序",
        "（一）个人申请。申请人填写申请表。",
        "（1）纸质表格。",
        "（2）电子表格。",
        "（二）公示。",
        "三、工作要求",
        "各地要按时完成。",
        "附件1",
        "一、名录",
    ) == [
        "",
        "",
        "一、补贴对象",
        "一、补贴对象",
        "二、办理程序",
        "二、（一）",
        "二、（一）（1）",
        "二、（一）（2）",
        "二、（二）",
        "三、工作要求",
        "三、工作要求",
        "附件1",
        "附件1一、名录",
    ]


def test_an_act_in_english() -> None:
    assert labels(
        "Part II Licences",
        "Section 3. A person may apply for a licence if the person:",
        "(a) is an adult;",
        "(b) has paid the fee, that is:",
        "(i) the fixed fee; and",
        "(ii) the yearly fee.",
        "(c) lives here.",
        "Section 3A. Section 3 of the Fees Act does not apply.",
        "§ 12. Records are kept for ten years.",
        "Schedule 1",
        "1. Fees are listed here.",
    ) == [
        "Part II Licences",
        "Section 3",
        "Section 3(a)",
        "Section 3(b)",
        "Section 3(b)(i)",
        "Section 3(b)(ii)",
        "Section 3(c)",
        "Section 3A",
        "§ 12",
        "Schedule 1",
        "Schedule 1 1.",
    ]


def test_the_letter_i_comes_after_h() -> None:
    entries = [f"({chr(97 + n)}) thing {n};" for n in range(10)]
    assert labels(*entries)[8] == "(i)"
    assert outline(entries)[9][0].path == ("(j)",)


def test_short_lines_before_longer_ones_are_headings_where_there_are_no_marks() -> None:
    assert labels("How to apply", "Send the form, signed, to the office.", "Fees", "A licence costs 20 dollars.") == [
        "How to apply",
        "How to apply",
        "Fees",
        "Fees",
    ]
    assert labels("正文第一句。", "某某局", "2026年3月5日") == ["", "", ""]


@pytest.mark.parametrize(
    "line",
    [
        "第十二条的规定不适用于个人。",
        "第三条第二款所称单位，是指企业。",
        "第三方机构应当独立。",
        "Section 3 of the Act applies.",
        "Article 5 and Article 6 apply.",
        "2026.3.5",
        "2026年3月5日",
        "3.5万元以下的罚款。",
        "A person may apply.",
        "",
    ],
)
def test_what_only_looks_like_a_mark(line: str) -> None:
    assert mark_of(line) is None


def test_clauses_of_a_text_without_line_breaks() -> None:
    text = "第一条 为了管理，制定本办法。第二条 申请人提交：（一）申请表；（二）证明。第三条 自公布之日起施行。"
    (starts,) = outline([text])
    assert [start.label for start in starts] == ["第一条", "第二条", "第二条（一）", "第二条（二）", "第三条"]
    assert Labels(starts).at(text.index("证明")) == "第二条（二）"
    assert Labels(starts).at(0) == "第一条"


def test_lines_of_a_list_are_clauses() -> None:
    (starts,) = outline(["1. 申请表\n2. 证明\n3. 照片"])
    assert [(start.offset, start.label) for start in starts] == [(0, "1. 申请表"), (7, "2. 证明"), (13, "3. 照片")]


@given(st.integers(min_value=1, max_value=99))
def test_numbers_read_as_they_are_written(number: int) -> None:
    assert value(in_han(number)) == number
    assert value(str(number)) == number


def test_roman_numbers() -> None:
    assert [roman(one) for one in ("i", "iv", "IX", "xiv", "XL")] == [1, 4, 9, 14, 40]


@given(st.lists(st.text(alphabet="第一二十条章款、（）()ai1.ⅠI §\n附件Section。：", max_size=20), max_size=6))
def test_every_paragraph_has_clauses_that_rise(paragraphs: list[str]) -> None:
    found = outline(paragraphs)
    assert len(found) == len(paragraphs)
    for starts in found:
        offsets = [start.offset for start in starts]
        assert offsets and offsets[0] == 0 and offsets == sorted(offsets)
        assert all(isinstance(start.label, str) for start in starts)
