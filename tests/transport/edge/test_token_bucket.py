"""How fast one connection may send."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

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
