"""Further lists, written when the others were read already: do the rules hold on what they were not made for?"""

from __future__ import annotations

import json

from tests.listed import (
    BRIDGE,
    COUNT,
    PAGES,
    Form,
    asked,
    data_page,
    day,
    english,
    english_page,
    number_in,
    part,
    shell,
    slug,
    strip,
)
from tests.site import Page, Request, Site

MONTHS = ("January", "February")


def numbered_names(site: Site, form: Form) -> None:
    """Pages are called page1.html, page2.html, the first one, too."""
    for place in range(PAGES):
        rows = form.rows(part(place), "<li><i class='dot'></i><a href='{u}'>{t}</a><em>{d}</em></li>")
        numbers = "".join(f"<a href='page{n}.html'>{n}</a>" for n in range(1, PAGES + 1))
        onward = f"<a href='page{place + 2}.html'>下一页</a>" if place < PAGES - 1 else ""
        site.pages[f"/zc/page{place + 1}.html"] = form.page(shell(f"<ul>{rows}</ul>{numbers}{onward}", BRIDGE))


def named_base(site: Site, form: Form) -> None:
    """A function puts the number behind an address that stands in a variable."""
    script = """var url = '/web/list?cid=3'; function toPage(n) { window.location.href = url + '&pageIndex=' + n; }"""
    for place in range(PAGES):
        rows = form.rows(part(place), "<li><a href='{u}'>{t}</a><span>{d}</span></li>")
        links = "".join(f"<a href='javascript:;' onclick='toPage({n})'>{n}</a>" for n in range(1, PAGES + 1))
        text = f"<script>{script}</script><ul>{rows}</ul>{links}<span>共{PAGES}页</span>"
        site.pages["/web/list?cid=3" + (f"&pageIndex={place + 1}" if place else "")] = form.page(shell(text, BRIDGE))


def single_page_app(site: Site, form: Form) -> None:
    """Data by POST, addresses made by a component; both in one bundle."""
    site.pages["/assets/index.4f2a.js"] = Page(
        """const load=()=>{http.post("/api/article/page",{current:1,size:5,categoryId:7}).then(r=>{rows=r.records})};
        const open=(item)=>{window.open("/detail/"+item.id+".html")};"""
    )
    site.pages[form.start] = form.page(
        "<html><title>政策_澜江县</title><body><div id='app'></div><script type='module' src='/assets/index.4f2a.js'>"
        "</script></body></html>"
    )

    def answer(request: Request) -> Page:
        if request.method != "POST" or number_in(request.body, "categoryId") != 7:
            return Page("{}", status=400)
        rows = [
            {"id": 700 - n, "title": form.name(n), "publishDate": f"{day(n)} 08:00:00", "views": n}
            for n in part(number_in(request.body, "current") - 1)
        ]
        return data_page({"code": 0, "data": {"records": rows, "total": COUNT, "size": 5, "current": 1}})

    site.pages["/api/article/page"] = answer


def unquoted(site: Site, form: Form) -> None:
    """Old markup: attributes without quotes, days without zeros in brackets behind the link, GBK."""
    for place in range(PAGES):
        rows = "".join(
            f"<TR><TD>·<A HREF=show.asp?id={700 - n} target=_blank><FONT SIZE=2>{form.name(n)}</FONT></A> "
            f"<FONT COLOR=gray>({int(day(n)[:4])}-{int(day(n)[5:7])}-{int(day(n)[8:])})</FONT></TD></TR>"
            for n in part(place)
        )
        links = " ".join(f"<A HREF=list.asp?page={n}&classid=5>[{n}]</A>" for n in range(1, PAGES + 1))
        name = "/list.asp?classid=5" if not place else f"/list.asp?page={place + 1}&classid=5"
        site.pages[name] = form.page(shell(f"<TABLE>{rows}</TABLE>{links}", BRIDGE))
    site.pages["/list.asp?page=1&classid=5"] = site.pages["/list.asp?classid=5"]


