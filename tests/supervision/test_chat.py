"""A chat under supervision, without sockets: actors as devices, crashes, and what comes back."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from tests.support.clock import ManualClock
from tests.support.nodes import nodes, until, virtual

from hubbub.actors.answers import Acked, Answer, Behind, Delivery, Described
from hubbub.actors.bodies import Text
from hubbub.actors.conversation_state import ConversationState
from hubbub.actors.device import ActorDevice, Answered, Closed, Welcomed
from hubbub.actors.requests import CreateRequest, SyncRequest
from hubbub.actors.runtime.actor import LoopActor
from hubbub.config.errors import NotFoundError, UnavailableError
from hubbub.config.ids import ConvId, UserId, self_log
from hubbub.storage.memory import MemoryStore
from hubbub.supervision.chat import Chat, chat
from hubbub.supervision.intensity import Intensity


class Ear(LoopActor):
    """Keeps what it is told."""

    def __init__(self, heard: list[Any]) -> None:
        super().__init__()
        self.heard = heard

    def on_receive(self, message: Any) -> None:
        self.heard.append(message)


class Somebody:
    """A user with one device that is an actor."""

    def __init__(self, node: Chat, user: UserId) -> None:
        self.node = node
        self.user = user
        self.heard: list[Any] = []
        self.ref = node.system.spawn(Ear, self.heard)
        self.device: ActorDevice = node.attach(user, self.ref, f"of-{user}")

    def of(self, kind: type[Any]) -> list[Any]:
        return [m for m in self.heard if isinstance(m, kind)]

    def texts(self) -> list[str]:
        return [d.body.text for d in self.of(Delivery) if isinstance(d.body, Text)]

    def answer(self, request: int) -> Answer | None:
        found = [a.answer for a in self.of(Answered) if a.request == request]
        assert len(found) < 2, "answered twice"
        return found[0] if found else None


async def settle(node: Chat) -> None:
    await node.system.settle(suspended_too=True)


async def team(node: Chat, *names: str) -> tuple[ConvId, list[Somebody]]:
    """A group of everybody, owned by the first."""
    people = [Somebody(node, await node.add_user(name)) for name in names]
    await settle(node)
    first = people[0]
    others = tuple(p.user for p in people[1:])
    asked = first.device.send(CreateRequest(first.device.next_id(), 1, 0, "Team", others))
    await settle(node)
    made = first.answer(asked)
    assert isinstance(made, Described)
    return made.conv, people


async def test_a_log_is_taken_up_by_its_owner_because_somebody_reads_it() -> None:
    data = MemoryStore()
    async with chat(make_store=lambda: data) as node:
        conv, (ana, _) = await team(node, "ana", "bot")
    async with chat(make_store=lambda: data) as node:
        names = {f"conv:{conv}", f"user:{ana.user}"}
        assert not names & set(node.system.names.living)
        for log in (conv, self_log(ana.user)):
            node.take_up(log)
        await settle(node)
        assert names <= set(node.system.names.living)


async def test_an_actor_joins_a_group_as_a_member_and_receives_the_fan_out() -> None:
    threads = threading.active_count()
    async with chat() as node:
        conv, (ana, bot) = await team(node, "ana", "bot")
        assert ana.of(Welcomed) == [Welcomed(0)]
        asked = ana.device.post(conv, 1, 0, "Hello, bot")
        await settle(node)
        assert isinstance(ana.answer(asked), Acked)
        assert bot.texts() == ["Hello, bot"]
        assert ana.texts() == []
        node.detach(bot.device)
        node.detach(bot.device)
        await settle(node)
        assert node.system.lookup(bot.device.session) is None
    assert threading.active_count() == threads
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_session_that_crashes_is_restarted_and_nothing_is_missed_or_seen_twice() -> None:
    clock = ManualClock()
    async with chat(clock=clock) as node:
        conv, (ana, bo) = await team(node, "ana", "bo")
        for n in range(1, 11):
            node.system.tell(bo.device.session, object())
            node.system.tell(ana.device.session, object())
            asked = ana.device.post(conv, n, n - 1, f"text {n}")
            await settle(node)
            clock.advance(3)
            await settle(node)
            assert isinstance(ana.answer(asked), Acked)
            clock.advance(6)
        assert bo.texts() == [f"text {n}" for n in range(1, 11)]
        assert bo.of(Closed) == []
        assert len(bo.of(Welcomed)) == 1
        assert bo.of(Behind)[-1].convs[conv] >= 10


async def test_requests_in_hand_are_answered_by_the_next_session() -> None:
    async with chat() as node:
        _, (ana, _) = await team(node, "ana", "bo")
        node.system.tell(ana.device.session, object())
        asked = [ana.device.send(SyncRequest(ana.device.next_id(), 0)) for _ in range(3)]
        await settle(node)
        assert all(ana.answer(request) is not None for request in asked)


async def test_a_session_over_its_intensity_is_shut_out_and_no_other() -> None:
    async with chat() as node:
        conv, (ana, bo) = await team(node, "ana", "bo")
        for _ in range(3):
            assert bo.of(Closed) == []
            node.system.tell(bo.device.session, object())
            await settle(node)
        assert [c.code for c in bo.of(Closed)] == [1011]
        asked = ana.device.post(conv, 1, 0, "Still here")
        await settle(node)
        assert isinstance(ana.answer(asked), Acked)
        assert bo.texts() == [], "it is not attached any more"
        assert ana.of(Closed) == []


async def test_a_conversation_that_crashes_comes_back_with_what_waited() -> None:
    clock = ManualClock()
    async with chat(clock=clock) as node:
        conv, (ana, bo) = await team(node, "ana", "bo")
        node.system.tell(f"conv:{conv}", object())
        asked = [ana.device.post(conv, n, n - 1, f"text {n}") for n in range(1, 6)]
        await settle(node)
        acks = [ana.answer(request) for request in asked]
        assert [a.seq for a in acks if isinstance(a, Acked)] == [2, 3, 4, 5, 6]
        assert bo.texts() == [f"text {n}" for n in range(1, 6)]


async def test_a_conversation_that_crashes_with_a_send_in_hand_answers_it_a_little_later() -> None:
    clock = ManualClock()
    async with chat(clock=clock) as node:
        conv, (ana, bo) = await team(node, "ana", "bo")
        actor = node.system.lookup(f"conv:{conv}")
        assert actor is not None
        state: ConversationState = actor.actor._state  # type: ignore[union-attr]
        state.windows = None  # type: ignore[assignment]  # so that the next send crashes it
        asked = ana.device.post(conv, 1, 0, "Hello")
        await settle(node)
        assert ana.answer(asked) is None
        clock.advance(3)
        await settle(node)
        ack = ana.answer(asked)
        assert isinstance(ack, Acked)
        assert (ack.seq, ack.dup) == (2, False)
        assert bo.texts() == ["Hello"]


async def test_a_user_that_crashes_comes_back_with_its_sessions() -> None:
    async with chat() as node:
        conv, (ana, bo) = await team(node, "ana", "bo")
        node.system.tell(f"user:{bo.user}", object())
        await settle(node)
        assert bo.of(Behind)[-1].convs == {conv: 1}
        ana.device.post(conv, 1, 0, "Hello")
        await settle(node)
        assert bo.texts() == ["Hello"]


async def test_a_poisoned_conversation_takes_down_nobody_else() -> None:
    clock = ManualClock()
    async with chat(clock=clock) as node:
        poisoned, (ana, bo) = await team(node, "ana", "bo")
        for _ in range(5):
            node.system.tell(f"conv:{poisoned}", object())
            await settle(node)
        asked = bo.device.send(
            CreateRequest(bo.device.next_id(), 1, 0, "Other", (ana.user,))
        )  # fmt: skip
        await settle(node)
        assert isinstance(bo.answer(asked), Described)
        again = ana.device.post(poisoned, 1, 0, "Alive")
        await settle(node)
        assert isinstance(ana.answer(again), Acked)


async def test_when_the_users_give_up_the_devices_stay_and_get_new_sessions() -> None:
    clock = ManualClock()
    async with chat(clock=clock) as node:
        conv, (ana, bo) = await team(node, "ana", "bo")
        supervisor = node.system.lookup("users")
        assert supervisor is not None
        node.system.kill(supervisor)
        for _ in range(5):
            await settle(node)
            clock.advance(1)
        assert bo.of(Closed) == []
        asked = ana.device.post(conv, 1, 0, "Hello")
        await settle(node)
        assert isinstance(ana.answer(asked), Acked)
        assert bo.texts() == ["Hello"]


async def test_what_was_left_unfinished_is_taken_up_at_the_next_start() -> None:
    store = MemoryStore()
    async with chat(make_store=lambda: store) as node:
        _, (ana, bo) = await team(node, "ana", "bo")
    # A founding that was cut short: the wish is durable, the group is not there.
    async with chat(make_store=lambda: store) as node:
        one = Somebody(node, ana.user)
        await settle(node)
        append = store.append
        store.append = lambda conv, *a, **k: None if conv[0] == "g" else append(conv, *a, **k)  # type: ignore[method-assign]
        one.device.send(CreateRequest(one.device.next_id(), 2, 1, "Later", (bo.user,)))
        await settle(node)
        store.append = append  # type: ignore[method-assign]
        assert len(await store.unfinished()) == 1
    async with chat(make_store=lambda: store) as node:
        await settle(node)
        assert await store.unfinished() == []
        other = Somebody(node, bo.user)
        await settle(node)
        asked = other.device.send(SyncRequest(1, 0))
        await settle(node)
        answer = other.answer(asked)
        assert {h.membership.title for h in answer.heads} == {"Team", "Later"}  # type: ignore[union-attr]


async def test_a_device_whose_actor_is_gone_or_full_harms_nobody() -> None:
    async with chat() as node:
        conv, (ana, bo) = await team(node, "ana", "bo")
        bo.ref.stop(block=False)
        await settle(node)
        asked = ana.device.post(conv, 1, 0, "Hello")
        await settle(node)
        assert isinstance(ana.answer(asked), Acked)
        small: list[Any] = []
        ref = node.system.spawn(Ear, small, mailbox_limit=1)
        full = node.attach(bo.user, ref, "small")
        for n in range(3):
            full.push(Behind({conv: n}))
        await settle(node)
        assert Closed(4508, "Too slow.") in small


async def test_a_stranger_to_a_conversation_is_told_that_there_is_none() -> None:
    async with chat(intensity=Intensity(5, 1.0)) as node:
        conv, _ = await team(node, "ana", "bo")
        cy = Somebody(node, await node.add_user("cy"))
        await settle(node)
        asked = cy.device.post(conv, 1, 0, "Hello")
        await settle(node)
        assert isinstance(cy.answer(asked), NotFoundError)
        assert not isinstance(cy.answer(asked), UnavailableError)


async def test_a_deletion_that_was_begun_ends_at_the_next_start() -> None:
    clock = ManualClock()
    store = MemoryStore(clock=clock)
    async with chat(make_store=lambda: store, clock=clock) as node:
        conv, (ana, bo) = await team(node, "ana", "bo")
        await node.store.begin_deletion(ana.user)
    async with chat(make_store=lambda: store, clock=clock) as node:
        for _ in range(3):
            await settle(node)
            clock.advance(5)
        await settle(node)
        assert await node.store.deletions() == []
        assert await node.store.account(ana.user) is None
        rows = {row.user: row.role for row in await node.store.members(conv)}
        assert rows == {bo.user: "owner"}
        assert node.system.lookup(f"erase:{ana.user}") is None


@virtual
async def test_a_node_is_sent_clients_from_its_first_view_until_a_lease_after_its_last() -> None:
    async with nodes(2) as here:
        here.bus.faults.cut("n3")
        chat = (await here.start("n3")).chat

        def serves() -> bool:
            return chat.cluster.serves

        await asyncio.sleep(here.bus.lease_s)
        assert not serves()
        assert not chat.entered.is_set()
        here.bus.faults.mend("n3")
        await asyncio.wait_for(chat.entered.wait(), 3)
        assert serves()
        here.bus.faults.cut("n3")
        await until(lambda: chat.cluster.view is None)
        await asyncio.sleep(here.bus.lease_s - 0.1)
        assert serves(), "it may be back in a moment"
        await asyncio.sleep(0.2)
        assert not serves()
        here.bus.faults.mend("n3")
        await until(lambda: chat.cluster.view is not None)
        assert serves()
