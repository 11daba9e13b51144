"""Ten thousand sessions crash at once, and one actor crashes for ever: nobody else notices."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from tests.support.clock import ManualClock

from hubbub.actors.answers import Acked, Delivery
from hubbub.actors.device import ActorDevice, Answered, Closed, Welcomed
from hubbub.actors.requests import CreateRequest
from hubbub.actors.runtime.actor import LoopActor
from hubbub.actors.runtime.ref import LoopActorRef
from hubbub.config.ids import ConvId, UserId, group_id
from hubbub.supervision.chat import SESSION_INTENSITY, Chat, chat

USERS = 1000
DEVICES = 10


class Ear(LoopActor):
    """Counts what it is told."""

    def __init__(self, heard: Counter[type]) -> None:
        super().__init__()
        self._heard = heard

    def on_receive(self, message: Any) -> None:
        heard: object = message.answer if isinstance(message, Answered) else message
        self._heard[type(heard)] += 1


class Crowd:
    """Users with many devices each, and what all of them heard together."""

    def __init__(self, node: Chat, clock: ManualClock) -> None:
        self.node = node
        self.clock = clock
        self.heard: Counter[type] = Counter()
        self.devices: list[ActorDevice] = []

    async def gather(self, users: int, devices: int) -> None:
        for n in range(users):
            user = await self.node.add_user(f"user {n}")
            self.attach(user, devices)
        await self.settle()

    def attach(self, user: UserId, devices: int) -> None:
        ear = self.node.system.spawn(Ear, self.heard)
        self.devices += [self.node.attach(user, ear, f"device{n}") for n in range(devices)]

    async def settle(self) -> None:
        await self.node.system.settle(suspended_too=True)

    async def passes(self, seconds: float) -> None:
        for _ in range(round(seconds)):
            self.clock.advance(1)
            await self.settle()

    def refs(self, devices: list[ActorDevice]) -> list[LoopActorRef[Any] | None]:
        return [self.node.system.lookup(device.session) for device in devices]

    def others(self) -> dict[str, LoopActorRef[Any]]:
        """Everybody alive who is no session of these devices."""
        mine = {device.session for device in self.devices}
        living = self.node.system.names.living.items()
        return {name: ref for name, ref in living if name not in mine}

    async def group(self, *members: UserId) -> ConvId:
        """A group that the first device founds."""
        first = self.devices[0]
        first.send(CreateRequest(first.next_id(), 1, 0, "All", members))
        await self.settle()
        return group_id(first.device, 1)


@pytest.mark.slow
async def test_ten_thousand_sessions_crash_at_once_and_nobody_else_is_touched() -> None:
    clock = ManualClock()
    async with chat(clock=clock) as node:
        crowd = Crowd(node, clock)
        await crowd.gather(USERS, DEVICES)
        assert crowd.heard == {Welcomed: USERS * DEVICES}
        spared, crashing = crowd.devices[:DEVICES], crowd.devices[DEVICES:]
        crowd.attach(await node.add_user("one more"), DEVICES)
        crashing += crowd.devices[-DEVICES:]
        await crowd.settle()
        crowd.heard.clear()
        conv = await crowd.group(crowd.devices[-1].user)
        spared_refs, crashing_refs = crowd.refs(spared), crowd.refs(crashing)
        others = crowd.others()
        assert len(crashing) == 10_000
        for device in crashing:
            node.system.tell(device.session, object())
        await crowd.settle()
        assert node.system.counts.crashes == {"SessionActor": 10_000}
        assert node.system.counts.restarts == {"SessionActor": 10_000}
        # No socket closed, no neighbour touched, and every one of them is back.
        assert crowd.heard[Closed] == 0
        assert crowd.refs(spared) == spared_refs
        assert crowd.others() == others
        again = crowd.refs(crashing)
        assert None not in again
        assert not set(again) & set(crashing_refs)
        assert node.system.names.reserved == {}
        crowd.heard.clear()
        one = crowd.devices[0]
        one.post(conv, 1, 0, "still here")
        await crowd.settle()
        # The nine other devices of who wrote, and ten that had crashed.
        assert crowd.heard == {Acked: 1, Delivery: 2 * DEVICES - 1}


async def test_a_session_over_its_intensity_loses_its_socket_and_the_ten_thousand_do_not() -> None:
    clock = ManualClock()
    async with chat(clock=clock) as node:
        crowd = Crowd(node, clock)
        await crowd.gather(20, DEVICES)
        for _ in range(SESSION_INTENSITY.restarts):
            for device in crowd.devices:
                node.system.tell(device.session, object())
            await crowd.settle()
        assert crowd.heard[Closed] == 0
        node.system.tell(crowd.devices[0].session, object())
        await crowd.settle()
        assert crowd.heard[Closed] == 1
        assert [ref is None for ref in crowd.refs(crowd.devices)] == [True] + [False] * 199
        # Long after, each has its full intensity again.
        await crowd.passes(5)
        for device in crowd.devices[1:]:
            node.system.tell(device.session, object())
        await crowd.settle()
        assert crowd.heard[Closed] == 1


async def test_an_actor_that_crashes_for_ever_takes_down_nobody_else() -> None:
    clock = ManualClock()
    async with chat(clock=clock) as node:
        crowd = Crowd(node, clock)
        await crowd.gather(40, 1)
        conv = await crowd.group(*(device.user for device in crowd.devices[1:]))
        poisoned = f"user:{crowd.devices[-1].user}"
        others = crowd.others()
        del others[poisoned]
        crowd.heard.clear()
        for n in range(1, 201):
            node.system.tell(poisoned, object())
            node.system.tell(f"conv:{'g_' + 'x' * 26}", object())
            await crowd.settle()
            if n % 20 == 0:
                crowd.devices[0].post(conv, n // 20, n // 20 - 1, "we go on")
                await crowd.passes(1)
        assert node.system.counts.crashes["UserActor"] >= 200
        assert node.system.counts.crashes["ConversationActor"] >= 200
        assert crowd.heard[Acked] == 10
        assert {name: node.system.lookup(name) for name in others} == others
        healthy = crowd.refs(crowd.devices[:-1])
        assert None not in healthy
        # The poisoned user's device is shut out, as the rules have it; its 38 fellows heard all.
        assert crowd.heard[Closed] >= 1
        assert crowd.heard[Delivery] >= 380
