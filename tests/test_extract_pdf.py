"""How the pages of a PDF are read: columns, tables, heads and feet, words that lines break."""

from __future__ import annotations

from collections import Counter
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extract import extract
from storage.model import BlockKind, Extraction
from tests.pdfs import HEIGHT, Sheet, pdf_of

LEFT = (
    "The committee met in March to review the",
    "rules for moorings on the upper river and",
    "to hear the harbour masters of four towns.",
    "It found that the rules of 1998 were no",
    "longer known to most owners of boats and",
    "that the signs had faded beyond recog-",
    "nition at nine of the twelve landings.",
)
RIGHT = (
    "A second meeting was held in May, when",
    "the draft of new rules was read aloud and",
    "amended in eleven places. The towns agreed",
    "to share the cost of signs and to publish",
    "the rules in three languages. The com-",
    "mittee will meet again in the autumn and",
    "report to the council before the year ends.",
)
READ = [
    "The committee met in March to review the rules for moorings on the upper river and to hear the harbour masters of "
    "four towns.",
    "It found that the rules of 1998 were no longer known to most owners of boats and that the signs had faded beyond "
    "recognition at nine of the twelve landings.",
    "A second meeting was held in May, when the draft of new rules was read aloud and amended in eleven places. The "
    "towns agreed to share the cost of signs and to publish the rules in three languages. The committee will meet "
    "again in the autumn and report to the council before the year ends.",
]
TITLE = "New rules for moorings on the upper river"
BELOW = [
    "This paragraph stands below the columns and runs over the whole width of the page, as the closing",
    "remarks of such papers do, and it ends on the second line.",
]


def of(*sheets: Sheet) -> Extraction:
    return extract(
        pdf_of(sheets), url="https://e.cn/a.pdf", content_type="application/pdf", fetched_on=date(2026, 1, 1)
    )


def kept(found: Extraction) -> list[str]:
    return [block.text for block in found.blocks if block.left_out is None]


def left_out(found: Extraction) -> list[tuple[str, str]]:
    return [(block.left_out, block.text) for block in found.blocks if block.left_out is not None]


def tables(found: Extraction) -> list[list[str]]:
    return [block.text.split("\n") for block in found.blocks if block.kind is BlockKind.TABLE]


def titled() -> Sheet:
    return Sheet().text(50, 760, TITLE, 16)


def test_columns_that_a_page_draws_one_after_the_other() -> None:
    assert kept(of(titled().lines(50, 720, LEFT).lines(310, 720, RIGHT))) == [TITLE, *READ]


def test_columns_that_a_page_draws_line_by_line() -> None:
    sheet = titled()
    for place, (left, right) in enumerate(zip(LEFT, RIGHT, strict=True)):
        sheet.text(50, 720 - 14 * place, left).text(310, 720 - 14 * place, right)
    assert kept(of(sheet.lines(50, 590, BELOW))) == [TITLE, *READ, " ".join(BELOW)]


def test_a_column_that_is_longer_than_the_one_beside_it_and_begins_above_it() -> None:
    found = of(titled().lines(50, 706, LEFT).lines(310, 720, [*RIGHT, "The report will be printed."]))
    assert kept(found) == [TITLE, *READ, "The report will be printed."]


def test_three_columns() -> None:
    columns = [[f"Column {letter} has {number} lines to it" for number in range(1, 7)] for letter in "ABC"]
    sheet = titled()
    for place in range(6):
        for x, column in zip((50, 230, 410), columns, strict=True):
            sheet.text(x, 720 - 14 * place, f"{column[place]};")
    assert kept(of(sheet)) == [TITLE, *(f"{line};" for column in columns for line in column)]


def test_a_table_with_rules_is_read_by_rows() -> None:
    rows = [
        ["序号", "单位名称", "金额（万元）"],
        ["1", "示例市第一中学", "120.5"],
        ["2", "示例市实验小学\n（东校区）", "80"],
        ["3", "", "33"],
    ]
    sheet = Sheet().text(50, 750, "附件：补助资金分配表", 14)
    sheet.grid([50, 100, 300, 420], [740, 720, 700, 665, 645], rows).text(50, 610, "以上金额均已下达。")
    found = of(sheet)
    assert tables(found) == [
        [
            "序号 | 单位名称 | 金额（万元）",
            "1 | 示例市第一中学 | 120.5",
            "2 | 示例市实验小学（东校区） | 80",
            "3 |  | 33",
        ]
    ]
    assert [kept(found)[0], kept(found)[-1]] == ["附件：补助资金分配表", "以上金额均已下达。"]


