from __future__ import annotations

import io
import time
import zipfile
from datetime import date

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extract import Rules, extract, identity
from crawler.extract.days import day_in
from crawler.extract.labels import pairs_in, table_pairs
from crawler.extract.numbers import number_in_title
from crawler.extract.pdf import paragraphs_of
from spiders.errors import SourceError
from storage.model import Block, BlockKind, Extraction

URL = "https://www.example.gov.cn/a/t1.html"
DAY = date(2024, 6, 3)
TITLE = "关于加强社区图书室管理的通知"
BODY = (
    "各区县人民政府，市政府各部门：",
    "为加强社区图书室管理，方便居民就近阅读，现就有关事项通知如下，请认真贯彻执行。",
    "社区图书室每周开放时间不少于三十小时，节假日照常开放，不得挪作他用。",
    "各区县应当于9月30日前完成登记，逾期不登记的，不再安排补助资金。",
    "请各有关单位将工作进展情况于每季度末报送市文化局，由市文化局汇总后报市政府。",
)


def extracted(page: str, url: str = URL, rules: Rules | None = None) -> Extraction:
    return extract(
        page.encode(), url=url, content_type="text/html; charset=utf-8", fetched_on=DAY, rules=rules or Rules()
    )


def kept(found: Extraction) -> list[str]:
    return [block.text for block in found.blocks if block.left_out is None]


def reasons(found: Extraction) -> dict[str, str]:
    return {block.text: block.left_out for block in found.blocks if block.left_out is not None}


def page(body: str, *, before: str = "", after: str = "", head: str = "") -> str:
    return (
        f'<html><head><title>{TITLE}_示例市</title>{head}</head><body><div class="nav"><a href="/">首页</a>'
        f'<a href="/zc/">政策</a></div><div class="c"><h1>{TITLE}</h1>{before}<div class="t">{body}</div>{after}</div>'
        '<div class="footer">版权所有 示例市人民政府</div></body></html>'
    )


def paragraphs(lines: tuple[str, ...] = BODY) -> str:
    return "".join(f"<p>{line}</p>" for line in lines)


MARKUPS = {
    "p": paragraphs(),
    "indented": "".join(f'\n\t<p align="justify">　　{line}\n</p>' for line in BODY),
    "div": "".join(f"<div>{line}</div>" for line in BODY),
    "br": "<br/><br/>\n".join(BODY),
    "spans": "".join(f'<p><span style="font-size:16pt"><font>{line[:9]}</font>{line[9:]}</span></p>' for line in BODY),
    "sections": "".join(f"<section><p><span>{line}</span></p></section>" for line in BODY),
    "layout table": f"<table><tr><td>{paragraphs()}</td></tr></table>",
    "breaks in the source": "".join(f"<p>{line[:12]}\n{line[12:]}</p>" for line in BODY),
    "bold": "".join(f"<p><b>{line}</b></p>" for line in BODY),
}


@pytest.mark.parametrize("body", MARKUPS.values(), ids=MARKUPS.keys())
def test_other_markup_gives_the_same_text(body: str) -> None:
    assert kept(extracted(page(body))) == list(BODY)


SKELETONS = {
    "article": "<body><header><a href='/'>Home</a></header><main><article><h1>{t}</h1>{b}</article></main></body>",
    "table": "<body><table><tr><td><a href='/'>首页</a></td></tr></table><table><tr><td><h1>{t}</h1>{b}</td>"
    "<td><a href='/1'>要闻</a><br><a href='/2'>专题</a></td></tr></table></body>",
    "known": "<body><div class='x'><h2>{t}</h2><div class='TRS_Editor'>{b}</div></div></body>",
    "form": "<body><form id='aspnetForm'><div><h1>{t}</h1><div>{b}</div></div></form></body>",
    "bare": "<body><h1>{t}</h1>{b}</body>",
    "beside": "<body><div><h1>{t}</h1><div>{b}</div></div><div><ul>"
    + "<li><a href='/n'>另一篇关于城市道路建设的新闻报道</a></li>" * 8
    + "</ul></div></body>",
}


