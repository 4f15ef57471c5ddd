"""``notify.toml``: who is told of what, how and when; read and checked, with the line of what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler.errors import CrawlFailedError
from spiders.toml import NotTomlError, line_of, meant, read_table
from storage.model import EventKind

WHEN = ("run", "day", "now")
SECURITY = ("starttls", "tls", "none")
# Of messages; "source": that of the sources that they are about.
LANGUAGE = ("en", "zh", "source")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_SHORTEST_SECRET = 16
_MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """Where a secret lies: in a variable of the environment, or in a file; it is read when it is needed."""

    key: str
    env: str | None = None
    file: Path | None = None

    def read(self, environment: Mapping[str, str]) -> str:
        """Return the secret.

        Raises CrawlFailedError where it is missing; the message names the place, never the secret.
        """
        if self.env is not None:
            if not environment.get(self.env):
                raise CrawlFailedError(f"{self.key}: the variable {self.env} is not set")
            return environment[self.env]
        if self.file is None:
            raise CrawlFailedError(f"{self.key}: neither a variable nor a file is named")
        try:
            text = self.file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise CrawlFailedError(f"{self.key}: {self.file} cannot be read: {error}") from error
        if not text:
            raise CrawlFailedError(f"{self.key}: {self.file} is empty")
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class MailChannel:
    """Mail by a server that takes it from us."""

    name: str
    to: tuple[str, ...]
    sender: str
    host: str = "127.0.0.1"
    port: int = 25
    security: str = "starttls"
    user: str | None = None
    password: Secret | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChannel:
    """A signed JSON body, posted to an address."""

    name: str
    url: str
    secret: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class AtomChannel:
    """Feeds as files in a folder: of everything, of each source, of each search (file name -> words)."""

    name: str
    folder: Path
    base: str = ""
    entries: int = 50
    searches: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppriseChannel:
    """Everything else, by Apprise; its addresses hold passwords, so they are a secret as a whole."""

    name: str
    urls: Secret
    language: str = "en"


Channel = MailChannel | WebhookChannel | AtomChannel | AppriseChannel


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is told by some channels, and when.

    sources: names, with * and ? as wildcards; none for all.  kinds: none for all.
    words: texts, of one of which a document must hold all words, before or after the event; none for any document.
    document_number: a part of the document's number.
    when: "run", a message for what a run found; "day", one a day, at ``at``; "now", one for each event.
    quiet: nothing is sent between these times in the source's zone; it waits for the second.
    """

    name: str
    channels: tuple[str, ...]
    sources: tuple[str, ...] = ()
    kinds: tuple[EventKind, ...] = ()
    words: tuple[str, ...] = ()
    document_number: str | None = None
    when: str = "run"
    at: time = time(8)
    quiet: tuple[time, time] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """Who is told of ourselves: after so many failures of a source in a row; again after so many days."""

    channels: tuple[str, ...] = ()
    after: int = 3
    remind_days: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole file.  max_age_days: events that no rule has looked at for so long are not told any more."""

    path: Path
    channels: Mapping[str, Channel]
    rules: tuple[Rule, ...]
    alerts: AlertRule
    max_age_days: int = 7


_KEYS = {
    "mail": ("to", "from", "host", "port", "security", "user", "password", "password_env", "password_file", "language"),
    "webhook": ("url", "secret", "secret_env", "secret_file"),
    "atom": ("folder", "base", "entries", "searches"),
    "apprise": ("urls", "urls_env", "urls_file", "language"),
}


class _Wrong(Exception):
    """One thing that is wrong, with its line."""


class _Table:
    """A table of the file that is taken apart key by key."""

    def __init__(self, text: str, path: Path, section: str, values: object, place: int = 0) -> None:
        self.text, self.path, self.section, self.place = text, path, section, place
        if not isinstance(values, dict):
            raise self.wrong("", "must be a table")
        self.values = dict(values)

    def wrong(self, key: str, what: str) -> _Wrong:
        """Return what is wrong with a key, and on which line."""
        line = line_of(self.text, key, section=self.section, place=self.place)
        named = ": ".join(part for part in (self.section, key) if part)
        return _Wrong(f"{self.path}:{line}: {named}: {what}")

    def take(self, key: str, read: Callable[[object], Any], default: Any = None, *, example: str = "") -> Any:
        """Return a key's value as ``read`` gives it its form; without a default, an example says that it is needed."""
        if key not in self.values:
            if default is None and example:
                raise self.wrong(key, f"is missing; example: {key} = {example}")
            return default
        try:
            return read(self.values.pop(key))
        except ValueError as error:
            raise self.wrong(key, f"{error}{f'; example: {key} = {example}' if example else ''}") from None

    def secret(self, key: str, *, needed: bool) -> Secret | None:
        """Return where a secret lies; it never stands in the file itself."""
        env = self.take(f"{key}_env", _text)
        file = self.take(f"{key}_file", _text)
        if key in self.values:
            raise self.wrong(key, f'does not stand in this file: say {key}_env = "VARIABLE" or {key}_file = "PATH"')
        if env and file:
            raise self.wrong(f"{key}_file", f"{key}_env is there too; one of them is enough")
        if not env and not file:
            if needed:
                raise self.wrong(f"{key}_env", f'is missing; example: {key}_env = "POLICYTRAIL_{key.upper()}"')
            return None
        path = (self.path.parent / Path(file).expanduser()) if file else None
        return Secret(key=f"{self.section}: {key}", env=env, file=path)

    def only(self, *known: str) -> None:
        """Refuse keys that are not known, before one of those is missed."""
        for key in self.values:
            if key not in known:
                raise self.wrong(key, f"is not a known key{meant(key, known)}")


