"""Lists as portals of Chinese governments show them."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

from tests.listed import Form, asked, data_page, number_in
from tests.portals import Notices, compact, hot, moment, noticed, paged, portal
from tests.site import Page, Request, Site


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


def tabs(site: Site, form: Form) -> None:
    """Notices, announcements and publications are tabs of one page; each has addresses in a folder of its own."""
    panes = "".join(
        f"<div class='tab-pane' id='tab{place}'><ul>"
        + "".join(
            f"<li><a href='{form.path(n)}' target='_blank'>{form.title(n)}</a><span class='time'>{form.day(n)}"
            "</span></li>"
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


def file_beside(site: Site, form: Form) -> None:
    """All rows lie in a file beside the page, whose markup shows the newest; its fields are called in capitals."""
    rows = "".join(
        f"<li><h4><a href='{site.url(form.path(n))}' target='_blank'>{form.title(n)}</a><span "
        f"class='date'>{form.day(n)}</span>"
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
    """What the list is chosen by stands in hidden fields of the page, and parameters are put together one by one."""
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


def drawn_pager(site: Site, form: Form) -> None:
    """A component draws the pager and turns to an address; rows are opened by a function of two arguments."""
    script = """function toDetail(id, type) { window.open('/xxgk/detail?type=' + type + '&id=' + id); }
        layui.use('laypage', function () { var laypage = layui.laypage; laypage.render({ elem: 'pager', count: %d,
          limit: 7, curr: %d, layout: ['count', 'prev', 'page', 'next', 'skip'], jump: function (obj, first) {
            if (!first) { location.href = '/xxgk/list?columnId=7&pageNum=' + obj.curr; } } }); });"""
    for place in range(3):
        rows = "".join(
            f"<li><a href='javascript:;' onclick=\"toDetail('{7700 - n}','tz')\">{form.title(n)}</a>"
            f"<span>{form.day(n)}</span>"
            f"</li>"
            for n in paged(form, place, 7)
        )
        text = form.page(
            portal(
                f"<ul class='list'>{rows}</ul><div id='pager'></div><script>{script % (form.count, place + 1)}"
                "</script>",
                hot("/xxgk/detail?type=xw&id=55{n}"),
            )
        )
        site.pages["/xxgk/list?columnId=7" + (f"&pageNum={place + 1}" if place else "")] = text
    site.pages["/xxgk/list?columnId=7&pageNum=1"] = site.pages["/xxgk/list?columnId=7"]


PORTALS: dict[str, Form] = {
    "counted from zero": Notices(
        "/tzgg/index.html", lambda n: f"/tzgg/detail_18{20 - n:04}.html", counted_from_zero, pages=3, silent=True
    ),
    "padded by kind": Notices(
        "/zwgk/tzgg/index.html",
        lambda n: f"/zwgk/tzgg/{noticed(n)[:7].replace('-', '')}/t{compact(noticed(n))}_{990 - n}.html",
        padded_by_kind,
        pages=3,
        silent=True,
    ),
    "names turned round": Notices(
        "/zwgk/tzgg/list.shtml",
        lambda n: f"/zwgk/tzgg/{noticed(n)[:4]}/{compact(noticed(n))}{n:04}.shtml",
        names_turned_round,
        pages=4,
    ),
    "tabs": Notices(
        "/zwgk/tzgg/",
        lambda n: f"/zwgk/tzgg/{('tz', 'gg', 'gs')[n % 3]}/{compact(noticed(n))[:6]}/{7700 - n}.html",
        tabs,
        pages=1,
        silent=True,
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
        lambda n: f"/art/{int(noticed(n)[:4])}/{int(noticed(n)[5:7])}/{int(noticed(n)[8:])}/art_12_{3456 - n}.html",
        all_records_within,
        pages=1,
        silent=True,
    ),
    "file beside": Notices(
        "/zhengce/tongzhi/index.htm",
        lambda n: f"/zhengce/tongzhi/{compact(noticed(n))[:6]}/content_{6_990_000 - 13 * n}.htm",
        file_beside,
        pages=1,
        silent=True,
    ),
    "hidden values": Notices(
        "/gkml/list.html?columnId=c8f1e2", lambda n: f"/gkml/info/{700 - n}.html", hidden_values, pages=3, silent=True
    ),
    "drawn pager": Notices(
        "/xxgk/list?columnId=7", lambda n: f"/xxgk/detail?type=tz&id={7700 - n}", drawn_pager, pages=3, silent=True
    ),
}


def named_by_tag(site: Site, form: Form) -> None:
    """The pager's knobs hold their addresses in an attribute of their own, and call a function with themselves."""
    for place in range(3):
        rows = "".join(
            f"<li><a href='{form.path(n)}' title='{form.title(n)}' target='_blank'>{form.title(n)}</a>"
            f"<b>{form.day(n)}</b></li>"
            for n in paged(form, place, 7)
        )

        def knob(number: int, text: str) -> str:
            name = "index.html" if number == 1 else f"index_{number}.html"
            return (
                f"<a href='javascript:void(0)' onclick=\"queryArticleByCondition(this,'/xxgk/tzgg/{name}')\" "
                f"tagname='/xxgk/tzgg/{name}'>{text}</a>"
            )

        knobs = "".join(knob(n, str(n)) for n in range(1, 4)) + knob(min(place + 2, 3), "下一页") + knob(3, "尾页")
        site.pages["/xxgk/tzgg/" + ("index.html" if not place else f"index_{place + 1}.html")] = form.page(
            portal(f"<ul class='list'>{rows}</ul><div class='pages'>{knobs}</div>", hot("/xwzx/{c}/{n}77.html"))
        )
    site.pages["/xxgk/tzgg/"] = site.pages["/xxgk/tzgg/index.html"]


