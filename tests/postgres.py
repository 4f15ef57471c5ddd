"""A real PostgreSQL on loopback: a cluster of its own in a temporary folder, and a fresh database for each test."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

from storage import Archive, Server

USER = "policytrail"


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, or None where it is not installed."""
    found = shutil.which("initdb")
    if found and shutil.which("pg_ctl"):
        return Path(found).resolve().parent
    there = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return there[-1].parent if there else None


def is_required() -> bool:
    """Tell whether a machine without PostgreSQL must not pass."""
    return "postgres" in os.environ.get("POLICYTRAIL_REQUIRE", "").split(",")


class Postgres:
    """A server that can be stopped, killed and started again on the same data.

    durable: what is committed is on disk, as on a server that is meant to last.
    initdb, options: of the programs that make a cluster and start it.  password: of its user; None: it needs none.
    """

    def __init__(
        self,
        programs: Path,
        folder: Path,
        *,
        durable: bool = False,
        initdb: Sequence[str] = ("-E", "UTF8", "--no-locale"),
        options: str = "-c max_connections=200",
        password: str | None = None,
    ) -> None:
        self._programs = programs
        self._options = f"{options} -c fsync={'on' if durable else 'off'}"
        self._password = password
        self._data = folder / "data"
        self._folder = folder
        # PostgreSQL does not run as root.
        self._user = _somebody() if os.getuid() == 0 else None
        if self._user is not None:
            shutil.chown(folder, self._user)
        self.port = _free_port()
        self._numbers = count()
        (folder / "password").write_text(f"{password}\n")
        asks = ("-A", "trust") if password is None else ("-A", "scram-sha-256", f"--pwfile={folder / 'password'}")
        self._run("initdb", "-D", self._data, "-U", USER, "-N", *asks, *initdb)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = (
            f"-p {self.port} -k {self._folder} -c listen_addresses=127.0.0.1 {self._options} "
            "-c shared_buffers=32MB -c autovacuum=off"
        )
        self._run("pg_ctl", "-D", self._data, "-w", "-l", self._folder / "log", "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it; "immediate": as if the machine had fallen."""
        self._run("pg_ctl", "-D", self._data, "-w", "-m", mode, "stop")

    def address(self, database: str) -> Server:
        """Return the address of a database."""
        return Server(f"postgresql://{USER}@127.0.0.1:{self.port}/{database}")

    def database(self) -> Server:
        """Make an empty database."""
        name = f"t{next(self._numbers)}"
        self.make(name)
        return self.address(name)

    def make(self, name: str) -> None:
        """Make an empty database of a name."""
        self._make(name, "template0")

    def archive(self) -> Server:
        """Make a database with an empty archive; quicker than one after the other."""
        if not hasattr(self, "_model"):
            self._model = "model"
            self._make(self._model, "template0")
            Archive.open(self.address(self._model), create=True).close()
        name = f"t{next(self._numbers)}"
        self._make(name, self._model)
        return self.address(name)

    def _make(self, name: str, template: str) -> None:
        import psycopg

        there = self.address("postgres").address
        with psycopg.connect(there, autocommit=True, password=self._password) as connection:
            connection.execute(f"create database {name} template {template}")

    def _run(self, program: str, *arguments: object) -> None:
        with (self._folder / "said").open("wb") as said:
            done = subprocess.run(
                [self._programs / program, *map(str, arguments)],
                user=self._user,
                cwd=self._folder,
                stdout=said,
                stderr=said,
                timeout=60,
                check=False,
            )
        assert done.returncode == 0, (self._folder / "said").read_text()


@contextmanager
def running(**how: Any) -> Iterator[Postgres]:
    """Return a server that runs while the context lasts; how: as ``Postgres`` takes it."""
    found = programs()
    assert found is not None, "PostgreSQL is not installed: apt-get install postgresql"
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    server = Postgres(found, folder, **how)
    try:
        server.start()
        yield server
    finally:
        with suppress(AssertionError):
            server.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


def _somebody() -> str:
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