@pytest.mark.parametrize("skeleton", SKELETONS.values(), ids=SKELETONS.keys())
def test_another_skeleton_gives_the_same_text(skeleton: str) -> None:
    assert kept(extracted(skeleton.format(t=TITLE, b=paragraphs()))) == list(BODY)


@pytest.mark.parametrize(
    ("furniture", "rule"),
    [
        ("（责任编辑：王小明）", "editorial"),
        ("(Editor in charge: Wang Xiaoming)", "editorial"),
        ("分享到：微信 微博 QQ空间", "share"),
        ("字号：[大 中 小] 【打印】 【关闭】", "share"),
        ("< 1 2 3 4 >", "pager"),
        ("上一页 1 2 3 下一页", "pager"),
        ("Go to Forum >>0 Comment(s)", "comments"),
        ("No comments.", "comments"),
        ("Tags: reading room library", "tags"),
        ("上一篇：关于开展春季植树活动的通知", "neighbours"),
        ("下一篇：没有了", "neighbours"),
        ("PREV Harbour opens a second berth", "neighbours"),
        ("返回顶部", "top"),
        ("Back to top", "top"),
        ("浏览次数：1024", "counter"),
        ("版权所有：示例市人民政府 京ICP备00000000号", "legal"),
        ("相关链接：一图读懂社区图书室新规定", "related"),
        ("扫描二维码关注官方公众号", "promotion"),
        ("* * * * *", "ornament"),
    ],
)
def test_lines_around_a_document_are_kept_apart(furniture: str, rule: str) -> None:
    found = extracted(page(paragraphs() + f"<p>{furniture}</p>"))
    assert kept(found) == list(BODY)
    assert reasons(found)[furniture] == rule


@pytest.mark.parametrize(
    "line",
    [
        "CCTV:",
        "新华社记者：",
        "会议强调",
        "2024-04-26 10:28:46",
        "特此通知。",
        "附件下载请登录市文化局网站，联系电话：0000-1234567。",
        "下一步，市文化局将继续推进这项工作。",
        "Next, let me introduce the situation in the province.",
        "Share prices rose by 3 percent on Monday.",
        "有关部门应当加强宣传，及时回应评论和留言。",
        "审核：对申请材料进行审核，五个工作日内作出决定。",
        "主办单位：市文化局",
        "许可证编号：示许字2024第12号",
        "未经许可，任何单位和个人不得使用该标志。",
        "本条例所称著作权，包括署名权和发表权。",
        "申请人可以登录市民服务APP提交材料。",
        "时间：2024年5月20日上午9时",
        "今天是全国助残日。",
        "今天是建镇100周年纪念日，第3届文化节同时开幕",
        "Today is the third Talent Day, and the 24th salon of the chamber.",
        "上篇 总体要求",
        "Next steps",
        "Responses",
        "Register with the town hall by e-mail before 1 May.",
        "返回原籍就业",
        "相关政策",
        "其他内容",
    ],
)
def test_short_lines_of_a_document_stay(line: str) -> None:
    lines = (*BODY[:3], line, *BODY[3:])
    assert kept(extracted(page(paragraphs(lines)))) == list(lines)


def test_links_below_a_heading_go_with_it() -> None:
    after = "<h3>推荐阅读</h3><ul><li><a href='/1'>一篇新闻的标题</a></li><li><a href='/2'>又一篇新闻</a></li></ul>"
    assert kept(extracted(page(paragraphs() + after))) == list(BODY)


def test_a_link_farm_and_stuffed_words_are_left_out() -> None:
    farm = "| ".join(f"<a href='http://s{n}.example/'>雨伞批发{n}</a>" for n in range(9))
    stuffed = "，".join(["雨伞批发", "木椅价格", "茶具大全"] * 4)
    found = extracted(page(paragraphs() + f"<p>{farm}</p><p>{stuffed}</p>"))
    assert kept(found) == list(BODY)
    assert set(reasons(found).values()) >= {"foreign_links", "stuffed"}


def test_another_script_is_left_out_but_a_document_in_two_languages_is_whole() -> None:
    foreign = "garden chairs and wool blankets and rain boots online"
    assert kept(extracted(page(paragraphs() + f"<p>{foreign}</p>"))) == list(BODY)
    english = "The reading rooms of the communities are open for thirty hours a week, also on holidays."
    both = (*BODY, *(f"{english} ({n})" for n in range(4)))
    assert kept(extracted(page(paragraphs(both)))) == list(both)


