"""Calling ourselves in a process of its own: a reactor starts once in a process."""

from __future__ import annotations

import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent.parent


def own_command(*arguments: str) -> list[str]:
    """Return the program and arguments that run one of our commands in the present folder."""
    # Else a folder "crawler" in the present folder would be run in our place; -P keeps Python from looking there.
    safe = [] if Path.cwd() == HOME else ["-P"]
    return [sys.executable, *safe, "-m", "crawler", *arguments]
