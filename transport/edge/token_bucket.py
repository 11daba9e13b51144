"""How fast one connection may send (protocol, item 14)."""

from __future__ import annotations

import math
from typing import Final

#: A connection that was refused so many bursts' worth of frames, without a pause that would have
#: filled its bucket again, is not just too eager.
ABUSE_BURSTS: Final = 5

#: A whole token, but for rounding: who waits as told gets through.
_ONE: Final = 1 - 1e-9


class TokenBucket:
    """Tokens that refill with time; each frame takes one.

    A refused frame takes none, so a client that waits as told gets through.

    Args:
        rate_per_s: Tokens a second; 0 for no limit.
        burst: Tokens at most.
    """

    __slots__ = ("_at", "_refused", "_tokens")

    def __init__(self, burst: int) -> None:
        self._tokens = float(burst)
        self._at = 0.0
        self._refused = 0

    def take(self, now: float, rate_per_s: float, burst: int) -> int:
        """Take a token, at these monotonic seconds.

        Returns: 0 when there was one, else in how many ms there will be.
        """
        if rate_per_s <= 0:
            return 0
        tokens = self._tokens + (now - self._at) * rate_per_s
        if tokens >= burst:
            tokens = float(burst)
            self._refused = 0
        self._at = now
        if tokens >= _ONE:
            self._tokens = max(0.0, tokens - 1)
            return 0
        self._tokens = tokens
        self._refused += 1
        return math.ceil((1 - tokens) / rate_per_s * 1000)

    def is_full(self, now: float, rate_per_s: float, burst: int) -> bool:
        """Whether it is as good as new."""
        return self._tokens + (now - self._at) * rate_per_s >= burst

    def is_abused(self, burst: int) -> bool:
        """Whether far too much was refused since it was last full."""
        return self._refused > ABUSE_BURSTS * burst


__all__ = ["ABUSE_BURSTS", "TokenBucket"]
