"""What is no event: pages that stand in for a document, another choice of its text's place, machinery."""

from __future__ import annotations

import doctest
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler import elsewhere, typography
from crawler.commands.hindsight import differing
from crawler.derive import remake
from crawler.elsewhere import chosen_otherwise
from storage import Listed
from storage.model import Block, BlockKind, Content, DocumentState, EventKind, Extraction, Fields, Outcome, Role
from tests.crawling import SENTENCES, notice
from tests.test_derive import CHALLENGE, HOST, MAIN, OTHER, A, B, C, Came, Life, extracted, lived, page
from tests.test_judge import of, shell

NEW, CHANGED, *_ = EventKind
STAND_INS: dict[str, list[dict[str, Any]]] = tomllib.loads(
    (Path(__file__).parent / "stand_ins.toml").read_text("utf-8")
)
NAV = (
    "<div class='nav'><a href='/'>首页</a> <a href='/login'>用户登录</a> <a href='/forgot'>忘记密码</a> "
    "<a href='/join'>Create an account</a></div>"
)


@pytest.fixture
def life(archive_path: Path) -> Iterator[Life]:
    made = Life(archive_path)
    with made.archive:
        yield made


@pytest.mark.parametrize("module", [elsewhere, typography])
def test_the_worked_examples_hold(module: Any) -> None:
    assert doctest.testmod(module).failed == 0


# -- pages in the place of a document ------------------------------------------------------------------


@pytest.mark.parametrize("given_", [each for each in STAND_INS["page"] if each["known"]], ids=lambda each: each["text"])
def test_a_wall_is_known_by_its_words(given_: dict[str, Any]) -> None:
    assert of(shell(given_["title"], given_["text"])) not in (Outcome.OK, Outcome.NOT_MODIFIED)


@pytest.mark.parametrize("given_", STAND_INS["notice"], ids=lambda each: each["title"])
def test_a_short_notice_is_no_wall(given_: dict[str, Any]) -> None:
    assert of(shell(given_["title"], given_["text"], more=NAV)) is Outcome.OK


def test_in_the_place_of_a_document_every_wall_is_seen_whatever_its_words(life: Life) -> None:
    life.day((MAIN, A))
    for each in STAND_INS["page"]:
        life.day((MAIN, shell(each["title"], each["text"], more=NAV).encode()))
        assert life.archive.find_document(MAIN).state is not DocumentState.ACTIVE, each
    assert CHANGED not in life.events()
    assert len(life.versions()) == 1


def test_what_was_listed_as_something_else_is_no_document(life: Life) -> None:
    sale = shell("harbour.example", "harbour.example can be yours. Write to us.").encode()
    more = f"{HOST}/zc/t20240508_4001.html"
    short = shell("收费标准", "本月起停车每小时收费五元。").encode()
    for url, came in ((MAIN, sale), (OTHER, short), (more, shell("Fees", "Parking is free.").encode())):
        run_id = life.record()
        titles = {
            MAIN: "Harbour dues for fishing vessels from April",
            OTHER: "关于调整停车收费标准的公告",
            more: "read all",
        }
        listed = Listed(url=url, role=Role.MAIN, title=titles[url])
        life.archive.add_listings(life.archive.run(run_id), [listed], found_on=None, at=life.at)
        life.derive(life.record((url, came)))  # resumes it
    # What a link says is no title where it says next to nothing.
    assert [document.url for document in life.archive.documents()] == [OTHER, more]


def test_a_short_document_may_be_written_anew(life: Life) -> None:
    """It keeps its title, or some of its words, or says its date."""
    life.day((MAIN, shell("停水通知", "因管道检修，本周三城东片区停水一天。").encode()))
    life.day((MAIN, shell("停水通知", "检修延期，恢复供水时间请等候后续消息。").encode()))
    life.day((MAIN, shell("供水恢复", "检修已经结束，恢复供水时间提前到本周二，谢谢等候。").encode()))
    assert life.events() == [NEW, CHANGED, CHANGED]


def test_a_page_that_breaks_off_is_no_change(life: Life) -> None:
    whole = page("第一稿。")
    at = whole.index(SENTENCES[2].encode())
    life.day((MAIN, whole))
    life.day((MAIN, whole[:at]))
    assert life.archive.find_document(MAIN).state is DocumentState.BLOCKED
    closed = whole[:at] + b"</p></div></div></body></html>"
    life.day((MAIN, closed))
    assert life.events() == [NEW, CHANGED]
    # A site whose pages never end is believed.
    life.day((OTHER, whole.replace(b"</body></html>", b"")))
    life.day((OTHER, whole[:at]))
    assert life.events() == [NEW, CHANGED, NEW, CHANGED]


# -- another choice of the text's place ----------------------------------------------------------------

CONTACT = "联系人：市水务局供水管理科，咨询电话见本局网站。"


def frame(text: str, *, inside: bool, also: str = "") -> bytes:
    """Return a page that shows a line in its text, or far from it."""
    line = f"<p>{CONTACT}</p>"
    more = "".join(f"<li><a href='/zc/{n}.html'>相关政策第{n}号</a></li>" for n in range(9))
    made = notice("关于做好有关工作的通知", text, more=line if inside else "", footer="主办：澜江省公共服务厅" + also)
    return made.replace("<div class='footer'>", f"<ul>{more}</ul>{'' if inside else line}<div class='footer'>").encode()


