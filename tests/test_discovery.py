from __future__ import annotations

import gzip
import json
import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiders.discovery import discover
from spiders.source import Budget, Findings, Source
from storage.model import Role

HOST = "www.example.gov.cn"
LIST = f"http://{HOST}/zcwj/index.html"
HTML = "text/html; charset=utf-8"


def source(**keys: object) -> Source:
    known: dict[str, object] = {
        "name": "zz_example",
        "publisher": "Example",
        "hosts": (HOST,),
        "documents": (r"/t\d{8}_\d+\.html", r"/art/\d+\.html"),
    }
    return Source(**{**known, **keys})  # type: ignore[arg-type]


def read(role: Role, page: str | bytes, url: str = LIST, content_type: str = HTML, **keys: object) -> Findings:
    body = page.encode() if isinstance(page, str) else page
    return discover(source(**keys), role, body, url=url, content_type=content_type)


def urls(findings: Findings, role: Role = Role.MAIN) -> list[str]:
    return [found.url.removeprefix(f"http://{HOST}") for found in findings.found if found.role is role]


# Lists.


def test_list_of_a_portal() -> None:
    findings = read(
        Role.LIST,
        """<div class="nav"><a href="/">首页</a> <a href="/sq/">省情</a></div>
        <ul><li><a href="./202405/t20240515_101.html" title="关于做好节约用水工作的通知">关于做好节约…</a>
                <span>2024-05-16</span></li>
            <li><span>2024年5月14日</span> <a href="202405/t20240513_100.html"> 关于\n 公布名单的公告 </a></li>
            <li><a href="http://elsewhere.example/202405/t20240512_99.html">转载</a></li>
            <li><a href="202405/t20240511_98.html"><img src="a.png"></a>
                <a href="202405/t20240511_98.html">有图的公告</a></li></ul>
        <div class="pages"><b>1</b> <a href="index_1.html">2</a> <a href="index_2.html">3</a>
             <a href="index_1.html">下一页</a> <a href="index_19.html">尾页</a> <a href="index.html">1</a></div>""",
    )
    assert findings.problem is None
    assert [(found.title, found.hinted_on) for found in findings.found if found.role is Role.MAIN] == [
        ("关于做好节约用水工作的通知", date(2024, 5, 16)),
        ("关于 公布名单的公告", date(2024, 5, 14)),
        ("有图的公告", date(2024, 5, 11)),
    ]
    assert urls(findings) == [
        "/zcwj/202405/t20240515_101.html",
        "/zcwj/202405/t20240513_100.html",
        "/zcwj/202405/t20240511_98.html",
    ]
    assert urls(findings, Role.LIST) == ["/zcwj/index_1.html", "/zcwj/index_2.html", "/zcwj/index_19.html"]


