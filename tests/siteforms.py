"""Lists as further kinds of site software show them, in markup: pagers, days, places and addresses."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from tests.listed import (
    BRIDGE,
    COUNT,
    ENGLISH,
    PAGES,
    Form,
    article,
    day,
    english,
    english_page,
    numbered,
    part,
    shell,
    slug,
    strip,
)
from tests.site import Page, Request, Site

TEASER = (
    "We set out who has to apply, by when, and to which office; what changed against the previous edition; and what "
    "the board heard from operators, councils and residents in the consultation that it held in the autumn. "
) * 3


def object_pager(site: Site, form: Form) -> None:
    """Names of a pager's parts in an object; the row's day stands before its title."""
    for place in range(PAGES):
        rows = form.rows(part(place), "<li><span>{d}</span><a href='{u}' target='_blank' title='{t}'>{t}</a></li>")
        script = f"Pager({{size:{PAGES}, current:{place}, prefix:'index',suffix:'html'}});"
        text = f"<div class='listBox'><ul>{rows}</ul></div><div class='changepage'><script>{script}</script></div>"
        site.pages[numbered("/zwgk/tz/", place, first=0)] = form.page(shell(text, BRIDGE))
    site.pages["/zwgk/tz/"] = site.pages["/zwgk/tz/index.html"]


def other_arguments(site: Site, form: Form) -> None:
    """A script pager whose counts stand behind its names, all of them quoted."""
    for place in range(PAGES):
        rows = form.rows(part(place))
        script = f'createPageHTML("page_div","list","shtml","{PAGES}","{place + 1}","{COUNT}");'
        text = f"<ul class='zfxxgk'>{rows}</ul><div id='page_div'></div><script>{script}</script>"
        site.pages[numbered("/fgw/", place, "shtml", "list")] = form.page(shell(text, BRIDGE))


def newest_has_the_highest(site: Site, form: Form) -> None:
    """Pages are numbered from the oldest; only words lead on."""
    for place in range(PAGES):
        onward = f"<a href='list_{PAGES - 1 - place}.html'>下一页</a>" if place < PAGES - 1 else "<a>下一页</a>"
        pager = f"<a href='list.html'>首页</a>{onward}<a href='list_1.html'>末页</a> 第{place + 1}页/共{PAGES}页"
        name = "/jyj/list.html" if not place else f"/jyj/list_{PAGES - place}.html"
        rows = form.rows(part(place), "<tr><td>·</td><td><a href='{u}'>{t}</a></td><td>[{d}]</td></tr>")
        site.pages[name] = form.page(shell(f"<table>{rows}</table><p>{pager}</p>", BRIDGE))


def two_numbers(site: Site, form: Form) -> None:
    """The column's number stands in the names of its pages; the first is the folder."""
    for place in range(PAGES):
        numbers = "".join(f"<li><a href='list_12_{n}.html'>{n}</a></li>" for n in range(1, PAGES + 1) if n != place + 1)
        onward = f"<li><a href='list_12_{place + 2}.html'>下一页</a></li>" if place < PAGES - 1 else ""
        pager = f"<ul class='pagelist'>{numbers}{onward}<li><a href='list_12_{PAGES}.html'>末页</a></li></ul>"
        rows = form.rows(
            part(place),
            "<li>[<b><a href='/zhengce/'>政策</a></b>] <a href='{u}' class='title'>{t}</a>"
            "<span class='info'><small>日期：</small>{d} <small>点击：</small>{n}7</span><p class='intro'>…</p></li>",
        )
        hot = "".join(
            f"<li><a href='/xinwen/2024/010{n}/{30 + n}.html'>县长走访渡口现场之{n}</a></li>" for n in range(5)
        )
        text = f"<div class='listbox'><ul class='e2'>{rows}</ul></div><div class='dede_pages'>{pager}</div>"
        site.pages["/zhengce/" if not place else f"/zhengce/list_12_{place + 1}.html"] = form.page(shell(text, hot))
    site.pages["/zhengce/list_12_1.html"] = site.pages["/zhengce/"]


