"""What of a page is compared in the place of a new extraction: never less than what an extraction is made from."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extract import KNOWN, Rules, extract
from storage import Archive
from storage.model import Extraction
from tests.crawling import DOCUMENTS, Crawls, listing, notice
from tests.site import Page, Site

DAY = date(2026, 5, 7)
URL = "https://www.example.cn/zc/t20240506_4001.html"
CASES = sorted((Path(__file__).parent / "cases").rglob("*.html"))[::6]
HEAD = (
    '<meta name="csrf-token" content="a1"><meta name="PubDate" content="2024-05-06 10:00">'
    '<link rel="stylesheet" href="/s.css?v=1"><style>.gone { display: none }</style><script>var t = 1;</script>'
)
MORE = (
    '<!-- 0.1 s --><img src="/a.png?1" data-id="1"><form><input type="hidden" value="1"></form>'
    '<p onclick="go(1)" class="gone">看不见的一段。</p><a href="/zc/t20240506_4001_1.html">下一页</a>'
)


@lru_cache
def page(number: int) -> str:
    """Return a page of ours, or a case as it lies there."""
    if number == 0:
        return notice(
            "关于做好有关工作的通知", "第一条 各单位应当自查。" * 9, "第二条 限期三十日。" * 7, head=HEAD, more=MORE
        )
    return CASES[number - 1].read_bytes().decode("utf-8", "replace")


def read(text: str, *, known: str = "", day: date = DAY, rules: Rules | None = None) -> Extraction:
    body = text.encode("utf-8", "replace")
    kind = "text/html; charset=utf-8"
    return extract(body, url=URL, content_type=kind, fetched_on=day, rules=rules or Rules(), known=known)


@lru_cache
def first(number: int) -> Extraction:
    return read(page(number))


def test_names_that_templates_leave_behind_are_no_fault() -> None:
    text = page(0).replace("<p>", "<p {{x}} {a}b=1 {>", 1)
    assert "{{x}}" in text
    assert read(text, day=DAY).failure is None


PIECES = st.sampled_from(
    (
        "x", "7", " ", "\n", "<", ">", '"', "</p>", "<p>", "<b>", "<div class='share'>", "-->", "<!--", "<script>",
        "</script>", "<style>.a{display:none}</style>", "。", "通知", "2026-05-09", " hidden", " class=a", "&nbsp;",
        "<h1>", "</div>",
    )
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_is_edited_nothing_known_is_another(data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(CASES)))
    text = page(number)
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        text = text[:start] + data.draw(PIECES) + text[end:]
    later = DAY + timedelta(days=data.draw(st.integers(0, 400)))
    known = first(number).reads
    if known and read(text, known=known, day=later).failure == KNOWN:
        assert read(text, day=later) == first(number)


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        ('content="a1"', 'content="b2"'),
        ("var t = 1;", "var t = 'another'; if (1 < 2) go();"),
        ("<!-- 0.1 s -->", "<!-- 0.2 s, <p>and more</p> -->"),
        ("/a.png?1", "/b.png?2"),
        ('data-id="1"', 'data-id="2" data-more="3"'),
        ('value="1"', 'value="2"'),
        ("go(1)", "go(2)"),
        ("/s.css?v=1", "/s.css?v=2"),
    ],
)
def test_what_nobody_sees_is_no_reason_to_extract_again(there: str, instead: str) -> None:
    text = page(0).replace(there, instead)
    assert text != page(0)
    assert read(text, known=first(0).reads).failure == KNOWN
    assert read(text) == first(0)
    # A source's selectors may ask for any attribute.
    rules = Rules(drop=("[data-id='2']", "[value='2']"))
    known = read(page(0), rules=rules).reads
    if there.startswith(("data-id", "value")):
        assert read(text, known=known, rules=rules).failure != KNOWN


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        ("三十日", "三十一日"),
        ("2024-05-06 10:00", "2024-05-07 10:00"),
        (".gone {", ".gone, #other {"),
        ('class="gone"', 'class="here"'),
        ("4001_1.html", "4001_2.html"),
    ],
)
def test_what_is_read_is_extracted_again(there: str, instead: str) -> None:
    text = page(0).replace(there, instead)
    assert text != page(0)
    made = read(text, known=first(0).reads)
    assert made.failure != KNOWN
    assert made == read(text)


def test_a_page_that_ends_too_early_is_another() -> None:
    assert read(page(0).partition("</body")[0], known=first(0).reads).failure != KNOWN


def test_a_day_that_is_refused_may_be_believed_later() -> None:
    text = page(0).replace("2024-05-06", "2026-05-10")
    made = read(text)
    assert (made.fields.published_on, made.reads) == (None, "")
    assert read(text, day=date(2026, 5, 9)).fields.published_on == date(2026, 5, 10)


def test_a_crawl_keeps_the_same_for_other_bytes(
    site: Site, archive_path: Path, sources_dir: Path, environment: dict[str, str]
) -> None:
    path = "/zc/t20240506_4001.html"
    crawls = Crawls(archive_path, sources_dir, environment, [site.host])
    crawls.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS)
    site.pages["/zc/list.html"] = Page(listing(path))
    for mark, text in ((1, "限期三十日。"), (2, "限期三十日。"), (3, "限期六十日。")):
        more = f'<script>var at = {mark};</script><img src="/a.png?{mark}">'
        site.pages[path] = Page(notice("通知", text, more=more))
        (summary,) = crawls.run()
        assert summary["events"] == ({"new": 1}, {}, {"changed": 1})[mark - 1]
    with crawls.open() as archive:
        made = [each for each in extractions(archive, site.url(path)) if each is not None]
    assert len(made) == 3
    assert made[0] == made[1] != made[2]
    assert made[0].reads


def extractions(archive: Archive, url: str) -> list[Extraction | None]:
    """Return what was made of each snapshot of an address, the oldest first."""
    place = archive.resource_id(url)
    assert place is not None
    identity = archive.runs()[0].extractor
    return [archive.extraction(place, snapshot, identity) for snapshot in range(1, 20)]