@pytest.mark.parametrize(
    ("own", "pager", "expected"),
    [
        ("/news/", '<a href="/news/page/2/">2</a>', ["/news/page/2/"]),
        ("/news/page/2/", '<a href="/news/page/3/">Next page »</a>', ["/news/page/3/"]),
        ("/news/", '<a href="index_1.html">第2页</a>', ["/news/index_1.html"]),
        ("/news/index.html", '<a href="index2.html">[2]</a>', ["/news/index2.html"]),
        ("/news/index2.html", '<a href="index3.html">下一页</a>', ["/news/index3.html"]),
        ("/l.jsp?col=a", '<a href="l.jsp?col=a&amp;page=2">2</a>', ["/l.jsp?col=a&page=2"]),
        ("/l.jsp?col=a", '<a href="l.jsp?page=2&amp;size=9&amp;col=a">2</a>', ["/l.jsp?page=2&size=9&col=a"]),
        ("/l.jsp?col=a&page=2", '<a href="?col=a&amp;page=3">&gt;</a>', ["/l.jsp?col=a&page=3"]),
        ("/c/node_75.htm", '<a href="node_75_2.htm">2</a>', ["/c/node_75_2.htm"]),
        ("/c/col-12.html", '<a href="col-12-2.html">2</a>', ["/c/col-12-2.html"]),
        ("/news/", '<link rel="next" href="/news/?page=2">', ["/news/?page=2"]),
        ("/news/", '<base href="/other/"><a href="../news/?page=2">2</a>', ["/news/?page=2"]),
        ("/zwgk/index.jhtml", '<a href="index_2.jhtml">2</a>', ["/zwgk/index_2.jhtml"]),
        ("/a/", '<a href="?tx_news_pi1%5BcurrentPage%5D=2">2</a>', ["/a/?tx_news_pi1%5BcurrentPage%5D=2"]),
        ("/w/news", '<a href="?_101_INSTANCE_x_cur=2">2</a>', ["/w/news?_101_INSTANCE_x_cur=2"]),
        ("/n", '<a href="/n?start=10">2</a> <a href="/n?start=20">3</a>', ["/n?start=10", "/n?start=20"]),
        ("/n?start=10", '<a href="/n?start=20">3</a> <a href="/m?start=20">3</a>', ["/n?start=20"]),
        ("/press", '<a href="?b_start:int=20">2</a>', ["/press?b_start:int=20"]),
        ("/zc/", '<a href="p2.html">2</a>', ["/zc/p2.html"]),
        # Choices, functions that are called with a number, and clicks.
        ("/tz/list.html", '<select><option value="list_1.html">2</option></select>', ["/tz/list_1.html"]),
        ("/tz/list.html", "<span onclick=\"location.href='list_1.html'\">下一页</span>", ["/tz/list_1.html"]),
        (
            "/l.jsp?col=a",
            "<script>function go(n) { location.href = 'l.jsp?col=a&page=' + n; }</script>"
            "<a href='javascript:go(1)'>2</a> <a onclick='go(2)'>尾页</a>",
            ["/l.jsp?col=a&page=1", "/l.jsp?col=a&page=2"],
        ),
        ("/l.jsp?col=a", "<script>function go(n) { location = 'm.jsp?p=' + n; }</script><a onclick='go(2)'>2</a>", []),
        # Not a page of this list.
        ("/l.jsp?col=a", '<a href="l.jsp?col=b&amp;page=2">2</a>', []),
        ("/l.jsp?col=a", '<a href="l.jsp?page=2">2</a>', []),
        ("/news/", '<a href="/other/page/2/">2</a>', []),
        ("/news/", '<a href="http://elsewhere.example/news/page/2/">2</a>', []),
        ("/2026/1", '<a href="/2026/2">next month</a> <a href="/2026/1/5?day=5">5</a>', []),
        ("/cal?month=2026-01", '<a href="/cal?month=2026-02">&gt;</a>', []),
        ("/news/", '<a href="?page=2">2</a> <a href="/news/?year=2023">2023</a>', ["/news/?page=2"]),
        ("/calendar/", '<a href="?month=2024-05">2024</a> <a href="/agenda/2024/">2024</a>', []),
        # The same list of another year.
        ("/news/", '<a href="/news/?year=2023">2023</a>', ["/news/?year=2023"]),
        (
            "/zc/index.html",
            '<a href="2023/">2023年</a> <a href="2022/index.html">2022</a>',
            ["/zc/2023/", "/zc/2022/index.html"],
        ),
        ("/zc/2024/", '<a href="../2023/">2023年度</a> <a href="../2023/t20230105_12.html">2023</a>', ["/zc/2023/"]),
        (
            "/zc/n2024.html",
            '<select><option value="n2023.html">2023<option value="/zc">全部</select>',
            ["/zc/n2023.html"],
        ),
        # Counts in variables of the script that writes the pager.
        (
            "/c/index.html",
            "<script>var currentPage = 0; var countPage = 3; </script>",
            ["/c/index_1.html", "/c/index_2.html"],
        ),
        ("/news/", '<a href="/news/page/2/">The second page of our history</a>', []),
        ("/news/", '<a href="javascript:go(2)">2</a>', []),
    ],
)
def test_pagers(own: str, pager: str, expected: list[str]) -> None:
    assert urls(read(Role.LIST, f"<html><body>{pager}</body></html>", f"http://{HOST}{own}"), Role.LIST) == expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('createPageHTML(4, 0, "index", "html");', ["index_1.html", "index_2.html", "index_3.html"]),
        ("createPageHTML(3,1,'index','html',60);", ["index_1.html", "index_2.html"]),
        ("createPageHTML('page_div',3, 1,'list','shtml',55);", ["list_2.shtml", "list_3.shtml"]),
        ('createPageHTML(1, 0, "index", "html");', []),
        ('createPageHTML(n, 0, "index", "html");', []),
        ('createPageHTML(4, 0, "../../x", "html");', []),
        ("function createPageHTML(_nPageCount, _nCurrIndex, _sPageName, _sPageExt){}", []),
    ],
)
def test_script_pagers(call: str, expected: list[str]) -> None:
    found = urls(read(Role.LIST, f"<html><body><script>{call}</script></body></html>"), Role.LIST)
    assert found == [f"/zcwj/{name}" for name in expected]


