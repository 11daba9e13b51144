"""What could not be told, mostly for want of room: a little later it is made good, and again until
there is room.

    a push       `Reread`: it is in the logs, and who missed it says how far they go
    on or off    `LookAgain`: the screen watches the people on it anew
    a watch      told again, to where its actor is by then

A device would otherwise miss the newest message until a later one shows the gap, and show somebody
who left for as long as it stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ...actors.answers import Behind, Delivery, PresenceState
from ...actors.commands import LookAgain, WatchConv, WatchUser
from ...actors.node_commands import Reread
from ...actors.runtime.system import ActorSystem
from ...config.metrics import Metrics
from ...config.units import SECONDS

#: How long a full mailbox has to get empty.
ROOM_S = 1 * SECONDS


class Unpushed:
    """See the module."""

    def __init__(
        self, system: ActorSystem, metrics: Metrics, tell: Callable[[str, Any], object]
    ) -> None:
        """Nobody missed anything.

        Args:
            metrics: Where what had no room is counted.
            tell: Tells an actor wherever it is; what has no room there is told to `missed`.
        """
        self._system = system
        self._metrics = metrics
        self._tell = tell
        #: {(name, what for): the message}: told together, a little later.
        self._later: dict[tuple[str, str], Any] = {}

    def push(self, names: Iterable[str], message: Any) -> None:
        """Tell those of these actors that live."""
        for name in self._system.tell_living(names, message):
            self._metrics.dropped.labels("mailbox_full").inc()
            self._keep((name, "heads"), Reread())

    def missed(self, name: str, message: Any) -> None:
        """This actor had no room for what it was told."""
        self._metrics.dropped.labels("mailbox_full").inc()
        match message:
            case Behind() | Delivery():
                self._keep((name, "heads"), Reread())
            case PresenceState():
                self._keep((name, "people"), LookAgain())
            case _:
                self.untold(name, message)

    def untold(self, name: str, message: Any) -> None:
        """It could not be told; whoever tells of a watch waits for no answer that would say so."""
        if isinstance(message, WatchUser | WatchConv):
            self._keep((name, message.session), message)

    def _keep(self, key: tuple[str, str], message: Any) -> None:
        if not self._later:
            self._system.after(ROOM_S, self._tell_now)
        self._later[key] = message

    def _tell_now(self) -> None:
        later, self._later = self._later, {}
        for key, message in later.items():
            if isinstance(message, WatchUser | WatchConv):
                self._tell(key[0], message)
            elif self._system.tell_living((key[0],), message):
                self._keep(key, message)


__all__ = ["ROOM_S", "Unpushed"]
