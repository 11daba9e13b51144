"""Frames written by hand are those that the library reads."""

from __future__ import annotations

import pytest
from websockets.frames import Close, Frame, Opcode
from websockets.protocol import CLIENT, Protocol

from hubbub.transport.edge.framing import BINARY, PING_FRAME, TEXT, close_frame, framed


def read(data: bytes) -> Frame:
    client = Protocol(CLIENT, max_size=None)
    client.receive_data(data)
    [event] = client.events_received()
    assert isinstance(event, Frame)
    return event


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 400_000])
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_a_payload_of_any_size_arrives_whole(size: int, opcode: int) -> None:
    frame = read(framed(b"x" * size, opcode))
    assert (frame.opcode, frame.fin, bytes(frame.data)) == (opcode, True, b"x" * size)


def test_a_ping_is_empty() -> None:
    frame = read(PING_FRAME)
    assert (frame.opcode, frame.data) == (Opcode.PING, b"")


@pytest.mark.parametrize(
    ("reason", "read_as"),
    [("", ""), ("Why.", "Why."), ("x" * 200, "x" * 123), ("\u20ac" * 60, "\u20ac" * 41)],
)
def test_a_reason_is_cut_at_a_character(reason: str, read_as: str) -> None:
    frame = read(close_frame(4408, reason))
    assert frame.opcode is Opcode.CLOSE
    assert Close.parse(bytes(frame.data)) == Close(4408, read_as)
