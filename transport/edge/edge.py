"""The edge of a node: all its WebSocket connections, and what they share."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from itertools import count
from typing import Final

from ...actors.ports import Nursery
from ...config.clock import Chance, Clock
from ...config.limits import Limits
from ...config.metrics import Metrics
from ...config.units import SECONDS
from ..wire.codec import CODECS
from ..wire.codes import CloseCode
from .admission import Admission
from .directory import Directory
from .handshake import Handshake
from .heartbeat import TimerWheel
from .holder import Holder
from .identity import Authenticator
from .origins import Origins
from .outbox import Lane
from .parser_pool import ParserPool
from .render import Renderer
from .shared import Census, Runtime, Shared
from .turn import Turn
from .web_socket import CLOSE_S

HEARTBEAT_S: Final = 25 * SECONDS
#: The longest time in which connections that are told to close are gone: as long as a close may
#: take, and what the wheel needs to see that it is over.
CLOSED_S: Final = CLOSE_S + 1 * SECONDS

#: The limits that a client has to know, by their names in `Limits`.
_TOLD: Final = (
    "text_chars",
    "text_bytes",
    "title_chars",
    "frame_bytes",
    "members",
    "devices",
    "page_items",
    "page_bytes",
    "watch_users",
    "watch_convs",
    "unacked",
)


class Edge:
    """Owns the connections of a node; a listener makes sockets for them.

    Attributes:
        directory: The signed-in ones, for the actors.
        tasks: Where the edge's tasks start.
    """

    def __init__(
        self,
        system: Runtime,
        nursery: Nursery,
        authenticator: Authenticator,
        directory: Directory,
        *,
        limits: Limits,
        node: str,
        incarnation: str,
        clock: Clock,
        chance: Chance,
        metrics: Metrics,
        origins: Collection[str] = (),
        max_connections: int = 18_000,
        heartbeat_s: float = HEARTBEAT_S,
        admission: Admission | None = None,
    ) -> None:
        """Prepare; connections come through the `protocol_class`.

        Args:
            directory: Where the signed-in ones are found.
            limits: `rate_per_s` of 0 lifts the rates, never the sizes.
            incarnation: New at each start, so that a session's name is never used again.
            origins: Trusted besides the Host that a request names.
            max_connections: More get 503.
            heartbeat_s: Seconds of silence before a ping.
            admission: How fast sockets are let in; None for the default.
        """
        turn = Turn(system.at_turn_end, metrics)
        numbers = count(1)
        self.directory = directory
        self.tasks = system.tasks
        self._census = Census(max_connections, metrics)
        self._wheel = TimerWheel(clock)
        self._clock = clock
        self._chance = chance
        self._shared = Shared(
            system=system,
            nursery=nursery,
            authenticator=authenticator,
            limits=limits,
            clock=clock,
            chance=chance,
            metrics=metrics,
            handshake=Handshake([codec.subprotocol for codec in CODECS], Origins(origins)),
            admission=Admission(clock) if admission is None else admission,
            census=self._census,
            wheel=self._wheel,
            pool=ParserPool(limits.frame_bytes),
            lanes={
                codec.subprotocol: Lane(Renderer(codec), turn, limits, metrics) for codec in CODECS
            },
            directory=self.directory,
            node=node,
            next_session=lambda: f"session:{node}:{incarnation}/{next(numbers)}",
            heartbeat_s=heartbeat_s,
            welcome_limits={name: getattr(limits, name) for name in _TOLD},
        )

    def __len__(self) -> int:
        """How many connections there are, signed in or not."""
        return self._census.connections

    @property
    def wants_more(self) -> bool:
        """Whether clients should be sent here: it is neither full nor going away, and one that was
        full has room for a tenth again."""
        return not self._census.full and self._census.closed is None

    @property
    def load(self) -> float:
        """How much of the room for connections is taken, from 0 to 1."""
        return self._census.load

    def protocol_class(self) -> type[Holder]:
        """The class that uvicorn's `ws=` takes."""
        shared = self._shared
        return type("EdgeHolder", (Holder,), {"__slots__": (), "shared": shared})

    def refuse(self, why: str) -> None:
        """Let nobody in any more (503)."""
        self._census.closed = why

    async def drain(self, over_s: float, code: int = CloseCode.MOVED) -> None:
        """Let nobody in, and send everybody away, spread over these seconds.

        Each client is told when; who has not gone by then is closed. Returns once all are gone,
        at the latest a close's time after the last was told to go.
        """
        self.refuse("This node is going away.")
        for holder in self._holders():
            holder.bye(self._chance.uniform(0, over_s), code, "This node is going away.")
        await self._emptied(over_s + CLOSED_S)

    async def close(self, code: int = CloseCode.RESTART) -> None:
        """Let nobody in, close all connections, and wait until they are gone."""
        self.refuse("This node is going away.")
        for holder in self._holders():
            holder.close(code, "This node is going away.")
        await self._emptied(CLOSED_S)
        for holder in self._holders():
            holder.abort()

    def _holders(self) -> Iterator[Holder]:
        for item in self._wheel:
            if isinstance(item, Holder):
                yield item

    async def _emptied(self, within_s: float) -> None:
        if self._census.connections == 0:
            return
        gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def done() -> None:
            if not gone.done():
                gone.set_result(None)

        self._census.emptied = done
        timer = self._clock.call_later(within_s, done)
        try:
            await gone
        finally:
            timer.cancel()
            self._census.emptied = None


__all__ = ["CLOSED_S", "HEARTBEAT_S", "Edge"]
