from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.errors import ArchiveError
from storage.packing import pack, pack_against, unpack
from tests.crawling import notice

PAGE = notice(
    "关于做好有关工作的通知", *(f"第{number}条　各单位应当按照第{number}号文件的要求办理。" for number in range(200))
).encode()


@settings(max_examples=50)
@given(st.binary(max_size=5_000))
def test_reads_back(data: bytes) -> None:
    assert unpack(pack(data)) == data


@settings(max_examples=50)
@given(st.binary(min_size=1, max_size=3_000), st.binary(max_size=500), st.integers(0, 3_000), st.integers(0, 500))
def test_reads_back_against_a_base(base: bytes, put: bytes, place: int, cut: int) -> None:
    data = base[:place] + put + base[place + cut :]
    packed, is_against = pack_against(data, pack(base))
    assert unpack(packed, base if is_against else None) == data


@settings(max_examples=20)
@given(st.integers(0, len(PAGE)), st.text(max_size=40))
def test_a_small_edit_is_small(place: int, put: str) -> None:
    edited = PAGE[:place] + put.encode("utf-8", "replace") + PAGE[place:]
    packed, is_against = pack_against(edited, pack(PAGE))
    assert is_against
    assert len(packed) < len(pack(edited)) / 5
    assert unpack(packed, PAGE) == edited


@settings(max_examples=50)
@given(st.binary(max_size=60))
def test_damaged_bytes_are_told(packed: bytes) -> None:
    with pytest.raises(ArchiveError, match="damaged"):
        unpack(b"\x00" + packed)


def test_a_base_may_be_too_short() -> None:
    assert pack_against(PAGE, pack(b"")) == (pack(PAGE), False)
    assert pack_against(PAGE, pack(b"ok")) == (pack(PAGE), False)


def test_what_has_nothing_in_common_stands_alone() -> None:
    noise = random.Random(1).randbytes(4_000)  # noqa: S311
    assert pack_against(noise, pack(PAGE)) == (pack(noise), False)


def test_the_window_reaches_over_a_large_base() -> None:
    base = random.Random(2).randbytes(5_000_000)  # noqa: S311
    packed, is_against = pack_against(base[:2_500_000] + b"one more" + base[2_500_000:], pack(base))
    assert is_against
    assert len(packed) < 0.2 * len(base)
    assert len(unpack(packed, base)) == 5_000_008
