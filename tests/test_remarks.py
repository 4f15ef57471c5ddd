"""What the program writes into an archive can be read in Chinese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from crawler.language import LANGUAGES
from crawler.language.remarks import in_chinese
from tests.conftest import ROOT

# What stands in a remark where the code has an expression; a number elsewhere.
SAMPLES = {
    "url": "https://example.org/list.html", "host": "example.org", "name": "example.org", "parts.netloc": "example.org",
    "origin": "https://example.org", "address": "10.0.0.1", "fetch.location": "https://example.org/new/",
    "target.netloc": "example.org", "target.path": "/login", "extraction.failure": "encrypted", "why": "status 403",
    "fetch.detail": "no answer", "fetch.reason": "status 404", "keys": "`documents` takes", "sent[0]": "https://example.org/login",
    "elsewhere[0]": "https://other.example/",
    "fetch.outcome or 'refused'": "refused", "fetch.error or f'status {fetch.status}'": "timeout",
    "self._said.get(origin, 'no answer')": "no answer", "outcome": "gone", "reason": "status 404", "told": "",
    "days[-1]": "2026-11-20", "many(longest.days, 'day')": "3 days", "many(named, 'document')": "1 document",
    "named_here": "2 addresses", "took": "7.1", "' '.join(match[0].split())[:60]": "请稍候",
    "many(state.failures, 'run')": "3 runs", "f'; the last one: {last}' if last else ''": "; the last one: it failed",
    "_minute(one.ended_at)": "2026-11-20 08:00 UTC", "_span(late)": "3 days", "_span(period)": "6 hours",
}  # fmt: skip
# Module -> what in it makes a remark: functions whose returns do, names that are given one, keywords.
SAID = {
    "judge.py": ("judge", "_sent_away", "_refused", "_attachment", "_page", "_block_page"),
    "judging.py": ("judgement", "reason", "stranger"),
    "life.py": ("reason", "state_reason"),
    "gate.py": ("refusal", "DNSLookupError"),
    "robots.py": ("DisallowedByRobots",),
    "health.py": ("detail", "told"),
    "notify/alerts.py": ("text",),
}
NOT_WHOLE = {"f', {usual:.1f} s the time before' if usual is not None else ''"}


def remarks(module: str, makers: tuple[str, ...]) -> Iterator[str]:
    """Yield the remarks that a module can make, with samples in place of what it would fill in."""
    tree = ast.parse((ROOT / "crawler" / module).read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name in makers:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    told = inner.value.elts[-1] if isinstance(inner.value, ast.Tuple) else inner.value
                    yield from texts(told)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in makers:
            yield from texts(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in makers:
            for argument in node.args:
                yield from texts(argument)
        elif isinstance(node, ast.keyword) and node.arg in makers:
            yield from texts(node.value)


def texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else SAMPLES.get(ast.unparse(part.value), "7")
            for part in node.values
            if isinstance(part, ast.Constant | ast.FormattedValue)
        )


@pytest.mark.parametrize("module", SAID)
def test_every_remark_has_its_chinese_form(module: str) -> None:
    found = [remark for remark in remarks(module, SAID[module]) if not remark.startswith(", ")]
    assert found, "the test sees none"
    known = {"7": "a status alone stands for three digits"}
    for remark in found:
        if remark not in known:
            assert re.search(r"[\u4e00-\u9fff]", in_chinese(remark)), remark


def test_remarks_within_remarks_and_the_words_of_pages() -> None:
    zh, en = LANGUAGES["zh"].remark, LANGUAGES["en"].remark
    fault = "3 runs in a row went wrong; the last one: http_error: https://example.org/list.html: status 500"
    assert zh(fault) == "连续 3 次运行出错；最近一次：HTTP 错误：https://example.org/list.html：状态码 500"
    assert en(fault) == fault and en(None) == zh(None) == ""
    assert zh("gone: status 404") == "已删除：状态码 404"
    assert zh("a short page that says: {n}; gone: x") == "页面很短，写着：{n}; gone: x", "what a page says stays"
    deep = "gone: " * 50 + "status 404"
    assert zh(deep).startswith("已删除：已删除："), "a page cannot lead it down for long"
    for strange in ("", "{0}", "％s", "nothing that is known", "a: b", "refused: no"):
        assert zh(strange) == strange
