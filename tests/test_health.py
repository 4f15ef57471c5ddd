"""Six ways of breaking a source, each named by ``status`` after one run."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.health import Past, reasons, seems_slow, standing_since, standstill
from spiders.source import Source
from storage import Archive
from storage.model import DocumentState
from tests.conftest import Command, Demonstration
from tests.crawling import notice
from tests.site import Page, Site

PATHS = tuple(f"/zc/t2024050{n}_{n}.html" for n in range(1, 7))
FORMER = '<ul><li><a href="/zc/index.html">政策文件</a></li></ul>'


def rows(*paths: str) -> str:
    items = (
        f"<li><a href='{path}'>关于第{n}号渡口夜航事项的通知</a> <span>2024-05-0{n}</span></li>"
        for n, path in enumerate(paths, 1)
    )
    return f"<html><title>政策文件</title><body>{FORMER}<ul>{''.join(items)}</ul></body></html>"


def empty(site: Site, other: Site) -> None:
    site.pages["/zc/index.html"] = Page(rows())


def fewer(site: Site, other: Site) -> None:
    site.pages["/zc/index.html"] = Page(rows(PATHS[0]))


def blocked(site: Site, other: Site) -> None:
    site.pages["/zc/index.html"] = Page("<html><title>403</title>Forbidden</html>", status=403)


def moved(site: Site, other: Site) -> None:
    site.pages["/zc/index.html"] = Page(status=301, headers={"Location": other.url("/new/")})


def failing(site: Site, other: Site) -> None:
    site.pages["/zc/index.html"] = Page("<html>oops</html>", status=500)


def gone(site: Site, other: Site) -> None:
    for path in PATHS:
        site.pages[path] = Page(status=410)


def renamed(site: Site, other: Site) -> None:
    site.pages["/zc/index.html"] = Page(rows(*(f"/zhengce/{n}/content.htm" for n in range(7100, 7107))))


@pytest.mark.parametrize(
    ("breaking", "word"),
    [
        (empty, "empty_list"),
        (fewer, "empty_list"),
        (blocked, "blocked"),
        (moved, "moved"),
        (failing, "http_error"),
        (gone, "http_error"),
        (renamed, "no_match"),
    ],
)
def test_a_broken_source_is_named(
    breaking: Callable[[Site, Site], None], word: str, site: Site, policytrail: Command, tmp_path: Path
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "cn_test.toml").write_text(
        f'publisher = "t"\nlists = ["{site.url("/zc/index.html")}"]\n'
        "documents = '/t\\d{8}_\\d+\\.html$'\ndelay = 0\nfollow = false\n"
    )
    site.pages["/zc/index.html"] = Page(rows(*PATHS))
    for path in PATHS:
        site.pages[path] = Page(notice("关于渡口夜航的通知"))
    options = ["--archive", str(tmp_path / "a.db"), "--sources", str(tmp_path / "own"), "--allow", site.host]
    policytrail("crawl", *options)
    fine = policytrail("status", "--json", *options)
    assert (fine.returncode, json.loads(fine.stdout)["sources"][0]["reasons"]) == (0, [])
    with Site("127.0.0.2") as other:
        breaking(site, other)
        policytrail("crawl", *options)
        told = policytrail("status", "--json", *options)
    assert told.returncode == 3
    assert [reason["word"] for reason in json.loads(told.stdout)["sources"][0]["reasons"]] == [word], told.stdout


LOGIN = "<html><title>统一身份认证</title><form><p>请登录</p><input name=u><input type=password name=p></form></html>"
CHECK = "<html><title></title><body><script>var a = 1;</script><script src='/c.js'></script></body></html>"
NOT_THERE = "<html><title>404</title><body><h1>Page not found</h1><p>Sorry, that page is gone.</p></body></html>"


def rows_as_data(section: str) -> str:
    return json.dumps(
        {"rows": [{"title": f"关于第{n}号事项的通知", "url": f"/{section}/{n}.html"} for n in range(1, 7)]}
    )


# Each as its file, what its list says, how it breaks, and what is said of it then.
OTHERS: dict[str, tuple[str, str]] = {
    "cn_login": ("html", "blocked"),
    "cn_check": ("json", "blocked"),
    "cn_sent": ("html", "blocked"),
    "cn_refused": ("feed", "blocked"),
    "cn_walled": ("html", "blocked"),
    "cn_signed": ("json", "blocked"),
    "cn_nothing": ("html", "empty_list"),
    "cn_error": ("feed", "http_error"),
    "cn_lost": ("html", "http_error"),
    "cn_down": ("html", "http_error"),
    "cn_away": ("json", "moved"),
    "cn_place": ("html", "no_match"),
    "cn_well": ("html", ""),
}


def test_breaks_of_other_kinds_are_named(site: Site, policytrail: Command, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    with Site("127.0.0.2") as other:
        for name, (kind, _) in OTHERS.items():
            start = f"/{name}/{'feed.xml' if kind == 'feed' else 'list'}"
            paths = [f"/{name}/{n}.html" for n in range(1, 7)]
            keys = {"html": "lists", "json": "lists", "feed": "feeds"}[kind]
            place = other if name == "cn_down" else site
            text = f'publisher = "t"\n{keys} = ["{place.url(start)}"]\ndocuments = "/[0-9]+.html$"\n'
            text += "delay = 0\nfollow = false\n" + ('within = "ul.list"\n' if name == "cn_place" else "")
            (folder / f"{name}.toml").write_text(
                text + ('[data]\nrows = "rows"\naddress = "url"\n' if kind == "json" else "")
            )
            listed = rows(*paths).replace("<ul><li><a href='/cn", "<ul class='list'><li><a href='/cn")
            items = "".join(f"<item><title>Notice {path}</title><link>{path}</link></item>" for path in paths)
            pages = {"html": listed, "json": rows_as_data(name), "feed": f"<rss><channel>{items}</channel></rss>"}
            place.pages[start] = Page(pages[kind])
            for path in paths:
                place.pages[path] = Page(notice(f"关于渡口夜航的通知{path}"))
        # Of one that is well, the address that its file names only leads to the list.
        site.pages["/cn_well/here"] = site.pages["/cn_well/list"]
        site.pages["/cn_well/list"] = Page(status=301, headers={"Location": "/cn_well/here"})
        options = ["--archive", str(tmp_path / "a.db"), "--sources", str(folder)]
        options += ["--allow", site.host, "--allow", other.host]
        policytrail("crawl", *options)
        fine = policytrail("status", "--json", *options)
        assert {one["source"]: one["reasons"] for one in json.loads(fine.stdout)["sources"]} == {n: [] for n in OTHERS}

        other.pages["/robots.txt"] = Page(status=503)
        site.pages["/cn_login/list"] = Page(LOGIN)
        site.pages["/cn_check/list"] = Page(CHECK)
        site.pages["/cn_sent/list"] = Page(status=302, headers={"Location": "/sso/login?back=list"})
        site.pages["/sso/login"] = Page(LOGIN)
        site.pages["/cn_refused/feed.xml"] = Page(CHECK, status=412)
        site.pages["/cn_nothing/list"] = Page("")
        site.pages["/cn_error/feed.xml"] = Page(NOT_THERE)
        site.pages["/cn_place/list"] = Page(rows(*(f"/cn_place/{n}.html" for n in range(1, 7))))
        for n in range(1, 7):
            site.pages[f"/cn_walled/{n}.html"] = Page("<html><title>403</title>Forbidden</html>", status=403)
            site.pages[f"/cn_signed/{n}.html"] = Page(status=302, headers={"Location": "/passport/sign"})
            site.pages[f"/cn_lost/{n}.html"] = Page("<html><h1>Not Found</h1></html>", status=404)
            site.pages[f"/cn_away/{n}.html"] = Page(status=301, headers={"Location": other.url(f"/neu/{n}.html")})
        policytrail("crawl", *options)
        told = policytrail("status", "--json", *options)
    assert told.returncode == 3
    said = {one["source"]: [each["word"] for each in one["reasons"]] for one in json.loads(told.stdout)["sources"]}
    assert said == {name: [word] if word else [] for name, (_, word) in OTHERS.items()}, told.stdout


def test_slow_overdue_and_well() -> None:
    source = Source(name="cn_test", publisher="t")
    usual, slower = Past(starts={}, seconds=[0.2] * 6), Past(starts={}, seconds=[0.2, 2.5, 2.6, 2.7, 3.0, 2.2])
    assert reasons(source, usual, usual, overdue=False) == ()
    assert [one.word for one in reasons(source, slower, usual, overdue=True)] == ["slow", "overdue"]
    # Ten times as long as ever, but a moment still; and slow as ever, but not beyond bearing.
    assert reasons(source, Past(starts={}, seconds=[1.9] * 6), usual, overdue=False) == ()
    assert reasons(source, slower, slower, overdue=False) == ()
    assert [one.word for one in reasons(source, Past(starts={}, seconds=[9.0] * 6), None, overdue=False)] == ["slow"]


def test_days_that_stand_still() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    found = [start.date() + timedelta(days=3 * n) for n in range(9)]
    last = start + timedelta(days=24)
    assert standstill(found, last + timedelta(days=13)) is None
    told = standstill(found, last + timedelta(days=17))
    assert told is not None and (told.word, "2026-01-25" in told.detail) == ("empty_list", True)
    # No habit yet: a first run, and a few days after it.
    assert standstill(found[:5], last + timedelta(days=900)) is None
    assert standstill([], start) is None


@given(
    offsets=st.lists(st.integers(0, 400), min_size=1, max_size=40, unique=True),
    later=st.timedeltas(timedelta(0), timedelta(days=900)),
)
def test_what_is_new_enough_is_no_standstill(offsets: list[int], later: timedelta) -> None:
    days = [date(2025, 1, 1) + timedelta(days=each) for each in sorted(offsets)]
    now = datetime.combine(days[-1], time(), UTC) + later
    newest = datetime.combine(days[-1], time(23, 59), UTC)
    if newest >= standing_since(now):
        assert standstill(days, now) is None


@given(last=st.lists(st.floats(0, 60), max_size=12), usual=st.lists(st.floats(0, 60), max_size=12))
def test_how_long_answers_took_before_is_asked_of_slow_runs_only(last: list[float], usual: list[float]) -> None:
    if not seems_slow(last):
        source = Source(name="cn_test", publisher="t")
        told = reasons(source, Past(starts={}, seconds=last), Past(starts={}, seconds=usual), overdue=False)
        assert told == ()


def test_lives_of_documents_are_told_from_some_of_them(demonstration: Demonstration) -> None:
    with Archive.open(demonstration.archive, readonly=True) as archive:
        states = archive.source_states()
        assert states == [archive.source_state(name) for name in archive.source_names()]
        for source, state in ((state.source, state) for state in states):
            every = list(archive.documents(source))
            assert state.documents == Counter(document.state for document in every)
            assert state.versions == sum(document.versions for document in every) > 0
            assert sum(state.outcomes.values()) > 0
            active = list(archive.documents(source, state=DocumentState.ACTIVE))
            histories = [archive.versions(document.document_id) for document in active]
            every = archive.rhythms(source, most=1_000)
            assert sum(alike for _, _, alike in every) == len(active)
            assert sum(changes * alike for _, changes, alike in every) == sum(len(one) - 1 for one in histories)
            days = archive.days_with_new(source)
            assert days == sorted({one[0].first_seen_at.date() for one in histories})
            newest = max(one[0].first_seen_at for one in histories)
            assert archive.has_new(source, since=newest)
            assert not archive.has_new(source, since=newest + timedelta(milliseconds=1))
        some = [alike for name in archive.source_names() for _, _, alike in archive.rhythms(name, most=2)]
        assert 0 < sum(some) < sum(1 for _ in archive.documents(state=DocumentState.ACTIVE))


def test_a_source_with_a_proxy_says_what_is_checked(site: Site, policytrail: Command, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    text = f'publisher = "t"\nurls = ["{site.url("/a.html")}"]\ndelay = 0\n'
    (tmp_path / "own" / "cn_test.toml").write_text(text)
    site.pages["/a.html"] = Page(notice("关于渡口夜航的通知"))
    options = ["--archive", str(tmp_path / "a.db"), "--sources", str(tmp_path / "own")]
    policytrail("crawl", *options, "--allow", site.host)
    assert "\n  proxy " not in policytrail("status", *options).stdout
    (tmp_path / "own" / "cn_test.toml").write_text(text + 'proxy = "http://reader:secret@proxy.example:3128"\n')
    told = policytrail("status", *options).stdout
    assert "http://proxy.example:3128: it resolves the names" in told and "secret" not in told
    (state,) = json.loads(policytrail("status", "--json", *options).stdout)["sources"]
    assert state["proxy"] == "http://proxy.example:3128"
