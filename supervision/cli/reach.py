"""An operator's way in: through the running node, or to the store itself when none runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from ...actors.runtime.tasks import Tasks
from ...config.clock import LoopClock, SystemChance
from ...config.errors import StartError
from ...config.settings import Settings
from ...transport.edge.http.passwords import Passwords
from ..control import call
from ..data_dir import DataDir, InUseError
from ..operator import Operator, RemoteOperator, StoreOperator
from ..stores import make_store

_T = TypeVar("_T")

#: How long a node that holds the folder may take to start, or to stop, before we give up on it.
_PATIENCE_S = 5.0
_PAUSE_S = 0.1


def operate(settings: Settings, work: Callable[[Operator], Awaitable[_T]], *, make: bool) -> _T:
    """Do an operator's work, and say on stderr which way it went.

    Args:
        make: Whether data that does not exist yet is made.

    Raises:
        StartError: There is no data, or whoever holds it does not answer.
        Refusal: The work was refused.
    """
    return asyncio.run(_operate(settings, work, make=make))


async def _operate(
    settings: Settings, work: Callable[[Operator], Awaitable[_T]], *, make: bool
) -> _T:
    data = DataDir(settings.data)
    if not make and settings.store == "sqlite" and not data.is_made():
        raise StartError(f"there is no node's data in {data.folder}: name its folder with --data")
    clock = LoopClock()
    deadline = clock.monotonic() + _PATIENCE_S
    while True:
        try:
            with data:
                _say("no node is running: working on the data itself")
                return await _on_store(settings, data, work)
        except InUseError as error:
            if clock.monotonic() > deadline:
                raise StartError(f"{error}, and this one does not answer: try again") from None
        try:
            pid = await call(data, "ping")
        except (FileNotFoundError, ConnectionError):
            # It is starting or stopping: soon it answers, or the folder is free.
            await asyncio.sleep(_PAUSE_S)
            continue
        _say(f"through the running node (process {pid})")
        return await work(RemoteOperator(data))


async def _on_store(
    settings: Settings, data: DataDir, work: Callable[[Operator], Awaitable[_T]]
) -> _T:
    tasks = Tasks()
    store = make_store(settings, data, tasks.start)
    passwords = Passwords()
    await store.open()
    try:
        # Nobody is connected, so there is nobody to tell.
        return await work(
            StoreOperator(store, passwords, lambda _to, _what: None, LoopClock(), SystemChance())
        )
    finally:
        await store.close()
        await tasks.stop()
        passwords.close()


def _say(line: str) -> None:
    click.echo(f"hubbub: {line}", err=True)


__all__ = ["operate"]