def nodes(site: Site, form: Form) -> None:
    """A newspaper's node; documents of all nodes have addresses of one form, and those of others stand beside."""
    beside = "".join(
        f"<li><a href='/c/2024-01/0{n}/content_66{n}.shtml'>县长走访渡口现场之{n}</a></li>" for n in range(1, 7)
    )
    for place in range(PAGES):
        rows = form.rows(part(place), "<li class='clearfix'><h3><a href='{u}'>{t}</a></h3><em>{d} 08:12</em></li>")
        numbers = "".join(
            f"<a href='{'node_1234.htm' if n == 1 else f'node_1234_{n}.htm'}'>{n}</a> " for n in range(1, PAGES + 1)
        )
        text = f"<div class='newslist'><ul>{rows}</ul></div><div id='displaypagenum'>{numbers}</div>"
        site.pages["/node_1234.htm" if not place else f"/node_1234_{place + 1}.htm"] = form.page(shell(text, beside))
    for number in range(1, 7):
        path = f"/c/2024-01/0{number}/content_66{number}.shtml"
        site.pages[path] = form.page(article("县长走访渡口现场", "", number))


def column_query(site: Site, form: Form) -> None:
    """The pager adds the number of a unit that the list's address does not have."""
    for place in range(PAGES):
        links = "".join(f"<a href='/col/col1234/index.html?uid=98765&pageNum={n}'>{n}</a>" for n in range(1, PAGES + 1))
        rows = form.rows(part(place), "<li><a href='{u}'>{t}</a><b>{d}</b></li>")
        beside = "".join(
            f"<li><a href='/art/2024/1/{n}/art_77_{50 + n}.html'>县长走访渡口现场之{n}</a></li>" for n in range(5)
        )
        name = "/col/col1234/index.html" + (f"?uid=98765&pageNum={place + 1}" if place else "")
        site.pages[name] = form.page(shell(f"<div id='98765'><ul>{rows}</ul>{links}</div>", beside))
    site.pages["/col/col1234/index.html?uid=98765&pageNum=1"] = site.pages["/col/col1234/index.html"]


def folder_of_pages(site: Site, form: Form) -> None:
    """Pages lie in a folder p; the rows are cards whose picture leads to the document, too."""
    for place in range(PAGES):
        rows = form.rows(
            part(place),
            "<div class='card'><a href='{u}'><img src='/img/{n}.jpg' alt=''></a><div><h4><a href='{u}'>{t}</a></h4>"
            "<p>现就有关事项通知如下，请认真贯彻执行。</p><span>{d}</span></div></div>",
        )
        numbers = "".join(f"<a href='/news/p/{n}.html'>{n}</a>" for n in range(1, PAGES + 1))
        last = f"<a href='/news/p/{PAGES}.html'>尾页</a>"
        text = f"<div class='cards'>{rows}</div><div class='pagination'>{numbers}{last}</div>"
        site.pages["/news/" if not place else f"/news/p/{place + 1}.html"] = form.page(shell(text, BRIDGE))


def by_start(site: Site, form: Form) -> None:
    """Rows are counted, not pages; the teasers are long, and the day is that of an attribute."""
    for place in range(PAGES):
        rows = "".join(
            f"<article><h3><a href='{form.path(n)}'>{form.name(n)}</a></h3><time datetime='{day(n)}T09:00:00Z'>this "
            f"month</time><p>{TEASER}</p></article>"
            for n in part(place)
        )
        onward = f"<a class='next' href='?start={5 * (place + 1)}'>Next</a>" if place < PAGES - 1 else ""
        text = english_page(f"<main>{rows}<nav class='pager'>{onward}</nav></main>")
        site.pages["/results" + (f"?start={5 * place}" if place else "")] = form.page(text)


def next_url(site: Site, form: Form) -> None:
    """Pages are loaded on scrolling, from an address in an attribute; each answers a piece with the next address."""
    for place in range(PAGES):
        rows = form.rows(part(place), "<div class='item'><a href='{u}'>{t}</a><time datetime='{d}'>{d}</time></div>")
        onward = f"<div class='scroll' data-next-url='/updates?page={place + 2}'></div>" if place < PAGES - 1 else ""
        text = f"<div class='items'>{rows}</div>{onward}"
        other = "<aside><a href='/events/open-day-at-the-north-quay-2024'>Open day at the north quay</a></aside>"
        site.pages["/updates" + (f"?page={place + 1}" if place else "")] = form.page(english_page(text + other))


