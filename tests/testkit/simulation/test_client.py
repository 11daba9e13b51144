"""A device that keeps every rule of the protocol: its connection."""

from __future__ import annotations

import asyncio

from tests.testkit.simulation.puppet import Puppet, with_puppet


def test_it_says_hello_syncs_and_is_there() -> None:
    async def work(puppet: Puppet) -> None:
        wire = await puppet.welcome()
        assert puppet.client.online
        assert [frame["t"] for frame in wire.sent] == ["hello", "sync"]
        assert wire.sent[0]["try"] == 1

    with_puppet(work)


def test_it_comes_back_by_itself_and_counts_its_tries() -> None:
    async def work(puppet: Puppet) -> None:
        wire = await puppet.welcome()
        puppet.client.ended(wire, 1006)
        wire.left = True
        assert not puppet.client.online
        assert (await puppet.welcome()).sent[0]["try"] == 2
        assert puppet.client.faults == []

    with_puppet(work)


def test_it_waits_longer_while_nobody_answers() -> None:
    async def work(puppet: Puppet) -> None:
        puppet.answers = False
        await asyncio.sleep(30)
        assert 3 < puppet.client.failures < 30
        puppet.answers = True
        await puppet.welcome()
        assert puppet.client.failures == 0

    with_puppet(work)


def test_after_silence_it_asks_and_leaves_when_nobody_is_there() -> None:
    async def work(puppet: Puppet) -> None:
        wire = await puppet.welcome()
        await asyncio.sleep(26)
        assert wire.count("ping") == 1
        wire.say({"t": "pong"})
        await asyncio.sleep(24)
        assert (wire.count("ping"), wire.left) == (1, False)
        await asyncio.sleep(8)
        assert (wire.count("ping"), wire.left) == (2, True)

    with_puppet(work)


def test_without_a_welcome_it_tries_elsewhere() -> None:
    async def work(puppet: Puppet) -> None:
        await asyncio.sleep(2)
        await asyncio.sleep(10)
        assert puppet.wires[0].left
        assert puppet.client.failures >= 1

    with_puppet(work)


def test_a_device_that_is_signed_out_stays_away_and_an_honest_one_complains() -> None:
    for at, faults in ((0.0, 0), (None, 1)):

        async def work(puppet: Puppet, at: float | None = at, faults: int = faults) -> None:
            wire = await puppet.welcome()
            puppet.client.signed_out_at = at
            puppet.client.ended(wire, 4403)
            await asyncio.sleep(60)
            assert (puppet.client.phase, len(puppet.wires)) == ("out", 1)
            assert len(puppet.client.faults) == faults

        with_puppet(work)


def test_a_close_that_has_no_reason_is_a_fault() -> None:
    async def work(puppet: Puppet) -> None:
        wire = await puppet.welcome()
        puppet.client.ended(wire, 4409)
        assert puppet.client.faults == ["its connection was closed with 4409"]

    with_puppet(work)


def test_that_no_hello_came_is_a_fault_unless_it_may_not_have_come() -> None:
    for unsure, faults in ((True, []), (False, ["its connection was closed with 4408"])):

        async def work(puppet: Puppet, unsure: bool = unsure, faults: list[str] = faults) -> None:
            wire = await puppet.welcome()
            wire.unsure = unsure
            puppet.client.ended(wire, 4408)
            assert puppet.client.faults == faults

        with_puppet(work)


def test_what_was_acknowledged_is_in_the_welcome() -> None:
    async def work(puppet: Puppet) -> None:
        puppet.client.chain("me").committed = 3
        await puppet.welcome(mine=2)
        assert puppet.client.faults == ["welcome says mine=2, not 3"]

    with_puppet(work)


def test_a_device_that_lost_its_storage_begins_anew() -> None:
    async def work(puppet: Puppet) -> None:
        await puppet.welcome()
        item = puppet.text()
        puppet.client.forget()
        assert (item.fate, puppet.client.lv, puppet.client.heads) == ("maybe", 0, {})
        wire = await puppet.welcome(mine=5)
        assert wire.sent[0]["inst"] == "u1d1-2"
        assert puppet.client.chain("me").base == 5

    with_puppet(work)


def test_what_is_on_the_screen_is_told_again_after_a_reconnect() -> None:
    async def work(puppet: Puppet) -> None:
        wire = await puppet.welcome()
        puppet.client.watch(["u_b"], [])
        wire.say({"t": "pres", "u": "u_b", "st": "on", "seen": 1})
        assert puppet.client.peers == {"u_b": "on"}
        puppet.client.hang_up("test")
        assert (await puppet.welcome()).last("watch")["users"] == ["u_b"]

    with_puppet(work)


def test_it_goes_when_it_is_asked_to() -> None:
    async def work(puppet: Puppet) -> None:
        wire = await puppet.welcome()
        wire.say({"t": "bye", "after": 500}, {"t": "typing", "c": "g_a", "u": "u_b"})
        await asyncio.sleep(0.4)
        assert not wire.left
        await asyncio.sleep(0.2)
        assert wire.left

    with_puppet(work)
