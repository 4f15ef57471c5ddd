"""sqlite-utils, without what it loads for data frames.

Where pandas and numpy are installed it imports them to know their types. None comes to an archive, and every
process that opens one would start a second later.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Database", "Migrations"]


@contextmanager
def _absent(*names: str) -> Iterator[None]:
    """Have modules that nobody has imported yet look as if they were not installed."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None is how the import system is told so
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


with _absent("pandas", "numpy"):
    from sqlite_utils import Database, Migrations