def days_in_parts(site: Site, form: Form) -> None:
    """Days are lists of numbers; the address begins with a name that another script of the page gives."""
    script = """function getData(cur) { axios({
        url: `${ctx}/rest/info/page?siteId=${siteId}&code=tzgg&pageNo=${cur}&pageSize=7`,
        method: 'get' }).then(({ data }) => { app.rows = data.data.rows; app.total = data.data.total; });
        } getData(1);"""
    head = "<script>var ctx = '/portal'; var siteId = '31';</script>"
    text = f"<div id='app'></div><script>{script}</script>"
    site.pages[form.start] = form.page(portal(text, hot("/xwzx/{c}/{n}77.html"), head=head))

    def answer(request: Request) -> Page:
        if asked(request, "siteId") != "31" or asked(request, "code") != "tzgg":
            return data_page({"success": False})
        rows = [
            {
                "infoId": 100 + n,
                "infoTitle": form.title(n),
                "infoUrl": form.path(n),
                "publishTime": [*map(int, form.day(n).split("-")), 9, 30],
                "hits": 3 * n,
            }
            for n in paged(form, number_in(request.path, "pageNo") - 1, 7)
        ]
        return data_page({"success": True, "data": {"rows": rows, "total": form.count}})

    site.pages["/portal/rest/info/page"] = answer


def method_of_a_page(site: Site, form: Form) -> None:
    """A page's own method is asked with a text that is nearly JSON; moments are written as calls."""
    script = """function bind(pageIndex) { $.ajax({ type: "POST", contentType: "application/json; charset=utf-8",
        url: "NewsList.aspx/GetNews", dataType: "json",
        data: "{'typeId':'12','pageIndex':" + pageIndex + ",'pageSize':7}",
        success: function (result) { var rows = result.d.Rows; for (var i = 0; i < rows.length; i++) {
          $("#ul").append("<li><a href='NewsShow.aspx?id=" + rows[i].NewsId + "'>" + rows[i].Title + "</a></li>");
        } } }); }
        $(function () { bind(1); });"""
    site.pages[form.start] = form.page(
        portal(f"<ul id='ul'></ul><script>{script}</script>", hot("/Html/{c}/{n}77.html"))
    )

    def answer(request: Request) -> Page:
        if request.method != "POST" or "typeId" not in request.body:
            return Page(status=500)
        rows = [
            {
                "__type": "Gov.News",
                "NewsId": 900 - n,
                "Title": form.title(n),
                "PubDate": f"/Date({1_000 * moment(form.day(n))})/",
            }
            for n in paged(form, number_in(request.body, "pageIndex") - 1, 7)
        ]
        return data_page({"d": {"Rows": rows, "Total": form.count}})

    site.pages["/web/NewsList.aspx/GetNews"] = answer


