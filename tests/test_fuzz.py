"""The targets of bench/fuzz.py for a short while: made-up bytes, and real pages with made-up bytes in them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.fuzz import TARGETS
from tests.crawling import listing, notice

PAGES = (
    notice("关于做好有关工作的通知", "第一条。").encode(),
    notice("通知", "第一条。").encode("gbk", "replace"),
    listing("/zc/t20240506_4001.html", "/zc/index_1.html").encode(),
    b"<?xml version='1.0'?><rss><channel><item><title>a</title><link>/1.html</link></item></channel></rss>",
    b"<urlset><url><loc>https://www.example.cn/1.html</loc></url></urlset>",
    b"<sitemapindex><sitemap><loc>/1.xml.gz</loc></sitemap></sitemapindex>",
    b'{"list": [{"url": "/1.html", "title": "a"}]}',
    b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n",
    b"PK\x03\x04" + bytes(60),
)


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """Draw a page in which some bytes are others."""
    page = draw(st.sampled_from(PAGES))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(page)))
        end = draw(st.integers(start, min(len(page), start + 50)))
        page = page[:start] + draw(st.binary(max_size=30)) + page[end:]
    return bytes([draw(st.integers(0, 255))]) + page


@pytest.mark.parametrize("target", TARGETS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.one_of(st.binary(max_size=300), broken()))
def test_target(target: str, data: bytes) -> None:
    TARGETS[target](data)
