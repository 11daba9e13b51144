"""One copy: mutations come in any order, and twice."""

from __future__ import annotations

from itertools import permutations

import pytest

from hubbub.testkit.ring.replica import Mutation, Replica, mutation_of
from hubbub.testkit.ring.statements import Batch, read

AT = ("tips", ("c",))


def mutation(cql: str, *values: object) -> Mutation:
    batch = read(cql)
    assert isinstance(batch, Batch)
    return mutation_of(batch, values)


PUT = "INSERT INTO tips (conv, epoch, seq) VALUES (?, ?, ?) USING TIMESTAMP ?"
WIPE = "DELETE FROM tips USING TIMESTAMP ? WHERE conv = ?"


def test_the_order_in_which_mutations_come_is_nothing_to_it() -> None:
    changes = [
        mutation(PUT, "c", 1, 1, 10),
        mutation(PUT, "c", 2, 7, 30),
        mutation(WIPE, 20, "c"),
        mutation(PUT, "c", 1, 1, 10),
    ]
    for order in permutations(changes):
        replica = Replica()
        for change in order:
            replica.apply(change)
        assert replica.look(AT, list).shown(()) == {"": True, "epoch": 2, "seq": 7}


def test_a_partition_that_is_deleted_goes_with_all_its_rows_and_can_begin_again() -> None:
    replica = Replica()
    put = "INSERT INTO log (conv, bucket, seq, body) VALUES (?, ?, ?, ?) USING TIMESTAMP ?"
    for seq in (2, 1):
        replica.apply(mutation(put, "c", 0, seq, b"x", 5))
    replica.apply(
        mutation("DELETE FROM log USING TIMESTAMP ? WHERE conv = ? AND bucket = ?", 6, "c", 0)
    )
    replica.apply(mutation(put, "c", 0, 2, b"y", 7))
    part = replica.look(("log", ("c", 0)), list)
    assert part.keys == [(1,), (2,)]
    assert part.shown((1,)) is None
    assert part.shown((2,)) == {"": True, "body": b"y"}
    assert part.shown((3,)) is None
    assert list(replica.partitions("log")) == [("c", 0)]
    assert list(replica.partitions("tips")) == []


def test_what_is_looked_at_stays_as_it_was() -> None:
    replica = Replica()
    replica.apply(mutation(PUT, "c", 1, 1, 10))
    seen = replica.look(AT, list)
    replica.apply(mutation(PUT, "c", 2, 2, 20))
    assert seen.shown(()) == {"": True, "epoch": 1, "seq": 1}
    assert replica.look(("tips", ("d",)), list).keys == []


def test_a_batch_is_of_one_partition() -> None:
    both = f"BEGIN UNLOGGED BATCH {PUT}; {PUT}; APPLY BATCH"
    with pytest.raises(ValueError, match="a batch of"):
        mutation(both, "c", 1, 1, 1, "d", 1, 1, 1)
    twice = mutation(both, "c", 1, 1, 1, "c", 2, 2, 2)
    assert twice.rows[()]["seq"] == (2, 2)
