"""Lists of which the rows come as data, in a feed or a map, or stand in the page's own scripts."""

from __future__ import annotations

import json
from urllib.parse import unquote

from tests.listed import (
    BRIDGE,
    COUNT,
    PAGES,
    Form,
    asked,
    data_page,
    dated,
    day,
    english,
    english_page,
    midnight,
    number_in,
    part,
    shell,
    slug,
    strip,
)
from tests.site import Page, Request, Site


def policy_search(site: Site, form: Form) -> None:
    """A policy library: kinds of documents beside each other, and parameters that nobody fills in."""
    script = """var pageIndex = 1, pageSize = 5;
        function search() { $.ajax({ url: '/search-gov/data', type: 'get', dataType: 'json',
          data: { t: 'zhengcelibrary_gw', q: '', timetype: 'timeqb', mintime: '', maxtime: '', sort: 'pubtime',
                  sortType: 1, searchfield: 'title', p: pageIndex, n: pageSize },
          success: function (res) { render(res.searchVO.listVO); } }); } search();"""
    site.pages[form.start] = form.page(shell(f"<div class='result'></div><script>{script}</script>", BRIDGE))

    def answer(request: Request) -> Page:
        if asked(request, "t") != "zhengcelibrary_gw":
            return data_page({"code": 400, "msg": "参数错误"})
        rows = [
            {
                "id": str(9_100 + n),
                "index": f"000014349/2024-000{n:02}",
                "title": form.name(n),
                "url": site.url(form.path(n)),
                "pubtime": 1_000 * midnight(n),
                "pubtimeStr": day(n).replace("-", "."),
                "pcode": f"国办函〔2024〕{n}号",
                "puborg": "国务院办公厅",
                "summary": "现将有关事项通知如下。",
            }
            for n in part(number_in(request.path, "p") - 1)
        ]
        found = {"listVO": rows, "totalCount": COUNT, "totalpage": PAGES, "currentPage": 1, "pageSize": 5}
        return data_page({"code": 200, "msg": "操作成功", "searchVO": found})

    site.pages["/search-gov/data"] = answer


def kinds_beside(site: Site, form: Form) -> None:
    """All kinds come in one answer, each with its rows; the script asks in a file, by its own host's full address."""
    site.pages["/js/policy.js"] = Page(
        f"""const base = '{site.origin}/search/policy';
        function load(n) {{ return axios.get(base + '?type=gongwen&page_index=' + n + '&page_size=5').then(draw); }}"""
    )
    site.pages[form.start] = form.page(shell("<div id='app'></div><script src='/js/policy.js'></script>", BRIDGE))

    def answer(request: Request) -> Page:
        rows = form.data(part(number_in(request.path, "page_index") - 1), t="title", u="url", d="pubtimeStr")
        links = [{"title": f"专题之{n}：清雪保畅通行动", "url": f"/zt/{n}/"} for n in range(2)]
        shown = {"gongwen": {"listVO": rows, "totalCount": COUNT}, "otherfile": {"listVO": [], "totalCount": 0}}
        return data_page({"data": {"catMap": shown, "topics": links}, "success": True})

    site.pages["/search/policy"] = answer


def unit_by_script(site: Site, form: Form) -> None:
    """The publishing server asked by a call; rows as a table inside JSON."""
    script = """function loadPage(pageNo) { $.ajax({ type: 'get',
        url: '/api-gateway/jpaas-publish-server/front/page/build/unit',
        data: { parseType: 'buildstatic', webId: '3096', tplSetId: 'a1b2', pageType: 'column', tagId: '信息列表',
          editType: 'null', pageId: '1551', paramJson: JSON.stringify({ pageNo: pageNo, pageSize: 5 }) },
        success: function (res) { $('#list').html(res.data.html); } }); } loadPage(1);"""
    site.pages[form.start] = form.page(shell(f"<div id='list'></div><script>{script}</script>", BRIDGE))

    def answer(request: Request) -> Page:
        if asked(request, "pageId") != "1551":
            return data_page({"success": False})
        turning = json.loads(unquote(asked(request, "paramJson")) or "{}")
        rows = form.rows(part(int(turning.get("pageNo", 1)) - 1), "<tr><td><a href='{u}'>{t}</a></td><td>{d}</td></tr>")
        return data_page({"success": True, "code": "200", "data": {"html": f"<table>{rows}</table>", "total": COUNT}})

    site.pages["/api-gateway/jpaas-publish-server/front/page/build/unit"] = answer


