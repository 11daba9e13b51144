"""What a seed decides beforehand."""

from __future__ import annotations

from hubbub.testkit.simulation.chance import SeededChance
from hubbub.testkit.simulation.plan import plan_of


def test_every_seed_is_as_large_as_was_promised() -> None:
    for seed in range(200):
        plan = plan_of(SeededChance(seed, "plan"), 3)
        assert (plan.nodes, plan.users, plan.devices) == (3, 6, 2)
        assert plan.requests >= 300
        assert plan.faults >= 10


def test_seeds_differ_and_a_seed_does_not() -> None:
    plans = [plan_of(SeededChance(seed, "plan"), 3) for seed in (1, 1, 2, 3, 4)]
    assert plans[0] == plans[1]
    assert len({str(plan) for plan in plans}) > 2
