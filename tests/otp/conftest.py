"""A system on a clock of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.support.clock import ManualClock
from tests.support.family import World

from hubbub.actors.runtime.system import ActorSystem


@pytest.fixture
async def world() -> AsyncIterator[World]:
    clock = ManualClock()
    async with ActorSystem(clock=clock) as system:
        yield World(system, clock)
