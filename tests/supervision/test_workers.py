"""Several nodes under one parent: real processes, which are no real nodes."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.errors import GaveUpError, StartError
from hubbub.config.settings import Settings
from hubbub.supervision.intensity import Intensity
from hubbub.supervision.workers import (
    Worker,
    WorkerEndedError,
    WorkerSpec,
    serve_workers,
    worker_specs,
)

#: Says that it is ready, writes down its life, and goes when it is told to: arg 1 is its folder.
WORKER = """
import os, pathlib, signal, sys
lives = pathlib.Path(sys.argv[1]) / "lives"

def note(line):
    with lives.open("a") as file:
        file.write(f"{line}\\n")

# Waited for, not handled: one that comes just before a pause() would not end it.
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
note(os.getpid())
print("starting", flush=True)
print("Hubbub is ready at http://127.0.0.1:1", flush=True)
print("x" * 200_000, flush=True)
signal.sigwait([signal.SIGTERM])
note("drained")
"""

#: Is never ready, and in the middle of a long speech once it has written down its life.
TALKER = """
import os, pathlib, sys
def speak(): sys.stdout.write("x" * 200_000); sys.stdout.flush()
speak()
(pathlib.Path(sys.argv[1]) / "lives").write_text(f"{os.getpid()}\\n")
while True:
    speak()
"""


class Crew:
    """Workers that write down their lives."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []
        self._heard = asyncio.Event()

    def spec(self, name: str, script: str = WORKER) -> WorkerSpec:
        (self.folder / name).mkdir(exist_ok=True)
        command = (sys.executable, "-S", "-c", script, str(self.folder / name))
        return WorkerSpec(name, command)

    def lives(self, name: str) -> list[str]:
        return (self.folder / name / "lives").read_text().split()

    def kill(self, name: str) -> None:
        os.kill(int(self.lives(name)[-1]), signal.SIGKILL)

    def all_ready(self) -> None:
        self.say("all are ready")

    def say(self, line: str) -> None:
        self.said.append(line)
        self._heard.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not holds():
                self._heard.clear()
                await self._heard.wait()


@asynccontextmanager
async def serving(
    crew: Crew, *specs: WorkerSpec, intensity: Intensity | None = None
) -> AsyncGenerator[asyncio.Task[bool]]:
    serving = serve_workers(specs, crew.say, ready=crew.all_ready, intensity=intensity)
    task = asyncio.ensure_future(serving)  # noqa: TID251 - a test's own
    try:
        await crew.until(lambda: "all are ready" in crew.said or task.done())
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await task


@pytest.fixture
async def crew(tmp_path: Path) -> Crew:
    return Crew(tmp_path)


async def test_all_start_one_after_the_other_and_drain_when_the_parent_goes(crew: Crew) -> None:
    async with serving(crew, crew.spec("n-1"), crew.spec("n-2")) as task:
        lines = [f"n-{n}: Hubbub is ready at http://127.0.0.1:1" for n in (1, 2)]
        assert crew.said == [*lines, "all are ready"]
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    for name in ("n-1", "n-2"):
        assert crew.lives(name)[1:] == ["drained"]


async def test_one_that_dies_is_started_again_alone(crew: Crew) -> None:
    async with serving(crew, crew.spec("n-1"), crew.spec("n-2")):
        crew.kill("n-1")
        await crew.until(lambda: len(crew.said) == 4)
        assert crew.said[-1].startswith("n-1: ")
        assert len(crew.lives("n-1")) == 2
        assert len(crew.lives("n-2")) == 1


async def test_one_that_dies_too_often_ends_the_parent_and_the_others_drain(crew: Crew) -> None:
    once = Intensity(0)
    async with serving(crew, crew.spec("n-1"), crew.spec("n-2"), intensity=once) as task:
        crew.kill("n-1")
        with pytest.raises(GaveUpError):
            await asyncio.wait_for(task, 30)
    assert crew.lives("n-2")[1:] == ["drained"]


