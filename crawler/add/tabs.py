"""Tabs of a page, of which one is shown at a time; pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree, html

from spiders.clicks import squeezed

_MOST_LINKS = 5_000
_LEVELS = 4
_YEAR = re.compile(r"(?:19[5-9]|20\d)\d\s?(?:年度?)?")
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


def year_fold(frame: etree._Element) -> etree._Element | None:
    """Return what holds a frame under the heading of a year, as others beside it hold those of other years."""
    fold = frame.getparent()
    first = next((each for each in fold if isinstance(each.tag, str)), None) if fold is not None else None
    if first is None or first is frame or not _YEAR.fullmatch(squeezed(first, 20)):
        return None
    return fold


def are_below(urls: Collection[str], url: str) -> bool:
    """Tell whether addresses lie in the folder of a page that is no home page, or in one that is named as the page."""
    address = re.split(r"[?#]", url)[0]
    folders = (address.rpartition("/")[0] + "/", re.sub(r"\.\w{2,5}$", "", address).rstrip("/") + "/")
    return any(urlsplit(each).path != "/" and all(url.startswith(each) for url in urls) for each in folders)
