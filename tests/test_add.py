from __future__ import annotations

import io
import json
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from crawler.add import add
from crawler.add.addresses import Address, matches, patterns, site_of
from crawler.add.naming import country_of, language_of, name_of, publisher_of, timezone_of
from crawler.add.preview import preview
from crawler.add.proposal import Answer, Proposal
from crawler.add.propose import maps_in, read
from crawler.add.rows import is_title
from crawler.add.trial import Sample
from crawler.demo.site import DemoSite
from crawler.errors import CrawlerError, CrawlFailedError, SourceError
from spiders.keys import parse, write
from storage.model import Role
from tests.conftest import Command
from tests.site import Page, Site

HOST = "https://www.example.gov.cn"
NOTHING = Answer(url=f"{HOST}/", body=b"", content_type="")
TITLES = (
    "关于做好城乡道路养护工作的通知",
    "关于公布社区图书室名单的公告",
    "公共自行车管理暂行办法（修订）",
    "关于开展冬季清雪演练的实施意见",
    "关于调整渡口开放时间的通告",
    "乡村小学午餐补助发放办法",
)
ENGLISH = (
    "New rules for small harbours",
    "Budget 2024 for village roads",
    "Covid-19 advice for travellers withdrawn",
    "Minister opens the northern bridge",
    "Consultation on school meals begins",
)


def look(page: str, url: str, content_type: str = "text/html; charset=utf-8") -> Proposal:
    found = read(Answer(url=url, body=page.encode(), content_type=content_type)).proposal
    assert found is not None
    return found


def check(page: str, url: str, documents: list[str], others: list[str], later: list[str]) -> Proposal:
    """See that a list's documents are taken, now and later, and nothing that stands beside them."""
    proposal = look(page, url)
    source = proposal.source("xx_example")
    missed = [path for path in (*documents, *later) if not source.is_document(path_to(path, url))]
    assert not missed, proposal.documents
    wrong = [path for path in others if source.is_document(path_to(path, url))]
    assert not wrong, proposal.documents
    assert proposal.role is Role.LIST
    return proposal


def path_to(path: str, url: str) -> str:
    return "/".join(url.split("/")[:3]) + path


# Lists, as site software of several kinds writes them.


def test_portal_with_numbered_pages() -> None:
    documents = [f"/zwgk/zcwj/2024{5 - n // 3:02}/t2024{5 - n // 3:02}1{n}_{4107 + 13 * n}.html" for n in range(6)]
    rows = "".join(
        f'<li class="{("odd", "even")[n % 2]}"><a href="{path}" title="{title}">{title[:8]}…</a><i>2024-05-1{n}</i>'
        for n, (path, title) in enumerate(zip(documents, TITLES, strict=True))
    )
    news = [f"/zwgk/gzdt/202405/t2024051{n}_{5107 + n}.html" for n in range(3)]
    aside = "".join(f'<li><a href="{path}">全省渡口安全检查工作会议召开</a></li>' for path in news)
    page = f"""<html lang="zh-CN"><head><title>政策文件_示例市交通局</title></head><body>
        <ul class="nav"><li><a href="/">首页</a><li><a href="/zwgk/">政务公开</a>
        <li><a href="/hdjl/index.html">互动交流</a>
        <li><a href="/zwgk/gkzn/202001/t20200101_1.html">政府信息公开工作指南</a></ul>
        <div class="left"><h3>工作动态</h3><ul>{aside}</ul></div>
        <div class="right"><ul class="list">{rows}</ul>
        <div class="page"><a href="index_1.html">2</a> <a href="index_1.html">下一页</a></div></div>
        <div class="links"><a href="https://www.elsewhere.gov.cn/">国务院交通运输主管部门</a></div></body></html>"""
    proposal = check(
        page,
        f"{HOST}/zwgk/zcwj/index.html",
        documents,
        [*news, "/zwgk/gkzn/202001/t20200101_1.html", "/zwgk/zcwj/index_1.html", "/hdjl/index.html"],
        ["/zwgk/zcwj/202512/t20251201_9999999.html"],
    )
    assert list(proposal.titles.values()) == list(TITLES)
    source = proposal.source(name_of(proposal.url, ()))
    assert (source.name, source.publisher, source.language) == ("cn_example_zcwj", "示例市交通局", "zh")
    assert (source.timezone, source.schedule, source.delay_s) == ("Asia/Shanghai", "every 6h", 1.0)