HIDDEN = (
    'style="display:none"',
    'style="visibility: hidden"',
    "hidden",
    'style="font-size:0"',
    'style="opacity:0"',
    'style="position:absolute;left:-9999px"',
    'style="color:#fff;background:#ffffff"',
    'style="height:0;overflow:hidden"',
    'class="zz9"',
)


@pytest.mark.parametrize("attribute", HIDDEN)
def test_hidden_text_is_not_read(attribute: str) -> None:
    spam = f"<p {attribute}>这里有一段谁也看不见的文字，它混在正文里面，说的是别的事情。</p>"
    head = "<style>.zz9{display:none} @media print{.t{display:none}}</style>"
    assert kept(extracted(page(BODY[0] + spam + paragraphs(BODY[1:]), head=head))) == list(BODY)


def test_a_rule_that_hides_most_of_the_page_is_not_believed() -> None:
    head = "<style>.t{display:none}</style>"
    assert kept(extracted(page(paragraphs(), head=head))) == list(BODY)


@pytest.mark.parametrize("wrapper", ["<div>{}</div>", "<div class='print-only' style='display:none'>{}</div>", "{}"])
def test_a_body_that_is_twice_on_a_page_comes_out_once(wrapper: str) -> None:
    long = tuple(line * 3 for line in BODY)
    copy = wrapper.format(paragraphs(long))
    assert kept(extracted(page(paragraphs(long), after=copy))) == list(long)
    assert kept(extracted(page(paragraphs(long) + copy))) == list(long)


def test_rows_that_differ_in_a_number_are_two_statements() -> None:
    lines = tuple(
        f"第{n}批补助资金共计三百二十万元，已经于本月十五日之前全部拨付到各区县财政专户，由市财政局负责监督使用情况，专款专用，不得截留、挤占或者挪用，违者将依法依规追究责任。"
        for n in (1, 2, 3)
    )
    assert kept(extracted(page(paragraphs(lines)))) == list(lines)


def test_source_rules_decide() -> None:
    whole = page(paragraphs() + '<p class="odd">这一段文字是网站自己加上去的，不属于文件的内容。</p>')
    assert kept(extracted(whole, rules=Rules(drop=(".odd",)))) == list(BODY)
    assert kept(extracted(whole, rules=Rules(keep=(".odd",)))) == ["这一段文字是网站自己加上去的，不属于文件的内容。"]
    with pytest.raises(SourceError):
        extracted(whole, rules=Rules(keep=("p[",)))


def test_blocks_have_kinds() -> None:
    table = "<table><tr><th>单位</th><th>金额</th></tr><tr><td>纺织厂</td><td>46800</td></tr></table>"
    body = (
        paragraphs(BODY[:3])
        + f"<h3>一、补贴</h3>{table}<ul><li>第一项要求</li><li>第二项要求</li></ul>"
        + paragraphs(BODY[3:])
    )
    blocks = [block for block in extracted(page(body)).blocks if block.left_out is None]
    assert Block(kind=BlockKind.HEADING, text="一、补贴") in blocks
    assert Block(kind=BlockKind.TABLE, text="单位 | 金额\n纺织厂 | 46800") in blocks
    assert Block(kind=BlockKind.LIST, text="第一项要求\n第二项要求") in blocks


def test_signs_and_canonical() -> None:
    markup = (
        '<html><head><title>请  登录</title><meta http-equiv="refresh" content="3; url=/next">'
        '<link rel="canonical" href="/c.html"></head><body><p>正文在这里，共有两句话。请看。</p>'
        '<form><input type="password"></form><script>1</script><script>2</script>'
    )
    found = extracted(markup)
    assert found.canonical == "https://www.example.gov.cn/c.html"
    signs = found.signs
    assert (signs.title, signs.scripts, signs.password_field, signs.ended) == ("请 登录", 2, True, False)
    assert signs.refresh == "https://www.example.gov.cn/next"
    assert signs.opening == "正文在这里，共有两句话。请看。"
    assert signs.visible_chars == len(signs.opening)