def units_beside(site: Site, form: Form) -> None:
    """Two lists of records on one page, each with a pager of its own; the second is of another column."""

    def recordset(rows: list[str], total: int) -> str:
        inner = "".join(f"<record><![CDATA[{row}]]></record>" for row in rows)
        return f"<datastore><totalrecord>{total}</totalrecord><recordset>{inner}</recordset></datastore>"

    def call(column: int, unit: int, total: int) -> str:
        return (
            f"$('#{unit}').jpage({{itemTemplate:'',theme:'simple',groupSize:1,pageSize:5,perPage:5,totalRecord:{total},"
            "proxyUrl:'/module/web/jpage/dataproxy.jsp',ajaxParam:{col:'1',webid:'22',path:'/',"
            f"columnid:'{column}',sourceContentType:'1',unitid:'{unit}'}}}});"
        )

    def own(numbers: range) -> list[str]:
        return [form.rows(range(n, n + 1)) for n in numbers]

    def others(numbers: range) -> list[str]:
        return [
            f"<li><a href='/art/2024/1/{n + 1}/art_88_{40 + n}.html'>县长走访渡口现场之{n}号</a>"
            f"<span>2024-01-{n + 1:02}</span></li>"
            for n in numbers
        ]

    def unit(column: int, number: int, rows: list[str], total: int) -> str:
        first = f"<script type='text/xml'>{recordset(rows, total)}</script>"
        return f"<div id='{number}'>{first}<script>{call(column, number, total)}</script></div>"

    side, main = unit(88, 771, others(range(3)), 9), unit(55, 550, own(part(0)), COUNT)
    site.pages[form.start] = form.page(shell(f"<div class='left'>{side}</div><div class='right'>{main}</div>", BRIDGE))

    def answer(request: Request) -> Page:
        first, last = number_in(request.path, "startrecord"), number_in(request.path, "endrecord")
        said = f"{request.body}&{request.path}"
        if "columnid=55" in said:
            text = recordset(own(range(first - 1, min(last, COUNT))), COUNT)
        elif "columnid=88" in said:
            text = recordset(others(range(first - 1, min(last, 9))), 9)
        else:
            return Page(status=400)
        return Page(
            f"<?xml version='1.0' encoding='UTF-8'?>{text}", headers={"Content-Type": "text/xml; charset=utf-8"}
        )

    site.pages["/module/web/jpage/dataproxy.jsp"] = answer
    for number in range(9):
        site.pages[f"/art/2024/1/{number + 1}/art_88_{40 + number}.html"] = form.page("<html><p>县长</p></html>")


def finder_api(site: Site, form: Form) -> None:
    """An interface is given itself: rows by offset and count, addresses of two kinds, days with a zone."""

    def answer(request: Request) -> Page:
        first = number_in(request.path, "start", 0)
        rows = [
            {
                "title": form.name(n),
                "link": form.path(n),
                "public_timestamp": f"{day(n)}T09:30:00.000+00:00",
                "format": "guidance",
                "organisations": [
                    {"title": "Harbour Board", "slug": "harbour-board", "link": "/organisations/harbour"}
                ],
                "_id": form.path(n),
            }
            for n in range(first, min(first + 5, COUNT))
        ]
        return data_page({"results": rows, "total": COUNT, "start": first, "facets": {}, "suggested_queries": []})

    site.pages["/api/search.json"] = answer


def register_api(site: Site, form: Form) -> None:
    """Another: each row has several addresses, and the answer says where the next page is."""

    def answer(request: Request) -> Page:
        place = number_in(request.path, "page") - 1
        rows = [
            {
                "title": form.name(n),
                "type": "Rule",
                "abstract": "This rule amends the conditions for moorings.",
                "document_number": f"2024-{10_000 + n}",
                "html_url": site.url(form.path(n)),
                "pdf_url": site.url(f"/content/pkg/2024-{10_000 + n}.pdf"),
                "public_inspection_pdf_url": site.url(f"/inspection/2024-{10_000 + n}.pdf"),
                "publication_date": day(n),
                "agencies": [{"name": "Harbour Board", "url": site.url("/agencies/harbour-board")}],
            }
            for n in part(place)
        ]
        said = {"count": COUNT, "description": "All documents", "total_pages": PAGES}
        if place < PAGES - 1:
            said["next_page_url"] = site.url(f"/api/v1/documents.json?order=newest&page={place + 2}&per_page=5")
        return data_page({**said, "results": rows})

    site.pages["/api/v1/documents.json"] = answer


