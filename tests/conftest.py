"""What every test may ask for: real sites, a place for an archive, and the command in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from crawler.demo.site import DemoSite
from storage import Home
from tests.postgres import Postgres, is_required, programs, running
from tests.site import Site

ROOT = Path(__file__).parent.parent


class Command(Protocol):
    """``python -m crawler`` with arguments, run to its end."""

    def __call__(
        self, *arguments: str | Path, env: Mapping[str, str] | None = None, timeout_s: float = 120
    ) -> subprocess.CompletedProcess[str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstration:
    """What ``policytrail demo`` left behind, and what it printed; to be read only.

    origin: where the site was, which is gone.
    """

    archive: Path
    sources: Path
    corpus: Path
    origin: str
    result: subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """The demonstration, run once for all tests: the demo site, crawled on both days."""
    folder = tmp_path_factory.mktemp("demo")
    kept = {name: value for name, value in os.environ.items() if not _is_ours(name)}
    result = subprocess.run(
        [sys.executable, "-m", "crawler", "demo", "--dir", "policytrail-demo"],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    made = folder / "policytrail-demo"
    found = re.search(r"http://127\.0\.0\.1:\d+", result.stdout)
    assert found, result.stdout + result.stderr
    return Demonstration(
        archive=made / "archive.db",
        sources=made / "sources",
        corpus=made / "corpus.jsonl",
        origin=found[0],
        result=result,
    )


@pytest.fixture
def site() -> Iterator[Site]:
    """An empty site; the test puts its pages in."""
    with Site() as served:
        yield served


@pytest.fixture
def demo_site() -> Iterator[DemoSite]:
    """The demo site, on day 0."""
    with DemoSite() as served:
        yield served


@pytest.fixture
def archive_path(tmp_path: Path) -> Path:
    """Where an archive may be made; there is none yet."""
    return tmp_path / "archive.db"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server, for all tests."""
    if programs() is None and not is_required():
        pytest.skip("PostgreSQL is not installed")
    with running() as server:
        yield server


@pytest.fixture(params=["file", "server"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    """Where an archive may be made, in each of the homes it may have; there is none yet, or an empty one."""
    if request.param == "file":
        return tmp_path / "archive.db"
    server: Postgres = request.getfixturevalue("postgres")
    return server.archive()


@pytest.fixture
def sources_dir(tmp_path: Path) -> Path:
    """An empty folder for source files."""
    folder = tmp_path / "sources"
    folder.mkdir()
    return folder


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The variables of a clean machine: a home of its own, none of our settings."""
    home = tmp_path / "home"
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if not _is_ours(name)}
    return {
        **kept,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_DATA_HOME": str(home / ".local" / "share"),
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
    }


@pytest.fixture
def policytrail(environment: Mapping[str, str], tmp_path: Path) -> Command:
    """The command, run in tmp_path with a clean environment."""

    def run(
        *arguments: str | Path, env: Mapping[str, str] | None = None, timeout_s: float = 120
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "crawler", *map(str, arguments)],
            cwd=tmp_path,
            env={**environment, **(env or {})},
            capture_output=True,
            encoding="utf-8",
            timeout=timeout_s,
            check=False,
        )

    return run


def _is_ours(name: str) -> bool:
    # A proxy of the machine must not stand between a test and its loopback site.
    return name.startswith(("POLICYTRAIL_", "SCRAPY_")) or name.lower().endswith("_proxy")
