from __future__ import annotations

import pytest
from lxml import html

from crawler.extract.pager import attachments_of, parts_of
from spiders.paging import page_stem

OWN = "https://www.example.cn/a/content_117.htm"


@pytest.mark.parametrize(
    ("url", "stem", "number"),
    [
        ("https://e.cn/a/content_117191234_2.htm", "https://e.cn/a/content_117191234.htm", 2),
        ("https://e.cn/a/t20240501_4000000.html", "https://e.cn/a/t20240501_4000000.html", None),
        ("https://e.cn/a/t20240501_4000000_1.html", "https://e.cn/a/t20240501_4000000.html", 1),
        ("https://e.cn/a/news-2.shtml", "https://e.cn/a/news.shtml", 2),
        ("https://e.cn/a/story/2/", "https://e.cn/a/story/", 2),
        ("https://e.cn/a/page/3/", "https://e.cn/a/", 3),
        ("https://e.cn/show.jsp?id=4000000&page=2", "https://e.cn/show.jsp?id=4000000", 2),
        ("https://e.cn/show?p=2", "https://e.cn/show", 2),
        ("https://e.cn/show?id=2", "https://e.cn/show?id=2", None),
        ("https://e.cn/index_3.html", "https://e.cn/index.html", 3),
        ("https://[broken", "https://[broken", None),
    ],
)
def test_page_stem(url: str, stem: str, number: int | None) -> None:
    assert page_stem(url) == (stem, number)


def links(markup: str, url: str = OWN) -> list[tuple[str, int | None]]:
    return [(link.url, link.number) for link in parts_of(html.document_fromstring(markup), url)]


def test_a_pager_of_the_document() -> None:
    markup = (
        '<div><b>1</b> <a href="content_117_2.htm">2</a> <a href="content_117_3.htm">[3]</a>'
        '<a href="content_117_2.htm">下一页</a></div>'
    )
    assert links(markup) == [
        ("https://www.example.cn/a/content_117_2.htm", 2),
        ("https://www.example.cn/a/content_117_3.htm", 3),
    ]


def test_marks_from_one_keep_the_shown_number() -> None:
    assert links('<a href="content_117_1.htm">2</a>') == [("https://www.example.cn/a/content_117_1.htm", 2)]


def test_rel_next_is_enough() -> None:
    assert links('<a rel="next" href="content_117_2.htm">Go on reading</a>') == [
        ("https://www.example.cn/a/content_117_2.htm", None)
    ]


@pytest.mark.parametrize(
    "anchor",
    [
        '<a href="content_118.htm">2</a>',
        '<a href="content_118_2.htm">2</a>',
        '<a href="https://other.example/a/content_117_2.htm">2</a>',
        '<a href="content_117_2.htm">Photos</a>',
        '<a href="content_117.htm#2">2</a>',
        '<a href="/calendar/2024/05/2">2</a>',
        '<a href="index_2.htm">2</a>',
        '<a href="content_116_2.htm">下一篇</a>',
        '<a href="javascript:go(2)">2</a>',
        '<a href="https://[x/content_117_2.htm">2</a>',
    ],
)
def test_what_is_no_part(anchor: str) -> None:
    assert links(anchor) == []


def test_of_a_part_the_counts_must_agree() -> None:
    own = "https://www.example.cn/a/content_117_2.htm"
    assert links('<a href="content_117_3.htm">3</a><a href="content_117_12.htm">3</a>', own) == [
        ("https://www.example.cn/a/content_117_3.htm", 3)
    ]
    # A document that only looks like a part: its neighbours are other documents.
    assert links('<a href="chapter_13.htm">下一页</a>', "https://www.example.cn/a/chapter_12.htm") == []


def files(markup: str) -> list[tuple[str, str]]:
    tree = html.document_fromstring(markup)
    return [(link.url, link.name) for link in attachments_of(tree.iter("a"), OWN)]


def test_files_by_ending_and_by_name() -> None:
    markup = (
        '<a href="P01.docx">附件1：标准.docx</a><a href="/x/%E8%A1%A8.xlsx"></a><a href="P01.docx">again</a>'
        '<a href="/download?id=7">附件2：表格.pdf</a><a href="/about?id=7">annual.pdf</a><a href="b.html">b</a>'
    )
    assert files(markup) == [
        ("https://www.example.cn/a/P01.docx", "附件1：标准.docx"),
        ("https://www.example.cn/x/%E8%A1%A8.xlsx", "表.xlsx"),
        ("https://www.example.cn/download?id=7", "附件2：表格.pdf"),
    ]
