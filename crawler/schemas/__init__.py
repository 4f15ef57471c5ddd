"""JSON Schemas of what the commands print with --json and of what an export holds, and the way to that form."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from storage.home import Server
from storage.times import stamp


def schema(name: str) -> dict[str, Any]:
    """Return a schema: "record" or "manifest" of an export, or the one named after a command with --json."""
    loaded: dict[str, Any] = json.loads(files(__name__).joinpath(f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def plain(value: object) -> Any:
    """Return a value of the model as JSON knows it: dataclasses as objects, times as ``stamp`` writes them.

    Pure.  Raises TypeError for what has no such form, bytes and naive times for instance.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError("a time without a zone")
        return stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, str | Path | Server):
        return str(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    raise TypeError(f"no JSON form: {type(value).__name__}")
