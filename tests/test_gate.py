from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.errors import CrawlFailedError
from crawler.gate import allow_entries, is_public, refusal
from spiders.source import Source
from storage.model import Outcome
from tests.crawling import DOCUMENTS, Crawls, listing, notice, rows
from tests.site import Page, Site


def source(*hosts: str) -> Source:
    return Source(name="cn_test", publisher="x", hosts=hosts)


PRIVATE = [
    "127.0.0.1", "127.255.255.254", "0.1.2.3", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254",
    "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.1", "192.0.2.1", "198.18.0.1",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "100::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:7f00:1", "::127.0.0.1", "2002:7f00:1::", "2002:a00:1::1",
    "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b:1::a00:1", "2001:0:53aa:64c::80ff:fffe", "fec0::1",
    "", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "1.2.3", "not an address",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_special_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "114.114.114.114", "2400:3200::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


INNER = st.one_of(
    *(
        st.integers(int(net.network_address), int(net.broadcast_address)).map(ipaddress.IPv4Address)
        for net in map(
            ipaddress.IPv4Network, ("10.0.0.0/8", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16")
        )
    )
)


@settings(max_examples=50)
@given(INNER)
@example(ipaddress.IPv4Address("127.0.0.1"))
def test_no_spelling_of_an_inner_address_is_public(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    low = f"{number >> 16:x}:{number & 0xFFFF:x}"
    for spelling in (
        str(address), f"::ffff:{address}", f"::ffff:{low}", f"::{low}", f"64:ff9b::{low}", f"2002:{low}::1",
        str(number), hex(number), oct(number), ".".join(f"0{int(part):o}" for part in str(address).split(".")),
    ):  # fmt: skip
        assert not is_public(spelling), spelling
        for url in (f"http://{spelling}/", f"http://[{spelling}]/"):
            assert refusal(url, source("www.example.cn"), frozenset()) is not None


@settings(max_examples=50)
@given(INNER, st.integers(1, 65535))
def test_only_the_port_that_was_named_is_allowed(address: ipaddress.IPv4Address, port: int) -> None:
    allowed = allow_entries([f"{address}:8000"])
    hosts = source(str(address), f"{address}:8000", f"{address}:{port}")
    assert refusal(f"http://{address}:8000/x", hosts, allowed) is None
    assert (refusal(f"http://{address}:{port}/x", hosts, allowed) is None) == (port == 8000)


@pytest.mark.parametrize(
    "url",
    [
        "http://user@www.example.cn/",
        "http://user:secret@www.example.cn/",
        "http://@www.example.cn/",
        "http://www.example.cn@evil.example/",
        "https://evil.example/www.example.cn/",
        "https://www.example.cn.evil.example/",
        "https://evilwww.example.cn/",
        "http://www.example.cn:8080/",
        "http://www.example.cn:22/",
        "http://www.example.cn:99999/",
        "http://www.example.cn:x/",
        "file:///etc/passwd",
        "ftp://www.example.cn/",
        "data:text/html,x",
        "javascript:alert(1)",
        "gopher://www.example.cn/",
        "//www.example.cn/",
        "http:///x",
        "http://[::1",
        "http://www.example.cn\\@evil.example/",
        "https://evil.example\\.www.example.cn/",
        "https://www.example.cn/" + "a" * 2_000,
        "",
    ],
)
def test_refused(url: str) -> None:
    assert refusal(url, source("www.example.cn"), frozenset()) is not None


@pytest.mark.parametrize(
    "url",
    [
        "https://www.example.cn/a?b=c",
        "http://WWW.EXAMPLE.CN/",
        "http://www.example.cn:80/",
        "https://www.example.cn:443/",
    ],
)
def test_may_be_asked(url: str) -> None:
    assert refusal(url, source("www.example.cn"), frozenset()) is None


@settings(max_examples=50)
@given(st.text(max_size=60))
def test_any_text_is_judged(text: str) -> None:
    for url in (text, f"http://{text}", f"http://www.example.cn{text}"):
        why = refusal(url, source("www.example.cn"), frozenset())
        assert why is None or "\n" not in why.replace(text, "")


@pytest.mark.parametrize(
    "entry", ["", "127.0.0.1", ":80", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:99999", "h:8o", "*:²"]
)
def test_a_bad_allow_entry(entry: str) -> None:
    with pytest.raises(CrawlFailedError, match="HOST:PORT"):
        allow_entries([entry])


def test_allow_entries() -> None:
    found = allow_entries([" Site.Example:8000 ", "[::1]:80", "127.0.0.1:8000"])
    assert found == {("site.example", 8000), ("::1", 80), ("127.0.0.1", 8000)}


# -- in a crawl ----------------------------------------------------------------------------------------


@pytest.fixture
def crawls(site: Site, archive_path: Path, sources_dir: Path, environment: dict[str, str]) -> Crawls:
    return Crawls(archive_path, sources_dir, environment, [site.host])


DOCUMENT = "/zc/t20240506_4001.html"


def test_without_an_allow_entry_nothing_private_is_asked(site: Site, crawls: Crawls) -> None:
    site.pages["/zc/list.html"] = Page(listing(DOCUMENT))
    site.pages[DOCUMENT] = Page(notice("通知", "正文。"))
    crawls.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS)
    crawls.allow = []
    (summary,) = crawls.run()
    assert summary["end"] == "failed"
    assert "\n" not in summary["problem"]
    crawls.allow = ["127.0.0.1:1"]
    assert crawls.run()[0]["end"] == "failed"
    assert site.requests == []


def test_redirects_to_other_hosts_are_recorded_and_not_followed(site: Site, crawls: Crawls) -> None:
    with Site("127.0.0.2") as inner, Site() as port:
        for other in (inner, port):
            other.pages["/"] = Page(notice("内网", "内网的内容。"))
            other.pages[DOCUMENT] = Page(notice("内网", "内网的内容。"))
            other.pages["/robots.txt"] = Page("", {"Content-Type": "text/plain"})
        number = site.host.partition(":")[2]
        targets = [
            inner.url(DOCUMENT), port.url(DOCUMENT), "http://foreign.invalid" + DOCUMENT, "file:///etc/passwd",
            f"http://user@{site.host}{DOCUMENT}", f"http://2130706433:{number}{DOCUMENT}", f"http://0x7f.1:{number}/",
            f"http://[::ffff:127.0.0.1]:{number}{DOCUMENT}", "//127.0.0.2" + DOCUMENT, "javascript:alert(1)",
            "http://", "",
        ]  # fmt: skip
        paths = [f"/zc/t20240506_{4100 + place}.html" for place in range(len(targets))]
        site.pages["/zc/list.html"] = Page(listing(DOCUMENT, *paths))
        site.pages[DOCUMENT] = Page(notice("通知", "正文。"))
        for path, target in zip(paths, targets, strict=True):
            site.pages[path] = Page(status=302, headers={"Location": target})
        crawls.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS)
        (summary,) = crawls.run()
        assert summary["end"] == "finished"
        assert (inner.requests, port.requests) == ([], [])
        with crawls.open() as archive:
            assert [document.url for document in archive.documents()] == [site.url(DOCUMENT)]
            for path in paths:
                place = archive.resource_id(site.url(path))
                assert place is not None
                fetch = archive.last_answer(place, 10_000)
                assert fetch is not None
                assert fetch.status == 302
                assert fetch.outcome is not Outcome.OK
        urls = {row[1] for row in rows(crawls.archive, "resource")["resource"]}
        assert all(url.startswith(site.origin + "/") for url in urls)


def test_links_to_other_hosts_are_not_asked(site: Site, crawls: Crawls) -> None:
    with Site("127.0.0.2") as inner:
        site.pages["/robots.txt"] = Page(status=302, headers={"Location": inner.url("/robots.txt")})
        links = f"<a href='{inner.url(DOCUMENT)}'>附件：1.pdf</a><a href='{inner.url('/1.pdf')}'>附件：1.pdf</a>"
        site.pages["/zc/list.html"] = Page(listing(DOCUMENT, inner.url(DOCUMENT)))
        head = f"<link rel='canonical' href='{inner.url(DOCUMENT)}'>"
        head += f"<meta http-equiv='refresh' content='1;{inner.url('/')}'>"
        site.pages[DOCUMENT] = Page(notice("通知", "正文。", more=links, head=head))
        crawls.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS, follow=True)
        (summary,) = crawls.run()
        assert summary["end"] == "finished"
        assert inner.requests == []


def test_hosts_that_a_source_names_still_need_an_allow_entry(site: Site, crawls: Crawls) -> None:
    with Site("127.0.0.2") as inner:
        inner.pages["/1.pdf"] = Page(b"%PDF-1.4")
        inner.pages["/robots.txt"] = Page("", {"Content-Type": "text/plain"})
        site.pages["/zc/list.html"] = Page(listing(DOCUMENT))
        site.pages[DOCUMENT] = Page(notice("通知", "正文。", more=f"<a href='{inner.url('/1.pdf')}'>附件：1.pdf</a>"))
        crawls.source(lists=[site.url("/zc/list.html")], documents=DOCUMENTS, hosts=[inner.host])
        assert crawls.run()[0]["end"] == "finished"
        assert inner.requests == []
        with crawls.open() as archive:
            place = archive.resource_id(inner.url("/1.pdf"))
            assert place is not None
            fetch = archive.last_answer(place, 10_000)
            assert fetch is not None
            assert (fetch.status, fetch.outcome) == (None, Outcome.REFUSED_BY_GATE)


def test_other_peoples_sites_are_not_asked_without_a_contact(crawls: Crawls) -> None:
    crawls.source(urls=["https://www.example.invalid/notice.html"])
    (summary,) = crawls.run()
    assert summary["end"] is None
    assert "POLICYTRAIL_CONTACT" in summary["problem"]
    assert not crawls.archive.exists()
