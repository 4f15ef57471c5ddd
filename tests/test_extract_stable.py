"""The same text in other markup is the same text: sites are rebuilt more often than notices are."""

from __future__ import annotations

import copy
import json
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree, html

from crawler.extract import extract
from crawler.extract.flow import squeeze
from crawler.extract.furniture import place_of
from spiders.markup import decode, parse

CASES = sorted(Path(__file__).parent.glob("cases/*/*/meta.json"))


def tree_of(case: Path) -> html.HtmlElement:
    meta = json.loads(case.read_text("utf-8"))
    text, _ = decode(case.with_name("page.html").read_bytes(), meta["content_type"])
    tree = parse(text)
    assert tree is not None
    return tree


def text_of(case: Path, tree: html.HtmlElement) -> str:
    """Return what stays of a page, white space and the borders of blocks aside."""
    meta = json.loads(case.read_text("utf-8"))
    found = extract(
        etree.tostring(tree, method="html", encoding="utf-8"),
        url=meta["url"],
        content_type="text/html; charset=utf-8",
        fetched_on=date.fromisoformat(meta["fetched_on"]),
    )
    return squeeze("".join(block.text for block in found.blocks if block.left_out is None))


def _move(element: html.HtmlElement, box: html.HtmlElement) -> None:
    """Put all that an element holds into a new box within it."""
    box.text, element.text = element.text, None
    box.extend(list(element))
    element.append(box)


def other_names(tree: html.HtmlElement) -> None:
    for element in tree.iter(etree.Element):
        for name in ("class", "id"):
            # A menu that is called one is known by that; another name for the text must not matter.
            if (value := element.get(name)) and not place_of(element) and not list(tree.iter("style")):
                element.set(name, " ".join(f"k{zlib.crc32(word.encode()):x}" for word in value.split()))


def divisions(tree: html.HtmlElement) -> None:
    for element in list(tree.iter("p")):
        element.tag = "div"


def sections(tree: html.HtmlElement) -> None:
    for element in list(tree.iter("div")):
        element.tag = "section"


def boxed_paragraphs(tree: html.HtmlElement) -> None:
    for element in list(tree.iter("p")):
        box, tail = etree.Element("div"), element.tail
        element.tail = None
        element.getparent().replace(element, box)
        box.append(element)
        box.tail = tail


def boxed_page(tree: html.HtmlElement) -> None:
    _move(tree.find("body"), etree.Element("div"))


def spans(tree: html.HtmlElement) -> None:
    for element in list(tree.iter("p")):
        _move(element, etree.Element("span", style="font-size:16px"))


def breaks(tree: html.HtmlElement) -> None:
    for element in list(tree.iter("p")):
        if not element.attrib and element.getparent().tag == "div":
            element.append(etree.Element("br"))
            element.insert(0, etree.Element("br"))
            element[0].tail, element.text = element.text, None
            element.drop_tag()


def hidden(tree: html.HtmlElement) -> None:
    for style in ("display:none", "font-size:0", "position:absolute;left:-9999px"):
        box = etree.SubElement(tree.find("body")[0], "div", style=style)
        box.text = "最好的茶具批发 价格优惠 欢迎来电咨询选购。"


CHANGES: list[Callable[[html.HtmlElement], None]] = [
    other_names,
    divisions,
    sections,
    boxed_paragraphs,
    boxed_page,
    spans,
    breaks,
    hidden,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_page_in_other_markup_says_the_same(change: Callable[[html.HtmlElement], None]) -> None:
    for case in CASES:
        tree = tree_of(case)
        before = text_of(case, copy.deepcopy(tree))
        change(tree)
        assert text_of(case, tree) == before, case.parent.name


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    case=st.sampled_from(CASES), changes=st.lists(st.sampled_from(CHANGES[:-1]), min_size=2, max_size=4, unique=True)
)
def test_a_page_rebuilt_says_the_same(case: Path, changes: list[Callable[[html.HtmlElement], None]]) -> None:
    tree = tree_of(case)
    before = text_of(case, copy.deepcopy(tree))
    for change in changes:
        change(tree)
    assert text_of(case, tree) == before
