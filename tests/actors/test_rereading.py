"""When heads are read again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from tests.support.nodes import Nodes, Phone, nodes, virtual

from hubbub.actors.rereading import ReadHeads, Rereading
from hubbub.config.clock import Timer
from hubbub.config.ids import ConvId
from hubbub.transport.cluster.placement import placement_of

BEFORE = placement_of((("n1", 1.0), ("n2", 1.0), ("n3", 1.0)))
AFTER = placement_of((("n1", 1.0), ("n2", 1.0), ("n3", 1.0), ("n4", 1.0)))

SOON, LATER = ReadHeads(later=False), ReadHeads(later=True)


@dataclass
class Alarm:
    """One that was set."""

    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class Alarms:
    """Those that were set: (after so many seconds, what is told then, the alarm)."""

    set: list[tuple[float, ReadHeads, Alarm]] = field(
        default_factory=list[tuple[float, ReadHeads, Alarm]]
    )

    def __call__(self, delay_s: float, told: ReadHeads) -> Timer:
        self.set.append((delay_s, told, Alarm()))
        return self.set[-1][2]


def test_what_is_asked_for_twice_is_read_once_soon() -> None:
    rereading = Rereading(alarms := Alarms())
    rereading.set(0.5, 0)
    rereading.set(0.7, 0)
    assert [(delay_s, told) for delay_s, told, _ in alarms.set] == [(0.5, SOON)]
    assert not rereading.rang(SOON)


def test_the_second_reading_is_counted_from_the_last_time_it_was_asked_for() -> None:
    rereading = Rereading(alarms := Alarms())
    rereading.set(0.5, 5)
    rereading.set(0.25, 5)
    assert [(delay_s, told, alarm.cancelled) for delay_s, told, alarm in alarms.set] == [
        (0.5, SOON, False),
        (5.5, LATER, True),
        (5.25, LATER, False),
    ]
    assert rereading.rang(SOON)
    assert not rereading.rang(LATER)


def test_a_second_reading_alone_takes_the_place_of_the_one_that_was_set() -> None:
    rereading = Rereading(alarms := Alarms())
    rereading.set(0.5, 5)
    rereading.set_later(7)
    assert [(delay_s, told, alarm.cancelled) for delay_s, told, alarm in alarms.set] == [
        (0.5, SOON, False),
        (5.5, LATER, True),
        (7, LATER, False),
    ]


async def whose_home_moves(here: Nodes) -> Phone:
    """Somebody at n1 whose home is n3, and n4 as soon as that is there."""
    for n in range(100):
        phone = await here.phone(f"person {n}", "n1")
        if (BEFORE.home(phone.user), AFTER.home(phone.user)) == ("n3", "n4"):
            return phone
    raise AssertionError("nobody's does")


async def group_that_stays(founder: Phone, member: Phone) -> ConvId:
    """A group of the two that is n2's before and after."""
    for n in range(100):
        conv = await founder.create(f"group {n}", member.user)
        if (BEFORE.owner(conv), AFTER.owner(conv)) == ("n2", "n2"):
            return conv
    raise AssertionError("none does")


@virtual
async def test_what_was_pushed_to_the_home_before_is_read_without_a_further_message() -> None:
    """Its owner had not heard of the new home, where the session had attached and read by then."""
    async with nodes(3) as here:
        ann, bob = await here.phone("ann", "n2"), await whose_home_moves(here)
        conv = await group_that_stays(ann, bob)
        await asyncio.sleep(1)
        here.bus.faults.cut("n2")
        await here.start("n4")
        await asyncio.sleep(2)
        assert f"user:{bob.user}" in here["n4"].actors("user:")
        await ann.say(conv, "to whom it concerns")
        here.bus.faults.mend("n2")
        await asyncio.sleep(0.5)
        assert bob.texts(conv) == []
        await asyncio.sleep(8)
        assert bob.texts(conv) == ["to whom it concerns"]
