from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy import Request

from spiders.address import LONGEST_ADDRESS, canonicalize

BASE = "https://www.example.gov.cn/zcfg/2024/index.html?page=2"

pieces = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["/", "//", "..", ".", "?", "&", "=", "#", "\\", "@", "'", ":80", ":443", "[::1]", "政策"]),
    st.sampled_from(["%", "%zz", "%41", "%2e%2e", "%e4%bd", ";jsessionid=", "utm_source=", "spm=1", "from=a"]),
    st.sampled_from(["sid=", "0123456789abcdef"]),
)
starts = st.sampled_from(["", "http://h.example", "HTTPS://H.example/", "//h.example/", "http://例え.テスト", "http:"])
addresses = st.builds(lambda start, rest: start + "".join(rest), starts, st.lists(pieces, max_size=8))


@settings(max_examples=50)
@given(addresses, st.sampled_from([None, BASE]))
def test_idempotent_and_the_same_for_scrapy(url: str, base: str | None) -> None:
    once = canonicalize(url, base)
    if once is not None:
        assert canonicalize(once) == once
        assert canonicalize(once, BASE) == once
        assert once.isascii() and len(once) <= LONGEST_ADDRESS
        assert urlsplit(once).scheme in {"http", "https"}
        assert Request(once).url == once


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://WWW.Example.GOV.cn:80", "http://www.example.gov.cn/"),
        ("https://h.example:443/a#top", "https://h.example/a"),
        ("https://h.example:80/a", "https://h.example:80/a"),
        ("http://h.example./a", "http://h.example/a"),
        ("http://例え.テスト/", "http://xn--r8jz45g.xn--zckzah/"),
        ("http://h.example/政策?q=通知", "http://h.example/%E6%94%BF%E7%AD%96?q=%E9%80%9A%E7%9F%A5"),
        ("http://h.example/%7euser/%2f%e4", "http://h.example/~user/%2F%E4"),
        ("http://h.example/a%2541", "http://h.example/a%2541"),
        ("http://h.example/50%", "http://h.example/50%25"),
        ("http://h.example/a/./b/../c/..", "http://h.example/a/"),
        ("http://h.example/../../a", "http://h.example/a"),
        ("http://h.example/a/%2E%2e/b", "http://h.example/b"),
        ("http://h.example//a//b", "http://h.example//a//b"),
        ("http://h.example/a?", "http://h.example/a"),
        ("http://[2001:DB8::0:1]:8080/", "http://[2001:db8::1]:8080/"),
        ("http://h.example/p;jsessionid=0A1b?PHPSESSID=77&id=3", "http://h.example/p?id=3"),
        ("http://h.example/p?b=2&utm_source=x&a=1&spm=1.2&GCLID=z", "http://h.example/p?b=2&a=1"),
        ("http://h.example/p?ASPSESSIONIDQQ=AB&x", "http://h.example/p?x"),
        ("http://h.example/p?sid=0123456789abcdef0", "http://h.example/p"),
        ("http://h.example/p?sid=12", "http://h.example/p?sid=12"),
        ("http://h.example/p?from=timeline&ref=home", "http://h.example/p"),
        ("http://h.example/p?from=2024-01-01&ref=AB-12", "http://h.example/p?from=2024-01-01&ref=AB-12"),
        ("  /zwgk/a.html\n", "https://www.example.gov.cn/zwgk/a.html"),
        ("./t1.html", "https://www.example.gov.cn/zcfg/2024/t1.html"),
        ("..\\t1.html", "https://www.example.gov.cn/zcfg/t1.html"),
        ("?page=3", "https://www.example.gov.cn/zcfg/2024/index.html?page=3"),
        ("//other.example/x", "https://other.example/x"),
        ("#top", "https://www.example.gov.cn/zcfg/2024/index.html?page=2"),
    ],
)
def test_one_spelling(url: str, expected: str) -> None:
    assert canonicalize(url, BASE) == expected


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "mailto:a@example.org",
        "tel:+8610",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://h.example/x",
        "blob:x",
        "http:///nohost",
        "http:x",
        "///h.example/x",
        "//",
        "http://[::1",
        "http://[fe80::1%25eth0]/",
        "http://h.example:99999/",
        "http://h.example:abc/",
        "http://h.example:0/",
        "http://user:pw@h.example/",
        "http://user@h.example/",
        "http://h ost.example/",
        "http://h%2eexample/",
        "http://.example/",
        "http://-h.example/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://127.1/",
        "http://010.0.0.1/",
        "http://\x00/",
        "http://h.example/a\nb",
        "http://h.example/\ud800",
        "http://h.example/" + "a" * 2_000,
        "http://h.example/" + "策" * 1_000,
        "http://" + "a" * 64 + ".example/",
    ],
)
def test_nothing_we_fetch(url: str) -> None:
    assert canonicalize(url, BASE) is None


def test_relative_without_a_base_is_nothing() -> None:
    assert canonicalize("/a.html") is None
    assert canonicalize("a.html", "javascript:x") is None
