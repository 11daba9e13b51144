"""A connection between a simulated client and a node's real edge: bytes both ways, late, in order.

    client --masked frames--> link --> Holder.data_received
    client <----- link <-- SimTransport.write <-- Outbox

A link can be cut (one side or both notice some time later), and a client that does not read fills
the buffer until the edge's back-pressure sets in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from ...transport.edge.framing import CLOSE, PING
from ...transport.edge.holder import Holder
from .chance import SeededChance
from .gate import Gate

#: The request that every client opens with.
UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: sim\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: hubbub.v1.json\r\n\r\n"
)
#: What a mask of zeros does to a payload: nothing.
_MASK = bytes(4)


class Channel(Protocol):
    """What a client speaks through: one connection to a node, simulated or not.

    Attributes:
        unsure: What was said last may have come too late, or never.
    """

    unsure: bool

    def send(self, payload: bytes, /) -> None:
        """A message to the server."""
        ...

    def leave(self) -> None:
        """Go without a word; nothing of it is heard any more."""
        ...


class Peer(Protocol):
    """The client's side of a link."""

    def opened(self, link: Link) -> None:
        """The upgrade was accepted."""
        ...

    def received(self, link: Link, payload: bytes) -> None:
        """A message."""
        ...

    def ended(self, link: Link, code: int) -> None:
        """It is over; the code of the close frame, or 1006 without one."""
        ...


