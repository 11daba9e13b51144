"""Members of a group by HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.http_node import HttpNode

from hubbub.actors.answers import Acked
from hubbub.actors.commands import ChangeGroup
from hubbub.actors.requests import Change, Invite, Kick, SetRole
from hubbub.config.errors import ConversationFullError
from hubbub.config.ids import ConvId

GROUP = ConvId("g_" + "a" * 26)
MEMBERS = f"/v1/conversations/{GROUP}/members"


def change_of(node: HttpNode) -> Change:
    """The last change that the conversation was asked for."""
    target, command = node.asker.asked[-1]
    assert target == f"conv:{GROUP}"
    assert isinstance(command, ChangeGroup)
    assert (command.cid, command.prev, command.session) == (3, 2, "")
    return command.change


async def test_inviting_kicking_and_roles_are_asked_of_the_conversation(node: HttpNode) -> None:
    ada, bob = await node.person("Ada"), await node.person("Bob")
    node.asker.answers[f"conv:{GROUP}"] = Acked(GROUP, 3, 9, 1000, False)
    place = {"cid": 3, "prev": 2}
    invited = await ada.http.post(MEMBERS, json={**place, "users": [bob.user]})
    assert invited.status_code == 201
    assert invited.json()["s"] == 9
    assert change_of(node) == Invite((bob.user,))
    await ada.http.patch(f"{MEMBERS}/{bob.user}", json={**place, "role": "admin"})
    assert change_of(node) == SetRole(bob.user, "admin")
    kicked = await ada.http.delete(f"{MEMBERS}/{bob.user}", params=place)
    assert kicked.status_code == 201
    assert change_of(node) == Kick((bob.user,))


async def test_a_stranger_is_not_invited(node: HttpNode) -> None:
    ada = await node.person("Ada")
    body = {"cid": 1, "prev": 0, "users": ["u_" + "z" * 20]}
    assert (await ada.http.post(MEMBERS, json=body)).status_code == 404
    assert node.asker.asked == []


async def test_a_full_group_says_its_limit(node: HttpNode) -> None:
    ada, bob = await node.person("Ada"), await node.person("Bob")
    node.asker.answers[f"conv:{GROUP}"] = ConversationFullError(100)
    body = {"cid": 1, "prev": 0, "users": [bob.user]}
    answer = await ada.http.post(MEMBERS, json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "conversation_full")
    assert "100" in answer.json()["msg"]


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("POST", "", {"json": {"cid": 1, "prev": 0, "users": "u_x"}}),
        ("POST", "", {"json": {"cid": 1, "prev": 0, "users": [1]}}),
        ("POST", "", {"json": {"cid": 1, "prev": 0, "users": ["x"] * 1001}}),
        ("PATCH", "/u_x", {"json": {"cid": 1, "prev": 0, "role": "king"}}),
        ("DELETE", "/u_x", {"params": {"cid": 0, "prev": 0}}),
        ("DELETE", "/u_x", {"params": {"cid": 1}}),
    ],
)
async def test_what_is_not_right_is_refused_before_anybody_is_asked(
    node: HttpNode, method: str, path: str, sent: dict[str, Any]
) -> None:
    ada = await node.person("Ada")
    answer = await ada.http.request(method, f"{MEMBERS}{path}", **sent)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert node.asker.asked == []
