"""From recorded answers to versions and events: judge, compose, compare.

The same code makes histories during a crawl and makes them again afterwards; only the crawl announces.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

from crawler.compose import Attached, compose, content_sha256, folded_sha256, squeeze
from crawler.judge import Evidence, Sighting, judge, stand_ins
from crawler.profile import Profile
from spiders.paging import page_stem
from spiders.source import Source
from storage import Archive, Standing, Told
from storage.model import (
    Content,
    DocumentState,
    EventKind,
    Extraction,
    Fetch,
    Link,
    Outcome,
    Piece,
    Role,
    Run,
)

BATCH = 50
HOPS = 5
PERMANENT = (301, 308)
GONE = (Outcome.GONE, Outcome.SOFT_404)
# Lists cut titles short; so much of one is enough to know it again.
LISTED_CHARS = 12
# Two pages with less text may well be equal by chance.
SAME_TEXT_CHARS = 60
# A page that answers 404 is believed to be gone when it says so twice, this far apart.
CONFIRM_GONE = timedelta(seconds=60)


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
        self.extractor = extractor
        self.profile = profile
        self.confirm_gone = confirm_gone
        self.extractor_id = archive.extractor_id(extractor)
        self.profile_id = archive.profile_id(profile.sha256, source=source.name, data=profile.data)

    # -- one chain of runs ---------------------------------------------------------------------------

    def chain(self, run: Run, *, announce: bool, tally: Tally) -> Iterator[None]:
        """Derive everything that a completed chain touched; yields after each batch of documents.

        announce: write events and move how far documents have spoken; else only derived rows.
        """
        yield from self.judge_chain(run)
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

    def judge_chain(self, run: Run) -> Iterator[None]:
        """Judge every answer of a chain; yields after each batch."""
        batch: list[tuple[Fetch, Role]] = []
        sightings: list[Sighting] = []
        for item in self.archive.chain_fetches(run.root_id):
            batch.append(item)
            if len(batch) >= 10 * BATCH:
                self._judge(batch)
                sightings += self._judge(batch)
                batch = []
                yield
        sightings += self._judge(batch)
        with self.archive.write():
            for fetch_id, count in stand_ins(sightings).items():
                reason = f"one page at {count} addresses, in the place of what they held or were listed as"
                self.archive.judge(fetch_id, Outcome.SOFT_404, reason)

    def _judge(self, batch: list[tuple[Fetch, Role]]) -> list[Sighting]:
        """Judge answers one by one; return what passed for documents, to be held against each other."""
        sightings = []
        with self.archive.write():
            for fetch, role in batch:
                outcome, reason = self.judgement(fetch, role)
                if (outcome, reason) != (fetch.outcome, fetch.reason):
                    self.archive.judge(fetch.fetch_id, outcome, reason)
                if role is Role.MAIN and outcome is Outcome.OK:
                    sightings.append(self._sighting(fetch))
        return sightings

    def _sighting(self, fetch: Fetch) -> Sighting:
        texts = self._texts(fetch.resource_id, fetch.snapshot_id)
        extraction = self._extraction(fetch.resource_id, fetch.snapshot_id)
        before = self.archive.last_good(fetch.resource_id, fetch.fetch_id - 1)
        if extraction is None or extraction.fields.published_on or extraction.fields.document_number:
            strange = False  # what says when it was published stands for itself
        elif before is not None:
            held = self._texts(fetch.resource_id, before.snapshot_id)
            strange = bool(held) and not held & texts
        else:
            listed = [squeeze(title)[:LISTED_CHARS] for title in self.archive.listed_titles(fetch.resource_id)]
            whole = "\n".join(texts)
            strange = bool(listed) and not any(title in whole for title in listed)
        key = hashlib.sha256("\n".join(sorted(texts)).encode("utf-8", "replace")).hexdigest()
        return Sighting(fetch_id=fetch.fetch_id, resource_id=fetch.resource_id, text_key=key, out_of_place=strange)

    def _texts(self, resource_id: int, snapshot_id: int | None) -> frozenset[str]:
        """Return what a page says, block by block, its title among them; white space does not count."""
        extraction = self._extraction(resource_id, snapshot_id)
        if extraction is None:
            return frozenset()
        blocks = (squeeze(block.text) for block in extraction.blocks if not self.profile.left_out(block))
        return frozenset(text for text in (*blocks, squeeze(extraction.fields.title or "")) if text)

    def judgement(self, fetch: Fetch, role: Role) -> tuple[Outcome, str]:
        """Return what an answer is, from what was recorded of it."""
        if fetch.status == 304:
            earlier = self.archive.earlier_judgement(fetch) if fetch.snapshot_id else None
            if earlier is None:
                return Outcome.HTTP_ERROR, "304 for something that was never sent"
            if earlier[0] is Outcome.OK:
                return Outcome.NOT_MODIFIED, "as before"
            return earlier
        extraction: Extraction | None = None
        size = 0
        if fetch.snapshot_id is not None:
            size = (
                1 if role in (Role.LIST, Role.FEED, Role.SITEMAP, Role.ROBOTS) else self.archive.size(fetch.snapshot_id)
            )
            extraction = self.archive.extraction(fetch.resource_id, fetch.snapshot_id, self.extractor)
        evidence = Evidence(
            role=role,
            status=fetch.status,
            error=fetch.error,
            detail=fetch.detail,
            size_bytes=size,
            location=fetch.location,
            location_is_document=bool(fetch.location) and self.source.is_document(fetch.location or ""),
            extraction=extraction,
        )
        return judge(evidence)

    # -- one document --------------------------------------------------------------------------------

    def _document(self, run: Run, resource_id: int, upto: int, *, announce: bool, baseline: bool, tally: Tally) -> None:
        owner = self.archive.owner(resource_id)
        if owner is None and self._is_part(run, resource_id):
            return  # a map listed page 2 as if it were a document of its own
        standing = self.archive.standing(owner) if owner is not None else None
        if standing is not None and resource_id != standing.main_id:
            return  # a former address; the present one is asked for itself
        answer = self.archive.last_answer(resource_id, upto)
        if answer is None:
            return
        standing, answer = self._follow(resource_id, standing, answer, upto)
        pieces = self.pieces(standing.main_id, upto)
        if pieces and self.archive.standing(standing.document_id) is None:
            standing = self._found_again(standing, pieces, upto)
        if not pieces and self.archive.standing(standing.document_id) is None:
            return  # never seen good: no document yet
        tally.documents += 1
        standing = self._state(standing, answer, upto)
        self.archive.save_standing(standing, pieces)
        if not pieces:
            return
        view = View(self, standing, pieces, answer)
        self._version(run, view)
        if announce:
            self._announce(run, view, baseline=baseline, tally=tally)

    def _is_part(self, run: Run, resource_id: int) -> bool:
        """Tell whether an address is a further page of a document, or named as such by an earlier page."""
        if self.archive.is_part(resource_id):
            return True
        number = page_stem(self.archive.resource(resource_id).url)[1]
        before = (page_stem(url)[1] for url in self.archive.named_as_part_by(run, resource_id))
        return number is not None and any(other is None or other < number for other in before)

    def _follow(self, resource_id: int, standing: Standing | None, answer: Fetch, upto: int) -> tuple[Standing, Fetch]:
        """Return the document that an address belongs to, moved to where its address now leads."""
        if standing is None:
            standing = Standing(
                document_id=resource_id,
                source=self.source.name,
                main_id=resource_id,
                former=(),
                state=DocumentState.MISSING,
                state_since=answer.fetched_at,
                state_reason="not seen yet",
            )
        for _ in range(HOPS):
            target = self._target(standing.main_id, answer, upto)
            if target is None:
                break
            target_id, target_answer = target
            other = self.archive.owner(target_id)
            former = (*standing.former, standing.main_id)
            document_id = standing.document_id
            if other is not None and other != document_id:
                # Two documents turn out to be one: the older one goes on under the present address.
                theirs = self.archive.standing(other)
                if theirs is not None:
                    former = (*former, *theirs.former, theirs.main_id)
                    if other < document_id:
                        standing = theirs
                self.archive.drop_document(max(other, document_id))
                document_id = min(other, document_id)
            standing = replace(
                standing,
                document_id=document_id,
                main_id=target_id,
                former=tuple(r for r in dict.fromkeys(former) if r != target_id),
            )
            answer = target_answer
        return standing, answer

    def _target(self, resource_id: int, answer: Fetch, upto: int) -> tuple[int, Fetch] | None:
        """Return where a document's address leads now, if that answers well: by redirect or rel=canonical."""
        target: int | None = None
        if answer.outcome is Outcome.MOVED and answer.status in PERMANENT and answer.location:
            target = self.archive.resource_id(answer.location)
        elif answer.outcome in (Outcome.OK, Outcome.NOT_MODIFIED) and answer.snapshot_id:
            target = self._canonical(resource_id, answer, upto)
        if target is None or target == resource_id:
            return None
        there = self.archive.last_answer(target, upto)
        if there is None or there.outcome not in (Outcome.OK, Outcome.NOT_MODIFIED):
            return None
        return target, there

    def _canonical(self, resource_id: int, answer: Fetch, upto: int) -> int | None:
        """Return the canonical address's resource, where that holds the same document.

        A page may name any address as canonical; it is believed only of a document of the source that has
        the same title or text and does not itself point elsewhere.
        """
        extraction = self._extraction(resource_id, answer.snapshot_id)
        if extraction is None or extraction.canonical is None or not self.source.is_document(extraction.canonical):
            return None
        target = self.archive.resource_id(extraction.canonical)
        if target is None or target == resource_id:
            return None
        good = self.archive.last_good(target, upto)
        theirs = self._extraction(target, good.snapshot_id) if good else None
        if theirs is None or theirs.canonical not in (None, extraction.canonical):
            return None
        ours, other = compose([extraction], [], self.profile), compose([theirs], [], self.profile)
        same = ours.fields.title == other.fields.title and ours.fields.title is not None
        return target if same or ours.text == other.text else None

    def _found_again(self, standing: Standing, pieces: tuple[Piece, ...], upto: int) -> Standing:
        """Return a new document, or the older one of equal content whose own address is not found any more."""
        content = self.content(pieces)
        if content is None or not content.fields.title or len(squeeze(content.text)) < SAME_TEXT_CHARS:
            return standing
        for document_id in self.archive.holders_of(self.source.name, content_sha256(content)):
            lost = self.archive.standing(document_id)
            answer = self.archive.last_answer(lost.main_id, upto) if lost else None
            if lost is not None and answer is not None and answer.outcome in GONE:
                former = dict.fromkeys((*lost.former, lost.main_id, *standing.former))
                return replace(lost, main_id=standing.main_id, former=tuple(former))
        return standing

    def _state(self, standing: Standing, answer: Fetch, upto: int) -> Standing:
        """Return where a document stands after an answer of its main address."""
        outcome = answer.outcome
        reason = answer.reason or ""
        if outcome in (Outcome.OK, Outcome.NOT_MODIFIED):
            state = DocumentState.ACTIVE
            reason = "answers well"
        elif outcome in GONE:
            state = DocumentState.GONE if self._is_gone(standing.main_id, answer, upto) else DocumentState.MISSING
        else:
            # What cannot be seen now may stand unchanged; a gone document stays gone until it is seen again.
            state = DocumentState.BLOCKED if standing.state is not DocumentState.GONE else DocumentState.GONE
            reason = f"{outcome}: {reason}"
        if state is standing.state and standing.state_reason != "not seen yet":
            return standing
        return replace(standing, state=state, state_since=answer.fetched_at, state_reason=reason)

    def _is_gone(self, resource_id: int, answer: Fetch, upto: int) -> bool:
        if answer.status == 410:
            return True
        since = [f for f in self.archive.answers_since_good(resource_id, upto) if f.outcome in GONE]
        return len(since) > 1 and since[-1].fetched_at - since[0].fetched_at >= self.confirm_gone

    # -- compositions --------------------------------------------------------------------------------

    def pieces(self, main_id: int, upto: int) -> tuple[Piece, ...]:
        """Return a document's composition up to a fetch: each resource with its last good snapshot.

        Empty where the main address was never good.
        """
        good = self.archive.last_good(main_id, upto)
        if good is None:
            return ()
        pages = [Piece(role=Role.MAIN, resource_id=main_id, snapshot_id=good.snapshot_id)]
        files: dict[int, Piece] = {}
        known = {main_id}
        numbers = {main_id: 1}
        for page in pages:  # grows while we go: a part may name further parts
            extraction = self._extraction(page.resource_id, page.snapshot_id)
            if extraction is None:
                continue
            for link in bounded(extraction.parts, self.source.budget.parts):
                resource_id = self.archive.resource_id(link.url)
                if resource_id is not None and resource_id not in known:
                    known.add(resource_id)
                    piece = self._piece(Role.PART, resource_id, link.name, upto)
                    if piece.resource_id != resource_id and piece.resource_id in known:
                        continue  # it moved on to a page that the document has already
                    known.add(piece.resource_id)
                    numbers[piece.resource_id] = link.number or len(numbers) + 1
                    pages.append(piece)
            for link in extraction.attachments[: self.source.budget.parts]:
                resource_id = self.archive.resource_id(link.url)
                if resource_id is not None and resource_id not in known and resource_id not in files:
                    files[resource_id] = self._piece(Role.ATTACHMENT, resource_id, link.name, upto)
        ordered = sorted(pages, key=lambda p: numbers[p.resource_id])
        return (*ordered, *files.values())

    def _piece(self, role: Role, resource_id: int, name: str, upto: int) -> Piece:
        target = resource_id
        good = self.archive.last_good(target, upto)
        for _ in range(HOPS):
            answer = self.archive.last_answer(target, upto)
            if answer is None or answer.outcome is not Outcome.MOVED or not answer.location:
                break
            there = self.archive.resource_id(answer.location)
            if there is None:
                break
            target = there
            good = self.archive.last_good(target, upto) or good
        return Piece(
            role=role,
            resource_id=good.resource_id if good else resource_id,
            snapshot_id=good.snapshot_id if good else None,
            name=name,
        )

    def _extraction(self, resource_id: int, snapshot_id: int | None) -> Extraction | None:
        if snapshot_id is None:
            return None
        return self.archive.extraction(resource_id, snapshot_id, self.extractor)

    def content(self, pieces: tuple[Piece, ...]) -> Content | None:
        """Return the content that a composition makes under this extractor and profile.

        None where its main page has not been extracted.
        """
        pages, attached = [], []
        for piece in pieces:
            extraction = self._extraction(piece.resource_id, piece.snapshot_id)
            if piece.role is Role.ATTACHMENT:
                attached.append(
                    Attached(
                        url=self.archive.resource(piece.resource_id).url,
                        name=piece.name,
                        extraction=extraction,
                        bytes_sha256=self.archive.sha256(piece.snapshot_id) if piece.snapshot_id else None,
                    )
                )
            elif extraction is not None:
                pages.append(extraction)
            elif piece.role is Role.MAIN:
                return None
        return compose(pages, attached, self.profile) if pages else None

    def _version(self, run: Run, view: View) -> None:
        document_id = view.standing.document_id
        latest = self.archive.latest(document_id)
        if (latest is not None and latest.pieces == view.pieces) or view.content is None:
            return
        digest = content_sha256(view.content)
        number, first_seen_at = 1, view.answer.fetched_at
        if latest is not None:
            if latest.content_sha256 == digest:
                self.archive.refresh_fields(latest.version_id, view.content)
                return
            number = latest.number + 1
            if self._completes(latest.pieces, view.pieces, digest):
                number, first_seen_at = latest.number, latest.first_seen_at
        self.archive.save_version(
            document_id,
            number,
            view.content,
            content_sha256=digest,
            pieces=view.pieces,
            root_id=run.root_id,
            first_seen_at=first_seen_at,
            extractor_id=self.extractor_id,
            profile_id=self.profile_id,
        )

    def _completes(self, before: tuple[Piece, ...], after: tuple[Piece, ...], digest: str) -> bool:
        """Tell whether the only news is the first good answer of what was listed before."""
        filled = fill(before, after)
        if filled == before:
            return False
        content = self.content(filled)
        return content is not None and content_sha256(content) == digest

    # -- announcing ----------------------------------------------------------------------------------

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
            old = self.content(before)
            if old is None or content_sha256(old) != content_sha256(view.content):
                same = old is not None and folded_sha256(old) == folded_sha256(view.content)
                tell(EventKind.CHANGED, told.pieces, pieces, quiet="typography" if same else None)
            elif before != told.pieces:
                self.archive.complete_told(told, pieces)

    def _told_now(self, told: Told) -> tuple[Piece, ...]:
        """Return what a document has spoken of, as this extractor composes it.

        Another extractor may name other parts and files of the very same bytes: that is no change.
        """
        root = self.archive.run(self.archive.event(told.event_id).run_id).root_id
        composed = self.pieces(told.resource_id, self.archive.last_fetch_id(root))
        return fill(composed, told.pieces) or told.pieces


