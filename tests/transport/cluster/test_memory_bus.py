"""The bus in memory, and what can go wrong with it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from tests.support.nodes import virtual

from hubbub.testkit.clock import VirtualClock
from hubbub.transport.cluster.bus import Batch, Renewal, Standing
from hubbub.transport.cluster.memory_bus import Fate, MemoryBus
from hubbub.transport.cluster.views import Member, View, ViewId


@dataclass
class Node:
    """One that listens."""

    bus: MemoryBus
    name: str
    incarnation: str
    batches: list[int] = field(default_factory=list[int])
    views: list[ViewId] = field(default_factory=list[ViewId])
    standings: list[Standing] = field(default_factory=list[Standing])

    def __post_init__(self) -> None:
        self.bus.attach(self.name, self.incarnation, self)

    @property
    def standing(self) -> Standing:
        return self.standings[-1]

    def received(self, batch: Batch) -> None:
        self.batches.append(batch.number)

    def viewed(self, view: View) -> None:
        self.views.append(view.id)

    def renew(self, generation: int = 0, **sent: int) -> None:
        member = Member(self.name, self.incarnation)
        self.bus.renew(Renewal(member, generation, sent), self.standings.append)

    def send(self, to: str, *numbers: int) -> None:
        for number in numbers:
            self.bus.send(to, Batch(self.incarnation, number, ()))


def three() -> tuple[MemoryBus, Node, Node, Node]:
    bus = MemoryBus(VirtualClock())
    return bus, Node(bus, "n1", "a"), Node(bus, "n2", "b"), Node(bus, "n3", "c")


@virtual
async def test_who_renews_is_in_and_everybody_is_told_the_view() -> None:
    bus, one, two, _ = three()
    one.renew()
    two.renew()
    await asyncio.sleep(0.01)
    assert bus.view is not None
    assert [m.node for m in bus.view.members] == ["n1", "n2"]
    assert one.standing.inside
    assert one.standing.closed_s == 0
    assert one.views == [(1, 1), (1, 2)]
    assert two.standing.view.id == (1, 2)


@virtual
async def test_what_senders_have_sent_is_told_to_the_receiver() -> None:
    _, one, two, _ = three()
    one.renew(b=7, c=3)
    await asyncio.sleep(0.01)
    two.renew()
    await asyncio.sleep(0.01)
    assert two.standing.sent == {"a": 7}


@virtual
async def test_who_does_not_renew_is_out_and_stays_out() -> None:
    bus, one, two, _ = three()
    one.renew()
    two.renew()
    await asyncio.sleep(3)
    two.renew(1)
    await asyncio.sleep(2.5)
    two.renew(1)
    await asyncio.sleep(0.01)
    assert bus.view is not None
    assert [m.node for m in bus.view.members] == ["n2"]
    one.renew(1)
    await asyncio.sleep(0.01)
    assert not one.standing.inside


@virtual
async def test_who_leaves_or_is_expelled_is_out_at_once() -> None:
    bus, one, two, _ = three()
    one.renew()
    two.renew()
    await asyncio.sleep(0.01)
    bus.leave("n2", "a")
    await asyncio.sleep(0.01)
    assert bus.view is not None
    assert bus.view.incarnations == {"b"}


@virtual
async def test_batches_come_in_order_whatever_the_delay_and_rules_decide_their_fate() -> None:
    bus, one, two, _ = three()

    def fate_of_third(sender: str, receiver: str, fate: Fate) -> None:
        assert (sender, receiver) == ("n1", "n2")
        fate.delay_s = 1.0 if bus.batches == 2 else 0.0

    bus.faults.rules.append(fate_of_third)
    one.send("b", 1, 2, 3, 4)
    await asyncio.sleep(0.5)
    assert two.batches == [1, 2]
    await asyncio.sleep(1)
    assert two.batches == [1, 2, 3, 4]


@virtual
async def test_a_batch_is_lost_or_comes_twice_as_a_rule_says() -> None:
    bus, one, two, _ = three()
    copies = iter((0, 2))

    def rule(_sender: str, _receiver: str, fate: Fate) -> None:
        fate.copies = next(copies)

    bus.faults.rules.append(rule)
    one.send("b", 1, 2)
    await asyncio.sleep(0.1)
    assert two.batches == [2, 2]


@virtual
async def test_nothing_passes_where_it_is_cut_and_what_was_on_the_way_is_lost() -> None:
    bus, one, two, three_ = three()
    one.renew()
    await asyncio.sleep(0.01)
    bus.faults.cut("n1")
    one.renew(1)
    one.send("b", 1)
    two.send("a", 1)
    two.send("c", 1)
    await asyncio.sleep(0.01)
    assert (one.batches, two.batches, three_.batches) == ([], [], [1])
    assert len(one.standings) == 1
    bus.faults.mend("n1")
    bus.faults.cut("n1", "n2")
    one.send("b", 2)
    one.send("c", 2)
    one.renew(1)
    await asyncio.sleep(0.01)
    assert (two.batches, three_.batches) == ([], [1, 2])
    assert len(one.standings) == 2
    one.renew(1)
    bus.faults.cut("n1")
    await asyncio.sleep(0.01)
    assert len(one.standings) == 2
    bus.faults.mend_all()
    one.send("b", 3)
    await asyncio.sleep(0.01)
    assert two.batches == [3]


@virtual
async def test_a_paused_node_gets_and_says_everything_later() -> None:
    bus, one, two, _ = three()
    bus.faults.hold("n1")
    one.send("b", 1)
    two.send("a", 1, 2)
    one.renew()
    await asyncio.sleep(1)
    assert (one.batches, two.batches, bus.view) == ([], [], None)
    bus.faults.release("n1")
    bus.faults.release("n1")
    await asyncio.sleep(0.01)
    assert (one.batches, two.batches) == ([1, 2], [1])
    assert one.standing.inside


@virtual
async def test_a_flush_forgets_all_and_begins_a_new_generation_that_claims_nothing_yet() -> None:
    bus, one, two, _ = three()
    one.renew()
    two.renew(a=4)
    await asyncio.sleep(0.01)
    two.send("a", 1)
    bus.flush()
    assert bus.view is None
    await asyncio.sleep(0.01)
    assert one.batches == [], "it was under way"
    one.renew(1)
    await asyncio.sleep(0.01)
    assert one.standing.view.id == (2, 1)
    assert one.standing.inside, "it comes back in under its incarnation"
    assert 4.9 < one.standing.closed_s <= 5
    assert one.standing.sent == {}
    two.send("a", 2)
    await asyncio.sleep(0.01)
    assert one.batches == [2]


@virtual
async def test_another_incarnation_of_a_node_gets_what_is_sent_to_it_alone() -> None:
    bus, one, two, _ = three()
    again = Node(bus, "n1", "d")
    two.send("a", 1)
    two.send("d", 1)
    await asyncio.sleep(0.01)
    assert (one.batches, again.batches) == ([], [1])
    bus.detach("d")
    two.send("d", 2)
    again.send("b", 1)
    await asyncio.sleep(0.01)
    assert (again.batches, two.batches) == ([1], [])


@virtual
async def test_who_was_killed_while_it_was_paused_hears_nothing_when_it_would_go_on() -> None:
    bus, one, two, _ = three()
    one.renew()
    await asyncio.sleep(0.01)
    bus.faults.hold("n1")
    two.renew()
    two.send("a", 1)
    one.renew(1)
    await asyncio.sleep(0.01)
    bus.detach("a")
    bus.faults.release("n1")
    await asyncio.sleep(0.01)
    assert (one.views, len(one.standings), one.batches) == ([(1, 1)], 1, [])
