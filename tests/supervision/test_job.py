"""A coroutine as a child."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.support.clock import ManualClock

from hubbub.actors.runtime.exits import Exit, ExitListener
from hubbub.actors.runtime.ref import LoopActorRef
from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.errors import GaveUpError
from hubbub.supervision.job import Job
from hubbub.supervision.spec import ChildSpec, Restart
from hubbub.supervision.supervisor import Supervisor


class Sweeper:
    """Work that ends, fails or goes on as it is told."""

    def __init__(self, system: ActorSystem) -> None:
        self.system = system
        self.story: list[str] = []
        self.orders: asyncio.Queue[str] = asyncio.Queue()
        self.exits: list[Exit] = []

    async def sweep(self) -> None:
        self.story.append("begun")
        try:
            while (order := await self.orders.get()) != "end":
                if order == "fail":
                    raise OSError("no broom")
                if order == "give up":
                    raise asyncio.CancelledError
        finally:
            self.story.append("over")

    def supervise(self, restart: Restart = "permanent") -> LoopActorRef[Supervisor]:
        def start(exits: ExitListener) -> Job:
            return Job(self.system, "sweeper", self.sweep, exits)

        return self.system.spawn(
            Supervisor,
            [ChildSpec("sweeper", start, restart=restart)],
            parent=self.exits.append,
        )

    async def told(self, order: str) -> list[str]:
        self.orders.put_nowait(order)
        await self.system.settle()
        story, self.story = self.story, []
        return story


@pytest.fixture
async def sweeper() -> AsyncIterator[Sweeper]:
    async with ActorSystem(clock=ManualClock()) as system:
        yield Sweeper(system)


async def test_it_runs_until_it_is_stopped_and_cleans_up(sweeper: Sweeper) -> None:
    ref = sweeper.supervise()
    assert await sweeper.told("go on") == ["begun"]
    assert await ref.stop(block=False)
    assert sweeper.story == ["over"]
    await sweeper.system.settle()
    assert len(sweeper.system.tasks) == 0


@pytest.mark.parametrize("order", ["fail", "give up"])
async def test_one_that_fails_is_started_again_within_the_intensity(
    sweeper: Sweeper, order: str
) -> None:
    sweeper.supervise("transient")
    await sweeper.system.settle()
    assert await sweeper.told(order) == ["begun", "over", "begun"]
    assert await sweeper.told(order) == ["over"]
    assert isinstance(sweeper.exits[0].reason, GaveUpError)


async def test_one_that_returns_has_ended_normally(sweeper: Sweeper) -> None:
    ref = sweeper.supervise("transient")
    await sweeper.system.settle()
    assert await sweeper.told("end") == ["begun", "over"]
    assert ref.is_alive()
    assert sweeper.exits == []