def cards(site: Site, form: Form) -> None:
    """The whole card is the link; the pager is a list of knobs with words for those that cannot see."""
    for place in range(PAGES):
        rows = "".join(
            f"<a class='card' href='{form.path(n)}'><h3>{form.name(n)}</h3><p>Who should read it, and by when.</p>"
            f"<span class='meta'>Published {int(day(n)[8:])} {MONTHS[int(day(n)[5:7]) - 1]} 2024</span></a>"
            for n in part(place)
        )
        links = "".join(
            f"<li><a aria-label='Page {n}' href='/updates/all?page={n}'>{n}</a></li>" for n in range(1, PAGES + 1)
        )
        text = english_page(f"<div class='grid'>{rows}</div><ul class='pagination'>{links}</ul>", "Updates")
        site.pages["/updates/all" + (f"?page={place + 1}" if place else "")] = form.page(text)
    site.pages["/updates/all?page=1"] = site.pages["/updates/all"]


def under_days(site: Site, form: Form) -> None:
    """Rows stand under the day of all of them."""
    for place in range(PAGES):
        rows = "".join(
            f"<h4>{day(n)}</h4><ul><li><a href='{form.path(n)}'>{form.name(n)}</a></li></ul>" for n in part(place)
        )
        onward = f"<a rel='next' href='?p={place + 2}'>older</a>" if place < PAGES - 1 else ""
        text = english_page(f"<main>{rows}{onward}</main>", "Circulars")
        site.pages["/circulars" + (f"?p={place + 1}" if place else "")] = form.page(text)


def before_a_number(site: Site, form: Form) -> None:
    """Older rows are those before a number; only a word leads on."""
    for place in range(PAGES):
        numbers = part(place)
        rows = form.rows(numbers, "<li><a href='{u}'>{t}</a> <small>{d}</small></li>")
        onward = f"<a href='/notices?before={884 - numbers[-1]}'>Older</a>" if place < PAGES - 1 else ""
        text = english_page(f"<ul>{rows}</ul><nav>{onward}</nav>", "Notices")
        site.pages["/notices" + (f"?before={884 - part(place - 1)[-1]}" if place else "")] = form.page(text)


def jhtml(site: Site, form: Form) -> None:
    """Endings of a kind of its own; the pager writes all of its links by a function."""
    for place in range(PAGES):
        rows = form.rows(part(place), "<li><span class='time'>[{d}]</span><a title='{t}' href='{u}'>{t}</a></li>")
        numbers = "".join(f"<a href='{'index' if n == 1 else f'index_{n}'}.jhtml'>{n}</a>" for n in range(1, PAGES + 1))
        name = "/zcfg/index.jhtml" if not place else f"/zcfg/index_{place + 1}.jhtml"
        site.pages[name] = form.page(shell(f"<ul>{rows}</ul>{numbers}", BRIDGE))


def bracketed(site: Site, form: Form) -> None:
    """The parameter of the page stands in brackets of its plug-in."""
    for place in range(PAGES):
        rows = form.rows(
            part(place),
            "<div class='article'><span class='date'>{d}</span><h3><a href='{u}'><span>{t}</span></a></h3></div>",
        )
        links = "".join(
            f"<li><a href='/presse?tx_news_pi1%5BcurrentPage%5D={n}'>{n}</a></li>" for n in range(1, PAGES + 1)
        )
        name = "/presse" + (f"?tx_news_pi1%5BcurrentPage%5D={place + 1}" if place else "")
        site.pages[name] = form.page(english_page(f"<div>{rows}</div><ul>{links}</ul>", "Presse"))
    site.pages["/presse?tx_news_pi1%5BcurrentPage%5D=1"] = site.pages["/presse"]


def solr(site: Site, form: Form) -> None:
    """An index is asked itself, by start and rows."""
    script = """var start = 0; $.ajax({url: '/solr/news/select?q=*:*&fq=cat:notice&wt=json&rows=5&start=' + start,
        dataType: 'json', success: function (d) { show(d.response.docs); }});"""
    site.pages[form.start] = form.page(shell(f"<div id='r'></div><script>{script}</script>", BRIDGE))

    def answer(request: Request) -> Page:
        first = number_in(request.path, "start", 0)
        docs = form.data(range(first, min(first + 5, COUNT)), t="title", u="url", d="pubdate")
        return data_page(
            {"responseHeader": {"status": 0}, "response": {"numFound": COUNT, "start": first, "docs": docs}}
        )

    site.pages["/solr/news/select"] = answer


