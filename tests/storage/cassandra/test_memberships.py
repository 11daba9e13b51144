"""Rows of lists, written late by an owner that is none any more."""

from __future__ import annotations

import pytest

from hubbub.config.errors import OutcomeUnknownError, StoreRefusedError
from hubbub.storage.cassandra.evidence import CassandraEvidence
from hubbub.storage.cassandra.store import CassandraStore
from hubbub.testkit.contracts.hands import ANN, BOB, conv_id, membership

from .ring_of_lies import Lies

TEA = conv_id("tea")
NEW = membership(ANN, TEA, lv=5, conv_seq=9, title="new")


@pytest.mark.parametrize(("lv", "conv_seq"), [(4, 9), (4, 10), (4, 8), (6, 8)])
async def test_a_row_never_goes_back_in_either_version(
    store: CassandraStore, lv: int, conv_seq: int
) -> None:
    await store.put_membership(NEW)
    await store.put_membership(membership(ANN, TEA, lv=lv, conv_seq=conv_seq, title="old"))
    assert await store.membership(ANN, TEA) == NEW
    assert await store.members(TEA) == [NEW]


@pytest.mark.parametrize("conv_seq", [9, 10])
async def test_a_write_that_arrives_after_its_successor_lowers_no_list_version(
    store: CassandraStore, lies: Lies, conv_seq: int
) -> None:
    late = membership(ANN, TEA, lv=4, conv_seq=conv_seq, title="old")
    await store.put_membership(NEW)
    # The one who wrote it looked before its successor came.
    lies.hide(lambda cql: cql.startswith("SELECT lv, conv_seq FROM lists"))
    await store.put_membership(late)
    assert await store.membership(ANN, TEA) == NEW
    assert await store.members(TEA) == [NEW]


async def test_one_that_was_written_in_one_direction_only_is_written_again(
    store: CassandraStore, lies: Lies
) -> None:
    lost = OutcomeUnknownError("lost")
    lies.about(lambda cql: cql.startswith("INSERT INTO members"), lost, 1, happens=False)
    with pytest.raises(OutcomeUnknownError):
        await store.put_membership(NEW)
    evidence = CassandraEvidence(store)
    assert await evidence.others() != []
    await store.put_membership(NEW)
    assert await evidence.others() == []


@pytest.mark.parametrize("version", [{"lv": 1 << 30}, {"conv_seq": 1 << 32}, {"lv": -1}])
async def test_a_version_that_has_no_place_is_refused(
    store: CassandraStore, version: dict[str, int]
) -> None:
    with pytest.raises(StoreRefusedError, match="version"):
        await store.put_membership(membership(BOB, TEA, **version))
