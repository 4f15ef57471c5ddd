from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from crawler.browser import find_browser, require_browser
from crawler.browser_gate import BrowserGate
from crawler.errors import CrawlFailedError
from spiders.source import Source
from storage.model import Role
from tests.conftest import Command
from tests.crawling import Crawls, notice
from tests.site import Page, Site

BROWSER = find_browser()
needs_browser = pytest.mark.skipif(
    BROWSER is None and "chromium" not in os.environ.get("POLICYTRAIL_REQUIRE", "").split(","),
    reason="no chromium on this machine",
)
PATHS = [f"/zc/t2024050{n}_{n}.html" for n in range(1, 4)]
# The rows come by a script of the site; another host's script and pictures are named as well.
LIST = """<html><head><title>政策文件</title><script src="%s/evil.js"></script></head><body><ul id="rows"></ul>
<img src="/picture.png"><script>
fetch('/data.json').then(r => r.json()).then(rows => {
  for (const row of rows) {
    const li = document.createElement('li');
    li.innerHTML = '<a href="' + row.path + '">' + row.title + '</a> <span>2024-05-06</span>';
    document.getElementById('rows').append(li);
  }
  fetch('/private/log');
});
</script></body></html>"""


@pytest.fixture
def crawls(archive_path: Path, sources_dir: Path, environment: Mapping[str, str]) -> Iterator[Crawls]:
    running = Crawls(archive_path, sources_dir, environment)
    yield running
    running.close()


@needs_browser
def test_pages_that_only_a_script_makes(crawls: Crawls, site: Site) -> None:
    with Site("127.0.0.2") as other:
        other.pages["/evil.js"] = Page("document.title = 'taken over'", headers={"Content-Type": "text/javascript"})
        site.pages["/robots.txt"] = Page("User-agent: *\nDisallow: /private/\n", headers={"Content-Type": "text/plain"})
        site.pages["/zc/"] = Page(LIST % other.origin)
        rows = ", ".join(f'{{"path": "{path}", "title": "关于{path[-6]}号事项的通知"}}' for path in PATHS)
        site.pages["/data.json"] = Page(f"[{rows}]", headers={"Content-Type": "application/json"})
        for path in PATHS[:2]:
            script = "document.querySelector('#late').textContent = '脚本写下的一段正文，自六月一日起施行。'"
            more = f"<p id='late'></p><p><a href='/f.pdf'>附件</a></p><script>{script}</script>"
            site.pages[path] = Page(notice(f"关于{path[-6]}号事项的通知", more=more))
        # One document has moved within the site, one link leads away from it by a redirect.
        site.pages[PATHS[2]] = Page(status=301, headers={"Location": "/zc/t20240509_9.html"})
        site.pages["/zc/t20240509_9.html"] = Page(notice("关于9号事项的通知"))
        site.pages[PATHS[1]] = Page(status=302, headers={"Location": f"{other.origin}/secret"})
        other.pages["/secret"] = Page(notice("别处的秘密"))
        crawls.allow.append(site.host)
        crawls.source(lists=[site.url("/zc/")], documents=r"/t\d{8}_\d+\.html$", browser=True)
        (summary,) = crawls.run(timeout_s=120)
        assert summary["end"] == "finished", summary
        assert not other.requests
    with crawls.open() as archive:
        (run,) = archive.runs("cn_test")
        fetches = {fetch.url: (fetch, role) for fetch, role in archive.chain_fetches(run.root_id)}
        version = archive.version(archive.find_document(site.url(PATHS[0])).document_id, 1)
        assert "脚本写下的一段正文" in version.content.text
        listed, _ = fetches[site.url("/zc/")]
        assert listed.detail == "rendered by a browser"
        assert fetches[site.url(PATHS[2])][0].status == 301
        assert archive.find_document(site.url("/zc/t20240509_9.html")).versions == 1
        away = fetches[site.url(PATHS[1])][0]
        assert away.error == "gate" and "none of the source's hosts" in away.detail
        assert fetches[site.url("/f.pdf")][1] is Role.ATTACHMENT
    paths = site.paths()
    assert "/picture.png" not in paths and "/private/log" not in paths
    assert paths.count("/zc/") == 1 and paths.count(PATHS[0]) == 1
    assert all("policytrail" in request.headers["user-agent"] for request in site.requests)


def test_says_what_is_missing(
    policytrail: Command, crawls: Crawls, site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("POLICYTRAIL_BROWSER", str(tmp_path / "none"))
    with pytest.raises(CrawlFailedError, match="apt install chromium"):
        require_browser(Source(name="xx_a", publisher="a", browser=True))
    require_browser(Source(name="xx_a", publisher="a"))
    crawls.source(lists=[site.url("/zc/")], documents="/zc/", browser=True)
    done = policytrail("crawl", "cn_test", "--archive", crawls.archive, "--sources", crawls.sources,
                       "--allow", site.host, env={"POLICYTRAIL_BROWSER": str(tmp_path / "none")})  # fmt: skip
    assert done.returncode == 1
    assert "apt install chromium" in done.stderr and "Traceback" not in done.stderr
    assert not site.requests


def test_the_way_out_of_the_browser(site: Site) -> None:
    site.pages["/a"] = Page("here")
    source = Source(name="xx_a", publisher="a", hosts=(site.host,))

    async def ask(gate: BrowserGate, line: str) -> bytes:
        address = (await gate.start()).removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(address[0], int(address[1]))
        writer.write(f"{line} HTTP/1.1\r\nHost: x\r\nProxy-Connection: keep-alive\r\n\r\n".encode())
        answer = await asyncio.wait_for(reader.read(), 20)
        writer.close()
        await writer.wait_closed()
        await gate.close()
        return answer

    host, port = site.host.split(":")
    allowed = frozenset({(host, int(port))})
    answer = asyncio.run(ask(BrowserGate(source, allowed), f"GET {site.url('/a')}"))
    assert answer.endswith(b"here")
    assert site.requests[-1].headers["connection"] == "close" and site.requests[-1].path == "/a"
    refused = BrowserGate(source, allowed)
    assert asyncio.run(ask(refused, "GET http://169.254.169.254/latest")) == b""
    assert "none of the source's hosts" in refused.refused
    assert asyncio.run(ask(BrowserGate(source, frozenset()), f"GET {site.url('/a')}")) == b""
    assert asyncio.run(ask(BrowserGate(source, allowed), "CONNECT www.example.com:443")).startswith(b"HTTP/1.1 403")
