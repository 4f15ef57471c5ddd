"""How fast this program is beside its peers, on the same pages, in one interleaved run.

    python -m bench.speed --site FILE --out DIR [--pages 330] [--rounds 3] [--news-please PYTHON]

Starts a living site (quiet between hits) without and with latency, and has each contestant fetch and extract the
same documents of one page without files, all of them named to it, with no politeness: of the site's hosts those that
ask for no Crawl-delay. Each round draws the order
anew; every figure is of a whole process, its start included, and a contestant that did not do its share of the pages
ends the run. Rounds are compared with themselves only: a ratio is the median of the rounds', with least and most.

Two tables: pages in a second on the clock, and pages for a second of computing, all processes of a contestant
together. The clock says what a person waits, and is of worth on a machine that does nothing else; computing tells
much of the same where others compute too. All modules are compiled before, as installed programs have them.
news-please takes part where an environment of its own is named, by its interpreter.

Leaves ``speed.json`` and ``speed.svg`` in DIR.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bench.livingsite import ROOT, free_port, get, serving
from bench.plot import bars
from bench.scale import make

PEERS = ROOT / "bench" / "peers"
# Between the two epochs every page changes, and no document does.
RATES = {"cosmetic": 1.0, "substantive": 0, "lifecycle": 0, "grey": 0, "published": 0}
# Of the pages that all are to do so many at least must come out with a text.
SHARE = 0.9
LIMIT_S = 900
# So many pages before the rounds, for what happens once.
FEW = 12
STATUS_DOCUMENTS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the result: ours against something in the same round.

    ratio: how many times as fast ours is (of starts: how many times as slow).  reach, aim: what it should be.
    """

    name: str
    ours: str
    against: tuple[str, ...]
    reach: float
    aim: float | None = None


ROWS = (
    Row(name="first crawl / the limit", ours="ours", against=("fetching", "two_cores"), reach=0.8, aim=0.9),
    Row(name="first crawl / the usual recipe", ours="ours", against=("recipe",), reach=1.3, aim=2),
    Row(name="first crawl / trafilatura --parallel 2", ours="ours", against=("trafilatura",), reach=1.2, aim=1.8),
    Row(name="first crawl / news-please", ours="ours", against=("news_please",), reach=4, aim=6),
    Row(name="revisit, 304 / Scrapy fetch-only, 304", ours="ours_304", against=("fetching_304",), reach=0.7, aim=0.85),
    Row(name="revisit, any noise / our first crawl", ours="ours_noise", against=("ours",), reach=2.5, aim=5),
)


CONTESTS = ("ours", "fetching", "two_cores", "recipe", "trafilatura", "ours_304", "fetching_304")
KINDS = {"clock_s": "on the clock", "computing_s": "of computing"}


