"""Each fault does what it says, for as long as it says, and the chat gets over it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hubbub.testkit.client import Client
from hubbub.testkit.cluster import Cluster
from hubbub.testkit.faults import (
    Fault,
    commit_fails,
    crash,
    delay,
    disk_full,
    drop,
    duplicate,
    kill_node,
    partition,
    pause_node,
    slow_reader,
)
from hubbub.testkit.kit import Kit


async def two(kit: Kit) -> tuple[Cluster, Client, Client, str]:
    """Two nodes with one person on each, and a group of theirs that has spoken."""
    cluster = await kit.cluster(2)
    ann, bob = await cluster.client("ann", node="n1"), await cluster.client("bob", node="n2")
    group = await ann.create("Builders", bob)
    await ann.send(group, "before")
    await bob.sees(group, "before")
    return cluster, ann, bob, group


@pytest.mark.parametrize(
    "fault",
    [
        lambda: drop(),
        lambda: drop("n1", "n2", count=2),
        lambda: delay(3),
        lambda: duplicate(),
        lambda: partition("n1", "n2"),
        lambda: partition("n2"),
        lambda: pause_node("n2"),
        lambda: disk_full("n1"),
        lambda: disk_full("n2"),
        lambda: commit_fails("n1"),
        lambda: commit_fails("n2", "unknown"),
        lambda: crash("conv:*", after=True),
        lambda: crash("user:*", at=2),
        lambda: crash("session:*", at=2),
    ],
    ids=lambda make: str(make()),
)
async def test_after_a_fault_everybody_has_everything(fault: Callable[[], Fault]) -> None:
    async with Kit() as kit:
        cluster, ann, bob, group = await two(kit)
        async with cluster.during(fault()):
            ann.say(group, "during")
            await kit.clock.sleep(8)
        await bob.sees(group, "before", "during", within=60)
        await ann.sees(group, "before", "during")


async def test_a_killed_node_is_started_again_by_healing_and_only_once() -> None:
    async with Kit() as kit:
        cluster, ann, bob, group = await two(kit)
        fault = await cluster.inject(kill_node("n2"))
        assert set(cluster.nodes) == {"n1"}
        await fault.heal()
        node = cluster.nodes["n2"]
        await fault.heal()
        assert cluster.nodes["n2"] is node
        await ann.send(group, "after")
        await bob.sees(group, "before", "after")


async def test_a_node_that_stays_dead_is_no_leak() -> None:
    async with Kit() as kit:
        cluster = await kit.cluster(2)
        await cluster.inject(kill_node("n2"))
        assert set(cluster.nodes) == {"n1"}


def far_from(cluster: Cluster, ann: Client, bob: Client, group: str) -> Client:
    """Which of the two is not where the group is."""
    return ann if cluster.owner(group) == "n2" else bob


async def test_what_is_dropped_never_comes() -> None:
    async with Kit() as kit:
        cluster, ann, bob, group = await two(kit)
        far = far_from(cluster, ann, bob, group)
        async with cluster.during(drop()):
            item = far.say(group, "lost")
            await kit.clock.sleep(5)
            assert item.fate == "open"
        await far.until(lambda: item.fate == "acked")


async def test_what_is_late_comes_late() -> None:
    async with Kit() as kit:
        cluster, ann, bob, group = await two(kit)
        far = far_from(cluster, ann, bob, group)
        async with cluster.during(delay(2)):
            began = kit.clock.monotonic()
            await far.send(group, "late")
            assert 4 <= kit.clock.monotonic() - began < 10


async def test_a_crash_that_is_called_off_does_not_happen() -> None:
    async with Kit() as kit:
        cluster, ann, _bob, group = await two(kit)
        fault = await cluster.inject(crash("conv:*", at=3))
        await fault.heal()
        for n in range(5):
            await ann.send(group, f"{n}")
        assert not any(h.kind == "crashed" for h in kit.story.happenings)


async def test_a_full_disk_takes_nothing_while_it_is_full() -> None:
    async with Kit() as kit:
        cluster = await kit.cluster()
        ann = await cluster.client("ann")
        group = await ann.create("Alone")
        async with cluster.during(disk_full("n1")):
            item = ann.say(group, "no room")
            await kit.clock.sleep(5)
            assert item.fate == "open"
        await ann.sees(group, "no room")


async def test_a_paused_node_does_nothing_while_time_goes_on() -> None:
    async with Kit() as kit:
        cluster = await kit.cluster()
        ann = await cluster.client("ann")
        group = await ann.create("Alone")
        async with cluster.during(pause_node("n1")):
            item = ann.say(group, "anybody?")
            await kit.clock.sleep(1)
            assert item.fate == "open"
        await ann.sees(group, "anybody?")


async def test_a_fault_that_cannot_be_is_refused() -> None:
    async with Kit() as kit:
        cluster = await kit.cluster()
        ann = await cluster.client("ann")
        for fault in (drop(), partition("n1", "n2")):
            with pytest.raises(ValueError, match="nothing between the nodes"):
                await cluster.inject(fault)
        ann.rest()
        with pytest.raises(ValueError, match="ann is not connected"):
            await cluster.inject(slow_reader(ann))


async def test_faults_are_in_the_story() -> None:
    async with Kit() as kit:
        cluster, *_ = await two(kit)
        await cluster.inject(partition("n1", "n2"))
        await cluster.inject(partition("n1"))
        told = kit.story.told()
        assert "partition between n1 and n2" in told
        assert "partition between n1 and everybody" in told
