"""Lists of which the page itself holds no rows, or the first ones only, or no address of a further page."""

from __future__ import annotations

import json
from urllib.parse import unquote

from tests.listed import (
    BRIDGE,
    COUNT,
    ENGLISH,
    PAGES,
    SIZE,
    Form,
    asked,
    data_page,
    dated,
    day,
    english,
    number_in,
    part,
    shell,
)
from tests.site import Page, Request, Site


def publishing_server(site: Site, form: Form) -> None:
    """Rows come as a piece of a page inside JSON, and the number of the page in a parameter that is JSON itself."""
    known = "{'parseType':'bulidstatic','webId':'3096','pageType':'column','tagId':'当前栏目列表','pageId':'1229'}"
    way = "/front/jpaas-publish-server/page/build/unit"
    unit = f'<script src="/script/unit.js" url="{way}" querydata="{known}"></script>'
    site.pages["/script/unit.js"] = Page("(function(){ /* reads its own attributes */ })();")
    site.pages[form.start] = form.page(shell(f"<div class='unit'>{unit}</div>", BRIDGE))

    def answer(request: Request) -> Page:
        if asked(request, "webId") != "3096" or asked(request, "tagId") != "当前栏目列表":
            return data_page({"success": False, "data": None})
        turning = json.loads(unquote(asked(request, "paramJson")) or "{}")
        rows = form.rows(part(int(turning.get("pageNo", 1)) - 1))
        pager = f"<div class='pagination' count='{COUNT}'><a href='javascript:;'>下一页</a></div>"
        return data_page({"success": True, "code": "200", "data": {"html": f"<ul>{rows}</ul>{pager}"}})

    site.pages[way] = answer


def more_as_data(site: Site, form: Form) -> None:
    """A knob loads what comes after the first page as data; page 1 of that is what the page shows by itself."""
    script = """var page = 1; $('.more').click(function () { page++;
        $.getJSON('/api/notices?column=9&page=' + page, function (got) { append(got.items); }); });"""
    knob = "<a class='more' href='javascript:;'>加载更多</a>"
    site.pages[form.start] = form.page(shell(f"<ul>{form.rows(part(0))}</ul>{knob}<script>{script}</script>", BRIDGE))
    site.pages["/api/notices"] = lambda request: data_page(
        {"items": form.data(part(number_in(request.path, "page") - 1), t="title", u="href", d="published")}
    )


def more_after_the_first(site: Site, form: Form) -> None:
    """The same, but data begin where the page ends; its script lies in a file."""
    site.pages["/js/common.js"] = Page("function menu() { return 1; }")
    site.pages["/js/list.js"] = Page(
        """$(function () { var pageIndex = 1; $('#more').on('click', function () {
        $.ajax({ url: '/content/more', type: 'GET', data: { channel: 'zc', pageIndex: pageIndex },
        success: function (res) { pageIndex += 1; draw(res); } }); }); });"""
    )
    files = "<script src='/js/common.js'></script><script src='/js/list.js'></script>"
    body = f"<ul>{form.rows(range(7))}</ul><button id='more'>点击加载更多</button>{files}"
    site.pages[form.start] = form.page(shell(body, BRIDGE))

    def answer(request: Request) -> Page:
        first = 7 + (number_in(request.path, "pageIndex") - 1) * SIZE
        if "channel=zc" not in request.path:
            return data_page([])
        return data_page(form.data(range(first, min(first + SIZE, COUNT)), t="title", u="url", d="date"))

    site.pages["/content/more"] = answer


def more_as_markup(site: Site, form: Form) -> None:
    """A knob loads rows as they are put into the page, beginning with the second page of the list."""
    script = """var no = 2; function more() { $.get('/zc/more.jsp?col=5&pageNo=' + no, function (html) { no++;
        $('#list').append(html); }); }"""
    knob = "<div class='load' onclick='more()'>查看更多</div>"
    body = f"<ul id='list'>{form.rows(part(0))}</ul>{knob}<script>{script}</script>"
    site.pages[form.start] = form.page(shell(body, BRIDGE))
    site.pages["/zc/more.jsp"] = lambda request: form.page(form.rows(part(number_in(request.path, "pageNo") - 1)))


