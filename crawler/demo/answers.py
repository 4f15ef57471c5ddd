"""What the demo site answers to a request; pure, the day and the number of visits are arguments."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from html import escape
from importlib.resources import files
from string import Template

from crawler.demo.changes import CHANGES, Change
from crawler.demo.files import docx, pdf
from storage.model import EventKind

# When the texts of day 0 and of day 1 were put on the server.
DAYS = (datetime(2024, 11, 20, 1, 0, tzinfo=UTC), datetime(2024, 12, 4, 1, 0, tzinfo=UTC))

ZH_LIST = "/zcwj/index.html"
ZH_LIST_2 = "/zcwj/index_1.html"
EN_LIST = "/press/list.htm"
EN_LIST_2 = "/press/list.htm?page=2"
FEED = "/city/rss.xml"
SITEMAP = "/sitemap.xml"
ROBOTS = "/robots.txt"
DISCOVERY = (ZH_LIST, ZH_LIST_2, EN_LIST, EN_LIST_2, FEED, SITEMAP, ROBOTS)

ROBOTS_TXT = "User-agent: *\nDisallow: /internal/\n\nSitemap: {origin}/sitemap.xml\n"

_HTML = "text/html; charset=utf-8"
_MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One address of the site with its text.

    file: name in ``pages``.  bare: the file is the whole page; else the shell of its section goes around it.
    published: as the page says it.  listed: the lists, map or feed of its section name it.
    etag, dated: which validators it has; with neither, a counter and a clock change it on every visit.
    first_day: the day on which it appears.
    """

    path: str
    file: str
    section: str
    title: str
    published: date
    content_type: str = _HTML
    charset: str = "utf-8"
    bare: bool = False
    listed: bool = True
    etag: bool = False
    dated: bool = False
    first_day: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """One attachment; ``file`` holds its lines, the end of the path says which format they are put in."""

    path: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An HTTP answer."""

    status: int
    content_type: str
    body: bytes
    etag: str | None = None
    last_modified: str | None = None
    location: str | None = None


PAGES: tuple[Page, ...] = (
    Page(
        path="/zcwj/202411/t20241108_1001.html",
        file="1001.html",
        section="ministry",
        title="澜江省公共服务厅关于做好乡村图书室服务补贴发放工作的通知",
        published=date(2024, 11, 8),
        etag=True,
        dated=True,
    ),
    Page(
        path="/zcwj/202411/t20241115_1002.html",
        file="1002.html",
        section="ministry",
        title="澜江省公共服务厅关于公布第一批公共饮水点名录的公告",
        published=date(2024, 11, 15),
        etag=True,
    ),
    Page(
        path="/zcwj/202410/t20241022_1003.html",
        file="1003.html",
        section="ministry",
        title="关于做好冬季人行天桥防滑工作的通知",
        published=date(2024, 10, 22),
    ),
    Page(
        path="/zcwj/202410/t20241010_1004.html",
        file="1004.html",
        section="ministry",
        title="关于公共服务热线暂停人工服务的通告",
        published=date(2024, 10, 10),
        dated=True,
    ),
    Page(
        path="/zcwj/202409/t20240918_1005.html",
        file="1005.html",
        section="ministry",
        title="澜江省社区公共厨房使用管理办法",
        published=date(2024, 9, 18),
        etag=True,
        dated=True,
    ),
    Page(
        path="/zcwj/200806/t20080612_1006.html",
        file="1006.html",
        section="ministry",
        title="端午节期间公共自行车使用须知",
        published=date(2008, 6, 12),
        content_type="text/html",
        charset="gb2312",
        bare=True,
        dated=True,
    ),
    Page(
        path="/zcwj/202408/t20240805_1007.html",
        file="1007.html",
        section="ministry",
        title="关于调整公园电瓶车租借点开放时间的通知",
        published=date(2024, 8, 5),
    ),
    Page(
        path="/zcwj/202412/t20241203_1008.html",
        file="1008.html",
        section="ministry",
        title="关于开展社区长者食堂运行情况抽查的通知",
        published=date(2024, 12, 3),
        etag=True,
        first_day=1,
    ),
    Page(
        path="/internal/202407/t20240701_1009.html",
        file="1009.html",
        section="ministry",
        title="值班安排（内部）",
        published=date(2024, 7, 1),
    ),
    Page(
        path="/press/2024-05/15/content_101.htm",
        file="101.html",
        section="press",
        title="Press conference on village reading rooms in Lanjiang",
        published=date(2024, 5, 15),
    ),
    Page(
        path="/press/2024-05/15/content_101_2.htm",
        file="101_2.html",
        section="press",
        title="Press conference on village reading rooms in Lanjiang",
        published=date(2024, 5, 15),
        listed=False,
    ),
    Page(
        path="/press/2024-05/15/content_101_3.htm",
        file="101_3.html",
        section="press",
        title="Press conference on village reading rooms in Lanjiang",
        published=date(2024, 5, 15),
        listed=False,
        etag=True,
        dated=True,
    ),
    Page(
        path="/press/2024-05/20/content_102.htm",
        file="102.html",
        section="press",
        title="Ferry between Wutong and Baisha returns with two electric boats",
        published=date(2024, 5, 20),
    ),
    Page(
        path="/press/2024-05/22/content_103.htm",
        file="103.html",
        section="press",
        title="Lanjiang counts the trees along its streets, number by number",
        published=date(2024, 5, 22),
    ),
    Page(
        path="/press/live/content_104.htm",
        file="104.html",
        section="press",
        title="Live broadcast | Opening of the Wutong flower market",
        published=date(2024, 5, 23),
    ),
    Page(
        path="/press/2024-05/24/content_105.htm",
        file="105.html",
        section="press",
        title="Volunteers wanted at Wutong railway station",
        published=date(2024, 5, 24),
        dated=True,
    ),
    Page(
        path="/press/2024-05/27/content_106.htm",
        file="106.html",
        section="press",
        title="Farmers advised to harvest early barley before Thursday",
        published=date(2024, 5, 27),
        etag=True,
    ),
    Page(
        path="/city/news/2024-09/301.html",
        file="301.html",
        section="city",
        title="Owners of small workshops meet city leaders in the old town hall",
        published=date(2024, 9, 21),
        content_type="text/html",
    ),
    Page(
        path="/city/news/2024-09/302.html",
        file="302.html",
        section="city",
        title="Night buses to the university start in October",
        published=date(2024, 9, 27),
        content_type="text/html",
        dated=True,
    ),
    Page(
        path="/city/news/2024-11/303.html",
        file="303.html",
        section="city",
        title="Lake in the central park to be drained for repairs",
        published=date(2024, 11, 22),
        content_type="text/html",
        etag=True,
        first_day=1,
    ),
)

ATTACHED: tuple[Attached, ...] = (
    Attached(path="/zcwj/202411/P020241108345001.pdf", file="P020241108345001.txt"),
    Attached(path="/zcwj/202411/P020241108345002.docx", file="P020241108345002.txt"),
    Attached(path="/zcwj/202411/P020241115220001.pdf", file="P020241115220001.txt"),
    Attached(path="/zcwj/202410/P020241022160501.pdf", file="P020241022160501.txt"),
    Attached(path="/zcwj/202410/P020241022160502.docx", file="P020241022160502.txt"),
)


def answer(target: str, *, origin: str, day: int, visits: int = 0) -> Reply:
    """Return what the site answers to a plain GET.

    Pure: equal arguments give an equal answer.

    target: path and query.  origin: "http://host:port", for addresses that are written out in full.
    visits: how often this target was asked before; shown by counters and clocks.
    """
    reply = _answer(target, origin=origin, day=day, visits=visits)
    if reply.last_modified is None:
        return reply
    put_on = DAYS[0]
    if day > 0 and reply.body != _answer(target, origin=origin, day=0, visits=visits).body:
        put_on = DAYS[1]
    return replace(reply, last_modified=format_datetime(put_on, usegmt=True))


def pages_on(day: int) -> tuple[Page, ...]:
    """Return the pages that exist on a day, each at its address of that day; pure."""
    pages = []
    for page in PAGES:
        change = _change(page.path) if day > 0 else None
        if page.first_day > day or (change is not None and change.event is EventKind.REMOVED):
            continue
        moved_to = change.moved_to if change is not None else None
        pages.append(page if moved_to is None else replace(page, path=moved_to))
    return tuple(pages)


def _answer(target: str, *, origin: str, day: int, visits: int) -> Reply:
    # Last-Modified is only marked here (as ""); answer() knows whether the text is the one of day 0.
    change = _change(target) if day > 0 else None
    if change is not None and change.moved_to is not None:
        return Reply(status=change.status, content_type=_HTML, body=b"", location=change.moved_to)
    if change is not None and change.replaced_by is not None:
        text = Template(_read(change.replaced_by)).substitute(hits=_count(visits))
        return Reply(status=change.status, content_type=_HTML, body=text.encode())
    for page in pages_on(day):
        if page.path == target:
            return _page(page, change, origin=origin, visits=visits)
    for attached in ATTACHED:
        if attached.path == target:
            return _attached(attached, change)
    found = _discovery(target, origin=origin, day=day, visits=visits)
    return found or Reply(status=404, content_type=_HTML, body=_read("missing.html").encode())


def _change(path: str) -> Change | None:
    return next((change for change in CHANGES if change.path == path), None)


def _page(page: Page, change: Change | None, *, origin: str, visits: int) -> Reply:
    noisy = not (page.etag or page.dated)
    chinese = page.section == "ministry"
    values = {
        "title": escape(page.title),
        "published": page.published.isoformat(),
        "path": page.path,
        "origin": origin,
        "noise": _noise(visits, chinese=chinese) if noisy else "",
    }
    text = Template(_read(page.file)).substitute(values)
    if not page.bare:
        text = Template(_read(f"shell_{page.section}.html")).substitute(values, content=text)
    body = _edited(text, change).encode("gbk" if page.charset == "gb2312" else page.charset)
    return _reply(body, content_type=page.content_type, etag=page.etag, dated=page.dated)


def _attached(attached: Attached, change: Change | None) -> Reply:
    lines = _edited(_read(attached.file), change).splitlines()
    suffix = attached.path.rpartition(".")[2]
    body = pdf(lines) if suffix == "pdf" else docx(lines)
    return _reply(body, content_type=_MEDIA_TYPES[suffix], etag=True, dated=True)


def _edited(text: str, change: Change | None) -> str:
    for old, new in change.edits if change is not None else ():
        if text.count(old) != 1:
            raise ValueError(f"not exactly once in the text: {old!r}")
        text = text.replace(old, new)
    return text


def _reply(body: bytes, *, content_type: str, etag: bool = False, dated: bool = False) -> Reply:
    return Reply(
        status=200,
        content_type=content_type,
        body=body,
        etag=f'"{hashlib.sha256(body).hexdigest()[:16]}"' if etag else None,
        last_modified="" if dated else None,
    )


def _discovery(target: str, *, origin: str, day: int, visits: int) -> Reply | None:
    if target in (ZH_LIST, ZH_LIST_2):
        body = _chinese_list(_section("ministry", day), second=target == ZH_LIST_2)
        return _reply(body.encode(), content_type=_HTML, etag=True, dated=True)
    if target in (EN_LIST, EN_LIST_2):
        body = _english_list(_section("press", day), second=target == EN_LIST_2, visits=visits)
        return _reply(body.encode(), content_type=_HTML)
    if target == FEED:
        body = _feed(_section("city", day), origin)
        return _reply(body.encode(), content_type="application/rss+xml; charset=utf-8", etag=True)
    if target == SITEMAP:
        body = _sitemap(_section("city", day), origin)
        return _reply(body.encode(), content_type="application/xml", dated=True)
    if target == ROBOTS:
        return _reply(ROBOTS_TXT.format(origin=origin).encode(), content_type="text/plain")
    return None


def _section(section: str, day: int) -> list[Page]:
    """Return the pages that the lists of a section name, newest first."""
    pages = [page for page in pages_on(day) if page.section == section and page.listed]
    return sorted(pages, key=lambda page: page.published, reverse=True)


def _chinese_list(pages: Sequence[Page], *, second: bool) -> str:
    shown = pages[5:] if second else pages[:5]
    entries = "\n".join(
        f'<li><a href="{page.path}" title="{escape(page.title)}" target="_blank">{escape(page.title)}</a>'
        f"<span>{page.published.isoformat()}</span></li>"
        for page in shown
    )
    pager = (
        '<a href="index.html">上一页</a> <a href="index.html">1</a> <b>2</b>'
        if second
        else '<b>1</b> <a href="index_1.html">2</a> <a href="index_1.html">下一页</a>'
    )
    return Template(_read("list_ministry.html")).substitute(
        entries=entries, pager=pager, pages=2, at=1 if second else 0
    )


def _english_list(pages: Sequence[Page], *, second: bool, visits: int) -> str:
    shown = pages[4:] if second else pages[:4]
    entries = "\n".join(
        f'<tr><td>&middot; <a href="{page.path}">{escape(page.title)}</a></td>'
        f"<td>{page.published:%B} {page.published.day}, {page.published.year}</td></tr>"
        for page in shown
    )
    pager = (
        '<a href="list.htm">Previous</a> <a href="list.htm">1</a> <b>2</b>'
        if second
        else '<b>1</b> <a href="list.htm?page=2">2</a> <a href="list.htm?page=2">Next</a>'
    )
    return Template(_read("list_press.html")).substitute(
        entries=entries, pager=pager, noise=_noise(visits, chinese=False)
    )


def _feed(pages: Sequence[Page], origin: str) -> str:
    entries = "".join(
        f"<item><title>{escape(page.title)}</title><link>{origin}{page.path}</link>"
        f'<guid isPermaLink="true">{origin}{page.path}</guid>'
        f"<pubDate>{format_datetime(_noon(page.published))}</pubDate></item>\n"
        for page in pages
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel><title>Wutong City: news</title>'
        f"<link>{origin}/city/news/</link><description>News of the city</description>\n"
        f"{entries}</channel></rss>\n"
    )


def _sitemap(pages: Sequence[Page], origin: str) -> str:
    # The last two are no documents: a map names everything.
    places = [(page.path, page.published.isoformat()) for page in pages]
    places += [("/city/", "2024-09-01"), ("/city/services/buses", "2024-09-01")]
    entries = "".join(f"<url><loc>{origin}{path}</loc><lastmod>{day}</lastmod></url>\n" for path, day in places)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</urlset>\n'
    )


def _noise(visits: int, *, chinese: bool) -> str:
    clock = _noon(DAYS[0].date()) + timedelta(seconds=41 * visits)
    if chinese:
        return f"<p>您是第<b>{_count(visits)}</b>位访问者　当前时间：{clock:%Y年%m月%d日 %H:%M:%S}</p>"
    return f"<p>Visitors: <b>{_count(visits)}</b> | {clock:%A, %H:%M:%S}</p>"


def _count(visits: int) -> int:
    return 48_213 + 7 * visits


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, 0, tzinfo=UTC)


@cache
def _read(name: str) -> str:
    return files("crawler.demo").joinpath("pages", name).read_text("utf-8")