def test_number_of_the_column_stays() -> None:
    documents = [f"/art/2024/{9 + n // 3}/{8 + n}/art_12_{70500 + n}.html" for n in range(6)]
    rows = "".join(
        f"<record><![CDATA[<tr><td><a href='{path}'>{title}</a></td><td>[2024-10-0{n}]</td></tr>]]></record>"
        for n, (path, title) in enumerate(zip(documents, TITLES, strict=True))
    )
    page = f"""<title>示例市人民政府 通知公告</title><a href="/col/col12/index.html">通知公告</a>
        <script type="text/xml"><datastore><recordset>{rows}</recordset></datastore></script>
        <p><a href="/art/2024/9/1/art_99_70001.html">市领导调研渡口改造工程</a></p>"""
    check(
        page,
        f"{HOST}/col/col12/index.html",
        documents,
        ["/art/2024/9/1/art_99_70001.html", "/col/col13/index.html"],
        ["/art/2025/1/2/art_12_88888.html", "/art/2025/11/22/art_12_99999.html"],
    )


def test_newspaper_in_bunches_of_five() -> None:
    documents = [f"/2024-05/{10 + n}/content_{117000 + n}.htm" for n in range(6)]
    links = [f'<li>· <a href="{path}">{title}</a>' for path, title in zip(documents, TITLES, strict=True)]
    page = f"<table><tr><td><ul>{''.join(links[:3])}</ul><ul>{''.join(links[3:])}</ul></td></tr></table>"
    proposal = check(
        page,
        "http://paper.example.cn/node_7.htm",
        documents,
        ["/node_7_2.htm", "/2024-05/10/content_117000_2.htm"],
        ["/2025-12/01/content_7.htm"],
    )
    assert len(proposal.titles) == 6


def test_query_says_which_document() -> None:
    documents = [f"/zc/content.jsp?col=x&id={n * 7}" for n in range(1, 6)]
    rows = "".join(
        f"<dt><a href='{path.replace('&', '&amp;')}'>{title}</a></dt><dd>05-1{n}</dd>"
        for n, (path, title) in enumerate(zip(documents, TITLES, strict=False))
    )
    page = f"""<dl>{rows}</dl><a href='list.jsp?col=x&amp;page=2'>下一页</a>
        <a href='content.jsp?col=y&amp;id=3'>其他栏目的一个文件</a>"""
    check(
        page,
        f"{HOST}/zc/list.jsp?col=x",
        documents,
        ["/zc/list.jsp?col=x&page=2", "/zc/content.jsp?col=y&id=3"],
        ["/zc/content.jsp?col=x&id=1234567"],
    )


