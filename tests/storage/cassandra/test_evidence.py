"""A ring is proved, and what was harmed in it is found."""

from __future__ import annotations

import pytest
from tests.support.ring import Ring

from hubbub.actors.runtime.tasks import Tasks
from hubbub.storage.cassandra.evidence import CassandraEvidence
from hubbub.storage.cassandra.store import CassandraStore
from hubbub.storage.records import Projection, Snapshot
from hubbub.storage.verify import Report, verify
from hubbub.testkit.contracts.hands import ANN, BOB, PHONE, Log, conv_id, membership

TEA = conv_id("tea")


async def written(store: CassandraStore) -> Log:
    log = await Log.claim(store, TEA)
    await log.say(*(f"{n}" for n in range(600)))
    await log.add(log.entry("new", kind="edit", target=7, count=600))
    await log.project(Projection(7, 601, b"new"))
    store.put_snapshot(TEA, log.epoch, Snapshot(300, b"x", {PHONE: 300}))
    await (await Log.claim(store, conv_id("cake"))).say("1")
    for user in (ANN, BOB):
        await store.put_membership(membership(user, TEA))
    return log


async def found(ring: Ring, tasks: Tasks) -> Report:
    reader = CassandraStore(ring.options, tasks.start)
    await reader.open()
    report = await verify(CassandraEvidence(reader))
    await reader.close()
    return report


async def test_a_ring_is_proved_while_its_nodes_run(
    store: CassandraStore, one_node: Ring, tasks: Tasks
) -> None:
    await written(store)
    assert await found(one_node, tasks) == Report(2, 602, 1, 1, 0, [])


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        ("DELETE FROM log WHERE conv = ? AND bucket = 0 AND seq = 100", "entry 101 follows 99"),
        ("DELETE FROM log WHERE conv = ? AND bucket = 2", "entry 513 is not there"),
        (
            "UPDATE snapshots SET seq = 900 WHERE conv = ?",
            "entry 900 has a snapshot, and the log ends at 601",
        ),
        (
            "UPDATE log SET changed_at = 600 WHERE conv = ? AND bucket = 0 AND seq = 7",
            "entry 7 is said to be changed by 600",
        ),
        (f"DELETE FROM members WHERE conv = ? AND user = '{ANN}'", "differ"),
    ],
)
async def test_what_is_wrong_in_a_ring_is_found(
    store: CassandraStore, one_node: Ring, tasks: Tasks, harm: str, fault: str
) -> None:
    await written(store)
    await store.look(harm, TEA)
    # What the server stamps by its clock lies above every stamp of an owner's.
    assert any(fault in line for line in (await found(one_node, tasks)).faults)
