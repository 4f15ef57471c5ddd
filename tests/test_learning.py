"""What a crawl learns of a source is in force in the next one, and announces nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from crawler.rederive import rederive
from crawler.workers import Workers
from spiders.loader import load
from storage import Archive
from storage.model import DocumentState, Outcome
from tests.crawling import DOCUMENTS, Crawls, listing, rows
from tests.site import Page, Site
from tests.test_profile import SPAM, page

PATHS = [f"/zc/t20240506_{number}.html" for number in range(8)]


@pytest.fixture
def crawls(tmp_path: Path, sources_dir: Path, environment: dict[str, str], site: Site) -> Crawls:
    crawls = Crawls(archive=tmp_path / "archive.db", sources=sources_dir, environment=environment, allow=[site.host])
    crawls.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS, learn=True)
    site.pages["/zc/list.html"] = Page(listing(*PATHS))
    return crawls


def article(number: int, *more: str) -> Page:
    paragraphs = "".join(f"<p>{block.text}</p>" for block in page(number, *more).blocks)
    title = f"第{number}号工作动态"
    return Page(
        f"<html><head><meta charset='utf-8'><title>{title}</title></head><body><h1>{title}</h1>"
        f"<div class='content'>{paragraphs}</div></body></html>"
    )


def test_a_profile_is_learned_at_the_end_of_a_run_and_in_force_from_the_next(site: Site, crawls: Crawls) -> None:
    for number, path in enumerate(PATHS):
        site.pages[path] = article(number)
    crawls.run()
    for number, path in enumerate(PATHS[:6]):
        site.pages[path] = article(number, SPAM)
    assert crawls.run()[0]["events"] == {"changed": 6}
    with crawls.open() as archive:
        (version,) = archive.versions(archive.find_document(site.url(PATHS[0])).document_id)[1:]
        assert SPAM in version.content.text
    said = rows(crawls.archive, "event", "outbox")
    source = load(crawls.sources).get("cn_test")
    assert crawls.run()[0]["events"] == {}
    assert rows(crawls.archive, "event", "outbox") == said
    with crawls.open() as archive:
        (version,) = archive.versions(archive.find_document(site.url(PATHS[0])).document_id)
        assert SPAM not in version.content.text
        before = archive.newest_profile(source.name)
        assert before is not None
    crawls.run()
    with crawls.open() as archive:
        assert archive.newest_profile(source.name) == before


def test_a_dry_run_says_what_a_new_profile_takes_out(site: Site, crawls: Crawls) -> None:
    for number, path in enumerate(PATHS):
        site.pages[path] = article(number, SPAM)
    crawls.run()
    with Archive.open(crawls.archive) as archive, Workers(1) as workers:
        # As if the run had ended before it learned.
        with archive.write():
            archive._db.execute("delete from profile where profile_id not in (select profile_id from version)")
        source = load(crawls.sources).get("cn_test")
        tried = rederive(archive, source, workers, dry_run=True, progress=lambda state: None)
        assert {block.text for block in tried.removed} == {SPAM}
        assert {block.url for block in tried.removed} == {site.url(path) for path in PATHS}
        assert len(tried.altered) == len(PATHS)
        assert all(SPAM in v.content.text for d in archive.documents() for v in archive.versions(d.document_id))
        rederive(archive, source, workers, dry_run=False, progress=lambda state: None)
        assert not any(SPAM in v.content.text for d in archive.documents() for v in archive.versions(d.document_id))


def elsewhere(path: str) -> Page:
    """Return a page in words that no general rule knows, as a site sends it for whatever it does not have."""
    advice = "不妨回到云端，再选一条路线，或者拨打热线让工作人员为您指引方向，感谢您的耐心与理解。"
    return Page(
        "<html><head><meta charset='utf-8'><title>示例省公共服务厅</title></head><body><h1>小雨滴迷路了</h1>"
        f"<div class='content'><p>小雨滴找遍了整片天空，也没能带您抵达 {path}。</p>"
        + "".join(f"<p>路线之{name}：{advice}</p>" for name in "甲乙丙丁戊己庚辛")
        + "</div></body></html>"
    )


def test_a_page_that_the_site_sent_with_status_404_is_known_again_when_it_comes_with_200(
    site: Site, crawls: Crawls
) -> None:
    crawls.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS)
    for number, path in enumerate(PATHS):
        site.pages[path] = article(number)
    for path in PATHS[:2]:
        site.pages[path] = replace(elsewhere(path), status=404)
    site.pages[PATHS[6]] = elsewhere(PATHS[6])  # nothing is known of it yet: it passes for a document
    crawls.run()
    said = rows(crawls.archive, "event", "outbox")
    site.pages[PATHS[5]] = elsewhere(PATHS[5])
    assert crawls.run()[0]["events"] == {}
    assert rows(crawls.archive, "event", "outbox") == said
    with crawls.open() as archive:
        document = archive.find_document(site.url(PATHS[5]))
        assert archive.fetches(document.document_id)[0].outcome is Outcome.SOFT_404
        assert document.versions == 1 and document.state is not DocumentState.ACTIVE
        known = archive.newest_profile("cn_test")
    site.pages[PATHS[5]] = article(5)
    assert crawls.run()[0]["events"] == {}
    with crawls.open() as archive:
        assert archive.find_document(site.url(PATHS[5])).state is DocumentState.ACTIVE
        assert archive.find_document(site.url(PATHS[5])).versions == 1
        assert archive.newest_profile("cn_test") == known
