"""Messages on their way: to a real SMTP server, to an HTTP receiver that fails and is killed, into feeds."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from aiosmtpd.controller import Controller

from crawler.commands.notifying import beside_scheduler, one_pass
from crawler.errors import CrawlFailedError
from crawler.notify.config import parse
from crawler.notify.sending import Post
from crawler.notify.watching import look
from crawler.notify.webhook import key_of, signature
from crawler.schemas import schema
from spiders.loader import load
from storage import Archive
from tests.conftest import ROOT, Command, Demonstration
from tests.crawling import Crawls, listing, notice
from tests.inbox import KEY, Clock, Inbox, copied, free_port, hook, mail_channel, passed, text_of
from tests.site import Page, Request, Site

DOCUMENTS = 9


@pytest.fixture
def archive_path(demonstration: Demonstration, tmp_path: Path) -> Path:
    """A copy of the demonstration's archive, of which nobody has been told yet."""
    return copied(demonstration, tmp_path)


def sent_marks(archive: Path) -> tuple[int, int]:
    """Return how many events stand in the outbox, and of how many is noted that they were sent."""
    connection = sqlite3.connect(archive)
    try:
        row = connection.execute("select count(*), count(sent_at) from outbox").fetchone()
        return int(row[0]), int(row[1])
    finally:
        connection.close()


def test_one_mail_for_a_run_with_everything_but_the_baseline(
    archive_path: Path, demonstration: Demonstration, policytrail: Command, tmp_path: Path
) -> None:
    inbox = Inbox()
    (tmp_path / "notify.toml").write_text(mail_channel(inbox.port), "utf-8")
    options = ["notify", "--archive", archive_path, "--sources", demonstration.sources]
    looked = policytrail(*options, "--dry-run")
    assert looked.returncode == 0 and "nothing was sent" in looked.stdout and "每人每月" not in looked.stderr
    assert sent_marks(archive_path) == (DOCUMENTS, 0)
    refused = policytrail(*options)
    assert refused.returncode == 1
    assert "channel me: 127.0.0.1" in refused.stderr and "tried again at" in refused.stderr
    with inbox.open():
        assert policytrail(*options).stdout.startswith("0 sent, 3 waiting"), "it rests after a failure"
        done = policytrail(*options, "--now", "--json")
        assert done.returncode == 0, done.stderr
        result = json.loads(done.stdout)
        jsonschema.validate(result, schema("notify"))
        assert result["sent"] == 3 and result["waiting"] == 0
        again = policytrail(*options, "--now")
        assert again.stdout.startswith("0 sent, 0 waiting; new events: 0"), again.stdout
    assert len(inbox.mails) == 3, "one for the run of each source"
    bodies = "\n".join(text_of(mail) for mail in inbox.mails)
    assert "500 → 800" in bodies and "removed" in bodies and "moved" in bodies
    assert sum(text_of(mail).count("http://") for mail in inbox.mails) >= DOCUMENTS
    assert {mail["To"] for mail in inbox.mails} == {"me@example.org"}
    assert len({mail["Message-ID"] for mail in inbox.mails}) == 3
    assert sent_marks(archive_path) == (DOCUMENTS, DOCUMENTS)


def test_channel_is_tried_without_an_archive(policytrail: Command, tmp_path: Path) -> None:
    inbox = Inbox()
    inbox.refuse = {"you@example.org"}
    file = tmp_path / "who.toml"
    file.write_text(mail_channel(inbox.port, to='"me@example.org", "you@example.org"'), "utf-8")
    with inbox.open():
        done = policytrail("notify", "--notify", file, "--test", "me")
    assert done.returncode == 0, done.stderr
    assert "you@example.org was refused: 550 no such user" in done.stderr and "\x1b" not in done.stderr
    assert [mail["Subject"] for mail in inbox.mails] == ["[policytrail] a test: this channel works"]
    wrong = policytrail("notify", "--notify", file, "--test", "mee")
    assert wrong.returncode == 1 and wrong.stderr.count("\n") == 1 and "there are: me" in wrong.stderr


