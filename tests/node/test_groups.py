"""Groups: who may be in them, who may do what, and what each may read."""

from __future__ import annotations

import pytest
from tests.support.town import Town, codes, group, text_of
from tests.support.ws_client import Frame, Socket, list_once, whole_list, whole_log

pytestmark = pytest.mark.asyncio(loop_scope="module")


def roles(conv: Frame) -> dict[str, str]:
    """{user: role} of a `conv`."""
    return {m["u"]: m["role"] for m in conv["members"]}


async def events(socket: Socket, c: str) -> list[tuple[str, list[str]]]:
    """What the server told of the group itself: (event, users)."""
    log = await whole_log(socket, c)
    return [(m["b"]["ev"], m["b"].get("users", [])) for m in log if m["b"]["k"] == "system"]


async def test_a_group_has_a_title_an_owner_and_members_with_names(town: Town) -> None:
    ann, ben, cleo = await town.people("ann", "ben", "cleo")
    ann_ws, ben_ws = await town.sockets(ann, ben)
    made = await ann_ws.ask(
        "create", cid=1, prev=0, title="Reading club", members=[ben.user, cleo.user]
    )
    assert (made["kind"], made["title"]) == ("group", "Reading club")
    assert roles(made) == {ann.user: "owner", ben.user: "member", cleo.user: "member"}
    assert {m["u"]: m["name"] for m in made["members"]}[ben.user] == ben.name
    seen = await ben_ws.ask("conv", c=made["c"])
    assert {**seen, "re": made["re"]} == made
    (line,) = (await whole_list(ben_ws))["convs"]
    assert (line["kind"], line["title"], line["role"]) == ("group", "Reading club", "member")


