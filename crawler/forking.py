"""The process from which worker processes are forked, started early: what it loads takes as long as what we load."""

from __future__ import annotations

import signal
from multiprocessing import forkserver, resource_tracker

# What workers need; named here and not imported.
PRELOADED = [
    "crawler.extract.html",
    "spiders.feed",
    "spiders.listing",
    "spiders.sitemap",
    "spiders.loader",
    "crawler.cli",
    "crawler.workers",
]


def prepare() -> None:
    """Start what starts workers, deaf to SIGTERM and SIGINT; what they need is loaded while the caller goes on.

    Who stops a program often tells its whole group, and a terminal always does. The program goes on until what is
    under way is recorded, and needs its workers until then: a page must not look broken because its reader was told
    to go, and what is only loading has nothing to say of it.
    """
    forkserver.set_forkserver_preload(PRELOADED)
    resource_tracker.ensure_running()  # it changes the mask of signals by itself, so before us
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
