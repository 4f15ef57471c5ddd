"""Which part of a page is its document, on pages that mislead."""

from __future__ import annotations

from spiders.markup import LONGEST_TAG
from tests.test_extract import BODY, TITLE, extracted, kept, paragraphs, reasons

TEASERS = "".join(
    f"<div class='x1'><h3><a href='/a/{n}.html'>某市召开第{n}次工作会议部署防汛</a></h3><p>{n}月会议强调，要压实责任，"
    f"加强巡查，确保群众生命财产安全和重要设施安全，做好值班值守。</p><span>{n}小时前</span></div>"
    for n in range(2, 7)
)


def shell(text: str) -> str:
    return (
        f"<html><head><title>{TITLE}_示例市</title></head><body><div><a href='/'>首页</a></div>"
        f"<div class='w'>{text}</div></body></html>"
    )


def test_cards_of_other_pages_are_left_out_wherever_they_stand() -> None:
    for text in (
        f"<h1>{TITLE}</h1><div class='b'>{paragraphs()}{TEASERS}</div>",
        f"<h1>{TITLE}</h1><div class='b'>{paragraphs(BODY[:2])}{TEASERS}{paragraphs(BODY[2:])}</div>",
        f"{TEASERS}<h1>{TITLE}</h1>{paragraphs()}",
    ):
        assert kept(extracted(shell(text))) == list(BODY)


def test_cards_that_a_page_is_about_stay() -> None:
    cards = "".join(
        f"<div><h3><a href='/a/{n}.html'>第{n}号公告全文</a></h3><p>第{n}号公告规定，社区图书室应当公开第{n}项服务的"
        f"时间、地点和联系方式，方便居民查询，并在{n}月前完成。</p></div>"
        for n in range(1, 10)
    )
    found = extracted(shell(f"<h1>{TITLE}</h1><div class='b'><p>{BODY[1]}</p>{cards}</div>"))
    assert sum("应当公开" in text for text in kept(found)) == 9


def test_a_short_text_among_much_other_prose_is_the_document() -> None:
    others = "".join(
        f"<div><p>其他栏目第{n}条的摘要写得很长，讲的是另一件事，与本通知没有任何关系，读者可以不看它，继续阅读本文。</p>"
        f"<b><a href='/b/{n}.html'>另一件事情第{n}号</a></b></div>"
        for n in range(40)
    )
    found = extracted(shell(f"<h1>{TITLE}</h1><div class='b'>{paragraphs()}</div><div class='o'>{others}</div>"))
    assert kept(found) == list(BODY)


def test_the_title_of_another_page_between_paragraphs_is_left_out() -> None:
    link = "<p><a href='/c/9.html'>某市图书馆新馆今日正式开馆迎客</a></p>"
    found = extracted(shell(f"<h1>{TITLE}</h1><div>{paragraphs(BODY[:3])}{link}{paragraphs(BODY[3:])}</div>"))
    assert kept(found) == list(BODY)
    assert reasons(found)["某市图书馆新馆今日正式开馆迎客"] == "links"


def test_a_heading_that_links_to_its_own_place_stays() -> None:
    heading = "<h2 id='s2'><a href='#s2'>二、社区图书室的开放时间和登记办法</a></h2>"
    found = extracted(shell(f"<h1>{TITLE}</h1><div>{paragraphs(BODY[:2])}{heading}{paragraphs(BODY[2:])}</div>"))
    assert "二、社区图书室的开放时间和登记办法" in kept(found)


def test_a_text_in_several_boxes_of_one_form_is_read_from_all() -> None:
    long = [f"{line}{n}本条所称居民，包括在本市居住满半年的人员。" for n, line in enumerate(BODY)]
    boxes = "<div class='row'><i></i></div>".join(
        f"<div class='grid'><div class='text part'>{paragraphs(tuple(long[start : start + 2]))}</div></div>"
        for start in (0, 2)
    )
    found = extracted(shell(f"<h1>{TITLE}</h1><div class='c'>{boxes}</div>"))
    assert kept(found) == long[:4]


def test_a_page_within_a_value_is_no_tag_without_end() -> None:
    value = f"<!doctype html><p>{'advert ' * LONGEST_TAG}</p>"
    found = extracted(shell(f"<h1>{TITLE}</h1>{paragraphs()}<iframe name='{value}'></iframe>"))
    assert kept(found) == list(BODY)


def test_slide_counters_are_left_out() -> None:
    slides = "".join(f"<p>Image {n} of 5</p><p>{n} / 5</p>" for n in range(1, 6))
    found = extracted(shell(f"<h1>{TITLE}</h1><div>{paragraphs(BODY[:3])}{slides}{paragraphs(BODY[3:])}</div>"))
    assert kept(found) == list(BODY)


def test_the_caption_of_a_table_stands_above_it() -> None:
    table = (
        "<table><caption>表1 各区任务</caption><tr><td>区</td><td>数量</td></tr><tr><td>东</td><td>3</td></tr></table>"
    )
    found = extracted(shell(f"<h1>{TITLE}</h1><div>{paragraphs()}{table}</div>"))
    assert kept(found)[-2:] == ["表1 各区任务", "区 | 数量\n东 | 3"]


def test_a_short_text_below_its_title_goes_before_prose_below_another_heading() -> None:
    """A site's words about itself, under a heading of the first rank too, longer than the last page of a document."""
    about = "".join(
        f"<p>{text}</p>"
        for text in (
            "OpenShelf Lab is a framework that allows partners to build and share new functions on this very website.",
            "People and organisations that work with OpenShelf Lab have accepted our values of openness, community, "
            "excellence and the privacy of readers. OpenShelf keeps to these values and works with those who do.",
            "Have an idea for a project that will add value for the community of our readers? Learn more about it.",
        )
    )
    text = (
        "The finding was announced in a paper that came out on Monday in a journal.",
        "The team said that it had seen 5,200 pounds of vapour released from the moon in each second of the night.",
        "The moon, located some 390 million miles away, is slightly smaller than the one of Earth.",
    )
    page = (
        "<html><head><title>Telescope spots vapour on a distant moon | Example News</title></head><body><div>"
        "<div class='m'><h1>Telescope spots vapour on a distant moon</h1><p class='b'>Published 2 April 2024</p>"
        f"<div class='entry'>{paragraphs(text)}</div></div><div class='x'><div><b>Tools</b><i>Cite</i></div>"
        f"<div class='y'><h1>OpenShelf Lab: experiments with partners</h1>{about}</div></div></div></body></html>"
    )
    assert kept(extracted(page)) == list(text)
