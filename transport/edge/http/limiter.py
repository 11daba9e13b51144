"""Token buckets in bounded memory: how often something may be tried, by address, name or device."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from math import ceil

from ....config.clock import Clock
from ....config.errors import RateLimitedError
from ....config.limits import Limits
from ....config.units import HOURS, MINUTES, SECONDS

#: Keys that one kind of bucket remembers; who comes back after so many others starts afresh.
KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and one more each `every_s` seconds."""

    burst: int
    every_s: float


#: What strangers may try. A person never meets these; a guesser does.
RATES = {
    "register address": Rate(20, 1 * MINUTES),
    "register name": Rate(5, 1 * MINUTES),
    "login address": Rate(50, 2 * SECONDS),
    "login name": Rate(10, 30 * SECONDS),
    "recover address": Rate(10, 1 * MINUTES),
    "recover name": Rate(5, 1 * HOURS / 6),
    "export": Rate(3, 10 * MINUTES),
    "invites": Rate(30, 10 * SECONDS),
    "join": Rate(20, 5 * SECONDS),
    # Wrong tokens only.
    "operator address": Rate(5, 1 * MINUTES),
    # Somebody who is not signed in; many of them may share an address.
    "nodes address": Rate(100, 1 * SECONDS / 5),
    "password": Rate(10, 30 * SECONDS),
    "users": Rate(30, 1 * SECONDS),
    # A group's worth of names at once.
    "user": Rate(200, 1 * SECONDS / 5),
}


class Buckets:
    """One kind of bucket for many keys.

    A key's bucket is one number: the time at which it will be full again. So a full one needs no
    memory, and the least recently used go first when there are too many.
    """

    def __init__(self, rate: Rate, clock: Clock, kept: int = KEPT) -> None:
        self._rate = rate
        self._clock = clock
        self._kept = kept
        #: {key: monotonic s when its bucket is full again}, least recently used first.
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, key: str) -> None:
        """Take one from the key's bucket.

        Raises:
            RateLimitedError: It is empty; `retry_ms` says when it will hold one again.
        """
        now, every_s = self._clock.monotonic(), self._rate.every_s
        full_at = max(self._full_at.get(key, now), now) + every_s
        wait_s = full_at - now - self._rate.burst * every_s
        if wait_s > 1e-6:
            self._full_at.move_to_end(key)
            raise RateLimitedError("Too often; wait a little.", retry_ms=ceil(wait_s * 1000 - 1e-3))
        self._full_at[key] = full_at
        self._full_at.move_to_end(key)
        if len(self._full_at) > self._kept:
            self._full_at.popitem(last=False)

    def give_back(self, key: str) -> None:
        """Undo one `take`: it was no guess."""
        full_at = self._full_at.get(key)
        if full_at is not None:
            self._full_at[key] = full_at - self._rate.every_s


class Limiter:
    """All the kinds of buckets of a node.

    Args:
        on: False lifts every rate (`--no-limits`).
        requests: For one signed-in device, all its requests together.
    """

    def __init__(self, clock: Clock, *, on: bool = True, requests: Rate | None = None) -> None:
        rates = dict(RATES)
        if requests is not None:
            rates["requests"] = requests
        self._buckets = {kind: Buckets(rate, clock) for kind, rate in rates.items()} if on else {}

    @classmethod
    def of(cls, limits: Limits, clock: Clock) -> Limiter:
        """With the rates of these limits: a rate of 0 lifts all of them."""
        if limits.rate_per_s <= 0:
            return cls(clock, on=False)
        return cls(clock, requests=Rate(limits.rate_burst, 1 / limits.rate_per_s))

    def take(self, kind: str, key: str) -> None:
        """See `Buckets.take`; a kind that has no rate is never refused."""
        buckets = self._buckets.get(kind)
        if buckets is not None:
            buckets.take(key)

    def give_back(self, kind: str, key: str) -> None:
        """See `Buckets.give_back`."""
        buckets = self._buckets.get(kind)
        if buckets is not None:
            buckets.give_back(key)


def address_key(host: str) -> str:
    """What stands for an address: an IPv6 host owns its whole /64, so that counts as one."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return address.packed[:8].hex()
    return str(address)


__all__ = ["KEPT", "RATES", "Buckets", "Limiter", "Rate", "address_key"]
