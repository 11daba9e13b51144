"""What waits for one actor."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.actors.runtime.future import LoopFuture
from hubbub.actors.runtime.mailbox import NOTHING, Ask, Mailbox
from hubbub.config.errors import MailboxFullError


def mailbox(limit: int = 10) -> Mailbox:
    made = Mailbox()
    made.first, made.rest, made.limit = NOTHING, None, limit
    return made


def has_queue(box: Mailbox) -> bool:
    return box.rest is not None


def test_an_idle_mailbox_owns_no_queue() -> None:
    box = mailbox()
    box.put(1)
    assert not has_queue(box)
    box.put(2)
    assert has_queue(box)
    assert [box.take(), box.take(), box.take()] == [1, 2, NOTHING]
    assert not has_queue(box)


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_a_full_mailbox_refuses_and_keeps_what_it_has(limit: int) -> None:
    box = mailbox(limit)
    for n in range(limit):
        box.put(n)
    with pytest.raises(MailboxFullError) as refused:
        box.put("one too many")
    assert refused.value.limit == limit
    assert box.drain() == list(range(limit))
    assert len(box) == 0


def test_what_the_actor_has_under_way_finds_room_in_a_full_mailbox() -> None:
    box = mailbox(1)
    for n in range(3):
        box.put_anyway(n)
    assert box.drain() == [0, 1, 2]


def test_none_is_a_message_like_any_other() -> None:
    box = mailbox()
    box.put(None)
    box.put(None)
    assert len(box) == 2
    assert box.take() is None
    assert box.drain() == [None]
    assert box.drain() == []


@given(st.lists(st.sampled_from(["put", "first", "anyway", "take", "drain"]), max_size=40))
def test_it_is_a_queue_whatever_is_done_to_it(steps: list[str]) -> None:
    box, model = mailbox(5), list[int]()
    for n, step in enumerate(steps):
        match step:
            case "put" if len(model) >= 5:
                with pytest.raises(MailboxFullError):
                    box.put(n)
            case "put":
                box.put(n)
                model.append(n)
            case "first":
                box.put_first(n)
                model.insert(0, n)
            case "anyway":
                box.put_anyway(n)
                model.append(n)
            case "take":
                assert box.take() == (model.pop(0) if model else NOTHING)
            case _:
                assert box.drain() == model
                model.clear()
        assert len(box) == len(model)
        assert (box.rest is None) is (len(model) < 2)


def test_no_repr_shows_a_message() -> None:
    assert repr(Ask("a secret", LoopFuture[int]())) == "<Ask of str>"
    assert repr(NOTHING) == "NOTHING"
