"""How the program meets the folder it is started from, and what an installation holds."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from crawler.installation import PACKAGES, check
from storage import Archive

ROOT = Path(__file__).parent.parent
CHECK = ["-c", "from crawler.installation import check; check()"]


def python(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program in ``cwd``, which Python looks through before the checkout."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment["PYTHONPATH"] = os.fspath(ROOT)
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def decoy(folder: Path, name: str) -> None:
    package = folder / name
    package.mkdir()
    (package / "__init__.py").write_text('"""Another project."""\n')


@pytest.mark.parametrize("arguments", [CHECK, ["-m", "crawler", "--help"]])
@pytest.mark.parametrize("name", ["spiders", "storage"])
def test_package_of_another_project_is_named_in_one_line(tmp_path: Path, name: str, arguments: list[str]) -> None:
    decoy(tmp_path, name)
    result = python(*arguments, cwd=tmp_path)
    assert result.returncode == 1
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert f"the package {name} comes from {tmp_path / name}" in result.stderr


def test_folder_without_a_package_in_it_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "spiders").mkdir()
    (tmp_path / "spiders" / "note.txt").write_text("no package")
    assert python(*CHECK, cwd=tmp_path).returncode == 0


def test_our_packages_lie_side_by_side() -> None:
    check()


def test_wheel_holds_the_three_packages_and_the_command() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert tuple(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == PACKAGES
    module, _, function = project["project"]["scripts"]["policytrail"].partition(":")
    assert callable(getattr(import_module(module), function))


def test_metadata_fits_the_tables(tmp_path: Path) -> None:
    metadata = yaml.safe_load((ROOT / "metadata.yaml").read_text("utf-8"))["databases"]["archive"]
    path = tmp_path / "archive.db"
    with Archive.open(path, create=True):
        pass
    connection = sqlite3.connect(path)
    try:
        for name, table in metadata["tables"].items():
            columns = {row[1] for row in connection.execute("select * from pragma_table_info(?)", (name,))}
            used = {*table.get("facets", ()), table.get("sort_desc"), table.get("label_column")} - {None}
            assert columns, name
            assert used <= columns, name
        for query in metadata["queries"].values():
            values = dict.fromkeys(re.findall(r":(\w+)", query["sql"]), "2026-11-20")
            connection.execute(query["sql"], values).fetchall()
    finally:
        connection.close()
