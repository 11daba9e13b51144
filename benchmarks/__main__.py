"""`python -m benchmarks`: run them, show the tables, keep them if asked to."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace

import click
import uvloop
from rich.console import Console

from . import actors, bus, cluster, direct, group, group_offline, idle, ring, web_history
from .pieces import report
from .pieces.result import LostError, Options, Result

BENCHMARKS: dict[str, Callable[[Options], Awaitable[Result]]] = {
    "actors": actors.run,
    "bus": bus.run,
    "cluster": cluster.run,
    "direct": direct.run,
    "group": group.run,
    "group_offline": group_offline.run,
    "idle": idle.run,
    "ring": ring.run,
    "web_history": web_history.run,
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(sorted(BENCHMARKS)))
@click.option("--quick", is_flag=True, help="Fewer people and messages: a look, nothing to keep.")
@click.option("--profile", is_flag=True, help="Show where the node's time goes (it gets slower).")
@click.option("--write", is_flag=True, help="Put the tables into docs/benchmarks.md.")
def main(names: tuple[str, ...], quick: bool, profile: bool, write: bool) -> None:
    """Run the benchmarks of these NAMES, all without any. Exits with 1 if one lost something.

    A goal that is missed is shown, with its profile where the tables are written, and is no
    failure.
    """
    if write and quick:
        raise click.UsageError("Figures of a quick run are not worth keeping.")
    console = Console(width=110)
    options = Options(quick=quick, profile=profile)
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    lost = False
    for name in names or sorted(BENCHMARKS):
        try:
            result = uvloop.run(_run(name, options))
        except LostError as error:
            console.print(f"{name}: LOST: {error}", markup=False)
            lost = True
            continue
        if write and result.missed and not result.profile:
            # A run of its own, so that the figures are not the profiler's.
            profiled = uvloop.run(_run(name, replace(options, profile=True)))
            result = replace(result, profile=profiled.profile)
        report.show(result, console)
        if write:
            report.write(result, f"python -m benchmarks {name}", today)
    sys.exit(1 if lost else 0)


async def _run(name: str, options: Options) -> Result:
    return await BENCHMARKS[name](options)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
