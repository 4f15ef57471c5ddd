"""What is one release on several addresses, and what only looks like it."""

from __future__ import annotations

from collections.abc import Callable
from difflib import SequenceMatcher

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.corpus.candidates import SHINGLE, WIDTH, Signatures, shingles, words
from crawler.corpus.duplicates import Text, _blocks, clauses, same
from crawler.corpus.groups import clusters
from tests.crawling import SENTENCES

LEGAL = "\n".join(SENTENCES)
BODY = (
    "为做好2026年度乡村图书室补助工作，现将有关事项通知如下：\n"
    "一、每处图书室补助标准为1,200元，由县级财政统筹落实，不得截留挪用。\n"
    "二、申请人应当于3月1日前提交身份证明、场地证明和近6个月的运行记录。\n"
    "三、主管部门应当在收到申请之日起15个工作日内作出决定，并书面告知理由。\n"
    "四、补助资金实行专账核算，年度终了后三十日内向社会公布使用情况。"
)
TITLE = "青岭市文化局关于2026年乡村图书室补助的通知"
ENGLISH = (
    "The council will spend 14 million pounds on flood barriers over the next three years.\n"
    "Work on the first barrier, near the old harbour, begins in March and takes about 20 months.\n"
    "Residents of 300 homes will be offered temporary housing while the ground is being prepared.\n"
    "An independent panel found that the barriers would cut the risk of flooding by half."
)


def text(body: str, title: str = TITLE, key: int = 0, number: str | None = None) -> Text:
    return Text(key=key, owner=key, title=title, body=body, document_number=number)


def are_same(one: Text, other: Text) -> bool:
    there, back = same(clauses(one), clauses(other)), same(clauses(other), clauses(one))
    assert there == back
    return there


@pytest.mark.parametrize(
    ("title", "change"),
    [
        (TITLE, lambda body: f"来源：云溪县人民政府网 发布时间：2026-03-02\n{body}\n（责任编辑：王某）"),
        (f"转发！{TITLE}", lambda body: f"这几天不少读者留言询问补助怎么申请，我们为大家找到了文件原文。\n{body}"),
        ("速看，补助来了", lambda body: f"{body}\n觉得有用就转给身边的人，让更多人知道这件事"),
        (f"{TITLE}_政策文件", lambda body: body.replace("，", ", ").replace("：", ": ")),
        (TITLE, lambda body: body.replace("\n", "")),
        (TITLE, lambda body: body.partition("\n")[2]),
        (TITLE, lambda body: body.replace("二、", "（资料图）\n二、")),
        (TITLE, lambda body: f"{body}\n青岭市文化局\n2026年1月5日"),
    ],
)
def test_a_repost_is_the_same(title: str, change: Callable[[str], str]) -> None:
    assert are_same(text(BODY), text(change(BODY), title))


def test_an_english_repost_is_the_same() -> None:
    shown = f"Posted by admin on 3/4/2026 in Local News\n{ENGLISH}\nLeave a comment below or write to our letters page."
    assert are_same(text(ENGLISH, "Flood barriers agreed"), text(shown, "Flood barriers agreed | Holme Herald"))


@pytest.mark.parametrize(
    ("title", "change"),
    [
        (TITLE, lambda body: body.replace("1,200元", "1,500元")),
        (TITLE, lambda body: body.replace("3月1日", "3月31日")),
        (TITLE.replace("2026", "2027"), lambda body: body.replace("2026", "2027")),
        (TITLE.replace("青岭市", "望海市"), lambda body: body),
        (TITLE.replace("青岭市", "望海市"), lambda body: f"{body}\n望海市文化局"),
        (f"{TITLE}（征求意见稿）", lambda body: body),
        (f"关于《{TITLE}》的更正", lambda body: body.replace("15个", "25个")),
        (TITLE, lambda body: f"{body}\n五、本通知施行后，每处另行增加200元。".replace("四、", "四、经批准，")),
        ("云溪县：图书室越办越好", lambda body: f"{LEGAL}\n文件提出，{body.splitlines()[1]}\n{LEGAL[::-1]}"),
        ("Subsidy for village libraries", lambda body: ENGLISH),
    ],
)
def test_what_looks_like_it_is_another(title: str, change: Callable[[str], str]) -> None:
    assert not are_same(text(BODY), text(change(BODY), title))


