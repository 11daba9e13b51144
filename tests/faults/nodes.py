"""A node of a fault run: one that can be held up, and lied to by its clock and its disk."""

from __future__ import annotations

import resource
import signal
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.node import ROOT, Node

#: In a program's folder: each brings its own.
_HURT_NODE = Path(__file__).with_name("hurt_node.py").relative_to(ROOT)

#: What a node of a fault run is started with: no limit in time, for the load sets its own rate, and
#: many snapshots, so that what comes back comes from one.
FLAGS = (
    "--no-limits", "--log-level", "warning", "--drain-s", "0.5", "--snapshot-every", "8",
)  # fmt: skip

_PAGE_BYTES = 4096


class HurtNode(Node):
    """See the module; `Node` has what every test of a process needs.

    Attributes:
        programs: Folders of programs that it can be; it is started as the first of them.
    """

    def __init__(
        self,
        data: Path,
        *flags: str,
        block_s: float,
        clock_s: float = -60.0,
        programs: Sequence[Path] = (ROOT,),
    ) -> None:
        """Not started yet.

        Args:
            flags: Besides those of every fault run.
            block_s: How long `block` holds its loop.
            clock_s: By how much its clock can be wrong.
        """
        self.programs = deque(programs)
        env = {"HURT_BLOCK_S": str(block_s), "HURT_CLOCK_S": str(clock_s)}
        super().__init__(data, *FLAGS, *flags, env=env)

    def command(self, *words: str) -> list[str]:
        """`hurt_node.py` in place of `run_node.py`."""
        python, _run, *rest = super().command(*words)
        return [python, str(self.programs[0] / _HURT_NODE), *rest]

    @contextmanager
    def paused(self) -> Generator[None]:
        """Nothing of it runs (SIGSTOP), and its connections stand; in the end it goes on."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    @contextmanager
    def clock_wrong(self) -> Generator[None]:
        """Its wall clock jumps, and in the end jumps back."""
        self.process.send_signal(signal.SIGUSR2)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGUSR2)

    @contextmanager
    def disk_full(self) -> Generator[None]:
        """None of its files may be written beyond its first page, until the end."""
        pid, hard = self.process.pid, resource.RLIM_INFINITY
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (_PAGE_BYTES, hard))
        try:
            yield
        finally:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))

    def block(self) -> None:
        """Have something hold its loop, for as long as it was made for."""
        self.process.send_signal(signal.SIGUSR1)


__all__ = ["FLAGS", "HurtNode"]