def test_a_line_that_both_pages_show_is_no_change(life: Life) -> None:
    life.day((MAIN, frame("第一稿。", inside=True)))
    assert CONTACT in life.versions()[0].content.text
    life.day((MAIN, frame("第一稿。", inside=False)))
    assert life.events() == [NEW]
    assert len(life.versions()) == 1
    before = life.rows()["version"]
    with life.archive.write():
        remake(life.deriver())
    assert life.rows()["version"] == before
    inside, outside = (extracted(frame("第一稿。", inside=each), MAIN) for each in (True, False))
    assert differing(inside, outside) == {"choice": 1}
    # What changes at the same time is told; so is what the page shows no more.
    life.day((MAIN, frame("第二稿。", inside=False)))
    assert life.events() == [NEW, CHANGED]
    life.day((MAIN, frame("第二稿。", inside=True)))
    assert life.events() == [NEW, CHANGED]
    life.day((MAIN, page("第二稿。")))
    assert life.events() == [NEW, CHANGED]


def content(*paragraphs: str, title: str = "通知") -> Content:
    return Content(fields=Fields(title=title), paragraphs=paragraphs)


def shown(*paragraphs: str, outside: tuple[str, ...] = ()) -> list[Extraction]:
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in paragraphs)
    return [Extraction(blocks=blocks, outside=tuple("".join(line.split()) for line in outside))]


@pytest.mark.parametrize(
    ("old", "old_outside", "new", "new_outside"),
    [
        pytest.param((*SENTENCES, CONTACT), (), SENTENCES, (), id="removed"),
        pytest.param((*SENTENCES, CONTACT), (CONTACT,), SENTENCES, (CONTACT,), id="removed, shown twice before"),
        pytest.param((*SENTENCES, CONTACT), (), (*SENTENCES, "联系人：另行通知"), (CONTACT,), id="replaced"),
        pytest.param(SENTENCES, (), (*SENTENCES[1:], SENTENCES[0]), (), id="order"),
        pytest.param(
            (*SENTENCES, CONTACT), (), (*SENTENCES[:3], SENTENCES[3] + CONTACT, CONTACT), (), id="a sentence repeated"
        ),
        pytest.param((*SENTENCES, "5"), (), SENTENCES, ("共15页",), id="a number within another"),
        pytest.param(
            (*SENTENCES, "每户补贴500元，按季度发放到户。"),
            (),
            SENTENCES,
            ("每户补贴800元，按季度发放到户。",),
            id="number",
        ),
        pytest.param((CONTACT,), SENTENCES, SENTENCES, (CONTACT,), id="another text altogether"),
    ],
)
def test_what_one_page_does_not_show_is_a_change(
    old: tuple[str, ...], old_outside: tuple[str, ...], new: tuple[str, ...], new_outside: tuple[str, ...]
) -> None:
    before, after = content(*old), content(*new)
    assert not chosen_otherwise(before, shown(*old, outside=old_outside), after, shown(*new, outside=new_outside))


def test_a_field_that_makes_a_version_is_no_choice() -> None:
    pages = shown(*SENTENCES, outside=(CONTACT,))
    assert chosen_otherwise(content(*SENTENCES), pages, content(*SENTENCES, CONTACT), pages) == (CONTACT,)
    assert not chosen_otherwise(content(*SENTENCES), pages, content(*SENTENCES, CONTACT, title="公告"), pages)


# -- properties ----------------------------------------------------------------------------------------

GOOD = [A, B, C, frame("第四稿。", inside=True), frame("第四稿。", inside=False)]
BAD: list[Came] = [404, 500, 503, 403, 412, 521, CHALLENGE, b"", A[:700], shell("Sale", "buy me").encode()]
DAYS = st.lists(st.sampled_from(range(len(GOOD) + len(BAD))), max_size=7)


def came(days: list[int]) -> list[Came]:
    return [(GOOD + BAD)[day] for day in days]


@settings(max_examples=25, deadline=None)
@given(DAYS)
def test_a_bad_answer_never_adds_a_version(days: list[int]) -> None:
    with lived() as whole, lived() as good:
        whole.day((MAIN, A))
        good.day((MAIN, A))
        for each in came(days):
            whole.day((MAIN, each))
            if each in GOOD:
                good.day((MAIN, each))
        assert [v.content for v in whole.versions()] == [v.content for v in good.versions()]
        # What changed while it was thought gone is told as restored.
        assert whole.events().count(CHANGED) <= good.events().count(CHANGED)


@settings(max_examples=20, deadline=None)
@given(DAYS)
def test_the_same_fetches_give_the_same_events_and_told_again_nothing(days: list[int]) -> None:
    with lived() as one, lived() as other:
        for life in (one, other):
            for each in came(days):
                life.day((MAIN, each))
        told = list(one.archive.events())
        assert told == list(other.archive.events())
        rows = one.rows()
        with one.archive.write():
            remake(one.deriver())
        assert list(one.archive.events()) == told
        assert one.rows() == rows
        # The answers of the last good day once more are no news.
        last = [each for each in came(days) if each in GOOD][-1:]
        if last and came(days)[-1] in GOOD:
            one.day((MAIN, last[0]))
            assert list(one.archive.events()) == told
