"""Tabs of a page, of which one is shown at a time; pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree, html

_MOST_LINKS = 5_000
_LEVELS = 4
_SHOWN = re.compile(r"#([A-Za-z][\w-]{0,60})")
_TAB = re.compile(r"(?i)(?<![a-z])tabs?[-_]?(?:pane|panel|con|content|body|box|item|list)?(?![a-z])")


def shown_by_links(tree: html.HtmlElement) -> frozenset[str]:
    """Return the ids that links and knobs of a page show their elements by, as those of tabs do."""
    knobs = list(islice(tree.iter("a", "button", "li"), _MOST_LINKS))
    said = [element.get(name) or "" for element in knobs for name in ("href", "data-target", "data-bs-target")]
    named = (found[1] for each in said if (found := _SHOWN.fullmatch(each.strip())))
    return frozenset((*named, *(element.get("aria-controls") or "" for element in knobs))) - {""}


def tab_of(frame: etree._Element, shown_by: Collection[str]) -> etree._Element | None:
    """Return the tab that a frame stands in, where there are several side by side."""
    for around in islice((frame, *frame.iterancestors()), _LEVELS):
        parent = around.getparent()
        is_tab = (
            around.get("id") in shown_by or around.get("role") == "tabpanel" or _TAB.search(around.get("class") or "")
        )
        if is_tab and parent is not None and sum(each.tag == around.tag for each in parent) > 1:
            return around
    return None


def are_below(urls: Collection[str], url: str) -> bool:
    """Tell whether addresses lie in the folder of a page that is no home page."""
    folder = re.split(r"[?#]", url)[0].rpartition("/")[0] + "/"
    return urlsplit(folder).path != "/" and all(each.startswith(folder) for each in urls)
