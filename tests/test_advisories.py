"""One test, at least, for each class of advisory that crawlers and watchers of pages have had."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
import time
import zipfile
from datetime import UTC, date, datetime
from importlib.metadata import version
from io import BytesIO
from pathlib import Path

import pytest

from crawler import settings
from crawler.corpus.tables import harmless
from crawler.extract import extract
from crawler.gate import allow_entries, refusal
from crawler.terminal import clean
from crawler.web.guard import is_known
from spiders.address import canonicalize
from spiders.feed import read_feed
from spiders.keys import parse
from spiders.sitemap import read_sitemap
from spiders.source import Source
from storage import Archive
from storage.lock import FileLock
from storage.model import Extraction, Outcome
from storage.packing import unpack
from tests.conftest import Command
from tests.crawling import ROOT, Crawls, notice
from tests.site import Page, Request, Site

HOST = "www.example.cn"
SOURCE = Source(name="cn_test", publisher="x", hosts=(HOST,), documents=("/",))


@pytest.fixture
def crawls(site: Site, archive_path: Path, sources_dir: Path, environment: dict[str, str]) -> Crawls:
    """Crawls of one site."""
    return Crawls(archive_path, sources_dir, environment, [site.host])


def read(body: str | bytes, content_type: str = "text/html") -> Extraction:
    data = body if isinstance(body, bytes) else body.encode()
    return extract(data, url=f"https://{HOST}/1.html", content_type=content_type, fetched_on=date(2024, 5, 7))


def outcome(crawls: Crawls, url: str) -> Outcome | None:
    with crawls.open() as archive:
        resource_id = archive.resource_id(url)
        assert resource_id is not None
        fetch = archive.last_answer(resource_id, archive.newest_fetch_id())
        return fetch.outcome if fetch else None


# Requests made for somebody else: CVE-2026-27696, GHSA-hm22-wg2m-35v4, GHSA-56fq-63vj-9992, CVE-2026-95656.


INWARD = (
    "http://127.0.0.2:{port}/inner",
    "//127.0.0.2:{port}/inner",
    "http:\\\\127.0.0.2:{port}/inner",
    "http://2130706434:{port}/inner",
    "http://0x7f000002:{port}/inner",
    "http://0177.0.0.2:{port}/inner",
    "http://127.2:{port}/inner",
    "http://[::ffff:127.0.0.2]:{port}/inner",
    "http://127.0.0.1:{site}@127.0.0.2:{port}/inner",
    "http://127.0.0.1:{site}\\@127.0.0.2:{port}/inner",
    "http://localhost:{port}/inner",
    "http://127。0。0。2:{port}/inner",
)
OTHER_SCHEMES = ("file", "ftp", "s3", "data", "javascript", "gopher")


def test_no_redirect_leads_inside_or_to_another_scheme(site: Site, crawls: Crawls) -> None:
    """GHSA-23j4-mw76-5v7h and GHSA-76g3-c3x4-crvx are about the schemes."""
    with Site("127.0.0.2") as inner:
        inner.pages["/inner"] = Page(notice("内部", "机密。"))
        own, other = site.host.rpartition(":")[2], inner.host.rpartition(":")[2]
        targets = [target.format(port=other, site=own) for target in INWARD]
        targets += [f"{scheme}:///etc/passwd" for scheme in OTHER_SCHEMES]
        for number, target in enumerate(targets):
            headers = {"Location": target.encode().decode("latin-1")}
            site.pages[f"/zc/t20240506_{4000 + number}.html"] = Page(status=302, headers=headers)
        urls = [f"{site.origin}/zc/t20240506_{4000 + number}.html" for number in range(len(targets))]
        crawls.source(urls=urls)
        crawls.run()
        assert inner.requests == []
        for url, target in zip(urls, targets, strict=True):
            if target.startswith(OTHER_SCHEMES):
                assert outcome(crawls, url) is Outcome.HTTP_ERROR
        with crawls.open() as archive:
            assert list(archive.documents()) == []


def test_what_was_asked_again_is_judged_again(site: Site, crawls: Crawls) -> None:
    """Filters that step aside for repeated requests let the second answer lead anywhere."""
    with Site("127.0.0.2") as inner:
        answers = [Page(status=503), Page(status=302, headers={"Location": f"{inner.origin}/inner"})]
        site.pages["/zc/t20240506_4001.html"] = lambda request: answers.pop(0) if len(answers) > 1 else answers[0]
        site.pages["/zc/t20240506_4002.html"] = Page(notice("通知", "第一条。"))
        crawls.source(urls=[f"{site.origin}/zc/t20240506_400{n}.html" for n in (1, 2)])
        crawls.run()
        assert inner.requests == []


def test_no_private_address_without_an_entry() -> None:
    loopback = Source(name="cn_test", publisher="x", hosts=("127.0.0.1",))
    assert refusal("http://127.0.0.1/", loopback, frozenset())
    assert refusal("http://127.0.0.1:81/", loopback, allow_entries(["127.0.0.1:80"]))
    assert refusal("http://127.0.0.1/", loopback, allow_entries(["127.0.0.1:80"])) is None


@pytest.mark.parametrize("scheme", OTHER_SCHEMES)
def test_no_other_scheme_is_ever_asked(scheme: str) -> None:
    assert canonicalize(f"{scheme}://{HOST}/etc/passwd") is None
    assert refusal(f"{scheme}://{HOST}/etc/passwd", SOURCE, frozenset())
    assert scheme not in settings.DOWNLOAD_HANDLERS or settings.DOWNLOAD_HANDLERS[scheme] is None


# Two readers see two hosts: GHSA-rph4-96w6-q594.


@pytest.mark.parametrize(
    "url", [f"http://{HOST}@evil.example/", f"http://evil.example\\@{HOST}/", f"http://evil.example#@{HOST}/"]
)
def test_one_address_has_one_host(url: str) -> None:
    spelled = canonicalize(url)
    assert spelled is None or not SOURCE.has_host(spelled) or refusal(url, SOURCE, frozenset())


# What is packed: CVE-2024-3572, CVE-2025-6176.


def test_packed_bodies_are_bounded(site: Site, crawls: Crawls) -> None:
    body = b"<html><p>" + b"A" * (64 << 20)
    for times in (1, 2):
        body = gzip.compress(body, 6)
        site.pages[f"/{times}.html"] = Page(body, {"Content-Encoding": ", ".join(["gzip"] * times)})
    crawls.source(urls=[f"{site.origin}/{times}.html" for times in (1, 2)])
    crawls.run()
    assert {outcome(crawls, f"{site.origin}/{times}.html") for times in (1, 2)} == {Outcome.TOO_LARGE}


def test_a_word_file_is_bounded() -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", "A" * (120 << 20))
    assert read(packed.getvalue()).failure == "broken"


# Credentials and cookies that go along: GHSA-4qqq-9vqf-3h3f, GHSA-cw9j-q3vf-hrrv, GHSA-mfjm-vh54-3f96.


def test_nothing_of_an_answer_is_sent_back(site: Site, crawls: Crawls) -> None:
    def answer(request: Request) -> Page:
        return Page(notice("通知", "第一条。"), {"Set-Cookie": "a=b; Path=/", "Referrer-Policy": "builtins.exec"})

    site.pages["/1.html"] = site.pages["/2.html"] = answer
    crawls.source(urls=[f"{site.origin}/1.html", f"{site.origin}/2.html"])
    crawls.run()
    assert len(site.requests) >= 2
    assert all({"cookie", "referer", "authorization"}.isdisjoint(request.headers) for request in site.requests)


# Names out of an answer that are called: GHSA-cwxj-rr6w-m6w7; doors into the process.


def test_no_door_and_no_policy_by_name() -> None:
    assert settings.REFERRER_POLICY == "no-referrer"
    assert not any("referer" in name for name in settings.SPIDER_MIDDLEWARES_BASE)
    assert not any("telnet" in name or "remote" in name for name in settings.EXTENSIONS_BASE)
    assert not settings.TELNETCONSOLE_ENABLED
    assert not settings.REMOTE_CONTROL_ENABLED
    assert settings.DOWNLOAD_VERIFY_CERTIFICATES


# Entities: CVE-2026-41066.


def test_entities_are_not_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("geheim")
    for entity in (f"SYSTEM '{secret.as_uri()}'", "'" + "A" * 99 + "'"):
        head = f"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e {entity}>]>"
        feed = f"{head}<rss><channel><item><title>t&e;</title><link>https://{HOST}/&e;</link></item></channel></rss>"
        sitemap = f"{head}<urlset><url><loc>https://{HOST}/&e;</loc></url></urlset>"
        for found in (
            read_feed(SOURCE, feed.encode(), url=f"https://{HOST}/", content_type=""),
            read_sitemap(SOURCE, sitemap.encode(), url=f"https://{HOST}/", content_type=""),
            read(f"{head}<html><body><p>正文 &e;</p></body></html>"),
        ):
            assert "geheim" not in repr(found)
            assert "AAAA" not in repr(found)


# Patterns over pages that take for ever: CVE-2024-1892.


@pytest.mark.parametrize(
    "bait", ["2026-", "发布时间：", "〔2026〕", "a@", "<a ", "&#", "第一条 ", "http://a.", " ", "("]
)
def test_no_bait_keeps_an_extraction(bait: str) -> None:
    page = notice("通知" + bait * 500, "第一条。", bait * (100_000 // len(bait)))
    started = time.process_time()
    read(page)
    assert time.process_time() - started < 5


# Text that acts where it is shown: CVE-2026-27645, CVE-2021-32670, CVE-2024-32651, GHSA-pwgc-w4x9-gw67.


def test_page_text_stays_text_in_a_terminal() -> None:
    shown = clean("a\x1b[2J\x1b]0;x\x07b\u202ec\r\nBcc: x\x00")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", shown)


# Names that lead out of a folder: CVE-2026-29065, CVE-2026-25527, GHSA-8757-69j2-hx56.


@pytest.mark.parametrize("name", ["../../etc/passwd", "host-..", "/etc/passwd", "a/../../b", "x\x00y", ".."])
def test_no_name_of_a_site_leads_out_of_the_folder(name: str, tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "archive.db", f"host-{name}")
    assert lock.path.parent == tmp_path / "archive.db.locks"
    assert lock.path.name not in ("", ".", "..")


def test_a_name_in_a_header_makes_no_file(site: Site, crawls: Crawls, tmp_path: Path) -> None:
    before = {path.name for path in tmp_path.parent.iterdir()}
    headers = {"Content-Disposition": 'attachment; filename="../../pwned.html"'}
    site.pages["/%2e%2e%2f%2e%2e%2fpwned.html"] = Page(notice("通知", "第一条。"), headers)
    crawls.source(urls=[f"{site.origin}/%2e%2e%2f%2e%2e%2fpwned.html"])
    crawls.run()
    assert {path.name for path in tmp_path.parent.iterdir()} == before
    assert not list(tmp_path.rglob("*pwned*"))


# A page that answers a check in the place of a document is no change of it.


def test_a_future_date_is_no_validator(site: Site, crawls: Crawls) -> None:
    ahead = datetime(2099, 1, 1, tzinfo=UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    site.pages["/1.html"] = Page(notice("通知", "第一条。"), {"Last-Modified": ahead})
    crawls.source(urls=[f"{site.origin}/1.html"])
    crawls.run()
    crawls.run()
    assert all("if-modified-since" not in request.headers for request in site.requests)


# Libraries whose older releases are in the list.


@pytest.mark.parametrize(
    ("name", "least"), [("scrapy", (2, 19)), ("lxml", (6, 1)), ("brotli", (1, 2)), ("trafilatura", (2, 3, 1))]
)
def test_libraries_are_new_enough(name: str, least: tuple[int, ...]) -> None:
    numbers = tuple(int(part) for part in re.findall(r"\d+", version(name))[:3])
    assert numbers >= least


def test_no_code_is_taken_from_data() -> None:
    """No pickle, eval or exec of ours, and no shell."""
    found = subprocess.run(
        [
            sys.executable,
            "-m",
            "ruff",
            "check",
            "--isolated",
            "--select",
            "S102,S301,S307,S506,S602,S604,S605",
            "crawler",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stdout


# Formulas in cells: CVE-2021-41270 and OWASP.


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", " =", "\u3000=", "＝", "a\n=", "a\r\n+", "a\r="])
def test_no_cell_is_a_formula(start: str) -> None:
    cell = harmless(f"{start}HYPERLINK(1)")
    assert cell[0] not in "=+-@\t\r＝＋－＠"
    for line in cell.splitlines():
        assert not re.match(r"[\s\u3000]*[=+\-@＝＋－＠]", line)


# A page elsewhere that reaches what listens on this machine: CVE-2018-5702, CVE-2025-66414.


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example"])
def test_a_foreign_name_is_none_of_ours(host: str) -> None:
    assert not is_known(host, ("127.0.0.1", "localhost"))


# Languages for looking into trees that read files: CVE-2026-35000.


def test_no_xpath_comes_from_outside() -> None:
    """A source file has CSS selectors, which become XPath 1.0; nothing that knows more is imported."""
    text = f"publisher = 'x'\nurls = 'https://{HOST}/1.html'\nkeep = \"json-doc('file:///etc/passwd')\"\n"
    assert isinstance(parse(text, Path("cn_test.toml")), tuple)
    for path in (ROOT / "crawler").rglob("*.py"):
        assert "elementpath" not in path.read_text("utf-8"), path


# Secrets that turn up where others read.


def test_no_secret_is_told_or_kept(
    site: Site, sources_dir: Path, tmp_path: Path, policytrail: Command, archive_path: Path
) -> None:
    secrets = ("geheim-cookie", "geheim-proxy", "geheim-link")
    inner = f"<a href='http://name:geheim-link@{site.host}/zc/t20240506_4002.html'>另一个通知</a>"
    site.pages["/zc/t20240506_4001.html"] = Page(
        notice("通知", "第一条。", more=inner),
        {"Set-Cookie": "session=geheim-cookie", "Authorization": "geheim-cookie"},
    )
    keys = 'publisher = "x"\ndelay = 0\ndocuments = "/zc/"\n'
    url = f'urls = "{site.url("/zc/t20240506_4001.html")}"\n'
    (sources_dir / "cn_one.toml").write_text(keys + url)
    (sources_dir / "cn_two.toml").write_text(keys + url + 'proxy = "http://name:geheim-proxy@127.0.0.1:9"\n')
    options = ["--archive", str(archive_path), "--sources", str(sources_dir)]
    said = [policytrail("crawl", "--json", *options, "--allow", site.host, "--allow", "127.0.0.1:9")]
    said += [policytrail(word, "--json", *options) for word in ("status", "changes")]
    (sources_dir / "cn_two.toml").write_text(keys + url + 'proxy = "ftp://name:geheim-proxy@127.0.0.1:9"\n')
    said.append(policytrail("sources", "--sources", str(sources_dir)))
    for each in said:
        assert not any(secret in each.stdout + each.stderr for secret in secrets), each.args
    with Archive.open(archive_path, readonly=True) as archive:
        told = [repr(fetch) for run in archive.runs() for fetch, _ in archive.chain_fetches(run.root_id)]
        kept = [archive.headers(number) for number in range(1, archive.newest_fetch_id() + 1)]
    assert len(told) >= 2
    for text in (*told, *(unpack(each).decode() for each in kept if each is not None)):
        assert not any(secret in text for secret in secrets), text