def hits(site: Site, form: Form) -> None:
    """Rows are sources of hits; asked by POST from a number on."""
    script = """fetch('/es/docs/_search', {method: 'POST', headers: {'Content-Type': 'application/json'},
        body: JSON.stringify({from: 0, size: 5, sort: 'date'})}).then(r => r.json()).then(show)"""
    site.pages[form.start] = form.page(shell(f"<div id='r'></div><script>{script}</script>", BRIDGE))

    def answer(request: Request) -> Page:
        if request.method != "POST":
            return Page("{}", status=405)
        first = number_in(request.body, "from", 0)
        found = form.data(range(first, min(first + 5, COUNT)), t="title", u="url", d="date")
        rows = [{"_index": "docs", "_id": str(row["id"]), "_score": 1.0, "_source": row} for row in found]
        return data_page({"took": 3, "hits": {"total": {"value": COUNT, "relation": "eq"}, "hits": rows}})

    site.pages["/es/docs/_search"] = answer


def skipped(site: Site, form: Form) -> None:
    """Rows of a database, by a system parameter with a dollar; files by their place."""

    def answer(request: Request) -> Page:
        first = number_in(request.path.replace("%24", "$").replace("$", ""), "skip", 0)
        rows = [
            {"Id": n, "Title": form.name(n), "FileRef": form.path(n), "Created": f"{day(n)}T01:00:00Z"}
            for n in range(first, min(first + 5, COUNT))
        ]
        return data_page({"value": rows})

    site.pages["/_api/news/items"] = answer


def all_at_once(site: Site, form: Form) -> None:
    """One page for all years, newest first, days without a year under the year's heading in a cell."""
    rows = "".join(
        f"<tr><td>{day(n)[5:].replace('-', '/')}</td><td><a href='{form.path(n)}'>{form.name(n)}</a></td></tr>"
        for n in range(COUNT)
    )
    text = f"<table><tr><th colspan='2'>2024年</th></tr>{rows}</table>"
    site.pages[form.start] = form.page(shell(text, BRIDGE))


def by_attribute(site: Site, form: Form) -> None:
    """A knob holds the number of the next page and the address that is asked, which gives JSON with markup."""
    rows = form.rows(part(0), "<article><h2><a href='{u}'>{t}</a></h2><time>{d}</time></article>")
    script = """$('.load').on('click', function () { $.getJSON('/ajax/posts', { cat: 4, page: $(this).data('page') },
        function (r) { $('.posts').append(r.html); }); });"""
    text = (
        f"<div class='posts'>{rows}</div><button class='load' data-page='2'>Load more</button><script>{script}</script>"
    )
    site.pages[form.start] = form.page(english_page(text, "Stories"))

    def answer(request: Request) -> Page:
        if asked(request, "cat") != "4":
            return data_page({"html": ""})
        made = form.rows(
            part(number_in(request.path, "page") - 1),
            "<article><h2><a href='{u}'>{t}</a></h2><time>{d}</time></article>",
        )
        return data_page({"html": made, "more": bool(made)})

    site.pages["/ajax/posts"] = answer


def framed_twice(site: Site, form: Form) -> None:
    """Menu and list are frames of a set; the list turns by a form sent by GET."""
    site.pages["/oa/main.htm"] = form.page(
        "<html><title>公告</title><frameset cols='20%,*'><frame src='/oa/menu.htm'><frame src='/oa/list.do?type=gg'>"
        "</frameset></html>"
    )
    site.pages["/oa/menu.htm"] = form.page(
        "<html><ul><li><a href='/oa/a.htm'>首页</a><li><a href='/oa/b.htm'>机构</a></ul></html>"
    )
    script = "function jump(n) { document.f.pageNumber.value = n; document.f.submit(); }"

    def answer(request: Request) -> Page:
        place = number_in(request.path, "pageNumber") - 1
        rows = form.rows(part(place), "<tr><td><a href='{u}'>{t}</a></td><td>{d}</td></tr>")
        fields = f"<input type=hidden name=type value=gg><input type=hidden name=pageNumber value={place + 1}>"
        links = "".join(f"<a href='javascript:jump({n})'>{n}</a>" for n in range(1, PAGES + 1))
        text = f"<script>{script}</script><table>{rows}</table><form name=f action=/oa/list.do>{fields}</form>{links}"
        return form.page(f"<html><body>{text}</body></html>")

    site.pages["/oa/list.do"] = answer


