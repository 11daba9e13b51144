"""How others hold an actor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pykka
import pytest

from hubbub.actors.runtime.actor import LoopActor
from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.errors import MailboxFullError


class Echo(LoopActor):
    """Answers what it gets."""

    def __init__(self, got: list[Any] | None = None) -> None:
        super().__init__()
        self._got = [] if got is None else got

    def on_receive(self, message: Any) -> Any:
        self._got.append(message)
        return message


class Closed(Echo):
    """Starts when the gate opens."""

    def __init__(self, gate: asyncio.Event) -> None:
        super().__init__()
        self._gate = gate

    async def on_start(self) -> None:  # type: ignore[override]  # pykka's is not async
        await self._gate.wait()


@pytest.fixture
async def system() -> AsyncIterator[ActorSystem]:
    async with ActorSystem() as system:
        yield system


async def test_a_full_mailbox_refuses_tells_and_asks_and_keeps_the_rest(
    system: ActorSystem,
) -> None:
    got: list[int] = []
    ref = system.spawn(Echo, got, mailbox_limit=3)
    for n in range(3):
        ref.tell(n)
    with pytest.raises(MailboxFullError) as full:
        ref.tell(3)
    assert full.value.limit == 3
    with pytest.raises(MailboxFullError):
        await ref.ask(4, block=False)
    with pytest.raises(MailboxFullError):
        await ref.proxy().stop()
    await system.settle()
    assert got == [0, 1, 2]
    ref.tell(5)
    await system.settle()
    assert got == [0, 1, 2, 5]


async def test_the_system_says_how_much_waits_unless_told_otherwise() -> None:
    async with ActorSystem(mailbox_limit=1) as system:
        ref = system.spawn(Echo)
        ref.tell(1)
        with pytest.raises(MailboxFullError):
            ref.tell(2)


async def test_a_stop_always_has_room(system: ActorSystem) -> None:
    ref = system.spawn(Echo, mailbox_limit=1)
    ref.tell(1)
    assert ref.actor is not None
    ref.actor.stop()
    assert await ref.stop(block=False)
    assert not ref.is_alive()


async def test_tell_if_alive_finds_room_and_never_raises(system: ActorSystem) -> None:
    got: list[int] = []
    ref = system.spawn(Echo, got, mailbox_limit=1)
    assert [ref.tell_if_alive(n) for n in range(3)] == [True] * 3
    await system.settle()
    assert ref.tell_if_alive(3)
    await system.settle()
    assert got == [0, 1, 2, 3]
    ref.stop()
    assert not ref.tell_if_alive(4)
    assert not system.dead_letters.counts


async def test_started_waits_for_the_start_and_nothing_else(system: ActorSystem) -> None:
    gate = asyncio.Event()
    ref = system.spawn(Closed, gate)
    ref.tell("before")
    early, late = ref.started(), None
    await system.settle()
    late = ref.started()
    assert not early.done
    assert not late.done
    gate.set()
    await early
    await late
    await ref.started()
    assert ref.is_alive()
    ref.stop()
    with pytest.raises(pykka.ActorDeadError):
        await ref.started()


async def test_stop_can_be_awaited(system: ActorSystem) -> None:
    ref = system.spawn(Echo)
    stopped = ref.stop(block=False)
    assert not stopped.done
    assert await stopped is True
    assert await ref.stop(block=False) is False


async def test_a_ref_without_messages_is_not_false(system: ActorSystem) -> None:
    ref = system.spawn(Echo, name="user:a")
    assert ref
    assert len(ref) == 0
    assert str(ref) == "Echo (user:a)"
    assert repr(ref) == "<ActorRef for Echo (user:a)>"


async def test_a_ref_knows_the_class_even_of_the_dead(system: ActorSystem) -> None:
    ref = system.spawn(Echo)
    urn = ref.actor_urn
    ref.stop()
    assert ref.actor is None
    assert ref.actor_class is Echo
    assert ref.actor_urn == urn
    assert ref.actor_stopped.is_set()


async def test_the_ref_an_actor_knows_is_the_one_others_hold(system: ActorSystem) -> None:
    ref = system.spawn(Echo)
    assert ref.actor is not None
    assert ref.actor.actor_ref is ref


def test_an_idle_actor_weighs_little() -> None:
    """The benchmark gives the figure; this finds an event, a queue or a dict that crept in."""
    import sys

    async def scene() -> int:
        async with ActorSystem() as system:
            ref = system.spawn(Echo)
            ref.tell("one")
            await system.settle()
            assert ref.rest is None
            return sys.getsizeof(ref) + sys.getsizeof(ref.actor)

    assert asyncio.run(scene()) < 300
