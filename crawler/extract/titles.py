"""What the head of a page claims, and the title on which most places of the page agree; pure."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import html

from crawler.extract.flow import Line, fold, lines_of, squeeze, weight

_LONGEST_TITLE = 300
_SUPPORT = {"h1": 1.4, "farther h1": 1.0, "label": 1.5, "named": 0.9}
_JSON_CHARS = 200_000
_TITLE_SEPARATORS = re.compile(
    r"\s*[_|｜–—»«›]+\s*|\s+[-·•:：]+\s+|-{1,2}(?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff])-{1,2}"
)
# What programs that make pages put where nobody wrote a title.
_NO_TITLE = re.compile(
    r"^(?:无标题(?:文档|页)|未命名(?:文档|页面)?|新建(?:网页|页面)|(?:untitled|new) (?:document|page)|document"
    r"|untitled)\s?\d{0,3}$",
    re.IGNORECASE,
)
# What tells a heading of another page: so many words, of which the text uses so few, and of the title in the head many.
_FEWEST_TITLE_WORDS = 3
_OPENING_LINES = 12
_ABOUT = 0.3
_NOT_ABOUT = 0.1
_STRAY = 2.0
# The mark of a note that stands at the foot of the document.
NOTE_MARK = re.compile(r"(?<=\S)\s?\[\d{1,2}\]$")
PUBLISHER_META = ("sitename", "og:site_name", "dc.publisher", "dcterms.publisher", "citation_publisher")
TITLE_META = (
    "articletitle",
    "og:title",
    "twitter:title",
    "dc.title",
    "dcterms.title",
    "sailthru.title",
    "citation_title",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the head of a page says, before scripts are taken out."""

    meta: dict[str, str] = field(default_factory=dict)
    title_tag: str = ""
    linked: tuple[dict[str, Any], ...] = ()
    language: str | None = None


def head_of(tree: html.HtmlElement) -> Head:
    """Return meta tags, title, JSON-LD objects and language of a page; pure."""
    meta: dict[str, str] = {}
    for tag in tree.iter("meta"):
        name = tag.get("name") or tag.get("property") or tag.get("itemprop") or ""
        content = fold((tag.get("content") or "")[:5_000])
        if name and content:
            meta.setdefault(name.strip().lower(), content)
    title = tree.find(".//title")
    title_tag = fold("".join(title.itertext())[:5_000])[:_LONGEST_TITLE] if title is not None else ""
    title_tag = "" if _NO_TITLE.match(title_tag) else title_tag
    linked: list[dict[str, Any]] = []
    for script in tree.iter("script"):
        if (script.get("type") or "").strip().lower() == "application/ld+json" and script.text:
            linked.extend(_objects(script.text[:_JSON_CHARS]))
    language = (tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "").strip()[:20]
    return Head(meta=meta, title_tag=title_tag, linked=tuple(linked), language=language or None)


def _objects(text: str) -> list[dict[str, Any]]:
    try:
        data = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return []
    found: list[dict[str, Any]] = []
    waiting: list[Any] = [data]
    while waiting and len(found) < 50:
        value = waiting.pop(0)
        if isinstance(value, dict):
            found.append(value)
            waiting.extend(value.get(name) for name in ("@graph", "mainEntity"))
        elif isinstance(value, list):
            waiting.extend(value[:50])
    return found


def _claims(head: Head) -> list[tuple[str, str]]:
    claims = [(name, head.meta[name]) for name in TITLE_META if name in head.meta]
    for data in head.linked:
        if isinstance(headline := data.get("headline"), str):
            claims.append(("headline", fold(headline[:1_000])))
    return claims


def title_keys(head: Head) -> frozenset[str]:
    """Return what the title could be by the head of a page, white space left out; pure."""
    claims = [*_claims(head), ("title", head.title_tag)]
    return frozenset(squeeze(variant) for kind, claim in claims for variant in _variants(kind, claim)) - {""}


