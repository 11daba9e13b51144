"""The caller's profile."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.support.http_node import PASSWORD, HttpNode, SignedInPerson


def hue(user: str) -> str:
    """The colour that the web page's own sum gives."""
    return f"hue-{sum(ord(letter) for letter in user) % 12}"


async def test_a_colour_is_by_the_id_until_one_is_chosen(node: HttpNode) -> None:
    ada = await node.person("Ada")
    await ada.http.patch("/v1/me", json={"about": "other things change"})
    account = await node.store.account(ada.user)
    assert account is not None
    assert account.colour == ""
    chosen = "hue-11" if hue(ada.user) != "hue-11" else "hue-4"
    assert (await ada.http.patch("/v1/me", json={"colour": chosen})).json()["colour"] == chosen
    assert (await ada.http.patch("/v1/me", json={"display": "A"})).json()["colour"] == chosen


async def test_a_profile_begins_with_the_name_alone(node: HttpNode) -> None:
    ada = await node.person("Ada")
    assert (await ada.http.get("/v1/me")).json() == {
        "id": ada.user,
        "name": "Ada",
        "display": "",
        "about": "",
        "presence": "fellows",
        "write": "everyone",
        "colour": hue(ada.user),
        "findable": True,
    }


async def test_what_is_given_is_changed_and_the_rest_stays(node: HttpNode) -> None:
    ada = await node.person("Ada")
    first = await ada.http.patch("/v1/me", json={"display": " Ada L. ", "about": "one\ntwo"})
    assert first.status_code == 200
    assert (first.json()["display"], first.json()["about"]) == ("Ada L.", "one\ntwo")
    second = (await ada.http.patch("/v1/me", json={"presence": "nobody"})).json()
    assert second == {**first.json(), "presence": "nobody"}
    third = (await ada.http.patch("/v1/me", json={"write": "contacts"})).json()
    assert third == {**second, "write": "contacts"}
    assert (await ada.http.patch("/v1/me", json={"display": ""})).json()["display"] == ""
    assert (await ada.http.patch("/v1/me", json={})).json()["presence"] == "nobody"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"display": "x" * 65}, "display"),
        ({"display": "a\nb"}, "display"),
        ({"display": "a\u202eb"}, "display"),
        ({"about": "x" * 501}, "about"),
        ({"about": "a\0b"}, "about"),
        ({"presence": "everybody"}, "presence"),
        ({"write": "fellows"}, "write"),
        ({"colour": "hue-12"}, "colour"),
        ({"colour": ""}, "colour"),
        ({"findable": "no"}, "findable"),
        ({"display": 5}, "display"),
        ({"name": "Eve"}, "name"),
        ({"password": "another horse 8"}, "password"),
    ],
)
async def test_what_breaks_a_rule_is_named_and_changes_nothing(
    node: HttpNode, change: dict[str, Any], field: str
) -> None:
    ada = await node.person("Ada")
    before = (await ada.http.get("/v1/me")).json()
    answer = await ada.http.patch("/v1/me", json={"about": "changed", **change})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert answer.json()["msg"].startswith(f"{field}: ")
    assert (await ada.http.get("/v1/me")).json() == before


async def test_html_and_sql_are_only_text(node: HttpNode) -> None:
    ada = await node.person("Ada")
    nasty = "<script>alert(1)</script> '); DROP TABLE account; --"
    answer = await ada.http.patch("/v1/me", json={"about": nasty})
    assert answer.json()["about"] == nasty
    assert answer.headers["content-type"] == "application/json"


async def test_an_account_that_went_meanwhile_is_asked_to_sign_in(
    node: HttpNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await node.person("Ada")
    found = node.store.account
    asked = 0

    async def once(user: Any) -> Any:
        nonlocal asked
        asked += 1
        return await found(user) if asked == 1 else None

    monkeypatch.setattr(node.store, "account", once)
    assert (await ada.http.get("/v1/me")).status_code == 401


# --- recovery codes -----------------------------------------------------------------------------


async def renew(person: SignedInPerson, password: str = PASSWORD) -> httpx.Response:
    return await person.http.post("/v1/me/recovery", json={"password": password})


async def recovers(node: HttpNode, code: str) -> bool:
    """Whether a code brings Ada back, with the password she has."""
    body = {"name": "Ada", "code": code, "password": PASSWORD}
    return (await node.client().post("/v1/recover", json=body)).status_code == 204


async def test_new_recovery_codes_end_the_old_ones(node: HttpNode) -> None:
    old = await node.register("Ada")
    answer = await renew(await node.sign_in("Ada"))
    codes: list[str] = answer.json()["recovery"]
    assert answer.status_code == 200
    assert (len(set(codes)), set(codes) & set(old)) == (8, set())
    assert not await recovers(node, old[0])
    assert await recovers(node, codes[0])


async def test_new_recovery_codes_take_the_password(node: HttpNode) -> None:
    old = await node.register("Ada")
    ada = await node.sign_in("Ada")
    for wrong in ("another horse 8", ""):
        answer = await renew(ada, wrong)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert (await ada.http.post("/v1/me/recovery", json={})).status_code == 400
    assert await recovers(node, old[0])
