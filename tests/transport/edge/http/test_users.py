"""Finding others."""

from __future__ import annotations

from tests.support.http_node import HttpNode


async def test_a_whole_name_finds_its_owner_however_it_is_written(node: HttpNode) -> None:
    ada, bob = await node.person("Ada"), await node.person("Straße")
    await bob.http.patch("/v1/me", json={"display": "Bobby"})
    found = await ada.http.get("/v1/users", params={"q": " STRASSE "})
    assert found.json() == [{"id": bob.user, "name": "Straße", "display": "Bobby"}]
    own = (await ada.http.get("/v1/users", params={"q": "ada"})).json()
    assert own == [{"id": ada.user, "name": "Ada", "display": "Ada"}]


async def test_a_part_of_a_name_finds_nobody(node: HttpNode) -> None:
    ada = await node.person("Ada")
    for q in ("ad", "", "%", "a%", "nobody", "x" * 200):
        answer = await ada.http.get("/v1/users", params={"q": q})
        assert (answer.status_code, answer.json()) == (200, [])


async def test_a_closed_account_is_found_by_nobody(node: HttpNode) -> None:
    ada, bob = await node.person("Ada"), await node.person("Bob")
    await node.store.set_disabled(bob.user, True)
    assert (await ada.http.get("/v1/users", params={"q": "bob"})).json() == []


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
