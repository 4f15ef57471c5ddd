"""``add``: looks at an address, guesses the source behind it, shows it, and writes its file.

addresses   addresses -> patterns            pure
rows        page -> its lists                pure
scripts     page -> what its scripts load    pure
naming      name, publisher, language, zone  pure
propose     answer -> proposal               pure
trial       the crawls in passing
preview     proposal and samples -> text     pure
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.text import Text

from crawler.add.naming import name_of
from crawler.add.preview import preview
from crawler.add.propose import Proposal, Reading, is_better, maps_in, read
from crawler.add.trial import Trial
from crawler.errors import CrawlFailedError, SourceError
from crawler.terminal import clean
from spiders.address import canonicalize
from spiders.loader import Sources, load, write

__all__ = ["add"]

# How many other addresses are looked at to find a better place than the one given.
MOST_LOOKS = 3
NAME = re.compile(r"[a-z]+(?:_[a-z0-9]+)+")


def add(
    url: str,
    *,
    sources: Path,
    allow: tuple[str, ...] = (),
    contact: str | None = None,
    name: str | None = None,
    dry_run: bool = False,
    confirm: Callable[[str], bool],
    out: Console,
) -> str:
    """Make a source file for the list, feed or site map at an address, and return the source's name.

    Asks the site as any crawl does, for some pages; what came is shown on ``out``, then thrown away.

    sources: the folder for the file; made where it is missing.
    name: of the source; guessed where None.
    dry_run: write nothing, and do not ask.
    confirm: asked with one line before the file is written.

    Raises SourceError for an address or name that cannot be used, CrawlFailedError where the address cannot be had,
    no list is found there, or the answer to ``confirm`` is no.
    """
    start = canonicalize(url)
    if start is None:
        raise SourceError(f"{clean(url)[:200]!r} is no http or https address")
    sources = sources.expanduser()
    known = load(sources if sources.is_dir() else None)
    _check_name(name, sources, known)
    _check_contact(start, contact)
    with tempfile.TemporaryDirectory(prefix="policytrail-add-") as folder:
        trial = Trial(Path(folder), allow=allow, contact=contact)
        out.print(Text(clean(f"looking at {start}"), "dim"))
        proposal = _find(start, trial, out)
        if name is None:
            _check_new(proposal, known)
        taken = {*known.sources, *(path.stem for path in sources.glob("*.toml"))}
        source = proposal.source(name or name_of(proposal.url, taken))
        out.print(Text("asking for some of its documents", "dim"))
        samples = trial.try_out(proposal, source)
    cells = min(out.width, 100)
    out.print(preview(proposal, source, samples, cells=cells))
    text = f"# Proposed by `policytrail add`: see that `documents` takes what it should.\n{write(source)}"
    path = sources / f"{source.name}.toml"
    out.print(Text(f"\n{path}", "bold"))
    out.print(Text(clean(text, lines=True)))
    if dry_run:
        return source.name
    if not confirm(f"Write {path}?"):
        raise CrawlFailedError("nothing was written")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise SourceError(f"{path} exists already; choose another name with --name") from None
    return source.name


def _check_name(name: str | None, sources: Path, known: Sources) -> None:
    if name is None:
        return
    if not NAME.fullmatch(name):
        raise SourceError(
            f"{clean(name)!r} must be country_body or country_body_section, in small letters, digits and underscores"
        )
    if name in known.sources or (sources / f"{name}.toml").exists():
        raise SourceError(f"a source called {name} exists already; choose another name with --name")


def _check_contact(url: str, contact: str | None) -> None:
    # Here and not in the crawl only, so that the line reads as ours.  Late: it brings Scrapy with it.
    from crawler.run import require_contact
    from spiders.source import Source

    host = url.split("/")[2]
    require_contact(Source(name="xx_look", publisher=host, hosts=(host,)), contact)


def _check_new(proposal: Proposal, known: Sources) -> None:
    same = [s.name for s in known.sources.values() if proposal.url in {url for url, _ in s.starts()}]
    if same:
        raise SourceError(f"{same[0]} begins at {proposal.url} already; to have it twice, choose a name with --name")


def _find(url: str, trial: Trial, out: Console) -> Proposal:
    """Return what may be watched at an address, or at the places it points to."""
    seen = trial.look(url)
    if seen.answer is None:
        raise CrawlFailedError(f"{url} cannot be had: {clean(seen.why)}")
    reading = read(seen.answer)
    proposal = _better(reading, reading.better, trial, out)
    if proposal is not None:
        return proposal
    if seen.why:
        raise CrawlFailedError(f"{url} cannot be had: {clean(seen.why)}")
    proposal = _better(reading, maps_in(seen.robots, seen.answer.url), trial, out)
    if proposal is None:
        raise CrawlFailedError(
            f"no list of documents, feed or site map was found at {url}: what came was {reading.seen}; "
            f"give the address of a list page, or write a file by hand: publisher, lists = [...], documents = '...'"
        )
    return replace(proposal, doubts=(f"no list was seen at {url}; this map is of the whole site", *proposal.doubts))


def _better(reading: Reading, places: tuple[str, ...], trial: Trial, out: Console) -> Proposal | None:
    proposal = reading.proposal
    waiting = list(places)
    for _ in range(MOST_LOOKS):
        if not waiting:
            break
        place = waiting.pop(0)
        out.print(Text(clean(f"looking at {place}"), "dim"))
        answer = trial.look(place).answer
        if answer is None:
            continue
        found = read(answer)
        if found.proposal is None:
            # The files of an index of maps; a page that only names further pages leads too far.
            waiting[:0] = found.better if found.seen.startswith("an index") else ()
        elif proposal is None or is_better(proposal, found.proposal):
            made = found.proposal
            return replace(made, publisher=reading.publisher) if made.data and reading.publisher else made
    return proposal
