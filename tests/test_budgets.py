"""Each bound of a source's budget ends what lies beyond it, and the run says which one did."""

from __future__ import annotations

from pathlib import Path

import pytest

from spiders.source import Budget
from tests.crawling import Crawls, listing, notice
from tests.site import Page, Site

DOCUMENTS = r"/t\d+_\d+\.html$"


@pytest.fixture
def crawls(site: Site, archive_path: Path, sources_dir: Path, environment: dict[str, str]) -> Crawls:
    """Crawls of one site."""
    return Crawls(archive_path, sources_dir, environment, [site.host])


def path_of(folder: str, number: int) -> str:
    return f"/{folder}/t20240506_{4000 + number}.html"


def index(*urls: str) -> str:
    return "<sitemapindex>" + "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls) + "</sitemapindex>"


def test_each_bound_ends_what_lies_beyond(site: Site, crawls: Crawls) -> None:
    def document(folder: str, number: int, more: str = "") -> str:
        site.pages[path_of(folder, number)] = Page(notice(f"{folder}{number}通知", f"第{number}条。", more=more))
        return path_of(folder, number)

    for folder in ("pages", "links"):
        site.pages[f"/{folder}/"] = Page(listing(*(document(folder, number) for number in range(9))))
    for number in range(1, 9):
        onward = f"<div class='pager'><a href='/lists/index_{number}.html'>下一页</a></div></body>"
        here = "/lists/index.html" if number == 1 else f"/lists/index_{number - 1}.html"
        site.pages[here] = Page(listing(document("lists", number)).replace("</body>", onward))
    site.pages["/maps/all.xml"] = Page(index(*(site.url(f"/maps/{n}.xml") for n in range(9))))
    for number in range(9):
        url = site.url(document("maps", number))
        site.pages[f"/maps/{number}.xml"] = Page(f"<urlset><url><loc>{url}</loc></url></urlset>")
    files = "".join(f"<p><a href='/parts/{n}.pdf'>附件{n}.pdf</a></p>" for n in range(9))
    site.pages["/parts/"] = Page(listing(document("parts", 0, files)))
    for number in range(9):
        document("depth", number, f"<a href='{path_of('depth', number + 1)}'>下一篇</a>")
    site.pages["/depth/"] = Page(listing(path_of("depth", 0)))

    for key, keys in {
        "pages": {"lists": [site.url("/pages/")]},
        "list_pages": {"lists": [site.url("/lists/index.html")]},
        "sitemap_files": {"sitemaps": [site.url("/maps/all.xml")]},
        "parts": {"lists": [site.url("/parts/")]},
        "links_per_page": {"lists": [site.url("/links/")]},
        "depth": {"lists": [site.url("/depth/")], "follow": True},
    }.items():
        crawls.source(f"xx_{key}", documents=DOCUMENTS, budget={key: 3}, **keys)
    summaries = {
        each["source"]: each
        for each in crawls.run(
            *(f"xx_{key}" for key in ("pages", "list_pages", "sitemap_files", "parts", "links_per_page", "depth"))
        )
    }

    def asked(start: str) -> int:
        return sum(request.path.startswith(start) for request in site.requests)

    assert {name: set(summary["bounds"]) for name, summary in summaries.items()} == {
        name: {name.removeprefix("xx_")} for name in summaries
    }
    assert asked("/pages/t") == 3 and summaries["xx_pages"]["bounds"] == {"pages": 6}
    assert summaries["xx_pages"]["over_budget"] == 6
    assert asked("/lists/index") == 3
    assert asked("/maps/") - asked("/maps/t") == 3
    assert sum(request.path.endswith(".pdf") for request in site.requests) == 3
    assert asked("/links/t") == 3
    assert asked("/depth/t") == 4  # the first is named by the list, three lie behind it
    # What is known and lies beyond is left for later runs, not for ever.
    for _ in range(2):
        crawls.run("xx_pages")
    assert len({request.path for request in site.requests if request.path.startswith("/pages/t")}) == 9


def test_all_bounds_are_tested() -> None:
    bounds = set(Budget.__dataclass_fields__) - {"requests_per_day"}  # that one is a bound of a day
    assert bounds == {"pages", "list_pages", "sitemap_files", "parts", "links_per_page", "depth"}