def wordpress(site: Site, form: Form) -> None:
    """A blog's own interface: a bare list, titles in an object, days with a time of day."""
    script = "fetch('/wp-json/wp/v2/posts?categories=4&per_page=5&page=1').then(r => r.json()).then(draw)"
    body = f"<html lang='en'><title>Guidance | Harbour Board</title><body><main></main><script>{script}</script></body>"
    site.pages[form.start] = form.page(body)

    def answer(request: Request) -> Page:
        rows = [
            {
                "id": 900 + n,
                "date": f"{day(n)}T09:15:00",
                "link": site.url(form.path(n)),
                "title": {"rendered": form.name(n)},
                "excerpt": {"rendered": "<p>Who should read it.</p>"},
            }
            for n in part(number_in(request.path, "page") - 1)
        ]
        return data_page(rows) if rows else Page('{"code":"rest_post_invalid_page_number"}', status=400)

    site.pages["/wp-json/wp/v2/posts"] = answer


def called_pages(site: Site, form: Form) -> None:
    """The pager calls a function with a number, and that puts it into the list's address."""
    script = "function goPage(n) { location.href = '/xxgk/list.jsp?columnId=31&pageNumber=' + n; }"
    for place in range(PAGES):
        pager = "".join(f"<a href='javascript:goPage({n})'>{n}</a>" for n in (1, 2))
        pager += f"<a href='javascript:void(0)' onclick='goPage({place + 2})'>下一页</a> 共 {PAGES} 页"
        rows = form.rows(part(place), "<tr><td><a href='{u}'>{t}</a></td><td>{d}</td></tr>")
        body = f"<table class='tab-list'>{rows}</table>{pager}"
        beside = "".join(f"<li><a href='/xxgk/{700 + n}/page.html'>县长走访渡口现场之{n}</a></li>" for n in range(4))
        page = form.page(f"<script>{script}</script>" + shell(body, beside))
        site.pages["/xxgk/list.jsp?columnId=31" + (f"&pageNumber={place + 1}" if place else "")] = page


def clicked(site: Site, form: Form) -> None:
    """Rows and pages that are clicked, not linked to; the pages also stand in a choice."""
    for place in range(PAGES):
        rows = form.rows(part(place), "<li onclick=\"window.open('{u}')\"><p>{t}</p><i>{d}</i></li>")
        choice = "".join(
            f"<option value='{'list.html' if not n else f'list_{n}.html'}'>第{n + 1}页</option>" for n in range(PAGES)
        )
        onward = f"<span onclick=\"location.href='list_{place + 1}.html'\">下一页</span>" if place < 3 else ""
        name = "/tz/list.html" if not place else f"/tz/list_{place}.html"
        beside = BRIDGE
        site.pages[name] = form.page(shell(f"<ul>{rows}</ul>{onward}<select>{choice}</select>", beside))


def short_days(site: Site, form: Form) -> None:
    """Rows say month and day only; the folder of each says the year and month in which it was made."""
    for place in range(PAGES):
        rows = form.rows(part(place), "<li><a href='{u}'>{t}</a> [{d}]</li>").replace("[2024-", "[")
        name = "/zc/index.html" if not place else f"/zc/index_{place}.html"
        pager = f"<script>createPageHTML({PAGES}, {place}, 'index', 'html');</script>"
        site.pages[name] = form.page(shell(f"<ul class='list'>{rows}</ul>{pager}", BRIDGE))


SCRIPTED = {
    "publishing server": Form("/col/col1229/index.html", dated, publishing_server, silent=True),
    "more as data": Form("/zc/index.html", dated, more_as_data, silent=True),
    "more after the first": Form("/zc/tz/", dated, more_after_the_first, pages=3),
    "more as markup": Form("/zc/list.jsp?col=5", lambda n: f"/zc/content.jsp?id={7000 - n}", more_as_markup),
    "wordpress": Form(
        "/guidance/", lambda n: f"/guidance/{ENGLISH[n % 6].replace(' ', '-')}-{n + 40}/", wordpress, name=english
    ),
    "called pages": Form(
        "/xxgk/list.jsp?columnId=31", lambda n: f"/xxgk/{500 - n}/page.html", called_pages, silent=True
    ),
    "clicked": Form("/tz/list.html", lambda n: f"/tz/{day(n)[:4]}/{8100 - n}.shtml", clicked, silent=True),
    "short days": Form("/zc/index.html", lambda n: f"/zc/{day(n)[:7].replace('-', '')}/{6000 - n}.html", short_days),
}