def link_next(site: Site, form: Form) -> None:
    """The head alone says what comes next."""
    for place in range(PAGES):
        rows = form.rows(part(place), "<p class='entry'><a href='{u}'>{t}</a> — {d}</p>")
        head = f"<link rel='next' href='/decisions/page-{place + 2}'>" if place < PAGES - 1 else ""
        text = english_page(f"<section>{rows}</section>", "Decisions").replace("</head>", f"{head}</head>")
        site.pages["/decisions" if not place else f"/decisions/page-{place + 1}"] = form.page(text)


def views(site: Site, form: Form) -> None:
    """Pages are counted from 0 beside an empty filter; what a pager's links say is hidden from the eye."""
    for place in range(PAGES):
        rows = form.rows(
            part(place),
            "<div class='views-row'><div class='views-field-title'><a href='{u}' hreflang='en'>{t}</a></div>"
            "<div class='views-field-created'>{d}</div></div>",
        )
        items = "".join(
            f"<li class='pager__item'><a href='?title=&amp;page={n}' title='Go to page {n + 1}'>"
            f"<span class='visually-hidden'>Page</span>{n + 1}</a></li>"
            for n in range(PAGES)
        )
        if place < PAGES - 1:
            items += (
                f"<li class='pager__item--next'><a href='?title=&amp;page={place + 1}' rel='next'>"
                "<span class='visually-hidden'>Next page</span><span>››</span></a></li>"
            )
        menu = "".join(f"<a href='/about/{ENGLISH[n].replace(' ', '-')}'>About {ENGLISH[n]}</a>" for n in range(4))
        text = english_page(f"<nav>{menu}</nav><div class='view-content'>{rows}</div><ul class='pager'>{items}</ul>")
        site.pages["/media/releases" + (f"?title=&page={place}" if place else "")] = form.page(text)


def finder(site: Site, form: Form) -> None:
    """Documents of two kinds in one list; the word of the pager stands before its numbers."""
    for place in range(PAGES):
        rows = "".join(
            f"<li class='gem-c-document-list__item'><div><a href='{form.path(n)}'>{form.name(n)}</a></div>"
            f"<ul><li>Document type: Guidance</li><li>Updated: <time datetime='{day(n)}'>{day(n)}</time></li></ul></li>"
            for n in part(place)
        )
        onward = (
            f"<a class='pagination__link' href='/search/papers?order=updated-newest&amp;page={place + 2}' rel='next'>"
            f"<span>Next page</span><span>: {place + 2} of {PAGES}</span></a>"
            if place < PAGES - 1
            else ""
        )
        popular = "".join(f"<li><a href='/browse/{word.replace(' ', '-')}'>{word}</a></li>" for word in ENGLISH)
        text = english_page(f"<ul class='gem-c-document-list'>{rows}</ul><nav>{onward}</nav><ul>{popular}</ul>")
        name = "/search/papers?order=updated-newest" + (f"&page={place + 1}" if place else "")
        site.pages[name] = form.page(text)


def choice_of_numbers(site: Site, form: Form) -> None:
    """A choice holds numbers alone; a script puts the chosen one into a name."""
    for place in range(PAGES):
        options = "".join(f"<option value='{n}'>{n}</option>" for n in range(1, PAGES + 1))
        script = "function turn(n){ window.location.href = n == 1 ? 'list.html' : 'list_' + n + '.html'; }"
        rows = form.rows(part(place), "<li><a href='{u}'>{t}</a><i>{d}</i></li>")
        text = f"<ul>{rows}</ul>转到<select onchange='turn(this.value)'>{options}</select>页<script>{script}</script>"
        site.pages[numbered("/tjj/", place, start="list")] = form.page(shell(text, BRIDGE))


