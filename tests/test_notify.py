"""Who is told of what, how and when: rules, alerts, the file they stand in, and what a message says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from crawler.commands.changes import Telling
from crawler.commands.output import Times
from crawler.errors import CrawlFailedError
from crawler.labels import Happening
from crawler.notify.alerts import FAILING, OVERDUE, Ended, failing, overdue
from crawler.notify.config import MailChannel, Rule, Secret, parse
from crawler.notify.mail import compose
from crawler.notify.rendering import html, subject, text
from crawler.notify.rules import FIRST_PAUSE, LONGEST_PAUSE, Subject, chosen, deliver, matches, next_time, pause
from crawler.notify.stories import Story, Told, new_message
from crawler.notify.webhook import key_of, signature
from storage.model import Event, EventKind
from storage.sending import AlertState

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
EVENT = Event(
    event_id=7,
    kind=EventKind.CHANGED,
    source="cn_example_zcwj",
    document_id=3,
    url="https://www.example.gov.cn/zcwj/t20241108_1.html",
    previous_url=None,
    title="关于发放服务补贴的通知",
    at=NOON,
    run_id=2,
    baseline=False,
    before=(),
    after=(),
)
SUBJECT = Subject(
    event=EVENT, texts=("旧的正文，每人每月５００元。", "新的正文，每人每月800元。"), numbers=("澜公服发〔2024〕18号",)
)
MAIL = """
[channels.me]
type = "mail"
to = "me@example.org"
from = "policytrail@example.org"
host = "localhost"
security = "none"
"""


def wrong(text: str) -> str:
    """Return the line that says what is wrong with a file."""
    with pytest.raises(CrawlFailedError) as caught:
        parse(text, Path("notify.toml"))
    assert "\n" not in str(caught.value)
    return str(caught.value)


# Rules


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        ({}, True),
        ({"sources": ("cn_*",)}, True),
        ({"sources": ("gb_*", "cn_other")}, False),
        ({"kinds": (EventKind.REMOVED, EventKind.CHANGED)}, True),
        ({"kinds": (EventKind.REMOVED,)}, False),
        ({"words": ("500元",)}, True),
        ({"words": ("800元 补贴",)}, True),
        ({"words": ("900元", "新的")}, True),
        ({"words": ("900元 新的",)}, False),
        ({"document_number": "澜公服发"}, True),
        ({"document_number": "国发"}, False),
        ({"sources": ("cn_*",), "kinds": (EventKind.NEW,), "words": ("补贴",)}, False),
    ],
)
def test_rule_fits_by_source_kind_words_and_number(rule: dict[str, tuple[str, ...]], fits: bool) -> None:
    assert matches(replace(Rule(name="r", channels=("me",)), **rule), SUBJECT) is fits


def test_first_rule_that_names_a_channel_decides_for_it() -> None:
    rules = [
        Rule(name="none", channels=("me",), kinds=(EventKind.NEW,)),
        Rule(name="now", channels=("me",), when="now"),
        Rule(name="all", channels=("me", "hook"), when="day"),
    ]
    assert [(channel, rule.name) for channel, rule in chosen(rules, SUBJECT)] == [("me", "now"), ("hook", "all")]


def at(
    rule: Rule, now: datetime, *, event: Event = EVENT, many: bool = False, zone: ZoneInfo = SHANGHAI
) -> tuple[str, datetime]:
    delivery = deliver("me", rule, event, root_id=2, many=many, zone=zone, now=now)
    return delivery.slot, delivery.due_at


def test_digest_of_a_run_is_the_default_and_one_event_alone_is_by_rule() -> None:
    run, now = Rule(name="r", channels=("me",)), Rule(name="r", channels=("me",), when="now")
    other = replace(EVENT, event_id=8)
    assert at(run, NOON) == at(run, NOON, event=other) == ("run 2", NOON)
    assert at(now, NOON) != at(now, NOON, event=other)
    assert at(now, NOON, many=True) == at(now, NOON, event=other, many=True)


def test_digest_of_a_day_waits_for_the_morning_of_the_source() -> None:
    rule = Rule(name="r", channels=("me",), when="day", at=time(8))
    assert at(rule, NOON)[1] == datetime(2026, 11, 21, 0, tzinfo=UTC)
    assert at(rule, NOON, zone=ZoneInfo("Europe/London"))[1] == datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert at(rule, NOON)[0] != at(rule, NOON, zone=ZoneInfo("Asia/Singapore"))[0]


def test_quiet_hours_hold_back_until_their_end_in_the_source_s_zone() -> None:
    rule = Rule(name="r", channels=("me",), when="now", quiet=(time(22), time(7)))
    night = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)  # 23:30 in Shanghai, 15:30 in London
    morning = datetime(2026, 11, 20, 23, tzinfo=UTC)
    assert at(rule, night)[1] == morning
    assert at(rule, night)[0] == at(rule, night + timedelta(hours=3), event=replace(EVENT, event_id=9))[0]
    assert at(rule, morning)[1] == morning
    assert at(rule, night, zone=ZoneInfo("Europe/London"))[1] == night


@given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2035, 1, 1)), st.times())  # noqa: DTZ001
def test_next_time_is_ahead_and_within_two_days(naive: datetime, clock: time) -> None:
    now = naive.replace(tzinfo=UTC)
    clock = clock.replace(second=0, microsecond=0)
    found = next_time(clock, now, ZoneInfo("Europe/London"))
    assert now < found <= now + timedelta(hours=26)


def test_ids_of_messages_are_stable_and_differ() -> None:
    rule = Rule(name="r", channels=("me",))
    key = deliver("me", rule, EVENT, root_id=2, many=False, zone=SHANGHAI, now=NOON).key
    later = NOON + timedelta(days=1)
    assert deliver("me", rule, EVENT, root_id=2, many=False, zone=SHANGHAI, now=later).key == key
    for other in (replace(EVENT, event_id=8), replace(EVENT, at=later), replace(EVENT, url="https://x.example/")):
        assert deliver("me", rule, other, root_id=2, many=False, zone=SHANGHAI, now=NOON).key != key
    assert deliver("hook", rule, EVENT, root_id=2, many=False, zone=SHANGHAI, now=NOON).key != key


def test_pauses_grow_to_a_bound() -> None:
    pauses = [pause(attempts) for attempts in range(1, 40)]
    assert pauses[0] == FIRST_PAUSE and pauses[1] == 2 * FIRST_PAUSE
    assert pauses == sorted(pauses) and pauses[-1] == LONGEST_PAUSE


# Alerts


def ran(number: int, problem: str | None = None) -> Ended:
    return Ended(root_id=number, ended_at=NOON + timedelta(hours=number), problem=problem)


def test_failures_in_a_row_are_told_once_reminded_of_and_taken_back_once() -> None:
    state = AlertState(source="cn_example_zcwj", about=FAILING)
    said = []
    for day, ended in enumerate([[ran(1, "x")], [ran(2, "x")], [ran(3, "x")], [ran(4, "x")], [], [ran(5, "x")]]):
        now = NOON + timedelta(days=2 * day)
        state, alert = failing(state, ended, after=3, remind=timedelta(days=5), now=now)
        said.append(alert.state if alert else None)
    assert said == [None, None, "opened", None, None, "reminder"]
    assert state.failures == 5
    state, alert = failing(state, [ran(6)], after=3, remind=timedelta(days=5), now=NOON + timedelta(days=20))
    assert alert is not None and alert.state == "recovered" and "5" in alert.text
    assert failing(state, [ran(7)], after=3, remind=timedelta(days=5), now=NOON + timedelta(days=21))[1] is None


def test_a_failure_between_good_runs_is_nobody_s_business() -> None:
    state = AlertState(source="cn_example_zcwj", about=FAILING)
    ended = [ran(1, "x"), ran(2, "x"), ran(3), ran(4, "x"), ran(5, "x")]
    state, alert = failing(state, ended, after=3, remind=timedelta(days=5), now=NOON)
    assert alert is None and state.failures == 2 and state.root_id == 5


def test_missing_runs_are_told_and_taken_back() -> None:
    state = AlertState(source="cn_example_zcwj", about=OVERDUE)
    day = timedelta(days=1)

    def look(hours: int, last: datetime = NOON) -> str | None:
        nonlocal state
        now = NOON + timedelta(hours=hours)
        state, alert = overdue(state, last_run_at=last, period=day, remind=7 * day, now=now)
        return alert.state if alert else None

    assert [look(25), look(49), look(50), look(49 + 7 * 24)] == [None, "opened", None, "reminder"]
    assert look(300, NOON + timedelta(hours=299)) == "recovered"
    assert look(301, NOON + timedelta(hours=299)) is None


# The file


def test_file_is_read_whole() -> None:
    config = parse(
        MAIL
        + """
