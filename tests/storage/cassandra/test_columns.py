"""What a read at a quorum repairs, on a real ring of three that tells no node what it missed."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Generator

import pytest
from cassandra import ConsistencyLevel
from tests.support.ring import Ring, running_ring

from hubbub.config.errors import StoreError
from hubbub.config.ids import ConvId
from hubbub.storage.cassandra.bridge import Bridge, Row
from hubbub.storage.cassandra.connection import Link
from hubbub.storage.cassandra.driver_bridge import connected
from hubbub.storage.cassandra.rows import ENTRY
from hubbub.storage.cassandra.schema import migrate
from hubbub.storage.cassandra.tail import read_tail

_INSERT = (
    "INSERT INTO hubbub.log (conv, bucket, seq, epoch, device, cid, sender, ts, kind, body, count,"
    " target) VALUES (?, 0, 1, 1, 'd', 1, 'u', 5, 'text', 0x77, 1, 0) USING TIMESTAMP 1"
)
_WHERE = "FROM log WHERE conv = ? AND bucket = 0 AND seq > 0"
#: Which two copies are asked depends on the log.
_LOGS = 40


@pytest.fixture(scope="module")
def forgetful() -> Generator[Ring]:
    with running_ring(3, "hinted_handoff_enabled: false\n") as ring:
        migrate(ring.options)
        yield ring


def _write_at_the_first_alone(ring: Ring, logs: list[ConvId]) -> None:
    for node in (2, 3):
        ring.signal(node, signal.SIGKILL)
    link = Link(ring.options)
    try:
        insert = link.session.prepare(_INSERT)
        insert.consistency_level = ConsistencyLevel.ONE
        for conv in logs:
            link.session.execute(insert, (conv,))
    finally:
        link.close()


async def _until_answered(bridge: Bridge, cql: str, conv: ConvId) -> list[Row]:
    async with asyncio.timeout(60):
        while True:
            try:
                return await bridge.run(cql, (conv,))
            except StoreError:
                await asyncio.sleep(0.1)


@pytest.mark.slow
async def test_a_row_that_was_read_in_part_is_no_more_than_that_and_one_read_whole_stays_so(
    forgetful: Ring,
) -> None:
    parts = [ConvId(f"part-{n}") for n in range(_LOGS)]
    wholes = [ConvId(f"whole-{n}") for n in range(_LOGS)]
    await asyncio.to_thread(_write_at_the_first_alone, forgetful, parts + wholes)
    await asyncio.to_thread(forgetful.start)
    async with connected(forgetful.options) as bridge:
        seen_in_part = [
            conv
            for conv in parts
            if await bridge.run(f"SELECT seq, epoch, count {_WHERE}", (conv,)) == [(1, 1, 1)]
        ]
        seen_whole = [
            conv for conv in wholes if (await read_tail(bridge, conv)).rows == [(1, 1, 1)]
        ]
        assert seen_in_part and seen_whole, "the first copy was asked for some"
        forgetful.signal(1, signal.SIGKILL)
        for conv in seen_in_part:
            ((*_, body),) = await _until_answered(bridge, f"SELECT epoch, body {_WHERE}", conv)
            assert body is None, "else the store could do with less"
            assert (await read_tail(bridge, conv)).rows == []
        for conv in seen_whole:
            (row,) = await _until_answered(bridge, f"SELECT {ENTRY} {_WHERE}", conv)
            assert None not in row
            assert (await read_tail(bridge, conv)).rows == [(1, 1, 1)]
