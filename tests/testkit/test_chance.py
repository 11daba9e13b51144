"""The same seed, the same chance."""

from __future__ import annotations

from hubbub.testkit.chance import SeededChance


def test_a_seed_gives_the_same_numbers_and_another_seed_others() -> None:
    def drawn(seed: int) -> tuple[bytes, float]:
        chance = SeededChance(seed)
        return chance.token(16), chance.uniform(1, 2)

    assert drawn(1) == drawn(1) != drawn(2)
    assert len(drawn(1)[0]) == 16
    assert 1 <= drawn(1)[1] <= 2
