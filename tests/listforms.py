"""Lists in the forms of several kinds of site software, for whoever tries ``add``: tests, and ``bench/adding.py``."""

from __future__ import annotations

import re

from tests.listed import (
    COUNT,
    ENGLISH,
    PAGES,
    SIZE,
    Form,
    article,
    data_page,
    dated,
    day,
    english,
    midnight,
    number_in,
    part,
    shell,
)
from tests.site import Page, Request, Site


def json_by_page(site: Site, form: Form) -> None:
    script = "var pageNo = 1; $.getJSON('/openapi/list?channel=7&pageNo=' + pageNo + '&pageSize=5', draw);"
    site.pages[form.start] = form.page(shell(f"<div id='rows'></div><script>{script}</script>"))

    def answer(request: Request) -> Page:
        rows = form.data(part(number_in(request.path, "pageNo") - 1), t="docTitle", u="docUrl", d="pubTime")
        return data_page({"code": 0, "data": {"total": COUNT, "records": rows}})

    site.pages["/openapi/list"] = answer


def json_by_post(site: Site, form: Form) -> None:
    script = """function load(page) { $.ajax({ url: "/search/query.do", type: "POST", dataType: "json",
        data: { column: "zc", page: page, rows: 5 }, success: function (got) { draw(got); } }); } load(1);"""
    site.pages[form.start] = form.page(shell(f"<ul id='rows'></ul><script>{script}</script>"))

    def answer(request: Request) -> Page:
        if request.method != "POST" or "column=zc" not in request.body:
            return Page("{}", status=405)
        rows = form.data(part(number_in(request.body, "page") - 1), t="title", u="url", d="publish_date")
        return data_page({"result": rows, "count": COUNT})

    site.pages["/search/query.do"] = answer


def json_body(site: Site, form: Form) -> None:
    """A policy library: JSON both ways, a script in a file of its own, days as milliseconds, marked titles."""
    site.pages["/static/js/jquery.min.js"] = Page("/*! a library */ (function(w){ w.$ = {}; })(window);")
    site.pages["/static/js/library.js"] = Page(
        """var state = { pageNum: 1, pageSize: 5 };
        function query() { return fetch('/api/policy/search', { method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ siteId: 330, keyword: "", pageNum: state.pageNum, pageSize: state.pageSize })
        }).then(function (r) { return r.json(); }).then(render); }"""
    )
    scripts = "<script src='/static/js/jquery.min.js'></script><script src='/static/js/library.js'></script>"
    beside = f"<div class='hot'>{form.rows(range(3))}</div>" if form.silent else ""
    site.pages[form.start] = form.page(shell(f"<div id='app'></div>{scripts}{beside}"))

    def answer(request: Request) -> Page:
        if request.method != "POST" or '"siteId":330' not in request.body.replace(" ", ""):
            return Page("{}", status=400)
        rows = [
            {
                "docId": 9_000 + n,
                "title": f"<em>关于</em>{form.name(n)[2:]}",
                "link": {"pc": form.path(n), "mobile": f"/m/{n}.html"},
                "publishedAt": 1_000 * midnight(n),
                "agency": "县政府办",
            }
            for n in part(number_in(request.body, "pageNum") - 1)
        ]
        banner = [{"title": "专题：清雪保畅通", "link": {"pc": "/zt/snow/"}}]
        return data_page({"success": True, "banners": banner, "data": {"hits": rows, "totalCount": COUNT}})

    site.pages["/api/policy/search"] = answer


def json_by_number(site: Site, form: Form) -> None:
    """Rows hold no address: the script puts it together from a number; both ways of writing such scripts."""
    site.pages["/js/search.js"] = Page(
        """var cur = 1; function go() { $.get("/interface/article/list", { siteCode: "A12", current: cur, limit: 5 },
          function (res) { var html = ""; $.each(res.body.list, function (i, item) {
            html += '<li><a target="_blank" href="/xxgk/detail/' + item.articleId + '.html">' + item.subject
              + '</a><span>' + item.pubDate + '</span></li>'; }); $("#list").html(html); }); }"""
    )
    site.pages[form.start] = form.page(shell("<ul id='list'></ul><script src='/js/search.js'></script>"))

    def answer(request: Request) -> Page:
        if "siteCode=A12" not in request.path:
            return Page("{}", status=400)
        rows = [
            {"articleId": 52_000 + n, "subject": form.name(n), "pubDate": f"{day(n)} 10:00", "hits": n}
            for n in part(number_in(request.path, "current") - 1)
        ]
        return data_page({"status": 200, "body": {"list": rows, "pages": PAGES, "totalNum": COUNT}})

    site.pages["/interface/article/list"] = answer


