"""The demo site serves what it declares, and changes exactly as CHANGES says."""

from __future__ import annotations

import io
import re
import threading
import tomllib
from http.client import HTTPConnection, HTTPResponse, IncompleteRead, RemoteDisconnected
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

import docx
import lxml.html
import pypdfium2
import pytest
from lxml import etree

from crawler.demo import answers
from crawler.demo.answers import ATTACHED, DISCOVERY, PAGES, answer
from crawler.demo.changes import CHANGES, Change
from crawler.demo.site import DemoSite
from spiders.source import Source
from storage.model import EventKind
from tests.site import Page, Request, Site

ORIGIN = "http://127.0.0.1:1"
PATHS = [page.path for page in PAGES] + [attached.path for attached in ATTACHED]
FIRST_DAY = [page.path for page in PAGES if page.first_day == 0]


def get(origin: str, path: str, **headers: str) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection(urlsplit(origin).netloc, timeout=10)
    try:
        connection.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def text_of(path: str, day: int) -> str:
    """What a reader finds in an answer, from the bytes alone."""
    body = answer(path, origin=ORIGIN, day=day).body
    if path.endswith(".pdf"):
        with pypdfium2.PdfDocument(body) as document:
            return "\n".join(page.get_textpage().get_text_range() for page in document)
    if path.endswith(".docx"):
        return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(body)).paragraphs)
    return lxml.html.fromstring(body).text_content()


def links(path: str, day: int) -> list[str]:
    """Every address that a page names, as a path of the site where it lies on it."""
    page = lxml.html.fromstring(answer(path, origin=ORIGIN, day=day).body, base_url=ORIGIN + path)
    page.make_links_absolute()
    return [str(link).removeprefix(ORIGIN) for link in page.xpath("//a/@href")]


# The pages


@pytest.mark.parametrize("page", [page for page in PAGES if page.first_day == 0], ids=lambda page: page.path)
def test_each_page_is_served_as_declared(page: answers.Page, demo_site: DemoSite) -> None:
    response, body = get(demo_site.origin, page.path)
    assert response.status == 200
    assert response.headers["Content-Type"] == page.content_type
    assert (response.headers["ETag"] is not None, response.headers["Last-Modified"] is not None) == (
        page.etag,
        page.dated,
    )
    assert page.title in lxml.html.fromstring(body).text_content()
    assert b"$" not in body
    again = get(demo_site.origin, page.path)[1]
    noisy = not (page.etag or page.dated)
    assert (again != body) == noisy


def test_a_page_that_declares_gb2312_is_gbk() -> None:
    body = answer("/zcwj/200806/t20080612_1006.html", origin=ORIGIN, day=0).body
    assert b"charset=gb2312" in body
    assert "公共自行车租用点照常开放" in body.decode("gbk")
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")


@pytest.mark.parametrize("attached", ATTACHED, ids=lambda attached: attached.path)
def test_the_text_of_each_attachment_can_be_extracted(attached: answers.Attached, demo_site: DemoSite) -> None:
    response, body = get(demo_site.origin, attached.path)
    assert response.headers["Content-Type"].startswith("application/")
    assert body.startswith(b"%PDF-" if attached.path.endswith(".pdf") else b"PK")
    expected = re.sub(r"\s", "", answers._read(attached.file))
    assert re.sub(r"\s", "", text_of(attached.path, 0)) == expected


def test_every_attachment_is_linked_from_a_document() -> None:
    linked = {link for path in FIRST_DAY for link in links(path, 0)}
    assert linked >= {attached.path for attached in ATTACHED}


def test_the_press_conference_goes_on_from_page_to_page() -> None:
    first, second, third = (f"/press/2024-05/15/content_101{end}.htm" for end in ("", "_2", "_3"))
    assert {second, third} <= set(links(first, 0))
    assert {first, third} <= set(links(second, 0))
    assert {first, second} <= set(links(third, 0))


def test_what_is_not_there_is_404(demo_site: DemoSite) -> None:
    assert get(demo_site.origin, "/nothing.html")[0].status == 404
    assert get(demo_site.origin, "/zcwj/202412/t20241203_1008.html")[0].status == 404


# Discovery


