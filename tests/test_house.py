"""The rules of the house: names, imports, and documents in step with the code."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from spiders.loader import load
from tests.project import declared_lines, normal

ROOT = Path(__file__).parent.parent
PACKAGES = ("crawler", "spiders", "storage")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
FORBIDDEN = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}

# Part of Python, but not of the oldest one we run on.
LATER_PYTHON = {"compression"}

# Declared though nothing of ours imports it, and why.
NEEDED_BY_OTHERS = {"lxml-html-clean": "trafilatura imports it, and old installers leave it out"}


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), os.fspath(path))


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(tree(path)), "the module has no docstring"


def test_names_say_something() -> None:
    named = [place(p) for p in MODULES if FORBIDDEN & {*p.relative_to(ROOT).parts, p.stem}]
    assert not named


def test_nothing_catches_everything() -> None:
    found = [
        f"{place(path)}:{handler.lineno}"
        for path in MODULES
        for handler in ast.walk(tree(path))
        if isinstance(handler, ast.ExceptHandler) and catches_all(handler)
    ]
    assert not found


def catches_all(handler: ast.ExceptHandler) -> bool:
    """Tell whether errors nobody thought of end in a handler; to look or clean up and raise again is right."""
    if handler.type is None:
        return True
    names = {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)}
    raises_again = any(isinstance(node, ast.Raise) and node.exc is None for node in ast.walk(handler))
    return "Exception" in names or ("BaseException" in names and not raises_again)


def test_imports_go_down() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_shipped_sources_load() -> None:
    sources = load()
    assert sources.problems == ()
    assert sources.sources


def test_scrapy_lists_the_shipped_sources() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("POLICYTRAIL_")}
    result = subprocess.run(
        [sys.executable, "-m", "scrapy", "list"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == sorted(load().sources)


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def declared() -> set[str]:
    return {normal(re.split(r"[^A-Za-z0-9._-]", line)[0]) for line in declared_lines()}


def outside_imports() -> dict[str, set[str]]:
    """Return the distributions that each top-level import from outside may come from."""
    known = packages_distributions()
    tops = {name.partition(".")[0] for path in MODULES for name in imported(path)}
    outside = tops - set(sys.stdlib_module_names) - LATER_PYTHON - set(PACKAGES)
    return {top: {normal(name) for name in known.get(top, ())} for top in outside}


def test_what_is_imported_is_declared() -> None:
    missing = {top: names for top, names in outside_imports().items() if not names & declared()}
    assert not missing


def test_what_is_declared_is_imported() -> None:
    used = set().union(*outside_imports().values())
    assert declared() - used == set(NEEDED_BY_OTHERS)


def test_architecture_names_each_module() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    shown = [path for path in MODULES if path.parent.parent == ROOT and path.name != "__init__.py"]
    folders = {path.parent for path in MODULES if path.parent.parent != ROOT}
    names = {*map(place, shown), *(place(path) + "/" for path in folders)}
    listed = set(re.findall(r"^\| `((?:crawler|spiders|storage)/[^`]+)` \|", text, re.M))
    assert names - listed == set(), "not in docs/architecture.md"
    assert [name for name in sorted(listed) if not (ROOT / name).exists()] == [], "gone, but still described"


def test_architecture_names_each_table() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    schema = (ROOT / "storage" / "schema.py").read_text("utf-8")
    names = re.findall(r"create (?:virtual table|table|view) (\w+)", schema)
    assert [name for name in names if f"`{name}`" not in text] == []


def test_decisions_are_numbered_and_whole() -> None:
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [path.name[:4] for path in records] == [f"{n:04}" for n in range(1, len(records) + 1)]
    for path in records:
        headings = re.findall(r"^## (.+)$", path.read_text("utf-8"), re.M)
        assert headings == ["Context", "Options", "Choice", "Consequences"], path.name
