"""What was once acknowledged or shown has to stay so."""

from __future__ import annotations

from hubbub.storage.records import Entry
from hubbub.testkit.contracts.hands import conv_id
from hubbub.testkit.owners.record import Record
from hubbub.testkit.simulation.checker import Findings

TEA = conv_id("tea")


def entry(seq: int, body: str, epoch: int = 1) -> Entry:
    return Entry(seq, epoch, "n1", seq, "n1", seq, "text", body.encode(), seq, 0)


class Lab:
    """A record of one log."""

    def __init__(self) -> None:
        self.findings = Findings()
        self.record = Record(self.findings, lambda *_: None)

    def says(self, *entries: Entry) -> list[Entry]:
        for each in entries:
            self.record.says([each])
        return list(entries)

    @property
    def rules(self) -> list[str]:
        return [violation.rule for violation in self.findings.found]


def test_what_is_acknowledged_and_shown_and_stands_is_fine() -> None:
    lab = Lab()
    record = lab.record
    record.took_up(TEA, 1, 0)
    both = lab.says(entry(1, "a"), entry(2, "b"))
    record.acked(TEA, both[:1], "n1")
    record.read(TEA, both, record.acked_head(TEA), "a reader")
    assert (record.acked_head(TEA), record.head(TEA)) == (1, 2)
    record.took_up(TEA, 2, 2)
    later = lab.says(entry(3, "c", epoch=2))
    record.acked(TEA, later, "n2")
    record.whole(TEA, [*both, *later])
    assert lab.rules == []
    assert (record.acks, record.reads) == (2, 2)


def test_another_content_is_found_whoever_was_told() -> None:
    lab = Lab()
    lab.record.acked(TEA, [entry(1, "a")], "n1")
    lab.record.read(TEA, [entry(1, "b")], 1, "a reader")
    assert lab.rules == ["one content"]


def test_a_head_that_falls_is_found() -> None:
    lab = Lab()
    lab.record.acked(TEA, [entry(1, "a"), entry(2, "b")], "n1")
    lab.record.read(TEA, [entry(1, "a")], lab.record.acked_head(TEA), "a reader")
    lab.record.read(TEA, [], 1, "a reader")
    assert lab.rules == ["lost", "lost"]


def test_what_was_refused_and_is_shown_is_found() -> None:
    lab = Lab()
    lab.record.refused([entry(1, "a")])
    lab.record.read(TEA, [entry(1, "a")], 0, "a reader")
    assert lab.rules == ["refused"]


def test_a_leaving_that_comes_back_above_a_later_tip_is_found() -> None:
    lab = Lab()
    lab.record.took_up(TEA, 2, 4)
    lab.record.read(TEA, [entry(4, "a"), entry(5, "b")], 0, "a reader")
    assert lab.rules == ["came back"]


def test_in_the_end_everything_stands_in_order_whole_and_once() -> None:
    for entries, rule in (
        ([entry(2, "a")], "contiguous"),
        ([entry(1, "a", 2), entry(2, "b", 1)], "epoch"),
        ([entry(1, "x")], "from nowhere"),
        ([entry(1, "a"), entry(2, "a")], "doubled"),
        ([entry(1, "c")], "torn"),
    ):
        lab = Lab()
        lab.says(entry(1, "a"), entry(2, "b"))
        lab.record.says([entry(1, "c"), entry(2, "d")])
        lab.record.whole(TEA, entries)
        assert rule in lab.rules


def test_a_snapshot_that_nobody_made_is_found() -> None:
    lab = Lab()
    lab.record.mixed(TEA, "n1 is shown another")
    assert lab.rules == ["mixed"]
