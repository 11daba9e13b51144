"""The runtime under a test's eyes is the real one: it only writes down, and breaks when told to."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pykka
import pytest
from tests.testkit.counter import Add, Counter, Tell

from hubbub import LoopActor
from hubbub.config.errors import MailboxFullError
from hubbub.testkit.kit import Kit
from hubbub.testkit.watched_system import CrashFault, Strike


class Relay(LoopActor):
    """Passes on what it is told, in place where that goes; waits for a gate if it has one."""

    def __init__(self, target: str, gate: asyncio.Event | None = None) -> None:
        super().__init__()
        self.target = target
        self.gate = gate

    def on_receive(self, message: Any) -> Any:
        """Pass it on."""
        if self.gate is not None:
            return self.gate.wait()
        return self.system.tell(self.target, message, in_place=True)


class NeverStarts(LoopActor):
    """Fails at its start."""

    def on_start(self) -> None:
        """Fail."""
        raise ZeroDivisionError


def test_a_strike_meets_the_messages_it_names_and_is_over_then() -> None:
    strike = Strike("conv:*", 2, times=2)
    names = ["conv:1", "user:1", "conv:2", "conv:1", "conv:1"]
    assert [(strike.meets(name), strike.over) for name in names] == [
        (False, False),
        (False, False),
        (True, False),
        (True, True),
        (False, True),
    ]


async def test_who_told_whom_is_written_down_also_where_it_happens_in_place() -> None:
    async with Kit() as kit:
        probe = kit.probe("end")
        assert probe.ref.is_alive()
        await kit.settle()
        kit.system.spawn(Relay, "end", name="relay").tell("word")
        await probe.expect(str)
        told = [(h.kind, h.actor, h.what, h.by) for h in kit.story.happenings]
        assert told == [
            ("started", "end", "ProbeActor", ""),
            ("started", "relay", "Relay", ""),
            ("told", "relay", "'word'", ""),
            ("handles", "relay", "'word'", ""),
            ("told", "end", "'word'", "relay"),
            ("handles", "end", "'word'", ""),
        ]


async def test_what_cannot_be_handled_in_place_is_told_once_and_waits() -> None:
    async with Kit() as kit:
        probe = kit.probe("end")
        assert probe.ref.is_alive()
        relay = kit.system.spawn(Relay, "end", name="relay")
        await kit.settle()
        kit.crash("end", at=9)
        relay.tell("word")
        assert await probe.expect(str) == "word"
        kit.system.turns.in_place(relay, "more")
        assert await probe.expect(str) == "more"
        ends = [h.kind for h in kit.story.happenings if h.actor == "end"]
        assert ends == ["started", "told", "handles", "told", "handles"]


async def test_how_actors_end_is_written_down_and_a_second_life_is_a_restart() -> None:
    async with Kit() as kit:
        kit.system.spawn(Counter, name="counter").tell(Add(-1))
        await kit.settle()
        kit.system.spawn(Counter, name="counter").stop(block=False)
        await kit.settle()
        kit.system.kill(kit.system.spawn(Counter, name="counter"))
        kit.system.spawn(NeverStarts, name="never")
        await kit.settle()
        ends = [
            (h.kind, h.actor, h.what)
            for h in kit.story.happenings
            if h.kind not in ("told", "handles")
        ]
        assert ends == [
            ("started", "counter", "Counter"),
            ("crashed", "counter", "ValueError: less than nothing"),
            ("restarted", "counter", "Counter"),
            ("stopped", "counter", ""),
            ("restarted", "counter", "Counter"),
            ("killed", "counter", "ActorKilledError: Counter (counter) was killed"),
            ("started", "never", "NeverStarts"),
            ("crashed", "never", "ZeroDivisionError: "),
        ]


async def test_a_strike_before_a_message_keeps_the_actor_from_it_and_one_after_does_not() -> None:
    async with Kit() as kit:
        probe = kit.probe()
        for after, heard in ((False, []), (True, [5])):
            counter = kit.system.spawn(Counter, name="counter")
            counter.tell(Add(5))
            kit.crash("counter", at=2, after=after)
            counter.tell(Tell(probe.ref))
            counter.tell(Tell(probe.ref))
            await kit.settle()
            assert not counter.is_alive()
            assert probe.forget() == heard
        assert [letter.reason for letter in kit.dead_letters] == ["crashed", "crashed"]


async def test_a_strike_after_a_message_that_is_still_awaited_ends_the_waiting_too() -> None:
    async with Kit() as kit:
        relay = kit.system.spawn(Relay, "nobody", asyncio.Event(), name="relay")
        kit.crash("relay", after=True)
        relay.tell("wait")
        await kit.settle()
        assert not relay.is_alive()
        assert not kit.system.endings.under_way


async def test_an_actor_that_is_gone_after_the_message_anyway_is_not_struck() -> None:
    async with Kit() as kit:
        counter = kit.system.spawn(Counter, name="counter")
        kit.crash("counter", after=True)
        counter.tell(Add(-1))
        await kit.settle()
        assert kit.system.counts.crashes == {"Counter": 1}


async def test_who_asked_gets_the_fault() -> None:
    async with Kit() as kit:
        counter = kit.system.spawn(Counter, name="counter")
        kit.crash("counter")
        with pytest.raises(CrashFault):
            await kit.system.ask("counter", Add(), timeout_s=1)
        assert not counter.is_alive()


async def test_bounds_and_deaths_are_as_in_any_system() -> None:
    async with Kit() as kit:
        counter = kit.system.spawn(Counter, mailbox_limit=2)
        counter.tell(Add())
        counter.tell(Add())
        with pytest.raises(MailboxFullError):
            counter.tell(Add())
        counter.stop(block=False)
        await kit.settle()
        with pytest.raises(pykka.ActorDeadError):
            counter.tell(Add())


async def test_another_thread_may_tell() -> None:
    async with Kit() as kit:
        probe = kit.probe()
        ref = probe.ref
        thread = threading.Thread(target=ref.tell, args=("from afar",))
        with kit.clock.held():
            thread.start()
            assert await probe.expect(str) == "from afar"
        thread.join()


async def test_a_system_opens_at_its_first_use_and_not_again_after_its_end() -> None:
    kit = Kit()
    seen = [kit.system.is_open]
    counter = kit.system.spawn(Counter)
    seen.append(kit.system.is_open)
    async with kit:
        assert await kit.system.ask(counter, Add(), timeout_s=1) == 1
    assert [*seen, kit.system.is_open] == [False, True, False]
