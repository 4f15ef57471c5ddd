"""A web page to blocks and fields; pure."""

from __future__ import annotations

import re
from datetime import date

from lxml import html

from crawler.extract.days import Bound
from crawler.extract.fields import fields_of
from crawler.extract.flow import Line, fold
from crawler.extract.hidden import remove_hidden
from crawler.extract.omissions import omissions
from crawler.extract.page import Page, selected
from crawler.extract.pager import attachments_of, parts_of
from crawler.extract.reduced import fingerprint, reduce
from crawler.extract.rules import KNOWN, Rules
from crawler.extract.titles import head_of, headings_of, title_keys, title_of
from spiders.address import canonicalize
from spiders.markup import decode, parse
from storage.model import Block, BlockKind, Extraction, Fields, Signs

_REFRESH = re.compile(
    r"^\s{0,9}[\d.]{0,9}\s{0,9}[;,]\s{0,9}(?:url\s{0,9}=\s{0,9})?['\"]?([^'\"]{1,2000})", re.IGNORECASE
)
_ENDED = re.compile(r"</(?:html|body)\b", re.IGNORECASE)


def _signs(tree: html.HtmlElement, text: str, url: str) -> Signs:
    title = tree.find(".//title")
    refresh = None
    for tag in tree.iter("meta"):
        if (tag.get("http-equiv") or "").strip().lower() == "refresh":
            match = _REFRESH.match(tag.get("content") or "")
            refresh = canonicalize(match[1], url) if match else None
            break
    return Signs(
        title=fold("".join(title.itertext())[:5_000])[:300] if title is not None else "",
        scripts=sum(1 for _ in tree.iter("script")),
        password_field=any((tag.get("type") or "").lower() == "password" for tag in tree.iter("input")),
        refresh=refresh,
        ended=bool(_ENDED.search(text)),
    )


def _canonical(tree: html.HtmlElement, url: str) -> str | None:
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split():
            return canonicalize(link.get("href") or "", url) if link.get("href") else None
    return None


def extract_html(
    body: bytes, *, url: str, content_type: str, fetched_on: date, rules: Rules, known: str = ""
) -> Extraction:
    """Return the blocks and fields of a web page.

    Pure.
    """
    text, _ = decode(body, content_type)
    tree = parse(text)
    if tree is None:
        return Extraction(failure="empty" if not text.strip() else "broken")
    # As long as they are held, lxml makes none of its elements a second time, whoever walks through the tree.
    held = list(tree.iter())
    reduce(tree, selected=bool(rules.keep or rules.drop))
    signs = _signs(tree, text, url)
    reads = fingerprint(tree, ended=signs.ended)
    if reads == known:
        return Extraction(failure=KNOWN, reads=reads)
    canonical = _canonical(tree, url)
    parts = parts_of(tree, url)
    head = head_of(tree)
    remove_hidden(tree)
    for element in selected(tree, rules.drop):
        if element.getparent() is not None and element.tag not in ("html", "body"):
            element.drop_tree()
    shell = tree.find("body")
    page = Page(tree if shell is None else shell, url, rules, title_keys(head))
    visible = "".join(line.key for line in page.lines)
    signs = Signs(
        title=signs.title,
        visible_chars=len(visible),
        opening=" ".join(line.text.replace("\n", " ") for line in page.lines[:200])[:1_000],
        scripts=signs.scripts,
        password_field=signs.password_field,
        refresh=signs.refresh,
        ended=signs.ended,
    )
    if page.container is None:
        return Extraction(
            fields=Fields(title=title_of(head, page.lines, headings_of(tree))),
            parts=parts,
            canonical=canonical,
            signs=signs,
            failure="empty",
            reads=reads,
        )
    title = title_of(
        head, page.lines, page.headings(), page.labelled.values.get("title"), page.named(), page.first_prose()
    )
    blocks, kept, margin = _blocks(page, title)
    near = page.near(title)
    bound = Bound(fetched_on, url)
    fields = fields_of(
        head,
        title=title,
        near=near,
        body=kept,
        margin=[*margin, *page.after()],
        labels=page.labelled.values,
        bound=bound,
    )
    held.clear()
    return Extraction(
        blocks=blocks,
        outside=page.outside(),
        fields=fields,
        parts=parts,
        attachments=attachments_of(page.file_anchors(), url),
        canonical=canonical,
        signs=signs,
        failure=None if any(block.left_out is None for block in blocks) else "empty",
        # With a day refused, the same page may be another one tomorrow.
        reads="" if bound.refused else reads,
    )


def _blocks(page: Page, title: str | None) -> tuple[tuple[Block, ...], list[Line], list[Line]]:
    """Return the blocks of the document, the lines that stay, and those that say who made it."""
    blocks: list[Block] = []
    kept: list[Line] = []
    margin: list[Line] = []
    owner: html.HtmlElement | None = None
    for place, reason in zip(page.inside, omissions(page, title), strict=True):
        line = page.lines[place]
        if reason is None:
            kept.append(line)
        elif reason in ("editorial", "byline"):
            margin.append(line)
        parent = line.element.getparent() if line.kind is BlockKind.LIST else None
        last = blocks[-1] if blocks else None
        if parent is not None and parent is owner and last is not None and last.left_out == reason:
            blocks[-1] = Block(kind=BlockKind.LIST, text=f"{last.text}\n{line.text}", left_out=reason)
        else:
            blocks.append(Block(kind=line.kind, text=line.text, left_out=reason))
        owner = parent
    return tuple(blocks), kept, margin