def test_server_that_is_busy_gets_the_same_mail_later(archive_path: Path, demonstration: Demonstration) -> None:
    inbox, clock = Inbox(), Clock()
    inbox.busy = 2
    config = parse(mail_channel(inbox.port), Path("notify.toml"))
    with inbox.open(), Archive.open(archive_path) as archive:
        post = Post(archive, config, load(demonstration.sources), clock=clock, environment={})
        first = passed(post)
        assert first.sent == 1 and len(first.failed) == 2, "a busy server may take the next one"
        assert "451 busy" in first.failed[0]
        assert not passed(post).sent
        keys = {message.key: message.attempts for message in archive.unsent_messages()}
        clock.now += timedelta(minutes=1)
        assert passed(post).sent == 2
        assert archive.post().waiting == 0
    assert set(keys.values()) == {1}
    assert {mail["Message-ID"] for mail in inbox.mails[1:]} == {f"<{key}@example.org>" for key in keys}


@contextmanager
def receiver(port: int, taken: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.receiver", str(port), str(taken)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8") as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def taken_by(file: Path) -> list[dict[str, Any]]:
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_nothing_is_lost_by_a_receiver_that_fails_half_the_time_and_is_killed(
    archive_path: Path, demonstration: Demonstration, tmp_path: Path
) -> None:
    port, file, clock = free_port(), tmp_path / "taken", Clock()
    config = parse(hook(port), Path("notify.toml"))
    allowed = frozenset({("127.0.0.1", port)})
    with Archive.open(archive_path) as archive:
        sources = load(demonstration.sources)
        post = Post(archive, config, sources, clock=clock, environment={"HOOK": KEY}, allowed=allowed)
        passed(post)
        keys = {message.key for message in archive.unsent_messages()}
        assert len(keys) == DOCUMENTS
        for _ in range(2):
            clock.now += timedelta(hours=6)
            with receiver(port, file) as process:
                passed(post)
                process.send_signal(signal.SIGKILL)
            clock.now += timedelta(hours=6)
            dead = passed(post)
            assert not dead.sent and len(dead.failed) <= 1, "a dead receiver is tried once"
        assert 0 < len(taken_by(file)) < DOCUMENTS, [m.problem for m in archive.unsent_messages()]
        with receiver(port, file):
            for _ in range(12):
                clock.now += timedelta(hours=6)
                passed(post)
        assert archive.post().waiting == 0
    got = taken_by(file)
    bodies = [json.loads(one["body"]) for one in got]
    assert {body["id"] for body in bodies} == keys, "nothing lost, nothing else"
    for one, body in zip(got, bodies, strict=True):
        jsonschema.validate(body, schema("notification"))
        assert one["headers"]["webhook-id"] == body["id"]
        stamp = int(one["headers"]["webhook-timestamp"])
        assert one["headers"]["webhook-signature"] == signature(key_of(KEY), body["id"], stamp, one["body"].encode())
    told = {event["event_id"]: body["id"] for body in bodies for event in body["events"]}
    assert len(told) == DOCUMENTS, "each event in a message of its own"
    assert KEY.encode() not in archive_path.read_bytes() and b"t0ken" not in archive_path.read_bytes()


def test_sender_killed_before_it_noted_the_answer_sends_the_same_again(
    archive_path: Path, demonstration: Demonstration, environment: Mapping[str, str], tmp_path: Path, site: Site
) -> None:
    hold = threading.Event()
    site.pages["/in"] = Page(wait=hold)
    port = int(site.host.rpartition(":")[2])
    (tmp_path / "notify.toml").write_text(
        hook(port, "day").replace('when = "day"', 'sources = "demo_ministry"'), "utf-8"
    )
    command = [sys.executable, "-m", "crawler", "notify", "--archive", archive_path, "--allow", site.host, "--now"]
    command += ["--sources", demonstration.sources]
    env = {**environment, "HOOK": KEY}
    with subprocess.Popen(command, cwd=tmp_path, env=env, stderr=subprocess.PIPE) as process:
        while not site.requests and process.poll() is None:
            hold.wait(0.02)
        process.kill()
    site.pages["/in"] = Page(status=204)
    hold.set()
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert "1 sent, 0 waiting" in done.stdout
    first, second = site.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert json.loads(first.body) == json.loads(second.body)


