"""What a source's documents teach of their blocks."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.compose import compose
from crawler.profile import Profile, Refusal, learn, learn_stand_ins, load
from storage.model import Block, BlockKind, Extraction, Outcome

EMPTY = Profile(source="cn_test")
TOPICS = ("供水管网", "公园绿地", "校车安全", "医疗保险", "农田水利", "道路照明", "图书借阅", "养老服务")
WHO = ("市水务局", "区教育局", "县卫健委", "镇政府", "街道办", "园林处", "消防队", "民政局")
WHERE = ("东城", "西湖", "南山", "北站", "河口", "老街", "新村", "港区")
DID = ("巡查", "修缮", "扩建", "抽检", "走访", "验收", "清理", "统计", "登记", "更换")
CLAUSE = "本办法自发布之日起施行，由市人民政府办公室负责解释。"
SPAM = "琉璃雨伞工坊限量发售，琥珀茶壶买一赠一，速速抢购莫错过良机。"


def block(text: str) -> Block:
    return Block(kind=BlockKind.PARAGRAPH, text=text)


def page(number: int, *more: str, around: tuple[str, ...] = ()) -> Extraction:
    chance = random.Random(number)  # noqa: S311
    said = []
    for _ in range(6):
        who, where = chance.choice(WHO), chance.choice(WHERE)
        first, second = chance.sample(DID, 2)
        said.append(f"{who}{chance.randint(1, 28)}日在{where}{first}{chance.choice(TOPICS)}，{second}{number}处。")
    return Extraction(blocks=tuple(block(text) for text in (*said, *more)), outside=around)


def reasons(profile: Profile, text: str) -> str | None:
    return profile.left_out(block(text))


def test_words_foreign_to_a_source_on_many_of_its_documents_are_left_out() -> None:
    documents = [[page(number, *([SPAM] if number < 5 else []))] for number in range(20)]
    profile = learn(EMPTY, documents)
    assert reasons(profile, SPAM) == "injected"
    assert all(reasons(profile, each.text) is None for each in page(3).blocks)


def test_a_clause_that_many_notices_share_stays() -> None:
    documents = [[page(number, CLAUSE)] for number in range(20)]
    assert learn(EMPTY, documents) is EMPTY


def test_on_few_documents_nothing_is_left_out() -> None:
    documents = [[page(number, *([SPAM] if number < 4 else []))] for number in range(20)]
    assert learn(EMPTY, documents) is EMPTY


def test_what_stands_beside_the_text_of_other_documents_counts_as_held_by_them() -> None:
    beside = "".join(SPAM.split())
    documents = [[page(number, around=(beside,) if 0 < number < 5 else ())] for number in range(20)]
    documents[0] = [page(0, SPAM)]
    assert reasons(learn(EMPTY, documents), SPAM) == "injected"
    documents[1] = [page(1)]
    assert learn(EMPTY, documents) is EMPTY


def test_what_came_together_is_weighed_together() -> None:
    """One of them says little that the source does not say as well; by itself it stays."""
    plain = "供水管网，公园绿地，校车安全，医疗保险，农田水利，道路照明，图书借阅，养老服务。"
    both = [[page(number, *((plain, SPAM) if number < 5 else ()))] for number in range(20)]
    assert reasons(learn(EMPTY, both), plain) == "injected"
    alone = [[page(number, *((plain,) if number < 5 else ()))] for number in range(20)]
    assert learn(EMPTY, alone) is EMPTY


def test_a_paragraph_in_another_language_that_comes_into_a_still_document_is_left_out() -> None:
    offer = "Thousands of visitors choose our umbrellas and teapots, so order yours before midnight 24 hours a day."
    more = [each.text for number in range(20, 24) for each in page(number).blocks]
    documents = [[page(number, *more)] * 4 for number in range(2)]
    documents[1] = [*documents[1][:3], page(1, *more, offer)]
    assert reasons(learn(EMPTY, documents), offer) == "injected"


def test_what_comes_into_a_document_that_stood_still_is_left_out_where_its_words_are_foreign() -> None:
    documents = [[page(number)] * 4 for number in range(8)]
    documents[2][-1] = page(2, SPAM)
    assert reasons(learn(EMPTY, documents), SPAM) == "injected"


def test_a_paragraph_that_an_agency_adds_stays() -> None:
    documents = [[page(number)] * 4 for number in range(8)]
    documents[2][-1] = page(2, "区教育局在新村抽检校车安全，更换老街、港区道路照明，统计养老服务。")
    assert learn(EMPTY, documents) is EMPTY


def test_a_new_document_is_not_new_text_in_an_old_one() -> None:
    documents = [[page(number)] * 4 for number in range(8)]
    assert learn(EMPTY, [*documents, [page(9, SPAM)]]) is EMPTY


def test_numbers_that_differ_at_every_fetch_are_left_out() -> None:
    documents = [[page(number, f"本页热度指数{7 * visit + number}") for visit in range(4)] for number in range(5)]
    profile = learn(EMPTY, documents)
    assert reasons(profile, "本页热度指数990") == "volatile"
    once = [[page(number, f"现有职工{visit // 3}人") for visit in range(4)] for number in range(5)]
    assert learn(EMPTY, once) is EMPTY


def test_a_profile_is_read_as_it_was_written_and_names_the_one_before() -> None:
    documents = [[page(number, SPAM)] for number in range(20)]
    profile = learn(EMPTY, documents)
    assert profile.after == EMPTY.sha256
    assert load(profile.data) == profile
    assert learn(profile, documents) is profile
    assert learn(profile, []) is profile


def test_the_order_of_documents_does_not_count() -> None:
    documents = [[page(number, SPAM)] for number in range(20)]
    shuffled = random.Random(4).sample(documents, len(documents))  # noqa: S311
    assert learn(EMPTY, documents).sha256 == learn(EMPTY, shuffled).sha256


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.sampled_from([SPAM, CLAUSE, "甲", *TOPICS, *WHO]), min_size=1), min_size=1))
def test_a_document_is_never_emptied_by_a_profile(texts: list[list[str]]) -> None:
    pages = [Extraction(blocks=tuple(block(text) for text in each)) for each in texts]
    profile = learn(EMPTY, [[found] for found in pages])
    assert all(compose([found], [], profile).paragraphs for found in pages)
    alone = Extraction(blocks=(block(SPAM),))
    assert compose([alone], [], learn(EMPTY, [[page(n, SPAM)] for n in range(20)])).paragraphs == (SPAM,)


def refusal(address: int, *texts: str, outcome: Outcome = Outcome.SOFT_404) -> Refusal:
    return Refusal(resource_id=address, outcome=outcome, blocks=[block(text) for text in texts])


NOWHERE = "您要找的内容去旅行了，稍后为您带路。"


def test_a_page_that_came_instead_of_several_documents_is_known_again() -> None:
    refusals = [refusal(n, NOWHERE, f"请求编号 {n}7，/zc/t2024_{n}.html") for n in (1, 2)]
    profile = learn_stand_ins(EMPTY, refusals)
    assert profile.stands_in([block(NOWHERE), block("请求编号 99，/zc/other/t9.html")]) is Outcome.SOFT_404
    assert profile.stands_in(page(3).blocks) is None
    assert load(profile.data) == profile and profile.after == EMPTY.sha256
    assert learn_stand_ins(profile, refusals) is profile


def test_a_page_at_one_address_or_that_means_two_things_is_no_stand_in() -> None:
    assert learn_stand_ins(EMPTY, [refusal(1, NOWHERE), refusal(1, NOWHERE)]) is EMPTY
    # What says nothing of its own says nothing of what it stands for; nor does one that means two things.
    assert learn_stand_ins(EMPTY, [refusal(1, "404"), refusal(2, "404")]) is EMPTY
    walls = [refusal(1, NOWHERE), refusal(2, NOWHERE, outcome=Outcome.CHALLENGE)]
    assert learn_stand_ins(EMPTY, walls) is EMPTY


def test_without_learning_of_blocks_whole_pages_are_known_all_the_same() -> None:
    blocks = learn(EMPTY, [[page(number, *([SPAM] if number < 5 else []))] for number in range(20)])
    both = learn_stand_ins(blocks, [refusal(1, NOWHERE), refusal(2, NOWHERE)])
    assert reasons(both, SPAM) == "injected" and both.stands_in([block(NOWHERE)])
    assert reasons(both.judging_only(), SPAM) is None and both.judging_only().stands_in([block(NOWHERE)])
    # Where nothing was learned, the profile has the name that it always had.
    assert EMPTY.judging_only() == EMPTY and "stand_ins" not in EMPTY.data


def test_a_way_to_write_to_a_seller_is_no_contact_of_an_agency() -> None:
    offer = "琉璃雨伞工坊联系微信，琥珀茶壶买一赠一，二十四小时客服在线。"
    documents = [[page(number, *([offer] if number < 5 else []))] for number in range(20)]
    assert reasons(learn(EMPTY, documents), offer) == "injected"
    contact = "联系人：琥珀茶壶，联系电话：0571-87050000，琉璃雨伞工坊。"
    documents = [[page(number, *([contact] if number < 5 else []))] for number in range(20)]
    assert learn(EMPTY, documents) is EMPTY


def test_statements_made_from_one_form_stay_where_each_has_figures_of_its_own() -> None:
    fact = "截至本月{}日，琉璃雨伞工坊登记{}家，琥珀茶壶产量增长{}倍。"
    documents = [[page(number, fact.format(number + 1, 7 * number, number))] for number in range(20)]
    assert learn(EMPTY, documents) is EMPTY
    still = [[page(number)] * 4 for number in range(8)]
    still[2][-1] = page(2, "更正说明：琉璃雨伞工坊一栏所列产量应为267，琥珀茶壶统计口径亦作调整。")
    assert learn(EMPTY, still) is EMPTY
