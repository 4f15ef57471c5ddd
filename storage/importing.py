"""Answers that other programs kept, recorded at their own times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from storage.errors import ArchiveError
from storage.model import Answer, Role, RunEnd
from storage.recording import Listed, Recording
from storage.times import stamp


class Importing(Recording):
    """Writes what was not fetched by us; such runs are finished when they are written, and never announce."""

    def import_answers(
        self,
        source: str,
        answers: Sequence[tuple[Role, Answer]],
        *,
        origin: str,
        at: datetime,
        extractor: str,
        profile: str,
        recasting: bool = False,
    ) -> None:
        """Record answers as one finished run, in one transaction.

        answers: with the role in which their address is listed; in the order of their times.
        origin: what they were read from.  at: when they are imported.
        recasting: the roles are those of lists, as another archive has them.

        Raises ArchiveError for an answer that is later than ``at``.
        """
        if not answers:
            return
        if any(answer.fetched_at > at for _, answer in answers):
            raise ArchiveError(f"{self.path}: an answer from the future cannot be imported")
        with self.write():
            number = (self._row("select coalesce(max(run_id), 0) + 1 from run") or (1,))[0]
            self._insert(
                "insert into run (run_id, source, root_id, started_at, ended_at, end_reason, extractor, profile, "
                "imported_at, imported_from) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                number,
                source,
                number,
                stamp(answers[0][1].fetched_at),
                stamp(answers[-1][1].fetched_at),
                RunEnd.FINISHED,
                extractor,
                profile,
                stamp(at),
                origin,
            )
            run = self.run(number)
            for role, answer in answers:
                (resource,) = self.add_listings(
                    run, [Listed(url=answer.url, role=role)], found_on=None, at=at, recasting=recasting
                )
                self.record(run, resource.resource_id, answer, in_its_time=True)

    def has_answer(self, url: str, fetched_at: datetime, sha256: str | None) -> bool:
        """Tell whether an answer of an address at a moment is recorded already, with these bytes or without any."""
        return (
            self._row(
                "select 1 from fetch f join resource r using (resource_id) left join snapshot s using (snapshot_id) "
                "where r.url = ? and f.fetched_at = ? and s.sha256 is ?",
                url,
                stamp(fetched_at),
                sha256,
            )
            is not None
        )

    def run_starts(self, source: str) -> list[datetime]:
        """Return when the runs of a source began that were our own, oldest first."""
        rows = self._all(
            "select started_at from run where source = ? and imported_at is null order by started_at", source
        )
        return [datetime.fromisoformat(at) for (at,) in rows]

    def imported_pages(self, source: str) -> list[tuple[int, int, int]]:
        """Return (run, resource, snapshot) of the main pages and parts that were imported for a source."""
        return self._all(
            "select max(u.run_id), f.resource_id, f.snapshot_id from fetch f join run u using (run_id) "
            "join resource r using (resource_id) where u.source = ? and u.imported_at is not null "
            "and r.role in ('main', 'part') and f.snapshot_id is not null and f.status = 200 "
            "group by 2, 3 order by 2, 3",
            source,
        )

    def has_unread_imports(self, source: str) -> bool:
        """Tell whether answers were imported for a source that its histories do not hold yet."""
        return (
            self._row(
                "select 1 from run u join fetch f using (run_id) left join judgement j using (fetch_id) "
                "where u.source = ? and u.imported_at is not null and j.fetch_id is null limit 1",
                source,
            )
            is not None
        )
