"""A conversation's books: requests, blocks, and the hidden entries that keep them."""

from __future__ import annotations

from dataclasses import replace

from tests.support.begun import ANA, BO, BOS, CONV, ME, begun, entries, post

from hubbub.actors import snapshot_codec
from hubbub.actors.answers import Done
from hubbub.actors.bodies import Block, LetIn, System, decode_body
from hubbub.actors.commands import AcceptRequest, EffectDone, SetBlock
from hubbub.actors.conversation_effects import (
    Answer,
    Append,
    Effect,
    Finish,
    TellUser,
)
from hubbub.actors.conversation_state import ConversationState
from hubbub.actors.members import Members
from hubbub.config.ids import UserId
from hubbub.config.limits import Limits
from hubbub.storage.records import Activation, Entry


def asked(state: ConversationState) -> UserId | None:
    """Who has not let the other one in yet."""
    return state.direct.asked


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


def test_to_let_in_changes_the_own_line_alone_and_is_told_until_answered() -> None:
    state = begun("request")
    effects = state.let_in(AcceptRequest(BOS, BO), 2000)
    (append,) = [effect for effect in effects if isinstance(effect, Append)]
    assert append.unfinished
    told, answer = state.commit()
    assert isinstance(told, TellUser)
    assert (told.user, told.change.request, told.change.conv_seq) == (BO, False, 3)
    assert answer == Answer(BOS, Done())
    assert state.retell() == [replace(told, change=replace(told.change, again=True))]
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
