"""Token buckets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.clock import ManualClock

from hubbub.config.errors import RateLimitedError
from hubbub.config.limits import Limits
from hubbub.transport.edge.http.limiter import Buckets, Limiter, Rate, address_key


def taken(buckets: Buckets, key: str, times: int) -> int:
    """How many of so many tries were let through."""
    through = 0
    for _ in range(times):
        try:
            buckets.take(key)
            through += 1
        except RateLimitedError:
            pass
    return through


def test_a_burst_goes_through_then_one_at_a_time() -> None:
    clock = ManualClock()
    buckets = Buckets(Rate(3, 10.0), clock)
    assert taken(buckets, "a", 5) == 3
    clock.advance(9.9)
    assert taken(buckets, "a", 2) == 0
    clock.advance(0.1)
    assert taken(buckets, "a", 2) == 1
    clock.advance(1000)
    assert taken(buckets, "a", 5) == 3


def test_a_refusal_says_when_it_will_go_and_is_right() -> None:
    clock = ManualClock()
    buckets = Buckets(Rate(2, 10.0), clock)
    taken(buckets, "a", 2)
    clock.advance(4)
    with pytest.raises(RateLimitedError) as refused:
        buckets.take("a")
    assert refused.value.retry_ms == 6000
    clock.advance(6)
    buckets.take("a")


def test_keys_do_not_share() -> None:
    buckets = Buckets(Rate(1, 10.0), ManualClock())
    assert taken(buckets, "a", 2) + taken(buckets, "b", 2) == 2


def test_what_was_given_back_can_be_taken_again() -> None:
    buckets = Buckets(Rate(1, 10.0), ManualClock())
    buckets.take("a")
    buckets.give_back("a")
    buckets.give_back("nobody")
    assert taken(buckets, "a", 2) == 1


def test_memory_is_bounded_and_the_least_recently_used_goes_first() -> None:
    buckets = Buckets(Rate(1, 10.0), ManualClock(), kept=3)
    for key in "abc":
        buckets.take(key)
    assert taken(buckets, "a", 1) == 0
    buckets.take("d")
    assert len(buckets) == 3
    assert taken(buckets, "a", 1) == 0
    assert taken(buckets, "b", 1) == 1


@given(st.lists(st.floats(0, 30), max_size=60), st.integers(1, 5), st.floats(0.5, 10))
def test_never_more_than_the_rate_allows(gaps: list[float], burst: int, every_s: float) -> None:
    clock = ManualClock()
    buckets = Buckets(Rate(burst, every_s), clock)
    through: list[float] = []
    for gap in gaps:
        clock.advance(gap)
        if taken(buckets, "a", 1):
            through.append(clock.monotonic())
    for n, start in enumerate(through):
        for m in range(n, len(through)):
            allowed = burst + (through[m] - start) / every_s
            assert m - n + 1 <= allowed + 1e-3


def test_a_limiter_that_is_off_refuses_nothing() -> None:
    limiter = Limiter(ManualClock(), on=False, requests=Rate(1, 1.0))
    for _ in range(100):
        limiter.take("login name", "ada")
        limiter.take("requests", "device")
    limiter.give_back("login name", "ada")


def test_a_limiter_holds_each_kind_apart_and_knows_only_its_kinds() -> None:
    limiter = Limiter(ManualClock(), requests=Rate(1, 1.0))
    limiter.take("requests", "a")
    with pytest.raises(RateLimitedError):
        limiter.take("requests", "a")
    limiter.take("login name", "a")
    limiter.give_back("login name", "a")
    limiter.take("nothing of the kind", "a")


def test_the_rates_of_no_limits_are_none() -> None:
    off = Limiter.of(Limits(rate_per_s=0), ManualClock())
    on = Limiter.of(Limits(rate_per_s=20, rate_burst=2), ManualClock())
    for _ in range(50):
        off.take("requests", "device")
    on.take("requests", "device")
    on.take("requests", "device")
    with pytest.raises(RateLimitedError) as refused:
        on.take("requests", "device")
    assert refused.value.retry_ms == 50


def test_an_ipv6_hosts_addresses_count_as_one() -> None:
    assert address_key("2001:db8:1:2::1") == address_key("2001:db8:1:2:ffff::9")
    assert address_key("2001:db8:1:2::1") != address_key("2001:db8:1:3::1")
    assert address_key("::ffff:192.0.2.1") == address_key("192.0.2.1")
    assert address_key("192.0.2.1") != address_key("192.0.2.2")
    assert address_key("") == ""
