"""What the documents of one source share, as immutable data named by its hash.  Pure.

The first profile of a source is empty. A profile is frozen for a run; what a run learned is in force from the
next one on.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

from storage.model import Block


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Blocks that are none of any document's text, each with the rule that says so.

    rules: hash of a block's text -> name of the rule.
    """

    source: str
    rules: dict[str, str] = field(default_factory=dict)

    def left_out(self, block: Block) -> str | None:
        """Return why a block stays out of the text, or None where it counts."""
        return block.left_out or self.rules.get(block_key(block))

    @property
    def data(self) -> str:
        """The profile as JSON, equal for equal profiles."""
        return json.dumps({"source": self.source, "rules": self.rules}, ensure_ascii=False, sort_keys=True)

    @property
    def sha256(self) -> str:
        """The name of the profile."""
        return hashlib.sha256(self.data.encode()).hexdigest()


def block_key(block: Block) -> str:
    """Return the hash by which a profile knows a block; white space does not count."""
    return hashlib.sha256("".join(block.text.split()).encode("utf-8", "replace")).hexdigest()[:16]
