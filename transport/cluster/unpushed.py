"""Those whose mailboxes had no room for what was pushed to them: they look into the logs instead.

    no room -> its name is kept -> a little later `Reread`, and again, until there is room

A device would otherwise miss the newest message until a later one shows the gap.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...actors.node_commands import Reread
from ...actors.runtime.system import ActorSystem
from ...config.metrics import Metrics
from ...config.units import SECONDS

#: How long a full mailbox has to get empty.
ROOM_S = 1 * SECONDS


class Unpushed:
    """See the module."""

    def __init__(self, system: ActorSystem, metrics: Metrics) -> None:
        """Nobody missed anything.

        Args:
            metrics: Where what had no room is counted.
        """
        self._system = system
        self._metrics = metrics
        self._names: dict[str, None] = {}

    def push(self, names: Iterable[str], message: Any) -> None:
        """Tell those of these actors that live."""
        full = self._system.tell_living(names, message)
        if full:
            self._metrics.dropped.labels("mailbox_full").inc(len(full))
            self.missed(full)

    def missed(self, names: Iterable[str]) -> None:
        """These had no room for it."""
        if not self._names:
            self._system.after(ROOM_S, self._tell)
        self._names.update(dict.fromkeys(names))

    def _tell(self) -> None:
        names, self._names = self._names, {}
        full = self._system.tell_living(names, Reread())
        if full:
            self.missed(full)


__all__ = ["ROOM_S", "Unpushed"]
