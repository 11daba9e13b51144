"""What actors were told that shall answer, and which answer to it counts."""

from __future__ import annotations

from itertools import count

from hubbub.actors.commands import Reply, ReplyTo
from hubbub.actors.tellings import Telling, Tellings
from hubbub.config.errors import ForbiddenError

NO = ForbiddenError("Not yet.")


def none_open() -> Tellings[Telling]:
    return Tellings("session:n:i/1", count(1).__next__)


def key_of(command: object) -> int:
    assert isinstance(command, ReplyTo)
    assert command.name == "session:n:i/1"
    return command.key


def telling() -> Telling:
    return Telling("conv:c", lambda to: to)


def test_the_first_answer_closes_it() -> None:
    open_ones = none_open()
    it = telling()
    key = key_of(open_ones.command(it))
    assert list(open_ones) == [it]
    assert open_ones.answered(Reply(key + 1, None)) is None
    assert open_ones.answered(Reply(key, None)) is it
    assert open_ones.answered(Reply(key, None)) is None
    assert not open_ones


def test_a_refusal_counts_as_the_answer_to_the_last_telling_alone() -> None:
    open_ones = none_open()
    it = telling()
    keys = [key_of(open_ones.command(it)) for _ in range(3)]
    assert len(set(keys)) == 3
    assert [open_ones.answered(Reply(key, NO)) for key in keys] == [None, None, it]
    assert not open_ones


def test_what_was_done_at_any_telling_is_done() -> None:
    open_ones = none_open()
    for which in range(3):
        it = telling()
        keys = [key_of(open_ones.command(it)) for _ in range(3)]
        assert open_ones.answered(Reply(keys[which], None)) is it
        assert [open_ones.answered(Reply(key, None)) for key in keys] == [None] * 3
    assert not open_ones


def test_they_come_in_the_order_they_were_told_first_and_may_be_closed_on_the_way() -> None:
    open_ones = none_open()
    one, two = telling(), telling()
    for it in (one, two, one):
        open_ones.command(it)
    gone: list[Telling] = []
    for it in open_ones:
        open_ones.close(it)
        open_ones.close(it)
        gone.append(it)
    assert gone == [one, two]
    assert not open_ones