@pytest.mark.parametrize("folder", ["/2024/05", "/news"])
def test_titles_in_addresses(folder: str) -> None:
    documents = [f"{folder}/{title.lower().replace(' ', '-')}/" for title in ENGLISH]
    rows = "".join(
        f"""<article class="post-{n} post"><h2><a href="{path}">{title}</a></h2>
        <a href="/category/policy-and-law/">Policy and the law</a> by <a href="/author/ann-lee/">Ann Lee</a>,
        May {n}, 2024
        <p>Some words. <a href="{path}">Continue reading the story</a></p></article>"""
        for n, (path, title) in enumerate(zip(documents, ENGLISH, strict=True), 1)
    )
    page = f"""<html lang="en-GB"><head><title>News | Example Office</title>
        <meta property="og:site_name" content="Example Office">
        <link rel="alternate" type="application/rss+xml" href="/feed/"></head><body>
        <nav><ul><li><a href="/">Home</a><li><a href="/about-us/">About us</a>
        <li><a href="/our-people/">Our people</a></ul></nav>
        <main>{rows}<a class="next" href="{folder}/page/2/">Next</a></main>
        <aside><a href="/2024/05/">May 2024</a><a href="/2024/04/">April 2024</a></aside></body></html>"""
    proposal = check(
        page,
        f"https://www.example.gov.uk{folder}/",
        documents,
        [
            "/about-us/",
            "/category/policy-and-law/",
            "/author/ann-lee/",
            f"{folder}/page/2/",
            "/2024/05/",
            "/2024/05/16/",
        ],
        [f"{folder}/a-story-of-later-days/"],
    )
    source = proposal.source(name_of(proposal.url, ()))
    assert (source.publisher, source.language, source.timezone) == ("Example Office", "en", "Europe/London")
    assert source.name.startswith("gb_example")


def test_several_sections_in_one_list() -> None:
    documents = [f"/{section}/202405/t2024051{n}_{n}.html" for n, section in enumerate(("a", "b", "a", "b", "a", "b"))]
    rows = "".join(
        f'<p><a href="{path}">{title}</a> 2024年5月1{n}日</p>'
        for n, (path, title) in enumerate(zip(documents, TITLES, strict=True))
    )
    page = f"<div>{rows}</div><div><a href='/c/202405/t20240501_9.html'>另外一个栏目里的文件</a></div>"
    check(page, f"{HOST}/zuixin/", documents, ["/c/202405/t20240501_9.html"], ["/b/202506/t20250601_44.html"])


def test_hosts_of_the_documents_are_named() -> None:
    rows = "".join(
        f'<li><a href="https://zfxxgk.example.gov.cn/gk/{n}0{n}.html">{title}</a> 2024-05-0{n + 1}'
        for n, title in enumerate(TITLES)
    )
    proposal = look(f"<ul>{rows}</ul>", f"{HOST}/zc/")
    assert proposal.source("cn_example").hosts == ("www.example.gov.cn", "zfxxgk.example.gov.cn")


def test_data_behind_a_script() -> None:
    data = [
        {"TITLE": title, "URL": f"{HOST}/zhengce/202405/content_69{n}.htm", "DOCRELPUBTIME": "2024-05-10"}
        for n, title in enumerate(TITLES)
    ]
    proposal = look(json.dumps(data), f"{HOST}/zhengce/list.json", "application/json")
    assert proposal.documents == (r"^/zhengce/\d{6}/content_\d+\.htm$",)


def test_home_page_points_to_its_sections() -> None:
    blocks = "".join(
        f"""<div class="block"><h2>{section}</h2><a href="/{section}/">更多</a><ul>"""
        + "".join(
            f'<li><a href="/{section}/202405/t2024051{n}_{n}.html">{TITLES[n]}</a><i>05-1{n}</i>' for n in range(4)
        )
        + "</ul></div>"
        for section in ("zcwj", "gzdt")
    )
    reading = read(Answer(url=f"{HOST}/", body=blocks.encode(), content_type="text/html; charset=utf-8"))
    assert reading.proposal is not None
    assert reading.proposal.documents == (r"^/zcwj/\d{6}/t\d{8}_\d+\.html$",)
    assert reading.better == (f"{HOST}/zcwj/",)


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<html><body><div id=app></div><script src=/app.js></script></body></html>",
        "<ul class=nav><li><a href=/a/>首页</a><li><a href=/b/>政务公开</a></ul>",
        "<ul>"
        + "".join(f"<li><a href='https://site{n}.example/'>友情链接网站名称之{n}</a>" for n in range(9))
        + "</ul>",
        "<p>" * 400 + "<a href='/x/t20240501_1.html'>只有一个文件的页面</a>",
    ],
)
def test_no_list(page: str) -> None:
    reading = read(Answer(url=f"{HOST}/", body=page.encode(), content_type="text/html; charset=utf-8"))
    assert reading.proposal is None
    assert reading.seen