def test_cells_that_span_rows_and_columns_are_told_once() -> None:
    sheet = Sheet()
    for x in (50, 120, 400):
        sheet.rule(x, 740, x, 680)
    sheet.rule(260, 720, 260, 680)
    for y, start in ((740, 50), (720, 50), (700, 120), (680, 50)):
        sheet.rule(start, y, 400, y)
    for x, y, text in (
        (53, 727, "类别"), (123, 727, "项目和标准"), (53, 697, "工程"), (123, 707, "施工"), (263, 707, "400万元"),
        (123, 687, "监理"), (263, 687, "100万元"),
    ):  # fmt: skip
        sheet.text(x, y, text)
    assert tables(of(sheet)) == [["类别 | 项目和标准", "工程 | 施工 | 400万元", "监理 | 100万元"]]


def test_a_table_drawn_as_one_path_that_a_matrix_moves() -> None:
    sheet = Sheet()
    sheet.drawn.append(
        "q 1 0 0 1 50 600 cm 0 0 m 300 0 l 0 20 m 300 20 l 0 40 m 300 40 l "
        "0 0 m 0 40 l 100 0 m 100 40 l 300 0 m 300 40 l S Q"
    )
    sheet.text(53, 627, "Name").text(153, 627, "Rate").text(53, 607, "Barge").text(153, 607, "33 per week")
    assert tables(of(sheet)) == [["Name | Rate", "Barge | 33 per week"]]


def test_a_table_with_rules_on_a_page_that_is_turned() -> None:
    sheet = Sheet(rotate=90)
    # As a reader sees it, x goes to the right and y upwards on a page that is HEIGHT wide.
    for x in (50, 200, 400):
        sheet.rule(600 - 500, x, 600 - 440, x)
    for y in (500, 470, 440):
        sheet.rule(600 - y, 50, 600 - y, 400)
    for x, y, text in ((53, 480, "Work"), (203, 480, "Year"), (53, 450, "Bridges"), (203, 450, "2025")):
        sheet.drawn.append(f"BT /F1 10 Tf 0 1 -1 0 {600 - y} {x} Tm ({text}) Tj ET")
    assert tables(of(sheet)) == [["Work | Year", "Bridges | 2025"]]


def test_a_table_goes_on_over_pages() -> None:
    head = ["序号", "单位", "金额"]
    parts = [[head, *([str(n), f"第{n}中学", str(n * 10)] for n in part)] for part in ((1, 2, 3), (4, 5), (6, 7))]
    sheets = []
    for number, rows in enumerate(parts, 1):
        sheet = Sheet().text(250, 785, "示例市教育局文件").text(295, 20, f"- {number} -")
        sheets.append(sheet.grid([50, 100, 300, 420], [740 - 20 * place for place in range(len(rows) + 1)], rows))
    sheets[-1].text(50, 640, "注：金额单位为万元。")
    found = of(*sheets)
    assert tables(found) == [["序号 | 单位 | 金额", *(f"{n} | 第{n}中学 | {n * 10}" for n in range(1, 8))]]
    assert kept(found)[0] == "示例市教育局文件"
    assert kept(found)[-1] == "注：金额单位为万元。"
    assert Counter(rule for rule, _ in left_out(found)) == {"page_number": 3, "running_head": 2}


def test_a_table_without_rules() -> None:
    sheet = Sheet().text(50, 750, "Grants by town", 14)
    rows = [("Town", "Applied", "Granted"), ("Elm", "1,200", "900"), ("Oakfield", "3,450", "3,000"), ("Ash", "120", "")]
    for place, row in enumerate(rows):
        for x, cell in zip((50, 220, 340), row, strict=True):
            if cell:
                sheet.text(x, 720 - 18 * place, cell)
    found = of(sheet.text(50, 600, "Grants that were not used by the end of the year are to be paid back."))
    assert tables(found) == [
        ["Town | Applied | Granted", "Elm | 1,200 | 900", "Oakfield | 3,450 | 3,000", "Ash | 120 | "]
    ]
    assert kept(found)[0] == "Grants by town"
    assert kept(found)[-1] == "Grants that were not used by the end of the year are to be paid back."


def test_a_table_between_three_rules_with_a_cell_of_two_lines() -> None:
    sheet = Sheet().rule(50, 745, 450, 745).rule(50, 725, 450, 725).rule(50, 630, 450, 630)
    for y, row in ((730, ("地区", "户数", "人口")), (705, ("东区", "1200", "3400")), (680, ("", "800", "2100"))):
        for x, cell in zip((60, 220, 360), row, strict=True):
            if cell:
                sheet.text(x, y, cell)
    sheet.text(60, 686, "西区（含高新").text(60, 674, "技术开发区）")
    for x, cell in zip((60, 220, 360), ("合计", "2000", "5500"), strict=True):
        sheet.text(x, 655, cell)
    assert tables(of(sheet)) == [
        ["地区 | 户数 | 人口", "东区 | 1200 | 3400", "西区（含高新技术开发区） | 800 | 2100", "合计 | 2000 | 5500"]
    ]


