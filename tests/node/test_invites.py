"""Invite links between real people: in by one, not back in after a kick, gone with its time."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.node import Node
from tests.support.town import Town, group, text_of
from tests.support.ws_client import Frame, Person, list_once

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def link(person: Person, c: str) -> Frame:
    """A new link to the group."""
    answer = await person.http.post(f"/v1/conversations/{c}/invites", json={"hours": 1})
    assert answer.status_code == 201, answer.text
    made: Frame = answer.json()
    return made


async def join(person: Person, made: Frame) -> tuple[int, Frame]:
    """Join by a link; the status and the answer."""
    answer = await person.http.post(f"/v1/invites/{made['token']}")
    return answer.status_code, answer.json()


async def test_who_joins_by_a_link_is_a_member_like_any_other(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws, ben_ws = await town.sockets(ann, ben)
    c = await group(ann_ws, title="Tea")
    before = await ann_ws.post(c, 1, "before")
    made = await link(ann, c)
    status, sheet = await join(ben, made)
    assert (status, sheet["c"], sheet["title"]) == (201, c, "Tea")
    assert [m["role"] for m in sheet["members"]] == ["owner", "member"]
    told = await ann_ws.expect("msg", c=c, s=before["s"] + 1)
    assert told["b"] == {"k": "system", "ev": "joined", "users": [ben.user]}
    assert told["from"] == ben.user
    await ben_ws.expect("msg", c=c, s=told["s"])
    (line,) = (await list_once(ben_ws, 0, lambda found: found["convs"]))["convs"]
    assert (line["c"], line["role"], line["title"]) == (c, "member", "Tea")
    ack = await ben_ws.post(c, 1, "hello")
    assert text_of(await ann_ws.expect("msg", c=c, s=ack["s"])) == "hello"
    # The history is by the group's rule: from joining on.
    page = (await ben.http.get(f"/v1/conversations/{c}/messages?after=0")).json()
    assert [m["s"] for m in page["msgs"]] == [told["s"], ack["s"]]
    assert (await join(ben, made))[0] == 200


async def test_many_who_join_at_once_join_once_each_and_the_limit_holds(town: Town) -> None:
    ann = await town.person("ann")
    others = await town.crowd(4)
    ann_ws = await town.socket(ann)
    c = await group(ann_ws)
    made = await link(ann, c)
    joined = await asyncio.gather(*(join(person, made) for person in (*others, *others)))
    assert sorted({status for status, _ in joined}) in ([200, 201], [201])
    members = (await ann_ws.ask("conv", c=c))["members"]
    assert sorted(m["u"] for m in members) == sorted([ann.user, *(p.user for p in others)])


async def test_a_kick_outlasts_the_links_of_its_time(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws = await town.socket(ann)
    c = await group(ann_ws, ben)
    old = await link(ann, c)
    assert (await ann_ws.ask("kick", c=c, cid=1, prev=0, users=[ben.user]))["t"] == "ok"
    status, refused = await join(ben, old)
    assert (status, refused["code"]) == (403, "forbidden")
    assert (await join(ben, await link(ann, c)))[0] == 201


async def test_links_are_the_staffs_business(town: Town) -> None:
    ann, ben, cleo = await town.people("ann", "ben", "cleo")
    ann_ws = await town.socket(ann)
    c = await group(ann_ws, ben)
    url = f"/v1/conversations/{c}/invites"
    made = await link(ann, c)
    for person, code in ((ben, "forbidden"), (cleo, "not_found")):
        for answer in (
            await person.http.post(url, json={}),
            await person.http.get(url),
            await person.http.delete(f"{url}/{made['id']}"),
        ):
            assert answer.json()["code"] == code
    await ann_ws.ask("role", c=c, cid=1, prev=0, u=ben.user, role="admin")
    listed = (await ben.http.get(url)).json()
    assert [line["id"] for line in listed] == [made["id"]]
    assert made["token"] not in str(listed)
    assert (await ben.http.delete(f"{url}/{made['id']}")).status_code == 204
    assert (await join(cleo, made))[0] == 404


async def test_a_link_outlasts_a_restart_and_is_in_no_log(node: Node, town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws = await town.socket(ann)
    c = await group(ann_ws)
    made = await link(ann, c)
    await node.restart()
    assert (await join(ben, made))[0] == 201
    assert node.logged([made["token"]]) == []