@pytest.mark.parametrize(
    ("head", "before", "day"),
    [
        ('<meta name="PubDate" content="2024-05-20 10:00">', "", date(2024, 5, 20)),
        ('<meta property="article:published_time" content="2024-05-20T23:59:00+08:00">', "", date(2024, 5, 20)),
        ('<script type="application/ld+json">{"datePublished": "2024-05-20"}</script>', "", date(2024, 5, 20)),
        ("", "<p>发布时间：2024年5月20日 来源：示例网</p>", date(2024, 5, 20)),
        ("", "<p>Release time: May 20, 2024</p>", date(2024, 5, 20)),
        ("", "<p>2024/05/20 示例网</p>", date(2024, 5, 20)),
        ("", "<p>今天是2024年5月20日 星期一</p>", None),
        # Under its label, before what a template left in the head; not before what head and page say alike.
        ('<meta name="PubDate" content="2023-08-07 22:27">', "<p>发布时间：2024年05月05日</p>", date(2024, 5, 5)),
        (
            '<meta name="PubDate" content="2023-08-07 22:27">',
            "<p>发布时间：2024年05月05日</p><p>2023-08-07 22:27 来源：澜江日报</p>",
            date(2023, 8, 7),
        ),
        # Later than one day after the fetch: not believed.
        ('<meta name="PubDate" content="2031-01-01">', "", None),
        ('<meta name="PubDate" content="2024-13-45">', "", None),
        ("", "", None),
    ],
)
def test_published_on(head: str, before: str, day: date | None) -> None:
    found = extracted(page(paragraphs(), head=head, before=before))
    assert found.fields.published_on == day
    assert kept(found) == list(BODY)


def test_byline_fields() -> None:
    before = "<div>发布时间：2024-05-20 15:02 来源：示例市文化局 作者：李明 浏览次数：88</div>"
    fields = extracted(page(paragraphs() + "<p>（责任编辑：王小）</p>", before=before)).fields
    assert (fields.origin, fields.author, fields.editor) == ("示例市文化局", "李明", "王小")


def test_the_list_of_annexes_is_text_where_the_document_has_it_linked_or_not() -> None:
    signed = "<p align='right'>示例市教育局</p><p align='right'>2024年5月6日</p>"
    note = "<p>附件：{}</p><p>{}</p>"
    plain = note.format("1.补助标准", "2.申报表")
    linked = note.format("<a href='/a1.docx'>1.补助标准</a>", "<a href='/a2.docx'>2.申报表</a>")
    texts = [kept(extracted(page(paragraphs() + each + signed))) for each in (plain, linked)]
    assert texts[0] == texts[1] == [*BODY, "附件：1.补助标准", "2.申报表", "示例市教育局", "2024年5月6日"]
    below = extracted(page(paragraphs() + signed + linked))
    assert kept(below)[-1] == "2024年5月6日"
    assert [link.name for link in below.attachments] == ["1.补助标准", "2.申报表"]


def test_who_signed_stays_where_it_has_a_box_of_its_own_and_a_lone_day_is_none() -> None:
    signed = "<div class='lk'><p>示例市教育局</p><p>2024年5月6日</p></div>"
    found = extracted(page(paragraphs(), after=signed))
    assert kept(found)[-2:] == ["示例市教育局", "2024年5月6日"] and found.fields.signed_on == date(2024, 5, 6)
    assert kept(extracted(page(paragraphs(), after="<div><p>2024年5月6日</p></div>"))) == list(BODY)
    twice = "<p>示例市教育局</p><p>2024年5月6日</p>"
    again = extracted(page(paragraphs() + twice, after="<div><p>示例日报</p><p>2024年5月8日</p></div>"))
    assert kept(again)[-1] == "2024年5月6日"


def test_a_remark_that_a_document_is_no_longer_in_force_is_its_validity_and_no_text() -> None:
    found = extracted(page(paragraphs(), before="<p>提示：该文件已于2024年3月1日废止</p>"))
    assert kept(found) == list(BODY) and found.fields.validity == "废止"
    within = page(paragraphs((*BODY, "本文件自2026年12月31日起失效。")))
    assert kept(extracted(within))[-1] == "本文件自2026年12月31日起失效。" and extracted(within).fields.validity is None


