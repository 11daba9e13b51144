"""The actors of a node, as its cluster moves them about."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.chat import Chat, Device, chatting
from tests.support.clock import ManualClock

from hubbub.actors.answers import Acked, Behind, Deliveries, PresenceState
from hubbub.actors.bodies import Text, encode_body
from hubbub.actors.commands import Attach, Detach, ReplyTo
from hubbub.actors.far import FarTable
from hubbub.actors.requests import SendRequest, WatchRequest
from hubbub.actors.residents import ResidentActors
from hubbub.config.errors import UnavailableError
from hubbub.config.ids import SHARDS, ConvId, DeviceId, direct_id, self_log, shard_of
from hubbub.storage.memory_faults import FailNext, Hold
from hubbub.storage.records import Device as StoredDevice
from hubbub.storage.records import Entry

ALL = frozenset(range(SHARDS))


class House:
    """A node's actors, and what its cluster does with them."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.woken: list[str] = []
        self.here: Callable[[int], bool] = lambda shard: True
        self.far: FarTable = chat.far
        self.residents = ResidentActors(
            chat.system,
            chat.store,
            chat.watchers,
            chat.far,
            30.0,
            self._wake,
            lambda shard: self.here(shard),
        )

    def _wake(self, name: str) -> None:
        self.woken.append(name)

    def living(self, *prefixes: str) -> list[str]:
        return sorted(n for n in self.chat.system.names.living if n.startswith(prefixes))


async def two(chat: Chat) -> tuple[Device, Device]:
    ann, bob = await chat.person("ann"), await chat.person("bob")
    await chat.acquaint(ann, bob)
    one, other = await chat.device(ann), await chat.device(bob)
    assert isinstance(await one.post(bob, 1, "text 1"), Acked)
    return one, other


async def test_actors_of_shards_that_do_not_stay_end_and_leave_their_state_in_the_store() -> None:
    async with chatting() as chat:
        house = House(chat)
        one, other = await two(chat)
        conv = direct_id(one.user, other.user)
        await other.ask(WatchRequest(9, (one.user,), (conv,)))
        home = shard_of(self_log(one.user))
        leavers = list(house.residents.evict(lambda shard: shard != home))
        assert len(leavers) == 1
        await chat.settle()
        assert not leavers[0].is_alive()
        assert house.living("user:", "conv:") == [f"conv:{conv}", f"user:{other.user}"]
        assert chat.watchers.watched() == [f"conv:{conv}"]
        list(house.residents.evict(lambda shard: False))
        await chat.settle()
        assert house.living("user:", "conv:") == []
        found = await chat.store.activate(conv, await chat.cluster.epoch(shard_of(conv)))
        assert found.tail == []


def begin(chat: Chat, device: Device, conv: ConvId, cid: int) -> None:
    """Send a text, and wait for nothing."""
    body = Text(f"text {cid}")
    chat.system.tell(device.session, SendRequest(90 + cid, conv, None, cid, cid - 1, body))


async def test_a_conversation_that_goes_finishes_what_is_under_way_and_begins_nothing() -> None:
    async with chatting() as chat:
        house = House(chat)
        one, other = await two(chat)
        conv = direct_id(one.user, other.user)
        chat.store.faults.append(hold := Hold())
        begin(chat, one, conv, 2)
        await chat.system.settle()
        (leaver,) = house.residents.evict(lambda shard: shard != shard_of(conv))
        begin(chat, one, conv, 3)
        await chat.system.settle()
        assert leaver.is_alive()
        hold.release()
        await chat.settle()
        answers = dict(one.outbox.answers)
        assert isinstance(answers[92], Acked)
        assert isinstance(answers[93], UnavailableError)
        assert not leaver.is_alive()
        assert other.texts() == ["text 1", "text 2"]


async def test_a_conversation_that_goes_and_cannot_commit_is_gone_all_the_same() -> None:
    async with chatting() as chat:
        house = House(chat)
        one, other = await two(chat)
        conv = direct_id(one.user, other.user)
        chat.store.faults.extend([hold := Hold(), FailNext()])
        begin(chat, one, conv, 2)
        await chat.system.settle()
        (leaver,) = house.residents.evict(lambda shard: shard != shard_of(conv))
        await chat.system.settle()
        hold.release()
        await chat.settle()
        assert isinstance(dict(one.outbox.answers)[92], UnavailableError)
        assert not leaver.is_alive()


async def test_when_shards_moved_sessions_attach_and_watch_again() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        house = House(chat)
        one, other = await two(chat)
        await other.ask(WatchRequest(9, (one.user,), ()))
        list(house.residents.evict(lambda shard: False))
        await chat.settle()
        assert isinstance(await one.post(direct_id(one.user, other.user), 2, "text 2"), Acked)
        assert other.texts() == ["text 1"], "its User is not here any more"
        house.residents.moved(ALL, frozenset())
        await chat.settle()
        clock.advance(1)
        await chat.settle()
        assert other.heard(Behind)[-1].convs == {direct_id(one.user, other.user): 3}
        assert one.user in [state.user for state in other.heard(PresenceState)]
        assert isinstance(await one.post(direct_id(one.user, other.user), 3, "text 3"), Acked)
        assert other.texts() == ["text 1", "text 3"]


