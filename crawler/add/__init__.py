"""``add``: looks at an address, guesses the source behind it, shows it, and writes its file.

addresses   addresses -> patterns            pure
rows        page -> its lists                pure
titles      link -> title                    pure
tabs        what stands in tabs              pure
columns     data -> its rows and pages       pure
places      list -> where on its page        pure
further     the last page of a list          pure
scripts     page -> what its scripts load    pure
fields      ... with the values of its form  pure
templates   page -> addresses made of rows   pure
naming      name, publisher, language, zone  pure
proposal    a source that may be made        pure
propose     answer -> proposal               pure
compare     which of two proposals           pure
trial       the crawls in passing
preview     proposal and samples -> text     pure
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from rich.console import Console
from rich.text import Text

from crawler.add.columns import follows_another, page_parameter
from crawler.add.compare import continued, is_better
from crawler.add.further import further, widened
from crawler.add.naming import name_of
from crawler.add.preview import preview
from crawler.add.proposal import Answer, Proposal, Reading
from crawler.add.propose import maps_in, read, sent_on_to
from crawler.add.scripts import address_templates, data_addresses
from crawler.add.trial import SAMPLES, Seen, Trial
from crawler.errors import CrawlFailedError, SourceError
from crawler.terminal import clean
from spiders.address import canonicalize
from spiders.loader import Sources, load, write
from spiders.markup import decode
from spiders.posting import turned
from storage.model import Role

__all__ = ["add", "find"]

# How many other addresses are looked at to find a better place than the one given.
MOST_LOOKS = 3
# How often a page may send on to another, by its markup or its script.
MOST_SENT_ON = 2
MOST_SCRIPT_BYTES = 100_000
HEAD = "# Proposed by `policytrail add`; what a key means stands in docs/adding-a-source.md.\n"
NAME = re.compile(r"[a-z]+(?:_[a-z0-9]+)+")


class Looks(Protocol):
    """What asks a site for one address."""

    def look(self, url: str) -> Seen:
        """Return what an address answers."""
        ...


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
    progress: Console,
) -> str:
    """Make a source file for the list, feed or site map at an address, and return the source's name.

    Asks the site as any crawl does, for some pages; what came is shown on ``out``, then thrown away; what is asked
    for is told on ``progress``.

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
        _say(progress, f"looking at {start}")
        proposal = find(start, trial, progress, mark=urlsplit(url).fragment)
        if name is None:
            _check_new(proposal, known)
        taken = {*known.sources, *(path.stem for path in sources.glob("*.toml"))}
        source = proposal.source(name or name_of(proposal.url, taken))
        _say(progress, f"asking for up to {SAMPLES} of its documents")
        samples = trial.try_out(proposal, source)
    cells = min(out.width, 100)
    out.print(preview(proposal, source, samples, cells=cells))
    text = f"{HEAD}{write(source)}"
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


def find(url: str, trial: Looks, out: Console, *, mark: str = "", depth: int = 0) -> Proposal:
    """Return what may be watched at an address, or at the places it points to.

    mark: what stood behind # in the address.  depth: how many pages sent on to this one.

    Raises CrawlFailedError where nothing is.
    """
    seen = trial.look(url)
    if seen.answer is None:
        raise CrawlFailedError(f"{url} cannot be had: {clean(seen.why)}")
    answer = replace(seen.answer, mark=mark)
    reading = read(answer)
    if reading.proposal is None and depth < MOST_SENT_ON and (other := sent_on_to(answer)):
        _say(out, f"{url} sends on to {other}")
        return find(other, trial, out, depth=depth + 1)
    scripts = _scripts(reading, answer, trial, out)
    proposal = _better(reading, scripts.places, trial, out, scripts)
    if proposal is not None:
        return _widened(proposal, trial, out)
    if seen.why:
        raise CrawlFailedError(f"{url} cannot be had: {clean(seen.why)}")
    proposal = _better(reading, maps_in(seen.robots, seen.answer.url), trial, out)
    if proposal is None:
        raise CrawlFailedError(
            f"no list of documents, feed or site map was found at {url}: what came was {reading.seen}; "
            "give the address of a list page, or write a file by hand: publisher, lists = [...], documents = '...', "
            "and browser = true where only a script shows the list"
        )
    return replace(proposal, doubts=(f"no list was seen at {url}; this map is of the whole site", *proposal.doubts))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scripts:
    """What a page and its scripts say.

    places: where to look beside the address itself.  loaded: those of them that a script asks for.
    templates: addresses that scripts make of rows.
    """

    places: tuple[str, ...] = ()
    loaded: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()


