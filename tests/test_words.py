from __future__ import annotations

import re
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.words import index_words, query, snippet


def finds(text: str, words: str) -> bool:
    """Tell whether the index, as the archive makes it, finds a text by words."""
    wanted = query(words)
    if wanted is None:
        return False
    db = sqlite3.connect(":memory:")
    try:
        db.execute("create virtual table i using fts5(t, content='', tokenize='unicode61 remove_diacritics 2')")
        db.execute("insert into i (rowid, t) values (1, ?)", (index_words(text),))
        return db.execute("select 1 from i where i match ?", (wanted,)).fetchone() is not None
    finally:
        db.close()


TEXT = (
    "国务院办公厅关于印发《人工智能应用管理办法》的通知（国办发〔2024〕15号）。自2024年6月1日起施行，Regulation of AI."
)


@pytest.mark.parametrize(
    "words",
    [
        "通知",
        "国务院",
        "人工智能",
        "工智",  # a piece that is no word
        "智",
        "号",
        "知",
        "人工智能 通知",
        "通知 人工智能",
        "2024",
        "2024年",
        "2024年6月",
        "6月1日",
        "国办发〔2024〕15号",
        "国办发[2024]15号",
        "《人工智能应用管理办法》",
        '"人工智能"',
        "regulation",
        "REGULATION ai",
        "施行Regulation",
        "ＡＩ",
        "１５号",
    ],
)
def test_finds(words: str) -> None:
    assert finds(TEXT, words)


@pytest.mark.parametrize(
    "words", ["智人", "通知书", "国院", "2023", "25号", "人工智能 决定", "regul", "年2024", "办法的通知"]
)
def test_does_not_find(words: str) -> None:
    assert not finds(TEXT, words)


@pytest.mark.parametrize("words", ["", " ", "《》", '"', "*", "()", "、。", "\x00"])
def test_no_word_finds_nothing(words: str) -> None:
    assert query(words) is None
    assert not finds(TEXT, words)


@pytest.mark.parametrize(
    "words",
    [
        '"',
        '"通知',
        "通知*",
        "AND",
        "OR NOT",
        "NEAR(通知 人工)",
        "t:通知",
        "-通知",
        "^通知",
        "通知'; drop table i",
        "(",
        "{t}:通知",
    ],
)
def test_signs_of_the_query_language_are_text(words: str) -> None:
    finds(TEXT, words)  # no error


def test_operators_are_words() -> None:
    assert finds("research and development", "and")
    assert not finds("research, development", "research AND development")


@settings(max_examples=50)
@given(st.text(max_size=80))
def test_any_text_can_be_asked_for(words: str) -> None:
    finds(TEXT, words)


HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)


@settings(max_examples=50)
@given(st.text(HAN, min_size=2, max_size=30), st.data())
def test_found_by_any_piece_of_two_characters_or_more(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 2))
    end = data.draw(st.integers(start + 2, len(text)))
    assert finds(f"关于{text}。", text[start:end])


# All that Chinese is written with, rare characters of names and chemical elements too.
ALL_HAN = st.one_of(
    st.characters(min_codepoint=0x3400, max_codepoint=0x4DBF),
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
    st.characters(min_codepoint=0x20000, max_codepoint=0x2FA1D, categories=["Lo"]),
    st.characters(min_codepoint=0xF900, max_codepoint=0xFAD9, categories=["Lo"]),
)


@settings(max_examples=50)
@given(st.text(ALL_HAN, min_size=2, max_size=12), st.data())
def test_found_by_any_piece_of_rare_characters(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 2))
    end = data.draw(st.integers(start + 2, len(text)))
    assert finds(text, text[start:end])


MIXED = st.lists(
    st.one_of(
        st.text(HAN, min_size=1, max_size=6),
        st.from_regex(r"[A-Za-z0-9]{1,6}", fullmatch=True),
        st.sampled_from(" ，。（"),
    )
).map("".join)


@settings(max_examples=50)
@given(MIXED, st.data())
def test_mixed_text_is_found_by_its_words(text: str, data: st.DataObject) -> None:
    runs = re.findall(r"[一-龥]+|[A-Za-z0-9]+", text)
    if runs:
        words = data.draw(st.lists(st.sampled_from(runs), min_size=1, max_size=3))
        assert finds(text, " ".join(words))


def test_snippet_marks_words() -> None:
    assert snippet("关于印发管理办法的通知", "管理办法") == "关于印发\x02管理办法\x03的通知"
    piece = snippet("甲" * 500 + "通知" + "乙" * 500, "通知")
    assert "\x02通知\x03" in piece
    assert piece.startswith("…")
    assert piece.endswith("…")
    assert "\n" not in snippet("第一条\n第二条", "第二条")


@settings(max_examples=50)
@given(st.text(max_size=200), st.text(max_size=20))
def test_snippet_of_anything(text: str, words: str) -> None:
    assert len(snippet(text, words)) <= 6 * 60 + 10
