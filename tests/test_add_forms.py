"""``add --yes`` on lists in the forms of several kinds of site software: a working source, without an edit."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from spiders.posting import parted, turned, with_body
from storage import Archive
from tests.conftest import Command
from tests.crawling import notice
from tests.site import Page, Request, Site

COUNT = 17
SIZE = 5
TOPICS = ("渡口夜航", "校车检修", "河道清淤", "集市摊位", "粮仓防潮", "公交换乘", "山路护栏", "社区食堂")


def title(number: int) -> str:
    return f"关于{TOPICS[number % 8]}第{number}号事项的通知"


def day(number: int) -> str:
    return f"2024-{1 + number // 10:02}-{1 + number % 10:02}"


@dataclass(frozen=True)
class Form:
    """A list: where it begins, where its documents lie, how it is served; pages: how many answers it has."""

    start: str
    path: Callable[[int], str]
    build: Callable[[Site, Form], None]
    pages: int
    extra: int = 0

    def rows(self, numbers: range) -> str:
        return "".join(
            f"<li><a href='{self.path(n)}' title='{title(n)}'>{title(n)}</a><span>{day(n)}</span></li>" for n in numbers
        )

    def data(self, numbers: range, **keys: str) -> list[dict[str, object]]:
        return [{"id": n, keys["t"]: title(n), keys["u"]: self.path(n), keys["d"]: day(n)} for n in numbers]


def part(number: int) -> range:
    return range(number * SIZE, min((number + 1) * SIZE, COUNT))


def shell(inner: str) -> str:
    menu = "".join(f"<li><a href='/c{n}/index.html'>栏目{n}</a></li>" for n in range(4))
    beside = "".join(
        f"<li><a href='/other/202401/t2024010{n}_88{n}.html'>别处栏目的一条旧消息之{n}</a></li>" for n in range(3)
    )
    beside = f"<div><h3>要闻</h3>{beside}</div>"
    return f"<html><title>通知公告_澜江县</title><body><ul>{menu}</ul>{inner}{beside}</body></html>"


def dated(number: int) -> str:
    return f"/zc/{day(number)[:7].replace('-', '')}/t{day(number).replace('-', '')}_{4000 + number}.html"


def number_in(request: Request, name: str) -> int:
    match = re.search(rf"[?&]{name}=(\d+)", request.path)
    return int(match[1]) if match else 1


def json_by_page(site: Site, form: Form) -> None:
    script = "var pageNo = 1; $.getJSON('/openapi/list?channel=7&pageNo=' + pageNo + '&pageSize=5', draw);"
    site.pages[form.start] = Page(shell(f"<div id='rows'></div><script>{script}</script>"))

    def answer(request: Request) -> Page:
        rows = form.data(part(number_in(request, "pageNo") - 1), t="docTitle", u="docUrl", d="pubTime")
        text = json.dumps({"code": 0, "data": {"total": COUNT, "records": rows}})
        return Page(text, headers={"Content-Type": "application/json"})

    site.pages["/openapi/list"] = answer


def json_by_post(site: Site, form: Form) -> None:
    script = """function load(page) { $.ajax({ url: "/search/query.do", type: "POST", dataType: "json",
        data: { column: "zc", page: page, rows: 5 }, success: function (got) { draw(got); } }); } load(1);"""
    site.pages[form.start] = Page(shell(f"<ul id='rows'></ul><script>{script}</script>"))

    def answer(request: Request) -> Page:
        if request.method != "POST" or "column=zc" not in request.body:
            return Page("{}", status=405)
        match = re.search(r"page=(\d+)", request.body)
        rows = form.data(part(int(match[1] if match else 1) - 1), t="title", u="url", d="publish_date")
        return Page(json.dumps({"result": rows, "count": COUNT}), headers={"Content-Type": "application/json"})

    site.pages["/search/query.do"] = answer


def dataproxy(site: Site, form: Form) -> None:
    def records(numbers: range) -> str:
        rows = "".join(f"<record><![CDATA[{form.rows(range(n, n + 1))}]]></record>" for n in numbers)
        return f"<datastore><totalrecord>{COUNT}</totalrecord><recordset>{rows}</recordset></datastore>"

    script = """$('#u5').jpage({theme: 'simple', perPage: 5, groupSize: 1, totalRecord: 17, dataBefore: '<ul>',
        proxyUrl: '/module/jpage/dataproxy.jsp', ajaxParam: {col: '1', columnid: '5', unitid: '55'}});"""
    first = f"<script type='text/xml'>{records(part(0))}</script><script>{script}</script>"
    site.pages[form.start] = Page(shell(f"<div id='u5'>{first}</div>"))

    def answer(request: Request) -> Page:
        match = re.search(r"startrecord=(\d+)&endrecord=(\d+)", request.path)
        if match is None or "columnid=5" not in request.body:
            return Page(status=400)
        text = f"<?xml version='1.0' encoding='UTF-8'?>{records(range(int(match[1]) - 1, min(int(match[2]), COUNT)))}"
        return Page(text, headers={"Content-Type": "text/xml; charset=utf-8"})

    site.pages["/module/jpage/dataproxy.jsp"] = answer


def by_year(site: Site, form: Form) -> None:
    years = " ".join(f"<a href='/zc/{2024 - n}/'>{2024 - n}年</a>" for n in range(4))
    for place in range(4):
        page = Page(shell(f"<p>{years}</p><ul>{form.rows(part(place))}</ul>"))
        site.pages[f"/zc/{2024 - place}/"] = page


def counted(site: Site, form: Form) -> None:
    script = "var currentPage = 0; var countPage = 4; if (countPage > 1) { writePager(); }"
    for place in range(4):
        name = "/zc/index.html" if not place else f"/zc/index_{place}.html"
        site.pages[name] = Page(shell(f"<ul>{form.rows(part(place))}</ul><script>{script}</script>"))


def in_sections(site: Site, form: Form) -> None:
    for place in range(4):
        pager = " ".join(f"<a href='/col/12/list.jsp?col=12&page={n}'>{n}</a>" for n in range(1, 5))
        page = Page(shell(f"<table>{form.rows(part(place)).replace('li>', 'tr>')}</table>{pager}"))
        site.pages["/col/12/list.jsp?col=12" + (f"&page={place + 1}" if place else "")] = page


FORMS = {
    "json by page": Form("/zc/index.html", dated, json_by_page, 4),
    "json by post": Form("/zc/list.html", lambda n: f"/zc/art/{9000 + n}.html", json_by_post, 4),
    "dataproxy": Form("/col/col5/index.html", lambda n: f"/art/2024/1/{1 + n}/art_5_{700 + n}.html", dataproxy, 4),
    "by year": Form(
        "/zc/2024/", lambda n: f"/zc/{2024 - n // SIZE}/t{2024 - n // SIZE}0105_{300 + n}.html", by_year, 4
    ),
    "counted by script": Form("/zc/index.html", dated, counted, 4),
    "word before the number": Form(
        "/col/12/list.jsp?col=12", lambda n: f"/art/2024/1/{1 + n}/art_zcwj_{700 + n}.html", in_sections, 4
    ),
}


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.mark.parametrize("name", FORMS)
def test_adds_a_working_source(name: str, site: Site, policytrail: Command, tmp_path: Path) -> None:
    form = FORMS[name]
    form.build(site, form)
    for number in range(COUNT):
        # A related notice of another column, that the list does not name.
        more = f"<p><a href='/art/2024/1/9/art_zcjd_{number}.html'>相关解读：{title(number)}</a></p>"
        site.pages[form.path(number)] = Page(notice(title(number), more=more))
        site.pages[f"/art/2024/1/9/art_zcjd_{number}.html"] = Page(notice(f"解读{number}"))
    folder, archive = tmp_path / "own", tmp_path / "archive.db"
    added = policytrail("add", site.url(form.start), "--yes", "--sources", str(folder), "--allow", site.host)
    assert added.returncode == 0, added.stderr
    source = added.stdout.splitlines()[-1]
    assert (folder / f"{source}.toml").exists()
    site.requests.clear()
    options = ["--archive", str(archive), "--sources", str(folder), "--allow", site.host]
    crawled = policytrail("crawl", source, *options)
    assert crawled.returncode == 0, crawled.stderr
    with Archive.open(archive, readonly=True) as reading:
        versions = {version.url for version in reading.latest_versions(source)}
    assert versions == {site.url(form.path(number)) for number in range(COUNT)}
    assert len(site.requests) <= 1.15 * (COUNT + form.pages), site.paths()


def test_bodies_behind_addresses() -> None:
    url = with_body("http://a.example/q", '{"page":1,"词":"政策"}')
    assert parted(url) == ("http://a.example/q", '{"page":1,"词":"政策"}')
    assert parted(turned(url, "page", 2))[1] == '{"page":2,"词":"政策"}'
    assert turned("http://a.example/q?a=1", "page", 3) == "http://a.example/q?a=1&page=3"
    assert turned(with_body("http://a.example/q?a=1", "page=1&b=2"), "page", 2).endswith("#post:page=2&b=2")
