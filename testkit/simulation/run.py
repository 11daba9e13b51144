"""One seed, from its beginning to its verdict.

the world opens -> people and faults, side by side -> faults end -> what was promised is kept
-> rest, and nothing new -> the checks -> everybody syncs -> the lists -> everybody goes
-> no actor, task or timer is left
"""

from __future__ import annotations

import asyncio
import gc
import traceback
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog
from structlog.typing import EventDict

from ..clock import StuckError
from .calm import calm
from .chance import SeededChance
from .checker import (
    Findings,
    Violation,
    check_copies,
    check_cursors,
    check_lists,
    check_log,
    check_promises,
)
from .faults import Faults
from .healed import healed
from .loop import SimLoop
from .model import Story, story_of
from .moved import moved
from .mutations import Mutation, planted
from .shown_out import shown_out
from .signed_out import signed_out
from .slow_reader import slow_reader
from .succession import succession
from .trace import Trace
from .watched import watched
from .withdrawn import withdrawn
from .workload import Workload
from .world import World

#: How long clients may take to get what they handed in through, once faults are over.
PATIENCE_S = 150.0
#: How long it is quiet before anything is looked at: every healing has its own trigger by then.
REST_S = 45.0
#: What is tried on a quiet day, in this order: from `watched` on homes move, and devices go.
STAGES = (
    healed, shown_out, calm, withdrawn, slow_reader, succession, watched, moved, signed_out,
)  # fmt: skip
#: What a node logs when something is wrong with it, and not only with the world.
_ALARMS = frozenset(
    ("alarm_failed", "exit_listener_failed", "flush_failed", "outcome_not_taken", "task_failed",
     "actor_stop_failed", "actor_failure_hook_failed", "turn_end_failed")
)  # fmt: skip


@dataclass(slots=True)
class Outcome:
    """What a seed came to.

    Attributes:
        kind: Of what: a whole world, or owners alone.
        requests, acks, faults: How many there were.
        violations: What does not hold, in the order it was found.
        error: Why the run itself broke off, or "".
        steps: Callbacks of the loop; end_s: virtual seconds.
    """

    seed: int
    trace: Trace
    kind: str = "world"
    requests: int = 0
    acks: int = 0
    faults: int = 0
    steps: int = 0
    end_s: float = 0.0
    violations: list[Violation] = field(default_factory=list[Violation])
    error: str = ""

    @property
    def failed(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.error) or bool(self.violations)


def simulate(seed: int, *, nodes: int = 3, mutation: Mutation | None = None) -> Outcome:
    """Run a seed; the caller must not be on an event loop.

    Args:
        mutation: A fault that is planted in the system for this run.
    """
    trace = Trace()
    outcome = Outcome(seed, trace)
    loop = SimLoop(SeededChance(seed, "loop").rng)
    findings = Findings()
    loop.set_exception_handler(partial(unhandled, findings))
    gc_was_on = gc.isenabled()
    gc.disable()
    try:
        with logs_to(trace, loop.time, findings), planted(mutation):
            loop.run_until_complete(_run(seed, nodes, outcome, findings))
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


async def _run(seed: int, nodes: int, outcome: Outcome, findings: Findings) -> None:
    world = await World.open(seed, outcome.trace, nodes=nodes)
    workload = Workload(world.clients, world.chance("workload"))
    faults = Faults(world)
    for client in world.clients:
        client.start()
    await world.pass_time(3)
    workload.begin()
    await world.pass_time(1)
    await asyncio.gather(_live(world, workload), _suffer(world, faults))
    await faults.end()
    await _finish(world)
    await world.pass_time(REST_S)
    stories = _stories(world)
    for story in stories.values():
        check_log(story, findings)
    outcome.acks = check_promises(world.clients, stories, findings)
    outcome.requests, outcome.faults = workload.done, faults.count
    _check_who_is_here(world, findings)
    check_copies(world.clients, stories, findings)
    for stage in STAGES:
        await stage(world, findings)
    stories = _stories(world)
    check_promises(world.clients, stories, findings)
    check_copies(world.clients, stories, findings)
    for client in world.clients:
        client.sync()
    await world.pass_time(10)
    check_lists(world.clients, _stories(world), findings)
    for _ in range(2):
        # Twice: a client that finds its cursors behind sends them again.
        for client in world.clients:
            client.sync_anew()
        await world.pass_time(10)
    check_cursors(world.clients, _stories(world), findings)
    await _leave(world, findings)
    await world.close()
    for rule, says, names in world.problems:
        findings.add(rule, says, *names)