@pytest.mark.parametrize("day", [0, 1])
def test_lists_map_and_feed_name_every_listed_page_of_the_day(day: int) -> None:
    named = {link for path in DISCOVERY if path.startswith(("/zcwj", "/press")) for link in links(path, day)}
    for path in (answers.SITEMAP, answers.FEED):
        tree = etree.fromstring(answer(path, origin=ORIGIN, day=day).body)
        places = tree.xpath("//*[local-name()='loc' or local-name()='link']/text()")
        assert "/city/news/2024-09/301.html" in {place.removeprefix(ORIGIN) for place in places}
        named |= {place.removeprefix(ORIGIN) for place in places}
    listed = {page.path for page in answers.pages_on(day) if page.listed}
    assert listed <= named
    withdrawn = {change.path for change in CHANGES if change.status in (301, 410)}
    assert bool(withdrawn & named) == (day == 0)


def test_the_second_page_of_a_list_is_named_by_the_first() -> None:
    assert answers.ZH_LIST_2 in links(answers.ZH_LIST, 0)
    assert answers.EN_LIST_2 in links(answers.EN_LIST, 0)
    assert not set(links(answers.EN_LIST, 0)) & {p for p in links(answers.EN_LIST_2, 0) if "content_" in p}


def test_robots_forbids_one_page_that_a_list_names() -> None:
    robots = RobotFileParser()
    robots.parse(answer(answers.ROBOTS, origin=ORIGIN, day=0).body.decode().splitlines())
    forbidden = [path for path in PATHS if not robots.can_fetch("anyone", path)]
    assert forbidden == ["/internal/202407/t20240701_1009.html"]
    assert forbidden[0] in links(answers.ZH_LIST_2, 0)


def test_the_sources_take_every_document_and_no_further_page(demo_site: DemoSite) -> None:
    texts = demo_site.sources()
    assert list(texts) == ["demo_ministry", "demo_press", "demo_city"]
    for name, text in texts.items():
        data = tomllib.loads(text)
        source = Source(
            name=name,
            publisher=data["publisher"],
            documents=tuple(data["documents"]),
            hosts=(f"127.0.0.1:{demo_site.port}",),
        )
        section = name.removeprefix("demo_")
        taken = [page.path for page in PAGES if source.is_document(demo_site.origin + page.path)]
        assert taken == [page.path for page in PAGES if page.section == section and page.listed]
        assert not any(source.is_document(demo_site.origin + path) for path in DISCOVERY)


# The change


def test_day_1_differs_from_day_0_exactly_as_declared() -> None:
    differing = {
        path
        for path in PATHS
        if answer(path, origin=ORIGIN, day=0, visits=3) != answer(path, origin=ORIGIN, day=1, visits=3)
    }
    assert differing == {change.path for change in CHANGES}
    assert len(differing) == len(CHANGES)


@pytest.mark.parametrize("change", [change for change in CHANGES if change.edits], ids=lambda c: c.path)
def test_an_edit_replaces_the_old_text_by_the_new(change: Change) -> None:
    if change.path.endswith(".pdf"):
        # White space is the layout's, not the text's.
        before, after = ("".join(text_of(change.path, day).split()) for day in (0, 1))
        edits = [("".join(old.split()), "".join(new.split())) for old, new in change.edits]
    else:
        before, after = (answer(change.path, origin=ORIGIN, day=day).body.decode() for day in (0, 1))
        edits = list(change.edits)
    for old, new in edits:
        assert before.count(old) == 1
        before = before.replace(old, new)
    assert before == after


def test_quiet_changes_leave_the_article_as_it_was() -> None:
    for path, article in (
        ("/press/2024-05/20/content_102.htm", "//*[@id='main']/p | //h1"),
        ("/city/news/2024-09/301.html", "//article"),
    ):
        before, after = (
            lxml.html.fromstring(answer(path, origin=ORIGIN, day=day).body).xpath(article) for day in (0, 1)
        )
        assert [part.text_content() for part in before] == [part.text_content() for part in after]
        assert before


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.path)
def test_each_change_is_served_with_its_status(change: Change, demo_site: DemoSite) -> None:
    assert get(demo_site.origin, change.path)[0].status == (404 if change.event is EventKind.NEW else 200)
    demo_site.day = 1
    response, _ = get(demo_site.origin, change.path)
    assert response.status == change.status
    assert response.headers["Location"] == change.moved_to
    document = get(demo_site.origin, change.document)[0].status
    assert document == (change.status if change.path == change.document else 200)


def test_a_moved_document_keeps_its_text() -> None:
    (move,) = (change for change in CHANGES if change.moved_to)
    assert text_of(move.path, 0) == text_of(str(move.moved_to), 1)


