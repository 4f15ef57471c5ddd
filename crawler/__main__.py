"""``python -m crawler``: the same as the command ``policytrail``."""

from __future__ import annotations

from crawler.cli import main

# Worker processes import this module again and must not start a second command.
if __name__ == "__main__":
    main()