def test_script_pager_is_bounded() -> None:
    page = '<html><body><script>createPageHTML(99999, 0, "index", "html")</script></body></html>'
    assert len(read(Role.LIST, page, budget=Budget(list_pages=7)).found) == 7


def test_rows_inside_a_script() -> None:
    page = """<html><body><div id="8"><script type="text/xml"><datastore><recordset>
        <record><![CDATA[<li><a href="/art/1.html" title="一">一</a><span>2024-05-15</span></li>]]></record>
        <record><![CDATA[<li><a href="/art/2.html" title="二">二</a><span>2024-05-14</span></li>]]></record>
        </recordset></datastore></script></div></body></html>"""
    findings = read(Role.LIST, page)
    assert [(found.title, found.hinted_on) for found in findings.found] == [
        ("一", date(2024, 5, 15)),
        ("二", date(2024, 5, 14)),
    ]


def test_list_as_json() -> None:
    rows = [
        {"TITLE": "关于节水的通知", "URL": "/art/1.html", "DOCRELPUBTIME": "2024-05-15", "SUB": None},
        {"title": "x", "link": "javascript:alert(1)"},
        {"data": [{"name": "二", "href": f"http://{HOST}/t20240514_2.html"}, f"http://{HOST}/art/3.html"]},
    ]
    findings = read(Role.LIST, json.dumps(rows), content_type="application/json")
    assert urls(findings) == ["/art/1.html", "/t20240514_2.html", "/art/3.html"]
    assert [found.hinted_on for found in findings.found] == [date(2024, 5, 15), date(2024, 5, 14), None]
    assert findings.found[0].title == "关于节水的通知"
    assert read(Role.LIST, "[" * 100_000).problem == "not readable as JSON"


def test_a_bad_link_costs_that_link_only() -> None:
    bad = ["http://[::1", "http://h:99999/", "http://\x00/", "javascript:void(0)", "%", "//", "#", "", "mailto:a@b.cn"]
    links = "".join(f'<a href="{link}">x</a>' for link in [*bad, "/art/1.html", "/a" * 5_000, "/art/2.html"])
    assert urls(read(Role.LIST, f"<html><body>{links}</body></html>")) == ["/art/1.html", "/art/2.html"]


def test_links_are_bounded() -> None:
    links = "".join(f'<a href="/art/{number}.html">{number}</a>' for number in range(200))
    assert len(read(Role.LIST, f"<p>{links}</p>", budget=Budget(links_per_page=50)).found) == 50


def test_one_link_under_many_names() -> None:
    links = "".join(f'<a href="/art/1.html?utm_source={number}&from=f{number}">x</a>' for number in range(30))
    assert urls(read(Role.LIST, links)) == ["/art/1.html"]