def next_token(site: Site, form: Form) -> None:
    """A token that only the answer knows leads to the next page."""
    script = "let token = ''; fetch('/api/news/list?channel=policy&limit=5').then(r => r.json()).then(render)"
    site.pages[form.start] = form.page(english_page(f"<main id='root'></main><script>{script}</script>", "News"))
    tokens = ["", "q7Zk2x", "m9Fb4t", "c1Vd8w"]

    def answer(request: Request) -> Page:
        place = tokens.index(asked(request, "pageToken"))
        said: dict[str, object] = {"items": form.data(part(place), t="headline", u="url", d="publishedAt")}
        if place < PAGES - 1:
            said["nextPageToken"] = tokens[place + 1]
        return data_page(said)

    site.pages["/api/news/list"] = answer


def next_address(site: Site, form: Form) -> None:
    """The answer holds the whole address of the next page, which no counting would give."""

    def answer(request: Request) -> Page:
        marks = ["", "cD0yMDI0", "cD0yMDIz", "cD0yMDIy"]
        place = marks.index(asked(request, "cursor"))
        onward = site.url(f"/api/statements/?cursor={marks[place + 1]}") if place < PAGES - 1 else None
        rows = form.data(part(place), t="title", u="absolute_url", d="date")
        return data_page({"next": onward, "previous": None, "results": rows})

    site.pages["/api/statements/"] = answer


def padded(site: Site, form: Form) -> None:
    """Data as the argument of a call whose name the address gives."""
    script = """var p = 1;
        $.getJSON('/api/zc/list.do?callback=?&siteid=12&page=' + p + '&rows=5', function (d) { draw(d); });"""
    site.pages[form.start] = form.page(shell(f"<ul id='z'></ul><script>{script}</script>", BRIDGE))

    def answer(request: Request) -> Page:
        rows = form.data(part(number_in(request.path, "page") - 1), t="bt", u="url", d="fbsj")
        text = json.dumps({"rows": rows, "total": str(COUNT)}, ensure_ascii=False)
        name = asked(request, "callback") or "cb"
        return Page(f"{name}({text});", headers={"Content-Type": "application/javascript; charset=utf-8"})

    site.pages["/api/zc/list.do"] = answer


def in_the_script(site: Site, form: Form) -> None:
    """All rows stand in the page's own script, which shows some at a time."""
    rows = json.dumps(form.data(range(COUNT), t="title", u="url", d="date"), ensure_ascii=False)
    script = f"var listData = {rows}; var pageSize = 5; showPage(1);"
    site.pages[form.start] = form.page(shell(f"<ul id='list'></ul><script>{script}</script>", BRIDGE))


def in_the_state(site: Site, form: Form) -> None:
    """The state that a page is made of stands in it; further pages are links."""
    for place in range(PAGES):
        state = {
            "props": {"pageProps": {"total": COUNT, "articles": form.data(part(place), t="title", u="url", d="date")}},
            "page": "/briefings",
            "buildId": "k3j4",
        }
        links = "".join(f"<a href='/briefings?page={n}'>{n}</a>" for n in range(1, PAGES + 1))
        data = f"<script id='__NEXT_DATA__' type='application/json'>{json.dumps(state)}</script>"
        text = english_page(f"<div id='__next'><nav>{links}</nav></div>{data}", "Briefings")
        site.pages["/briefings" + (f"?page={place + 1}" if place else "")] = form.page(text)
    site.pages["/briefings?page=1"] = site.pages["/briefings"]


def xml_rows(site: Site, form: Form) -> None:
    """Rows as XML that a style sheet turns into a page."""
    rows = "".join(
        f"<item><id>{n}</id><title>{form.name(n)}</title><url>{form.path(n)}</url><date>{day(n)}</date></item>"
        for n in range(COUNT)
    )
    text = (
        f"<?xml version='1.0' encoding='UTF-8'?><?xml-stylesheet type='text/xsl' href='/list.xsl'?><list>{rows}</list>"
    )
    site.pages[form.start] = Page(text, headers={"Content-Type": "text/xml; charset=utf-8"})
    site.pages["/list.xsl"] = Page("<xsl:stylesheet xmlns:xsl='http://www.w3.org/1999/XSL/Transform'/>")


