"""Invite links of groups by HTTP."""

from __future__ import annotations

from typing import Any

import pytest
import structlog
from tests.support.http_node import HttpNode, SignedInPerson

from hubbub.actors.answers import Acked
from hubbub.actors.commands import Description
from hubbub.actors.gate_commands import JoinByLink, Vouch, Vouched
from hubbub.config.errors import ConversationFullError, ForbiddenError, NotFoundError
from hubbub.config.ids import ConvId
from hubbub.transport.edge.http.invites import MOST_INVITES

GROUP = ConvId("g_" + "a" * 26)
INVITES = f"/v1/conversations/{GROUP}/invites"
HOUR_MS = 3_600_000


@pytest.fixture
async def ada(node: HttpNode) -> SignedInPerson:
    """An owner of the group."""
    node.asker.answers[f"conv:{GROUP}"] = Vouched("group", 7)
    return await node.person("Ada")


async def make(ada: SignedInPerson, **body: Any) -> dict[str, Any]:
    answer = await ada.http.post(INVITES, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def listed(ada: SignedInPerson) -> list[str]:
    return [line["id"] for line in (await ada.http.get(INVITES)).json()]


def opens(node: HttpNode, person: SignedInPerson, *, dup: bool = False) -> None:
    """Let the group's actor say yes to everything."""
    sheet = Description(GROUP, "group", "Tea", {person.user: ("member", 0, 0)})

    script: list[Any] = [Acked(GROUP, 0, 9, 1000, dup), sheet]
    request = node.asker.request

    async def in_turn(target: str, make: Any, timeout_s: float | None = None) -> Any:
        node.asker.answers[target] = script.pop(0)
        return await request(target, make, timeout_s)

    node.asker.request = in_turn  # type: ignore[method-assign]  # answers in turn


async def test_a_link_is_made_listed_and_revoked_by_who_may(
    node: HttpNode, ada: SignedInPerson
) -> None:
    now = node.clock.now_ms()
    week, hour = await make(ada), await make(ada, hours=1)
    assert len(week["token"]) == 26
    assert (week["expires"], hour["expires"]) == (now + 168 * HOUR_MS, now + HOUR_MS)
    lines = (await ada.http.get(INVITES)).json()
    shown = {"by": ada.user, "created": now}
    expected = [{"id": i["id"], "expires": i["expires"], **shown} for i in (week, hour)]
    assert sorted(lines, key=lambda line: line["id"]) == sorted(
        expected, key=lambda line: line["id"]
    )
    assert (await ada.http.delete(f"{INVITES}/{week['id']}")).status_code == 204
    assert (await ada.http.delete(f"{INVITES}/{week['id']}")).status_code == 404
    assert await listed(ada) == [hour["id"]]
    assert {type(command) for _, command in node.asker.asked} == {Vouch}
    assert {command.user for _, command in node.asker.asked} == {ada.user}


async def test_the_token_is_nowhere_but_in_its_first_answer(
    node: HttpNode, ada: SignedInPerson, caplog: pytest.LogCaptureFixture
) -> None:
    made = await make(ada)
    (row,) = await node.store.invites(GROUP, node.clock.now_ms())
    with structlog.testing.capture_logs() as logs:

        async def broken(*args: Any) -> None:
            raise RuntimeError(f"with {made['token']}")

        node.store.invite = broken  # type: ignore[assignment]  # fails unforeseen
        failed = await ada.http.post(f"/v1/invites/{made['token']}")
    assert (failed.status_code, len(logs)) == (500, 1)
    texts = (repr(row), repr(logs), caplog.text, failed.text, (await ada.http.get(INVITES)).text)
    assert not any(made["token"] in text for text in texts)
    assert made["token"].encode() not in row.digest


@pytest.mark.parametrize("refusal", [NotFoundError("no"), ForbiddenError("no")])
async def test_who_may_not_is_refused_by_the_group(
    node: HttpNode, ada: SignedInPerson, refusal: ForbiddenError
) -> None:
    made = await make(ada)
    node.asker.answers[f"conv:{GROUP}"] = refusal
    for answer in (
        await ada.http.post(INVITES, json={}),
        await ada.http.get(INVITES),
        await ada.http.delete(f"{INVITES}/{made['id']}"),
    ):
        assert answer.json()["code"] == refusal.code
    assert len(await node.store.invites(GROUP, node.clock.now_ms())) == 1


async def test_two_people_have_no_links(node: HttpNode, ada: SignedInPerson) -> None:
    node.asker.answers[f"conv:{GROUP}"] = Vouched("direct", 7)
    answer = await ada.http.post(INVITES, json={})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


async def test_a_group_has_so_many_links_at_a_time(node: HttpNode, ada: SignedInPerson) -> None:
    for _ in range(MOST_INVITES):
        await make(ada, hours=1)
    refused = await ada.http.post(INVITES, json={})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert str(MOST_INVITES) in refused.json()["msg"]
    node.clock.advance(3601)
    ada.http.headers["Authorization"] = f"Bearer {(await node.sign_in('Ada')).access}"
    await make(ada)


@pytest.mark.parametrize("hours", [0, -1, 8761, "1", 1.5, True])
async def test_a_time_that_is_none_is_named(ada: SignedInPerson, hours: Any) -> None:
    answer = await ada.http.post(INVITES, json={"hours": hours})
    assert (answer.status_code, answer.json()["msg"][:6]) == (400, "hours:")


@pytest.mark.parametrize("dup", [False, True])
async def test_a_link_lets_its_holder_in(node: HttpNode, ada: SignedInPerson, dup: bool) -> None:
    token = (await make(ada))["token"]
    bob = await node.person("Bob")
    opens(node, bob, dup=dup)
    joined = await bob.http.post(f"/v1/invites/{token.upper()}")
    assert joined.status_code == (200 if dup else 201)
    assert (joined.json()["c"], joined.json()["title"]) == (GROUP, "Tea")
    assert [m["name"] for m in joined.json()["members"]] == ["Bob"]
    command = node.asker.asked[-2][1]
    assert isinstance(command, JoinByLink)
    assert (command.user, command.made_at) == (bob.user, 7)


async def test_no_other_token_opens_anything(node: HttpNode, ada: SignedInPerson) -> None:
    made = await make(ada, hours=1)
    gone = await make(ada)
    await ada.http.delete(f"{INVITES}/{gone['id']}")
    bob = await node.person("Bob")
    before = len(node.asker.asked)
    for token in (gone["token"], made["id"], "a" * 26, made["token"][:-1], "'--", "%00"):
        answer = await bob.http.post(f"/v1/invites/{token}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), token
    assert (await bob.http.post(f"/v1/invites/{'a' * 65}")).status_code == 400
    node.clock.advance(3600)
    bob.http.headers["Authorization"] = f"Bearer {(await node.sign_in('Bob')).access}"
    assert (await bob.http.post(f"/v1/invites/{made['token']}")).status_code == 404
    assert len(node.asker.asked) == before


async def test_what_the_group_refuses_is_told(node: HttpNode, ada: SignedInPerson) -> None:
    token = (await make(ada))["token"]
    node.asker.answers[f"conv:{GROUP}"] = ConversationFullError(100)
    answer = await ada.http.post(f"/v1/invites/{token}")
    assert (answer.status_code, answer.json()["code"]) == (409, "conversation_full")


async def test_trying_tokens_has_a_limit(limited: HttpNode) -> None:
    ada = await limited.person("Ada")
    statuses = {(await ada.http.post(f"/v1/invites/{n}")).status_code for n in range(20)}
    assert statuses == {404}
    assert (await ada.http.post("/v1/invites/x")).status_code == 429
