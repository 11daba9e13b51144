"""Nodes on one machine under one parent: two on a real ring and a real Redis, and one whose parent
dies by force."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

import pytest
from tests.support.node import Node
from tests.support.ws_client import sign_in, sign_up

from hubbub.storage.cassandra.schema import migrate

if TYPE_CHECKING:
    from tests.support.redis_server import RedisServer
    from tests.support.ring import Ring

PATIENCE_S = 90.0

#: The parent of a worker, whose command it is given, and of another one, started later, that stays
#: whatever happens: it must not have got what the first one goes by.
PARENT = """
import asyncio, sys, uvloop
from hubbub.config import logs
from hubbub.supervision.workers import WorkerSpec, serve_workers

stays = '''
import os, signal
print("Hubbub is ready at", os.getpid(), flush=True)
signal.alarm(300)
signal.pause()
'''
specs = [WorkerSpec("n1-1", sys.argv[1:]), WorkerSpec("n1-2", (sys.executable, "-c", stays))]
logs.set_up("warning", "json")
with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(serve_workers(specs, lambda line: print(line, flush=True)))
"""


async def ready_at(process: asyncio.subprocess.Process, name: str) -> str:
    """The address of a worker, which it tells once it is ready."""
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        line = (await process.stdout.readline()).decode()
    worker, _, url = line.strip().partition(": Hubbub is ready at ")
    assert worker == name, line
    return url


def end(process: asyncio.subprocess.Process, data: Path) -> None:
    """Leave no process behind, whatever failed: workers outlive a killed parent for a while."""
    if process.returncode is None:
        process.kill()
    for lock in data.glob("worker-*/hubbub.lock"):
        with suppress(ProcessLookupError, ValueError):
            os.kill(int(lock.read_text()), signal.SIGKILL)


async def test_a_worker_whose_parent_is_killed_takes_leave_and_ends(tmp_path: Path) -> None:
    worker = Node(tmp_path / "data" / "worker-1")
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT),
        *worker.command("node", "--until-stdin-ends", "--port", "0", "--no-limits"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    async with AsyncExitStack() as stack:
        stack.callback(end, parent, tmp_path / "data")
        base, another = [await ready_at(parent, name) for name in ("n1-1", "n1-2")]
        ann = await sign_up(base, "ann")
        stack.push_async_callback(ann.close)
        ws = await ann.socket()
        parent.kill()
        assert await ws.close_code() in (4503, 1012)
        os.kill(int(another), signal.SIGKILL)
        assert parent.stderr is not None
        # They have it as well, so it ends when all have.
        logged = await asyncio.wait_for(parent.stderr.read(), PATIENCE_S)
        assert b"the end of its holder" in logged
        assert b"drain_done" in logged


@pytest.mark.slow
async def test_workers_are_one_chat_and_one_that_is_killed_comes_back(
    tmp_path: Path, one_node: Ring, redis_server: RedisServer
) -> None:
    options = one_node.in_keyspace("workers")
    await asyncio.to_thread(migrate, options)
    parent = Node(tmp_path / "data")
    async with AsyncExitStack() as stack:
        process = await asyncio.create_subprocess_exec(
            *parent.command("node", "--workers", "2", "--port", "0", "--no-limits"),
            *("--store", "cassandra", "--cassandra-contact-points", options.contact_points[0]),
            *("--cassandra-port", str(options.port), "--cassandra-keyspace", "workers"),
            *("--redis", redis_server.url, "--cluster", "workers", "--lease-s", "3"),
            stdout=asyncio.subprocess.PIPE,
        )
        stack.callback(end, process, tmp_path / "data")
        first, second = [await ready_at(process, name) for name in ("n1-1", "n1-2")]
        # The ring may have people of earlier tests.
        anns, bens = (f"{name}-{token_hex(4)}" for name in ("ann", "ben"))
        ann = await sign_up(first, anns)
        ben = await sign_up(first, bens)
        there = await sign_in(second, bens)
        for person in (ann, ben, there):
            stack.push_async_callback(person.close)
        ann_ws, ben_ws = await ann.socket(), await there.socket()
        assert [ws.welcome["node"] for ws in (ann_ws, ben_ws)] == ["n1-1", "n1-2"]
        ack = await ann_ws.post(ben.user, 1, "hello")
        assert (await ben_ws.expect("msg", s=ack["s"]))["b"]["text"] == "hello"

        worker = Node(tmp_path / "data" / "worker-1")
        status = await asyncio.create_subprocess_exec(
            *worker.command("status", "--json"), stdout=asyncio.subprocess.PIPE
        )
        out, _ = await status.communicate()
        told = {node["node"]: node["state"] for node in json.loads(out)["nodes"]}
        assert told == {"n1-1": "ready", "n1-2": "ready"}

        pid = int((tmp_path / "data" / "worker-2" / "hubbub.lock").read_text())
        os.kill(pid, signal.SIGKILL)
        again = await sign_in(await ready_at(process, "n1-2"), bens)
        stack.push_async_callback(again.close)
        again_ws = await again.socket()
        assert (await ann_ws.post(ben.user, 2, "back?"))["t"] == "ack"
        await again_ws.expect("msg", s=ack["s"] + 1)
        process.send_signal(signal.SIGTERM)
        assert await ann_ws.close_code() in (4503, 1012)
        assert await asyncio.wait_for(process.wait(), PATIENCE_S) == 0
