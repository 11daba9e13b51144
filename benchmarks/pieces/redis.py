"""A Redis in a process of its own, for one benchmark."""

from __future__ import annotations

import asyncio
import socket
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RedisProcess:
    """How it is reached, and whose CPU it uses."""

    url: str
    pid: int


@asynccontextmanager
async def redis() -> AsyncGenerator[RedisProcess]:
    """One that keeps nothing on disk, while the block lasts."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="hubbub-bench-") as folder:
        process = await asyncio.create_subprocess_exec(
            "redis-server",
            *("--port", str(port), "--bind", "127.0.0.1", "--dir", folder),
            *("--save", "", "--appendonly", "no", "--logfile", ""),
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            assert process.stdout is not None
            while b"Ready to accept" not in (line := await process.stdout.readline()):
                if not line:
                    raise RuntimeError("redis-server did not start")
            yield RedisProcess(f"redis://127.0.0.1:{port}", process.pid)
        finally:
            process.kill()
            await process.communicate()


__all__ = ["RedisProcess", "redis"]