@pytest.mark.parametrize(
    "titles", [("关于乙事项的通知", "关于丙事项的通知"), ("通知", "通知"), ("", ""), ("通知", "公告")]
)
def test_notices_that_share_their_legal_sentences_are_two(titles: tuple[str, str]) -> None:
    one = text(f"乙事项的办理办法另行规定。\n{LEGAL}", titles[0])
    other = text(f"仓库的钥匙由周某保管。\n新增一段。\n{LEGAL}", titles[1])
    assert not are_same(one, other)


def test_another_number_is_another_notice() -> None:
    assert not are_same(text(BODY, number="青文发〔2026〕3号"), text(BODY, number="青文发〔2026〕4号"))


def test_groups_are_of_texts_that_are_the_same_pair_by_pair() -> None:
    texts = [
        text(BODY), text(BODY.replace("1,200", "1,500")), text(f"{BODY}\n（责任编辑：王某）"),
        text(ENGLISH, "Barriers"), text(f"来源：某网\n{BODY}".replace("1,200", "1,500")), text(ENGLISH, "Barriers"),
    ]  # fmt: skip
    signatures = Signatures()
    for each in texts:
        signatures.add(each.body)
    assert clusters(signatures, range(len(texts)), texts.__getitem__) == [[0, 2], [1, 4], [3, 5]]
    # Versions of one document are none of each other's copies.
    assert clusters(signatures, [0] * len(texts), texts.__getitem__) == []


def test_a_crowd_of_forms_is_not_compared_pair_by_pair() -> None:
    forms = [text(f"{LEGAL}\n编号{n}的申请人已经登记。", f"第{n}号登记表", n) for n in range(120)]
    asked: list[int] = []

    def read(place: int) -> Text:
        asked.append(place)
        return forms[place]

    signatures = Signatures()
    for each in forms:
        signatures.add(each.body)
    assert clusters(signatures, range(len(forms)), read) == []
    assert len(asked) <= 2 * len(forms)


# Candidates


@given(st.text(st.characters(max_codepoint=127), max_size=60))
def test_runs_of_ascii_characters_are_told_apart(given_text: str) -> None:
    data = shingles(given_text)
    padded = given_text.ljust(SHINGLE)
    runs = {padded[n : n + SHINGLE] for n in range(len(padded) - SHINGLE + 1)}
    assert len(data) == 8 * (len(padded) - SHINGLE + 1)
    assert len({data[n : n + 8] for n in range(0, len(data), 8)}) == len(runs)


@given(st.text(max_size=60))
def test_every_text_has_runs(given_text: str) -> None:
    assert len(shingles(words(given_text))) >= 8


def test_a_signature_tells_how_much_is_shared() -> None:
    parts = [f"第{n}条说明第{n * 7919}号材料的保管期限与移交程序" for n in range(200)]
    signatures = Signatures()
    signatures.add("".join(parts[:150]))
    signatures.add("".join(parts[50:]))
    # Half of all runs are in both; the estimate from so many rows is off by a tenth at most, nearly always.
    ((_, _, equal),) = signatures.pairs([0, 1])
    assert abs(equal / WIDTH - 0.5) < 0.15


@given(st.lists(st.sampled_from("abcdefgh"), max_size=9), st.lists(st.sampled_from("abcdefgh"), max_size=9))
@settings(max_examples=200)
def test_common_clauses_are_those_that_difflib_finds(a: list[str], b: list[str]) -> None:
    found = [block for block in SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks() if block.size]
    assert _blocks(a, b) == found