@pytest.mark.parametrize(
    ("head", "before", "author"),
    [
        ("<meta name='author' content='104454'>", "", None),
        ("<meta name='author' content='孙某'>", "", "孙某"),
        ("", "<div>2024-05-20 文字：本报记者 郭某某</div>", "郭某某"),
        ("", "<div>2024-05-20</div><div>本报记者　赵　某　钱某某</div>", "赵 某 钱某某"),
        (
            "<script type='application/ld+json'>"
            '{"author": [{"@type": "Person", "name": "Ann Writer"}, {"name": "Bob Reporter"}]}</script>',
            "",
            "Ann Writer, Bob Reporter",
        ),
    ],
)
def test_author(head: str, before: str, author: str | None) -> None:
    assert extracted(page(paragraphs(), head=head, before=before)).fields.author == author


def test_an_index_number_behind_the_path_of_sections() -> None:
    path = "<p>您的位置：信息公开 &gt; 应急管理 &gt; 正文　索引号：XX1024-0215-2021-0009</p>"
    assert extracted(page(paragraphs(), before=path)).fields.index_number == "XX1024-0215-2021-0009"


def test_badges_of_what_the_label_table_states_are_no_text() -> None:
    badges = "<div><span>有效</span><span>示政发〔2024〕5号</span></div>"
    table = "<table><tr><td>文号</td><td>示政发〔2024〕5号</td><td>有效性</td><td>有效</td></tr></table>"
    assert kept(extracted(page(paragraphs(), before=badges + table))) == list(BODY)


def test_a_lone_number_line_is_the_document_number() -> None:
    found = extracted(page(paragraphs(), before="<p>示政发〔2024〕12号</p>"))
    assert found.fields.document_number == "示政发〔2024〕12号"
    assert kept(found) == list(BODY)


def test_nothing_is_invented() -> None:
    fields = extracted(page(paragraphs())).fields
    assert fields.title == TITLE
    told = (fields.published_on, fields.document_number, fields.origin, fields.author, fields.issuing_agency)
    assert told == (None,) * 5


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-05-01", date(2024, 5, 1)),
        ("2024年5月1日", date(2024, 5, 1)),
        ("二〇二四年五月十一日", date(2024, 5, 11)),
        ("二○二四年十二月三十日", date(2024, 12, 30)),
        ("1 May 2024", date(2024, 5, 1)),
        ("Published May 1st, 2024 by us", date(2024, 5, 1)),
        ("20240501", date(2024, 5, 1)),
        ("13/05/2024", date(2024, 5, 13)),
        ("2024 06/12 19:20:33", date(2024, 6, 12)),
        ("03/06/2024", None),
        ("Wed, 03/06/2024 - 09:21", date(2024, 3, 6)),
        ("Monday, 03/06/2024", date(2024, 6, 3)),
        ("2024-02-30", None),
        ("12345-67-89", None),
        ("", None),
    ],
)
def test_day_in(text: str, day: date | None) -> None:
    assert day_in(text) == day


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://www.roads.example/notices/2024/06/03/closure", date(2024, 6, 3)),
        ("https://www.roads.example/notices/2024/03/06/closure", date(2024, 3, 6)),
        ("https://www.roads.example/notices/2024/03/07/closure", None),
        ("https://www.roads.example.gov/closure", date(2024, 3, 6)),
        ("https://www.roads.example.gov.uk/closure", None),
        ("https://www.roads.example/closure", None),
    ],
)
def test_days_between_slashes_are_read_as_the_address_of_the_page_tells(url: str, day: date | None) -> None:
    # Only the United States have a top domain of their government; others write the day first, or do not.
    assert extracted(page(paragraphs(), before="<p>Published: 03/06/2024</p>"), url).fields.published_on == day


def test_a_sentence_around_a_link_ends_a_text() -> None:
    last = "申请材料见<a href='/cl'>《示例市非物质文化遗产保护专项资金申请材料目录》</a>。"
    found = extracted(page(paragraphs((*BODY, last)) + "<p><a href='/a'>示例市开展文化遗产日系列活动</a></p>"))
    assert kept(found)[-1] == "申请材料见《示例市非物质文化遗产保护专项资金申请材料目录》。"