async def _live(world: World, workload: Workload) -> None:
    chance, plan = world.chance("pace"), world.plan
    until = world.loop.time() + plan.lasts_s
    while world.loop.time() < until or workload.done < plan.requests:
        workload.step()
        await world.pass_time(chance.uniform(0, 2 * plan.lasts_s / plan.requests))


async def _suffer(world: World, faults: Faults) -> None:
    chance, plan = world.chance("misfortune"), world.plan
    until = world.loop.time() + plan.lasts_s + 3
    while world.loop.time() < until or faults.count < plan.faults:
        await faults.step()
        await world.pass_time(chance.uniform(0, 2 * plan.lasts_s / plan.faults))


async def _finish(world: World) -> None:
    """Until every client that may has its answers."""
    until = world.loop.time() + PATIENCE_S
    while world.loop.time() < until:
        waiting = [c for c in world.clients if c.wants and (c.open_items or not c.online)]
        if not waiting:
            break
        await world.pass_time(0.5)
    world.note("all is said")


async def _leave(world: World, findings: Findings) -> None:
    """When everybody has gone, nobody is kept in memory."""
    for client in world.clients:
        client.rest()
    limits = world.plan.limits
    await world.pass_time(limits.presence_grace_s + 2 * limits.idle_s + 30)
    for node in world.nodes():
        left = node.living("conv:", "user:", "session:")
        watched = [name for name in left if node.chat.watchers.of(name)]
        for rule, names in (
            ("watcher left behind", watched),
            ("leak", [name for name in left if name not in watched]),
        ):
            if names:
                says = f"{node.name} still has {names[:5]} ({len(names)})"
                findings.add(rule, says, node.name, *names[:3])


def _check_who_is_here(world: World, findings: Findings) -> None:
    """Everybody who may is connected, and nobody else."""
    for client in world.clients:
        if client.signed_out_at is not None:
            if client.online:
                findings.add("revoked", f"{client.name} was signed out and is here", client.name)
        elif not client.online:
            findings.add("offline", f"{client.name} cannot get in: {client.phase}", client.name)


def unhandled(findings: Findings, _loop: Any, context: dict[str, Any]) -> None:
    error = context.get("exception")
    where = "".join(traceback.format_exception(error)[-4:]) if error is not None else ""
    findings.add("unhandled", f"{context['message']} {where}")


def _stories(world: World) -> dict[str, Story]:
    return {c: story_of(c, log) for c, log in sorted(world.logs.items()) if not c.startswith("s_")}


@contextmanager
def logs_to(
    trace: Trace, now: Callable[[], float], findings: Findings
) -> Generator[None, None, None]:
    """What nodes log goes into the trace; what must never be logged is found."""

    def keep(_logger: Any, _method: str, event: EventDict) -> EventDict:
        word = event.pop("event")
        keys = ("actor", "conv", "user", "node", "name", "child", "task")
        who = " ".join(str(event[key]) for key in keys if key in event)
        reason = event.get("reason") or event.get("error") or ""
        if event.pop("exc_info", None):
            reason = traceback.format_exc(limit=-4)
        trace.note(now(), "log", word, who, str(reason)[:160])
        crashed = word == "actor_crashed" and event.get("message") != "Poison"
        if crashed or word in _ALARMS:
            findings.add("crash", f"{word} {who}: {reason} {event}", who)
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(processors=[keep], cache_logger_on_first_use=False)
    try:
        yield
    finally:
        structlog.configure(**before)


__all__ = ["PATIENCE_S", "REST_S", "Outcome", "logs_to", "simulate", "unhandled"]
