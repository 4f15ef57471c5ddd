from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from storage import ArchiveError, FileLock
from storage.lock import lock_folder
from tests.crawling import ROOT

HOLD = """
import sys
from pathlib import Path
from storage import FileLock
assert FileLock(Path(sys.argv[1]), sys.argv[2]).acquire(wait=False)
print("held", flush=True)
sys.stdin.read()
"""


def holder(archive: Path, name: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, archive, name],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_one_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    first, second = FileLock(path, "write"), FileLock(path, "write")
    assert first.acquire(wait=False)
    assert not second.acquire(wait=False)
    assert FileLock(path, "other").acquire(wait=False)
    first.release()
    assert second.acquire(wait=False)
    second.release()


def test_taken_twice_is_given_back_twice(tmp_path: Path) -> None:
    lock, other = FileLock(tmp_path / "a.db", "write"), FileLock(tmp_path / "a.db", "write")
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


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_dead_hold_nothing(tmp_path: Path, number: signal.Signals) -> None:
    path = tmp_path / "a.db"
    process = holder(path, "run-cn_test")
    lock = FileLock(path, "run-cn_test")
    assert not lock.acquire(wait=False)
    process.send_signal(number)
    process.communicate()
    assert lock.acquire(wait=False)
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
