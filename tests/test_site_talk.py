"""What a site says to its readers beside a document: calls, questions, comments, tools; and what only looks like it."""

from __future__ import annotations

import pytest
from lxml import html

from crawler.extract.flow import Line
from crawler.extract.furniture import form_of
from storage.model import BlockKind
from tests.test_extract import BODY, extracted, kept, page, paragraphs, reasons

CALLS = {
    "更多精彩资讯请在应用市场下载“示例日报”客户端": "promotion",
    "长按识别二维码，关注我们": "promotion",
    "Stay up to date: follow us on Facebook": "promotion",
    "Listen to our podcast: the week in regulation": "promotion",
    "微信搜索“示例发布”，政策消息早知道": "promotion",
    "权威发布、主流声音，尽在示例客户端": "promotion",
    "Trade news, delivered to your inbox every Monday": "promotion",
    "本文来源于网络，转载只为分享，侵权请告知删除。40213": "legal",
    "Views expressed are those of the authors and do not represent the position of the institute.": "legal",
    "最热 最早 最新": "comments",
    "（本文责编：何某 审校：苏某） 96人推荐": "editorial",
    "如果觉得本文不错，点个“在看”再走吧": "feedback",
    "【爆料请拨打新闻热线】": "feedback",
    "☞点击查看图解版": "feedback",
    "Was this page helpful? Yes No": "feedback",
    "Report a problem with this page": "feedback",
    "继续浏览即表示您同意《用户协议》和《隐私政策》": "consent",
    "我有话说 27条评论 310人参与": "comments",
    "已有52人参与讨论": "comments",
    "Join the conversation (12)": "comments",
    "612人已转": "counter",
    "Reading time: 4 minutes": "counter",
    "Available under the Open Government Licence v3.0": "legal",
    "关于我们 | 联系我们 | 网站地图": "navigation",
    "About us · Contact · Privacy policy": "navigation",
    "上一篇：": "neighbours",
}
# What a document says to the people it is about reads much like it.
OWN = (
    "请关注“示例人社”微信公众号，点击“在线服务”办理报名手续。",
    "扫描下方二维码填写问卷。",
    "1.下载安装“示例办”APP。",
    "关注民生，打造群众满意的政务微博。",
    "各地要通过客户端、微博、微信公众号加强宣传。",
    "市民可关注“示例发布”微信公众号了解停水安排。",
    "申请人在微信搜索“示例公积金”，进入后办理提取。",
    "本办法所称网络信息，是指来自网络，并经核实的信息。",
    "作品如有侵权，由投稿人承担全部责任。",
    "意见反馈截止时间：6月30日",
    "Get email alerts about your tax return",
    "Download the app to apply for a permit",
    "Do you have any questions? Call 555-1234.",
    "Your contribution to the pension scheme is 5%.",
    "Check the latest flood alerts before you travel",
    "The privacy policy and the terms of use of the platform are reviewed each year by the board.",
)


def line(text: str) -> Line:
    return Line(text=text, kind=BlockKind.PARAGRAPH, element=html.Element("p"))


@pytest.mark.parametrize(("text", "rule"), CALLS.items())
def test_what_a_site_asks_of_its_reader_is_none_of_the_text(text: str, rule: str) -> None:
    assert form_of(line(text), title=None, in_head=False) == rule
    found = extracted(page(paragraphs(BODY[:3]) + f"<p>{text}</p>" + paragraphs(BODY[3:])))
    assert kept(found) == list(BODY)


@pytest.mark.parametrize("text", OWN)
def test_what_a_document_asks_of_those_it_is_about_stays(text: str) -> None:
    assert form_of(line(text), title=None, in_head=False) is None


SAID = ("我家门口的图书室也能延长开放吗？", "路过看看", "支持，希望周末也开放")


