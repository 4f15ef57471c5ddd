"""Saved pages, and what must come out of them: tests/cases/<source>/<slug>/."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crawler.extract import extract
from storage.model import Extraction, Fields

CASES = sorted(Path(__file__).parent.glob("cases/*/*/meta.json"))


def extraction_of(case: Path) -> tuple[dict[str, Any], Extraction]:
    meta = json.loads(case.read_text("utf-8"))
    found = extract(
        case.with_name("page.html").read_bytes(),
        url=meta["url"],
        content_type=meta["content_type"],
        fetched_on=date.fromisoformat(meta["fetched_on"]),
    )
    return meta, found


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.parent.name}-{case.parent.name}")
def test_case(case: Path) -> None:
    meta, found = extraction_of(case)
    kept = [line for block in found.blocks if block.left_out is None for line in block.text.split("\n")]
    assert kept == case.with_name("expected.txt").read_text("utf-8").splitlines()
    assert found.failure is None
    for name, value in meta["fields"].items():
        told = getattr(found.fields, name)
        assert (told.isoformat() if isinstance(told, date) else told) == value, name
    assert [[link.url, link.number] for link in found.parts] == meta.get("parts", [])
    assert [[link.url, link.name] for link in found.attachments] == meta.get("attachments", [])


def test_there_are_cases() -> None:
    assert len(CASES) >= 130


def test_policy_cases_say_of_every_field_what_it_is() -> None:
    # Where its day comes from is not said by a page.
    every = {field.name for field in dataclasses.fields(Fields)} - {"published_from"}
    told = [case for case in CASES if set(json.loads(case.read_text("utf-8"))["fields"]) == every]
    assert len(told) >= 120
