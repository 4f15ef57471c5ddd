from __future__ import annotations

from datetime import date

import pytest

from crawler.extract import extract
from crawler.extract.readers import is_code, is_count, is_row_of_tools, is_weather, without_counts
from storage.model import Extraction

TITLE = "关于加强社区图书室管理的通知"
TEXT = (
    "为加强社区图书室管理，方便居民就近阅读，现就有关事项通知如下，请认真贯彻执行。",
    "社区图书室每周开放时间不少于三十小时，节假日照常开放，不得挪作他用。",
    "各区县应当于9月30日前完成登记，逾期不登记的，不再安排补助资金。",
)

ENGLISH = (
    "Councils are asked to keep the reading rooms of their wards open on holidays as on other days of the week.",
    "A room that is used for anything else than reading loses the grant that it received for the year.",
    "Wards that do not register their rooms by the end of September are given no grant in the next year.",
)


def extracted(body: str, *, above: str = "", below: str = "", title: str = TITLE) -> Extraction:
    page = (
        f'<html><head><title>{title}</title></head><body><div class="c"><div class="a">{above}</div><h1>{title}</h1>'
        f'<div class="t">{body}</div><div class="b">{below}</div></div></body></html>'
    )
    return extract(
        page.encode(),
        url="https://www.example.gov.cn/a/t1.html",
        content_type="text/html; charset=utf-8",
        fetched_on=date(2024, 6, 3),
    )


def kept(found: Extraction) -> list[str]:
    return [block.text for block in found.blocks if block.left_out is None]


def paragraphs(*more: str) -> str:
    return "".join(f"<p>{line}</p>" for line in (*TEXT, *more))


@pytest.mark.parametrize(
    "line",
    [
        "已有512人阅读",
        "本文已被浏览3021次",
        "目前共有1.2万人看过这篇文章",
        "您是第10234位读者",
        "本条信息已有33位网友觉得有用。",
        "Read 812 times",
        "Viewed 41 times today",
        "17 people are reading this right now",
        "1.2k people liked this story",
        "Seen by 90 visitors so far",
        "240 shared this week",
        "About 300 people have read this article so far.",
    ],
)
def test_a_count_of_readers(line: str) -> None:
    assert is_count(line)
    assert line not in kept(extracted(paragraphs(), below=f"<p>{line}</p>"))


@pytest.mark.parametrize(
    "line",
    [
        "全市共有3.2万人参加培训",
        "目前已有512人领取高龄津贴。",
        "全年接待读者3万人次。",
        "活动共吸引300名群众到场观看演出。",
        "共推荐5人",
        "第35号",
        "12,000 people have been resettled",
        "Some 300 people viewed the plans in person.",
        "More than 4,000 people have visited the centre since May.",
        "35 shares were issued to each member",
        "Officials said 300 people took part in the consultation.",
    ],
)
def test_a_number_of_people_in_a_document_stays(line: str) -> None:
    assert not is_count(line) and without_counts(line) == line
    around = ENGLISH if line.isascii() else TEXT
    body = "".join(f"<p>{each}</p>" for each in (*around, line, around[1] + " " + around[2]))
    assert line in kept(extracted(body))


def test_a_count_behind_a_byline_goes_with_it() -> None:
    assert without_counts("Agency for Works, 25 May 2024 Seen by 430 readers") == "Agency for Works, 25 May 2024"
    assert "2024年5月7日 已有512人看过" not in kept(extracted(f"<p>2024年5月7日 已有512人看过</p>{paragraphs()}"))


