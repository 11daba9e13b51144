"""A node that is killed at any moment under load loses nothing that it acknowledged."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from tests.support.checker import check_clients, check_log
from tests.support.honest_client import HonestClient, present
from tests.support.log_copy import Line
from tests.support.node import Node
from tests.support.town import Town
from tests.support.ws_client import Person, whole_list, whole_log

CLIENTS = 50
KILLS = 7
GROUPS = 6


async def found_groups(people: list[Person], chance: random.Random) -> dict[str, list[str]]:
    """{user: groups}: one group of everybody, the others of ten."""
    founder = await people[0].socket()
    groups: dict[str, list[str]] = {p.user: [] for p in people}
    for n in range(GROUPS):
        others = people[1:] if n == 0 else chance.sample(people[1:], 9)
        users = [p.user for p in others]
        conv = await founder.ask("create", cid=n + 1, prev=n, title=f"group {n}", members=users)
        assert conv["t"] == "conv", conv
        for user in [people[0].user, *users]:
            groups[user].append(conv["c"])
    await founder.close()
    return groups


class Load:
    """Keeps every client talking: to a neighbour, and in its groups."""

    def __init__(self, people: list[Person], groups: dict[str, list[str]]) -> None:
        self.clients = [HonestClient(p, n, on_ack=self._acked) for n, p in enumerate(people)]
        self.acks = 0
        self.going = True
        self._groups = groups
        self._chance = random.Random(7)
        self._number = 0
        self._enough = 0
        self._reached = asyncio.Event()

    def _acked(self) -> None:
        self.acks += 1
        if self.acks >= self._enough:
            self._reached.set()

    async def more(self, acks: int) -> None:
        """Wait until so many more sends were acknowledged."""
        self._enough = self.acks + acks
        self._reached.clear()
        async with asyncio.timeout(60):
            await self._reached.wait()

    async def run(self) -> None:
        """Talk until told to stop."""
        await asyncio.gather(*(self._talk(n) for n in range(len(self.clients))))

    async def _talk(self, n: int) -> None:
        client = self.clients[n]
        neighbour = self.clients[n ^ 1].person.user
        places = [neighbour, neighbour, *self._groups[client.person.user][-2:]]
        while self.going:
            await asyncio.sleep(self._chance.uniform(0.02, 0.3))
            if client.unacked < 8:
                self._number += 1
                client.send(self._chance.choice(places), f"{client.person.name} {self._number}")


async def read_logs(people: list[Person]) -> dict[str, dict[int, Line]]:
    """{conversation: its log}, as its first member reads it; others must read the same."""
    logs: dict[str, dict[int, Line]] = {}
    for person in people:
        socket = await person.socket()
        for head in (await whole_list(socket))["convs"]:
            lines = check_log(head["c"], await whole_log(socket, head["c"]))
            assert len(lines) == head["head"], head
            assert logs.setdefault(head["c"], lines) == lines, f"two orders of {head['c']}"
        await socket.close()
    return logs


async def kill_under_load(node: Node, town: Town, chance: random.Random) -> None:
    """Talk, be killed again and again, and find everything once."""
    people = await town.crowd(CLIENTS)
    groups = await found_groups(people, chance)
    load = Load(people, groups)
    clients = load.clients
    async with asyncio.timeout(150), present(*clients):
        talking = asyncio.get_running_loop().create_task(load.run())
        for n in range(KILLS):
            await load.more(chance.randint(20, 300))
            # Not always right after an ack came: at any moment.
            await asyncio.sleep(chance.uniform(0.0, 0.02))
            await node.kill()
            if n % 3 == 2:
                # Once more, while it starts and takes up what was left.
                await node.die_starting(chance.uniform(0.2, 1.5))
            await node.start()
        load.going = False
        await talking
        for client in clients:
            await client.all_acked()
        # On devices of their own: a device has one connection.
        logs = await read_logs([await town.device(person) for person in people[:2]])
        for client in clients:
            for c in logs.keys() & client.logs.keys():
                await client.has(c, len(logs[c]))
    logs = await read_logs(people)
    checked = check_clients(clients, logs)
    resent = [s for client in clients for chain in client.chains.values() for s in chain.done]
    assert any(sent.tries > 1 for sent in resent), "no kill came between a send and its ack"
    assert checked == sum(client.acks for client in clients) > KILLS * 20
    for client in clients:
        assert client.connections > KILLS / 2, "that client was hardly ever there"


@pytest.mark.slow
async def test_kill_9_under_load_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    chance = random.Random(3)
    node = Node(tmp_path / "data", "--no-limits", "--log-level", "warning")
    await node.start()
    try:
        async with Town(node.base) as town:
            await kill_under_load(node, town, chance)
        await node.stop()
    finally:
        await node.kill()
