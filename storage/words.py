"""Words for the full-text index: Chinese by pairs of characters, everything else by words.  Pure.

A run of Han (or kana, hangul) characters becomes its overlapping pairs and then its last character, so a
phrase of pairs finds any word of two characters or more, and a prefix finds a single one.
"""

from __future__ import annotations

import re
import unicodedata

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
            words.extend(run[i : i + 2] for i in range(len(run)))
        else:
            words.append(run)
    return " ".join(words)


def query(words: str) -> str | None:
    """Return an FTS5 query that finds texts with all the words, each as a phrase; None where there is no word.

    >>> query("人工智能 通知")
    '"人工 工智 智能" AND "通知"'
    >>> query("条")
    '"条" *'
    """
    phrases = []
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
            phrases.append(f'"{" ".join(parts)}"' + (" *" if open_end else ""))
    return " AND ".join(phrases) or None


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
