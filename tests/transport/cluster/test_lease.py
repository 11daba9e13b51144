"""A node's own lease."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import cast

from tests.support.nodes import virtual

from hubbub.actors.runtime.system import ActorSystem
from hubbub.testkit.clock import VirtualClock
from hubbub.transport.cluster.bus import Bus, Renewal, Standing
from hubbub.transport.cluster.lease import MARGIN, Lease
from hubbub.transport.cluster.views import NO_VIEW, Member, View

VIEW = View(NO_VIEW, ())


class Wire:
    """A bus whose answers the test gives."""

    lease_s = 5.0
    renew_s = 1.0

    def __init__(self) -> None:
        self.asked: list[tuple[Renewal, Callable[[Standing], None]]] = []

    def renew(self, renewal: Renewal, done: Callable[[Standing], None]) -> None:
        """Keep it."""
        self.asked.append((renewal, done))

    def answer(self, *, inside: bool = True) -> None:
        """Answer what was asked last."""
        self.asked[-1][1](Standing(VIEW, inside, 0.0, {}))


class Holder:
    """Writes down what becomes of its lease."""

    def __init__(self) -> None:
        self.membership = "a"
        self.heard: list[str] = []

    def renewal(self) -> Renewal:
        """It says who it is."""
        return Renewal(Member("n1", self.membership), 0)

    def granted(self, standing: Standing) -> None:
        """Write it down."""
        self.heard.append("granted")

    def refused(self, standing: Standing) -> None:
        """Write it down."""
        self.heard.append("refused")

    def over(self) -> None:
        """Write it down."""
        self.heard.append("over")


@asynccontextmanager
async def a_lease() -> AsyncGenerator[tuple[Lease, Wire, Holder]]:
    wire, holder = Wire(), Holder()
    async with ActorSystem(clock=VirtualClock()) as system:
        lease = Lease(cast("Bus", wire), system, holder)
        lease.start()
        yield lease, wire, holder
        lease.stop()


@virtual
async def test_it_holds_from_when_it_was_asked_for_and_ends_before_the_others_think_so() -> None:
    async with a_lease() as (lease, wire, holder):
        assert not lease.holds()
        await asyncio.sleep(0.25)
        wire.answer()
        assert lease.holds()
        assert lease.lag_s == 0.25
        await asyncio.sleep(5 * (1 - MARGIN) - 0.25 - 0.01)
        assert lease.holds()
        assert holder.heard.count("granted") == 1
        await asyncio.sleep(0.02)
        assert not lease.holds()
        assert holder.heard[-1] == "over"
        assert len(wire.asked) == 5, "one at once, and one each second"


@virtual
async def test_each_renewal_moves_its_end() -> None:
    async with a_lease() as (lease, wire, holder):
        for _ in range(20):
            wire.answer()
            await asyncio.sleep(1)
        assert lease.holds()
        assert "over" not in holder.heard[1:]
        lease.end()
        assert not lease.holds()


@virtual
async def test_an_answer_that_came_too_late_or_to_another_is_none() -> None:
    async with a_lease() as (lease, wire, holder):
        _, late = wire.asked[0]
        await asyncio.sleep(4.5)
        late(Standing(VIEW, True, 0.0, {}))
        assert not lease.holds()
        holder.membership = "b"
        late(Standing(VIEW, False, 0.0, {}))
        assert holder.heard == []


@virtual
async def test_who_hears_nothing_for_a_lease_may_have_been_in_and_out_again() -> None:
    async with a_lease() as (lease, wire, holder):
        _, late = wire.asked[0]
        await asyncio.sleep(4.5)
        late(Standing(VIEW, True, 0.0, {}))
        await asyncio.sleep(1)
        assert holder.heard == ["over"]
        wire.answer()
        await asyncio.sleep(4.5)
        assert holder.heard == ["over", "granted", "over"]
        lease.end()
        await asyncio.sleep(4.5)
        assert len(holder.heard) == 3


@virtual
async def test_who_is_not_inside_is_refused_and_who_stopped_hears_nothing() -> None:
    async with a_lease() as (lease, wire, holder):
        wire.answer(inside=False)
        assert holder.heard[-1] == "refused"
        lease.stop()
        asked = len(wire.asked)
        lease.renew()
        wire.answer()
        await asyncio.sleep(9)
        assert holder.heard[-1] == "refused"
        assert len(wire.asked) == asked
