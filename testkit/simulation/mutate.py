"""`make mutate`: which seed finds each planted fault.

python -m hubbub.testkit.simulation.mutate [--seeds 500] [--base 1] [NAME ...]
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import click

from ..owners import mutations as owners
from ..owners.verdict import own
from .mutations import MUTATIONS, Mutation
from .run import Outcome, simulate

#: {its name: a fault}: of the whole world, and of owners alone.
PLANTED = {mutation.name: mutation for mutation in (*MUTATIONS, *owners.MUTATIONS)}


@dataclass(frozen=True, slots=True)
class Hunt:
    """How a planted fault was found, or not.

    Attributes:
        tried: Seeds that were run.
        sound: Seeds among them that fail without it as well, and so prove nothing.
        seed, says: The first that fails with it alone, and what it says; None for a survivor.
    """

    name: str
    tried: int
    sound: int
    seed: int | None = None
    says: str = ""

    def __str__(self) -> str:
        if self.seed is None:
            return f"{self.name:16} SURVIVES {self.tried} seeds"
        return f"{self.name:16} seed {self.seed} ({self.tried} tried): {self.says[:110]}"


def hunt(mutation: Mutation, base: int, seeds: int, nodes: int = 3) -> Hunt:
    """Run seeds under a planted fault until one fails that holds without it."""
    sound = 0
    for tried, seed in enumerate(range(base, base + seeds), 1):
        outcome = _live(mutation, seed, nodes, planted=True)
        if not outcome.failed:
            continue
        if _live(mutation, seed, nodes, planted=False).failed:
            sound += 1
            continue
        says = str(outcome.violations[0]) if outcome.violations else outcome.error
        return Hunt(mutation.name, tried, sound, seed, says)
    return Hunt(mutation.name, seeds, sound)


def _live(mutation: Mutation, seed: int, nodes: int, *, planted: bool) -> Outcome:
    """A life of the kind in which it has to be found."""
    live = own if mutation in owners.MUTATIONS else simulate
    return live(seed, nodes=nodes, mutation=mutation if planted else None)


def _hunt(name: str, base: int, seeds: int) -> Hunt:
    return hunt(PLANTED[name], base, seeds)


@click.command()
@click.option("--seeds", default=500, help="The most that are tried on each.")
@click.option("--base", default=1, help="The first of them.")
@click.option("--processes", default=2, help="How many run at a time.")
@click.argument("names", nargs=-1)
def main(seeds: int, base: int, processes: int, names: Sequence[str]) -> None:
    """Plant each fault, and tell the seed that finds it; fail if one survives."""
    chosen = [name for name in PLANTED if not names or name in names]
    survivors = 0
    with ProcessPoolExecutor(processes) as pool:
        for found in pool.map(_hunt, chosen, [base] * len(chosen), [seeds] * len(chosen)):
            click.echo(str(found))
            survivors += found.seed is None
    click.echo(f"{len(chosen)} planted, {survivors} survive")
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main()

__all__ = ["PLANTED", "Hunt", "hunt", "main"]
