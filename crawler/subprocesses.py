"""A run's process: its limits of time and memory, its session, its end."""

from __future__ import annotations

import logging
import os
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime

from spiders.source import Source

log = logging.getLogger(__name__)


def is_killed(code: int) -> bool:
    """Tell whether an exit code is that of a process that a signal ended.  Pure."""
    return code < 0


class RunProcess:
    """One run of one source, in a process and a session of its own.

    limit_s: beyond it, the process is asked to end.
    memory_bytes: of data, for each process of the run; None: as the machine has it.
    ended: called with this and the exit code, in another thread, when the process has ended and what it left in its
        session is gone.
    environment: variables beside our own.
    Raises OSError where it cannot be started.
    """

    def __init__(
        self,
        source: Source,
        command: list[str],
        *,
        limit_s: float,
        memory_bytes: int | None,
        ended: Callable[[RunProcess, int], None],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.source = source
        self.over_limit = False
        self.seconds = 0.0
        self._limit_s = limit_s
        self._ended = ended
        self.began_at = datetime.now(UTC)
        self._began = time.monotonic()
        self._deadline = self._began + limit_s
        # A session of its own: Ctrl-C in the terminal reaches the scheduler alone, which then asks each run once;
        # and a kill reaches the run with all its workers.
        self._process = subprocess.Popen(  # noqa: S603 - the caller's own command, no shell
            command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, **(environment or {})},
        )
        self.pid = self._process.pid
        if memory_bytes is not None:
            # From outside: what it starts inherits it, and no code of ours runs between fork and exec.
            with suppress(ProcessLookupError):
                resource.prlimit(self.pid, resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
        threading.Thread(target=self._wait, name=f"run-{source.name}", daemon=True).start()

    def _wait(self) -> None:
        code = self._process.wait()
        # What a run that crashed leaves in its session has nobody to work for.
        self.kill()
        self.seconds = time.monotonic() - self._began
        self._ended(self, code)

    def keep_to_limit(self, grace_s: float) -> float:
        """Ask it to end when it is over its limit, kill it when it does not; return when to look again, in s."""
        now = time.monotonic()
        if now >= self._deadline:
            if self.over_limit:
                self.kill()
            else:
                self.over_limit = True
                log.warning("run of %s is over its limit of %.0f s", self.source.name, self._limit_s)
                self.ask_to_end()
            self._deadline = now + grace_s
        return self._deadline - now

    def ask_to_end(self) -> None:
        """Ask it to record what is under way, and to end."""
        self._process.terminate()

    def kill(self) -> None:
        """End it with all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
