"""An account that goes, by HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import structlog
from tests.support.http_node import PASSWORD, WEB, HttpNode, SignedInPerson, login

from hubbub.actors.commands import DeviceRevoked
from hubbub.actors.gate_commands import Erase
from hubbub.config.errors import StoreRetryableError


async def delete(
    person: SignedInPerson, password: str = PASSWORD, **options: Any
) -> httpx.Response:  # fmt: skip
    return await person.http.request("DELETE", "/v1/me", json={"password": password}, **options)


async def test_an_account_is_gone_at_once(node: HttpNode) -> None:
    codes = await node.register("Ada")
    ada, tablet = await node.sign_in("Ada"), await node.sign_in("Ada")
    bob = await node.person("Bob")
    answer = await delete(ada)
    assert (answer.status_code, answer.text) == (204, "")
    for device in (ada, tablet):
        assert (await device.http.get("/v1/me")).status_code == 401
        refreshed = await device.http.post("/v1/refresh", json={"refresh": device.refresh})
        assert refreshed.status_code == 401
    assert (await login(node.client(), "Ada")).status_code == 401
    recovering = {"name": "Ada", "code": codes[0], "password": PASSWORD}
    assert (await node.client().post("/v1/recover", json=recovering)).status_code == 401
    assert (await bob.http.get("/v1/users?q=ada")).json() == []
    again = {"name": "ADA", "password": PASSWORD}
    taken = await node.client().post("/v1/register", json=again)
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")


async def test_the_actors_are_told_to_close_and_to_erase(node: HttpNode) -> None:
    ada = await node.person("Ada")
    await delete(ada)
    assert node.cluster.told == [
        (f"user:{ada.user}", DeviceRevoked(None)),
        (f"erase:{ada.user}", Erase()),
    ]
    assert await node.store.deletions() == [ada.user]


async def test_nothing_goes_without_the_password(node: HttpNode) -> None:
    ada = await node.person("Ada")
    for wrong in ("another horse 8", ""):
        answer = await delete(ada, wrong)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert (await ada.http.delete("/v1/me")).status_code == 400
    assert (await ada.http.get("/v1/me")).status_code == 200
    assert node.cluster.told == []


async def test_a_full_disk_says_so_and_everything_stays(
    node: HttpNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await node.person("Ada")

    async def full(*args: Any) -> None:
        raise StoreRetryableError("full")

    monkeypatch.setattr(node.store, "begin_deletion", full)
    assert (await delete(ada)).status_code == 503
    assert node.cluster.told == []
    assert (await ada.http.get("/v1/me")).status_code == 200


async def test_the_web_page_loses_its_cookie(node: HttpNode) -> None:
    ada = await node.person("Ada")
    answer = await delete(ada, headers=WEB)
    assert (
        'hubbub_refresh=""' in answer.headers["set-cookie"]
        or "Max-Age=0" in (answer.headers["set-cookie"])
    )


async def test_guessing_names_of_the_gone_signs_nobody_in(node: HttpNode) -> None:
    ada = await node.person("Ada")
    await delete(ada)
    for name in (f"={ada.user}", "", ada.user):
        for password in ("", "\0", PASSWORD):
            assert (await login(node.client(), name, password)).status_code == 401


async def test_no_password_shows_in_a_log_or_an_answer(
    node: HttpNode, caplog: pytest.LogCaptureFixture
) -> None:
    ada = await node.person("Ada")
    with structlog.testing.capture_logs() as logs:
        answers = [await delete(ada, "another horse 8"), await delete(ada)]
    said = [caplog.text, repr(logs), *(a.text + str(a.headers) for a in answers)]
    assert not any(secret in text for text in said for secret in (PASSWORD, "another horse"))
