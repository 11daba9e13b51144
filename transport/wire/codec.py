"""Bytes to frames and back: JSON and msgpack, one frame or a batch.

    bytes --decode--> [frame | Broken, ...]     or FrameError: the connection has to end
    frame --encode--> bytes --batch--> bytes    one message with several frames

A message is one frame or an array of frames. What parses but is not right is `Broken`, so that the
client can be told which request it was; what does not parse says nothing and is a FrameError.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

import msgspec

from ...config.errors import BadRequestError, HubbubError, Refusal, UnsupportedError
from .bodies import InBody
from .frames import SAFE_INT, InFrame
from .out_frames import Out

#: Frames in one message. A client may send far fewer at once (item 14); more is no mistake of
#: pace but an attempt to keep the loop busy.
BATCH_LIMIT: Final = 1000

_KINDS = frozenset(str(kind.__struct_config__.tag) for kind in InBody.__args__)
_TYPES = frozenset(str(frame.__struct_config__.tag) for frame in InFrame.__args__)

#: What msgspec says of a field, and where it stood. These complaints name types, never values.
_COMPLAINT = re.compile(
    r"(?P<what>Expected [^']*?|Object missing required field `\w+`)"
    r"(?: - at `\$(?P<where>[^`]*)`)?\Z"
)
#: Complaints that quote the value: only where it stood is passed on.
_QUOTED = re.compile(r"Invalid [^$]* - at `\$(?P<where>[^`]*)`\Z", re.DOTALL)


Data: TypeAlias = bytes | bytearray | msgspec.Raw


class FrameError(HubbubError):
    """Bytes that are no frames. The text says why and holds none of them."""


@dataclass(frozen=True, slots=True)
class Broken:
    """An object that is no frame of ours.

    Attributes:
        re: The `id` it came with, or None.
        refusal: What the client is told.
    """

    re: int | None
    refusal: Refusal


class Codec(ABC):
    """One encoding of the wire.

    Attributes:
        subprotocol: What a client asks for in the handshake.
        binary: Whether a WebSocket message in it is binary.
        encode: The bytes of one frame.
    """

    def __init__(
        self,
        subprotocol: str,
        *,
        binary: bool,
        encode: Callable[[Out], bytes],
        frame: Callable[[Data], InFrame],
        array: Callable[[Data], list[msgspec.Raw]],
        anything: Callable[[Data], Any],
    ) -> None:
        self.subprotocol = subprotocol
        self.binary = binary
        self.encode = encode
        self._frame = frame
        self._array = array
        self._anything = anything

    def decode(self, data: bytes | bytearray) -> list[InFrame | Broken]:
        """The frames of one message, in order.

        Raises:
            FrameError: It is not in this encoding, not an object or an array of objects, or it
                nests too deep or holds too many.
        """
        try:
            if not self.is_array(data):
                return [self._one(data)]
            parts = self._array(data)
            if len(parts) > BATCH_LIMIT:
                raise FrameError(f"More than {BATCH_LIMIT} frames in one message.")
            return [self._one(part) for part in parts]
        except RecursionError:
            raise FrameError("Nested too deep.") from None
        except (msgspec.DecodeError, UnicodeDecodeError, MemoryError):
            raise FrameError(f"Not {self.subprotocol}.") from None

    @abstractmethod
    def batch(self, frames: Sequence[bytes]) -> bytes:
        """One message with these encoded frames, in order."""

    @abstractmethod
    def is_array(self, data: bytes | bytearray) -> bool:
        """Whether these bytes begin an array."""

    def _one(self, data: Data) -> InFrame | Broken:
        try:
            return self._frame(data)
        except msgspec.ValidationError as error:
            # A typed decode stops at the first wrong field. Only a whole one tells whether the
            # rest is well formed, and finds the id.
            return _broken(self._anything(data), str(error))


class JsonCodec(Codec):
    """JSON in text messages, written unescaped."""

    def __init__(self) -> None:
        super().__init__(
            "hubbub.v1.json",
            binary=False,
            encode=msgspec.json.Encoder().encode,
            frame=msgspec.json.Decoder[InFrame](InFrame).decode,
            array=msgspec.json.Decoder(list[msgspec.Raw]).decode,
            anything=msgspec.json.decode,
        )

    def batch(self, frames: Sequence[bytes]) -> bytes:
        """A JSON array."""
        return b"[" + b",".join(frames) + b"]"

    def is_array(self, data: bytes | bytearray) -> bool:
        """A bracket, after white space."""
        return data[:1] == b"[" or data.lstrip(b" \t\r\n")[:1] == b"["


class MsgpackCodec(Codec):
    """msgpack in binary messages."""

    def __init__(self) -> None:
        super().__init__(
            "hubbub.v1.msgpack",
            binary=True,
            encode=msgspec.msgpack.Encoder().encode,
            frame=msgspec.msgpack.Decoder[InFrame](InFrame).decode,
            array=msgspec.msgpack.Decoder(list[msgspec.Raw]).decode,
            anything=msgspec.msgpack.decode,
        )

    def batch(self, frames: Sequence[bytes]) -> bytes:
        """A msgpack array."""
        count = len(frames)
        if count < 1 << 4:
            head = bytes((0x90 | count,))
        elif count < 1 << 16:
            head = b"\xdc" + count.to_bytes(2, "big")
        else:
            head = b"\xdd" + count.to_bytes(4, "big")
        return head + b"".join(frames)

    def is_array(self, data: bytes | bytearray) -> bool:
        """One of the three heads of an array."""
        first = data[0] if data else 0
        return 0x90 <= first <= 0x9F or first in (0xDC, 0xDD)


def _broken(found: Any, complaint: str) -> Broken:
    if not isinstance(found, dict):
        raise FrameError("A frame is an object.")
    fields = cast("dict[str, Any]", found)
    request = fields.get("id")
    known = type(request) is int and 0 <= request <= SAFE_INT
    return Broken(request if known else None, _refusal(fields, complaint))


def _refusal(fields: dict[str, Any], complaint: str) -> Refusal:
    kind = fields.get("t")
    if isinstance(kind, str) and kind not in _TYPES:
        return UnsupportedError("This server knows no frame of that type.")
    if kind == "send" and isinstance(fields.get("b"), dict):
        body = fields["b"].get("k")
        if isinstance(body, str) and body not in _KINDS:
            return UnsupportedError("This server knows no body of that kind.")
    if match := _COMPLAINT.match(complaint):
        where = (match["where"] or "").lstrip(".")
        return BadRequestError(f"{match['what']}{f' at {where}' if where else ''}.")
    if match := _QUOTED.match(complaint):
        return BadRequestError(f"Not one of the known values at {match['where'].lstrip('.')}.")
    return BadRequestError("A field of this frame is wrong.")


#: Every encoding there is, in the order the server prefers them.
CODECS: Final[tuple[Codec, ...]] = (JsonCodec(), MsgpackCodec())

__all__ = ["BATCH_LIMIT", "CODECS", "Broken", "Codec", "FrameError", "JsonCodec", "MsgpackCodec"]
