"""A cutting proxy in a process of its own, which takes its orders from the one that started it.

    async with ProxyProcess("127.0.0.1", 6379) as proxy:
        ...                              a node that is told proxy.port in place of 6379
        await proxy.silence("heard")
        await proxy.mend()

Orders go in by its standard input, a line of JSON each, and are answered when they hold; it ends
when that is closed, so it outlives nobody.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterable, Callable
from pathlib import Path

from .cutting_proxy import CuttingProxy, Direction

#: How long a start or an order may take; imports on a busy machine take seconds.
PATIENCE_S = 20.0

_ROOT = Path(__file__).parents[2]


class ProxyProcess:
    """See the module; its orders are those of `CuttingProxy`.

    Attributes:
        host, port: Where it listens, once started.
    """

    def __init__(self, host: str, port: int, *, listen: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        """Not started yet.

        Args:
            host, port: The service.
            listen: Where to listen; a service that is known by its address needs one like it.
        """
        self.host, self.port = listen
        self._service = (host, port)
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start the process, and wait until it listens.

        Raises:
            ConnectionError: It ended before.
        """
        command = (*self._service, self.host, self.port)
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", __name__, *map(str, command),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            # The package that we are, whatever is installed.
            env={**os.environ, "PYTHONPATH": str(_ROOT)},
        )  # fmt: skip
        try:
            self.port = await self._answer()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End it; harmless when it has ended."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            await self._process.wait()
            self._process = None

    async def __aenter__(self) -> ProxyProcess:
        await self.start()
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self.stop()

    async def cut(self) -> None:
        """See `CuttingProxy`."""
        await self._order("cut")

    async def silence(self, *directions: Direction) -> None:
        """See `CuttingProxy`."""
        await self._order("silence", *directions)

    async def delay(self, seconds: float, *directions: Direction) -> None:
        """See `CuttingProxy`."""
        await self._order("delay", seconds, *directions)

    async def mend(self) -> None:
        """See `CuttingProxy`."""
        await self._order("mend")

    async def _order(self, name: str, *words: object) -> None:
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(json.dumps([name, *words]).encode() + b"\n")
        await self._answer()

    async def _answer(self) -> int:
        assert self._process is not None and self._process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            line = await self._process.stdout.readline()
        if not line:
            raise ConnectionError("the proxy's process has ended")
        return int(line)


async def obey(
    proxy: CuttingProxy, orders: AsyncIterable[bytes], done: Callable[[int], object]
) -> None:
    """Do what is ordered, a line of JSON each.

    Args:
        done: Told the port, at first and when an order holds.
    """
    done(proxy.port)
    obeys: dict[str, Callable[..., None]] = {
        "cut": proxy.cut, "silence": proxy.silence, "delay": proxy.delay, "mend": proxy.mend
    }  # fmt: skip
    async for line in orders:
        name, *words = json.loads(line)
        obeys[name](*words)
        done(proxy.port)


async def serve(host: str, port: int, listen: tuple[str, int]) -> None:
    """Be that process, until its standard input ends."""
    proxy = CuttingProxy(host, port)
    await proxy.start(*listen)
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(orders), sys.stdin
    )
    await obey(proxy, orders, lambda port: os.write(1, b"%d\n" % port))
    await proxy.stop()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), (sys.argv[3], int(sys.argv[4]))))


__all__ = ["PATIENCE_S", "ProxyProcess", "obey", "serve"]
