"""A real Redis for the tests: on a free port, in a folder of its own, and gone at the end."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

PROGRAM = "redis-server"


class RedisServer:
    """One server, which can be killed, paused, and started again, empty.

    Attributes:
        url: How it is reached.
        port: Always the same one.
    """

    def __init__(self, folder: Path, more: Sequence[str] = ()) -> None:
        """It does not run yet.

        Args:
            more: Arguments, such as `--requirepass`.
        """
        self.port = _free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self._more = more
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; returns when it answers."""
        assert self._process is None
        self._process = subprocess.Popen(
            [
                PROGRAM,
                *("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder)),
                *("--save", "", "--appendonly", "no", "--logfile", "", "--daemonize", "no"),
                *self._more,
            ],
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if b"Ready to accept connections" in line:
                return
        raise RuntimeError(f"{PROGRAM} ended with {self._process.wait()}")

    def signal(self, what: signal.Signals) -> None:
        """Pause it, wake it."""
        assert self._process is not None
        os.kill(self._process.pid, what)

    def kill(self) -> None:
        """End it at once: all that it knew is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None


@contextmanager
def running_redis(*more: str) -> Generator[RedisServer]:
    """A server that runs; it is killed, and its folder removed, at the end."""
    folder = Path(tempfile.mkdtemp(prefix="hubbub-redis-"))
    server = RedisServer(folder, more)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


__all__ = ["RedisServer", "running_redis"]
