"""The archive: the only reader and writer of the database."""

from __future__ import annotations

from storage.forgetting import Forgetting
from storage.legs import Legs


class Archive(Forgetting, Legs):
    """One archive on disk.

    It records (runs, listings, fetches, snapshots), keeps what is derived (extractions, judgements, documents,
    versions) and what was announced (events), and answers questions about them. No SQL leaves this package.
    """
