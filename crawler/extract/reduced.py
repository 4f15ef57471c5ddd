"""A page reduced to what the rules read, before any of them does: what is taken out cannot matter to them; pure.

Pages differ at every visit in what no reader sees: tokens in forms and scripts, addresses of pictures, numbers of
sessions. Two pages of which the same is left give the same extraction, because an extraction is made from nothing
else. So the rest is compared instead of being extracted again.
"""

from __future__ import annotations

import hashlib

from lxml import etree, html

from crawler.extract.fields import READ_META

# A rule that reads another attribute finds nothing until it stands here.
_READ = frozenset(
    {
        "class", "content", "datetime", "download", "hidden", "href", "http-equiv", "id", "itemprop", "lang", "name",
        "open", "property", "rel", "role", "style", "title", "type", "width", "{http://www.w3.org/XML/1998/namespace}lang",
    }
)  # fmt: skip
# Of no use to a rule, but the same at each visit: to take them out would only take time.
_STILL = frozenset(
    {
        "align", "alt", "async", "bgcolor", "border", "cellpadding", "cellspacing", "charset", "color", "colspan",
        "defer", "face", "for", "height", "language", "media", "method", "rowspan", "size", "target", "valign",
    }
)  # fmt: skip
_LEFT = _READ | _STILL
_LINKS = frozenset({"canonical", "next"})
_WRITES = "document.write"
_WRITES_WITHIN = 5_000


def reduce(tree: html.HtmlElement, *, selected: bool) -> None:
    """Take out of a page what no rule reads: attributes, scripts, links of its head, other people's meta tags.

    Changes the tree given; otherwise pure.

    selected: a source's selectors will be asked of it, which may name any attribute: all attributes stay.
    """
    if not selected:
        for element in tree.iter(etree.Element):
            if _LEFT.issuperset(element.keys()):
                continue
            # All away at once: a name like that of a template's leftover, "{{x}}", cannot be given to lxml.
            left = [(name, value) for name, value in element.attrib.items() if name in _LEFT]
            element.attrib.clear()
            element.attrib.update(left)
    for script in tree.iter("script"):
        kind = (script.get("type") or "").lower()
        if not ("json" in kind or "xml" in kind or _WRITES in (script.text or "")[:_WRITES_WITHIN].lower()):
            script.text = None
    if selected:
        return
    for link in tree.iter("link"):
        if "href" in link.attrib and _LINKS.isdisjoint((link.get("rel") or "").lower().split()):
            del link.attrib["href"]
    for meta in tree.iter("meta"):
        name = (meta.get("name") or meta.get("property") or meta.get("itemprop") or "").strip().lower()
        if "content" in meta.attrib and name not in READ_META and meta.get("http-equiv") is None:
            del meta.attrib["content"]


def fingerprint(tree: html.HtmlElement, *, ended: bool) -> str:
    """Return a hash of a reduced page; equal only where the pages are.

    Pure.  ended: what an extraction says of the page's end, which the tree does not tell.
    """
    # As XML: other than HTML's, its writing tells each tree from all others.
    return hashlib.sha256(etree.tostring(tree, encoding="utf-8") + bytes([ended])).hexdigest()[:32]
