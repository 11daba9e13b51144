"""What the runtime and the supervisors count, as metrics: read when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ..actors.runtime.system import ActorSystem


class RuntimeMetrics(Collector):
    """The counters of one actor system.

    Args:
        living: {kind of children: how many there are now}; called at each reading.
    """

    def __init__(self, system: ActorSystem, living: Mapping[str, Callable[[], int]]) -> None:
        self._system = system
        self._living = living

    def collect(self) -> Iterator[Metric]:
        """Everything, as of now."""
        system, counts = self._system, self._system.counts
        yield _by("kind", "hubbub_actor_crashes", "Crashed actors", counts.crashes)
        yield _by("kind", "hubbub_restarts", "Children started again", counts.restarts)
        dead = {str(reason): times for reason, times in system.dead_letters.counts.items()}
        yield _by("reason", "hubbub_dead_letters", "Messages nobody took", dead)
        killed = "Actors ended by force"
        yield CounterMetricFamily("hubbub_actors_killed", killed, value=counts.killed)
        full = "Messages refused by a full mailbox"
        yield CounterMetricFamily("hubbub_mailbox_full", full, value=counts.full)
        peaks = GaugeMetricFamily("hubbub_mailbox_peak", "Most that waited", labels=["kind"])
        for kind, most in counts.peaks.items():
            peaks.add_metric([kind], most)
        yield peaks
        gauge = GaugeMetricFamily("hubbub_actors", "Living actors", labels=["kind"])
        for kind, count in self._living.items():
            gauge.add_metric([kind], count())
        yield gauge


def _by(label: str, name: str, text: str, counts: Mapping[str, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, text, labels=[label])
    for value, times in counts.items():
        family.add_metric([value], times)
    return family


__all__ = ["RuntimeMetrics"]
