"""Actors that raise: restarted where they were, alone, and nobody who chats notices."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from tests.support.checker import check_clients, check_log
from tests.support.home import Home, Poison, home
from tests.support.honest_client import HonestClient, present
from tests.support.town import Town, group, text_of
from tests.support.ws_client import Frame, Socket, whole_list, whole_log

from hubbub.actors.requests import DescribeRequest
from hubbub.actors.session import SessionActor

Here = tuple[Home, Town]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncGenerator[Here]:
    """A node in this process, and people on it."""
    async with (
        home(tmp_path / "data", presence_grace_s=0.2, receipts_every_s=0.05) as node,
        Town(node.base) as town,
    ):
        yield node, town


def pushes(socket: Socket) -> list[int]:
    """The seqs that were pushed and not yet expected."""
    return [f["s"] for f in socket.frames if f["t"] == "msg"]


async def test_a_session_that_raises_is_restarted_onto_its_live_socket(here: Here) -> None:
    node, town = here
    ann, ben = await town.people("ann", "ben")
    ann_ws, ben_ws = await town.sockets(ann, ben)
    c = (await ann_ws.post(ben.user, 1, "before"))["c"]
    await ben_ws.expect("msg", s=2)
    await ann_ws.expect("msg", s=1)
    await ann_ws.ask("watch", users=[], convs=[c])
    session = node.session(ann.device)
    first = node.system.lookup(session)
    during = [await ben_ws.request("send", **send(c, n)) for n in range(1, 5)]
    node.crash(session)
    more = [await ben_ws.request("send", **send(c, n)) for n in range(5, 9)]
    for re in during + more:
        assert (await ben_ws.answer_to(re))["t"] == "ack"
    for s in range(3, 11):
        await ann_ws.expect("msg", s=s)
    assert node.system.lookup(session) not in (None, first)
    assert (await ann_ws.post(c, 2, "after"))["s"] == 11
    # It is still on the screen: what was watched is watched again.
    await ben_ws.send({"t": "read", "c": c, "s": 11})
    await ann_ws.until(lambda f: f["t"] == "rcpt" and f["read"].get(ben.user) == 11)
    assert pushes(ann_ws) == []
    assert node.session(ann.device) == session
    assert ann_ws.closed is None


def send(c: str, n: int) -> Frame:
    """The nth text of a device to a conversation, as the fields of a `send`."""
    return {"c": c, "cid": n, "prev": n - 1, "b": {"k": "text", "text": f"line {n}"}}


async def test_unanswered_requests_are_answered_once_whenever_the_session_raises(
    here: Here,
) -> None:
    node, town = here
    ann, ben = await town.people("ann", "ben")
    ben_ws = await town.socket(ben)
    c = await group(await town.socket(ann), ben)
    cid = 0
    for turns in range(45):
        ws = await town.socket(ann, inst="one", **{"try": turns + 1})
        asked = [await ws.request("send", **send(c, cid + n)) for n in range(1, 9)]
        asked.append(await ws.request("hist", c=c, after=0, limit=3))
        asked.append(await ws.request("conv", c=c))
        asked.append(await ws.request("watch", users=[ben.user], convs=[c]))
        asked.append(await ws.request("presence", users=[ben.user]))
        cid += 8
        await node.turns(turns)
        for session in node.sessions(ann.device)[-1:]:
            node.crash(session)
        answers = [await ws.answer_to(re) for re in asked]
        kinds = [a.get("code", a["t"]) for a in answers]
        assert kinds == ["ack"] * 8 + ["page", "conv", "ok", "states"], (turns, kinds)
        # Another request behind them shows that none of them is answered once more.
        assert (await ws.ask("conv", c=c))["t"] == "conv"
        assert [f for f in ws.frames if f.get("re") in asked] == []
        assert ws.closed is None
    lines = check_log(c, await whole_log(ben_ws, c))
    assert len(lines) == 1 + cid
    heard = [f["s"] for f in ben_ws.frames if f["t"] == "msg" and f["c"] == c]
    assert heard == list(range(1, cid + 2)), "ben missed something, or saw it twice"


async def test_a_conversation_that_raises_at_any_moment_comes_back_from_the_store(
    here: Here,
) -> None:
    node, town = here
    people = await town.people("ann", "ben", "cleo")
    ann_ws = await town.socket(people[0])
    groups = [await group(ann_ws, *people[1:], cid=n) for n in range(1, 41)]
    await ann_ws.close()
    clients = [HonestClient(person, n) for n, person in enumerate(people)]

    async def talk(turns: int, c: str) -> None:
        for n in range(4):
            clients[0].send(c, f"before {n}")
        await node.turns(turns)
        node.crash(f"conv:{c}")
        for client in clients:
            for n in range(4):
                client.send(c, f"after {n}")

    async with asyncio.timeout(60), present(*clients):
        for client in clients:
            await client.welcomed()
        await asyncio.gather(*(talk(turns, c) for turns, c in enumerate(groups)))
        for client in clients:
            await client.all_acked()
            for c in groups:
                # What was lost in the crash is made good without a next message.
                await client.has(c, 1 + 4 + 3 * 4)
    reader = await town.socket(people[1])
    logs = {c: check_log(c, await whole_log(reader, c)) for c in groups}
    assert check_clients(clients, logs) == 40 * 16
    assert [client.connections for client in clients] == [1] * 3, "somebody had to reconnect"


async def test_a_user_that_raises_comes_back_and_its_devices_hear_everything(here: Here) -> None:
    node, town = here
    ann, *others = await town.people("ann", *("ben",) * 12)
    ann_ws = await town.socket(ann)
    phones = [await town.device(person) for person in others]
    c = await group(ann_ws, *others)
    sockets = [
        (await town.socket(p), await town.socket(q)) for p, q in zip(others, phones, strict=True)
    ]
    await ann_ws.ask("watch", users=[p.user for p in others], convs=[])
    for turns, person in enumerate(others):
        n = 3 * turns
        asked = [await ann_ws.request("send", **send(c, n + k)) for k in (1, 2)]
        await node.turns(3 * turns)
        node.crash(f"user:{person.user}")
        asked.append(await ann_ws.request("send", **send(c, n + 3)))
        for re in asked:
            assert (await ann_ws.answer_to(re))["t"] == "ack"
    head = 1 + 3 * len(others)
    for pair in sockets:
        for ws in pair:
            await ws.until(
                lambda f: (
                    (f["t"] == "msg" and f["s"] == head)
                    or (f["t"] == "behind" and f["convs"].get(c) == head)
                )
            )
            known = [f["s"] for f in ws.frames if f["t"] == "msg"]
            assert len(known) == len(set(known)), f"pushed twice: {known}"
            log = await whole_log(ws, c)
            assert [m["s"] for m in log] == list(range(1, head + 1))
            assert ws.closed is None
    # Nobody was taken for gone meanwhile.
    assert [f for f in ann_ws.frames if f["t"] == "pres" and f["st"] == "off"] == []
    for person in others:
        asked_state = await ann_ws.ask("presence", users=[person.user])
        assert asked_state["users"][0]["st"] == "on"


async def test_a_user_that_raises_loses_no_group_that_was_asked_for(here: Here) -> None:
    node, town = here
    people = await town.crowd(15)
    ben = await town.person("ben")

    async def create(turns: int) -> str:
        person = people[turns]
        ws = await town.socket(person)
        fields = {"title": f"group {turns}", "members": [ben.user]}
        re = await ws.request("create", cid=1, prev=0, **fields)
        await node.turns(turns)
        node.crash(f"user:{person.user}")
        made = await ws.answer_to(re)
        assert made["t"] == "conv", made
        again = await ws.ask("create", cid=1, prev=0, **fields)
        assert again["c"] == made["c"]
        assert (await ws.post(made["c"], 1, "in it"))["s"] == 2
        assert len((await whole_list(ws))["convs"]) == 1
        c: str = made["c"]
        return c

    groups = await asyncio.gather(*(create(turns) for turns in range(len(people))))
    assert len(set(groups)) == len(people)


async def test_a_poisoned_session_exhausts_its_own_intensity_and_no_other(here: Here) -> None:
    node, town = here
    ann, ben = await town.people("ann", "ben")
    phone = await town.device(ann)
    ann_ws, phone_ws, ben_ws = await town.sockets(ann, phone, ben)
    c = await group(ann_ws, ben)
    session = node.session(ann.device)
    for _ in range(3):
        assert (await ann_ws.ask("conv", c=c))["t"] == "conv"
        node.crash(session)
    assert await ann_ws.close_code() == 1011
    ack = await phone_ws.post(c, 1, "the other device is well")
    await ben_ws.expect("msg", s=ack["s"])
    again = await town.socket(ann)
    assert (await again.post(c, 1, "and so is this one again"))["t"] == "ack"
    assert (phone_ws.closed, ben_ws.closed) == (None, None)


@pytest.mark.parametrize("kind", ["conv", "user"])
async def test_a_poisoned_actor_of_everybody_leaves_its_neighbours_alone(
    here: Here, kind: str
) -> None:
    node, town = here
    ann, ben, cleo = await town.people("ann", "ben", "cleo")
    ann_ws, ben_ws, cleo_ws = await town.sockets(ann, ben, cleo)
    sick, well = await group(ann_ws, ben), await group(ann_ws, cleo, cid=2)
    name = f"conv:{sick}" if kind == "conv" else f"user:{ben.user}"
    for n in range(1, 13):
        if node.system.lookup(name) is not None:
            node.crash(name)
        ack = await ann_ws.post(well, n, f"line {n}")
        assert ack["t"] == "ack"
        assert text_of(await cleo_ws.expect("msg", s=ack["s"], c=well)) == f"line {n}"
    # When it is left alone, it comes back by the next message.
    ack = await ann_ws.post(sick, 1, "well again")
    assert ack["t"] == "ack"
    # The devices of a user who failed so often come back by themselves, and sync.
    assert (ann_ws.closed, cleo_ws.closed) == (None, None)
    if kind == "user":
        assert await ben_ws.close_code() == 1011
        ben_ws = await town.socket(ben)
    assert text_of((await whole_log(ben_ws, sick))[-1]) == "well again"
    assert (await ann_ws.post(sick, 2, "and goes on"))["t"] == "ack"
    assert text_of(await ben_ws.expect("msg", s=3, c=sick)) == "and goes on"


async def test_a_user_that_is_given_up_leaves_no_device_in_silence(here: Here) -> None:
    node, town = here
    ann, *others = await town.people("ann", *("ben",) * 24)
    ann_ws = await town.socket(ann)
    sockets = await town.sockets(*others)
    for turns, (person, ws) in enumerate(zip(others, sockets, strict=True)):
        c = await group(ann_ws, person, cid=turns + 1)
        await ws.expect("msg", c=c, s=1)
        name = f"user:{person.user}"
        asked: list[int] = []
        for n in range(1, 9):
            asked.append(await ann_ws.request("send", **send(c, n)))
            await node.turns(turns % 8)
            if n == 3:
                node.crash(name)
                node.system.tell(name, Poison())
        for re in asked:
            assert (await ann_ws.answer_to(re))["t"] == "ack"
        await heard_or_sent_away(ws, c, 9)


async def heard_or_sent_away(ws: Socket, c: str, s: int) -> None:
    """A device learned of a message, or was told to come back and sync; it is not left waiting."""
    try:
        await ws.until(
            lambda f: (
                (f["t"] == "msg" and (f["c"], f["s"]) == (c, s))
                or (f["t"] == "behind" and f["convs"].get(c) == s)
            )
        )
    except AssertionError:
        assert ws.closed is not None and ws.closed[0] == 1011, f"left in silence: {ws.frames}"


async def test_a_frame_that_crashes_its_session_twice_is_answered_and_not_tried_again(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, town = here
    ann, ben = await town.people("ann", "ben")
    ws = await town.socket(ann)
    c = await group(ws, ben)
    tries = 0
    usual = SessionActor.on_receive

    def on_receive(self: SessionActor, message: Any) -> Any:
        nonlocal tries
        if isinstance(message, DescribeRequest) and message.conv == "poison":
            tries += 1
            raise RuntimeError("a defect")
        return usual(self, message)

    monkeypatch.setattr(SessionActor, "on_receive", on_receive)
    poison = await ws.request("conv", c="poison")
    beside = await ws.request("conv", c=c)
    assert (await ws.answer_to(poison))["code"] == "internal"
    assert (await ws.answer_to(beside))["t"] == "conv"
    assert (await ws.post(c, 1, "goes on"))["t"] == "ack"
    assert tries == 2


@pytest.mark.slow
async def test_many_crashes_under_traffic_are_noticed_by_nobody(here: Here) -> None:
    node, town = here
    chance = random.Random(5)
    people = await town.crowd(10)
    founder = await town.socket(people[0])
    groups = [await group(founder, *people[1:], cid=n) for n in range(1, 5)]
    await founder.close()
    clients = [HonestClient(person, n) for n, person in enumerate(people)]
    going = True

    async def talk(n: int) -> None:
        places = [*groups, people[n ^ 1].user]
        number = 0
        while going:
            number += 1
            clients[n].send(chance.choice(places), f"{n} says {number}")
            await clients[n].until(lambda: clients[n].unacked < 3)

    async with asyncio.timeout(60), present(*clients):
        talking = [asyncio.get_running_loop().create_task(talk(n)) for n in range(len(clients))]
        for client in clients:
            await client.acked(3)
        # Each once, in any order: nobody is over its intensity.
        names = [f"conv:{c}" for c in groups] + [f"user:{p.user}" for p in people]
        names += [session for p in people for session in node.sessions(p.device)]
        chance.shuffle(names)
        for name in names:
            node.crash(name)
            watched = chance.choice(clients)
            await watched.acked(watched.acks + chance.randint(0, 3))
        going = False
        await asyncio.gather(*talking)
        for client in clients:
            await client.all_acked()
        reader = await town.socket(await town.device(people[0]))
        convs = [line["c"] for line in (await whole_list(reader))["convs"]]
        assert len(convs) == 5
        logs = {c: check_log(c, await whole_log(reader, c)) for c in convs}
        for client in clients:
            for c in client.logs.keys() & logs.keys():
                await client.has(c, len(logs[c]))
        for person in people[1:]:
            for c in {c for cl in clients if cl.person is person for c in cl.logs} - logs.keys():
                other = await town.socket(await town.device(person))
                logs[c] = check_log(c, await whole_log(other, c))
    checked = check_clients(clients, logs)
    assert checked == sum(client.acks for client in clients) > 200
    assert [client.connections for client in clients] == [1] * 10, "somebody had to reconnect"
