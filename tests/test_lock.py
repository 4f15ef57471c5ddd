from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from storage import ArchiveError, Home, lock_at
from storage.lock import FileLock, is_held, lock_folder, was_taken
from tests.crawling import ROOT, typed

HOLD = """
import sys
from storage import home, lock_at
lock = lock_at(home(sys.argv[1]), sys.argv[2])
assert lock.acquire(wait=False)
print("held", flush=True)
sys.stdin.read()
"""


def holder(archive: Home, name: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, typed(archive), name],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_one_at_a_time(home: Home) -> None:
    first, second = lock_at(home, "run-a"), lock_at(home, "run-a")
    assert not was_taken(home, "run-a")
    assert first.acquire(wait=False)
    assert not second.acquire(wait=False)
    assert is_held(home, "run-a")
    assert not is_held(home, "run-b")
    other = lock_at(home, "run-b")
    assert other.acquire(wait=False)
    assert not first.is_lost()
    first.release()
    assert not is_held(home, "run-a")
    assert was_taken(home, "run-a")
    assert second.acquire(wait=False)
    second.release()
    other.release()


def test_taken_twice_is_given_back_twice(home: Home) -> None:
    lock, other = lock_at(home, "write"), lock_at(home, "write")
    with lock, lock:
        assert lock.held
    assert not lock.held
    with lock:
        with lock:
            pass
        assert not other.acquire(wait=False)
    lock.release()  # once too often does no harm
    assert other.acquire(wait=False)
    other.release()


def test_a_note_is_for_who_comes_next(home: Home) -> None:
    lock = lock_at(home, "host-a")
    assert lock.noted() == ""
    with lock:
        lock.note("until 12:00, it said 稍后")
    with lock_at(home, "host-a") as next_one:
        assert next_one.noted() == "until 12:00, it said 稍后"
        next_one.note("")
        assert next_one.noted() == ""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_dead_hold_nothing(home: Home, number: signal.Signals) -> None:
    process = holder(home, "run-cn_test")
    lock = lock_at(home, "run-cn_test")
    assert not lock.acquire(wait=False)
    process.send_signal(number)
    process.communicate()
    # The kernel says it at once; a server hears of it a moment later.
    assert lock.acquire(wait=True)
    lock.release()


@pytest.mark.parametrize("name", ["host-../../etc/passwd", "host-a/b", "host-[::1]:80", "host-\x00", "host-附件"])
def test_a_name_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    lock = FileLock(tmp_path / "a.db", name)
    assert lock.path.parent == lock_folder(tmp_path / "a.db")
    with lock:
        assert [p.parent for p in lock_folder(tmp_path / "a.db").iterdir()] == [lock.path.parent]


def test_one_archive_by_two_names_has_one_lock(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    archive.touch()
    (tmp_path / "link.db").symlink_to(archive)
    with FileLock(archive, "write"):
        assert not FileLock(tmp_path / "link.db", "write").acquire(wait=False)
        assert not FileLock(tmp_path / "x" / ".." / "a.db", "write").acquire(wait=False)


def test_where_no_lock_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "a.db.locks").touch()
    with pytest.raises(ArchiveError, match=r"a\.db\.locks/write: cannot be locked"):
        FileLock(tmp_path / "a.db", "write").acquire(wait=True)
