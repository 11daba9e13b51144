"""How a node goes in order: its shards to the other nodes, its clients after them.

    drain -> the others hear it: it leaves discovery, and its shards are handed over
          -> no new sockets; `bye` to the clients, each at a time of its own
          -> all are gone, everything is handed over -> the tree may stop: flush, leave

Both begin at once, so who is sent away finds the new home where it is, instead of moving twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, Protocol

import structlog

from ..config.errors import BadRequestError
from ..config.units import HOURS, SECONDS
from ..transport.edge.http.operator_door import Leaving
from .control import Command

#: The longest that a node which is told to stop, and not to drain, takes to send clients away.
SHORT_S = 5 * SECONDS
#: The longest that clients are sent away over.
MOST_S = 1 * HOURS

log = structlog.get_logger(__name__)


class Clients(Protocol):
    """Those who are connected to a node: its edge."""

    async def drain(self, over_s: float) -> None:
        """Let nobody in (503), and send everybody away, spread over these seconds. The port stays
        open: a balancer asks there whether it may send somebody, and requests are answered."""
        ...


class Owner(Protocol):
    """What a node owns: its cluster."""

    async def drain(self) -> None:
        """Let the other nodes have it; returns once they may."""
        ...


async def drain(owner: Owner, clients: Clients, over_s: float) -> None:
    """Take leave of everybody; nothing that was acknowledged is lost, and nothing is done twice.

    Args:
        over_s: Seconds over which the clients are sent away, evenly, so that they do not all arrive
            elsewhere at once.
    """
    log.info("drain_began", over_s=over_s)
    await asyncio.gather(owner.drain(), clients.drain(over_s))
    log.info("drain_done")


class Departure:
    """An operator's order that the node go; the first one holds.

    Attributes:
        ordered: Done once the order is given, with the seconds over which clients are sent away.
    """

    def __init__(self, node: str, over_s: float, connections: Callable[[], int]) -> None:
        """Nobody has ordered it yet.

        Args:
            over_s: What holds where an order names no seconds.
            connections: How many there are now.
        """
        self.ordered: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._node = node
        self._over_s = over_s
        self._connections = connections

    def order(self, node: str, over_s: float | None) -> Leaving:
        """Let the node go, which has to be the one of this name.

        Raises:
            BadRequestError: It is another one.
        """
        if node != self._node:
            raise BadRequestError(f"This is node {self._node}, not {node}.")
        if not self.ordered.done():
            self.ordered.set_result(self._over_s if over_s is None else over_s)
        return Leaving(node, self._connections(), self.ordered.result())


def drain_command(departure: Departure) -> Command:
    """What the control socket offers as "drain"; `over_s` may be left out."""

    async def order(args: Mapping[str, str]) -> dict[str, Any]:
        try:
            over_s = float(args["over_s"]) if "over_s" in args else None
        except ValueError:
            raise BadRequestError("The seconds are a number.") from None
        if over_s is not None and not 0 <= over_s <= MOST_S:
            raise BadRequestError(f"The seconds are 0 to {MOST_S:g}.")
        return asdict(departure.order(args.get("node", ""), over_s))

    return order


__all__ = ["MOST_S", "SHORT_S", "Clients", "Departure", "Owner", "drain", "drain_command"]
