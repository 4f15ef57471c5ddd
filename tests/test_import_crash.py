"""An import that is killed, and made again: nothing is lost, nothing doubled, and histories are whole."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Command
from tests.crawling import ROOT, rows
from tests.test_import import NAME, ORIGIN, Records, histories, page, write_source

COUNT = 8
# Imports as the command does, and is killed, without a word, when so much has been done.
KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from crawler.importing import bring_in
from spiders.loader import load
from storage import Archive

archive, sources, file, source, said, times = sys.argv[1:]
left = int(times)

def progress(state):
    global left
    left -= said in state
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    with Archive.open(Path(archive), create=True) as opened:
        known = load(Path(sources)).get(source)
        bring_in(opened, known, (Path(file),), at=datetime.now(UTC), progress=progress)
"""


@pytest.fixture
def captures(tmp_path: Path) -> Path:
    """Return a file of captures: three times eight notices, each with a file that is another one each time."""
    records = Records()
    for month in (1, 2, 3):
        for n in range(COUNT):
            more = f"<p><a href='/zc/P{n}.txt'>附件{n}.txt</a></p>"
            at = f"2024-0{month}-09T08:00:{n:02}Z"
            records.add(f"{ORIGIN}/zc/t20240506_{n}.html", at, page(month + n % 3, more=more))
            table = f"第{month}版时间表之{n}"
            records.add(f"{ORIGIN}/zc/P{n}.txt", at.replace(":00:", ":01:"), table.encode(), Content_Type="text/plain")
    file = tmp_path / "captures.warc.gz"
    file.write_bytes(records.bytes())
    return file


def test_a_killed_import_is_made_good(
    captures: Path, policytrail: Command, environment: dict[str, str], tmp_path: Path
) -> None:
    sources = tmp_path / "own"
    sources.mkdir()
    write_source(sources, ORIGIN)
    script = tmp_path / "killed.py"
    script.write_text(KILLED, "utf-8")
    archive, clean = tmp_path / "archive.db", tmp_path / "clean.db"
    # After the first answers, while pages are read, after files were recorded, and before histories are made.
    for said, times in (("answers recorded", 1), ("answers recorded", 2), ("pages read", 1), ("histories", 1)):
        command = [sys.executable, script, archive, sources, captures, NAME, said, str(times)]
        killed = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=120)
        assert killed.returncode == -signal.SIGKILL, (said, killed.stderr)
        assert rows(archive, "fetch")["fetch"] and not rows(archive, "version")["version"]
    for path in (archive, clean):
        done = policytrail("import", captures, "--source", NAME, "--archive", path, "--sources", sources)
        assert done.returncode == 0, done.stderr
    assert histories(archive) == histories(clean)
    assert sorted(len(each) for each in histories(archive).values()) == [3] * COUNT
    assert [len(rows(path, "fetch")["fetch"]) for path in (archive, clean)] == [6 * COUNT] * 2
    assert not rows(archive, "event", "outbox")["event"]
    looked = policytrail("status", "--check", "--json", "--archive", archive, "--sources", sources)
    assert json.loads(looked.stdout)["integrity"]["problems"] == [], looked.stdout
