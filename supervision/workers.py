"""Several nodes on one machine under one parent, since one Python process has one core.

    parent ─> Supervisor (one_for_one) ─> worker 1: `hubbub node --node n-1 --port 8801 ..`
                                       ─> worker 2: `hubbub node --node n-2 --port 8802 ..`

A worker that dies is started again, each by its own intensity; more, and the parent ends. One that
was drained is not: it has gone. SIGTERM goes to all of them at once, and each drains. A parent that
dies by force takes them along: each reads a pipe that ends with it, and drains then.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from ..actors.runtime.exits import Exit, ExitListener
from ..actors.runtime.system import ActorSystem
from ..config.clock import LoopClock, SystemChance
from ..config.errors import StartError
from ..config.settings import Settings
from ..config.sources import flag_of
from ..config.units import SECONDS
from .intensity import Intensity
from .root import running
from .spec import ChildSpec

#: What a node prints once it takes traffic; see `cli.node`.
READY = b"Hubbub is ready at "
#: Of a line that has not ended yet: bytes that are kept.
LONGEST_LINE = 4096
#: How a process ends that cannot start; see `cli.main`.
CANNOT_START = 2

log = structlog.get_logger(__name__)

#: How long a worker has to drain and to stop, before it is killed.
STOP_S = 60 * SECONDS


class WorkerEndedError(Exception):
    """A worker ended by itself.

    Attributes:
        code: Its exit code; negative for a signal.
    """

    def __init__(self, name: str, code: int) -> None:
        super().__init__(f"{name} ended with {code}")
        self.code = code


@dataclass(frozen=True, slots=True)
class WorkerSpec:
    """A node to be, as its process is started.

    Attributes:
        name: The node's.
        command: The program and its arguments.
    """

    name: str
    command: Sequence[str]


def worker_specs(
    settings: Settings, program: Sequence[str], flags: Mapping[str, str]
) -> list[WorkerSpec]:
    """The nodes that these settings ask for.

    Args:
        program: What runs `hubbub`.
        flags: What the command line said, by the settings' names; environment and file are read by
            each worker itself.

    Raises:
        StartError: Its store is one that nodes cannot share, or nothing joins them.
    """
    if settings.store == "sqlite":
        raise StartError(
            "workers are nodes that share a store, and a SQLite file is one node's alone: "
            "choose --store cassandra with --redis, or leave workers out"
        )
    if not settings.redis:
        raise StartError("workers are nodes of one cluster: name its --redis")
    if settings.public_url is not None and "{worker}" not in settings.public_url:
        raise StartError("public_url: each worker has an address of its own; write {worker} in it")
    return [_worker_spec(settings, program, flags, n) for n in range(1, settings.workers + 1)]


def _worker_spec(
    settings: Settings, program: Sequence[str], flags: Mapping[str, str], n: int
) -> WorkerSpec:
    own = {
        "workers": "1",
        "node": f"{settings.node}-{n}",
        "port": str(settings.port + n - 1 if settings.port else 0),
        "data": str(settings.data / f"worker-{n}"),
    }
    if settings.public_url is not None:
        own["public_url"] = settings.public_url.replace("{worker}", str(n))
    given = [f"{flag_of(name)}={value}" for name, value in {**flags, **own}.items()]
    return WorkerSpec(own["node"], (*program, "node", "--until-stdin-ends", *given))


class Worker:
    """A worker's process, as a supervisor wants it."""

    def __init__(
        self,
        spec: WorkerSpec,
        system: ActorSystem,
        exits: ExitListener,
        say: Callable[[str], object],
    ) -> None:
        """It does not run yet.

        Args:
            exits: Hears when it has ended by itself: in order when it was drained.
            say: Is given the line by which the worker says that it is ready.
        """
        self._spec = spec
        self._system = system
        self._exits = exits
        self._say = say
        self._process: asyncio.subprocess.Process | None = None
        self._told_to_go = False

    async def start(self) -> None:
        """Start it; returns once it takes traffic.

        Raises:
            StartError: It says that it cannot.
            WorkerEndedError: It ended before it could.
        """
        name = self._spec.name
        process = self._process = await asyncio.create_subprocess_exec(
            *self._spec.command,
            # Nothing is ever written there: it ends with this process, however that ends.
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # Ctrl-C at a terminal is for the parent, which tells the workers.
            start_new_session=True,
        )
        first: asyncio.Future[str | int] = asyncio.get_running_loop().create_future()
        self._system.tasks.start(self._read(process, first), f"read {name}")
        try:
            ready_or_code = await first
            if isinstance(ready_or_code, str):
                self._say(f"{name}: {ready_or_code}")
        except BaseException:
            self.kill()
            raise
        if isinstance(ready_or_code, int):
            raise (
                StartError(f"{name} cannot start: it says why above")
                if ready_or_code == CANNOT_START
                else WorkerEndedError(name, ready_or_code)
            )
        log.info("worker_ready", worker=name, pid=process.pid)

    async def stop(self) -> None:
        """Have it drain, and wait until it has ended."""
        self.tell_to_go()
        if self._process is not None:
            await self._process.wait()

    def tell_to_go(self) -> None:
        """Have it drain and end; that it does is no news then. Twice would cut it short."""
        if not self._told_to_go:
            self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self._signal(signal.SIGKILL)

    def _signal(self, what: signal.Signals) -> None:
        self._told_to_go = True
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.send_signal(what)

    async def _read(
        self, process: asyncio.subprocess.Process, first: asyncio.Future[str | int]
    ) -> None:
        """Read what it says to the end, then say that it has ended.

        All of it, wanted or not, from its first moment on and though it was killed: while it has
        more to say than asyncio buffers, asyncio does not see it end.

        Args:
            first: Is given its line that it is ready, or its exit code when it ends before.
        """
        assert process.stdout is not None
        begun = b""
        while chunk := await process.stdout.read(65_536):
            if not first.done():
                *lines, begun = (begun + chunk).split(b"\n")
                begun = begun[:LONGEST_LINE]
                ready = next((line for line in lines if line.startswith(READY)), None)
                if ready is not None:
                    first.set_result(ready.decode(errors="replace").rstrip())
        code = await process.wait()
        if not first.done():
            first.set_result(code)
        elif not self._told_to_go:
            log.warning("worker_ended", worker=self._spec.name, code=code)
            error = WorkerEndedError(self._spec.name, code) if code else None
            self._exits(Exit(None, self._spec.name, error))


