from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.traps import Said, made_up
from storage.model import Block, BlockKind, EventKind, Extraction, Fields
from tests.crawling import Crawls, notice
from tests.site import Page, Request, Site

TODAY = date(2024, 5, 6)
ORIGIN = "https://www.example.cn"


@pytest.fixture
def crawls(site: Site, archive_path: Path, sources_dir: Path, environment: dict[str, str]) -> Crawls:
    """Crawls of one site."""
    return Crawls(archive_path, sources_dir, environment, [site.host])


@pytest.mark.parametrize(
    "path",
    [
        "/a/a/a/1.html",
        "/news/list/news/list/news/list/",
        "/" + "/".join(f"d{n}" for n in range(30)),
        "/list#post:" + "q" * 2_600,
        "/events/2031/7",
        "/calendar/2027-01-04.html",
        "/events?date=2030-01-01",
        "/events?year=2029&month=3",
        "/list?" + "&".join(f"f{n}=1" for n in range(40)),
        "/list?tag=a&tag=a&tag=a",
    ],
)
def test_no_document_has_such_an_address(path: str) -> None:
    assert made_up(ORIGIN + path, today=TODAY)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/zc/202405/t20240506_4001.html",
        "/art/2024/5/6/art_1234_567890.html",
        "/2011/11/11/11/story/",
        "/zcwj/zcwj/gfxwj/202401/t20240101_1.html",
        "/gongbao/content/1955/content_1.htm",
        "/2025/01/01/budget/",
        "/plan-2026-2030/",
        "/plan/2035/outline.html",
        "/content.jsp?col=12&id=203001",
        "/search?tag=a&tag=b",
        "/col/art_2874_9.html",
        "/t30991231123_1.html",
    ],
)
def test_documents_have_such_addresses(path: str) -> None:
    assert made_up(ORIGIN + path, today=TODAY) is None


def test_a_list_may_name_columns_by_numbers_like_years() -> None:
    assert made_up(f"{ORIGIN}/2874/3/", today=None) is None


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_address_is_judged(path: str, query: str) -> None:
    made_up(f"{ORIGIN}/{path}?{query}", today=TODAY)


def said(*texts: str) -> Extraction:
    return Extraction(
        blocks=tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in texts), fields=Fields(title="通知")
    )


def test_what_was_said_is_no_news_from_another_address() -> None:
    told = Said()
    assert told.is_news(1, said("第一条"))
    assert told.is_news(1, said("第一条"))
    assert not told.is_news(2, said("第一条"))
    assert told.is_news(3, said("第二条"))
    assert not told.is_news(4, said())


def test_filters_in_all_combinations_are_one_document(site: Site, crawls: Crawls) -> None:
    def answer(request: Request) -> Page:
        chosen = request.path.partition("?")[2]
        links = "".join(f"<a href='/zc/t20240506_4001.html?{chosen}{letter}=1&'>{letter}</a>" for letter in "abc")
        return Page(notice("关于做好有关工作的通知", "第一条。", more=links))

    site.pages["/zc/t20240506_4001.html"] = answer
    crawls.source(urls=[f"{site.origin}/zc/t20240506_4001.html"], documents=[r"/zc/t\d+_\d+\.html"], follow=True)
    (summary,) = crawls.run()
    assert summary["asked"] == 1 + 1 + 3  # robots.txt, the page, what it names: nothing that those name
    with crawls.open() as archive:
        assert len(list(archive.documents())) == 1
        assert [event.kind for event in archive.events()] == [EventKind.NEW]


def test_pages_that_differ_are_followed(site: Site, crawls: Crawls) -> None:
    for number in range(4):
        link = f"<a href='/zc/t20240506_400{number + 1}.html'>下一篇</a>"
        site.pages[f"/zc/t20240506_400{number}.html"] = Page(notice(f"第{number}号通知", f"第{number}条。", more=link))
    site.pages["/zc/t20240506_4004.html"] = Page(notice("最后的通知", "没有了。"))
    crawls.source(urls=[f"{site.origin}/zc/t20240506_4000.html"], documents=[r"/zc/t\d+_\d+\.html"], follow=True)
    crawls.run()
    with crawls.open() as archive:
        assert len(list(archive.documents())) == 5


def test_a_page_under_every_number_is_not_asked_for_to_the_last(site: Site, crawls: Crawls) -> None:
    """One copy is usual: the first page under a second address."""

    def pager(count: int) -> str:
        links = "".join(f"<a href='?page={number}'>{number}</a> " for number in range(1, count + 1))
        return f"<div class='pager'>{links}</div>"

    def true(request: Request) -> Page:
        number = request.path.partition("?page=")[2] or "1"
        return Page(notice("甲通知", f"第{number}页的内容。", more=pager(6)))

    site.pages["/a.html"] = true
    site.pages["/b.html"] = lambda request: Page(notice("乙通知", "总是这一页。", more=pager(60)))
    crawls.source(urls=[site.url("/a.html"), site.url("/b.html")])
    crawls.run()
    asked = [request.path for request in site.requests]
    assert {f"/a.html?page={number}" for number in range(2, 7)} <= set(asked)
    assert 3 <= sum(path.startswith("/b.html?") for path in asked) < 15
    with crawls.open() as archive:
        texts = {each.url: archive.versions(each.document_id)[0].content.text for each in archive.documents()}
    assert all(f"第{number}页的内容" in texts[site.url("/a.html")] for number in range(1, 7))
