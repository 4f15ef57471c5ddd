"""Records as lines of JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

# JSON leaves these as they are, but some readers end a line at them (U+0085, U+2028, U+2029), and a terminal
# obeys them (C1 controls, bidi controls).  Only strings can hold them, so an escape is always right.
_ESCAPED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
# Half a surrogate pair is no character: UTF-8 cannot hold it, and strict readers refuse its escape.
_SURROGATES = re.compile("[\ud800-\udfff]")
_ENCODE = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(", ", ": ")).encode


def line(record: Mapping[str, Any]) -> str:
    """Return a record as one line of JSON, its end included: not ASCII-escaped, keys in their order.

    Pure.  Reading it back gives an equal record, except that lone surrogates become U+FFFD.
    """
    text = _ENCODE(record)
    # All that has to be escaped is not printable; asking is many times faster than looking for it.
    if not text.isprintable():
        text = _SURROGATES.sub("\ufffd", text)
        text = _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return text + "\n"
