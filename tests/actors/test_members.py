"""Who is in a conversation, and what each may do."""

from __future__ import annotations

from typing import Literal

import pytest

from hubbub.actors.bodies import System
from hubbub.actors.members import Members, entry_of
from hubbub.actors.requests import Change, Invite, Kick, Leave, Rename, SetRole
from hubbub.config.errors import (
    BadRequestError,
    ConversationFullError,
    ForbiddenError,
    NotFoundError,
)
from hubbub.config.ids import UserId

ANA, BO, CY, DEE = (UserId(f"u_{name}") for name in ("ana", "bo", "cy", "dee"))


def group(
    *users: UserId, limit: int = 100, history: Literal["joined", "all"] = "joined"
) -> Members:
    members = Members(limit)
    created = System(
        "created", users, title="Team", history="all" if history == "all" else "joined"
    )
    members.apply(created, users[0], 1)
    return members


def do(members: Members, user: UserId, change: Change, seq: int) -> list[UserId]:
    members.check(user, change)
    return members.apply(entry_of(user, change), user, seq)


def test_the_creator_is_the_owner() -> None:
    members = group(ANA, BO)
    assert {u: m.role for u, m in members.by_user.items()} == {ANA: "owner", BO: "member"}


def test_who_joins_sees_from_joining_on() -> None:
    members = group(ANA, BO)
    assert do(members, ANA, Invite((CY,)), 5) == [CY]
    assert members.spans(CY, 9) == ((5, 9),)


def test_who_joins_sees_everything_where_the_group_says_so() -> None:
    members = group(ANA, BO, history="all")
    do(members, ANA, Invite((CY,)), 5)
    assert members.spans(CY, 9) == ((1, 9),)


def test_who_left_sees_up_to_leaving_and_after_coming_back_both_spans() -> None:
    members = group(ANA, BO)
    do(members, BO, Leave(), 4)
    assert members.spans(BO, 9) == ((1, 4),)
    do(members, ANA, Invite((BO,)), 7)
    assert members.spans(BO, 9) == ((1, 4), (7, 9))
    assert members.here() == [ANA, BO]


def test_who_comes_back_is_shown_to_have_read_up_to_then() -> None:
    members = group(ANA, BO)
    do(members, BO, Leave(), 4)
    do(members, ANA, Invite((BO,)), 7)
    assert members.sheet()[BO] == ("member", 6, 6)


def test_a_stranger_does_not_learn_that_the_group_exists() -> None:
    members = group(ANA, BO)
    for ask in (lambda: members.require(CY), lambda: members.spans(CY, 9)):
        with pytest.raises(NotFoundError):
            ask()


def test_one_who_left_is_told_so() -> None:
    members = group(ANA, BO)
    do(members, BO, Leave(), 4)
    with pytest.raises(ForbiddenError):
        members.require(BO)


@pytest.mark.parametrize(
    "change", [Invite((CY,)), Kick((ANA,)), Rename("New"), SetRole(ANA, "member")]
)
def test_a_member_changes_nothing(change: Change) -> None:
    with pytest.raises(ForbiddenError):
        group(ANA, BO).check(BO, change)


def test_an_admin_removes_members_but_no_admin_and_not_the_owner() -> None:
    members = group(ANA, BO, CY, DEE)
    do(members, ANA, SetRole(BO, "admin"), 2)
    do(members, ANA, SetRole(CY, "admin"), 3)
    members.check(BO, Kick((DEE,)))
    for target in (ANA, CY):
        with pytest.raises(ForbiddenError):
            members.check(BO, Kick((target,)))
    members.check(ANA, Kick((CY,)))


def test_the_hundred_and_first_does_not_fit() -> None:
    members = group(*(UserId(f"u_{n}") for n in range(100)))
    with pytest.raises(ConversationFullError) as refused:
        members.check(UserId("u_0"), Invite((ANA,)))
    assert refused.value.limit == 100


@pytest.mark.parametrize(
    "change",
    [
        Invite((BO,)),
        Invite(()),
        Invite((CY, CY)),
        Kick((CY,)),
        Kick((ANA,)),
        SetRole(CY, "admin"),
        SetRole(ANA, "member"),
    ],
)
def test_what_makes_no_sense_is_a_bad_request(change: Change) -> None:
    with pytest.raises(BadRequestError):
        group(ANA, BO).check(ANA, change)


def test_giving_ownership_away_makes_the_giver_an_admin() -> None:
    members = group(ANA, BO)
    assert do(members, ANA, SetRole(BO, "owner"), 2) == [ANA, BO]
    assert (members.by_user[ANA].role, members.by_user[BO].role) == ("admin", "owner")


def test_when_the_owner_goes_the_longest_standing_admin_follows() -> None:
    members = group(ANA, BO, CY)
    do(members, ANA, SetRole(CY, "admin"), 2)
    assert do(members, ANA, Leave(), 3) == [ANA, CY]
    assert members.by_user[CY].role == "owner"


def test_when_the_owner_goes_and_there_is_no_admin_the_first_member_follows() -> None:
    members = group(ANA, BO, CY)
    assert do(members, ANA, Leave(), 3) == [ANA, BO]
    assert members.by_user[BO].role == "owner"


def test_when_the_last_one_goes_nobody_follows() -> None:
    members = group(ANA)
    assert do(members, ANA, Leave(), 2) == [ANA]
    assert members.here() == []


def test_a_new_title_changes_every_line() -> None:
    members = group(ANA, BO)
    assert do(members, ANA, Rename("New"), 2) == [ANA, BO]
    assert members.title == "New"


def test_nobody_sees_beyond_the_tip() -> None:
    members = group(ANA, BO)
    do(members, BO, Leave(), 4)
    do(members, ANA, Invite((BO,)), 6)
    assert members.spans(BO, 9) == ((1, 4), (6, 9))
    assert members.spans(BO, 5) == ((1, 4),)
    assert members.spans(BO, 3) == ((1, 3),)
