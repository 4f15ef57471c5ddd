"""Questions of a person who looks through an archive: a page at a time, by index, however large it is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, islice
from typing import Any

from storage.errors import ArchiveError
from storage.indexing import RANKED
from storage.model import DocumentState, EventKind, Fetch, Run
from storage.postgresql import PostgreSQL
from storage.recording import FETCH, FROM_FETCH, make_fetch, make_run
from storage.telling import RUN_OF, Telling
from storage.times import day, moment
from storage.words import snippet

# So many texts or documents are looked through for those that fit all filters.
LOOKED = 20_000
_BATCH = 200
# So few events of a kind are looked at first; of a kind that is told of more often, more documents fit.
_FEW = 5_000
# The virtual machine of SQLite looks at the clock after so many steps.
_STEPS = 20_000

_FOUND = """v.version_id, v.document_id, d.source, r.url, v.title, v.number, v.published_on, v.first_seen_at, d.state,
    v.document_number, v.issuing_agency, v.language"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What documents a person wants to see.

    kind: an event of this kind was told of it after its source's first run.
    since, until: of its publication, where it names none of the day on which it was first seen (UTC).
    """

    source: str | None = None
    state: DocumentState | None = None
    kind: EventKind | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A version that was found; snippet marks the words with \\x02 and \\x03, and is empty without words."""

    version_id: int
    document_id: int
    source: str
    url: str
    title: str | None
    version: int
    published_on: date | None
    first_seen_at: datetime
    state: DocumentState
    document_number: str | None
    issuing_agency: str | None
    language: str | None
    snippet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A page of what was found.

    more: there is a next page.  ranked: best first, else newest first.
    looked: None, or how many texts were looked through before the search gave up.
    """

    hits: tuple[Found, ...]
    more: bool = False
    ranked: bool = False
    looked: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCounts:
    """A run with its attempts and what it told; baseline: events of a first run, which nobody was told of."""

    run: Run
    fetches: int
    events: dict[str, int]
    baseline: int


class Browsing(Telling):
    """Reads pages of runs, documents and versions, newest first."""

    def give_up_after(self, seconds: float, clock: Any) -> None:
        """Make each question from now on fail with ArchiveError where all together take longer.

        clock: returns seconds that grow, as time.monotonic does.
        """
        end = clock() + seconds
        if isinstance(self._db, PostgreSQL):
            self._db.run(f"set statement_timeout = {max(1, round(seconds * 1_000))}")
        else:
            self._db.set_progress_handler(lambda: 1 if clock() > end else 0, _STEPS)

    # -- runs --------------------------------------------------------------------------------------------

    def run_counts_page(
        self, source: str | None = None, *, before: int | None = None, limit: int = 50
    ) -> list[RunCounts]:
        """Return runs, newest first, with the number of their attempts and events."""
        rows = self._all(
            f"""select {RUN_OF}, (select count(*) from fetch f where f.run_id = u.run_id) from run u
            where u.run_id < ? {"and u.source = ?" if source else ""} order by u.run_id desc limit ?""",
            before if before is not None else 1 << 62,
            *([source] if source else []),
            limit,
        )
        return [self._counted(make_run(row[:8]), row[8]) for row in rows]

    def run_counted(self, run_id: int) -> RunCounts:
        """Return one run with its counts."""
        row = self._row("select count(*) from fetch where run_id = ?", run_id)
        return self._counted(self.run(run_id), row[0] if row else 0)

    def _counted(self, run: Run, fetches: int) -> RunCounts:
        rows = self._all(
            "select kind, baseline, count(*) from event where run_id = ? group by 1, 2 order by 1", run.run_id
        )
        return RunCounts(
            run=run,
            fetches=fetches,
            events={kind: count for kind, baseline, count in rows if not baseline},
            baseline=sum(count for _, baseline, count in rows if baseline),
        )

    def run_outcomes(self, run_id: int) -> dict[str, int]:
        """Return how many answers of a run were judged what; "unjudged" where nobody has looked yet."""
        rows = self._all(
            "select coalesce(j.outcome, 'unjudged'), count(*) from fetch f left join judgement j using (fetch_id) "
            "where f.run_id = ? group by 1 order by 2 desc, 1",
            run_id,
        )
        return dict(rows)

    def run_failures(self, run_id: int, *, limit: int = 50) -> list[Fetch]:
        """Return the attempts of a run that brought no document, no list and no confirmation, newest first."""
        rows = self._all(
            f"select {FETCH} {FROM_FETCH} where f.run_id = ? and coalesce(j.outcome, '') not in "
            "('ok', 'not_modified', 'moved') and not (j.outcome is null and f.status in (200, 304)) "
            "order by f.fetch_id desc limit ?",
            run_id,
            limit,
        )
        return [make_fetch(row) for row in rows]

    # -- documents ---------------------------------------------------------------------------------------

    def states(self) -> dict[str, dict[str, int]]:
        """Return how many documents of each source are in which state."""
        found: dict[str, dict[str, int]] = {}
        rows = self._all("select source, state, count(*) from document group by 1, 2 order by 1, 2")
        for source, state, count in rows:
            found.setdefault(source, {})[state] = count
        return found

    def addresses(self, *, begin: str = "", hold: str = "", limit: int) -> list[str]:
        """Return main addresses of documents that begin with one text, or hold another."""
        if begin:
            which, values = "r.url >= ? and r.url < ?", [begin, begin + chr(0x10FFFF)]
        else:
            which, values = "instr(r.url, ?) > 0", [hold]
        rows = self._all(
            f"select r.url from resource r where {which} "
            "and exists (select 1 from document d where d.main_id = r.resource_id) order by r.url limit ?",
            *values,
            limit,
        )
        return [url for (url,) in rows]

    def find(
        self,
        words: str,
        wanted: Filter,
        *,
        all_versions: bool = False,
        newest_first: bool = False,
        offset: int = 0,
        limit: int = 20,
    ) -> Finding:
        """Return the versions that hold all the words and fit a filter; without words, documents, newest first.

        all_versions: also texts that a newer one took the place of; without words of no effect.
        """
        told = self._told_of(wanted.kind)
        if told == []:
            return Finding(hits=())
        if not words.strip():
            return self._listed(wanted, told, offset, limit)
        # As they are needed: of a common word nobody reads more than the first pages.
        newest = self._holding(words, ranked=False, most=LOOKED + 1)
        first = list(islice(newest, RANKED + 1))
        ranked = not newest_first and len(first) <= RANKED
        numbers = self._holding(words, ranked=True, most=RANKED) if ranked else chain(first, newest)
        where, values = _fits(wanted)
        if not all_versions:
            where += (
                " and not exists (select 1 from version n where n.document_id = v.document_id and n.number > v.number)"
            )
        only = None if told is None else self._versions_of(told)
        rows: list[tuple[Any, ...]] = []
        seen, looked = 0, None
        while len(rows) <= offset + limit and (batch := list(islice(numbers, _BATCH))):
            if seen >= LOOKED:
                looked = seen
                break
            seen += len(batch)
            if only is not None and not (batch := [number for number in batch if number in only]):
                continue
            rows += self._all(
                f"""select {_FOUND} from json_each(?) j cross join version v on v.version_id = j.value
                cross join document d on d.document_id = v.document_id
                cross join resource r on r.resource_id = v.resource_id where {where} order by j.key""",
                json.dumps(batch),
                *values,
            )
        hits = tuple(self._found(row, words) for row in rows[offset : offset + limit])
        return Finding(hits=hits, more=len(rows) > offset + limit, ranked=ranked, looked=looked)

    def _listed(self, wanted: Filter, told: list[int] | None, offset: int, limit: int) -> Finding:
        where, values = _fits(wanted)
        rows: list[tuple[Any, ...]] = []
        below, seen = 1 << 62, 0
        narrow, narrow_values = _of_document(wanted)
        if told is not None:
            narrow += " and d.document_id in (select told.value from json_each(?) told)"
            narrow_values.append(json.dumps(told))
        while len(rows) <= offset + limit:
            numbers = self._all(
                f"select d.document_id from document d where d.document_id < ?{narrow} "
                "order by d.document_id desc limit ?",
                below,
                *narrow_values,
                _BATCH,
            )
            if not numbers:
                return Finding(hits=tuple(self._found(row, "") for row in rows[offset : offset + limit]))
            rows += self._all(
                f"""select {_FOUND} from json_each(?) j cross join document d on d.document_id = j.value
                cross join version v on v.document_id = d.document_id
                    and v.number = (select max(number) from version where document_id = d.document_id)
                cross join resource r on r.resource_id = d.main_id where {where} order by j.key""",
                json.dumps([number for (number,) in numbers]),
                *values,
            )
            below, seen = numbers[-1][0], seen + len(numbers)
            if seen >= LOOKED and len(rows) <= offset + limit:
                hits = tuple(self._found(row, "") for row in rows[offset : offset + limit])
                return Finding(hits=hits, looked=seen)
        return Finding(hits=tuple(self._found(row, "") for row in rows[offset : offset + limit]), more=True)

    def _told_of(self, kind: EventKind | None) -> list[int] | None:
        """Return the documents of which a kind was told after their source's first run; None where they are many."""
        if kind is None:
            return None
        rows = self._all(
            "select document_id, baseline from event where kind = ? order by event_id desc limit ?", kind, _FEW + 1
        )
        return sorted({document for document, baseline in rows if not baseline}) if len(rows) <= _FEW else None

    def _versions_of(self, documents: list[int]) -> frozenset[int]:
        rows = self._all(
            "select v.version_id from json_each(?) j cross join version v on v.document_id = j.value",
            json.dumps(documents),
        )
        return frozenset(number for (number,) in rows)

    def _found(self, row: tuple[Any, ...], words: str) -> Found:
        text = ""
        if words:
            held = self._row("select text from version where version_id = ?", row[0])
            if held is None:
                raise ArchiveError(f"{self.path}: a version that was found is not there any more; search again")
            text = snippet(held[0], words)
        return Found(
            version_id=row[0],
            document_id=row[1],
            source=row[2],
            url=row[3],
            title=row[4],
            version=row[5],
            published_on=day(row[6]),
            first_seen_at=moment(row[7]),
            state=DocumentState(row[8]),
            document_number=row[9],
            issuing_agency=row[10],
            language=row[11],
            snippet=text,
        )


def _of_document(wanted: Filter) -> tuple[str, list[Any]]:
    """Return the conditions on a document ``d`` that its indexes answer."""
    sql, values = "", list[Any]()
    if wanted.source:
        sql, values = sql + " and d.source = ?", [*values, wanted.source]
    if wanted.state:
        sql, values = sql + " and d.state = ?", [*values, wanted.state]
    return sql, values


def _fits(wanted: Filter) -> tuple[str, list[Any]]:
    """Return all conditions, on a document ``d`` and its version ``v``."""
    sql, values = _of_document(wanted)
    sql = "true" + sql
    if wanted.kind:
        # A document has few events, a kind may have a million: said so that only the index by document is used.
        sql += (
            " and exists (select 1 from event e where e.document_id = d.document_id and e.kind || '' = ? "
            "and e.baseline = 0)"
        )
        values.append(wanted.kind)
    on = "coalesce(v.published_on, substr(v.first_seen_at, 1, 10))"
    if wanted.since:
        sql, values = f"{sql} and {on} >= ?", [*values, wanted.since.isoformat()]
    if wanted.until:
        sql, values = f"{sql} and {on} <= ?", [*values, wanted.until.isoformat()]
    return sql, values