def test_every_kind_of_event_but_restored_happens_and_something_is_quiet() -> None:
    assert {change.event for change in CHANGES} == {*EventKind, None} - {EventKind.RESTORED}


def test_an_edit_whose_old_text_is_not_there_is_refused() -> None:
    change = next(change for change in CHANGES if change.edits)
    with pytest.raises(ValueError, match="not exactly once"):
        answers._edited("something else", change)


# Validators and the log


def test_validators_are_answered_with_304_until_the_page_changes(demo_site: DemoSite) -> None:
    validated = [page for page in PAGES if page.first_day == 0 and (page.etag or page.dated)]
    for path in [page.path for page in validated] + [attached.path for attached in ATTACHED]:
        demo_site.day = 0
        headers = get(demo_site.origin, path)[0].headers
        conditions = {}
        if headers["ETag"]:
            conditions["If_None_Match"] = headers["ETag"]
        if headers["Last-Modified"]:
            conditions["If_Modified_Since"] = headers["Last-Modified"]
        response, body = get(demo_site.origin, path, **conditions)
        assert (response.status, body) == (304, b"")
        demo_site.day = 1
        changed = next((change for change in CHANGES if change.path == path), None)
        expected = changed.status if changed else 304
        assert get(demo_site.origin, path, **conditions)[0].status == expected


def test_the_log_names_what_was_asked(demo_site: DemoSite) -> None:
    get(demo_site.origin, "/press/list.htm?page=2", User_Agent="reader/1", If_None_Match='"x"')
    (request,) = demo_site.requests
    assert (request.path, request.status) == ("/press/list.htm?page=2", 200)
    assert (request.user_agent, request.conditional) == ("reader/1", True)


def test_the_port_is_known_only_while_served() -> None:
    with pytest.raises(RuntimeError):
        _ = DemoSite().port


# The server that other tests use


def test_a_test_edits_the_pages_of_its_site(site: Site) -> None:
    site.pages["/a.html"] = Page("one")
    assert get(site.origin, "/a.html")[1] == b"one"
    site.pages["/a.html"] = Page("two", status=500, headers={"Content-Type": "text/plain"})
    response, body = get(site.origin, "/a.html")
    assert (response.status, response.headers["Content-Type"], body) == (500, "text/plain", b"two")
    site.pages["/echo"] = lambda request: Page(request.path + request.headers["x-word"])
    assert get(site.origin, "/echo?q=1", X_Word="!")[1] == b"/echo?q=1!"
    assert get(site.origin, "/none")[0].status == 404
    assert site.paths() == ["/a.html", "/a.html", "/echo?q=1", "/none"]


def test_a_test_site_knows_its_validators(site: Site) -> None:
    site.pages["/a"] = Page("one", headers={"ETag": '"1"', "Last-Modified": "Wed, 20 Nov 2024 01:00:00 GMT"})
    assert get(site.origin, "/a", If_None_Match='"1"')[0].status == 304
    assert get(site.origin, "/a", If_None_Match='"2"')[0].status == 200
    assert get(site.origin, "/a", If_Modified_Since="Wed, 20 Nov 2024 01:00:00 GMT")[0].status == 304


def test_a_test_site_drops_and_cuts(site: Site) -> None:
    site.pages["/drop"] = Page(drop=True)
    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        get(site.origin, "/drop")
    site.pages["/cut"] = Page("0123456789", cut=4)
    with pytest.raises(IncompleteRead) as cut:
        get(site.origin, "/cut")
    assert cut.value.partial == b"0123"


def test_a_test_site_hangs_until_released(site: Site) -> None:
    released, reached, answered = threading.Event(), threading.Event(), threading.Event()

    def slow(request: Request) -> Page:
        reached.set()
        return Page("late", wait=released)

    def ask() -> None:
        if get(site.origin, "/slow")[1] == b"late":
            answered.set()

    site.pages["/slow"] = slow
    asking = threading.Thread(target=ask)
    asking.start()
    assert reached.wait(10)
    assert not answered.is_set()
    released.set()
    asking.join(10)
    assert answered.is_set()


def test_other_loopback_addresses_are_other_hosts(site: Site) -> None:
    with Site("127.0.0.2") as other:
        other.pages["/"] = Page("other")
        assert other.host.startswith("127.0.0.2:")
        assert get(other.url(""), "/")[1] == b"other"
        assert site.requests == []
