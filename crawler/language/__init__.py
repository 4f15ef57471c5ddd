"""The two languages of pages and messages.

English sentences are the keys; ``chinese`` holds what stands in their place, ``remarks`` what the archive says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from crawler.language import chinese
from crawler.language.remarks import in_chinese

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip

# "{n} paragraphs changed", of one.
_MANY = re.compile(r"^\{n\} (new document|paragraph|attachment|block)s\b")

# What a word of the archive is called where "_" for a space is not enough.
NAMES: Mapping[str, Mapping[str, str]] = {
    "label": {"campaign": "same edit", "backfill": "back-filled"},
    "label-says": {
        "redesign": "Most documents of the source changed in one run.",
        "campaign": "The same edit on many documents within days, of one source or of several.",
        "backfill": "New here, but published long ago.",
        "silent": "Other content, while the dates that the page states stayed.",
    },
    "kind-says": {
        "new": "A document that was not known before.",
        "changed": "Its text, a field or an attachment is another.",
        "removed": "It says so for good, or said twice that it is not there.",
        "restored": "It was removed, and is there again.",
        "moved": "The same document at another address.",
    },
    "end": {"open": "not ended"},
    "error": {"robots": "not allowed by robots.txt", "gate": "refused", "dns": "no such host", "tls": "TLS failed"},
    "failure": {"no_text_layer": "a scan without text", "too_slow": "took too long to read"},
    "reason": {"http_error": "HTTP errors", "no_match": "no match"},
    "change": {"modal": "must or may", "effectivity": "in force or not", "body": "name of a body"},
}


class Language:
    """A language.  code: as in ``?lang=``.  tag: for the page.  other: the code of the other one."""

    def __init__(self, code: str, tag: str, other: str, words: Mapping[str, str] | None) -> None:
        self.code, self.tag, self.other = code, tag, other
        self._words = words

    def __call__(self, text: str, **values: Any) -> str:
        """Return a sentence, with values in place of the names in braces."""
        if self._words is not None:
            found = self._words.get(text, text)
        else:
            found = FOLDS.get(text, text)
            if values.get("n") == 1:
                found = _MANY.sub(r"{n} \1", found)
        return found.format(**values) if values else found

    def name(self, group: str, value: object) -> str:
        """Return what a word of the archive is called: of group "state", "kind", "field" and so on."""
        word = str(value or "")
        table = chinese.NAMES if self._words is not None else NAMES
        return table.get(group, {}).get(word) or word.replace("_", " ")

    def chinese(self, group: str, value: object) -> str:
        """Return the Chinese name of a word; empty where it has none."""
        return chinese.NAMES.get(group, {}).get(str(value), "")

    def remark(self, text: str | None) -> str:
        """Return what the program wrote into the archive: a reason, a fault, an alert."""
        return in_chinese(text or "") if self._words is not None else text or ""

    def day(self, day: date) -> str:
        """Return a day as people write it."""
        if self._words is not None:
            return f"{day.year}年{day.month}月{day.day}日 星期{'一二三四五六日'[day.weekday()]}"
        return f"{DAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year}"

    def span(self, start: datetime, end: datetime | None) -> str:
        """Return how long something took; a dash where it has not ended."""
        if end is None:
            return "–"
        seconds = max(round((end - start).total_seconds()), 0)
        hours, minutes = divmod(seconds // 60, 60)
        units = ("小时", "分", "秒") if self._words is not None else (" h", " min", " s")
        parts = [f"{n}{unit}" for n, unit in zip((hours, minutes, seconds % 60), units, strict=True) if n]
        return " ".join(parts[:2]) or f"0{units[2]}"


FOLDS = {
    "fold:redesign": "Most of the site: {n} documents changed in one run",
    "fold:campaign": "The same edit on {n} documents",
    "fold:backfill": "{n} documents that were published long ago",
}
LANGUAGES = {
    "en": Language("en", "en", "zh", None),
    "zh": Language("zh", "zh-Hans", "en", chinese.WORDS),
}
