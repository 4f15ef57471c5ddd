from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extract import extract
from crawler.judge import Evidence, judge
from storage.model import Extraction, Outcome, Role
from tests.crawling import SENTENCES, notice

URL = "https://www.example.cn/zc/t20240506_4001.html"


def evidence(status: int | None = 200, extraction: Extraction | None = None, **more: object) -> Evidence:
    given_ = {
        "role": Role.MAIN,
        "error": None,
        "detail": "",
        "size_bytes": 100,
        "location": None,
        "location_is_document": False,
        **more,
    }
    return Evidence(status=status, extraction=extraction, **given_)  # type: ignore[arg-type]


def of(page: str | bytes, status: int = 200, role: Role = Role.MAIN, content_type: str = "text/html") -> Outcome:
    body = page if isinstance(page, bytes) else page.encode()
    made = extract(body, url=URL, content_type=content_type, fetched_on=date(2024, 5, 7))
    outcome, reason = judge(evidence(status, made, size_bytes=len(body), role=role))
    assert reason
    assert "\n" not in reason
    return outcome


def shell(title: str, text: str, more: str = "") -> str:
    return f"<html><head><title>{title}</title></head><body>{more}<div><p>{text}</p></div></body></html>"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (404, Outcome.GONE),
        (410, Outcome.GONE),
        (500, Outcome.HTTP_ERROR),
        (502, Outcome.HTTP_ERROR),
        (503, Outcome.HTTP_ERROR),
        (400, Outcome.HTTP_ERROR),
        (401, Outcome.LOGIN),
        (403, Outcome.CHALLENGE),
        (412, Outcome.CHALLENGE),
        (429, Outcome.CHALLENGE),
        (521, Outcome.CHALLENGE),
        (202, Outcome.CHALLENGE),
        (204, Outcome.CHALLENGE),
        (300, Outcome.HTTP_ERROR),
        (302, Outcome.HTTP_ERROR),
        (999, Outcome.HTTP_ERROR),
    ],
)
def test_by_status_even_with_the_text_of_a_document(status: int, outcome: Outcome) -> None:
    assert of(notice("关于做好有关工作的通知", "第一条。"), status) is outcome


def test_what_a_proxy_passes_on_is_a_document() -> None:
    assert of(notice("关于做好有关工作的通知", "第一条。"), 203) is Outcome.OK
    assert of(shell("安全验证", "请完成安全验证后继续访问"), 203) is Outcome.CHALLENGE


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        ("timeout", Outcome.UNREACHABLE),
        ("refused", Outcome.UNREACHABLE),
        ("dns", Outcome.UNREACHABLE),
        ("tls", Outcome.UNREACHABLE),
        ("connection", Outcome.UNREACHABLE),
        ("truncated", Outcome.TRUNCATED),
        ("too_large", Outcome.TOO_LARGE),
        ("robots", Outcome.DISALLOWED),
        ("gate", Outcome.REFUSED_BY_GATE),
        (None, Outcome.UNREACHABLE),
    ],
)
def test_where_no_answer_came(error: str | None, outcome: Outcome) -> None:
    assert judge(evidence(None, error=error))[0] is outcome


@pytest.mark.parametrize(
    ("status", "location", "is_document", "outcome"),
    [
        (301, "https://www.example.cn/zc/t1.html", True, Outcome.MOVED),
        (302, "https://www.example.cn/zc/t1.html", True, Outcome.MOVED),
        (302, "https://www.example.cn/", False, Outcome.SOFT_404),
        (302, "https://www.example.cn/index.html", False, Outcome.SOFT_404),
        (302, "https://www.example.cn/404.html", False, Outcome.SOFT_404),
        (301, "https://www.example.cn/zc/", False, Outcome.SOFT_404),
        (302, "https://sso.example.cn/login?next=/", False, Outcome.NOT_A_DOCUMENT),
        (307, "https://www.example.cn/weihu.html", False, Outcome.NOT_A_DOCUMENT),
        (303, "https://www.example.cn/verify", False, Outcome.NOT_A_DOCUMENT),
        (302, None, False, Outcome.HTTP_ERROR),
    ],
)
def test_redirects(status: int, location: str | None, is_document: bool, outcome: Outcome) -> None:
    assert judge(evidence(status, location=location, location_is_document=is_document))[0] is outcome


@pytest.mark.parametrize(
    ("title", "text", "outcome"),
    [
        ("404", "您访问的页面不存在", Outcome.SOFT_404),
        ("出错了", "抱歉，该文章已被删除。", Outcome.SOFT_404),
        ("Page not found", "Sorry, the page you requested could not be found.", Outcome.SOFT_404),
        ("安全验证", "请完成安全验证后继续访问", Outcome.CHALLENGE),
        ("Just a moment...", "Checking your browser before accessing the site.", Outcome.CHALLENGE),
        ("访问被拦截", "您的请求存在威胁，已被网站防火墙拦截。", Outcome.CHALLENGE),
        ("系统维护", "系统正在维护，请稍后再试。", Outcome.MAINTENANCE),
        ("Maintenance", "The site is down for maintenance and will be back soon.", Outcome.MAINTENANCE),
        ("提示", "请登录后查看全文", Outcome.LOGIN),
    ],
)
def test_pages_that_stand_in(title: str, text: str, outcome: Outcome) -> None:
    assert of(shell(title, text)) is outcome


