"""Crawls in a process of their own, as the command makes them, and the pages that they find.

A reactor starts once a process, and only a process can be killed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from storage import Archive, Home, Server, home
from storage.model import Document, Event, EventKind, Version

ROOT = Path(__file__).parent.parent
# So long may one answer take.
TIMEOUT_S = 5
# The folder of the list and the documents; the form of the addresses is that of many ministries.
DOCUMENTS = r"/t\d{8}_\d+(_\d+)?\.html$"

SENTENCES = (
    "各有关单位应当在收到本通知之日起三十个工作日内完成自查，并将自查情况书面报送主管部门。",
    "主管部门将会同财政、人力资源等部门组织开展专项检查，对工作落实不到位的单位予以通报。",
    "资金的申请、审核、拨付和使用应当遵循公开透明、专款专用、注重实效的原则，接受社会监督。",
    "鼓励社会力量以捐赠、投资、志愿服务等方式参与相关工作，有关部门应当提供必要的便利条件。",
)


def notice(title: str, *paragraphs: str, more: str = "", head: str = "", footer: str = "主办：澜江省公共服务厅") -> str:
    """Return a page that holds a notice long enough to be a text of its own.

    more: markup at the end of the text.
    """
    body = "".join(f"<p>{each}</p>" for each in (*paragraphs, *SENTENCES))
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title>{head}</head><body>"
        "<div class='nav'><a href='/'>首页</a> <a href='/zc/list.html'>政策文件</a></div>"
        f"<div class='article'><h1>{title}</h1><p class='source'>发布时间：2024-05-06 来源：澜江省公共服务厅</p>"
        f"<div class='content'>{body}{more}</div></div><div class='footer'>{footer}</div></body></html>"
    )


def listing(*paths: str) -> str:
    """Return a list page that names addresses."""
    rows = "".join(
        f"<li><a href='{path}'>关于{number}号事项的通知</a> <span>2024-05-06</span></li>"
        for number, path in enumerate(paths)
    )
    return f"<html><head><title>政策文件</title></head><body><ul>{rows}</ul></body></html>"


@dataclass(slots=True)
class Crawls:
    """Crawls of one archive and one folder of source files.

    clock_scale: seconds of waiting that one real second counts for.
    due_since: where given, the crawls are those of a scheduler that called them then.
    """

    archive: Home
    sources: Path
    environment: Mapping[str, str]
    allow: list[str] = field(default_factory=list)
    clock_scale: float = 1.0
    due_since: datetime | None = None
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def source(self, name: str = "cn_test", **keys: Any) -> str:
        """Write a source file and return the source's name; delay 0 and no following unless said."""
        keys = {"publisher": "澜江省公共服务厅", "delay": 0, "follow": False, **keys}
        lines = [f"{key} = {_toml(value)}" for key, value in keys.items()]
        (self.sources / f"{name}.toml").write_text("\n".join(lines) + "\n", "utf-8")
        return name

    def start(self, *names: str) -> subprocess.Popen[str]:
        """Start a crawl; its standard output is a line of JSON for each thing that happens."""
        order = {
            "archive": typed(self.archive),
            "sources": str(self.sources),
            "names": names,
            "allow": self.allow,
            "clock_scale": self.clock_scale,
            "due_since": self.due_since.isoformat() if self.due_since else None,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.crawling", json.dumps(order)],
            cwd=ROOT,
            env=dict(self.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        self.started.append(process)
        return process

    def close(self) -> None:
        """End what a failed test left running."""
        for process in self.started:
            process.kill()
            process.communicate()

    def run(self, *names: str, timeout_s: float = 90) -> list[dict[str, Any]]:
        """Crawl to the end and return the summaries."""
        process = self.start(*(names or ("cn_test",)))
        try:
            out, err = process.communicate(timeout=timeout_s)
        finally:
            process.kill()
        assert process.returncode == 0, err
        assert "Traceback" not in err, err
        summaries: list[dict[str, Any]] = json.loads(out.splitlines()[-1])["summaries"]
        return summaries

    def open(self) -> Archive:
        """Open the archive to look at it."""
        return Archive.open(self.archive, readonly=True)


def typed(archive: Home) -> str:
    """Return where an archive lies as a person types it."""
    return archive.address if isinstance(archive, Server) else str(archive)


def told(process: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    """Yield what a crawl tells, until it ends."""
    assert process.stdout is not None
    for line in process.stdout:
        yield json.loads(line)


def end(process: subprocess.Popen[str], *, number: int | None = None, timeout_s: float = 90) -> str:
    """Send a signal, wait for the end and return what stood on standard error."""
    if number is not None:
        process.send_signal(number)
    try:
        _, err = process.communicate(timeout=timeout_s)
    finally:
        process.kill()
    return err


def children(pid: int) -> set[int]:
    """Return the processes below a process."""
    found: set[int] = set()
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(path.parent.name))
    waiting = [pid]
    while waiting:
        below = parents.get(waiting.pop(), [])
        found.update(below)
        waiting.extend(below)
    return found


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


RECORDED = ("run", "resource", "recast", "listing", "fetch", "snapshot")


def rows(archive: Home, *tables: str) -> dict[str, set[tuple[Any, ...]]]:
    """Return the rows of tables as sets; of runs without their end, which is written once, later."""
    with Archive.open(archive, readonly=True) as opened:
        out = {}
        for table in tables or RECORDED:
            columns = "run_id, source, root_id, started_at, extractor, profile" if table == "run" else "*"
            out[table] = set(opened._all(f"select {columns} from {table}"))  # noqa: S608
        return out


def state(archive: Home) -> dict[str, Any]:
    """Return versions, events and states by address, without times and numbers: two crawls can be compared."""
    with Archive.open(archive, readonly=True) as opened:
        documents: list[Document] = list(opened.documents())
        versions: dict[str, list[Version]] = {d.url: opened.versions(d.document_id) for d in documents}
        events: list[Event] = list(opened.events())
        return {
            "documents": {d.url: (d.state, d.title) for d in documents},
            "versions": {url: [v.content_sha256 for v in each] for url, each in versions.items()},
            "texts": {url: [v.content.text for v in each] for url, each in versions.items()},
            "events": sorted((e.url, e.kind, e.baseline) for e in events),
        }


def kinds(archive: Archive, url: str) -> list[EventKind]:
    """Return the kinds of what was told of a document, in order."""
    document = archive.find_document(url)
    return [event.kind for event in archive.events(document_id=document.document_id)]


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)


def _main(order: Mapping[str, Any]) -> None:
    # Not at the top: the worker processes import this module too, and have no use for these.
    from crawler.launch import crawl_sources
    from crawler.run import Machine
    from crawler.watch import Summary, Watcher
    from spiders.base import Visit
    from spiders.loader import load_spiders
    from storage.model import Fetch

    guard = threading.Lock()

    def say(**what: Any) -> None:
        with guard:
            sys.stdout.write(json.dumps(what) + "\n")
            sys.stdout.flush()

    class Teller(Watcher):
        def started(self, source: str, *, resumed: bool, known: int) -> None:
            say(what="started", source=source, resumed=resumed)

        def answered(self, source: str, visit: Visit, fetch: Fetch) -> None:
            say(what="answered", source=source, url=visit.url, status=fetch.status)

        def deriving(self, source: str) -> None:
            say(what="deriving", source=source)

        def waiting(self, source: str, host: str) -> None:
            say(what="waiting", source=source)

        def ended(self, summary: Summary) -> None:
            say(what="ended", source=summary.source)

    spiders = load_spiders(Path(order["sources"]))
    for spider in spiders.values():
        spider.custom_settings = {**(spider.custom_settings or {}), "DOWNLOAD_TIMEOUT": TIMEOUT_S}
    called_at = datetime.fromisoformat(order["due_since"]) if order["due_since"] else None
    machine = Machine(
        archive=home(order["archive"]),
        allow=tuple(order["allow"]),
        due_only=called_at is not None,
        called_at=called_at,
        clock_scale=order["clock_scale"],
    )
    summaries = crawl_sources([spiders[name] for name in order["names"]], machine, Teller())
    say(summaries=[_summary(each) for each in summaries])
    if any(each.problem for each in summaries):
        sys.stderr.write("".join(f"{each.source}: {each.problem}\n" for each in summaries if each.problem))


def _summary(summary: Any) -> dict[str, Any]:
    names = ["source", "end", "problem", "resumed", "baseline", "asked", "over_budget", "bounds", "documents", "events"]
    return {name: getattr(summary, name) for name in names}


if __name__ == "__main__":
    # What stands on standard error is read by tests; a signal that was ignored by the shell is not ours.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.setdefault("PYTHONUTF8", "1")
    _main(json.loads(sys.argv[1]))
