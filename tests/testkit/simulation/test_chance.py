"""Chance from a seed."""

from __future__ import annotations

from hubbub.testkit.simulation.chance import SeededChance


def test_the_same_seed_and_purpose_draw_the_same() -> None:
    one, other = SeededChance(7, "disk"), SeededChance(7, "disk")
    assert [one.uniform(0, 9) for _ in range(5)] == [other.uniform(0, 9) for _ in range(5)]
    assert one.token(8) == other.token(8)


def test_another_seed_or_purpose_draws_otherwise() -> None:
    draws = {SeededChance(s, p).token(8) for s in (1, 2) for p in ("disk", "bus")}
    assert len(draws) == 4


def test_a_choice_is_one_of_the_things_and_a_probability_is_kept() -> None:
    chance = SeededChance(1, "x")
    assert {chance.among("abc") for _ in range(60)} == set("abc")
    assert not any(chance.happens(0.0) for _ in range(50))
    assert all(chance.happens(1.0) for _ in range(50))


def test_a_shuffle_keeps_what_there_is_and_reaches_every_order_of_two() -> None:
    chance = SeededChance(1, "x")
    orders: set[str] = set()
    for _ in range(40):
        two: list[object] = ["a", "b"]
        chance.shuffle(two)
        orders.add("".join(map(str, two)))
    assert orders == {"ab", "ba"}
    many: list[object] = list(range(9))
    chance.shuffle(many)
    assert sorted(map(str, many)) == sorted(map(str, range(9)))
    one: list[object] = ["a"]
    chance.shuffle(one)
    assert one == ["a"]
