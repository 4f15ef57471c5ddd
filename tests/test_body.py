"""What belongs to a text and what only stands within its box: rules for forms that many sites share."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.extract import extract
from crawler.extract.furniture import place_of
from crawler.extract.wording import DISCLAIMER
from spiders.markup import parse

URL = "http://www.example.cn/a/1.html"
PROSE = "市图书馆自下月起延长开放时间，工作日开放至晚上九点，周末开放至晚上十点，节假日照常开放。"
OTHER = "这位作者生于本市，早年在乡间任教，后来以写作为业，作品多写山川与故人，为人所知。"


def texts(body: str) -> tuple[list[str], dict[str, str]]:
    page = f"<html><head><title>图书馆延长开放_示例网</title></head><body>{body}</body></html>"
    found = extract(page.encode(), url=URL, content_type="text/html; charset=utf-8", fetched_on=date(2024, 6, 3))
    kept = [line for block in found.blocks if block.left_out is None for line in block.text.split("\n")]
    return kept, {block.text: block.left_out for block in found.blocks if block.left_out is not None}


VERSES = (
    "山中有小路，行人日日稀。",
    "林深不见屋，鸟语出柴扉。",
    "秋来风满谷，落叶上人衣。",
    "欲问归何处，白云相与飞。",
    "村边溪水浅，石上月光微。",
)


@pytest.mark.parametrize(
    "set_out",
    [
        "<div>" + "<br>".join(VERSES) + "</div>",
        "".join(f"<p>{verse}</p>" for verse in VERSES),
        "<div>" + "".join(f"<div>{verse}</div>" for verse in VERSES) + "</div>",
        "<ul>" + "".join(f"<li>{verse}</li>" for verse in VERSES) + "</ul>",
    ],
)
def test_short_sentences_one_below_the_other_are_a_text(set_out: str) -> None:
    links = "".join(f'<li><a href="/{number}.html">篇目之{number}</a></li>' for number in range(12))
    kept, _ = texts(
        f'<div class="m"><div class="l"><h1>山行</h1>{set_out}</div><div class="r"><ul>{links}</ul>'
        f'<h3><a href="/z/">作者和他的全部作品</a></h3><p>{OTHER}</p><p>{OTHER[::-1]}</p></div></div>'
    )
    assert [line for line in kept if line in VERSES] == list(VERSES)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("summary_EGg7N", None),  # "gg" is short for advertising in pinyin, here it is part of a scrambled name
        ("text_2aDfp", None),
        ("title_ad", "advertising"),
        ("socialLink___1pzK3", "share"),
        ("footer__socialIcon", "foot"),
        ("col_12", None),
    ],
)
def test_letters_that_a_builder_adds_to_a_class_say_nothing(name: str, rule: str | None) -> None:
    tree = parse(f'<div class="{name}">a</div>')
    assert tree is not None
    assert place_of(next(tree.iter("div"))) == rule


def test_knobs_of_a_player_are_no_text_and_do_not_end_one() -> None:
    knobs = "".join(
        f"<div>{knob}</div>" for knob in ("直播", "画中画", "镜像", "选集", "下一集", "字幕", "音轨", "倍速")
    )
    teasers = "".join(
        f'<li class="t"><h3><a href="/{name}.html">{name}消息的标题在这里</a></h3><p>{PROSE[place:]}{name}。</p></li>'
        for place, name in enumerate("甲乙丙丁")
    )
    kept, left = texts(
        f'<div class="m"><h1>图书馆延长开放</h1><div class="mplayer"><div class="ctl">{knobs}</div></div>'
        f'<p>{PROSE}</p><div class="x"><h2>热点</h2><ul>{teasers}</ul></div></div>'
    )
    assert kept == [PROSE]
    assert left["直播"] == "player"


def test_a_list_of_related_pages_goes_as_a_whole() -> None:
    kept, _ = texts(
        f"<h1>图书馆延长开放</h1><div class='t'><p>{PROSE}</p><p>{OTHER}</p><h3>相关阅读</h3><ul>"
        '<li><a href="/1.html">馆藏图书目录更新说明</a></li><li>新书：<a href="/2.html">上架一览</a>（共十二种）</li>'
        "</ul></div>"
    )
    assert kept == [PROSE, OTHER]


def test_a_summary_above_the_text_that_says_so_belongs_to_it() -> None:
    lead = "核心提示：市图书馆下月起延长开放时间，周末开放至晚上十点，市民可凭身份证入馆。"
    kept, _ = texts(
        f'<h1>图书馆延长开放</h1><div class="i">2024-06-01 示例网</div><div class="s">{lead}</div>'
        f'<div class="t"><p>{PROSE}</p><p>{OTHER}</p><p>{PROSE[::-1]}</p><p>{OTHER[::-1]}</p></div>'
    )
    assert kept[:2] == [lead, PROSE]


def test_the_same_word_beside_each_heading_is_a_knob() -> None:
    sections = "".join(
        f'<div class="h"><h2>{name}</h2><span>播报</span></div><p>{PROSE[place:]}</p><p>第{place}节</p>'
        for place, name in enumerate(("沿革", "规划", "体系", "环境"))
    )
    kept, left = texts(f'<h1>图书馆</h1><div class="t">{sections}</div>')
    assert left["播报"] == "share"
    assert [line for line in kept if line.startswith("第")] == ["第0节", "第1节", "第2节", "第3节"]


@pytest.mark.parametrize(
    ("line", "matches"),
    [
        (
            "Notice: The content above is uploaded and posted by a user of the platform, which only provides storage.",
            True,
        ),
        ("Disclaimer: The views expressed here do not necessarily represent those of the site.", True),
        ("Notice: The fee is paid by a bank transfer before 1 June.", False),
    ],
)
def test_what_a_platform_says_of_its_users_is_no_text(line: str, matches: bool) -> None:
    assert bool(DISCLAIMER.match(line)) == matches


@pytest.mark.parametrize(
    "line",
    [
        "Visit оur shоp fоr сheap mеdiсines, nо quеstions аsked and nо preѕcription.",
        "\u200b".join("本店出售各类名贵手表，一比一精工复刻，欢迎咨询。"),
        "\u2060".join("Cheap medicines without questions"),
    ],
)
def test_words_that_are_disguised_are_no_text(line: str) -> None:
    kept, left = texts(f"<h1>图书馆延长开放</h1><div><p>{PROSE}</p><p>{line}</p><p>{OTHER}</p></div>")
    assert kept == [PROSE, OTHER]
    assert "stuffed" in left.values()


@pytest.mark.parametrize(
    "line",
    [
        "Плотность тока j = σE, где σ — проводимость; компания Яндекс и сайт example.com участвуют.",
        "波长 λ 与频率 ν 的关系为 c=λν，其中 Δt 取 5 μs。",
        "\ufeff市图书馆\u200b另行通知的，从其通知；\u200b未尽事宜由馆方解释。",
    ],
)
def test_letters_of_physics_and_stray_marks_are_no_disguise(line: str) -> None:
    kept, _ = texts(f"<h1>图书馆延长开放</h1><div><p>{PROSE}{line}</p><p>{OTHER}</p></div>")
    assert len(kept) == 2


def test_tools_within_a_heading_are_none_of_it() -> None:
    tool = '<span class="mw-editsection">[<a href="/edit">编辑</a>]</span>'
    kept, _ = texts(
        f"<h1>图书馆</h1><div><h2>馆舍的沿革{tool}</h2><p>{PROSE}</p><h2>藏书与借阅</h2><p>{OTHER}</p></div>"
    )
    assert kept == ["馆舍的沿革", PROSE, "藏书与借阅", OTHER]


def test_the_card_of_a_film_within_a_text_is_none_of_it() -> None:
    name = "《河边人家》之《渡口》11月3日起每晚8点播出"
    card = (
        f"<div class='v1'><div><span>{name}</span> <span>时长：02:15</span> <span>来源：河口台</span></div></div>"
        f"<div class='v2'><h4><span>{name}</span><a href='javascript:;'>收起</a></h4></div>"
    )
    first = "十一月三日起，河口台将播出系列节目《河边人家》，讲述五位船工的生活，每集二十分钟，请各站点组织收看。"
    kept, left = texts(
        f"<h1>节目收看通知</h1><div class='v0'>{card}<p>{first}</p><p>各站点应当于月底前报送收看情况。</p></div>"
    )
    assert kept == [first, "各站点应当于月底前报送收看情况。"] and left[name] == "player"


def test_tools_beside_a_short_heading_are_none_of_it() -> None:
    said = "县城以东五公里处建有渡口，渡口由三个村共同管理，每日往返四次，汛期停航，具体时间由乡政府公布。"
    kept, _ = texts(
        "<h1>渡口</h1><div class='v0'><h2>古代<span class='mw-editsection'>[<a href='/edit'>编辑</a>]</span></h2>"
        f"<p>{said}</p><h2>码头<a href='#'>展开</a></h2><p>{said[::-1]}</p></div>"
    )
    assert kept == ["古代", said, "码头", said[::-1]]


def test_the_words_that_end_an_official_letter_are_text_wherever_they_are_set() -> None:
    first = "根据我国相关法律法规和海关示例署有关规定，现将《进境水果检疫要求》予以发布，自2024年4月1日起施行。"
    kept, _ = texts(
        f"<h1>海关示例署公告</h1><div class='x' id='text'><div><p>{first}</p></div><br>　　特此公告。<br><br>"
        "　　附件：<a href='/a.doc'>进境水果检疫要求.doc</a><br>"
        "<div><p>海关示例署</p></div><div><p>2024年3月15日</p></div></div>"
        "<div>版权所有：海关示例署</div>"
    )
    assert kept[:2] == [first, "特此公告。"]


def test_a_window_that_says_more_than_a_short_page_is_none_of_it() -> None:
    rules = "".join(f"<p>{PROSE[place:]}用户须遵守第{place}条规则。</p>" for place in range(4))
    notice = f"<p>{PROSE}</p><p>{OTHER}</p>"
    window = (
        f"<div class='modal-window rulesModal'><header>社区规则</header><section><div>{rules}</div></section></div>"
    )
    kept, _ = texts(f"<h1>图书馆延长开放</h1><div class='t'>{notice}</div>{window}")
    assert kept == [PROSE, OTHER]
    # A page may be set in such a box as a whole; then its title is in it.
    kept, _ = texts(f"<p>{OTHER}</p><div class='article-overlay'><h1>社区规则</h1>{rules}</div>")
    assert len([line for line in kept if "用户须遵守" in line]) == 4


def test_an_advertisement_in_a_box_within_the_text_does_not_end_it() -> None:
    teasers = "".join(
        f"<li><a href='/{n}.html'>{name}街道办事处本周动态的标题</a> <span>{OTHER[n:]}{PROSE[n:]}</span></li>"
        for n, name in enumerate("甲乙丙丁戊己庚辛")
    )
    lines = [f"{PROSE[n:]}第{n}段。" for n in range(8)]
    paragraphs = [f"{line}<br><br>" for line in lines]
    paragraphs[3] += (
        "<div class='s4'><p>文章未完</p><p><a href='http://ads.example/1'>本周末的旅行优惠在这里</a></p></div>"
    )
    kept, _ = texts(
        f"<div class='b'><ul>{teasers}</ul></div><h1>示例网</h1><div class='m'><h2>图书馆延长开放</h2>"
        f"<div class='i'>今日</div><div class='e'>{''.join(paragraphs)}</div></div>"
    )
    assert [line for line in kept if line in lines] == lines
    assert not [line for line in kept if "街道办事处本周动态" in line]


def test_the_window_of_a_consent_program_is_none_of_the_text_however_long_it_is() -> None:
    policy = "".join(f"<p>{PROSE[place:]}本站使用第{place}类小文件。</p>" for place in range(12))
    window = f"<div id='onetrust-pc-sdk' class='otPcCenter'><div><div id='ot-pc-desc'>{policy}</div></div></div>"
    kept, _ = texts(f"<h1>图书馆延长开放</h1><div class='t'><p>{OTHER}</p></div>{window}")
    assert kept == [OTHER]
    # A page about it has no such window around its own text.
    kept, _ = texts(f"<h1>小文件使用说明</h1><div class='cookie-text'>{policy}</div><p>{OTHER}</p>")
    assert len([line for line in kept if "类小文件" in line]) == 12


def test_what_is_said_of_a_picture_does_not_outweigh_a_short_text() -> None:
    caption = f"<div class='x-img'><img src='/1.jpg'><div class='x-imgCaption'>{PROSE}{PROSE[::-1]}</div></div>"
    kept, _ = texts(
        f"<h1>图书馆延长开放</h1><div class='m'><div>{caption}</div><div class='t'><p>{OTHER}</p></div></div>"
    )
    assert OTHER in kept


def test_a_former_title_with_a_sentence_after_it_is_text() -> None:
    kept, left = texts(
        f"<h1>图书馆延长开放</h1><div class='t'><p>原标题：图书馆开到十点</p><p>{PROSE}</p>"
        f"<p>原标题：图书馆开到十点{OTHER}</p></div>"
    )
    assert kept == [PROSE, f"原标题：图书馆开到十点{OTHER}"] and left["原标题：图书馆开到十点"] == "editorial"


def test_what_stands_beside_a_titled_text_is_beside_it_though_it_says_far_more() -> None:
    sources = "".join(f"<p>{PROSE[place:]}见第{place}号报告。</p>" for place in range(20))
    for beside in (f"<aside class='aside'>{sources}</aside>", f"<div class='most-popular'>{sources}</div>"):
        text = f"<article><div><h1>图书馆延长开放</h1><div class='t'><p>{OTHER}</p></div></div></article>"
        kept, _ = texts(f"<main>{text}{beside}</main>")
        assert kept == [OTHER]
    # Named as beside, and all that the page is about.
    kept, _ = texts(f"<main><h1>图书馆延长开放</h1><div class='related-text'>{sources}</div></main>")
    assert len([line for line in kept if "号报告" in line]) == 20


def test_news_of_other_pages_above_the_title_is_no_text_however_long() -> None:
    rows = "".join(
        f"<li><a href='/{n}.html'>{name}街道办事处本周动态的标题</a> <span>{PROSE[n:]}{OTHER[n:]}</span></li>"
        for n, name in enumerate("甲乙丙丁戊己庚辛")
    )
    text = f"<div><h2>图书馆延长开放</h2><div class='e'><p>{PROSE}</p><p>{OTHER}</p></div></div>"
    for below in ("", f"<div><ul>{rows}</ul></div>"):
        kept, _ = texts(f"<div class='b'><ul>{rows}</ul></div>{text}{below}")
        assert kept == [PROSE, OTHER]
    # Below the title such a list may be what the page is about.
    kept, _ = texts(f"<h1>图书馆延长开放</h1><div><p>{OTHER}</p><ul>{rows}</ul></div>")
    assert len([line for line in kept if "街道办事处本周动态" in line]) == 8


def test_a_heading_that_shares_no_word_with_title_and_text_is_another_page_s() -> None:
    def title(head: str, heading: str, text: str) -> str | None:
        page = f"<html><head><title>{head}</title></head><body><h1>{heading}</h1><div><p>{text}</p></div></body></html>"
        found = extract(page.encode(), url=URL, content_type="text/html; charset=utf-8", fetched_on=date(2024, 6, 3))
        return found.fields.title

    assert (title("市图书馆延长开放时间 - 示例网", "农产品价格监测周报", PROSE) or "").startswith(
        "市图书馆延长开放时间"
    )
    # What a page shows in large letters is its title where it is about the same, or the text says nothing of either.
    assert title("图书馆延时开放通告 - 示例网", "市图书馆延长开放", PROSE) == "市图书馆延长开放"
    assert title("信息公开栏目内容页 - 示例网", "关于高温津贴的通知", PROSE) == "关于高温津贴的通知"
