"""Finding others, and looking up who shares a conversation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.support.http_node import HttpNode, SignedInPerson

from hubbub.config.ids import ConvId
from hubbub.storage.records import Contact, Membership

from .test_me import hue

GROUP, DIRECT = ConvId("g_" + "a" * 26), ConvId("d_" + "a" * 26)


async def names(person: SignedInPerson, q: str) -> list[str]:
    """Whom a search finds, in order."""
    answer = await person.http.get("/v1/users", params={"q": q})
    assert answer.status_code == 200, answer.text
    return [found["name"] for found in answer.json()]


async def join(node: HttpNode, person: SignedInPerson, until: int | None = None) -> None:
    row = Membership(person.user, GROUP, "group", 1, 1, "Tea", "member", None, 1, until)
    await node.store.put_membership(row)


def profile(person: SignedInPerson, name: str, **fields: Any) -> dict[str, Any]:
    mine = {"id": person.user, "name": name, "display": name, "colour": hue(person.user)}
    return {**mine, "about": "", **fields}


async def test_a_whole_name_finds_its_owner_however_it_is_written(node: HttpNode) -> None:
    ada, bob = await node.person("Ada"), await node.person("Straße")
    await bob.http.patch("/v1/me", json={"display": "Bobby"})
    found = await ada.http.get("/v1/users", params={"q": " STRASSE "})
    shown = {"id": bob.user, "name": "Straße", "display": "Bobby", "colour": hue(bob.user)}
    assert found.json() == [shown]
    assert await names(ada, "ada") == ["Ada"]


async def test_less_than_three_letters_find_a_whole_name_alone(node: HttpNode) -> None:
    ada = await node.person("Ada")
    await node.person("Al")
    assert await names(ada, "al") == ["Al"]
    for q in ("ad", "a", "", "%", "a%", "_da", "*da", "nobody", "x" * 200):
        assert await names(ada, q) == []


async def test_three_letters_find_names_and_display_names_the_exact_one_first(
    node: HttpNode,
) -> None:
    ada = await node.person("Ada")
    for name, display in (("Adalbert", ""), ("Bob", "ÀDA Two"), ("Eve", "my ada"), ("Adam", "")):
        person = await node.person(name)
        await person.http.patch("/v1/me", json={"display": display})
    assert await names(ada, "ada") == ["Ada", "Adalbert", "Adam"]
    assert await names(ada, "àda") == ["Bob"]
    assert await names(ada, "ADAM") == ["Adam"]


async def test_a_search_shows_ten_at_most(node: HttpNode) -> None:
    ada = await node.person("Ada")
    for n in range(12):
        await node.register(f"crowd{n:02}")
    assert await names(ada, "crowd") == [f"crowd{n:02}" for n in range(10)]


async def test_who_does_not_want_to_be_found_is_not_even_by_the_whole_name(
    node: HttpNode,
) -> None:
    ada, bob, short = await node.person("Ada"), await node.person("Bob"), await node.person("Bo")
    for person in (bob, short):
        changed = await person.http.patch("/v1/me", json={"findable": False, "display": "Robert"})
        assert changed.json()["findable"] is False
    for q in ("bob", "bo", "rob", "robert"):
        assert await names(ada, q) == []
    await bob.http.patch("/v1/me", json={"findable": True})
    assert await names(ada, "robe") == ["Bob"]


async def test_a_closed_account_is_found_by_nobody(node: HttpNode) -> None:
    ada, bob = await node.person("Ada"), await node.person("Bob")
    await node.store.set_disabled(bob.user, True)
    assert await names(ada, "bob") == []


async def test_strangers_find_nobody(node: HttpNode) -> None:
    await node.person("Ada")
    assert (await node.client().get("/v1/users", params={"q": "ada"})).status_code == 401


async def test_a_query_that_is_missing_or_too_long_is_named(node: HttpNode) -> None:
    ada = await node.person("Ada")
    assert (await ada.http.get("/v1/users")).json()["msg"].startswith("q: ")
    answer = await ada.http.get("/v1/users", params={"q": "x" * 201})
    assert (answer.status_code, answer.json()["msg"][:3]) == (400, "q: ")


async def test_searching_has_a_limit_for_each_user(limited: HttpNode) -> None:
    ada, bob = await limited.person("Ada"), await limited.person("Bob")
    statuses: list[int] = []
    for _ in range(31):
        statuses.append((await ada.http.get("/v1/users", params={"q": "bob"})).status_code)
    assert statuses == [200] * 30 + [429]
    assert (await bob.http.get("/v1/users", params={"q": "ada"})).status_code == 200


# --- by id --------------------------------------------------------------------------------------


async def test_fellows_and_oneself_are_shown_whole(node: HttpNode) -> None:
    ada, bob = await node.person("Ada"), await node.person("Bob")
    await bob.http.patch("/v1/me", json={"about": "likes tea", "colour": "hue-7"})
    for person in (ada, bob):
        await join(node, person)
    seen = await ada.http.get(f"/v1/users/{bob.user}")
    assert seen.json() == profile(bob, "Bob", about="likes tea", colour="hue-7")
    assert (await ada.http.get(f"/v1/users/{ada.user}")).json() == profile(ada, "Ada")


async def test_a_former_fellow_is_a_name_and_no_more(node: HttpNode) -> None:
    ada, bob = await node.person("Ada"), await node.person("Bob")
    await bob.http.patch("/v1/me", json={"about": "likes tea"})
    await join(node, ada)
    await join(node, bob, until=7)
    assert (await ada.http.get(f"/v1/users/{bob.user}")).json() == profile(bob, "Bob")
    assert (await bob.http.get(f"/v1/users/{ada.user}")).json() == profile(ada, "Ada")


async def test_who_only_asks_is_told_a_name_until_let_in(node: HttpNode) -> None:
    ada, bob = await node.person("Ada"), await node.person("Bob")
    for person in (ada, bob):
        await person.http.patch("/v1/me", json={"about": "likes tea"})
    asks = Membership(ada.user, DIRECT, "direct", 1, 1, "", "member", bob.user, 1)
    asked = Membership(bob.user, DIRECT, "direct", 1, 1, "", "member", ada.user, 1, request=True)
    for row in (asks, asked):
        await node.store.put_membership(row)
    seen = await ada.http.get(f"/v1/users/{bob.user}")
    assert seen.json() == profile(bob, "Bob")
    seen = await bob.http.get(f"/v1/users/{ada.user}")
    assert seen.json() == profile(ada, "Ada", about="likes tea")
    await node.store.put_membership(replace(asked, lv=2, conv_seq=2, request=False))
    seen = await ada.http.get(f"/v1/users/{bob.user}")
    assert seen.json() == profile(bob, "Bob", about="likes tea")


async def test_a_contact_is_shown_whole_once_it_wants_to_be_one(node: HttpNode) -> None:
    ada, bob = await node.person("Ada"), await node.person("Bob")
    await bob.http.patch("/v1/me", json={"about": "likes tea"})
    await node.store.put_contact(Contact(ada.user, bob.user, 1, mine=True))
    await node.store.put_contact(Contact(bob.user, ada.user, 1, theirs=True))
    assert (await ada.http.get(f"/v1/users/{bob.user}")).json() == profile(bob, "Bob")
    assert (await bob.http.get(f"/v1/users/{ada.user}")).json() == profile(ada, "Ada")
    await node.store.put_contact(Contact(bob.user, ada.user, 2, mine=True, theirs=True))
    seen = await ada.http.get(f"/v1/users/{bob.user}")
    assert seen.json() == profile(bob, "Bob", about="likes tea")


async def test_an_account_that_goes_is_nobody_from_the_first_moment(node: HttpNode) -> None:
    ada, bob = await node.person("Ada"), await node.person("Bob")
    for person in (ada, bob):
        await join(node, person)
    await node.store.begin_deletion(bob.user)
    assert (await ada.http.get(f"/v1/users/{bob.user}")).status_code == 404


async def test_a_stranger_is_as_little_there_as_nobody(node: HttpNode) -> None:
    ada, bob = await node.person("Ada"), await node.person("Bob")
    answers = [
        await ada.http.get(f"/v1/users/{user}") for user in (bob.user, "u_" + "z" * 20, "x", "'--")
    ]
    assert {(a.status_code, a.text) for a in answers} == {(404, answers[0].text)}


async def test_a_name_alone_is_empty_where_there_is_nothing_to_see(node: HttpNode) -> None:
    ada, bob = await node.person("Ada"), await node.person("Bob")
    url = f"/v1/users/{bob.user}/name"
    assert (await ada.http.get(url)).json() == {"name": ""}
    assert (await ada.http.get("/v1/users/u_nobody/name")).json() == {"name": ""}
    for person in (ada, bob):
        await join(node, person)
    assert (await ada.http.get(url)).json() == {"name": "Bob"}
    await bob.http.patch("/v1/me", json={"display": "Bob the Tea"})
    assert (await ada.http.get(url)).json() == {"name": "Bob the Tea"}
    await node.store.begin_deletion(bob.user)
    assert (await ada.http.get(url)).json() == {"name": ""}


async def test_looking_up_has_a_limit(limited: HttpNode) -> None:
    ada = await limited.person("Ada")
    limited.services.limiter.take("user", ada.user)
    for _ in range(199):
        limited.services.limiter.take("user", ada.user)
    assert (await ada.http.get(f"/v1/users/{ada.user}")).status_code == 429
    assert (await ada.http.get(f"/v1/users/{ada.user}/name")).status_code == 429
