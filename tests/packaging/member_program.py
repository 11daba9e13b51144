"""A program of an embedder: a chat in its own process, and an actor that is a member of a group.

test_embedder runs it against the installed wheel, in a folder with a config.py and a storage/.
"""

from __future__ import annotations

import asyncio
import threading
from importlib import import_module

import psutil

from hubbub import LoopActor, chat
from hubbub.actors.answers import Acked, Delivery, Described
from hubbub.actors.bodies import Text
from hubbub.actors.device import Answered
from hubbub.actors.requests import CreateRequest


class Member(LoopActor):
    """Passes on what it is told."""

    def __init__(self, heard: asyncio.Queue[object]) -> None:
        super().__init__()
        self.heard = heard

    def on_receive(self, message: object) -> None:
        """Anything: answers, deliveries, receipts."""
        self.heard.put_nowait(message)


async def answer_to(heard: asyncio.Queue[object], request: int) -> object:
    """What a request was answered with."""
    async with asyncio.timeout(20):
        while True:
            message = await heard.get()
            if isinstance(message, Answered) and message.request == request:
                return message.answer


async def texts(heard: asyncio.Queue[object], count: int) -> list[tuple[int, str]]:
    """The next texts that were delivered, with their numbers."""
    found: list[tuple[int, str]] = []
    async with asyncio.timeout(20):
        while len(found) < count:
            message = await heard.get()
            if isinstance(message, Delivery) and isinstance(message.body, Text):
                found.append((message.entry.seq, message.body.text))
    return found


async def main() -> None:
    """Found a group with an actor in it, write to it, and leave nothing behind."""
    before = threading.active_count()
    async with chat() as node:
        ada, bot = await node.add_user("ada"), await node.add_user("bot")
        ada_heard: asyncio.Queue[object] = asyncio.Queue()
        bot_heard: asyncio.Queue[object] = asyncio.Queue()
        device = node.attach(ada, node.system.spawn(Member, ada_heard), "ada")
        node.attach(bot, node.system.spawn(Member, bot_heard), "bot")

        asked = device.send(CreateRequest(device.next_id(), 1, 0, "Builders", (bot,)))
        group = await answer_to(ada_heard, asked)
        assert isinstance(group, Described), group
        for cid, word in enumerate(("one", "two", "three"), start=1):
            sent = await answer_to(ada_heard, device.post(group.conv, cid, cid - 1, word))
            assert isinstance(sent, Acked), sent
        print("heard", await texts(bot_heard, 3))

    print("threads", threading.active_count() - before)
    print("tasks", len(asyncio.all_tasks()) - 1)
    print("sockets", psutil.Process().net_connections(kind="inet"))
    print("own", import_module("config").MINE, import_module("storage").MINE)


if __name__ == "__main__":
    asyncio.run(main())
