"""Whether two contents differ only in what was taken for the document.  Pure.

A page may say the very same in other tags, and a paragraph at the edge of its text be taken for the text in one and
for the page's frame in the other.  That is our choice, not the publisher's change.  The evidence is the pages
themselves: what is missing from the one content stands on its page all the same, as often as on the other.

>>> from storage.model import Block, BlockKind, Fields
>>> end, text = "联系人：王敏，电话 8606", "本通知自印发之日起施行，有效期五年。"
>>> old = Extraction(blocks=(Block(kind=BlockKind.PARAGRAPH, text=text), Block(kind=BlockKind.PARAGRAPH, text=end)))
>>> new = Extraction(blocks=(Block(kind=BlockKind.PARAGRAPH, text=text),), outside=(end,))
>>> before, after = (Content(fields=Fields(), paragraphs=texts) for texts in ((text, end), (text,)))
>>> chosen_otherwise(before, [old], after, [new])
('联系人：王敏，电话 8606',)
>>> chosen_otherwise(before, [old], after, [Extraction(blocks=new.blocks)])
()
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from crawler.compose import same_beside_text
from crawler.diff import Op
from crawler.diff.paragraphs import compared
from crawler.typography import squeeze
from storage.model import Content, Extraction

# A shorter text is looked for as a whole line: it may be part of any other.
_LINE_CHARS = 20
_SENTENCE = re.compile(r"(?<=[。；！？;!?])|(?<=\D\.)")
_SENTENCE_CHARS = 8
# So much of the longer text must be the same, or the choice was for another text altogether.
_SAME = 0.5


def chosen_otherwise(
    old: Content, old_pages: Sequence[Extraction], new: Content, new_pages: Sequence[Extraction]
) -> tuple[str, ...]:
    """Return the paragraphs that only one content has, where that is all, and both pages hold each as often.

    Pure.  Empty where anything else differs: a word, the order, a field that makes a version, an attachment.
    What is hidden on a page does not stand on it.

    old_pages, new_pages: the main page and the parts that the contents were composed from.
    """
    if not same_beside_text(old, new):
        return ()
    before, after = _Page(old_pages), _Page(new_pages)
    found: list[str] = []
    lost = got = 0
    for hunk in compared(old.paragraphs, new.paragraphs):
        if hunk.op is Op.MOVED:
            return ()
        if hunk.old is not None:
            if not after.shows(hunk.old, as_often_as=before):
                return ()
            lost += len(squeeze(hunk.old))
            found.append(hunk.old)
        if hunk.new is not None:
            if not before.shows(hunk.new, as_often_as=after):
                return ()
            got += len(squeeze(hunk.new))
            found.append(hunk.new)
    whole = max(len(squeeze(old.text)), len(squeeze(new.text)))
    return tuple(found) if max(lost, got) <= (1 - _SAME) * whole else ()


class _Page:
    """All that the pages of a document show, the text and what is around it."""

    def __init__(self, pages: Iterable[Extraction]) -> None:
        lines = [line for page in pages for line in _lines(page)]
        self._lines = Counter(lines)
        self._whole = "".join(lines)

    def shows(self, text: str, *, as_often_as: _Page) -> bool:
        """Tell whether these pages show a text, and each sentence of it, as often as others that do."""
        key = squeeze(text)
        # A sentence that was added after its like is found once too often; a number is found anywhere.
        sentences = (part for part in _SENTENCE.split(key) if len(part) >= _SENTENCE_CHARS)
        return 0 < as_often_as.count(key) <= self.count(key) and all(
            self._whole.count(part) >= as_often_as._whole.count(part) for part in sentences
        )

    def count(self, key: str) -> int:
        """Return how often a text without white space is shown."""
        return self._lines[key] if len(key) < _LINE_CHARS else self._whole.count(key)


def _lines(page: Extraction) -> Iterator[str]:
    for block in page.blocks:
        yield from map(squeeze, block.text.split("\n"))
    yield from map(squeeze, page.outside)