def cut_titles(site: Site, form: Form) -> None:
    """Texts are cut, whole titles stand in an attribute; another column leads to the body that issued each."""
    for place in range(PAGES):
        rows = "".join(
            f"<tr><td>{n + 1}</td><td><a href='{form.path(n)}' title='{form.name(n)}'>{form.name(n)[:6]}…</a></td>"
            f"<td><a href='/jg/{n % 3}/index.html'>县发展改革和统计局</a></td><td>澜府办〔2024〕{n}号</td>"
            f"<td>{day(n)}</td></tr>"
            for n in part(place)
        )
        head = "<tr><th>序号</th><th>标题</th><th>机构</th><th>文号</th><th>日期</th></tr>"
        pager = "".join(f"<a href='?cid=8&page={n}'>{n}</a>" for n in range(1, PAGES + 1))
        name = "/gkml/list.php?cid=8" + (f"&page={place + 1}" if place else "")
        site.pages[name] = form.page(shell(f"<table>{head}{rows}</table><div>{pager}</div>", BRIDGE))


def under_a_year(site: Site, form: Form) -> None:
    """Rows say month and day, a heading above them the year."""
    for place in range(PAGES):
        rows = form.rows(part(place), "<li><a href='{u}'>{t}</a><span>{d}</span></li>").replace(">2024-", ">")
        text = f"<div class='year'><h3>2024年</h3><ul>{rows}</ul></div>"
        onward = f"<a href='{numbered('', place + 1)}'>下一页</a>" if place < PAGES - 1 else ""
        site.pages[numbered("/wjk/", place)] = form.page(shell(text + onward, BRIDGE))


def by_month(site: Site, form: Form) -> None:
    """One page for each month; the newest month is the column's own page."""
    for month in (2, 1):
        numbers = [n for n in range(COUNT) if day(n).startswith(f"2024-0{month}")]
        rows = "".join(form.rows(range(n, n + 1)) for n in numbers)
        months = "".join(f"<a href='/gb/2024{n:02}/'>2024年{n}月</a> " for n in (2, 1))
        text = form.page(shell(f"<div class='months'>{months}</div><ul class='gb'>{rows}</ul>", BRIDGE))
        site.pages[f"/gb/2024{month:02}/"] = text
    site.pages["/gb/"] = site.pages["/gb/202402/"]


def with_base(site: Site, form: Form) -> None:
    """All addresses are relative to a base that is not the page's own folder."""
    for place in range(PAGES):
        rows = form.rows(part(place)).replace("'/zcjd/", "'")
        pager = "".join(f"<a href='list{'' if n == 1 else f'_{n}'}.html'>{n}</a>" for n in range(1, PAGES + 1))
        text = shell(f"<ul class='c'>{rows}</ul><div>{pager}</div>", BRIDGE)
        text = text.replace("<title>", "<base href='/zcjd/'><title>")
        site.pages[numbered("/zcjd/", place, start="list")] = form.page(text)
    site.pages["/portal/zcjd"] = site.pages["/zcjd/list.html"]


def framed(site: Site, form: Form) -> None:
    """The page holds a frame, and that the list."""
    site.pages["/zwdt/index.html"] = form.page(
        shell("<iframe src='/inc/list.jsp?col=3' width='100%' frameborder='0'></iframe>", BRIDGE)
    )
    for place in range(PAGES):
        rows = form.rows(part(place), "<tr><td><a href='{u}' target='_top'>{t}</a></td><td>{d}</td></tr>")
        pager = "".join(f"<a href='/inc/list.jsp?col=3&page={n}'>{n}</a> " for n in range(1, PAGES + 1))
        name = "/inc/list.jsp?col=3" + (f"&page={place + 1}" if place else "")
        site.pages[name] = form.page(f"<html><body><table>{rows}</table>{pager}</body></html>")


def opened_by_script(site: Site, form: Form) -> None:
    """Links call a function with a document's number, and that puts it into an address."""
    for place in range(PAGES):
        rows = "".join(
            f"<li><a href=\"javascript:openDoc('{8800 - n}')\">{form.name(n)}</a><span>{day(n)}</span></li>"
            for n in part(place)
        )
        script = "function openDoc(id) { window.open('/wcm/view.jsp?docid=' + id, '_blank'); }"
        pager = "".join(f"<a href='/wcm/list.jsp?chan=6&page={n}'>{n}</a>" for n in range(1, PAGES + 1))
        name = "/wcm/list.jsp?chan=6" + (f"&page={place + 1}" if place else "")
        site.pages[name] = form.page(shell(f"<script>{script}</script><ul>{rows}</ul>{pager}", BRIDGE))