def gkmlpt(site: Site, form: Form) -> None:
    """A catalogue of open government information; its page names site and catalogue, not the address of the data."""
    config = """window._CONFIG = { SITE_NAME: '澜江县', SID: '755031', ROOT: '/gkmlpt',
        TREE: [{"id":2811,"name":"规范性文件","children":[]}] }"""
    text = f"<html><head><title>政府信息公开目录</title></head><body><div id='app'></div><script>{config}</script>"
    site.pages["/gkmlpt/index"] = form.page(
        text + "<script src='/gkmlpt/static/js/app.8c1f.js'></script></body></html>"
    )

    def answer(request: Request) -> Page:
        if "sid=755031" not in request.path:
            return data_page({"error": "no such site"})
        rows = [
            {
                "id": 4_567_100 + n,
                "title": form.name(n),
                "url": site.url(form.path(n)),
                "post_url": site.url(form.path(n)),
                "created_at": f"{day(n)} 09:30:00",
                "display_publish_time": midnight(n),
                "document_number": f"澜府办〔2024〕{n}号",
            }
            for n in part(number_in(request.path, "page") - 1)
        ]
        return data_page({"articles": rows, "classify": {"id": 2811, "post_count": COUNT}, "total": COUNT})

    site.pages["/gkmlpt/api/all/2811"] = answer


def records(form: Form, numbers: range) -> str:
    rows = "".join(f"<record><![CDATA[{form.rows(range(n, n + 1))}]]></record>" for n in numbers)
    return f"<datastore><totalrecord>{COUNT}</totalrecord><recordset>{rows}</recordset></datastore>"


def dataproxy(site: Site, form: Form) -> None:
    script = """$('#u5').jpage({theme: 'simple', perPage: 5, groupSize: 1, totalRecord: 17, dataBefore: '<ul>',
        proxyUrl: '/module/jpage/dataproxy.jsp', ajaxParam: {col: '1', columnid: '5', unitid: '55'}});"""
    first = f"<script type='text/xml'>{records(form, part(0))}</script><script>{script}</script>"
    site.pages[form.start] = form.page(shell(f"<div id='u5'>{first}</div>"))

    def answer(request: Request) -> Page:
        match = re.search(r"startrecord=(\d+)&endrecord=(\d+)", request.path)
        if match is None or "columnid=5" not in request.body:
            return Page(status=400)
        numbers = range(int(match[1]) - 1, min(int(match[2]), COUNT))
        text = f"<?xml version='1.0' encoding='UTF-8'?>{records(form, numbers)}"
        return Page(text, headers={"Content-Type": "text/xml; charset=utf-8"})

    site.pages["/module/jpage/dataproxy.jsp"] = answer


def dataproxy_by_query(site: Site, form: Form) -> None:
    """The same with parameters in the address and small letters, and the rows of another column beside."""
    script = """var opt = { 'perpage': 5, 'groupsize': 2, 'totalrecord': 17,
        'proxyurl': '/module/web/jpage/dataproxy.jsp',
        'param': 'col=1&appid=1&webid=3030&path=/&columnid=8&sourceContentType=1&unitid=99' };
        $('#list').jpage({perpage: 5, groupsize: 2, totalrecord: 17, proxyurl: '/module/web/jpage/dataproxy.jsp',
        param: 'col=1&appid=1&webid=3030&path=/&columnid=8&sourceContentType=1&unitid=99'});"""
    first = f"<script type='text/xml'>{records(form, range(10))}</script><script>{script}</script>"
    beside = "".join(f"<li><a href='/art/2024/1/9/art_77_{n}.html'>县长走访渡口现场之{n}</a></li>" for n in range(5))
    site.pages[form.start] = form.page(shell(f"<div id='list'>{first}</div>", beside))

    def answer(request: Request) -> Page:
        asked = f"{request.path}&{request.body}"
        match = re.search(r"startrecord=(\d+)&endrecord=(\d+)", asked)
        if match is None or "columnid=8" not in asked:
            return Page(status=400)
        text = f"<?xml version='1.0'?>{records(form, range(int(match[1]) - 1, min(int(match[2]), COUNT)))}"
        return Page(text, headers={"Content-Type": "text/xml; charset=utf-8"})

    site.pages["/module/web/jpage/dataproxy.jsp"] = answer


