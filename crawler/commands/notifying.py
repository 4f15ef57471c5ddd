"""``notify``: what is due is sent; and the same again and again beside the scheduler."""

from __future__ import annotations

import logging
import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from crawler.commands.output import Times, emit, remark, say
from crawler.errors import CrawlerError, CrawlFailedError
from crawler.notify.config import Config, load
from crawler.notify.rendering import subject, text
from crawler.notify.sending import LOCK, Pass, Post, spoken, start
from crawler.notify.stories import Told, new_message
from crawler.notify.watching import look
from crawler.plurals import many
from crawler.terminal import clean
from spiders.loader import load as load_sources
from storage import Archive, ArchiveBusyError, ArchiveError, Home, lock_at
from storage.sending import Message

log = logging.getLogger(__name__)

# A scheduler looks into the outbox this often; what a run told goes out so long after its end, at most.
LOOK_S = 5.0
# So often it asks whether runs are missing, when nothing else happens.
WATCH_S = 600.0


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def notify(
    folder: Path | None,
    archive_path: Home,
    config_path: Path,
    *,
    allow: tuple[str, ...],
    impatient: bool,
    as_json: bool,
) -> bool:
    """Send what is due, print what came of it, and tell whether every channel could be reached.

    impatient: also what rests after a failure.
    """
    config = load(config_path)
    with Archive.open(archive_path) as archive:
        done = one_pass(archive, config, folder, allow=allow, impatient=impatient)
        waiting = archive.post().waiting
    if as_json:
        emit({**{key: value for key, value in asdict(done).items() if key != "touched"}, "waiting": waiting})
    else:
        feeds = f"; feeds written: {done.feeds}" if done.feeds else ""
        say(f"{done.sent} sent, {waiting} waiting; new events: {done.routed}, to be told: {done.wanted}{feeds}")
    for line in (*done.remarks, *done.failed):
        remark(line)
    if done.too_old:
        remark(
            f"{many(done.too_old, 'event')} waited for more than {many(config.max_age_days, 'day')} until rules looked "
            "and will not be told; `policytrail changes` shows them"
        )
    return not done.failed


def one_pass(
    archive: Archive, config: Config, folder: Path | None, *, allow: tuple[str, ...], impatient: bool = False
) -> Pass:
    """Do all that is to be done now: rules, feeds, alerts, deliveries.

    Raises ArchiveBusyError where another pass of the same archive goes on.
    """
    post = post_of(archive, config, folder, allow)
    done = Pass()
    lock = lock_at(archive.path, LOCK)
    if not lock.acquire(wait=False):
        raise ArchiveBusyError(f"{archive.path}: another `policytrail notify`, or the scheduler, is sending just now")
    try:
        post.route(done)
        post.write_feeds(done)
        if config.alerts.channels:
            look(archive, post.sources, config.alerts, now=now())
        post.send_due(done, impatient=impatient)
    finally:
        lock.release()
    return done


def post_of(archive: Archive, config: Config, folder: Path | None, allow: tuple[str, ...]) -> Post:
    """Return the outbox of an archive on this machine."""
    return Post(archive, config, load_sources(folder), clock=now, environment=os.environ, allowed=allowed_by(allow))


def allowed_by(allow: tuple[str, ...]) -> frozenset[tuple[str, int]]:
    """Return the private addresses that may be asked, as pairs."""
    if not allow:
        return frozenset()
    # Brings Scrapy, which takes longer to import than all the rest.
    from crawler.gate import allow_entries

    return allow_entries(allow)


def preview(folder: Path | None, archive_path: Home, config_path: Path, *, allow: tuple[str, ...]) -> None:
    """Print what would be sent, and when; send and write nothing."""
    config = load(config_path)
    with Archive.open(archive_path, readonly=True) as archive:
        post = post_of(archive, config, folder, allow)
        told = [post.told(message, archive.message_events(message.message_id)) for message in archive.unsent_messages()]
        # What no rule has seen yet is put together here as the archive would do it, and forgotten.
        fresh: dict[tuple[str, str, str], tuple[Message, list[int]]] = {}
        for event_id, deliveries in post.plan(Pass()).items():
            for one in deliveries:
                message = new_message(one.channel, one.rule, key=one.key, due_at=one.due_at)
                fresh.setdefault((one.channel, one.rule, one.slot), (message, []))[1].append(event_id)
        for message, event_ids in fresh.values():
            told.append(post.told(message, [archive.event(event_id) for event_id in event_ids]))
    for each in told:
        message = each.message
        say(f"--- to {message.channel}, by {message.rule}, due {message.next_at:%Y-%m-%d %H:%M} UTC")
        say(subject(each))
        say()
        say(text(each))
    say(f"{len(told)} {'message' if len(told) == 1 else 'messages'}; nothing was sent")


def try_channel(config_path: Path, name: str, *, allow: tuple[str, ...]) -> None:
    """Send a message to one channel that only says that it works; touches no archive.

    Raises CrawlFailedError for a channel that is not there, NotDeliveredError where nothing arrived.
    """
    config = load(config_path)
    channel = config.channels.get(name)
    if channel is None:
        raise CrawlFailedError(f"{config_path}: no channel is called {name!r}; there are: {', '.join(config.channels)}")
    at = now()
    message = new_message(name, "test", key=str(uuid.uuid4()), due_at=at)
    carrier = start(channel, os.environ, allowed_by(allow))
    told = Told(message=message, folds=(), times=Times({}), test=True, language=spoken(channel))
    refused = carrier.send(told, at=at)
    if refused:
        remark(refused)
    say(f"channel {clean(name)}: a test message was handed over")


@contextmanager
def beside_scheduler(
    folder: Path | None, archive_path: Home, config_path: Path | None, *, allow: tuple[str, ...]
) -> Iterator[None]:
    """Send what runs tell soon after their end, and what waits for its time, while the body goes on.

    The file is read again for each pass; one that is wrong is logged, and everything waits.
    config_path: None where nobody is to be told.  Raises CrawlFailedError where it is wrong at the beginning.
    """
    if config_path is None:
        yield
        return
    load(config_path)
    stop = threading.Event()
    thread = threading.Thread(
        target=_keep_sending, args=(folder, archive_path, config_path, allow, stop), name="notify", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _keep_sending(
    folder: Path | None, archive_path: Home, config_path: Path, allow: tuple[str, ...], stop: threading.Event
) -> None:
    seen_run, said = -1, ""
    looked_at = time.monotonic()
    while not stop.is_set():
        try:
            if Archive.is_at(archive_path):
                with Archive.open(archive_path, readonly=True) as archive:
                    ended = archive.newest_ended_run()
                    wanted = archive.has_post(now()) or ended != seen_run
                if wanted or time.monotonic() - looked_at >= WATCH_S:
                    seen_run, looked_at = ended, time.monotonic()
                    with Archive.open(archive_path) as archive:
                        done = one_pass(archive, load(config_path), folder, allow=allow)
                    if done.sent:
                        log.info("notify: %d sent", done.sent)
                    for line in (*done.remarks, *done.failed):
                        log.warning("notify: %s", clean(line))
                    said = ""
        except (CrawlerError, ArchiveError, OSError) as error:
            # The crawls go on; the same thing is said once.
            if str(error) != said:
                said = str(error)
                log.error("notify: %s", clean(said))
        stop.wait(LOOK_S)