class Ground:
    """One site with its pages, and the folder in which contestants work."""

    def __init__(self, folder: Path, origins: list[str], urls: list[str], *, news_please: Path | None = None) -> None:
        self.contests = CONTESTS if news_please is None else (*CONTESTS, "news_please")
        self._news_please = str(news_please and news_please.absolute())
        self.folder, self.origins, self.urls = folder, origins, urls
        self.validators: dict[str, dict[str, str]] = {}
        self.confirming: list[str] = []
        self.took: dict[str, float] = {}
        folder.mkdir(parents=True)
        (folder / "sources").mkdir()
        (folder / "pages").mkdir()
        for number, origin in enumerate(origins):
            own = [url for url in urls if url.startswith(origin + "/")]
            (folder / "sources" / f"xx_host{number}.toml").write_text(
                f'publisher = "living site"\nurls = {json.dumps(own)}\nfollow = false\ndelay = 0\nconcurrent = 16\n',
                "utf-8",
            )
        (folder / "urls.txt").write_text("\n".join(urls), "utf-8")
        (folder / "trafilatura.cfg").write_text(_unhurried(), "utf-8")
        self.warm(learn=True)

    def warm(self, *, learn: bool = False) -> None:
        """Ask for every page once, so that the site has made it; learn: keep pages and validators."""
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(_get, self.urls))
        if not learn:
            return
        named = []
        for number, (url, (body, headers)) in enumerate(zip(self.urls, answers, strict=True)):
            name = f"pages/{number}"
            (self.folder / name).write_bytes(body)
            named.append((url, headers.get("Content-Type", ""), name))
            known = {"If-None-Match": headers.get("ETag"), "If-Modified-Since": headers.get("Last-Modified")}
            asked = {key: value for key, value in known.items() if value}
            if asked and _is_confirmed(url, asked):
                self.validators[url] = asked
        (self.folder / "pages.json").write_text(json.dumps(named), "utf-8")
        for number, origin in enumerate(self.origins):
            own = [url for url in self.urls if url.startswith(origin + "/")]
            if own and all(url in self.validators for url in own):
                self.confirming.append(f"xx_host{number}")
        (self.folder / "validators.json").write_text(json.dumps(self.validators), "utf-8")
        kept = [url for url in self.urls if url in self.validators and self._source(url) in self.confirming]
        (self.folder / "urls_304.txt").write_text("\n".join(kept), "utf-8")
        self.urls_304 = kept

    def _source(self, url: str) -> str:
        parts = urlsplit(url)
        return f"xx_host{self.origins.index(f'{parts.scheme}://{parts.netloc}')}"

    # -- contestants: each returns how many pages it did --------------------------------------------------

    def ours(self) -> int:
        """Crawl into a new archive."""
        self._remove("archive.db")
        return self._crawl("archive.db", [])

    def ours_304(self) -> int:
        """Crawl again where nothing changed and the site says so."""
        self._copy("archive.db", "again.db")
        return self._crawl("again.db", self.confirming, status=304)

    def ours_noise(self) -> int:
        """Crawl again where every page is another one, and no document is."""
        self._copy("archive.db", "again.db")
        return self._crawl("again.db", [], status=200)

    def fetching(self) -> int:
        """Scrapy, fetching only."""
        return self._run([sys.executable, str(PEERS / "fetching.py"), "urls.txt"])

    def fetching_304(self) -> int:
        """Scrapy, fetching only, asking by validators."""
        return self._run([sys.executable, str(PEERS / "fetching.py"), "urls_304.txt", "validators.json"])

    def two_cores(self) -> int:
        """Our extraction alone."""
        return self._run([sys.executable, str(PEERS / "two_cores.py"), "."])

    def recipe(self) -> int:
        """Scrapy with trafilatura inline, and SQLite."""
        self._remove("recipe.db")
        return self._run([sys.executable, str(PEERS / "recipe.py"), "urls.txt", "recipe.db"])

    def trafilatura(self) -> int:
        """The command line of trafilatura."""
        shutil.rmtree(self.folder / "out", ignore_errors=True)
        command = [str(Path(sys.executable).parent / "trafilatura"), "--parallel", "2", "-i", "urls.txt", "-o", "out"]
        self._run([*command, "--config-file", "trafilatura.cfg", "--with-metadata", "--json"], counted=False)
        return sum(1 for path in (self.folder / "out").rglob("*") if path.is_file())

    def news_please(self) -> int:
        """news-please as a library."""
        return self._run([self._news_please, str(PEERS / "news_please.py"), "urls.txt"])

    def _crawl(self, archive: str, sources: list[str], *, status: int = 200) -> int:
        command = [sys.executable, "-m", "crawler", "crawl", *sources, "--archive", archive, "--sources", "sources"]
        for origin in self.origins:
            command += ["--allow", origin.removeprefix("http://")]
        before = _newest(self.folder / archive)
        self._run(command, counted=False)
        with sqlite3.connect(self.folder / archive) as db:
            counted = db.execute(
                "select count(*) from fetch f join resource r using (resource_id) "
                "join version v using (resource_id) "
                "where f.fetch_id > ? and r.role = 'main' and v.text != '' and f.status = ?",
                (before, status),
            )
            return int(counted.fetchone()[0])

    def _run(self, command: list[str], *, counted: bool = True) -> int:
        done = subprocess.run(
            [sys.executable, str(PEERS / "counting.py"), "took.json", *command],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            env=compiling(self.folder.parent),
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}\n{done.stderr[-2_000:]}")
        self.took = json.loads((self.folder / "took.json").read_text("utf-8"))
        return int(done.stdout.split()[-1]) if counted else 0

    def _remove(self, name: str) -> None:
        for path in self.folder.glob(f"{name}*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _copy(self, name: str, to: str) -> None:
        self._remove(to)
        shutil.copyfile(self.folder / name, self.folder / to)


def compiling(folder: Path) -> dict[str, str]:
    """Return an environment in which each module is compiled once, wherever this one says that none may be."""
    named = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled"), "PYTHONPATH": str(ROOT)}
    return os.environ | named


def _get(url: str) -> tuple[bytes, dict[str, str]]:
    with urllib.request.urlopen(url, timeout=60) as reply:  # noqa: S310 - loopback only
        return reply.read(), dict(reply.headers)


def _is_confirmed(url: str, asked: dict[str, str]) -> bool:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=asked), timeout=60):  # noqa: S310
            return False
    except urllib.error.HTTPError as error:
        return error.code == 304


