"""Compare ways of revisiting at equal budget, on simulated documents: ours, uniform, and StormCrawler's adaptive.

    python bench/revisit.py --seed 1 --documents 2000 --days 365 --share 0.1

Documents are born over the time; each has a rate of changes that falls with its age, and a rate of its own beside
(log-normal), so that most are quiet for ever and a few go on changing. Each day a share of the documents may be
visited. Printed: the share of document-days on which the stored text is the present one, and the mean delay in
days until a change is seen. Source of the third: AdaptiveScheduler of StormCrawler, with its default factors.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from crawler.ladder import interval

DAY0 = datetime(2025, 1, 1, tzinfo=UTC)
EVERY = timedelta(days=1)
# StormCrawler: adaptivescheduler.*.interval and .rate, and the default interval, in days.
LEAST, MOST, DEFAULT, UP, DOWN = 1.0, 30.0, 1.0, 0.2, 0.2


@dataclass
class Document:
    """One document: what happens to it, and what a crawler has seen of it."""

    born: int
    changes: list[int]
    visited: int = 0
    changed: int = 0
    period: float = DEFAULT


Order = Callable[[Document, int], float]


def documents(rng: random.Random, count: int, days: int) -> list[Document]:
    """Return documents and the days on which they change."""
    out = []
    for _ in range(count):
        born = rng.randrange(days // 2) if rng.random() < 0.5 else -rng.randrange(days * 3)
        lasting = rng.lognormvariate(math.log(0.002), 1.5)
        fresh = rng.lognormvariate(math.log(0.1), 1.0)
        changes = [
            day
            for day in range(max(born + 1, 0), days)
            if rng.random() < min(lasting + fresh * math.exp(-(day - born) / 5), 0.9)
        ]
        out.append(Document(born=born, changes=changes, visited=max(born, 0)))
    return out


def uniform(document: Document, day: int) -> float:
    """Order by the time since the last visit."""
    return day - document.visited


def adaptive(document: Document, day: int) -> float:
    """Order by how far the interval that grew and shrank with each visit is over."""
    return (day - document.visited) / document.period


def ours(document: Document, day: int) -> float:
    """Order by how far the interval of the ladder is over."""
    at = [DAY0 + timedelta(days=each) for each in (document.visited, document.born)]
    wait = interval(at[0], first_seen_at=at[1], changes=document.changed, every=EVERY)
    return (day - document.visited) / (wait / EVERY)


def simulate(population: list[Document], order: Order, days: int, share: float) -> tuple[float, float]:
    """Return freshness, and the mean delay of what was or would be seen, in days."""
    fresh = total = 0
    delays: list[int] = []
    for day in range(days):
        alive = [each for each in population if each.born < day]
        for each in sorted(alive, key=lambda one: -order(one, day))[: round(len(alive) * share)]:
            since = [change for change in each.changes if each.visited < change <= day]
            delays += [day - change for change in since]
            each.changed += bool(since)
            factor = 1 - DOWN if since else 1 + UP
            each.period = min(max(each.period * factor, LEAST), MOST)
            each.visited = day
        for each in alive:
            total += 1
            fresh += not any(each.visited < change <= day for change in each.changes)
    for each in population:
        delays += [days - change for change in each.changes if change > each.visited]
    return fresh / total, sum(delays) / max(len(delays), 1)


def main() -> int:
    """Run the comparison; exit code 1 where ours is not the freshest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--documents", type=int, default=1_000)
    parser.add_argument("--days", type=int, default=200)
    parser.add_argument("--share", type=float, default=0.1)
    args = parser.parse_args()
    figures = {}
    for name, order in (("uniform", uniform), ("adaptive", adaptive), ("ours", ours)):
        population = documents(random.Random(args.seed), args.documents, args.days)  # noqa: S311
        fresh, delay = figures[name] = simulate(population, order, args.days, args.share)
        print(f"{name:10} fresh {fresh:.4f}  delay {delay:.2f} days")
    return 0 if figures["ours"] == max(figures.values(), key=lambda each: each[0]) else 1


if __name__ == "__main__":
    sys.exit(main())
