"""``add --yes`` on lists in the forms of several kinds of site software: a working source, without an edit."""

from __future__ import annotations

import io
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from rich.console import Console

from crawler.add import find
from crawler.add.proposal import Answer
from crawler.add.trial import Seen
from spiders.discovery import discover
from spiders.forms import filled
from spiders.posting import body_type, parted, turned, with_body
from spiders.source import Found, Source
from storage import Archive
from storage.model import Role
from tests.conftest import Command
from tests.forms import ALL as FORMS
from tests.site import Page, Site

# Tried through the commands, end to end; of the others, what is found and what the lists name.
WHOLE = (
    "json body, script in a file",
    "blog",
    "more after the first",
    "posted back",
    "in the script",
)


class Direct:
    """Asks for what ``add`` looks at, as a crawl does, but without an archive and in this process.

    robots: bytes of the site's robots.txt.
    """

    def __init__(self, robots: bytes = b"") -> None:
        self.robots = robots

    def look(self, url: str, named_by: Answer | None = None) -> Seen:
        address, body = parted(url)
        if body is not None and named_by is not None:
            body = filled(body, named_by.body, named_by.content_type)
        headers = {"Content-Type": body_type(body)} if body is not None else {}
        asked = urllib.request.Request(address, data=body.encode() if body is not None else None, headers=headers)  # noqa: S310
        try:
            with urllib.request.urlopen(asked) as reply:  # noqa: S310 - loopback only
                answer = Answer(url=url, body=reply.read(), content_type=reply.headers["Content-Type"])
                return Seen(answer=answer, robots=self.robots)
        except urllib.error.HTTPError as error:
            return Seen(why=f"status {error.code}")


def walked(source: Source, look: Direct) -> tuple[set[str], dict[str, Found]]:
    """Return the pages of a source's lists, and the documents that they name."""
    pages: set[str] = set()
    documents: dict[str, Found] = {}
    shown: set[frozenset[str]] = set()
    waiting: list[tuple[str, Role, Answer | None]] = [(url, role, None) for url, role in source.starts()]
    while waiting:
        url, role, named_by = waiting.pop(0)
        answer = look.look(url, named_by).answer if url not in pages else None
        pages.add(url)
        if answer is None:
            continue
        found = discover(source, role, answer.body, url=url, content_type=answer.content_type).found
        mains = {each.url: each for each in found if each.role is Role.MAIN}
        documents = mains | documents
        if not mains or frozenset(mains) not in shown:
            waiting += [(each.url, each.role, answer) for each in found if each.role is not Role.MAIN]
        shown.add(frozenset(mains))
    return pages, documents


@pytest.mark.parametrize("name", FORMS)
def test_finds_the_documents_of_the_list_and_no_others(name: str, site: Site) -> None:
    form = FORMS[name]
    form.serve(site)
    start, _, mark = site.url(form.start).partition("#")
    robots = site.pages.get("/robots.txt")
    look = Direct(str(robots.body).encode() if isinstance(robots, Page) else b"")
    source = find(start, look, Console(file=io.StringIO()), mark=mark).source("xx_test")
    pages, documents = walked(source, look)
    assert set(documents) == {site.url(form.path(number)) for number in range(form.count)}, source
    assert len(pages) + form.count <= 1.15 * (form.pages + form.count), pages
    said = {url: str(found.hinted_on) for url, found in documents.items()}
    assert said == {site.url(form.path(number)): form.day(number) for number in range(form.count)}


@pytest.mark.parametrize("name", WHOLE)
def test_adds_a_working_source(name: str, site: Site, policytrail: Command, tmp_path: Path) -> None:
    form = FORMS[name]
    form.serve(site)
    folder, archive = tmp_path / "own", tmp_path / "archive.db"
    added = policytrail("add", site.url(form.start), "--yes", "--sources", str(folder), "--allow", site.host)
    assert added.returncode == 0, added.stderr
    assert "looking at" in added.stderr and "looking at" not in added.stdout
    source = added.stdout.splitlines()[-1]
    assert (folder / f"{source}.toml").exists()
    site.requests.clear()
    options = ["--archive", str(archive), "--sources", str(folder), "--allow", site.host]
    crawled = policytrail("crawl", source, *options)
    assert crawled.returncode == 0, crawled.stderr
    with Archive.open(archive, readonly=True) as reading:
        versions = {version.url: version for version in reading.latest_versions(source)}
        events = len(list(reading.events()))
    assert set(versions) == {site.url(form.path(number)) for number in range(form.count)}
    # A day that only the list says is kept, and said to be the list's.
    fields = {url: version.content.fields for url, version in versions.items()}
    said = {url: (str(each.published_on), each.published_from) for url, each in fields.items()}
    wanted = "list" if form.silent else None
    assert said == {site.url(form.path(number)): (form.day(number), wanted) for number in range(form.count)}
    again = policytrail("derive", source, "--archive", str(archive), "--sources", str(folder))
    assert again.returncode == 0 and "nothing alters" in again.stdout
    with Archive.open(archive, readonly=True) as reading:
        made_again = {version.url: version.content.fields for version in reading.latest_versions(source)}
        assert len(list(reading.events())) == events
    assert made_again == fields
    # One of the requests is for robots.txt.
    assert len(site.requests) <= 1.15 * (form.count + form.pages), site.paths()


def test_bodies_behind_addresses() -> None:
    url = with_body("http://a.example/q", '{"page":1,"词":"政策"}')
    assert parted(url) == ("http://a.example/q", '{"page":1,"词":"政策"}')
    assert parted(turned(url, "page", 2))[1] == '{"page":2,"词":"政策"}'
    assert turned("http://a.example/q?a=1", "page", 3) == "http://a.example/q?a=1&page=3"
    assert turned(with_body("http://a.example/q?a=1", "page=1&b=2"), "page", 2).endswith("#post:page=2&b=2")
