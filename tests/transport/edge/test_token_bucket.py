"""How fast one connection may send."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.clock import ManualClock
from tests.support.edge import CONV, bed, passes, watch_frame
from websockets.exceptions import ConnectionClosedError

from hubbub.config.limits import Limits
from hubbub.transport.edge.token_bucket import ABUSE_BURSTS, TokenBucket

RATE, BURST = 20.0, 40


def take(bucket: TokenBucket, now: float) -> int:
    return bucket.take(now, RATE, BURST)


def test_a_burst_goes_through_and_then_the_rate() -> None:
    bucket = TokenBucket(BURST)
    assert [take(bucket, 100.0) for _ in range(BURST)] == [0] * BURST
    assert take(bucket, 100.0) == 50
    assert take(bucket, 100.025) == 25
    assert take(bucket, 100.05) == 0
    assert take(bucket, 100.05) == 50


def test_a_pause_fills_it_no_further_than_a_burst() -> None:
    bucket = TokenBucket(BURST)
    assert all(take(bucket, 1.0) == 0 for _ in range(BURST))
    assert all(take(bucket, 1000.0) == 0 for _ in range(BURST))
    assert take(bucket, 1000.0) > 0


def test_no_rate_is_no_limit() -> None:
    bucket = TokenBucket(BURST)
    assert all(bucket.take(0.0, 0, BURST) == 0 for _ in range(1000))
    assert not bucket.is_abused(BURST)


def test_who_goes_on_regardless_abuses_it() -> None:
    bucket = TokenBucket(BURST)
    for _ in range(BURST + ABUSE_BURSTS * BURST):
        take(bucket, 5.0)
    assert not bucket.is_abused(BURST)
    take(bucket, 5.0)
    assert bucket.is_abused(BURST)


def test_a_pause_that_fills_it_forgives() -> None:
    bucket = TokenBucket(BURST)
    for _ in range(BURST + ABUSE_BURSTS * BURST + 1):
        take(bucket, 5.0)
    take(bucket, 5.0 + BURST / RATE)
    assert not bucket.is_abused(BURST)


def test_after_a_pause_it_is_as_good_as_new() -> None:
    bucket = TokenBucket(BURST)
    take(bucket, 5.0)
    assert not bucket.is_full(5.0, RATE, BURST)
    assert bucket.is_full(5.0 + 1 / RATE, RATE, BURST)


@given(st.lists(st.floats(0, 2), max_size=200))
def test_no_more_get_through_than_burst_and_rate_allow(pauses: list[float]) -> None:
    bucket = TokenBucket(BURST)
    now = start = 50.0
    through = 0
    for pause in pauses:
        now += pause
        through += take(bucket, now) == 0
    assert through <= BURST + RATE * (now - start) + 1


@given(st.floats(0.001, 2))
def test_who_waits_as_told_gets_through(at: float) -> None:
    bucket = TokenBucket(BURST)
    for _ in range(BURST):
        take(bucket, 1.0)
    while (wait_ms := take(bucket, 1.0 + at)) == 0:
        pass
    assert take(bucket, 1.0 + at + wait_ms / 1000) == 0


# --- on a connection -----------------------------------------------------------------------------


async def test_over_the_rate_a_request_is_told_when_to_come_again() -> None:
    limits = Limits(rate_per_s=10, rate_burst=5)
    async with bed(limits=limits, virtual=True) as it, it.client() as client:
        for n in range(7):
            await client.send(watch_frame(n))
        answers = [await client.get() for _ in range(7)]
        assert [a["t"] for a in answers] == ["ok"] * 5 + ["err"] * 2
        assert answers[5]["code"] == "rate_limited"
        assert answers[5]["retry"] == 100
        cast(ManualClock, it.clock).advance(0.1)
        await client.send(watch_frame(9))
        assert (await client.get())["t"] == "ok"


async def test_each_frame_of_a_batch_counts() -> None:
    limits = Limits(rate_per_s=10, rate_burst=5)
    async with bed(limits=limits, virtual=True) as it, it.client() as client:
        await client.send(*(watch_frame(n) for n in range(8)))
        answers = [await client.get() for _ in range(8)]
        assert sorted(a["t"] for a in answers) == ["err"] * 3 + ["ok"] * 5


async def test_over_the_rate_notices_are_dropped_in_silence() -> None:
    limits = Limits(rate_per_s=10, rate_burst=2)
    async with bed(limits=limits, virtual=True) as it, it.client() as client:
        for n in range(5):
            await client.send({"t": "read", "c": CONV, "s": n})
        await client.send(watch_frame(1))
        assert (await client.get())["code"] == "rate_limited"
        assert len(it.told) == 2


@pytest.mark.parametrize("kind", ["frames", "pings", "broken"])
async def test_sustained_abuse_is_closed(kind: str) -> None:
    limits = Limits(rate_per_s=10, rate_burst=5)
    async with bed(limits=limits, virtual=True) as it, it.client() as client:
        with suppress(ConnectionClosedError):
            for n in range(200):
                if kind == "pings":
                    await client.socket.ping()
                else:
                    await client.send({"t": "ping"} if kind == "frames" else {"t": "x", "id": n})
        assert await client.closed() == 4429


async def test_an_idle_connection_keeps_no_bucket() -> None:
    async with bed(limits=Limits(), virtual=True) as it, it.client() as client:
        await client.send({"t": "ping"})
        await client.get()
        device: Any = it.connection
        assert device._bucket is not None
        await passes(it, 26)
        assert device._bucket is None


async def test_without_rates_nothing_is_too_fast() -> None:
    async with bed(limits=Limits(rate_per_s=0, rate_burst=1)) as it, it.client() as client:
        await client.send(*({"t": "ping"} for _ in range(500)))
        for _ in range(500):
            assert await client.get() == {"t": "pong"}
        assert it.told == []
