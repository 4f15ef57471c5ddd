"""Run the real program against a living site: a web site that changes on command, every change labelled.

    python bench/livingsite.py --site FILE --seed 1 --pages 300 --hosts 8 --epochs 6 --out DIR [--score FILE]

Starts the site, runs ``crawl`` once an epoch, and leaves in DIR: ``events.jsonl`` (one event a line, with the
text of its version), ``log.json`` (what the site was asked), ``truth.jsonl`` (its labels, dumped aside),
``archive.db`` and ``sources/``. With ``--score`` the scorer runs too and leaves ``figures.json``. With ``--archive
postgresql`` the archive lies on a server that is started for it and ends with it, and is copied to ``archive.db`` at
the end. With ``--like OTHER`` the events are held against those of another such run: exits with 1 where they differ.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from html import unescape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from storage import Archive, Home, Server  # noqa: E402
from storage.copying import copy_archive  # noqa: E402
from storage.model import Event  # noqa: E402
from tests.postgres import running  # noqa: E402

# Addresses of lists and documents, as a person adding the site would write them.
LISTS = re.compile(r"^/(?:\w+/(?:index\.html)?|list\.jsp\?col=\w+)$")
DOCUMENTS = (
    r"/t\d{8}_\d+[a-z]*\.html$",
    r"/art/\d{4}/\d+/\d+/art_\w+?_\d+[a-z]*\.html$",
    r"/content\.jsp\?col=\w+&id=\w+$",
    r"/\d{4}/\d\d/\d\d/story-\w+/$",
)
MAPS = (("sitemaps", "/sitemap.xml"), ("feeds", "/rss.xml"), ("feeds", "/atom.xml"))
# An epoch stands for a day and lasts some seconds.
CLOCK_SCALE = 2_000.0
RUN_LIMIT_S = 1_800


def free_port(hosts: int) -> int:
    """Return a port that is free on the first addresses of the loopback net."""
    for _ in range(50):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        try:
            for index in range(1, hosts):
                with socket.socket() as other:
                    other.bind((f"127.0.0.{index + 1}", port))
        except OSError:
            continue
        return port
    raise SystemExit("no port is free on all of the site's addresses")


def get(url: str) -> bytes | None:
    """Return the body of an address, or None where it is not there."""
    try:
        with urllib.request.urlopen(url, timeout=30) as reply:  # noqa: S310 - loopback only
            body: bytes = reply.read()
            return body
    except urllib.error.HTTPError:
        return None


@contextmanager
def serving(command: list[str], address: str) -> Iterator[None]:
    """Have the site run while inside."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                if get(address) is not None:
                    break
            except (OSError, urllib.error.URLError):
                if process.poll() is not None:
                    raise SystemExit(f"the site ended at once: {' '.join(command)}") from None
                time.sleep(0.1)
        else:
            raise SystemExit("the site does not answer")
        yield
    finally:
        process.terminate()
        process.wait()


def source_text(origin: str, *, learn: bool) -> str:
    """Return a source file for one host: its lists, maps and feeds, and what its documents look like."""
    home = (get(f"{origin}/") or b"").decode("utf-8", "replace")
    hrefs = dict.fromkeys(unescape(href) for href in re.findall(r'href="([^"]+)"', home))
    lists = [origin + href for href in hrefs if LISTS.match(href)]
    keys = {"lists": lists, "sitemaps": [], "feeds": []}
    for key, path in MAPS:
        if get(origin + path) is not None:
            keys[key].append(origin + path)
    lines = [
        'publisher = "living site"',
        *(f"{key} = {json.dumps(value)}" for key, value in keys.items() if value),
        f"documents = {json.dumps(DOCUMENTS)}",
        "delay = 0",
        *(["learn = true"] if learn else []),
    ]
    return "\n".join(lines) + "\n"


def row(archive: Archive, event: Event, epoch: int) -> dict[str, object]:
    """Return an event in the scorer's format."""
    out: dict[str, object] = {"epoch": epoch, "url": event.url, "event": str(event.kind)}
    version = archive.version_at(event.document_id, event.at) if event.kind != "removed" else None
    if version is not None:
        fields = version.content.fields
        head = [fields.title or "", fields.published_on.isoformat() if fields.published_on else ""]
        out["text"] = "\n".join(part for part in [*head, version.content.text] if part)
    return out


def requests_per_due(archive: Home) -> float:
    """Return how many requests went out for each resource that was due, in all runs but the first of each source.

    Due are lists, documents, their parts and files, each once a run; robots.txt, the hops of redirects to what is
    due anyway, and what is asked for again are what comes on top.
    """
    with Archive.open(archive, readonly=True) as opened:
        rows = opened._all(
            "select count(*), count(distinct case when r.role != 'robots' then f.resource_id end) "
            "from run u join fetch f using (run_id) join resource r using (resource_id) "
            "where (f.error is null or f.error not in ('robots', 'gate')) "
            "and u.run_id > (select min(o.run_id) from run o where o.source = u.source) group by u.run_id"
        )
    due = sum(each for _, each in rows)
    return sum(asked for asked, _ in rows) / due if due else 0.0


