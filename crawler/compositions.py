"""What a document is made of: which snapshots, and the content they give under one extractor and one profile."""

from __future__ import annotations

from crawler.compose import Attached, compose
from crawler.profile import Profile
from spiders.paging import page_stem
from spiders.source import Source
from storage import Archive
from storage.model import Content, Extraction, Link, Outcome, Piece, Role

# A page that moved is followed so many times.
HOPS = 5
# The extractions read last are at hand, so many characters of them: judging and composing ask for the same ones over
# and over, and a run of some hundred documents reads each once.
REMEMBERED_CHARS = 1_000_000


class Compositions:
    """Puts the documents of one source together, under one extractor and one profile."""

    def __init__(self, archive: Archive, source: Source, *, extractor: str, profile: Profile) -> None:
        self.archive = archive
        self.source = source
        self.extractor = extractor
        self.profile = profile
        self._read: dict[tuple[int, int], Extraction] = {}
        self._read_chars = 0
        self._last: tuple[tuple[Piece, ...], Content] | None = None

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
            extraction = self.extraction(page.resource_id, page.snapshot_id)
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

    def extraction(self, resource_id: int, snapshot_id: int | None) -> Extraction | None:
        """Return what the extractor made of a snapshot; None where there is none, or it has not been over it."""
        if snapshot_id is None:
            return None
        key = (resource_id, snapshot_id)
        found = self._read.pop(key, None)
        if found is None:
            found = self.archive.extraction(resource_id, snapshot_id, self.extractor)
            if found is None:
                return None
            self._read_chars += _chars(found)
        self._read[key] = found
        while self._read_chars > REMEMBERED_CHARS and len(self._read) > 1:
            self._read_chars -= _chars(self._read.pop(next(iter(self._read))))
        return found

    def pages(self, pieces: tuple[Piece, ...]) -> list[Extraction]:
        """Return what the extractor made of a composition's main page and parts."""
        read = [self.extraction(p.resource_id, p.snapshot_id) for p in pieces if p.role is not Role.ATTACHMENT]
        return [page for page in read if page is not None]

    def chosen_otherwise(self, old: Content, before: tuple[Piece, ...], new: Content, after: tuple[Piece, ...]) -> bool:
        """Tell whether two contents differ only in what of their pages was taken for the document."""
        from crawler.elsewhere import chosen_otherwise  # a run that sees no change needs nothing of diffs

        return bool(chosen_otherwise(old, self.pages(before), new, self.pages(after)))

    def content(self, pieces: tuple[Piece, ...]) -> Content | None:
        """Return the content that a composition makes under this extractor and profile.

        None where its main page has not been extracted.
        """
        # Asked for again and again while one document is derived.
        if self._last is not None and self._last[0] == pieces:
            return self._last[1]
        pages, attached, is_whole = [], [], True
        for piece in pieces:
            extraction = self.extraction(piece.resource_id, piece.snapshot_id)
            is_whole = is_whole and (extraction is not None or piece.snapshot_id is None)
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
        if not pages:
            return None
        content = compose(pages, attached, self.profile)
        if is_whole:
            self._last = pieces, content
        return content


def _chars(extraction: Extraction) -> int:
    return sum(len(block.text) for block in extraction.blocks) + sum(map(len, extraction.outside))


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
