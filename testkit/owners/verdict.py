"""One seed of owners, from its beginning to its verdict.

nodes write, readers read, things go wrong -> faults end -> every log goes on
-> stages: what is rare is brought about -> every log goes on
-> a quiet hand-over, a quiet FLUSHALL: nobody is expelled or sealed who lives, every log goes on
-> all stop in order
-> everything ever acknowledged or shown stands there
"""

from __future__ import annotations

import gc
import traceback
from functools import partial

from ...config.errors import HubbubError
from ...config.ids import ConvId
from ..clock import StuckError
from ..simulation.chance import SeededChance
from ..simulation.checker import Findings
from ..simulation.loop import SimLoop
from ..simulation.mutations import Mutation, planted
from ..simulation.run import Outcome, logs_to, unhandled
from ..simulation.trace import Trace
from .life import LEASE_S, Life
from .record import Record
from .stages import act

#: How long every log may take to go on, once nothing is wrong: a few leases.
PATIENCE_S = 40.0
_ALL = 1 << 40


def own(seed: int, *, nodes: int = 3, mutation: Mutation | None = None) -> Outcome:
    """Run a seed; the caller must not be on an event loop.

    Args:
        nodes: There are always three.
        mutation: A fault that is planted for this run.
    """
    trace = Trace()
    outcome = Outcome(seed, trace, "owners")
    loop = SimLoop(SeededChance(seed, "owners loop").rng)
    findings = Findings()
    loop.set_exception_handler(partial(unhandled, findings))
    gc_was_on = gc.isenabled()
    gc.disable()
    try:
        with logs_to(trace, loop.time, findings), planted(mutation):
            loop.run_until_complete(_run(seed, outcome, findings))
    except StuckError as error:
        outcome.error = str(error)
    except Exception as error:  # noqa: BLE001  # a seed's edge: one that breaks stops no other
        outcome.error = "".join(traceback.format_exception(error)[-4:])
    finally:
        if gc_was_on:
            gc.enable()
        outcome.steps, outcome.end_s = loop.steps, loop.time()
        outcome.violations = findings.found
        loop.close()
    return outcome


async def _run(seed: int, outcome: Outcome, findings: Findings) -> None:
    life = Life(seed, outcome.trace, findings)
    await life.open()
    chance = life.chance("plan")
    await life.suffer(chance.among((8.0, 16.0)), chance.among((8, 16, 32)))
    await life.end()
    await _all_go_on(life, findings, "after all faults")
    await act(life)
    await _all_go_on(life, findings, "after the stages")
    life.quiet = True
    name = chance.among(sorted(life.nodes))
    await life.stop(name)
    await _all_go_on(life, findings, f"after {name} left")
    await life.start(name)
    await life.pass_time(3.0)
    await _all_go_on(life, findings, f"after {name} came")
    life.bus.flush()
    await life.pass_time(2 * LEASE_S)
    await _all_go_on(life, findings, "after everything shared was forgotten")
    await come_to_rest(life, findings)
    outcome.requests, outcome.acks = life.record.reads, life.record.acks
    outcome.faults = life.faults


async def come_to_rest(life: Life, findings: Findings) -> None:
    """All stop in order, and everything is read once more by who owns nothing."""
    for name in life.nodes:
        await life.stop(name)
    await life.tasks.stop()
    for conv in life.logs:
        await _read_whole(life, life.record, conv, findings)
    await life.reader.close()


async def _all_go_on(life: Life, findings: Findings, when: str) -> None:
    before = {conv: life.record.acked_head(conv) for conv in life.logs}
    until = life.loop.time() + PATIENCE_S
    waiting = list(life.logs)
    while waiting and life.loop.time() < until:
        await life.pass_time(0.2)
        waiting = [conv for conv in waiting if life.record.acked_head(conv) <= before[conv]]
    for conv in waiting:
        findings.add("stuck", f"{conv} takes nothing {when}", conv)


async def _read_whole(life: Life, record: Record, conv: ConvId, findings: Findings) -> None:
    """What is released by everybody everybody can read."""
    try:
        messages = await life.reader.page(conv, 1, _ALL, limit=_ALL, max_bytes=_ALL)
    except HubbubError as error:
        findings.add("unsettled", f"{conv} cannot be read in the end: {error!r}", conv)
        return
    record.whole(conv, [message.entry for message in messages])


__all__ = ["PATIENCE_S", "come_to_rest", "own"]
