"""Diffs as people and programs get them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.diff import diff
from crawler.diff_views import SILENT, About, FileStep, Side, clause_steps, summary, to_html, to_json, to_text
from crawler.schemas import schema
from storage.model import Attachment, Content, Fields

ABOUT = About(
    url="https://a.example/1.html",
    title="关于补贴标准的通知",
    old=Side(version=1, seen_at=datetime(2026, 3, 1, 2, tzinfo=UTC)),
    new=Side(version=None, seen_at=datetime(2026, 3, 9, 2, tzinfo=UTC)),
)
HOSTILE = "<script>alert(1)</script> \x1b[2J[bold]\u202e&amp; \ud800 \x9b31m \"'"


def content(*paragraphs: str, **fields: object) -> Content:
    return Content(fields=Fields(**fields), paragraphs=paragraphs)  # type: ignore[arg-type]


def lines(count: int) -> list[str]:
    return [f"第{n}条 关于第{n}类事项的规定。" for n in range(1, count + 1)]


def edited() -> tuple[Content, Content]:
    old = [*lines(20), "补贴标准为每人每月500元。", *lines(40)[20:]]
    new = [*old[:20], "补贴标准为每人每月800元。", *old[21:30], "新增的一段。", *old[31:]]
    new.append(new.pop(5))
    return content(*old, title="通知", published_on=date(2026, 3, 1)), content(*new, title="通知（修订）")


def test_a_silent_step_and_the_texts_of_files_are_shown() -> None:
    old, new = content("正文。", published_on=date(2026, 3, 1)), content("正文。", published_on=date(2026, 3, 1))
    before, after = content("附件一", "每户补助500元。"), content("附件一", "每户补助800元。")
    file = FileStep(url="https://a.example/1.pdf", name="附件1 \x1b[2J标准", step=diff(before, after), new=after)
    about = replace(ABOUT, silent=True)
    text = to_text(diff(old, new), new, about, marks=True, files=[file]).plain
    assert SILENT in text and "\x1b" not in text
    assert text.splitlines()[-3:] == [
        "     1 附件一",
        "~    2 每户补助[-500-]{+800+}元。",
        "       (附件一; amount)",
    ]
    html = to_html(diff(old, new), new, about, files=[file])
    assert SILENT in html and "<del>500</del><ins>800</ins>" in html
    shown = to_json(diff(old, new), about, [file])
    jsonschema.validate(shown, schema("diff"))
    assert shown["silent"] and shown["files"][0]["kinds"] == ["amount"]


def test_text_shows_hunks_with_two_lines_around() -> None:
    old, new = edited()
    text = to_text(diff(old, new), new, ABOUT, marks=True).plain.splitlines()
    assert text[1:3] == [
        "https://a.example/1.html",
        "version 1, 2026-03-01 02:00:00 +0000 -> 2026-03-09 02:00:00 +0000",
    ]
    assert "title: 通知{+（修订）+}" in text
    assert "published_on: [-2026-03-01-]" in text
    place = text.index("~   20 补贴标准为每人每月[-500-]{+800+}元。")
    assert text[place - 3 : place + 5] == [
        "       … 17 unchanged",
        "    18 第19条 关于第19类事项的规定。",
        "    19 第20条 关于第20类事项的规定。",
        text[place],
        "       (第20条第二款; amount)",
        "    21 第21条 关于第21类事项的规定。",
        "    22 第22条 关于第22类事项的规定。",
        "       … 5 unchanged",
    ]
    assert "-   31 第30条 关于第30类事项的规定。" in text
    assert "+   30 新增的一段。" in text
    assert ">   41 (was 6) 第6条 关于第6类事项的规定。" in text


def test_text_without_marks_has_the_same_words_in_colour() -> None:
    old, new = edited()
    text = to_text(diff(old, new), new, ABOUT, marks=False)
    assert "[-" not in text.plain
    coloured = {text.plain[span.start : span.end] for span in text.spans if span.style in ("red", "green")}
    assert {"500", "800", "（修订）"} <= coloured


def test_long_equal_words_are_elided_and_tables_are_indented() -> None:
    old, new = content("甲" * 500 + "一" + "乙" * 500, "名称 | 数量\n丙 | 1"), content("甲" * 500 + "二" + "乙" * 500)
    text = to_text(diff(old, new), new, ABOUT, marks=True).plain
    assert f"… {'甲' * 60}[-一-]{{+二+}}{'乙' * 60} …" in text
    assert "-    2 名称 | 数量\n       丙 | 1\n" in text


def test_summary_counts() -> None:
    old, new = edited()
    assert summary(diff(old, new)) == "1 changed, 1 added, 1 removed, 1 moved; title, published_on"
    assert summary(diff(old, old)) == "no difference"
    more = Content(fields=Fields(), paragraphs=(), attachments=(Attachment(url="u", name="n", sha256=None),))
    assert summary(diff(content(), more)) == "attachments: 1 added"


def test_clauses_are_told_by_what_happened_to_them() -> None:
    old = content(
        "第一条 为了方便群众，制定本办法。",
        "第二条 补贴每月500元。",
        "第三条 窗口应当公开流程。",
        "第四条 本办法由公共服务厅解释。",
    )
    new = content(
        "第一条 为了方便群众，制定本办法。",
        "第二条 补贴每月800元。",
        "第三条 不得向申请人收取任何费用，也不得指定经营者。",
        "第四条 窗口应当公开流程。",
        "第五条 本办法由公共服务厅解释。",
    )
    step = diff(old, new)
    assert clause_steps(step) == [
        ("第二条", "changed"),
        ("第三条", "new"),
        ("第三条", "now 第四条"),
        ("第四条", "now 第五条"),
    ]
    text = to_text(step, new, ABOUT, marks=True).plain
    assert "kinds: amount, numbering, wording" in text
    assert "clauses: 第二条 changed; 第三条 new" in text
    shown = to_json(step, ABOUT)
    jsonschema.validate(shown, schema("diff"))
    assert shown["clauses"][0] == {"clause": "第二条", "step": "changed"}
    assert "第二条; amount" in to_html(step, new, ABOUT)


class Page(HTMLParser):
    """The elements of a page, their attributes, and whether each is closed in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.values: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.values += [value or "" for name, value in attrs if name in ("href", "src", "action", "style")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(html: str) -> Page:
    page = Page()
    page.feed(html)
    page.close()
    assert not page.open
    return page


def test_html_is_whole_and_asks_nobody() -> None:
    old, new = edited()
    html = to_html(diff(old, new), new, ABOUT)
    page = parsed(html)
    assert page.values == []
    assert not set(page.tags) & {"script", "link", "img", "iframe", "a", "base"}
    assert "url(" not in html
    assert "<del>500</del><ins>800</ins>" in html
    assert "prefers-color-scheme: dark" in html


@pytest.mark.parametrize("old_hostile", [True, False])
def test_page_text_is_harmless_everywhere(old_hostile: bool) -> None:
    bad = Content(
        fields=Fields(title=HOSTILE, language='zh"><script>', editor=HOSTILE),
        paragraphs=("一", HOSTILE, "同" + HOSTILE),
        attachments=(Attachment(url=f"https://a.example/{HOSTILE}", name=HOSTILE, sha256=None),),
    )
    old, new = (bad, content("一")) if old_hostile else (content("一"), bad)
    about = About(url=HOSTILE, title=HOSTILE, old=ABOUT.old, new=ABOUT.new)
    html = to_html(diff(old, new), new, about)
    assert "script" not in parsed(html).tags
    text = to_text(diff(old, new), new, about, marks=True).plain
    for shown in (html, text):
        shown.encode()
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", shown)


texts = st.lists(st.text(max_size=10), max_size=5).map(tuple)


@given(old=texts, new=texts, title=st.none() | st.text(max_size=5))
@settings(max_examples=30, deadline=None)
def test_every_diff_has_every_view(old: tuple[str, ...], new: tuple[str, ...], title: str | None) -> None:
    before, after = content(*old), content(*new, title=title)
    step = diff(before, after)
    parsed(to_html(step, after, ABOUT))
    assert to_text(step, after, ABOUT, marks=False).plain
    jsonschema.validate(to_json(step, ABOUT), schema("diff"))


def test_json_names_places_and_words() -> None:
    old = Content(
        fields=Fields(published_on=date(2026, 3, 1)),
        paragraphs=("标准为500元。",),
        attachments=(Attachment(url="https://a.example/1.pdf", name="附件", sha256="0" * 64),),
    )
    shown = to_json(diff(old, content("标准为800元。")), ABOUT)
    jsonschema.validate(shown, schema("diff"))
    assert shown["old"] == {"version": 1, "seen_at": "2026-03-01T02:00:00.000Z"}
    assert shown["fields"] == [{"name": "published_on", "old": "2026-03-01", "new": None, "kinds": ["date"]}]
    assert shown["attachments"][0]["op"] == "removed"
    (hunk,) = shown["hunks"]
    assert (hunk["op"], hunk["old_index"], hunk["new_index"]) == ("changed", 0, 0)
    assert hunk["words"][1:3] == [{"op": "removed", "text": "500"}, {"op": "added", "text": "800"}]
