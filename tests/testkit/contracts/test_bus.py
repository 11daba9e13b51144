"""Our buses keep the contract of all buses."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from tests.support.redis_server import RedisServer
from tests.support.redis_wire import redis_wire

from hubbub.testkit.clock import VirtualClock, VirtualLoop
from hubbub.testkit.contracts.bus import Wire, check_bus
from hubbub.transport.cluster.bus import Bus
from hubbub.transport.cluster.memory_bus import MemoryBus

CASES = 17


class MemoryWire:
    """One bus in memory that all nodes share."""

    def __init__(self) -> None:
        self._clock = VirtualClock()
        self.shared = MemoryBus(self._clock)

    def bus(self, node: str) -> Bus:
        return self.shared

    async def pass_time(self, seconds: float) -> None:
        await self._clock.sleep(seconds)

    async def forget(self) -> None:
        self.shared.flush()


@asynccontextmanager
async def in_memory() -> AsyncGenerator[Wire]:
    yield MemoryWire()


def test_a_bus_in_memory_keeps_the_contract() -> None:
    assert check_bus(in_memory, loop_factory=VirtualLoop) == CASES


def test_a_bus_over_redis_keeps_the_contract(redis_server: RedisServer) -> None:
    def fresh() -> AbstractAsyncContextManager[Wire]:
        return redis_wire(redis_server)

    assert check_bus(fresh) == CASES


def test_a_bus_that_remembers_what_it_should_have_forgotten_is_found_out() -> None:
    class Faithful(MemoryWire):
        async def forget(self) -> None:
            pass

    @asynccontextmanager
    async def fresh() -> AsyncGenerator[Wire]:
        yield Faithful()

    with pytest.raises(ExceptionGroup, match="BusContract fail") as failed:
        check_bus(fresh, loop_factory=VirtualLoop)
    notes = {note for error in failed.value.exceptions for note in error.__notes__}
    assert "in BusContract.test_every_generation_is_above_all_others, with {}" in notes
