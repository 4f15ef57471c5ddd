"""Who is told what, from crawls to inboxes: never of what only machinery did; folded; in Chinese; when it suits."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.commands.output import Times
from crawler.language import LANGUAGES
from crawler.notify.config import parse
from crawler.notify.rendering import html, subject, text
from crawler.notify.sending import Post, spoken
from crawler.notify.stories import as_plain, new_message, told
from crawler.notify.watching import look
from spiders.loader import load
from storage import Archive
from storage.model import EventKind
from tests.browsing import Written
from tests.conftest import Command, Demonstration
from tests.crawling import Crawls, listing, notice
from tests.inbox import KEY, Clock, Inbox, copied, hook, mail_channel, passed, text_of
from tests.site import Page, Site

NOTICE = "/zc/t20240506_1.html"
START = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)


def test_what_only_machinery_does_is_told_nowhere(
    sources_dir: Path, environment: dict[str, str], policytrail: Command, site: Site, tmp_path: Path
) -> None:
    """A baseline, an import of older pages and another extractor send nothing by mail, webhook or feed."""
    crawls = Crawls(archive=tmp_path / "own.db", sources=sources_dir, environment=environment, allow=[site.host])
    site.pages["/zc/list.html"] = Page(listing(NOTICE))
    site.pages[NOTICE] = Page(notice("关于补贴标准的通知", "补贴标准为每人每月500元。"))
    posted: list[dict[str, Any]] = []

    def take(request: Any) -> Page:
        posted.append(json.loads(request.body))
        return Page(status=204)

    site.pages["/in"] = take
    name = crawls.source(lists=[site.url("/zc/list.html")], documents=r"/t\d{8}_\d+\.html$")
    inbox, clock = Inbox(), Clock()
    config = parse(
        mail_channel(inbox.port).replace('channels = "me"', 'channels = ["me", "hook"]')
        + hook(int(site.host.rpartition(":")[2])).partition("[[rules]]")[0]
        + '[channels.files]\ntype = "atom"\nfolder = "feeds"\n',
        tmp_path / "notify.toml",
    )
    environ = {"HOOK": KEY}
    allowed = frozenset({("127.0.0.1", int(site.host.rpartition(":")[2]))})

    def heard() -> tuple[int, int, int]:
        """Send what is due; return how many mails, webhooks and entries of the feed there are by now."""
        clock.now = datetime.now(UTC) + timedelta(seconds=1)
        with Archive.open(crawls.archive) as archive:
            post = Post(archive, config, load(crawls.sources), clock=clock, environment=environ, allowed=allowed)
            assert passed(post).failed == []
        entries = (tmp_path / "feeds" / "all.xml").read_text("utf-8").count("<entry>")
        return len(inbox.mails), len(posted), entries

    with inbox.open():
        crawls.run(name)
        assert heard() == (0, 0, 0), "the first run of a source"
        site.pages[NOTICE] = Page(notice("关于补贴标准的通知", "补贴标准为每人每月800元。"))
        crawls.run(name)
        assert heard() == (1, 1, 1)
        feed = (tmp_path / "feeds" / "all.xml").read_bytes()

        saved = tmp_path / "saved"
        saved.mkdir()
        (saved / "old.html").write_text(notice("关于补贴标准的通知", "补贴标准为每人每月300元。"), "utf-8")
        (saved / "manifest.csv").write_text(f"file,url,time\nold.html,{site.url(NOTICE)},2024-05-07T08:00:00\n")
        options = ["--archive", crawls.archive, "--sources", crawls.sources]
        done = policytrail("import", saved, "--source", name, *options)
        assert done.returncode == 0 and "3 versions, 2 before" in done.stdout, done.stdout + done.stderr
        assert heard() == (1, 1, 1), "an import"

        crawls.source(lists=[site.url("/zc/list.html")], documents=r"/t\d{8}_\d+\.html$", keep=[".content p"])
        crawls.source("cn_test_new", lists=[site.url("/zc/list.html")], documents=r"/t\d{8}_\d+\.html$")
        assert policytrail("derive", name, *options).returncode == 0
        assert heard() == (1, 1, 1), "an extractor that takes other places for the text"
        assert (tmp_path / "feeds" / "all.xml").read_bytes() == feed
    assert text_of(inbox.mails[0]).count("500 → 800") == 1


def test_labels_are_folded_in_both_languages(tmp_path: Path) -> None:
    """The same edit on five notices, and a notice that lost a paragraph: two stories, however many events."""
    written = Written(tmp_path / "own.db", at=START)
    lines = ("补贴标准为每人每月500元。", "本通知自印发之日起施行。", "附则由主管部门负责解释。")
    urls = [f"https://first.example/t{number}.html" for number in range(6)]
    first = written.run("cn_first")
    for url in urls:
        written.version(first, url, 1, lines, kind=EventKind.NEW, baseline=True)
    written.end(first)
    second = written.run("cn_first")
    for number, url in enumerate(urls[:5]):
        edited = (lines[0].replace("500", "800"), *lines[1:])
        written.version(second, url, 2, edited, fields={"title": f"{number}号<通知>"}, kind=EventKind.CHANGED)
    written.version(second, urls[5], 2, lines[:2], fields={"title": "第六"}, kind=EventKind.CHANGED)
    written.end(second)
    events = [event for event in written.archive.events() if not event.baseline]
    message = new_message("me", "all", key="k", due_at=START)
    given = {"times": Times({"cn_first": "Asia/Shanghai"}), "publishers": {"cn_first": "澜江省公共服务厅"}}
    english = told(written.archive, message, events, **given)  # type: ignore[arg-type]
    chinese = told(written.archive, message, events, **given, language=LANGUAGES["zh"])  # type: ignore[arg-type]
    written.close()
    assert text(english).count("500 → 800") == text(chinese).count("500 → 800") == 1
    assert "same edit  澜江省公共服务厅: The same edit on 5 documents" in text(english)
    assert "2 more; `policytrail changes --unfold` shows each" in text(english)
    assert "1 removed" in text(english) and "6 changed: 澜江省公共服务厅" in subject(english)
    for said in ("批量修改", "5 份文件作了同样的修改", "另有 2 份", "变更", "删除 1 段", "时间按 Asia/Shanghai 显示"):
        assert said in text(chinese) and said in html(chinese), said
    assert subject(chinese) == "[policytrail] 变更 6 条：澜江省公共服务厅"
    assert "document" not in text(chinese) and "paragraph" not in html(chinese)
    assert "0号&lt;通知&gt;" in html(chinese) and 'lang="zh-Hans"' in html(chinese)
    labels = [event["labels"] for event in as_plain(english)["events"]]
    assert sum("campaign" in each for each in labels) == 5 and len(labels) == 6, "programs get each event"


@pytest.mark.parametrize(
    ("language", "tags", "code"),
    [
        ("en", ["zh"], "en"),
        ("zh", ["en"], "zh"),
        ("zh", [], "zh"),
        ("source", ["zh", "zh-Hant-TW"], "zh"),
        ("source", ["zh", "en"], "en"),
        ("source", [], "en"),
    ],
)
def test_language_of_a_message(language: str, tags: list[str], code: str) -> None:
    text = mail_channel(25, 'security = "none"', f'language = "{language}"')
    assert spoken(parse(text, Path("notify.toml")).channels["me"], tags).code == code


def test_mail_in_chinese_where_the_source_is(demonstration: Demonstration, tmp_path: Path) -> None:
    inbox, clock = Inbox(), Clock()
    config = parse(mail_channel(inbox.port, 'security = "none"', 'language = "source"'), tmp_path / "notify.toml")
    with inbox.open(), Archive.open(copied(demonstration, tmp_path)) as archive:
        done = passed(Post(archive, config, load(demonstration.sources), clock=clock, environment={}))
        assert done.sent == 3, done.failed
    by_chinese = {"变更" in text_of(mail): text_of(mail) for mail in inbox.mails}
    assert set(by_chinese) == {True, False}, "Chinese of Chinese sources, English of the others"
    mail = by_chinese[True]
    for said in ("修改 2 段（金额，日期）", "静默修改", "原 http://", "撤下", "500 → 800"):
        assert said in mail, mail
    assert "silent" not in mail and "Times are" not in mail


def test_alerts_in_chinese_say_what_is_wrong_and_that_it_is_over(
    sources_dir: Path, environment: dict[str, str], site: Site, tmp_path: Path
) -> None:
    crawls = Crawls(archive=tmp_path / "own.db", sources=sources_dir, environment=environment, allow=[site.host])
    name = crawls.source(lists=[site.url("/zc/list.html")], documents=r"/t\d{8}_\d+\.html$")
    site.pages["/zc/list.html"] = Page("busy", status=500)
    site.pages[NOTICE] = Page(notice("关于补贴标准的通知"))
    inbox, clock = Inbox(), Clock()
    text = mail_channel(inbox.port, 'security = "none"', 'language = "zh"')
    config = parse(text + '[alerts]\nchannels = "me"\nafter = 1\nremind_days = 2\n', tmp_path / "notify.toml")
    with inbox.open():
        for days, crawled in ((0, True), (1, False), (3, False), (3, True)):
            if crawled:
                crawls.run(name)
            clock.now = datetime.now(UTC) + timedelta(days=days, seconds=1)
            with Archive.open(crawls.archive) as archive:
                sources = load(crawls.sources)
                look(archive, sources, config.alerts, now=clock.now)
                passed(Post(archive, config, sources, clock=clock, environment={}))
            site.pages["/zc/list.html"] = Page(listing(NOTICE))
    assert [mail["Subject"] for mail in inbox.mails] == [
        f"[policytrail] {name} 需要查看",
        f"[policytrail] {name} 仍需查看",
        f"[policytrail] {name} 已恢复正常",
    ]
    first = text_of(inbox.mails[0])
    assert "连续 1 次运行出错；最近一次：HTTP 错误：" in first and "状态码 500" in first, first


def test_each_rule_has_its_hour_in_the_source_s_zone(demonstration: Demonstration, site: Site, tmp_path: Path) -> None:
    """A run's digest at once, a day's in the morning, each event alone but for quiet hours; all of one night."""
    got: dict[str, list[dict[str, Any]]] = {}

    def take(request: Any) -> Page:
        got.setdefault(request.path, []).append(json.loads(request.body))
        return Page(status=204)

    lines = []
    for when in ("run", "day", "now"):
        site.pages[f"/{when}"] = take
        lines += [f"[channels.{when}]", 'type = "webhook"', f'url = "{site.url("/" + when)}"', 'secret_env = "HOOK"']
    for when, more in (("run", ""), ("day", 'at = "08:00"'), ("now", 'quiet = "22:00-07:00"')):
        lines += ["[[rules]]", f'name = "{when}"', f'channels = "{when}"', f'when = "{when}"', more]
        lines += ['sources = "demo_ministry"']
    config = parse("\n".join(lines), tmp_path / "notify.toml")
    clock = Clock()
    # The next 23:30 in Shanghai.
    night = clock.now.replace(hour=15, minute=30, second=0, microsecond=0)
    night += timedelta(days=1) if night <= clock.now else timedelta()
    allowed = frozenset({("127.0.0.1", int(site.host.rpartition(":")[2]))})
    counts = []
    with Archive.open(copied(demonstration, tmp_path)) as archive:
        sources = load(demonstration.sources)
        for hours in (0, 7.4, 7.6, 8.4, 8.6, 33):
            clock.now = night + timedelta(hours=hours)
            post = Post(archive, config, sources, clock=clock, environment={"HOOK": KEY}, allowed=allowed)
            assert passed(post).failed == []
            counts.append(tuple(len(got.get(f"/{when}", ())) for when in ("run", "now", "day")))
    assert sources.get("demo_ministry").timezone == "Asia/Shanghai"
    assert counts == [(1, 0, 0), (1, 0, 0), (1, 1, 0), (1, 1, 0), (1, 1, 1), (1, 1, 1)], counts
    ids = [sorted(event["event_id"] for event in got[f"/{when}"][0]["events"]) for when in ("run", "now", "day")]
    assert ids[0] == ids[1] == ids[2], "all of them, once each"
    assert len({got[f"/{when}"][0]["id"] for when in ("run", "now", "day")}) == 3