def test_an_empty_author_is_not_the_label_of_the_origin() -> None:
    line = "<p><span>时间：2024-03-01</span>　<span>作者：</span>　<span>新闻来源：示例人民检察院</span></p>"
    fields = extracted(page(paragraphs(), before=line)).fields
    assert (fields.author, fields.origin) == (None, "示例人民检察院")


def test_the_name_of_the_site_that_signs_a_notice_is_not_its_title() -> None:
    rows = f"<tr><td class='bt'><b>{TITLE}</b></td></tr><tr><td>来源：市供热办　更新时间：2015-10-8</td></tr>"
    foot = "<p>示例市供热办公室</p><p>2015年9月30日</p>"
    html = f"<title>示例市供热办公室</title><body><table>{rows}<tr><td>{paragraphs()}{foot}</td></tr></table></body>"
    found = extracted(html)
    assert found.fields.title == TITLE
    assert kept(found)[-2:] == ["示例市供热办公室", "2015年9月30日"]


def test_title_by_agreement() -> None:
    spam = (
        page(paragraphs())
        .replace("<title>", "<title>雨伞批发-木椅价格-")
        .replace("<body>", "<body><div><h1>雨伞批发</h1></div>")
    )
    assert extracted(spam).fields.title == TITLE
    barred = "One | Two: what the ministry plans for the winter"
    markup = page(paragraphs()).replace(TITLE, barred)
    assert extracted(markup).fields.title == barred


def pdf(lines: list[str]) -> bytes:
    shown = " ".join(f"({line}) Tj 0 -14 Td" for line in lines)
    stream = f"BT /F1 12 Tf 50 700 Td {shown} ET".encode("ascii")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % start


def word() -> bytes:
    document = docx.Document()
    document.add_heading("Grants", 1)
    document.add_paragraph("Before the table.")
    table = document.add_table(2, 2)
    for place, text in enumerate(("Town", "Sum", "Elm", "12")):
        table.cell(place // 2, place % 2).text = text
    document.add_paragraph("After it.")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def of(body: bytes, content_type: str = "", url: str = "https://e.cn/x") -> Extraction:
    return extract(body, url=url, content_type=content_type, fetched_on=DAY)


def test_pdf() -> None:
    lines = ["The first line of a paragraph goes on and", "ends here.", "Another paragraph.", "- 1 -"]
    found = of(pdf(lines), "text/html")
    assert kept(found) == ["The first line of a paragraph goes on and ends here.", "Another paragraph."]
    assert reasons(found) == {"- 1 -": "page_number"}


def test_words_that_the_width_of_a_line_broke_are_whole() -> None:
    lines = ["A well-known committee exam-", "ined the long and well-", "known proposal for all towns."]
    (block,) = of(pdf(lines)).blocks
    assert block.text == "A well-known committee examined the long and well-known proposal for all towns."


def test_letters_that_a_font_gives_as_radicals_are_letters() -> None:
    from crawler.extract.pdf import readable

    assert readable(["⼀是⻓⽅形", "⺠政"]) == ["一是长方形", "民政"]


def test_heads_that_run_through_pages_are_told_once() -> None:
    pages = [
        f"示例市公报 2024年第{n}期\n第{n}条 各区应当在{n}月前报送。\n其余按第{n}号文执行。\n- {n} -"
        for n in range(1, 6)
    ]
    blocks = paragraphs_of(pages)
    stays = [block.text for block in blocks if block.left_out is None]
    assert stays[0] == "示例市公报 2024年第1期"
    assert [text for text in stays[1:] if "公报" in text] == []
    assert sum("报送" in text for text in stays) == 5
    assert {block.left_out for block in blocks} == {None, "page_number", "running_head"}


def test_two_pages_that_begin_alike_have_no_running_head() -> None:
    blocks = paragraphs_of(["第1组 合格", "第2组 合格"])
    assert {block.left_out for block in blocks} == {None}


def test_pdf_failures() -> None:
    assert of(b"%PDF-1.7 no more than this").failure == "broken"
    assert of(pdf([])).failure == "no_text_layer"


def test_docx_keeps_tables_in_place() -> None:
    assert kept(of(word(), "application/octet-stream")) == [
        "Grants",
        "Before the table.",
        "Town | Sum\nElm | 12",
        "After it.",
    ]


def test_docx_bomb_and_broken_packages() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 20_000_000)
    assert of(out.getvalue()).failure == "broken"
    assert of(b"PK\x03\x04 nothing", url="https://e.cn/x.docx").failure == "broken"


