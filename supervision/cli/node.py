"""`hubbub node`: one node, until a signal; a second signal cuts the draining short."""

from __future__ import annotations

import asyncio
import gc
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
@flags_for(SETTING_NAMES)
def node(**flags: Any) -> int:
    """Run one node until SIGTERM or SIGINT.

    Each setting can also stand in the environment or in the TOML file that --config names.
    """
    settings = read_settings(flags)
    # Not at the top: all of a node takes a second to import, and other commands need none of it.
    if settings.workers > 1:
        return _run_workers(settings, flags)
    from ..tree import serve  # noqa: PLC0415

    return run_node(settings, serve)


def _run_workers(settings: Settings, flags: dict[str, Any]) -> int:
    from ..workers import serve_workers, worker_specs  # noqa: PLC0415

    given = {name: value for name, value in flags.items() if value is not None}
    specs = worker_specs(settings, (sys.executable, sys.argv[0]), given)

    async def serve(settings: Settings, *, ready: Callable[[str], None] | None = None) -> bool:
        # Each says by itself that it is ready.
        return await serve_workers(specs, click.echo, ready=lambda: _tell_sign_ins(settings))

    return run_node(settings, serve)


def run_node(settings: Settings, serve: Serve) -> int:
    """Run a node to its end.

    Returns:
        0 after a signal and when an operator drained it, 1 when it ended unexpectedly.

    Raises:
        StartError: It cannot start.
    """
    logs.set_up(settings.log_level, settings.log_format)
    tune()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_until_signal(serve, settings))
    except StartError:
        raise
    except (Exception, asyncio.CancelledError):
        # The edge of the process: the log has the reason, whoever started it has the code.
        log.exception("node_failed")
        return 1


async def _until_signal(serve: Serve, settings: Settings) -> int:
    node = asyncio.current_task()
    assert node is not None
    signals: list[signal.Signals] = []

    def stop(received: signal.Signals) -> None:
        signals.append(received)
        log.info("node_stopping", signal=received.name, again=len(signals) > 1)
        node.cancel()

    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop, each)
    drained = False
    try:
        drained = await serve(settings, ready=lambda url: _tell_ready(settings, url))
    except asyncio.CancelledError:
        # Ours, after it was heard: the node has drained.
        if not signals:
            raise
    if not (signals or drained):
        log.error("node_ended", reason="nobody told it to")
        return 1
    return 0


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
