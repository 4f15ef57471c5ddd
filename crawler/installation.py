"""Finds out whether the three packages belong together.

Their names are plain words: a folder ``spiders`` where a command is started, or another project on PYTHONPATH,
would silently take the place of ours. Imports nothing of ours, so that it can say so before an import fails.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

PACKAGES = ("crawler", "spiders", "storage")


def check() -> None:
    """Refuse to work with a package of the same name from elsewhere.

    To be called before anything else of ours is imported. Raises SystemExit with one line, which Python
    prints, and exit code 1: the base of our own errors may lie in the very package that is not ours.
    """
    home = Path(__file__).resolve().parent.parent
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        places = [Path(place) for place in spec.submodule_search_locations or ()] if spec else []
        if (home / name) not in [place.resolve() for place in places]:
            found = f"comes from {places[0]}" if places else "is missing"
            raise SystemExit(
                f"policytrail: the package {name} {found}, it should lie in {home}; "
                "start from another folder, look at PYTHONPATH, or install again"
            )
