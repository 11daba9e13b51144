"""The same wire, held by another process."""

from __future__ import annotations

import asyncio

import pytest

from hubbub.testkit.cutting_proxy import CuttingProxy
from hubbub.testkit.proxy_process import ProxyProcess, obey

PATIENCE_S = 20.0


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(100):
        writer.write(data)
    writer.close()


async def test_it_obeys_and_ends_with_whom_it_obeys() -> None:
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with asyncio.timeout(PATIENCE_S), ProxyProcess("127.0.0.1", port) as proxy:
        reader, writer = await asyncio.open_connection(proxy.host, proxy.port)
        await proxy.delay(0.01)
        writer.write(b"one")
        assert await reader.readexactly(3) == b"one"
        await proxy.silence("sent")
        writer.write(b"two")
        await proxy.mend()
        assert await reader.readexactly(3) == b"two"
        await proxy.cut()
        with pytest.raises(ConnectionResetError):
            await reader.read(1)
        writer.close()
    with pytest.raises(OSError):
        await asyncio.open_connection(proxy.host, proxy.port)
    await proxy.stop()
    server.close()
    await server.wait_closed()


async def test_each_order_is_answered_when_it_holds() -> None:
    proxy = CuttingProxy("127.0.0.1", 1)
    await proxy.start()
    orders = asyncio.StreamReader()
    orders.feed_data(b'["delay", 0.5, "sent"]\n["silence"]\n["cut"]\n["mend"]\n')
    orders.feed_eof()
    answers: list[int] = []
    await obey(proxy, orders, answers.append)
    assert answers == [proxy.port] * 5
    await proxy.stop()


async def test_one_that_cannot_listen_says_so() -> None:
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(ConnectionError):
        await ProxyProcess("127.0.0.1", port, listen=("127.0.0.1", port)).start()
    server.close()
    await server.wait_closed()
