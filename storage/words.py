"""Words for the full-text index: Chinese by pairs of characters, everything else by words.  Pure.

A run of Han (or kana, hangul) characters becomes its overlapping pairs and then its last character, so a
phrase of pairs finds any word of two characters or more, and a prefix finds a single one.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

_CJK = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
_RUN = re.compile(f"[{_CJK}]+|[^\\W_{_CJK}]+")
_IS_CJK = re.compile(f"[{_CJK}]")


def _runs(text: str) -> list[str]:
    return _RUN.findall(unicodedata.normalize("NFKC", text).lower())


def index_words(text: str) -> str:
    """Return the words of a text, split by spaces, as the index holds them.

    >>> index_words("人工智能 2024")
    '人工 工智 智能 能 2024'
    """
    words: list[str] = []
    for run in _runs(text):
        if _IS_CJK.match(run):
            words += [one + next_one for one, next_one in pairwise(run)]
            words.append(run[-1])
        else:
            words.append(run)
    return " ".join(words)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of the index that stand next to each other; open_end: the last one is only how a word begins."""

    words: tuple[str, ...]
    open_end: bool = False


def phrases(words: str) -> list[Phrase]:
    """Return each word of a question as a phrase of the index's words.

    >>> [phrase.words for phrase in phrases("人工智能 通知")]
    [('人工', '工智', '智能'), ('通知',)]
    """
    found = []
    for word in words.split():
        runs = _runs(word)
        parts: list[str] = []
        for place, run in enumerate(runs):
            if not _IS_CJK.match(run):
                parts.append(run)
                continue
            parts.extend(run[i : i + 2] for i in range(len(run) - 1))
            # Inside a word the run is known to end here, so its last character stands in the index too.
            if place < len(runs) - 1 or len(run) == 1:
                parts.append(run[-1])
        if parts:
            open_end = bool(_IS_CJK.match(runs[-1])) and len(runs[-1]) == 1
            found.append(Phrase(tuple(map(fold, parts)), open_end))
    return found


def query(words: str) -> str | None:
    """Return an FTS5 query that finds texts with all the words, each as a phrase; None where there is no word.

    >>> query("人工智能 通知")
    '"人工 工智 智能" AND "通知"'
    >>> query("条")
    '"条" *'
    """
    said = [f'"{" ".join(phrase.words)}"' + (" *" if phrase.open_end else "") for phrase in phrases(words)]
    return " AND ".join(said) or None


def is_found_within(word: str) -> bool:
    """Tell whether the index finds a word wherever it stands in a text: its ends may lie within other words.

    >>> is_found_within("补贴"), is_found_within("第12号"), is_found_within("policy"), is_found_within("2024年")
    (True, True, False, False)
    """
    return bool(word and _IS_CJK.match(word[0]) and _IS_CJK.match(word[-1]))


def fold(words: str) -> str:
    """Return words without the marks on Latin letters, as FTS5 compares them.

    >>> fold("é ά 2024")
    'e ά 2024'
    """
    if words.isascii():
        return words
    return "".join(apart[0] if (apart := unicodedata.normalize("NFD", each))[0].isascii() else each for each in words)


def single_characters(words: Iterable[str]) -> set[str]:
    """Return the Chinese characters of words, each by itself."""
    return {each for word in words if _IS_CJK.match(word) for each in word}


def bm25(counted: Sequence[float], holding: Sequence[int], *, size: int, texts: int, mean: float) -> float:
    """Return how well a text answers, as FTS5 weighs it; more is better.

    counted: how often each phrase stands in it, weighed by place.  holding: how many texts hold each phrase.
    size: words of the text.  texts, mean: how many texts there are, and their mean size.
    """
    worth = 0.0
    for often, held in zip(counted, holding, strict=True):
        rare = max(math.log((texts - held + 0.5) / (held + 0.5)), 1e-6)
        worth += rare * often * 2.2 / (often + 1.2 * (0.25 + 0.75 * size / (mean or 1)))
    return worth


def snippet(text: str, words: str, *, width: int = 60) -> str:
    """Return a piece of text around the first word found, the words marked by \\x02 and \\x03; one line."""
    flat = " ".join(text.split())
    wanted = sorted({w for w in words.split() if w}, key=len, reverse=True)
    pattern = re.compile("|".join(re.escape(w) for w in wanted), re.IGNORECASE) if wanted else None
    first = pattern.search(flat) if pattern else None
    start = max(0, first.start() - width // 2) if first else 0
    piece = flat[start : start + 2 * width]
    if pattern:
        piece = pattern.sub(lambda m: f"\x02{m[0]}\x03", piece)
    return ("…" if start else "") + piece + ("…" if start + 2 * width < len(flat) else "")
