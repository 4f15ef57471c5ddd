"""Hidden text is not read, by whatever route a page hides it; what a reader sees is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_extract import BODY, extracted, kept, page, paragraphs

SPAM = "这里有一段谁也看不见的文字，它混在正文里面，说的是别的事情。"
STYLES = (
    "display:none",
    "DISPLAY : none !important",
    "visibility:hidden",
    "visibility:collapse",
    "content-visibility:hidden",
    "opacity:0",
    "opacity:0.0",
    "filter:opacity(0)",
    "filter:alpha(opacity=0)",
    "-moz-opacity:0",
    "transform:scale(0)",
    "transform:scale(0,0)",
    "transform:scaleY(0)",
    "transform:translateX(-9999px)",
    "transform:translate(-200vw)",
    "max-height:0;overflow:hidden",
    "height:0;overflow:hidden",
    "height:1px;width:1px",
    "width:0;overflow:hidden;white-space:nowrap",
    "line-height:0;overflow:hidden",
    "text-indent:-9999em",
    "text-indent:9999px;overflow:hidden",
    "position:absolute;left:-200vw",
    "position:fixed;top:-3000px",
    "position:relative;left:-9999px",
    "position:absolute;left:9999px",
    "margin-left:-9999px",
    "position:absolute;inset:-9999px",
    "position:absolute;clip:rect(0,0,0,0)",
    "position:absolute;clip:rect(1px 1px 1px 1px)",
    "clip-path:inset(100%)",
    "clip-path:circle(0)",
    "clip-path:polygon(0 0, 0 0, 0 0, 0 0)",
    "mask:linear-gradient(transparent,transparent)",
    "-webkit-mask-image:linear-gradient(to right, transparent, transparent)",
    "zoom:0",
    "font-size:0",
    "font-size:0px;line-height:0",
    "font-size:1px",
    "font:0/0 a;font-size:0",
    "color:transparent",
    "color:rgba(0,0,0,0)",
    "color:#ffffff00",
    "color:#fff;background:#ffffff",
    "color:#fefefe;background-color:white",
    "color:rgb(255, 255, 255);background:rgb(255,255,255)",
)
MARKED = (
    "<p hidden>{}</p>",
    "<dialog><p>{}</p></dialog>",
    "<template><p>{}</p></template>",
    "<noscript><p>{}</p></noscript>",
    '<div style="background:#fff"><div><p style="color:#fff">{}</p></div></div>',
    '<table bgcolor="#ffffff"><tr><td><font color="#FFFFFF">{}</font></td></tr></table>',
    '<p><font color="white">{}</font></p>',
    '<p style="color:#fff">{}</p>',
    '<div style="background-color:#000;color:#000"><p>{}</p></div>',
    '<marquee width="1" height="1">{}</marquee>',
    "<textarea>{}</textarea>",
)
SHEETS = (
    ".z9{display:none}",
    "p.z9 { position:absolute ; left:-9999px }",
    ".t .z9{visibility:hidden}",
    "#none, div.t > p.z9{display:none}",
    "@media screen{.z9{display:none}}",
    "@media (min-width:1px){.z9{display:none}}",
    "@supports (display:grid){.z9{display:none}}",
    "@import url(a.css);.z9{display:none}",
    "/* } */.z9{font-size:0}",
    ".z9{opacity:0}",
    ".z9{height:0;overflow:hidden}",
    ".z9{color:#fff;background:#fff}",
    ".t{background:#fff}.z9{color:#fff}",
    "body{background:#ffffff}.z9{color:white}",
    ".z9{transform:scale(0)}",
    ".z9.k{display:none}",
)


def routes() -> list[tuple[str, str]]:
    """Return head and body of a hidden block, by each route."""
    found = [("", f'<p style="{style}">{SPAM}</p>') for style in STYLES]
    found += [
        ("", f'<div style="{style}"><p>{SPAM}</p><p><a href="http://x.example/">{SPAM}</a></p></div>')
        for style in STYLES
    ]
    found += [("", marked.format(SPAM)) for marked in MARKED]
    found += [(f"<style>{sheet}</style>", f'<p class="z9 k">{SPAM}</p>') for sheet in SHEETS]
    return found


def test_text_hidden_by_any_route_is_not_read() -> None:
    clean = list(BODY)
    for head, block in routes():
        for body in (BODY[0] + block + paragraphs(BODY[1:]), block + paragraphs(), paragraphs() + block):
            assert "".join(kept(extracted(page(body, head=head)))) == "".join(clean), (head, block)


@settings(max_examples=60, deadline=None)
@given(
    blocks=st.lists(st.sampled_from(routes()), min_size=1, max_size=4),
    place=st.integers(0, len(BODY)),
    times=st.integers(1, 8),
)
def test_a_hidden_block_never_changes_the_text(blocks: list[tuple[str, str]], place: int, times: int) -> None:
    head = "".join(head for head, _ in blocks)
    hidden = "".join(block for _, block in blocks) * times
    body = paragraphs(BODY[:place]) + hidden + paragraphs(BODY[place:])
    text = "".join(kept(extracted(page(body, head=head))))
    # Blocks that a sheet hides in a way that scripts often undo are believed where they are few and short.
    if times * len(blocks) <= 3 or not head:
        assert text == "".join(BODY)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("<style>.s{display:none}.s.on{display:block}</style>", '<div class="s on">{}</div>'),
        ("<style>.s{opacity:0;transition:opacity 1s}</style>", '<div class="s">{}</div>'),
        ("<style>.no-js .s{display:none}</style>", '<div class="s">{}</div>'),
        ("<style>@media print{.s{display:none}}</style>", '<div class="s">{}</div>'),
        ("<style>@media (max-width:600px){.s{display:none}}</style>", '<div class="s">{}</div>'),
        ("", '<div style="background:#036"><p style="color:#fff">{}</p></div>'),
        ("", '<div style="background:url(a.png)"><p style="color:#fff">{}</p></div>'),
        ("", '<p style="opacity:0.9;font-size:12px">{}</p>'),
        ("", '<p style="margin-left:-20px;text-indent:-2em;line-height:1">{}</p>'),
        ("", '<p style="position:relative;left:0;top:-3px;height:auto;overflow:hidden">{}</p>'),
        ("", '<p style="color:#333;background:#fff">{}</p>'),
        (
            "",
            '<div><p><font color="white">第一条</font></p><p><font color="white">{}</font></p>'
            '<p><font color="#fff">第三条</font></p></div>',
        ),
        ("", "<details><summary>第一条</summary><p>{}</p></details>"),
        ("", '<div style="transform:translateX(0)"><p style="clip-path:none;mask:none">{}</p></div>'),
    ],
)
def test_what_is_seen_is_read(head: str, body: str) -> None:
    said = "本通知自发布之日起施行，原有规定与本通知不一致的，以本通知为准。"
    text = kept(extracted(page(paragraphs() + body.format(said), head=head)))
    assert said in text


def test_a_text_that_a_script_shows_is_read_whatever_else_is_hidden() -> None:
    other = '<div style="display:none">' + "另一段看不见的文字，长得很。" * 30 + "</div>"
    for mark in ('id="js_content" style="visibility:hidden;opacity:0"', 'class="t2" style="visibility:hidden"'):
        body = f"<h1>通知</h1><div {mark}>{paragraphs()}</div>"
        for after in ("", other if "js_content" in mark else ""):
            found = extracted(f"<html><body>{body}{after}</body></html>")
            assert kept(found)[-5:] == list(BODY), mark


def test_a_hidden_farm_of_links_is_never_read_however_large() -> None:
    farm = (
        '<div style="display:none">'
        + "".join(f'<a href="http://x{n}.example/">购买{n}号商品</a> ' for n in range(800))
        + "</div>"
    )
    assert kept(extracted(page(paragraphs(), after=farm))) == list(BODY)


def test_many_coloured_elements_take_seconds() -> None:
    coloured = '<font color="#fff">字</font>' * 8_000
    nested = '<span style="color:#fff">' * 3_000 + "字"
    started = time.perf_counter()
    extracted(page(f"{paragraphs()}<p>{coloured}</p><p>{nested}</p>"))
    assert time.perf_counter() - started < 10


@pytest.mark.parametrize(
    "selector",
    [
        ".gone",
        "SECTION.gone",
        "p.none, .other , .gone",
        "body\n.gone",
        "#box>.gone",
        "#box .gone.twice",
        "#gone",
        "section",
        "SECTION",
        ".gone >",
    ],
)
def test_a_rule_is_found_by_whatever_its_selector_ends_in(selector: str) -> None:
    hidden = f'<div id="box"><section id="gone" class="gone twice">{SPAM}</section></div>'
    sheet = f"<style>.elsewhere{{color:red}} {selector}{{display:none}} .elsewhere .gone-not{{display:block}}</style>"
    assert kept(extracted(page(paragraphs() + hidden, head=sheet))) == list(BODY)


@pytest.mark.parametrize(
    ("sheet", "shown"),
    [
        (".later{display:none} p.later{display:block}", True),
        (".later{display:block} .later{display:none}", False),
        (".later{display:none} .elsewhere,.later{display:block}", True),
        ("P{display:block} .later{display:none}", False),
        ("p.later{display:block} .later{display:none}", True),
        (".later{display:none} p{display:block}", False),
    ],
)
def test_the_stronger_rule_decides_wherever_it_stands(sheet: str, *, shown: bool) -> None:
    last = f'<p class="later">{SPAM}</p>'
    found = kept(extracted(page(paragraphs() + last, head=f"<style>{sheet}</style>")))
    assert found == [*BODY, SPAM] if shown else found == list(BODY)


def test_copies_of_another_text_for_machines_are_not_shown() -> None:
    other = "".join(f"<p>第{n}段讲的是另一个页面的事情，篇幅比本文长，只给机器看，读者看不到。</p>" for n in range(12))
    copies = f'<div style="display:none;">{other}</div><div class="x"><div style="display:none">{other}</div></div>'
    assert kept(extracted(page(paragraphs() + copies))) == list(BODY)
