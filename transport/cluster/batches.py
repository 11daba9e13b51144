"""A batch as the bytes of one entry of a stream: msgpack of [sender, number, [envelope, ..]]. Pure.

What is inside of it is bytes of envelopes.py already; docs/envelopes.md shows both.
"""

from __future__ import annotations

import msgspec

from .bus import Batch

_decode = msgspec.msgpack.Decoder(tuple[str, int, tuple[bytes, ...]], strict=True).decode


def pack_batch(batch: Batch) -> bytes:
    """Its bytes."""
    return msgspec.msgpack.encode([batch.sender, batch.number, batch.envelopes])


def unpack_batch(data: bytes) -> Batch:
    """The batch that these bytes are.

    Raises:
        ValueError: They are none.
    """
    try:
        return Batch(*_decode(data))
    except msgspec.DecodeError as error:
        raise ValueError("no batch") from error


__all__ = ["pack_batch", "unpack_batch"]
