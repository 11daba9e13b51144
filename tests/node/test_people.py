"""Contacts, requests, blocks, mutes, who may see and write: several people, several devices."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.node import Node
from tests.support.town import Town, codes, group, text_of
from tests.support.ws_client import Frame, Socket, list_once, long_lines, whole_list, whole_log

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def line(socket: Socket, c: str) -> Frame:
    """The line of a conversation, whole."""
    (found,) = [line for line in long_lines(await whole_list(socket)) if line["c"] == c]
    return found


async def do(socket: Socket, t: str, cid: int, **fields: Any) -> None:
    """An act of the socket's user that must be done."""
    answer = await socket.ask(t, cid=cid, prev=cid - 1, **fields)
    assert answer["t"] == "ok", answer


async def states(socket: Socket, *users: str) -> dict[str, str]:
    """{user: on or off}, of those that may be seen."""
    answer = await socket.ask("presence", users=list(users))
    return {state["u"]: state["st"] for state in answer["users"]}


async def test_a_stranger_waits_to_be_let_in_and_sees_nothing_until_then(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws, ben_ws = await town.sockets(ann, ben)
    ack = await ann_ws.post(ben.user, 1, "hello, you do not know me")
    c, s = ack["c"], ack["s"]
    assert text_of(await ben_ws.expect("msg", s=s)) == "hello, you do not know me"
    listed = await list_once(ben_ws, 0, lambda listed: listed["convs"])
    assert listed["convs"][0]["request"] is True
    assert "request" not in await line(ann_ws, c)
    await ann_ws.ask("watch", users=[ben.user], convs=[c])
    await ben_ws.send({"t": "read", "c": c, "s": s})
    await ben_ws.expect("rcpt", c=c)
    await ann_ws.settled()
    assert [f for f in ann_ws.frames if f["t"] in ("rcpt", "pres")] == []
    assert await states(ann_ws, ben.user) == {}
    assert await states(ben_ws, ann.user) == {ann.user: "on"}
    await do(ben_ws, "contact", 1, u=ann.user, do="accept")
    await list_once(ben_ws, listed["lv"], lambda later: "request" not in str(later["convs"]))
    assert await states(ann_ws, ben.user) == {ben.user: "on"}
    await ben_ws.send({"t": "read", "c": c, "s": s + 1})
    await ann_ws.until(lambda f: f["t"] == "rcpt" and f["read"].get(ben.user) == s + 1)


async def test_contacts_are_asked_accepted_and_ended_on_any_device(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    desk = await town.device(ben)
    ann_ws, ben_ws = await town.sockets(ann, ben)

    async def listed(person: Any) -> dict[str, str]:
        contacts = (await person.http.get("/v1/contacts")).json()["contacts"]
        return {contact["id"]: contact["state"] for contact in contacts}

    await do(ann_ws, "contact", 1, u=ben.user, do="request")
    assert await listed(ann) == {ben.user: "asked"}
    assert await listed(desk) == {ann.user: "asks"}
    assert await states(ben_ws, ann.user) == {}
    added = await desk.http.post(
        f"/v1/contacts/{ann.user}", json={"cid": 1, "prev": 0, "do": "accept"}
    )
    assert added.status_code == 204, added.text
    assert await listed(ann) == {ben.user: "mutual"}
    assert await listed(ben) == {ann.user: "mutual"}
    # Without a conversation of the two, and with presence for contacts alone.
    await ann.http.patch("/v1/me", json={"presence": "contacts"})
    await ben_ws.ask("watch", users=[ann.user], convs=[])
    assert (await ben_ws.expect("pres", u=ann.user))["st"] == "on"
    await do(ann_ws, "contact", 2, u=ben.user, do="remove")
    assert await listed(ann) == {}
    assert await states(ben_ws, ann.user) == {}
    # Somebody else who goes later shows that her going was not told.
    cleo = await town.person("cleo")
    cleo_ws = await town.socket(cleo)
    await group(cleo_ws, ben)
    await ben_ws.ask("watch", users=[ann.user, cleo.user], convs=[])
    await ann_ws.close()
    await cleo_ws.close()
    await ben_ws.expect("pres", u=cleo.user, st="off")
    assert [f for f in ben_ws.frames if f["t"] == "pres" and f["u"] == ann.user] == []


async def test_a_blocked_one_gets_nothing_through_and_the_blocker_sees_nothing(
    town: Town,
) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws, ben_ws = await town.sockets(ann, ben)
    c = (await ann_ws.post(ben.user, 1, "hello"))["c"]
    await ben_ws.post(c, 1, "hello")
    shared = await group(ann_ws, ben)
    ann_log = await whole_log(ann_ws, c)
    for ws in (ann_ws, ben_ws):
        await ws.ask("watch", users=[ann.user, ben.user], convs=[c])
        await ws.settled()
    place = {"cid": 1, "prev": 0}
    blocked = await ben.http.put(f"/v1/blocks/{ann.user}", json=place)
    assert blocked.status_code == 204, blocked.text
    assert [b["id"] for b in (await ben.http.get("/v1/blocks")).json()["blocks"]] == [ann.user]
    before = len(ben_ws.frames)
    answers = [
        await ann_ws.post(c, 2, "are you there?", prev=1),
        await ann_ws.post(ben.user, 2, "are you there?", prev=1),
    ]
    assert codes(answers) == ["blocked", "blocked"]
    by_http = await ann.http.post(
        f"/v1/conversations/{c}/messages",
        json={"cid": 2, "prev": 1, "b": {"k": "text", "text": "by the back door"}},
    )
    assert (by_http.status_code, by_http.json()["code"]) == (403, "blocked")
    await ann_ws.send({"t": "read", "c": c, "s": 3})
    await ann_ws.expect("rcpt", c=c)
    assert await states(ann_ws, ben.user) == {}
    assert await states(ben_ws, ann.user) == {}
    await ben_ws.settled()
    assert ben_ws.frames[before:] == []
    # What is hidden is in no page; in the group nothing has changed.
    assert await whole_log(ann_ws, c) == await whole_log(ben_ws, c) == ann_log
    assert (await line(ben_ws, c))["last"]["s"] == ann_log[-1]["s"]
    said = await ann_ws.post(shared, 1, "in the group")
    assert text_of(await ben_ws.expect("msg", c=shared, s=said["s"])) == "in the group"
    undone = await ben.http.delete(f"/v1/blocks/{ann.user}", params={"cid": 2, "prev": 1})
    assert undone.status_code == 204, undone.text
    ack = await ann_ws.post(c, 2, "again", prev=1)
    assert text_of(await ben_ws.expect("msg", c=c, s=ack["s"])) == "again"


async def test_who_may_write_is_the_receivers_choice(town: Town) -> None:
    ann, ben, cleo = await town.people("ann", "ben", "cleo")
    ann_ws, ben_ws, cleo_ws = await town.sockets(ann, ben, cleo)
    chosen = await ben.http.patch("/v1/me", json={"write": "contacts"})
    assert chosen.json()["write"] == "contacts"
    refused = await ann_ws.post(ben.user, 1, "hello")
    assert refused["code"] == "forbidden"
    await do(ben_ws, "contact", 1, u=cleo.user, do="request")
    ack = await cleo_ws.post(ben.user, 1, "hello")
    assert ack["t"] == "ack"
    await ben_ws.expect("msg", s=ack["s"])
    assert "request" not in await line(ben_ws, ack["c"])
    assert [f for f in ben_ws.frames if f["t"] == "msg" and f["from"] == ann.user] == []


async def test_a_mute_is_known_on_every_device(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    phone = await town.device(ben)
    ann_ws, ben_ws, phone_ws = await town.sockets(ann, ben, phone)
    c = await group(ann_ws, ben)
    before = await list_once(phone_ws, 0, lambda listed: listed["convs"])
    until = 1_900_000_000_000
    await do(ben_ws, "mute", 1, c=c, until=until)
    later = await whole_list(phone_ws, before["lv"])
    assert later["lv"] > before["lv"]
    assert [f["mute"] for f in long_lines(later)] == [until]
    assert "mute" not in await line(ann_ws, c)
    undone = await phone.http.put(
        f"/v1/conversations/{c}/mute", json={"cid": 1, "prev": 0, "until": 0}
    )
    assert undone.status_code == 204, undone.text
    assert "mute" not in await line(ben_ws, c)


async def test_what_is_wrong_with_an_act_is_said_and_uses_up_nothing(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ws = await town.socket(ann)
    ghost = "u_" + "z" * 20
    chain = {"cid": 1, "prev": 0}
    answers = [
        await ws.ask("block", u=ann.user, **chain),
        await ws.ask("contact", u=ann.user, do="request", **chain),
        await ws.ask("block", u=ghost, **chain),
        await ws.ask("unblock", u="", **chain),
        await ws.ask("contact", u="nobody", do="request", **chain),
        await ws.ask("contact", u=ben.user, do="accept", **chain),
        await ws.ask("mute", c="g_" + "a" * 26, until=1, **chain),
        await ws.ask("mute", c="s_" + ann.user[2:], until=1, **chain),
        await ws.ask("contact", u=ben.user, do="marry", **chain),
        await ws.ask("block", u=ben.user, cid=5, prev=4),
    ]
    assert codes(answers) == ["bad_request"] * 2 + ["not_found"] * 6 + ["bad_request", "resend"]
    await do(ws, "block", 1, u=ben.user)
    again = await ws.ask("block", u=ben.user, **chain)
    assert again["t"] == "ok"
    used = await ws.ask("unblock", u=ben.user, **chain)
    assert used["code"] == "cid_used"


async def test_a_block_survives_a_kill_of_the_node(node: Node, town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws, ben_ws = await town.sockets(ann, ben)
    c = (await ann_ws.post(ben.user, 1, "hello"))["c"]
    await do(ben_ws, "block", 1, u=ann.user)
    await node.restart()
    again = await town.socket(ann)
    assert (await again.post(c, 2, "still there?"))["code"] == "blocked"
    assert [b["id"] for b in (await ben.http.get("/v1/blocks")).json()["blocks"]] == [ann.user]
