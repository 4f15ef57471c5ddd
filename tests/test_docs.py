"""What the documentation says is true: its commands run, in order, and print what it shows; it builds.

In a page, ``console`` blocks hold commands after "$ " and what they print, perhaps in part; figures may differ. A
comment before a block says what to do with it: "not run: why", "second terminal: port or file" for a program that
goes on until it is stopped, "file: path" for what a reader saves.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from crawler.cli import policytrail as policytrail_commands
from crawler.notify.config import parse as parse_rules
from spiders.keys import parse as parse_source
from spiders.source import Source
from tests.conftest import ROOT

DOCS = ROOT / "docs"
# In the order in which a reader would come to them: each goes on where the one before ended.
RUN = [
    "tutorial.md",
    "how-to/add-a-source.md",
    "how-to/make-a-corpus.md",
    "how-to/be-told.md",
    "how-to/backfill.md",
    "importing.md",
    "corpus.md",
    "how-to/write-selectors.md",
    "adding-a-source.md",
    "browse.md",
    "running.md",
    "how-to/move.md",
    "how-to/run-as-a-service.md",
    "how-to/run-in-docker.md",
    "how-to/run-on-many-machines.md",
    "scale.md",
]
PAGES = sorted(DOCS.rglob("*.md"))
BLOCK = re.compile(r"(?:^<!-- (?P<note>[^\n]*?) -->\n)?^```(?P<language>[\w-]*)\n(?P<body>.*?)^```$", re.M | re.S)
NOT_RUN = {
    "tutorial.md": 2,
    "how-to/backfill.md": 1,
    "browse.md": 1,
    "running.md": 2,
    "how-to/run-as-a-service.md": 1,
    "how-to/run-in-docker.md": 1,
    "how-to/run-on-many-machines.md": 2,
    "scale.md": 2,
}
PORTS = ("8040", "8025", "8765")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A block of a page; number: of its first line."""

    page: str
    number: int
    note: str
    language: str
    body: str


def steps(page: str) -> Iterator[Step]:
    text = (DOCS / page).read_text("utf-8")
    for found in BLOCK.finditer(text):
        yield Step(
            page=page,
            number=text.count("\n", 0, found.start()) + 1,
            note=found["note"] or "",
            language=found["language"],
            body=found["body"],
        )


def masked(line: str) -> str:
    """Return a line in which figures and blanks do not count."""
    return re.sub(r"\d+(?:[.,]\d+)*", "N", " ".join(line.split()))