@pytest.mark.parametrize(
    ("line", "tools"),
    [
        ("Gift this article · 12 shared today · Republish", True),
        ("Copy link | Save for later", True),
        ("Email · Print · 24 saves", True),
        ("点赞 12 收藏 30 分享 20", True),
        ("Print", False),
        ("投诉、举报", False),
        ("Print, e-mail and embed the form", False),
    ],
)
def test_what_a_reader_may_press(line: str, tools: bool) -> None:
    assert is_row_of_tools(line) is tools


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("页面编号：1bbbffdd7c301752", True),
        ("Request ID: 9f3ab1c0-2de4", True),
        ("编号：2024-0001", False),
        ("信访编号：20240001", False),
        ("Ref: ABC/2024/12", False),
        ("Reference 20240012", False),
        ("2024-05-15", False),
        ("When you write to us about this page, please mention the code 7f3a-22c1.", True),
        ("Please give the reference: K77-2041 if you call the help desk about this web page", True),
        ("For help with this page quote 4471-AB", True),
        ("如对本页面有疑问，请注明编号：A7731-20", True),
        ("反馈此页问题时请提供代码 88213377。", True),
        ("When you write to us about this notice, please quote the reference EDU-2024-15.", False),
        ("Please quote the reference EDU-2024-15 if you call the office about this scheme", False),
        ("When you write to us about this page, please mention the sentence that is wrong.", False),
        ("如对本通知有疑问，请注明文号：2024-15", False),
        ("如对本页面有疑问，请致电010-66010000", False),
    ],
)
def test_a_code_of_a_page(line: str, code: bool) -> None:
    assert is_code(line) is code


@pytest.mark.parametrize(
    ("line", "weather"),
    [
        ("阵雪，湿度60%", True),
        ("青川 多云转晴 12~25℃ 东北风2级", True),
        ("Drizzle, high 14, low 3", True),
        ("冷库温度不高于-18℃", False),
        ("遇大风6级以上停止高空作业", False),
        ("The store must be dry and below 5°C", False),
        ("预计今天夜间北部有大到暴雨，气温15~20℃。", False),
    ],
)
def test_the_weather_of_a_place(line: str, weather: bool) -> None:
    assert is_weather(line) is weather


def test_the_weather_beside_a_text_is_no_text_and_that_of_a_forecast_is() -> None:
    box = "<div><h4>今日天气</h4><p>阵雪，湿度60%</p></div>"
    assert kept(extracted(paragraphs(), below=box)) == list(TEXT)
    assert "阵雪，湿度60%" in kept(extracted(paragraphs("阵雪，湿度60%"), title="城区天气预报"))


def test_a_long_number_stays_where_a_word_says_whose_it_is() -> None:
    assert "91997303" not in kept(extracted(paragraphs(), below="<p>91997303</p>"))
    assert "91997303" in kept(extracted(paragraphs("监督电话", "91997303")))


def test_a_label_of_advertising_takes_the_link_beside_it_and_no_paragraph() -> None:
    beside = '<div><span>Story continues below</span><a href="http://d.invalid/1">Shoes that walkers swear by</a></div>'
    above = (
        '<div><p>Article continues after advertisement</p><p><a href="http://d.invalid/2">Cruise deals</a></p></div>'
    )
    assert kept(extracted(f"<p>{TEXT[0]}</p>{beside}<p>{TEXT[1]}</p>{above}<p>{TEXT[2]}</p>")) == list(TEXT)
    assert kept(extracted(f"<p>广告</p>{paragraphs()}")) == list(TEXT)


def test_names_above_times_are_comments_only_below_words_about_readers() -> None:
    posts = "".join(
        f"<article><h5>{who}</h5><span>1{place}:0{place}</span><p>{said}</p></article>"
        for place, (who, said) in enumerate(
            (("Tom from Leigh", "Good news for us."), ("AnnaV", "Who pays?"), ("Ruth", "At last."))
        )
    )
    readers = extracted(paragraphs(), below=f"<div><h4>What readers say</h4>{posts}</div>")
    assert kept(readers) == list(TEXT)
    log = extracted(f"{paragraphs()}<div><h4>How the day went</h4>{posts}</div>")
    assert {"Good news for us.", "Who pays?", "At last."} <= set(kept(log))
