"""Several nodes as one chat: what they do when all is well, and when a node, or the bus, is not."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.support.nodes import Nodes, Phone, nodes, until, virtual

from hubbub.actors.answers import Acked, Behind, Delivery, PresenceState
from hubbub.actors.requests import ChangeRequest, Invite, WatchRequest
from hubbub.config.errors import MailboxFullError
from hubbub.config.ids import ConvId, self_log, shard_of
from hubbub.config.limits import Limits
from hubbub.transport.cluster.memory_bus import Fate
from hubbub.transport.discovery import About


async def town(here: Nodes) -> tuple[list[Phone], ConvId]:
    """Three people with two devices each, on three nodes, in one group."""
    phones: list[Phone] = []
    for n, person in enumerate(("ann", "bob", "cid")):
        for d, label in enumerate(("phone", "laptop")):
            phones.append(await here.phone(person, f"n{(n + d) % 3 + 1}", label))
    conv = await phones[0].create("Tea", *list(here.users.values())[1:])
    await asyncio.sleep(1)
    return phones, conv


def everybody_has(phones: list[Phone], conv: ConvId, *texts: str) -> bool:
    return all(phone.texts(conv) == list(texts) for phone in phones)


@virtual
async def test_a_message_reaches_every_device_of_a_group_over_three_nodes() -> None:
    async with nodes(3) as here:
        phones, conv = await town(here)
        ack = await phones[0].say(conv, "hello")
        assert (ack.seq, ack.dup) == (2, False)
        await asyncio.sleep(0.1)
        assert everybody_has(phones, conv, "hello")
        pushed = [p for p in phones if any(d.entry.seq == 2 for d in p.heard(Delivery))]
        assert pushed == phones[1:], "the sender's socket has the ack instead"
        homes = {here.owner(f"user:{user}") for user in here.users.values()}
        lived = {n.name for n in here.all() if n.actors("user:u_")}
        assert lived == homes
        assert sum(len(n.actors("conv:g_")) for n in here.all()) == 1


@virtual
async def test_one_message_is_one_envelope_for_each_other_home_node() -> None:
    async with nodes(3) as here:
        phones: list[Phone] = []
        for n in range(12):
            here.users[f"p{n}"] = await here["n1"].chat.add_user(f"p{n}")
        for person, user in here.users.items():
            phones.append(await here.phone(person, here.owner(f"user:{user}")))
        conv = await phones[0].create("All", *list(here.users.values())[1:])
        await asyncio.sleep(2)
        owner = here.owner(f"conv:{conv}")
        sender = next(p for p in phones if here.owner(f"user:{p.user}") == owner)
        before = here.bus.batches
        await sender.say(conv, "hello")
        assert here.bus.batches - before == 2
        await asyncio.sleep(0.01)
        assert everybody_has(phones, conv, "hello")


@virtual
async def test_when_a_home_dies_its_sessions_elsewhere_attach_to_the_next_one() -> None:
    async with nodes(3) as here:
        phones, conv = await town(here)
        await phones[0].say(conv, "one")
        await asyncio.sleep(0.1)
        home = here.owner(f"user:{phones[0].user}")
        left = [p for p in phones if p.device.session.split(":")[1] != home]
        await here.kill(home)
        await left[0].say(conv, "two")
        await asyncio.sleep(15)
        await left[0].say(conv, "three")
        await asyncio.sleep(0.1)
        assert everybody_has(left, conv, "one", "two", "three")
        assert all(any(d.entry.seq == 4 for d in p.heard(Delivery)) for p in left[1:])


@virtual
async def test_when_an_owner_dies_the_next_one_goes_on_and_a_retry_gets_the_first_ack() -> None:
    async with nodes(3) as here:
        phones, conv = await town(here)
        owner = here.owner(f"conv:{conv}")
        left = [p for p in phones if p.device.session.split(":")[1] != owner]
        first = await left[0].say(conv, "one")
        await here.kill(owner)
        died_at = here.clock.monotonic()
        second = await left[0].say(conv, "two")
        assert (second.seq, second.dup) == (first.seq + 1, False)
        assert here.clock.monotonic() - died_at < here.bus.lease_s + 7
        assert here.owner(f"conv:{conv}") != owner
        again = await left[0].try_to_say(conv, "one", 1)
        assert again == Acked(conv, 1, first.seq, first.ts, True)
        await asyncio.sleep(10)
        assert everybody_has(left, conv, "one", "two")


@virtual
async def test_an_owner_that_is_cut_off_answers_unavailable_and_acknowledges_nothing() -> None:
    async with nodes(3) as here:
        phones, conv = await town(here)
        owner = here.owner(f"conv:{conv}")
        inside = next(p for p in phones if p.device.session.split(":")[1] == owner)
        outside = next(p for p in phones if p.device.session.split(":")[1] != owner)
        await inside.say(conv, "one")
        here.bus.faults.cut(owner)
        acked = await outside.say(conv, "two")
        assert acked.seq == 3
        assert inside.closed is None
        refusal = await inside.try_to_say(conv, "lost", 2)
        assert getattr(refusal, "code", None) == "unavailable"
        assert not here[owner].cluster.owned
        here.bus.faults.mend(owner)
        await asyncio.sleep(15)
        back = await inside.try_to_say(conv, "three", 2)
        assert isinstance(back, Acked)
        assert back.seq == 4
        await asyncio.sleep(1)
        assert everybody_has(phones, conv, "one", "two", "three")


@virtual
async def test_a_node_that_is_paused_past_its_lease_acknowledges_nothing_when_it_wakes() -> None:
    async with nodes(3) as here:
        phones, conv = await town(here)
        owner = here.owner(f"conv:{conv}")
        outside = next(p for p in phones if p.device.session.split(":")[1] != owner)
        await outside.say(conv, "one")
        here.bus.faults.hold(owner)
        assert (await outside.say(conv, "two")).seq == 3
        here.bus.faults.release(owner)
        await asyncio.sleep(20)
        await outside.say(conv, "three")
        await asyncio.sleep(1)
        assert everybody_has(phones, conv, "one", "two", "three")


@virtual
async def test_a_far_session_that_had_no_room_for_a_delivery_hears_that_it_is_behind() -> None:
    async with nodes(3) as here:
        phones, conv = await town(here)
        far = next(p for p in phones[1:] if _is_far(here, p))
        session = far.device.session
        system = here[session.split(":")[1]].system
        tell, full = system.tell, True

        def no_room(name: str, message: Any, **how: Any) -> bool:
            if full and name == session and isinstance(message, Delivery):
                raise MailboxFullError(1)
            return tell(name, message, **how)

        vars(system)["tell"] = no_room
        await phones[0].say(conv, "hello")
        await asyncio.sleep(0.1)
        assert far.texts(conv) == []
        full = False
        await asyncio.sleep(2)
        assert far.heard(Behind)[-1].convs[conv] == 2


def _is_far(here: Nodes, phone: Phone) -> bool:
    return phone.device.session.split(":")[1] != here.owner(f"user:{phone.user}")


@virtual
async def test_a_lost_last_message_is_read_without_a_further_one() -> None:
    async with nodes(3) as here:
        phones, conv = await town(here)
        owner = here.owner(f"conv:{conv}")
        lose = True

        def drop(sender: str, _receiver: str, fate: Fate) -> None:
            if lose and sender == owner:
                fate.copies = 0

        sender = next(p for p in phones if p.device.session.split(":")[1] == owner)
        here.bus.faults.rules.append(drop)
        await sender.say(conv, "lost on the way")
        lose = False
        assert not everybody_has(phones, conv, "lost on the way")
        await asyncio.sleep(8)
        assert everybody_has(phones, conv, "lost on the way")


@virtual
async def test_what_comes_twice_is_taken_once() -> None:
    async with nodes(2) as here:
        phones, conv = await town2(here)

        def twice(_sender: str, _receiver: str, fate: Fate) -> None:
            fate.copies = 2

        here.bus.faults.rules.append(twice)
        for n in range(5):
            await phones[0].say(conv, f"{n}")
        await asyncio.sleep(1)
        for phone in phones[1:]:
            seqs = [d.entry.seq for d in phone.heard(Delivery)]
            assert seqs == sorted(set(seqs))


async def town2(here: Nodes) -> tuple[list[Phone], ConvId]:
    """Two people on two nodes, in one group."""
    phones = [await here.phone("ann", "n1"), await here.phone("bob", "n2")]
    conv = await phones[0].create("Tea", here.users["bob"])
    await asyncio.sleep(1)
    return phones, conv


@virtual
async def test_a_bus_that_forgets_everything_loses_nothing_and_the_members_come_back() -> None:
    async with nodes(3) as here:
        phones, conv = await town(here)
        await phones[0].say(conv, "one")
        incarnations = {n.name: n.cluster.membership for n in here.all()}
        here.bus.flush()
        await asyncio.sleep(2)
        assert here.bus.view is not None
        assert here.bus.view.id.generation == 2
        assert {m.node: m.incarnation for m in here.bus.view.members} == incarnations
        await phones[1].say(conv, "two")
        await asyncio.sleep(10)
        await phones[2].say(conv, "three")
        await asyncio.sleep(1)
        assert everybody_has(phones, conv, "one", "two", "three")


@virtual
async def test_a_node_that_joins_takes_over_without_a_loss_and_in_order() -> None:
    async with nodes(2) as here:
        phones, conv = await town2(here)
        talk = asyncio.gather(*(_chatter(phone, conv, 40) for phone in phones))
        await asyncio.sleep(1)
        await here.start("n3")
        await talk
        await asyncio.sleep(10)
        assert sorted(phones[0].texts(conv)) == sorted(phones[1].texts(conv))
        assert len(phones[0].texts(conv)) == 80
        assert sorted(a.seq for p in phones for a in p.acks) == list(range(2, 82))
        assert not [a for p in phones for a in p.acks if a.dup]


@virtual
async def test_a_node_that_drains_hands_everything_over_and_keeps_its_sockets() -> None:
    async with nodes(3) as here:
        phones, conv = await town(here)
        owner = here.owner(f"conv:{conv}")
        await here[owner].cluster.drain()
        assert not here[owner].cluster.owned
        assert not here[owner].actors("conv:g_")
        assert not here[owner].actors("user:u_")
        await phones[0].say(conv, "one")
        await asyncio.sleep(1)
        assert everybody_has(phones, conv, "one")
        assert all(phone.closed is None for phone in phones)


@virtual
async def test_a_node_that_stops_in_order_leaves_nothing_to_wait_for() -> None:
    async with nodes(3) as here:
        phones, conv = await town(here)
        owner = here.owner(f"conv:{conv}")
        left = [p for p in phones if p.device.session.split(":")[1] != owner]
        await here.stop(owner)
        stopped_at = here.clock.monotonic()
        await left[0].say(conv, "one")
        assert here.clock.monotonic() - stopped_at < here.bus.lease_s
        await asyncio.sleep(8)
        assert everybody_has(left, conv, "one")


@virtual
async def test_a_home_that_moves_tells_nobody_offline_and_who_is_gone_is_after_the_grace() -> None:
    async with nodes(3, Limits(presence_grace_s=10)) as here:
        phones, _ = await town(here)
        home = here.owner(f"user:{phones[0].user}")
        others = [n.name for n in here.all() if n.name != home]
        for phone in phones:
            if phone.device.session.split(":")[1] == home:
                phone.hang_up()
        watcher = await here.phone("bob", others[0], "tablet")
        watched = await here.phone("ann", others[1], "tablet")
        await watcher.ask(WatchRequest(watcher.device.next_id(), (phones[0].user,), ()))
        await asyncio.sleep(1)
        assert [s.online for s in watcher.heard(PresenceState)] == [True]
        await here.kill(home)
        await asyncio.sleep(40)
        states = [s.online for s in watcher.heard(PresenceState)]
        assert set(states) == {True}, states
        for phone in (*phones[:2], watched):
            if phone.device.session.split(":")[1] != home:
                phone.hang_up()
        await asyncio.sleep(15)
        assert [s.online for s in watcher.heard(PresenceState)][-1] is False


@virtual
async def test_a_device_at_another_node_is_replaced_and_shut_out_across_nodes() -> None:
    async with nodes(3) as here:
        phones, _ = await town(here)
        again = Phone(here, phones[0].user, "phone")
        await again.connect("n3")
        await until(lambda: phones[0].closed is not None)
        assert phones[0].closed == 4409
        assert again.closed is None


@virtual
async def test_what_a_dead_owner_left_undone_is_done_by_the_next_one() -> None:
    async with nodes(3) as here:
        phones, conv = await town(here)
        owner = here.owner(f"conv:{conv}")
        home = next(n.name for n in here.all() if n.name != owner)
        new = await stranger(here, home)
        inviter = next(p for p in phones if p.label == "phone" and p.user == here.users["ann"])

        def mute(sender: str, receiver: str, fate: Fate) -> None:
            if (sender, receiver) == (owner, home):
                fate.copies = 0

        here.bus.faults.rules.append(mute)
        request = ChangeRequest(inviter.device.next_id(), conv, 1, 0, Invite((new.user,)))
        inviter.device.send(request)
        await asyncio.sleep(0.05)
        assert (await here.store.head(conv))[0] == 2
        assert await here.store.membership(new.user, conv) is None
        await here.kill(owner)
        await asyncio.sleep(20)
        row = await here.store.membership(new.user, conv)
        assert row is not None
        assert new.heard(Delivery) or any(conv in told.convs for told in new.heard(Behind))


async def stranger(here: Nodes, home: str) -> Phone:
    """Somebody who lives at this node, and is there."""
    for n in range(100):
        user = await here[home].chat.add_user(f"stranger {n}")
        if here.owner(f"user:{user}") == home:
            here.users["stranger"] = user
            return await here.phone("stranger", home)
    raise AssertionError("nobody lives there")


async def _chatter(phone: Phone, conv: ConvId, count: int) -> None:
    for n in range(count):
        await phone.say(conv, f"{phone.label} {phone.user} {n}")
        await asyncio.sleep(0.05)


@virtual
async def test_a_full_node_leaves_discovery_everywhere_and_moves_nobody() -> None:
    async with nodes(3) as here:
        phones, conv = await town(here)
        for node in here.all():
            node.cluster.about = lambda name=node.name: About(f"ws://{name}/ws")  # type: ignore[misc]
        await asyncio.sleep(2.5)
        before = here["n1"].cluster.view
        assert before is not None
        user = f"user:{phones[0].user}"
        ranked = here["n1"].cluster.open_nodes(shard_of(self_log(phones[0].user)))
        assert sorted(a.address for a in ranked) == ["ws://n1/ws", "ws://n2/ws", "ws://n3/ws"]
        assert ranked[0].address == f"ws://{here.owner(user)}/ws"
        here["n2"].cluster.about = lambda: About("ws://n2/ws", full=True)
        await asyncio.sleep(2.5)
        for node in here.all():
            assert node.cluster.view is not None
            assert node.cluster.view.id == before.id
            open_nodes = {a.address for s in range(0, 1024, 64) for a in node.cluster.open_nodes(s)}
            assert open_nodes == {"ws://n1/ws", "ws://n3/ws"}
            assert sorted(node.cluster.addresses()) == ["ws://n1/ws", "ws://n2/ws", "ws://n3/ws"]
        here["n1"].cluster.viewed(before)  # an old word for it, told again
        assert "ws://n2/ws" not in {a.address for a in here["n1"].cluster.open_nodes(0)}
        await phones[0].say(conv, "one")
        await asyncio.sleep(0.1)
        assert everybody_has(phones, conv, "one")
        here.bus.faults.cut("n3")
        await asyncio.sleep(here.bus.lease_s)
        assert here["n3"].cluster.open_nodes(0) == ()
        assert here["n3"].cluster.addresses() == ()


@virtual
async def test_the_last_node_drains_and_keeps_what_nobody_can_take() -> None:
    async with nodes(1) as here:
        ann = await here.phone("ann", "n1")
        await here["n1"].cluster.drain()
        conv = await ann.create("Notes")
        assert (await ann.say(conv, "one")).seq == 2
        await asyncio.wait_for(here["n1"].cluster.drain(), 1)
