"""Word documents of 1997 to 2003: made here sector by sector, as the formats are published."""

from __future__ import annotations

import struct
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract import extract
from storage.model import Block, BlockKind, Extraction

END, FREE, TABLE_SECTOR = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
TEXT_AT = 0x600


def entry(name: str, kind: int, start: int, size: int, *, child: int = FREE, right: int = FREE) -> bytes:
    spelled = (name + "\0").encode("utf-16-le")
    head = spelled.ljust(64, b"\0") + struct.pack("<HBB", len(spelled), kind, 1)
    return (head + struct.pack("<3I", FREE, right, child)).ljust(116, b"\0") + struct.pack("<IQ", start, size)


def sectors(numbers: list[int]) -> bytes:
    return b"".join(struct.pack("<I", number) for number in numbers).ljust(512, b"\xff")


def compound(main: bytes, table: bytes, name: str = "WordDocument") -> bytes:
    """Return a compound file: sector 0 its table, 1 directory, 2 and 3 the small streams, then the document."""
    main = main.ljust(-(-max(4096, len(main)) // 512) * 512, b"\0")
    count = len(main) // 512
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<9I", 0, 1, 1, 0, 4096, 2, 1, END, 0) + struct.pack("<I", 0) + b"\xff" * 432
    small = -(-len(table) // 64)
    chain = [TABLE_SECTOR, END, END, END, *range(5, 4 + count), END]
    directory = entry("Root Entry", 5, 3, 512, child=1) + entry(name, 2, 4, len(main), right=2)
    directory += entry("0Table", 2, 0, len(table)) + bytes(128)
    return header + sectors(chain) + directory + sectors([*range(1, small), END]) + table.ljust(512, b"\0") + main


def word(*pieces: str, flags: int = 0, version: int = 0xC1) -> bytes:
    """Return a document whose text is in pieces, those of Latin letters in one byte a letter."""
    text = "".join(pieces)
    stored, places = b"", []
    for piece in pieces:
        if piece.isascii():
            places.append((TEXT_AT + len(stored)) * 2 | 0x4000_0000)
            stored += piece.encode()
        else:
            places.append(TEXT_AT + len(stored))
            stored += piece.encode("utf-16-le")
    ends = [sum(map(len, pieces[:number])) for number in range(len(pieces) + 1)]
    plc = struct.pack(f"<{len(ends)}I", *ends) + b"".join(struct.pack("<HIH", 0, place, 0) for place in places)
    table = b"\x01\x02\x00\x00\x00" + b"\x02" + struct.pack("<I", len(plc)) + plc
    fib = bytearray(TEXT_AT)
    struct.pack_into("<HH", fib, 0, 0xA5EC, version)
    struct.pack_into("<H", fib, 10, flags)
    struct.pack_into("<I", fib, 0x4C, len(text))
    struct.pack_into("<II", fib, 0x1A2, 0, len(table))
    return compound(bytes(fib) + stored, table)


def read(body: bytes) -> Extraction:
    return extract(
        body, url="http://www.example.cn/f.doc", content_type="application/msword", fetched_on=date(2024, 1, 2)
    )


def test_paragraphs_tables_and_fields_of_a_document_in_pieces() -> None:
    found = read(
        word(
            "关于开展安全检查的通知\r各县（区）：\r现将有关事项",
            "通知如下，联系 \x13 HYPERLINK mailto:a@example.cn \x14a",
            "@example.cn\x15",
            "。\r县区\x07数量\x07\x07青石县\x07\x07\x07南川县\x07一处\r二处\x07\x07附件：无\r",
        )
    )
    paragraph = BlockKind.PARAGRAPH
    assert found == Extraction(
        blocks=(
            Block(kind=paragraph, text="关于开展安全检查的通知"),
            Block(kind=paragraph, text="各县（区）："),
            Block(kind=paragraph, text="现将有关事项通知如下，联系 a@example.cn。"),
            Block(kind=BlockKind.TABLE, text="县区 | 数量\n青石县 | \n南川县 | 一处 二处"),
            Block(kind=paragraph, text="附件：无"),
        )
    )


@pytest.mark.parametrize(
    ("body", "failure"),
    [
        (word("机密", flags=0x0100), "encrypted"),
        (word("很久以前", version=0x65), "unsupported"),
        (compound(b"", b"", name="Workbook"), "unsupported"),
        (word("只有开头")[:1_500], "broken"),
        (word("\r\r"), "no_text_layer"),
    ],
    ids=["encrypted", "old", "sheets", "cut", "empty"],
)
def test_what_cannot_be_read_is_said(body: bytes, failure: str) -> None:
    assert read(body) == Extraction(failure=failure)


WHOLE = word("第一条 为了规范管理，制定本办法。\r甲\x07乙\x07\x07", "plain words\r")


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=8), st.integers(0, len(WHOLE)))
def test_whatever_the_bytes_an_answer_comes(place: int, other: bytes, end: int) -> None:
    body = WHOLE[:8] + (WHOLE[:place] + other + WHOLE[place + len(other) :])[8:end]
    found = read(body)
    assert found.failure or found.blocks
    for block in found.blocks:
        block.text.encode()