def by_year(site: Site, form: Form) -> None:
    years = " ".join(f"<a href='/zc/{2024 - n}/'>{2024 - n}年</a>" for n in range(4))
    for place in range(4):
        site.pages[f"/zc/{2024 - place}/"] = form.page(shell(f"<p>{years}</p><ul>{form.rows(part(place))}</ul>"))


def by_year_in_a_choice(site: Site, form: Form) -> None:
    """The years are choices of a form, the newest is the column itself, and the newest entry is pinned everywhere."""
    for place in range(4):
        options = "".join(
            f"<option value='{'index' if not n else f'index_{2024 - n}'}.html'>{2024 - n}</option>" for n in range(4)
        )
        rows = form.rows(range(1)) + form.rows(part(place)) if place else form.rows(part(place))
        body = f"<select onchange='location.href=this.value'>{options}</select><table>{_table(rows)}</table>"
        site.pages["/xxgk/nb/" + ("index.html" if not place else f"index_{2024 - place}.html")] = form.page(shell(body))


def _table(rows: str) -> str:
    return rows.replace("<li>", "<tr><td>").replace("</a><span>", "</a></td><td>").replace("</span></li>", "</td></tr>")


def counted(site: Site, form: Form) -> None:
    script = "var currentPage = 0; var countPage = 4; if (countPage > 1) { writePager(); }"
    for place in range(4):
        name = "/zc/index.html" if not place else f"/zc/index_{place}.html"
        site.pages[name] = form.page(shell(f"<ul>{form.rows(part(place))}</ul><script>{script}</script>"))


def script_pager(site: Site, form: Form) -> None:
    """GBK, relative addresses, days in brackets; what is read most is of other sections and stands first."""
    for place in range(4):
        rows = form.rows(part(place), "<li>·<a href='{u}' target='_blank'>{t}</a> [{d}]</li>").replace("'/zc/", "'./")
        hot = "".join(
            f"<li><a href='../xw/202401/t2024010{n}_99{n}.html'>县长走访渡口现场之{n}</a></li>" for n in range(6)
        )
        pager = f"<script>createPageHTML(4, {place}, 'index', 'shtml');</script>"
        body = f"<div class='l'><h2>热点</h2><ul>{hot}</ul></div><div class='r'><ul>{rows}</ul>{pager}</div>"
        site.pages["/zc/" + ("" if not place else f"index_{place}.shtml")] = form.page(shell(body))


def in_sections(site: Site, form: Form) -> None:
    for place in range(4):
        pager = " ".join(f"<a href='/col/12/list.jsp?col=12&page={n}'>{n}</a>" for n in range(1, 5))
        page = form.page(shell(f"<table>{form.rows(part(place)).replace('li>', 'tr>')}</table>{pager}"))
        site.pages["/col/12/list.jsp?col=12" + (f"&page={place + 1}" if place else "")] = page


def counting_down(site: Site, form: Form) -> None:
    """Further pages lie in a folder named as the list and are numbered from the oldest."""
    for place in range(4):
        name = "zcwj.htm" if not place else f"zcwj/{4 - place}.htm"
        up = "" if not place else "../"
        ways = [(f"{up}zcwj.htm", "1"), *((f"{up}zcwj/{4 - n}.htm", str(n + 1)) for n in range(1, 4))]
        pager = "".join(f"<a href='{href}'>{text}</a>" for href, text in ways)
        rows = form.rows(part(place)).replace("'/info/", f"'{up}../info/")
        beside = "".join(f"<li><a href='{up}../info/1031/60{n}.htm'>县长走访渡口现场之{n}</a></li>" for n in range(4))
        site.pages[f"/xxgk/{name}"] = form.page(shell(f"<ul class='list'>{rows}</ul><p>{pager}</p>", beside))


