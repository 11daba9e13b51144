"""`hubbub node`: one node, until a signal, or until whoever holds it is gone; a second signal cuts
the draining short."""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import click
import structlog
import uvloop

from ...config import logs
from ...config.errors import StartError
from ...config.reading import read_settings
from ...config.settings import Settings
from ..demo import DEMO_USERS
from .flags import SETTING_NAMES, flags_for

log = structlog.get_logger(__name__)

#: A busy loop hands over to the store's writer thread after this long; with the usual 5 ms the
#: writer starves beside it.
_SWITCH_S = 0.0005
#: Collections of the young are rare and those of the old rarer: actors are long-lived, and make no
#: cycles worth a pause.
_GC_THRESHOLDS = (50_000, 20, 100)


class Serve(Protocol):
    """`supervision.tree.serve`: runs a node until it is cancelled or drained; whether it was."""

    def __call__(
        self, settings: Settings, *, ready: Callable[[str], None] | None = None
    ) -> Awaitable[bool]: ...


@click.command("node")
@click.option(
    "--until-stdin-ends",
    is_flag=True,
    help="Stop, as at SIGTERM, when standard input ends: whoever held its other end is gone.",
)
@flags_for(SETTING_NAMES)
def node(until_stdin_ends: bool, **flags: Any) -> int:
    """Run one node until SIGTERM or SIGINT.

    Each setting can also stand in the environment or in the TOML file that --config names.
    """
    settings = read_settings(flags)
    # Not at the top: all of a node takes a second to import, and other commands need none of it.
    if settings.workers > 1:
        return _run_workers(settings, flags)
    from ..tree import serve  # noqa: PLC0415

    return run_node(settings, serve, held_by=sys.stdin.fileno() if until_stdin_ends else None)


def _run_workers(settings: Settings, flags: dict[str, Any]) -> int:
    from ..workers import serve_workers, worker_specs  # noqa: PLC0415

    given = {name: value for name, value in flags.items() if value is not None}
    specs = worker_specs(settings, (sys.executable, sys.argv[0]), given)

    async def serve(settings: Settings, *, ready: Callable[[str], None] | None = None) -> bool:
        # Each says by itself that it is ready.
        return await serve_workers(specs, click.echo, ready=lambda: _tell_sign_ins(settings))

    return run_node(settings, serve)


def run_node(settings: Settings, serve: Serve, *, held_by: int | None = None) -> int:
    """Run a node to its end.

    Args:
        held_by: A file to read; the node stops when it ends. It is one end of a pipe, and nobody
            writes at the other, which is gone with the process that holds it, however that dies.

    Returns:
        0 after a signal, when an operator drained it and when its holder is gone, 1 when it ended
        unexpectedly.

    Raises:
        StartError: It cannot start.
    """
    logs.set_up(settings.log_level, settings.log_format)
    tune()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_until_told(serve, settings, held_by))
    except StartError:
        raise
    except (Exception, asyncio.CancelledError):
        # The edge of the process: the log has the reason, whoever started it has the code.
        log.exception("node_failed")
        return 1


async def _until_told(serve: Serve, settings: Settings, held_by: int | None) -> int:
    node = asyncio.current_task()
    assert node is not None
    told: list[str] = []

    def stop(by: str) -> None:
        told.append(by)
        log.info("node_stopping", by=by, again=len(told) > 1)
        node.cancel()

    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop, each.name)

    def let_go() -> None:
        if not told:
            stop("the end of its holder")

    if held_by is not None:
        loop.add_reader(held_by, _look, held_by, let_go)
    drained = False
    try:
        drained = await serve(settings, ready=lambda url: _tell_ready(settings, url))
    except asyncio.CancelledError:
        # Ours, after it was heard: the node has drained.
        if not told:
            raise
    if not (told or drained):
        log.error("node_ended", reason="nobody told it to")
        return 1
    return 0


def _look(held_by: int, gone: Callable[[], object]) -> None:
    """There is something to read, or the end."""
    if not os.read(held_by, 4096):
        asyncio.get_running_loop().remove_reader(held_by)
        gone()


def _tell_ready(settings: Settings, url: str) -> None:
    log.info("node_ready", url=url)
    print(f"Hubbub is ready at {url}", flush=True)  # noqa: T201 - the command line speaks here
    _tell_sign_ins(settings)


def _tell_sign_ins(settings: Settings) -> None:
    if settings.demo:
        for user in DEMO_USERS:
            print(f"  sign in as {user.name} with password: {user.password}", flush=True)  # noqa: T201


def tune() -> None:
    """Make this process fit for a node."""
    sys.setswitchinterval(_SWITCH_S)
    gc.set_threshold(*_GC_THRESHOLDS)
    # A socket is a file, and the soft limit is often 1,024.
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


__all__ = ["Serve", "node", "run_node", "tune"]
