"""The farthest page of a list: what it shows keeps a pattern from being made of the newest documents alone; pure."""

from __future__ import annotations

import re

from crawler.add.proposal import Answer, Proposal
from crawler.add.propose import from_pages, from_rows
from spiders.data import at, loaded
from spiders.discovery import discover
from spiders.markup import decode
from spiders.paging import page_stem
from spiders.posting import FROM_PAGE, turned
from spiders.source import Rows
from storage.model import Role


def further(proposal: Proposal) -> str | None:
    """Return the address of the last page that a list names, or None where it names none."""
    if proposal.role is not Role.LIST or (proposal.data is not None and proposal.data.markup):
        return None
    answer = proposal.made_of
    if proposal.data is not None and (last := _last(proposal.data, answer)):
        return last
    source = proposal.source("xx_further")
    found = discover(source, Role.LIST, answer.body, url=answer.url, content_type=answer.content_type).found
    # What is to be filled in from the page before cannot be asked for by itself.
    pages = [each.url for each in found if each.role is Role.LIST and FROM_PAGE not in each.url]
    # The last one named, of equal numbers: columns by year stand newest first, and have none.
    return max(reversed(pages), key=lambda url: page_stem(url)[1] or 0) if pages else None


def widened(proposal: Proposal, answer: Answer) -> Proposal:
    """Return a proposal that also takes what a further page of its list names."""
    if proposal.data is not None:
        return from_rows(proposal, answer)
    return from_pages(proposal, answer)


def _last(rows: Rows, answer: Answer) -> str | None:
    total = at(loaded(decode(answer.body, answer.content_type)[0]), rows.total) if rows.total else None
    if not (rows.page and rows.size and re.fullmatch(r"\d{1,9}", str(total))):
        return None
    count = -(-int(str(total)) // rows.size)
    return turned(answer.url, rows.page, rows.first + rows.step * (count - 1)) if count > 1 else None
