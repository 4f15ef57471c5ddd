"""Lists as government portals and agencies show them in these years, with all that a real page has around one."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs

from tests.listforms import Form, data_page, number_in
from tests.scriptforms import asked
from tests.site import Page, Request, Site

NOTICES = (
    ("2025-11-28", "澜江县人民政府办公室关于印发2025—2026年度冬春火灾防控工作方案的通知"),
    ("2025-11-21", "关于公布第六批县级非物质文化遗产代表性项目名录的通知"),
    ("2025-11-06", "澜江县2025年度城镇土地使用税困难减免办理须知"),
    ("2025-10-30", "关于调整城市公共汽车票价的公告"),
    ("2025-10-15", "2025年三季度国民经济运行情况"),
    ("2025-09-29", "关于国庆节期间烟花爆竹禁放区域的通告"),
    ("2025-09-02", "关于2025年9月18日防空警报试鸣的通告"),
    ("2025-08-18", "人事任免"),
    ("2025-07-31", "关于开展农村房屋安全隐患排查“回头看”的通知"),
    ("2025-07-04", "澜江县防汛抗旱应急预案（2025年修订）"),
    ("2025-06-20", "关于征求《澜江县养犬管理办法（草案）》意见的公告"),
    ("2025-05-23", "关于李某某等3名同志公示的补充说明"),
    ("2025-04-11", "澜政办发〔2025〕9号 关于做好春季森林防火工作的紧急通知"),
    ("2025-03-03", "2025年政府工作报告任务分解方案"),
    ("2025-01-17", "关于延长东门菜市场临时交通管制时间的通告"),
    ("2024-12-25", "澜江县“十四五”水利发展规划中期评估报告"),
    ("2024-11-08", "关于公开遴选县属企业外部董事的公告"),
    ("2024-09-13", "关于废止部分行政规范性文件的决定"),
    ("2024-08-02", "2024年高温津贴发放标准"),
    ("2024-05-31", "关于做好夏粮收购工作的通知"),
    ("2024-04-19", "澜江县地名管理实施细则"),
    ("2024-02-06", "关于2024年春节放假安排的通知"),
)
RELEASES = (
    ("2025-11-27", "Board publishes annual report and accounts for 2024 to 2025"),
    ("2025-11-12", "Changes to small craft licensing from January"),
    ("2025-10-30", "Consultation opens on noise limits for night ferries"),
    ("2025-10-09", "Statement on the closure of Pier 4"),
    ("2025-09-18", "New chair appointed"),
    ("2025-08-26", "Minutes of the Board meeting of 21 July 2025"),
    ("2025-07-15", "How we will regulate shore power"),
    ("2025-06-03", "£14 million for dredging of the inner channel"),
    ("2025-05-22", "Speech by the chief executive to the Pilots' Conference"),
    ("2025-04-01", "Fees and charges, 2025 to 2026"),
    ("2025-02-14", "Safety notice: mooring lines of high modulus"),
    ("2025-01-08", "Interim findings of the Eastgate collision inquiry"),
    ("2024-12-19", "Response to the Committee on Coastal Affairs"),
    ("2024-11-05", "Board and fishing cooperatives sign memorandum of understanding"),
    ("2024-09-24", "Guidance for operators of unmanned vessels"),
    ("2024-07-30", "Review of the pilotage exemption scheme"),
    ("2024-05-16", "Early warning: oil spill exercise in the estuary"),
    ("2024-03-07", "Equality objectives"),
    ("2024-01-25", "Winter moorings: what changes this year"),
)
NEWS = (
    ("2025-11-29", "县委书记调研重点项目建设"),
    ("2025-11-27", "我县召开冬季农业生产现场会"),
    ("2025-11-25", "澜江大桥加固工程顺利合龙"),
    ("2025-11-20", "全县招商引资项目集中签约"),
    ("2025-11-12", "志愿服务走进老旧小区"),
    ("2025-11-03", "第十二届柑橘节开幕"),
)
EVENTS = (
    ("2025-11-29", "Open day at the north quay"),
    ("2025-11-20", "Harbour walk with the ranger"),
    ("2025-11-03", "Lighthouse lecture, autumn series"),
    ("2025-10-21", "Regatta photographs"),
    ("2025-10-02", "School visits in the new year"),
)
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def compact(date: str) -> str:
    return date.replace("-", "")


def in_words(date: str) -> str:
    year, month, of_month = date.split("-")
    return f"{int(of_month)} {MONTHS[int(month) - 1]} {year}"


def words(name: str) -> str:
    """Return a title as an address has it."""
    kept = "".join(char if char.isascii() and char.isalnum() else " " for char in name.lower())
    return "-".join(kept.split())[:60].strip("-")


def paged(form: Form, place: int, size: int) -> range:
    return range(place * size, min((place + 1) * size, form.count))


def portal(inner: str, beside: str = "", name: str = "通知公告", head: str = "") -> str:
    """Return a page of a Chinese portal around its list."""
    menu = "".join(
        f"<li><a href='{way}'>{word}</a></li>"
        for way, word in (
            ("/", "首页"),
            ("/zjlj/", "走进澜江"),
            ("/xwzx/", "新闻中心"),
            ("/zwgk/", "政务公开"),
            ("/zwfw/", "政务服务"),
            ("/hdjl/", "互动交流"),
        )
    )
    sections = "".join(
        f"<li><a href='/{way}/index.html'>{word}</a></li>"
        for way, word in (("zfwj", "政府文件"), ("zcjd", "政策解读"), ("czyjs", "财政预决算"), ("rsxx", "人事信息"))
    )
    links = "".join(
        f"<a href='http://www.{way}.example/' target='_blank'>{word}</a>"
        for way, word in (("jiangbei", "江北市人民政府"), ("haizhou", "海州省人民政府"), ("kexie", "县科学技术协会"))
    )
    return (
        f"<!DOCTYPE html><html lang='zh-CN'><head><title>{name}_澜江县人民政府</title>{head}</head><body>"
        f"<div class='top'><a href='/wza/'>无障碍</a> <a href='/znwd/'>智能问答</a><form action='/so/s'>"
        f"<input name='q'><input type='submit' value='搜索'></form></div><div class='nav'><ul>{menu}</ul></div>"
        f"<div class='position'>当前位置：<a href='/'>首页</a> &gt; <a href='/zwgk/'>政务公开</a> &gt; {name}</div>"
        f"<div class='left'><h2>信息公开</h2><ul>{sections}</ul></div><div class='right'>{inner}</div>{beside}"
        f"<div class='foot'><div>友情链接：{links}</div><p>主办：澜江县人民政府办公室 网站标识码：9900000001 "
        "备案号：海ICP备2025000001号-1 联系电话：0999-1234567</p><a href='/wzdt/'>网站地图</a></div></body></html>"
    )


def hot(form: str, place: str = "热点新闻") -> str:
    """Return what is read most of another column; form: an address of {d}, {c} or {n}."""
    rows = "".join(
        f"<li><a href='{form.format(d=date, c=compact(date), n=number)}' title='{name}'>{name}</a><em>{date[5:]}</em></li>"
        for number, (date, name) in enumerate(NEWS)
    )
    return f"<div class='hot'><h3>{place}</h3><ul>{rows}</ul></div>"


def agency(inner: str, beside: str = "", name: str = "News and publications", head: str = "") -> str:
    """Return a page of an English-language agency around its list."""
    menu = "".join(
        f"<li><a href='{way}'>{word}</a></li>"
        for way, word in (
            ("/", "Home"),
            ("/about-us", "About us"),
            ("/what-we-do/licensing", "Licensing"),
            ("/what-we-do/enforcement", "Enforcement"),
            ("/careers/working-for-the-board", "Working for the Board"),
            ("/contact", "Contact"),
        )
    )
    foot = "".join(
        f"<li><a href='/{words(word)}'>{word}</a></li>"
        for word in ("Accessibility statement", "Privacy notice", "Freedom of information", "Modern slavery statement")
    )
    return (
        f"<!DOCTYPE html><html lang='en-GB'><head><meta charset='utf-8'><title>{name} | Northport Harbour Board</title>"
        f"{head}</head><body><a class='skip' href='#main'>Skip to main content</a><header><nav><ul>{menu}</ul></nav>"
        f"</header><nav aria-label='Breadcrumb'><a href='/'>Home</a> / {name}</nav><main id='main'><h1>{name}</h1>"
        f"{inner}</main>{beside}<footer><ul>{foot}</ul><p>© Northport Harbour Board. "
        "<a href='https://social.example/northport'>Follow us</a></p></footer></body></html>"
    )


def coming(form: str) -> str:
    rows = "".join(
        f"<li><a href='{form.format(d=date, w=words(name))}'>{name}</a> <time datetime='{date}'>{in_words(date)}</time></li>"
        for date, name in EVENTS
    )
    return f"<aside><h2>Events</h2><ul>{rows}</ul></aside>"


@dataclass(frozen=True)
class Notices(Form):
    """A list with the days and titles of a portal."""

    count: int = 20

    def day(self, number: int) -> str:
        return NOTICES[number][0]

    def title(self, number: int) -> str:
        return NOTICES[number][1]


@dataclass(frozen=True)
class Releases(Form):
    """A list with the days and titles of an agency."""

    count: int = 18

    def day(self, number: int) -> str:
        return RELEASES[number][0]

    def title(self, number: int) -> str:
        return RELEASES[number][1]


def release(number: int) -> str:
    return words(RELEASES[number][1])


def moment(date: str, hour: int = 9) -> int:
    return int(datetime.fromisoformat(f"{date}T{hour:02}:30:00+08:00").astimezone(UTC).timestamp())


def counted_from_zero(site: Site, form: Form) -> None:
    """A page of a database: numbers from 0, rows deep within, moments in milliseconds; a template makes addresses."""
    template = (
        "<ul id='app' v-cloak><li v-for='item in list' :key='item.id'>"
        "<a :href=\"'/tzgg/detail_' + item.id + '.html'\" target='_blank'>{{ item.title }}</a>"
        "<span>{{ item.publishTime | day }}</span></li></ul>"
    )
    script = """new Vue({ el: '#app', data: { list: [], page: 1, size: 7, total: 0 }, mounted() { this.getList(); },
        methods: { getList() { var that = this; axios.get('/gov-api/articles', { params: { columnCode: 'tzgg',
          page: this.page - 1, size: this.size, sort: 'publishTime,desc' } }).then(function (res) {
          that.list = res.data.data.page.content; that.total = res.data.data.page.totalElements; }); },
        turn(n) { this.page = n; this.getList(); } } });"""
    site.pages[form.start] = form.page(portal(f"{template}<script>{script}</script>", hot("/xwzx/{c}/{n}77.html")))

    def answer(request: Request) -> Page:
        place = number_in(request.path, "page", 0)
        rows = [
            {
                "id": f"18{form.count - n:04}",
                "title": form.title(n),
                "summary": None,
                "publishTime": 1_000 * moment(form.day(n)),
                "createTime": 1_000 * moment(form.day(n), 8) - 86_400_000 * 2,
                "column": {"code": "tzgg", "name": "通知公告", "id": "771"},
            }
            for n in paged(form, place, 7)
        ]
        if asked(request, "columnCode") != "tzgg":
            return data_page({"code": 500, "msg": "参数错误", "data": None})
        page = {
            "content": rows,
            "number": place,
            "size": 7,
            "totalPages": 3,
            "totalElements": form.count,
            "last": place == 2,
            "first": not place,
        }
        return data_page({"code": 200, "msg": "success", "data": {"page": page}})

    site.pages["/gov-api/articles"] = answer


def padded_by_kind(site: Site, form: Form) -> None:
    """The kind of data says that they are the argument of a call, and another word names the call."""
    script = """var pageIndex = 1; function loadList(p) { $.ajax({ type: "GET", url: "/cms/ext/listByChannel.do",
        dataType: "jsonp", jsonp: "cb", data: { "channelId": 40213, "pageIndex": p, "pageSize": 8 },
        success: function (json) { var str = ""; for (var i = 0; i < json.result.list.length; i++) {
          var o = json.result.list[i]; str += "<li><a href='" + o.docpuburl + "'>" + o.doctitle + "</a><span>"
          + o.docreltime.substring(0, 10) + "</span></li>"; } $(".gl-list").html(str); } }); }
        loadList(pageIndex);"""
    site.pages[form.start] = form.page(
        portal(
            f"<ul class='gl-list'></ul><div id='pagination'></div><script>{script}</script>",
            hot("/xwzx/{c}/{n}77.html"),
        )
    )

    def answer(request: Request) -> Page:
        rows = [
            {
                "docid": 880_000 + n,
                "doctitle": form.title(n),
                "docpuburl": site.url(form.path(n)),
                "docreltime": f"{form.day(n)} 09:12:44.0",
                "crtime": "2025-11-30 00:00:00.0",
            }
            for n in paged(form, number_in(request.path, "pageIndex") - 1, 8)
        ]
        if asked(request, "channelId") != "40213":
            rows = []
        text = json.dumps({"result": {"list": rows, "total": form.count, "pages": 3}, "ok": 1}, ensure_ascii=False)
        name = asked(request, "cb") or "null"
        return Page(f"{name}({text})", headers={"Content-Type": "text/javascript;charset=UTF-8"})

    site.pages["/cms/ext/listByChannel.do"] = answer


def knob_with_address(site: Site, form: Form) -> None:
    """A knob says where more is, which page it was, and how many there are; markup comes within data."""
    row = (
        "<div class='teaser'><div class='teaser__date'>{w}</div><h3 class='teaser__title'><a href='{u}'>{t}</a></h3>"
        "<p>We explain what this means for operators and for the public.</p></div>"
    )
    script = """document.querySelector('.js-load-more').addEventListener('click', async (e) => { const b = e.currentTarget;
        const next = Number(b.dataset.page) + 1; const r = await fetch(b.dataset.url + '&page=' + next);
        const j = await r.json(); document.querySelector('.teasers').insertAdjacentHTML('beforeend', j.html);
        b.dataset.page = next; if (next >= Number(b.dataset.pages)) { b.remove(); } });"""

    def rows(place: int) -> str:
        return "".join(
            row.format(w=in_words(form.day(n)), u=form.path(n), t=html.escape(form.title(n)))
            for n in paged(form, place, 6)
        )

    knob = (
        "<button type='button' class='js-load-more' data-url='/ajax/teasers?section=42&amp;order=desc' data-page='1' "
        "data-pages='3'>Load more</button>"
    )
    site.pages[form.start] = form.page(
        agency(
            f"<div class='teasers'>{rows(0)}</div>{knob}<script>{script}</script>",
            coming("/whats-on/{w}"),
            "Announcements",
        )
    )
    site.pages["/ajax/teasers"] = lambda request: data_page(
        {
            "html": rows(number_in(request.path, "page") - 1) if asked(request, "section") == "42" else "",
            "page": number_in(request.path, "page"),
        }
    )


def names_turned_round(site: Site, form: Form) -> None:
    """The page that shows a 2 is called by the last number but one: the oldest page never changes its name."""
    ways = ["list.shtml", "list_3.shtml", "list_2.shtml", "list_1.shtml"]
    for place, way in enumerate(ways):
        rows = "".join(
            f"<li><i></i><a href='{form.path(n)}' target='_blank'>{form.title(n)}</a><span>({form.day(n)})</span></li>"
            for n in paged(form, place, 5)
        )
        numbers = "".join(
            f"<a href='./{each}' class='num'>{n}</a>" if n != place + 1 else f"<span class='cur'>{n}</span>"
            for n, each in enumerate(ways, 1)
        )
        onward = f"<a href='./{ways[place + 1]}'>&gt;</a>" if place < 3 else ""
        site.pages[f"/zwgk/tzgg/{way}"] = form.page(
            portal(
                f"<ul class='newsList'>{rows}</ul><div class='page'>{numbers}{onward}</div>",
                hot("/xwzx/{c}/{n}77.shtml"),
            )
        )


def years_with_pages(site: Site, form: Form) -> None:
    """Each year is a list of its own with pages of its own; the newest year is what the list's address shows."""
    years = sorted({form.day(n)[:4] for n in range(form.count)}, reverse=True)
    links = "".join(f"<li><a href='/newsroom/press-releases?year={year}'>{year}</a></li>" for year in years)
    for year in years:
        numbers = [n for n in range(form.count) if form.day(n).startswith(year)]
        for place in range(-(-len(numbers) // 7)):
            rows = "".join(
                f"<li class='list-item'><span class='meta'>{in_words(form.day(n))} — Press release</span>"
                f"<a href='{form.path(n)}'>{html.escape(form.title(n))}</a></li>"
                for n in numbers[7 * place : 7 * place + 7]
            )
            pager = "".join(
                f"<a href='/newsroom/press-releases?year={year}&amp;page={n + 1}'>{n + 1}</a> "
                for n in range(-(-len(numbers) // 7))
            )
            text = form.page(
                agency(
                    f"<ul class='years'>{links}</ul><ul class='results'>{rows}</ul><div class='pages'>{pager}</div>",
                    coming("/newsroom/events/{w}"),
                    "Press releases",
                )
            )
            names = [f"/newsroom/press-releases?year={year}&page={place + 1}"]
            names += [f"/newsroom/press-releases?year={year}"] if not place else []
            names += ["/newsroom/press-releases"] if not place and year == years[0] else []
            site.pages.update(dict.fromkeys(names, text))


def tabs(site: Site, form: Form) -> None:
    """Notices, announcements and publications are tabs of one page; each has addresses in a folder of its own."""
    panes = "".join(
        f"<div class='tab-pane' id='tab{place}'><ul>"
        + "".join(
            f"<li><a href='{form.path(n)}' target='_blank'>{form.title(n)}</a><span class='time'>{form.day(n)}</span></li>"
            for n in range(place, form.count, 3)
        )
        + "</ul></div>"
        for place in range(3)
    )
    heads = "".join(
        f"<li><a href='#tab{n}' data-toggle='tab'>{w}</a></li>" for n, w in enumerate(("通知", "公告", "公示"))
    )
    site.pages[form.start] = form.page(
        portal(
            f"<ul class='nav-tabs'>{heads}</ul><div class='tab-content'>{panes}</div>", hot("/xwzx/ljyw/{c}_{n}77.html")
        )
    )


def feed_of_the_section(site: Site, form: Form) -> None:
    """The page shows the newest only; its own feed holds all, and the site's feed all of everything."""

    def entries(rows: list[tuple[str, str, str]]) -> str:
        inner = "".join(
            f"<entry><title>{html.escape(name)}</title><id>tag:northport,{date}:{way}</id>"
            f"<link rel='alternate' type='text/html' href='{site.url(way)}'/><published>{date}T10:00:00Z</published>"
            f"<updated>2025-11-29T08:00:00Z</updated><summary>Summary.</summary></entry>"
            for date, name, way in rows
        )
        return (
            "<?xml version='1.0' encoding='utf-8'?><feed xmlns='http://www.w3.org/2005/Atom'><title>Northport</title>"
            f"<id>{site.url('/')}</id><updated>2025-11-29T08:00:00Z</updated>{inner}</feed>"
        )

    own = [(form.day(n), form.title(n), form.path(n)) for n in range(form.count)]
    others = [(date, name, f"/events/{words(name)}") for date, name in EVENTS]
    kind = {"Content-Type": "application/atom+xml; charset=utf-8"}
    site.pages["/consultations/feed.atom"] = Page(entries(own), headers=kind)
    site.pages["/feed.atom"] = Page(entries(sorted(own[:6] + others, reverse=True)), headers=kind)
    head = (
        "<link rel='alternate' type='application/atom+xml' title='Everything' href='/feed.atom'>"
        "<link rel='alternate' type='application/atom+xml' title='Consultations' href='/consultations/feed.atom'>"
    )
    rows = "".join(
        f"<li><a href='{form.path(n)}'>{html.escape(form.title(n))}</a><p>Published {in_words(form.day(n))}</p></li>"
        for n in range(5)
    )
    site.pages[form.start] = form.page(
        agency(
            f"<ul>{rows}</ul><p><a href='/consultations/feed.atom'>All consultations (Atom)</a></p>",
            coming("/events/{w}"),
            "Consultations",
            head,
        )
    )


def two_columns_of_days(site: Site, form: Form) -> None:
    """A table of files: when each was made stands before when it was published; another column has its number."""
    head = "".join(f"<th>{w}</th>" for w in ("索引号", "文件名称", "文号", "成文日期", "发布日期"))
    for place in range(3):
        rows = "".join(
            f"<tr><td>00123{n:03}-7/{form.day(n)[:4]}-{900 - n:05}</td><td><a href='{form.path(n)}' target='_blank'>"
            f"{form.title(n)}</a></td><td>澜政办〔{form.day(n)[:4]}〕{60 - n}号</td>"
            f"<td>{form.day(n)[:7]}-01</td><td>{form.day(n)}</td></tr>"
            for n in paged(form, place, 8)
        )
        pager = f"共<b>{form.count}</b>条 第{place + 1}/3页 <a href='index.jsp?cat=gfxwj&currentPage=1'>首页</a>"
        pager += f"<a href='index.jsp?cat=gfxwj&currentPage={min(place + 2, 3)}'>下一页</a>"
        pager += "<a href='index.jsp?cat=gfxwj&currentPage=3'>末页</a>"
        name = "/xxgkml/index.jsp?cat=gfxwj" + (f"&currentPage={place + 1}" if place else "")
        site.pages[name] = form.page(
            portal(
                f"<table class='gkml'><tr>{head}</tr>{rows}</table><div class='fy'>{pager}</div>",
                hot("/xxgkml/content.jsp?infoid=5{n}&cat=xwdt"),
                "规范性文件",
            )
        )
    site.pages["/xxgkml/index.jsp?cat=gfxwj&currentPage=1"] = site.pages["/xxgkml/index.jsp?cat=gfxwj"]


def all_records_within(site: Site, form: Form) -> None:
    """The page holds all records as text of its own, a script shows some of them; addresses lead up and down again."""
    records = "".join(
        f"<record><![CDATA[<li><span>{form.day(n)}</span><a href='../../{form.path(n)[1:]}' title='{form.title(n)}' "
        f"target='_blank'>{form.title(n)}</a></li>]]></record>"
        for n in range(form.count)
    )
    data = f"<datastore><nextgroup></nextgroup><recordset>{records}</recordset></datastore>"
    script = (
        f"$(function(){{$('#31877').jpage({{itemTemplate:'',theme:'default',groupSize:3,pageSize:7,perPage:7,"
        f"totalRecord:{form.count},showMode:'full',dataType:'xml'}});}});"
    )
    beside = hot("../../art/{d}/art_40_{n}77.html".replace("{d}", "2025/11/9"))
    site.pages[form.start] = form.page(
        portal(f"<div id='31877'><script type='text/xml'>{data}</script></div><script>{script}</script>", beside)
    )


def second_pager(site: Site, form: Form) -> None:
    """Two lists of views have a pager each, counted in one parameter; the pages of the second stand behind a comma."""
    for place in range(3):
        rows = "".join(
            f"<div class='views-row'><article class='node node--type-news'><time datetime='{form.day(n)}T12:00:00Z'>"
            f"{in_words(form.day(n))}</time><h3><a href='{form.path(n)}' rel='bookmark'><span>"
            f"{html.escape(form.title(n))}</span></a></h3></article></div>"
            for n in paged(form, place, 6)
        )
        items = "".join(
            f"<li class='pager__item'><a href='?page=0%2C{n}' title='Go to page {n + 1}'>{n + 1}</a></li>"
            for n in range(3)
        )
        if place < 2:
            items += (
                f"<li class='pager__item pager__item--next'><a href='?page=0%2C{place + 1}' rel='next'>Next ›</a></li>"
            )
        beside = coming("/events/{w}") + "<nav class='pager'><a href='?page=1%2C0' rel='next'>More events</a></nav>"
        text = form.page(
            agency(
                f"<div class='view-content'>{rows}</div><nav><ul class='pager__items'>{items}</ul></nav>",
                beside,
                "News",
            )
        )
        site.pages["/news-media/all-news" + (f"?page=0%2C{place}" if place else "")] = text
    site.pages["/news-media/all-news?page=0%2C0"] = site.pages["/news-media/all-news"]
    site.pages["/news-media/all-news?page=1%2C0"] = site.pages["/news-media/all-news"]


def block_query(site: Site, form: Form) -> None:
    """A block of a blog's theme counts its own pages; posts of all kinds have addresses of one form."""
    for place in range(3):
        rows = "".join(
            f"<li class='wp-block-post post-{800 + n} type-post'><h2 class='wp-block-post-title'><a href='{form.path(n)}' "
            f"target='_self'>{html.escape(form.title(n))}</a></h2><div class='wp-block-post-date'>"
            f"<time datetime='{form.day(n)}T08:00:00+00:00'>{in_words(form.day(n))}</time></div>"
            f"<div class='wp-block-post-excerpt'><p>What you need to know about it.</p></div></li>"
            for n in paged(form, place, 6)
        )
        numbers = "".join(
            f"<a class='page-numbers' href='?query-12-page={n + 1}&amp;cst'>{n + 1}</a>"
            if n != place
            else f"<span aria-current='page' class='page-numbers current'>{n + 1}</span>"
            for n in range(3)
        )
        onward = (
            f"<a href='/press/?query-12-page={place + 2}' class='wp-block-query-pagination-next'>Next Page</a>"
            if place < 2
            else ""
        )
        latest = "".join(
            f"<li><a class='wp-block-latest-posts__post-title' href='/{date[:4]}/{date[5:7]}/{words(name)}/'>{name}</a>"
            f"<time datetime='{date}T08:00:00+00:00'>{in_words(date)}</time></li>"
            for date, name in EVENTS
        )
        text = form.page(
            agency(
                f"<div class='wp-block-query'><ul class='wp-block-post-template'>{rows}</ul>"
                f"<nav class='wp-block-query-pagination'>{numbers}{onward}</nav></div>",
                f"<div><h2>From the blog</h2><ul class='wp-block-latest-posts'>{latest}</ul></div>",
                "Press",
            )
        )
        for tail in (f"?query-12-page={place + 1}", f"?query-12-page={place + 1}&cst"):
            site.pages[f"/press/{tail}"] = text
    site.pages["/press/"] = site.pages["/press/?query-12-page=1"]


def grid(site: Site, form: Form) -> None:
    """A grid posts its state back; the argument names the kind of turning, and quotes are written as entities."""

    def answer(request: Request) -> Page:
        sent = {name: values[0] for name, values in parse_qs(request.body).items()}
        place = 0
        if request.method == "POST":
            kind, _, number = sent.get("__EVENTARGUMENT", "").partition("$")
            target = sent.get("__EVENTTARGET")
            if "__EVENTVALIDATION" not in sent or kind != "Page" or target != "ctl00$MainContent$gvNotices":
                return Page(status=500)
            place = int(number) - 1
        fields = "".join(
            f"<input type='hidden' name='{name}' id='{name}' value='{value}' />"
            for name, value in (
                ("__EVENTTARGET", ""),
                ("__EVENTARGUMENT", ""),
                ("__VIEWSTATE", f"/wEPDwULLTE{place}" + "NzE2MDQ1Mg9k" * 90 + "=="),
                ("__VIEWSTATEGENERATOR", "E29DE9E0"),
                ("__EVENTVALIDATION", f"/wEdAAk{place}" + "x7K2" * 30),
            )
        )
        rows = "".join(
            f"<tr><td>{n + 1}</td><td><a id='gv_{n}' href='{form.path(n)[1:]}'>{html.escape(form.title(n))}</a></td>"
            f"<td>{in_words(form.day(n))}</td></tr>"
            for n in paged(form, place, 6)
        )
        cells = "".join(
            f"<td><span>{n}</span></td>"
            if n == place + 1
            else f'<td><a href="javascript:__doPostBack(&#39;ctl00$MainContent$gvNotices&#39;,&#39;Page${n}&#39;)">{n}</a></td>'
            for n in (1, 2, 3)
        )
        search = "<input name='ctl00$txtSearch' type='text'><input type='submit' name='ctl00$btnSearch' value='Go'>"
        text = (
            f"<form method='post' action='./Notices.aspx?type=mariners' id='form1'>{fields}{search}<table id='gvNotices'>"
            f"<tr><th>No.</th><th>Title</th><th>Issued</th></tr>{rows}<tr class='pgr'><td colspan='3'><table><tr>{cells}"
            "</tr></table></td></tr></table></form>"
        )
        return form.page(agency(text, coming("/Event.aspx?name={w}"), "Notices to mariners"))

    site.pages["/Notices.aspx"] = answer


def portlet(site: Site, form: Form) -> None:
    """A portlet's parameters are long, and each begins with the portlet's name."""
    name = "_com_liferay_asset_publisher_web_portlet_AssetPublisherPortlet_INSTANCE_kQ3zT9vXw1aB_"
    base = f"/web/guest/circulars?p_p_id={name[1:-1]}&p_p_lifecycle=0&p_p_state=normal&p_p_mode=view"
    for place in range(3):
        rows = "".join(
            f"<div class='asset-abstract'><h4 class='asset-title'><a href='{site.url(form.path(n))}'>"
            f"{html.escape(form.title(n))}</a></h4><span class='metadata-publish-date'>{form.day(n)[8:]}/{form.day(n)[5:7]}/"
            f"{form.day(n)[2:4]}</span><div class='asset-summary'>Summary text.</div></div>"
            for n in paged(form, place, 6)
        )

        def to(number: int) -> str:
            return f"{site.origin}{base}&{name}delta=6&p_r_p_resetCur=false&{name}cur={number}"

        numbers = "".join(
            f"<li class='page-item'><a class='page-link' href='{html.escape(to(n))}'><span class='sr-only'>Page&nbsp;</span>"
            f"{n}</a></li>"
            for n in (1, 2, 3)
        )
        onward = f"<li><a class='page-link' href='{html.escape(to(place + 2))}'>Next</a></li>" if place < 2 else ""
        text = form.page(
            agency(
                f"<div class='asset-list'>{rows}</div><div>Showing {6 * place + 1} - {6 * place + 6} of {form.count} results."
                f"</div><ul class='pagination'>{numbers}{onward}</ul>",
                coming("/web/guest/events/-/{w}"),
                "Circulars",
            )
        )
        site.pages[to(place + 1).removeprefix(site.origin)] = text
        if not place:
            site.pages["/web/guest/circulars"] = text


def batches(site: Site, form: Form) -> None:
    """Batches start at a number whose parameter says its type."""
    for place in range(3):
        rows = "".join(
            f"<article class='entry'><header><span class='summary'><a href='{site.url(form.path(n))}' "
            f"class='contenttype-news-item state-published url' title='News Item'>{html.escape(form.title(n))}</a></span>"
            f"<span class='documentByLine'>published <span>{form.day(n)[8:]}.{form.day(n)[5:7]}.{form.day(n)[:4]}</span>"
            f"</span></header></article>"
            for n in paged(form, place, 6)
        )
        links = "".join(
            f"<li><a href='{site.url('/en/press/releases')}?b_start:int={6 * n}'>{n + 1}</a></li>"
            for n in range(3)
            if n != place
        )
        onward = (
            f"<li class='next'><a href='{site.url('/en/press/releases')}?b_start:int={6 * place + 6}'>Next 6 items »</a></li>"
            if place < 2
            else ""
        )
        text = form.page(
            agency(
                f"<div class='entries'>{rows}</div><nav class='pagination'><ul>{links}{onward}</ul></nav>",
                coming("/en/events/{w}"),
                "Press releases",
            )
        )
        site.pages["/en/press/releases" + (f"?b_start:int={6 * place}" if place else "")] = text
    site.pages["/en/press/releases?b_start:int=0"] = site.pages["/en/press/releases"]


def rest_of_a_list(site: Site, form: Form) -> None:
    """Rows of a library by its interface; the answer says the whole next address, and rows where their files lie."""
    script = """var endpoint = "/media/_api/web/lists/getbytitle('Pages')/items?$select=Title,FileRef,ArticleStartDate"
        + "&$orderby=ArticleStartDate desc&$top=6"; fetch(endpoint, { headers: { Accept: 'application/json;odata=nometadata' }
        }).then(function (r) { return r.json(); }).then(function (d) { render(d.value); more = d['odata.nextLink']; });"""
    site.pages[form.start] = form.page(
        agency(
            f"<div id='DeltaPlaceHolderMain'></div><script>{script}</script>", coming("/media/Events/{w}.aspx"), "Media"
        )
    )

    def answer(request: Request) -> Page:
        token = asked(request, "$skiptoken")
        place = ["", "Paged=TRUE&p_ID=6", "Paged=TRUE&p_ID=12"].index(token)
        rows = [
            {
                "Title": form.title(n),
                "FileRef": form.path(n),
                "ArticleStartDate": f"{form.day(n)}T00:00:00Z",
            }
            for n in paged(form, place, 6)
        ]
        said: dict[str, object] = {"odata.metadata": site.url("/media/_api/$metadata"), "value": rows}
        if place < 2:
            said["odata.nextLink"] = site.url(
                "/media/_api/web/lists/getbytitle('Pages')/items?%24skiptoken=Paged%3dTRUE%26p_ID%3d"
                f"{6 * place + 6}&%24select=Title%2cFileRef%2cArticleStartDate&%24top=6"
            )
        return data_page(said)

    site.pages["/media/_api/web/lists/getbytitle('Pages')/items"] = answer


def file_beside(site: Site, form: Form) -> None:
    """All rows lie in a file beside the page, whose markup shows the newest; names of the file's fields are capitals."""
    rows = "".join(
        f"<li><h4><a href='{site.url(form.path(n))}' target='_blank'>{form.title(n)}</a><span class='date'>{form.day(n)}</span>"
        f"</h4></li>"
        for n in range(6)
    )
    script = """$(function () { $.ajax({ url: "./TONGZHIGONGGAO.json", dataType: "json", success: function (data) {
        var p = new Pagination(data, 6); p.show(function (item) { return '<li><h4><a href="' + item.URL + '">'
        + item.TITLE + '</a><span class="date">' + item.DOCRELPUBTIME + '</span></h4></li>'; }); } }); });"""
    site.pages[form.start] = form.page(
        portal(
            f"<div class='list list_1'><ul>{rows}</ul></div><div id='newspage'></div><script>{script}</script>",
            hot("/xinwen/202511/content_77{n}.htm"),
        )
    )
    site.pages["/zhengce/tongzhi/TONGZHIGONGGAO.json"] = data_page(
        [
            {
                "TITLE": form.title(n),
                "SUB_TITLE": "",
                "URL": site.url(form.path(n)),
                "DOCRELPUBTIME": form.day(n),
            }
            for n in range(form.count)
        ]
    )


def hidden_values(site: Site, form: Form) -> None:
    """What the list is chosen by stands in hidden fields of the page, and the parameters are put together one by one."""
    site.pages["/js/gkml/list.js"] = Page(
        """var pageNo = 1, pageSize = 7;
        $(function () { queryList(); });
        function queryList() {
          var params = {};
          params.siteId = $("#siteId").val();
          params.columnId = $("#columnId").val();
          params.pageNo = pageNo;
          params.pageSize = pageSize;
          $.post("/gkml/info/queryList", params, function (res) {
            if (res.code != 0) { return; }
            var html = "";
            $.each(res.page.list, function (i, row) {
              html += "<tr><td>" + row.indexNo + "</td><td><a href='" + row.url + "'>" + row.infoTitle + "</a></td><td>"
                + row.publishDate + "</td></tr>";
            });
            $("#tbody").html(html);
            initPager(res.page.totalCount);
          }, "json");
        }""",
        headers={"Content-Type": "application/javascript"},
    )
    fields = "<input type='hidden' id='siteId' value='4401'><input type='hidden' id='columnId' value='c8f1e2'>"
    site.pages[form.start] = form.page(
        portal(
            f"{fields}<table><tbody id='tbody'></tbody></table><script src='/js/gkml/list.js?v=20250301'></script>",
            hot("/xwzx/{c}/{n}77.html"),
        )
    )

    def answer(request: Request) -> Page:
        sent = {name: values[0] for name, values in parse_qs(request.body).items()}
        if request.method != "POST" or sent.get("siteId") != "4401" or sent.get("columnId") != "c8f1e2":
            return data_page({"code": 1, "msg": "参数为空", "page": None})
        rows = [
            {
                "indexNo": f"LJ00{n}",
                "infoTitle": form.title(n),
                "url": form.path(n),
                "publishDate": form.day(n),
                "generateDate": form.day(n)[:8] + "01",
            }
            for n in paged(form, int(sent.get("pageNo", 1)) - 1, 7)
        ]
        return data_page({"code": 0, "page": {"list": rows, "totalCount": form.count, "totalPage": 3}})

    site.pages["/gkml/info/queryList"] = answer


def cards_read_on(site: Site, form: Form) -> None:
    """The link of a card says nothing but that one may read on; its title is a heading without a link."""
    for place in range(3):
        rows = "".join(
            f"<article class='card'><img src='/media/{n}.webp' alt=''><p class='card-tag'><a href='/topics/vessels'>Vessels</a>"
            f"</p><h3>{html.escape(form.title(n))}</h3><p class='card-date'>{in_words(form.day(n))}</p><p>Short summary of "
            f"it.</p><a class='card-link' href='{form.path(n)}' aria-label='Read more about {html.escape(form.title(n))}'>"
            f"Read more</a></article>"
            for n in paged(form, place, 6)
        )
        numbers = "".join(
            f"<a class='page-numbers' href='/insights/page/{n}/'>{n}</a>" for n in (1, 2, 3) if n != place + 1
        )
        text = form.page(
            agency(
                f"<div class='grid'>{rows}</div><div class='nav-links'>{numbers}</div>",
                coming("/events/{w}/"),
                "Insights",
            )
        )
        site.pages["/insights/" if not place else f"/insights/page/{place + 1}/"] = text


def revealed(site: Site, form: Form) -> None:
    """The last row asks for what follows it when it is seen; pieces of a page hold rows alone."""

    def rows(place: int) -> str:
        numbers = paged(form, place, 6)
        return "".join(
            "<tr"
            + (
                f" hx-get='/notices/?page={place + 2}' hx-trigger='revealed' hx-swap='afterend'"
                if n == numbers[-1] and place < 2
                else ""
            )
            + f"><td><a href='{form.path(n)}'>{html.escape(form.title(n))}</a></td><td>{in_words(form.day(n))}</td></tr>"
            for n in numbers
        )

    table = f"<table><thead><tr><th>Notice</th><th>Date</th></tr></thead><tbody>{rows(0)}</tbody></table>"
    site.pages["/notices/"] = form.page(agency(table, coming("/events/{w}/"), "Notices"))
    for place in (1, 2):
        site.pages[f"/notices/?page={place + 1}"] = form.page(rows(place))


def drawn_pager(site: Site, form: Form) -> None:
    """A component draws the pager and turns to an address; rows are opened by a function of two arguments."""
    script = """function toDetail(id, type) { window.open('/xxgk/detail?type=' + type + '&id=' + id); }
        layui.use('laypage', function () { var laypage = layui.laypage; laypage.render({ elem: 'pager', count: %d, limit: 7,
          curr: %d, layout: ['count', 'prev', 'page', 'next', 'skip'], jump: function (obj, first) {
            if (!first) { location.href = '/xxgk/list?columnId=7&pageNum=' + obj.curr; } } }); });"""
    for place in range(3):
        rows = "".join(
            f"<li><a href='javascript:;' onclick=\"toDetail('{7700 - n}','tz')\">{form.title(n)}</a><span>{form.day(n)}</span>"
            f"</li>"
            for n in paged(form, place, 7)
        )
        text = form.page(
            portal(
                f"<ul class='list'>{rows}</ul><div id='pager'></div><script>{script % (form.count, place + 1)}</script>",
                hot("/xxgk/detail?type=xw&id=55{n}"),
            )
        )
        site.pages["/xxgk/list?columnId=7" + (f"&pageNum={place + 1}" if place else "")] = text
    site.pages["/xxgk/list?columnId=7&pageNum=1"] = site.pages["/xxgk/list?columnId=7"]


def flat_payload(site: Site, form: Form) -> None:
    """The payload is one flat list whose values are places in it; the markup shows the newest rows only."""
    flat: list[object] = [["ShallowReactive", 1], {"data": 2, "serverRendered": 5}, ["ShallowReactive", 3]]
    flat += [{"news-list": 4}, [], True]
    places: list[int] = []
    for number in range(form.count):
        first = len(flat)
        places.append(first)
        flat += [
            {"title": first + 1, "path": first + 2, "publishedAt": first + 3},
            form.title(number),
            form.path(number),
            f"{form.day(number)}T09:00:00.000Z",
        ]
    flat[4] = places
    rows = "".join(
        f"<li class='news-row'><a href='{form.path(n)}'>{html.escape(form.title(n))}</a><time>{in_words(form.day(n))}</time></li>"
        for n in range(6)
    )
    data = f"<script type='application/json' id='__NUXT_DATA__' data-ssr='true'>{json.dumps(flat)}</script>"
    knob = "<button type='button' class='btn'>Show more</button>"
    text = agency(f"<ul>{rows}</ul>{knob}", coming("/events/{w}"), "News").replace("</body>", f"{data}</body>")
    site.pages[form.start] = form.page(text)


def _spread(number: int) -> str:
    return NOTICES[number][0]


PORTALS: dict[str, Form] = {
    "counted from zero": Notices(
        "/tzgg/index.html", lambda n: f"/tzgg/detail_18{20 - n:04}.html", counted_from_zero, pages=3, silent=True
    ),
    "padded by kind": Notices(
        "/zwgk/tzgg/index.html",
        lambda n: f"/zwgk/tzgg/{_spread(n)[:7].replace('-', '')}/t{compact(_spread(n))}_{990 - n}.html",
        padded_by_kind,
        pages=3,
        silent=True,
    ),
    "knob with address": Releases(
        "/announcements", lambda n: f"/announcements/{release(n)}", knob_with_address, pages=3, silent=True
    ),
    "names turned round": Notices(
        "/zwgk/tzgg/list.shtml",
        lambda n: f"/zwgk/tzgg/{_spread(n)[:4]}/{compact(_spread(n))}{n:04}.shtml",
        names_turned_round,
        pages=4,
    ),
    "years with pages": Releases(
        "/newsroom/press-releases",
        lambda n: f"/newsroom/press-releases/{release(n)}",
        years_with_pages,
        pages=3,
        silent=True,
    ),
    "tabs": Notices(
        "/zwgk/tzgg/",
        lambda n: f"/zwgk/tzgg/{('tz', 'gg', 'gs')[n % 3]}/{compact(_spread(n))[:6]}/{7700 - n}.html",
        tabs,
        pages=1,
        silent=True,
    ),
    "feed of the section": Releases(
        "/consultations", lambda n: f"/consultations/{release(n)}", feed_of_the_section, pages=1, silent=True
    ),
    "two columns of days": Notices(
        "/xxgkml/index.jsp?cat=gfxwj",
        lambda n: f"/xxgkml/content.jsp?infoid={8800 - n}&cat=gfxwj",
        two_columns_of_days,
        pages=3,
        silent=True,
        charset="gb18030",
    ),
    "all records within": Notices(
        "/col/col12/index.html",
        lambda n: f"/art/{int(_spread(n)[:4])}/{int(_spread(n)[5:7])}/{int(_spread(n)[8:])}/art_12_{3456 - n}.html",
        all_records_within,
        pages=1,
        silent=True,
    ),
    "second pager": Releases(
        "/news-media/all-news", lambda n: f"/news-media/{release(n)}", second_pager, pages=3, silent=True
    ),
    "block query": Releases(
        "/press/",
        lambda n: f"/{RELEASES[n][0][:4]}/{RELEASES[n][0][5:7]}/{release(n)}/",
        block_query,
        pages=3,
        silent=True,
    ),
    "grid": Releases("/Notices.aspx?type=mariners", lambda n: f"/Notice.aspx?id={330 - n}", grid, pages=3, silent=True),
    "portlet": Releases("/web/guest/circulars", lambda n: f"/web/guest/-/{release(n)}", portlet, pages=3, silent=True),
    "batches": Releases(
        "/en/press/releases", lambda n: f"/en/press/releases/{release(n)}", batches, pages=3, silent=True
    ),
    "rest of a list": Releases(
        "/media/Pages/default.aspx", lambda n: f"/media/Pages/{release(n)}.aspx", rest_of_a_list, pages=3, silent=True
    ),
    "file beside": Notices(
        "/zhengce/tongzhi/index.htm",
        lambda n: f"/zhengce/tongzhi/{compact(_spread(n))[:6]}/content_{6_990_000 - 13 * n}.htm",
        file_beside,
        pages=1,
        silent=True,
    ),
    "hidden values": Notices(
        "/gkml/list.html?columnId=c8f1e2", lambda n: f"/gkml/info/{700 - n}.html", hidden_values, pages=3, silent=True
    ),
    "cards to read on": Releases(
        "/insights/", lambda n: f"/insights/{release(n)}/", cards_read_on, pages=3, silent=True
    ),
    "revealed": Releases("/notices/", lambda n: f"/notices/{release(n)}/", revealed, pages=3, silent=True),
    "drawn pager": Notices(
        "/xxgk/list?columnId=7", lambda n: f"/xxgk/detail?type=tz&id={7700 - n}", drawn_pager, pages=3, silent=True
    ),
    "flat payload": Releases("/newsroom", lambda n: f"/newsroom/{release(n)}", flat_payload, pages=1, silent=True),
}