# Feeds and maps.


def feed(paths: list[str]) -> str:
    entries = "".join(f"<item><title>A title of note</title><link>{HOST}{path}</link></item>" for path in paths)
    return f"<rss version='2.0'><channel><title>Example Office &amp; more</title>{entries}</channel></rss>"


def test_feed_of_one_section() -> None:
    proposal = look(feed([f"/news/{n}.html" for n in range(5)]), f"{HOST}/rss.xml", "text/xml")
    assert (proposal.role, proposal.documents) == (Role.FEED, (r"^/news/\d+\.html$",))
    assert proposal.publisher == "Example Office & more"


def test_feed_of_anything_keeps_all() -> None:
    proposal = look(feed(["/news/1.html", "/blog/two-words-more", "/x/y/z", "/q?a=1"]), f"{HOST}/rss.xml", "text/xml")
    assert proposal.documents == ()
    assert len(proposal.titles) == 4


def test_site_map_takes_what_has_numbers() -> None:
    paths = ["/", "/about/", "/services/buses", *(f"/news/2024-0{n}/{n}.html" for n in range(1, 7))]
    body = "<urlset>" + "".join(f"<url><loc>{HOST}{path}</loc></url>" for path in paths) + "</urlset>"
    proposal = look(body, f"{HOST}/sitemap.xml", "text/xml")
    assert (proposal.role, proposal.documents) == (Role.SITEMAP, (r"^/news/\d{4}-\d{1,2}/\d+\.html$",))


def test_index_of_site_maps_names_files_of_news_first() -> None:
    names = ("page-1", "post-1", "post-2", "tag-1")
    body = (
        "<sitemapindex>" + "".join(f"<sitemap><loc>{HOST}/{n}.xml</loc></sitemap>" for n in names) + "</sitemapindex>"
    )
    reading = read(Answer(url=f"{HOST}/sitemap.xml", body=body.encode(), content_type="text/xml"))
    assert reading.better[:2] == (f"{HOST}/post-2.xml", f"{HOST}/post-1.xml")


def test_maps_in_robots() -> None:
    robots = f"User-agent: *\nDisallow: /x\n sitemap : {HOST}/a.xml\nSitemap: /b.xml\nSitemap: javascript:1\n".encode()
    assert maps_in(robots, f"{HOST}/") == (f"{HOST}/a.xml", f"{HOST}/b.xml")


# Addresses.


@pytest.mark.parametrize(
    ("urls", "expected"),
    [
        ([f"/n1/2024/05{10 + n}/c351793-{4000 + n}.html" for n in range(3)], r"^/n1/\d{4}/\d{4}/c351793-\d+\.html$"),
        ([f"/a/{n}f3a9b2c1d.html" for n in range(3)], r"^/a/[0-9A-Za-z]{10,}\.html$"),
        ([f"/{chr(97 + n)}/202405/t20240501_{n}.html" for n in range(8)], r"^/[^/]+/\d{6}/t\d{8}_\d+\.html$"),
        ([f"/item/{1995 + n}.html" for n in range(20)], r"^/item/\d+\.html$"),
        ([f"/a/20240501/{n}.html" for n in range(4)], r"^/a/\d{8}/\d+\.html$"),
        ([f"/{chr(97 + n)}/2024/05/c{n}.html" for n in range(8)], r"^/[^/]+/\d{4}/\d{1,2}/c\d+\.html$"),
        ([f"/news/{'xyz'[n % 3] * 5}2024050{n}a.htm" for n in range(4)], r"^/news/[A-Za-z]+\d{8}a\.htm$"),
        ([f"/x/{'y/' * n}2024/t{n}.html" for n in range(5)], r"^/x/(?:[^/]+/)*t\d+\.html$"),
    ],
)
def test_pattern(urls: list[str], expected: str) -> None:
    assert patterns([f"{HOST}{path}" for path in urls]) == (expected,)