async def test_creating_again_with_the_same_cid_gives_the_same_group(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws = await town.socket(ann)
    fields = {"title": "Once", "members": [ben.user]}
    first = await ann_ws.ask("create", cid=1, prev=0, **fields)
    again = await ann_ws.ask("create", cid=1, prev=0, **fields)
    assert again["c"] == first["c"]
    assert len((await whole_list(ann_ws))["convs"]) == 1
    other = await ann_ws.ask("create", cid=2, prev=1, **fields)
    assert other["c"] != first["c"]
    used = await ann_ws.ask("create", cid=2, prev=1, title="Else", members=[ben.user])
    assert used["code"] == "cid_used"


async def test_the_hundredth_member_has_room_and_the_next_one_not(town: Town) -> None:
    ann = await town.person("ann")
    others = await town.crowd(100)
    ann_ws = await town.socket(ann)
    users = [p.user for p in others]
    too_many = await ann_ws.ask("create", cid=1, prev=0, title="All", members=users)
    assert too_many["code"] == "conversation_full"
    c = await group(ann_ws, *others[:98])
    full = await ann_ws.ask("invite", c=c, cid=1, prev=0, users=users[98:])
    assert full["code"] == "conversation_full" and "100" in full["msg"]
    assert (await ann_ws.ask("invite", c=c, cid=1, prev=0, users=[users[98]]))["t"] == "ok"
    one_more = await ann_ws.ask("invite", c=c, cid=2, prev=1, users=[users[99]])
    assert one_more["code"] == "conversation_full"
    assert len((await ann_ws.ask("conv", c=c))["members"]) == 100
    last_ws = await town.socket(others[98])
    ack = await ann_ws.post(c, 2, "to a hundred", prev=1)
    assert text_of(await last_ws.expect("msg", s=ack["s"])) == "to a hundred"
    left = await ann_ws.ask("kick", c=c, cid=3, prev=2, users=[users[0]])
    assert left["t"] == "ok"
    assert (await ann_ws.ask("invite", c=c, cid=4, prev=3, users=[users[99]]))["t"] == "ok"


async def test_members_may_talk_admins_invite_and_kick_owners_give_roles(town: Town) -> None:
    ann, ben, cleo, dora, eve = await town.people("ann", "ben", "cleo", "dora", "eve")
    ann_ws, ben_ws, cleo_ws, dora_ws = await town.sockets(ann, ben, cleo, dora)
    c = await group(ann_ws, ben, cleo, dora)
    assert (await ann_ws.ask("role", c=c, cid=1, prev=0, u=ben.user, role="admin"))["t"] == "ok"
    refused = [
        await cleo_ws.ask("invite", c=c, cid=1, prev=0, users=[eve.user]),
        await cleo_ws.ask("kick", c=c, cid=1, prev=0, users=[dora.user]),
        await cleo_ws.ask("rename", c=c, cid=1, prev=0, title="Mine"),
        await cleo_ws.ask("role", c=c, cid=1, prev=0, u=cleo.user, role="owner"),
        await ben_ws.ask("role", c=c, cid=1, prev=0, u=ben.user, role="owner"),
        await ben_ws.ask("kick", c=c, cid=1, prev=0, users=[ann.user]),
    ]
    assert codes(refused) == ["forbidden"] * 6
    assert (await ben_ws.ask("invite", c=c, cid=1, prev=0, users=[eve.user]))["t"] == "ok"
    assert (await ben_ws.ask("kick", c=c, cid=2, prev=1, users=[dora.user]))["t"] == "ok"
    assert (await ben_ws.ask("rename", c=c, cid=3, prev=2, title="Ours"))["t"] == "ok"
    seen = await cleo_ws.ask("conv", c=c)
    assert seen["title"] == "Ours"
    assert roles(seen) == {
        ann.user: "owner",
        ben.user: "admin",
        cleo.user: "member",
        eve.user: "member",
    }
    assert await events(cleo_ws, c) == [
        ("created", [ann.user, ben.user, cleo.user, dora.user]),
        ("role", [ben.user]),
        ("joined", [eve.user]),
        ("kicked", [dora.user]),
        ("renamed", []),
    ]
    assert codes([await dora_ws.post(c, 1, "let me in")])[0] in ("forbidden", "not_found")


async def test_who_leaves_keeps_what_was_said_until_then_and_sees_no_more(town: Town) -> None:
    ann, ben, cleo = await town.people("ann", "ben", "cleo")
    ann_ws, ben_ws, cleo_ws = await town.sockets(ann, ben, cleo)
    c = await group(ann_ws, ben, cleo)
    before = await ann_ws.post(c, 1, "with ben")
    await ben_ws.expect("msg", s=before["s"])
    lv = (await whole_list(ben_ws))["lv"]
    assert (await ben_ws.ask("leave", c=c, cid=1, prev=0))["t"] == "ok"
    gone_at = before["s"] + 1
    after = await ann_ws.post(c, 2, "without ben")
    await cleo_ws.expect("msg", s=after["s"])
    listed = await list_once(ben_ws, lv, lambda listed: listed["gone"])
    assert listed["gone"] == [{"c": c, "until": gone_at}]
    log = await whole_log(ben_ws, c)
    assert [m["s"] for m in log] == list(range(1, gone_at + 1))
    assert not [f for f in ben_ws.frames if f["t"] == "msg" and f["s"] == after["s"]]
    assert codes([await ben_ws.post(c, 2, "hello?", prev=1)])[0] in ("forbidden", "not_found")
    page = await ben_ws.ask("hist", c=c, at=after["s"])
    assert page["t"] == "err" or page["msgs"] == []


@pytest.mark.parametrize("history", ["joined", "all"])
async def test_a_newcomer_reads_from_joining_on_unless_the_group_chose_all(
    town: Town, history: str
) -> None:
    ann, ben, cleo = await town.people("ann", "ben", "cleo")
    ann_ws, cleo_ws = await town.sockets(ann, cleo)
    c = await group(ann_ws, ben, history=history)
    secret = await ann_ws.post(c, 1, "before cleo")
    assert (await cleo_ws.ask("hist", c=c, after=0))["code"] == "not_found"
    assert (await ann_ws.ask("invite", c=c, cid=2, prev=1, users=[cleo.user]))["t"] == "ok"
    ack = await ann_ws.post(c, 3, "with cleo")
    await cleo_ws.expect("msg", s=ack["s"])
    seen = [m["s"] for m in await whole_log(cleo_ws, c)]
    joined = secret["s"] + 1
    assert seen == list(range(1 if history == "all" else joined, ack["s"] + 1))
    at = await cleo_ws.ask("hist", c=c, at=secret["s"])
    texts = [text_of(m) for m in at.get("msgs", [])]
    assert texts == (["before cleo"] if history == "all" else [])
    back = await cleo_ws.ask("hist", c=c, before=ack["s"] + 1, limit=200)
    assert [m["s"] for m in back["msgs"]] == seen


async def test_who_comes_back_does_not_see_what_was_said_meanwhile(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws, ben_ws = await town.sockets(ann, ben)
    c = await group(ann_ws, ben)
    await ann_ws.post(c, 1, "one")
    await ann_ws.ask("kick", c=c, cid=2, prev=1, users=[ben.user])
    meanwhile = await ann_ws.post(c, 3, "two")
    await ann_ws.ask("invite", c=c, cid=4, prev=3, users=[ben.user])
    ack = await ann_ws.post(c, 5, "three")
    await ben_ws.expect("msg", s=ack["s"])
    seen = [m["s"] for m in await whole_log(ben_ws, c)]
    assert seen == [s for s in range(1, ack["s"] + 1) if s != meanwhile["s"]]


async def test_a_direct_conversation_does_not_change_like_a_group(town: Town) -> None:
    ann, ben, cleo = await town.people("ann", "ben", "cleo")
    ann_ws = await town.socket(ann)
    c = (await ann_ws.post(ben.user, 1, "just us"))["c"]
    refused = [
        await ann_ws.ask("invite", c=c, cid=2, prev=1, users=[cleo.user]),
        await ann_ws.ask("kick", c=c, cid=2, prev=1, users=[ben.user]),
        await ann_ws.ask("leave", c=c, cid=2, prev=1),
        await ann_ws.ask("rename", c=c, cid=2, prev=1, title="No"),
        await ann_ws.ask("role", c=c, cid=2, prev=1, u=ben.user, role="admin"),
    ]
    assert codes(refused) == ["bad_request"] * 5


async def test_groups_of_people_who_do_not_exist_or_twice_the_same_are_refused(
    town: Town,
) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws = await town.socket(ann)
    nobody = "u_" + "a" * 20

    async def create(**fields: object) -> Frame:
        return await ann_ws.ask("create", cid=1, prev=0, **{"title": "T", "members": [], **fields})

    assert (await create(members=[nobody]))["code"] == "not_found"
    assert (await create(members=["no id at all"]))["code"] in ("not_found", "bad_request")
    assert (await create(members=[ben.user, ben.user]))["code"] == "bad_request"
    assert (await create(title=""))["code"] == "bad_request"
    assert (await create(title="two\nlines"))["code"] == "bad_request"
    assert (await create(title="x" * 101))["code"] == "too_large"
    assert (await ann_ws.post(nobody, 1, "hello"))["code"] == "not_found"
    assert (await ann_ws.post(ann.user, 1, "to myself"))["code"] == "bad_request"
    assert (await create(title="x" * 100))["t"] == "conv"
