"""`hubbub node`: what the process does around the node. Each test has a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

#: A process that runs this as its node; the settings are the usual ones and `flags`.
SCRIPT = """
import asyncio, gc, resource, sys
from hubbub.config.errors import StartError
from hubbub.config.reading import read_settings
from hubbub.supervision.cli.node import run_node

async def serve(settings, *, ready=None):
{body}

try:
    sys.exit(run_node(read_settings({flags}), serve, held_by={held_by}))
except StartError as error:
    sys.exit(f"start: {{error}}")
"""

FOREVER = """
    ready("http://127.0.0.1:1")
    try:
        await asyncio.Event().wait()
    finally:
        print("draining", flush=True)
        await asyncio.sleep(0)
        print("drained", flush=True)
"""


@asynccontextmanager
async def process(
    body: str, flags: dict[str, str] | None = None, *, held: bool = False
) -> AsyncGenerator[asyncio.subprocess.Process]:
    held_by, stdin = (0, asyncio.subprocess.PIPE) if held else (None, asyncio.subprocess.DEVNULL)
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SCRIPT.format(body=body, flags=flags or {}, held_by=held_by),
        stdin=stdin,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()


async def line(running: asyncio.subprocess.Process) -> str:
    assert running.stdout is not None
    return (await asyncio.wait_for(running.stdout.readline(), 30)).decode().rstrip("\n")


@pytest.mark.parametrize("received", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_drains_the_node_and_the_process_ends_with_0(
    received: signal.Signals,
) -> None:
    async with process(FOREVER) as running:
        assert await line(running) == "Hubbub is ready at http://127.0.0.1:1"
        running.send_signal(received)
        out, err = await running.communicate()
    assert out == b"draining\ndrained\n"
    assert running.returncode == 0
    assert f"by={received.name}".encode() in err


async def test_a_second_signal_cuts_the_draining_short() -> None:
    body = FOREVER.replace("await asyncio.sleep(0)", "await asyncio.Event().wait()")
    async with process(body) as running:
        await line(running)
        running.send_signal(signal.SIGTERM)
        assert await line(running) == "draining"
        running.send_signal(signal.SIGTERM)
        out, _err = await running.communicate()
    assert out == b""
    assert running.returncode == 0


async def test_whoever_holds_the_node_ends_it_by_going_whatever_it_wrote() -> None:
    async with process(FOREVER, held=True) as running:
        assert running.stdin is not None
        running.stdin.write(b"not a word of this is read")
        await running.stdin.drain()
        assert await line(running) == "Hubbub is ready at http://127.0.0.1:1"
        running.stdin.close()
        out, err = await running.communicate()
    assert out == b"draining\ndrained\n"
    assert running.returncode == 0
    assert b"the end of its holder" in err


async def test_a_holder_that_goes_while_the_node_drains_cuts_nothing_short() -> None:
    body = FOREVER.replace("await asyncio.sleep(0)", "await asyncio.sleep(1)")
    async with process(body, held=True) as running:
        await line(running)
        running.send_signal(signal.SIGTERM)
        assert await line(running) == "draining"
        out, _err = await running.communicate(b"")
    assert out == b"drained\n"


async def test_an_unexpected_end_is_logged_and_gives_1() -> None:
    async with process("    raise RuntimeError('the tree fell')") as running:
        _out, err = await running.communicate()
    assert running.returncode == 1
    assert b"node_failed" in err
    assert b"the tree fell" in err


async def test_a_node_that_an_operator_drained_ends_with_0() -> None:
    async with process("    return True") as running:
        _out, err = await running.communicate()
    assert running.returncode == 0
    assert b"node_ended" not in err


async def test_a_node_that_ends_by_itself_without_a_reason_gives_1() -> None:
    async with process("    return") as running:
        _out, err = await running.communicate()
    assert running.returncode == 1
    assert b"node_ended" in err


async def test_a_cancellation_that_nobody_asked_for_is_no_clean_end() -> None:
    async with process("    raise asyncio.CancelledError") as running:
        await running.communicate()
    assert running.returncode == 1


async def test_a_node_that_cannot_start_says_so_in_one_line() -> None:
    async with process("    raise StartError('port 80 is taken')") as running:
        _out, err = await running.communicate()
    assert err == b"start: port 80 is taken\n"


async def test_demo_sign_ins_are_printed_with_the_address() -> None:
    async with process(FOREVER, {"demo": "true"}) as running:
        assert "http://127.0.0.1:1" in await line(running)
        assert await line(running) == "  sign in as demo-ada with password: ada counts on it"
        assert await line(running) == "  sign in as demo-bob with password: bob builds on it"


async def test_the_process_is_tuned_for_a_node() -> None:
    body = """
    print(type(asyncio.get_running_loop()).__module__, sys.getswitchinterval())
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    print(soft == hard, gc.get_threshold()[0] > 10_000, flush=True)
    await asyncio.Event().wait()
"""
    async with process(body) as running:
        assert await line(running) == "uvloop 0.0005"
        assert await line(running) == "True True"
