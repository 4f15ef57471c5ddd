"""From recorded answers to versions and events: judge, compose, compare.

The same code makes histories during a crawl and makes them again afterwards; only the crawl announces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

from crawler.compose import content_sha256, folded_sha256
from crawler.compositions import Compositions, fill
from crawler.judging import Judging
from crawler.life import CONFIRM_GONE, GONE, Life
from crawler.profile import Profile
from spiders.source import Source
from storage import Archive, Standing, Told
from storage.model import Content, DocumentState, EventKind, Fetch, Piece, Run

# So many documents are derived in one transaction.
BATCH = 50


@dataclass(slots=True)
class Tally:
    """What came of deriving: counts of events by kind, and of documents looked at."""

    events: dict[EventKind, int] = field(default_factory=dict)
    documents: int = 0

    def count(self, kind: EventKind) -> None:
        """Count one event."""
        self.events[kind] = self.events.get(kind, 0) + 1


class Deriver:
    """Makes the derived rows of one source under one extractor and one profile."""

    def __init__(
        self,
        archive: Archive,
        source: Source,
        *,
        extractor: str,
        profile: Profile,
        confirm_gone: timedelta = CONFIRM_GONE,
    ) -> None:
        self.archive = archive
        self.source = source
        self.compositions = Compositions(archive, source, extractor=extractor, profile=profile)
        self.judging = Judging(self.compositions)
        self.life = Life(self.compositions, confirm_gone=confirm_gone)
        self.extractor_id = archive.extractor_id(extractor)
        self.profile_id = archive.profile_id(profile.sha256, source=source.name, data=profile.data)
        self._last_fetches: dict[int, int] = {}

    def chain(self, run: Run, *, announce: bool, tally: Tally) -> Iterator[None]:
        """Derive everything that a completed chain touched; yields after each batch of documents.

        announce: write events and move how far documents have spoken; else only derived rows.
        """
        yield from self.judging.chain(run)
        upto = self.archive.last_fetch_id(run.root_id)
        baseline = announce and not self._spoken_before(run)
        touched = sorted(self.archive.touched_mains(run), key=lambda resource_id: self._turn(resource_id, upto))
        for start in range(0, len(touched), BATCH):
            with self.archive.write():
                for resource_id in touched[start : start + BATCH]:
                    self._document(run, resource_id, upto, announce=announce, baseline=baseline, tally=tally)
            yield

    def _turn(self, resource_id: int, upto: int) -> int:
        """Return when an address has its turn: known documents first, for they may name new addresses as theirs.

        What is not found any more comes last: a new address may turn out to be where it went.
        """
        if self.archive.owner(resource_id) is None:
            return 1
        answer = self.archive.last_answer(resource_id, upto)
        return 2 if answer is not None and answer.outcome in GONE else 0

    def _spoken_before(self, run: Run) -> bool:
        """Tell whether an earlier chain of the source came to its end: this one is then no baseline."""
        return any(root != run.root_id for root in self.archive.finished_roots(run.source))

    def _document(self, run: Run, resource_id: int, upto: int, *, announce: bool, baseline: bool, tally: Tally) -> None:
        owner = self.archive.owner(resource_id)
        if owner is None and self.life.is_part(run, resource_id):
            return  # a map listed page 2 as if it were a document of its own
        standing = self.archive.standing(owner) if owner is not None else None
        if standing is not None and resource_id != standing.main_id:
            return  # a former address; the present one is asked for itself
        answer = self.archive.last_answer(resource_id, upto)
        if answer is None:
            return
        standing, answer = self.life.follow(resource_id, standing, answer, upto)
        pieces = self.compositions.pieces(standing.main_id, upto)
        if pieces and self.archive.standing(standing.document_id) is None:
            standing = self.life.found_again(standing, pieces, upto)
        if self.archive.standing(standing.document_id) is None and (not pieces or self.life.is_copy(standing, pieces)):
            return  # never seen good: no document yet; or another address of one
        tally.documents += 1
        standing = self.life.state(standing, answer, upto)
        self.archive.save_standing(standing, pieces)
        if not pieces:
            return
        view = View(self.compositions, standing, pieces, answer)
        self._version(run, view)
        if announce:
            self._announce(run, view, baseline=baseline, tally=tally)

    def _version(self, run: Run, view: View) -> None:
        document_id = view.standing.document_id
        latest = self.archive.latest(document_id)
        if (latest is not None and latest.pieces == view.pieces) or view.content is None:
            return
        digest = content_sha256(view.content)
        number, first_seen_at = 1, view.answer.fetched_at
        if latest is not None:
            if latest.content_sha256 == digest:
                self.archive.refresh_fields(latest.version_id, self._dated(run, view.standing, view.content))
                return
            if self._is_choice(latest.pieces, view):
                return
            number = latest.number + 1
            if self._completes(latest.pieces, view.pieces, digest):
                number, first_seen_at = latest.number, latest.first_seen_at
        self.archive.save_version(
            document_id,
            number,
            self._dated(run, view.standing, view.content),
            content_sha256=digest,
            pieces=view.pieces,
            root_id=run.root_id,
            first_seen_at=first_seen_at,
            extractor_id=self.extractor_id,
            profile_id=self.profile_id,
        )

    def _dated(self, run: Run, standing: Standing, content: Content) -> Content:
        """Return content with the day that lists gave it, where the page itself says none.

        The hash of the content is that of what the page says: a list's word makes no version and no event.
        """
        if content.fields.published_on is not None:
            return content
        listed = self.archive.listed_on((standing.main_id, *standing.former), run)
        if listed is None:
            return content
        return replace(content, fields=replace(content.fields, published_on=listed, published_from="list"))

    def _is_choice(self, before: tuple[Piece, ...], view: View) -> bool:
        """Tell whether content differs from what a composition gives only by our choice of the text's place."""
        old = self.compositions.content(before)
        if old is None or view.content is None:
            return False
        return self.compositions.chosen_otherwise(old, before, view.content, view.pieces)

    def _completes(self, before: tuple[Piece, ...], after: tuple[Piece, ...], digest: str) -> bool:
        """Tell whether the only news is the first good answer of what was listed before."""
        filled = fill(before, after)
        if filled == before:
            return False
        content = self.compositions.content(filled)
        return content is not None and content_sha256(content) == digest

    def _announce(self, run: Run, view: View, *, baseline: bool, tally: Tally) -> None:
        standing, pieces = view.standing, view.pieces
        told = self.archive.told(standing.document_id)

        def tell(
            kind: EventKind,
            before: tuple[Piece, ...],
            after: tuple[Piece, ...],
            previous: int | None = None,
            *,
            quiet: str | None = None,
        ) -> None:
            self.archive.tell(
                kind,
                run=run,
                document_id=standing.document_id,
                resource_id=standing.main_id,
                previous_id=previous,
                title=view.content.fields.title if view.content else None,
                at=view.answer.fetched_at,
                baseline=baseline,
                before=before,
                after=after,
                quiet=quiet,
            )
            tally.count(kind)

        if standing.state is DocumentState.GONE:
            if told is not None and told.present:
                tell(EventKind.REMOVED, told.pieces, ())
        elif standing.state is not DocumentState.ACTIVE:
            return
        elif told is None:
            tell(EventKind.NEW, (), pieces)
        elif not told.present:
            tell(EventKind.RESTORED, told.pieces, pieces)
        else:
            if told.resource_id != standing.main_id:
                tell(EventKind.MOVED, told.pieces, pieces, told.resource_id)
            if told.pieces == pieces or view.content is None:
                return
            before = fill(self._told_now(told), pieces)
            old = self.compositions.content(before)
            if old is None or content_sha256(old) != content_sha256(view.content):
                if self._is_choice(before, view):
                    return
                same = old is not None and folded_sha256(old) == folded_sha256(view.content)
                tell(EventKind.CHANGED, told.pieces, pieces, quiet="typography" if same else None)
            elif before != told.pieces:
                self.archive.complete_told(told, pieces)

    def _last_fetch_id(self, root_id: int) -> int:
        """Return the last answer of an earlier chain; it is looked for once, among all that came later."""
        if root_id not in self._last_fetches:
            self._last_fetches[root_id] = self.archive.last_fetch_id(root_id)
        return self._last_fetches[root_id]

    def _told_now(self, told: Told) -> tuple[Piece, ...]:
        """Return what a document has spoken of, as this extractor composes it.

        Another extractor may name other parts and files of the very same bytes: that is no change.
        """
        root = self.archive.run(self.archive.event(told.event_id).run_id).root_id
        composed = self.compositions.pieces(told.resource_id, self._last_fetch_id(root))
        return fill(composed, told.pieces) or told.pieces


@dataclass(slots=True)
class View:
    """A document as one chain of runs found it; its content is composed when somebody asks."""

    compositions: Compositions
    standing: Standing
    pieces: tuple[Piece, ...]
    answer: Fetch
    _content: Content | None = None

    @property
    def content(self) -> Content | None:
        """The content that the pieces make; None where the main page has not been extracted."""
        if self._content is None:
            self._content = self.compositions.content(self.pieces)
        return self._content


def remake(deriver: Deriver, *, progress: Callable[[int], None] | None = None) -> dict[tuple[int, int], str]:
    """Make the documents and versions of a source again, chain by chain; announces nothing.

    The caller holds one transaction around it, and keeps or rolls back. Returns the versions' hashes as they
    were before, by document and number. All extractions must be there.
    """
    archive, name = deriver.archive, deriver.source.name
    before = archive.version_marks(name)
    archive.drop_derived(name)
    for count, root in enumerate(archive.finished_roots(name, imported=True), 1):
        for _ in deriver.chain(archive.run(root), announce=False, tally=Tally()):
            pass
        if progress:
            progress(count)
    return before
