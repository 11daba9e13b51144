"""WebSocket frames from a server, written by hand: unmasked, whole, never compressed.

What goes to many sockets is framed once and kept; the library frames one message for one socket.
"""

from __future__ import annotations

TEXT = 0x1
BINARY = 0x2
CLOSE = 0x8
PING = 0x9

#: A reason has to fit a control frame: 125 bytes less the code.
_REASON_BYTES = 123


def framed(payload: bytes, opcode: int) -> bytes:
    """The one frame that holds this payload."""
    return header(len(payload), opcode) + payload


def header(size: int, opcode: int) -> bytes:
    """What stands before a payload of so many bytes."""
    if size < 126:
        return bytes((0x80 | opcode, size))
    if size < 1 << 16:
        return bytes((0x80 | opcode, 126)) + size.to_bytes(2, "big")
    return bytes((0x80 | opcode, 127)) + size.to_bytes(8, "big")


def close_frame(code: int, reason: str) -> bytes:
    """A close frame; a reason that is too long is cut at a character."""
    text = reason.encode()[:_REASON_BYTES].decode(errors="ignore").encode()
    return framed(code.to_bytes(2, "big") + text, CLOSE)


#: A ping without a payload.
PING_FRAME = framed(b"", PING)

__all__ = ["BINARY", "CLOSE", "PING", "PING_FRAME", "TEXT", "close_frame", "framed", "header"]