def test_webhook_follows_no_redirect_and_contacts_no_private_address(
    archive_path: Path, demonstration: Demonstration, site: Site
) -> None:
    port = int(site.host.rpartition(":")[2])
    site.pages["/in"] = Page(status=302, headers={"Location": "/elsewhere"})
    config = parse(hook(port, "run"), Path("notify.toml"))
    clock = Clock()
    with Archive.open(archive_path) as archive:
        sources = load(demonstration.sources)
        shut = passed(Post(archive, config, sources, clock=clock, environment={"HOOK": KEY}))
        assert not site.requests and "no public address; --allow 127.0.0.1" in shut.failed[0]
        named = parse(hook(port, "run").replace("127.0.0.1", "localhost"), Path("notify.toml"))
        clock.now += timedelta(hours=1)
        shut = passed(Post(archive, named, sources, clock=clock, environment={"HOOK": KEY}))
        assert not site.requests and "no public address" in shut.failed[0], "judged by what the name resolves to"
        clock.now += timedelta(hours=1)
        allowed = frozenset({("127.0.0.1", port)})
        led = passed(Post(archive, config, sources, clock=clock, environment={"HOOK": KEY}, allowed=allowed))
        assert "status 302" in led.failed[0] and "t0ken" not in "".join(led.failed)
        missing = passed(Post(archive, config, sources, clock=clock, environment={}, allowed=allowed))
        assert missing.failed == []  # everything rests
    assert {request.path for request in site.requests} == {"/in?token=t0ken"}


def test_feeds_hold_what_was_told_and_are_written_only_when_something_was(
    archive_path: Path, demonstration: Demonstration, tmp_path: Path
) -> None:
    text = '[channels.files]\ntype = "atom"\nfolder = "feeds"\nsearches = { money = "补贴 800元" }\n'
    config = parse(text, tmp_path / "notify.toml")
    clock = Clock()
    with Archive.open(archive_path) as archive:
        post = Post(archive, config, load(demonstration.sources), clock=clock, environment={})
        assert passed(post).feeds == 5
        clock.now += timedelta(days=1)
        assert passed(post).feeds == 0
    atom = "{http://www.w3.org/2005/Atom}"
    feeds = {path.name: ET.parse(path).getroot() for path in (tmp_path / "feeds").iterdir()}  # noqa: S314
    entries = {
        name: [entry.findtext(f"{atom}id") for entry in feed.iter(f"{atom}entry")] for name, feed in feeds.items()
    }
    assert len(entries["all.xml"]) == len(set(entries["all.xml"])) == DOCUMENTS
    assert set(entries["source-demo_ministry.xml"]) < set(entries["all.xml"])
    assert len(entries["search-money.xml"]) == 1
    assert all(feed.findtext(f"{atom}updated") and feed.findtext(f"{atom}title") for feed in feeds.values())


def test_what_nobody_was_told_of_for_long_is_not_told_at_once(archive_path: Path, demonstration: Demonstration) -> None:
    inbox, clock = Inbox(), Clock()
    clock.now += timedelta(days=8)
    config = parse(mail_channel(inbox.port), Path("notify.toml"))
    with inbox.open(), Archive.open(archive_path) as archive:
        done = passed(Post(archive, config, load(demonstration.sources), clock=clock, environment={}))
    assert done.too_old == DOCUMENTS and not done.sent and not inbox.mails


