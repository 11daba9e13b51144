"""A node in a process of its own: started on a free port, stopped in order, or killed."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from hubbub.supervision.control import call
from hubbub.supervision.data_dir import DataDir

ROOT = Path(__file__).resolve().parents[2]

#: A start imports everything and opens the store: seconds, and many where the machine is busy.
START_S = 120.0
STOP_S = 30.0

_URL = re.compile(r"https?://[^\s/]+:(\d+)")


class Node:
    """One node on one data directory; it may be started again after it has ended.

    Attributes:
        base: Its address, `http://127.0.0.1:PORT`; the same after a restart.
        log: Where its standard error goes, over all starts.
    """

    def __init__(
        self,
        data: Path,
        *flags: str,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Not started yet.

        Args:
            flags: For `run_node.py node`, besides the data directory and the port.
            env: Added to this process's own environment.
        """
        self.data = data
        self.flags = flags
        self.log = data.with_name(data.name + ".log")
        self.base = ""
        self._port = 0
        self._env = {**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})}
        self._process: asyncio.subprocess.Process | None = None

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The running process."""
        assert self._process is not None, "the node is not running"
        return self._process

    @property
    def runs(self) -> bool:
        """Whether it was started, and not ended from here."""
        return self._process is not None

    async def start(self) -> None:
        """Start it, on the port it had before, and wait until it says that it is ready."""
        process = await self._spawn()
        try:
            async with asyncio.timeout(START_S):
                self._port = await self._ready(process)
        except TimeoutError:
            await self.kill()
            raise AssertionError(f"the node did not get ready: {self.tail()}") from None
        self.base = f"http://127.0.0.1:{self._port}"

    async def die_starting(self, after_s: float) -> None:
        """Start it, and kill it so soon that it may not be ready yet."""
        process = await self._spawn()
        with suppress(TimeoutError):
            async with asyncio.timeout(after_s):
                await process.wait()
        await self.kill()

    async def _spawn(self) -> asyncio.subprocess.Process:
        assert self._process is None, "the node is running"
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.command("node", "--port", str(self._port), *self.flags),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                cwd=self.data.parent,
                env=self._env,
            )
        return self._process

    def command(self, *words: str) -> list[str]:
        """`run_node.py` with these words, on this node's data."""
        first, *rest = words
        run = str(ROOT / "run_node.py")
        return [sys.executable, run, first, "--data", str(self.data), *rest]

    async def _ready(self, process: asyncio.subprocess.Process) -> int:
        assert process.stdout is not None
        async for line in process.stdout:
            found = _URL.search(line.decode())
            if found is not None:
                return int(found[1])
        code = await process.wait()
        self._process = None
        raise AssertionError(f"the node ended with {code} before it was ready: {self.tail()}")

    async def stop(self) -> None:
        """Stop it in order (SIGTERM); it must end with 0."""
        self.process.send_signal(signal.SIGTERM)
        await self._ends_in_order()

    async def drain(self, name: str) -> None:
        """Have it take leave of everybody, as an operator would; it must end with 0.

        Args:
            name: The node's own.
        """
        await call(DataDir(self.data), "drain", node=name)
        await self._ends_in_order()

    async def _ends_in_order(self) -> None:
        process = self.process
        try:
            async with asyncio.timeout(STOP_S):
                code = await process.wait()
        except TimeoutError:
            await self.kill()
            raise AssertionError(f"the node did not stop: {self.tail()}") from None
        self._process = None
        assert code == 0, f"the node stopped with {code}: {self.tail()}"

    async def kill(self) -> None:
        """End it at once (SIGKILL); harmless when it has ended."""
        if self._process is not None:
            if self._process.returncode is None:
                self._process.kill()
            await self._process.wait()
            self._process = None

    async def restart(self) -> None:
        """Kill it, and start it again on the same data and port."""
        await self.kill()
        await self.start()

    def tail(self, lines: int = 40) -> str:
        """The end of what it logged."""
        logged = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n" + "\n".join(logged.splitlines()[-lines:])

    def logged(self, words: Iterable[str]) -> list[str]:
        """Those of the words that its log holds."""
        text = self.log.read_text(errors="replace")
        return [word for word in words if word in text]

    def complaints(self) -> list[str]:
        """What it logged as an error, of its own or of Python's, or of what it could not read."""
        signs = ("[error", "[critical", "Traceback", "Error:", "actor_crashed", "envelope_refused")
        lines = self.log.read_text(errors="replace").splitlines()
        return [line for line in lines if any(sign in line for sign in signs)]


@asynccontextmanager
async def running(
    data: Path, *flags: str, env: Mapping[str, str] | None = None
) -> AsyncGenerator[Node]:
    """A node for the length of a block; it must then stop in order, unless the block failed."""
    node = Node(data, *flags, env=env)
    await node.start()
    try:
        yield node
        if node.runs:
            await node.stop()
    finally:
        await node.kill()


__all__ = ["ROOT", "Node", "running"]
