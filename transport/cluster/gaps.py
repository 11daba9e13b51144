"""Nodes whose programs are too far apart to talk, as one node hears of them: said once, counted."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from ...config.metrics import Metrics
from .bus import Standing

log = structlog.get_logger(__name__)


class Gaps:
    """See the module."""

    def __init__(self, node: str, metrics: Metrics) -> None:
        """All understand each other.

        Args:
            node: This one.
        """
        self._node = node
        self._metrics = metrics
        self._refused = ""
        self._strangers: Mapping[str, int] = {}

    def refused(self, standing: Standing) -> bool:
        """Whether this node was refused; the answer also says who else was."""
        for node, speaks in standing.strangers.items():
            if self._strangers.get(node) != speaks:
                log.error("node_refused", node=self._node, stranger=node, speaks=speaks)
                self._metrics.version_gaps.inc()
        self._strangers = standing.strangers
        why = "" if standing.gap is None else str(standing.gap)
        if why and why != self._refused:
            log.error("join_refused", node=self._node, why=why)
            self._metrics.version_gaps.inc()
        self._refused = why
        return bool(why)


__all__ = ["Gaps"]
