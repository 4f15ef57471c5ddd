"""One snapshot to blocks and fields; pure: no clock, no network, no memory of earlier pages."""

from __future__ import annotations

import hashlib
from datetime import date
from importlib.metadata import version

from crawler.extract.html import Rules, extract_html
from storage.model import Extraction

__all__ = ["Rules", "extract", "identity"]

# Raised whenever the same bytes may give other blocks or fields than before.
CODE_VERSION = 1
_LIBRARIES = ("lxml", "trafilatura", "pypdfium2", "python-docx")


def identity(rules: Rules) -> str:
    """Return a short name of everything that decides an extraction: our code, the libraries, the rules.

    Reads the versions of installed packages; otherwise pure.
    """
    told = [str(CODE_VERSION), *(f"{name} {version(name)}" for name in _LIBRARIES)]
    told += ["keep", *rules.keep, "drop", *rules.drop]
    digest = hashlib.sha256("\0".join(told).encode()).hexdigest()[:10]
    return f"policytrail-{CODE_VERSION}+trafilatura-{version('trafilatura')}+{digest}"


def extract(
    body: bytes, *, url: str, content_type: str, fetched_on: date, rules: Rules | None = None
) -> Extraction:
    return extract_html(body, url=url, content_type=content_type, fetched_on=fetched_on, rules=rules or Rules())
