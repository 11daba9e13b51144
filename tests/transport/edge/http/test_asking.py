"""Asking conversations for a caller."""

from __future__ import annotations

import pytest
from tests.support.http_node import HttpNode

from hubbub.actors.answers import Acked
from hubbub.actors.commands import ChangeGroup, ReplyTo
from hubbub.actors.requests import Leave
from hubbub.config.errors import AskTimeoutError, NotFoundError, UnavailableError
from hubbub.config.ids import ConvId, DeviceId, UserId
from hubbub.transport.edge.http import asking
from hubbub.transport.edge.http.models import Mutation
from hubbub.transport.edge.identity import Identity

GROUP = ConvId("g_" + "a" * 26)
ME = Identity(UserId("u_" + "a" * 20), DeviceId("v_" + "a" * 20), 0)


def test_only_what_looks_like_a_conversation_is_one() -> None:
    assert asking.conversation(GROUP) == GROUP
    for c in ("", "g_", f"{GROUP}\n", f" {GROUP}", "s_" + "a" * 20, GROUP.upper()):
        with pytest.raises(NotFoundError):
            asking.conversation(c)


async def test_a_change_carries_the_callers_device_and_place_and_no_session(
    node: HttpNode,
) -> None:
    node.asker.answers[f"conv:{GROUP}"] = Acked(GROUP, 5, 8, 1, False)
    answer = await asking.change(node.services, ME, GROUP, Mutation(cid=5, prev=4), Leave())
    assert answer.status_code == 201
    assert node.asker.asked == [
        (
            f"conv:{GROUP}",
            ChangeGroup(ReplyTo("ask:test", 0), ME.user, ME.device, "", 5, 4, Leave()),
        )
    ]


async def test_who_is_silent_is_asked_once_more(node: HttpNode) -> None:
    node.asker.silences = 1
    node.asker.answers["user:u"] = "answer"
    assert await asking.ask(node.services, "user:u", lambda to: to) == "answer"
    assert len(node.asker.asked) == 2
    assert node.asker.asked[0] != node.asker.asked[1]


async def test_who_stays_silent_is_a_refusal(node: HttpNode) -> None:
    node.asker.silences = 2
    with pytest.raises(AskTimeoutError):
        await asking.ask_conversation(node.services, GROUP, lambda to: to)
    assert len(node.asker.asked) == 2


async def test_what_is_refused_is_not_asked_again(node: HttpNode) -> None:
    with pytest.raises(UnavailableError):
        await asking.ask(node.services, "user:u", lambda to: to)
    assert len(node.asker.asked) == 1