@dataclass(slots=True)
class View:
    """A document as one chain of runs found it; its content is composed when somebody asks."""

    deriver: Deriver
    standing: Standing
    pieces: tuple[Piece, ...]
    answer: Fetch
    _content: Content | None = None

    @property
    def content(self) -> Content | None:
        """The content that the pieces make; None where the main page has not been extracted."""
        if self._content is None:
            self._content = self.deriver.content(self.pieces)
        return self._content


def bounded(parts: tuple[Link, ...], bound: int) -> tuple[Link, ...]:
    """Return the parts that a document may have, by the page markers of their addresses.  Pure.

    Counting what one page names would not do: each page may name a next one.
    """
    return tuple(part for part in parts if (page_stem(part.url)[1] or 0) <= bound + 1)[:bound]


def fill(before: tuple[Piece, ...], after: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Return a composition in which what was listed but never came is taken from a later one.  Pure."""
    later = {(p.role, p.resource_id): p for p in after}
    # What moved on to another address before it ever came is known by the name it was listed under.
    moved = {(p.role, p.name): p for p in after if p.name}
    return tuple(
        later.get((p.role, p.resource_id)) or moved.get((p.role, p.name)) or p if p.snapshot_id is None else p
        for p in before
    )


def remake(deriver: Deriver, *, progress: Callable[[int], None] | None = None) -> dict[tuple[int, int], str]:
    """Make the documents and versions of a source again, chain by chain; announces nothing.

    The caller holds one transaction around it, and keeps or rolls back. Returns the versions' hashes as they
    were before, by document and number. All extractions must be there.
    """
    archive, name = deriver.archive, deriver.source.name
    before = archive.version_marks(name)
    archive.drop_derived(name)
    for count, root in enumerate(archive.finished_roots(name), 1):
        for _ in deriver.chain(archive.run(root), announce=False, tally=Tally()):
            pass
        if progress:
            progress(count)
    return before
