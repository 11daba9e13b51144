"""The root supervisor's life: from its start to its end, or to its giving up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import pykka

from ..actors.runtime.exits import Exit
from ..actors.runtime.system import ActorSystem
from ..config.errors import StartError
from .spec import ChildSpec
from .strategy import AutoShutdown, Strategy
from .supervisor import Supervisor

#: The root supervisor's name.
ROOT = "node"


@asynccontextmanager
async def running(
    system: ActorSystem,
    specs: Sequence[ChildSpec],
    *,
    strategy: Strategy = "rest_for_one",
    auto_shutdown: AutoShutdown = "never",
) -> AsyncGenerator[asyncio.Future[Exit]]:
    """Run the children until the block ends; then stop them in reverse.

    Yields: a future that is done when the root gives up by itself.

    Raises:
        StartError: One of them says that it cannot start.
        Exception: Why another could not.
    """
    ended: asyncio.Future[Exit] = asyncio.get_running_loop().create_future()

    def heard(exit: Exit) -> None:
        if not ended.done():
            ended.set_result(exit)

    root = system.spawn(
        Supervisor, specs, strategy=strategy, auto_shutdown=auto_shutdown, name=ROOT, parent=heard
    )
    try:
        await root.started()
    except pykka.ActorDeadError:
        raise (await ended).reason or StartError("the node did not start") from None
    try:
        yield ended
    finally:
        await root.stop(block=False)


__all__ = ["ROOT", "running"]
