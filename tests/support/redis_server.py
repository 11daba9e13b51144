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

    def __init__(self, folder: Path, more: Sequence[str], *, tls: bool) -> None:
        """It does not run yet.

        Args:
            more: Arguments, such as `--requirepass`.
            tls: Whether it speaks nothing else.
        """
        self.port = _free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        plain, encrypted = ("0", str(self.port)) if tls else (str(self.port), "0")
        self._arguments = ["--port", plain, "--tls-port", encrypted, *more]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; returns when it answers."""
        assert self._process is None
        self._process = subprocess.Popen(
            [
                # Should the tests be killed, it goes with them.
                *("setpriv", "--pdeathsig", "KILL", PROGRAM),
                *("--bind", "127.0.0.1", "--dir", str(self._folder), "--logfile", ""),
                *("--save", "", "--appendonly", "no", "--daemonize", "no"),
                *self._arguments,
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
def running_redis(*more: str, tls: bool = False) -> Generator[RedisServer]:
    """A server that runs; it is killed, and its folder removed, at the end."""
    folder = Path(tempfile.mkdtemp(prefix="hubbub-redis-"))
    server = RedisServer(folder, more, tls=tls)
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