[channels.hook]
type = "webhook"
url = "https://example.org/hook"
secret_file = "hook.secret"

[channels.files]
type = "atom"
folder = "feeds"
base = "https://example.org/feeds"
searches = { water = "水 价" }

[[rules]]
name = "amounts"
channels = ["me", "hook"]
sources = "cn_*"
kinds = ["changed", "removed"]
words = ["补贴 标准"]
document_number = "国发"
when = "day"
at = 07:30:00
quiet = "22:00-7:00"

[alerts]
channels = "me"
after = 2
""",
        Path("somewhere/notify.toml"),
    )
    (rule,) = config.rules
    assert rule.channels == ("me", "hook") and rule.at == time(7, 30) and rule.quiet == (time(22), time(7))
    assert config.alerts.after == 2 and config.alerts.remind_days == 7
    hook = config.channels["hook"]
    assert hook.secret == Secret(key="channels.hook: secret", file=Path("somewhere/hook.secret"))  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (MAIL + "[[rules]]\nchanels = 'me'\n", 9, "did you mean 'channels'"),
        (MAIL + "[[rules]]\nchannels = 'you'\n", 9, "no channel is called 'you'"),
        (
            MAIL + "[[rules]]\nchannels = 'me'\n\n[[rules]]\nchannels = 'me'\nwhen = 'daily'\n",
            13,
            "none of run, day, now",
        ),
        (MAIL + "[[rules]]\nchannels = 'me'\nkinds = ['change']\n", 10, "did you mean 'changed'"),
        (MAIL + "[[rules]]\nchannels = 'me'\nquiet = 'night'\n", 10, "22:00-07:00"),
        (MAIL + 'password = "secret"\n', 8, "password_env"),
        (MAIL + "prot = 25\n", 8, "did you mean 'port'"),
        (MAIL.replace("me@example.org", "me@example.org, x"), 4, "no mail address"),
        (MAIL + "[alert]\n", 8, "did you mean 'alerts'"),
        (MAIL + 'x = "a\\d"\n', 8, "between single quotes"),
        (MAIL + "x =\n", 8, "not readable as TOML"),
        ("[[rules]]\nchannels = 'me'\n", 1, "[channels.me]"),
        ("[channels.x]\ntype = 'post'\n", 2, "mail, webhook, atom, apprise"),
        ("[channels.x]\ntype = 'webhook'\nurl = 'https://u:p@example.org/'\n", 3, "without a user name"),
        ("[channels.x]\ntype = 'webhook'\nurl = 'https://example.org/'\n", 1, "secret_env"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, line: int, words: str) -> None:
    said = wrong(text)
    assert said.startswith(f"notify.toml:{line}: "), said
    assert any(each in said for each in words.split("|")), said


def test_secret_is_read_late_and_never_shown(tmp_path: Path) -> None:
    secret = Secret(key="channels.hook: secret", env="HOOK")
    assert secret.read({"HOOK": "hidden"}) == "hidden"
    with pytest.raises(CrawlFailedError, match="HOOK is not set"):
        secret.read({})
    (tmp_path / "s").write_text("hidden\n")
    assert Secret(key="k", file=tmp_path / "s").read({}) == "hidden"
    with pytest.raises(CrawlFailedError, match="fewer than 16 bytes") as caught:
        key_of("hidden")
    assert "hidden" not in str(caught.value)


# What a message says


def message(*events: Event, alerts: tuple[dict[str, str], ...] = ()) -> Told:
    """Return a message of events without changes."""
    stories = tuple(
        Story(
            telling=Telling(
                event=event, happening=Happening(kind=event.kind), kinds=(), glimpse="", text=Text(event.title or "")
            ),
            labels=(),
            publisher="Publisher\r\nBcc: x@example.org",
            document_number="<i>1</i>",
            summary="",
            glimpses=("</code><script>alert(1)</script>",),
        )
        for event in events
    )
    head = replace(new_message("me", "r", key="0f7c", due_at=NOON), alerts=alerts)
    return Told(
        message=head, folds=tuple((None, (story,)) for story in stories), times=Times({"cn_example_zcwj": "UTC"})
    )


HOSTILE = replace(
    EVENT,
    title='Notice\r\nBcc: everyone@example.org\r\n\r\n<script>alert("x")</script>\x1b[31m\u202e' + "长" * 500,
    url='javascript:alert("x")',
)
CHANNEL = MailChannel(name="me", to=("me@example.org", "you@example.org"), sender="policytrail@example.org")


@pytest.mark.parametrize("events", [(HOSTILE,), (HOSTILE, EVENT)])
def test_hostile_title_reaches_neither_headers_nor_markup(events: tuple[Event, ...]) -> None:
    mail = message_from_bytes(compose(message(*events), CHANNEL, at=NOON).as_bytes(), policy=policy.default)
    assert mail["Bcc"] is None and mail["To"] == "me@example.org, you@example.org"
    assert mail["Message-ID"] == "<0f7c@example.org>"
    assert set(mail.keys()) == {
        "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
    }  # fmt: skip
    page = mail.get_body(("html",))
    assert page is not None
    markup = page.get_content()
    assert "<script" not in markup and "javascript:" not in markup.replace("&quot;", '"').split("href")[0]
    assert 'href="javascript' not in markup
    assert "\x1b" not in markup and "\u202e" not in markup


def test_subject_is_short_and_says_what_happened() -> None:
    assert subject(message(EVENT)) == "[policytrail] changed: 关于发放服务补贴的通知"
    assert "2 changed" in subject(message(EVENT, EVENT))
    assert len(subject(message(HOSTILE))) <= 120


def test_alert_names_the_source_and_where_to_look() -> None:
    alert = {"source": "cn_x_y", "about": FAILING, "state": "opened", "text": "3 runs <b>", "since": "2026-11-20"}
    told = message(alerts=(alert,))
    assert subject(told) == "[policytrail] cn_x_y needs a look"
    assert "policytrail status" in text(told) and "3 runs <b>" in text(told)
    assert "3 runs &lt;b&gt;" in html(told)
    assert subject(message(alerts=(alert, {**alert, "state": "recovered"}))).count("source") == 2


def test_signature_is_that_of_the_published_example() -> None:
    # From the specification of Standard Webhooks.
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