def in_attributes(site: Site, form: Form) -> None:
    """Rows hold their address in an attribute that a script reads."""
    for place in range(PAGES):
        rows = form.rows(part(place), "<li class='row' data-href='{u}'><h5>{t}</h5><em>{d}</em></li>")
        onward = f"<a href='index_{place + 1}.html'>下一页</a>" if place < PAGES - 1 else ""
        text = f"<ul>{rows}</ul>{onward}<script>$('.row').click(function(){{open($(this).data('href'))}})</script>"
        site.pages[numbered("/gsgg/", place, first=0)] = form.page(shell(text, BRIDGE))


def in_queries(site: Site, form: Form) -> None:
    """Lists and documents have one path and differ by parameters alone."""
    way = "/index.php?m=content&c=index&a=lists&catid=6"
    for place in range(PAGES):
        rows = form.rows(part(place), "<li><span class='rt'>{d}</span>·<a href='{u}' target='_blank'>{t}</a></li>")
        pager = "".join(f"<a href='{way}&page={n}'>{n}</a>" for n in range(1, PAGES + 1))
        beside = "".join(
            f"<li><a href='/index.php?m=content&c=index&a=show&catid=9&id={60 + n}'>县长走访渡口现场之{n}</a></li>"
            for n in range(5)
        )
        text = form.page(shell(f"<ul class='list lh24 f14'>{rows}</ul><div id='pages'>{pager}</div>", beside))
        site.pages[way + (f"&page={place + 1}" if place else "")] = text
    site.pages[f"{way}&page=1"] = site.pages[way]


def tree_addresses(site: Site, form: Form) -> None:
    """The pager's own parameters stand before those that choose the list."""
    tail = "urltype=tree.TreeTempUrl&wbtreeid=1023"
    for place in range(PAGES):
        links = "".join(f"<a href='?a7t=4&a7p={n}&a7c=5&{tail}'>{n}</a>" for n in range(1, PAGES + 1))
        onward = f"<a href='?a7t=4&a7p={place + 2}&a7c=5&{tail}'>下页</a>" if place < PAGES - 1 else ""
        rows = form.rows(
            part(place),
            "<tr height='20'><td><a href='{u}' target='_blank' title='{t}'>{t}</a></td><td><span>{d}</span></td></tr>",
        )
        text = f"<table class='winstyle7'>{rows}<tr><td>共17条 {place + 1}/4 {links}{onward}</td></tr></table>"
        beside = "".join(
            f"<li><a href='/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1044&wbnewsid={50 + n}'>"
            f"县长走访渡口现场之{n}</a></li>"
            for n in range(5)
        )
        name = f"/list.jsp?{tail}" if not place else f"/list.jsp?a7t=4&a7p={place + 1}&a7c=5&{tail}"
        site.pages[name] = form.page(shell(text, beside))
    site.pages[f"/list.jsp?a7t=4&a7p=1&a7c=5&{tail}"] = site.pages[f"/list.jsp?{tail}"]


def open_view(site: Site, form: Form) -> None:
    """A database's view: rows are counted from 1, documents have codes."""
    for place in range(PAGES):
        rows = form.rows(part(place), "<tr valign='top'><td>{d}</td><td><a href='{u}'>{t}</a></td></tr>")
        onward = (
            f"<a href='/web/press.nsf/all?OpenView&Start={5 * (place + 1) + 1}&Count=5'>Next</a>" if place < 3 else ""
        )
        text = english_page(f"<table>{rows}</table>{onward}", "Press releases")
        name = "/web/press.nsf/all?OpenView" + (f"&Start={5 * place + 1}&Count=5" if place else "")
        site.pages[name] = form.page(text)


