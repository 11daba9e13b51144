"""A user's devices, and the private log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import pytest

from hubbub.actors.commands import CreateGroup, ListChange, ReplyTo
from hubbub.actors.ports import Connection
from hubbub.actors.user_state import Replaced, UserState
from hubbub.config.errors import (
    BadRequestError,
    CidUsedError,
    ConversationFullError,
    Refusal,
    ResendError,
    TooLargeError,
)
from hubbub.config.ids import ConvId, DeviceId, UserId, group_id
from hubbub.config.limits import Limits

ANA, BO = UserId("u_ana"), UserId("u_bo")
PHONE = DeviceId("v_phone")
ME = ReplyTo("session:n:i/1", 1)


@dataclass
class Socket:
    session: str
    device: str = "v_phone"
    inst: str = "a"
    attempt: int = 0
    closed: list[int] = field(default_factory=list[int])


def sock(n: int, device: str = "v_phone", inst: str = "a", attempt: int = 0) -> Connection:
    return cast(Connection, Socket(f"s/{n}", device, inst, attempt))


def fresh() -> UserState:
    return UserState(ANA, 1, Limits())


def create(cid: int, title: str = "Team", members: tuple[UserId, ...] = (BO,)) -> CreateGroup:
    return CreateGroup(ME, PHONE, cid, cid - 1, title, members, "joined")


def test_several_devices_are_attached_at_once() -> None:
    state = fresh()
    assert state.attach(sock(1)) == []
    assert state.attach(sock(2, "v_laptop")) == []
    assert list(state.sessions) == ["s/1", "s/2"]


def test_attaching_again_changes_nothing() -> None:
    state = fresh()
    one = sock(1)
    state.attach(one)
    assert state.attach(one) == []
    assert list(state.sessions) == ["s/1"]


def test_a_new_socket_of_the_same_start_replaces_the_old_one_silently() -> None:
    state = fresh()
    old = sock(1, attempt=1)
    state.attach(old)
    assert state.attach(sock(2, attempt=2)) == [Replaced(old, 1001)]
    assert list(state.sessions) == ["s/2"]


def test_another_start_of_the_same_device_replaces_the_old_one_and_says_so() -> None:
    state = fresh()
    old = sock(1, inst="a", attempt=9)
    state.attach(old)
    assert state.attach(sock(2, inst="b")) == [Replaced(old, 4409)]


def test_a_client_that_names_no_start_is_another_one_each_time() -> None:
    state = fresh()
    old = sock(1, inst="", attempt=9)
    state.attach(old)
    assert state.attach(sock(2, inst="")) == [Replaced(old, 4409)]


def test_an_older_attempt_is_refused() -> None:
    state = fresh()
    state.attach(sock(1, attempt=2))
    assert state.attach(sock(2, attempt=1)) is None
    assert list(state.sessions) == ["s/1"]


def test_the_last_one_to_go_is_told() -> None:
    state = fresh()
    state.attach(sock(1))
    state.attach(sock(2, "v_laptop"))
    assert not state.detach("s/1")
    assert not state.detach("s/1")
    assert state.detach("s/2")


def test_a_group_is_remembered_under_an_id_that_a_retry_finds() -> None:
    state = fresh()
    entry = state.create(create(1), 1000)
    assert entry is not None
    assert (entry.seq, entry.cid) == (1, 1)
    state.replay(entry)
    assert list(state.creating) == [group_id(PHONE, 1)]
    assert state.create(create(1), 2000) is None
    assert state.mine(PHONE) == 1
    assert state.mine(DeviceId("v_other")) == 0


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (create(1, "Other"), CidUsedError),
        (create(3), ResendError),
        (create(2, "x" * 101), TooLargeError),
        (create(2, " "), BadRequestError),
        (create(2, "two\nlines"), BadRequestError),
        (create(2, members=(BO, BO)), BadRequestError),
        (create(2, members=tuple(UserId(f"u_{n}") for n in range(100))), ConversationFullError),
    ],
)
def test_a_group_that_cannot_be_asked_for(request_: CreateGroup, error: type[Refusal]) -> None:
    state = fresh()
    entry = state.create(create(1), 1000)
    assert entry is not None
    state.replay(entry)
    with pytest.raises(error):
        state.create(request_, 1000)


def test_the_creators_own_line_shows_that_the_group_stands() -> None:
    state = fresh()
    entry = state.create(create(1), 1000)
    assert entry is not None
    state.replay(entry)
    conv = ConvId(group_id(PHONE, 1))
    line = ListChange(conv, 1, "group", "Team", "owner", None, 1, None)
    state.replay(state.list_entry(line, 1001))
    assert state.creating == {}
    assert state.head == 2
