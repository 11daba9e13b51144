"""Sessions are started where there is a supervisor for them; else connections wait."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from hubbub.actors.ports import Connection
from hubbub.actors.runtime.actor import LoopActor
from hubbub.actors.runtime.exits import ExitListener
from hubbub.actors.runtime.ref import LoopActorRef
from hubbub.actors.runtime.system import ActorSystem
from hubbub.supervision.nursery import SessionNursery
from hubbub.supervision.partition import Children, PartitionSupervisor
from hubbub.supervision.spec import ChildKind

HERE = cast(Connection, SimpleNamespace(session="session:n:i/1"))


async def test_without_a_supervisor_connections_wait() -> None:
    async with ActorSystem() as system:
        nursery = SessionNursery(Children(system, "sessions"))
        nursery.start_session(HERE)
        nursery.end_session(HERE.session)
        assert system.lookup(HERE.session) is None


async def test_a_session_lives_from_its_start_to_its_end() -> None:
    async with ActorSystem() as system:

        def start(name: str, exits: ExitListener) -> LoopActorRef[Any]:
            return system.spawn(LoopActor, name=name, parent=exits)

        supervisor = system.spawn(PartitionSupervisor, ChildKind(start), name="sessions")
        await supervisor.started()
        nursery = SessionNursery(Children(system, "sessions"))
        nursery.start_session(HERE)
        await system.settle()
        assert system.lookup(HERE.session) is not None
        nursery.end_session(HERE.session)
        nursery.end_session(HERE.session)
        await system.settle()
        assert system.lookup(HERE.session) is None
