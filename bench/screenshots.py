"""Pictures of the pages of ``policytrail browse`` over an archive: ``--archive FILE --sources DIR --out DIR``.

Wide and narrow, light and dark, English and Chinese, by chromium (``--chromium``); with ``--readme`` only the two
pictures of the README, made small.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parent.parent
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
WIDE, NARROW = (1280, 900), (390, 844)
# Pictures of the README: name, page, height, colours.
README = (("today", "today", 900, "light"), ("diff", "side", 1040, "dark"))


@contextmanager
def served(archive: Path, sources: Path) -> Iterator[str]:
    """Serve an archive while the context lasts; gives the address."""
    command = [sys.executable, "-m", "crawler", "browse", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--archive", str(archive), "--sources", str(sources)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        yield line.split()[0].rstrip("/")
    finally:
        process.terminate()
        process.wait(20)


def asked(address: str) -> Any:
    """Return what an address answers as JSON."""
    with urllib.request.urlopen(address) as answer:  # noqa: S310
        return json.load(answer)


def places(origin: str) -> dict[str, str]:
    """Return the pages to show, by name: of an archive with at least one change."""
    events = asked(f"{origin}/today.json")["events"]
    changes = [event for event in events if event["kind"] == "changed" and event["kinds"]]
    change = next((event for event in changes if "amount" in event["kinds"]), changes[0])
    return {
        "today": "/",
        "document": f"/document/{change['document_id']}",
        "diff": change["path"],
        "side": f"{change['path']}?view=side",
        "search": f"/search?q={quote('通知')}",
        "nothing": f"/search?q={quote('无此词语')}&state=gone",
        "sources": "/sources",
        "source": f"/source/{change['source']}",
        "runs": "/runs",
        "run": f"/run/{change['run_id']}",
        "help": "/help",
        "missing": "/document/999999999",
    }


def picture(
    browser: Browser,
    address: str,
    out: Path,
    *,
    size: tuple[int, int],
    scheme: Literal["light", "dark"],
    language: str,
    full: bool = True,
) -> list[str]:
    """Write a picture of a page; return what the browser complained of."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, locale=language)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    page.screenshot(path=out, full_page=full)
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wider > 0:
        complaints.append(f"{wider} pixels wider than the window")
    context.close()
    return complaints


def main() -> int:
    """Command line entry; returns the exit code: 1 where a browser complained."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archive", type=Path, required=True)
    parser.add_argument("--sources", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--chromium", default=CHROMIUM)
    parser.add_argument("--readme", action="store_true")
    parser.add_argument("--only", action="append", help="this page; repeatable")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    failed = 0
    with served(args.archive.resolve(), args.sources.resolve()) as origin, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=args.chromium, args=ARGUMENTS)
        shown = places(origin)
        if args.readme:
            for name, path, height, scheme in README:
                picture(
                    browser,
                    origin + shown[path],
                    args.out / f"{name}.png",
                    size=(1180, height),
                    scheme="dark" if scheme == "dark" else "light",
                    language="en",
                    full=False,
                )
            browser.close()
            return 0
        for name, path in shown.items():
            if args.only and name not in args.only:
                continue
            for width, size in (("wide", WIDE), ("narrow", NARROW)):
                for scheme in ("light", "dark"):
                    language = "en" if (width == "wide") == (scheme == "light") else "zh-CN"
                    target = args.out / f"{name}-{width}-{scheme}.png"
                    complaints = picture(
                        browser, origin + path, target, size=size,
                        scheme="light" if scheme == "light" else "dark", language=language,
                    )  # fmt: skip
                    complaints = [one for one in complaints if name != "missing" or "404" not in one]
                    for complaint in complaints:
                        print(f"{target.name}: {complaint}")
                    failed += bool(complaints)
        browser.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