@pytest.mark.parametrize(
    "post",
    [
        "<div><b>读者{n}</b> <span>0{n}:4{n}</span><p>{said}</p></div>",
        "<li><div>读者{n}</div><div>{n}小时前</div><p>{said}</p><a href='#'>回复</a><a href='#'>赞 {n}</a></li>",
        "<section><header>Reader {n} · {n} hours ago</header><div>{said}</div></section>",
    ],
)
@pytest.mark.parametrize("around", ["<div>{posts}</div>", "{posts}", "<div><h4>说说</h4>{posts}<i>共3条</i></div>"])
def test_comments_are_told_by_their_form(post: str, around: str) -> None:
    posts = "".join(post.format(n=n, said=said) for n, said in enumerate(SAID, 1))
    found = extracted(page(paragraphs() + around.format(posts=posts)))
    assert [text for text in kept(found) if text not in ("说说", "共3条")] == list(BODY)


def test_a_talk_written_down_as_it_went_is_the_document() -> None:
    talk = "".join(
        f"<div><b>主持人 10:{n:02}</b><p>{text}</p></div><div><b>张局长 10:{n:02}</b><p>请看第{n}点：{text}</p></div>"
        for n, text in enumerate(BODY * 3, 10)
    )
    found = extracted(page(f"<p>{BODY[1]}</p>{talk}"))
    assert sum("请看第" in text for text in kept(found)) == 3 * len(BODY)


def test_a_log_of_times_and_what_happened_stays() -> None:
    log = "".join(f"<div><b>1{n}:05</b><p>第{n}号站点水位回落，{n}个村的道路恢复通行。</p></div>" for n in range(3))
    found = extracted(page(paragraphs() + log))
    assert sum("恢复通行" in text for text in kept(found)) == 3


@pytest.mark.parametrize(
    "box",
    [
        "<div><h3>把通知送到您手边</h3><p>每周一封，随时可退。</p><input type='email'><button>提交</button></div>",
        "<fieldset><legend>本条信息打几分</legend><select><option>5</option></select></fieldset>",
        "<figure><button>听</button><span>3分钟</span></figure>",
        "<div>还剩一半没读<button>展开</button></div>",
    ],
)
def test_a_small_box_around_controls_is_a_tool(box: str) -> None:
    found = extracted(page(paragraphs(BODY[:3]) + box + paragraphs(BODY[3:])))
    assert kept(found) == list(BODY)


def test_controls_take_no_text_title_date_or_file_with_them() -> None:
    whole = extracted(page(f"<div>{paragraphs()}<button>打印</button></div>"))
    assert kept(whole) == list(BODY)
    short = extracted(page(f"<div><p>{BODY[1]}</p><button>打印</button></div>"))
    assert kept(short) == [BODY[1]]
    head = extracted(page(paragraphs(), before="<div>发布时间：2024-05-06 来源：示例局<button>打印</button></div>"))
    assert str(head.fields.published_on) == "2024-05-06"
    assert head.fields.origin == "示例局"
    files = extracted(page(paragraphs() + "<div><a href='/f/1.pdf'>申请表</a><button>下载</button></div>"))
    assert [link.name for link in files.attachments] == ["申请表"]
    form = extracted(page(f"<form><input type='hidden' name='t'>{paragraphs()}</form>"))
    assert kept(form) == list(BODY)


def test_a_row_of_calls_in_a_table_is_left_out_and_data_stays() -> None:
    calls = "<table><tr><td>长按识别二维码，关注我们</td><td>扫一扫，分享到朋友圈</td></tr></table>"
    data = "<table><tr><th>地区</th><th>名额</th></tr><tr><td>分享区</td><td>12</td></tr></table>"
    found = extracted(page(paragraphs() + calls + data))
    assert kept(found)[: len(BODY)] == list(BODY)
    assert any("名额" in text for text in kept(found))
    assert not any("二维码" in text for text in kept(found))
    assert set(reasons(found).values()) <= {"feedback", "promotion", "share"}
