"""A node in a process of its own, on a free port, with data that were seeded."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from .result import LostError, Options

ROOT = Path(__file__).parents[2]

#: Where a node keeps its store, in its data directory.
DATABASE = "hubbub.db"

#: A node starts in about a second, a profiled one on a busy machine in some more.
START_S = 60.0
STOP_S = 60.0

_ADDRESS = re.compile(rb"http://127\.0\.0\.1:(\d+)")


@dataclass(frozen=True, slots=True)
class Node:
    """A node that is ready.

    Attributes:
        profile: Where its profile will be once it has ended; None when nobody asked.
    """

    pid: int
    host: str
    port: int
    profile: Path | None


@asynccontextmanager
async def node(data: Path, options: Options) -> AsyncGenerator[Node]:
    """Start it, and end it in order; one that does not end well fails the benchmark."""
    profile = data / "node.prof" if options.profile else None
    profiler = [] if profile is None else ["-m", "cProfile", "-o", str(profile)]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *profiler,
        str(ROOT / "run_node.py"),
        *("node", "--data", str(data), "--port", "0", "--no-limits", "--log-level", "warning"),
        cwd=data,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(START_S):
            port = await _port(process)
        yield Node(process.pid, "127.0.0.1", port, profile)
    except BaseException:
        if process.returncode is None:
            process.kill()
        await process.wait()
        raise
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(STOP_S):
        code = await process.wait()
    if code != 0:
        raise LostError(f"the node ended with {code}")


async def _port(process: asyncio.subprocess.Process) -> int:
    assert process.stdout is not None
    while line := await process.stdout.readline():
        found = _ADDRESS.search(line)
        if found:
            return int(found[1])
    raise LostError("the node did not start")


__all__ = ["DATABASE", "Node", "node"]
