"""The daemon in fast motion, for a short while; bench/soak.py does it for long."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.crawling import ROOT


def test_no_run_is_missed_or_doubled_and_killed_ones_are_marked(environment: Mapping[str, str], tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "bench" / "soak.py"), "--out", str(tmp_path / "soak")]
    command += ["--runs", "20", "--kills", "2", "--sources", "4", "--seed", "2"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout)
    assert figures["problems"] == []
    assert figures["finished"] >= 20
    assert (figures["schedulers_killed"], figures["runs_killed"]) == (1, 1)
