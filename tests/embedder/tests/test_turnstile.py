"""The same tests under pytest-asyncio, under anyio's plugin, and under neither."""

from __future__ import annotations

from turnstile import OPEN_S, Coin, Locked, Passed, Push, Turnstile

from hubbub.testkit.probe import Gone


async def test_a_coin_lets_one_person_through(system, probe):
    turnstile = system.spawn(Turnstile, probe.ref)
    turnstile.tell(Coin())
    assert await system.ask(turnstile, Push(), timeout_s=1) is True
    assert await probe.expect(Passed) == Passed(1)
    assert await system.ask(turnstile, Push(), timeout_s=1) is False
    await probe.expect_nothing()


async def test_who_waits_too_long_has_paid_for_nothing(system, probe, clock):
    turnstile = system.spawn(Turnstile, probe.ref)
    turnstile.tell(Coin())
    await probe.expect_nothing(within=OPEN_S - 1)
    await probe.expect(Locked, within=2)
    assert clock.monotonic() == OPEN_S
    assert await system.ask(turnstile, Push(), timeout_s=1) is False


async def test_what_it_does_not_know_ends_it(system, probe):
    turnstile = probe.watch(system.spawn(Turnstile, probe.ref))
    turnstile.tell("a banknote")
    assert isinstance((await probe.expect(Gone)).reason, TypeError)


async def test_a_crash_before_a_push_loses_the_passage(hubbub_kit, system, probe):
    turnstile = probe.watch(system.spawn(Turnstile, probe.ref, name="turnstile"))
    hubbub_kit.crash("turnstile", at=2)
    turnstile.tell(Coin())
    turnstile.tell(Push())
    await probe.expect(Gone)
    await probe.expect_nothing()
