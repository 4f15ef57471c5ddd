from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.ladder import BOUND, expected_delay, interval, is_due

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def wait(age_days: float, changes: int = 0) -> float:
    return interval(START + age_days * DAY, first_seen_at=START, changes=changes, every=DAY) / DAY


def test_new_often_quiet_rarer_changing_often_again() -> None:
    assert (wait(0), wait(1), wait(16), wait(2_000)) == (1, 1, 4, BOUND)
    assert wait(100, 3) < wait(100, 1) < wait(100)


@given(st.floats(0, 1e5), st.integers(0, 10_000))
def test_never_below_the_interval_nor_beyond_the_bound(age: float, changes: int) -> None:
    assert 1 <= wait(age, changes) <= BOUND


def test_a_run_that_is_a_little_early_visits() -> None:
    seen = START - 16 * DAY
    assert is_due(START + 3.9 * DAY, START, first_seen_at=seen, changes=0, every=DAY)
    assert not is_due(START + 3 * DAY, START, first_seen_at=seen, changes=0, every=DAY)


def test_expected_delay() -> None:
    assert expected_delay(START, [], DAY) is None
    assert expected_delay(START, [(START, 0, 1), (START - 9 * DAY, 0, 1)], DAY) == DAY
    assert expected_delay(START, [(START, 0, 3), (START - 9 * DAY, 0, 1)], DAY) == 0.75 * DAY


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_fresher_than_uniform_and_adaptive_at_equal_budget(seed: str) -> None:
    bench = Path(__file__).parent.parent / "bench" / "revisit.py"
    command = [sys.executable, str(bench), "--seed", seed, "--documents", "300", "--days", "120"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
