"""Parsers are shared, and only ever at a message's boundary."""

from __future__ import annotations

import itertools
import logging
import random
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.raw_socket import masked
from websockets.frames import Opcode

from hubbub.transport.edge.parser_pool import (
    KEPT,
    Closed,
    Message,
    ParserPool,
    Reader,
    Received,
)

LIMIT = 200_000


@dataclass
class Result:
    """What came out of a connection: messages, pongs, and the end."""

    messages: list[Message]
    pongs: bytes
    closed: Closed | None


class PooledConnection:
    """Bytes of one connection, parsed by borrowed readers."""

    def __init__(self, pool: ParserPool) -> None:
        self._pool = pool
        self._reader: Reader | None = None
        self.result = Result([], b"", None)

    def feed(self, data: bytes) -> Received:
        reader = self._reader or self._pool.borrow()
        received = reader.receive(data)
        if reader.is_idle:
            self._reader = None
            self._pool.give_back(reader)
        else:
            self._reader = reader
        self.result.messages += received.messages
        self.result.pongs += b"".join(received.pongs)
        self.result.closed = self.result.closed or received.closed
        return received

    @property
    def holds(self) -> bool:
        return self._reader is not None


#: (what it is, its bytes): every kind of frame, with each of the three lengths, masks that look
#: like headers, and the same in fragments with a ping between them.
KINDS = {
    "text": masked(b"hello"),
    "empty": masked(b""),
    "binary": masked(b"\x00\x81\x82", Opcode.BINARY),
    "126": masked(b"x" * 126),
    "65535": masked(b"y" * 65535),
    "65536": masked(b"z" * 65536, Opcode.BINARY),
    "ping": masked(b"are you there", Opcode.PING),
    "empty ping": masked(b"", Opcode.PING),
    "pong": masked(b"", Opcode.PONG),
    "header-like": masked(b"\x81\x85" * 4, mask=b"\x81\x80\x00\x00"),
    "fragments": masked(b"one ", fin=False)
    + masked(b"two ", Opcode.CONT, fin=False)
    + masked(b"", Opcode.PING)
    + masked(b"three", Opcode.CONT),
    "empty fragments": masked(b"", fin=False)
    + masked(b"", Opcode.CONT, fin=False)
    + masked(b"end", Opcode.CONT),
    "close": masked(b"\x03\xe8bye", Opcode.CLOSE),
    "empty close": masked(b"", Opcode.CLOSE),
}

BAD = {
    "unmasked": (b"\x81\x02hi", 1002),
    "reserved bit": (bytes((0xC1,)) + masked(b"hi")[1:], 1002),
    "unknown opcode": (masked(b"hi", 3), 1002),
    "stray continuation": (masked(b"hi", Opcode.CONT), 1002),
    "two beginnings": (masked(b"a", fin=False) + masked(b"b"), 1002),
    "long ping": (masked(b"x" * 126, Opcode.PING), 1002),
    "fragmented ping": (masked(b"x", Opcode.PING, fin=False), 1002),
    "close of one byte": (masked(b"\x03", Opcode.CLOSE), 1002),
    "close with a bad code": (masked(b"\x03\xec", Opcode.CLOSE), 1002),
    "close with bad text": (masked(b"\x03\xe8\xff", Opcode.CLOSE), 1007),
    "too big": (masked(b"x" * (LIMIT + 1)), 1009),
    "too big in parts": (
        masked(b"x" * LIMIT, fin=False) + masked(b"xx", Opcode.CONT),
        1009,
    ),
}


def whole(data: bytes) -> Result:
    """What one parser of one's own makes of it in one go."""
    received = Reader(LIMIT).receive(data)
    return Result(received.messages, b"".join(received.pongs), received.closed)


