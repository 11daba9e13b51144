"""`make simulate`: many seeds on every core, or one seed again, with its whole trace.

python -m hubbub.testkit.simulation.cli --seeds 1000
python -m hubbub.testkit.simulation.cli --seed 4711 [--trace] [--about u1d2]
"""

from __future__ import annotations

import gc
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from multiprocessing import Pool

import click

from .report import report, summary
from .run import simulate

#: Seeds after which a process makes way for a fresh one. What a seed leaves behind, some 7 MB in
#: circles, is never looked for: that took a tenth of the time.
_SEEDS_A_PROCESS = 8
#: How long a verdict may take, really: a process that was killed gives none.
_PATIENCE_S = 10 * 60


def _try(nodes: int, seed: int) -> tuple[int, tuple[str, ...], str]:
    """(seed, the rules that are broken, the report)"""
    outcome = simulate(seed, nodes=nodes)
    rules = tuple(v.rule for v in outcome.violations)
    if outcome.error:
        rules = ("broke off", *rules)
    return seed, rules, report(outcome) if outcome.failed else ""


def try_all(seeds: range, nodes: int, processes: int) -> Iterator[tuple[int, tuple[str, ...], str]]:
    """Every seed's verdict, in order; who is done with one takes the next."""
    one = partial(_try, nodes)
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
@click.option("--nodes", default=3, help="How many nodes there are.")
@click.option("--processes", default=2, help="How many run at a time.")
@click.option("--trace", is_flag=True, help="With --seed: everything that happened.")
@click.option("--about", multiple=True, help="With --seed: what concerns these names.")
@click.option("--most", default=5, help="Reports of failing seeds that are shown.")
def main(
    seeds: int,
    base: int | None,
    seed: int | None,
    nodes: int,
    processes: int,
    trace: bool,
    about: tuple[str, ...],
    most: int,
) -> None:
    """Simulate, and fail if anything does not hold."""
    if seed is not None:
        sys.exit(_one(seed, nodes, trace, about))
    first = random.SystemRandom().randrange(1, 1_000_000_000) if base is None else base
    click.echo(f"seeds {first} to {first + seeds - 1}, on {nodes} nodes each")
    began, cpu_began_s, broken, shown = time.monotonic(), _cpu_s(), Counter[str](), 0
    failed: list[int] = []
    for number, rules, told in try_all(range(first, first + seeds), nodes, processes):
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


def _one(seed: int, nodes: int, trace: bool, about: tuple[str, ...]) -> int:
    began = time.process_time()
    outcome = simulate(seed, nodes=nodes)
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

__all__ = ["main", "try_all"]
