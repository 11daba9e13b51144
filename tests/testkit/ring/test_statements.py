"""The statements that the store sends are known; all others are an error."""

from __future__ import annotations

import pytest

from hubbub.storage.cassandra.rows import inserts
from hubbub.testkit.contracts.hands import Log, conv_id
from hubbub.testkit.ring.statements import Batch, Select, UnknownStatementError, read


def test_an_insert_names_its_partition_row_and_cells() -> None:
    statement = read(
        "INSERT INTO log (conv, bucket, seq, body) VALUES (?, 3, ?, 'x') USING TIMESTAMP ?"
    )
    assert isinstance(statement, Batch)
    (write,) = statement.writes
    values = ("c", 7, 99)
    assert [term(values) for term in write.partition] == ["c", 3]
    assert [term(values) for term in write.row or ()] == [7]
    assert [(name, term(values)) for name, term in write.cells] == [("body", "x")]
    assert write.stamp is not None
    assert write.stamp(values) == 99
    assert write.inserts
    assert not write.deletes


def test_a_batch_is_all_of_its_writes() -> None:
    log = Log(None, conv_id("tea"), 1)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    ((cql, _),) = inserts(log.conv, [(entry, 1) for entry in log.entries("1", "2", "3", "4")])
    statement = read(cql)
    assert isinstance(statement, Batch)
    assert len(statement.writes) == 4


def test_a_deletion_is_of_a_row_or_of_a_partition() -> None:
    for cql, row in (
        ("DELETE FROM log USING TIMESTAMP ? WHERE conv = ? AND bucket = ?", None),
        ("DELETE FROM tips USING TIMESTAMP ? WHERE conv = ?", ()),
    ):
        statement = read(cql)
        assert isinstance(statement, Batch)
        assert statement.writes[0].row == row
        assert statement.writes[0].deletes


def test_a_selection_has_columns_a_range_an_order_and_a_limit() -> None:
    statement = read(
        "SELECT seq FROM log WHERE conv = ? AND bucket = ? AND seq <= ? ORDER BY seq DESC LIMIT 5"
    )
    assert isinstance(statement, Select)
    assert statement.columns == ("seq",)
    assert statement.backwards
    assert [where.operator for where in statement.where] == ["<="]
    assert statement.limit is not None
    assert statement.limit(()) == 5
    everything = read("SELECT conv FROM unfinished")
    assert isinstance(everything, Select)
    assert everything.partition is None


@pytest.mark.parametrize(
    "cql",
    [
        "DROP TABLE log",
        "SELECT nothing FROM log",
        "SELECT seq FROM nowhere",
        "SELECT token(conv) FROM tips",
        "SELECT seq FROM log WHERE conv = ?",
        "SELECT seq FROM log WHERE conv = ? AND bucket = ? AND body = ?",
        "SELECT seq FROM log WHERE conv = ? AND bucket = ? AND seq LIKE ?",
        "SELECT seq FROM log WHERE conv = ? AND bucket = ? ALLOW FILTERING",
        "SELECT seq FROM log WHERE conv = ? AND bucket = ? ORDER BY seq ASC",
        "INSERT INTO tips (conv, seq) VALUES (?, ?)",
        "INSERT INTO tips (conv, seq) VALUES (?)",
        "UPDATE tips USING TIMESTAMP ? SET seq = ? WHERE conv = ? IF seq = ?",
        "UPDATE tips USING TIMESTAMP ? SET other = ? WHERE conv = ?",
        "BEGIN UNLOGGED BATCH SELECT seq FROM tips; APPLY BATCH",
        "",
    ],
)
def test_what_it_does_not_know_it_does_not_guess(cql: str) -> None:
    with pytest.raises(UnknownStatementError):
        read(cql)
