"""What captures are of: files as several programs make them, read for a source without an archive."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path, PurePosixPath

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.errors import CrawlFailedError
from crawler.importing.captured import placed, replayed, settled
from crawler.importing.kept import Kept
from crawler.importing.reading import Reading
from spiders.source import Source

HOST = "www.lanjiang.example"
URL = f"https://{HOST}/zc/t20240506_1.html"
AT = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE = Source(
    name="cn_test",
    publisher="A",
    lists=(f"https://{HOST}/zc/",),
    hosts=(HOST,),
    documents=(r"/t\d{8}_\d+\.html$",),
)
BODY = "<p>县人民政府决定：渡口每日开放。</p>".encode()


def record(
    writer: WARCWriter,
    url: str,
    *,
    at: str = "2024-05-06T07:30:00Z",
    body: bytes = BODY,
    kind: str = "response",
    headers: dict[str, str] | None = None,
) -> None:
    lines = [("Content-Type", "text/html; charset=utf-8"), *(headers or {}).items()]
    http = StatusAndHeaders("GET / HTTP/1.1" if kind == "request" else "200 OK", lines, protocol="HTTP/1.1")
    writer.write_record(
        writer.create_warc_record(
            url,
            kind,
            payload=io.BytesIO(body),
            length=len(body),
            http_headers=http,
            warc_headers_dict={"WARC-Date": at},
        )
    )


def warc(folder: Path, *records: Mapping[str, object], packed: bool = True) -> Path:
    path = folder / ("a.warc.gz" if packed else "a.warc")
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=packed)
        writer.write_record(writer.create_warcinfo_record("a.warc.gz", {"software": "Wget/1.21"}))
        for each in records:
            record(writer, **each)  # type: ignore[arg-type]
    return path


def read(path: Path) -> tuple[list[Kept], Reading]:
    (path.parent / "work").mkdir(exist_ok=True)
    reading = Reading(SOURCE, path.parent / "work", manifest=None, at=AT)
    return reading.all([path], lambda said: None), reading


def test_the_scheme_is_the_sources_own(tmp_path: Path) -> None:
    kept, _ = read(
        warc(tmp_path, {"url": URL.replace("https", "http")}, {"url": f"<{URL}>", "at": "2024-05-07T00:00:00.25Z"})
    )
    assert [each.url for each in kept] == [URL, URL]
    first, second = (each.load() for each in kept)
    assert first is not None and second is not None
    assert (first.url, first.body, first.detail) == (URL, BODY, f"captured as {URL.replace('https', 'http')}")
    assert second.detail == ""
    assert second.fetched_at == datetime(2024, 5, 7, 0, 0, 0, 250_000, UTC)


def test_raw_captures_of_a_replay_server_are_the_sites(tmp_path: Path) -> None:
    way = "https://web.archive.org/web/20190203040506"
    headers = {"x-archive-orig-etag": '"e1"', "Memento-Datetime": "Sun, 03 Feb 2019 04:05:06 GMT"}
    kept, reading = read(
        warc(
            tmp_path,
            {"url": f"{way}id_/{URL}", "headers": headers},
            {"url": f"{way}/{URL}"},
            {"url": f"{way}im_/{URL}"},
            {"url": f"{way}id_/https://elsewhere.example/"},
        )
    )
    assert [(each.url, each.fetched_at) for each in kept] == [(URL, datetime(2019, 2, 3, 4, 5, 6, tzinfo=UTC))]
    answer = kept[0].load()
    assert answer is not None and (answer.etag, answer.body) == ('"e1"', BODY)
    assert reading.tally.left_out == {"rewritten by a web archive": 2, "of other hosts": 1}


def test_bytes_are_as_they_were_before_their_way(tmp_path: Path) -> None:
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
    kept, _ = read(
        warc(
            tmp_path,
            {"url": URL, "kind": "request", "body": b""},
            {"url": URL, "body": chunked, "headers": {"Transfer-Encoding": "chunked"}},
            {"url": URL, "body": gzip.compress(BODY), "headers": {"Content-Encoding": "gzip"}},
            # Kept unpacked, whatever the headers say.
            {"url": URL, "headers": {"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"}},
            {"url": URL, "body": b"\x28\xb5\x2f\xfd....", "headers": {"Content-Encoding": "zstd"}},
            packed=False,
        )
    )
    answers = [each.load() for each in kept]
    assert [answer and answer.body for answer in answers] == [BODY, BODY, BODY, None]
    names = {name.lower() for answer in answers if answer for name, _ in answer.headers}
    assert names == {"content-type"}


def test_a_wacz_holds_files_beside_its_warcs(tmp_path: Path) -> None:
    inner = warc(tmp_path, {"url": URL}, {"url": "urn:pageinfo:x", "kind": "resource"})
    path = tmp_path / "crawl.wacz"
    with zipfile.ZipFile(path, "w") as packed:
        packed.write(inner, "archive/rec-1.warc.gz")
        packed.writestr("archive/../../evil.warc.gz", inner.read_bytes())
        packed.writestr("pages/pages.jsonl", '{"format": "json-pages-1.0"}\n{"url": "x", "ts": "2024"}\n')
        packed.writestr("indexes/index.cdx.gz", b"")
        packed.writestr("datapackage.json", "{}")
    kept, reading = read(path)
    assert [each.url for each in kept] == [URL, URL]
    assert not list(tmp_path.parent.glob("evil*"))
    assert reading.tally.left_out == {"no web address": 0}
    (tmp_path / "broken.wacz").write_bytes(path.read_bytes()[:300])
    with pytest.raises(CrawlFailedError, match="not readable as WACZ"):
        read(tmp_path / "broken.wacz")


@pytest.mark.parametrize("share", [0.1, 0.35, 0.6, 0.9])
def test_a_cut_file_gives_what_is_whole(tmp_path: Path, share: float) -> None:
    path = warc(tmp_path, *({"url": URL, "at": f"2024-05-0{n}T00:00:00Z", "body": BODY * n} for n in range(1, 9)))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    kept, _ = read(path)
    bodies = [answer.body for each in kept if (answer := each.load()) is not None]
    assert bodies == [BODY * n for n in range(1, len(bodies) + 1)]


@pytest.mark.parametrize("packed", [True, False])
def test_damage_costs_the_records_that_it_touches(
    tmp_path: Path, packed: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    whole_bodies = [BODY * n for n in range(1, 5)]
    records = ({"url": URL, "at": f"2024-05-0{n}T00:00:00Z", "body": body} for n, body in enumerate(whole_bodies, 1))
    path = warc(tmp_path, *records, packed=packed)
    whole = path.read_bytes()
    begins = [at for at, kind in beginnings(whole) if kind == "response"] + [len(whole)]
    size = 40
    for place in range(0, len(whole) - size, 5):
        path.write_bytes(whole[:place] + b"\0" * size + whole[place + size :])
        kept, reading = read(path)
        bodies = [answer.body for each in kept if (answer := each.load()) is not None]
        untouched = [
            body
            for body, (begin, end) in zip(whole_bodies, pairwise(begins), strict=True)
            if place + size <= begin or end <= place
        ]
        assert [body for body in bodies if body in untouched] == untouched, place
        if packed:
            # What is packed tells of itself whether it is whole.
            assert all(body in whole_bodies for body in bodies), place
            assert reading.tally.left_out["damaged"] <= 1
    assert capfd.readouterr() == ("", "")


def beginnings(whole: bytes) -> list[tuple[int, str]]:
    """Return where records begin, and of which kind."""
    iterator = ArchiveIterator(io.BytesIO(whole))
    return [(iterator.get_record_offset(), record.rec_type) for record in iterator]


@pytest.mark.parametrize("lines", range(4))
def test_a_record_that_ends_within_its_head_costs_itself_alone(tmp_path: Path, lines: int) -> None:
    path = warc(tmp_path, {"url": URL})
    head = ["WARC/1.0", "WARC-Type: response", "WARC-Date: 2024-05-07T00:00:00Z", f"WARC-Target-URI: {URL}"]
    path.write_bytes(path.read_bytes() + gzip.compress("\r\n".join(head[: lines + 1]).encode()))
    kept, _ = read(path)
    assert [answer.body for each in kept if (answer := each.load()) is not None] == [BODY]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (f"mirror/{HOST}/zc/t20240506_1.html", (URL, None)),
        (f"mirror/{HOST.upper()}/zc/t20240506_1.html", (URL, None)),
        (f"w/{HOST}/20190203040506/zc/t20240506_1.html", (URL, datetime(2019, 2, 3, 4, 5, 6, tzinfo=UTC))),
        (f"{HOST}/zc/index.html", (f"https://{HOST}/zc/", None)),
        (f"{HOST}/list.html?page=2", (f"https://{HOST}/list.html?page=2", None)),
        ("elsewhere.example/zc/t20240506_1.html", None),
        (HOST, None),
    ],
)
def test_a_file_below_a_folder_of_the_host(place: str, expected: tuple[str, datetime | None] | None) -> None:
    assert placed(PurePosixPath(place), SOURCE) == expected


def test_mirrored_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / HOST / "20190203040506" / "zc" / "t20240506_1.html"
    path.parent.mkdir(parents=True)
    path.write_bytes(BODY)
    kept, reading = read(tmp_path / HOST)
    assert [(each.url, each.fetched_at) for each in kept] == [(URL, datetime(2019, 2, 3, 4, 5, 6, tzinfo=UTC))]
    assert reading.tally.times == {"the folder": 1}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"http://replay.example/coll/20190203040506id_/{URL}", (URL, True)),
        ("https://web.archive.org/web/20190203040506/http:/a.example/b", ("http://a.example/b", False)),
        ("https://web.archive.org/web/20191303040506/http://a.example/", None),
        ("https://a.example/20190203040506/b.html", None),
        (URL, None),
    ],
)
def test_addresses_of_replay_servers(url: str, expected: tuple[str, bool] | None) -> None:
    found = replayed(url)
    assert (found and (found.url, found.raw)) == expected


def test_a_source_of_both_schemes_settles_nothing() -> None:
    both = Source(name="cn_a", publisher="A", lists=(f"https://{HOST}/a", f"http://{HOST}/b"), hosts=(HOST,))
    assert settled(f"http://{HOST}/x", both) == f"http://{HOST}/x"
    assert settled("http://other.example/x", SOURCE) == "http://other.example/x"
