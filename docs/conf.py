"""How the documentation is built: ``sphinx-build -W -n docs docs/_build``. Needs no network."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from made_from_code import write_reference  # noqa: E402

from crawler import __version__  # noqa: E402

project = "policytrail"
author = "the authors of policytrail"
copyright = "the authors of policytrail"
release = version = __version__
extensions = ["myst_parser"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "policytrail"

html_show_sourcelink = False

write_reference(HERE / "reference")
