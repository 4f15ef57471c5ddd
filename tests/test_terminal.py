"""Page text on a terminal: harmless, and as wide as it looks."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.text import Text

from crawler.terminal import clean, console, pad, shorten, width

anything = st.text(st.characters(exclude_categories=()) | st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp"]))


@given(text=anything, lines=st.booleans())
@settings(max_examples=50)
def test_no_control_survives(text: str, lines: bool) -> None:
    shown = clean(text, lines=lines)
    kept = shown.replace("\n", "") if lines else shown
    assert not [char for char in kept if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert clean(shown, lines=lines) == shown
    shown.encode()


@given(text=st.text(st.characters(categories=["L", "N", "P", "S", "Co"])))
@settings(max_examples=30)
def test_text_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m红\x1b[0m", "\ufffd[31m红\ufffd[0m"),
        ("a\x9b2Jb", "a\ufffd2Jb"),
        ("文件\u202efdp.exe", "文件fdp.exe"),
        ("通\u200b知", "通知"),
        ("一\r\n二\u2028三\t四", "一 二 三 四"),
        ("\ud83d", "\ufffd"),
        ("　全角\xa0空格", "　全角\xa0空格"),
    ],
)
def test_what_a_reader_sees(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_lines_are_kept_when_asked() -> None:
    assert clean("一\r\n二\x85三\r四", lines=True) == "一\n二\n三\n四"


def test_console_reads_nothing_into_text(capsys: pytest.CaptureFixture[str]) -> None:
    long = "字" * 200
    console().print("[bold]甲[/bold] :smile: 42")
    console().print(Text(long))
    console(stderr=True).print("乙")
    out, err = capsys.readouterr()
    assert out == f"[bold]甲[/bold] :smile: 42\n{long}\n"
    assert err == "乙\n"


@given(text=st.text("通知a1，"), cells=st.integers(0, 12))
@settings(max_examples=50)
def test_columns_line_up(text: str, cells: int) -> None:
    assert width(pad(text, cells)) == cells
    assert width(shorten(text, cells)) <= cells


def test_shortened_text_says_so() -> None:
    assert shorten("关于补贴", 8) == "关于补贴"
    assert shorten("关于补贴标准", 8) == "关于补…"
    assert pad("通知", 6) == "通知  "
