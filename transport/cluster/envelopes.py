"""What actors tell each other, as bytes between nodes.

An envelope is a msgpack array:

    [version, kind, to, payload]
      version   int      see versions.py: this program's, or the one before
      kind      str      "tell", "fan", or "missed"
      to        str      an actor's name ("tell"), "" ("missed"); [str, ..], users' names ("fan")
      payload   value    the message; nil for "missed"

Version 1 has two more before the payload, which are its batch's sender and number. Nobody reads
them; they are written for programs that count the items.

In a value, what msgpack has not is an extension:

    1   a tuple          the array of its items
    2   a message        [class, field, ..], in the order in which the class has them
    3   a refusal        [class, {attribute: value}]
    4   a delivery       [conversation, entry, origin]: its body is read from the entry's bytes
    5   deliveries       [[conversation, origin, *entry], ..]: since version 2

What is said most often, a fan-out, is 5, since each value within another is packed, and read, by a
call of its own.

docs/envelopes.md shows the bytes. A field that a message gains is its last, has a default, and
stands in LATER: an older program is not sent it, and its messages are read without it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from types import ModuleType
from typing import Any, Final, Literal, cast

import msgpack  # type: ignore[import-untyped]  # it has no types
import msgspec

from ...actors import answers, bodies, commands, gate_commands, node_commands, requests, roll_call
from ...actors.answers import Deliveries, Delivery
from ...actors.bodies import decode_body
from ...config import errors
from ...config.errors import Refusal
from ...config.ids import ConvId
from ...storage.records import Entry, Message, Projection
from .versions import VERSION, reads

# The library has no types.
_packb: Callable[..., bytes] = msgpack.packb  # pyright: ignore
_unpackb: Callable[..., Any] = msgpack.unpackb  # pyright: ignore
#: It takes bytes that are packed already, and knows no extensions: what is around a payload.
_encode: Final = msgspec.msgpack.Encoder().encode

Kind = Literal["tell", "fan", "missed"]

#: Bytes that a packer begins with; it grows. The library's own 256 KiB are fetched from the system
#: and given back for each message, and each value within it, which costs more than all the rest.
_BUFFER_BYTES: Final = 1024

_TUPLE, _MESSAGE, _REFUSAL, _DELIVERY, _DELIVERIES = 1, 2, 3, 4, 5


@dataclass(frozen=True, slots=True)
class Envelope:
    """See the module."""

    kind: Kind
    to: str | tuple[str, ...]
    message: Any


def _messages(*modules: ModuleType) -> dict[str, type[Any]]:
    found: dict[str, type[Any]] = {}
    for module in modules:
        for name, cls in vars(module).items():
            if is_dataclass(cls) and isinstance(cls, type) and cls.__module__ == module.__name__:
                if name in found:
                    raise TypeError(f"two kinds of {name}")
                found[name] = cls
    return found


#: {class name: class}: what can be in a payload.
MESSAGES: Final[dict[str, type[Any]]] = {
    **_messages(answers, bodies, commands, gate_commands, node_commands, requests, roll_call),
    "Entry": Entry,
    "Message": Message,
    "Projection": Projection,
}
#: The last version that says its batch's sender and number once more.
_REPEATS: Final = 1
#: The last version in which deliveries are a message like any other.
_NESTS: Final = 1
#: {class name: {field: since which version}}: of fields that came after the class.
LATER: Final[dict[str, dict[str, int]]] = {}
_REFUSALS: Final[dict[str, type[Refusal]]] = {
    name: cls
    for name in errors.__all__
    if isinstance(cls := getattr(errors, name), type) and issubclass(cls, Refusal)
}


class Payloads:
    """The messages of one tick as bytes: a fan-out is one to several nodes, and is packed once."""

    def __init__(self) -> None:
        #: {(id of a message, version): its bytes}: while it is used, the tick keeps the messages.
        self._packed: dict[tuple[int, int], bytes] = {}

    def pack(self, message: object, version: int) -> bytes:
        """A message's bytes, for those who read a version.

        Raises:
            TypeError, ValueError, OverflowError: It holds what no envelope can.
        """
        key = id(message), version
        packed = self._packed.get(key)
        if packed is None:
            packed = self._packed[key] = packer(version)(message)
        return packed


def encode(
    envelope: Envelope,
    sender: str,
    number: int,
    version: int = VERSION,
    payloads: Payloads | None = None,
) -> bytes:
    """An envelope's bytes.

    Args:
        sender, number: Of its batch.
        version: The newest that its receiver reads.
        payloads: Of the tick; None for an envelope by itself.

    Raises:
        TypeError, ValueError, OverflowError: The message holds what no envelope can.
    """
    payload = (payloads or Payloads()).pack(envelope.message, version)
    repeated = (sender, number) if version <= _REPEATS else ()
    return _encode((version, envelope.kind, envelope.to, *repeated, msgspec.Raw(payload)))


def decode(data: bytes) -> Envelope:
    """The envelope that these bytes are.

    Raises:
        ValueError: They are none that this version knows.
    """
    try:
        version, kind, to, *repeated, message = _unpack(data)
        if not reads(version):
            raise ValueError(f"an envelope of version {version}; this program knows {VERSION}")
        if len(repeated) != (2 if version <= _REPEATS else 0):
            raise ValueError(f"an envelope of {len(repeated) + 4} items")
        if isinstance(to, str) == (kind == "fan") or kind not in ("tell", "fan", "missed"):
            raise ValueError(f"an envelope of kind {kind!r} to {to!r}")
        return Envelope(kind, to if isinstance(to, str) else tuple(to), message)
    except (TypeError, LookupError, AttributeError, msgpack.UnpackException) as error:
        raise ValueError("no envelope") from error


@cache
def packer(version: int) -> Callable[[object], bytes]:
    """What makes the bytes of a value, in a version."""
    known = {
        cls: (name, tuple(f.name for f in fields(cls) if _since(name, f.name) <= version))
        for name, cls in MESSAGES.items()
    }

    entry_names = known[Entry][1]

    def pack(value: object) -> bytes:
        return _packb(value, default=extend, strict_types=True, buf_size=_BUFFER_BYTES)

    def extend(value: object) -> msgpack.ExtType:
        if isinstance(value, tuple):
            return msgpack.ExtType(_TUPLE, pack(list(cast("tuple[object, ...]", value))))
        if type(value) is Deliveries and version > _NESTS:
            items = [
                [d.conv, d.origin, *[getattr(d.entry, n) for n in entry_names]] for d in value.items
            ]
            return msgpack.ExtType(_DELIVERIES, pack(items))
        if type(value) is Delivery:
            return msgpack.ExtType(_DELIVERY, pack([value.conv, value.entry, value.origin]))
        if isinstance(value, Refusal):
            return msgpack.ExtType(_REFUSAL, pack([type(value).__name__, vars(value)]))
        kind: type[object] = type(value)
        if kind not in known:
            raise TypeError(f"no envelope holds a {kind.__name__}")
        name, names = known[kind]
        return msgpack.ExtType(_MESSAGE, pack([name, *[getattr(value, n) for n in names]]))

    return pack


def _since(message: str, field: str) -> int:
    return LATER.get(message, {}).get(field, 0)


def _unpack(data: bytes) -> Any:
    return _unpackb(data, ext_hook=_shrink, strict_map_key=False)


def _shrink(code: int, data: bytes) -> Any:
    content = _unpack(data)
    match code:
        case 1:
            return tuple(content)
        case 2:
            return MESSAGES[content[0]](*content[1:])
        case 3:
            cls = _REFUSALS[content[0]]
            refusal = cls.__new__(cls)
            refusal.args = (content[1]["text"],)
            vars(refusal).update(content[1])
            return refusal
        case 4:
            conv, entry, origin = content
            return Delivery(conv, entry, decode_body(entry.body), origin)
        case 5:
            return Deliveries(tuple(_delivery(*item) for item in content))
        case _:
            raise ValueError(f"unknown extension {code}")


def _delivery(conv: ConvId, origin: str, *fields: Any) -> Delivery:
    entry = Entry(*fields)
    return Delivery(conv, entry, decode_body(entry.body), origin)


__all__ = ["LATER", "MESSAGES", "Envelope", "Kind", "Payloads", "decode", "encode", "packer"]