class Link:
    """See the module. Latencies are drawn once for each burst; nothing overtakes.

    Attributes:
        reading: Whether the client takes what arrives.
        alive: Whether bytes still get through.
        unsure: What the client said last may never have come, since it was cut; or its hello too
            late, since it read nothing when it had not been let in yet.
        gate: The node's.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        gate: Gate,
        chance: SeededChance,
        peer: Peer,
        protocol: Holder,
        *,
        buffer_bytes: int,
        latency_s: float,
    ) -> None:
        self.reading = True
        self.alive = True
        self.unsure = False
        self._loop = loop
        self.gate = gate
        self._chance = chance
        self._peer: Peer | None = peer
        self._latency_s = latency_s
        self._down_at = 0.0
        self._up_at = 0.0
        self._unread: list[bytes] = []
        self._upgraded = False
        self._code = 1006
        self._transport = SimTransport(self, protocol, buffer_bytes)
        gate.run(protocol.connection_made, self._transport)
        self._up(protocol.data_received, UPGRADE)

    # --- the client's side ----------------------------------------------------------------------

    def send(self, payload: bytes, opcode: int = 1) -> None:
        """A message to the server."""
        size = len(payload)
        if size < 126:
            head = bytes((0x80 | opcode, 0x80 | size))
        elif size < 1 << 16:
            head = bytes((0x80 | opcode, 0x80 | 126)) + size.to_bytes(2, "big")
        else:
            head = bytes((0x80 | opcode, 0x80 | 127)) + size.to_bytes(8, "big")
        self._up(self._transport.deliver, head + _MASK + payload)

    def leave(self) -> None:
        """The client goes without a word; the server hears of it."""
        self._peer = None
        self.alive = False
        self._up_now(self._transport.lose)

    def stop_reading(self) -> None:
        """The client takes nothing of what arrives, until it reads on."""
        self.reading = False
        self.unsure = self.unsure or not self._upgraded

    def clog(self) -> None:
        """The client does not read, and whatever lies between has no room left."""
        self.stop_reading()
        self._transport.fill()

    def read_on(self) -> None:
        """The client reads again."""
        self.reading = True
        unread, self._unread = self._unread, []
        for data in unread:
            self._take(data)
        self._transport.taken(0)

    def cut(self, client_hears_s: float, server_hears_s: float) -> None:
        """The server gets nothing from now on; each side notices after so long, or by itself."""
        if self.alive:
            self.alive = False
            self.unsure = True
            self._loop.call_later(client_hears_s, self._end)
            self._loop.call_later(server_hears_s, self._up_now, self._transport.lose)

    # --- the server's side ----------------------------------------------------------------------

    def down(self, data: bytes) -> None:
        """The server wrote this."""
        self._down_at = self._later(self._down_at, self._arrived, data)

    def down_end(self) -> None:
        """The server closed the socket, or its process is gone; behind what it wrote."""
        self.alive = False
        self._down_at = self._later(self._down_at, self._end)

    # --- inside ---------------------------------------------------------------------------------

    def _later(self, after_s: float, call: Callable[..., object], *args: Any) -> float:
        now = self._loop.time()
        at = max(after_s, now + self._chance.rng.random() * self._latency_s)
        self._loop.call_at(at, call, *args)
        # Not at the same moment: timers of one moment have no order.
        return at + 1e-6

    def _up(self, call: Callable[..., object], *args: Any) -> None:
        if self.alive:
            self._up_at = self._later(self._up_at, self._came, call, *args)

    def _came(self, call: Callable[..., object], *args: Any) -> None:
        if self.alive:
            self._up_now(call, *args)

    def _up_now(self, call: Callable[..., object], *args: Any) -> None:
        self.gate.run(call, *args)

    def _arrived(self, data: bytes) -> None:
        if self._peer is None:
            return
        if self.reading:
            self._take(data)
        else:
            self._unread.append(data)

    def _take(self, data: bytes) -> None:
        self._transport.taken(len(data))
        if not self._upgraded:
            head, _, data = data.partition(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 101"):
                self._end()
                return
            self._upgraded = True
            if self._peer is not None:
                self._peer.opened(self)
        at = 0
        while at < len(data) and self._peer is not None:
            opcode, size = data[at] & 0x0F, data[at + 1]
            at += 2
            if size >= 126:
                width = 2 if size == 126 else 8
                size = int.from_bytes(data[at : at + width], "big")
                at += width
            payload = data[at : at + size]
            at += size
            if opcode == PING:
                self.send(payload, opcode=0xA)
            elif opcode == CLOSE:
                self._code = int.from_bytes(payload[:2], "big") if payload else 1005
                self.send(payload[:2], opcode=CLOSE)
            else:
                self._peer.received(self, payload)

    def _end(self) -> None:
        peer, self._peer = self._peer, None
        if peer is not None:
            peer.ended(self, self._code)


class SimTransport(asyncio.Transport):
    """What a Holder writes to and closes."""

    def __init__(self, link: Link, protocol: Holder, buffer_bytes: int) -> None:
        super().__init__()
        self._link = link
        self._protocol: Holder | None = protocol
        self._high = buffer_bytes
        self._size = 0
        self._full = False
        self._reading = True
        self._waiting = b""

    def write(self, data: Any) -> None:
        """Bytes to the client."""
        if self._protocol is None:
            return
        self._size += len(data)
        self._link.down(bytes(data))
        if self._size > self._high:
            self.fill()

    def fill(self) -> None:
        """It is full, by this or by what is not the server's."""
        if self._protocol is not None and not self._full:
            self._full = True
            self._link.gate.run(self._protocol.pause_writing)

    def taken(self, size: int) -> None:
        """The client took so many bytes."""
        self._size -= size
        if self._full and self._size <= self._high // 4:
            self._full = False
            self._link.gate.run(self._resumed)

    def _resumed(self) -> None:
        if self._protocol is not None:
            self._protocol.resume_writing()

    def deliver(self, data: bytes) -> None:
        """Bytes of the client have come."""
        if self._protocol is None:
            return
        if self._reading and not self._waiting:
            self._protocol.data_received(data)
        else:
            self._waiting += data

    def lose(self) -> None:
        """The connection is gone."""
        protocol, self._protocol = self._protocol, None
        if protocol is not None:
            protocol.connection_lost(None)

    def pause_reading(self) -> None:
        self._reading = False

    def resume_reading(self) -> None:
        self._reading = True
        self._link.gate.call_soon(self._deliver_on)

    def _deliver_on(self) -> None:
        waiting, self._waiting = self._waiting, b""
        if waiting:
            self.deliver(waiting)

    def close(self) -> None:
        self._go()

    def abort(self) -> None:
        self._go()

    def _go(self) -> None:
        self._link.gate.call_soon(self.lose)
        self._link.down_end()

    def is_closing(self) -> bool:
        return self._protocol is None

    def get_write_buffer_size(self) -> int:
        return self._size

    def can_write_eof(self) -> bool:
        return False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default


__all__ = ["UPGRADE", "Channel", "Link", "Peer", "SimTransport"]