def title_of(
    head: Head,
    lines: Sequence[Line],
    headings: Sequence[str],
    labelled: str | None = None,
    named: str | None = None,
    first: int | None = None,
) -> str | None:
    """Return the title on which most places of a page agree, without the site's name; pure.

    headings: texts of the h1 elements, those next to the document first.
    labelled: what the label table says.  named: a line before the text whose class says that it is the title.
    first: the place of the first running text among the lines; None: unknown.
    """
    claims = _claims(head)
    if labelled:
        claims.append(("label", labelled))
    if named:
        claims.append(("named", named))
    claims.extend(("h1" if place == 0 else "farther h1", text) for place, text in enumerate(headings))
    if head.title_tag:
        claims.append(("title", head.title_tag))
    shown = {line.key for line in lines if len(line.text) <= _LONGEST_TITLE}
    broken = {squeeze(text) for text in (*headings, *filter(None, [named]))} - shown
    above = {line.key for line in lines[:first]}
    options: dict[str, str] = {}
    for kind, text in claims:
        for variant in _variants(kind, text):
            options.setdefault(squeeze(variant), variant)
    sites = {squeeze(head.meta[name]) for name in PUBLISHER_META if name in head.meta}
    if not sites.issuperset(options):
        # A site that names every page after itself tells nothing of this one.
        options = {key: text for key, text in options.items() if key not in sites}
    strays = _strays(head.title_tag, headings, lines[first : first + _OPENING_LINES] if first is not None else ())
    best, best_score = None, (0.0, 0)
    for key, text in options.items():
        if not 2 <= len(key) <= _LONGEST_TITLE:
            continue
        support = 1.0 if key in shown else 0.0
        if key in broken:
            # A heading broken into lines: what another place says of it is often one of them.
            support = 2.5 if any(squeeze(claim) != key and key.endswith(squeeze(claim)) for _, claim in claims) else 1.0
        for kind, claim in claims:
            if squeeze(claim) == key:
                support += _SUPPORT.get(kind, 1.5)
            elif key in (squeeze(part) for part in _variants(kind, claim)):
                support += 1.0
        if (
            named
            and key == squeeze(named)
            and any(_abbreviates(claim, key) for kind, claim in claims if kind == "title")
        ):
            support += 1.0
        if named and weight(text) < weight(named) and _is_site_of(head.title_tag, key, squeeze(named)):
            support -= 1.0
        if named and first is not None and key not in above and squeeze(named) in above:
            # What a reader meets only below the text, as who signed it or in the foot of the site, heads nothing.
            support -= 1.0 if key in shown else 0.0
        if key in strays:
            support -= _STRAY
        score = (support, min(weight(text), 120))
        if score > best_score:
            best, best_score = text, score
    return NOTE_MARK.sub("", best[:_LONGEST_TITLE]) if best else None


def _strays(title_tag: str, headings: Sequence[str], opening: Sequence[Line]) -> set[str]:
    """Return the headings that share no word with the title in a page's head, where the text is about that one alone.

    A skeleton keeps the heading of the page it was made from, and some sites head every page with their own name.
    """
    said = _words(" ".join(line.text for line in opening))
    titled = _words(title_tag)
    if len(titled) < _FEWEST_TITLE_WORDS or len(titled & said) < _ABOUT * len(titled):
        return set()
    return {
        squeeze(text)
        for text in headings
        if len(words := _words(text)) >= _FEWEST_TITLE_WORDS
        and not words & titled
        and len(words & said) <= _NOT_ABOUT * len(words)
    }


def _words(text: str) -> set[str]:
    """Return the words of a text, of Han text each pair of neighbours; no short ones."""
    latin = set(re.findall(r"[^\W\d_\u3400-\u9fff]{4,40}", text.lower()))
    return latin | {
        a + b for a, b in itertools.pairwise(text) if "\u3400" <= a <= "\u9fff" and "\u3400" <= b <= "\u9fff"
    }


def _is_site_of(title_tag: str, key: str, named: str) -> bool:
    """Tell whether a page is titled with the line where titles stand and, beside it, a key: the name of the site."""
    variants = {squeeze(variant) for variant in _variants("title", title_tag)}
    return key != named and key != squeeze(title_tag) and named not in key and {key, named} <= variants


def _abbreviates(claim: str, key: str) -> bool:
    """Tell whether the title of a page is part of the line that stands where the title does; pure."""
    return len(short := squeeze(claim)) >= 6 and short != key and short in key


def _variants(kind: str, text: str) -> list[str]:
    """Return a title as given and, but for a heading, without what sites add behind or in front."""
    found = [text]
    if kind in _SUPPORT:
        return found
    cuts = list(_TITLE_SEPARATORS.finditer(text))
    for cut in cuts[-4:]:
        if len(front := text[: cut.start()].strip()) >= 4:
            found.append(front)
    for first, second in itertools.pairwise([*cuts[:8], None]):
        inner = text[first.end() : second.start() if second else None].strip() if first else ""
        if len(inner) >= 4:
            found.append(inner)
    if cuts and len(back := text[cuts[0].end() :].strip()) >= 4:
        found.append(back)
    return found


def from_linked(head: Head, name: str) -> Iterable[str]:
    """Yield what JSON-LD objects of a page say under a name, texts or the names of things; pure.

    Several things are one answer, their names one after another.
    """
    for data in head.linked:
        value = data.get(name)
        if isinstance(value, str):
            yield value[:200]
            continue
        things = value if isinstance(value, list) else [value]
        names = [thing["name"] for thing in things if isinstance(thing, dict) and isinstance(thing.get("name"), str)]
        if names:
            yield ", ".join(dict.fromkeys(names))[:200]


def headings_of(tree: html.HtmlElement) -> list[str]:
    """Return the texts of the h1 elements of a page; pure."""
    return [line.text for heading in list(tree.iter("h1"))[:10] for line in lines_of(heading)[:2]]