def test_gb_page_without_a_declared_charset() -> None:
    findings = read(Role.LIST, '<p><a href="/art/1.html">关于节水的通知</a></p>'.encode("gb18030"), content_type="")
    assert findings.found[0].title == "关于节水的通知"


def test_no_page() -> None:
    assert read(Role.LIST, "").problem == "not a page"


def test_days_without_a_year() -> None:
    def days(own: str, *rows: tuple[str, str]) -> list[str | None]:
        page = "".join(f"<li><a href='{path}'>关于第{n}号的通知</a> {said}</li>" for n, (path, said) in enumerate(rows))
        found = read(Role.LIST, f"<ul>{page}</ul>", f"http://{HOST}{own}", documents=(r"/\d+\.html",)).found
        return [str(each.hinted_on) if each.hinted_on else None for each in found]

    # The address says the year, with the month or alone; a page is often published in the month after.
    assert days("/zc/", ("202312/1.html", "[01-02]"), ("202312/2.html", "12/30"), ("202312/3.html", "06-01")) == [
        "2024-01-02",
        "2023-12-30",
        None,
    ]
    assert days("/zc/", ("/art/2022/9/1.html", "5月6日"), ("/art/2022/9/2.html", "05.05")) == [
        "2022-05-06",
        "2022-05-05",
    ]
    # The list is one of a year.
    assert days("/zc/2021/", ("1.html", "11-20"), ("2.html", "11-19")) == ["2021-11-20", "2021-11-19"]
    # The rows around it say the year, and are in order.
    around = [("1.html", "01-08"), ("2.html", "2024-01-05"), ("3.html", "12-31"), ("4.html", "2023-12-20")]
    assert days("/zc/", *around) == ["2024-01-08", "2024-01-05", "2023-12-31", "2023-12-20"]
    upside_down = [("9.html", "2024-02-05"), ("4.html", "03-01"), ("1.html", "2023-12-20")]
    assert days("/zc/", *upside_down) == ["2024-02-05", None, "2023-12-20"]
    # Nothing says it, or it is no day at all: addresses that are numbers, versions, parts of titles.
    assert days("/zc/", ("1.html", "11-20"), ("2.html", "11-19")) == [None, None]
    assert days("/zc/", *((f"/d/{2000 + n}/{n}.html", "11-20") for n in range(5))) == [None] * 5
    assert days("/zc/", ("/art/2022/9/1.html", "v1.2"), ("/art/2022/9/2.html", "10:12-11:30")) == [None, None]
    page = "<li><a href='/art/2022/9/1.html'>5月6日停电通知</a></li><li><a href='/art/2022/9/2.html'>二</a></li>"
    assert [each.hinted_on for each in read(Role.LIST, page, documents=(r"/\d+\.html",)).found] == [None, None]


def test_days_of_links_without_a_row_of_their_own() -> None:
    def days(page: str) -> list[str | None]:
        found = read(Role.LIST, page, documents=(r"/\d+\.html",)).found
        return [str(each.hinted_on) if each.hinted_on else None for each in found]

    after = "<p><a href='1.html'>一号</a> 2024-05-02<br><a href='2.html'>二号</a> [2024-05-01]<br></p>"
    assert days(after) == ["2024-05-02", "2024-05-01"]
    # The day of the next one is not taken for its own.
    assert days("<p>2024-05-02 <a href='1.html'>一号</a> 2024-05-01 <a href='2.html'>二号</a></p>")[0] is None
    one, two = "<a href='1.html'>一</a>", "<a href='2.html'>二</a>"
    pairs = "<dl><dt>2024-05-02</dt><dd>{0}</dd><dt>2024-05-01</dt><dd>{1}</dd></dl>"
    assert days(pairs.format(one, two)) == ["2024-05-02", "2024-05-01"]
    pairs = "<dl><dt>{0}</dt><dd>2024-05-02</dd><dt>{1}</dt><dd>2024-05-01</dd></dl>"
    assert days(pairs.format(one, two)) == ["2024-05-02", "2024-05-01"]


