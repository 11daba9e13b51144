"""How a socket ends: the closing handshake, from either side, and what happens without one."""

from __future__ import annotations

import asyncio

from tests.support.edge import bed, delivery, hello_frame, passes, watch_frame
from tests.support.raw_socket import frame_bytes, masked, raw_socket

from hubbub.transport.edge.web_socket import CLOSE_S


async def test_a_clients_close_is_echoed_and_the_socket_closed() -> None:
    async with bed() as it, raw_socket(it.port) as raw:
        await raw.sign_in()
        await raw.write(masked(b"\x03\xe8bye", 8))
        assert await raw.frame() == (8, b"\x03\xe8bye")
        assert await raw.ended() == b""
        await it.settle(lambda: len(it.edge) == 0)


async def test_what_is_queued_is_written_before_a_clients_close_is_echoed() -> None:
    async with bed() as it, raw_socket(it.port) as raw:
        await raw.sign_in()
        it.serve = lambda session, message: (
            session.connection.outbox.push(delivery(1)) if message.id == 1 else None
        )
        await raw.write(
            frame_bytes({"t": "watch", "id": 1, "users": [], "convs": []}) + masked(b"", 8)
        )
        assert (await raw.json())["s"] == 1
        assert await raw.frame() == (8, b"")


async def test_our_close_waits_for_the_clients() -> None:
    async with bed() as it, raw_socket(it.port) as raw:
        await raw.sign_in()
        it.connection.outbox.push(delivery(1))
        it.connection.outbox.close(4409, "Replaced.")
        assert (await raw.json())["s"] == 1
        assert await raw.frame() == (8, (4409).to_bytes(2, "big") + b"Replaced.")
        await it.settle()
        assert len(it.edge) == 1
        await raw.write(masked((4409).to_bytes(2, "big"), 8))
        assert await raw.ended() == b""
        await it.settle(lambda: len(it.edge) == 0)


async def test_a_client_that_does_not_answer_our_close_is_left() -> None:
    async with bed(virtual=True) as it, raw_socket(it.port) as raw:
        await raw.sign_in()
        it.connection.outbox.close(4409, "Replaced.")
        assert (await raw.frame())[0] == 8
        await passes(it, CLOSE_S - 1)
        assert len(it.edge) == 1
        await passes(it, 2)
        await it.settle(lambda: len(it.edge) == 0)


async def test_after_our_close_frames_are_read_but_not_done() -> None:
    async with bed() as it, raw_socket(it.port) as raw:
        await raw.sign_in()
        it.connection.outbox.close(4409, "Replaced.")
        assert (await raw.frame())[0] == 8
        for said in (frame_bytes(watch_frame(1)), masked(b"?", 9), frame_bytes(watch_frame(2)) * 2):
            await raw.write(said)
            await it.settle()
        assert it.told == []
        await raw.write(masked(b"", 8))
        assert await raw.ended() == b""


async def test_what_is_no_web_socket_after_our_close_just_ends() -> None:
    async with bed() as it, raw_socket(it.port) as raw:
        await raw.sign_in()
        it.connection.outbox.close(4409, "Replaced.")
        assert (await raw.frame())[0] == 8
        await raw.write(b"\x81\x02hi")
        assert await raw.ended() in (b"", b"reset")
        await it.settle(lambda: len(it.edge) == 0)


async def test_a_close_that_cannot_be_written_does_not_hold_the_connection() -> None:
    async with bed(virtual=True) as it, raw_socket(it.port) as raw:
        await raw.sign_in()
        box = it.connection.outbox
        while not box.paused:  # type: ignore[attr-defined]
            box.push(delivery(1, "x" * 100_000))
            await it.settle()
        box.close(4409, "Replaced.")
        await passes(it, CLOSE_S + 1)
        await it.settle(lambda: len(it.edge) == 0)
        value = it.metrics.registry.get_sample_value("hubbub_closes_total", {"code": "4409"})
        assert value == 1


async def test_a_client_that_ignores_why_it_is_left_is_left_all_the_same() -> None:
    async with bed(virtual=True) as it, raw_socket(it.port) as raw:
        await raw.sign_in()
        await raw.write(b"\x81\x02hi")
        assert await raw.close_code() == 1002
        assert await raw.ended() == b""
        await raw.write(b"\x81\x02hi" * 1000)
        await it.settle()
        assert len(it.edge) == 1
        await passes(it, CLOSE_S + 1)
        await it.settle(lambda: len(it.edge) == 0)
        assert it.told == []


async def test_a_reset_ends_the_session() -> None:
    async with bed() as it:
        async with raw_socket(it.port) as raw:
            await raw.sign_in()
            raw.writer.transport.abort()
            await it.settle(lambda: len(it.edge) == 0)
        assert it.ended == ["session:here:i/1"]
        value = it.metrics.registry.get_sample_value("hubbub_closes_total", {"code": "1006"})
        assert value == 1


async def test_a_client_that_stops_sending_is_closed() -> None:
    async with bed() as it, raw_socket(it.port) as raw:
        await raw.sign_in()
        raw.writer.write_eof()
        await it.settle(lambda: len(it.edge) == 0)
        assert await raw.ended() in (b"", b"reset")


async def test_before_the_welcome_too_a_close_says_why() -> None:
    async with bed() as it, raw_socket(it.port) as raw:
        await raw.upgrade()
        it.tokens.gate = asyncio.Event()
        await raw.write(frame_bytes(hello_frame()))
        await it.settle(lambda: len(it.system.tasks) >= 2)
        closing = asyncio.ensure_future(it.edge.close(1012))  # noqa: TID251 - a test's own
        assert await raw.close_code() == 1012
        await raw.write(masked(b"", 8))
        await closing
        assert len(it.edge) == 0
