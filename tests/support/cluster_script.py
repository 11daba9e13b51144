"""`scripts/cluster`, as one who tries the chat out runs it."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.node import ROOT

SCRIPT = ROOT / "scripts" / "cluster"
#: A Cassandra and three nodes start, on a machine that does other things as well.
START_S = 300.0
STOP_S = 120.0

_READY = re.compile(r"(n-\d): Hubbub is ready at (\S+)")
_PUBLIC = re.compile(r"The chat is at ([^\s;]+)")
_SIGN_IN = re.compile(r"sign in as (\S+) with password: (.+)")


@dataclass
class ClusterScript:
    """What it said.

    Attributes:
        nodes: {name: address}
        public: The address for everybody.
        passwords: {demo user: password}
    """

    process: asyncio.subprocess.Process
    data: Path
    nodes: dict[str, str] = field(default_factory=dict[str, str])
    public: str = ""
    passwords: dict[str, str] = field(default_factory=dict[str, str])

    async def read(self) -> None:
        """Read on until it has said everything that it says at a start."""
        assert self.process.stdout is not None
        async for each in self.process.stdout:
            line = each.decode()
            if found := _READY.match(line):
                self.nodes[found[1]] = found[2]
            elif found := _PUBLIC.match(line):
                self.public = found[1]
            elif found := _SIGN_IN.search(line):
                self.passwords[found[1]] = found[2].strip()
            if self.public and len(self.passwords) == 2:
                return
        raise AssertionError(f"it ended with {await self.process.wait()}")

    def kill(self, node: str) -> None:
        """Kill a node; its parent starts it again."""
        worker = node.replace("n-", "worker-")
        pid = int((self.data / "nodes" / worker / "hubbub.lock").read_text())
        os.kill(pid, signal.SIGKILL)

    async def interrupt(self) -> int:
        """Press Ctrl-C; the exit code."""
        # A terminal tells the whole group.
        os.killpg(self.process.pid, signal.SIGINT)
        async with asyncio.timeout(STOP_S):
            return await self.process.wait()


@asynccontextmanager
async def running_cluster(data: Path) -> AsyncGenerator[ClusterScript]:
    """A cluster for the length of a block."""
    process = await asyncio.create_subprocess_exec(
        # Whoever runs the tests in the background has them ignore Ctrl-C, and all that they start.
        *("env", "--default-signal=INT", str(SCRIPT)),
        *("--no-limits", "--lease-s", "3"),
        env={**os.environ, "CLUSTER_DATA": str(data)},
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        script = ClusterScript(process, data)
        async with asyncio.timeout(START_S):
            await script.read()
        yield script
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


__all__ = ["ClusterScript", "running_cluster"]