def twin_links(site: Site, form: Form) -> None:
    """Each row has its document as a page and as a file, and a link to comment on it."""
    for place in range(PAGES):
        rows = "".join(
            f"<tr><td><a href='{form.path(n)}'>{form.name(n)}</a></td><td>{day(n)}</td>"
            f"<td><a href='/files/{n + 40}.pdf'>PDF (120 KB)</a></td>"
            f"<td><a href='/comment?id={n}'>Comment</a></td></tr>"
            for n in part(place)
        )
        pager = " ".join(f"<a href='/rules?page={n}'>{n}</a>" for n in range(1, PAGES + 1))
        text = english_page(f"<table>{rows}</table><p>{pager}</p>", "Rules")
        site.pages["/rules" + (f"?page={place + 1}" if place else "")] = form.page(text)
    site.pages["/rules?page=1"] = site.pages["/rules"]


def files(site: Site, form: Form) -> None:
    """The documents are files; nothing else is behind the list."""
    for place in range(PAGES):
        rows = form.rows(part(place), "<li><a href='{u}'>{t}（PDF）</a><span>{d}</span></li>")
        pager = f"<script>createPageHTML({PAGES}, {place}, 'index', 'html');</script>"
        site.pages[numbered("/gbxz/", place, first=0)] = form.page(shell(f"<ul>{rows}</ul>{pager}", BRIDGE))


def month_first(site: Site, form: Form) -> None:
    """Days as in the United States, with the month first."""
    for place in range(PAGES):
        rows = "".join(
            f"<li><span class='date'>{day(n)[5:7]}/{day(n)[8:]}/{day(n)[:4]}</span> <a href='{form.path(n)}'>"
            f"{form.name(n)}</a></li>"
            for n in part(place)
        )
        pager = " ".join(f"<a href='/newsroom?page={n}'>{n}</a>" for n in range(1, PAGES + 1))
        text = english_page(f"<ul class='news'>{rows}</ul><p>{pager}</p>", "Newsroom").replace("en-GB", "en-US")
        site.pages["/newsroom" + (f"?page={place + 1}" if place else "")] = form.page(text)
    site.pages["/newsroom?page=1"] = site.pages["/newsroom"]


def republic(site: Site, form: Form) -> None:
    """Days are counted from 1912."""
    for place in range(PAGES):
        rows = "".join(
            f"<tr><td data-title='發布日期'>113-{day(n)[5:]}</td><td><a href='{form.path(n)}' title='{form.name(n)}'>"
            f"{form.name(n)}</a></td><td>秘書處</td></tr>"
            for n in part(place)
        )
        pager = "".join(f"<li><a href='List.aspx?nodeid=310&page={n}'>{n}</a></li>" for n in range(1, PAGES + 1))
        text = shell(f"<table>{rows}</table><ul>{pager}</ul>").replace("<html>", "<html lang='zh-Hant'>")
        site.pages["/List.aspx?nodeid=310" + (f"&page={place + 1}" if place else "")] = form.page(text)
    site.pages["/List.aspx?nodeid=310&page=1"] = site.pages["/List.aspx?nodeid=310"]


def submitted(site: Site, form: Form) -> None:
    """The pager fills in a form and submits it; the address stays the same."""
    script = "function goPage(n) { document.pageForm.pageNo.value = n; document.pageForm.submit(); }"
    script = f"<script>{script}</script>"

    def answer(request: Request) -> Page:
        asked = {name: values[0] for name, values in parse_qs(request.body).items()}
        if request.method == "POST" and asked.get("columnId") != "31":
            return Page(status=400)
        place = int(asked.get("pageNo", "1")) - 1
        rows = form.rows(part(place), "<li><a href='{u}'>{t}</a><span>{d}</span></li>")
        fields = (
            f"<input type='hidden' name='columnId' value='31'><input type='hidden' name='pageNo' value='{place + 1}'>"
        )
        onward = f"<a href='javascript:goPage({place + 2})'>下一页</a>" if place < PAGES - 1 else "下一页"
        pager = (
            f"<a href='javascript:goPage(1)'>首页</a>{onward}<a href='javascript:goPage({PAGES})'>尾页</a> 共{PAGES}页"
        )
        text = (
            f"{script}<form name='pageForm' action='/zwgk/list.do' method='post'>{fields}</form><ul>{rows}</ul>{pager}"
        )
        return form.page(shell(text, BRIDGE))

    site.pages["/zwgk/list.do"] = answer


