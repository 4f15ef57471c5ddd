"""Runs a command, and says what it took: ``python counting.py FILE COMMAND...``.

Writes to FILE, as JSON, its seconds on the clock (``clock_s``) and those of computing of all processes that came of
it (``computing_s``), also of those that outlive their parents: on Linux orphans become children of this process. Of
the command's own process alone: ``own_computing_s``, and the most memory that it held, ``own_memory_mb``. (Who
measures a child of a large process itself gets the memory of that: a child shares it until it begins.)
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


def main() -> int:
    """Run it; returns its exit code."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    started = time.monotonic()
    process = subprocess.Popen(sys.argv[2:])
    _, status, own = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    told = {"clock_s": time.monotonic() - started}
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            break
    every = resource.getrusage(resource.RUSAGE_CHILDREN)
    told |= {"computing_s": every.ru_utime + every.ru_stime, "own_computing_s": own.ru_utime + own.ru_stime}
    told["own_memory_mb"] = own.ru_maxrss / 1024
    Path(sys.argv[1]).write_text(json.dumps(told), "utf-8")
    return process.returncode


if __name__ == "__main__":
    sys.exit(main())
