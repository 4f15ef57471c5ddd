"""What of a text is form alone: blanks, width of characters, style of quotation marks, dashes and dots.  Pure.

One definition, by which a change is quiet and by which an edit is of the kind typography.
"""

from __future__ import annotations

import re
import unicodedata

# Quotation marks, dashes and dots that editors and their software exchange for each other.
_FORMS = {
    **dict.fromkeys("“”„‟«»「」『』〝〞＂", '"'),
    **dict.fromkeys("‘’‚‛‹›`´＇", "'"),
    **dict.fromkeys("‐‑‒–—―−－─", "-"),
    **dict.fromkeys("·•‧・･∙", "·"),
    "…": "...",
    "。": ".",
    "、": ",",
    "～": "~",
}
_FORM = re.compile(f"[{re.escape(''.join(_FORMS))}]")
_RUN = re.compile("--+")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]+")
# Letters and figures of which each has one form only.
_SIMPLE = re.compile(r"[\u4e00-\u9fff0-9A-Za-z]*")


def squeeze(text: str) -> str:
    """Return a text without white space and without characters that nobody sees."""
    dense = "".join(text.split())
    # What is not seen is not printable either, and most texts have none of it.
    return dense if dense.isprintable() else _INVISIBLE.sub("", dense)


def leveled(text: str) -> str:
    """Return a text in which the width of characters and the form of quotation marks, dashes and dots do not count."""
    # Most characters have one form: looking for the others is much faster than translating all.
    wide = unicodedata.normalize("NFKC", _FORM.sub(_usual, text))
    return _RUN.sub("-", _FORM.sub(_usual, wide))


def _usual(match: re.Match[str]) -> str:
    return _FORMS[match[0]]


def looks(text: str) -> str:
    """Return a text in which blanks do not count either.

    >>> looks("“申请人” ，应当") == looks('"申请人",应当')
    True
    """
    return text if _SIMPLE.fullmatch(text) else squeeze(leveled(text))
