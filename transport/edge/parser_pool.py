"""WebSocket parsers that connections share, because an idle one outweighs all the rest.

A connection borrows one when bytes arrive and gives it back at a frame's boundary: nothing
buffered, no fragmented message under way, the connection open. That boundary is read off inner
parts of websockets (decision 0001); a test holds them over every split of every kind of frame.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from types import GeneratorType
from typing import Final

from websockets import frames
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN, SERVER, Protocol

#: The library's own choice: in C, where that is there.
_apply_mask = frames.apply_mask  # type: ignore[attr-defined]  # pyright: ignore[reportPrivateImportUsage]

#: Parsers kept for the next ones; more are only in use while many messages are half here.
KEPT: Final = 64

#: First bytes of a text and a binary frame that is a whole message, and the bit of a mask.
_WHOLE_TEXT: Final = 0x81
_WHOLE_BINARY: Final = 0x82
_MASKED: Final = 0x80
#: The longest payload that has its length in the second byte; what says that two more hold it; the
#: bytes before a payload at least.
_SHORT: Final = 125
_TWO_BYTES: Final = 126
_SHORT_HEAD: Final = 6

#: Below a warning the library would log every frame, tokens and texts included.
quiet = logging.getLogger("hubbub.websockets")
quiet.setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Message:
    """A whole message from a client."""

    data: bytes | bytearray
    binary: bool


@dataclass(frozen=True, slots=True)
class Closed:
    """The client closed, or sent what is no WebSocket; nothing follows.

    Attributes:
        code: Of the close frame in `reply`.
        reply: What is to be written.
        broken: It was no WebSocket: what still comes cannot be understood.
    """

    code: int
    reply: bytes
    broken: bool


@dataclass(frozen=True, slots=True)
class Received:
    """What some bytes completed, in order.

    Attributes:
        pongs: Answers to pings, to be written.
    """

    messages: list[Message]
    pongs: list[bytes]
    closed: Closed | None


class Reader:
    """A parser with the message that is half here."""

    __slots__ = ("_fragments", "_parser")

    def __init__(self, max_bytes: int) -> None:
        self._parser = Protocol(SERVER, state=OPEN, max_size=max_bytes, logger=quiet)
        #: The message so far, and whether it is binary; None between messages.
        self._fragments: tuple[bytearray, bool] | None = None

    def receive(self, data: bytes) -> Received:
        """Take in bytes of the client."""
        parser = self._parser
        parser.receive_data(data)
        events = parser.events_received()
        messages: list[Message] = []
        for event in events:
            if isinstance(event, Frame):
                self._add(event, messages)
        # An empty write is the library's way to say that the stream should end.
        writes = [write for write in parser.data_to_send() if write]
        if parser.close_sent is None:
            return Received(messages, writes, None)
        reply = writes.pop() if writes else b""
        closed = Closed(int(parser.close_sent.code), reply, parser.parser_exc is not None)
        return Received(messages, writes, closed)

    @property
    def is_idle(self) -> bool:
        """Whether this stands at a message's boundary, and may serve another connection."""
        parser = self._parser
        if parser.state is not OPEN or parser.current_size is not None or parser.reader.buffer:
            return False
        # An empty buffer is not enough: after exactly the 2 bytes of a header, or 6 with the
        # mask, it is empty too. At a boundary the parser waits to see whether the stream ended.
        running = parser.parser
        assert isinstance(running, GeneratorType)
        waits = running.gi_yieldfrom
        return isinstance(waits, GeneratorType) and waits.gi_code.co_name == "at_eof"

    def _add(self, frame: Frame, messages: list[Message]) -> None:
        if frame.opcode is Opcode.TEXT or frame.opcode is Opcode.BINARY:
            assert not isinstance(frame.data, memoryview)
            if frame.fin:
                messages.append(Message(frame.data, frame.opcode is Opcode.BINARY))
            else:
                self._fragments = (bytearray(frame.data), frame.opcode is Opcode.BINARY)
        elif frame.opcode is Opcode.CONT and self._fragments is not None:
            whole, binary = self._fragments
            # Empty fragments leave no trace, so their number needs no bound.
            whole += frame.data
            if frame.fin:
                self._fragments = None
                messages.append(Message(whole, binary))


class ParserPool:
    """Readers at a message's boundary, ready for any connection.

    Args:
        max_bytes: The largest message they accept.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._free: list[Reader] = []

    def __len__(self) -> int:
        return len(self._free)

    def lone_message(self, data: bytes) -> Message | None:
        """The message that these bytes are, when they are one whole frame; None for all else.

        Most reads are just that, and need no parser, which would be a tenth of all that a message
        costs the node (benchmark: direct). Whatever is unusual is left to one: it knows what is
        wrong.
        """
        size = len(data)
        if size < _SHORT_HEAD or (data[0] != _WHOLE_TEXT and data[0] != _WHOLE_BINARY):
            return None
        length, at = data[1] - _MASKED, 2
        if length > _SHORT:
            length, at = int.from_bytes(data[2:4], "big"), 4
            if length <= _SHORT or data[1] - _MASKED != _TWO_BYTES:
                return None
        if length < 0 or length > self._max_bytes or size != at + 4 + length:
            return None
        return Message(_apply_mask(data[at + 4 :], data[at : at + 4]), data[0] == _WHOLE_BINARY)

    def borrow(self) -> Reader:
        """One at a message's boundary."""
        return self._free.pop() if self._free else Reader(self._max_bytes)

    def give_back(self, reader: Reader) -> None:
        """Take one that `is_idle`."""
        if len(self._free) < KEPT:
            self._free.append(reader)


__all__ = ["KEPT", "Closed", "Message", "ParserPool", "Reader", "Received", "quiet"]