def split_places(data: bytes) -> list[int]:
    """Every place in what is short; around every edge in what is long."""
    if len(data) < 300:
        return list(range(len(data) + 1))
    return [*range(20), len(data) // 2, *range(len(data) - 20, len(data) + 1)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_split_of_every_frame_parses_the_same(kind: str) -> None:
    """The neighbour borrows in between: a reader given back too early would mix the two up."""
    data = KINDS[kind]
    expected = whole(data)
    for at in split_places(data):
        pool = ParserPool(LIMIT)
        mine, neighbour = PooledConnection(pool), PooledConnection(pool)
        mine.feed(data[:at])
        neighbour.feed(masked(b"neighbour"))
        mine.feed(data[at:])
        assert mine.result == expected, at
        assert neighbour.result.messages == [Message(b"neighbour", False)], at


@pytest.mark.parametrize("kind", KINDS)
def test_a_lone_message_is_read_without_a_parser_and_the_same(kind: str) -> None:
    pool, data = ParserPool(LIMIT), KINDS[kind]
    lone = kind in ("text", "empty", "binary", "126", "65535", "header-like")
    assert pool.lone_message(data) == (whole(data).messages[0] if lone else None)
    for at in split_places(data)[:-1]:
        assert pool.lone_message(data[:at]) is None, at
    assert pool.lone_message(data + b"\x81") is None


def test_a_message_that_is_not_as_usual_is_left_to_a_parser() -> None:
    small = ParserPool(4)
    assert small.lone_message(masked(b"1234")) == Message(b"1234", False)
    assert small.lone_message(masked(b"12345")) is None
    longer_than_need_be = bytes((0x81, 0xFE, 0, 2, 0, 0, 0, 0)) + b"hi"
    eight_bytes = bytes((0x81, 0xFF, 0, 130)) + bytes(134)
    for odd in (longer_than_need_be, eight_bytes, *(data for data, _ in BAD.values())):
        assert ParserPool(LIMIT).lone_message(odd) is None


@pytest.mark.parametrize("kind", [k for k in KINDS if "close" not in k and len(KINDS[k]) < 300])
def test_a_reader_is_idle_exactly_between_messages(kind: str) -> None:
    data = KINDS[kind]
    for at in range(len(data) + 1):
        connection = PooledConnection(ParserPool(LIMIT))
        if at:
            connection.feed(data[:at])
        assert connection.holds is (0 < at < len(data)), at


@pytest.mark.parametrize("kind", [k for k in KINDS if "close" not in k and len(KINDS[k]) < 300])
def test_a_frame_that_comes_byte_by_byte_parses_the_same(kind: str) -> None:
    pool = ParserPool(LIMIT)
    connection = PooledConnection(pool)
    for byte in KINDS[kind]:
        connection.feed(bytes((byte,)))
    assert connection.result == whole(KINDS[kind])
    assert not connection.holds
    assert len(pool) == 1


@given(
    kinds=st.lists(st.sampled_from([k for k in KINDS if len(KINDS[k]) < 300]), max_size=6),
    cuts=st.lists(st.integers(1, 40), max_size=60),
    seed=st.integers(0, 1 << 16),
)
@settings(max_examples=60)
def test_connections_that_share_readers_never_mix(
    kinds: list[str], cuts: list[int], seed: int
) -> None:
    kinds = [*(k for k in kinds if "close" not in k), "close"]
    data = b"".join(KINDS[k] for k in kinds)
    pool = ParserPool(LIMIT)
    connections = [PooledConnection(pool) for _ in range(3)]
    queues = [data, data, data]
    shuffled = random.Random(seed)
    steps = itertools.cycle(cuts or [7])
    while any(queues):
        index = shuffled.choice([i for i, rest in enumerate(queues) if rest])
        step = next(steps)
        connections[index].feed(queues[index][:step])
        queues[index] = queues[index][step:]
    assert [c.result for c in connections] == [whole(data)] * 3


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_web_socket_says_so_at_every_split(kind: str) -> None:
    data, code = BAD[kind]
    for at in split_places(data)[:: 1 if len(data) < 300 else 10]:
        connection = PooledConnection(ParserPool(LIMIT))
        connection.feed(data[:at])
        if connection.result.closed is None:
            connection.feed(data[at:])
        closed = connection.result.closed
        assert closed is not None
        assert (closed.code, closed.broken) == (code, True)
        assert closed.reply[0] == 0x88
        assert int.from_bytes(closed.reply[2:4], "big") == code
        assert connection.holds


@pytest.mark.parametrize(("kind", "code"), [("close", 1000), ("empty close", 1005)])
def test_a_close_is_echoed(kind: str, code: int) -> None:
    closed = whole(KINDS[kind]).closed
    assert closed is not None
    assert (closed.code, closed.broken) == (code, False)
    payload = b"\x03\xe8bye" if kind == "close" else b""
    assert closed.reply == bytes((0x88, len(payload))) + payload


def test_what_came_before_a_close_counts() -> None:
    received = Reader(LIMIT).receive(
        masked(b"last") + masked(b"?", Opcode.PING) + KINDS["close"] + masked(b"late")
    )
    assert received.messages == [Message(b"last", False)]
    assert received.closed is not None
    assert received.closed.reply.endswith(b"bye")


def test_the_largest_message_is_accepted() -> None:
    assert whole(masked(b"x" * LIMIT)).messages == [Message(b"x" * LIMIT, False)]


def test_a_big_message_leaves_no_big_buffer_behind() -> None:
    pool = ParserPool(LIMIT)
    connection = PooledConnection(pool)
    data = masked(b"x" * LIMIT)
    for at in range(0, len(data), 8192):
        connection.feed(data[at : at + 8192])
    assert len(pool) == 1
    reader = pool.borrow()
    assert reader._parser.reader.buffer.__sizeof__() < 1000  # pyright: ignore[reportPrivateUsage]


def test_a_few_readers_are_kept_and_no_more() -> None:
    pool = ParserPool(LIMIT)
    half = [PooledConnection(pool) for _ in range(KEPT + 10)]
    for connection in half:
        connection.feed(masked(b"hi")[:3])
    for connection in half:
        connection.feed(masked(b"hi")[3:])
    assert len(pool) == KEPT
    assert all(c.result.messages == [Message(b"hi", False)] for c in half)


def test_the_library_logs_no_frame_even_when_everything_is_debugged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        for name in ("ping", "text", "close"):
            Reader(LIMIT).receive(KINDS[name])
        Reader(LIMIT).receive(BAD["reserved bit"][0])
    assert caplog.records == []
