"""Three nodes are one chat: whatever is said or done at one holds at the others."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from tests.support.node import Node
from tests.support.town import Town, group, text_of
from tests.support.ws_client import Frame, Person, Socket, list_once, whole_log

pytestmark = pytest.mark.asyncio(loop_scope="module")

Towns = Sequence[Town]


async def at_each(towns: Towns, *names: str) -> tuple[list[Person], list[Socket]]:
    """Somebody new at each of the nodes, and their sockets there."""
    people = [await town.person(name) for town, name in zip(towns, names, strict=True)]
    sockets = [await town.socket(each) for town, each in zip(towns, people, strict=True)]
    return people, sockets


async def log_over_http(person: Person, c: str) -> Any:
    answer = await person.http.get(f"/v1/conversations/{c}/messages", params={"after": 0})
    assert answer.status_code == 200, answer.text
    return answer.json()["msgs"]


async def pres(socket: Socket, user: str, st: str) -> Frame:
    """The next presence of this user, which has to be this one."""
    told = await socket.expect("pres", u=user)
    assert told["st"] == st, told
    return told


async def gets(socket: Socket, c: str, s: int, words: str) -> None:
    """It is told of this message, or how far it is behind while homes move, and can read it."""
    await socket.until(
        lambda f: (
            (f["t"] == "msg" and (f["c"], f["s"]) == (c, s))
            or (f["t"] == "behind" and f["convs"].get(c, 0) >= s)
        ),
        words,
    )
    assert text_of((await whole_log(socket, c))[s - 1]) == words


async def acked(socket: Socket, c: str, cid: int, words: str) -> int:
    """Say it until it is acknowledged, though nobody may own the conversation for a moment."""
    while (answer := await socket.post(c, cid, words))["t"] != "ack":
        assert answer["code"] == "unavailable", answer
    s: int = answer["s"]
    return s


def lists(c: str, listed: Frame) -> bool:
    """Whether a conversation is in a list."""
    return c in str(listed["convs"])


def offs(socket: Socket, user: str) -> list[Frame]:
    """How often it was told that this user went, of what nobody expected."""
    return [f for f in socket.frames if f["t"] == "pres" and f["u"] == user and f["st"] == "off"]


# --- finding nodes ------------------------------------------------------------------------------


async def test_each_node_names_all_three_and_the_callers_home_first(
    nodes: Sequence[Node], towns: Towns
) -> None:
    ann = await towns[0].person("ann")
    elsewhere = [await town.device(ann) for town in towns]
    told = [(await device.http.get("/v1/nodes")).json() for device in elsewhere]
    urls = [
        [line["url"] for line in sorted(lines, key=lambda each: each["rank"])] for lines in told
    ]
    assert urls[0] == urls[1] == urls[2]
    assert set(urls[0]) == {node.base.replace("http", "ws") + "/ws" for node in nodes}


# --- what is said -------------------------------------------------------------------------------


async def test_what_is_said_at_one_node_is_heard_at_all(towns: Towns) -> None:
    (ann, ben, cleo), sockets = await at_each(towns, "ann", "ben", "cleo")
    c = await group(sockets[0], ben, cleo)
    for n, speaker in enumerate(sockets):
        for cid in (1, 2):
            words = f"{n} says {cid}"
            ack = await speaker.post(c, cid, words)
            assert ack["t"] == "ack", ack
            for other in sockets:
                if other is not speaker:
                    assert text_of(await other.expect("msg", c=c, s=ack["s"])) == words
    logs = [await whole_log(socket, c) for socket in sockets]
    assert logs[0] == logs[1] == logs[2]
    assert [m["s"] for m in logs[0]] == list(range(1, 8))
    assert [await log_over_http(person, c) for person in (ann, ben, cleo)] == logs


async def test_two_at_different_nodes_talk_and_list_the_same(towns: Towns) -> None:
    (_ann, ben, cleo), sockets = await at_each(towns, "ann", "ben", "cleo")
    for here, other, there in ((0, ben, 1), (1, cleo, 2), (2, ben, 1)):
        ack = await sockets[here].post(other.user, 1, "hello")
        assert ack["t"] == "ack", ack
        heard = await sockets[there].expect("msg", c=ack["c"], s=ack["s"])
        assert text_of(heard) == "hello"
        await list_once(sockets[there], 0, partial(lists, ack["c"]))


async def test_a_request_is_answered_over_http_at_any_node(towns: Towns) -> None:
    (ann, ben, cleo), sockets = await at_each(towns, "ann", "ben", "cleo")
    c = await group(sockets[0], ben, cleo)
    for person in (ben, cleo):
        answer = await person.http.post(
            f"/v1/conversations/{c}/messages",
            json={"cid": 1, "prev": 0, "b": {"k": "text", "text": f"by HTTP from {person.name}"}},
        )
        assert answer.status_code in (200, 201), answer.text
        s = answer.json()["s"]
        assert text_of(await sockets[0].expect("msg", c=c, s=s)) == f"by HTTP from {person.name}"
    assert {(await p.http.get(f"/v1/conversations/{c}")).status_code for p in (ann, ben, cleo)} == {
        200
    }


async def test_receipts_and_typing_are_seen_at_other_nodes(towns: Towns) -> None:
    (_ann, ben, cleo), (ann_ws, ben_ws, cleo_ws) = await at_each(towns, "ann", "ben", "cleo")
    c = await group(ann_ws, ben, cleo)
    for ws in (ann_ws, cleo_ws):
        await ws.ask("watch", users=[], convs=[c])
    s = (await ann_ws.post(c, 1, "read this"))["s"]
    await ben_ws.expect("msg", c=c, s=s)
    await ben_ws.send({"t": "typing", "c": c})
    for ws in (ann_ws, cleo_ws):
        await ws.until(lambda f: f["t"] == "typing" and ben.user in str(f), "typing")
    await ben_ws.send({"t": "read", "c": c, "s": s})
    for ws in (ann_ws, cleo_ws):
        await ws.until(lambda f: f["t"] == "rcpt" and f["read"].get(ben.user) == s, "a receipt")


# --- devices ------------------------------------------------------------------------------------


async def test_the_devices_of_one_person_may_be_at_different_nodes(towns: Towns) -> None:
    (ann, *_), (ann_ws, ben_ws, _) = await at_each(towns, "ann", "ben", "cleo")
    others = [await town.device(ann) for town in towns[1:]]
    desk_ws, phone_ws = [
        await town.socket(each) for town, each in zip(towns[1:], others, strict=True)
    ]
    assert [ws.welcome["node"] for ws in (ann_ws, desk_ws, phone_ws)] == ["n1", "n2", "n3"]
    ack = await ben_ws.post(ann.user, 1, "to all of you")
    for ws in (ann_ws, desk_ws, phone_ws):
        assert text_of(await ws.expect("msg", c=ack["c"], s=ack["s"])) == "to all of you"
    own = await phone_ws.post(ack["c"], 1, "from my phone")
    for ws in (ann_ws, desk_ws, ben_ws):
        assert text_of(await ws.expect("msg", c=ack["c"], s=own["s"])) == "from my phone"
    await desk_ws.send({"t": "read", "c": ack["c"], "s": own["s"]})
    for ws in (ann_ws, phone_ws):
        await ws.until(lambda f: ack["c"] in str(f) and f["t"] in ("rcpt", "read", "list"), "read")


async def test_a_device_that_comes_to_another_node_leaves_the_first(towns: Towns) -> None:
    (ann, *_), (ann_ws, ben_ws, _) = await at_each(towns, "ann", "ben", "cleo")
    for town in towns[1:]:
        moved = Person(town.base, ann.name, ann.http, {
            "user": {"id": ann.user}, "device": ann.device, "access": ann.access,
        })  # fmt: skip
        there = await town.socket(moved)
        assert await ann_ws.close_code() == 4409
        ann_ws = there
    ack = await ben_ws.post(ann.user, 1, "where are you?")
    assert text_of(await ann_ws.expect("msg", s=ack["s"])) == "where are you?"


async def test_a_device_revoked_at_one_node_is_closed_at_another(towns: Towns) -> None:
    ann = await towns[0].person("ann")
    await towns[0].socket(ann)
    for town in towns:
        lost = await town.device(ann)
        lost_ws = await town.socket(lost)
        answer = await ann.http.delete(f"/v1/devices/{lost.device}")
        assert answer.status_code in (200, 204), answer.text
        assert await lost_ws.close_code() == 4403
        for any_town in towns:
            again = await any_town.stranger()
            await again.send(lost.hello())
            assert await again.close_code() == 4403
        assert (await lost.http.get("/v1/me")).status_code in (401, 403)


# --- people -------------------------------------------------------------------------------------


async def test_contacts_made_over_two_nodes_are_known_at_the_third(towns: Towns) -> None:
    (ann, ben, _cleo), (ann_ws, ben_ws, _) = await at_each(towns, "ann", "ben", "cleo")
    asked = await ann_ws.ask("contact", cid=1, prev=0, u=ben.user, do="request")
    assert asked["t"] == "ok", asked
    accepted = await ben_ws.ask("contact", cid=1, prev=0, u=ann.user, do="accept")
    assert accepted["t"] == "ok", accepted
    for person, other in ((ann, ben), (ben, ann)):
        there = await towns[2].device(person)
        contacts = (await there.http.get("/v1/contacts")).json()["contacts"]
        assert [(each["id"], each["state"]) for each in contacts] == [(other.user, "mutual")]


async def test_who_comes_and_goes_is_seen_from_other_nodes_and_who_moves_never_went(
    towns: Towns,
) -> None:
    (_ann, ben, cleo), (ann_ws, ben_ws, cleo_ws) = await at_each(towns, "ann", "ben", "cleo")
    await group(ann_ws, ben, cleo)
    await ann_ws.ask("watch", users=[ben.user, cleo.user], convs=[])
    for user in (ben.user, cleo.user):
        await pres(ann_ws, user, "on")
    # Ben's connection breaks, and he comes back at another node; cleo goes for good after him.
    desk = await towns[2].device(ben)
    await ben_ws.abort()
    desk_ws = await towns[2].socket(desk)
    await cleo_ws.close()
    await pres(ann_ws, cleo.user, "off")
    await ann_ws.settled()
    assert offs(ann_ws, ben.user) == []
    await desk_ws.settled()


async def test_a_node_that_dies_takes_nobody_with_it(nodes: Sequence[Node], towns: Towns) -> None:
    (_ann, ben, cleo), (ann_ws, _ben_ws, cleo_ws) = await at_each(towns, "ann", "ben", "cleo")
    c = await group(ann_ws, ben, cleo)
    moves = await towns[1].device(cleo)
    await cleo_ws.close()
    await towns[1].socket(moves)
    await ann_ws.ask("watch", users=[ben.user, cleo.user], convs=[])
    for user in (ben.user, cleo.user):
        await pres(ann_ws, user, "on")
    said = [(await ann_ws.post(c, cid, f"before {cid}"))["s"] for cid in range(1, 5)]
    await nodes[1].kill()
    # Cleo finds another node at once, ben does not.
    cleo_ws = await towns[2].socket(cleo)
    after = await acked(ann_ws, c, 5, "after")
    assert after == said[-1] + 1
    assert [m["s"] for m in await whole_log(cleo_ws, c)] == list(range(1, after + 1))
    gone = await pres(ann_ws, ben.user, "off")
    assert gone["seen"]
    await ann_ws.settled()
    assert offs(ann_ws, cleo.user) == []
    await nodes[1].start()
    back = await towns[1].socket(ben)
    await pres(ann_ws, ben.user, "on")
    assert [m["s"] for m in await whole_log(back, c)] == list(range(1, after + 1))
    s = await acked(ann_ws, c, 6, "all here?")
    for ws in (back, cleo_ws):
        await gets(ws, c, s, "all here?")