def test_plain_text() -> None:
    assert kept(of("第一行\n\n  第二行\n".encode("gbk"), "text/plain")) == ["第一行", "第二行"]


@pytest.mark.parametrize(
    ("body", "content_type", "failure"),
    [
        (b"", "text/html", "empty"),
        (b"  \n ", "text/html", "empty"),
        (b"<html><body></body></html>", "text/html", "empty"),
        (b"\x89PNG\r\n\x1a\n", "text/html", "binary"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 9, "text/html", "binary"),
        (b'{"a": 1}', "application/json", "unsupported"),
        (b"PK\x03\x04 nothing", "application/zip", "broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 99, "application/msword", "broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "", "encrypted"),
        (b"<div " + b"a=1 " * 70_000 + b">", "text/html", "broken"),
    ],
)
def test_failures_are_data(body: bytes, content_type: str, failure: str) -> None:
    assert of(body, content_type).failure == failure


def test_a_page_that_is_called_a_pdf_is_read_as_a_page() -> None:
    found = of(page(paragraphs()).encode(), "application/pdf")
    assert kept(found) == list(BODY)


def test_identity_names_the_rules() -> None:
    assert identity(Rules()) == identity(Rules())
    told = {
        identity(Rules()),
        identity(Rules(keep=("a",))),
        identity(Rules(drop=("a",))),
        identity(Rules(keep=("a", "b"))),
    }
    assert len(told) == 4


def test_order_does_not_matter() -> None:
    pages = [page(paragraphs()), page(paragraphs(BODY[:3])), page(paragraphs(BODY[1:]))]
    forward = [extracted(each) for each in pages]
    backward = [extracted(each) for each in reversed(pages)]
    assert forward == backward[::-1]


@given(st.text(alphabet="<>/=\"' abpdivtrh1&#;:.|。，年月\n", max_size=400))
@settings(max_examples=50, deadline=None)
def test_any_markup_is_taken(markup: str) -> None:
    found = extracted(f"<html><body>{markup}")
    for block in found.blocks:
        assert block.text.strip() == block.text
        assert block.text


@pytest.mark.parametrize(
    "markup",
    [
        "<p>这是一段讲政策的文字，不长也不短。</p>" * 5_000,
        "<table>" + "<tr><td>行</td><td>7</td></tr>" * 5_000 + "</table>",
        "<p><b>hello, world " * 5_000,
        "<a href='/x'>link</a> " * 20_000,
        "<span style='display:none'>x</span>y" * 10_000,
        "<div><h3>相关新闻</h3><p>短</p></div>" * 3_000,
        "<style>" + "@media x{" * 20_000 + "</style><p>好的。</p>",
        "<p>" + "来源：" * 50_000 + "</p>",
        "".join(f"<p>第{n}段，本市第{n * 7}号办法自{2000 + n % 20}年起施行。</p>" for n in range(5_000)),
        "<p " + " ".join(f'a{n}="x"' for n in range(20_000)) + ">好的。</p>",
        "<div>" * 20_000 + "好的。",
    ],
    ids=[
        "paragraphs",
        "rows",
        "unclosed",
        "links",
        "hidden",
        "boxes",
        "style",
        "labels",
        "distinct",
        "attributes",
        "deep",
    ],
)
def test_large_pages_take_seconds(markup: str) -> None:
    start = time.process_time()
    extracted(f"<html><body><h1>题目</h1><div>{markup}</div></body></html>")
    assert time.process_time() - start < 4


def page_around(above: str, below: str) -> str:
    text = f"<h1>{TITLE}</h1>{above}" + "".join(f"<p>{line}</p>" for line in BODY) + below
    return f"<html><head><title>{TITLE}</title></head><body><div>{text}</div></body></html>"