def test_mail_over_tls_with_a_password_and_not_to_a_server_nobody_vouches_for(
    policytrail: Command, tmp_path: Path
) -> None:
    import ssl

    from aiosmtpd.smtp import AuthResult

    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    made += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(made, cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    given: list[tuple[bytes, bytes]] = []

    def check(server: object, session: object, envelope: object, mechanism: str, data: Any) -> AuthResult:
        given.append((data.login, data.password))
        return AuthResult(success=True)

    inbox = Inbox()
    port = free_port()
    controller = Controller(
        inbox, hostname="127.0.0.1", port=port, tls_context=context, authenticator=check, auth_required=True
    )
    more = ['security = "starttls"', 'user = "me"', 'password_env = "PASSWORD"']
    (tmp_path / "notify.toml").write_text(mail_channel(port, *more), "utf-8")
    controller.start()
    try:
        refused = policytrail("notify", "--test", "me", env={"PASSWORD": "hidden-pass"})
        assert refused.returncode == 1 and "certificate" in refused.stderr, refused.stderr
        trusted = {"PASSWORD": "hidden-pass", "SSL_CERT_FILE": str(tmp_path / "cert.pem")}
        done = policytrail("notify", "--test", "me", env=trusted)
        assert done.returncode == 0, done.stderr
    finally:
        controller.stop()
    assert given == [(b"me", b"hidden-pass")] and len(inbox.mails) == 1
    assert "hidden-pass" not in refused.stderr + done.stderr + done.stdout


@pytest.mark.filterwarnings("ignore:.imghdr. is deprecated")
def test_by_apprise(archive_path: Path, demonstration: Demonstration, site: Site) -> None:
    pytest.importorskip("apprise", reason="the extra [apprise] is not installed")
    site.pages["/in"] = Page(status=200)
    text = '[channels.other]\ntype = "apprise"\nurls_env = "URLS"\n[[rules]]\nchannels = "other"\nkinds = "removed"\n'
    config = parse(text, Path("notify.toml"))
    with Archive.open(archive_path) as archive:
        urls = {"URLS": f"json://{site.host}/in"}
        post = Post(archive, config, load(demonstration.sources), clock=Clock(), environment=urls)
        done = passed(post)
        assert done.sent == 1, done.failed
    assert "removed" in json.loads(site.requests[0].body)["title"]


def test_source_that_fails_is_told_of_and_its_recovery_once(
    sources_dir: Path, environment: dict[str, str], site: Site, tmp_path: Path
) -> None:
    """A real source: its list breaks for three runs, and comes back."""
    crawls = Crawls(archive=tmp_path / "own.db", sources=sources_dir, environment=environment, allow=[site.host])
    inbox, clock = Inbox(), Clock()
    site.pages["/zc/list.html"] = Page(listing("/zc/t20240506_1.html"))
    site.pages["/zc/t20240506_1.html"] = Page(notice("关于一号事项的通知"))
    name = crawls.source(lists=[site.url("/zc/list.html")], documents=r"/t\d{8}_\d+\.html$")
    text = mail_channel(inbox.port) + '[alerts]\nchannels = "me"\nafter = 2\nremind_days = 2\n'
    config = parse(text, tmp_path / "notify.toml")
    good = site.pages["/zc/list.html"]
    subjects: list[list[str]] = []
    with inbox.open():
        for broken in (False, True, True, True, False):
            site.pages["/zc/list.html"] = Page("busy", status=500) if broken else good
            crawls.run(name)
            before = len(inbox.mails)
            clock.now = datetime.now(UTC) + timedelta(seconds=1)
            with Archive.open(crawls.archive) as archive:
                sources = load(crawls.sources)
                look(archive, sources, config.alerts, now=clock.now)
                look(archive, sources, config.alerts, now=clock.now)
                passed(Post(archive, config, sources, clock=clock, environment={}))
            subjects.append([mail["Subject"] for mail in inbox.mails[before:]])
    assert subjects == [
        [],
        [],
        [f"[policytrail] {name} needs a look"],
        [],
        [f"[policytrail] {name} recovered"],
    ]
    assert "500" in text_of(inbox.mails[0])


def test_two_passes_at_once_do_not_send_twice(archive_path: Path, demonstration: Demonstration, site: Site) -> None:
    from storage import ArchiveBusyError
    from storage.lock import FileLock

    config = parse(hook(1, "run"), Path("notify.toml"))
    lock = FileLock(archive_path, "notify")
    assert lock.acquire(wait=False)
    try:
        with Archive.open(archive_path) as archive, pytest.raises(ArchiveBusyError, match="sending just now"):
            one_pass(archive, config, demonstration.sources, allow=())
    finally:
        lock.release()
    assert not site.requests


def test_what_runs_tell_goes_out_beside_the_scheduler(
    archive_path: Path, demonstration: Demonstration, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    came = threading.Event()

    def take(request: Request) -> Page:
        came.set()
        return Page(status=204)

    site.pages["/in"] = take
    monkeypatch.setenv("HOOK", KEY)
    rules = tmp_path / "notify.toml"
    rules.write_text("[channels.x]\n", "utf-8")
    with (
        pytest.raises(CrawlFailedError, match=r"notify\.toml:1: "),
        beside_scheduler(demonstration.sources, archive_path, rules, allow=()),
    ):
        pass
    rules.write_text(hook(int(site.host.rpartition(":")[2]), "run").replace('when = "run"', 'sources = "demo_city"'))
    with beside_scheduler(demonstration.sources, archive_path, rules, allow=(site.host,)):
        assert came.wait(60)
    assert [event["source"] for event in json.loads(site.requests[0].body)["events"]] == ["demo_city"]
    with Archive.open(archive_path, readonly=True) as archive:
        assert archive.post().waiting == 0 and archive.post().unrouted == 0