class Reader:
    """A person who does what the pages say, in a folder of their own."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        programs = folder / "bin"
        programs.mkdir()
        self._program(programs / "policytrail", f'exec "{sys.executable}" -P -m crawler "$@"')
        self._program(programs / "python3", f'exec "{sys.executable}" "$@"')
        self.environment = {**environment, "PATH": f"{programs}:{environment['PATH']}", "TERM": "dumb"}
        self.ports = {port: str(_free()) for port in PORTS}
        self.state = folder / "state"
        self.said = folder / "said-elsewhere.txt"
        self.folder = folder / "desk"
        self.folder.mkdir()
        self.state.write_text(f'cd "{self.folder}"\n', "utf-8")
        self.others: list[subprocess.Popen[bytes]] = []

    @staticmethod
    def _program(path: Path, line: str) -> None:
        path.write_text(f"#!/bin/sh\n{line}\n", "utf-8")
        path.chmod(0o755)

    def ours(self, text: str) -> str:
        """Return a text with ports that are free here."""
        # In one go: a free port may hold the figures of one that is still to be replaced.
        return re.sub("|".join(self.ports), lambda found: self.ports[found[0]], text)

    def where(self) -> Path:
        return Path(self._bash("pwd").stdout.strip())

    def _bash(self, command: str) -> subprocess.CompletedProcess[str]:
        # What a terminal keeps from one command to the next: its folder and its variables.
        script = (
            f'. "{self.state}"\n{command}\ncode=$?\n{{ export -p; echo "cd \\"$PWD\\""; }} > "{self.state}"\nexit $code'
        )
        return subprocess.run(
            ["bash", "-c", script],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=180,
            check=False,
        )

    def type(self, command: str) -> subprocess.CompletedProcess[str]:
        return self._bash(self.ours(command))

    def save(self, path: str, text: str) -> None:
        target = self.where() / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(self.ours(text), "utf-8")

    def open_terminal(self, command: str, sign: str) -> None:
        """Start a program that goes on, and wait for a sign of it: its port listens, or a file is there."""
        # Before the program begins: asking writes anew what it reads of its folder and variables.
        here = self.where()
        with self.said.open("ab") as said:
            self.others.append(
                subprocess.Popen(
                    ["bash", "-c", f'. "{self.state}"\nexec {self.ours(command)}'],
                    env=self.environment,
                    stdout=said,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )
        end = time.monotonic() + 120
        while not self._shows(here, sign):
            assert time.monotonic() < end, f"{command}: does not begin\n{self.said.read_text('utf-8')}"
            time.sleep(0.05)

    def _shows(self, here: Path, sign: str) -> bool:
        if sign not in self.ports:
            return (here / sign).exists()
        with socket.socket() as asked:
            return asked.connect_ex(("127.0.0.1", int(self.ports[sign]))) == 0

    def stop(self) -> None:
        for process in self.others:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.others:
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _free() -> int:
    """Return a port that nobody has; below those that the system gives away, so that nobody gets it meanwhile."""
    for port in random.sample(range(20_000, 30_000), 100):
        with socket.socket() as found:
            try:
                found.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no port is free")


def commands(body: str) -> list[tuple[str, list[str]]]:
    """Return the commands of a block, each with the lines that it is shown to print."""
    found: list[tuple[str, list[str]]] = []
    for line in body.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif line.strip():
            found[-1][1].append(line)
    return found


@pytest.mark.skipif(shutil.which("perl") is None, reason="the tutorial edits a file with perl")
def test_a_reader_who_does_what_the_pages_say_sees_what_they_show(tmp_path: Path, environment: dict[str, str]) -> None:
    reader = Reader(tmp_path, environment)
    left_out: dict[str, int] = {}
    try:
        for page in RUN:
            for step in steps(page):
                kind, _, more = step.note.partition(": ")
                place = f"docs/{page}:{step.number}"
                if kind == "file":
                    reader.save(more, step.body)
                elif step.language != "console":
                    continue
                elif kind == "not run":
                    left_out[page] = left_out.get(page, 0) + 1
                elif kind == "second terminal":
                    (command, _), *others = commands(step.body)
                    assert not others, f"{place}: one program to a terminal"
                    reader.open_terminal(command, more)
                else:
                    for command, shown in commands(step.body):
                        done = reader.type(command)
                        assert done.returncode == 0, f"{place}: {command}\n{done.stdout}"
                        printed = masked(done.stdout.replace("\n", " "))
                        for line in shown:
                            assert masked(line) in printed, f"{place}: {command}: no {line!r} in\n{done.stdout}"
    finally:
        reader.stop()
    assert left_out == NOT_RUN, "what is not run is few, and known"


def test_readme_in_chinese_has_the_same_commands_and_settings() -> None:
    english, chinese = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh-CN.md"))
    for what in (r"^\$ (.+)$", r"^\| (`[^|]+`) \|", r"^(python3 .+|policytrail browse .+)$"):
        found = [set(re.findall(what, text, re.M)) for text in (english, chinese)]
        assert found[0] == found[1], what


def test_every_command_is_in_a_page_that_is_run() -> None:
    run = {(DOCS / page).resolve() for page in RUN}
    for page in PAGES:
        for step in steps(page.relative_to(DOCS).as_posix()):
            if step.language in ("", "console"):
                shown = re.search(r"^(?:\$ .*|(?:policytrail|pip|docker) .*)$", step.body, re.M)
                console = step.language == "console" and page.resolve() in run
                assert shown is None or console, f"{step.page}:{step.number}: not a console block of a page that is run"


def test_commands_and_options_named_in_a_sentence_exist() -> None:
    known = policytrail_commands.commands
    every = {"--help", "--version"}
    every |= {option for command in known.values() for each in command.params for option in each.opts}
    for page in [*PAGES, ROOT / "README.md", ROOT / "README.zh-CN.md", ROOT / "SECURITY.md"]:
        text = page.read_text("utf-8")
        for code in re.findall(r"`(policytrail [^`\n]+)`", text):
            name, *words = code.split()[1:]
            if name.startswith("-"):
                continue
            assert name in known, f"{page.name}: {code}"
            options = {option for each in known[name].params for option in (*each.opts, "--help")}
            for word in words:
                assert not word.startswith("--") or word in options, f"{page.name}: {code}"
        for word in re.findall(r"`(--[a-z][a-z-]*)[` =]", text):
            assert word in every, f"{page.name}: {word}"


@pytest.mark.parametrize("page", [page.relative_to(DOCS).as_posix() for page in PAGES])
def test_settings_shown_in_pages_are_right(page: str) -> None:
    for step in steps(page):
        if step.language != "toml":
            continue
        if re.search(r"^\[channels\.", step.body, re.M):
            parse_rules(step.body, Path("notify.toml"))
        elif re.search(r"^publisher = ", step.body, re.M):
            assert isinstance(parse_source(step.body, Path("xx_example_notices.toml")), Source), step


def test_python_shown_for_webhooks_takes_what_we_sign() -> None:
    from crawler.notify.webhook import key_of, signature

    (shown,) = [step for step in steps("how-to/be-told.md") if step.language == "python"]
    names: dict[str, object] = {}
    exec(shown.body, names)  # noqa: S102 - our own page
    key, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", '{"id": "通知"}'.encode()
    headers = {
        "webhook-id": "a",
        "webhook-timestamp": "1",
        "webhook-signature": signature(key_of(key), "a", 1, body),
    }
    is_ours = names["is_ours"]
    assert callable(is_ours)
    assert is_ours(key, headers, body) and not is_ours(key, headers, body + b" ")


def test_documentation_builds_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("furo", reason="the extra [docs] is not installed")
    pytest.importorskip("myst_parser", reason="the extra [docs] is not installed")
    html = tmp_path / "html"
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *["-q", "-W", "--keep-going", "-n"], "-d", tmp_path / "trees", DOCS, html],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    made = (html / "reference" / "commands.html").read_text("utf-8")
    assert "policytrail notify --dry-run" in made
    outside = re.compile(r"""<(?:script|link|img|iframe)[^>]+(?:src|href)=["'](?:https?:)?//""")
    fetched = [path.name for path in html.rglob("*.html") if outside.search(path.read_text("utf-8"))]
    assert fetched == [], "a page would fetch something from elsewhere"
