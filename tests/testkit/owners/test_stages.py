"""Courses of events among owners that chance alone brings about too rarely."""

from __future__ import annotations

import pytest

from hubbub.testkit.owners.life import Life
from hubbub.testkit.owners.mutations import MUTATIONS
from hubbub.testkit.owners.stages import EACH, STAGES, Scene, act
from hubbub.testkit.owners.verdict import come_to_rest
from hubbub.testkit.simulation.chance import SeededChance
from hubbub.testkit.simulation.checker import Findings
from hubbub.testkit.simulation.loop import SimLoop
from hubbub.testkit.simulation.mutations import planted
from hubbub.testkit.simulation.trace import Trace

#: {a stage: the planted faults that it is there for}
FOR = {
    "asleep": ("fence-unread", "past-told"),
    "behind": ("owner-first",),
    "in doubt": ("doubt-forgotten",),
    "late rows": ("leavings-adopted", "read-early", "tip-unwritten"),
    "torn": ("order-lost",),
    "unheard": ("epoch-unchecked",),
}
#: One of so many seeds shows each of them.
SEEDS = 20


def staged(name: str, seed: int, mutation: str = "") -> list[str]:
    """The rules that one stage breaks in a life where nothing else goes wrong."""
    findings = Findings()
    loop = SimLoop(SeededChance(seed, "loop").rng)

    async def run() -> None:
        life = Life(seed, Trace(), findings)
        await life.open()
        life.ring.faults.end()
        life.hush(True)
        scene = Scene(life, f"stage {name}")
        await STAGES[name](scene)
        await scene.over()
        life.hush(False)
        await life.pass_time(2)
        await come_to_rest(life, findings)

    try:
        with planted(next((m for m in MUTATIONS if m.name == mutation), None)):
            loop.run_until_complete(run())
    finally:
        loop.close()
    return [violation.rule for violation in findings.found]


@pytest.mark.parametrize("name", sorted(STAGES))
@pytest.mark.parametrize("seed", [1, 2])
def test_owners_hold_in_each(name: str, seed: int) -> None:
    assert staged(name, seed) == []


@pytest.mark.parametrize(("name", "mutation"), [(s, m) for s, ms in FOR.items() for m in ms])
def test_each_finds_what_it_is_for(name: str, mutation: str) -> None:
    assert any(staged(name, seed, mutation) for seed in range(1, SEEDS + 1))


def test_there_is_none_that_is_for_nothing() -> None:
    assert FOR.keys() == STAGES.keys()


def test_a_life_has_some_of_them_as_its_seed_draws() -> None:
    def drawn(seed: int) -> list[str]:
        loop = SimLoop(SeededChance(seed, "loop").rng)

        async def run() -> list[str]:
            trace = Trace()
            life = Life(seed, trace, Findings())
            await life.open()
            await act(life)
            for each in life.nodes:
                await life.stop(each)
            await life.tasks.stop()
            await life.reader.close()
            return [str(event.about) for event in trace.events if event.what == "stage"]

        try:
            return loop.run_until_complete(run())
        finally:
            loop.close()

    first, second = drawn(1), drawn(2)
    assert len(first) == len(second) == EACH
    assert drawn(1) == first != second
