"""`python -m tests.faults`: do what can go wrong to real processes, and tell what came of it."""

from __future__ import annotations

import asyncio
import datetime
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

import click

from . import report
from .ground import FULL, QUICK, Size
from .runner import Round, play
from .table import FAULTS, Fault


@click.command()
@click.argument("words", nargs=-1)
@click.option("--quick", is_flag=True, help="One short round of each main fault.")
@click.option("--rounds", type=click.IntRange(1), help="So many of each, in place of its own.")
@click.option("--seed", default=1, show_default=True, help="What is drawn, and in which order.")
@click.option(
    "--plant", help="Plant a fault in the nodes (make mutate names them): it has to fail."
)
@click.option("--write", is_flag=True, help="Put the table into docs/faults.md.")
def main(
    words: tuple[str, ...],
    quick: bool,
    rounds: int | None,
    seed: int,
    plant: str | None,
    write: bool,
) -> None:
    """Do the faults whose name holds one of these WORDS, all without any.

    Exits with 1 if anything was lost, doubled or reordered, if somebody did not come back, or if a
    node logged an error that the fault does not explain.
    """
    if write and (words or quick or plant):
        raise click.UsageError("Only a whole and honest run is worth keeping.")
    if plant:
        os.environ["HURT_PLANT"] = plant
    chosen = [f for f in FAULTS if not words or any(word in f.name for word in words)]
    chosen = [f for f in chosen if f.quick or not quick]
    if not chosen:
        raise click.UsageError(f"None of: {', '.join(fault.name for fault in FAULTS)}.")
    played: list[list[Round]] = [[] for _ in chosen]
    sound = True
    for fault, results in zip(chosen, played, strict=True):
        count = rounds or (1 if quick else fault.rounds)
        try:
            asyncio.run(_play_all(fault, count, QUICK if quick else FULL, seed, results))
        except Exception:  # noqa: BLE001 - the next fault has a ground of its own
            click.echo(f"{fault.name} broke off:\n{traceback.format_exc()}")
            sound = False
    played = [results for results in played if results]
    click.echo("\n" + report.table(played))
    if write:
        today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
        report.write(played, "make faults", today)
    sys.exit(0 if sound and all(each.clean for results in played for each in results) else 1)


async def _play_all(
    fault: Fault[Any], count: int, size: Size, seed: int, results: list[Round]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with fault.ground(Path(folder), size, seed) as ground:
            for number in range(1, count + 1):
                round_ = await play(fault, ground)
                results.append(round_)
                click.echo(f"{fault.name}, round {number}: {_line(round_)}")
                if not round_.clean:
                    click.echo(report.failure(round_))


def _line(round_: Round) -> str:
    word = "holds" if round_.clean else "FAILS"
    return (
        f"{word}; {round_.verdict.acked} on record, stood still for {round_.still_s:.1f} s,"
        f" all back {round_.back_s:.1f} s after it (our own loop was {round_.blind_s:.2f} s late)"
    )


if __name__ == "__main__":
    main(prog_name="python -m tests.faults")