def state_of_store(site: Site, form: Form) -> None:
    """The state of a store with all kinds of lists; only one of them has days and titles."""
    state = {
        "nav": {"items": [{"name": f"Section number {n}", "path": f"/s/{n}"} for n in range(9)]},
        "news": {
            "list": [
                {
                    "slug": form.path(n).rpartition("/")[2],
                    "title": form.name(n),
                    "published": day(n),
                    "url": form.path(n),
                }
                for n in range(COUNT)
            ]
        },
    }
    data = f"<script>window.__INITIAL_STATE__={json.dumps(state)};(function(){{var s;}}());</script>"
    site.pages[form.start] = form.page(english_page(f"<div id='root'></div>{data}", "Policy"))


def dashed(site: Site, form: Form) -> None:
    """Static names with dashes: the documents have a number of their page, too."""
    for place in range(PAGES):
        rows = form.rows(part(place), "<li><a href='{u}' target='_blank'>{t}</a><span class='rt'>{d}</span></li>")
        numbers = "".join(f"<a href='/list-5-{n}.html'>{n}</a>" for n in range(1, PAGES + 1))
        onward = f"<a href='/list-5-{place + 2}.html'>下一页</a>" if place < PAGES - 1 else ""
        beside = "".join(f"<li><a href='/show-9-{60 + n}-1.html'>县长走访渡口现场之{n}</a></li>" for n in range(5))
        site.pages[f"/list-5-{place + 1}.html"] = form.page(shell(f"<ul>{rows}</ul>{numbers}{onward}", beside))


def choice_in_place(site: Site, form: Form) -> None:
    """The choice's own handler puts its value into the list's address."""
    for place in range(PAGES):
        options = "".join(f"<option value='{n}'>第{n}页</option>" for n in range(1, PAGES + 1))
        rows = form.rows(part(place), "<tr><td><a href='{u}'>{t}</a></td><td>{d}</td></tr>")
        choice = f"<select onchange=\"location.href='channel.aspx?ch=1&p='+this.value\">{options}</select>"
        text = form.page(shell(f"<table>{rows}</table>{choice}", BRIDGE))
        site.pages["/channel.aspx?ch=1" + (f"&p={place + 1}" if place else "")] = text


def properties(site: Site, form: Form) -> None:
    """What a component is given stands in an attribute of its place."""
    given = json.dumps({"title": "Alerts", "items": form.data(range(COUNT), t="title", u="url", d="date")})
    data = given.replace("&", "&amp;").replace('"', "&quot;")
    site.pages[form.start] = form.page(english_page(f'<div id="alerts" data-props="{data}"></div>', "Alerts"))


def search_parameters(site: Site, form: Form) -> None:
    """A form is made in the script and sent by it."""
    script = """async function load(page) { const r = await fetch('/query/notices', { method: 'POST',
        body: new URLSearchParams({ channel: 'tz', page: page, size: 5 }) }); draw(await r.json()); } load(1);"""
    site.pages[form.start] = form.page(shell(f"<div id='r'></div><script>{script}</script>", BRIDGE))

    def answer(request: Request) -> Page:
        if request.method != "POST" or "channel=tz" not in request.body:
            return Page("{}", status=400)
        rows = form.data(part(number_in(request.body, "page") - 1), t="title", u="url", d="time")
        return data_page({"list": rows, "total": COUNT})

    site.pages["/query/notices"] = answer


