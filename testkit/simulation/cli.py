"""`make simulate`: many seeds on every core, or one seed again, with its whole trace.

Each seed is two lives: one of a whole world, one of owners alone on a ring.

python -m hubbub.testkit.simulation.cli --seeds 1000 [--kind world]
python -m hubbub.testkit.simulation.cli --seed 4711 [--trace] [--about u1d2] [--kind owners]
"""

from __future__ import annotations

import gc
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from multiprocessing import Pool

import click

from ..owners.verdict import own
from .report import report, summary
from .run import Outcome, simulate

#: Seeds after which a process makes way for a fresh one. What a seed leaves behind, some 7 MB in
#: circles, is never looked for: that took a tenth of the time.
_SEEDS_A_PROCESS = 8
#: How long a verdict may take, really: a process that was killed gives none.
_PATIENCE_S = 10 * 60


#: The lives of a seed.
KINDS = ("world", "owners")


def _live(kind: str, seed: int, nodes: int) -> Outcome:
    return own(seed) if kind == "owners" else simulate(seed, nodes=nodes)


def _try(nodes: int, kinds: Sequence[str], seed: int) -> tuple[int, tuple[str, ...], str]:
    """(seed, the rules that are broken, the reports)"""
    rules: list[str] = []
    told: list[str] = []
    for kind in kinds:
        outcome = _live(kind, seed, nodes)
        rules += ["broke off"] if outcome.error else []
        rules += [v.rule for v in outcome.violations]
        told += [report(outcome)] if outcome.failed else []
    return seed, tuple(rules), "\n".join(told)


def try_all(
    seeds: range, nodes: int, processes: int, kinds: Sequence[str] = KINDS
) -> Iterator[tuple[int, tuple[str, ...], str]]:
    """Every seed's verdict, in order; who is done with one takes the next."""
    one = partial(_try, nodes, kinds)
    if processes == 1:
        yield from map(one, seeds)
        return
    with Pool(processes, gc.disable, maxtasksperchild=_SEEDS_A_PROCESS) as pool:
        verdicts = pool.imap(one, seeds)
        for _ in seeds:
            yield verdicts.next(_PATIENCE_S)


@click.command()
@click.option("--seeds", default=100, help="How many.")
@click.option("--base", type=int, help="The first of them; drawn, and told, if not given.")
@click.option("--seed", type=int, help="This one alone.")
@click.option("--nodes", default=3, help="How many nodes a world has.")
@click.option("--kind", type=click.Choice([*KINDS, "both"]), default="world", help="Which lives.")
@click.option("--processes", default=2, help="How many run at a time.")
@click.option("--trace", is_flag=True, help="With --seed: everything that happened.")
@click.option("--about", multiple=True, help="With --seed: what concerns these names.")
@click.option("--most", default=5, help="Reports of failing seeds that are shown.")
def main(
    seeds: int,
    base: int | None,
    seed: int | None,
    nodes: int,
    kind: str,
    processes: int,
    trace: bool,
    about: tuple[str, ...],
    most: int,
) -> None:
    """Simulate, and fail if anything does not hold."""
    kinds = KINDS if kind == "both" else (kind,)
    if seed is not None:
        sys.exit(max([_one(seed, nodes, each, trace, about) for each in kinds]))
    first = random.SystemRandom().randrange(1, 1_000_000_000) if base is None else base
    click.echo(f"seeds {first} to {first + seeds - 1}, on {nodes} nodes each")
    began, cpu_began_s, broken, shown = time.monotonic(), _cpu_s(), Counter[str](), 0
    failed: list[int] = []
    tried = try_all(range(first, first + seeds), nodes, processes, kinds)
    for number, rules, told in tried:
        broken.update(set(rules))
        if told:
            failed.append(number)
            if shown < most:
                shown += 1
                click.echo(told)
    click.echo(
        f"{seeds} seeds, {len(failed)} fail, {time.monotonic() - began:.0f} s,"
        f" {(_cpu_s() - cpu_began_s) / max(1, seeds):.2f} s CPU each"
    )
    if broken:
        click.echo(f"broken: {', '.join(f'{rule} {n}' for rule, n in broken.most_common())}")
    if failed:
        click.echo(f"failing seeds: {' '.join(map(str, failed[:50]))}")
    sys.exit(1 if failed else 0)


def _cpu_s() -> float:
    """This process's, and those's that ended."""
    return sum(os.times()[:4])


def _one(seed: int, nodes: int, kind: str, trace: bool, about: tuple[str, ...]) -> int:
    began = time.process_time()
    outcome = _live(kind, seed, nodes)
    if trace:
        click.echo("\n".join(outcome.trace.lines()))
    if about:
        click.echo("\n".join(outcome.trace.story(*about, most=10_000)))
    if outcome.failed:
        click.echo(report(outcome))
    click.echo(f"{summary(outcome, time.process_time() - began)}, trace {outcome.trace.digest()}")
    return 1 if outcome.failed else 0


if __name__ == "__main__":
    main()

__all__ = ["KINDS", "main", "try_all"]
