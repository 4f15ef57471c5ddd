"""Messages as mail, handed to a server by SMTP."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from crawler.notify.config import MailChannel
from crawler.notify.delivery import TIMEOUT_S, NotDeliveredError
from crawler.notify.rendering import html, subject, text
from crawler.notify.stories import Told
from crawler.terminal import clean, shorten

_SAID_CELLS = 200


def compose(told: Told, channel: MailChannel, *, at: datetime) -> EmailMessage:
    """Return a message as mail: plain text, and the same as HTML.

    Pure.  Its Message-ID is the message's key, so that a mail which comes twice is known to be the same.
    """
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = subject(told)
    mail["From"] = Address(display_name="policytrail", addr_spec=channel.sender)
    mail["To"] = ", ".join(channel.to)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{told.message.key}@{channel.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text(told))
    mail.add_alternative(html(told), subtype="html")
    return mail


class MailCarrier:
    """Hands mail to the server of a channel, with a connection for each."""

    def __init__(self, channel: MailChannel, environment: Mapping[str, str]) -> None:
        self._channel = channel
        # Read at once: a secret that is missing is the operator's to mend, no failure of the other side.
        self._password = channel.password.read(environment) if channel.password else None

    def send(self, told: Told, *, at: datetime) -> str | None:
        """Hand over one mail; of several addresses, one that is taken is enough."""
        channel = self._channel
        mail = compose(told, channel, at=at)
        try:
            with self._connect() as server:
                if channel.security == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if channel.user and self._password is not None:
                    server.login(channel.user, self._password)
                refused = server.send_message(mail, channel.sender, list(channel.to))
        except smtplib.SMTPResponseException as error:
            raise NotDeliveredError(
                f"{self._place()}: {_said(error.smtp_code, error.smtp_error)}", reachable=True
            ) from error
        except smtplib.SMTPRecipientsRefused as error:
            raise NotDeliveredError(f"{self._place()}: {_refused(error.recipients)}", reachable=True) from error
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise NotDeliveredError(
                f"{self._place()}: {clean(str(error)) or type(error).__name__}", reachable=False
            ) from error
        return _refused(refused) if refused else None

    def _connect(self) -> smtplib.SMTP:
        channel = self._channel
        if channel.security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(channel.host, channel.port, timeout=TIMEOUT_S, context=context)
        return smtplib.SMTP(channel.host, channel.port, timeout=TIMEOUT_S)

    def _place(self) -> str:
        return f"{self._channel.host}:{self._channel.port}"


def _refused(recipients: Mapping[str, tuple[int, bytes]]) -> str:
    return "; ".join(f"{clean(name)} was refused: {_said(*answer)}" for name, answer in recipients.items())


def _said(code: int, answer: bytes | str) -> str:
    words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return shorten(clean(f"{code} {words}"), _SAID_CELLS)