PIECES = st.text("abcxyz0123456789-_.~%'(+", min_size=1, max_size=12).filter(lambda text: text.strip(".") != "")


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(PIECES, min_size=1, max_size=4), min_size=1, max_size=8))
def test_patterns_can_be_written_and_take_most(paths: list[list[str]]) -> None:
    urls = [f"{HOST}/{'/'.join(path)}" for path in paths]
    made = patterns(urls)
    proposal = Proposal(
        role=Role.LIST, made_of=NOTHING, url=f"{HOST}/", documents=made, hosts=(), titles={}, publisher="例"
    )
    if made:
        source = proposal.source("cn_example")
        assert not isinstance(parse(write(source), Path("cn_example.toml")), tuple)
    if len({Address.read(url).section for url in urls}) == 1 and not any("." in path[-1] for path in paths):
        assert all(any(matches(pattern, url) for pattern in made) for url in urls)


def test_stray_link_counts_for_nothing() -> None:
    urls = [f"{HOST}/news/{n}.html" for n in range(5)]
    assert patterns([*urls, f"{HOST}/special/topic-of-the-day/"]) == (r"^/news/\d+\.html$",)


# Names.


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.huaian.gov.cn/col/18073_668815/index.html", "cn_huaian"),
        ("https://www.gov.cn/zhengce/zuixin/", "cn_gov_zuixin"),
        ("https://www.gov.uk/government/news", "gb_gov_news"),
        ("https://english.scio.gov.cn/pressroom/node_8020819.html", "cn_scio_pressroom"),
        ("https://www.regulator.example/feed.xml", "xx_regulator"),
        ("https://www.state.gov/press-releases/", "us_state_press_releases"),
        ("http://127.0.0.1:8000/zcwj/index.html", "xx_local_zcwj"),
        ("http://10.1.2.3/a/", "xx_10_1_2_3_a"),
        ("http://[::1]:8000/zcwj/", "xx_local_zcwj"),
    ],
)
def test_name(url: str, name: str) -> None:
    assert name_of(url, ()) == name
    assert name_of(url, {name, f"{name}_2"}) == f"{name}_3"


@settings(max_examples=50, deadline=None)
@given(st.text("abz09.-_%/:", max_size=30))
def test_every_name_can_be_a_file(rest: str) -> None:
    name = name_of(f"http://www.example.com/{rest}", ())
    text = write(
        Proposal(role=Role.FEED, made_of=NOTHING, url=f"{HOST}/x", documents=(), hosts=(), titles={}).source(name)
    )
    assert not isinstance(parse(text, Path(f"{name}.toml")), tuple)


def test_language_and_zone() -> None:
    assert language_of("en", list(TITLES)) == "zh"
    assert language_of("zh-CN", list(ENGLISH)) == "en"
    assert language_of("", list(ENGLISH)) == "en"
    assert language_of("fr_FR", ["Le ministre de la mer"]) == "fr"
    assert timezone_of("xx", "zh") == "Asia/Shanghai"
    assert timezone_of("cn", "en") == "Asia/Shanghai"
    assert timezone_of("xx", "en") == "UTC"
    assert country_of("www.example.gov.uk") == "gb"


def test_publisher() -> None:
    assert publisher_of("", "政策文件-示例市交通局", "h") == "示例市交通局"
    assert publisher_of("", "Press Room - Well-being Office", "h") == "Well-being Office"
    assert publisher_of("\x1b[31m示例", "", "h") == "[31m示例"
    assert publisher_of("", "", "h.example") == "h.example"


