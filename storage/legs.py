"""Legs: the parts of one run that each ask one host, in processes of their own.  Rows in hand: gone with their run.

What a leg finds on another host it hands over; a leg is done when nothing is left that was handed to it, and the last
one to be done ends the run. All of it is bookkeeping: a leg whose process died reads again what it had recorded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage.model import Role, Run, RunEnd
from storage.recording import RUN, Recording, make_run

# Bounds of a run are shared by its legs, which take some of what is left at a time: fewer towards the end.
MOST_AT_A_TIME = 20
_SPENT = {Role.MAIN: "mains", Role.LIST: "lists", Role.SITEMAP: "sitemaps", Role.FEED: "feeds"}
_CALLED = (
    "exists (select 1 from handed h where h.root_id = g.root_id and h.host = g.host and h.handed_id > g.taken) "
    "and g.problem is null"
)


class LegEnd(StrEnum):
    """What becomes of a leg that has nothing more to ask for."""

    CALLED = "called"  # something was handed to it meanwhile
    DONE = "done"  # others are not done yet
    LAST = "last"  # it ends the run


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A leg that begins.

    rereads: it was interrupted, and reads again what it recorded.
    taken: up to which number of what was handed to it has been asked for.
    """

    run: Run
    rereads: bool
    taken: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """An address that another leg found.  hops: of redirects to it.  depth: of links between documents to it."""

    number: int
    resource_id: int
    role: Role
    hops: int
    depth: int