def sent_on(site: Site, form: Form) -> None:
    """The column's own page only sends on to its list."""
    site.pages[form.start] = form.page(
        "<html><head><title>通知公告</title><meta http-equiv='refresh' content='0;url=tzgg/list.html'></head></html>"
    )
    for place in range(3):
        rows = "".join(
            f"<tr><td width='80%'><img src='/img/dot.gif'><a href='../../{form.path(n)[1:]}'>{form.title(n)}</a></td>"
            f"<td>{form.day(n).replace('-', '.')}</td></tr>"
            for n in paged(form, place, 7)
        )
        onward = f"<a href='list_{place + 1}.html'>下一页</a> <a href='list_2.html'>末页</a>" if place < 2 else ""
        site.pages["/xxgk/tzgg/" + ("list.html" if not place else f"list_{place}.html")] = form.page(
            portal(f"<table>{rows}</table><div>{onward}</div>", hot("../../xwzx/{c}/{n}77.html"))
        )


def moments_in_attributes(site: Site, form: Form) -> None:
    """A script writes the days from seconds that stand in an attribute; pages lead on by pictures."""
    for place in range(3):
        rows = "".join(
            f"<div class='item'><a href='{form.path(n)}'>{form.title(n)}</a>"
            f"<span class='time' data-time='{moment(form.day(n))}'></span></div>"
            for n in paged(form, place, 7)
        )
        before = f"<a href='/tzgg?page={place}'><img src='/img/prev.png' alt='上一页'></a>" if place else ""
        after = f"<a href='/tzgg?page={place + 2}'><img src='/img/next.png' alt='下一页'></a>" if place < 2 else ""
        site.pages["/tzgg" + (f"?page={place + 1}" if place else "")] = form.page(
            portal(f"<div class='items'>{rows}</div><div>{before}{after}</div>", hot("/xw/{c}{n}.html"))
        )
    site.pages["/tzgg?page=1"] = site.pages["/tzgg"]


def rows_as_calls(site: Site, form: Form) -> None:
    """Each row is written by a call."""
    calls = "\n".join(
        f'addRow("{form.title(n)}", "{form.path(n)}", "{form.day(n)}");'.replace("“", "“") for n in range(form.count)
    )
    script = "function addRow(t, u, d) { document.write('<li><a href=' + u + '>' + t + '</a>' + d + '</li>'); }"
    site.pages[form.start] = form.page(
        portal(f"<script>{script}</script><ul><script>{calls}</script></ul>", hot("/xw/{c}{n}.html"))
    )


PORTALS |= {
    "named by tag": Notices(
        "/xxgk/tzgg/", lambda n: f"/xxgk/tzgg/{noticed(n)[:4]}/{8800 - n}.html", named_by_tag, pages=3, silent=True
    ),
    "days in parts": Notices(
        "/portal/tzgg/list.html",
        lambda n: f"/portal/tzgg/{compact(noticed(n))}/{100 + n}.html",
        days_in_parts,
        pages=3,
        silent=True,
    ),
    "method of a page": Notices(
        "/web/NewsList.aspx?typeId=12",
        lambda n: f"/web/NewsShow.aspx?id={900 - n}",
        method_of_a_page,
        pages=3,
        silent=True,
    ),
    "sent on": Notices(
        "/xxgk/index.html", lambda n: f"/xxgk/tzgg/{8800 - n}.html", sent_on, pages=3, silent=True, charset="gbk"
    ),
    "moments in attributes": Notices(
        "/tzgg", lambda n: f"/article/{55_000 - 17 * n}", moments_in_attributes, pages=3, silent=True
    ),
    "rows as calls": Notices(
        "/zwgk/tzgg.htm", lambda n: f"/zwgk/tzgg/{8800 - n}.htm", rows_as_calls, pages=1, silent=True
    ),
}
