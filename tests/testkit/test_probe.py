"""A probe says what it was told, and what it was not."""

from __future__ import annotations

import pytest
from tests.testkit.counter import Add, Counter, Tell

from hubbub.config.errors import ActorKilledError
from hubbub.testkit.kit import Kit
from hubbub.testkit.probe import ExpectationError, Gone


async def test_the_first_message_that_fits_is_found_and_the_others_stay() -> None:
    async with Kit() as kit:
        probe = kit.probe()
        for message in ("a", 1, "b", 2):
            probe.ref.tell(message)
        assert await probe.expect(int) == 1
        assert await probe.expect(int, where=lambda n: n > 1) == 2
        assert await probe.expect(str) == "a"
        assert probe.waiting == ["b"]
        assert probe.forget() == ["b"]
        await probe.expect_nothing()


async def test_waiting_takes_virtual_time_only() -> None:
    async with Kit() as kit:
        probe = kit.probe()
        counter = kit.system.spawn(Counter)
        counter.tell(Tell(probe.ref, after_s=3600))
        await probe.expect_nothing(within=3599)
        assert await probe.expect(int, within=2) == 0
        assert kit.clock.monotonic() == 3600


async def test_what_does_not_come_in_time_fails_with_what_came_instead_and_the_story() -> None:
    async with Kit() as kit:
        probe = kit.probe()
        bystander = kit.system.spawn(Counter, name="bystander")
        bystander.tell(Add())
        counter = kit.system.spawn(Counter, name="counter")
        counter.tell(Add(3))
        counter.tell(Tell(probe.ref))
        with pytest.raises(ExpectationError) as failed:
            await probe.expect(str, within=5)
        said = str(failed.value)
        assert said.startswith("no str came within 5 s; probe was told: 3\n")
        assert "told      counter Add(amount=3)" in said
        assert "told      probe   3  by counter" in said
        assert "bystander" not in said
        assert kit.clock.monotonic() == 5


async def test_what_is_not_wanted_is_no_answer_and_the_failure_says_so() -> None:
    async with Kit() as kit:
        probe = kit.probe()
        probe.ref.tell(1)
        with pytest.raises(ExpectationError, match="no int as wanted came within 1 s"):
            await probe.expect(int, within=1, where=lambda n: n > 1)


async def test_a_message_where_nothing_was_expected_fails_at_once() -> None:
    async with Kit() as kit:
        probe = kit.probe()
        probe.ref.tell("hello")
        await kit.settle()
        with pytest.raises(ExpectationError, match="nothing was expected; probe was told: 'hello'"):
            await probe.expect_nothing(within=60)
        assert kit.clock.monotonic() == 0


async def test_a_message_that_comes_while_nothing_is_expected_fails_too() -> None:
    async with Kit() as kit:
        probe = kit.probe()
        kit.system.spawn(Counter).tell(Tell(probe.ref, after_s=2))
        await probe.expect_nothing(within=1)
        with pytest.raises(ExpectationError, match="nothing was expected"):
            await probe.expect_nothing(within=1.5)


async def test_a_watched_actor_that_crashes_is_told_of_with_the_reason() -> None:
    async with Kit() as kit:
        probe = kit.probe()
        counter = probe.watch(kit.system.spawn(Counter, name="counter"))
        counter.tell(Add(-1))
        gone = await probe.expect(Gone)
        assert (gone.ref, gone.name) == (counter, "counter")
        assert isinstance(gone.reason, ValueError)


async def test_a_watched_actor_that_stops_has_no_reason_and_a_killed_one_has() -> None:
    async with Kit() as kit:
        probe = kit.probe()
        counter = kit.system.spawn(Counter, name="counter")
        assert probe.watch("counter") is counter
        counter.stop(block=False)
        assert (await probe.expect(Gone)).reason is None
        another = probe.watch(kit.system.spawn(Counter))
        kit.system.kill(another)
        assert isinstance((await probe.expect(Gone)).reason, ActorKilledError)


async def test_to_watch_the_dead_is_told_of_at_once_and_a_stranger_cannot_be_watched() -> None:
    async with Kit() as kit:
        probe = kit.probe()
        counter = kit.system.spawn(Counter)
        kit.system.kill(counter)
        probe.watch(counter)
        assert (await probe.expect(Gone)).ref is counter
        with pytest.raises(LookupError, match="nobody called nobody lives"):
            probe.watch("nobody")


async def test_a_probe_that_is_asked_answers_as_it_was_told_to() -> None:
    async with Kit() as kit:
        probe = kit.probe("oracle")
        assert await kit.system.ask(probe.name, "anything", timeout_s=1) is None
        probe.answer = lambda question: f"{question}? 42"
        assert await kit.system.ask("oracle", "all", timeout_s=1) == "all? 42"
        assert probe.waiting == ["anything", "all"]
