"""``changes --noise`` and ``--late``: what was not told, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from rich.text import Text

from crawler.commands.output import Times, emit_all, known_source, remark, say
from crawler.commands.when import When
from crawler.compose import compose
from crawler.diff import diff
from crawler.diff_views import summary
from crawler.elsewhere import chosen_otherwise
from crawler.profile import Profile
from crawler.terminal import clean
from spiders.loader import Sources, load
from storage import Archive, Home
from storage.model import Extraction, QuietVisit, Version

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """A visit whose differences were judged noise.

    rules: how many blocks differed by the rule that leaves them out; "choice": paragraphs that both pages show, and
        of which only one was taken for the text; "markup" where nothing differed.
    """

    source: str
    document_id: int
    url: str
    at: datetime
    rules: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A change that no event told of, because a rule of that day hid it."""

    source: str
    document_id: int
    url: str
    title: str | None
    at: datetime
    version: int
    summary: str


def show_noise(
    folder: Path | None, archive_path: Home, *, since: When | None, source: str | None, as_json: bool
) -> None:
    """Print the visits that found other bytes and told nothing, with the rules that left out what differed."""
    sources = load(folder)
    with Archive.open(archive_path, readonly=True) as archive:
        times, names = chosen(archive, sources, source)
        found = (
            noise
            for name in names
            for visit in archive.quiet_visits(name, since=since.start(times.zone(name)) if since else None)
            if (noise := judged(archive, visit)) is not None
        )
        listed(found, noise_text, times, as_json=as_json, none="no visit found other bytes without telling of a change")


def show_late(
    folder: Path | None, archive_path: Home, *, since: When | None, source: str | None, as_json: bool
) -> None:
    """Print the changes that histories show now and that nobody was told of."""
    sources = load(folder)
    with Archive.open(archive_path, readonly=True) as archive:
        times, names = chosen(archive, sources, source)
        found = (
            late(archive, version)
            for name in names
            for version in archive.late_versions(name, since=since.start(times.zone(name)) if since else None)
        )
        listed(found, late_text, times, as_json=as_json, none="every change in the histories was told")


def listed(found: Iterable[T], as_text: Callable[[T, Times], Text], times: Times, *, as_json: bool, none: str) -> None:
    """Print what was found, one by one; ``none`` says that there is nothing."""
    if as_json:
        emit_all(found)
        return
    any_shown = False
    for one in found:
        say(as_text(one, times))
        any_shown = True
    if any_shown:
        say(Text(times.note(), "dim"))
    else:
        remark(none)


def noise_text(noise: Noise, times: Times) -> Text:
    """Return a visit judged noise as two lines.  Pure."""
    text = Text(times.show(noise.at, noise.source) + "  ")
    text.append(", ".join(f"{rule} ×{count}" for rule, count in noise.rules.items()), "bold")
    return text.append(f"\n    {clean(noise.url)}", "dim")


def late_text(one: Late, times: Times) -> Text:
    """Return a change that nobody was told of as two lines.  Pure."""
    text = Text(times.show(one.at, one.source) + "  ")
    text.append(clean(one.title or "(no title)"), "bold")
    return text.append(f"  version {one.version}: {one.summary}\n    {clean(one.url)}")


def chosen(archive: Archive, sources: Sources, source: str | None) -> tuple[Times, list[str]]:
    """Return the sources to look at, and their times."""
    names = [known_source(archive, sources, source)] if source else archive.source_names()
    return Times.of(sources, names), names


def judged(archive: Archive, visit: QuietVisit) -> Noise | None:
    """Return what a quiet visit's bytes differ in; None where no extractor has been over both."""
    extractor = archive.newest_extractor(visit.document_id)
    if extractor is None:
        return None
    before = archive.extraction(visit.resource_id, visit.before, extractor)
    after = archive.extraction(visit.resource_id, visit.after, extractor)
    if before is None or after is None:
        return None
    return Noise(
        source=visit.source,
        document_id=visit.document_id,
        url=visit.url,
        at=visit.at,
        rules=differing(before, after) or {"markup": 1},
    )


def differing(before: Extraction, after: Extraction) -> dict[str, int]:
    """Return how many blocks of two extractions differ without a change, by rule.  Pure."""
    old, new = (Counter((b.left_out, b.text) for b in page.blocks if b.left_out) for page in (before, after))
    rules: Counter[str] = Counter()
    for (rule, _), count in ((old - new) | (new - old)).items():
        rules[str(rule)] = max(rules[str(rule)], count)
    plain = Profile(source="")
    contents = [compose([page], [], plain) for page in (before, after)]
    if found := chosen_otherwise(contents[0], [before], contents[1], [after]):
        rules["choice"] = len(found)
    return dict(sorted(rules.items()))


def late(archive: Archive, version: Version) -> Late:
    """Return a version that nobody was told of, with what changed in it."""
    before = archive.version(version.document_id, version.number - 1)
    return Late(
        source=version.source,
        document_id=version.document_id,
        url=version.url,
        title=version.content.fields.title,
        at=version.first_seen_at,
        version=version.number,
        summary=summary(diff(before.content, version.content)),
    )
