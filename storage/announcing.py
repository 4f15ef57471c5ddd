"""Announced rows: events, what is to be sent, and how far each document has spoken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.codec import dump_pieces, load_pieces
from storage.deriving import Deriving
from storage.model import EventKind, Piece, Run
from storage.times import stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How far a document has spoken: the event told last, and the composition it ended in."""

    document_id: int
    event_id: int
    resource_id: int
    present: bool
    pieces: tuple[Piece, ...]


class Announcing(Deriving):
    """Writes what is said once, and never unsaid."""

    def told(self, document_id: int) -> Told | None:
        """Return how far a document has spoken."""
        row = self._row(
            "select document_id, event_id, resource_id, present, pieces from spoken where document_id = ?",
            document_id,
        )
        if row is None:
            return None
        return Told(
            document_id=row[0],
            event_id=row[1],
            resource_id=row[2],
            present=bool(row[3]),
            pieces=load_pieces(row[4]),
        )

    def tell(
        self,
        kind: EventKind,
        *,
        run: Run,
        document_id: int,
        resource_id: int,
        previous_id: int | None,
        title: str | None,
        at: datetime,
        baseline: bool,
        before: tuple[Piece, ...],
        after: tuple[Piece, ...],
        quiet: str | None = None,
    ) -> int:
        """Write an event, its place in the outbox and how far the document has spoken.

        Neither a baseline nor a quiet class of change goes into the outbox.
        """
        with self.write():
            event_id = self._insert(
                "insert into event (kind, source, document_id, resource_id, previous_id, title, happened_at, run_id, "
                "baseline, before, after, quiet) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                kind,
                run.source,
                document_id,
                resource_id,
                previous_id,
                title,
                stamp(at),
                run.run_id,
                int(baseline),
                dump_pieces(before),
                dump_pieces(after),
                quiet,
            )
            if not baseline and quiet is None:
                self._db.execute("insert into outbox (event_id, queued_at) values (?, ?)", (event_id, stamp(at)))
            gone = kind is EventKind.REMOVED
            self._move_told(document_id, event_id, resource_id, not gone, before if gone else after)
        return event_id

    def complete_told(self, told: Told, pieces: tuple[Piece, ...]) -> None:
        """Take late parts into what a document has spoken of, without an event."""
        with self.write():
            self._move_told(told.document_id, told.event_id, told.resource_id, told.present, pieces)

    def _move_told(
        self, document_id: int, event_id: int, resource_id: int, present: bool, pieces: tuple[Piece, ...]
    ) -> None:
        self._db.execute(
            "insert into spoken (document_id, event_id, resource_id, present, pieces) values (?, ?, ?, ?, ?) "
            "on conflict (document_id) do update set event_id = excluded.event_id, "
            "resource_id = excluded.resource_id, present = excluded.present, pieces = excluded.pieces",
            (document_id, event_id, resource_id, int(present), dump_pieces(pieces)),
        )
