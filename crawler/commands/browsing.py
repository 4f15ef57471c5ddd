"""``browse``: the archive as pages in a browser."""

from __future__ import annotations

import ipaddress
import threading
import webbrowser
from pathlib import Path

from crawler.commands.output import remark, say
from crawler.errors import CrawlFailedError
from storage import Archive, Home


def browse(
    folder: Path | None, archive_path: Home, *, host: str, port: int, names: tuple[str, ...], open_browser: bool
) -> None:
    """Serve pages over an archive until SIGINT or SIGTERM; print their address when they are there.

    names: host names under which it is reached, beside numbers and localhost.
    Raises CrawlFailedError where the extra is not installed or the address is taken, NotInArchiveError without archive.
    """
    try:
        from crawler.web.app import Browser
        from crawler.web.server import listen, serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("starlette", "jinja2", "uvicorn", "markupsafe", "anyio"):
            raise
        raise CrawlFailedError("browse needs the extra `web`: pip install 'policytrail[web]'") from error
    Archive.open(archive_path, readonly=True).close()
    bound = listen(host, port)
    address = f"[{host}]" if ":" in host else host
    url = f"http://{address}:{bound.getsockname()[1]}/"

    def ready() -> None:
        say(f"{url}  (Ctrl-C stops it)")
        if open_browser:
            # Beside the server: some browsers return only when they are closed, and want an answer before.
            threading.Thread(target=_open, args=(url,), daemon=True).start()

    if not is_loopback(host):
        remark(f"whoever reaches {host} can read this archive: there is no password; see docs/browse.md")
    own = () if is_number(host) else (host,)
    serve(Browser(archive_path, folder), bound, names=(*names, *own), ready=ready)


def _open(url: str) -> None:
    if not webbrowser.open(url):
        remark("no browser could be started here; open the address in one yourself")


def is_number(host: str) -> bool:
    """Tell whether a host is an address in numbers.  Pure."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches a host.  Pure."""
    return host == "localhost" or (is_number(host) and ipaddress.ip_address(host).is_loopback)