async def attach_from(chat: Chat, node: str, device: Device) -> str:
    """A Session at another node attaches to the user of a device."""
    session = f"session:{node}:i/1"
    told = Attach(ReplyTo(f"ask:{node}/i", 1), session, DeviceId("v_far"))
    chat.cluster.tell(f"user:{device.user}", told)
    await chat.settle()
    return session


async def test_sessions_of_a_node_that_is_gone_are_pushed_to_no_more() -> None:
    async with chatting() as chat:
        house = House(chat)
        one, other = await two(chat)
        there = await attach_from(chat, "n9", one)
        await attach_from(chat, "n8", one)
        chat.watchers.add(f"user:{one.user}", there, other.user)
        house.residents.moved(frozenset(), frozenset(("n9",)))
        await chat.settle()
        assert [far.session for far in house.far.of(one.user)] == ["session:n8:i/1"]
        assert there not in chat.watchers.of(f"user:{one.user}")


async def test_sessions_that_do_not_attach_again_after_a_loss_are_dropped() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        house = House(chat)
        one, other = await two(chat)
        for device in (one, other):
            await attach_from(chat, "n9", device)
        house.residents.lost("n9", frozenset())
        await chat.settle()
        clock.advance(29)
        await attach_from(chat, "n9", one)
        clock.advance(1)
        await chat.settle()
        assert [far.user for far in house.far.at(("n9",))] == [one.user]


async def test_after_a_loss_users_read_their_heads_once_more_soon() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        house = House(chat)
        one, other = await two(chat)
        house.residents.lost("n9", frozenset())
        await chat.settle()
        assert other.heard(Behind) == []
        clock.advance(1)
        await chat.settle()
        assert [b.convs for b in other.heard(Behind)] == [{direct_id(one.user, other.user): 2}]


async def test_after_a_change_heads_are_read_soon_and_again_when_all_know_of_it() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        house = House(chat)
        _, other = await two(chat)
        house.residents.reread(5.0)
        house.residents.reread(5.0)
        for seconds, times in ((1.0, 1), (3.0, 1), (2.0, 2), (20.0, 2)):
            await chat.settle()
            clock.advance(seconds)
            await chat.settle()
            assert len(other.heard(Behind)) == times


async def test_what_a_dead_owner_left_unfinished_is_woken_where_its_shard_is() -> None:
    async with chatting() as chat:
        house = House(chat)
        one, other = await two(chat)
        conv, log = direct_id(one.user, other.user), self_log(one.user)
        for name in (conv, log):
            epoch = await chat.cluster.epoch(shard_of(name))
            seq = (await chat.store.head(name))[0] + 1
            entry = Entry(seq, epoch, "", 0, one.user, 1, "text", encode_body(Text("x")), 1)
            chat.store.append(name, epoch, [entry], lambda error: None, unfinished=True)
        house.residents.reread(0)
        await chat.settle()
        assert sorted(house.woken) == sorted([f"conv:{conv}", f"user:{one.user}"])
        house.woken.clear()
        house.here = lambda shard: shard == shard_of(conv)
        house.residents.reread(0)
        await chat.settle()
        assert house.woken == [f"conv:{conv}"]


async def test_the_other_node_is_told_again_what_it_missed() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        house = House(chat)
        one, other = await two(chat)
        chat.cluster.tell(f"user:{other.user}", Detach(other.session))
        await chat.settle()
        house.residents.missing(frozenset((shard_of(self_log(other.user)),)))
        await chat.settle()
        clock.advance(1)
        await chat.settle()
        assert isinstance(await one.post(direct_id(one.user, other.user), 2, "text 2"), Acked)
        assert other.texts() == ["text 1", "text 2"]


async def test_a_device_whose_revocation_was_lost_is_shut_out_when_heads_are_read() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        house = House(chat)
        one, other = await two(chat)
        for device in (one, other):
            row = StoredDevice(device.device, device.user, "phone", 1, 1, b"", b"", 1)
            await chat.store.add_device(row, 10)
        await chat.store.revoke_device(one.user, one.device)
        house.residents.reread(0)
        await chat.settle()
        clock.advance(1)
        await chat.settle()
        closed = {device.user: device.outbox.closed for device in (one, other)}
        assert closed == {one.user: 4403, other.user: None}


async def test_who_is_evicted_twice_ends_all_the_same_after_what_still_waits() -> None:
    async with chatting() as chat:
        house = House(chat)
        await two(chat)
        for _ in range(2):
            assert len(list(house.residents.evict(lambda shard: False))) == 3
        for name in house.living("user:"):
            chat.system.tell(name, Deliveries(()))
        await chat.settle()
        assert house.living("user:", "conv:") == []
