"""How a node stands in its cluster, as metrics: read when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ..transport.cluster.views import View


class Seen(Protocol):
    """A cluster, seen from one of its nodes."""

    @property
    def view(self) -> View | None: ...
    @property
    def owned(self) -> frozenset[int]: ...
    @property
    def lag_s(self) -> float: ...


class ClusterMetrics(Collector):
    """The gauges of one node.

    Args:
        cluster: The one of now; None before the node has started.
    """

    def __init__(self, cluster: Callable[[], Seen | None]) -> None:
        self._cluster = cluster

    def collect(self) -> Iterator[Metric]:
        """Everything, as of now."""
        cluster = self._cluster()
        if cluster is None:
            return
        members = () if cluster.view is None else cluster.view.members
        yield GaugeMetricFamily(
            "hubbub_members", "Nodes in this one's view; 0 while it is in none", value=len(members)
        )
        yield GaugeMetricFamily(
            "hubbub_shards_owned", "Shards under an epoch of this node", value=len(cluster.owned)
        )
        yield GaugeMetricFamily(
            "hubbub_renewal_seconds",
            "How long the last renewal of the lease took",
            value=cluster.lag_s,
        )


__all__ = ["ClusterMetrics", "Seen"]