def columns_in_names(site: Site, form: Form) -> None:
    """The number of the column stands in each address; the pager has words and arrows only."""
    for place in range(4):
        name = "list.htm" if not place else f"list{place + 1}.htm"
        onward = f"<a href='/zc/list{place + 2}.htm'>下一页&gt;&gt;</a>" if place < 3 else ""
        pager = f"<em>共4页</em><a href='/zc/list.htm'>首页</a>{onward}<a href='/zc/list4.htm'>尾页</a>"
        beside = "".join(
            f"<li><a href='/2024/010{n}/c31a70{n}/page.htm'>县长走访渡口现场之{n}</a></li>" for n in range(1, 5)
        )
        rows = form.rows(part(place), "<li><span>{d}</span><a href='{u}' title='{t}'>{t}</a></li>")
        site.pages[f"/zc/{name}"] = form.page(shell(f"<ul class='news_list'>{rows}</ul>{pager}", beside))


def blog(site: Site, form: Form) -> None:
    """All sections have addresses of one form; the newest of all sections stand beside the list of one."""
    for place in range(4):
        rows = form.rows(
            part(place),
            "<article class='post'><h2><a href='{u}'>{t}</a></h2><time>{d}</time><p>We set out what changed in this"
            " edition and who should read it.</p><a class='more' href='{u}'>Read more</a></article>",
        )
        beside = "".join(
            f"<li><a href='/2024/03/0{n}/minister-opens-bridge-number-{n}/'>Minister opens bridge number {n}</a></li>"
            for n in range(1, 6)
        )
        onward = f"<a class='next' href='/category/guidance/page/{place + 2}/'>Older posts</a>" if place < 3 else ""
        body = (
            f"<main><div class='posts'>{rows}</div><nav class='nav-links'>{onward}</nav></main>"
            f"<aside id='secondary'><h3>Recent posts</h3><ul>{beside}</ul></aside>"
        )
        name = "/category/guidance/" if not place else f"/category/guidance/page/{place + 1}/"
        text = (
            f"<html lang='en-GB'><head><title>Guidance – Example Harbour Board</title></head><body>{body}</body></html>"
        )
        site.pages[name] = form.page(text)
    for number in range(1, 6):
        page = article(f"Minister opens bridge number {number}", "", number)
        site.pages[f"/2024/03/0{number}/minister-opens-bridge-number-{number}/"] = form.page(page)


def opaque(site: Site, form: Form) -> None:
    """Addresses are numbers alone, for all sections; the day stands in two boxes, and the first entry is pinned."""
    for place in range(4):
        pinned = [range(COUNT - 1, COUNT)] if not place else []
        rows = "".join(
            form.rows(
                numbers,
                "<dl><dt class='riqi'><b>#{n}#</b></dt><dd><a href='{u}'>{t}</a></dd></dl>",
            )
            for numbers in (*pinned, part(place))
        )
        for number in range(COUNT):
            year, month, of_month = day(number).split("-")
            rows = rows.replace(f"<b>#{number}#</b>", f"<b>{of_month}</b><i>{year}-{month}</i>")
        hot = "".join(f"<li><a href='/detail/{70_000 + n}.html'>县长走访渡口现场之{n}</a></li>" for n in range(6))
        pager = "".join(f"<a href='?page={n}'>{n}</a>" for n in range(1, 5))
        body = f"<div class='main'><div class='tzgg-list'>{rows}</div><div class='pages'>{pager}</div></div>"
        site.pages["/tzgg" + (f"?page={place + 1}" if place else "")] = form.page(shell(body, hot))
    for number in range(6):
        site.pages[f"/detail/{70_000 + number}.html"] = form.page(article("县长走访渡口现场", "", number))