class Legs(Recording):
    """Keeps what the legs of a run are about."""

    def join_run(
        self,
        source: str,
        host: str,
        *,
        hosts: Mapping[str, bool],
        after_run: int,
        at: datetime,
        extractor: str,
        profile: str,
    ) -> Leg:
        """Begin a leg: of the run that is open under the same extractor and profile, or else of a new one.

        The caller holds the lock of the leg, and that of the source in common with other legs.
        hosts: of the source, each with whether there is something to ask it for from the start.
        after_run: the run that is joined is a later one; an earlier one that is open is a dead one's.
        """
        with self.write():
            row = self._row(
                f"select {RUN} from run where source = ? and imported_at is null order by run_id desc limit 1", source
            )
            run = make_run(row) if row else None
            is_ours = run is not None and run.end is None and run.run_id > after_run
            if run is None or not is_ours or (run.extractor, run.profile) != (extractor, profile):
                run = self.begin_run(source, at=at, extractor=extractor, profile=profile)
                # What was answered long ago is asked for again, also by legs that were done then.
                self._db.execute(
                    "update leg set is_done = 0, problem = null where root_id = ? and begun > 0", (run.root_id,)
                )
            for name, has_work in hosts.items():
                self._db.execute(
                    "insert into leg (root_id, host, is_done) values (?, ?, ?) on conflict do nothing",
                    (run.root_id, name, int(not has_work)),
                )
            begun, is_done, taken = self._row(
                "select begun, is_done, taken from leg where root_id = ? and host = ?", run.root_id, host
            ) or (0, 0, 0)
            rereads = bool(begun and not is_done)
            self._db.execute(
                "update leg set begun = begun + 1, is_done = 0 where root_id = ? and host = ?", (run.root_id, host)
            )
        return Leg(run=run, rereads=rereads, taken=0 if rereads else taken)

    def hand_over(self, run: Run, host: str, resource_id: int, role: Role, *, hops: int = 0, depth: int = 0) -> None:
        """Have the leg of another host ask for a resource; said again, it is handed over once."""
        with self.write():
            self._db.execute(
                "insert into handed (root_id, host, resource_id, role, hops, depth) select ?, ?, ?, ?, ?, ? "
                "where not exists (select 1 from handed where root_id = ? and resource_id = ?)",
                (run.root_id, host, resource_id, role, hops, depth, run.root_id, resource_id),
            )

    def handed(self, run: Run, host: str, *, after: int) -> list[Handed]:
        """Return what was handed to a leg after a number."""
        rows = self._all(
            "select handed_id, resource_id, role, hops, depth from handed "
            "where root_id = ? and host = ? and handed_id > ? order by handed_id",
            run.root_id,
            host,
            after,
        )
        return [Handed(number=n, resource_id=r, role=Role(role), hops=h, depth=d) for n, r, role, h, d in rows]

    def end_leg(
        self,
        run: Run,
        host: str,
        *,
        hosts: Collection[str],
        taken: int,
        unspent: Mapping[Role, int],
        problem: str | None = None,
    ) -> LegEnd:
        """Say that a leg has nothing more to ask for, and return what becomes of it.

        hosts: of the source as it is now; legs of others are waited for no more.
        problem: why its host is left alone; what was or will be handed to it waits for another run.
        """
        with self.write():
            given_back = ", ".join(f"{_SPENT[role]} = {_SPENT[role]} - {count}" for role, count in unspent.items())
            self._db.execute(
                f"update leg set taken = ?, problem = ?{given_back and ', ' + given_back} "
                "where root_id = ? and host = ?",
                (taken, problem, run.root_id, host),
            )
            called = self._row(f"select 1 from leg g where root_id = ? and host = ? and {_CALLED}", run.root_id, host)
            if called:
                return LegEnd.CALLED
            others = self._all(
                f"select host from leg g where root_id = ? and host != ? and (is_done = 0 or {_CALLED})",
                run.root_id,
                host,
            )
            if not any(name in hosts for (name,) in others):
                # Not done before the run is: should this process die, another takes up its leg, and ends the run.
                return LegEnd.LAST
            self._db.execute("update leg set is_done = 1 where root_id = ? and host = ?", (run.root_id, host))
            return LegEnd.DONE

    def legs_left_alone(self, run: Run) -> dict[str, str]:
        """Return the hosts that a run leaves alone, each with the reason."""
        return dict(self._all("select host, problem from leg where root_id = ? and problem is not null", run.root_id))

    def times_begun(self, source: str, host: str) -> int:
        """Return how many processes began the leg of a host in the newest run of a source."""
        row = self._row(
            "select begun from leg where host = ? and root_id = (select root_id from run where source = ? "
            "and imported_at is null order by run_id desc limit 1)",
            host,
            source,
        )
        return int(row[0]) if row else 0

    def is_leg_wanted(self, source: str, host: str, *, after_run: int) -> bool:
        """Tell whether the leg of a host has something to do in a run after another one, or in one to be opened.

        A run that a leg stopped, since a host is left alone, waits for the source's next due time.
        """
        row = self._row(
            "select root_id, end_reason from run where source = ? and run_id > ? and imported_at is null "
            "order by run_id desc limit 1",
            source,
            after_run,
        )
        if row is None or row[1] is not None:
            return row is None or row[1] == RunEnd.INTERRUPTED
        leg = self._row(f"select is_done = 0 or {_CALLED} from leg g where root_id = ? and host = ?", row[0], host)
        return leg is None or bool(leg[0])

    def wanted_legs(self) -> list[tuple[str, str, int]]:
        """Return the legs that have something to do, of all runs that are open: source, host, number of the run."""
        rows = self._all(
            f"select u.source, g.host, u.run_id from run u join leg g using (root_id) where u.ended_at is null "
            f"and (g.is_done = 0 or {_CALLED}) and g.problem is null order by u.source, g.host"
        )
        return [(source, host, run_id) for source, host, run_id in rows]

    def spend(self, run: Run, host: str, role: Role, *, most: int) -> int:
        """Take a share of what all legs of a run together may still ask for of a role; 0 where nothing is left."""
        column = _SPENT[role]
        with self.write():
            spent, legs = self._row(f"select sum({column}), count(*) from leg where root_id = ?", run.root_id) or (0, 1)
            left = most - int(spent or 0)
            share = min(left, max(1, min(MOST_AT_A_TIME, left // (4 * legs))))
            if share <= 0:
                return 0
            self._db.execute(
                f"update leg set {column} = {column} + ? where root_id = ? and host = ?", (share, run.root_id, host)
            )
        return int(share)

    def has_mains(self, source: str, host: str) -> bool:
        """Tell whether a source knows documents on a host ("host" or "host:port")."""
        return (
            self._row(
                "select 1 from resource where source = ? and role = 'main' "
                "and (instr(url, '://' || ? || '/') in (5, 6) or instr(url, '://' || ? || ':') in (5, 6)) limit 1",
                source,
                host,
                host,
            )
            is not None
        )

    def has_answered(self, run: Run, roles: Iterable[Role]) -> bool:
        """Tell whether the run's chain got a good answer from an address of one of some roles."""
        wanted = list(roles)
        return (
            self._row(
                "select 1 from fetch f join run u using (run_id) join resource r using (resource_id) "
                "where u.root_id = ? and f.status in (200, 304) and f.snapshot_id is not null "
                f"and r.role in ({', '.join('?' * len(wanted))}) limit 1",
                run.root_id,
                *wanted,
            )
            is not None
        )
