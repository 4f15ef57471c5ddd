"""Pagers that submit a form, the data in scripts, and the days that lists say in unusual ways."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.add.proposal import Answer
from crawler.add.propose import read
from spiders.discovery import discover
from spiders.forms import filled
from spiders.literals import value_of, values
from spiders.markup import parse
from spiders.posting import parted
from spiders.source import Found, Rows, Source
from storage.model import Role

HOST = "gov.example"
URL = f"http://{HOST}/tz/list.do"


def found(page: str, url: str = URL, *, language: str = "zh", timezone: str = "Asia/Shanghai") -> tuple[Found, ...]:
    source = Source(
        name="xx_a",
        publisher="A",
        hosts=(HOST,),
        documents=(r"/\d+\.html$",),
        language=language,
        timezone=timezone,
    )
    return discover(source, Role.LIST, page.encode(), url=url, content_type="text/html; charset=utf-8").found


def pages(page: str, url: str = URL) -> list[tuple[str, str | None]]:
    return [parted(each.url) for each in found(page, url) if each.role is Role.LIST]


SUBMITS = "<script>function go(n){ f.pageNo.value = n; f.submit(); }</script>"


def test_a_form_that_a_script_submits_turns_the_pages() -> None:
    form = (
        "<form name=f method=post action=list.do><input type=hidden name=col value='通知'><input name=pageNo value=1>"
        "<select name=size><option value=10><option value=20 selected></select><input type=submit name=ok></form>"
    )
    pager = "<a href='javascript:go(2)'>2</a><a href='javascript:go(3)'>下一页</a>"
    body = "col=%E9%80%9A%E7%9F%A5&pageNo={}&size=20"
    assert pages(SUBMITS + form + pager) == [(URL, body.format(2)), (URL, body.format(3))]
    # The page itself says how many there are, and "next" may lead beyond.
    assert len(pages(f"{SUBMITS}{form}{pager}共2页")) == 1
    # Asked for by GET where the form is sent so.
    (first, _) = pages(SUBMITS + form.replace("post", "get") + pager)
    assert first == (f"{URL}?{body.format(2)}", None)


@pytest.mark.parametrize(
    "page",
    [
        # A search that a reader sends, pages or not.
        "<form method=post><input name=word><input name=page value=1></form><a href='javascript:go(2)'>2</a>",
        f"{SUBMITS}<form method=post><input name=word></form><a href='javascript:go(2)'>2</a>",
        f"{SUBMITS}<form method=post action='//elsewhere.example/'><input name=page></form><a onclick='go(2)'>2</a>",
        # Nothing reads as a pager.
        f"{SUBMITS}<form method=post><input name=page value=1></form><a href='javascript:go(2)'>about us</a>",
    ],
)
def test_other_forms_turn_none(page: str) -> None:
    assert pages(page) == []


def test_pages_by_links_need_no_form() -> None:
    form = "<form method=post><input name=pageNo value=1></form><a href='javascript:go(2)'>2</a>"
    assert pages(f"{SUBMITS}{form}<a href='list.do?page=2'>下一页</a>") == [(f"{URL}?page=2", None)]


STATE = "/wEPDw" + "x" * 3_000


def test_a_state_that_is_posted_back_is_left_to_be_filled_in() -> None:
    page = (
        f"<form method=post action='list.aspx?c=1'><input type=hidden name=__VIEWSTATE value='{STATE}'>"
        "<input type=hidden name=__EVENTTARGET><input type=hidden name=__EVENTARGUMENT>"
        "<input name=ctl00$word value='a b'>"
        "<a href=\"javascript:__doPostBack('ctl00$P','Page$2')\">2</a>"
        "<a href=\"javascript:__doPostBack('ctl00$Next','')\">下一页</a>"
        "<a href=\"javascript:__doPostBack('ctl00$Quit','')\">退出</a></form>"
    )
    ((address, body),) = pages(page, f"http://{HOST}/list.aspx?c=1")
    assert address == f"http://{HOST}/list.aspx?c=1"
    assert body == "__VIEWSTATE={page}&__EVENTTARGET=ctl00%24P&__EVENTARGUMENT=Page%242&ctl00%24word=a+b"
    sent = filled(body, page.encode(), "text/html")
    assert sent == body.replace("{page}", STATE.replace("/", "%2F"))
    # A page without the form says nothing.
    assert filled(body, b"<p>down for maintenance", "text/html") == body.replace("{page}", "")


@given(st.text(max_size=300), st.text(max_size=100))
def test_filling_in_takes_anything(body: str, page: str) -> None:
    assert "={page}&" not in filled(body, page.encode("utf-8", "replace"), "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ('var a = [{"t": "x", "u": "/1.html"}];', [("a", [{"t": "x", "u": "/1.html"}])]),
        ("window.a = [{t: 'it\\'s', u: \"/1.html\", n: -1.5, ok: true, no: undefined,}, ];", [
            ("a", [{"t": "it's", "u": "/1.html", "n": -1.5, "ok": True, "no": None}])
        ]),
        ("a = { /* rows */ rows: [ // first\n ['x', '\\u6587'] ] }", [("a", {"rows": [["x", "文"]]})]),
        ("a = { f: function () { return [1]; } }; b = [2]", [("b", [2])]),
        ("var a = [1, f(2)]", []),
        ("a = [[[[", []),
        ("a = []; b = {}", []),
    ],
)  # fmt: skip
def test_values_of_scripts(script: str, expected: object) -> None:
    assert list(values(None, script)) == expected
    assert list(values(parse(f"<html><script>{script}</script><p>text</p></html>"), "")) == expected


def test_data_elements_have_ids() -> None:
    tree = parse('<html><script id=S type="application/json">{"a": [1]}</script><script>S = [2]</script></html>')
    assert value_of(tree, "", "S") == {"a": [1]}
    assert value_of(tree, "", "T") is None


@given(st.text(alphabet="abc=[]{}:,'\"\\ /*\n1-.", max_size=200))
def test_any_script_is_read_or_not(text: str) -> None:
    for name, value in values(None, text):
        assert name and isinstance(value, dict | list)


def days(page: str, **facts: str) -> list[date | None]:
    return [each.hinted_on for each in found(page, f"http://{HOST}/l/", **facts) if each.role is Role.MAIN]


def row(number: int, day: str, dress: str = "<li><a href='/{n}.html'>Notice {n} of the board</a> {d}</li>") -> str:
    return dress.format(n=number, d=day)


@pytest.mark.parametrize(
    ("page", "facts", "expected"),
    [
        # One day beyond the 12th tells the order of all.
        (row(1, "01/02/2024") + row(2, "01/17/2024"), {}, [date(2024, 1, 2), date(2024, 1, 17)]),
        (row(1, "01/02/2024") + row(2, "17/01/2024"), {}, [date(2024, 2, 1), date(2024, 1, 17)]),
        (row(1, "01/02/2024") + row(2, "03/04/2024"), {}, [None, None]),
        (row(1, "01/22/2024") + row(2, "23/04/2024"), {}, [None, None]),
        (row(1, "01/02/2024"), {"timezone": "America/New_York"}, [date(2024, 1, 2)]),
        (f"<html lang=en-GB>{row(1, '01/02/2024')}", {}, [date(2024, 2, 1)]),
        # Years of the Republic of China, only where they are used.
        (row(1, "113-05-06"), {"timezone": "Asia/Taipei"}, [date(2024, 5, 6)]),
        (row(1, "113-05-06"), {}, [None]),
        (row(1, "中華民國113年5月6日"), {}, [date(2024, 5, 6)]),
        # A heading says the year; several beside each other are a choice.
        ("<h3>2023年</h3>" + row(1, "05-06") + "<h3>2022</h3>" + row(2, "12-31"), {},
         [date(2023, 5, 6), date(2022, 12, 31)]),
        ("<span>2023</span><span>2022</span>" + row(1, "05-06"), {}, [None]),
        # For machines; with a zone, on the day of the source's.
        (row(1, "<time datetime='2024-05-06T18:00:00Z'>soon</time>"), {}, [date(2024, 5, 7)]),
        (row(1, "<time datetime='2024-05-06'>6 May</time>"), {}, [date(2024, 5, 6)]),
        # In a long row, only what stands by itself.
        (row(1, f"<p>{'word ' * 99} on 2019-01-01</p><i>2024-05-06</i>"), {}, [date(2024, 5, 6)]),
    ],
)  # fmt: skip
def test_days_in_lists(page: str, facts: dict[str, str], expected: list[date | None]) -> None:
    assert days(page, **facts) == expected


@pytest.mark.parametrize(
    ("own", "page", "expected"),
    [
        # Each reads as the number in its address, and "next" is one of them.
        ("/a/", "<a href=l_12_2.html>2</a><a href=l_12_3.html>3</a><a href=l_12_2.html>下一页</a>",
         ["/a/l_12_2.html", "/a/l_12_3.html"]),
        ("/a/", "<a href=l_12_2.html>2</a><a href=l_12_3.html>3</a>", []),
        # Days of a calendar; what comes after them is a month.
        ("/a/", "<a href=d?m=5&d=2>2</a><a href=d?m=5&d=3>3</a><a href=d?m=6&d=1>next</a>", []),
        ("/a/", "<a href=/b/l_2.html>2</a><a href=/b/l_3.html>3</a><a href=/b/l_2.html>next</a>", []),
        # A cursor, where the link says that it leads on.
        ("/a?c=1", "<a rel=next href='?c=1&after=xyz'>more</a>", ["/a?c=1&after=xyz"]),
        ("/a?c=1", "<a rel=next href='?c=1&month=2024-06'>more</a>", []),
        ("/a", "<link rel=next href='/a/page-2'>", ["/a/page-2"]),
        ("/a/", "<script>Pager({size:3, current:0, prefix:'index', suffix:'html'})</script>",
         ["/a/index_1.html", "/a/index_2.html"]),
        ("/a/", "<a href=/1.html>Notice 1 of the board</a><a href=202402/>2月</a><a href=202401/>2024年1月</a>",
         ["/a/202402/", "/a/202401/"]),
        # Without a document, months are those of a calendar.
        ("/a/", "<a href=202402/>2月</a>", []),
    ],
)  # fmt: skip
def test_further_pages(own: str, page: str, expected: list[str]) -> None:
    assert [address for address, _ in pages(page, f"http://{HOST}{own}")] == [
        f"http://{HOST}{each}" for each in expected
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('"next": "http://gov.example/api?cursor=b"', "https://gov.example/api?cursor=b"),
        ('"next": "/api?page=2"', "https://gov.example/api?page=2"),
        ('"next": "?page=2"', "https://gov.example/api?page=2"),
        ('"next": "b/c="', "https://gov.example/api?after=b%2Fc%3D"),
        ('"next": 7', "https://gov.example/api?after=7"),
        ('"next": "http://elsewhere.example/"', None),
        ('"next": ""', None),
        ('"next": null', None),
        ('"next": true', None),
        ('"next": {}', None),
    ],
)
def test_an_answer_says_where_the_next_page_is(said: str, expected: str | None) -> None:
    source = Source(
        name="xx_a",
        publisher="A",
        lists=("https://gov.example/api",),
        hosts=(HOST,),
        documents=(r"^/\d+$",),
        data=Rows(rows="rows", next="next", page="after"),
    )

    def pages(rows: str) -> list[str]:
        body = f'{{"rows": {rows}, {said}}}'.encode()
        got = discover(source, Role.LIST, body, url="https://gov.example/api", content_type="application/json").found
        return [each.url for each in got if each.role is Role.LIST]

    assert pages('[{"url": "/1"}]') == ([expected] if expected else [])
    # One that gives a word for ever comes to an end, too.
    assert pages("[]") == []


def test_scripts_and_frames_are_for_pages_that_show_no_list() -> None:
    def proposal(page: str) -> list[str]:
        answer = Answer(url=f"http://{HOST}/l/", body=page.encode(), content_type="text/html; charset=utf-8")
        made = read(answer)
        return [*(made.proposal.titles if made.proposal else ()), *made.better]

    hot = [
        {"title": f"Meeting number {n} of the board", "url": f"/hot/{n}.html", "date": "2024-05-06"} for n in range(9)
    ]
    script = f"<script>var hot = {json.dumps(hot)};</script>"
    shown = [f"http://{HOST}/l/{n}.html" for n in range(9)]
    listed = "".join(
        f"<li><a href='{url}'>Guidance number {n} of the board</a> 2024-05-06</li>" for n, url in enumerate(shown)
    )
    assert proposal(f"<html>{script}<ul>{listed}</ul>") == shown
    # What shows few rows may be the margin of it.
    assert proposal(f"<html>{script}<p>{listed[: len(listed) // 3]}") == [
        f"http://{HOST}/hot/{n}.html" for n in range(9)
    ]
    frames = "<iframe src=/inc/top.html></iframe><iframe src=/inc/rows.html></iframe><iframe src=//elsewhere.example/>"
    assert proposal(f"<html>{frames}") == [f"http://{HOST}/inc/rows.html"]
    assert f"http://{HOST}/inc/rows.html" not in proposal(f"<html>{frames}</iframe><ul>{listed}</ul>")


def test_rows_may_be_opened_by_a_function_or_held_in_an_attribute() -> None:
    page = (
        "<script>function show(kind, id) { window.open('/' + id + '.html'); } function bad(x) { open('/' + y + x); }"
        "</script><a href=\"javascript:show('a', 12)\">Twelve</a><a onclick=\"bad('1')\">no</a>"
        "<div data-href='/13.html'>Thirteen</div><div data-url='/14.html'><a href='/15.html'>Fifteen</a></div>"
    )
    assert [each.url for each in found(page)] == [f"http://{HOST}/{n}.html" for n in (12, 13, 15)]
