"""WebSocket frames from a client's side: pure, and no more than a load needs."""

from __future__ import annotations

import os

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA

_FIN = 0x80
_MASKED = 0x80


def masked(opcode: int, payload: bytes) -> bytes:
    """A frame for the server, masked as it must be."""
    size = len(payload)
    if size < 126:
        head = bytes((_FIN | opcode, _MASKED | size))
    elif size < 1 << 16:
        head = bytes((_FIN | opcode, _MASKED | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((_FIN | opcode, _MASKED | 127)) + size.to_bytes(8, "big")
    key = os.urandom(4)
    # One operation on big numbers masks it all; a loop over bytes would cost more than the load.
    pad = key * (size // 4 + 1)
    mixed = int.from_bytes(payload, "big") ^ int.from_bytes(pad[:size], "big")
    return head + key + mixed.to_bytes(size, "big")


def split(data: bytes) -> tuple[list[tuple[int, bytes]], int]:
    """The whole frames at the front of what came from a server.

    Returns: (opcode, payload) of each, and how many bytes they took.
    """
    found: list[tuple[int, bytes]] = []
    at, end = 0, len(data)
    while end - at >= 2:
        size, body = data[at + 1], at + 2
        if size == 126:
            body = at + 4
            size = int.from_bytes(data[at + 2 : body], "big")
        elif size == 127:
            body = at + 10
            size = int.from_bytes(data[at + 2 : body], "big")
        if end < body or end < body + size:
            break
        found.append((data[at] & 0x0F, data[body : body + size]))
        at = body + size
    return found, at


__all__ = ["CLOSE", "PING", "PONG", "TEXT", "masked", "split"]
