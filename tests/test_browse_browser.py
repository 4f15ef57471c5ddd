"""The pages of ``browse`` in a real browser: read as a person would, over an archive whose texts mean harm."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browsing import Pages, served
from tests.conftest import Demonstration
from tests.test_browse import NOTICE, hostile_archive

__all__ = ["hostile_archive"]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and "chromium" not in os.environ.get("POLICYTRAIL_REQUIRE", "").split(","),
    reason="no chromium on this machine",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser."""
    assert CHROMIUM, "POLICYTRAIL_REQUIRE says that chromium must be here"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


class Person:
    """Somebody at a browser; complaints: dialogs, errors and warnings that came up, and requests to elsewhere."""

    def __init__(self, browser: Browser, pages: Pages, *, width: int = 1280, script: bool = True) -> None:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, locale="en", java_script_enabled=script, base_url=pages.origin
        )
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("dialog", lambda dialog: (self.complaints.append(f"dialog {dialog.message}"), dialog.dismiss()))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "request",
            lambda request: (
                None if request.url.startswith(pages.origin) else self.complaints.append(f"asked {request.url}")
            ),
        )

    def is_wider_than_the_window(self) -> bool:
        """Tell whether one must scroll sideways."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@pytest.mark.parametrize("script", [True, False])
def test_a_morning(browser: Browser, demonstration: Demonstration, script: bool) -> None:
    with served(demonstration.archive, demonstration.sources) as pages:
        person = Person(browser, pages, script=script)
        page = person.page
        page.goto("/")
        expect(page).to_have_title("Today · policytrail")
        # Filter.
        page.get_by_label("What happened").select_option("changed")
        page.get_by_role("button", name="Filter").click()
        expect(page.locator("article")).to_have_count(5)
        assert "kind=changed" in page.url
        # Read a diff.
        page.get_by_role("link", name="乡村图书室服务补贴").click()
        expect(page.locator("ins").filter(has_text="800")).to_be_visible()
        expect(page.locator("del").filter(has_text="500")).to_be_visible()
        page.get_by_role("link", name="Side by side").click()
        expect(page.locator("td.old del")).to_have_count(2)
        page.locator("#c2 a.anchor").click()
        assert page.url.endswith("#c2")
        # Follow the time line.
        page.get_by_role("link", name="Document", exact=True).click()
        expect(page.locator(".timeline > li")).to_have_count(2)
        page.locator(".timeline").get_by_role("link", name="Version 1").click()
        expect(page.get_by_role("status")).to_contain_text("version 1 of 2")
        expect(page.locator(".prose")).to_contain_text("每人每月500元")
        # Search.
        page.get_by_role("searchbox", name="Words, or an address").first.fill("通知")
        page.get_by_role("search").get_by_role("button", name="Search").click()
        expect(page.locator("mark").first).to_have_text("通知")
        assert page.locator(".hits > li").count() == 4
        # In Chinese.
        page.get_by_role("link", name="中文").click()
        expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
        page.get_by_role("link", name="来源", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("来源")
        assert person.complaints == []


def test_by_keyboard(browser: Browser, demonstration: Demonstration) -> None:
    with served(demonstration.archive, demonstration.sources) as pages:
        person = Person(browser, pages)
        page = person.page
        page.goto("/")
        page.keyboard.press("Tab")
        expect(page.get_by_text("Skip to the content")).to_be_focused()
        expect(page.get_by_text("Skip to the content")).to_be_in_viewport()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.get_by_label("Source")).to_be_focused()
        page.keyboard.press("Escape")
        page.locator("h1").click()
        page.keyboard.press("/")
        expect(page.locator("#find")).to_be_focused()
        page.keyboard.type(NOTICE.rpartition("/")[2])
        page.goto("/?kind=changed&source=demo_ministry")
        page.keyboard.press("n")
        focused = page.evaluate("document.activeElement.closest('article').id")
        page.keyboard.press("n")
        assert page.evaluate("document.activeElement.closest('article').id") != focused
        assert person.complaints == []


def test_hostile_texts_do_nothing(browser: Browser, hostile_archive: Path) -> None:
    with served(hostile_archive) as pages:
        event = next(one for one in pages.get("/today.json").json()["events"] if one["kind"] == "changed")
        document = f"/document/{event['document_id']}"
        harm = next(
            hit["document_id"]
            for hit in pages.get("/search.json").json()["hits"]
            if hit["url"].startswith("javascript:")
        )
        person = Person(browser, pages)
        page = person.page
        paths = ["/?unfold=1&baseline=1", document, event["path"], f"{event['path']}?view=side&whole=1", "/search"]
        paths += ["/search?q=%3Cscript%3Ealert(9)%3C/script%3E", "/sources", "/run/2", f"/document/{harm}"]
        for path in paths:
            page.goto(path)
            assert page.locator("a[href^='javascript'], a[href^='data:']").count() == 0
            assert page.locator("img, iframe, object, embed").count() == 0
            assert page.locator("script").count() == 1
        # Even a script that got in would not run.
        page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'alert(10)'}))")
        refused = person.complaints.pop()
        assert "Content Security Policy" in refused
        with page.expect_download() as kept:
            page.goto("/")
            page.evaluate(f"location.href = '{document}/version/1/snapshot'")
        assert kept.value.suggested_filename.endswith(".html")
        assert person.complaints == []


def test_nothing_is_wider_than_a_phone(browser: Browser, hostile_archive: Path) -> None:
    with served(hostile_archive) as pages:
        event = next(one for one in pages.get("/today.json").json()["events"] if one["kind"] == "changed")
        person = Person(browser, pages, width=360)
        for path in ("/", f"/document/{event['document_id']}", event["path"], f"{event['path']}?view=side", "/search",
                     "/sources", f"/source/{event['source']}", "/runs", "/run/2", "/help", "/nowhere"):  # fmt: skip
            person.page.goto(path)
            assert not person.is_wider_than_the_window(), path
