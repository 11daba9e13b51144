"""Coming in by a link, and going for good: event in, effects out."""

from __future__ import annotations

from typing import Literal

import pytest
from tests.support.begun import BOS, begun

from hubbub.actors import gate, snapshot_codec
from hubbub.actors.answers import Acked
from hubbub.actors.bodies import System, Text, decode_body
from hubbub.actors.commands import AcceptRequest, ChangeGroup, FoundGroup, Post, ReplyTo
from hubbub.actors.conversation_effects import Answer, Append, Effect, Ended, FanOut, TellUser
from hubbub.actors.conversation_state import ConversationState
from hubbub.actors.gate_commands import Depart, JoinByLink, Vouch, Vouched
from hubbub.actors.members import Members
from hubbub.actors.requests import Change, Invite, Kick, Leave, SetRole
from hubbub.config.errors import (
    ConversationFullError,
    ForbiddenError,
    NotFoundError,
    StoreRetryableError,
    UnavailableError,
)
from hubbub.config.ids import ConvId, DeviceId, UserId, direct_id, group_id
from hubbub.config.limits import Limits
from hubbub.storage.records import Activation, Entry

ANA, BO, CY, DEE = (UserId(f"u_{name}") for name in ("ana", "bo", "cy", "dee"))
GROUP = group_id(DeviceId("v_phone"), 1)
ME, AGAIN = ReplyTo("ask:n/i", 1), ReplyTo("ask:n/i", 2)


def team(
    *users: UserId, limit: int = 100, history: Literal["joined", "all"] = "joined"
) -> ConversationState:
    """A group that stands."""
    limits = Limits(members=limit)
    state = ConversationState(GROUP, 1, limits, Members(limit))
    state.found(FoundGroup(ME, users[0], "Team", users[1:], history), 1000)
    state.commit()
    return state


def pair() -> ConversationState:
    """Ana has written to Bo."""
    state = ConversationState(direct_id(ANA, BO), 1, Limits(), Members(100))
    state.post(Post(ME, ANA, DeviceId("v_ana"), "", 1, 0, Text("Hi"), BO), 1000)
    state.commit()
    return state


def do(state: ConversationState, user: UserId, change: Change, cid: int = 1) -> None:
    """A change that is committed."""
    state.change(ChangeGroup(ME, user, DeviceId(f"v_{user}"), "", cid, cid - 1, change), 2000)
    state.commit()


def join(
    state: ConversationState, user: UserId, made_at: int = 1, reply: ReplyTo = ME
) -> list[Effect]:
    return gate.join(state, JoinByLink(reply, user, made_at), 3000)


def entries(effects: list[Effect]) -> list[Entry]:
    return [e for effect in effects if isinstance(effect, Append) for e in effect.entries]


# --- in -----------------------------------------------------------------------------------------


def test_who_joins_is_answered_and_told_of_after_the_commit() -> None:
    state = team(ANA, BO)
    effects = join(state, CY)
    (entry,) = entries(effects)
    assert [type(e) for e in effects] == [Append]
    assert (entry.seq, entry.sender, entry.device, entry.cid) == (2, CY, "", 0)
    assert decode_body(entry.body) == System("joined", (CY,))
    line, answer, told = state.commit()
    assert answer == Answer(ME, Acked(GROUP, 0, 2, 3000, False))
    assert isinstance(told, FanOut)
    assert told.users == ("user:u_ana", "user:u_bo", "user:u_cy")
    assert isinstance(line, TellUser)
    assert (line.user, line.change.role, line.change.since) == (CY, "member", 2)


def test_who_asks_again_joins_once() -> None:
    state = team(ANA)
    join(state, BO)
    assert join(state, BO, reply=AGAIN) == []
    answered = [e for e in state.commit() if isinstance(e, Answer)]
    assert answered == [Answer(to, Acked(GROUP, 0, 2, 3000, False)) for to in (ME, AGAIN)]
    assert join(state, BO) == [Answer(ME, Acked(GROUP, 0, 2, 3000, True))]
    assert state.head == 2


def test_a_failed_commit_is_told_to_who_joins() -> None:
    state = team(ANA)
    join(state, BO)
    join(state, BO, reply=AGAIN)
    told = [e.result for e in state.fail(StoreRetryableError("full")) if isinstance(e, Answer)]
    assert [type(each) for each in told] == [UnavailableError] * 2


def test_one_thrown_out_before_the_joining_is_durable_is_still_answered() -> None:
    state = team(ANA, BO)
    join(state, CY)
    kick = ChangeGroup(AGAIN, ANA, DeviceId("v_ana"), "", 1, 0, Kick((CY,)))
    assert state.change(kick, 3001) == []
    assert Answer(ME, Acked(GROUP, 0, 2, 3000, False)) in state.commit()
    assert Answer(AGAIN, Acked(GROUP, 1, 3, 3001, False)) in state.commit()


def test_the_limit_holds_for_links_too() -> None:
    state = team(ANA, BO, limit=2)
    with pytest.raises(ConversationFullError):
        join(state, CY)
    assert state.head == 1


