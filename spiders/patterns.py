"""Regular expressions out of source files: a pattern may take for ever, so each look has a limit of time."""

from __future__ import annotations

import logging
import re
from functools import lru_cache

import regex

logger = logging.getLogger(__name__)

# One look takes microseconds; a pattern that takes so long on an address will on the next one, too.
TIME_LIMIT_S = 0.25
LONGEST_PATTERN = 500
# What patterns of a repetition within a repetition choke on: long runs, of all that addresses are made of, that
# then do not end as the pattern wants.
_RUNS = ("a", "A", "0", "ab", "a0", "-", "_", "/", "a/", "0/", "/a1", ".", "a-", "%E6", "=", "&a=1", " ")
PROBES = tuple(f"/{run * (1_900 // len(run))}{end}" for run in _RUNS for end in ("!", "", "\n"))

_slow: set[str] = set()


@lru_cache(maxsize=1_024)
def _compiled(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern, regex.VERSION0)


def found(pattern: str, text: str) -> bool:
    """Tell whether a pattern is found in a text.

    A pattern that once took longer than TIME_LIMIT_S is found nowhere from then on; the log says so, once.
    """
    if pattern in _slow:
        return False
    try:
        return _compiled(pattern).search(text, timeout=TIME_LIMIT_S) is not None
    except TimeoutError:
        _slow.add(pattern)
        logger.warning("the pattern %r takes too long and is not used: %s", pattern, HINT)
        return False


HINT = "write it without a repetition within a repetition"


def problem(pattern: str) -> str | None:
    """Return what is wrong with a pattern in a line, or None; takes some time where it is slow."""
    if len(pattern) > LONGEST_PATTERN:
        return f"a pattern has more than {LONGEST_PATTERN} characters"
    try:
        re.compile(pattern)
        compiled = _compiled(pattern)
    except (re.error, regex.error, RecursionError, OverflowError) as error:
        return f"'{pattern}' is not a regular expression: {error}"
    try:
        for probe in PROBES:
            compiled.search(probe, timeout=TIME_LIMIT_S)
    except TimeoutError:
        return f"{pattern!r} takes too long on some addresses; {HINT}"
    return None