def written_by_script(site: Site, form: Form) -> None:
    """Rows stand as arrays in a file of scripts that the page runs."""
    rows = ",\n".join(f'["{form.name(n)}","{form.path(n)}","{day(n)}"]' for n in range(COUNT))
    site.pages["/js/zc_list.js"] = Page(
        f"var zcList = [\n{rows}\n];", headers={"Content-Type": "text/javascript; charset=utf-8"}
    )
    script = "for (var i = 0; i < zcList.length; i++) { add(zcList[i][0], zcList[i][1], zcList[i][2]); }"
    site.pages[form.start] = form.page(
        shell(f"<ul id='l'></ul><script src='/js/zc_list.js'></script><script>{script}</script>", BRIDGE)
    )


def loaded_piece(site: Site, form: Form) -> None:
    """A piece of a page is loaded into a box; it has a pager of its own that loads the next."""
    script = "function to(p){ $('#box').load('/part/list.jsp?cat=tz&page=' + p); } $(function(){ to(1); });"
    site.pages[form.start] = form.page(shell(f"<div id='box'></div><script>{script}</script>", BRIDGE))

    def answer(request: Request) -> Page:
        place = number_in(request.path, "page") - 1
        rows = form.rows(part(place), "<li><a href='{u}'>{t}</a><span>{d}</span></li>")
        links = "".join(f"<a href='javascript:to({n})'>{n}</a>" for n in range(1, PAGES + 1))
        return form.page(f"<ul>{rows}</ul><div>{links}</div>") if rows else form.page("<ul></ul>")

    site.pages["/part/list.jsp"] = answer


def feed(site: Site, form: Form) -> None:
    """The home page shows nothing but names a feed."""
    entries = "".join(
        f"<item><title>{form.name(n)}</title><link>{site.url(form.path(n))}</link>"
        f"<pubDate>{_mail_day(n)}</pubDate></item>"
        for n in range(COUNT)
    )
    text = f"<?xml version='1.0'?><rss version='2.0'><channel><title>Harbour Board</title>{entries}</channel></rss>"
    site.pages["/news.rss"] = Page(text, headers={"Content-Type": "application/rss+xml"})
    head = "<link rel='alternate' type='application/rss+xml' href='/news.rss'>"
    site.pages[form.start] = form.page(
        english_page("<div id='app'></div>", "Home").replace("</head>", f"{head}</head>")
    )


def _mail_day(number: int) -> str:
    year, month, of_month = day(number).split("-")
    return f"{int(of_month)} {('Jan', 'Feb')[int(month) - 1]} {year} 09:00:00 +0000"


def paged_feed(site: Site, form: Form) -> None:
    """A feed in pages, each of which names the next (RFC 5005)."""
    for place in range(PAGES):
        entries = "".join(
            f"<entry><id>urn:x:{n}</id><title>{form.name(n)}</title><link href='{form.path(n)}'/>"
            f"<published>{day(n)}T09:00:00Z</published><updated>{day(n)}T10:00:00Z</updated></entry>"
            for n in part(place)
        )
        onward = f"<link rel='next' href='/updates.atom?page={place + 2}'/>" if place < PAGES - 1 else ""
        text = (
            "<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'><title>Harbour Board</title>"
            f"<link rel='self' href='/updates.atom'/>{onward}{entries}</feed>"
        )
        name = "/updates.atom" + (f"?page={place + 1}" if place else "")
        site.pages[name] = Page(text, headers={"Content-Type": "application/atom+xml"})


def maps_only(site: Site, form: Form) -> None:
    """Nothing but robots.txt says where the documents are; its index has one map for each month."""
    ns = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"
    site.pages["/robots.txt"] = Page(f"User-agent: *\nAllow: /\nSitemap: {site.url('/sitemap_index.xml')}\n")
    maps = "".join(f"<sitemap><loc>{site.url(f'/sitemap-2024-0{n}.xml')}</loc></sitemap>" for n in (1, 2))
    xml = {"Content-Type": "application/xml"}
    site.pages["/sitemap_index.xml"] = Page(
        f"<?xml version='1.0'?><sitemapindex {ns}>{maps}</sitemapindex>", headers=xml
    )
    for month in (1, 2):
        news = "http://www.google.com/schemas/sitemap-news/0.9"
        urls = "".join(
            f"<url><loc>{site.url(form.path(n))}</loc><n:news xmlns:n='{news}'><n:publication_date>{day(n)}"
            f"</n:publication_date><n:title>{form.name(n)}</n:title></n:news></url>"
            for n in range(COUNT)
            if day(n).startswith(f"2024-0{month}")
        )
        site.pages[f"/sitemap-2024-0{month}.xml"] = Page(
            f"<?xml version='1.0'?><urlset {ns}>{urls}</urlset>", headers=xml
        )
    site.pages["/"] = form.page(english_page("<div id='app'></div>", "Home"))