def _newest(archive: Path) -> int:
    if not archive.exists():
        return 0
    with sqlite3.connect(archive) as db:
        return int(db.execute("select coalesce(max(fetch_id), 0) from fetch").fetchone()[0])


def _unhurried() -> str:
    """Return trafilatura's own settings, without its pause between requests to a host, and with loopback allowed."""
    from trafilatura.settings import DEFAULT_CONFIG

    settings = dict(DEFAULT_CONFIG["DEFAULT"]) | {"sleep_time": "0", "ssrf_protection": "off"}
    return "[DEFAULT]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items())


@contextmanager
def ground(
    folder: Path,
    site: Path,
    *,
    seed: int,
    pages: int,
    hosts: int,
    latency_ms: int,
    news_please: Path | None = None,
) -> Iterator[Ground]:
    """Have a site and its pages while inside."""
    port = free_port(hosts)
    command = [sys.executable, str(site), "--port", str(port), "--seed", str(seed), "--pages", str(pages)]
    command += ["--hosts", str(hosts), "--latency", str(latency_ms), "--quiet-hosts", "--rates", json.dumps(RATES)]
    origins = [f"http://127.0.0.{index + 1}:{port}" for index in range(hosts)]
    with serving(command, f"{origins[0]}/__clock__"):
        labels = json.loads(get(f"{origins[0]}/__truth__?epoch=0") or b"{}")["pages"]
        # Nobody else heeds a Crawl-delay; where a site asks for one, ours waits and does nothing.
        origins = [origin for origin in origins if b"crawl-delay" not in (get(f"{origin}/robots.txt") or b"").lower()]
        single = [
            label["url"]
            for label in labels
            if not label["parts"]
            and not label["files"]
            and label["channel"] != "private"
            and label["url"].startswith(tuple(f"{origin}/" for origin in origins))
        ]
        yield Ground(folder, origins, single, news_please=news_please)


def measured(place: Ground, name: str) -> dict[str, float]:
    """Return pages in a second of each kind (KINDS); SystemExit where a contestant did not do its share."""
    pages = len(place.urls_304) if name.endswith("_304") else len(place.urls)
    done = int(getattr(place, name)())
    if done < SHARE * pages:
        raise SystemExit(f"{name}: {done} of {pages} pages")
    return {kind: done / place.took[kind] for kind in KINDS}


def one_round(place: Ground, draw: random.Random) -> dict[str, dict[str, float]]:
    """Run everybody once; return the pages in a second of each."""
    order = list(place.contests)
    draw.shuffle(order)
    # What is visited again must have been visited once.
    order.sort(key=lambda name: name == "ours_304")
    speeds = {name: measured(place, name) for name in order}
    get(f"{place.origins[0]}/__clock__?tick=1")
    place.warm()
    speeds["ours_noise"] = measured(place, "ours_noise")
    get(f"{place.origins[0]}/__clock__?tick=0")
    place.warm()
    return speeds


def spread(ratios: list[float]) -> dict[str, float]:
    """Return the median of some ratios, and the least and the most of them."""
    return {"median": statistics.median(ratios), "least": min(ratios), "most": max(ratios)}


def compare(rounds: list[dict[str, dict[str, float]]], kind: str) -> dict[str, dict[str, float]]:
    """Return, for each row, ours against the slower of what it is held against, round by round."""
    found = {}
    for row in ROWS:
        ratios = [
            speeds[row.ours][kind] / slowest(row, speeds, kind)
            for speeds in rounds
            if row.ours in speeds and all(name in speeds for name in row.against)
        ]
        if ratios:
            found[row.name] = spread(ratios) | {"reach": row.reach, "aim": row.aim or row.reach}
    return found


