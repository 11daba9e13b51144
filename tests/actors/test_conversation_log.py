"""A conversation's log: who waits for it, and the hidden entries that keep its own books."""

from __future__ import annotations

from hubbub.actors import snapshot_codec
from hubbub.actors.answers import Acked, Done
from hubbub.actors.bodies import Block, LetIn, System, Text, decode_body
from hubbub.actors.commands import AcceptRequest, EffectDone, Post, ReplyTo, SetBlock
from hubbub.actors.conversation_effects import (
    Answer,
    Append,
    Effect,
    FanOut,
    Finish,
    Reload,
    TellUser,
)
from hubbub.actors.conversation_state import ConversationState
from hubbub.actors.members import Members
from hubbub.config.errors import OutcomeUnknownError, UnavailableError
from hubbub.config.ids import DeviceId, UserId, direct_id
from hubbub.config.limits import Limits
from hubbub.storage.records import Activation, Entry

ANA, BO = UserId("u_ana"), UserId("u_bo")
PHONE = DeviceId("v_phone")
CONV = direct_id(ANA, BO)
ME, BOS = ReplyTo("session:n:i/1", 1), ReplyTo("user:u_bo", 1)


def post(cid: int, user: UserId = ANA) -> Post:
    device = DeviceId(f"v_{user[2:]}")
    return Post(ME, user, device, "session:n:i/1", cid, cid - 1, Text("Hello"), BO)


def begun(door: str = "open") -> ConversationState:
    """Ana has written to Bo, who is asked to let her in, or not."""
    state = ConversationState(CONV, 1, Limits(), Members(100))
    state.post(post(1), 1000, door="request" if door == "request" else "open")
    state.commit()
    for user in (ANA, BO):
        state.effect_done(EffectDone(user, 1))
    return state


def asked(state: ConversationState) -> UserId | None:
    """Who has not let the other one in yet."""
    return state.direct.asked


def entries(effects: list[Effect]) -> list[Entry]:
    return [e for effect in effects if isinstance(effect, Append) for e in effect.entries]


def test_a_hidden_entry_counts_for_nothing_and_goes_to_nobody() -> None:
    state = begun()
    (entry,) = entries(state.set_block(SetBlock(BOS, BO, True, 7), 2000))
    assert (entry.seq, entry.kind, entry.sender, entry.count) == (3, "block", BO, 1)
    assert (entry.device, entry.cid) == ("", 0)
    assert decode_body(entry.body) == Block(True, 7)
    assert state.commit() == [Answer(BOS, Done())]


def test_a_block_that_is_known_is_answered_and_written_once() -> None:
    state = begun()
    state.set_block(SetBlock(BOS, BO, True, 7), 2000)
    assert state.set_block(SetBlock(BOS, BO, True, 7), 2001) == []
    assert state.commit() == [Answer(BOS, Done()), Answer(BOS, Done())]
    assert state.set_block(SetBlock(BOS, BO, True, 7), 2002) == [Answer(BOS, Done())]
    assert state.set_block(SetBlock(BOS, BO, False, 6), 2003) == [Answer(BOS, Done())]
    assert state.head == 3


def test_who_waits_hears_with_the_last_entry_that_was_accepted_before() -> None:
    state = begun()
    state.post(post(2), 2000)
    state.post(post(3), 2000)
    assert state.let_in(AcceptRequest(BOS, BO), 2001) == []
    first = state.commit()
    assert [type(effect) for effect in first] == [Answer, FanOut, Append]
    second = state.commit()
    assert [effect.result for effect in second if isinstance(effect, Answer)] == [
        Acked(CONV, 3, 4, 2000, False),
        Done(),
    ]


def test_a_failed_commit_refuses_who_waits_too() -> None:
    state = begun()
    state.set_block(SetBlock(BOS, BO, True, 7), 2000)
    told, reload = state.fail(OutcomeUnknownError())
    assert isinstance(told, Answer)
    assert told.to == BOS
    assert isinstance(told.result, UnavailableError)
    assert reload == Reload(disown=True)


def test_to_let_in_changes_the_own_line_alone_and_is_told_until_answered() -> None:
    state = begun("request")
    effects = state.let_in(AcceptRequest(BOS, BO), 2000)
    (append,) = [effect for effect in effects if isinstance(effect, Append)]
    assert append.unfinished
    told, answer = state.commit()
    assert isinstance(told, TellUser)
    assert (told.user, told.change.request, told.change.conv_seq) == (BO, False, 3)
    assert answer == Answer(BOS, Done())
    assert state.retell() == [told]
    assert state.effect_done(EffectDone(BO, 3)) == [Finish()]


def test_the_first_line_of_who_is_asked_says_so() -> None:
    state = ConversationState(CONV, 1, Limits(), Members(100))
    first, _ = entries(state.post(post(1), 1000, door="request"))
    body = decode_body(first.body)
    assert isinstance(body, System)
    assert body.asked == BO
    lines = {e.user: e.change.request for e in state.commit() if isinstance(e, TellUser)}
    assert lines == {ANA: False, BO: True}


def test_to_write_back_lets_in_and_more_from_who_asks_does_not() -> None:
    state = begun("request")
    state.post(post(2), 2000)
    assert asked(state) == BO
    state.commit()
    state.post(post(1, BO), 2001)
    assert asked(state) is None
    (told,) = [e for e in state.commit() if isinstance(e, TellUser)]
    assert (told.user, told.change.request) == (BO, False)


def test_the_log_alone_makes_the_same_state() -> None:
    written: list[Entry] = []
    state = ConversationState(CONV, 1, Limits(), Members(100))

    def keep(effects: list[Effect]) -> None:
        written.extend(entries(effects))
        written.extend(entries(state.commit()))

    keep(state.set_block(SetBlock(BOS, BO, True, 2), 900))
    keep(state.set_block(SetBlock(BOS, BO, False, 3), 901))
    keep(state.post(post(1), 1000, door="request"))
    keep(state.post(post(1, BO), 1001))
    keep(state.set_block(SetBlock(ME, ANA, True, 5), 1002))
    assert [entry.seq for entry in written] == [1, 2, 3, 4, 5, 6]
    again = snapshot_codec.restore(CONV, 1, Limits(), Activation(None, written, {}))
    assert again.direct == state.direct
    assert (again.head, again.count, again.windows) == (state.head, state.count, state.windows)
    assert again.members == state.members
    assert decode_body(b"\x81\xa1k\xa6let_in") == LetIn()
