"""What every Bus must do, whatever carries its batches, leases and views."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from ...transport.cluster.bus import Batch, Bus, Renewal, Standing
from ...transport.cluster.versions import VERSION
from ...transport.cluster.views import Member, State, View
from ...transport.discovery import UNTOLD, About
from .cases import check
from .cluster import LOOK_S, PATIENCE_S


class Wire(Protocol):
    """What several nodes share, and what can happen to it."""

    def bus(self, node: str) -> Bus:
        """A node's way to it; each node asks once."""
        ...

    async def pass_time(self, seconds: float) -> None:
        """So much of the time by which leases end passes."""
        ...

    async def forget(self) -> None:
        """All that the nodes share there is gone."""
        ...


@dataclass
class Ear:
    """A node as the bus sees it: keeps what it is told."""

    bus: Bus
    node: str
    incarnation: str
    batches: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    envelopes: list[bytes] = field(default_factory=list[bytes])
    views: list[View] = field(default_factory=list[View])

    def __post_init__(self) -> None:
        self.bus.attach(self.node, self.incarnation, self)

    def received(self, batch: Batch) -> None:
        """Keep it."""
        self.batches.append((batch.sender, batch.number))
        self.envelopes.extend(batch.envelopes)

    def viewed(self, view: View) -> None:
        """Keep it."""
        self.views.append(view)

    async def renew(
        self,
        generation: int = 0,
        *,
        sent: dict[str, int] | None = None,
        state: State = "ready",
        speaks: int = VERSION,
        about: About = UNTOLD,
    ) -> Standing:
        """Renew, and wait for the answer."""
        answer: asyncio.Future[Standing] = asyncio.get_running_loop().create_future()
        member = Member(self.node, self.incarnation, state, speaks=speaks, about=about)
        self.bus.renew(Renewal(member, generation, sent or {}), answer.set_result)
        return await asyncio.wait_for(answer, PATIENCE_S)

    def send(self, to: Ear, *numbers: int) -> None:
        """Send batches of these numbers."""
        for number in numbers:
            packed = f"{self.incarnation} {number}".encode()
            self.bus.send(to.incarnation, Batch(self.incarnation, number, (packed,)))

    async def is_told(self, sent: dict[str, int]) -> None:
        """Renew until this is what others have sent; before that it may be on its way."""
        async with asyncio.timeout(PATIENCE_S):
            while (await self.renew(1)).sent != sent:  # noqa: ASYNC110 - nothing else says so
                await asyncio.sleep(LOOK_S)

    async def hears(self, holds: Callable[[Ear], bool]) -> None:
        """Wait until this holds of what it was told."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds(self):  # noqa: ASYNC110 - it comes over a wire that says nothing
                await asyncio.sleep(LOOK_S)


async def _three(wire: Wire) -> tuple[Ear, Ear, Ear]:
    """Three nodes in one view, which all of them know."""
    names = (("n1", "a"), ("n2", "b"), ("n3", "c"))
    one, two, three = (Ear(wire.bus(node), node, incarnation) for node, incarnation in names)
    for ear in (one, two, three):
        await ear.renew()
    for ear in (one, two):
        await ear.renew(1)
    return one, two, three


def _nodes(view: View) -> list[str]:
    return [member.node for member in view.members]


class BusContract:
    """Inherit this in a test class, and give a fixture `wire` that nobody has used yet."""

    async def test_who_renews_is_in_and_all_are_told_the_view(self, wire: Wire) -> None:
        one, two, three = await _three(wire)
        standing = await one.renew(1)
        assert standing.inside
        assert standing.closed_s == 0, "the first generation has no owners to wait for"
        assert _nodes(standing.view) == ["n1", "n2", "n3"]
        assert standing.view.incarnations == {"a", "b", "c"}
        for ear in (one, two, three):
            await ear.hears(lambda ear: standing.view in ear.views)
            told = [view.id for view in ear.views]
            assert told == sorted(told)

    async def test_a_renewal_that_changes_nothing_makes_no_view(self, wire: Wire) -> None:
        one, _, _ = await _three(wire)
        before = await one.renew(1)
        assert (await one.renew(1)).view.id == before.view.id

    async def test_what_a_node_says_of_itself_makes_no_view_and_all_hear_it(
        self, wire: Wire
    ) -> None:
        one, two, _ = await _three(wire)
        before = await one.renew(1)
        about = About("wss://n1.test/ws", "1.0", 0.25, True)
        assert (await one.renew(1, about=about)).view.id == before.view.id
        heard = (await two.renew(1)).view
        assert heard.id == before.view.id
        assert [member.about for member in heard.members] == [about, UNTOLD, UNTOLD]

    async def test_another_state_makes_a_higher_view(self, wire: Wire) -> None:
        one, two, _ = await _three(wire)
        before = (await one.renew(1)).view
        after = (await one.renew(1, state="draining")).view
        assert after.id > before.id
        assert after.id.generation == before.id.generation
        mine = after.of("n1")
        assert mine is not None
        assert mine.state == "draining"
        await two.hears(lambda ear: after in ear.views)

    async def test_who_does_not_renew_for_a_lease_is_out_and_stays_out(self, wire: Wire) -> None:
        one, two, three = await _three(wire)
        await wire.pass_time(one.bus.lease_s * 0.6)
        await two.renew(1)
        await wire.pass_time(one.bus.lease_s * 0.6)
        standing = await two.renew(1)
        assert _nodes(standing.view) == ["n2"]
        for ear in (one, three):
            again = await ear.renew(1)
            assert not again.inside
            assert again.view.id == standing.view.id

    async def test_who_is_out_comes_back_as_another_incarnation(self, wire: Wire) -> None:
        one, two, _ = await _three(wire)
        two.bus.leave("n2", "a")
        await one.hears(lambda ear: _nodes(ear.views[-1]) == ["n2", "n3"])
        assert not (await one.renew(1)).inside
        one.bus.detach("a")
        again = Ear(one.bus, "n1", "d")
        standing = await again.renew()
        assert standing.inside
        assert standing.view.incarnations == {"b", "c", "d"}

    async def test_who_leaves_is_out_at_once(self, wire: Wire) -> None:
        one, two, _ = await _three(wire)
        one.bus.leave("n1", "a")
        one.bus.leave("n1", "a")
        await two.hears(lambda ear: ear.views[-1].incarnations == frozenset("bc"))

    async def test_a_later_incarnation_takes_the_place_of_an_earlier_one(self, wire: Wire) -> None:
        one, two, _ = await _three(wire)
        again = Ear(one.bus, "n1", "d")
        standing = await again.renew()
        assert standing.view.incarnations == {"b", "c", "d"}
        await two.hears(lambda ear: standing.view in ear.views)
        two.send(one, 1)
        two.send(again, 1, 2)
        await again.hears(lambda ear: ear.batches == [("b", 1), ("b", 2)])
        assert one.batches == []

    async def test_batches_of_a_link_come_whole_and_in_order(self, wire: Wire) -> None:
        one, two, three = await _three(wire)
        for number in range(1, 301, 2):
            one.send(three, number, number + 1)
            two.send(three, number, number + 1)
            if number % 60 == 1:
                await asyncio.sleep(0)
        await three.hears(lambda ear: len(ear.batches) >= 600)
        for sender in ("a", "b"):
            assert [n for s, n in three.batches if s == sender] == list(range(1, 301))
        assert sorted(three.envelopes) == sorted(f"{s} {n}".encode() for s, n in three.batches)
        assert one.bus.room("c")

    async def test_what_is_sent_to_nobody_is_lost_and_harms_nobody(self, wire: Wire) -> None:
        one, two, _ = await _three(wire)
        one.bus.send("nobody", Batch("a", 1, (b"x",)))
        one.send(two, 1)
        await two.hears(lambda ear: ear.batches == [("a", 1)])

    async def test_a_receiver_is_told_how_much_members_have_sent_it(self, wire: Wire) -> None:
        one, two, three = await _three(wire)
        await one.renew(1, sent={"b": 7, "c": 3})
        await three.renew(1, sent={"b": 2, "gone": 5})
        await two.is_told({"a": 7, "c": 2})
        await one.renew(1, sent={"b": 9})
        await two.is_told({"a": 9, "c": 2})
        two.bus.leave("n2", "c")
        await two.hears(lambda ear: _nodes(ear.views[-1]) == ["n1", "n2"])
        await two.is_told({"a": 9})

    async def test_what_is_forgotten_is_followed_by_a_higher_generation_closed_for_one_lease(
        self, wire: Wire
    ) -> None:
        one, two, three = await _three(wire)
        await one.renew(1, sent={"b": 4})
        await wire.forget()
        first = await one.renew(1)
        assert first.inside, "it comes back in under its incarnation"
        assert first.view.id.generation == 2
        assert 0.5 * one.bus.lease_s < first.closed_s <= one.bus.lease_s
        second = await two.renew(1)
        assert second.inside
        assert second.sent == {}
        assert second.view.id > first.view.id
        assert second.closed_s > 0
        standing = await three.renew(1)
        assert standing.view.incarnations == {"a", "b", "c"}
        await one.hears(lambda ear: standing.view in ear.views)
        await wire.pass_time(one.bus.lease_s * 0.7)
        await one.renew(2)
        await wire.pass_time(one.bus.lease_s * 0.7)
        assert (await one.renew(2)).closed_s == 0

    async def test_every_generation_is_above_all_others(self, wire: Wire) -> None:
        one, _, _ = await _three(wire)
        seen = [(await one.renew(1)).view.id]
        for _ in range(3):
            await wire.forget()
            seen.append((await one.renew(seen[-1].generation)).view.id)
        assert seen == sorted(seen)
        assert len({view.generation for view in seen}) == 4

    async def test_batches_pass_in_a_new_generation(self, wire: Wire) -> None:
        one, two, _ = await _three(wire)
        one.send(two, 1)
        await two.hears(lambda ear: ear.batches == [("a", 1)])
        await wire.forget()
        await two.renew(1)
        await one.renew(1)
        one.send(two, 2)
        await two.hears(lambda ear: ear.batches[-1] == ("a", 2))

    async def test_who_shares_no_version_with_a_member_is_refused_and_members_hear_of_it(
        self, wire: Wire
    ) -> None:
        one, two, _ = await _three(wire)
        stranger = Ear(wire.bus("n9"), "n9", "x")
        refused = await stranger.renew(speaks=VERSION + 2)
        assert not refused.inside
        assert refused.gap is not None
        assert (refused.gap.node, refused.gap.speaks) == ("n9", VERSION + 2)
        assert refused.gap.other_speaks == VERSION
        standing = await one.renew(1)
        assert standing.strangers == {"n9": VERSION + 2}
        assert standing.gap is None
        assert "n9" not in _nodes(standing.view)
        await wire.pass_time(one.bus.lease_s * 0.6)
        await two.renew(1)
        await wire.pass_time(one.bus.lease_s * 0.6)
        assert (await two.renew(1)).strangers == {}
        newer = await stranger.renew(speaks=VERSION + 1)
        assert newer.inside
        mine = newer.view.of("n9")
        assert mine is not None
        assert mine.speaks == VERSION + 1

    async def test_who_does_not_listen_is_told_nothing(self, wire: Wire) -> None:
        one, two, _ = await _three(wire)
        before = len(one.views)
        one.bus.detach("a")
        two.send(one, 1)
        standing = await two.renew(1, state="draining")
        await two.hears(lambda ear: standing.view in ear.views)
        assert (one.batches, len(one.views)) == ([], before)

    async def test_a_closed_bus_has_told_what_its_node_said_last(self, wire: Wire) -> None:
        one, two, _ = await _three(wire)
        one.send(two, 1)
        one.bus.leave("n1", "a")
        await one.bus.close("a")
        await two.hears(lambda ear: ear.batches == [("a", 1)])
        await two.hears(lambda ear: ear.views[-1].incarnations == frozenset("bc"))


def check_bus(
    fresh: Callable[[], AbstractAsyncContextManager[Wire]],
    *,
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> int:
    """Hold a bus to its contract: every case, each on a wire of its own.

    Args:
        fresh: Makes what several nodes share, for the length of a block.
        loop_factory: `VirtualLoop` for one in memory, whose time is virtual.

    Returns: how many cases there were.

    Raises:
        ExceptionGroup: Those that failed.
    """
    return check(BusContract, "wire", fresh, loop_factory=loop_factory)


__all__ = ["BusContract", "Ear", "Wire", "check_bus"]
