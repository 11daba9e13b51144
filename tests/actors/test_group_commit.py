"""One group under way, one that waits."""

from __future__ import annotations

import pytest

from hubbub.actors import group_commit
from hubbub.actors.bodies import Text
from hubbub.actors.commands import ReplyTo
from hubbub.actors.conversation_effects import Accepted
from hubbub.actors.group_commit import GroupCommit
from hubbub.config.errors import (
    InternalError,
    SeqMismatchError,
    StaleEpochError,
    StoreError,
    StoreRetryableError,
    UnavailableError,
)
from hubbub.storage.records import Entry, Message


def accepted(seq: int, device: str = "v", size: int = 1) -> Accepted:
    entry = Entry(seq, 1, device, seq, "u", 1, "text", b"x" * size, seq)
    return Accepted(entry, Text("x"), "", (), [], [])


def seqs(group: list[Accepted]) -> list[int]:
    return [a.entry.seq for a in group]


def test_what_waits_is_the_next_group() -> None:
    assert not GroupCommit().busy
    group = GroupCommit()
    for seq in (1, 2, 3):
        group.add(accepted(seq, "" if seq == 1 else "v"))
    assert group.unacked("v") == 2
    group.cut()
    group.add(accepted(4))
    assert (seqs(group.flying), seqs(group.waiting)) == ([1, 2, 3], [4])
    assert group.find("v", 2) is group.flying[1]
    assert group.at(2) is group.flying[1] and group.at(4) is group.waiting[0]
    assert seqs(group.land()) == [1, 2, 3]
    assert group.find("v", 2) is None and group.at(2) is None
    assert group.busy
    group.cut()
    assert seqs(group.land()) == [4]
    assert (group.flying, group.waiting, group.pending) == ([], [], {})


def test_each_device_has_its_own_count_of_what_is_not_yet_durable() -> None:
    group = GroupCommit()
    for seq, device in enumerate(("v", "w", "v"), 1):
        group.add(accepted(seq, device))
    group.cut()
    group.add(accepted(4, "w"))
    assert (group.unacked("v"), group.unacked("w"), group.unacked("x")) == (2, 2, 0)
    group.land()
    assert (group.unacked("v"), group.unacked("w")) == (0, 1)


def test_a_group_is_bounded_in_entries_and_in_bytes_but_holds_at_least_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(group_commit, "GROUP_ENTRIES", 2)
    monkeypatch.setattr(group_commit, "GROUP_BYTES", 10)
    group = GroupCommit()
    for seq, size in enumerate((1, 1, 1, 50, 4, 5, 6), 1):
        group.add(accepted(seq, size=size))
    groups: list[list[int]] = []
    while group.waiting:
        group.cut()
        groups.append(seqs(group.land()))
    assert groups == [[1, 2], [3], [4], [5, 6], [7]]


def test_an_entry_is_at_hand_until_it_is_durable() -> None:
    group = GroupCommit()
    group.add(accepted(1))
    group.cut()
    group.add(accepted(2))
    assert group.message(1) == Message(accepted(1).entry)
    assert group.message(2) == Message(accepted(2).entry)
    assert group.message(3) is None
    assert group.at(2) == accepted(2)
    group.land()
    assert group.message(1) is None


@pytest.mark.parametrize(
    ("flying", "error", "told"),
    [
        (1, StoreRetryableError("full"), [UnavailableError, UnavailableError]),
        (1, StaleEpochError(1, 2), [UnavailableError, UnavailableError]),
        (1, SeqMismatchError(1, 2), [InternalError, UnavailableError]),
        (2, SeqMismatchError(1, 2), [UnavailableError, UnavailableError]),
    ],
)
def test_everybody_is_refused_in_order_and_a_lone_poisoned_one_for_good(
    flying: int, error: StoreError, told: list[type[Exception]]
) -> None:
    group = GroupCommit()
    both = [accepted(1), accepted(2)]
    for n, one in enumerate(both, 1):
        one.askers.append(ReplyTo("s", n))
        group.add(one)
        if n == flying:
            group.cut()
    answers = group.refusals(error)
    assert [answer.to.key for answer in answers] == [1, 2]
    assert [type(answer.result) for answer in answers] == told
