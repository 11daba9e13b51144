"""The counters that operators read (Prometheus), in one object that is handed in.

Each is counted at the floor that decides: a refusal where it is refused, a commit in the writer.
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

_FAST = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Tally(Collector):
    """A counter for one thread alone, the loop's: counting is an addition, without a lock.

    The library's own costs as much as decoding a frame; this is for what every frame counts.

    Attributes:
        value: How many so far.
    """

    def __init__(self, name: str, documentation: str, registry: CollectorRegistry) -> None:
        self._name = name
        self._documentation = documentation
        self.value = 0
        registry.register(self)

    def inc(self, amount: int = 1) -> None:
        """Count so many more."""
        self.value += amount

    def describe(self) -> Iterable[CounterMetricFamily]:
        """What it is, for the registry."""
        return (CounterMetricFamily(self._name, self._documentation),)

    def collect(self) -> Iterable[CounterMetricFamily]:
        """How far it is."""
        return (CounterMetricFamily(self._name, self._documentation, value=self.value),)


class Metrics:
    """One node's metrics; a second node in the same process has its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        r = self.registry
        self.connections = Gauge("hubbub_connections", "Open WebSocket connections", registry=r)
        self.sign_ins = Counter("hubbub_sign_ins", "Connections that said hello", registry=r)
        self.closes = Counter("hubbub_closes", "Closed connections", ["code"], registry=r)
        self.frames_in = Tally("hubbub_frames_in", "Frames from clients", registry=r)
        self.refusals = Counter("hubbub_refusals", "Refused requests", ["code"], registry=r)
        self.committed = Counter("hubbub_messages_committed", "Durable messages", registry=r)
        self.deliveries = Tally("hubbub_deliveries", "Messages queued for a socket", registry=r)
        self.collapsed = Tally("hubbub_collapsed", "Deliveries folded into behind", registry=r)
        self.dropped = Counter("hubbub_dropped", "Told to nobody", ["reason"], registry=r)
        self.link_holes = Counter("hubbub_link_holes", "Losses between nodes", registry=r)
        self.version_gaps = Counter(
            "hubbub_version_gaps", "Nodes refused, too far apart to talk", registry=r
        )
        self.bus_failures = Counter(
            "hubbub_bus_failures", "Calls of the bus that failed", ["part"], registry=r
        )
        self.bus_lag = Gauge(
            "hubbub_bus_lag_seconds", "From this node through the bus to itself", registry=r
        )
        self.gave_up = Counter(
            "hubbub_gave_up", "Actors over their intensity", ["kind"], registry=r
        )
        self.commit_seconds = Histogram(
            "hubbub_commit_seconds", "A group commit", buckets=_FAST, registry=r
        )
        self.commit_rows = Histogram(
            "hubbub_commit_rows", "Rows in a group commit", buckets=(1, 2, 5, 10, 50, 250, 1000),
            registry=r,
        )  # fmt: skip
        self.loop_held = Counter("hubbub_loop_held_seconds", "Loop held over 100 ms", registry=r)

    def render(self) -> bytes:
        """The text exposition format, version 0.0.4."""
        return generate_latest(self.registry)


__all__ = ["Metrics", "Tally"]
