"""Conversations by HTTP: what the actors are asked, and how their answers come out."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.http_node import HttpNode, SignedInPerson

from hubbub.actors.answers import Acked
from hubbub.actors.bodies import Text, encode_body
from hubbub.actors.commands import ChangeGroup, CreateGroup, Describe, Description, ReplyTo
from hubbub.actors.requests import Change, Leave, Rename
from hubbub.actors.waiting import append
from hubbub.config.errors import ForbiddenError, TooLargeError
from hubbub.config.ids import ConvId, UserId, self_log, shard_of
from hubbub.storage.records import Entry, Membership

GROUP = ConvId("g_" + "a" * 26)
OTHER = ConvId("g_" + "b" * 26)
LEFT = ConvId("g_" + "c" * 26)


def acked(node: HttpNode, conv: ConvId = GROUP, *, dup: bool = False) -> None:
    """Have the conversation acknowledge whatever it is asked."""
    node.asker.answers[f"conv:{conv}"] = Acked(conv, 3, 9, 1000, dup)


async def write(node: HttpNode, conv: ConvId, entries: list[Entry]) -> None:
    """Entries of a log, as its owner."""
    epoch = await node.store.claim(shard_of(conv))
    await append(node.store, conv, epoch, [entry_under(e, epoch) for e in entries])


def entry_under(entry: Entry, epoch: int) -> Entry:
    return Entry(
        entry.seq, epoch, entry.device, entry.cid, entry.sender, entry.ts, entry.kind,
        entry.body, entry.count,
    )  # fmt: skip


def text(seq: int, words: str, sender: str = "") -> Entry:
    return Entry(seq, 0, "", 0, sender, 1000 + seq, "text", encode_body(Text(words)), seq)


def row(user: UserId, conv: ConvId, lv: int, until: int | None = None) -> Membership:
    return Membership(user, conv, "group", lv, 1, "Club", "member", None, 1, until)


@pytest.fixture
async def ada(node: HttpNode) -> SignedInPerson:
    return await node.person("Ada")


# --- the list -----------------------------------------------------------------------------------


async def test_the_list_shows_every_conversation_as_the_socket_does(
    node: HttpNode, ada: SignedInPerson
) -> None:
    await write(node, self_log(ada.user), [text(1, "x"), text(2, "x")])
    await write(node, GROUP, [text(1, "hello", "u_else")])
    await node.store.put_membership(row(ada.user, GROUP, 1))
    await node.store.put_membership(row(ada.user, LEFT, 2, until=7))
    answer = await ada.http.get("/v1/conversations")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    got = answer.json()
    assert got["lv"] == 2
    assert "after" not in got
    assert got["gone"] == [{"c": LEFT, "until": 7}]
    (line,) = got["convs"]
    assert line["c"] == GROUP
    assert (line["kind"], line["title"], line["head"], line["n"]) == ("group", "Club", 1, 1)
    assert line["last"]["b"] == {"k": "text", "text": "hello"}
    assert line["last"]["from"] == "u_else"


async def test_what_did_not_change_since_comes_short(node: HttpNode, ada: SignedInPerson) -> None:
    await write(node, GROUP, [text(1, "hello")])
    await node.store.put_membership(row(ada.user, GROUP, 1))
    got = (await ada.http.get("/v1/conversations", params={"lv": 1})).json()
    assert got["convs"] == [[GROUP, 1, 1]]


async def test_pages_of_the_list_keep_the_version_of_the_first(
    node: HttpNode, ada: SignedInPerson
) -> None:
    log = self_log(ada.user)
    await write(node, log, [text(1, "x")])
    for conv in (GROUP, OTHER):
        await write(node, conv, [text(1, "hello")])
        await node.store.put_membership(row(ada.user, conv, 1))
    first = (await ada.http.get("/v1/conversations", params={"limit": 1})).json()
    await write(node, log, [text(2, "x")])
    params = {"limit": 1, "after": first["after"]}
    second = (await ada.http.get("/v1/conversations", params=params)).json()
    assert [line["c"] for line in first["convs"] + second["convs"]] == [GROUP, OTHER]
    assert (first["lv"], second["lv"]) == (1, 1)
    assert "after" not in second


@pytest.mark.parametrize(
    "params",
    [
        {"after": "nonsense"},
        {"after": f"x.{GROUP}"},
        {"after": "1.g_x"},
        {"after": f"{'9' * 20}.{GROUP}"},
        {"after": f"٣.{GROUP}x"},
        {"lv": -1},
        {"lv": 1 << 53},
        {"limit": 0},
        {"limit": "x"},
    ],
)
async def test_a_place_in_the_list_that_is_none_is_refused(
    ada: SignedInPerson, params: dict[str, Any]
) -> None:
    answer = await ada.http.get("/v1/conversations", params=params)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert answer.json()["msg"].startswith(next(iter(params)))


# --- a new group --------------------------------------------------------------------------------


async def test_a_new_group_is_asked_of_the_users_actor_and_shown_with_names(
    node: HttpNode, ada: SignedInPerson
) -> None:
    bob = await node.person("Bob")
    await bob.http.patch("/v1/me", json={"display": "Bobby"})
    node.asker.answers[f"user:{ada.user}"] = Description(
        GROUP,
        "group",
        "Club",
        {ada.user: ("owner", 1, 1), bob.user: ("member", 0, 0)},
    )
    body = {"cid": 4, "prev": 3, "title": "Club", "members": [bob.user], "history": "all"}
    answer = await ada.http.post("/v1/conversations", json=body)
    assert answer.status_code == 201
    assert answer.json() == {
        "c": GROUP,
        "kind": "group",
        "title": "Club",
        "members": [
            {"u": ada.user, "name": "Ada", "role": "owner", "recv": 1, "read": 1},
            {"u": bob.user, "name": "Bobby", "role": "member", "recv": 0, "read": 0},
        ],
    }
    command = CreateGroup(
        ReplyTo("ask:test", 0), ada.device, 4, 3, "Club", (bob.user,), "all"
    )  # fmt: skip
    assert node.asker.asked == [(f"user:{ada.user}", command)]


@pytest.mark.parametrize("stranger", ["u_" + "z" * 20, "bob", "", "u_' OR 1=1", "x" * 64])
async def test_a_group_with_somebody_who_is_nobody_is_not_begun(
    node: HttpNode, ada: SignedInPerson, stranger: str
) -> None:
    body = {"cid": 1, "prev": 0, "title": "Club", "members": [stranger]}
    answer = await ada.http.post("/v1/conversations", json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert node.asker.asked == []


async def test_what_the_actor_refuses_is_refused_alike(node: HttpNode, ada: SignedInPerson) -> None:
    node.asker.answers[f"user:{ada.user}"] = TooLargeError("That title", 200, 100)
    body = {"cid": 1, "prev": 0, "title": "x" * 200}
    answer = await ada.http.post("/v1/conversations", json=body)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert "100" in answer.json()["msg"]


# --- one of them --------------------------------------------------------------------------------


async def test_a_sheet_shows_who_is_in_it(node: HttpNode, ada: SignedInPerson) -> None:
    me = ada.user
    node.asker.answers[f"conv:{GROUP}"] = Description(GROUP, "group", "Club", {me: ("owner", 5, 4)})
    answer = await ada.http.get(f"/v1/conversations/{GROUP}")
    assert answer.json()["members"] == [
        {"u": ada.user, "name": "Ada", "role": "owner", "recv": 5, "read": 4}
    ]
    assert node.asker.asked == [(f"conv:{GROUP}", Describe(ReplyTo("ask:test", 0), me))]


@pytest.mark.parametrize("dup", [False, True])
async def test_renaming_and_leaving_are_asked_of_the_conversation(
    node: HttpNode, ada: SignedInPerson, dup: bool
) -> None:
    acked(node, dup=dup)
    place = {"cid": 3, "prev": 2}
    renamed = await ada.http.patch(f"/v1/conversations/{GROUP}", json={**place, "title": "New"})
    left = await ada.http.post(f"/v1/conversations/{GROUP}/leave", json=place)
    for answer in (renamed, left):
        assert answer.status_code == (200 if dup else 201)
        assert answer.json() == {"c": GROUP, "cid": 3, "s": 9, "ts": 1000, "dup": dup}
    me = ada.user
    changes: list[Change] = [Rename("New"), Leave()]
    assert node.asker.asked == [
        (
            f"conv:{GROUP}",
            ChangeGroup(ReplyTo("ask:test", n), me, ada.device, "", 3, 2, change),
        )
        for n, change in enumerate(changes)
    ]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"cid": 1, "prev": 0, "title": "x"}),
        ("POST", "/leave", {"cid": 1, "prev": 0}),
    ],
)
async def test_what_is_no_conversation_is_not_found_and_activates_no_actor(
    node: HttpNode, ada: SignedInPerson, method: str, path: str, body: Any
) -> None:
    for c in ("nothing", "g_x", "G_" + "a" * 26, self_log(ada.user), "%2e%2e", "🙂"):
        answer = await ada.http.request(method, f"/v1/conversations/{c}{path}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert node.asker.asked == []


async def test_a_refusal_of_the_conversation_is_told(node: HttpNode, ada: SignedInPerson) -> None:
    node.asker.answers[f"conv:{GROUP}"] = ForbiddenError("Only the owner can.")
    body = {"cid": 1, "prev": 0, "title": "x"}
    answer = await ada.http.patch(f"/v1/conversations/{GROUP}", json=body)
    assert (answer.status_code, answer.json()["msg"]) == (403, "Only the owner can.")


async def test_no_answer_is_unavailable(ada: SignedInPerson) -> None:
    answer = await ada.http.get(f"/v1/conversations/{GROUP}")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


async def test_strangers_are_asked_to_sign_in_first(node: HttpNode) -> None:
    http = node.client()
    assert (await http.get("/v1/conversations")).status_code == 401
    assert (await http.post("/v1/conversations", json={})).status_code == 401
    assert (await http.get(f"/v1/conversations/{GROUP}")).status_code == 401
    assert node.asker.asked == []