def slowest(row: Row, speeds: dict[str, dict[str, float]], kind: str) -> float:
    """Return the speed that a row is held against.

    On the clock two who work at once are as fast as the slower one; of computing they take what both take.
    """
    if kind == "computing_s":
        return 1 / sum(1 / speeds[name][kind] for name in row.against)
    return min(speeds[name][kind] for name in row.against)


def starts(folder: Path, rounds: int, documents: int) -> dict[str, dict[str, float]]:
    """Return how many times as long as an empty Python ``--help`` takes, and the seconds of ``status``."""
    archive = folder / "status.db"
    make(archive, documents, 1)
    commands = {
        "pass": [sys.executable, "-c", "pass"],
        "help": [sys.executable, "-m", "crawler", "--help"],
        "status": [sys.executable, "-m", "crawler", "status", "--archive", str(archive), "--sources", str(folder)],
    }
    took: dict[str, list[float]] = {name: [] for name in commands}
    for command in commands.values():
        subprocess.run(command, cwd=ROOT, capture_output=True, timeout=LIMIT_S, env=compiling(folder))
    for _ in range(2 * rounds + 1):
        for name, command in commands.items():
            started = time.monotonic()
            done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=LIMIT_S, env=compiling(folder))
            took[name].append(time.monotonic() - started)
            if done.returncode not in (0, 1) or (done.returncode and name != "status"):
                raise SystemExit(f"{' '.join(command)}\n{done.stderr.decode()[-2_000:]}")
    ratios = [mine / empty for mine, empty in zip(took["help"], took["pass"], strict=True)]
    return {
        "--help / python -c pass": spread(ratios) | {"reach": 8.0, "aim": 8.0},
        f"status of {documents} documents, seconds": spread(took["status"]) | {"reach": 0.5, "aim": 0.5},
    }


def main() -> int:
    """Command line entry; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--site", type=Path, required=True, help="the living site's script")
    parser.add_argument("--out", type=Path, required=True, help="a folder that is not there yet")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pages", type=int, default=330)
    parser.add_argument("--hosts", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--latency", type=int, nargs="*", default=[0, 50], help="milliseconds")
    parser.add_argument("--news-please", type=Path, metavar="PYTHON", help="an interpreter that has it installed")
    parser.add_argument("--documents", type=int, default=STATUS_DOCUMENTS, help="for status; 0 leaves it out")
    args = parser.parse_args()
    out: Path = args.out.resolve()
    out.mkdir(parents=True)
    draw = random.Random(args.seed)  # noqa: S311
    figures: dict[str, object] = {"seed": args.seed, "cores": os.cpu_count(), "load": os.getloadavg()}
    tables: dict[str, dict[str, dict[str, float]]] = {}
    for latency in args.latency:
        title = f"latency {latency} ms"
        with ground(
            out / f"latency{latency}",
            args.site,
            seed=args.seed,
            pages=args.pages,
            hosts=args.hosts,
            latency_ms=latency,
            news_please=args.news_please,
        ) as place:
            few = Ground(out / f"few{latency}", place.origins, place.urls[:FEW], news_please=args.news_please)
            for name in place.contests:
                if not name.endswith("_304"):
                    measured(few, name)  # compiles what it loads
            print(f"{title}: {len(place.urls)} pages, {len(place.urls_304)} of them confirmed by 304", flush=True)
            rounds = []
            for _ in range(args.rounds):
                rounds.append(one_round(place, draw))
                for kind, words in KINDS.items():
                    each = ", ".join(f"{name} {speed[kind]:.1f}" for name, speed in rounds[-1].items())
                    print(f"  {words}: {each} (load {os.getloadavg()[0]:.1f})", flush=True)
        for kind, words in KINDS.items():
            tables[f"{title}, {words}"] = compare(rounds, kind)
        figures[title] = {"pages": len(place.urls), "pages_304": len(place.urls_304), "pages_per_s": rounds}
    if args.documents:
        tables["starts"] = starts(out, args.rounds, args.documents)
    figures["ratios"] = tables
    for title, table in tables.items():
        print(title)
        for name, told in table.items():
            print(
                f"  {name:45} {told['median']:6.2f} ({told['least']:.2f} .. {told['most']:.2f}), reach {told['reach']}"
            )
    (out / "speed.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    compared = {title: table for title, table in tables.items() if title != "starts"}
    (out / "speed.svg").write_text(bars(compared), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
