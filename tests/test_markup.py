from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiders.markup import LONGEST_TAG, clean, decode, parse

CHINESE = "关于印发《社区图书室管理办法》的通知，各区县人民政府，市政府各部门："


@pytest.mark.parametrize(
    ("body", "content_type", "encoding"),
    [
        (CHINESE.encode(), "text/html; charset=utf-8", "utf-8"),
        (CHINESE.encode(), "text/html", "utf-8"),
        (CHINESE.encode("gbk"), "text/html", "gb18030"),
        (CHINESE.encode("gbk"), "text/html; charset=GB2312", "gb18030"),
        (b'<meta charset="gbk">' + CHINESE.encode("gbk"), "text/html", "gb18030"),
        (
            b'<meta http-equiv="Content-Type" content="text/html; charset=gb2312">' + CHINESE.encode("gbk"),
            "",
            "gb18030",
        ),
        (b'<?xml version="1.0" encoding="gbk"?>' + CHINESE.encode("gbk"), "", "gb18030"),
        (CHINESE.encode("utf-8-sig"), "text/html; charset=gbk", "utf-8"),
        (CHINESE.encode("utf-16"), "text/html; charset=gbk", "utf-16"),
        (CHINESE.encode(), "text/html; charset=no-such-thing", "utf-8"),
        (CHINESE.encode(), "text/html; charset=rot13", "utf-8"),
        # Declared wrongly.
        (CHINESE.encode("gbk"), "text/html; charset=utf-8", "gb18030"),
        (CHINESE.encode(), "text/html; charset=gbk", "utf-8"),
        (CHINESE.encode("gbk"), "text/html; charset=iso-8859-1", "gb18030"),
    ],
)
def test_decode_finds_the_encoding(body: bytes, content_type: str, encoding: str) -> None:
    text, name = decode(body, content_type)
    assert name == encoding
    assert text.endswith(CHINESE)


def test_decode_reads_latin_1_as_browsers_do() -> None:
    assert decode(b"caf\xe9 \x93x\x94", "text/html; charset=iso-8859-1") == ("café “x”", "cp1252")


def test_decode_keeps_a_page_with_one_broken_byte() -> None:
    text, name = decode(CHINESE.encode() + b"\xff" + CHINESE.encode(), "text/html; charset=utf-8")
    assert name == "utf-8"
    assert text.count(CHINESE) == 2


def test_characters_outside_gb2312_survive() -> None:
    assert decode("堃镕喆".encode("gb18030"), "text/html; charset=gb2312")[0] == "堃镕喆"


@given(st.binary(max_size=300), st.text(max_size=40))
@settings(max_examples=50)
def test_decode_and_parse_take_anything(body: bytes, content_type: str) -> None:
    text, _ = decode(body, content_type)
    parse(text)


def test_control_characters_and_references_to_them_become_spaces() -> None:
    tree = parse("<p>a&#8;b&#x1b;c&#11;d\x00e\x1bf&#150;g&#20013;</p>")
    assert tree is not None
    assert tree.text_content() == "a b c d e f–g中"
    assert clean("a&#0;b&#xD800;c&amp;") == "a b c&amp;"


@pytest.mark.parametrize("text", ["", "   ", "\x00\x00", "<!-- nothing -->"])
def test_nothing_is_no_tree(text: str) -> None:
    assert parse(text) is None


def test_a_tag_no_honest_page_has_is_refused() -> None:
    assert parse("<p>x</p><div " + "a=1 " * LONGEST_TAG + ">y</div>") is None


def test_a_picture_in_the_page_and_a_long_script_are_honest() -> None:
    picture = f'<img src="data:image/png;base64,{"A" * 2 * LONGEST_TAG}">'
    script = f"<script>if (1 <a){'x' * 2 * LONGEST_TAG}</script>"
    tree = parse(f"<p>one</p>{picture}{script}<p>two</p>")
    assert tree is not None
    assert [p.text for p in tree.iter("p")] == ["one", "two"]


def test_entities_are_not_resolved() -> None:
    tree = parse('<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><p>a &x; b</p>')
    assert tree is not None
    assert "root:" not in tree.text_content()


@pytest.mark.parametrize("depth", [300, 3_000])
def test_deep_nesting_loses_no_text(depth: int) -> None:
    tree = parse("<div>" * depth + "inside" + "</div>" * depth + "<p>after</p>")
    assert tree is not None
    assert "inside" in tree.text_content()
    assert "after" in tree.text_content()


@pytest.mark.parametrize("piece", ["<a ", "<", "&#", "<meta charset ", "<?xml ", "charset=", "<![CDATA[", "data:"])
def test_parse_is_linear(piece: str) -> None:
    text = piece * 100_000
    start = time.process_time()
    decode(text.encode(), "text/html")
    parse(text)
    assert time.process_time() - start < 2


def test_accents_are_no_hanzi() -> None:
    french = "Le décret relatif à la qualité de l'eau a été publié ; l'arrêté précisera les modalités d'exécution. "
    assert decode((french * 3).encode("cp1252"), "text/html; charset=iso-8859-1")[1] == "cp1252"


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_long_value_costs_that_value_only(quote: str) -> None:
    tree = parse(f"<p>前</p><a href={quote}/{'u' * 70_000}{quote}>附件</a><p title='短'>后</p>")
    assert tree is not None
    assert "".join(tree.itertext()) == "前附件后"
    assert [each.get("title") for each in tree.iter("p")] == [None, "短"]


@pytest.mark.parametrize(
    "page",
    [
        "<div " + " ".join(f"a{n}='>'" for n in range(100_000)) + ">x</div>",
        "<div " + " ".join(f"a{n}=1" for n in range(100_000)) + ">x</div>",
        "<p><td><li>" * 120_000,
    ],
    ids=["quoted", "plain", "tags"],
)
def test_a_flood_is_told_at_once(page: str) -> None:
    started = time.process_time()
    assert parse(page) is None
    assert time.process_time() - started < 2


def test_a_long_comment_is_no_flood() -> None:
    tree = parse("<!-- " + "a<b " * 400_000 + " --><p>正文</p>")
    assert tree is not None
    assert "".join(tree.itertext()).strip() == "正文"


@pytest.mark.parametrize("piece", ['<a "', "<a '\"", '="', '<p a="', "='x=\"y", "<!-- ", 'it\'s "a" <b '], ids=range(7))
def test_odd_quotes_cost_linear_time(piece: str) -> None:
    started = time.process_time()
    parse(piece * (1_000_000 // len(piece)))
    assert time.process_time() - started < 3
