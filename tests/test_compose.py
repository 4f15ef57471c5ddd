from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.compose import TELLING, Attached, compose, content_sha256
from crawler.profile import Profile, block_key
from crawler.typography import squeeze
from storage.model import Block, BlockKind, Content, Extraction, Fields

EMPTY = Profile(source="cn_test")


def block(text: str, left_out: str | None = None, kind: BlockKind = BlockKind.PARAGRAPH) -> Block:
    return Block(kind=kind, text=text, left_out=left_out)


def page(*texts: str, **fields: object) -> Extraction:
    return Extraction(blocks=tuple(map(block, texts)), fields=Fields(**fields))  # type: ignore[arg-type]


def attached(sha256: str | None = "b" * 64, text: str | None = None, name: str = "附件", url: str = "u") -> Attached:
    extraction = Extraction(failure="unsupported") if text is None else page(text)
    return Attached(url=url, name=name, extraction=extraction, bytes_sha256=sha256)


def digest(*pages: Extraction, files: tuple[Attached, ...] = (), profile: Profile = EMPTY) -> str:
    return content_sha256(compose(pages, files, profile))


def test_left_out_blocks_do_not_count() -> None:
    one = Extraction(blocks=(block("甲"), block("分享到", left_out="share"), block("乙")))
    assert compose([one], [], EMPTY).paragraphs == ("甲", "乙")
    profile = Profile(source="cn_test", rules={block_key(block("乙")): "frame"})
    assert compose([one], [], profile).paragraphs == ("甲",)


def test_further_pages_give_what_is_new() -> None:
    frame = "来源：澜江省公共服务厅办公室编辑"
    content = compose([page(frame, "第一页", "是"), page(frame, "第二页", "是")], [], EMPTY)
    assert content.paragraphs == (frame, "第一页", "是", "第二页", "是")


def test_one_page_may_say_the_same_twice() -> None:
    line = "第一条 本办法自发布之日起施行。"
    assert compose([page(line, line)], [], EMPTY).paragraphs == (line, line)


def test_fields_are_those_of_the_first_page() -> None:
    content = compose([page("甲", title="通知"), page("乙", title="通知（二）")], [], EMPTY)
    assert content.fields.title == "通知"


@pytest.mark.parametrize("name", TELLING)
def test_telling_fields_make_versions(name: str) -> None:
    value = date(2024, 5, 6) if name.endswith("_on") else "有效"
    assert digest(page("甲")) != digest(page("甲", **{name: value}))


@pytest.mark.parametrize("name", ["origin", "author", "editor", "topic", "language", "document_type", "index_number"])
def test_other_fields_make_none(name: str) -> None:
    assert digest(page("甲")) == digest(page("甲", **{name: "x"}))


def test_attachments_count_by_what_they_say() -> None:
    text = page("正文")
    none = digest(text)
    assert digest(text, files=(attached(),)) != none
    assert digest(text, files=(attached(),)) == digest(text, files=(attached(name="另一名", url="v"),))
    assert digest(text, files=(attached("1"),)) != digest(text, files=(attached("2"),))
    # Of equal text, other bytes (a file saved again) are no change.
    assert digest(text, files=(attached("1", "目录"),)) == digest(text, files=(attached("2", "目 录"),))
    assert digest(text, files=(attached("1", "目录甲"),)) != digest(text, files=(attached("1", "目录乙"),))
    pair = (attached("1"), attached("2"))
    assert digest(text, files=pair) == digest(text, files=pair[::-1])
    assert digest(text, files=pair) != digest(text, files=pair[:1])


def test_a_file_that_never_came_says_nothing() -> None:
    missing = Attached(url="u", name="附件", extraction=None, bytes_sha256=None)
    (found,) = compose([page("正文")], [missing], EMPTY).attachments
    assert (found.url, found.sha256) == ("u", None)


def test_pieces_are_not_run_together() -> None:
    assert digest(page("甲", title="乙")) != digest(page("甲乙"))
    assert digest(page("甲"), files=(attached("1"),)) != digest(page("甲1"))


TEXTS = st.text(max_size=30)
BLOCKS = st.builds(Block, kind=st.sampled_from(BlockKind), text=TEXTS, left_out=st.sampled_from([None, None, "share"]))
PAGES = st.lists(st.builds(Extraction, blocks=st.lists(BLOCKS, max_size=6).map(tuple)), min_size=1, max_size=3)


@settings(max_examples=50)
@given(PAGES)
def test_paragraphs_can_be_stored_and_read_back(pages: list[Extraction]) -> None:
    content = compose(pages, [], EMPTY)
    assert all(content.paragraphs)
    assert all(text == text.strip() for text in content.paragraphs)
    stored = "\n\n".join(content.paragraphs)
    assert (tuple(stored.split("\n\n")) if stored else ()) == content.paragraphs


@settings(max_examples=50)
@given(PAGES)
def test_equal_pages_give_equal_contents(pages: list[Extraction]) -> None:
    assert compose(pages, [], EMPTY) == compose([replace(each) for each in pages], [], EMPTY)
    assert digest(*pages) == digest(*pages)


@settings(max_examples=50)
@given(st.lists(TEXTS, max_size=5), st.lists(st.integers(0, 99), max_size=5))
def test_white_space_and_breaks_make_no_version(texts: list[str], cuts: list[int]) -> None:
    text = "".join(texts)
    cut = sorted(min(place, len(text)) for place in cuts)
    pieces = tuple(text[a:b] for a, b in zip([0, *cut], [*cut, len(text)], strict=True))
    whole, parted = (Content(fields=Fields(), paragraphs=each) for each in ((text,), pieces))
    spaced = Content(fields=Fields(), paragraphs=tuple(f" {each}\u3000\u200b" for each in pieces))
    assert content_sha256(whole) == content_sha256(parted) == content_sha256(spaced)


@settings(max_examples=50)
@given(TEXTS, TEXTS)
def test_other_words_make_a_version(one: str, two: str) -> None:
    same = squeeze(one) == squeeze(two)
    hashes = [content_sha256(Content(fields=Fields(), paragraphs=(each,))) for each in (one, two)]
    mended = one.encode("utf-8", "replace") == two.encode("utf-8", "replace")
    assert (hashes[0] == hashes[1]) == (same or mended)
