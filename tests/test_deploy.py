"""What lies in ``deploy/`` for many machines: the compose file, its services started by hand as it would start them."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest
import yaml

from crawler.cli import policytrail
from storage import Archive, NotInArchiveError, Server
from tests.crawling import DOCUMENTS, ROOT, listing, notice
from tests.inbox import free_port
from tests.postgres import Postgres, is_required, programs, running
from tests.site import Page, Site

DEPLOY = ROOT / "deploy"
PASSWORD = "s3cret@/:%"  # noqa: S105 - what an address could not hold as it is
SETTINGS = {"POSTGRES_PASSWORD": PASSWORD, "POLICYTRAIL_CONTACT": "me@example.org"}

_WORDS = {"type": "array", "items": {"type": "string"}}
_CHECK = {
    "type": "object",
    "properties": {
        "test": _WORDS,
        "interval": {"type": "string"},
        "timeout": {"type": "string"},
        "retries": {"type": "integer"},
        "disable": {"type": "boolean"},
    },
    "additionalProperties": False,
}
_SERVICE = {
    "type": "object",
    "required": ["image"],
    "properties": {
        "image": {"type": "string"},
        "restart": {"enum": ["no", "always", "on-failure", "unless-stopped"]},
        "stop_grace_period": {"type": "string", "pattern": r"^\d+s$"},
        "command": _WORDS,
        "environment": {"type": "object", "additionalProperties": {"type": ["string", "number"]}},
        "volumes": {"type": "array", "items": {"type": "string", "pattern": r"^[^:]+:/[^:]+(:ro)?$"}},
        "ports": {"type": "array", "items": {"type": "string", "pattern": r"^127\.0\.0\.1:\d+:\d+$"}},
        "healthcheck": _CHECK,
        "depends_on": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["condition"],
                "properties": {"condition": {"enum": ["service_started", "service_healthy"]}},
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
# The part of the Compose specification that the file uses: a word that is none of it is refused, as an engine does.
SCHEMA = {
    "type": "object",
    "required": ["name", "services"],
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"},
        "services": {"type": "object", "additionalProperties": _SERVICE},
        "volumes": {"type": "object"},
    },
    "patternProperties": {"^x-": {}},
    "additionalProperties": False,
}


def composed() -> dict[str, Any]:
    """Return the file as an engine reads it: anchors merged, variables put in."""

    def said(found: re.Match[str]) -> str:
        return SETTINGS[found[1]]

    text = re.sub(r"\$\{(\w+):\?[^}]+\}", said, (DEPLOY / "compose.yaml").read_text("utf-8"))
    assert "${" not in text
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def ours() -> dict[str, dict[str, Any]]:
    return {name: each for name, each in composed()["services"].items() if each["image"] == "policytrail"}


def test_the_file_is_one_that_an_engine_takes() -> None:
    file = composed()
    jsonschema.validate(file, SCHEMA)
    for service in file["services"].values():
        assert set(service.get("depends_on", {})) <= file["services"].keys()
        named = {volume.partition(":")[0] for volume in service.get("volumes", [])}
        assert {each for each in named if not each.startswith(".")} <= file["volumes"].keys()
        for other, how in service.get("depends_on", {}).items():
            assert how["condition"] != "service_healthy" or "test" in file["services"][other]["healthcheck"]


def test_its_commands_and_variables_are_ours() -> None:
    known = {str(each.envvar) for command in policytrail.commands.values() for each in command.params
             if isinstance(each, click.Option) and each.envvar}  # fmt: skip
    for name, service in ours().items():
        (word, *rest) = service["command"]
        policytrail.commands[word].make_parser(click.Context(policytrail.commands[word])).parse_args(list(rest))
        assert set(service["environment"]) - known == {"PGPASSWORD"}, name
        assert PASSWORD not in service["environment"]["POLICYTRAIL_ARCHIVE"]
    docker = (DEPLOY / "Dockerfile").read_text("utf-8")
    (entry,) = re.findall(r"^ENTRYPOINT (.*)$", docker, re.MULTILINE)
    assert json.loads(entry) == ["tini", "--", "policytrail"]
    (extras,) = re.findall(r"pip install .*'/src\[([a-z,]+)\]'", docker)
    extra = (ROOT / "pyproject.toml").read_text("utf-8")
    assert all(re.search(rf"^{name} = \[", extra, re.MULTILINE) for name in extras.split(","))
    assert {"server", "web"} <= set(extras.split(","))
    for mounted in {volume for service in ours().values() for volume in service["volumes"]}:
        assert mounted.split(":")[1] == ours()["worker"]["environment"]["POLICYTRAIL_SOURCES"]
    # The engine waits no shorter than what ends in order.
    assert all(int(service["stop_grace_period"].rstrip("s")) >= 60 for service in ours().values())
    assert shlex.split(re.findall(r"docker compose (.*)", (DEPLOY / "compose.yaml").read_text())[0])[0] == "-f"


@contextmanager
def engine(postgres: Postgres, folder: Path, allow: str) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start services as an engine would: their commands, and only their variables."""
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str, *more: str) -> subprocess.Popen[bytes]:
        service = composed()["services"][name]
        environment = {key: str(value) for key, value in service["environment"].items()}
        # Names of services and folders are an engine's: where they are, is said here.
        place = environment["POLICYTRAIL_ARCHIVE"].replace("@postgres/", f"@127.0.0.1:{postgres.port}/")
        environment |= {"POLICYTRAIL_ARCHIVE": place, "POLICYTRAIL_SOURCES": str(folder / "sources")}
        environment |= {"POLICYTRAIL_ALLOW": allow, "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        with (folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "crawler", *service["command"], *more],
                cwd=folder, env=environment, stdout=log, stderr=log,
            )  # fmt: skip
        started.append(process)
        return process

    try:
        yield start
    finally:
        for process in started:
            process.kill()
            process.wait()


