"""What actors were told that shall answer, and which answer to it counts."""

from __future__ import annotations

from itertools import count
from typing import cast

from hubbub.actors.commands import Reply, ReplyTo
from hubbub.actors.ports import Cluster
from hubbub.actors.tellings import Telling, Tellings
from hubbub.config.errors import ForbiddenError
from hubbub.config.ids import shard_of

CONV = "g_" + "a" * 26
NO = ForbiddenError("Not yet.")


class Told:
    """A cluster that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ReplyTo]] = []

    def tell(self, name: str, message: ReplyTo) -> bool:
        self.told.append((name, message))
        return name != "nowhere"


class Open(Tellings[Telling]):
    """None is open."""

    def __init__(self) -> None:
        self.cluster = Told()
        super().__init__(cast(Cluster, self.cluster), "session:n:i/1", count(1).__next__)

    def key_of(self, telling: Telling) -> int:
        """Tell it, and what the answer will be known by."""
        assert self.tell(telling)
        name, reply = self.cluster.told[-1]
        assert (name, reply.name) == (telling.target, "session:n:i/1")
        return reply.key


def telling() -> Telling:
    return Telling("conv:c", lambda to: to)


def test_the_first_answer_closes_it() -> None:
    open_ones = Open()
    it = telling()
    key = open_ones.key_of(it)
    assert list(open_ones) == [it]
    assert open_ones.answered(Reply(key + 1, None)) is None
    assert open_ones.answered(Reply(key, None)) is it
    assert open_ones.answered(Reply(key, None)) is None
    assert not open_ones


def test_a_refusal_counts_as_the_answer_to_the_last_telling_alone() -> None:
    open_ones = Open()
    it = telling()
    keys = [open_ones.key_of(it) for _ in range(3)]
    assert len(set(keys)) == 3
    assert [open_ones.answered(Reply(key, NO)) for key in keys] == [None, None, it]
    assert not open_ones


def test_what_was_done_at_any_telling_is_done() -> None:
    open_ones = Open()
    for which in range(3):
        it = telling()
        keys = [open_ones.key_of(it) for _ in range(3)]
        assert open_ones.answered(Reply(keys[which], None)) is it
        assert [open_ones.answered(Reply(key, None)) for key in keys] == [None] * 3
    assert not open_ones


def test_they_come_in_the_order_they_were_told_first_and_may_be_closed_on_the_way() -> None:
    open_ones = Open()
    one, two = telling(), telling()
    for it in (one, two, one):
        open_ones.tell(it)
    gone: list[Telling] = []
    for it in open_ones:
        open_ones.close(it)
        open_ones.close(it)
        gone.append(it)
    assert gone == [one, two]
    assert not open_ones


def test_what_moved_is_told_again_and_nothing_else() -> None:
    open_ones = Open()
    here, there = Telling(f"conv:{CONV}", lambda to: to), telling()
    open_ones.tell(here)
    open_ones.tell(there)
    open_ones.moved({shard_of(CONV)})
    assert [name for name, _ in open_ones.cluster.told] == [here.target, there.target, here.target]
    assert len(here.keys) == 2


def test_what_cannot_be_told_is_said() -> None:
    assert not Open().tell(Telling("nowhere", lambda to: to))
