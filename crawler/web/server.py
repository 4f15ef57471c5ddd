"""Serving the pages from a socket, until somebody stops it."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterable
from types import FrameType

import uvicorn

from crawler.errors import CrawlFailedError
from crawler.web.app import Browser
from storage import ArchiveError

# So often it is looked whether there is something new to compute before somebody asks for it.
LOOK_S = 20.0
# So long the address is not told, of a large archive on a slow disk.
WARM_WITHIN_S = 2.0


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that is bound; port 0: a free one.

    Raises CrawlFailedError where the address is taken or is not this machine's.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise CrawlFailedError(f"{host}: not an address of this machine ({error.strerror})") from error
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
        bound.listen(128)
    except OSError as error:
        bound.close()
        raise CrawlFailedError(f"{host}:{port}: {error.strerror}; choose another --host or --port") from error
    return bound


def serve(browser: Browser, bound: socket.socket, *, names: Iterable[str], ready: Callable[[], None]) -> None:
    """Answer requests until SIGINT or SIGTERM.  To be called from the main thread; ready: called when it answers."""
    config = uvicorn.Config(
        browser.app(names),
        log_level="warning",
        access_log=False,
        server_header=False,
        # Behind a proxy on this machine, its word on https is taken.
        proxy_headers=True,
        forwarded_allow_ips="127.0.0.1",
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=5,
    )
    stopped, warmed = threading.Event(), threading.Event()
    before = {number: signal.signal(number, _stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        threading.Thread(target=keep_warm, args=(browser, stopped, warmed), daemon=True).start()
        # Else the first to ask would wait for the same, and longer.
        warmed.wait(WARM_WITHIN_S)
        ready()
        uvicorn.Server(config).run(sockets=[bound])
    except KeyboardInterrupt:
        # The way in which one is meant to stop it.
        return
    finally:
        stopped.set()
        for number, handler in before.items():
            signal.signal(number, handler)
        bound.close()


def keep_warm(browser: Browser, stopped: threading.Event, warmed: threading.Event) -> None:
    """Compute ahead what pages will ask for, whenever something new has come.

    warmed: set when that was done, or tried, for the first time.
    """
    last: tuple[int, str] | None = None
    while True:
        try:
            pulse = browser.pulse()
            if pulse != last:
                browser.warm()
                last = pulse
        except ArchiveError:
            # Who asks for a page is told; here it is only tried again.
            last = None
        finally:
            warmed.set()
        if stopped.wait(LOOK_S):
            return


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
