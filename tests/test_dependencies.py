"""An audit of what is installed with the program: licences that allow its use, and versions that fit each other.

Known faults of releases are asked of a database elsewhere, and so by hand: SECURITY.md says how.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata

import pytest
from packaging.requirements import Requirement

from tests.project import declared_lines, normal

PERMISSIVE = re.compile(
    r"0BSD|Apache|BSD|CC0|CNRI|ISC\b|MIT\b|MIT-0|MPL|Mozilla|PSF|Python Software Foundation|Public Domain|Unlicense"
    r"|ZPL|LGPL|Lesser General Public",
    re.IGNORECASE,
)
BINDING = re.compile(r"AGPL|Affero|SSPL|Commons Clause|Business Source|\bGPL", re.IGNORECASE)


def applies(needed: Requirement, extras: set[str]) -> bool:
    return needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras | {""})


def needs() -> Iterator[tuple[str, Requirement]]:
    """Yield who needs what, from the project's own lines down; what is not installed ends there."""
    waiting = [("policytrail", Requirement(line)) for line in declared_lines()]
    done: dict[str, set[str]] = {}
    while waiting:
        who, needed = waiting.pop()
        if who == "policytrail" and not applies(needed, set()):
            continue
        yield who, needed
        name, extras = normal(needed.name), set(needed.extras)
        if name in done and extras <= done[name]:
            continue
        done[name] = done.get(name, set()) | extras
        try:
            further = metadata.distribution(name).requires or []
        except metadata.PackageNotFoundError:
            continue
        waiting.extend((name, one) for one in map(Requirement, further) if applies(one, extras))


INSTALLED = sorted({normal(needed.name) for _, needed in needs()})


def licences(name: str) -> list[str]:
    """Return the licences that a distribution offers: each of them may be chosen."""
    said = metadata.metadata(name)
    expression = said.get("License-Expression")
    if expression:
        return re.split(r"\s+OR\s+", expression.strip("()"))
    classified = [line.rpartition(" :: ")[2] for line in said.get_all("Classifier") or () if line.startswith("License")]
    written = (said.get("License") or "").strip().splitlines()[:1]
    return classified or written


@pytest.mark.parametrize("name", INSTALLED)
def test_licence_allows_use(name: str) -> None:
    try:
        offered = licences(name)
    except metadata.PackageNotFoundError:
        pytest.skip("not installed here")
    assert any(PERMISSIVE.search(one) and not BINDING.search(one) for one in offered), offered


def test_versions_fit_each_other() -> None:
    misfits = []
    for who, needed in needs():
        try:
            version = metadata.version(needed.name)
        except metadata.PackageNotFoundError:
            continue
        if not needed.specifier.contains(version, prereleases=True):
            misfits.append(f"{who} needs {needed}, installed is {version}")
    assert not misfits


def test_the_program_itself_is_covered() -> None:
    assert {"scrapy", "trafilatura", "lxml", "sqlite-utils", "apscheduler"} <= set(INSTALLED)


@pytest.mark.parametrize("said", ["AGPL-3.0-only", "GPL-3.0-or-later", "GNU Affero General Public License v3", ""])
def test_a_licence_that_binds_is_found(said: str) -> None:
    assert not PERMISSIVE.search(said) or BINDING.search(said)