def one_object(site: Site, form: Form) -> None:
    """All of a call stands in one object."""
    script = """axios({ method: 'post', url: '/api/q', headers: { 'X-Requested-With': 'XMLHttpRequest' },
        data: { pageNo: 1, pageSize: 5, channel: 'zc' } }).then(function (r) { vm.rows = r.data.rows; });"""
    site.pages[form.start] = form.page(shell(f"<div id='r'></div><script>{script}</script>", BRIDGE))

    def answer(request: Request) -> Page:
        if request.method != "POST" or "zc" not in request.body:
            return Page("{}", status=400)
        rows = form.data(part(number_in(request.body, "pageNo") - 1), t="title", u="url", d="time")
        return data_page({"rows": rows, "count": COUNT})

    site.pages["/api/q"] = answer


def files_of_data(site: Site, form: Form) -> None:
    """Each page of the list is a file of data, with its number in its name."""
    script = """var page = 1; $.getJSON('/data/tz/list_' + page + '.json', function (d) { draw(d.rows, d.pages); });"""
    site.pages[form.start] = form.page(shell(f"<div id='r'></div><script>{script}</script>", BRIDGE))
    for place in range(PAGES):
        rows = form.data(part(place), t="title", u="url", d="time")
        site.pages[f"/data/tz/list_{place + 1}.json"] = data_page({"pages": PAGES, "total": COUNT, "rows": rows})


OTHERS = {
    "numbered names": Form("/zc/page1.html", lambda n: f"/zc/{day(n)[:4]}/{800 - n}.html", numbered_names, silent=True),
    "named base": Form("/web/list?cid=3", lambda n: f"/web/view?cid=3&id={800 - n}", named_base, silent=True),
    "single page app": Form("/policy", lambda n: f"/detail/{700 - n}.html", single_page_app, silent=True),
    "unquoted": Form("/list.asp?classid=5", lambda n: f"/show.asp?id={700 - n}", unquoted, silent=True, charset="gbk"),
    "cards": Form("/updates/all", lambda n: f"/updates/{slug(n)}", cards, silent=True, name=english),
    "under days": Form("/circulars", lambda n: f"/circulars/{slug(n)}", under_days, silent=True, name=english),
    "before a number": Form("/notices", lambda n: f"/notices/{884 - n}", before_a_number, silent=True, name=english),
    "jhtml": Form("/zcfg/index.jhtml", lambda n: f"/zcfg/{800 - n}.jhtml", jhtml, silent=True),
    "bracketed": Form("/presse", lambda n: f"/presse/detail/{slug(n)}", bracketed, silent=True, name=english),
    "solr": Form("/tz/solr.html", lambda n: f"/tz/{strip(n)}/{800 - n}.html", solr, silent=True),
    "hits": Form("/tz/es.html", lambda n: f"/tz/{strip(n)}/{800 - n}.html", hits, silent=True),
    "skipped": Form(
        "/_api/news/items?$top=5&$skip=0",
        lambda n: f"/sites/news/Pages/{slug(n)}.aspx",
        skipped,
        silent=True,
        name=english,
    ),
    "all at once": Form("/zw/all.htm", lambda n: f"/zw/{800 - n}.htm", all_at_once, pages=1, silent=True),
    "by attribute": Form("/stories", lambda n: f"/stories/{slug(n)}", by_attribute, silent=True, name=english),
    "framed twice": Form("/oa/main.htm", lambda n: f"/oa/doc/{800 - n}.htm", framed_twice, silent=True),
    "state of store": Form(
        "/policy/", lambda n: f"/policy/{slug(n)}", state_of_store, pages=1, silent=True, name=english
    ),
    "dashed": Form("/list-5-1.html", lambda n: f"/show-5-{800 - n}-1.html", dashed, silent=True),
    "choice in place": Form(
        "/channel.aspx?ch=1", lambda n: f"/article.aspx?id={800 - n}", choice_in_place, silent=True
    ),
    "properties": Form("/alerts", lambda n: f"/alerts/{slug(n)}", properties, pages=1, silent=True, name=english),
    "search parameters": Form("/tz/a.html", lambda n: f"/tz/{strip(n)}/{800 - n}.html", search_parameters, silent=True),
    "one object": Form("/zc/a.html", lambda n: f"/zc/{strip(n)}/{800 - n}.html", one_object, silent=True),
    "files of data": Form("/tz/b.html", lambda n: f"/tz/{strip(n)}/{800 - n}.html", files_of_data, silent=True),
}