def test_its_services_work_together(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL as its image makes it, with a password; scheduler, two workers, pages; all end in order."""
    if programs() is None:
        assert not is_required()
        pytest.skip("PostgreSQL is not installed")
    service = composed()["services"]["postgres"]
    path, port = "/zc/t20240506_1.html", free_port()
    site.pages["/zc/list.html"] = Page(listing(path))
    site.pages[path] = Page(notice("关于做好有关工作的通知", "正文。"))
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "cn_test.toml").write_text(
        f'publisher = "x"\ndelay = 0\nlists = [{json.dumps(site.url("/zc/list.html"))}]\n'
        f"documents = {json.dumps(DOCUMENTS)}\n",
        "utf-8",
    )
    made = {
        "initdb": service["environment"]["POSTGRES_INITDB_ARGS"].split(),
        "options": " ".join(service["command"][1:]),
        "password": service["environment"]["POSTGRES_PASSWORD"],
    }
    with running(**made) as postgres, engine(postgres, tmp_path, site.host) as start:
        found = programs()
        assert found is not None
        ready = service["healthcheck"]["test"]
        assert ready[0] == "CMD"
        subprocess.run([found / ready[1], *ready[2:], "-h", "127.0.0.1", "-p", str(postgres.port)], check=True)
        postgres.make("policytrail")
        processes = [start("scheduler", "--jitter", "0"), start("worker"), start("worker")]
        monkeypatch.setenv("PGPASSWORD", PASSWORD)
        end = time.monotonic() + 120
        while not _has_finished(postgres.address("policytrail")):
            assert time.monotonic() < end, (tmp_path / "log").read_text()
            time.sleep(0.2)
        # Where there is no archive yet, it ends, and the engine starts it again.
        assert composed()["services"]["browse"]["restart"] == "unless-stopped"
        processes.append(start("browse", "--port", str(port)))
        while (page := _page(f"http://localhost:{port}/sources")) is None:
            assert time.monotonic() < end, (tmp_path / "log").read_text()
            time.sleep(0.2)
        assert "cn_test" in page
        for process in reversed(processes):
            process.send_signal(signal.SIGTERM)
        assert [process.wait(60) for process in processes] == [0, 0, 0, 0], (tmp_path / "log").read_text()
    log = (tmp_path / "log").read_text()
    assert "Traceback" not in log and PASSWORD not in log, log


def _page(url: str) -> str | None:
    try:
        with urllib.request.urlopen(url) as answer:  # noqa: S310 - loopback
            text: str = answer.read().decode()
            return text
    except urllib.error.URLError:
        return None


def _has_finished(place: Server) -> bool:
    try:
        with Archive.open(place, readonly=True) as archive:
            return bool(archive.last_finished_of_all())
    except NotInArchiveError:
        return False
