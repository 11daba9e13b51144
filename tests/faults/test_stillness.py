from __future__ import annotations

from .stillness import NOTED_S, Still, Stillness


def test_nothing_is_still_while_nothing_waits() -> None:
    still = Stillness()
    still.handed_in("g_one", 0.0)
    still.acknowledged("g_one", 0.01)
    still.handed_in("g_one", 60.0)
    still.acknowledged("g_one", 60.01)
    assert still.longest(0.0, 100.0) is None


def test_it_lasts_from_the_last_acknowledgement_to_the_next() -> None:
    still = Stillness()
    still.handed_in("g_one", 0.0)
    still.handed_in("g_one", 0.0)
    still.handed_in("g_one", 5.0)
    still.acknowledged("g_one", 1.0)
    still.acknowledged("g_one", 8.0)
    still.acknowledged("g_one", 8.0)
    assert still.longest(0.0, 9.0) == Still("g_one", 1.0, 8.0)


def test_each_conversation_has_its_own() -> None:
    still = Stillness()
    still.handed_in("g_one", 0.0)
    for second in range(10):
        still.handed_in("g_two", second)
        still.acknowledged("g_two", second)
    still.acknowledged("g_one", 10.0)
    whole = Still("g_one", 0.0, 10.0)
    assert still.longest(0.0, 10.0) == whole
    assert whole.length_s == 10.0


def test_what_lasts_still_counts() -> None:
    still = Stillness()
    still.handed_in("g_one", 2.0)
    assert still.longest(0.0, 30.0) == Still("g_one", 2.0, 30.0)


def test_what_was_over_before_belongs_to_another_round() -> None:
    still = Stillness()
    still.handed_in("g_one", 0.0)
    still.acknowledged("g_one", 9.0)
    still.handed_in("g_one", 20.0)
    still.acknowledged("g_one", 20.0 + 2 * NOTED_S)
    found = still.longest(10.0, 30.0)
    assert found is not None and found.since == 20.0
