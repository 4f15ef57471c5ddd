"""Crawls in passing, through the very machinery of a crawl, into an archive that is thrown away."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from crawler.add.naming import is_loopback
from crawler.add.proposal import Answer, Proposal
from crawler.errors import CrawlFailedError
from crawler.typography import squeeze
from spiders.discovery import discover
from spiders.loader import write
from spiders.source import Budget, Found, Source
from storage import Archive, NotInArchiveError
from storage.model import Fetch, Outcome, Role, Version

SAMPLES = 3
HOPS = 3
LITTLE_TEXT_CHARS = 100
OPENING_CHARS = 200

# Of one page: itself and a few redirects; no files, no further pages.
_LOOK = Budget(pages=1 + HOPS, list_pages=0, parts=0)
# Of a proposal: its first pages, so that one sees whether the pager works, and some documents.
_TRY = Budget(pages=SAMPLES, list_pages=2, sitemap_files=2, parts=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What came of looking at an address.

    answer: None where it could not be had; ``why`` then says it in a line.
    robots: bytes of its host's robots.txt, b"" without one.
    """

    answer: Answer | None = None
    why: str = ""
    robots: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One document as it would be kept.

    left_out: blocks kept out of the text, by the rule that did.  unsure: what a person should look at.
    characters: of its text, white space left out.
    """

    url: str
    title: str | None
    published_on: date | None
    characters: int
    opening: str
    left_out: dict[str, int]
    unsure: tuple[str, ...]


class Trial:
    """A folder for archives and source files that nobody keeps, and the crawls that fill it.

    allow, contact: as for any crawl.
    """

    def __init__(self, folder: Path, *, allow: tuple[str, ...], contact: str | None) -> None:
        self._folder = folder
        self._options = [word for entry in allow for word in ("--allow", entry)]
        self._options += ["--contact", contact] if contact else []
        self._runs = 0

    def _crawl(self, source: Source) -> Path:
        """Run a source once in a process of its own, since a reactor starts once in each; return the archive."""
        self._runs += 1
        folder = self._folder / str(self._runs)
        folder.mkdir()
        (folder / f"{source.name}.toml").write_text(write(source), "utf-8")
        archive = folder / "archive.db"
        command = [sys.executable, "-m", "crawler", "crawl", source.name]
        command += ["--archive", str(archive), "--sources", str(folder), *self._options]
        result = subprocess.run(  # noqa: S603  our own program, its arguments checked when they were read
            command,
            cwd=Path(__file__).parent.parent.parent,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if not archive.exists():
            lines = [line for line in (result.stderr or result.stdout).splitlines() if line.strip()]
            said = lines[-1].removeprefix("policytrail: ") if lines else f"exit code {result.returncode}"
            raise CrawlFailedError(f"the crawl could not begin: {said}")
        return archive

    def look(self, url: str) -> Seen:
        """Return what an address answers, after redirects, also to other hosts."""
        robots = b""
        for _ in range(HOPS + 1):
            host = urlsplit(url).netloc
            delay_s = 0.0 if is_loopback(host) else 1.0
            source = Source(name="xx_look", publisher=host, urls=(url,), hosts=(host,), budget=_LOOK, delay_s=delay_s)
            with Archive.open(self._crawl(source), readonly=True) as archive:
                fetches = _last_fetches(archive, source.name)
                robots = _body(archive, fetches.get(f"{urlsplit(url).scheme}://{host}/robots.txt")) or b""
                fetch = _follow(fetches, url)
                if fetch is None:
                    return Seen(why="it was not asked for", robots=robots)
                if fetch.location is None or fetch.location in fetches:
                    return _seen(archive, fetch, robots)
                url = fetch.location
        return Seen(why=f"more than {HOPS} redirects from host to host", robots=robots)

    def try_out(self, proposal: Proposal, source: Source) -> tuple[Sample, ...]:
        """Crawl a little of a proposed source and return the first documents as they would be kept."""
        with Archive.open(self._crawl(replace(source, budget=_TRY)), readonly=True) as archive:
            fetches = _last_fetches(archive, source.name)
            mains = {fetch.url for fetch, role in _fetches(archive, source.name) if role is Role.MAIN}
            hints = _hints(archive, proposal, source, fetches)
            versions = {version.url: version for version in archive.latest_versions(source.name)}
            samples = []
            for fetch in fetches.values():
                if fetch.url not in mains or fetch.outcome is Outcome.MOVED:
                    continue
                version = versions.get(fetch.url) or _version_of(archive, fetch.url)
                hint = hints.get(fetch.url)
                samples.append(_sample(archive, version, hint) if version else _no_sample(fetch, hint))
        unique = {sample.url: sample for sample in samples}
        return tuple(unique.values())[:SAMPLES]


def _fetches(archive: Archive, source: str) -> list[tuple[Fetch, Role]]:
    return [pair for run in archive.runs(source, limit=1) for pair in archive.chain_fetches(run.root_id)]


def _last_fetches(archive: Archive, source: str) -> dict[str, Fetch]:
    return {fetch.url: fetch for fetch, _ in _fetches(archive, source)}


def _follow(fetches: dict[str, Fetch], url: str) -> Fetch | None:
    """Return the last answer on the way from an address, as far as it was gone."""
    fetch = fetches.get(url)
    for _ in range(HOPS):
        if fetch is None or fetch.location is None or fetch.location not in fetches:
            break
        fetch = fetches[fetch.location]
    return fetch


def _body(archive: Archive, fetch: Fetch | None) -> bytes | None:
    if fetch is None or fetch.snapshot_id is None or fetch.status != 200:
        return None
    return archive.snapshot(fetch.snapshot_id).body


def _seen(archive: Archive, fetch: Fetch, robots: bytes) -> Seen:
    body = _body(archive, fetch)
    if not body:
        why = fetch.reason or fetch.detail or fetch.error or f"status {fetch.status}"
        return Seen(why=f"{fetch.outcome or 'no answer'}: {why}", robots=robots)
    answer = Answer(url=fetch.url, body=body, content_type=fetch.content_type)
    blocked = fetch.outcome in (Outcome.CHALLENGE, Outcome.LOGIN, Outcome.MAINTENANCE, Outcome.SOFT_404)
    return Seen(answer=answer, why=f"{fetch.outcome}: {fetch.reason}" if blocked else "", robots=robots)


def _hints(archive: Archive, proposal: Proposal, source: Source, fetches: dict[str, Fetch]) -> dict[str, Found]:
    """Return what the list, feed or map says of each document."""
    fetch = fetches.get(proposal.url)
    body = _body(archive, fetch)
    if body is None or fetch is None:
        return {}
    findings = discover(source, proposal.role, body, url=fetch.url, content_type=fetch.content_type)
    return {found.url: found for found in findings.found}


def _version_of(archive: Archive, url: str) -> Version | None:
    """Return the version of the document that an address leads to, if it leads to one."""
    try:
        document = archive.find_document(url)
    except NotInArchiveError:
        return None
    return archive.version(document.document_id, document.versions) if document.versions else None


def _sample(archive: Archive, version: Version, hint: Found | None) -> Sample:
    left_out: Counter[str] = Counter()
    for piece in version.pieces:
        if piece.snapshot_id is None or piece.role not in (Role.MAIN, Role.PART):
            continue
        extraction = archive.extraction(piece.resource_id, piece.snapshot_id, version.extractor)
        if extraction is not None:
            left_out.update(block.left_out for block in extraction.blocks if block.left_out)
    fields, text = version.content.fields, version.content.text
    characters = len(squeeze(text))
    unsure = []
    if not fields.title:
        unsure.append("no title")
    if not fields.published_on:
        unsure.append("no date")
    elif hint and hint.hinted_on and abs(hint.hinted_on - fields.published_on) > timedelta(days=1):
        unsure.append(f"the list says {hint.hinted_on}")
    if characters < LITTLE_TEXT_CHARS:
        unsure.append("little text")
    return Sample(
        url=version.url,
        title=fields.title,
        published_on=fields.published_on,
        characters=characters,
        opening=" ".join(text[: 2 * OPENING_CHARS].split())[:OPENING_CHARS],
        left_out=dict(left_out.most_common()),
        unsure=tuple(unsure),
    )


def _no_sample(fetch: Fetch, hint: Found | None) -> Sample:
    why = f"{fetch.outcome or fetch.error or 'no answer'}: {fetch.reason or fetch.detail}"
    return Sample(
        url=fetch.url,
        title=hint.title if hint else None,
        published_on=hint.hinted_on if hint else None,
        characters=0,
        opening="",
        left_out={},
        unsure=(f"not kept, {why}",),
    )
