"""Add lists with ``add --yes``, crawl each once, and count what came: expected, found, missing, extra, requests.

    python bench/adding.py forms [NAME ...]
    python bench/adding.py demo
    python bench/adding.py living [HOST ...] --site FILE --seed 1 --pages 300 --hosts 8

A list is given by its address alone; the file that ``add`` writes is used as it is. ``requests`` are those of one
first crawl; ``ratio`` is requests over documents, their parts and files, and list pages.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.livingsite import free_port, get, serving  # noqa: E402
from crawler.demo.site import DemoSite  # noqa: E402
from storage import Archive  # noqa: E402
from storage.model import Role  # noqa: E402
from tests.forms import ALL as FORMS  # noqa: E402
from tests.site import Site  # noqa: E402

RUN_LIMIT_S = 300
PER_PAGE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A list to be added.

    expected: addresses of its documents.  days: what its list says of them.  beside: requests that documents and
    list pages do not account for, such as parts and files.  pages: of the list.
    """

    name: str
    url: str
    expected: frozenset[str]
    pages: int
    beside: int = 0
    days: dict[str, str] | None = None


def command(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the program to its end."""
    return subprocess.run(
        [sys.executable, "-m", "crawler", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        timeout=RUN_LIMIT_S,
    )


def tried(case: Case, folder: Path, *, verbose: bool) -> dict[str, object]:
    """Add and crawl one list; return the figures."""
    host = urlsplit(case.url).netloc
    sources, archive = folder / "sources", folder / "archive.db"
    added = command("add", case.url, "--yes", "--sources", str(sources), "--allow", host)
    if added.returncode:
        return {"name": case.name, "wrong": added.stderr.strip().splitlines()[-1]}
    name = added.stdout.splitlines()[-1]
    if verbose:
        print(added.stdout, (sources / f"{name}.toml").read_text("utf-8"), sep="\n")
    crawled = command("crawl", name, "--archive", str(archive), "--sources", str(sources), "--allow", host)
    if crawled.returncode:
        return {"name": case.name, "wrong": crawled.stderr.strip().splitlines()[-1]}
    with Archive.open(archive, readonly=True) as reading:
        versions = {version.url: version for version in reading.latest_versions(name)}
        (run,) = reading.runs(name)
        fetches = [(fetch, role) for fetch, role in reading.chain_fetches(run.root_id) if role is not Role.ROBOTS]
    found = frozenset(versions)
    asked = [fetch for fetch, _ in fetches if fetch.error != "robots"]
    beside = sum(role in (Role.PART, Role.ATTACHMENT) for _, role in fetches)
    due = len(case.expected) + case.pages + beside
    figures: dict[str, object] = {
        "name": case.name,
        "expected": len(case.expected),
        "found": len(found & case.expected),
        "missing": len(case.expected - found),
        "extra": len(found - case.expected),
        "requests": len(asked),
        "ratio": round(len(asked) / due, 3),
    }
    if case.days:
        days = {url: str(version.content.fields.published_on) for url, version in versions.items()}
        figures["days"] = sum(days.get(url) == said for url, said in case.days.items())
    if verbose:
        print(*sorted(case.expected - found)[:5], "--", *sorted(found - case.expected)[:5], sep="\n")
    return figures


def forms(names: Iterable[str], folder: Path, *, verbose: bool) -> list[dict[str, object]]:
    """Try the lists written for the tests."""
    out: list[dict[str, object]] = []
    for place, (name, form) in enumerate(FORMS.items()):
        if names and name not in names:
            continue
        with Site() as site:
            form.serve(site)
            expected = frozenset(site.url(form.path(number)) for number in range(form.count))
            days = {site.url(form.path(number)): form.day(number) for number in range(form.count)}
            case = Case(name=name, url=site.url(form.start), expected=expected, pages=form.pages, days=days)
            out.append(tried(case, folder / str(place), verbose=verbose))
        print(json.dumps(out[-1], ensure_ascii=False), flush=True)
    return out


def living(args: argparse.Namespace, folder: Path) -> list[dict[str, object]]:
    """Try one section of each host of a living site, the one with the most documents."""
    port = free_port(args.hosts)
    site = [sys.executable, str(args.site), "--seed", args.seed, "--pages", str(args.pages), "--hosts", str(args.hosts)]
    site += ["--per-page", str(PER_PAGE)]
    out: list[dict[str, object]] = []
    with serving([*site, "--port", str(port)], f"http://127.0.0.1:{port}/__clock__"):
        truth = json.loads(get(f"http://127.0.0.1:{port}/__truth__?epoch=0") or b"{}")
        listed = {page["url"] for page in truth["pages"] if page["channel"] == "list"}
        for host in range(args.hosts):
            if args.names and str(host + 1) not in args.names:
                continue
            origin = f"http://127.0.0.{host + 1}:{port}"
            home = (get(f"{origin}/") or b"").decode("utf-8", "replace")
            hrefs = dict.fromkeys(unescape(href) for href in re.findall(r'href="([^"]+)"', home))
            lists = [href for href in hrefs if re.match(r"^/(?:\w+/(?:index\.html)?|list\.jsp\?col=\w+)$", href)]
            for href in lists if args.every else [max(lists, key=lambda each: len(of_section(listed, origin, each)))]:
                expected = of_section(listed, origin, href)
                if not expected:
                    continue
                pages = -(-len(expected) // PER_PAGE)
                case = Case(name=f"host {host + 1} {href}", url=origin + href, expected=expected, pages=pages)
                out.append(tried(case, folder / f"{len(out)}", verbose=args.verbose))
                print(json.dumps(out[-1], ensure_ascii=False), flush=True)
    return out


def of_section(urls: Iterable[str], origin: str, href: str) -> frozenset[str]:
    """Return the addresses of a host's documents that its list names."""
    section = href.partition("col=")[2] or href.split("/")[1]
    own = re.compile(rf"/{section}/|[=_]{section}(?:&|_)")
    return frozenset(url for url in urls if url.startswith(f"{origin}/") and own.search(url))


def demo(folder: Path, *, verbose: bool) -> list[dict[str, object]]:
    """Try the list of the demo site; expected is what the demo's own source finds."""
    own = "demo_ministry"
    out: list[dict[str, object]] = []
    with DemoSite() as site:
        text = site.sources()[own]
        (folder / "own").mkdir()
        (folder / "own" / f"{own}.toml").write_text(text, "utf-8")
        archive = folder / "own.db"
        host = f"127.0.0.1:{site.port}"
        options = ["--archive", str(archive), "--sources", str(folder / "own"), "--allow", host]
        command("crawl", own, *options).check_returncode()
        with Archive.open(archive, readonly=True) as reading:
            expected = frozenset(version.url for version in reading.latest_versions(own))
            (run,) = reading.runs(own)
            pages = sum(role is Role.LIST for _, role in reading.chain_fetches(run.root_id))
        start = tomllib.loads(text)["lists"][0]
        out.append(tried(Case(name="demo", url=start, expected=expected, pages=pages), folder / "0", verbose=verbose))
        print(json.dumps(out[-1], ensure_ascii=False), flush=True)
    return out


def main() -> int:
    """Command line entry; 1 where anything is missing or too much."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("forms", "demo", "living"))
    parser.add_argument("names", nargs="*", help="of forms, or numbers of hosts; all unless given")
    parser.add_argument("--site", type=Path, help="the living site's script")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--hosts", type=int, default=8)
    parser.add_argument("--every", action="store_true", help="every section of each host")
    parser.add_argument("--verbose", action="store_true", help="show what add says")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="adding-") as name:
        folder = Path(name)
        if args.what == "living":
            figures = living(args, folder)
        elif args.what == "demo":
            figures = demo(folder, verbose=args.verbose)
        else:
            figures = forms(args.names, folder, verbose=args.verbose)
    return int(any(each.get("wrong") or each["missing"] or each["extra"] for each in figures))


if __name__ == "__main__":
    sys.exit(main())