def told(out: Path) -> list[str]:
    """Return the events of a run, each a line, in an order and with addresses that do not depend on the run."""
    lines = (out / "events.jsonl").read_text("utf-8").splitlines()
    return sorted(re.sub(r"(127\.0\.0\.\d+):\d+", r"\1", line) for line in lines)


def main() -> int:
    """Command line entry; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--site", type=Path, required=True, help="the site's script")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--hosts", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path, help="another set of material for the site")
    parser.add_argument("--rates", help="shares of events per epoch, as JSON")
    parser.add_argument("--score", type=Path, help="the scorer's script")
    parser.add_argument("--archive", choices=["file", "postgresql"], default="file", help="where the archive lies")
    parser.add_argument("--learn", action="store_true", help="leave out what a source's own pages show to be none")
    parser.add_argument("--like", type=Path, help="the folder of another run, whose events must be the same")
    args = parser.parse_args()
    with ExitStack() as stack:
        return run(args, stack.enter_context(running()).database() if args.archive == "postgresql" else None)


def run(args: argparse.Namespace, server: Server | None) -> int:
    """Run the program against the site; returns the exit code."""
    out: Path = args.out.resolve()
    (out / "sources").mkdir(parents=True, exist_ok=True)
    file = out / "archive.db"
    if file.exists():
        raise SystemExit(f"{file}: there already; choose an empty folder")
    archive: Home = server or file
    environment = {**os.environ, "POLICYTRAIL_ARCHIVE": server.address if server else str(file)}
    port = free_port(args.hosts)
    site = [sys.executable, str(args.site), "--seed", args.seed, "--pages", str(args.pages), "--hosts", str(args.hosts)]
    if args.data:
        site += ["--data", str(args.data)]
    if args.rates:
        site += ["--rates", args.rates]
    origins = [f"http://127.0.0.{index + 1}:{port}" for index in range(args.hosts)]
    crawl = [sys.executable, "-m", "crawler", "crawl", "--sources", str(out / "sources")]
    crawl += ["--clock-scale", str(CLOCK_SCALE)]
    for origin in origins:
        crawl += ["--allow", origin.removeprefix("http://")]
    last: list[int] = []
    with serving([*site, "--port", str(port)], f"{origins[0]}/__clock__"):
        for index, origin in enumerate(origins):
            (out / "sources" / f"xx_host{index + 1}.toml").write_text(source_text(origin, learn=args.learn), "utf-8")
        get(f"{origins[0]}/__log__?reset=1")  # what this adapter asked for is not the program's doing
        for epoch in range(args.epochs):
            get(f"{origins[0]}/__clock__?tick={epoch}")
            started = time.monotonic()
            done = subprocess.run(crawl, cwd=ROOT, timeout=RUN_LIMIT_S, capture_output=True, text=True, env=environment)
            if done.returncode:
                print(done.stdout[-3000:], done.stderr[-3000:], sep="\n")
                print(f"epoch {epoch}: crawl ended with {done.returncode}")
                return 1
            with Archive.open(archive, readonly=True) as reading:
                events = list(reading.events(after=last[-1] if last else 0))
                last.append(events[-1].event_id if events else (last[-1] if last else 0))
                with (out / "events.jsonl").open("a", encoding="utf-8") as lines:
                    for event in events:
                        lines.write(json.dumps(row(reading, event, epoch), ensure_ascii=False) + "\n")
            print(f"epoch {epoch}: {len(events)} events, {time.monotonic() - started:.0f} s", flush=True)
        (out / "log.json").write_bytes(get(f"{origins[0]}/__log__") or b"")
    print(f"requests for each resource due, after the first epoch: {requests_per_due(archive):.3f}", flush=True)
    if server:
        copy_archive(server, file, progress=lambda what, done: None)
    differing = len(set(told(out)) ^ set(told(args.like))) if args.like else 0
    if args.like:
        print(f"events that {args.like} tells otherwise: {differing} of {len(told(out))}", flush=True)
    truth = out / "truth.jsonl"
    subprocess.run([*site, "--port", str(port), "--epochs", str(args.epochs), "--dump-truth", str(truth)], check=True)
    if args.score:
        scorer = [sys.executable, str(args.score), str(out / "events.jsonl"), "--truth", str(truth)]
        scorer += ["--log", str(out / "log.json"), "--json", str(out / "figures.json")]
        return subprocess.run(scorer).returncode or min(differing, 1)
    return min(differing, 1)


if __name__ == "__main__":
    sys.exit(main())
