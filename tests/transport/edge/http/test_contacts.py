"""Contacts, blocks and mutes by HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.http_node import HttpNode, SignedInPerson

from hubbub.actors.answers import Done
from hubbub.actors.commands import UserAct
from hubbub.actors.requests import Act, AskContact, BlockPerson, MuteConv
from hubbub.config.errors import NotFoundError
from hubbub.config.ids import ConvId, UserId
from hubbub.storage.records import Contact
from hubbub.transport.edge.http import contacts as pages

from .test_me import hue

PLACE = {"cid": 3, "prev": 2}
GROUP = ConvId("g_" + "a" * 26)


def asked(node: HttpNode, me: SignedInPerson) -> Act:
    """The last act that the caller's User was asked for."""
    target, command = node.asker.asked[-1]
    assert target == f"user:{me.user}"
    assert isinstance(command, UserAct)
    assert (command.device, command.cid, command.prev) == (me.device, 3, 2)
    return command.act


async def test_acts_are_asked_of_ones_own_user(node: HttpNode) -> None:
    ada, bob = await node.person("Ada"), await node.person("Bob")
    node.asker.answers[f"user:{ada.user}"] = Done()
    put = await ada.http.put(f"/v1/blocks/{bob.user}", json=PLACE)
    assert (put.status_code, put.content) == (204, b"")
    assert asked(node, ada) == BlockPerson(bob.user, True)
    gone = await ada.http.delete(f"/v1/blocks/{bob.user}", params=PLACE)
    assert gone.status_code == 204
    assert asked(node, ada) == BlockPerson(bob.user, False)
    added = await ada.http.post(f"/v1/contacts/{bob.user}", json={**PLACE, "do": "request"})
    assert added.status_code == 204
    assert asked(node, ada) == AskContact(bob.user, "request")
    muted = await ada.http.put(f"/v1/conversations/{GROUP}/mute", json={**PLACE, "until": 9})
    assert muted.status_code == 204
    assert asked(node, ada) == MuteConv(GROUP, 9)


async def test_a_refusal_of_the_user_is_the_answer(node: HttpNode) -> None:
    ada = await node.person("Ada")
    node.asker.answers[f"user:{ada.user}"] = NotFoundError("There is no such person.")
    answer = await ada.http.put("/v1/blocks/u_x", json=PLACE)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_contacts_and_blocks_are_listed_with_their_names(node: HttpNode) -> None:
    ada, bob, cy, dee = [await node.person(name) for name in ("Ada", "Bob", "Cy", "Dee")]
    assert (await ada.http.get("/v1/contacts")).json() == {"contacts": [], "after": None}
    await node.store.put_contact(Contact(ada.user, bob.user, 1, mine=True, theirs=True))
    await node.store.put_contact(Contact(ada.user, cy.user, 2, theirs=True))
    await node.store.put_contact(Contact(ada.user, dee.user, 3, mine=True, blocked=True))
    await node.store.put_contact(Contact(ada.user, UserId("u_" + "z" * 20), 4, mine=True))
    await node.store.put_contact(Contact(bob.user, cy.user, 1, mine=True))
    listed = (await ada.http.get("/v1/contacts")).json()
    assert sorted((c["name"], c["display"], c["state"]) for c in listed["contacts"]) == [
        ("Bob", "Bob", "mutual"),
        ("Cy", "Cy", "asks"),
    ]
    blocks = (await ada.http.get("/v1/blocks")).json()
    shown = {"id": dee.user, "name": "Dee", "display": "Dee", "colour": hue(dee.user)}
    assert blocks == {"blocks": [shown], "after": None}
    await cy.http.patch("/v1/me", json={"colour": "hue-7"})
    listed = (await ada.http.get("/v1/contacts")).json()
    assert {c["name"]: c["colour"] for c in listed["contacts"]}["Cy"] == "hue-7"


async def test_an_account_that_goes_is_on_no_list_from_the_first_moment(node: HttpNode) -> None:
    ada, bob, cy = [await node.person(name) for name in ("Ada", "Bob", "Cy")]
    await node.store.put_contact(Contact(ada.user, bob.user, 1, mine=True, theirs=True))
    await node.store.put_contact(Contact(ada.user, cy.user, 2, blocked=True))
    for person in (bob, cy):
        await node.store.begin_deletion(person.user)
    for _ in ("begun", "finished"):
        assert (await ada.http.get("/v1/contacts")).json() == {"contacts": [], "after": None}
        assert (await ada.http.get("/v1/blocks")).json() == {"blocks": [], "after": None}
        for person in (bob, cy):
            await node.store.finish_deletion(person.user)
    assert await node.store.contacts(ada.user, "", 9) == []


async def test_a_long_list_comes_page_by_page(
    node: HttpNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_PAGE", 2)
    ada, *others = [await node.person(name) for name in ("Ada", "Bob", "Cy", "Dee")]
    for person in others:
        await node.store.put_contact(Contact(ada.user, person.user, 1, mine=True))
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = (await ada.http.get("/v1/contacts", params={"after": after})).json()
        seen += [c["id"] for c in page["contacts"]]
        after = page["after"]
    assert seen == sorted(person.user for person in others)


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("PUT", "/v1/blocks/u_x", {"json": {"cid": 0, "prev": 0}}),
        ("PUT", "/v1/blocks/u_x", {"json": {}}),
        ("DELETE", "/v1/blocks/u_x", {"params": {"cid": 1}}),
        ("POST", "/v1/contacts/u_x", {"json": {**PLACE, "do": "marry"}}),
        ("PUT", f"/v1/conversations/{GROUP}/mute", {"json": {**PLACE, "until": -1}}),
        ("PUT", f"/v1/conversations/{GROUP}/mute", {"json": PLACE}),
    ],
)
async def test_what_is_not_right_is_refused_before_anybody_is_asked(
    node: HttpNode, method: str, path: str, sent: dict[str, Any]
) -> None:
    ada = await node.person("Ada")
    answer = await ada.http.request(method, path, **sent)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert node.asker.asked == []


async def test_a_conversation_that_can_be_none_is_not_muted(node: HttpNode) -> None:
    ada = await node.person("Ada")
    answer = await ada.http.put("/v1/conversations/nonsense/mute", json={**PLACE, "until": 1})
    assert answer.status_code == 404
    assert node.asker.asked == []
