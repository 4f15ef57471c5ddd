"""What the project's own file says of it, and names of distributions as that file's readers compare them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

PROJECT: dict[str, Any] = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))["project"]
# What checks the program or is compared with it: nothing of it is imported by the program, nor goes to its users.
OWN_USE = frozenset({"dev", "docs", "bench"})


def declared_lines() -> list[str]:
    """Return the requirements of the program and of its extras."""
    extras = PROJECT.get("optional-dependencies", {}).items()
    return [*PROJECT["dependencies"], *(line for key, some in extras if key not in OWN_USE for line in some)]


def normal(name: str) -> str:
    """Return the name of a distribution in its one normal form."""
    return re.sub(r"[-_.]+", "-", name).lower()
