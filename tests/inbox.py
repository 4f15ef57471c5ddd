"""A real mail server, channels as a file names them, and one pass over an outbox, for the tests of messages."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from crawler.notify.sending import Pass, Post
from tests.conftest import Demonstration

KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Inbox:
    """A real mail server on loopback.  mails: as taken, in order.  refuse: recipients it does not know."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuse: set[str] = set()
        self.busy = 0
        self.port = free_port()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuse:
            return "550 no such user\x1b[31m"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.busy:
            self.busy -= 1
            return "451 busy"
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 taken"

    @contextmanager
    def open(self) -> Iterator[Inbox]:
        # Not before: it makes an event loop, which only its end closes.
        controller = Controller(self, hostname="127.0.0.1", port=self.port)
        controller.start()
        try:
            yield self
        finally:
            controller.stop()


def copied(demonstration: Demonstration, folder: Path) -> Path:
    """Copy the demonstration's archive, of which nobody has been told yet."""
    path = folder / "archive.db"
    source, target = sqlite3.connect(demonstration.archive), sqlite3.connect(path)
    source.backup(target)
    source.close()
    target.close()
    return path


def mail_channel(port: int, *more: str, to: str = '"me@example.org"') -> str:
    lines = ["[channels.me]", 'type = "mail"', f"to = [{to}]", 'from = "policytrail@example.org"']
    lines += ['host = "127.0.0.1"', f"port = {port}", *(more or ('security = "none"',))]
    return "\n".join((*lines, "[[rules]]", 'name = "all"', 'channels = "me"', ""))


class Clock:
    """A time that a test moves on."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


def passed(post: Post) -> Pass:
    done = Pass()
    post.route(done)
    post.write_feeds(done)
    post.send_due(done)
    return done


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def hook(port: int, when: str = "now") -> str:
    return (
        f'[channels.hook]\ntype = "webhook"\nurl = "http://127.0.0.1:{port}/in?token=t0ken"\nsecret_env = "HOOK"\n'
        f'[[rules]]\nchannels = "hook"\nwhen = "{when}"\n'
    )
