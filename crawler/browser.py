"""Pages that only a script makes: rendered by a browser, recorded as they then stand, one page at a time.

Needs the extra ``browser``; it is imported where a source says ``browser = true``.
"""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import DownloadCancelledError, DownloadFailedError, DownloadTimeoutError
from scrapy.http import Response

from crawler.errors import CrawlFailedError
from spiders.source import Source

if TYPE_CHECKING:
    from playwright.async_api import Page

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge")
# Playwright's own, in its folder, newest last.
OWN = ("chromium-*/chrome-linux*/chrome", "chromium_headless_shell-*/chrome-linux*/*headless*shell")
# A page whose scripts never come to rest is taken as it stands after this.
SETTLE_S = 10.0
ARGUMENTS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Calls between browsers would not go through a proxy.
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
)
# What a text is not made of is not asked for.
UNNEEDED = frozenset({"image", "media", "font", "texttrack", "manifest", "ping", "websocket", "eventsource"})


def find_browser() -> Path | None:
    """Return the browser to use: the one POLICYTRAIL_BROWSER names, Playwright's own, or the system's Chromium."""
    if named := os.environ.get("POLICYTRAIL_BROWSER"):
        return Path(named) if os.access(named, os.X_OK) else None
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    own = [path for pattern in OWN for path in sorted(folder.glob(pattern), reverse=True)]
    known = (shutil.which(name) for name in NAMES)
    return next(iter(own), None) or next((Path(path) for path in known if path), None)


def require_browser(source: Source) -> None:
    """Refuse to read a source with a browser where there is none: CrawlFailedError says what to install."""
    if not source.browser:
        return
    if find_spec("scrapy_playwright") is None:
        raise CrawlFailedError(f"{source.name} is read with a browser: pip install 'policytrail[browser]'")
    if find_browser() is None:
        raise CrawlFailedError(
            f"{source.name} is read with a browser, and there is none: apt install chromium, or playwright install "
            "chromium; POLICYTRAIL_BROWSER names one that lies elsewhere"
        )


def browser_settings() -> dict[str, Any]:
    """Return the settings of scrapy-playwright: which browser, how it is started, one page at a time."""
    path = find_browser()
    options: dict[str, Any] = {"args": list(ARGUMENTS), "chromium_sandbox": os.geteuid() != 0}
    if path is not None:
        options["executable_path"] = str(path)
    return {
        "PLAYWRIGHT_LAUNCH_OPTIONS": options,
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 1,
        "PLAYWRIGHT_MAX_CONTEXTS": 1,
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": 25_000,
    }


async def settle(page: Page) -> None:
    """Wait until a page asks for nothing more, for some seconds at most."""
    from playwright.async_api import TimeoutError as NotYet

    try:
        await page.wait_for_load_state("networkidle", timeout=SETTLE_S * 1_000)
    except NotYet:
        return  # it asks again and again: what stands there now is what a reader would see


def made_of(url: str, response: Response, meta: dict[str, Any], *, most_bytes: int) -> Response:
    """Return what the browser made of an address as an answer of its own: a redirect that it followed is one.  Pure.

    Raises DownloadCancelledError where the page is too large.
    """
    if len(response.body) > most_bytes:
        raise DownloadCancelledError(f"a rendered page of {len(response.body):,} bytes")
    reasons = meta.get("redirect_reasons") or []
    if meta.get("redirect_urls") and response.url != url:
        status = next((reason for reason in reasons if isinstance(reason, int)), 302)
        return Response(url, status=status, headers={"Location": response.url}, request=response.request)
    return response


def failed(error: Exception, refused: str) -> Exception:
    """Return what went wrong in the browser in the words of any other request.  Pure.

    refused: what the gate said, or "".
    """
    said = " ".join(str(error).split())[:200]
    if refused:
        return DownloadFailedError(f"gate: {refused}")
    if type(error).__name__ == "TimeoutError":
        return DownloadTimeoutError(said)
    return DownloadFailedError(said)


def stamp_sent(meta: dict[str, Any]) -> None:
    """Note when a request goes out."""
    meta["sent_at"] = datetime.now(UTC)