@pytest.mark.parametrize(
    "line",
    [
        "建议使用1024×768分辨率浏览",
        "建议您使用IE8.0以上版本浏览器",
        "本站最佳浏览效果：1280*800",
        "Best viewed with a resolution of 1024 x 768",
        "您此时的心情",
        "进入【社区建设吧】讨论",
        "看完这篇文章后，您的心情是？",
        "阅读剩余全文（）",
        "展开全文",
        "All...",
        "View all…",
    ],
)
def test_lines_about_the_page_are_no_text(line: str) -> None:
    assert kept(extracted(page_around("", f"<p>{line}</p>")))[-1] == BODY[-1]


def test_text_that_speaks_of_such_things_stays() -> None:
    line = "建议使用统一的浏览器访问申报系统，各单位应当在10月底前完成升级，并将情况报送市文化局。"
    assert kept(extracted(page_around("", f"<p>{line}</p>")))[-1] == line


def test_an_origin_ends_where_a_tool_begins() -> None:
    found = extracted(page_around("<p>Release time: 2024-05-02 Source: Wutong Daily Font: [L] [M] [S]</p>", ""))
    assert found.fields.origin == "Wutong Daily"


@pytest.mark.parametrize("line", ["短视频与公共文化（第9921号）", "文化大讲堂（第12号）"])
def test_an_issue_is_no_document_number(line: str) -> None:
    assert extracted(page_around(f"<p>{line}</p>", "")).fields.document_number is None


def test_a_title_that_reads_like_a_sentence_is_no_text_where_it_is_repeated() -> None:
    title = "Lake counts its boats along the northern shore, number by number"
    body = f"<h2>{title}</h2><p>The harbour office counted the boats on Monday and will publish the map.</p>"
    whole = (
        f"<html lang='en'><head><title>{title} - Harbour News</title></head><body><a href='/'>Home</a>"
        f"<h1>{title}</h1><div class='t'>{body}<p>Boats that were left for a year will be sold in May.</p></div>"
    )
    found = extracted(whole)
    assert found.fields.title == title
    assert kept(found)[0].startswith("The harbour office")


@pytest.mark.parametrize(
    ("title", "number"),
    [
        ("示例海关公告2024年第45号（关于进口葡萄检疫要求的公告）", "示例海关公告2024年第45号"),
        ("示例银行令〔2024〕第3号", "示例银行令〔2024〕第3号"),
        ("示例省财政厅关于预算公开的通知（示财预〔2024〕5号）", "示财预〔2024〕5号"),
        ("关于废止示政发〔2011〕8号文件的通知", None),
        ("《示例办法》（示政发〔2011〕8号）解读", None),
        ("行政处罚决定书（示市监处罚〔2024〕56号）", "示市监处罚〔2024〕56号"),
        ("一图读懂示例办法（示政发〔2011〕8号）", None),
        ("第18/2024號行政長官批示", "第18/2024號行政長官批示"),
    ],
)
def test_a_number_at_either_end_of_a_title_is_the_documents(title: str, number: str | None) -> None:
    assert number_in_title(title) == number


def test_traditional_labels_and_years_of_the_republic() -> None:
    pairs = dict(pairs_in("發文單位：示例財政部　發文日期：民國113年6月5日"))
    assert pairs == {"发文单位": "示例財政部", "发文日期": "民國113年6月5日"}
    assert day_in("民國113年6月5日") == date(2024, 6, 5)
    assert day_in("113-06-05") == date(2024, 6, 5)
    assert day_in("第113年6月5日") is None
    assert day_in("30.4.2024") == date(2024, 4, 30)


def test_a_table_of_several_documents_is_no_label_table() -> None:
    heads = "文件名称 | 文号 | 发布日期"
    assert table_pairs(f"{heads}\n示例办法 | 示政发〔2011〕8号 | 2011-04-06") is not None
    assert (
        table_pairs(f"{heads}\n甲办法 | 示政发〔2011〕8号 | 2011-04-06\n乙办法 | 示政发〔2012〕9号 | 2012-01-06")
        is None
    )
