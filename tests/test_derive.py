"""Lives of documents, day by day, without a crawl: what is recorded by hand is derived as in one."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.compositions import fill
from crawler.derive import Deriver, Tally, remake
from crawler.extract import extract
from crawler.life import CONFIRM_GONE
from crawler.profile import Profile, block_key
from spiders.source import Source
from storage import Archive, Home, Listed
from storage.model import (
    Answer,
    Block,
    BlockKind,
    DocumentState,
    EventKind,
    Extraction,
    Piece,
    Role,
    RunEnd,
    Version,
)
from tests.crawling import DOCUMENTS, notice

HOST = "https://www.example.cn"
MAIN = f"{HOST}/zc/t20240506_4001.html"
PART = f"{HOST}/zc/t20240506_4001_2.html"
OTHER = f"{HOST}/zc/t20240507_4001.html"
NEW, CHANGED, REMOVED, RESTORED, MOVED = EventKind
DERIVED = ("document", "document_resource", "version", "version_piece", "judgement")


@cache
def extracted(body: bytes, url: str) -> Extraction:
    return extract(body, url=url, content_type="text/html", fetched_on=date(2024, 5, 7))


def page(text: str, more: str = "", head: str = "") -> bytes:
    return notice("关于做好有关工作的通知", text, more=more, head=head).encode()


A, B, C = page("第一稿。"), page("第二稿。"), page("第三稿。")
PAGER = f"<a href='{MAIN}'>1</a> <a href='{PART}'>2</a>"
CHALLENGE = "<html><title>安全验证</title><body>请完成安全验证后继续访问</body></html>".encode()
# What came: bytes with 200, a status without, or a status and where it leads.
Came = bytes | int | tuple[int, str]


class Life:
    """An archive in which days pass; each day is one finished run."""

    def __init__(self, path: Home, extractor: str = "one", profile: Profile | None = None) -> None:
        self.archive = Archive.open(path, create=True)
        self.source = Source(name="cn_test", publisher="x", hosts=("www.example.cn",), documents=(DOCUMENTS,))
        self.extractor = extractor
        self.profile = profile or Profile(source="cn_test")
        self.at = datetime(2024, 5, 6, tzinfo=UTC)

    def deriver(self) -> Deriver:
        return Deriver(self.archive, self.source, extractor=self.extractor, profile=self.profile)

    def record(self, *answers: tuple[str, Came], after: timedelta = timedelta(seconds=1)) -> int:
        """Record answers of one run, in order, and leave it open."""
        run = self.archive.begin_run("cn_test", at=self.at, extractor=self.extractor, profile=self.profile.sha256)
        for url, came in answers:
            self.at += after
            role = Role.PART if url == PART else Role.MAIN
            (place,) = self.archive.add_listings(run, [Listed(url=url, role=role)], found_on=None, at=self.at)
            status, location = came if isinstance(came, tuple) else (came, None)
            body = came if isinstance(came, bytes) else None
            if location is not None:
                self.archive.add_listings(run, [Listed(url=location, role=role)], found_on=None, at=self.at)
            fetch = self.archive.record(
                run,
                place.resource_id,
                Answer(
                    url=url,
                    requested_at=self.at,
                    fetched_at=self.at,
                    status=200 if isinstance(status, bytes) else status,
                    body=body,
                    location=location,
                ),
            )
            if body is not None and fetch.snapshot_id is not None:
                self.archive.save_extraction(place.resource_id, fetch.snapshot_id, self.extractor, extracted(body, url))
        return run.run_id

    def derive(self, run_id: int, *, announce: bool = True) -> None:
        for _ in self.deriver().chain(self.archive.run(run_id), announce=announce, tally=Tally()):
            pass

    def day(self, *answers: tuple[str, Came], after: timedelta = timedelta(seconds=1)) -> None:
        run_id = self.record(*answers, after=after)
        self.derive(run_id)
        self.archive.close_run(run_id, RunEnd.FINISHED, at=self.at)
        self.at += timedelta(days=1)

    def events(self) -> list[EventKind]:
        return [event.kind for event in self.archive.events()]

    def versions(self, url: str = MAIN) -> list[Version]:
        return self.archive.versions(self.archive.find_document(url).document_id)

    def rows(self) -> dict[str, list[tuple[str, ...]]]:
        """Return derived rows without the numbers that are given anew."""
        out = {}
        for table in DERIVED:
            names = [each[0] for each in self.archive._execute(f"select * from {table} limit 0", ()).description]  # noqa: S608
            kept = ", ".join(name for name in names if name != "version_id")
            out[table] = sorted(tuple(map(str, row)) for row in self.archive._all(f"select {kept} from {table}"))  # noqa: S608
        return out


@contextmanager
def lived() -> Iterator[Life]:
    with tempfile.TemporaryDirectory() as folder:
        life = Life(Path(folder) / "a.db")
        with life.archive:
            yield life


@pytest.fixture
def life(home: Home) -> Iterator[Life]:
    made = Life(home)
    with made.archive:
        yield made


# -- gone ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("apart", "gone"), [(CONFIRM_GONE, True), (CONFIRM_GONE - timedelta(seconds=1), False)])
def test_404_is_believed_when_it_is_said_twice_far_enough_apart(apart: timedelta, gone: bool, life: Life) -> None:
    life.day((MAIN, A))
    life.day((MAIN, 404), (MAIN, 404), after=apart)
    assert life.events() == ([NEW, REMOVED] if gone else [NEW])
    state = life.archive.find_document(MAIN).state
    assert state is (DocumentState.GONE if gone else DocumentState.MISSING)


def test_a_good_answer_between_two_404_takes_the_first_back(life: Life) -> None:
    for came in (A, 404, A, 404):
        life.day((MAIN, came))
    assert life.events() == [NEW]


def test_what_never_was_is_not_removed(life: Life) -> None:
    life.day((MAIN, 404))
    life.day((MAIN, 410))
    assert life.events() == []
    assert list(life.archive.documents()) == []


@pytest.mark.parametrize("came", [500, 503, 403, 412, 429, 401, CHALLENGE, b""])
def test_what_cannot_be_seen_is_as_it_was(came: Came, life: Life) -> None:
    life.day((MAIN, A))
    life.day((MAIN, came))
    life.day((MAIN, came))
    assert life.archive.find_document(MAIN).state is DocumentState.BLOCKED
    life.day((MAIN, A))
    life.day((MAIN, 410))
    life.day((MAIN, came))
    assert life.archive.find_document(MAIN).state is DocumentState.GONE
    life.day((MAIN, B))
    assert life.events() == [NEW, REMOVED, RESTORED]
    assert len(life.versions()) == 2


# -- any life ------------------------------------------------------------------------------------------

GOOD: dict[Came, str] = {A: "A", B: "B", C: "C"}


def expected(days: list[Came]) -> tuple[list[str], list[EventKind]]:
    """Return the versions and events of a document of one page, told as simply as can be."""
    versions: list[str] = []
    events: list[EventKind] = []
    missing = 0
    told: str | None = None
    present = False
    for came in days:
        text = GOOD.get(came)
        if text is not None:
            missing = 0
            if not versions or versions[-1] != text:
                versions.append(text)
            if told is None:
                events.append(NEW)
            elif not present:
                events.append(RESTORED)
            elif told != text:
                events.append(CHANGED)
            told, present = text, True
        elif came in (404, 410):
            missing += 1
            if present and (came == 410 or missing > 1):
                events.append(REMOVED)
                present = False
    return versions, events


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from([A, B, C, A, B, 404, 410, 503, 403, CHALLENGE]), max_size=7))
def test_a_history_is_runs_of_equal_content(days: list[Came]) -> None:
    with lived() as life:
        for came in days:
            life.day((MAIN, came))
        versions, events = expected(days)
        assert life.events() == events
        if versions:
            found = life.versions()
            assert [GOOD[each.encode()] for each in map(body_of(life), found)] == versions
            assert [version.number for version in found] == list(range(1, len(versions) + 1))
            starts = [version.first_seen_at for version in found]
            assert starts == sorted(starts)
            assert all(version.first_seen_at <= version.last_seen_at for version in found)
        before = life.rows()
        with life.archive.write():
            remake(life.deriver())
        assert life.rows() == before
        assert life.events() == events


def body_of(life: Life) -> Callable[[Version], str]:
    def of(version: Version) -> str:
        snapshot_id = version.pieces[0].snapshot_id
        assert snapshot_id is not None
        return life.archive.snapshot(snapshot_id).body.decode()

    return of


M1, M2 = page("首页一。", PAGER), page("首页二。", PAGER)
P1, P2 = page("次页一。"), page("次页二。")


def expected_of_two(days: list[tuple[Came, Came]]) -> tuple[list[tuple[bytes, bytes | None]], list[EventKind]]:
    """Return the versions and events of a document of two pages."""
    versions: list[tuple[bytes, bytes | None]] = []
    events: list[EventKind] = []
    first: bytes | None = None
    second: bytes | None = None
    told: tuple[bytes, bytes | None] | None = None
    for came, with_it in days:
        first = came if isinstance(came, bytes) and came in (M1, M2) else first
        second = with_it if isinstance(with_it, bytes) and with_it in (P1, P2) else second
        if first is None:
            continue
        now = (first, second)
        last = versions[-1] if versions else None
        if last is not None and last[1] is None and now == (last[0], second):
            versions[-1] = now
        elif last != now:
            versions.append(now)
        if came not in (M1, M2):
            continue
        if told is None:
            events.append(NEW)
        elif now not in (told, (told[0], second) if told[1] is None else told):
            events.append(CHANGED)
        told = now
    return versions, events


MAINS = st.sampled_from([M1, M2, M1, 503, CHALLENGE])
PARTS = st.sampled_from([P1, P2, P1, 503, 404, CHALLENGE])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(MAINS, PARTS), max_size=6))
def test_a_document_of_two_pages(days: list[tuple[Came, Came]]) -> None:
    with lived() as life:
        for came, with_it in days:
            life.day((MAIN, came), (PART, with_it))
        versions, events = expected_of_two(days)
        assert life.events() == events
        if versions:
            found = []
            for version in life.versions():
                bodies = [
                    life.archive.snapshot(piece.snapshot_id).body if piece.snapshot_id else None
                    for piece in version.pieces
                ]
                found.append((bodies[0], bodies[1]))
            assert found == versions
        before = life.rows()
        with life.archive.write():
            remake(life.deriver())
        assert life.rows() == before


# -- moved ---------------------------------------------------------------------------------------------


def test_moved_by_redirect(life: Life) -> None:
    life.day((MAIN, A))
    life.day((MAIN, (301, OTHER)), (OTHER, A))
    life.day((OTHER, B))
    assert life.events() == [NEW, MOVED, CHANGED]
    (document,) = life.archive.documents()
    assert document.url == OTHER
    assert life.archive.find_document(MAIN) == document
    moved = list(life.archive.events())[1]
    assert (moved.url, moved.previous_url) == (OTHER, MAIN)


def test_two_documents_that_become_one(life: Life) -> None:
    life.day((MAIN, A), (OTHER, B))
    life.day((MAIN, (301, OTHER)), (OTHER, B))
    assert life.events() == [NEW, NEW, MOVED, CHANGED]
    (document,) = life.archive.documents()
    assert document.url == OTHER
    before = life.rows()
    with life.archive.write():
        remake(life.deriver())
    assert life.rows() == before


def test_a_temporary_redirect_moves_nothing(life: Life) -> None:
    life.day((MAIN, A))
    life.day((MAIN, (302, OTHER)), (OTHER, A))
    (first, *_) = life.archive.documents()
    assert first.url == MAIN
    assert MOVED not in life.events()


def test_canonical_is_believed_of_the_same_document_only(life: Life) -> None:
    head = f"<link rel='canonical' href='{OTHER}'>"
    other = notice("另一件事项的决定", "内容全然不同。").encode()
    life.day((MAIN, A), (OTHER, other))
    life.day((MAIN, page("第一稿。", head=head)), (OTHER, other))
    assert life.events() == [NEW, NEW]
    assert len(list(life.archive.documents())) == 2


def test_a_circle_of_canonicals_ends(life: Life) -> None:
    to_other = page("第一稿。", head=f"<link rel='canonical' href='{OTHER}'>")
    to_main = page("第一稿。", head=f"<link rel='canonical' href='{MAIN}'>")
    for _ in range(2):
        life.day((MAIN, to_other), (OTHER, to_main))
    assert life.events() == [NEW, NEW]


def test_a_circle_of_redirects_ends(life: Life) -> None:
    life.day((MAIN, A), (OTHER, B))
    life.day((MAIN, (301, OTHER)), (OTHER, (301, MAIN)))
    assert life.events() == [NEW, NEW]


# -- machinery -----------------------------------------------------------------------------------------


def test_nothing_new_changes_nothing(life: Life) -> None:
    life.day((MAIN, A))
    before = life.rows()
    run_id = life.record((MAIN, A))
    life.derive(run_id)
    life.derive(run_id)
    after = life.rows()
    assert {table for table in DERIVED if before[table] != after[table]} == {"judgement"}
    assert life.events() == [NEW]


def test_derived_twice_in_a_resumed_run_tells_once(life: Life) -> None:
    life.day((MAIN, A))
    life.derive(life.record((MAIN, B)))  # killed before it was closed
    run_id = life.record()
    life.derive(run_id)
    life.archive.close_run(run_id, RunEnd.FINISHED, at=life.at)
    assert life.events() == [NEW, CHANGED]
    assert len(life.versions()) == 2


def test_a_profile_says_nothing(life: Life) -> None:
    frame = "第一稿。"
    life.day((MAIN, A))
    life.day((MAIN, page("第一稿。", more="<p>另有规定的，从其规定。</p>")))
    assert life.events() == [NEW, CHANGED]
    block = Block(kind=BlockKind.PARAGRAPH, text=frame)
    life.profile = Profile(source="cn_test", rules={block_key(block): "frame"})
    with life.archive.write():
        remake(life.deriver())
    assert all(frame not in version.content.text for version in life.versions())
    life.day((MAIN, page("第一稿。", more="<p>另有规定的，从其规定。</p>")))
    assert life.events() == [NEW, CHANGED]
    life.day((MAIN, page("第二稿。")))
    assert life.events() == [NEW, CHANGED, CHANGED]


def with_links(extraction: Extraction, life: Life, body: bytes, extractor: str) -> None:
    """Keep an extraction under another extractor."""
    place = life.archive.resource_id(MAIN)
    assert place is not None
    for fetch in life.archive.fetches(life.archive.find_document(MAIN).document_id):
        if fetch.snapshot_id and life.archive.snapshot(fetch.snapshot_id).body == body:
            life.archive.save_extraction(place, fetch.snapshot_id, extractor, extraction)


def test_an_extractor_that_finds_parts_says_nothing(life: Life) -> None:
    """The old extractor knew of no second page; the new one does, and the page is asked for then."""
    from dataclasses import replace

    from storage.model import Link

    blind = replace(extracted(M1, MAIN), parts=())
    run_id = life.record()
    (place,) = life.archive.add_listings(
        life.archive.run(run_id), [Listed(url=MAIN, role=Role.MAIN)], found_on=None, at=life.at
    )
    fetch = life.archive.record(
        life.archive.run(run_id),
        place.resource_id,
        Answer(url=MAIN, requested_at=life.at, fetched_at=life.at, status=200, body=M1),
    )
    assert fetch.snapshot_id is not None
    life.archive.save_extraction(place.resource_id, fetch.snapshot_id, "one", blind)
    life.derive(run_id)
    life.archive.close_run(run_id, RunEnd.FINISHED, at=life.at)
    assert [piece.role for piece in life.versions()[0].pieces] == [Role.MAIN]
    life.extractor = "two"
    with_links(extracted(M1, MAIN), life, M1, "two")
    assert extracted(M1, MAIN).parts == (Link(url=PART, name="2", number=2),)
    with life.archive.write():
        remake(life.deriver())
    life.day((MAIN, M1), (PART, P1))
    assert life.events() == [NEW]
    assert "次页一" in life.versions()[-1].content.text
    life.day((MAIN, M1), (PART, P2))
    assert life.events() == [NEW, CHANGED]


def test_a_judge_that_learned_says_nothing(life: Life) -> None:
    """What was taken for a document turns out to have been a page on errors all along."""
    error = "<html><title>404</title><body><p>您访问的页面不存在</p></body></html>".encode()
    life.day((MAIN, A))
    life.extractor = "taken in"
    run_id = life.record((MAIN, B))
    life.derive(run_id)
    life.archive.close_run(run_id, RunEnd.FINISHED, at=life.at)
    known = life.events()
    life.extractor = "two"
    for body in (A, B):
        with_links(extracted(error, MAIN), life, body, "two")
    with life.archive.write():
        remake(life.deriver())
    assert life.events() == known


# -- filling -------------------------------------------------------------------------------------------


def piece(resource_id: int, snapshot_id: int | None, role: Role = Role.PART, name: str = "") -> Piece:
    return Piece(role=role, resource_id=resource_id, snapshot_id=snapshot_id, name=name)


def test_fill() -> None:
    before = (piece(1, 1, Role.MAIN), piece(2, None), piece(3, 3), piece(4, None), piece(5, None, name="2"))
    after = (piece(1, 9, Role.MAIN), piece(2, 8), piece(3, 7), piece(6, 6, name="2"))
    filled = fill(before, after)
    assert filled == (piece(1, 1, Role.MAIN), piece(2, 8), piece(3, 3), piece(4, None), piece(6, 6, name="2"))


IDS = st.integers(1, 4)
PIECES = st.lists(st.builds(piece, IDS, st.none() | IDS, st.sampled_from(Role)), max_size=5).map(tuple)


@settings(max_examples=50)
@given(PIECES, PIECES)
def test_fill_takes_nothing_away(before: tuple[Piece, ...], after: tuple[Piece, ...]) -> None:
    filled = fill(before, after)
    assert len(filled) == len(before)
    assert fill(filled, after) == filled
    assert all(new == old for new, old in zip(filled, before, strict=True) if old.snapshot_id is not None)
