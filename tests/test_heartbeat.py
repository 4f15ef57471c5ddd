from __future__ import annotations

import asyncio
import time

from crawler.heartbeat import BEAT_S, Heartbeat
from crawler.watch import Summary


def test_what_keeps_the_loop_is_noted_in_the_runs_under_way() -> None:
    before, meanwhile = Summary(source="cn_before"), Summary(source="cn_meanwhile")

    async def main() -> Heartbeat:
        heartbeat = Heartbeat()
        beating = asyncio.ensure_future(heartbeat.beat())
        with heartbeat.noting(before):
            await asyncio.sleep(2 * BEAT_S)
        with heartbeat.noting(meanwhile):
            await asyncio.sleep(0)
            time.sleep(10 * BEAT_S)
            await asyncio.sleep(2 * BEAT_S)
        beating.cancel()
        return heartbeat

    heartbeat = asyncio.run(main())
    assert heartbeat.longest_s >= 8 * BEAT_S
    assert meanwhile.longest_gap_s >= 8 * BEAT_S > before.longest_gap_s