def offset(site: Site, form: Form) -> None:
    """Teasers of an English portal: pages are counted from 0 in the query, filters beside are no pages."""
    for place in range(4):
        rows = form.rows(
            part(place), "<div class='views-row'><span><a href='{u}'>{t}</a></span><p>{d} | Guidance</p></div>"
        )
        filters = "".join(f"<a href='/publications?topic={n}&page=1'>{ENGLISH[n]}</a>" for n in range(4))
        pager = "".join(f"<li><a href='?page={n}'>{n + 1}</a></li>" for n in range(4))
        pager += f"<li><a rel='next' href='?page={place + 1}'>Next ›</a></li>" if place < 3 else ""
        body = f"<div>{filters}</div><div class='view-content'>{rows}</div><ul class='pager'>{pager}</ul>"
        page = form.page(
            f"<html lang='en'><title>Publications | Example Harbour Board</title><body>{body}</body></html>"
        )
        site.pages["/publications" + (f"?page={place}" if place else "")] = page
    site.pages["/publications?page=0"] = site.pages["/publications"]


FORMS = {
    "json by page": Form("/zc/index.html", dated, json_by_page),
    "json by post": Form("/zc/list.html", lambda n: f"/zc/art/{9000 + n}.html", json_by_post, silent=True),
    "json body, script in a file": Form(
        "/policy/library.html", lambda n: f"/policy/{(9000 + n) // 10}/content_{9000 + n}.html", json_body, silent=True
    ),
    "json by number": Form(
        "/xxgk/index.html", lambda n: f"/xxgk/detail/{52_000 + n}.html", json_by_number, silent=True
    ),
    "gkmlpt": Form(
        "/gkmlpt/index#2811",
        lambda n: f"/gkmlpt/content/4/{(4_567_100 + 300 * n) // 1_000}/post_{4_567_100 + 300 * n}.html",
        gkmlpt,
        silent=True,
    ),
    "dataproxy": Form(
        "/col/col5/index.html", lambda n: f"/art/2024/1/{1 + n}/art_5_{700 + n}.html", dataproxy, silent=True
    ),
    "dataproxy by query": Form(
        "/col/col8/index.html", lambda n: f"/art/2024/1/{1 + n}/art_8_{700 + n}.html", dataproxy_by_query, pages=2
    ),
    "by year": Form("/zc/2024/", lambda n: f"/zc/{2024 - n // SIZE}/t{2024 - n // SIZE}0105_{300 + n}.html", by_year),
    "by year in a choice": Form(
        "/xxgk/nb/index.html",
        lambda n: f"/xxgk/nb/content_{2024 - n // SIZE}_{300 + n}.shtml",
        by_year_in_a_choice,
        silent=True,
    ),
    "counted by script": Form("/zc/index.html", dated, counted),
    "script pager": Form("/zc/", dated, script_pager, charset="gbk"),
    "word before the number": Form(
        "/col/12/list.jsp?col=12", lambda n: f"/art/2024/1/{1 + n}/art_zcwj_{700 + n}.html", in_sections
    ),
    "counting down": Form("/xxgk/zcwj.htm", lambda n: f"/info/1023/{6100 - n}.htm", counting_down, silent=True),
    "columns in names": Form(
        "/zc/list.htm",
        lambda n: f"/{day(n)[:4]}/{day(n)[5:].replace('-', '')}/c12a{7200 - n}/page.htm",
        columns_in_names,
        silent=True,
    ),
    "blog": Form(
        "/category/guidance/",
        lambda n: f"/{day(n).replace('-', '/')}/guidance-on-{ENGLISH[n % 6].replace(' ', '-')}-{n + 40}/",
        blog,
        name=english,
    ),
    "opaque numbers": Form("/tzgg", lambda n: f"/detail/{80_000 - 13 * n}.html", opaque, silent=True),
    "offset": Form(
        "/publications",
        lambda n: f"/publications/guidance-on-{ENGLISH[n % 6].replace(' ', '-')}-edition-{n + 40}",
        offset,
        silent=True,
        name=english,
    ),
}
