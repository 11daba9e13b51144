"""Awaitables over callbacks."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.clock import ManualClock

from hubbub.actors.waiting import append, pause
from hubbub.config.errors import SeqMismatchError
from hubbub.config.ids import ConvId, shard_of
from hubbub.storage.memory import MemoryStore
from hubbub.storage.records import Entry


async def test_an_append_is_awaited_and_its_error_raised() -> None:
    store = MemoryStore()
    await store.open()
    conv = ConvId("g_x")
    epoch = await store.claim(shard_of(conv))
    entry = Entry(1, epoch, "v", 1, "u", 1, "text", b"x", 1)
    await append(store, conv, epoch, [entry])
    assert await store.head(conv) == (1, 1)
    with pytest.raises(SeqMismatchError):
        await append(store, conv, epoch, [entry])
    await store.close()


async def test_a_pause_lasts_as_long_as_the_clock_says_and_leaves_no_timer() -> None:
    clock = ManualClock()
    paused = asyncio.gather(pause(clock, 2))
    await asyncio.sleep(0)
    clock.advance(1.9)
    assert not paused.done()
    clock.advance(0.2)
    await paused
    cut_short = asyncio.gather(pause(clock, 2))
    await asyncio.sleep(0)
    cut_short.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cut_short
    assert clock.pending == 0


async def test_a_pause_that_is_cancelled_in_the_pass_in_which_it_ends_is_cancelled() -> None:
    clock = ManualClock()
    task = asyncio.gather(pause(clock, 2))
    await asyncio.sleep(0)
    task.cancel()
    clock.advance(2)
    with pytest.raises(asyncio.CancelledError):
        await task
