"""XML from strangers, element by element: no entities, no network, bounded; pure."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import islice

from lxml import etree

from spiders.markup import clean, decode

# What the protocol of site maps allows in one file; and the nodes such a file may have.
MOST_YIELDED = 50_000
_MOST_EVENTS = 2_000_000
# A bare "<" in a title, at which the incremental parser would give up the rest.
_STRAY = re.compile(r"<(?=[\s\d<=&.,;])")


def local_name(element: etree._Element) -> str:
    """Return the tag of an element without its namespace, in lower case; pure."""
    return str(element.tag).rpartition("}")[2].lower()


def namespace(element: etree._Element) -> str:
    """Return the namespace of an element, or ""; pure."""
    return str(element.tag).rpartition("}")[0]


def text_of(element: etree._Element | None) -> str | None:
    """Return the text of an element that holds nothing else; None if it has children, such as entities; pure."""
    if element is None or len(element):
        return None
    return (element.text or "").strip() or None


def elements(body: bytes, content_type: str, names: frozenset[str]) -> Iterator[etree._Element]:
    """Yield the root, still empty, then each complete element of the given local names, wherever it stands.

    Pure.  At most MOST_YIELDED; broken XML yields what could be read.  An element is emptied when the next one
    is asked for.
    """
    text = _STRAY.sub("&lt;", clean(decode(body, content_type)[0]).lstrip())
    events = etree.iterparse(
        io.BytesIO(text.encode("utf-8", "replace")),
        events=("start", "end"),
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    yielded = 0
    try:
        for event, element in islice(events, _MOST_EVENTS):
            if yielded > MOST_YIELDED:
                return
            if not yielded:
                yielded = 1
                yield element
            elif event == "end" and local_name(element) in names:
                yielded += 1
                yield element
                element.clear()
                # What came before is done with, and would stay in memory.
                while (before := element.getprevious()) is not None and (parent := before.getparent()) is not None:
                    parent.remove(before)
    except etree.XMLSyntaxError:
        return


def parsed(text: str) -> etree._Element | None:
    """Return the root of a whole XML text, as much as can be read; None where that is nothing; pure."""
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    text = re.sub(r"^\s{0,99}<\?xml[^<>]{0,500}\?>", "", clean(text)).strip()
    return etree.fromstring(text.encode("utf-8", "replace"), parser) if text else None