def posted_back(site: Site, form: Form) -> None:
    """The pager posts the page's whole state back to it."""

    def answer(request: Request) -> Page:
        asked = {name: values[0] for name, values in parse_qs(request.body).items()}
        place = 0
        if request.method == "POST":
            if not asked.get("__VIEWSTATE", "").startswith("/wEPDw") or asked.get("__EVENTTARGET") != "ctl00$Pager1":
                return Page(status=500)
            place = int(asked["__EVENTARGUMENT"]) - 1
        state = f"/wEPDwUKLTk{place}" + "MTA2NTg5OQ9k" * 200 + f"+{len(site.requests)}=="
        fields = "".join(
            f"<input type='hidden' name='{name}' id='{name}' value='{value}'>"
            for name, value in (
                ("__VIEWSTATE", state),
                ("__EVENTTARGET", ""),
                ("__EVENTARGUMENT", ""),
                ("__VIEWSTATEGENERATOR", "CA0B0334"),
            )
        )
        links = "".join(
            f"<a href=\"javascript:__doPostBack('ctl00$Pager1','{n}')\">{n}</a>"
            for n in range(1, PAGES + 1)
            if n != place + 1
        )
        onward = (
            f"<a href=\"javascript:__doPostBack('ctl00$Pager1','{place + 2}')\">下页</a>" if place < PAGES - 1 else ""
        )
        rows = form.rows(part(place), "<tr><td><a href='{u}'>{t}</a></td><td>{d}</td></tr>")
        text = f"{fields}<table>{rows}</table>{links}{onward}"
        return form.page(shell(f"<form method='post' action='NewsList.aspx?cid=4'>{text}</form>", BRIDGE))

    site.pages["/NewsList.aspx?cid=4"] = answer


def jumped(site: Site, form: Form) -> None:
    """A form holds all that the list is chosen by; its knobs set the number and submit it."""

    def answer(request: Request) -> Page:
        asked = {name: values[0] for name, values in parse_qs(request.body or urlsplit(request.path).query).items()}
        if request.method != "POST" and request.path != "/gov/search/list.jsp":
            return Page(status=405)
        place = int(asked.get("page.currentPage", "1")) - 1
        fields = "".join(
            f"<input type='hidden' name='{name}' value='{value}'>"
            for name, value in (("page.currentPage", place + 1), ("page.pageSize", 5), ("catalog", "A03"), ("word", ""))
        )
        onward = f"<input type='button' value='下一页' onclick='toPage({place + 2})'>" if place < PAGES - 1 else ""
        script = """function toPage(n) { $("input[name='page.currentPage']").val(n); $("#searchForm").submit(); }"""
        rows = form.rows(part(place), "<dl><dt><a href='{u}'>{t}</a></dt><dd>{d}</dd></dl>")
        text = f"<form id='searchForm' method='POST'>{fields}{rows}{onward}第{place + 1}页/共{PAGES}页</form>"
        return form.page(shell(f"{text}<script>{script}</script>", BRIDGE))

    site.pages["/gov/search/list.jsp"] = answer


