"""Whether a server answers, as one part of the bus finds it.

fails  -> said once, counted; tried again after a back-off that grows, and differs from node to node
works  -> said once
"""

from __future__ import annotations

import structlog

from ...config.clock import Chance, Clock
from ...config.metrics import Metrics
from ...config.units import MILLISECONDS, SECONDS

#: The first back-off and the longest one, before chance shortens them.
SHORTEST_S = 50 * MILLISECONDS
LONGEST_S = 1 * SECONDS

log = structlog.get_logger(__name__)


class Reach:
    """See the module."""

    def __init__(
        self, part: str, place: str, clock: Clock, chance: Chance, metrics: Metrics
    ) -> None:
        """It answers, as far as anybody knows.

        Args:
            part: Of the bus, for the log and the count.
            place: Of the server, for the log.
        """
        self._part = part
        self._place = place
        self._clock = clock
        self._chance = chance
        self._metrics = metrics
        self._failures = 0
        self._until = 0.0

    @property
    def waits(self) -> bool:
        """Whether it is too early to try again."""
        return self._clock.monotonic() < self._until

    def failed(self, error: Exception) -> float:
        """It did not answer, or not as it should. Returns: for how many seconds to wait."""
        if not self._failures:
            log.warning("bus_lost", part=self._part, server=self._place, error=str(error))
        self._metrics.bus_failures.labels(self._part).inc()
        most_s = min(LONGEST_S, SHORTEST_S * 2 ** min(self._failures, 10))
        self._failures += 1
        delay_s = self._chance.uniform(most_s / 2, most_s)
        self._until = self._clock.monotonic() + delay_s
        return delay_s

    def worked(self) -> None:
        """It answered."""
        if self._failures:
            log.info("bus_back", part=self._part, server=self._place, failures=self._failures)
        self._failures = 0
        self._until = 0.0


__all__ = ["LONGEST_S", "SHORTEST_S", "Reach"]
