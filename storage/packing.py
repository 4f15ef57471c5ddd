"""How bytes lie in the archive: zstd, later bytes of a resource against its first.  Pure.

Two answers of one address differ in little. Against the first as a raw dictionary a later one takes some
hundred bytes instead of some ten thousand, and two blobs are enough to read it: there are no chains.
"""

from __future__ import annotations

import sys

from storage.errors import ArchiveError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# Three levels more take twice the time for a page, and save two bytes in a hundred.
LEVEL = 6
# Lower ones do not find a large base again.
AGAINST_LEVEL = 9
# Large bodies are few, and the better levels take seconds for them.
LARGE_BYTES = 2 * 1024 * 1024
LARGE_LEVEL = 3
WORTH_A_BASE = 0.5
SURELY_WORTH_A_BASE = 0.25
# zstd takes no shorter dictionary.
SHORTEST_BASE = 8


def pack(data: bytes) -> bytes:
    """Return data compressed on its own."""
    return zstd.compress(data, level=LEVEL if len(data) < LARGE_BYTES else LARGE_LEVEL)


def pack_against(data: bytes, packed_base: bytes) -> tuple[bytes, bool]:
    """Return data compressed, and whether against the base: alone where that would save less than half.

    packed_base: as ``pack`` made it.
    """
    base = unpack(packed_base)
    if len(base) < SHORTEST_BASE:
        return pack(data), False
    # The window must reach back over the whole base.
    options: dict[int, int] = {
        zstd.CompressionParameter.compression_level: AGAINST_LEVEL,
        zstd.CompressionParameter.window_log: max(17, min(27, (len(base) + len(data)).bit_length())),
    }
    packed = zstd.compress(data, options=options, zstd_dict=zstd.ZstdDict(base, is_raw=True))
    # Bytes that are like their base take about as much alone as it does: no need to look.
    if len(packed) * len(base) < SURELY_WORTH_A_BASE * len(packed_base) * len(data):
        return packed, True
    alone = pack(data)
    return (packed, True) if len(packed) < WORTH_A_BASE * len(alone) else (alone, False)


def unpack(packed: bytes, base: bytes | None = None) -> bytes:
    """Return what was packed; ``base`` must be the one it was packed against.

    Raises ArchiveError where the bytes are damaged.
    """
    try:
        if base is None:
            return zstd.decompress(packed)
        return zstd.decompress(packed, zstd_dict=zstd.ZstdDict(base, is_raw=True))
    except zstd.ZstdError as error:
        raise ArchiveError(f"stored bytes are damaged ({error}); bring back a copy of the archive") from error
