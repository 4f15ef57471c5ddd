"""What a resource is follows what lists, and the source itself, say now."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from storage import Archive
from storage.as_of import ArchiveAt
from storage.model import DocumentState, Role
from tests.conftest import Command
from tests.crawling import Crawls, kinds, listing, notice, state
from tests.site import Page, Site

LIST = "/zc/list.html"
FIRST, SECOND = "/zc/t20240506_4001.html", "/zc/t20240506_4009.html"
FILE = "/zc/files/t20240506_4009.txt"
EITHER = r"/t\d{8}_\d+\.(html|txt)$"


@pytest.fixture
def crawls(site: Site, archive_path: Path, sources_dir: Path, environment: dict[str, str]) -> Crawls:
    site.pages[LIST] = Page(listing(FIRST))
    site.pages[FIRST] = Page(notice("通知", "正文。", more=f"<p><a href='{FILE}'>附件：名单.txt</a></p>"))
    site.pages[SECOND] = Page(notice("通知", "另一件。"))
    site.pages[FILE] = Page("名单：甲、乙、丙。" * 40, {"Content-Type": "text/plain; charset=utf-8"})
    return Crawls(archive_path, sources_dir, environment, [site.host])


def role(archive: Archive, url: str) -> Role:
    number = archive.resource_id(url)
    assert number is not None
    return archive.resource(number).role


def test_an_attachment_that_is_listed_is_a_document_too(
    site: Site, crawls: Crawls, policytrail: Command, sources_dir: Path
) -> None:
    crawls.source(lists=[site.url(LIST)], documents=EITHER)
    crawls.run()
    with crawls.open() as archive:
        assert role(archive, site.url(FILE)) is Role.ATTACHMENT
        ended = archive.runs()[0].ended_at
    site.pages[LIST] = Page(listing(FIRST, FILE, SECOND))
    site.requests.clear()
    crawls.run()
    assert site.paths().count(FILE) == 1
    with crawls.open() as archive:
        assert role(archive, site.url(FILE)) is Role.MAIN
        assert {document.url for document in archive.documents()} == {site.url(p) for p in (FIRST, FILE, SECOND)}
        assert [kinds(archive, site.url(path)) for path in (FIRST, FILE, SECOND)] == [["new"]] * 3
        first = archive.find_document(site.url(FIRST))
        # It is the other one's file as before.
        files = [p.resource_id for p in archive.versions(first.document_id)[-1].pieces if p.role is Role.ATTACHMENT]
        assert files == [archive.resource_id(site.url(FILE))]
        runs = archive.runs()
        earlier = {fetch.url: of for fetch, of in archive.chain_fetches(runs[1].root_id)}
        later = {fetch.url: of for fetch, of in archive.chain_fetches(runs[0].root_id)}
    assert (earlier[site.url(FILE)], later[site.url(FILE)]) == (Role.ATTACHMENT, Role.MAIN)
    # Made again, or as it was before, the archive says the same.
    before = state(crawls.archive)
    again = policytrail("derive", "cn_test", "--archive", str(crawls.archive), "--sources", str(sources_dir))
    assert again.returncode == 0 and "nothing alters" in again.stdout, again.stderr
    assert state(crawls.archive) == before
    assert isinstance(ended, datetime)
    with ArchiveAt.open_at(crawls.archive, ended) as archive:
        assert role(archive, site.url(FILE)) is Role.ATTACHMENT
    # Nothing is said of it twice, and it stays when the list no longer names it.
    site.pages[LIST] = Page(listing(FIRST, SECOND))
    crawls.run()
    assert state(crawls.archive) == before


def test_a_document_is_of_the_source_whose_list_names_it(site: Site, crawls: Crawls) -> None:
    site.pages["/lists.html"] = Page(listing(FILE))
    crawls.source(lists=[site.url(LIST)], documents=r"/t\d{8}_\d+\.html$")
    crawls.source("cn_files", lists=[site.url("/lists.html")], documents=r"\.txt$")
    crawls.run()
    crawls.run("cn_files")
    crawls.run()
    with crawls.open() as archive:
        assert {document.url: document.source for document in archive.documents()} == {
            site.url(FIRST): "cn_test",
            site.url(FILE): "cn_files",
        }
        assert kinds(archive, site.url(FIRST)) == kinds(archive, site.url(FILE)) == ["new"]


def test_what_a_source_begins_at_is_what_it_says_now(site: Site, crawls: Crawls) -> None:
    # A list that somebody took for a document, and then corrects; and the other way round.
    site.pages[LIST] = Page(notice("公告", "这里将列出文件。"))
    crawls.source(urls=[site.url(LIST)])
    crawls.run()
    crawls.source(lists=[site.url(LIST)], documents=EITHER)
    site.pages[LIST] = Page(listing(FIRST, SECOND))
    crawls.run()
    with crawls.open() as archive:
        assert kinds(archive, site.url(LIST)) == ["new"]
        assert archive.find_document(site.url(LIST)).state is DocumentState.ACTIVE
        assert kinds(archive, site.url(FIRST)) == ["new"]
    crawls.source(urls=[site.url(LIST)])
    site.pages[LIST] = Page(notice("公告", "这里不再列出文件。"))
    crawls.run()
    with crawls.open() as archive:
        assert kinds(archive, site.url(LIST)) == ["new", "changed"]
