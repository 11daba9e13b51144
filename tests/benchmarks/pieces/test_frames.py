"""A client's WebSocket frames are what a server's parser takes, and the other way round."""

from __future__ import annotations

from websockets.frames import Opcode
from websockets.protocol import OPEN, Protocol, Side

from benchmarks.pieces import frames

SIZES = (0, 1, 125, 126, 127, 65_535, 65_536)


def test_a_masked_frame_of_any_size_is_read_by_a_server() -> None:
    server = Protocol(Side.SERVER, state=OPEN, max_size=None)
    payloads = [bytes(n % 251 for n in range(size)) for size in SIZES]
    for payload in payloads:
        server.receive_data(frames.masked(frames.TEXT, payload))
    found = server.events_received()
    assert [getattr(f, "data", None) for f in found] == payloads
    assert {getattr(f, "opcode", None) for f in found} == {Opcode.TEXT}


def test_frames_of_a_server_are_split_wherever_the_bytes_end() -> None:
    server = Protocol(Side.SERVER, state=OPEN, max_size=None)
    payloads = [b"x" * size for size in (0, 5, 125, 126, 70_000)]
    for payload in payloads:
        server.send_text(payload)
    server.send_ping(b"there?")
    data = b"".join(server.data_to_send())
    wanted = [(frames.TEXT, payload) for payload in payloads] + [(frames.PING, b"there?")]
    assert frames.split(data) == (wanted, len(data))
    for cut in (1, 2, 3, 8, 9, 200, len(data) - 1):
        first, taken = frames.split(data[:cut])
        rest, _ = frames.split(data[taken:])
        assert first + rest == wanted
        assert taken <= cut
