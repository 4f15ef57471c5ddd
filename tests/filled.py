"""An archive with some of everything in it, made by the archive's own methods: the same in either home."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from storage import Archive, Listed, Standing
from storage.model import (
    Answer,
    Attachment,
    Block,
    BlockKind,
    Content,
    DocumentState,
    EventKind,
    Extraction,
    Fields,
    Link,
    Outcome,
    Piece,
    Resource,
    Role,
    Run,
    RunEnd,
)
from storage.sending import AlertState, Delivery

BEGIN = datetime(2024, 5, 6, 8, tzinfo=UTC)
SOURCES = ("cn_test", "us_test")
# Text that a home may order, keep or compare otherwise than the other one does.
TITLES = ("关于人工智能的通知", "Straße résumé", "a", "B", "É", "é", "Z", "_", "%", "ａ", "😀 emoji", "関連", "b'\"\\")
LONG = "https://a.example/long?" + "q=" + "%E9%95%BF" * 1_500
DAY = timedelta(days=1)


def fill(archive: Archive) -> None:
    """Record, derive and announce some days of two sources, with all that may happen to a document."""
    for number, source in enumerate(SOURCES):
        for day in range(3):
            _crawl(archive, source, day, BEGIN + day * DAY + timedelta(hours=number))
    _import(archive)
    _send(archive)
    archive.forget(f"https://{SOURCES[0]}.example/2", reason="a court said so", at=BEGIN + 9 * DAY)
    _legs(archive)


def _crawl(archive: Archive, source: str, day: int, at: datetime) -> None:
    run = archive.begin_run(source, at=at, extractor="x", profile="p")
    home = f"https://{source}.example"
    (start,) = archive.add_listings(run, [Listed(url=f"{home}/list", role=Role.LIST)], found_on=None, at=at)
    items = [
        Listed(url=f"{home}/{place}", role=Role.MAIN, title=title, hinted_on=date(2024, 5, 1 + place))
        for place, title in enumerate(TITLES)
    ]
    items += [Listed(url=LONG, role=Role.MAIN), Listed(url=f"{home}/0/2", role=Role.PART)]
    mains = archive.add_listings(run, items, found_on=start.resource_id, at=at, recasting=True)
    body = f"list {day}".encode()
    fetched = archive.record(run, start.resource_id, _answer(start, at, body, etag=f'"{day}"'))
    archive.judge(fetched.fetch_id, Outcome.OK, "")
    data = {"p": "{}"}
    profile = archive.profile_id("p" if source == SOURCES[0] else f"p-{source}", source=source, data=data["p"])
    extractor = archive.extractor_id("x")
    for place, resource in enumerate(mains[: len(TITLES)]):
        at += timedelta(seconds=3)
        _document(archive, run, resource, mains[-1], place, day, at, extractor, profile)
    end = RunEnd.STOPPED if day == 1 and source == SOURCES[1] else RunEnd.FINISHED
    archive.close_run(run.run_id, end, at=at + timedelta(minutes=1))


def _answer(resource: Resource, at: datetime, body: bytes | None, **more: object) -> Answer:
    known = {"status": 200, "content_type": "text/html", "headers": (("X-Title", "ünï"), ("ETag", "1")), **more}
    return Answer(url=resource.url, requested_at=at - timedelta(milliseconds=70), fetched_at=at, body=body, **known)  # type: ignore[arg-type]


def _document(
    archive: Archive,
    run: Run,
    resource: Resource,
    part: Resource,
    place: int,
    day: int,
    at: datetime,
    extractor: int,
    profile: int,
) -> None:
    if place == 3 and day == 1:
        failed = archive.record(run, resource.resource_id, _answer(resource, at, None, status=None, error="timeout"))
        archive.judge(failed.fetch_id, Outcome.UNREACHABLE, "timeout")
        return
    if place == 4 and day == 2:
        gone = archive.record(run, resource.resource_id, _answer(resource, at, b"gone", status=410))
        archive.judge(gone.fetch_id, Outcome.GONE, "status 410")
        before = archive.told(resource.resource_id)
        _stand(archive, resource, DocumentState.GONE, at, ())
        _tell(archive, EventKind.REMOVED, run, resource, at, day, before.pieces if before else (), ())
        return
    if place == 5 and day:
        last = archive.validators(resource.resource_id)
        same = _answer(resource, at, None, status=304, confirms=last.snapshot_id if last else None)
        archive.judge(archive.record(run, resource.resource_id, same).fetch_id, Outcome.NOT_MODIFIED, "")
        return
    text = f"{TITLES[place]} 第{place}条 {day if place % 3 == 0 else 0}：补贴 word " + "长" * (place * 50)
    fetch = archive.record(
        run, resource.resource_id, _answer(resource, at, text.encode(), etag=f'"{day}"', last_modified="x")
    )
    archive.judge(fetch.fetch_id, Outcome.OK, "")
    assert fetch.snapshot_id is not None
    file = Link(url=part.url, name="附件")
    made = Extraction(blocks=(Block(kind=BlockKind.PARAGRAPH, text=text),), parts=(file,), reads=f"r{day}")
    archive.save_extraction(resource.resource_id, fetch.snapshot_id, "x", made)
    pieces = (Piece(role=Role.MAIN, resource_id=resource.resource_id, snapshot_id=fetch.snapshot_id, name=""),)
    if place == 0:
        pieces += (Piece(role=Role.ATTACHMENT, resource_id=part.resource_id, snapshot_id=None, name="附件"),)
    _stand(archive, resource, DocumentState.ACTIVE, at, pieces)
    latest = archive.latest(resource.resource_id)
    digest = f"sha-{text.strip()[:40]}-{place % 4}"
    if latest is not None and latest.content_sha256 == digest:
        return
    fields = Fields(title=TITLES[place], published_on=date(2024, 5, 1 + place), document_number=f"令〔2024〕{place}号")
    attached = (Attachment(name="附件", url=part.url, sha256=None),) if place == 0 else ()
    archive.save_version(
        resource.resource_id,
        latest.number + 1 if latest else 1,
        Content(fields=fields, paragraphs=(text,), attachments=attached),
        content_sha256=digest,
        pieces=pieces,
        root_id=run.root_id,
        first_seen_at=at,
        extractor_id=extractor,
        profile_id=profile,
    )
    told = archive.told(resource.resource_id)
    kind = EventKind.NEW if told is None else EventKind.CHANGED
    _tell(archive, kind, run, resource, at, day, told.pieces if told else (), pieces)


def _stand(archive: Archive, resource: Resource, state: DocumentState, at: datetime, pieces: tuple[Piece, ...]) -> None:
    number = resource.resource_id
    standing = Standing(
        document_id=number, source=resource.source, main_id=number, former=(), state=state, state_since=at,
        state_reason="",
    )  # fmt: skip
    archive.save_standing(standing, pieces)


def _tell(
    archive: Archive,
    kind: EventKind,
    run: Run,
    resource: Resource,
    at: datetime,
    day: int,
    before: tuple[Piece, ...],
    after: tuple[Piece, ...],
) -> None:
    archive.tell(
        kind, run=run, document_id=resource.resource_id, resource_id=resource.resource_id, previous_id=None,
        title=f"t{day}", at=at, baseline=day == 0, before=before, after=after,
        quiet="typography" if kind is EventKind.CHANGED and day == 1 else None,
    )  # fmt: skip


def _import(archive: Archive) -> None:
    at = BEGIN - 30 * DAY
    url = f"https://{SOURCES[0]}.example/0"
    answers = [
        (Role.MAIN, Answer(url=url, requested_at=each, fetched_at=each, status=200, body=f"then {each}".encode()))
        for each in (at, at + DAY)
    ]
    archive.import_answers(
        SOURCES[0], answers, origin="old.warc", at=BEGIN + 8 * DAY, extractor="x", profile="p", recasting=True
    )


def _send(archive: Archive) -> None:
    at = BEGIN + 4 * DAY
    events = archive.unrouted(limit=4)
    archive.route({event.event_id: _deliveries(event.event_id, at) for event, _ in events}, at=at, most=3)
    archive.say_of_ourselves("k-alert", channel="mail", alerts=[{"source": "cn_test", "about": "failing"}], at=at)
    first, second, *_ = archive.due_messages(at)
    archive.try_message(first.message_id)
    archive.message_sent(first.message_id, at=at + DAY)
    archive.try_message(second.message_id)
    archive.message_failed(second.message_id, problem="550 no", next_at=at + DAY)
    archive.rest("hook", until=at + 2 * DAY)
    archive.save_alert_states([AlertState(source="cn_test", about="failing", root_id=1, failures=2, opened_at=at)])


def _deliveries(event_id: int, at: datetime) -> list[Delivery]:
    return [
        Delivery(channel=channel, rule="all", slot="s", key=f"k{event_id}-{channel}", due_at=at)
        for channel in ("mail", "hook")
    ]


def _legs(archive: Archive) -> None:
    run = archive.join_run(
        "us_test", "us_test.example", hosts={"us_test.example": True, "b.example": False}, after_run=0,
        at=BEGIN + 10 * DAY, extractor="x", profile="p",
    ).run  # fmt: skip
    archive.spend(run, "us_test.example", Role.MAIN, most=100)
    (resource,) = archive.add_listings(
        run, [Listed(url="https://b.example/1", role=Role.MAIN)], found_on=None, at=BEGIN + 10 * DAY
    )
    archive.hand_over(run, "b.example", resource.resource_id, Role.MAIN, hops=1, depth=2)
