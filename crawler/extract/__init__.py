"""One snapshot to blocks and fields; pure: no clock, no network, no memory of earlier pages.

What reads a kind of file is imported when one comes: a process that only needs the extractor's identity starts sooner.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from datetime import date
from functools import cache
from importlib.metadata import version

from crawler.extract.rules import KNOWN, Rules
from storage.model import Extraction

__all__ = ["KNOWN", "Rules", "extract", "identity"]

# Raised whenever the same bytes may give other blocks or fields than before.
CODE_VERSION = 28
_LIBRARIES = ("lxml", "trafilatura", "pypdfium2", "python-docx")
_NO_RULES = Rules()
_installed = cache(version)  # which reads a file each time

_SNIFFED = 1_024
_MARKUP = re.compile(
    rb"<(?:!doctype|html|head|body|title|meta|link|div|p|table|h[1-6]|article|section|span|script|br|a|"
    rb"ul)\b|<!--",
    re.IGNORECASE,
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
# What no text begins with: pictures, sound, video, archives, fonts, programs.
_BINARY = (
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ",
    b"ID3", b"OggS",
    b"\x00\x00\x01\x00", b"wOFF", b"wOF2", b"\x7fELF", b"MZ\x90", b"\x1aE\xdf\xa3", b"FLV\x01", b"fLaC",
    b"SQLite",
)  # fmt: skip
_BOMS = (b"\xff\xfe", b"\xfe\xff")
_NO_PAGE = re.compile(r"json|javascript|ecmascript|css|^image/|^audio/|^video/|^font/|rss|atom", re.IGNORECASE)


def identity(rules: Rules) -> str:
    """Return a short name of everything that decides an extraction: our code, the libraries, the rules.

    Reads the versions of installed packages; otherwise pure.
    """
    told = [str(CODE_VERSION), *(f"{name} {_installed(name)}" for name in _LIBRARIES)]
    told += ["keep", *rules.keep, "drop", *rules.drop]
    digest = hashlib.sha256("\0".join(told).encode()).hexdigest()[:12]
    return f"blocks {CODE_VERSION}, trafilatura {_installed('trafilatura')}, {digest}"


def _is_binary(body: bytes, content_type: str) -> bool:
    head = body[: 4 * _SNIFFED]
    if head.startswith(_BINARY) or head[4:8] == b"ftyp":
        return True
    if head.startswith(_BOMS) or "utf-16" in content_type.lower() or "utf-32" in content_type.lower():
        return False
    odd = sum(1 for byte in head if byte < 9 or 13 < byte < 27 or 27 < byte < 32)
    return odd > 0.1 * len(head) or head.count(0) > 0.3 * len(head)


def _from_package(body: bytes, kind: str, url: str) -> Extraction:
    """Read a zip package by what it holds, else by what it is called."""
    from crawler.extract.docx import DOCUMENT_PART, extract_docx
    from crawler.extract.ofd import ROOT_PART, extract_ofd
    from crawler.extract.xlsx import WORKBOOK_PART, extract_xlsx

    packages = {DOCUMENT_PART: extract_docx, WORKBOOK_PART: extract_xlsx, ROOT_PART: extract_ofd}
    named_word = "wordprocessingml" in kind or url.lower().partition("?")[0].endswith(".docx")
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            held = archive.NameToInfo.keys()
            for name, read in packages.items():
                if name in held:
                    return read(body)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return extract_docx(body) if named_word else Extraction(failure="broken")
    return extract_docx(body) if named_word else Extraction(failure="unsupported")


def extract(
    body: bytes, *, url: str, content_type: str, fetched_on: date, rules: Rules = _NO_RULES, known: str = ""
) -> Extraction:
    """Return the blocks and fields of one snapshot.

    Pure: equal arguments give an equal result, on any day, in any order.  What the bytes are is read from the
    bytes first: servers name documents wrongly more often than their first bytes lie.

    body: as received, not decoded.
    fetched_on: day in the source's zone; a publication date up to one day later is believed.
    known: ``reads`` of the extraction of an earlier day at the same address, by the same rules; where these bytes
        would give the very same one, the failure is KNOWN and nothing else is said.
    Raises SourceError for a rule that is no CSS selector.
    """
    head = body[:_SNIFFED].lstrip()
    kind = content_type.partition(";")[0].strip().lower()
    if not body.strip():
        return Extraction(failure="empty")
    if head.startswith(b"%PDF-") or (b"%PDF-" in body[:_SNIFFED] and not _MARKUP.search(head)):
        from crawler.extract.pdf import extract_pdf

        return extract_pdf(body)
    if body.startswith(b"PK\x03\x04"):
        return _from_package(body, kind, url)
    if body.startswith(_OLE):
        from crawler.extract.doc import extract_doc

        return Extraction(failure="encrypted") if _ENCRYPTED_PACKAGE in body else extract_doc(body)
    if _is_binary(body, content_type):
        return Extraction(failure="binary")
    if kind == "application/pdf" or "wordprocessingml" in kind:
        # Named a document, but a page: an error page most often, which the judge must see.
        kind = ""
    if _NO_PAGE.search(kind):
        return Extraction(failure="unsupported")
    if "html" in kind or _MARKUP.search(head):
        from crawler.extract.html import extract_html

        return extract_html(body, url=url, content_type=content_type, fetched_on=fetched_on, rules=rules, known=known)
    if kind in ("", "text/plain", "text/markdown", "application/octet-stream"):
        from crawler.extract.plain import extract_plain

        return extract_plain(body, content_type)
    return Extraction(failure="unsupported")