def test_after_a_kick_an_older_link_is_worth_nothing_and_a_newer_one_is() -> None:
    state = team(ANA, BO)
    do(state, ANA, Kick((BO,)))
    for made_at in (0, 1):
        with pytest.raises(ForbiddenError, match="new link"):
            join(state, BO, made_at)
    assert len(entries(join(state, BO, 2))) == 1
    state.commit()
    # Nor does having come back make the older link good again.
    do(state, ANA, Kick((BO,)), 2)
    with pytest.raises(ForbiddenError):
        join(state, BO, 3)


def test_after_a_kick_the_staff_can_still_invite() -> None:
    state = team(ANA, BO)
    do(state, ANA, Kick((BO,)))
    do(state, ANA, Invite((BO,)), 2)
    assert state.members.here() == [ANA, BO]


def test_who_left_by_oneself_comes_back_by_any_link() -> None:
    state = team(ANA, BO)
    do(state, BO, Leave())
    assert len(entries(join(state, BO, 1))) == 1


def test_a_kick_is_remembered_over_a_restart() -> None:
    state = team(ANA, BO)
    do(state, ANA, Kick((BO,)))
    snapshot = snapshot_codec.encode(state)
    again = snapshot_codec.restore(GROUP, 2, Limits(), Activation(snapshot, [], {}))
    with pytest.raises(ForbiddenError):
        join(again, BO, 1)


@pytest.mark.parametrize("made", ["nothing", "direct", "empty"])
def test_a_link_opens_only_a_group_with_somebody_in_it(made: str) -> None:
    if made == "nothing":
        state = ConversationState(ConvId("g_x"), 1, Limits(), Members(100))
    elif made == "direct":
        state = pair()
    else:
        state = team(ANA)
        do(state, ANA, Leave())
    with pytest.raises(NotFoundError):
        join(state, CY, 9)


def test_only_the_staff_makes_links() -> None:
    state = team(ANA, BO, CY)
    do(state, ANA, SetRole(BO, "admin"))
    do(state, CY, Leave())
    for user in (ANA, BO):
        assert gate.vouch(state, Vouch(ME, user)) == [Answer(ME, Vouched("group", 3))]
    do(state, ANA, SetRole(BO, "member"), 2)
    for user, refusal in ((BO, ForbiddenError), (CY, ForbiddenError), (DEE, NotFoundError)):
        with pytest.raises(refusal):
            gate.vouch(state, Vouch(ME, user))


# --- out ----------------------------------------------------------------------------------------


def test_who_goes_for_good_leaves_as_anybody_and_the_ownership_follows() -> None:
    state = team(ANA, BO, CY)
    (entry,) = entries(gate.depart(state, Depart(None, ANA), 3000))
    assert (entry.sender, entry.device) == (ANA, "")
    assert decode_body(entry.body) == System("left", (ANA,))
    effects = state.commit()
    (told,) = [e for e in effects if isinstance(e, FanOut)]
    assert told.users == ("user:u_ana", "user:u_bo", "user:u_cy")
    lines = {e.user: e.change for e in effects if isinstance(e, TellUser)}
    assert (lines[ANA].until, lines[BO].role) == (2, "owner")
    assert Ended((ANA,)) in effects


def test_going_twice_is_going_once() -> None:
    state = team(ANA, BO)
    gate.depart(state, Depart(ME, BO), 3000)
    assert gate.depart(state, Depart(AGAIN, BO), 3000) == []
    answered = [e for e in state.commit() if isinstance(e, Answer)]
    assert answered == [Answer(to, Acked(GROUP, 0, 2, 3000, False)) for to in (ME, AGAIN)]
    ack = Acked(GROUP, 0, 2, 3000, True)
    assert gate.depart(state, Depart(ME, BO), 3000) == [Answer(ME, ack)]
    assert gate.depart(state, Depart(None, BO), 3000) == []
    with pytest.raises(NotFoundError):
        gate.depart(state, Depart(ME, DEE), 3000)
    assert state.head == 2


def test_nobody_writes_to_somebody_who_is_gone() -> None:
    state = pair()
    gate.depart(state, Depart(ME, BO), 3000)
    state.commit()
    assert state.members.by_user[ANA].role == "member"
    with pytest.raises(ForbiddenError, match="deleted"):
        state.post(Post(ME, ANA, DeviceId("v_ana"), "", 2, 1, Text("Still there?")), 3001)
    # What was said stays readable, and a retry of it finds its ack.
    assert state.grant(ANA).spans == ((1, 3),)
    repeat = state.post(Post(ME, ANA, DeviceId("v_ana"), "", 1, 0, Text("Hi"), BO), 3002)
    assert [e.result.dup for e in repeat if isinstance(e, Answer) and isinstance(e.result, Acked)]


def test_a_request_of_one_who_went_can_still_be_taken_in() -> None:
    state = begun("request")
    gate.depart(state, Depart(None, ANA), 2000)
    state.commit()
    assert state.direct.asked == BO
    state.let_in(AcceptRequest(BOS, BO), 2001)
    lines = [e.change for e in state.commit() if isinstance(e, TellUser)]
    assert [(line.request, line.role) for line in lines] == [(False, "member")]
