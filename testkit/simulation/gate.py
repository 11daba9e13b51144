"""What stands between a node and the world: while it is shut, nothing happens on the node.

Everything a node does begins with a call that comes through its gate: a timer, an actors' slice, an
outcome of the store, bytes of a socket, an envelope. So shutting it is SIGSTOP, and closing it for
ever is kill -9: time goes on, the node does not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ..clock import EPOCH_MS


class Gate:
    """See the module.

    Attributes:
        shut: The node is paused: what arrives waits, in order.
        dead: The node is killed: what arrives is nothing to anybody.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.shut = False
        self.dead = False
        self._loop = loop
        self._held: list[tuple[Callable[..., object], tuple[Any, ...]]] = []

    def run(self, call: Callable[..., object], *args: Any) -> None:
        """Make a call that happens on the node."""
        if self.dead:
            return
        if self.shut:
            self._held.append((call, args))
        else:
            call(*args)

    def call_soon(self, call: Callable[..., object], *args: Any) -> asyncio.Handle:
        """As the loop's; this is all that a dispatcher needs of one."""
        return self._loop.call_soon(self.run, call, *args)

    def open(self) -> None:
        """The node goes on: what waited happens, in order."""
        self.shut = False
        held, self._held = self._held, []
        for call, args in held:
            self.run(call, *args)

    def kill(self) -> None:
        """Nothing happens on this node any more."""
        self.dead = True
        self._held.clear()


class NodeTimer:
    """A timer of a NodeClock; it can be cancelled while it waits at the gate, too."""

    __slots__ = ("_call", "_handle")

    def __init__(self, clock: NodeClock, delay_s: float, call: Callable[[], object]) -> None:
        self._call: Callable[[], object] | None = call
        self._handle = clock.loop.call_later(delay_s, clock.gate.run, self._ring)

    def cancel(self) -> None:
        """Keep it from happening; harmless when it has already happened."""
        self._call = None
        self._handle.cancel()

    def _ring(self) -> None:
        call, self._call = self._call, None
        if call is not None:
            call()


class NodeClock:
    """A node's Clock: monotonic time is everybody's, the wall clock is its own.

    Attributes:
        loop, gate: What time is drawn from, and comes through.
        skew_ms: How far the wall clock is off.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, gate: Gate) -> None:
        self.loop = loop
        self.gate = gate
        self.skew_ms = 0
        self.monotonic = loop.time

    def now_ms(self) -> int:
        """See `config.clock.Clock`."""
        return EPOCH_MS + round(self.loop.time() * 1000) + self.skew_ms

    def call_later(self, delay_s: float, call: Callable[[], object]) -> NodeTimer:
        """See `config.clock.Clock`."""
        return NodeTimer(self, delay_s, call)


__all__ = ["Gate", "NodeClock", "NodeTimer"]