def test_days_that_were_so_long_ago() -> None:
    said = ("今天 10:20", "昨天", "前天", "3天前", "5 minutes ago", "yesterday", "2 days ago", "关于今天的通知")
    page = "".join(f"<li><a href='/art/{n}.html'>通知{n}</a><i>{text}</i></li>" for n, text in enumerate(said[:-1]))
    page += f"<li><a href='/art/9.html'>{said[-1]}</a></li>"
    assert [each.days_ago for each in read(Role.LIST, f"<ul>{page}</ul>").found] == [0, 1, 2, 3, 0, 1, 2, None]


# Documents.


def test_links_inside_a_document() -> None:
    page = """<p>见<a href="/art/7.html">实施细则</a>、<a href="t20240515_101_2.html">2</a>、
        <a href="http://elsewhere.example/art/8.html">转载</a>、<a href="#f">注</a></p>"""
    own = f"http://{HOST}/zcwj/t20240515_101.html"
    patterns = (r"/t\d{8}_", r"/art/")
    assert urls(read(Role.MAIN, page, own, documents=patterns)) == ["/art/7.html"]
    assert urls(read(Role.MAIN, page, own, documents=patterns, follow=False)) == []
    assert urls(read(Role.MAIN, page, own, documents=())) == []
    assert read(Role.MAIN, b"%PDF-1.7 ...", own) == Findings()


@pytest.mark.parametrize("role", [Role.PART, Role.ATTACHMENT, Role.ROBOTS])
def test_nothing_in_what_is_no_list(role: Role) -> None:
    assert read(role, '<a href="/art/1.html">x</a>\nSitemap: http://www.example.gov.cn/s.xml') == Findings()


# Maps.

MAP = f"http://{HOST}/sitemap.xml"
XMLNS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def read_map(page: str | bytes, **keys: object) -> Findings:
    return read(Role.SITEMAP, page, MAP, "application/xml", **keys)


def test_map_of_addresses() -> None:
    findings = read_map(
        f"""\n<?xml version="1.0" encoding="UTF-8"?>
        <urlset {XMLNS} xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
                xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
        <url><image:image><image:loc>http://{HOST}/art/9.html</image:loc></image:image>
             <loc> http://{HOST}/art/1.html </loc><lastmod>2024-06-01</lastmod>
             <news:news><news:publication_date>2024-05-15T08:00:00+08:00</news:publication_date>
             <news:title>关于节水的通知</news:title></news:news></url>
        <url><loc>http://{HOST}/about.html</loc></url>
        <url><loc>javascript:alert(1)</loc></url>
        <url><loc></loc></url>
        <url/>
        <url><loc>http://elsewhere.example/art/2.html</loc></url>
        <url><loc>/art/3.html</loc></url></urlset>"""
    )
    assert urls(findings) == ["/art/1.html", "/art/3.html"]
    assert (findings.found[0].title, findings.found[0].hinted_on) == ("关于节水的通知", date(2024, 5, 15))
    assert len(read_map(f"<urlset {XMLNS}><url><loc>/about.html</loc></url></urlset>", documents=()).found) == 1


def test_map_of_maps_stays_on_its_hosts() -> None:
    entries = [f"http://{HOST}/a.xml.gz", "http://elsewhere.example/b.xml", MAP, "file:///etc/passwd"]
    page = f"<sitemapindex {XMLNS}>{''.join(f'<sitemap><loc>{e}</loc></sitemap>' for e in entries)}</sitemapindex>"
    assert urls(read_map(page), Role.SITEMAP) == ["/a.xml.gz"]
    assert urls(read_map(page, hosts=()), Role.SITEMAP) == ["/a.xml.gz"]


