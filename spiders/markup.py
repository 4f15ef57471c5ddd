"""Bytes to text, and text to a tree: the one place where foreign markup is decoded and parsed; pure."""

from __future__ import annotations

import codecs
import re

from lxml import etree, html

LONGEST_TAG = 65_536
_HEAD_BYTES = 4_096
_ENOUGH_BYTES = 24
_ASCII = bytes(range(0x80))
_ALONE = re.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])")

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What browsers read under these names (WHATWG Encoding): supersets, since pages use their characters.
_SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "hz": "gb18030",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
# "x-gbk" and such are common in old headers; codecs.lookup does not know them.
_ALIASES = {"x-gbk": "gbk", "gb_2312-80": "gb2312", "utf8mb4": "utf-8", "x-sjis": "shift_jis"}
_CHARSET = re.compile(r"charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9._:-]{2,40})", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta\b[^<>]{0,500}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9._:-]{2,40})", re.I)
_XML_ENCODING = re.compile(rb"^\s{0,99}<\?xml\b[^<>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([A-Za-z0-9._:-]{2,40})", re.I)

# No page of a site that people read has as many; parsers take seconds for them, what reads their tree minutes.
MOST_TAGS = 300_000
# A value that no attribute we read may have; each kind of quotes ends at the next of its kind, in linear time.
_LONG_VALUE = re.compile(r"""=(\s?)(?:"[^"<>]{4000,}"|'[^'<>]{4000,}')""")
# Attributes may hold ">", which ends the simple form below too early.
_QUOTED_TAG = re.compile(r"""<[a-zA-Z](?:[^<>"']++|"[^"]*+"|'[^']*+')*+>""")
_QUOTED = re.compile(r"""=\s?(?:"[^"]*+"|'[^']*+')""")
_LONG_TAG = re.compile(f"<(?!!--)[a-zA-Z/!][^<>]{{{LONGEST_TAG}}}")
# Pictures written into the page make honest tags long; nothing we read is in them.
_DATA_ADDRESS = re.compile(r"([\"'(])data:[a-z]{0,20}/?[^\"'<>()]{999,}", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\ufffe\uffff\ud800-\udfff]")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,8}));?")
_WRAPPER = re.compile(
    r"</?(?:div|span|section|article|center|font|b|i|em|strong|u|big|small|blockquote|ul|ol|li|dl|dd|table|tbody|tr|td)"
    r"\b[^<>]{0,999}>",
    re.IGNORECASE,
)
_XML_DECLARATION = re.compile(r"^\s{0,99}<\?xml[^<>]{0,500}\?>")


