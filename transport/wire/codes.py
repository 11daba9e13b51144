"""Close codes, and what a client does on each (protocol, item 13)."""

from __future__ import annotations

from enum import IntEnum


class CloseCode(IntEnum):
    """Why a connection ends. A comment beside each says what the client does."""

    NORMAL = 1000
    """The client's own wish."""

    GOING_AWAY = 1001
    """The server or the page goes: reconnect."""

    PROTOCOL_ERROR = 1002
    """Bytes that are no WebSocket: stop."""

    INVALID_DATA = 1007
    """A text message that is not UTF-8: stop; the offending send is marked failed."""

    TOO_BIG = 1009
    """A message over the limit: the offending send is marked failed; stop."""

    GAVE_UP = 1011
    """The server could not keep the session up: retry with back-off."""

    RESTART = 1012
    """The server restarts: retry with jitter."""

    BAD_FRAME = 4400
    """A message that is no frame, or a first frame that is no hello: stop."""

    UNAUTHENTICATED = 4401
    """The token is not, or no longer, good: refresh it and retry."""

    FORBIDDEN = 4403
    """Banned, or the device is revoked: stop."""

    NO_HELLO = 4408
    """No hello in time: retry."""

    REPLACED = 4409
    """Another instance of the same device took over: stop until the user acts."""

    RATE = 4429
    """Far too many frames: wait, then retry."""

    MOVED = 4503
    """This node is drained, or the user's home moved: another node, with jitter."""

    STUCK = 4508
    """What was sent was not read: retry and sync."""


__all__ = ["CloseCode"]
