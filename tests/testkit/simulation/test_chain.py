"""A device's mutations in one place."""

from __future__ import annotations

from hubbub.testkit.simulation.chain import Chain, Item, describe
from hubbub.transport.wire import bodies, frames


def _send(number: int, cid: int, prev: int) -> frames.Request:
    return frames.Send(id=number, c="g_1", cid=cid, prev=prev, b=bodies.Text(text="hi"))


def _chain(count: int) -> tuple[Chain, list[Item]]:
    chain = Chain("g_1")
    items = [Item("text", f"text {n}", _send, 0.0) for n in range(count)]
    for item in items:
        chain.add(item)
    return chain, items


def _due(chain: Chain, now: float = 0.0, window: int = 16) -> list[tuple[int, int]]:
    return [(item.cid, prev) for item, prev in chain.due(now, window)]


def test_each_names_the_one_before_it_and_goes_out_once() -> None:
    chain, _ = _chain(3)
    assert _due(chain) == [(1, 0), (2, 1), (3, 2)]
    assert _due(chain) == []


def test_no_more_than_the_window_is_under_way() -> None:
    chain, items = _chain(3)
    assert _due(chain, window=2) == [(1, 0), (2, 1)]
    chain.acked(items[0])
    assert _due(chain, window=2) == [(3, 2)]


def test_after_an_answer_that_asks_for_it_the_rest_is_sent_again() -> None:
    chain, items = _chain(3)
    chain.due(0.0, 16)
    chain.acked(items[0])
    chain.again_from(2)
    assert _due(chain) == [(2, 1), (3, 2)]
    chain.again_all()
    assert _due(chain) == [(2, 1), (3, 2)]
    assert items[1].tries == 3


def test_what_was_refused_used_up_nothing_and_is_named_by_nobody() -> None:
    chain, items = _chain(3)
    chain.due(0.0, 16)
    chain.refused(items[1], "forbidden")
    chain.again_all()
    assert _due(chain) == [(1, 0), (3, 1)]
    assert (items[1].fate, items[1].code) == ("refused", "forbidden")


def test_a_pause_holds_the_whole_chain() -> None:
    chain, _ = _chain(1)
    chain.paused_until = 5.0
    assert _due(chain, now=4.9) == []
    assert _due(chain, now=5.0) == [(1, 0)]


def test_a_number_that_is_taken_is_replaced_by_a_fresh_one_behind_the_others() -> None:
    chain, items = _chain(2)
    chain.due(0.0, 16)
    chain.renumber(items[0], 7)
    assert items[0].cids == [1, 8]
    assert chain.waiting == [items[1], items[0]]
    assert chain.base == 7


def test_nobody_knows_what_became_of_some() -> None:
    chain, items = _chain(1)
    chain.unknown(items[0], "internal")
    assert (items[0].fate, chain.waiting, chain.done) == ("maybe", [], items)


def test_a_request_is_told_in_a_few_words() -> None:
    assert describe(_send(1, 2, 1)) == "send.text g_1 cid=2 prev=1"
    assert describe(frames.GetConv(id=1, c="g_1")) == "conv g_1"