def test_site_of() -> None:
    assert site_of("a.b.example.gov.cn:80") == "example.gov.cn"
    assert site_of("www.gov.cn") == "www.gov.cn"
    assert site_of("127.0.0.1:80") == "127.0.0.1:80"
    assert site_of("news.example.org") == "example.org"


def test_titles_are_told_from_words_of_a_menu() -> None:
    assert is_title("关于春耕的通知")
    assert is_title("Rules for harbours")
    assert not is_title("通知公告")
    assert not is_title("About us")


# What a person is shown.


def test_preview_is_harmless_and_fits() -> None:
    proposal = Proposal(
        role=Role.LIST, made_of=NOTHING, url=f"{HOST}/", documents=("^/a$",), hosts=(), titles={}, doubts=("no days",)
    )
    sample = Sample(
        url=f"{HOST}/a",
        title="\x1b]0;x\x07标题" * 30,
        published_on=None,
        characters=3,
        opening="正文\u202e" * 90,
        left_out={"navigation": 2},
        unsure=("no date", "little text"),
    )
    text = preview(proposal, proposal.source("cn_x"), [sample], cells=80).plain
    assert "\x1b" not in text and "\u202e" not in text
    assert "2 navigation" in text and "no date; little text" in text
    printed = io.StringIO()
    Console(file=printed, width=80).print(preview(proposal, proposal.source("cn_x"), [sample], cells=80))
    assert len(printed.getvalue().splitlines()) == len(text.splitlines())


# From end to end: real crawls of real sites.


@pytest.fixture
def out() -> Console:
    return Console(file=io.StringIO(), width=80, markup=False, emoji=False, highlight=False, soft_wrap=True)


def printed(out: Console) -> str:
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def yes(_: str) -> bool:
    return True


def crawled(policytrail: Command, name: str, archive: Path, sources: Path, port: int) -> set[str]:
    """Crawl a written source and return the paths of its documents."""
    done = policytrail("crawl", name, "--archive", archive, "--sources", sources, "--allow", f"127.0.0.1:{port}")
    assert done.returncode == 0, done.stderr
    with sqlite3.connect(archive) as database:
        rows = database.execute("select url from document join resource on resource_id = main_id").fetchall()
    database.close()
    return {"/" + url.split("/", 3)[3] for (url,) in rows}


@pytest.mark.parametrize("start", ["/zcwj/index.html", "/sitemap.xml"])
def test_add_from_the_demo_site(
    demo_site: DemoSite, policytrail: Command, sources_dir: Path, archive_path: Path, out: Console, start: str
) -> None:
    allow = (f"127.0.0.1:{demo_site.port}",)
    name = add(demo_site.origin + start, sources=sources_dir, allow=allow, confirm=yes, out=out, progress=out)
    own = next(each for each in ("demo_ministry", "demo_city") if start in demo_site.sources()[each])
    expected = sources_dir.parent / "expected"
    expected.mkdir()
    (expected / f"{own}.toml").write_text(demo_site.sources()[own], "utf-8")
    wanted = crawled(policytrail, own, archive_path, expected, demo_site.port)
    got = crawled(policytrail, name, archive_path.with_name("other.db"), sources_dir, demo_site.port)
    assert got == wanted
    assert "published_on  20" in printed(out)


def article(title: str, day: str, *, links: str = "") -> Page:
    text = "各县区：为方便居民出行，现将有关事项通知如下。" * 8
    return Page(
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>发布日期：{day}</p><p>{text}</p>{links}</body></html>"
    )