@pytest.mark.parametrize("body", ["", " \n ", "<html></html>", "<html><body><script>x()</script></body></html>"])
def test_nothing_to_read(body: str) -> None:
    assert of(body) in (Outcome.EMPTY, Outcome.CHALLENGE)


@pytest.mark.parametrize(
    "title",
    [
        "关于系统维护期间暂停服务的公告",
        "关于注销已失效文件的通知：页面不存在等问题的处理",
        "关于启用验证码登录的通知",
        "How we handle pages that cannot be found",
        "Security check procedures at border crossings",
    ],
)
def test_words_alone_condemn_nothing(title: str) -> None:
    assert of(notice(title, f"{title}，现将有关事项通知如下。")) is Outcome.OK


def test_a_short_notice_is_a_notice() -> None:
    dated = "<html><head><title>公告</title><meta name='PubDate' content='2024-05-06 08:00'></head><body>"
    text = "<h1>公告</h1><div class='content'><p>因系统升级，定于2024年5月6日暂停服务。</p></div></body></html>"
    assert of(dated + text) is Outcome.OK
    assert of(text) is Outcome.MAINTENANCE


def test_a_login_form_beside_a_text_is_no_wall() -> None:
    form = "<form><input name='u'><input type='password'></form>"
    assert of(notice("通知", "第一条。", more=form)) is Outcome.OK
    assert of(shell("登录", "用户登录", more=form)) is Outcome.LOGIN


@pytest.mark.parametrize("failure", ["crashed", "too_slow", "broken", "encrypted"])
def test_what_cannot_be_read(failure: str) -> None:
    assert judge(evidence(200, Extraction(failure=failure)))[0] is Outcome.NOT_A_DOCUMENT


def test_a_web_page_where_a_file_was_promised() -> None:
    assert of(shell("404", "页面不存在"), role=Role.ATTACHMENT) is Outcome.SOFT_404
    assert of(notice("通知", "第一条。"), role=Role.ATTACHMENT) is Outcome.NOT_A_DOCUMENT
    assert of("\n".join(SENTENCES), role=Role.ATTACHMENT, content_type="text/plain") is Outcome.OK


@pytest.mark.parametrize("role", [Role.LIST, Role.FEED, Role.SITEMAP, Role.ROBOTS])
def test_lists_are_read_not_judged_by_words(role: Role) -> None:
    assert judge(evidence(200, None, role=role))[0] is Outcome.OK
    assert judge(evidence(200, None, role=role, size_bytes=0))[0] is Outcome.EMPTY


@settings(max_examples=50)
@given(
    st.none() | st.integers(100, 999),
    st.sampled_from(Role),
    st.none() | st.text(max_size=20),
    st.integers(0, 10_000),
    st.none() | st.text(max_size=60),
    st.booleans(),
)
def test_everything_has_an_outcome(
    status: int | None, role: Role, error: str | None, size: int, location: str | None, is_document: bool
) -> None:
    outcome, reason = judge(
        evidence(
            status, None, role=role, error=error, size_bytes=size, location=location, location_is_document=is_document
        )
    )
    assert isinstance(outcome, Outcome)
    assert reason


@pytest.mark.parametrize(
    ("title", "text", "outcome"),
    [
        ("Error", "HTTP Status 500 – Internal Server Error. The server met an unexpected condition.", "http_error"),
        ("", "Error establishing a database connection", "http_error"),
        ("错误", "服务器内部错误，请稍后再试。", "http_error"),
        ("Welcome to nginx!", "If you see this page, the web server is successfully installed.", "http_error"),
        ("Sorry", "Too many requests. Please try again in some minutes.", "challenge"),
        ("Rejected", "The requested URL was rejected. Your support ID is: 99.", "challenge"),
        ("提示", "您要查看的信息已经下架，请浏览其他内容。", "soft_404"),
    ],
)
def test_what_a_server_says_of_itself_is_no_document(title: str, text: str, outcome: str) -> None:
    assert of(shell(title, text)) == outcome


def test_a_signed_notice_may_speak_of_what_is_gone() -> None:
    text = "近期检查发现部分栏目的页面不存在，请于月底前整改完毕。</p><p>澜江省公共服务厅</p><p>2024年5月6日"
    assert of(shell("关于清理失效网页的通知", text, more="<h1>关于清理失效网页的通知</h1>")) is Outcome.OK


def test_a_picture_is_no_document() -> None:
    assert of(b"\x89PNG\r\n\x1a\n" + bytes(range(256)), content_type="text/html") is Outcome.NOT_A_DOCUMENT
