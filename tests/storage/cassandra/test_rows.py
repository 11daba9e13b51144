"""How a log's rows are cut into statements, and where they stand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubbub.config.ids import ConvId, UserId
from hubbub.storage.cassandra.rows import BUCKET, bucket_of, inserts, pack, unpack
from hubbub.storage.records import Entry

CONV = ConvId("g_tea")
_VALUES = 13  # of one row


def entry(seq: int, size: int) -> Entry:
    return Entry(seq, 1, "v", seq, "u", 0, "text", b"x" * size, seq)


@given(
    first=st.integers(1, 600),
    sizes=st.lists(st.sampled_from([0, 10, 5_000, 300_000]), max_size=150),
)
def test_statements_hold_every_row_once_in_order_and_keep_to_one_partition(
    first: int, sizes: list[int]
) -> None:
    rows = [(entry(first + n, size), 1000 + n) for n, size in enumerate(sizes)]
    seqs: list[int] = []
    for cql, values in inserts(CONV, rows):
        count = len(values) // _VALUES
        assert cql.count("INSERT INTO log") == count
        at = range(0, len(values), _VALUES)
        seqs += [int(str(values[n + 2])) for n in at]
        assert len({values[n + 1] for n in at}) == 1, "one partition"
        assert [values[n + 1] for n in at] == [bucket_of(int(str(values[n + 2]))) for n in at]
        size = sum(len(bytes(str(values[n + 9]), "utf-8")) - 3 for n in at)
        assert count == 1 or size <= 256 * 1024
    assert seqs == [row.seq for row, _ in rows]


def test_common_rows_go_many_at_a_time() -> None:
    rows = [(entry(n, 200), n) for n in range(1, BUCKET + 2)]
    counts = [cql.count("INSERT INTO") for cql, _ in inserts(CONV, rows)]
    assert counts == [64, 64, 64, 64, 1]


def test_a_bucket_holds_so_many() -> None:
    assert [bucket_of(seq) for seq in (1, BUCKET, BUCKET + 1, 2 * BUCKET)] == [0, 0, 1, 1]


def test_reactions_come_back_in_their_order() -> None:
    reactions = {"👍": [UserId("b"), UserId("a")], "+": [UserId("c")]}
    packed = pack(reactions)
    assert list(unpack(packed).items()) == list(reactions.items())
    assert pack({}) is None
    assert unpack(None) == {}