async def test_one_that_was_drained_stays_away_and_the_last_one_ends_the_parent(
    crew: Crew,
) -> None:
    async with serving(crew, crew.spec("n-1"), crew.spec("n-2")) as task:
        for name in ("n-1", "n-2"):
            assert not task.done()
            os.kill(int(crew.lives(name)[-1]), signal.SIGTERM)
        assert await asyncio.wait_for(task, 30) is True
    for name in ("n-1", "n-2"):
        assert crew.lives(name)[1:] == ["drained"]


async def test_one_that_says_it_cannot_start_is_not_tried_again(crew: Crew) -> None:
    with pytest.raises(StartError, match="n-2 cannot start"):
        await serve_workers(
            [crew.spec("n-1"), crew.spec("n-2", "import sys; sys.exit(2)")], crew.say
        )
    assert crew.lives("n-1")[1:] == ["drained"]


async def test_one_that_ends_before_it_is_ready_says_with_what(crew: Crew) -> None:
    async with ActorSystem() as system:
        spec = crew.spec("n-1", "import sys; print('starting'); sys.exit(3)")
        worker = Worker(spec, system, lambda _: None, crew.say)
        worker.kill()  # it does not run yet
        await worker.stop()
        with pytest.raises(WorkerEndedError) as ended:
            await worker.start()
        assert ended.value.code == 3
        worker.kill()  # nor any more


async def test_one_may_say_much_before_it_is_ready(crew: Crew) -> None:
    script = "print('x' * 200_000, end='');" + WORKER.lstrip().replace(
        'print("starting"', 'print("\\nstarting"'
    )
    async with serving(crew, crew.spec("n-1", script)):
        assert crew.said == ["n-1: Hubbub is ready at http://127.0.0.1:1", "all are ready"]
    assert crew.lives("n-1")[1:] == ["drained"]


async def test_one_that_is_given_up_while_it_starts_is_ended(crew: Crew) -> None:
    async with ActorSystem() as system:
        worker = Worker(crew.spec("n-1", TALKER), system, lambda _: None, crew.say)
        starting = asyncio.ensure_future(worker.start())  # noqa: TID251 - a test's own
        lives = crew.folder / "n-1" / "lives"
        async with asyncio.timeout(30):
            while not lives.exists() or not lives.read_text():  # noqa: ASYNC110 - a file
                await asyncio.sleep(0)
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
        await worker.stop()
    assert len(crew.lives("n-1")) == 1, "killed, and not asked to drain"


# --- which processes ----------------------------------------------------------------------------

SHARED = {"store": "cassandra", "redis": "redis://r/0", "workers": "3"}


def test_each_worker_is_a_node_with_a_name_a_port_and_a_folder_of_its_own(tmp_path: Path) -> None:
    flags = {
        **SHARED, "data": str(tmp_path), "port": "8800", "node": "berlin", "no_limits": "true",
        "public_url": "wss://w{worker}.chat.test/ws",
    }  # fmt: skip
    specs = worker_specs(Settings(**flags), ("python", "run"), flags)  # type: ignore[arg-type] # text
    assert [spec.name for spec in specs] == ["berlin-1", "berlin-2", "berlin-3"]
    assert list(specs[1].command) == [
        "python", "run", "node", "--until-stdin-ends", "--store=cassandra", "--redis=redis://r/0",
        "--workers=1", f"--data={tmp_path}/worker-2", "--port=8801", "--node=berlin-2",
        "--no-limits=true", "--public-url=wss://w2.chat.test/ws",
    ]  # fmt: skip


def test_a_free_port_is_each_workers_own() -> None:
    flags = {**SHARED, "port": "0"}
    specs = worker_specs(Settings(**flags), (), flags)  # type: ignore[arg-type] # text
    assert all("--port=0" in spec.command for spec in specs)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"store": "sqlite"}, "a SQLite file is one node's alone"),
        ({"redis": ""}, "name its --redis"),
        ({"public_url": "wss://chat.test/ws"}, "write {worker} in it"),
    ],
)
def test_what_cannot_be_several_nodes_is_refused(changed: dict[str, str], why: str) -> None:
    flags = {**SHARED, **changed}
    with pytest.raises(StartError, match=why):
        worker_specs(Settings(**flags), (), flags)  # type: ignore[arg-type] # text
