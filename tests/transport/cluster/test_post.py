"""A node's envelopes: out in numbered batches, in, in order, counted."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.support.nodes import virtual

from hubbub.actors.commands import HeadTold
from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.ids import ConvId
from hubbub.transport.cluster import post as module
from hubbub.transport.cluster.bus import Batch
from hubbub.transport.cluster.envelopes import Envelope, decode, encode
from hubbub.transport.cluster.memory_bus import MemoryBus
from hubbub.transport.cluster.post import Post
from hubbub.transport.cluster.versions import VERSION


def letter(n: int) -> Envelope:
    return Envelope("tell", f"user:u_{n}", HeadTold(ConvId("g_tea"), n))


def speaking(*incarnations: str) -> dict[str, int]:
    """A view of these, who all speak this version."""
    return dict.fromkeys(incarnations, VERSION)


class Line(MemoryBus):
    """Keeps what is sent."""

    def __init__(self, system: ActorSystem) -> None:
        super().__init__(system.clock)
        self.out: list[tuple[str, Batch]] = []

    def send(self, receiver: str, batch: Batch) -> None:
        self.out.append((receiver, batch))


class Office:
    """A Post, and what it hands on."""

    def __init__(self, system: ActorSystem) -> None:
        self.line = Line(system)
        self.got: list[tuple[str, Envelope]] = []
        self.lost: list[str] = []
        self.dropped = Counter[str]()
        self.post = Post(
            self.line,
            system,
            "me",
            lambda sender, envelope: self.got.append((sender, envelope)),
            self.lost.append,
            self._drop,
        )

    def _drop(self, reason: str, envelopes: int) -> None:
        self.dropped[reason] += envelopes

    def arrive(self, number: int, *envelopes: Envelope | bytes, sender: str = "a") -> bool:
        packed = tuple(e if isinstance(e, bytes) else encode(e, sender, number) for e in envelopes)
        return self.post.take(Batch(sender, number, packed))


@virtual
async def test_what_is_put_in_one_tick_goes_in_one_batch_a_receiver() -> None:
    async with ActorSystem() as system:
        office = Office(system)
        for n in range(3):
            office.post.put("a", letter(n))
        office.post.put("b", letter(9))
        assert office.line.out == []
        await system.settle()
        office.post.put("a", letter(4))
        await system.settle()
        assert [(r, b.number, len(b.envelopes)) for r, b in office.line.out] == [
            ("a", 1, 3),
            ("b", 1, 1),
            ("a", 2, 1),
        ]
        assert office.post.sent.counts == {"a": 2, "b": 1}


@virtual
async def test_a_big_batch_is_cut_into_several_of_the_next_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "BATCH_BYTES", len(encode(letter(1), "me", 1)) + 1)
    async with ActorSystem() as system:
        office = Office(system)
        for n in range(5):
            office.post.put("a", letter(n))
        office.post.flush()
        assert [(b.number, len(b.envelopes)) for _, b in office.line.out] == [
            (1, 2),
            (2, 2),
            (3, 1),
        ]
        packed = [e for _, b in office.line.out for e in b.envelopes]
        assert [decode(e) for e in packed] == [letter(n) for n in range(5)]


@virtual
async def test_a_receiver_is_written_to_in_a_version_that_it_reads() -> None:
    async with ActorSystem() as system:
        office = Office(system)
        office.post.change({"a": VERSION - 1, "b": VERSION}, again=False)
        for receiver in ("a", "b", "c"):
            office.post.put(receiver, letter(1))
        office.post.flush()
        (older, *newer) = [b.envelopes[0] for _, b in office.line.out]
        assert older == encode(letter(1), "me", 1, VERSION - 1)
        assert newer == [encode(letter(1), "me", 1)] * 2
        assert [decode(envelope) for envelope in (older, *newer)] == [letter(1)] * 3


@virtual
async def test_a_message_that_cannot_be_packed_takes_no_neighbour_with_it() -> None:
    async with ActorSystem() as system:
        office = Office(system)
        office.post.put("a", letter(1))
        office.post.put("a", Envelope("tell", "user:u_2", object()))
        office.post.put("a", letter(3))
        office.post.flush()
        ((_, batch),) = office.line.out
        assert len(batch.envelopes) == 2
        assert office.dropped == {"envelope": 1}


@virtual
async def test_what_arrives_is_handed_on_once_and_a_hole_is_told_first() -> None:
    async with ActorSystem() as system:
        office = Office(system)
        office.post.change(speaking("a"), again=False)
        assert office.arrive(1, letter(1), letter(2))
        assert office.arrive(1, letter(1), letter(2))
        assert office.arrive(3, letter(3))
        assert [envelope for _, envelope in office.got] == [letter(1), letter(2), letter(3)]
        assert office.lost == ["a"]
        office.post.published({"a": 5, "stranger": 9})
        office.post.published({"a": 5, "stranger": 9})
        assert office.lost == ["a", "a"]


@virtual
async def test_bytes_that_are_no_envelope_are_counted_and_the_next_are_taken() -> None:
    async with ActorSystem() as system:
        office = Office(system)
        office.post.change(speaking("a"), again=False)
        office.arrive(1, b"\xc1", letter(2))
        assert office.dropped == {"envelope": 1}
        assert office.got == [("a", letter(2))]


@virtual
async def test_who_is_not_in_the_view_yet_is_heard_once_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_EARLY", 2)
    async with ActorSystem() as system:
        office = Office(system)
        office.post.change(speaking("a"), again=False)
        assert not office.arrive(1, letter(1), sender="b"), "is there a newer view?"
        assert office.arrive(2, letter(2), sender="b")
        assert office.arrive(3, letter(3), letter(4), sender="b")
        assert office.dropped == {"stranger": 2}, "so many may wait"
        office.arrive(1, letter(9), sender="c")
        assert office.got == []
        office.post.change(speaking("a", "b"), again=False)
        assert office.got == [("b", letter(1)), ("b", letter(2))]
        office.post.change(speaking("a", "b", "c"), again=False)
        assert len(office.got) == 2, "what waited for a view that did not have it is lost"
        assert office.dropped == {"stranger": 3}
        office.arrive(4, letter(4), sender="b")
        assert office.lost == ["b"]


@virtual
async def test_who_was_in_the_view_and_is_not_is_heard_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with ActorSystem() as system:
        office = Office(system)
        office.post.change(speaking("a", "b"), again=False)
        office.post.change(speaking("b"), again=False)
        assert office.arrive(1, letter(1)), "nobody asks for a newer view"
        assert office.dropped == {"stranger": 1}
        office.post.change(speaking("b"), again=True)
        assert not office.arrive(1, letter(1)), "in a new generation it may come back"
        monkeypatch.setattr(module, "MOST_FORMER", 0)
        office.post.change(speaking(), again=False)
        office.post.change(speaking(), again=False)
        assert not office.arrive(1, letter(1), sender="b")
        assert office.got == []


@virtual
async def test_a_closed_one_sends_nothing() -> None:
    async with ActorSystem() as system:
        office = Office(system)
        office.post.close()
        assert office.dropped == {}
        office.post.put("a", letter(1))
        office.arrive(1, letter(1), letter(2), sender="b")
        office.post.close()
        await system.settle()
        assert office.line.out == []
        assert office.dropped == {"no_view": 3}


@virtual
async def test_who_comes_back_in_a_new_generation_is_heard_where_it_left_off() -> None:
    async with ActorSystem() as system:
        here, there = Office(system), Office(system)
        for each in (here, there):
            each.post.change(speaking("me", "a"), again=False)
        here.post.put("a", letter(1))
        here.post.flush()
        here.post.change(speaking("me"), again=True)
        here.post.change(speaking("me", "a"), again=False)
        here.post.put("a", letter(2))
        here.post.flush()
        for _, batch in here.line.out:
            there.post.take(batch)
        assert [envelope for _, envelope in there.got] == [letter(1), letter(2)]
        assert there.lost == []