def _scripts(reading: Reading, answer: Answer, trial: Looks, out: Console) -> _Scripts:
    """Return what a page's scripts say; where it loads its rows by a file of scripts, that is read."""
    files, holders = [], []
    for file in reading.scripts if not reading.loaded else ():
        _say(out, f"looking at {file}")
        if script := trial.look(file).answer:
            files.append(script.body[:MOST_SCRIPT_BYTES].decode("utf-8", "replace"))
            holders += [file] if read(replace(script, loaded=True)).proposal else []
    about = {"url": answer.url, "content_type": answer.content_type}
    loaded = (*holders, *data_addresses(answer.body, files=files, **about)) if files else reading.loaded
    places = (*loaded, *reading.better) if files else reading.better
    return _Scripts(places=places, loaded=loaded, templates=address_templates(answer.body, files=files, **about))


def _widened(proposal: Proposal, trial: Looks, out: Console) -> Proposal:
    """Return a proposal that was held against the last page of its list: old documents may lie elsewhere."""
    last = further(proposal)
    if last is None or last == proposal.url:
        return proposal
    _say(out, f"looking at {last}, the last page that the list names")
    answer = trial.look(last).answer
    return widened(proposal, answer) if answer is not None else proposal


def _say(out: Console, text: str) -> None:
    out.print(Text(clean(text), "dim"))


def _better(
    reading: Reading, places: tuple[str, ...], trial: Looks, out: Console, scripts: _Scripts | None = None
) -> Proposal | None:
    scripts = scripts or _Scripts()
    proposal = reading.proposal
    waiting = list(places)
    indexed = reading.index
    for _ in range(MOST_LOOKS):
        if not waiting:
            break
        place = waiting.pop(0)
        found = _read_at(place, trial, out, scripts)
        if proposal is not None and found.proposal is not None and (both := continued(proposal, found.proposal)):
            return _from_its_first(proposal, found.proposal, trial, out, scripts) or both
        if found.proposal is None:
            # The files of an index of maps; a page that only names further pages leads too far.
            waiting[:0] = found.better if found.index else ()
            indexed = indexed or found.index
        elif proposal is None or is_better(proposal, found.proposal, framed=place in reading.frames):
            made = found.proposal
            if indexed and made.role is Role.SITEMAP:
                # Of the files of an index, new ones come with time.
                return replace(made, url=indexed)
            return _named(made, reading) if made.data or place in reading.frames else made
    return proposal


def _named(made: Proposal, page: Reading) -> Proposal:
    return replace(made, publisher=page.publisher) if page.publisher else made


def _read_at(place: str, trial: Looks, out: Console, scripts: _Scripts) -> Reading:
    asked = page_parameter(place) if place in scripts.loaded else None
    loaded = asked is not None or place in scripts.loaded
    if asked is not None and asked[1] > 1:
        # A script may begin after what the page shows by itself.
        place = turned(place, asked[0], 1)
    _say(out, f"looking at {place}")
    answer = trial.look(place).answer
    if answer is None:
        return Reading()
    if asked is not None and asked[1] == 1 and follows_another(decode(answer.body, answer.content_type)[0]):
        # Its pages are counted from 0.
        return _read_at(turned(place, asked[0], 0), trial, out, scripts)
    return read(replace(answer, templates=scripts.templates, loaded=loaded))


def _from_its_first(
    shown: Proposal, loaded: Proposal, trial: Looks, out: Console, scripts: _Scripts
) -> Proposal | None:
    """Return the list that a script loads from its very first page, where that is what the page shows by itself."""
    if loaded.data is None or loaded.data.first != 1:
        return None
    first = turned(loaded.url, loaded.data.page, 0)
    found = _read_at(first, trial, out, replace(scripts, loaded=(first,))).proposal
    if found is None or not shown.titles.keys() <= found.titles.keys():
        return None
    return replace(found, publisher=shown.publisher)