async def serve_workers(
    specs: Sequence[WorkerSpec],
    say: Callable[[str], object],
    *,
    ready: Callable[[], object] = lambda: None,
    intensity: Intensity | None = None,
) -> bool:
    """Run the workers until this is cancelled, or all were drained.

    Args:
        say: Is given each worker's line that it is ready.
        ready: Called once all of them have started.
        intensity: Of each worker; None is OTP's.

    Returns: True, when all were drained.

    Raises:
        StartError: One of them cannot start.
        GaveUpError: One died too often; the others were drained.
    """
    async with ActorSystem(clock=LoopClock(), chance=SystemChance()) as system:
        workers: dict[str, Worker] = {}

        def child(spec: WorkerSpec) -> ChildSpec:
            def start(exits: ExitListener) -> Worker:
                worker = workers[spec.name] = Worker(spec, system, exits, say)
                return worker

            return ChildSpec(
                spec.name,
                start,
                restart="transient",
                shutdown=STOP_S,
                significant=True,
                intensity=intensity or Intensity(),
            )

        async with running(
            system,
            [child(spec) for spec in specs],
            strategy="one_for_one",
            auto_shutdown="all_significant",
        ) as ended:
            ready()
            try:
                exit = await ended
            except asyncio.CancelledError:
                # All at once: the supervisor stops one after the other.
                for worker in workers.values():
                    worker.tell_to_go()
                raise
        if exit.reason is not None:
            raise exit.reason
        return True


__all__ = [
    "CANNOT_START",
    "READY",
    "STOP_S",
    "Worker",
    "WorkerEndedError",
    "WorkerSpec",
    "serve_workers",
    "worker_specs",
]
