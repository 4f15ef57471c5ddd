from __future__ import annotations

import logging
import re
import time
from pathlib import Path

import pytest

from spiders import patterns
from spiders.keys import parse
from spiders.patterns import found, problem
from spiders.source import Source

SLOW = ["(a+)+$", "(a|aa)+$", "^/(0|00)+x$"]
FAST = [
    r"/t20\d{6}_\d+\.html",
    r"^/(?:zc|gk)/[^/]+/\d{4}/\d{1,2}/[^/]+\.s?html?$",
    r"(?i)/content_\d+\.htm$",
    r"^/zwgk/(?:[a-z0-9-]+/){0,4}t\d{8}_\d+(?:_\d+)?\.html$",
    r".*/art/.*",
]


@pytest.mark.parametrize("pattern", SLOW)
def test_a_slow_pattern_is_told_at_once(pattern: str) -> None:
    started = time.process_time()
    said = problem(pattern)
    assert said is not None and "takes too long" in said and "\n" not in said
    assert time.process_time() - started < 2


@pytest.mark.parametrize("pattern", FAST)
def test_honest_patterns_are_taken(pattern: str) -> None:
    assert problem(pattern) is None


def test_a_source_file_with_a_slow_pattern_is_refused() -> None:
    text = 'publisher = "x"\nlists = "https://www.example.cn/"\ndocuments = \'(a+)+$\'\n'
    problems = parse(text, Path("cn_test.toml"))
    assert isinstance(problems, tuple)
    assert len(problems) == 1 and problems[0].startswith("cn_test.toml:3: documents: '(a+)+$' takes too long")


def test_what_is_slow_on_one_address_costs_a_moment(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No probe knows all patterns: a look that takes too long is the last one."""
    monkeypatch.setattr(patterns, "_slow", set())
    source = Source(name="cn_test", publisher="x", hosts=("www.example.cn",), documents=("(q+)+$",))
    started = time.process_time()
    with caplog.at_level(logging.WARNING):
        for _ in range(1_000):
            assert not source.is_document("https://www.example.cn/" + "q" * 100_000 + "!")
    assert time.process_time() - started < 1
    assert len(caplog.records) == 1 and "takes too long" in caplog.text


def test_patterns_are_found_as_re_finds_them() -> None:
    for pattern in FAST:
        for text in ("/zc/t20240506_4001.html", "/zc/a/2024/5/x.shtml", "/CONTENT_1.htm", "/art/1"):
            assert found(pattern, text) == (re.search(pattern, text) is not None)
