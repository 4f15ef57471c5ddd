"""Where lists end by a rule of their source: by days, by what was seen before."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.ends import BARE_PAGES, Beyond, Ends, Row
from spiders.source import Source
from storage.model import Resource, Role
from tests.crawling import DOCUMENTS, Crawls, notice
from tests.site import Page, Request, Site


def source(**keys: object) -> Source:
    return Source(name="cn_test", publisher="t", **keys)  # type: ignore[arg-type]


def page(number: int, folder: str = "zc") -> Resource:
    name = f"index_{number}.html" if number else "index.html"
    url = f"https://www.example.cn/{folder}/{name}"
    return Resource(resource_id=1_000 + number, url=url, source="cn_test", role=Role.LIST)


def rows(*numbers: int, day: str | None = None) -> list[Row]:
    return [Row(resource_id=n, hinted_on=date.fromisoformat(day) if day else None) for n in numbers]


def test_pages_are_asked_for_in_their_order_whatever_the_pager_names() -> None:
    ends = Ends(source(known_pages=1), lambda number: False)
    assert ends.onward(page(0), rows(1), [page(1), page(2), page(19)]) == [page(1)]
    assert ends.onward(page(1), rows(2), [page(0), page(2), page(10), page(19)]) == [page(2)]
    assert ends.onward(page(2), rows(3), [page(3), page(10)]) == [page(3)]
    assert ends.onward(page(3), rows(4), []) == [page(10)]


def test_a_page_of_older_documents_ends_a_list_and_one_old_row_does_not() -> None:
    ends = Ends(source(since=date(2024, 1, 1)), lambda number: False)
    pinned = rows(99, day="2019-05-01")
    pager = [page(1), page(2), page(3)]
    assert ends.onward(page(0), pinned + rows(1, 2, day="2024-06-01"), pager) == [page(1)]
    # What is pinned to each page says nothing, and what has no day may be new.
    assert ends.onward(page(1), pinned + rows(3, day="2023-12-01") + rows(4), pager) == [page(2)]
    assert ends.onward(page(2), pinned + rows(5, 6, day="2023-11-01"), pager) == []
    assert ends.onward(page(3), rows(7, day="2025-01-01"), pager) == []


def test_known_pages_in_a_row_end_a_list_but_for_pages_that_no_run_came_to() -> None:
    asked = {1, 2, 3, 4, *(page(number).resource_id for number in (1, 2, 3))}
    pager = [page(1), page(2), page(3)]
    ends = Ends(source(known_pages=2), asked.__contains__)
    assert ends.onward(page(0), rows(1), pager) == [page(1)]
    assert ends.onward(page(1), rows(2, 77), pager) == [page(2)]
    assert ends.onward(page(2), rows(3), [*pager, page(4)]) == [page(3)]
    assert ends.onward(page(3), rows(4), [*pager, page(4), page(5)]) == [page(4), page(5)]
    ends = Ends(source(known_pages=2), asked.__contains__)
    assert ends.onward(page(0), rows(1), pager) == [page(1)]
    assert ends.onward(page(1), rows(2), pager) == []


def test_columns_of_years_end_each_by_themselves() -> None:
    ends = Ends(source(since=date(2024, 1, 1)), lambda number: False)
    years = [page(100, "zc/2023"), page(200, "zc/2024")]
    assert ends.onward(page(0), rows(1, day="2024-06-01"), [*years, page(1)]) == [page(1), *years]
    assert ends.onward(years[0], rows(2, day="2023-06-01"), [page(101, "zc/2023")]) == []
    assert ends.onward(years[1], rows(3, day="2024-03-01"), [page(201, "zc/2024")]) == [page(201, "zc/2024")]


def test_without_a_rule_nothing_ends() -> None:
    assert not Ends(source(), lambda number: True).is_wanted


@pytest.fixture
def crawls(site: Site, archive_path: object, sources_dir: object, environment: dict[str, str]) -> Crawls:
    return Crawls(archive_path, sources_dir, environment, [site.host])  # type: ignore[arg-type]


def serve(site: Site, *documents: tuple[int, str], pages: int = 4) -> None:
    """Put up a list of some pages, two documents on each, one more pinned to the top of all."""
    for number, _ in documents:
        site.pages[f"/zc/t20240506_{number}.html"] = Page(notice(f"关于第{number}号事项的通知"))
    size = -(-(len(documents) - 1) // pages)
    pager = "".join(f"<a href='/zc/index_{n}.html'>{n + 1}</a> " for n in range(1, pages))
    for n in range(pages):
        shown = [documents[0], *documents[1:][n * size : (n + 1) * size]]
        items = "".join(
            f"<li><a href='/zc/t20240506_{number}.html'>关于第{number}号事项的通知</a> <span>{day}</span></li>"
            for number, day in shown
        )
        name = f"/zc/index_{n}.html" if n else "/zc/index.html"
        site.pages[name] = Page(f"<html><title>通知</title><ul>{items}</ul><div>{pager}</div></html>")


def lists(site: Site) -> list[str]:
    return [path for path in site.paths() if "index" in path]


def test_a_run_stops_where_its_source_says(site: Site, crawls: Crawls) -> None:
    documents = [(1, "2019-01-01"), *((n, f"20{26 - n // 2}-05-01") for n in range(2, 10))]
    serve(site, *documents)
    keys = {"lists": [site.url("/zc/index.html")], "documents": DOCUMENTS}
    crawls.source(**keys, since=date(2024, 1, 1))
    (summary,) = crawls.run()
    # A pinned document of 2019 ends nothing; the page of 2023 does, and what it names is taken.
    assert lists(site) == ["/zc/index.html", "/zc/index_1.html", "/zc/index_2.html"]
    assert summary["events"] == {"new": 7}
    # A page that no run came to is read, whatever is known before it.
    crawls.source(**keys, known_pages=1)
    site.requests.clear()
    assert crawls.run()[0]["events"] == {"new": 2}
    assert lists(site) == ["/zc/index.html", "/zc/index_3.html"]
    site.requests.clear()
    crawls.run()
    assert lists(site) == ["/zc/index.html"]
    # One new document below known ones, and a known page is none any more.
    site.requests.clear()
    serve(site, documents[0], (50, "2026-06-01"), *documents[1:])
    assert crawls.run()[0]["events"] == {"new": 1}
    assert lists(site) == ["/zc/index.html", "/zc/index_1.html"]


def test_pages_beyond_the_end_repeat_or_are_bare() -> None:
    beyond, some, none = Beyond(), frozenset({1, 2}), frozenset[int]()
    assert not beyond.is_beyond(page(0), some)
    assert beyond.is_beyond(page(7), some)
    assert not beyond.is_beyond(page(0), some)
    # The same documents under another path are another list's.
    assert not beyond.is_beyond(page(8, "gg"), frozenset({3})) and not beyond.is_beyond(page(8), frozenset({3}))
    for number in range(20, 20 + BARE_PAGES):
        assert not beyond.is_beyond(page(number), none)
        beyond.names(page(number), none, [page(number + 1)])
    assert beyond.is_beyond(page(20 + BARE_PAGES), none)
    # One that a page with documents names, too, is none of them.
    beyond.names(page(0), some, [page(20 + BARE_PAGES)])
    assert not beyond.is_beyond(page(20 + BARE_PAGES), none)


def test_a_pager_without_end_is_left(site: Site, crawls: Crawls) -> None:
    """Each number is answered, with a link to the next one; from the fourth on, without a row."""

    def answer(request: Request) -> Page:
        number = int(request.path.partition("page=")[2] or 1)
        row = f"<li><a href='/zc/t20240506_400{number}.html'>关于第{number}号事项的通知</a></li>" if number < 4 else ""
        return Page(f"<html><ul>{row}</ul><a href='?page={number + 1}'>下一页</a></html>")

    site.pages["/zc/list.html"] = answer
    for number in range(1, 4):
        site.pages[f"/zc/t20240506_400{number}.html"] = Page(notice("通知", f"第{number}条。"))
    crawls.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS)
    (summary,) = crawls.run()
    assert (summary["end"], summary["events"]) == ("finished", {"new": 3})
    assert sum(path.startswith("/zc/list") for path in site.paths()) == 3 + 1 + BARE_PAGES