def test_packed_map() -> None:
    packed = gzip.compress(f"<urlset><url><loc>http://{HOST}/art/1.html</loc></url></urlset>".encode())
    assert urls(read_map(packed)) == ["/art/1.html"]
    assert urls(read_map(gzip.compress(packed))) == ["/art/1.html"]


def test_packed_map_that_breaks_off() -> None:
    page = "<urlset>" + "".join(f"<url><loc>/art/{n * 7919 % 99991}.html</loc></url>" for n in range(9_000))
    packed = gzip.compress(page.encode())
    assert len(read_map(packed[: len(packed) // 2]).found) > 500
    assert (read_map(b"\x1f\x8bnonsense").problem or "").startswith("not readable as gzip")


def test_packed_bomb() -> None:
    layer = gzip.compress(b"<urlset>" + b" " * 60_000_000, 1)
    assert read_map(layer).problem == "unpacks to more than 50 MB"
    assert read_map(gzip.compress(layer)).problem == "unpacks to more than 50 MB"


def test_plain_text_map() -> None:
    lines = (
        f"\ufeffhttp://{HOST}/art/1.html\r\n\r\nhttp://{HOST}/about\nhttp://[::1\nnonsense\nhttp://{HOST}/art/2.html"
    )
    assert urls(read(Role.SITEMAP, lines, MAP, "text/plain")) == ["/art/1.html", "/art/2.html"]


@pytest.mark.parametrize("page", ["", "User-agent: *", "<html><body>没有找到</body></html>", "<rss/>", "<", "\x00\x01"])
def test_no_map(page: str) -> None:
    assert read_map(page) == Findings(problem="not a site map")


def test_map_is_bounded() -> None:
    page = "<urlset>" + "".join(f"<url><loc>/art/{number}.html</loc></url>" for number in range(300)) + "</urlset>"
    assert len(read_map(page, budget=Budget(links_per_page=40)).found) == 40


# Feeds.

FEED = f"http://{HOST}/feeds/news.xml"


def read_feed(page: str | bytes, content_type: str = "application/xml", **keys: object) -> Findings:
    return read(Role.FEED, page, FEED, content_type, **keys)


def test_rss_2() -> None:
    findings = read_feed(
        """<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"
        xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
        <title>News</title><link>/</link><atom:link rel="self" href="/feeds/news.xml"/>
        <item><media:title>Picture</media:title><title><![CDATA[节水 <通知>]]></title><link>../art/1.html</link>
              <pubDate>Wed, 15 May 2024 20:00:00 GMT</pubDate></item>
        <item><title>By guid</title><guid>http://www.example.gov.cn/art/2.html</guid><pubDate>2024-05-14</pubDate></item>
        <item><title>No address</title><guid isPermaLink="false">http://www.example.gov.cn/art/9.html</guid></item>
        <item><link>file:///etc/passwd</link></item>
        <item><link>javascript:alert(1)</link></item>
        <item><link>//elsewhere.example/art/3.html</link></item>
        <item><title>Odd day</title><link>/art/4.html</link><dc:date>sometime</dc:date></item>
        <item><title>Far day</title><link>/art/5.html</link><pubDate>Fri, 31 Dec 9999 23:00:00 GMT</pubDate></item>
        </channel></rss>"""
    )
    assert [(found.url.rpartition("/")[2], found.title, found.hinted_on) for found in findings.found] == [
        ("1.html", "节水 <通知>", date(2024, 5, 16)),
        ("2.html", "By guid", date(2024, 5, 14)),
        ("4.html", "Odd day", None),
        ("5.html", "Far day", None),
    ]


def test_rss_1() -> None:
    findings = read_feed(
        f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
        xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="http://{HOST}/"><title>News</title></channel>
        <item rdf:about="http://{HOST}/art/1.html"><title>一</title><dc:date>2024-05-15</dc:date></item></rdf:RDF>"""
    )
    assert [(found.title, found.hinted_on) for found in findings.found] == [("一", date(2024, 5, 15))]


def test_atom() -> None:
    findings = read_feed(
        """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="/art/"><title>News</title>
        <entry><title type="html">One</title><link rel="edit" href="/edit/1"/><link href="1.html"/>
               <published>2024-05-15T01:00:00Z</published><updated>2024-06-01T00:00:00Z</updated></entry>
        <entry xml:base="http://[::1"><title>Two</title><link rel="alternate" href="/art/2.html"/></entry></feed>"""
    )
    assert urls(findings) == ["/art/1.html", "/art/2.html"]
    assert findings.found[0].hinted_on == date(2024, 5, 15)


def test_broken_feed_gives_what_is_whole() -> None:
    page = (
        "<rss><channel><item><title>A & B \x0b &#8; &nbsp; < C</title><link>/art/1.html</link></item>"
        "<item><title>Cut</title><link>/art/2.ht"
    )
    assert "/art/1.html" in urls(read_feed(page))


def test_feed_in_gb_that_says_so_only_in_the_header() -> None:
    page = "<rss><channel><item><title>节水通知</title><link>/art/1.html</link></item></channel></rss>"
    assert read_feed(page.encode("gbk"), "text/xml; charset=gb2312").found[0].title == "节水通知"


@pytest.mark.parametrize("page", ["", "nonsense", "<html><body>x</body></html>", "<urlset/>"])
def test_no_feed(page: str) -> None:
    assert read_feed(page) == Findings(problem="not a feed")


def test_feed_without_patterns_takes_every_entry_on_its_hosts() -> None:
    page = (
        "<rss><channel><item><link>/x</link></item><item><link>http://elsewhere.example/</link></item></channel></rss>"
    )
    assert urls(read_feed(page, documents=())) == ["/x"]


# Attacks by way of XML.

LAUGHS = (
    '<!DOCTYPE r [<!ENTITY a0 "lol">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)) + "]>"
)
ITEM = "<item><title>{0}</title><link>/art/1.html{0}</link></item><item><link>/art/2.html</link></item>"


def test_entities_are_not_expanded() -> None:
    for entity in ("&a9;", "&a1;", "&unknown;"):
        findings = read_feed(f"{LAUGHS}<rss><channel>{ITEM.format(entity)}</channel></rss>")
        assert "/art/1.html" not in urls(findings)
        findings = read_map(f"{LAUGHS}<urlset><url><loc>/art/1.html?{entity}</loc></url></urlset>")
        assert findings.found == ()
        item = f"<item><title>{entity}</title><link>/art/1.html</link></item>"
        findings = read_feed(f"{LAUGHS}<rss><channel>{item}</channel></rss>")
        assert "lol" not in repr(findings)


def test_files_are_not_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("secret") / "secret.txt"
    secret.write_text("0123456789secret")
    doctype = f'<!DOCTYPE r SYSTEM "{secret.as_uri()}" [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    findings = read_feed(f"{doctype}<rss><channel>{ITEM.format('&x;')}</channel></rss>")
    assert "secret" not in repr(findings).replace("secret.txt", "")
    assert urls(findings) == ["/art/2.html"]


def test_deep_and_wide_xml_ends() -> None:
    assert read_map("<urlset>" + "<url>" * 5_000).found == ()
    assert read_feed("<rss>" + "<item>" * 5_000 + "<link>/art/1.html</link>").problem is None


@settings(max_examples=50, deadline=None)
@given(
    st.binary(max_size=300), st.sampled_from(Role), st.sampled_from([b"", b"<rss><item>", b"<urlset><url><loc>", b"["])
)
def test_any_bytes_are_read_without_an_error(body: bytes, role: Role, start: bytes) -> None:
    findings = discover(source(), role, start + body, url=LIST, content_type=HTML)
    assert all(re.match(r"https?://", found.url) for found in findings.found)
