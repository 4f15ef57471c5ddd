"""A site over two days: what a site serves in the place of documents, where they went, what is told quietly."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from subprocess import CompletedProcess

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.compose import content_sha256, folded_sha256
from crawler.judge import Sighting, stand_ins
from crawler.schemas import schema
from storage import Archive
from storage.model import Content, DocumentState, EventKind, Fields, Outcome
from tests.crawling import DOCUMENTS, ROOT, Crawls, kinds, listing, notice
from tests.site import Page, Site

NEW, CHANGED, REMOVED, RESTORED, MOVED = EventKind
HOUR = "/zc/t20240506_{}.html"
# A page that a site serves for whatever it has not: long, and nothing on it says so.
FRONT = Page(
    "<html><head><title>澜江省公共服务厅</title></head><body><h1>澜江省公共服务厅</h1>"
    + "".join(
        f"<p>栏目{n}：本厅负责全省公共服务体系的规划、建设和监督管理，欢迎各界人士提出意见。</p>" for n in range(9)
    )
    + "</body></html>"
)


def page(number: int, text: str, **keys: str) -> Page:
    return Page(notice(f"关于{number}号事项的通知", f"事项编号为{number}。{text}", **keys))


@pytest.fixture(scope="module")
def two_days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Crawls, Site]]:
    """Crawl a site on two days, on the second one twice: what is gone must say so again."""
    folder = tmp_path_factory.mktemp("life")
    (folder / "sources").mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment = {**kept, "PYTHONPATH": str(ROOT)}
    with Site() as site:
        first = [HOUR.format(n) for n in range(8)]
        for n, path in enumerate(first):
            site.pages[path] = page(n, "各县区应当于“五月底”前报送，逾期不予受理。")
        site.pages["/zc/list.html"] = Page(listing(*first))
        crawls = Crawls(folder / "archive.db", folder / "sources", environment, allow=[site.host], clock_scale=1e6)
        crawls.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS)
        crawls.run()
        site.pages[first[1]] = site.pages[first[2]] = FRONT
        site.pages[first[3]] = Page("<h1>404 Not Found</h1>", status=404)
        site.pages[HOUR.format("0099")] = page(3, "各县区应当于“五月底”前报送，逾期不予受理。")
        site.pages[first[4]] = page(4, '各县区应当于"五月底"前报送,逾期不予受理.')
        site.pages[first[5]] = page(5, "各县区应当于“五月底”前报送，逾期不予受理。", footer="访问量：18")
        site.pages[first[6]] = page(6, "各县区应当于“六月底”前报送，逾期不予受理。")
        site.pages["/zc/list.html"] = Page(listing(*first, HOUR.format("0099")))
        crawls.run()
        crawls.run()
        yield crawls, site


def test_one_page_in_the_place_of_two_documents_is_no_document(two_days: tuple[Crawls, Site]) -> None:
    crawls, site = two_days
    with crawls.open() as archive:
        for n in (1, 2):
            url = site.url(HOUR.format(n))
            assert kinds(archive, url) == [NEW, REMOVED]
            document = archive.find_document(url)
            assert document.state is DocumentState.GONE
            assert document.versions == 1
            assert archive.fetches(document.document_id)[0].outcome is Outcome.SOFT_404


def test_the_same_text_at_a_new_address_has_moved(two_days: tuple[Crawls, Site]) -> None:
    crawls, site = two_days
    with crawls.open() as archive:
        assert kinds(archive, site.url(HOUR.format(3))) == [NEW, MOVED]
        document = archive.find_document(site.url(HOUR.format(3)))
        assert document.url == site.url(HOUR.format("0099"))
        assert document.state is DocumentState.ACTIVE
        assert document.versions == 1


def test_typography_alone_is_a_quiet_version(two_days: tuple[Crawls, Site]) -> None:
    crawls, site = two_days
    with crawls.open() as archive:
        document = archive.find_document(site.url(HOUR.format(4)))
        events = list(archive.events(document_id=document.document_id))
        assert [(e.kind, e.quiet) for e in events] == [(NEW, None), (CHANGED, "typography")]
        assert document.versions == 2
        assert waiting(archive) == 5  # two removed, one moved, one changed, and nothing quiet: see below


def waiting(archive: Archive) -> int:
    """Return how many events the outbox holds, and one for the quiet event that it does not."""
    import sqlite3

    connection = sqlite3.connect(archive.path)
    try:
        return int(connection.execute("select count(*) from outbox").fetchone()[0]) + 1
    finally:
        connection.close()


def test_noise_is_kept_with_its_rule(
    two_days: tuple[Crawls, Site], policytrail: Callable[..., CompletedProcess[str]]
) -> None:
    crawls, site = two_days
    options = ["--archive", str(crawls.archive), "--sources", str(crawls.sources), "--json"]
    told = policytrail("changes", "--noise", *options)
    noise = json.loads(told.stdout)
    jsonschema.validate(noise, schema("noise"))
    assert [one["url"] for one in noise] == [site.url(HOUR.format(5))]
    assert noise[0]["rules"]
    late = policytrail("changes", "--late", *options)
    assert json.loads(late.stdout) == []
    assert "typography" not in policytrail("changes", *options[:-1]).stdout
    assert "typography" in policytrail("changes", "--quiet", *options[:-1]).stdout
    assert policytrail("changes", "--noise", "--late", *options).returncode == 2


def test_one_text_at_two_addresses_is_no_sign_by_itself() -> None:
    twice = [Sighting(fetch_id=n, resource_id=n, text_key="a", out_of_place=False) for n in (1, 2)]
    assert stand_ins(twice) == {}
    one = [twice[0], Sighting(fetch_id=2, resource_id=2, text_key="a", out_of_place=True)]
    assert stand_ins(one) == {}
    both = [Sighting(fetch_id=n, resource_id=n, text_key="a", out_of_place=True) for n in (1, 2)]
    assert stand_ins(both) == {1: 2, 2: 2}


def content(text: str, title: str = "通知") -> Content:
    return Content(fields=Fields(title=title), paragraphs=(text,))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("“五月”底，报送（一式两份）；", '"五月"底,报送(一式两份);'),
        ("the minister's “word” – as given…", 'the minister’s "word" - as given...'),
        ("２０２４年", "2024年"),
    ],
)
def test_typography_folds(old: str, new: str) -> None:
    assert content_sha256(content(old)) != content_sha256(content(new))
    assert folded_sha256(content(old)) == folded_sha256(content(new))


@given(
    st.text(alphabet="一二三不应当可以0123456789%a b.", max_size=30), st.text(alphabet="一不0123456789%a", min_size=1)
)
def test_words_and_figures_never_fold(text: str, more: str) -> None:
    assert folded_sha256(content(text)) != folded_sha256(content(text + more))
