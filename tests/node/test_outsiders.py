"""Who is not a member reads nothing and changes nothing, by no request of the protocol or HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.town import Town, group, text_of
from tests.support.ws_client import Frame, Person, Socket, whole_list, whole_log

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET = "nobody else may read this"
NO_WAY = ("forbidden", "not_found", "bad_request")


def attempts(c: str, victim: Person, me: Person) -> list[Frame]:
    """Every request of the protocol that names a conversation."""
    chain = {"c": c, "cid": 1, "prev": 0}
    return [
        {"t": "hist", "c": c},
        {"t": "hist", "c": c, "after": 0},
        {"t": "hist", "c": c, "before": 100},
        {"t": "hist", "c": c, "at": 2},
        {"t": "conv", "c": c},
        {"t": "send", **chain, "b": {"k": "text", "text": "intruder"}},
        {"t": "send", **chain, "b": {"k": "delete", "s": 2}},
        {"t": "send", **chain, "b": {"k": "edit", "s": 2, "text": "intruder"}},
        {"t": "invite", **chain, "users": [me.user]},
        {"t": "kick", **chain, "users": [victim.user]},
        {"t": "leave", **chain},
        {"t": "role", **chain, "u": me.user, "role": "owner"},
        {"t": "rename", **chain, "title": "intruder"},
        {"t": "send", **chain, "b": {"k": "react", "s": 2, "emoji": "👍"}},
    ]


async def outsider(town: Town, kind: str, c: str, ann_ws: Socket, victim: Person) -> Person:
    """Somebody who was never in it, or is no longer."""
    mallory = await town.person("mallory")
    if kind == "kicked":
        invited = await ann_ws.ask("invite", c=c, cid=1, prev=0, users=[mallory.user])
        kicked = await ann_ws.ask("kick", c=c, cid=2, prev=1, users=[mallory.user])
        assert (invited["t"], kicked["t"]) == ("ok", "ok")
    return mallory


@pytest.mark.parametrize("kind", ["stranger", "kicked"])
async def test_no_request_of_the_protocol_lets_an_outsider_in(town: Town, kind: str) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws, ben_ws = await town.sockets(ann, ben)
    c = await group(ann_ws, ben, title="Private")
    mallory = await outsider(town, kind, c, ann_ws, ben)
    await ann_ws.post(c, 3, SECRET, prev=2 if kind == "kicked" else 0)
    before = await whole_log(ann_ws, c)
    secret_at = before[-1]["s"]
    ws = await town.socket(mallory)
    for attempt in attempts(c, ben, mallory):
        fields = {k: v for k, v in attempt.items() if k != "t"}
        if fields.get("at"):
            fields["at"] = secret_at
        answer = await ws.ask(attempt["t"], **fields)
        assert SECRET not in str(answer), attempt
        if answer["t"] == "page":
            # One who was thrown out may read up to that, and no further.
            assert kind == "kicked"
            assert all(m["s"] < secret_at for m in answer["msgs"]), answer
        else:
            assert answer["code"] in NO_WAY, (attempt, answer)
    await ws.send(
        {"t": "read", "c": c, "s": secret_at},
        {"t": "recv", "c": c, "s": secret_at},
        {"t": "typing", "c": c},
        {"t": "watch", "id": 9_000, "users": [ann.user, ben.user], "convs": [c]},
    )
    await ws.answer_to(9_000)
    assert (await ws.ask("presence", users=[ann.user, ben.user])).get("users", []) == []
    # What happens in it does not reach the outsider.
    more = await ann_ws.post(c, 4, SECRET)
    await ben_ws.expect("msg", s=more["s"])
    await ben_ws.send({"t": "read", "c": c, "s": more["s"]}, {"t": "typing", "c": c})
    mine = await ws.post(ann.user, 1, "a message marks the end")
    await ann_ws.expect("msg", s=mine["s"], c=mine["c"])
    await ws.settled()
    assert all(SECRET not in str(f) for f in ws.frames)
    assert all(c not in str(f) for f in ws.frames)
    assert [f for f in ws.frames if f["t"] in ("rcpt", "pres", "behind")] == []
    log = await whole_log(ann_ws, c)
    assert log[: len(before)] == before and len(log) == len(before) + 1
    members = {m["u"] for m in (await ann_ws.ask("conv", c=c))["members"]}
    assert members == {ann.user, ben.user}
    lines = [line["c"] for line in (await whole_list(ws))["convs"]]
    assert c not in lines


@pytest.mark.parametrize("kind", ["stranger", "kicked"])
async def test_no_http_request_lets_an_outsider_in(town: Town, kind: str) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws = await town.socket(ann)
    c = await group(ann_ws, ben, title="Private")
    mallory = await outsider(town, kind, c, ann_ws, ben)
    await ann_ws.post(c, 3, SECRET, prev=2 if kind == "kicked" else 0)
    before = await whole_log(ann_ws, c)
    secret_at = before[-1]["s"]
    url = f"/v1/conversations/{c}"
    link = (await ann.http.post(f"{url}/invites", json={})).json()
    chain = {"cid": 1, "prev": 0}
    body = {"k": "text", "text": "intruder"}
    tries: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", url, {}),
        ("GET", f"{url}/messages", {}),
        ("GET", f"{url}/messages?after=0", {}),
        ("GET", f"{url}/messages?before=100", {}),
        ("GET", f"{url}/messages/{secret_at}", {}),
        ("POST", f"{url}/messages", {**chain, "b": body}),
        ("POST", f"{url}/members", {**chain, "users": [mallory.user]}),
        ("DELETE", f"{url}/members/{ben.user}?cid=1&prev=0", {}),
        ("PATCH", f"{url}/members/{mallory.user}", {**chain, "role": "owner"}),
        ("PATCH", url, {**chain, "title": "intruder"}),
        ("POST", f"{url}/leave", chain),
        ("POST", f"{url}/read", {"s": secret_at}),
        ("POST", f"{url}/recv", {"s": secret_at}),
        ("DELETE", f"/v1/devices/{ann.device}", {}),
        ("POST", f"{url}/invites", {"hours": 1}),
        ("GET", f"{url}/invites", {}),
        ("DELETE", f"{url}/invites/{link['id']}", {}),
    ]
    for method, path, content in tries:
        answer = await mallory.http.request(method, path, json=content or None)
        assert SECRET not in answer.text, (method, path)
        if kind == "kicked" and method == "GET" and "/messages" in path:
            continue
        if path.endswith(("/read", "/recv")):
            continue  # a notice, as on the socket: it changes nothing, as is seen below
        assert answer.status_code in (400, 403, 404), (method, path, answer.text)
        assert answer.json()["code"] in NO_WAY
    assert await whole_log(ann_ws, c) == before
    sheet = (await ann_ws.ask("conv", c=c))["members"]
    assert {m["u"]: (m["role"], m["read"]) for m in sheet} == {
        ann.user: ("owner", 0),
        ben.user: ("member", 0),
    }
    assert c not in str((await mallory.http.get("/v1/conversations")).json()["convs"])


async def test_a_third_person_gets_nothing_of_a_direct_conversation(town: Town) -> None:
    ann, ben, mallory = await town.people("ann", "ben", "mallory")
    ann_ws, ws = await town.sockets(ann, mallory)
    c = (await ann_ws.post(ben.user, 1, SECRET))["c"]
    for attempt in attempts(c, ben, mallory):
        answer = await ws.ask(attempt["t"], **{k: v for k, v in attempt.items() if k != "t"})
        assert answer["t"] == "err" and answer["code"] in NO_WAY
        assert SECRET not in str(answer)
    assert (await mallory.http.get(f"/v1/conversations/{c}/messages")).status_code == 404
    assert [text_of(m) for m in (await whole_log(ann_ws, c))[1:]] == [SECRET]


async def test_nobody_is_there_for_who_is_not_signed_in(town: Town) -> None:
    ann = await town.person("ann")
    schema = (await ann.http.get("/openapi.json")).json()
    open_to_all = {
        "/v1/nodes",
        "/v1/register",
        "/v1/login",
        "/v1/refresh",
        "/v1/recover",
        "/v1/logout",
    }
    tried = 0
    for path, methods in schema["paths"].items():
        if not path.startswith("/v1/") or path in open_to_all:
            continue
        for method in methods:
            where = path.replace("{c}", "g_" + "a" * 26).replace("{user}", ann.user)
            where = where.replace("{device}", ann.device).replace("{s}", "1")
            where = where.replace("{invite}", "i_a").replace("{token}", "a" * 26)
            assert "{" not in where, where
            answer = await ann.http.request(
                method.upper(), where, json={}, headers={"Authorization": ""}
            )
            # An operator's door is another matter, and this node has none.
            closed = path.startswith("/v1/operator/")
            wanted = (404, "not_found") if closed else (401, "unauthenticated")
            told = (answer.status_code, answer.json()["code"])
            assert told == wanted, (method, where, answer.text)
            tried += 1
    assert tried >= 15


async def test_ids_that_name_nothing_or_something_else_are_not_found(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ws = await town.socket(ann)
    names = [
        "",
        "g_",
        "g_" + "a" * 26,
        "d_" + "a" * 26,
        "G_" + "A" * 26,
        "s_" + ann.user[2:],
        "s_" + ben.user[2:],
        ben.user,
        ann.device,
        "g_" + "a" * 26 + "\n",
        "g_" + "a" * 26 + "'; DROP TABLE log; --",
        "../" + "g_" + "a" * 26,
        "conv:g_" + "a" * 26,
        "session:n1:x/1",
        "%00",
    ]
    for name in names:
        for t, fields in (
            ("hist", {"after": 0}),
            ("conv", {}),
            ("send", {"cid": 1, "prev": 0, "b": {"k": "text", "text": "x"}}),
            ("leave", {"cid": 1, "prev": 0}),
        ):
            answer = await ws.ask(t, c=name, **fields)
            assert answer["t"] == "err", (t, name, answer)
            assert answer["code"] in NO_WAY, (t, name, answer)
    await ws.settled()