def test_numbers_set_off_from_the_clauses_behind_them_are_no_column() -> None:
    clauses = [f"Each owner shall keep mooring {number} clear of weeds and ropes;" for number in range(1, 7)]
    sheet = Sheet()
    for number, clause in enumerate(clauses, 1):
        sheet.text(50, 740 - 16 * number, f"{number}.").text(80, 740 - 16 * number, clause)
    assert kept(of(sheet)) == [f"{number}. {clause}" for number, clause in enumerate(clauses, 1)]


def test_heads_and_page_numbers_that_a_page_draws_first() -> None:
    sheets = []
    for number in range(1, 5):
        sheet = Sheet().text(250, 785, "River Board Annual Report").text(290, 20, f"Page {number} of 4")
        sheet.lines(
            50,
            740,
            [
                f"Part {number} of the report deals with the landings of reach {number}, which were inspected in the",
                "summer and found to be in a state that calls for repair.",
                f"The costs are given in annex {number}.",
            ],
        )
        sheets.append(sheet)
    found = of(*sheets)
    assert kept(found)[0] == "River Board Annual Report"
    assert [text for text in kept(found) if "costs" in text] == [
        f"The costs are given in annex {n}." for n in (1, 2, 3, 4)
    ]
    assert Counter(left_out(found)) == {
        ("running_head", "River Board Annual Report"): 3,
        **{("page_number", f"Page {number} of 4"): 1 for number in (1, 2, 3, 4)},
    }


def test_a_paragraph_goes_on_over_a_page() -> None:
    first = Sheet().lines(50, 90, ["The board shall publish the results of each inspection within thirty days of its"])
    first.text(295, 20, "- 1 -")
    second = Sheet().lines(50, 740, ["end, and shall keep them for ten years."]).text(295, 20, "- 2 -")
    assert kept(of(first, second)) == [
        "The board shall publish the results of each inspection within thirty days of its end, and shall keep them for "
        "ten years."
    ]


def test_a_heading_in_larger_letters_is_none_of_the_paragraph_below() -> None:
    sheet = Sheet().text(50, 740, "The inspection of the landings of the upper river", 14)
    sheet.lines(
        50, 715, ["Each landing is inspected twice a year by the board, which publishes what it", "finds there."]
    )
    assert kept(of(sheet)) == [
        "The inspection of the landings of the upper river",
        "Each landing is inspected twice a year by the board, which publishes what it finds there.",
    ]


def test_a_watermark_is_none_of_the_cells_that_it_crosses() -> None:
    rows = [["Town", "Sum"], ["Elm", "12"], ["Ash", "7"]]
    sheet = Sheet().grid([50, 200, 400], [740, 700, 660, 620], rows)
    sheet.drawn.append("BT /F1 30 Tf 0.87 0.5 -0.5 0.87 90 630 Tm (DRAFT) Tj ET")
    found = of(sheet)
    assert tables(found) == [["Town | Sum", "Elm | 12", "Ash | 7"]]
    assert kept(found)[-1] == "DRAFT"


WORDS = st.lists(
    st.tuples(
        st.integers(30, 500),
        st.integers(30, HEIGHT - 30),
        st.text(st.sampled_from("abcdefg 水利局"), min_size=1, max_size=12),
    ),
    min_size=1,
    max_size=25,
)
RULES = st.lists(st.tuples(st.integers(30, 560), st.integers(30, 770), st.integers(0, 300), st.booleans()), max_size=25)


@settings(deadline=None, max_examples=60)
@given(WORDS, RULES)
def test_no_letter_is_lost(words: list[tuple[int, int, str]], rules: list[tuple[int, int, int, bool]]) -> None:
    # On a grid of places words stand below and beside one another, not over each other: then each is told.
    placed = {(x // 120, y // 15): text for x, y, text in words}
    sheet = Sheet()
    for (x, y), text in placed.items():
        sheet.text(30 + 130 * x, 30 + 15 * y, text, 8)
    for x, y, length, flat in rules:
        sheet.rule(x, y, x + length * flat, y + length * (not flat))
    said = Counter(character for block in of(sheet).blocks for character in block.text if character not in " |\n")
    assert said == Counter(character for text in placed.values() for character in text if character != " ")
