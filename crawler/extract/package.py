"""Zip packages from strangers: opened only where they do not grow beyond measure; pure."""

from __future__ import annotations

import zipfile
import zlib

from lxml import etree

MOST_BYTES = 100_000_000
MOST_RATIO = 200
MOST_FILES = 5_000
# What reading a package raises that does not hold what it promises.
BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    etree.LxmlError,
    ValueError,
    KeyError,
    EOFError,
    OSError,
    RuntimeError,
)


def is_bomb(archive: zipfile.ZipFile, size: int) -> bool:
    """Tell whether a package of a size in bytes unpacks to more than anybody writes; pure."""
    files = archive.infolist()
    unpacked = sum(each.file_size for each in files)
    return len(files) > MOST_FILES or unpacked > MOST_BYTES or unpacked > MOST_RATIO * max(size, 10_000)


def part(archive: zipfile.ZipFile, name: str) -> etree._Element | None:
    """Return the root of a part that is XML, None where there is no such part; pure.

    Raises etree.XMLSyntaxError, and what zipfile raises for a broken package.
    """
    if name not in archive.NameToInfo:
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(archive.read(name), parser)