SITES = {
    "object pager": Form(
        "/zwgk/tz/", lambda n: f"/zwgk/tz/{day(n)[:7].replace('-', '')}/t{strip(n)}_{3000 + n}.html", object_pager
    ),
    "other arguments": Form(
        "/fgw/list.shtml",
        lambda n: f"/fgw/c100{n % 3}/{day(n)[:7].replace('-', '')}/{'abcdef'[n % 6]}{n:02}9f3c5d7e1b4a6.shtml",
        other_arguments,
        silent=True,
    ),
    "newest has the highest": Form(
        "/jyj/list.html", lambda n: f"/jyj/{900 - n}.html", newest_has_the_highest, silent=True
    ),
    "two numbers": Form(
        "/zhengce/",
        lambda n: f"/zhengce/{day(n)[:4]}/{day(n)[5:].replace('-', '')}/{700 - n}.html",
        two_numbers,
        silent=True,
        charset="gbk",
    ),
    "nodes": Form(
        "/node_1234.htm", lambda n: f"/c/{day(n)[:7]}/{day(n)[8:]}/content_{5500 - n}.shtml", nodes, silent=True
    ),
    "column query": Form(
        "/col/col1234/index.html", lambda n: f"/art/2024/1/{1 + n}/art_1234_{700 + n}.html", column_query, silent=True
    ),
    "folder of pages": Form("/news/", lambda n: f"/news/{900 - n}.html", folder_of_pages, silent=True),
    "by start": Form("/results", lambda n: f"/results/{slug(n)}", by_start, silent=True, name=english),
    "next url": Form("/updates", lambda n: f"/updates/{slug(n)}", next_url, silent=True, name=english),
    "link next": Form(
        "/decisions", lambda n: f"/decisions/2024/{n + 40}-{slug(n)}", link_next, silent=True, name=english
    ),
    "views": Form("/media/releases", lambda n: f"/media/releases/{slug(n)}", views, silent=True, name=english),
    "finder": Form(
        "/search/papers?order=updated-newest",
        lambda n: f"/government/{('publications', 'consultations')[n % 2]}/{slug(n)}",
        finder,
        silent=True,
        name=english,
    ),
    "choice of numbers": Form(
        "/tjj/list.html", lambda n: f"/tjj/{day(n)[:4]}/{800 - n}.html", choice_of_numbers, silent=True
    ),
    "cut titles": Form("/gkml/list.php?cid=8", lambda n: f"/gkml/show.php?id={700 - n}", cut_titles, silent=True),
    "under a year": Form("/wjk/index.html", lambda n: f"/wjk/{600 - n}.html", under_a_year, silent=True),
    "by month": Form("/gb/", lambda n: f"/gb/2024{day(n)[5:7]}/{600 - n}.html", by_month, pages=2, silent=True),
    "with base": Form("/portal/zcjd", lambda n: f"/zcjd/{day(n)[:4]}/{800 - n}.html", with_base, silent=True),
    "framed": Form("/zwdt/index.html", lambda n: f"/zwdt/{800 - n}.html", framed, silent=True, pages=4),
    "opened by script": Form(
        "/wcm/list.jsp?chan=6", lambda n: f"/wcm/view.jsp?docid={8800 - n}", opened_by_script, silent=True
    ),
    "in attributes": Form(
        "/gsgg/index.html", lambda n: f"/gsgg/{day(n)[:4]}/{800 - n}.html", in_attributes, silent=True
    ),
    "in queries": Form(
        "/index.php?m=content&c=index&a=lists&catid=6",
        lambda n: f"/index.php?m=content&c=index&a=show&catid=6&id={700 - n}",
        in_queries,
        silent=True,
    ),
    "tree addresses": Form(
        "/list.jsp?urltype=tree.TreeTempUrl&wbtreeid=1023",
        lambda n: f"/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1023&wbnewsid={6100 - n}",
        tree_addresses,
        silent=True,
    ),
    "open view": Form(
        "/web/press.nsf/all?OpenView",
        lambda n: f"/web/press.nsf/0/{(n + 7) * 0x3D5E7A91C4B2F6813579BDF02468ACE:032X}?OpenDocument",
        open_view,
        silent=True,
        name=english,
    ),
    "twin links": Form("/rules", lambda n: f"/rules/{slug(n)}", twin_links, silent=True, name=english),
    "files": Form(
        "/gbxz/index.html", lambda n: f"/gbxz/{day(n)[:7].replace('-', '')}/P0202401{n + 10:02}.pdf", files, silent=True
    ),
    "month first": Form("/newsroom", lambda n: f"/newsroom/{slug(n)}", month_first, silent=True, name=english),
    "republic": Form(
        "/List.aspx?nodeid=310", lambda n: f"/News_Content.aspx?n=310&s={70_100 - n}", republic, silent=True
    ),
    "submitted": Form("/zwgk/list.do", lambda n: f"/zwgk/{day(n)[:4]}/{900 - n}.html", submitted, silent=True),
    "posted back": Form("/NewsList.aspx?cid=4", lambda n: f"/NewsShow.aspx?id={900 - n}", posted_back, silent=True),
    "jumped": Form("/gov/search/list.jsp", lambda n: f"/gov/search/detail.jsp?id={900 - n}", jumped, silent=True),
}
