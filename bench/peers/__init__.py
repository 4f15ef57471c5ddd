"""Other extractors behind one signature: ``NAME(html, url) -> text``; those that are installed.

    pip install "policytrail[bench]"

Each is called as its documentation shows, without comments and with its own settings for Chinese where it has any.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

Extractor = Callable[[str, str], str]

_HAN = re.compile("[\u4e00-\u9fff]")
_TAGS = re.compile(r"(?is)<(script|style)\b.*?</\1>|<[^>]+>|\s")


def _is_chinese(html: str) -> bool:
    text = _TAGS.sub("", html[:400_000])
    return len(_HAN.findall(text)) > 0.15 * max(1, len(text))


def _plain(html: str) -> str:
    from lxml import html as markup

    tree = markup.fromstring(html or "<p></p>")
    return "\n".join(" ".join(text.split()) for text in tree.itertext() if text.strip())


def _trafilatura(html: str, **options: Any) -> str:
    import trafilatura

    return trafilatura.extract(html, include_comments=False, **options) or ""


def trafilatura_fast(html: str, url: str) -> str:
    """Trafilatura without its fallbacks."""
    return _trafilatura(html, fast=True)


def trafilatura_metadata(html: str, url: str) -> str:
    """What our time is measured against: body and fields, without fallbacks."""
    import trafilatura

    found = trafilatura.bare_extraction(html, url=url or None, fast=True, with_metadata=True, include_comments=False)
    return getattr(found, "text", None) or ""


def trafilatura_precision(html: str, url: str) -> str:
    """Trafilatura where it is to say too little rather than too much."""
    return _trafilatura(html, favor_precision=True)


def trafilatura_default(html: str, url: str) -> str:
    """Trafilatura as it comes."""
    return _trafilatura(html)


def resiliparse(html: str, url: str) -> str:
    """Resiliparse, main content only."""
    from resiliparse.extract.html2text import extract_plain_text

    return extract_plain_text(html, main_content=True, alt_texts=False, links=False, comments=False) or ""


def readability(html: str, url: str) -> str:
    """readability-lxml."""
    from readability import Document

    return _plain(Document(html).summary())


def newspaper(html: str, url: str) -> str:
    """newspaper4k, told whether the page is Chinese."""
    import newspaper

    language = "zh" if _is_chinese(html) else "en"
    page = newspaper.Article(url or "http://localhost/", language=language, fetch_images=False)
    page.download(input_html=html)
    page.parse()
    return page.text or ""


def goose(html: str, url: str) -> str:
    """goose3, with its Chinese stop words for a Chinese page."""
    from goose3 import Goose
    from goose3.text import StopWordsChinese

    options: dict[str, Any] = {"enable_image_fetching": False}
    if _is_chinese(html):
        options["stopwords_class"] = StopWordsChinese
    return Goose(options).extract(raw_html=html).cleaned_text or ""


_HOMES: dict[str, tuple[str, Extractor]] = {
    "trafilatura_metadata": ("trafilatura", trafilatura_metadata),
    "trafilatura_fast": ("trafilatura", trafilatura_fast),
    "trafilatura_precision": ("trafilatura", trafilatura_precision),
    "trafilatura_default": ("trafilatura", trafilatura_default),
    "resiliparse": ("resiliparse", resiliparse),
    "readability": ("readability", readability),
    "newspaper": ("newspaper", newspaper),
    "goose": ("goose3", goose),
}


def installed() -> dict[str, Extractor]:
    """Return the extractors that can be imported here, by name."""
    return {name: extract for name, (module, extract) in _HOMES.items() if find_spec(module) is not None}