def _known(name: str) -> str | None:
    name = name.strip().lower()
    try:
        found = codecs.lookup(_ALIASES.get(name, name)).name
    except (LookupError, ValueError):
        return None
    # Codecs such as "rot13" or "hex" are no text encodings; utf-7 hides markup and no browser reads it.
    if found in {"utf-7", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"}:
        return None
    try:
        b"a".decode(found, "replace")
    except (LookupError, ValueError):
        return None
    return _SUPERSETS.get(found, found)


def _declared(body: bytes, content_type: str) -> str | None:
    if (match := _CHARSET.search(content_type[:1_000])) and (name := _known(match[1])):
        return name
    head = body[:_HEAD_BYTES]
    for pattern in (_XML_ENCODING, _META_CHARSET):
        if (found := pattern.search(head)) and (name := _known(found[1].decode("ascii"))):
            # A declaration that could be read as ASCII does not stand in a 16-bit text (WHATWG).
            return "utf-8" if name.startswith(("utf-16", "utf-32")) else name
    return None


def _strictly(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except UnicodeError:
        # The last character may be cut off where a body was capped.
        try:
            return codecs.getincrementaldecoder(encoding)("strict").decode(body)
        except UnicodeError:
            return None


def decode(body: bytes, content_type: str) -> tuple[str, str]:
    """Return the text of a body and the name of the encoding it was read in.

    Pure.

    body: as received; byte order mark, then header, then meta or XML declaration are believed, unless what is
        declared does not fit the bytes and utf-8 or gb18030 does.
    Source: order and aliases of the WHATWG encoding standard, where real pages follow it.
    """
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            return body.decode(encoding, "replace").removeprefix("\ufeff"), encoding
    declared = _declared(body, content_type)
    if declared is None:
        for encoding in ("utf-8", "gb18030"):
            if (text := _strictly(body, encoding)) is not None:
                return text, encoding
        return body.decode("cp1252", "replace"), "cp1252"
    if declared != "utf-8" and _beyond_ascii(body) >= _ENOUGH_BYTES and (other := _strictly(body, "utf-8")) is not None:
        # So many bytes are never well-formed utf-8 by chance, whatever the page declares.
        return other, "utf-8"
    if declared == "cp1252" and _is_paired(body) and (other := _strictly(body, "gb18030")) is not None:
        # The default of many servers, before Chinese pages: accented letters stand alone, hanzi are pairs.
        return other, "gb18030"
    text = body.decode(declared, "replace")
    if text.count("\ufffd") > 2 + len(text) // 2_000:
        for encoding in ("utf-8", "gb18030"):
            if encoding != declared and (other := _strictly(body, encoding)) is not None:
                return other, encoding
    return text, declared


def _beyond_ascii(body: bytes) -> int:
    """Return how many bytes are none of ASCII's."""
    return len(body.translate(None, _ASCII))


def _is_paired(body: bytes) -> bool:
    """Tell whether nearly all bytes beyond ASCII stand beside another, as in texts of two bytes a character."""
    high = _beyond_ascii(body)
    alone = len(_ALONE.findall(body))
    return high >= _ENOUGH_BYTES and alone < 0.05 * high


def _reference(match: re.Match[str]) -> str:
    number = int(match[1], 16) if match[1] else int(match[2])
    if number in (9, 10, 13) or 0x20 <= number < 0x7F or 0x80 <= number < 0xD800 or 0xE000 <= number < 0xFFFE:
        # 0x80-0x9f are read as windows-1252 by the parser, as browsers do.
        return match[0]
    if 0x10000 <= number <= 0x10FFFF:
        return match[0]
    return " "


def clean(text: str) -> str:
    """Return a text with control characters, and numeric references to them, replaced by spaces; pure."""
    return _REFERENCE.sub(_reference, _CONTROL.sub(" ", text))


def _has_many_tags(text: str) -> bool:
    """Tell whether a page has more tags than any honest one; what stands in comments does not count."""
    tags = text.count("<")
    start = 0
    while tags > MOST_TAGS and (start := text.find("<!--", start)) >= 0:
        end = text.find("-->", start)
        if end < 0:
            break
        tags -= text.count("<", start, end)
        start = end
    return tags > MOST_TAGS


def _has_long_tag(text: str) -> bool:
    if len(text) <= LONGEST_TAG:
        return False
    # A page within a value, as advertisements have it, is one value: it is the number of attributes that costs.
    long_tags = (
        match
        for match in _QUOTED_TAG.finditer(text)
        if match.end() - match.start() > LONGEST_TAG and len(_QUOTED.sub("", match[0])) > LONGEST_TAG
    )
    lower = ""
    for match in (*_LONG_TAG.finditer(text), *long_tags):
        lower = lower or text.lower()
        # Within a script "<" opens no tag.
        if lower.rfind("<script", 0, match.start()) <= lower.rfind("</script", 0, match.start()):
            return True
    return False


def _tree(text: str, *, deep: bool) -> tuple[html.HtmlElement | None, bool]:
    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=deep, remove_comments=True, remove_pis=True)
    try:
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return None, False
    cut = any("XML_PARSE_HUGE" in entry.message for entry in parser.error_log)
    return (tree if isinstance(tree, html.HtmlElement) else None), cut


def parse(text: str) -> html.HtmlElement | None:
    """Return the tree of a page, or None when it is empty, hopeless, or has tags as no honest page has.

    Pure: no network, no external entities; depth and size bounded by the parser.
    """
    if not text.strip():
        return None
    lower = text.lower()
    if any(f"{opening}data:" in lower for opening in "\"'("):
        text = _DATA_ADDRESS.sub(r"\1", text)
    text = _LONG_VALUE.sub('=""', text)
    if _has_many_tags(text) or _has_long_tag(text):
        return None
    # An encoding declaration in a string that is decoded already makes lxml refuse it.
    text = _XML_DECLARATION.sub("", clean(text))
    tree, cut = _tree(text, deep=False)
    if cut:
        # Below 256 levels, or after 10 MB of text, libxml2 drops the rest of the page without a word.
        tree, cut = _tree(text, deep=True)
    if cut:
        tree, cut = _tree(_WRAPPER.sub("<br>", text), deep=False)
    return tree
