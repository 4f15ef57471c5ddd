"""Where a document stands: which address is its own, whether it is there, and what became of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from crawler.compose import compose, content_sha256
from crawler.compositions import HOPS, Compositions
from crawler.typography import squeeze
from spiders.paging import page_stem
from storage import Standing
from storage.model import DocumentState, Fetch, Outcome, Piece, Run

PERMANENT = (301, 308)
GONE = (Outcome.GONE, Outcome.SOFT_404)
# Two pages with less text may well be equal by chance.
SAME_TEXT_CHARS = 60
# A page that answers 404 is believed to be gone when it says so twice, this far apart.
CONFIRM_GONE = timedelta(seconds=60)


class Life:
    """Follows the documents of one source from address to address, and tells whether they are there.

    confirm_gone: so far apart must two answers be that say that a document is gone.
    """

    def __init__(self, compositions: Compositions, *, confirm_gone: timedelta = CONFIRM_GONE) -> None:
        self.compositions = compositions
        self.archive = compositions.archive
        self.source = compositions.source
        self.confirm_gone = confirm_gone

    def is_part(self, run: Run, resource_id: int) -> bool:
        """Tell whether an address is a further page of a document, or named as such by an earlier page."""
        if self.archive.is_part(resource_id):
            return True
        number = page_stem(self.archive.resource(resource_id).url)[1]
        before = (page_stem(url)[1] for url in self.archive.named_as_part_by(run, resource_id))
        return number is not None and any(other is None or other < number for other in before)

    def is_copy(self, standing: Standing, pieces: tuple[Piece, ...]) -> bool:
        """Tell whether an address differs from a document's by its query alone, and says the very same.

        Sites add to addresses where a reader came from, how a list was sorted, who is reading. What has no text
        to compare is a document of its own.
        """
        content = self.compositions.content(pieces)
        if content is None or not content.paragraphs:
            return False
        place = urlsplit(self.archive.resource(standing.main_id).url)[:3]
        others = self.archive.holders_of(self.source.name, content_sha256(content))
        mains = (theirs.main_id for other in others if (theirs := self.archive.standing(other)) is not None)
        return any(urlsplit(self.archive.resource(main_id).url)[:3] == place for main_id in mains)

    def follow(self, resource_id: int, standing: Standing | None, answer: Fetch, upto: int) -> tuple[Standing, Fetch]:
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
        extraction = self.compositions.extraction(resource_id, answer.snapshot_id)
        if extraction is None or extraction.canonical is None or not self.source.is_document(extraction.canonical):
            return None
        target = self.archive.resource_id(extraction.canonical)
        if target is None or target == resource_id:
            return None
        good = self.archive.last_good(target, upto)
        theirs = self.compositions.extraction(target, good.snapshot_id) if good else None
        if theirs is None or theirs.canonical not in (None, extraction.canonical):
            return None
        ours, other = (
            compose([extraction], [], self.compositions.profile),
            compose([theirs], [], self.compositions.profile),
        )
        same = ours.fields.title == other.fields.title and ours.fields.title is not None
        return target if same or ours.text == other.text else None

    def found_again(self, standing: Standing, pieces: tuple[Piece, ...], upto: int) -> Standing:
        """Return a new document, or the older one of equal content whose own address is not found any more."""
        content = self.compositions.content(pieces)
        if content is None or not content.fields.title or len(squeeze(content.text)) < SAME_TEXT_CHARS:
            return standing
        for document_id in self.archive.holders_of(self.source.name, content_sha256(content)):
            lost = self.archive.standing(document_id)
            answer = self.archive.last_answer(lost.main_id, upto) if lost else None
            if lost is not None and answer is not None and answer.outcome in GONE:
                former = dict.fromkeys((*lost.former, lost.main_id, *standing.former))
                return replace(lost, main_id=standing.main_id, former=tuple(former))
        return standing

    def state(self, standing: Standing, answer: Fetch, upto: int) -> Standing:
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
