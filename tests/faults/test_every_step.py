"""Each kind of actor, crashed at every step of every message: what was promised is kept, and
everybody has everything at the end, without a further message."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from tests.support.clock import ManualClock
from tests.support.pocket import Line, Pocket
from tests.support.step_faults import CrashAt, SteppedChat

from hubbub.actors.bodies import Delete, Edit, React
from hubbub.actors.commands import DeviceRevoked
from hubbub.actors.gate_commands import Erase
from hubbub.actors.requests import Invite, Kick, Rename
from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.ids import ConvId
from hubbub.storage.memory import MemoryStore
from hubbub.supervision.root import running
from hubbub.testkit.chance import SeededChance

KINDS = ("conversation", "session", "user")
#: Those that have to do with an account that goes.
GOING = ("conversation", "eraser", "user")


class Town:
    """A chat whose actors of one kind have a fault, and people who chat."""

    def __init__(self, node: SteppedChat, clock: ManualClock) -> None:
        self.node = node
        self.clock = clock
        self.pockets: list[Pocket] = []

    async def pocket(self, name: str, *labels: str) -> list[Pocket]:
        user = await self.node.add_user(name)
        made = [Pocket(self.node, user, label) for label in labels]
        self.pockets += made
        return made

    async def settle(self) -> None:
        await self.node.system.settle()

    async def later(self) -> None:
        """Until what a crash left to be told again is told, too."""
        await self.quiet()
        for _ in range(24):
            await self.settle()
            self.clock.advance(0.5)
        await self.quiet()

    async def quiet(self) -> None:
        """Until everybody has what they wait for."""
        for _ in range(240):
            await self.settle()
            if not any(pocket.busy for pocket in self.pockets):
                return
            self.clock.advance(0.25)


@asynccontextmanager
async def town(kind: str, fault: CrashAt) -> AsyncGenerator[Town]:
    clock = ManualClock()
    store = MemoryStore(clock=clock)
    async with ActorSystem(clock=clock, chance=SeededChance(1)) as system:
        node = SteppedChat(system, lambda: store)
        node.kind, node.fault = kind, fault
        async with running(system, node.specs()):
            yield Town(node, clock)


async def morning(town: Town) -> tuple[ConvId, list[Pocket]]:
    """A short one.

    Returns: a group, and the devices of those who are in it from its start to the end.
    """
    ana, ana_too = await town.pocket("ana", "phone", "laptop")
    (bo,) = await town.pocket("bo", "phone")
    (cy,) = await town.pocket("cy", "phone")
    (di,) = await town.pocket("di", "phone")
    await town.quiet()
    ana.found("Team", bo.user, cy.user)
    await town.quiet()
    (team,) = ana.made
    for pocket in (ana, bo, cy, ana_too):
        pocket.say(team, "one")
        pocket.say(team, "two")
    await town.quiet()
    first, second = ana.acks[team, 1], ana.acks[team, 2]
    ana.say(team, Edit(first, "one and a half"))
    ana.say(team, Delete(second))
    cy.say(team, React(first, "+"))
    ana.change(team, Invite((di.user,)))
    ana.change(team, Rename("Crew"))
    await town.quiet()
    ana.change(team, Kick((cy.user,)))
    di.say(team, "hello")
    bo.say(team, "welcome")
    await town.later()
    return team, [ana, ana_too, bo]


async def check(town: Town, team: ConvId, steady: list[Pocket]) -> None:
    """Every ack durable, every seq there, nothing twice, and everybody has everything."""
    store = town.node.store
    head, _ = await store.head(team)
    page = await store.page(team, 1, head, limit=1000, max_bytes=1 << 20)
    log = {message.entry.seq: Line.of(message.entry) for message in page}
    assert list(log) == list(range(1, head + 1))
    named = Counter((line.device, line.cid) for line in log.values() if line.device)
    assert [name for name, times in named.items() if times > 1] == []
    # 8 texts, 2 greetings, an edit, a deletion, a reaction, 3 changes: each was sent once.
    assert len(named) == 16
    last: Counter[str] = Counter()
    for line in log.values():
        if line.device:
            assert line.cid == last[line.device] + 1, "out of the device's order"
            last[line.device] = line.cid
    for pocket in town.pockets:
        assert pocket.faults == []
        assert not pocket.busy
        assert pocket.closed == 0
        for (conv, cid), seq in pocket.acks.items():
            assert conv == team
            assert log[seq] == Line(pocket.device.device, cid, pocket.user)
        seen = pocket.copies[team].lines
        assert all(log[seq] == line for seq, line in seen.items())
    for pocket in steady:
        assert pocket.copies[team].lines == log
    cy, di = town.pockets[3], town.pockets[4]
    kicked = max(cy.copies[team].lines)
    joined = min(di.copies[team].lines)
    assert cy.copies[team].lines == {s: line for s, line in log.items() if s <= kicked}
    assert di.copies[team].lines == {s: line for s, line in log.items() if s >= joined}
    phone = steady[0].device.device
    seqs = {(line.device, line.cid): seq for seq, line in log.items()}
    assert (joined, kicked) == (seqs[phone, 5], seqs[phone, 7])
    deleted = page[town.pockets[0].acks[team, 2] - 1]
    assert deleted.projection is not None and deleted.projection.deleted
    assert await store.unfinished() == []
    assert town.node.system.names.reserved == {}


async def farewell(town: Town) -> tuple[ConvId, Pocket, list[Pocket]]:
    """An account goes. Returns: its group, whose it was, and those who stay."""
    (ana,) = await town.pocket("ana", "phone")
    (bo,) = await town.pocket("bo", "phone")
    (cy,) = await town.pocket("cy", "phone")
    await town.quiet()
    ana.found("Team", bo.user, cy.user)
    bo.found("Other", ana.user)
    await town.quiet()
    (team,) = ana.made
    bo.say(team, "farewell")
    await town.quiet()
    store, cluster = town.node.store, town.node.cluster
    await store.begin_deletion(bo.user)
    cluster.tell(f"user:{bo.user}", DeviceRevoked(None))
    cluster.tell(f"erase:{bo.user}", Erase())
    await town.settle()
    town.pockets.remove(bo)
    bo.leave()
    ana.say(team, "bo is leaving")
    await town.later()
    return team, bo, [ana, cy]


async def check_gone(town: Town, team: ConvId, bo: Pocket, stay: list[Pocket]) -> None:
    """The account is gone from everywhere, and who stays has everything that was said."""
    store = town.node.store
    assert await store.deletions() == []
    rows = await store.memberships(bo.user, after=None, limit=100)
    assert [row for row in rows if row.until is None] == []
    head, _ = await store.head(team)
    page = await store.page(team, 1, head, limit=1000, max_bytes=1 << 20)
    log = {message.entry.seq: Line.of(message.entry) for message in page}
    assert list(log) == list(range(1, head + 1))
    assert [m.entry.kind for m in page].count("system") == 2, "founded, and left once"
    for pocket in stay:
        assert pocket.faults == []
        assert not pocket.busy
        assert pocket.copies[team].lines == log
    assert await store.unfinished() == []
    assert town.node.system.names.reserved == {}
    assert town.node.system.lookup(f"erase:{bo.user}") is None


async def gone_at(kind: str, step: int) -> CrashAt:
    """The farewell, with a crash at this step of this kind of actor."""
    fault = CrashAt(step)
    async with town(kind, fault) as here:
        try:
            await check_gone(here, *await farewell(here))
        except Exception as error:
            raise AssertionError(f"{kind} at step {step}, {fault.fired}") from error
    return fault


async def crashed_at(kind: str, step: int) -> CrashAt:
    """The morning, with a crash at this step of this kind of actor."""
    fault = CrashAt(step)
    async with town(kind, fault) as here:
        try:
            await check(here, *await morning(here))
        except Exception as error:
            raise AssertionError(f"{kind} at step {step}, {fault.fired}") from error
    return fault


@pytest.mark.parametrize("kind", KINDS)
async def test_without_a_fault_everybody_has_everything(kind: str) -> None:
    fault = await crashed_at(kind, 0)
    assert fault.steps > 100
    assert fault.fired == ""


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
async def test_an_actor_that_crashes_at_any_step_leaves_the_invariants_whole(kind: str) -> None:
    step = 1
    while (await crashed_at(kind, step)).fired:
        step += 1
    assert step > 100


@pytest.mark.parametrize("kind", GOING)
async def test_without_a_fault_an_account_goes(kind: str) -> None:
    fault = await gone_at(kind, 0)
    assert fault.steps > 10
    assert fault.fired == ""


@pytest.mark.slow
@pytest.mark.parametrize("kind", GOING)
async def test_an_account_goes_whichever_step_an_actor_crashes_at(kind: str) -> None:
    step = 1
    while (await gone_at(kind, step)).fired:
        step += 1
    assert step > 10
