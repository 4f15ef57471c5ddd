"""Addresses that a page's markup puts together from the rows of data, as scripts would write them; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from itertools import islice

_MOST = 200
# :href="'/zc/' + item.id + '.html'", v-bind:to="`/zc/${item.id}`"
_BOUND = re.compile(
    r"""\s(?::|v-bind:|x-bind:|ng-)(?:href|to|src|data-href)\s?=\s?(?:"([^"<>\n]{3,300})"|'([^'<>\n]{3,300})')"""
)
# href="/zc/{{item.id}}.html", href="/zc/<%= id %>.html", href="/zc/${id}.html"
_PLACE = re.compile(r"\{\{[:\s]?\s?([\w.$]{1,60})\s?\}\}|<%[=-]\s?([\w.$]{1,60})\s?%>|\$\{\s?([\w.$]{1,60})\s?\}")
_WRITTEN = re.compile(
    r"""(?:ng-)?href\s?=\s?\\?["']((?:[\w/.?=&%~:-]|\{\{[^{}<>"']{1,60}\}\}|<%[=-][^<>"'%]{1,60}%>|\$\{[^{}<>"']{1,60}\})"""
    r"""{3,300})\\?["']"""
)


def written_in_markup(text: str) -> Iterator[str]:
    """Yield the addresses that a page's templates make of rows, each as a script would set it.

    >>> list(written_in_markup('<a href="/zc/{{row.id}}.html">{{row.title}}</a>'))
    ["href = '/zc/' + row.id + '.html'"]
    """
    for match in islice(_BOUND.finditer(text), _MOST):
        yield f"href = {unescape(match[1] or match[2])}"
    for match in islice(_WRITTEN.finditer(text), _MOST):
        if _PLACE.search(match[1]):
            pieces = _PLACE.sub(lambda place: f"' + {place[1] or place[2] or place[3]} + '", match[1])
            yield f"href = '{pieces}'".removesuffix(" + ''")
