"""A full disk: typed refusals, nothing lost, reading goes on, and all does when there is room."""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path

import pytest
from tests.support.checker import check_clients, check_log
from tests.support.honest_client import HonestClient, present
from tests.support.node import Node
from tests.support.town import Town, group
from tests.support.ws_client import whole_list, whole_log

MIB = 1 << 20
FLAGS = ("--no-limits", "--log-level", "warning")


class SmallDisk:
    """A file system of its own with little room."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Take all the room that is left."""
        with self._filler.open("ab", buffering=0) as file:
            for size in (MIB, 1 << 12, 1):
                try:
                    while True:
                        file.write(b"\0" * size)
                except OSError:
                    continue

    def free(self) -> None:
        """Give it back."""
        self._filler.unlink()


@pytest.fixture
def small_disk(tmp_path: Path) -> Generator[SmallDisk]:
    """Needs the right to mount."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=48m,mode=0700", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("needs the right to mount a small tmpfs")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def refused(clients: list[HonestClient], times: int) -> bool:
    """Whether each client was told `unavailable` so often."""
    return all(client.refusals["unavailable"] >= times for client in clients)


async def talk_through(
    node: Node, town: Town, fill: Callable[[], None], free: Callable[[], None]
) -> None:
    """Talk, let the disk fill, be refused, free it, and find everything once."""
    ann, ben, cleo, late = await town.people("ann", "ben", "cleo", "late")
    c = await group(await town.socket(ann), ben, cleo, late)
    clients = [HonestClient(person, n) for n, person in enumerate((ann, ben, cleo))]
    async with asyncio.timeout(60), present(*clients):
        # One at a time: how much a client sends is how much it was told is durable.
        for n in range(5):
            for client in clients:
                client.send(c, f"before {n}")
            for client in clients:
                await client.all_acked()
        fill()
        for n in range(40):
            for client in clients:
                client.send(c, f"into the full disk {n} " + "x" * 50_000)
        for client in clients:
            await client.until(partial(refused, [client], 3))
        # Reading goes on, from the log itself, and for who comes only now.
        reader = await town.socket(late)
        seen = await whole_log(reader, c)
        assert len(seen) >= 16 and check_log(c, seen)
        assert [line["c"] for line in (await whole_list(reader))["convs"]] == [c]
        # Everything else that writes is refused with a type, unless it just fits.
        made = await reader.ask("create", cid=1, prev=0, title="more", members=[])
        assert made["t"] == "conv" or made["code"] == "unavailable", made
        renamed = await ann.http.patch("/v1/me", json={"display": "Ann"})
        assert renamed.status_code in (200, 503), renamed.text
        free()
        for client in clients:
            await client.all_acked()
        log = await whole_log(reader, c)
        for client in clients:
            await client.has(c, len(log))
    lines = check_log(c, log)
    assert len(lines) == 1 + 3 * 5 + 3 * 40
    assert check_clients(clients, {c: lines}) == 3 * 45
    assert [client.connections for client in clients] == [1, 1, 1], "somebody was cut off"


@pytest.mark.slow
async def test_a_full_file_system_refuses_and_recovers(small_disk: SmallDisk) -> None:
    node = Node(small_disk.folder / "data", *FLAGS)
    node.log = small_disk.folder.parent / "node.log"
    await node.start()
    try:
        async with Town(node.base) as town:
            await talk_through(node, town, small_disk.fill, small_disk.free)
        await node.stop()
    finally:
        await node.kill()


@pytest.mark.slow
async def test_a_file_that_may_not_grow_refuses_and_recovers(tmp_path: Path) -> None:
    node = Node(tmp_path / "data", *FLAGS)
    await node.start()

    def limit(size: int) -> None:
        hard = resource.RLIM_INFINITY
        resource.prlimit(node.process.pid, resource.RLIMIT_FSIZE, (size, hard))

    try:
        async with Town(node.base) as town:
            free = partial(limit, resource.RLIM_INFINITY)
            await talk_through(node, town, partial(limit, MIB // 2), free)
        await node.restart()
        await node.stop()
    finally:
        await node.kill()


@pytest.mark.slow
async def test_a_node_that_is_killed_on_a_full_disk_starts_and_reads(
    small_disk: SmallDisk,
) -> None:
    node = Node(small_disk.folder / "data", *FLAGS)
    node.log = small_disk.folder.parent / "node.log"
    await node.start()
    try:
        async with Town(node.base) as town:
            ann, ben = await town.people("ann", "ben")
            ws = await town.socket(ann)
            c = await group(ws, ben)
            acked = 0
            small_disk.fill()
            answer = await ws.post(c, 1, "x" * 90_000)
            while answer["t"] == "ack":
                acked += 1
                answer = await ws.post(c, acked + 1, "x" * 90_000)
            assert answer["code"] == "unavailable"
            await node.kill()
            small_disk.free()
            await node.start()
            again = await town.socket(ann)
            assert len(await whole_log(again, c)) == 1 + acked
            assert (await again.post(c, acked + 1, "x" * 90_000))["t"] == "ack"
        await node.stop()
    finally:
        await node.kill()