def load(path: Path) -> Config:
    """Return what a file says.

    Raises CrawlFailedError, in one line: file, line, key, what is wrong and an example.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise CrawlFailedError(f"{path}:1: too large to be a list of rules")
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise CrawlFailedError(
            f"{path}: no such file; it says who is told of what, see docs/how-to/be-told.md"
        ) from None
    except UnicodeDecodeError:
        raise CrawlFailedError(f"{path}:1: not readable: save it as UTF-8") from None
    return parse(text, path)


def parse(text: str, path: Path) -> Config:
    """Return what a text says; path: for the messages, and what relative paths begin at.

    Raises CrawlFailedError as ``load`` does.
    """
    try:
        return _parse(text, path)
    except NotTomlError as error:
        raise CrawlFailedError(f"{path}:{error.line}: {error}") from None
    except _Wrong as error:
        raise CrawlFailedError(str(error)) from None


def _parse(text: str, path: Path) -> Config:
    top = _Table(text, path, "", read_table(text))
    top.only("max_age_days", "channels", "rules", "alerts")
    max_age_days = top.take("max_age_days", _number(1, 3650), 7)
    named = top.take("channels", _dict, {})
    given = top.take("rules", _tables, ())
    about_us = top.take("alerts", _dict, {})
    channels: dict[str, Channel] = {}
    for name, values in named.items():
        if not _NAME.fullmatch(name):
            raise top.wrong("channels", f"{name!r}: names of channels are small letters, digits, - and _")
        channels[name] = _channel(name, _Table(text, path, f"channels.{name}", values))
    if not channels:
        raise top.wrong("channels", 'there is none; example: [channels.me] with type = "mail"')
    rules: list[Rule] = []
    for place, values in enumerate(given):
        rule = _rule(_Table(text, path, "rules", values, place), channels, place)
        if any(rule.name == other.name for other in rules):
            raise _Table(text, path, "rules", values, place).wrong("name", f"{rule.name!r} is there already")
        rules.append(rule)
    told = _Table(text, path, "alerts", about_us)
    told.only("channels", "after", "remind_days")
    alerts = AlertRule(
        channels=told.take("channels", _known(channels, told), ()),
        after=told.take("after", _number(1, 1000), 3),
        remind_days=told.take("remind_days", _number(1, 365), 7),
    )
    return Config(path=path, channels=channels, rules=tuple(rules), alerts=alerts, max_age_days=max_age_days)


def _channel(name: str, table: _Table) -> Channel:
    makers: dict[str, Callable[[str, _Table], Channel]] = {
        "mail": _mail, "webhook": _webhook, "atom": _atom, "apprise": _apprise,
    }  # fmt: skip
    kind = table.take("type", _one_of(tuple(makers)), example='"mail"')
    table.only("type", *_KEYS[kind])
    return makers[kind](name, table)


def _mail(name: str, table: _Table) -> Channel:
    security = table.take("security", _one_of(SECURITY), "starttls")
    default = {"starttls": 587, "tls": 465, "none": 25}[security]
    user = table.take("user", _text)
    channel = MailChannel(
        name=name,
        to=table.take("to", _mail_addresses, example='["me@example.org"]'),
        sender=table.take("from", _mail_address, example='"policytrail@example.org"'),
        host=table.take("host", _text, example='"smtp.example.org"'),
        port=table.take("port", _number(1, 65535), default),
        security=security,
        user=user,
        password=table.secret("password", needed=bool(user)),
        language=table.take("language", _one_of(LANGUAGE), "en"),
    )
    if channel.password and not user:
        raise table.wrong("user", 'is missing beside the password; example: user = "me@example.org"')
    if user and security == "none":
        raise table.wrong("security", 'a password would go over the wire in the clear; security = "starttls" or "tls"')
    return channel


def _webhook(name: str, table: _Table) -> Channel:
    url = table.take("url", _web_address, example='"https://example.org/hook"')
    secret = table.secret("secret", needed=True)
    if secret is None:
        raise table.wrong("secret_env", "is missing")
    return WebhookChannel(name=name, url=url, secret=secret)


def _atom(name: str, table: _Table) -> Channel:
    searches = table.take("searches", _dict, {})
    for word, words in searches.items():
        if not _NAME.fullmatch(word) or not isinstance(words, str) or not words.strip():
            raise table.wrong("searches", f'{word!r}: name = "words", the name in small letters, digits, - and _')
    return AtomChannel(
        name=name,
        folder=table.path.parent / Path(table.take("folder", _text, example='"feeds"')).expanduser(),
        base=table.take("base", _web_address, ""),
        entries=table.take("entries", _number(1, 1000), 50),
        searches=searches,
    )


def _apprise(name: str, table: _Table) -> Channel:
    urls = table.secret("urls", needed=True)
    if urls is None:
        raise table.wrong("urls_env", "is missing")
    return AppriseChannel(name=name, urls=urls, language=table.take("language", _one_of(LANGUAGE), "en"))


def _rule(table: _Table, channels: Mapping[str, Channel], place: int) -> Rule:
    table.only(*(key.name for key in fields(Rule)))
    when = table.take("when", _one_of(WHEN), "run")
    at = table.take("at", _time, time(8), example='"08:00"')
    if when != "day" and at != time(8):
        raise table.wrong("at", 'is for when = "day"')
    rule = Rule(
        name=table.take("name", _text, f"rule-{place + 1}"),
        channels=table.take("channels", _known(channels, table), example='["me"]'),
        sources=table.take("sources", _texts, ()),
        kinds=tuple(EventKind(kind) for kind in table.take("kinds", _all_of(tuple(map(str, EventKind))), ())),
        words=table.take("words", _texts, ()),
        document_number=table.take("document_number", _text),
        when=when,
        at=at,
        quiet=table.take("quiet", _span, example='"22:00-07:00"') if "quiet" in table.values else None,
    )
    for name in rule.channels:
        if isinstance(channels[name], AtomChannel):
            raise table.wrong("channels", f"{name!r} is of feeds, which hold everything; rules are for the others")
    return rule


def _known(channels: Mapping[str, Channel], table: _Table) -> Callable[[object], tuple[str, ...]]:
    def read(value: object) -> tuple[str, ...]:
        names = _texts(value)
        for name in names:
            if name not in channels:
                raise ValueError(f"no channel is called {name!r}{meant(name, channels)}")
        return names

    return read


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError("must be a text")
    return value.strip()


def _texts(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    if not values:
        raise ValueError("must be a text or a list of texts")
    return tuple(_text(each) for each in values)


def _dict(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("must be a table")
    return value


def _tables(value: object) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise ValueError("must be tables of their own, each under [[rules]]")
    return tuple(value)


def _number(lowest: int, highest: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            raise ValueError(f"must be a whole number from {lowest} to {highest}")
        return value

    return read


def _one_of(known: tuple[str, ...]) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value not in known:
            raise ValueError(f"{value!r} is none of {', '.join(known)}{meant(str(value), known)}")
        return str(value)

    return read


def _all_of(known: tuple[str, ...]) -> Callable[[object], tuple[str, ...]]:
    return lambda value: tuple(_one_of(known)(each) for each in _texts(value))


def _time(value: object) -> time:
    # TOML knows times of its own, with seconds.
    if isinstance(value, time):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", value):
        raise ValueError(f"{value!r} is no time of the day")
    hours, _, minutes = value.partition(":")
    return time(int(hours), int(minutes))


def _span(value: object) -> tuple[time, time]:
    first, dash, last = _text(value).partition("-")
    if not dash or _time(first.strip()) == _time(last.strip()):
        raise ValueError(f"{value!r} is no span of two times")
    return _time(first.strip()), _time(last.strip())


def _mail_address(value: object) -> str:
    text = _text(value)
    if not re.fullmatch(r"[^@\s<>,;:\"()\[\]]+@[^@\s<>,;:\"()]+", text):
        raise ValueError(f"{text!r} is no mail address")
    return text


def _mail_addresses(value: object) -> tuple[str, ...]:
    return tuple(_mail_address(each) for each in _texts(value))


def _web_address(value: object) -> str:
    text = _text(value)
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ValueError(f"{text!r} is not an http or https address without a user name")
    return text