def text_in_data(site: Site, form: Form) -> None:
    """Data in data: the rows are a text that is JSON again."""
    script = """$.post('/ajax/getList.ashx', { typeid: 9, pageindex: 1, pagesize: 5 },
        function (r) { draw(JSON.parse(r.data)); });"""
    site.pages[form.start] = form.page(shell(f"<ul id='x'></ul><script>{script}</script>", BRIDGE))

    def answer(request: Request) -> Page:
        if "typeid=9" not in request.body:
            return Page(status=400)
        rows = form.data(part(number_in(request.body, "pageindex") - 1), t="Title", u="LinkUrl", d="AddTime")
        return data_page({"status": 1, "data": json.dumps(rows, ensure_ascii=False), "recordCount": COUNT})

    site.pages["/ajax/getList.ashx"] = answer


DATA = {
    "policy search": Form(
        "/zhengce/library.htm",
        lambda n: f"/zhengce/content/{day(n)[:7].replace('-', '')}/content_{6_900_000 + n}.htm",
        policy_search,
        silent=True,
    ),
    "kinds beside": Form(
        "/policies/index.html",
        lambda n: f"/policies/{day(n)[:7]}/{day(n)[8:]}/content_{5_500 + n}.htm",
        kinds_beside,
        silent=True,
    ),
    "unit by script": Form(
        "/col/col1551/index.html",
        lambda n: f"/art/2024/art_{'0123456789abcdef'[n % 16] * 4}{n:04}7c6d4a3b9e8f1a2b3c4d5e6f.html",
        unit_by_script,
        silent=True,
    ),
    "units beside": Form(
        "/col/col55/index.html", lambda n: f"/art/2024/1/{n + 1}/art_55_{700 + n}.html", units_beside, silent=True
    ),
    "finder api": Form(
        "/api/search.json?order=-public_timestamp&start=0&count=5",
        lambda n: f"/government/{('publications', 'consultations')[n % 2]}/{slug(n)}",
        finder_api,
        silent=True,
        name=english,
    ),
    "register api": Form(
        "/api/v1/documents.json?per_page=5&order=newest",
        lambda n: f"/documents/2024/{day(n)[5:7]}/{day(n)[8:]}/2024-{10_000 + n}/{slug(n)}",
        register_api,
        silent=True,
        name=english,
    ),
    "next token": Form("/news", lambda n: f"/news/{slug(n)}", next_token, silent=True, name=english),
    "next address": Form(
        "/api/statements/", lambda n: f"/statements/{slug(n)}/", next_address, silent=True, name=english
    ),
    "padded": Form("/zc/gfxwj.html", dated, padded, silent=True),
    "in the script": Form("/zcwj/list.html", dated, in_the_script, pages=1, silent=True),
    "in the state": Form("/briefings", lambda n: f"/briefings/{slug(n)}", in_the_state, silent=True, name=english),
    "xml rows": Form("/data/list.xml", dated, xml_rows, pages=1, silent=True),
    "written by script": Form(
        "/zc/old.htm", lambda n: f"/zc/{strip(n)}_{n}.htm", written_by_script, pages=1, silent=True
    ),
    "loaded piece": Form("/tz/index.jsp", lambda n: f"/tz/{800 - n}.html", loaded_piece, silent=True),
    "feed": Form("/", lambda n: f"/news/{slug(n)}", feed, pages=1, silent=True, name=english),
    "paged feed": Form("/updates.atom", lambda n: f"/news/{slug(n)}", paged_feed, silent=True, name=english),
    "maps only": Form(
        "/", lambda n: f"/news/{day(n).replace('-', '/')}/{slug(n)}", maps_only, pages=3, silent=True, name=english
    ),
    "text in data": Form("/xxgk/list.aspx", lambda n: f"/xxgk/show/{900 - n}.html", text_in_data, silent=True),
}