def test_add_from_a_home_page(
    site: Site, policytrail: Command, sources_dir: Path, archive_path: Path, out: Console
) -> None:
    def path(section: str, n: int) -> str:
        return f"/{section}/202405/t2024051{n}_{1000 + n}.html"

    def row(section: str, n: int) -> str:
        return f'<li><a href="{path(section, n)}">{TITLES[n]}</a><span>2024-05-1{n}</span></li>'

    for section in ("zcwj", "gzdt"):
        for n in range(6):
            site.pages[path(section, n)] = article(TITLES[n], f"2024-05-1{n}", links='<a href="/zcwj/">政策文件</a>')
    site.pages["/"] = Page(
        "".join(f"<div><h2>栏目</h2><ul>{''.join(row(s, n) for n in (0, 1, 2))}</ul></div>" for s in ("zcwj", "gzdt"))
        + '<a href="/zcwj/">政策文件</a>'
    )
    site.pages["/zcwj/"] = Page(
        f"<ul>{''.join(row('zcwj', n) for n in (0, 1, 2, 3))}</ul><a href='/zcwj/index_1.html'>2</a>"
    )
    site.pages["/zcwj/index_1.html"] = Page(f"<ul>{''.join(row('zcwj', n) for n in (4, 5))}</ul><a href='/zcwj/'>1</a>")
    name = add(site.origin, sources=sources_dir, allow=(site.host,), confirm=yes, out=out, progress=out)
    assert name == "xx_local_zcwj"
    asked = [each for each in site.paths() if "/t2024" in each]
    assert len(asked) == 3, "three documents are asked for, no more"
    got = crawled(policytrail, name, archive_path, sources_dir, int(site.host.rpartition(":")[2]))
    assert got == {path("zcwj", n) for n in range(6)}
    with pytest.raises(SourceError, match="begins at"):
        add(site.origin, sources=sources_dir, allow=(site.host,), confirm=yes, out=out, progress=out)


def test_dry_run_and_no_write_nothing(demo_site: DemoSite, sources_dir: Path, out: Console) -> None:
    allow = (f"127.0.0.1:{demo_site.port}",)

    def never(question: str) -> bool:
        raise AssertionError(question)

    url = f"{demo_site.origin}/city/rss.xml"
    name = add(
        url, sources=sources_dir, allow=allow, name="gb_city_news", dry_run=True, confirm=never, out=out, progress=out
    )
    assert name == "gb_city_news"
    with pytest.raises(CrawlFailedError, match="nothing was written"):
        add(url, sources=sources_dir, allow=allow, confirm=lambda _: False, out=out, progress=out)
    assert list(sources_dir.iterdir()) == []


def test_what_cannot_be_had_is_said_in_a_line(site: Site, sources_dir: Path, out: Console) -> None:
    site.pages["/app/"] = Page(
        "<title>x</title><p>正在载入页面内容，请稍候片刻再看。</p><script>1</script><script>2</script>"
    )
    site.pages["/away"] = Page("", status=302, headers={"Location": "http://127.0.0.1:9/list/"})
    site.pages["/robots.txt"] = Page("User-agent: *\nDisallow: /closed/\n")
    for path, said in (
        ("/missing", "cannot be had: gone: status 404"),
        ("/closed/", "cannot be had: disallowed: robots.txt forbids it"),
        ("/away", "refused_by_gate|could not|unreachable"),
        ("/app/", "no list of documents|cannot be had: challenge"),
    ):
        with pytest.raises(CrawlerError, match=said) as raised:
            add(site.url(path), sources=sources_dir, allow=(site.host,), confirm=yes, out=out, progress=out)
        assert "\n" not in str(raised.value)


def test_what_is_wrong_is_said_before_anything_is_asked(sources_dir: Path, out: Console) -> None:
    (sources_dir / "xx_mine.toml").write_text('publisher = "x"\nurls = ["http://127.0.0.1/"]\n', "utf-8")
    for url, name, said in (
        ("ftp://127.0.0.1/", None, "no http or https address"),
        ("http://127.0.0.1/", "xx_mine", "exists already"),
        ("http://127.0.0.1/", "Mine", "must be country_body"),
        ("http://www.example.org/", None, "POLICYTRAIL_CONTACT"),
    ):
        with pytest.raises(CrawlerError, match=said):
            add(url, sources=sources_dir, name=name, confirm=yes, out=out, progress=out)
