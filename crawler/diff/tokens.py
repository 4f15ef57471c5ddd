"""What words, numbers and characters a text is made of.  Pure."""

from __future__ import annotations

import re

from crawler.clauses import HAN_DIGITS

# Han and kana are written without spaces: a token per character.  Other scripts, and numbers with their inner
# marks (1,200.50 or 10:30 or 2026-05-01), stay whole: half a number marked as changed misleads.
HAN = "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LETTER = rf"[^\W{HAN}]"
# So do numbers in Han digits.
TOKEN = re.compile(rf"[{HAN_DIGITS}万亿]{{2,}}|[{HAN}]|{_LETTER}+(?:[.,:'’\-]{_LETTER}+)*[%％‰]?|\s+|.", re.DOTALL)
